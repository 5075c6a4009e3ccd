"""Kernels of MLPs against the recursions of document 004, in 50 digits: Σ^{l+1} = σ_W² E[φφ'] + β², Θ^{l+1} = Σ^{l+1} + σ_W² Θ^l E[φ̇φ̇']."""

import mpmath as mp
import numpy as np
import pytest

import tpviz as tp
from tests.network.networks import mlp

X = np.array([
    [1.0, -0.5, 0.25, 2.0],
    [2.0, -1.0, 0.5, 4.0],     # parallel to the first
    [2.5, -1.25, 0.625, 5.0],  # and again, not by a power of 2
    [-1.0, 0.5, -0.25, -2.0],  # opposite
    [0.5, 1.0, 2.0, -0.25],    # orthogonal
    [0.3, -0.7, 1.9, 0.01],
    [30.0, 11.0, -7.0, 25.0],  # large
    [1e-3, 2e-3, -1e-3, 0.0],  # small
])  # fmt: skip


def relu_pair(a2, b2, c):
    """E relu relu, E step step."""
    ab = mp.sqrt(a2) * mp.sqrt(b2)
    theta = mp.atan2(mp.sqrt(max(mp.mpf(0), (ab - c) * (ab + c))), c)
    return ab * (mp.sin(theta) + (mp.pi - theta) * mp.cos(theta)) / (2 * mp.pi), (mp.pi - theta) / (2 * mp.pi)


def erf_pair(a2, b2, c):
    """E erf erf, E erf′ erf′."""
    p = (1 + 2 * a2) * (1 + 2 * b2)
    return 2 / mp.pi * mp.asin(2 * c / mp.sqrt(p)), 4 / mp.pi / mp.sqrt(p - 4 * c**2)


PAIRS = {"relu": relu_pair, "erf": erf_pair}


def recursion(points, depth, phi, variance, bias, output_bias, readout, embedding=1.5):
    """(Σ, Θ) of f at every pair of points, arrays of mpf."""
    N, d = np.shape(points)
    with mp.workdps(50):
        exact = [[mp.mpf(float(z)) for z in row] for row in points]
        s = [[mp.mpf(embedding) * mp.fdot(x, y) / d + bias for y in exact] for x in exact]
        t = [row[:] for row in s]
        for layer in range(depth):
            last = layer == depth - 1
            scale, add = (readout, output_bias) if last else (variance, bias)
            scale, add = mp.mpf(scale), mp.mpf(add)
            new = [[None] * N for _ in range(N)]
            theta = [[None] * N for _ in range(N)]
            for i in range(N):
                for j in range(N):
                    value, slope = PAIRS[phi](s[i][i], s[j][j], s[i][j])
                    new[i][j] = scale * value + add
                    theta[i][j] = new[i][j] + scale * slope * t[i][j]
            s, t = new, theta
        return np.array(s, dtype=float), np.array(t, dtype=float)


def assert_agree(got, exact, tolerance=1e-10):
    """Relative, entry by entry; an entry that is 0 by symmetry is compared on the scale of its diagonal."""
    scale = np.sqrt(np.outer(np.diag(exact), np.diag(exact)))
    size = np.where(np.abs(exact) < 1e-12 * scale, scale, np.abs(exact))
    worst = np.unravel_index(np.argmax(np.abs(got - exact) / size), got.shape)
    assert (np.abs(got - exact) <= tolerance * size).all(), (worst, got[worst], exact[worst])


CASES = [
    (depth, phi, bias, shared, output_bias)
    for phi in ("relu", "erf")
    for depth, bias, shared, output_bias in [
        (1, 0, False, 0), (1, 0.3, False, 0.3), (2, 0, False, 0), (2, 0.1, True, 0.1), (3, 0.2, False, 0), (4, 0, False, 0.7),
        (5, 0.05, True, 0), (6, 1.0, False, 1.0), (7, 0, False, 0), (8, 0.1, True, 0.1), (9, 0.3, False, 0), (10, 0, False, 0),
        (10, 0.1, True, 0.1),
    ]
]  # fmt: skip


@pytest.mark.parametrize(("depth", "phi", "bias", "shared", "output_bias"), CASES)
def test_kernels_of_an_mlp(depth, phi, bias, shared, output_bias):
    program = tp.parse(
        mlp(depth, phi, variance=1.7, bias=bias, shared_bias=shared, output_bias=output_bias, readout=0.8)
    )
    nngp, ntk = recursion(X, depth, phi, 1.7, bias, output_bias, 0.8)
    assert_agree(tp.nngp(program, X), nngp)
    assert_agree(tp.ntk(program, X), ntk)


@pytest.mark.parametrize("phi", ["relu", "erf"])
def test_both_kernels_in_one_pass_and_between_two_sets(phi):
    program = tp.parse(mlp(3, phi, bias=0.1, output_bias=0.2))
    exact = recursion(X, 3, phi, 2.0, 0.1, 0.2, 1.0)
    for got, reference in zip(tp.kernels(program, X), exact, strict=True):
        assert_agree(got, reference)
    for got, reference in zip(tp.kernels(program, X[:3], X[2:]), exact, strict=True):
        np.testing.assert_allclose(got, reference[:3, 2:], rtol=1e-10)
    np.testing.assert_allclose(tp.ntk(program, X[4:], Y=X[:5]), exact[1][4:, :5], rtol=1e-10)


