"""sample, density and atoms; what is sampled."""

import itertools
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
    np.testing.assert_allclose(
        lim.density("x", inside), normal_density(np.arctanh(inside)) / (1 - inside**2), rtol=1e-9
    )
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
        return integrate.quad(
            lambda h: normal_density(h) * 4 * normal_density(4 * (z - math.tanh(2 * h))),
            -9,
            9,
            points=[-1, 0, 1],
            epsabs=1e-12,
            limit=400,
        )[0]

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
    np.testing.assert_allclose(
        lim.density("x", positive), stats.lognorm.pdf(positive, math.sqrt(0.5), scale=math.exp(0.2)), rtol=1e-9
    )


def test_three_correlated_relus_to_every_digit():
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
    assert lim.method("a", "b") == "quadrature"  # two relus in closed form given the third
    assert lim.second_moment("a", "b") == pytest.approx(exact, abs=1e-12)
    assert abs(lim.second_moment("a", "b") - exact) < lim.error("a", "b") + 1e-14


FIVE = (
    "vector t ~ N(0, 0.5)\n"
    + "".join(f"vector e{i} ~ N(0, 0.5)\nu{i} = t + e{i}\n" for i in range(5))
    + "x = tanh(u0)*tanh(u1)*tanh(u2)\ny = tanh(u3)*tanh(u4 + 1)\n"
)


def test_rank_five_is_sampled_with_an_honest_error():
    # given t the five are independent: E_t Π E tanh(t + e)
    z, wz = panels(np.linspace(-12, 12, 49))
    w = wz * normal_density(z)
    one, shifted = (np.tanh(math.sqrt(0.5) * (z[:, None] + z) + c) @ w for c in (0, 1))
    exact = float(w @ (one**4 * shifted))
    lim = limit(parse(FIVE))
    assert lim.method("x", "y") == "sampled"
    assert 0 < lim.error("x", "y") < 1e-4
    assert abs(lim.second_moment("x", "y") - exact) < stats.t.ppf(0.9995, 15) * lim.error("x", "y")


def test_sampled_numbers_are_the_same_at_every_call():
    assert limit(parse(FIVE)).second_moment("x", "y") == limit(parse(FIVE)).second_moment("x", "y")


TWO = "vector u ~ N(0, 1)\nvector v ~ N(0, 1)\n"

# Of two independent standard normals: expression -> atoms
ATOMS = {
    "step(u)*v": {0.0: 0.5},
    "relu(u)*v": {0.0: 0.5},
    "relu(u)*relu(v)": {0.0: 0.75},
    "relu(u) + relu(v)": {0.0: 0.25},
    "relu(u) - relu(v)": {0.0: 0.25},
    "step(u) + step(v)": {0.0: 0.25, 1.0: 0.5, 2.0: 0.25},
    "sign(u)*sign(v)": {-1.0: 0.5, 1.0: 0.5},
    "sign(u)*v": {},
    "maximum(u, v)": {},
    "step(u)*step(v)*(1 + u**2)": {0.0: 0.75},
}


@pytest.mark.parametrize("expression", ATOMS)
def test_atoms_of_functions_of_two_gaussians(expression):
    assert limit(parse(TWO + f"y = {expression}\n")).atoms("y") == pytest.approx(ATOMS[expression], abs=1e-9)


def convolved_relus(z):
    """Continuous part of relu(u) + relu(v): one is 0 (2·½φ), or both are positive (φ * φ on the quadrant)."""
    return np.where(
        z > 0,
        normal_density(z) + np.exp(-(z**2) / 4) / math.sqrt(4 * math.pi) * (2 * stats.norm.cdf(z / math.sqrt(2)) - 1),
        0,
    )


# expression -> density of the continuous part
DENSITIES = {
    "step(u)*v": lambda z: normal_density(z) / 2,
    "sign(u)*v": normal_density,
    "maximum(u, v)": lambda z: 2 * normal_density(z) * stats.norm.cdf(z),
    "minimum(u, v)": lambda z: 2 * normal_density(z) * stats.norm.cdf(-z),
    "relu(u) + relu(v)": convolved_relus,
    "step(u) + v": lambda z: (normal_density(z) + normal_density(z - 1)) / 2,
    "u**2 + v": lambda z: np.array(
        [
            integrate.quad(
                lambda u, t=t: normal_density(u) * normal_density(t - u * u), -9, 9, epsabs=1e-12, limit=300
            )[0]
            for t in z
        ]
    ),
    "u + tanh(u)*step(v)": lambda z: (normal_density(z) + np.array([_through_tanh(t) for t in z])) / 2,
}


def _through_tanh(t: float) -> float:
    """Density of u + tanh(u) at t."""
    from scipy.optimize import brentq

    u = brentq(lambda x: x + math.tanh(x) - t, -20, 20, xtol=1e-14)
    return normal_density(u) / (2 - math.tanh(u) ** 2)


@pytest.mark.parametrize("expression", DENSITIES)
def test_densities_of_functions_of_two_gaussians(expression):
    grid = np.array([-2.1, -1.3, -0.55, -0.2, 0.15, 0.7, 1.45, 2.6])
    density = limit(parse(TWO + f"y = {expression}\n")).density("y", grid)
    np.testing.assert_allclose(density, DENSITIES[expression](grid), rtol=2e-3, atol=1e-3)


@pytest.mark.parametrize(
    "expression",
    [
        "relu(u) - relu(v)",
        "u*v",
        "relu(u)*v",
        "clip(u, -1, 1) + v",
        "cos(u) + relu(v)",
        "gelu(u) + v/2",
        "leaky_relu(u, 0.2) - v",
    ],
)
def test_mass_of_density_and_atoms_is_one(expression):
    lim = limit(parse(TWO + f"y = {expression}\n"))
    # panels that close in on the singular points of the density: 0 and, for cos, ±1
    closing = np.concatenate([c + s * 2.0 ** np.arange(-30, 0) for c in (-1, 0, 1) for s in (-0.5, 0.5)])
    edges = np.unique(np.concatenate([closing, np.linspace(-12, 12, 25)]))
    nodes = np.concatenate(
        [(a + b) / 2 + (b - a) / 2 * np.polynomial.legendre.leggauss(3)[0] for a, b in itertools.pairwise(edges)]
    )
    weights = np.concatenate(
        [(b - a) / 2 * np.polynomial.legendre.leggauss(3)[1] for a, b in itertools.pairwise(edges)]
    )
    assert weights @ lim.density("y", nodes) + sum(lim.atoms("y").values()) == pytest.approx(1, abs=5e-3)
