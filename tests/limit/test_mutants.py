"""Wrong engines: each of the usual mistakes must fail at least two programs of the corpus, so the corpus would notice it."""

import itertools

import pytest

import tpviz
from tests.limit.corpus import CASES
from tests.limit.test_corpus import ask
from tpviz.language import TpvizError
from tpviz.limit.plan import LimitPlan

SLOW = ("batch_norm", "lstm", "gru")

_right = {name: getattr(LimitPlan, name) for name in ("z_dot", "variance", "ratio", "stein_moment", "base_covariance")}


def no_z_dot(self, i, zx):
    return False, ()


def only_the_last_y(self, i, zx):
    stein, dots = _right["z_dot"](self, i, zx)
    return stein, dots[-1:]


def no_variance(self, matrix, transposed):
    return self.ratio(matrix) if transposed else self.algebra.one


def no_ratio(self, matrix):
    return self.algebra.one


def z_for_z_hat(self, p, zx):
    return self.planner.expectation(self.algebra.multiply(self.z[p.name], zx))


def covariance_for_second_moment(self, a, b):
    source = _right["base_covariance"](self, a, b)
    if a.family[0] != "matrix":
        return source
    x, y = (self.z[self.products[c.name].vector] for c in (a, b))
    means = self.algebra.multiply(self.algebra.number(-1), *(self.planner.expectation(z) for z in (x, y)))
    factor, product = source
    return factor, self.algebra.add(product, means)


def independent_products(self, a, b):
    return _right["base_covariance"](self, a, b) if a is b or a.family[0] != "matrix" else self.algebra.zero


MUTANTS = {
    "drops Z-dot": ("z_dot", no_z_dot),
    "keeps only the last y": ("z_dot", only_the_last_y),
    "drops sigma_W^2": ("variance", no_variance),
    "ignores the width ratio": ("ratio", no_ratio),
    "takes Z for Z-hat in Stein's b": ("stein_moment", z_for_z_hat),
    "takes covariances for raw second moments": ("base_covariance", covariance_for_second_moment),
    "takes products with one matrix as independent": ("base_covariance", independent_products),
}


def fails(case) -> bool:
    try:
        lim = tpviz.limit(tpviz.parse(case.text))
        return any(abs(float(ask(lim, q)) - float(ref)) > 1e-6 * max(1.0, abs(float(ref))) for q, ref in case.values)
    except TpvizError:
        return True


def quick():
    return (c for c in CASES if not c.name.startswith(SLOW))


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_wrong_engine_fails(mutant, monkeypatch):
    monkeypatch.setattr(LimitPlan, *MUTANTS[mutant])
    found = list(itertools.islice((c.name for c in quick() if fails(c)), 2))
    assert len(found) == 2, f"an engine that {mutant} fails only {found}"


def test_the_right_engine_fails_nowhere():
    assert not [c.name for c in quick() if fails(c)]
