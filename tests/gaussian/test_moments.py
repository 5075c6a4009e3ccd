"""The truncated Wick rule against mpmath: means, near-degenerate and singular pairs, soft steps."""

import itertools

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from scipy import special

from tpviz.gaussian.moments import bivariate_cdf, determinant, relu_relu, truncated_moment
from tpviz.language.functions import Gelu, Relu, Sign, Step

from .plans import U, V, expect

mp.mp.dps = 30


def orthant(mean, K, i, j):
    """E uⁱ vʲ 1{u > 0, v > 0}: v given u inside, in closed form by mpmath's quadrature."""
    (a2, k), (_, b2) = [[mp.mpf(x) for x in row] for row in K]
    m, n = map(mp.mpf, mean)
    s = mp.sqrt(b2 - k * k / a2)

    def inner(u):
        c = n + k / a2 * (u - m)
        t = c / s
        cdf, density = mp.ncdf(t), mp.npdf(t)
        moments = [cdf, c * cdf + s * density]
        for p in range(2, j + 1):
            moments.append(c * moments[-1] + (p - 1) * s * s * moments[-2])
        return moments[j]

    top = max(mp.mpf(0), m) + 12 * mp.sqrt(a2)
    points = sorted(
        {
            mp.mpf(0),
            top,
            *(x for x in (top / 8, top / 4, top / 2, abs(m))),
            *[x for x in [m - n * a2 / k] if 0 < x < top],
        }
    )
    return mp.quad(lambda u: u**i * inner(u) * mp.npdf(u, m, mp.sqrt(a2)), points)


@pytest.mark.parametrize("mean", [(0.0, 0.0), (0.5, -0.25), (-1.5, 2.0), (0.0, 1.0)])
@pytest.mark.parametrize("k", [0.6, -0.8, 0.05])
def test_truncated_moments(mean, k):
    K = [[1.0, k], [k, 1.5]]
    arrays = [[np.array([x]) for x in row] for row in K]
    for i, j in [(0, 0), (1, 0), (1, 1), (2, 1), (3, 2)]:
        got = truncated_moment((i, j), (0, 1), [np.array([m]) for m in mean], arrays)[0]
        assert got == pytest.approx(float(orthant(mean, K, i, j)), rel=1e-12, abs=1e-14), (i, j)


@pytest.mark.parametrize("gap", [1e-3, 1e-6, 1e-9, 1e-12, 1e-15])
def test_pairs_near_one_line(gap):
    """Correlation 1 − gap: within 4 ulp; −1 + gap: relative 1e-10 of the small value, for relu and step alike."""
    for k in (1 - gap, -1 + gap):
        c = mp.mpf(k)
        theta = mp.acos(c)
        relu = (mp.sin(theta) + (mp.pi - theta) * c) / (2 * mp.pi)
        step = (mp.pi - theta) / (2 * mp.pi)
        one = np.array([1.0])
        tolerance = 4 * 1.2e-16 if k > 0 else 1e-10
        assert relu_relu(one, one, np.array([k]))[0] == pytest.approx(float(relu), rel=tolerance)
        assert bivariate_cdf(0 * one, 0 * one, one, one, np.array([k]))[0] == pytest.approx(float(step), rel=tolerance)
        for f, exact in ((Relu, relu), (Step, step)):
            got = expect(f(U) * f(V), [[1, k], [k, 1]])
            assert got.value == pytest.approx(float(exact), rel=tolerance)
            assert abs(mp.mpf(got.value) - exact) <= got.error


def test_the_determinant_has_every_digit():
    rng = np.random.default_rng(0)
    for a2, b2 in rng.uniform(0.1, 3, (200, 2)):
        k = float(np.sqrt(a2 * b2) * (1 - 10.0 ** rng.uniform(-15, -1)))
        exact = mp.mpf(a2) * mp.mpf(b2) - mp.mpf(k) ** 2
        assert float(determinant(a2, b2, k)) == pytest.approx(max(0.0, float(exact)), rel=1e-12)
    assert determinant(1.0, 1.0, 1.0) == 0


PAIRS = {
    "relu": (Relu, lambda z: np.maximum(z, 0)),
    "step": (Step, lambda z: (z > 0) * 1.0),
    "sign": (Sign, np.sign),
    "erf": (sp.erf, special.erf),
    "gelu": (Gelu, lambda z: z * special.ndtr(z)),
}


def panels(edges):
    """Gauss–Legendre nodes and weights between sorted edges, (..., k) -> (..., 20 (k − 1)) twice."""
    z, w = np.polynomial.legendre.leggauss(20)
    half, middle = np.diff(edges)[..., None] / 2, (edges[..., 1:] + edges[..., :-1])[..., None] / 2
    shape = (*edges.shape[:-1], -1)
    return (middle + half * z).reshape(shape), (half * w).reshape(shape)


@pytest.mark.parametrize(("f", "g"), list(itertools.combinations_with_replacement(PAIRS, 2)))
def test_gates_in_pairs_with_means(f, g):
    """Closed, and within the bound, against nested quadrature split at both kinks."""
    mean, K = (0.25, -0.5), [[1.25, 0.75], [0.75, 1.5]]
    got = expect(PAIRS[f][0](U) * PAIRS[g][0](V), K, mean=mean)
    sd, s = K[0][0] ** 0.5, (K[1][1] - K[0][1] ** 2 / K[0][0]) ** 0.5
    x, wx = panels(np.sort(np.append(np.linspace(-11, 11, 23), -mean[0] / sd)))
    u = mean[0] + sd * x
    centre = mean[1] + K[0][1] / K[0][0] * (u - mean[0])
    fixed = np.broadcast_to(np.linspace(-11, 11, 23), (x.size, 23))
    y, wy = panels(np.sort(np.concatenate([fixed, np.clip(-centre / s, -11, 11)[:, None]], axis=1)))
    inner = (wy * np.exp(-y * y / 2) * PAIRS[g][1](centre[:, None] + s * y)).sum(axis=1)
    exact = float(np.sum(wx * np.exp(-x * x / 2) * PAIRS[f][1](u) * inner)) / (2 * np.pi)
    assert got.method == "closed"
    assert abs(got.value - exact) <= max(got.error, 1e-14)
    assert got.error < 1e-12


def test_a_gate_that_does_not_move():
    # variance 0: relu of a constant; sign of 0 is 0
    assert expect(Relu(U) * V**2, [[0, 0], [0, 1]], mean=[0.5, 0]).value == 0.5
    assert expect(Sign(U) ** 2, [[0]]).value == 0
    assert expect(Step(U), [[0]]).value == 0
    assert expect(Relu(U) * Relu(V), [[0, 0], [0, 1]], mean=[-1, 0]).value == 0
