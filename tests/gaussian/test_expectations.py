"""Floor 1 alone: planning and evaluating E f(u), factors of singular covariances, Sobol' points."""

import math

import numpy as np
import pytest
import sympy as sp

from tpviz.gaussian import Estimate, combine_methods, evaluate, factor_covariance, normal_points, plan_expectation

U, V, W, S, C = sp.symbols("u v w s c", real=True)


def expectation(expression, covariance, mean=None, parameters=None, replicate=None, family=lambda _: "one") -> Estimate:
    names = [U, V, W][: len(covariance)]
    plan = plan_expectation(expression, lambda symbol: symbol in names, family)
    entries = {(a, b): float(covariance[i][j]) for i, a in enumerate(names) for j, b in enumerate(names)}
    return evaluate(
        plan,
        {a: float(m) for a, m in zip(names, mean or [0] * len(names), strict=True)},
        entries,
        parameters or {},
        replicate=replicate,
    )


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
    ],
)
def test_wick_and_exponentials(expression, expected):
    # Isserlis; E[u e^v] = Cov(u, v) e^{Var v / 2}; E[cos(u) v²] = e^{-1/2} (Var v - Cov²)
    got = expectation(expression, [[1, 0.5], [0.5, 2]])
    assert got.value == pytest.approx(expected, abs=1e-12)
    assert abs(got.value - expected) <= max(got.error, 1e-15)


def test_means_enter():
    assert expectation(U**2 * V, [[1, 0.5], [0.5, 2]], mean=[2, -1]).value == pytest.approx(
        -1 * (1 + 4) + 2 * 2 * 0.5, abs=1e-12
    )


def test_independent_families_factor():
    family = {U: "first", V: "second"}.get
    got = expectation(sp.tanh(U) ** 2 * sp.tanh(V) ** 2, [[1, 0], [0, 1]], family=family)
    one = expectation(sp.tanh(U) ** 2, [[1]])
    assert got.value == pytest.approx(one.value**2, rel=1e-13)
    assert got.method == "quadrature"


def test_parameters_are_not_integrated():
    got = expectation(S * U**2 + C, [[3]], parameters={S: 2.0, C: -1.0})
    assert got.value == pytest.approx(5, abs=1e-13)


def test_a_sum_of_gaussians_is_one_dimension():
    # rank 3, but tanh sees one variable: never sampled
    covariance = [[1, 0.2, 0], [0.2, 1, 0.3], [0, 0.3, 1]]
    got = expectation(sp.tanh(U + V + 3 * W) ** 2, covariance)
    variance = 1 + 1 + 9 + 2 * (0.2 + 3 * 0.3)
    assert got.method == "quadrature"
    assert got.value == pytest.approx(expectation(sp.tanh(U) ** 2, [[variance]]).value, abs=1e-12)


def test_a_singular_covariance_is_the_lower_rank():
    # v = 2u, w = -u
    covariance = [[1, 2, -1], [2, 4, -2], [-1, -2, 1]]
    got = expectation(sp.tanh(U) * sp.tanh(V) * sp.cos(W), covariance)
    assert got.method != "sampled"
    assert got.value == pytest.approx(expectation(sp.tanh(U) * sp.tanh(2 * U) * sp.cos(U), [[1]]).value, abs=1e-12)


@pytest.mark.parametrize(
    "covariance",
    [
        [[1, 1], [1, 1]],
        [[1, 2], [2, 4]],
        [[1e-20, 0], [0, 1e20]],
        [[0, 0], [0, 3]],
        np.eye(4) - 0.25,
        [[2, 1, 3], [1, 2, 3], [3, 3, 6]],
        [[0.0]],
    ],
    ids=lambda covariance: str(np.asarray(covariance).tolist()),
)
def test_factor_has_the_rank_and_the_covariance(covariance):
    covariance = np.asarray(covariance, dtype=float)
    factor = factor_covariance(covariance)
    scale = np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    assert (np.abs(factor @ factor.T - covariance) <= 1e-11 * scale).all()
    assert factor.shape[1] == np.linalg.matrix_rank(covariance / np.where(scale > 0, scale, 1))


def test_normal_points_are_reproducible_standard_normals():
    points = normal_points(3, 0)
    assert points is normal_points(3, 0) or np.array_equal(points, normal_points(3, 0))
    assert points.shape == (3, 2**13)
    assert not points.flags.writeable
    assert not np.array_equal(points, normal_points(3, 1))
    np.testing.assert_allclose(points.mean(axis=1), 0, atol=2e-3)
    np.testing.assert_allclose(np.cov(points), np.eye(3), atol=1e-2)


def test_the_least_exact_method_wins():
    assert combine_methods("closed", "closed") == "closed"
    assert combine_methods("closed", "quadrature") == "quadrature"
    assert combine_methods("sampled", "closed", "quadrature") == "sampled"
