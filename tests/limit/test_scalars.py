"""Moments, scalars, layer norm, quotient, parameters, expect and gram."""

import math

import numpy as np
import pytest

from tpviz.language import parse
from tpviz.limit import limit

from .reference import mean_of, mean_of_pair

LAYER_NORM = """
matrix W ~ N(0, 1.7/n)
vector b ~ N(0.8, 0.4)
a = relu(b)
h = W @ a
x = h + 2*a
nu = mean(x)
s = mean((x - nu)**2)
y = (x - nu)/sqrt(s)
m2 = mean(y**2)
m1 = mean(y)
"""


def test_layer_norm_has_mean_zero_and_variance_one_exactly():
    lim = limit(parse(LAYER_NORM))
    assert lim.mean("y") == pytest.approx(0, abs=1e-12)
    assert lim.second_moment("y") == pytest.approx(1, abs=1e-12)
    assert lim.scalar("m1") == pytest.approx(0, abs=1e-12)
    assert lim.scalar("m2") == pytest.approx(1, abs=1e-12)
    assert lim.scalar("nu") == pytest.approx(lim.mean("x"), abs=1e-13)
    assert lim.scalar("s") == pytest.approx(lim.covariance("x", "x"), abs=1e-12)


def test_moments_of_scalars_only():
    # a Moment with k = 0 is the scalar ψ(θ)
    lim = limit(parse("scalar a = 2\nvector x ~ N(0, 3)\nq = mean(x**2)\nk = exp(-q)/(1 + a)\nl = k + q*a\n"))
    assert lim.scalar("q") == pytest.approx(3, abs=1e-13)
    assert lim.scalar("k") == pytest.approx(math.exp(-3) / 3, abs=1e-14)
    assert lim.scalar("l") == pytest.approx(math.exp(-3) / 3 + 6, abs=1e-12)


def test_a_scalar_goes_to_its_limit_not_its_value():
    lim = limit(
        parse(
            "scalar eps = 0.25 -> 0\nscalar r = n**-0.5 -> 0\nscalar c = 4 -> 1.5\n"
            "vector x ~ N(0, 1)\ny = c*x + eps*tanh(x) + r\n"
        )
    )
    assert (lim.scalar("eps"), lim.scalar("r"), lim.scalar("c")) == (0, 0, 1.5)
    assert lim.second_moment("y") == pytest.approx(2.25, abs=1e-13)
    assert lim.mean("y") == pytest.approx(0, abs=1e-14)


def test_moments_feed_nonlins_that_feed_products():
    # q = E tanh(x)², y = q x, h = W^T W y = Ẑ + y
    lim = limit(
        parse("matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\nq = mean(tanh(x)**2)\ny = q*x\ng = W @ y\nh = W.T @ g\n")
    )
    q = mean_of(lambda z: np.tanh(z) ** 2)
    assert lim.scalar("q") == pytest.approx(q, abs=1e-12)
    assert lim.second_moment("h") == pytest.approx(2 * q**2, abs=1e-12)


def test_moments_are_constants_for_z_dot():
    # s = E relu(y)² = ½; a = s tanh(y): the derivative does not pass through s
    lim = limit(
        parse("matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\ny = W.T @ x\ns = mean(relu(y)**2)\na = s*tanh(y)\nh = W @ a\n")
    )
    assert lim.zdot("h")["x"] == pytest.approx(0.5 * mean_of(lambda z: 1 - np.tanh(z) ** 2), abs=1e-12)


