"""Cross-checks of any program, warnings of substance, batches of parameters, formulas."""

import numpy as np
import pytest

from tests.limit.corpus import CASES
from tpviz.language import InputError, LimitError, parse
from tpviz.limit import Limit, limit
from tpviz.limit.plan import LimitPlan

W = "matrix W ~ N(0, {}/n)\n"
BACK = W.format(2) + "vector x ~ N(0.5, 1)\ny = W.T @ x\na = tanh(y)\nh = W @ a\nk = W.T @ h\nl = W @ k\n"


def test_the_report_names_every_identity():
    lim = limit(parse(BACK), check=True)
    kinds = {c.kind for c in lim.report.checks}
    assert kinds == {"Stein", "adjointness", "sum"}
    assert ("h", "y") in {c.names for c in lim.report.checks}
    assert all(c.holds for c in lim.report.checks)
    assert "adjointness h y: " in str(lim.report)
    assert "holds" in str(lim.report)


def test_a_program_without_transposes_has_nothing_to_check():
    report = limit(parse(W.format(1) + "vector x ~ N(0, 1)\ny = W @ x\n"), check=True).report
    assert not report.checks
    assert "Nothing to check" in str(report)


@pytest.mark.parametrize("kind", ["no Ż", "twice Ż"])
def test_a_wrong_z_dot_is_found(kind, monkeypatch):
    right = LimitPlan.z_dot

    def wrong(self, i, zx):
        stein, dots = right(self, i, zx)
        if kind == "no Ż":
            return stein, ()
        from dataclasses import replace

        double = [replace(d, coefficient=self.algebra.multiply(self.algebra.number(2), d.coefficient)) for d in dots]
        return stein, tuple(double)

    monkeypatch.setattr(LimitPlan, "z_dot", wrong)
    with pytest.raises(LimitError, match=r"(?s)disagree.*adjointness"):
        limit(parse(BACK), check=True)


@pytest.mark.parametrize("case", [c for c in CASES if "W.T" in c.text][:20], ids=lambda c: c.name)
def test_both_sides_hold_with_other_numbers(case):
    lim = limit(parse(case.text))
    matrices = {m: 0.7 for m in lim.program.matrices}
    assert not lim.at(parameters=matrices).check().failures


def test_what_is_sampled_is_checked_within_its_errors():
    text = W.format(1) + "".join(f"vector u{i} ~ N(0, 1)\ny{i} = W.T @ u{i}\nz{i} = y{i} + 0.5*u0\n" for i in range(5))
    text += "s = tanh(z0*z1 + z2*z3*z4)\nh = W @ s\n"
    report = limit(parse(text), check=True).report
    assert any("sampled" in (c.left.method, c.right.method) for c in report.checks)


# warnings


def codes(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(w.code, w.names) for w in limit(parse(text)).warnings]


@pytest.mark.parametrize(
    "expression",
    ["step(x)", "sign(x + b)", "exp(x)", "exp(relu(x)**2)", "log(abs(x))", "1/x", "sqrt(abs(x))", "abs(x)**0.5"],
)
def test_what_is_not_pseudo_lipschitz_is_said(expression):
    ((code, names),) = codes(f"vector x ~ N(0, 1)\nvector b ~ N(0, 1)\ny = {expression}\n")
    assert (code, names) == ("not-pseudo-lipschitz", ("y",))


@pytest.mark.parametrize(
    "expression", ["relu(x)", "tanh(x)**3", "exp(-x**2)", "sqrt(1 + x**2)", "1/(1 + x**2)", "gelu(x)*b", "abs(x)**1.5"]
)
def test_pseudo_lipschitz_functions_pass(expression):
    assert codes(f"vector x ~ N(0, 1)\nvector b ~ N(0, 1)\ny = {expression}\n") == []


def test_w_and_its_transpose_are_explained():
    (warning,) = limit(parse(BACK)).warnings
    assert warning.severity == "warning"
    assert warning.names == ("W", "h", "k", "l")
    assert "an independent copy in place of W.T would change the limit" in warning.message
    # a W.T whose argument reads no W leaves no Ż
    (warning,) = limit(
        parse(W.format(1) + "vector x, z ~ N([0, 0], [[1, 0.5], [0.5, 1]])\ny = W.T @ x\nh = W @ z\n")
    ).warnings
    assert "no Ż comes of it" in warning.message


# batches

NETWORK = (
    "constant s = 1.5\ninput xi = [1.0, -0.5]\nembedding U ~ N(0, 1/d)\nmatrix W ~ N(0, s/n)\nvector b ~ N(0, 0.1)\n"
    "h1 = U @ xi\nx1 = tanh(h1)\nh2 = W @ x1\ng2 = h2 + b\nx2 = relu(g2)\nh3 = W.T @ x2\nx3 = step(h3)\nq = mean(x2*x2)\ny = x3/sqrt(q + 0.1)\n"
)


