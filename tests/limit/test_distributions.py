"""sample, density and atoms, and the one method that is sampled."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from tpviz.language import parse
from tpviz.limit import limit

from .reference import normal_density, panels

TEXT = """
matrix W ~ N(0, 1/n)
vector x ~ N(0, 1)
vector b ~ N(0.3, 0.5)
y = W.T @ x
a = relu(y)
h = W @ a
g = h + b
t = tanh(g)
q = mean(t*t)
z = q*t + x
"""


def test_samples_have_the_moments_of_the_limit():
    lim = limit(parse(TEXT))
    names = ["x", "b", "h", "g", "t", "z", "a"]
    samples = lim.sample(names, size=200_000, seed=3)
    assert samples.shape == (7, 200_000)
    for i, x in enumerate(names):
        assert abs(samples[i].mean() - lim.mean(x)) < 5 * samples[i].std() / math.sqrt(200_000), x
        for j, y in enumerate(names):
            product = samples[i] * samples[j]
            assert abs(product.mean() - lim.second_moment(x, y)) < 5 * product.std() / math.sqrt(200_000), (x, y)


def test_samples_are_joint_and_reproducible():
    lim = limit(parse(TEXT))
    one = lim.sample(["y", "a", "x", "t", "z"], size=1000, seed=7)
    np.testing.assert_array_equal(one, lim.sample(["y", "a", "x", "t", "z"], size=1000, seed=7))
    assert not np.array_equal(one, lim.sample(["y", "a", "x", "t", "z"], size=1000, seed=8))
    np.testing.assert_allclose(one[1], np.maximum(one[0], 0), atol=1e-14)
    np.testing.assert_allclose(one[4], lim.scalar("q") * one[3] + one[2], atol=1e-12)


def test_samples_follow_the_distribution_function():
    # Kolmogorov–Smirnov on tanh of a Gaussian
    lim = limit(parse("vector u ~ N(0, 2)\nx = tanh(u)\n"))
    samples = lim.sample(["x"], size=50_000, seed=1)[0]
    assert stats.kstest(np.arctanh(samples), "norm", args=(0, math.sqrt(2))).pvalue > 1e-4


def total_mass(lim, name: str, breakpoints) -> float:
    z, w = panels(np.asarray(breakpoints, dtype=float))
    return float(np.sum(w * lim.density(name, z))) + sum(lim.atoms(name).values())


GRID = np.linspace(-3, 3, 61)


def test_density_of_a_gaussian():
    lim = limit(parse("matrix W ~ N(0, 2/n)\nvector u ~ N(1, 1)\nvector b ~ N(-0.5, 1)\nh = W @ u\ns = h + 2*b\n"))
    np.testing.assert_allclose(lim.density("s", GRID), stats.norm.pdf(GRID, -1, math.sqrt(8)), rtol=1e-10)
    assert lim.atoms("s") == {}


def test_density_and_atom_of_relu():
    lim = limit(parse("vector u ~ N(0, 1)\nx = relu(u)\n"))
    assert lim.atoms("x") == pytest.approx({0.0: 0.5}, abs=1e-12)
    positive = GRID[GRID > 0]
    np.testing.assert_allclose(lim.density("x", positive), normal_density(positive), rtol=1e-10)
    np.testing.assert_array_equal(lim.density("x", GRID[GRID < 0]), 0)


def test_atom_of_relu_with_a_mean():
    lim = limit(parse("vector u ~ N(1, 4)\nx = relu(u)\n"))
    assert lim.atoms("x") == pytest.approx({0.0: stats.norm.cdf(-0.5)}, abs=1e-12)


def test_atoms_of_step_and_sign_and_clip():
    lim = limit(parse("vector u ~ N(0.5, 1)\nx = step(u)\ny = sign(u)\nz = clip(u, -1, 1)\n"))
    up = stats.norm.cdf(0.5)
    assert lim.atoms("x") == pytest.approx({0.0: 1 - up, 1.0: up}, abs=1e-12)
    assert lim.atoms("y") == pytest.approx({-1.0: 1 - up, 1.0: up}, abs=1e-12)
    assert lim.atoms("z") == pytest.approx({-1.0: stats.norm.cdf(-1.5), 1.0: stats.norm.cdf(-0.5)}, abs=1e-12)
    assert total_mass(lim, "z", [-1, -0.5, 0, 0.5, 1]) == pytest.approx(1, abs=1e-9)


def test_a_constant_vector_is_an_atom():
    lim = limit(parse("vector u ~ N(2, 0)\nx = u**2\n"))
    assert lim.atoms("x") == pytest.approx({4.0: 1.0}, abs=1e-12)


def test_density_of_tanh():
    lim = limit(parse("vector u ~ N(0, 1)\nx = tanh(u)\n"))
    inside = np.linspace(-0.99, 0.99, 41)
    np.testing.assert_allclose(lim.density("x", inside), normal_density(np.arctanh(inside)) / (1 - inside**2), rtol=1e-9)
    np.testing.assert_array_equal(lim.density("x", np.array([-1.5, 1.5])), 0)
    assert lim.atoms("x") == {}
    edges = np.tanh(np.linspace(-9, 9, 181))
    assert total_mass(lim, "x", edges) == pytest.approx(1, abs=1e-8)


def test_density_of_a_square_is_chi_squared():
    lim = limit(parse("vector u ~ N(0, 1)\nx = u**2\n"))
    positive = np.linspace(0.05, 9, 50)
    np.testing.assert_allclose(lim.density("x", positive), stats.chi2.pdf(positive, 1), rtol=1e-9)
    np.testing.assert_array_equal(lim.density("x", np.array([-1.0, -0.1])), 0)
    assert lim.atoms("x") == {}


def test_density_of_a_sum_of_tanh_and_a_gaussian():
    lim = limit(parse("matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\nh = W @ x\ny = tanh(2*h) + x/4\n"))

    def exact(z):
        return integrate.quad(lambda h: normal_density(h) * 4 * normal_density(4 * (z - math.tanh(2 * h))), -9, 9, points=[-1, 0, 1], epsabs=1e-12, limit=400)[0]

    grid = np.linspace(-2.2, 2.2, 23)
    np.testing.assert_allclose(lim.density("y", grid), [exact(z) for z in grid], atol=1e-6)
    assert total_mass(lim, "y", np.linspace(-4, 4, 81)) == pytest.approx(1, abs=1e-6)


def test_density_of_a_product_with_z_dot():
    # h = W relu(W^T x) = Ẑ + x/2 is Gaussian with variance 3/4
    lim = limit(parse(TEXT))
    np.testing.assert_allclose(lim.density("h", GRID), stats.norm.pdf(GRID, 0, math.sqrt(0.75)), rtol=1e-9)


def test_density_of_a_lognormal():
    lim = limit(parse("vector u ~ N(0.2, 0.5)\nx = exp(u)\n"))
    positive = np.linspace(0.05, 8, 50)
    np.testing.assert_allclose(lim.density("x", positive), stats.lognorm.pdf(positive, math.sqrt(0.5), scale=math.exp(0.2)), rtol=1e-9)


def test_three_correlated_relus_are_sampled_with_an_honest_error():
    covariance = np.array([[1.0, 0.5, 0.3], [0.5, 1.0, -0.2], [0.3, -0.2, 1.0]])
    rows = ", ".join(str(list(row)) for row in covariance.tolist())
    lim = limit(parse(f"vector u, v, w ~ N([0, 0, 0], [{rows}])\na = relu(u)*relu(v)\nb = relu(w)\n"))
    # given u and v, E relu(w) = s φ(m/s) + m Φ(m/s): smooth on the quadrant u, v > 0
    weights = np.linalg.solve(covariance[:2, :2], covariance[:2, 2])
    s = math.sqrt(1 - weights @ covariance[:2, 2])
    z, wz = panels(np.linspace(0, 12, 25))
    u, v = np.meshgrid(z, z, indexing="ij")
    m = weights[0] * u + weights[1] * v
    inner = s * normal_density(m / s) + m * stats.norm.cdf(m / s)
    density = np.exp(-(u**2 - u * v + v**2) / 1.5) / (2 * math.pi * math.sqrt(0.75))
    exact = float(wz @ (u * v * inner * density) @ wz)
    assert lim.method("a", "b") == "sampled"
    assert 0 < lim.error("a", "b") < 0.01
    assert abs(lim.second_moment("a", "b") - exact) < 5 * lim.error("a", "b")


def test_sampled_numbers_are_the_same_at_every_call():
    text = "vector u, v, w ~ N([0, 0, 0], [[1, 0.5, 0.3], [0.5, 1, 0.2], [0.3, 0.2, 1]])\na = relu(u)*relu(v)\nb = relu(w)\n"
    assert limit(parse(text)).second_moment("a", "b") == limit(parse(text)).second_moment("a", "b")