@pytest.mark.parametrize(
    ("phi", "derivative"),
    [
        ("tanh", lambda z: 1 - np.tanh(z) ** 2),
        ("relu", lambda z: (z > 0) * 1.0),
        ("sin", np.cos),
        ("exp", np.exp),
        ("cube", lambda z: 3 * z**2),
    ],
)
def test_quotient_tends_to_the_directional_derivative(phi, derivative):
    text = (
        "function cube(z) = z**3\nscalar eps = 0.01 -> 0\n"
        f"vector u, v ~ N([0.3, 0], [[1, 0.5], [0.5, 2]])\ny = quotient({phi}, u, v, eps)\n"
    )
    lim = limit(parse(text))
    covariance = ((1.0, 0.5), (0.5, 2.0))
    assert lim.mean("y") == pytest.approx(mean_of_pair(lambda u, v: derivative(u) * v, (0.3, 0), covariance), abs=1e-9)
    assert lim.second_moment("y") == pytest.approx(
        mean_of_pair(lambda u, v: (derivative(u) * v) ** 2, (0.3, 0), covariance), rel=1e-9
    )


def test_quotient_of_two_arguments_sums_both_directions():
    text = (
        "function f(a, b) = a**2*b\nscalar eps = 0.1 -> 0\n"
        "vector u, v, s, t ~ N([1, 1, 1, 1], [[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])\n"
    )
    lim = limit(parse(text + "y = quotient(f, u, v, s, t, eps)\nz = 2*u*v*s + u**2*t\nk = y - z\n"))
    assert lim.second_moment("k") == pytest.approx(0, abs=1e-12)
    assert lim.mean("y") == pytest.approx(3, abs=1e-12)


def test_quotient_at_a_positive_epsilon_is_the_difference():
    lim = limit(
        parse(
            "scalar eps = 0.5\nvector u, v ~ N([0, 0], [[1, 0], [0, 1]])\n"
            "y = quotient(relu, u, v, eps)\nz = (relu(u + 0.5*v) - relu(u))/0.5\nk = y - z\n"
        )
    )
    assert lim.second_moment("k") == pytest.approx(0, abs=1e-12)
    expected = mean_of_pair(
        lambda u, v: (2 * (np.maximum(u, 0) - np.maximum(v, 0))) ** 2, (0, 0), ((1.25, 1.0), (1.0, 1.0))
    )
    assert lim.second_moment("y") == pytest.approx(expected, abs=1e-9)


PROGRAM = """
constant sw2 = 2
input xi
embedding U ~ N(0, 0.9/d)
matrix W ~ N(0, sw2/n)
matrix V ~ N(0, 1/n)
vector b ~ N(0, 0.1)
u = U @ xi
g = u + b
x1 = tanh(g)
h2 = W @ x1
h3 = W.T @ h2
x3 = relu(h3)
h4 = V @ x3
q = mean(h2*h2)
"""
XI = np.array([1.0, -2.0, 0.5])


def test_expect_agrees_with_second_moments():
    lim = limit(parse(PROGRAM), inputs={"xi": XI})
    assert lim.expect("h2*h2") == pytest.approx(lim.second_moment("h2"), rel=1e-12)
    assert lim.expect("x3") == pytest.approx(lim.mean("x3"), rel=1e-12)
    assert lim.expect("relu(h3)*x1") == pytest.approx(lim.second_moment("x3", "x1"), rel=1e-10)
    assert lim.expect("q*q") == pytest.approx(lim.scalar("q") ** 2, rel=1e-12)
    assert lim.expect("sw2*pi") == pytest.approx(2 * math.pi, rel=1e-14)
    assert lim.expect("cos(u)") == pytest.approx(math.exp(-0.9 * 5.25 / 3 / 2), rel=1e-11)


def test_embedded_inputs_have_the_covariance_of_the_theory():
    # Cov(Z^{Uξ}, Z^{Uξ'}) = σ_U² ξ·ξ'/d
    text = (
        "input a\ninput b = [2, 1]\nembedding U : n x d ~ N(0, 3/d)\n"
        "embedding V ~ N(0, 1/d)\nx = U @ a\ny = U @ b\nz = V @ a\n"
    )
    lim = limit(parse(text), inputs={"a": np.array([1.0, -4.0])})
    assert lim.second_moment("x", "y") == pytest.approx(3 * (2 - 4) / 2, abs=1e-14)
    assert lim.second_moment("x") == pytest.approx(3 * 17 / 2, abs=1e-13)
    assert lim.second_moment("x", "z") == 0


