"""The numerical rules: which one serves, how exact it is, and that its bound holds."""

import math

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from scipy import special

from tpviz.gaussian.polar import expect_polar
from tpviz.gaussian.rows import semidefinite_cholesky
from tpviz.gaussian.trapezoid import trapezoid
from tpviz.language.functions import RealPower, Relu, Sigmoid, Step

from .plans import Plans, U, V, W, X, expect


@pytest.mark.parametrize("variance", [0.01, 0.1, 1, 4, 25])
def test_tanh_squared(variance):
    with mp.workdps(30):
        sd = mp.sqrt(mp.mpf(variance))
        exact = 2 * mp.quad(lambda z: mp.tanh(sd * z) ** 2 * mp.npdf(z), [0, 0.1, 0.5, 1, 2, 4, 8, 16])
    got = expect(sp.tanh(U) ** 2, [[variance]])
    assert abs(got.value - float(exact)) <= min(got.error, 1e-12)
    assert got.method == "quadrature"


def test_the_bound_of_coarse_grids_holds():
    """What is left of the trapezoidal rule at steps that are too large stays below the bound, for several poles."""
    for sigma in (0.5, 1, 2, 4):
        for h in (0.8, 0.6, 0.4, 0.3):
            exact = float(
                2 * mp.quad(lambda z, s=sigma: mp.tanh(s * z) ** 2 * mp.npdf(z), [0, 0.1, 0.5, 1, 2, 4, 8, 16])
            )
            tail = 20 * math.exp(-2 * math.pi * (math.pi / 2 / sigma) / h)
            known = trapezoid(lambda t, s=sigma: np.tanh(s * t)[None] ** 2, 1, [h], tail)
            blind = trapezoid(lambda t, s=sigma: np.tanh(s * t)[None] ** 2, 1, [h], None)
            for sums in (known, blind):
                assert abs(sums.value[0] - exact) <= sums.error[0], (sigma, h)


def test_only_half_of_an_even_function_is_looked_at():
    def g(s, t):
        return (np.tanh(s) * np.tanh(0.3 * s + t))[None]

    whole, half = trapezoid(g, 1, [0.3, 0.3]), trapezoid(g, 1, [0.3, 0.3], even=True)
    assert half.value[0] == pytest.approx(whole.value[0], rel=1e-13)
    np.testing.assert_allclose(half.second, whole.second, atol=1e-13)


def test_derivatives_by_steins_rule():
    """The propagated error is |dE/dK| times the error of K."""
    plans = Plans()
    s = plans.planner.expectation(plans.node(sp.tanh(U) * sp.tanh(V)))
    K, step = np.array([[1.0, 0.4], [0.4, 0.7]]), 1e-5

    def at(K, error):
        def given(key):
            return (float(K[key[1], key[2]]), error) if key[0] == "covariance" else 0.0

        from tpviz.gaussian import Numbers

        return Numbers(given).get(s).estimate()

    slopes = 0.0
    for i, j in ((0, 0), (0, 1), (1, 1)):
        moved = K.copy()
        moved[i, j] += step
        moved[j, i] = moved[i, j]
        slopes += abs(at(moved, 0.0).value - at(K, 0.0).value) / step
    assert at(K, 1e-6).error == pytest.approx(slopes * 1e-6, rel=1e-3)


def test_smooth_ranks_three_and_four():
    # independent after a rotation: E Π tanh(u_i + 1) with one common factor is E_t (E_e tanh)^k
    x = np.linspace(-9, 9, 1801)
    w = (x[1] - x[0]) * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    inner = np.tanh(math.sqrt(0.5) * (x[:, None] + x) + 1) @ w
    for symbols, tolerance in ((( U, V, W), 1e-9), ((U, V, W, X), 1e-7)):  # fmt: skip
        k = len(symbols)
        K = np.full((k, k), 0.5) + 0.5 * np.eye(k)
        got = expect(sp.Mul(*[sp.tanh(s + 1) for s in symbols]), K)
        exact = float(inner**k @ w)
        assert abs(got.value - exact) <= min(got.error, tolerance * abs(exact))
        assert got.method == "quadrature"


def test_kinked_rank_two_and_three():
    # E relu(u) relu(v) relu(w) of independents, and of a sum: known by hand
    third = (2 * math.pi) ** -1.5
    assert expect(Relu(U) * Relu(V) * Relu(W), np.eye(3)).value == pytest.approx(third, rel=1e-12)
    # E relu(u) relu(v) relu(u + v) = E uv(u + v) on the quadrant = 2 E u² 1{u>0} E v 1{v>0}
    got = expect(Relu(U) * Relu(V) * Relu(U + V), np.eye(2))
    assert got.value == pytest.approx(2 * 0.5 / math.sqrt(2 * math.pi), rel=1e-12)


