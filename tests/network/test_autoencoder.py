"""W and its transpose in one forward pass: the NTK holds Ż terms of the backward pass that no sum over paths has."""

import math

import numpy as np
import pytest

import tpviz as tp
from tests.network.dense import Dense

LINEAR = """input xi
embedding U ~ N(0, 1/d)
matrix W ~ N(0, 1/n)
readout v ~ N(0, 1)
x0 = U @ xi
h1 = W @ x0
h2 = W.T @ h1
output f = v.T @ h2 / sqrt(n)
"""
X = np.array([[1.0, -1.0, 1.0, 1.0]])  # ‖ξ‖²/d = 1


def test_six_and_five():
    """theory.md §4. Z^{h2} = Ẑ + x0, E (Z^{h2})² = 2: the readout's part. dh1 = W dh2, dx0 = WᵀW v = Ẑ + v: U's part E dx0² = 2. W: the
    pairs (h1, h1) and (h2, h2) 1 each; the crossed pairs vanish. 2 + 2 + 1 + 1 = 6; without dx0's Ż it is 5."""
    program = tp.parse(LINEAR)
    assert tp.ntk(program, X)[0, 0] == pytest.approx(6, rel=1e-12)
    assert tp.ntk_by_paths(program, X)[0, 0] == pytest.approx(5, rel=1e-12)
    parts = tp.ntk_parts(program, X)
    for name, value in {"U": 2, "W": 2, "v": 2}.items():
        assert parts[name][0, 0] == pytest.approx(value, rel=1e-12)
    assert tp.nngp(program, X)[0, 0] == pytest.approx(2, rel=1e-12)


def test_the_kernel_between_two_inputs_is_linear_in_them():
    inputs = np.array([[1.0, -1.0, 1.0, 1.0], [0.3, 2.0, -1.0, 0.0]])
    inner = inputs @ inputs.T / 4
    program = tp.parse(LINEAR)
    np.testing.assert_allclose(tp.ntk(program, inputs), 6 * inner, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(tp.ntk_by_paths(program, inputs), 5 * inner, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(tp.nngp(program, inputs), 2 * inner, rtol=1e-12, atol=1e-14)


def test_the_backward_pass_has_a_z_dot():
    lim = tp.limit(tp.backprop(tp.parse(LINEAR)), inputs={"xi": X[0]})
    (coefficient,) = lim.zdot("dx0").values()
    assert coefficient == pytest.approx(1, rel=1e-12)
    assert lim.second_moment("dx0") == pytest.approx(2, rel=1e-12)


@pytest.mark.parametrize(("s", "r"), [(1.0, 1.0), (1.7, 2.0), (0.6, 0.5)])
def test_variances_and_widths(s, r):
    """h1 = Wx0 in class m = r n, W of variance s: E h1² = s, h2 = Ẑ + r s x0 with Var Ẑ = r s², so E h2² = r s² + r² s² =: a.
    dh1 = √(1/r) W v... with the root of the widths: E dh1² = r s·... by adjointness; in all v: a, U: a, W: r s² + r s²."""
    text = LINEAR.replace("matrix W ~ N(0, 1/n)", f"width m = {r}*n\nmatrix W : m x n ~ N(0, {s}/n)")
    program = tp.parse(text)
    a = r * s**2 + r**2 * s**2
    parts = tp.ntk_parts(program, X)
    # (h1, h1): s E dh1² E x0² with dh1 = √r W v, E dh1² = r s.  (h2, h2): r s E v² E h1² = r s·s
    for name, value in {"v": a, "U": a, "W": 2 * r * s**2}.items():
        assert parts[name][0, 0] == pytest.approx(value, rel=1e-12), name
    paths = tp.ntk_by_paths(program, X)[0, 0]
    assert paths == pytest.approx(a + 3 * r * s**2, rel=1e-12)  # U's path: s·r s without Ż


def test_dense_gradients_see_six():
    """60 dense networks of width 60: mean of the Gram matrix 6 within 4 standard errors and O(1/n)."""
    program = tp.parse(LINEAR)
    runs = [Dense(program, 60, s, {"U": 4}).ntk(program, [{"xi": X[0]}], "f")[0, 0] for s in range(60)]
    error = np.std(runs, ddof=1) / math.sqrt(60)
    assert abs(np.mean(runs) - 6) < 4 * error + 6 / 60
    assert abs(np.mean(runs) - 5) > 3 * error


def test_what_the_check_says():
    """The readout passes the simple check; both ways: W; Ż of dx0 is v."""
    report = tp.gia_check(tp.parse(LINEAR.replace("input xi", "input xi = [1.0, -1.0, 1.0, 1.0]")))
    assert report.passes
    assert report.both_ways == ("W",)
    assert any("W" in w.message or "W" in w.names for w in report.warnings)
    assert "W" in str(report)
    assert list(report.nonzero) == ["dx0"]
    assert sum(report.nonzero["dx0"].values()) == pytest.approx(1, rel=1e-12)


def test_a_nonlinear_autoencoder_has_more_than_its_paths():
    """h1 = Wx0, h2 = Wᵀφ(h1): dx0's Ż is σ_W² dh2 E φ'(h1), so U's part exceeds the path's by (σ_W² E φ')² E dh2²."""
    text = LINEAR.replace("h2 = W.T @ h1", "x1 = tanh(h1)\nh2 = W.T @ x1").replace("N(0, 1/n)", "N(0, 1.5/n)")
    program = tp.parse(text)
    lim = tp.limit(program, inputs={"xi": X[0]})
    slope = 1 - lim.expect("tanh(h1)**2")
    gap = tp.ntk(program, X) - tp.ntk_by_paths(program, X)
    assert gap[0, 0] == pytest.approx((1.5 * slope) ** 2, rel=1e-8)
    own = tp.ntk_parts(program, X)["U"] - tp.ntk_by_paths(program, X, trainable=["U"])
    assert own[0, 0] == pytest.approx(gap[0, 0], rel=1e-8)
