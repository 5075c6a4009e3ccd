"""What planning reduces: directions, independent groups, dependence, diagonals; and that equal nodes are one."""

import math

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from tpviz.language import DivergentMomentError, LimitError
from tpviz.language.functions import Abs, Clip, Gelu, LeakyRelu, Maximum, Minimum, Relu, Sign, Step

from .plans import C, Plans, U, V, W, X, expect

K2 = [[1, 0.5], [0.5, 2]]
K4 = np.array([[1, 0.5, 0.2, 0.1], [0.5, 2, -0.3, 0.2], [0.2, -0.3, 1.5, 0.4], [0.1, 0.2, 0.4, 1]])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (U**2 * V**2, 1 * 2 + 2 * 0.25),
        (U * V, 0.5),
        (U**3 * V, 3 * 0.5),
        (U**4, 3),
        (U * V**3, 3 * 2 * 0.5),
        (sp.Integer(7), 7),
        (U, 0),
        (sp.exp(U + V), math.exp((1 + 2 + 1) / 2)),
        (U * sp.exp(V), 0.5 * math.exp(1)),
        (sp.sin(U) * sp.sin(V), math.exp(-1.5) * math.sinh(0.5)),
        (sp.cos(U) * V**2, math.exp(-0.5) * (2 - 0.25)),
        (sp.exp(-(U**2)), 3**-0.5),
        (sp.exp(-(U**2)) * U**2, 3**-1.5),
        (sp.exp(V) * Relu(U), None),
    ],
)
def test_wick_and_exponentials(expression, expected):
    # Isserlis; E[u e^v] = Cov(u, v) e^{Var v / 2}; E[cos(u) v²] = e^{-1/2} (Var v - Cov²); E e^v relu(u) = e E relu(u + 1/2)
    if expected is None:
        expected = math.e * (0.5 * float(mp.ncdf(0.5)) + float(mp.npdf(0.5)))
    got = expect(expression, K2)
    assert got.value == pytest.approx(expected, abs=1e-12)
    assert abs(got.value - expected) <= max(got.error, 1e-15)


def test_means_enter():
    assert expect(U**2 * V, K2, mean=[2, -1]).value == pytest.approx(-1 * (1 + 4) + 2 * 2 * 0.5, abs=1e-12)


def test_independent_families_factor():
    family = {U: "first", V: "second", W: "third", X: "third"}.get
    assert Plans(family).blocks(sp.tanh(U) ** 2 * sp.tanh(V) ** 2) == [1, 1]
    got = expect(sp.tanh(U) ** 2 * sp.tanh(V) ** 2, np.eye(2), family=family)
    assert got.value == pytest.approx(expect(sp.tanh(U) ** 2, [[1]]).value ** 2, rel=1e-13)


def test_a_linear_combination_that_ties_groups_is_split():
    # E (u + v)² f(u) g(v) with u, v independent: no block reads both
    family = {U: "first", V: "second", W: "third", X: "third"}.get
    plans = Plans(family)
    assert plans.blocks((U + V) ** 2 * sp.tanh(U) * sp.tanh(V)) == [1] * 6
    got = plans.expect((U + V) ** 2 * sp.tanh(U) * sp.tanh(V), [[1, 0], [0, 2]])
    u, v = (plans.expect(x * sp.tanh(x), [[1, 0], [0, 2]]).value for x in (U, V))
    assert got.value == pytest.approx(2 * u * v, rel=1e-12)


def test_a_sum_of_gaussians_is_one_direction():
    assert Plans().blocks(sp.tanh(U + V + 3 * W)) == [1]
    assert Plans().blocks(sp.tanh(U + V) * sp.tanh(U + V + 1)) == [1]  # one direction, shifted


def test_multiples_share_a_direction_and_linear_dependence_is_found():
    assert Plans().blocks(sp.tanh(U + V) * sp.tanh(2 * U + 2 * V)) == [1]
    assert Plans().blocks(sp.tanh(U - V) * sp.tanh(V - U)) == [1]
    assert Plans().blocks(sp.tanh(U) * sp.tanh(V) * sp.tanh(U + V)) == [2]
    mean = (U + V + W) / 3
    assert Plans().blocks(sp.tanh(U - mean) * sp.tanh(V - mean) * sp.tanh(W - mean)) == [2]


def test_a_common_scale_that_is_not_known_is_no_direction():
    # layer norm's (h − ν)/√s: the number may be 0, so the direction is h itself
    plans = Plans()
    assert plans.blocks(sp.tanh(C * U) * sp.tanh(U)) == [1]
    for c in (0.0, 0.7):
        got = plans.expect(sp.tanh(C * U) * sp.tanh(U), [[1.5]], c=c)
        assert got.value == pytest.approx(expect(sp.tanh(c * U) * sp.tanh(U), [[1.5]]).value, abs=1e-14)


def test_equal_nodes_are_one():
    plans = Plans()
    a, b = plans.node(Relu(U + 2 * V) ** 2), plans.node(Relu(2 * V + U) * Relu(V + U + V))
    assert a is b
    assert plans.planner.expectation(a) is plans.planner.expectation(b)