@pytest.mark.parametrize("parameters", [{"sw2": 1.5}, {"W": 0.7}, {"b": 0.3, "V": 2.0}, {"U": 0.4}, {"sw2": 0.0}])
def test_at_other_parameters_equals_a_fresh_limit(parameters):
    start = limit(parse(PROGRAM), inputs={"xi": XI})
    moved = start.at(parameters=parameters)
    given = limit(parse(PROGRAM), inputs={"xi": XI}, parameters=parameters)
    changed = PROGRAM
    lines = {
        "sw2": "constant sw2 = {}",
        "W": "matrix W ~ N(0, {}/n)",
        "b": "vector b ~ N(0, {})",
        "V": "matrix V ~ N(0, {}/n)",
        "U": "embedding U ~ N(0, {}/d)",
    }
    for name, value in parameters.items():
        head = lines[name].split("~")[0].split("=")[0]
        changed = "\n".join(
            lines[name].format(value) if line.startswith(head) else line for line in changed.split("\n")
        )
    fresh = limit(parse(changed), inputs={"xi": XI})
    names = ["u", "g", "x1", "h2", "h3", "x3", "h4"]
    for other in (moved, given):
        np.testing.assert_allclose(other.gram(names), fresh.gram(names), rtol=1e-11, atol=1e-13)
        assert other.scalar("q") == pytest.approx(fresh.scalar("q"), rel=1e-12)
        assert other.zdot("h3") == pytest.approx(fresh.zdot("h3"), rel=1e-12)
    # the Limit that it came from is as it was
    assert start.second_moment("h2") == pytest.approx(
        limit(parse(PROGRAM), inputs={"xi": XI}).second_moment("h2"), rel=1e-14
    )


def test_at_other_inputs_equals_a_fresh_limit():
    moved = limit(parse(PROGRAM), inputs={"xi": XI}).at(inputs={"xi": np.array([0.0, 1.0])})
    fresh = limit(parse(PROGRAM), inputs={"xi": np.array([0.0, 1.0])})
    np.testing.assert_allclose(moved.gram(["u", "x1", "h3", "h4"]), fresh.gram(["u", "x1", "h3", "h4"]), rtol=1e-12)


def test_at_keeps_what_is_not_named():
    lim = limit(parse(PROGRAM), inputs={"xi": XI}, parameters={"b": 0.6})
    moved = lim.at(parameters={"V": 3.0})
    fresh = limit(parse(PROGRAM), inputs={"xi": XI}, parameters={"b": 0.6, "V": 3.0})
    assert moved.second_moment("g") == pytest.approx(fresh.second_moment("g"), rel=1e-13)
    assert moved.second_moment("h4") == pytest.approx(fresh.second_moment("h4"), rel=1e-12)


def test_gram_holds_second_moments_covariances_or_correlations():
    lim = limit(parse(PROGRAM), inputs={"xi": XI})
    names = ["g", "x1", "h3", "x3"]
    for kind, of in (
        ("second_moment", lim.second_moment),
        ("covariance", lim.covariance),
        ("correlation", lim.correlation),
    ):
        gram = lim.gram(names, kind)
        assert gram.shape == (4, 4)
        np.testing.assert_array_equal(gram, gram.T)
        np.testing.assert_allclose(gram, [[of(x, y) for y in names] for x in names], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(np.diag(lim.gram(names, "correlation")), 1, rtol=1e-13)
    assert np.linalg.eigvalsh(lim.gram(names))[0] > -1e-12


def test_different_classes_are_independent():
    text = (
        "width m = 2*n\nmatrix A : m x n ~ N(0, 1/n)\nvector x ~ N(0, 1)\n"
        "vector c : m ~ N(1, 4)\ny = A @ x\nz = relu(c)*y\n"
    )
    lim = limit(parse(text))
    assert lim.second_moment("y", "c") == 0
    assert lim.second_moment("z") == pytest.approx(mean_of(lambda c: np.maximum(c, 0) ** 2, 1, 4), rel=1e-11)