def test_arrays_of_parameters_are_one_evaluation():
    lim = limit(parse(NETWORK))
    s = np.linspace(0.5, 2.5, 7)
    batch = lim.at(parameters={"s": s})
    one_by_one = [lim.at(parameters={"s": x}) for x in s]
    for v in lim.program.vectors:
        expected = [one.second_moment(v) for one in one_by_one]
        np.testing.assert_allclose(batch.second_moment(v) * np.ones(7), expected, rtol=1e-11)
        assert np.shape(batch.error(v)) in ((), (7,))
    np.testing.assert_allclose(batch.scalar("q"), [lim.at(parameters={"s": x}).scalar("q") for x in s], rtol=1e-12)
    np.testing.assert_allclose(
        batch.zdot("h3")["x1"], [lim.at(parameters={"s": x}).zdot("h3")["x1"] for x in s], rtol=1e-10
    )
    gram = batch.gram(["h2", "g2"])
    assert gram.shape == (7, 2, 2)
    np.testing.assert_allclose(gram[3], lim.at(parameters={"s": s[3]}).gram(["h2", "g2"]), rtol=1e-12)
    both = lim.at(parameters={"s": s, "b": s / 10})
    assert both.second_moment("g2")[2] == pytest.approx(
        lim.at(parameters={"s": s[2], "b": s[2] / 10}).second_moment("g2"), rel=1e-12
    )


def test_a_batch_that_does_not_fit_is_refused():
    lim = limit(parse(NETWORK))
    with pytest.raises(InputError, match=r"s.*b|b.*s"):
        lim.at(parameters={"s": np.ones(3), "b": np.ones(4)})
    with pytest.raises(InputError, match="s"):
        lim.at(parameters={"s": np.ones((2, 2))})
    with pytest.raises(InputError, match="s"):
        lim.at(parameters={"s": np.array([1.0, np.nan])})
    with pytest.raises(InputError, match="variance"):
        lim.at(parameters={"s": np.array([1.0, -1.0])})
    with pytest.raises(InputError, match="sample"):
        lim.at(parameters={"s": np.ones(3)}).sample(["h1"], size=3)


def test_a_slider_never_plans_again(monkeypatch):
    lim = limit(parse(NETWORK))
    before = {v: lim.second_moment(v) for v in lim.program.vectors}
    monkeypatch.setattr(LimitPlan, "__init__", None)
    moved = lim.at(parameters={"W": 2.0})
    assert moved.second_moment("h2") == pytest.approx(before["h2"] * 2 / 1.5)
    assert lim.second_moment("h2") == before["h2"]


def test_a_zero_vector_is_planned_as_zero_until_it_moves():
    text = W.format(1) + "vector g ~ N(0, 0)\nvector x ~ N(0, 1)\ns = g + x\nh = W @ g\nt = tanh(g)*x\n"
    lim = limit(parse(text))
    for v in ("g", "h", "t"):
        assert lim.second_moment(v) == 0
        assert lim.hat_covariance("h") == 0
    assert lim.atoms("h") == {0.0: 1.0}
    assert "0" in lim.formula("g")
    moved = lim.at(parameters={"g": 0.5})
    assert moved.second_moment("s") == pytest.approx(1.5)
    assert moved.second_moment("h") == pytest.approx(0.5)
    assert limit(parse(text), parameters={"g": 0.5}).second_moment("h") == pytest.approx(0.5)
    assert moved.for_program(parse(text.replace("N(0, 0)", "N(0, 2)"))) is None
    assert lim.for_program(parse(text.replace("N(0, 1)", "N(0, 2)"))).second_moment("s") == pytest.approx(2)


# formulas


def test_formula_spells_z_dot_out_in_symbols_then_in_numbers():
    lim = limit(parse(W.format(1) + "vector x ~ N(0, 1)\ny = W.T @ x\na = relu(y)\nh = W @ a\n"))
    assert lim.formula("a") == r"Z^{a} = \mathrm{relu}(Z^{y})"
    assert lim.formula("y") == r"Z^{y} = \hat Z^{y}"
    assert lim.formula("h") == (
        r"Z^{h} = \hat Z^{h} + \sigma_{W}^2\,\mathbb E\big[\partial Z^{a}/\partial \hat Z^{y}\big]\,Z^{x} = \hat Z^{h} + \tfrac{1}{2}\,Z^{x}"
    )
    assert [s.rule for s in lim.derivation("h")] == ["ZMatMul", "ZHat", "ZDot"]
    assert [s.rule for s in lim.derivation("x")] == ["ZInit"]
    step = limit(parse(W.format(1) + "vector x ~ N(0, 1)\ny = W.T @ x\na = step(y)\nh = W @ a\n"))
    assert "C^{+} b" in step.formula("h")


def test_no_digit_is_printed_beyond_the_error():
    from tpviz.gaussian import Estimate
    from tpviz.limit.derivation import number_tex

    assert number_tex(Estimate(0.123456, 2e-4, "sampled")) == "0.123"
    assert number_tex(Estimate(0.123456, 1e-15, "closed")) == "0.12346"
    assert number_tex(Estimate(1e-9, 1e-8, "sampled")) == "0"
    assert number_tex(Estimate(0.5 + 1e-15, 1e-14, "closed")) == r"\tfrac{1}{2}"


def test_limit_is_what_limit_returns():
    assert isinstance(limit(parse(BACK)), Limit)