def test_the_diagonal_is_exact():
    for f in (Relu, Step, sp.erf, Gelu):
        one, two = expect(f(U) * f(U), [[0.3]]), expect(f(U) ** 2, [[0.3]])
        assert one.value == two.value
    assert expect(Relu(U) * Relu(U), [[0.3]]).value == pytest.approx(0.15, rel=1e-15)


CLIPPED = {
    Abs(U): lambda u, v, w: np.abs(u),
    LeakyRelu(U, sp.Rational(1, 10)): lambda u, v, w: np.where(u > 0, u, 0.1 * u),
    Maximum(U, V): lambda u, v, w: np.maximum(u, v),
    Minimum(U, 2 * V): lambda u, v, w: np.minimum(u, 2 * v),
    Clip(U, -1, sp.Rational(1, 2)): lambda u, v, w: np.clip(u, -1, 0.5),
    Clip(U, V, W): lambda u, v, w: np.minimum(np.maximum(u, v), w),
}


@pytest.mark.parametrize("e", CLIPPED, ids=str)
def test_kinks_are_written_with_relu(e):
    """abs, leaky relu, maximum, minimum and clip mean what numpy means by them."""
    u, v, w, _ = np.linalg.cholesky(K4) @ np.random.default_rng(1).standard_normal((4, 400_000))
    values = CLIPPED[e](u, v, w)
    for factor, sample in ((1, values), (U, values * u), (e, values**2)):
        got = expect(e * factor, K4)
        assert abs(got.value - sample.mean()) < 4.5 * sample.std() / math.sqrt(sample.size)
        assert got.method != "sampled"


def test_positive_factors_leave_a_kink():
    plans = Plans()
    e = (U**2 + V**2) ** sp.Rational(-1, 2)
    assert plans.node(Relu(U * e)) is plans.node(Relu(U) * e)
    assert plans.node(Step(U * e)) is plans.node(Step(U))
    assert plans.node(Sign(-3 * U * sp.exp(V))) is plans.node(Sign(-3 * U))


def test_derivatives():
    plans = Plans()
    b = plans.bases[U]
    pairs = [
        (sp.tanh(U + V) ** 2, 2 * sp.tanh(U + V) * (1 - sp.tanh(U + V) ** 2)),
        (Relu(3 * U) * V, 3 * Step(3 * U) * V),
        (U**3 * V + V, 3 * U**2 * V),
        (Relu(Relu(U) - 1), Step(Relu(U) - 1) * Step(U)),
        (sp.exp(-(U**2)), -2 * U * sp.exp(-(U**2))),
    ]
    for e, derivative in pairs:
        assert plans.algebra.derivative(plans.node(e), b) is plans.node(derivative), e
    assert plans.algebra.derivative(plans.node(sp.tanh(V)), b) is plans.algebra.zero


@pytest.mark.parametrize(
    ("expression", "error", "says"),
    [
        (sp.exp(U**2), DivergentMomentError, "exp"),
        (1 / U, LimitError, "u"),
        (sp.exp(sp.exp(U)), DivergentMomentError, "exp"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(expression, error, says):
    with pytest.raises(error):
        expect(expression, [[1]])


def test_one_that_fails_leaves_the_others():
    plans = Plans()
    numbers = plans.numbers(K4)
    good, bad = (plans.planner.expectation(plans.node(e)) for e in (sp.exp(-(U**2)), sp.exp(V**2)))
    numbers.compute([good, bad])
    assert numbers.get(good).value == pytest.approx(3**-0.5)
    with pytest.raises(DivergentMomentError):
        numbers.get(bad)


def test_gates_of_products_are_products_of_gates():
    # orthants: E sign(uv) = 2 asin(ρ)/π, E step(uv) = 1/2 + asin(ρ)/π, E relu(uv) = (√(1 − ρ²) + ρ asin ρ)/π + ρ/2 at unit variances
    rho = 0.3
    K = [[1, rho], [rho, 1]]
    for e, exact in (
        (Sign(U * V), 2 * math.asin(rho) / math.pi),
        (Sign(-2 * U * V), -2 * math.asin(rho) / math.pi),
        (Step(U * V), 0.5 + math.asin(rho) / math.pi),
        (Step(-U * V), 0.5 - math.asin(rho) / math.pi),
        (Step(U**2 * V), 0.5),
        (Relu(U * V), (math.sqrt(1 - rho**2) + rho * math.asin(rho)) / math.pi + rho / 2),
        (Relu(-3 * U * V), 3 * ((math.sqrt(1 - rho**2) + rho * math.asin(rho)) / math.pi - rho / 2)),
    ):
        got = expect(e, K)
        assert got.value == pytest.approx(exact, abs=1e-14), e
        assert got.method == "closed"
    # at 0 a step is 0, also at an atom
    assert expect(Step(Relu(U) * V), np.eye(2)).value == pytest.approx(0.25, abs=1e-12)