@pytest.mark.parametrize("eps", [0.0, 0.1, 1e-3])
@pytest.mark.parametrize("rank", [2, 3])
def test_polar_coordinates(rank, eps):
    """relu(t₁)² / (|t|² + ε): half of E t₁²/(|t|² + ε) = half of E r²/(r² + ε) over the rank."""
    got = expect_polar(
        lambda *t: np.maximum(t[0], 0) ** 2 / (sum(x * x for x in t) + eps), rank, [(1.0,) + (0.0,) * (rank - 1)], "f"
    )
    exact = 0.5 / rank
    if eps:
        f = lambda r: r * r / (r * r + eps) * r ** (rank - 1) * mp.exp(-r * r / 2)  # noqa: E731
        exact *= float(
            mp.quad(f, [0, 0.01, 0.1, 1, 4, 12])
            / mp.quad(lambda r: r ** (rank - 1) * mp.exp(-r * r / 2), [0, 1, 4, 12])
        )
    assert abs(got.value[0] - exact) <= min(got.error[0], 1e-9)


def test_a_function_that_is_mostly_zero_is_not_taken_for_homogeneous():
    # the product of two relus of nearly opposite directions lives in a thin wedge
    def g(a, b, c):
        return np.maximum(a, 0) * np.maximum(0.05 * b - a, 0) / (1 + c * c)

    got = expect_polar(g, 3, [(1.0, 0.0, 0.0), (-1.0, 0.05, 0.0)], "f")
    t = np.random.default_rng(0).standard_normal((3, 4_000_000))
    sample = g(*t)
    assert abs(got.value[0] - sample.mean()) < 5 * sample.std() / 2000


def test_batch_norm_of_three_is_a_rank_two_polar_integral():
    mean = (U + V + W) / 3
    spread = sum((s - mean) ** 2 for s in (U, V, W)) / 3
    f = Relu((U - mean) / RealPower(spread, sp.Rational(1, 2)))
    # |z|² = 3 for the three normalized samples, which are exchangeable: E relu(z)² = half of E z² = 1/2
    got = expect(f**2, np.eye(3))
    assert got.value == pytest.approx(0.5, abs=1e-12)
    assert Plans().blocks(f**2) == [2]


def test_gates_given_the_rest():
    """relu(v) beside tanh(u): integrated inside, also where v is nearly a multiple of u."""
    for rho in (0.5, 0.999, 1 - 1e-7):
        got = expect(sp.tanh(U) * Relu(V), [[1, rho], [rho, 1]])
        # E tanh(u) relu(v) = Cov(u, v) … by Stein on v = ρu + s e: E tanh(u) (m Φ(m/s) + s φ(m/s)), m = ρu
        x = np.concatenate([np.linspace(-9, 0, 200_001)[:-1], np.linspace(0, 9, 200_001)])
        s = math.sqrt(1 - rho * rho)
        y = np.tanh(x) * (
            rho * x * special.ndtr(rho * x / s) + s * np.exp(-((rho * x / s) ** 2) / 2) / math.sqrt(2 * math.pi)
        )
        exact = np.trapezoid(y * np.exp(-x * x / 2) / math.sqrt(2 * math.pi), x)
        assert got.value == pytest.approx(exact, abs=1e-9)
        assert got.error < 1e-11


def test_semidefinite_cholesky():
    rng = np.random.default_rng(2)
    for rank in (1, 2, 3):
        A = rng.standard_normal((5, 3, rank))
        K = A @ np.swapaxes(A, 1, 2)
        L = semidefinite_cholesky(K, 3)
        np.testing.assert_allclose(L @ np.swapaxes(L, 1, 2), K, atol=1e-7 if rank < 3 else 1e-12)
    assert not semidefinite_cholesky(np.array([[[1.0, 1.0], [1.0, 1.0]]]), 2)[0, 1, 1]


def test_gru_and_lstm_blocks_are_small():
    import tpviz
    from tests.limit.corpus import CASES

    for name, most in (("gru_two_steps_nonzero_state", 4), ("lstm_hidden_zero_state", 5)):
        case = next(c for c in CASES if c.name == name)
        lim = tpviz.limit(tpviz.parse(case.text))
        for v in lim.program.vectors:
            lim.second_moment(v)
        assert max(s.payload.size for s in lim.plan.planner.origins) <= most


def test_steps_of_products_and_of_smooth_functions():
    # E step(u + tanh(v)) = E Φ(tanh(v)) for independent standard normals, odd about 1/2
    assert expect(Step(U + sp.tanh(V)), np.eye(2)).value == pytest.approx(0.5, abs=1e-9)
    assert expect(Sigmoid(U) * Step(U), [[1]]).value == pytest.approx(
        float(mp.quad(lambda z: mp.npdf(z) / (1 + mp.exp(-z)), [0, 1, 2, 4, 8, 16])), abs=1e-13
    )
