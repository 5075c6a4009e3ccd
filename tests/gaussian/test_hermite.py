"""Many pairs of analytic functions at once: Mehler's series against each row alone (the trapezoidal rule) and against mpmath."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from tests.gaussian.plans import C, Plans, U, V
from tpviz.gaussian import Numbers
from tpviz.gaussian.hermite import MANY
from tpviz.language import functions as f

PAIRS = [
    sp.tanh(U) * sp.tanh(V),
    (1 - sp.tanh(U) ** 2) * (1 - sp.tanh(V) ** 2),
    f.Sigmoid(U) * sp.sin(V),
    f.Softplus(U) * f.Silu(V),
    U**3 * sp.tanh(V) ** 2,
    sp.tanh(U + C) * f.Sigmoid(V),
]
RNG = np.random.default_rng(5)
COUNT = 2 * MANY
A, B = RNG.uniform(0.05, 4.0, COUNT), RNG.uniform(0.05, 4.0, COUNT)
RHO = np.concatenate([RNG.uniform(-1, 1, COUNT - 4), [1.0, -1.0, 1 - 1e-9, 0.0]])
MEANS = RNG.normal(0, 0.7, (2, COUNT))


def given(rows):
    K = RHO[rows] * np.sqrt(A[rows] * B[rows])

    def look_up(key):
        if key == "c":
            return np.full((1, len(rows)), 0.25)
        if key[0] == "mean":
            return MEANS[key[1], rows][None]
        return {(0, 0): A[rows], (0, 1): K, (1, 1): B[rows]}[key[1:]][None]

    return look_up


@pytest.mark.parametrize("e", PAIRS, ids=str)
def test_together_is_each_alone(e):
    plans = Plans()
    target = plans.planner.expectation(plans.node(e))
    together = Numbers(given(np.arange(COUNT))).get(target).estimate()
    for k in range(COUNT):
        alone = Numbers(given(np.array([k]))).get(target).estimate()
        assert abs(together.value[k] - alone.value) <= together.error[k] + alone.error, (k, A[k], B[k], RHO[k])
    assert (together.error <= 1e-9 * np.abs(together.value).max()).all()


def test_bounds_hold_against_mpmath():
    plans = Plans()
    target = plans.planner.expectation(plans.node(sp.tanh(U) * sp.tanh(V)))
    together = Numbers(given(np.arange(COUNT))).get(target).estimate()
    mp.mp.dps = 25
    for k in (0, 7, 19):
        a, b, rho = (mp.mpf(float(x)) for x in (A[k], B[k], RHO[k]))
        c12 = mp.mpf(float(RHO[k] * np.sqrt(A[k] * B[k])))
        slope, rest = c12 / a, mp.sqrt(b - c12 * c12 / a)
        m1, m2 = (mp.mpf(float(x)) for x in MEANS[:, k])

        # h = 1/16 resolves the poles at these variances to 25 digits
        nodes = [
            (mp.mpf(j) / 16, mp.exp(-((mp.mpf(j) / 16) ** 2) / 2) / 16 / mp.sqrt(2 * mp.pi)) for j in range(-176, 177)
        ]
        total = mp.mpf(0)
        for z, w in nodes:
            u = mp.sqrt(a) * z
            inner = mp.fsum(q * mp.tanh(m2 + slope * u + rest * y) for y, q in nodes)
            total += w * mp.tanh(m1 + u) * inner
        assert abs(mp.mpf(float(together.value[k])) - total) <= together.error[k], (k, a, b, rho)