@pytest.mark.parametrize("depth", [1, 3, 10])
def test_the_kernel_is_symmetric_and_its_diagonal_exact(depth):
    """relu at σ_W² = 2: Σ(ξ, ξ) is that of the input at every layer; Θ(ξ, ξ) = (L + 1) Σ, both halved by σ_v² = 1."""
    program = tp.parse(mlp(depth))
    nngp, ntk = tp.kernels(program, X)
    exact = 1.5 * (X**2).sum(axis=1) / 4
    np.testing.assert_allclose(np.diag(nngp), exact / 2, rtol=1e-14)
    np.testing.assert_allclose(np.diag(ntk), (depth + 1) * exact / 2, rtol=1e-13)
    assert (nngp == nngp.T).all()
    assert (ntk == ntk.T).all()


@pytest.mark.parametrize("bias", [0, 0.1])
@pytest.mark.parametrize(("phi", "tolerance"), [("erf", 1e-10), ("relu", 1e-7)])
def test_inputs_that_are_nearly_equal(phi, tolerance, bias):
    """1e-9 apart. Two floats of a second moment leave an angle of 1e-8 undetermined, and step·step is linear in it:
    the kernel of relu has 7 digits there, that of erf all."""
    x = X[5]
    apart = np.array([x, x * (1 + 1e-9), x + 1e-9 * np.array([1, -1, 0.5, 2.0]), x])
    program = tp.parse(mlp(5, phi, variance=1.7, bias=bias, readout=0.8))
    nngp, ntk = recursion(apart, 5, phi, 1.7, bias, 0, 0.8)
    assert_agree(tp.nngp(program, apart), nngp)
    got = tp.ntk(program, apart)
    assert_agree(got, ntk, tolerance)
    np.testing.assert_allclose(got[[0, 0, 3], [0, 3, 3]], ntk[0, 0], rtol=1e-13)  # equal inputs: exact


def test_what_is_trained():
    """Two layers, every parameter's part by hand, from the recursion's own quantities."""
    program = tp.parse(mlp(2, "erf", variance=1.7, bias=0.3, output_bias=0.2, readout=0.8))
    with mp.workdps(50):
        x, y = ([mp.mpf(float(z)) for z in row] for row in (X[0], X[5]))
        gram = [[mp.mpf(1.5) * mp.fdot(a, b) / 4 for b in (x, y)] for a in (x, y)]
        s1 = [[g + mp.mpf(0.3) for g in row] for row in gram]

        def pair(s, i, j):
            return erf_pair(s[i][i], s[j][j], s[i][j])

        s2 = [[mp.mpf(1.7) * pair(s1, i, j)[0] + mp.mpf(0.3) for j in (0, 1)] for i in (0, 1)]
        e1, d1 = pair(s1, 0, 1)
        e2, d2 = pair(s2, 0, 1)
        v, w = mp.mpf(0.8), mp.mpf(1.7)
        exact = {"v": v * e2, "c0": mp.mpf(0.2), "b2": v * d2 * mp.mpf(0.3), "W2": v * d2 * w * e1,
                 "b1": v * d2 * w * d1 * mp.mpf(0.3), "U": v * d2 * w * d1 * gram[0][1]}  # fmt: skip
    parts = tp.ntk_parts(program, X[:1], X[5:6])
    assert set(parts) == set(exact)
    for name, value in exact.items():
        assert parts[name].shape == (1, 1)
        assert parts[name][0, 0] == pytest.approx(float(value), rel=1e-12), name
        assert tp.ntk(program, X[:1], X[5:6], trainable=[name])[0, 0] == pytest.approx(float(value), rel=1e-12), name


def test_a_shared_bias_is_trained_once_with_its_whole_gradient():
    """The cross terms of two layers vanish, so the part of one b is the sum of the parts of two."""
    one = tp.ntk_parts(tp.parse(mlp(3, "relu", bias=0.2, shared_bias=True)), X)
    many = tp.ntk_parts(tp.parse(mlp(3, "relu", bias=0.2)), X)
    np.testing.assert_allclose(one["b1"], many["b1"] + many["b2"] + many["b3"], rtol=1e-10)


def test_widths_do_not_enter_a_network_without_transposes():
    text = mlp(3, "erf", bias=0.2)
    wide = text.replace("embedding U", "width m = 3*n\nwidth k = 0.5*n\nembedding U : m x d")
    wide = wide.replace("matrix W2 ~ N(0, 2.0/n)", "matrix W2 : k x m ~ N(0, 2.0/m)").replace(
        "matrix W3 ~ N(0, 2.0/n)", "matrix W3 : m x k ~ N(0, 2.0/k)")  # fmt: skip
    wide = (
        wide.replace("vector b1", "vector b1 : m")
        .replace("vector b2", "vector b2 : k")
        .replace("vector b3", "vector b3 : m")
    )
    wide = wide.replace("readout v", "readout v : m").replace("sqrt(n)", "sqrt(m)")
    # `width` lines stand before their use
    lines = wide.splitlines()
    lines.sort(key=lambda x: not x.startswith("width"))
    for got, exact in zip(
        tp.kernels(tp.parse("\n".join(lines)), X), recursion(X, 3, "erf", 2.0, 0.2, 0, 1.0), strict=True
    ):
        assert_agree(got, exact)


def test_a_closed_value_of_the_reference():
    """relu at σ_W² = 2 on orthogonal unit inputs: Σ² = 1/π, its angle known; and Θ = Σ² + Σ¹ Σ̇ with Σ¹ = 0."""
    points = np.eye(2) * 2**0.5
    nngp, ntk = recursion(points, 1, "relu", 2.0, 0, 0, 2.0, embedding=1.0)
    np.testing.assert_allclose(nngp, [[1, 1 / np.pi], [1 / np.pi, 1]], rtol=1e-15)
    np.testing.assert_allclose(ntk, [[2, 1 / np.pi], [1 / np.pi, 2]], rtol=1e-15)
