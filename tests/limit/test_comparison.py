"""What changes from one program to another, against closed forms."""

import math

import pytest

import tpviz as tp

HEAD = "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\nh = W @ x\n"


def tied(line, head=HEAD):
    p = tp.parse(head + line + "\n")
    return tp.compare(p, tp.untie(p, "g"))


def test_w_w_x_and_its_untied_version_have_the_same_limit():
    c = tied("g = W @ h")
    assert c.changed == ()
    assert c.unchanged == ("x", "h", "g")
    assert c["g"].first.value.value == c["g"].second.value.value == 1
    assert "nothing changes" in str(c)


def test_wt_w_x_loses_its_zdot():
    """Z^g = Ẑ^g + Z^x with W, Ẑ^g alone with a copy: E Z² is 2 and 1, E Z^x Z^g is 1 and 0."""
    c = tied("g = W.T @ h")
    assert [(r.name, r.partner) for r in c.changed] == [("g", ""), ("x", "g")]
    g = c["g"]
    assert (g.first.value.value, g.second.value.value) == pytest.approx((2, 1))
    assert dict(g.first.zdot) == pytest.approx({"x": 1})
    assert dict(g.second.zdot) == {}
    assert c["x", "g"].difference == pytest.approx(-1)
    assert c["g", "x"] is c["x", "g"]
    assert c.unchanged == ("x", "h")
    assert "1 Z^x" in str(c)


def test_the_coefficient_is_the_variance():
    c = tied("g = W.T @ h", HEAD.replace("1/n", "1.5/n"))
    assert dict(c["g"].first.zdot) == pytest.approx({"x": 1.5})
    assert c["g"].first.value.value == pytest.approx(1.5 * 1.5 + 1.5**2)
    assert c["g"].second.value.value == pytest.approx(1.5**2)


def test_tied_weights_of_two_inputs_share_their_kernel():
    """h = W x and g = W y with E Z^x Z^y = 1/2: tied E Z^h Z^g = 1/2, untied 0, each second moment the same."""
    p = tp.parse("matrix W ~ N(0, 1/n)\nvector x, y ~ N([0, 0], [[1, 0.5], [0.5, 1]])\nh = W @ x\ng = W @ y\n")
    c = tp.compare(p, tp.untie(p, "g"))
    assert [(r.kind, r.name, r.partner) for r in c.changed] == [("pair", "h", "g")]
    assert c["h", "g"].difference == pytest.approx(-0.5)
    assert tp.compare(p, tp.untie(p, "g"), pairs=False).changed == ()


def test_relu_and_erf():
    """E relu(Z)² = 1/2, E relu(Z) = 1/√(2π); E erf(Z)² = (2/π) arcsin(2/3), E erf(Z) = 0; step'(Z) has mean 1/2, erf' 2/√(3π)."""
    p, q = (tp.parse(HEAD + f"y = {f}(h)\ng = W.T @ y\n") for f in ("relu", "erf"))
    c = tp.compare(p, q)
    y, g = c["y"], c["g"]
    assert (y.first.value.value, y.second.value.value) == pytest.approx((0.5, 2 / math.pi * math.asin(2 / 3)))
    assert (y.first.mean.value, y.second.mean.value) == pytest.approx((1 / math.sqrt(2 * math.pi), 0))
    assert dict(g.first.zdot) == pytest.approx({"x": 0.5})
    assert dict(g.second.zdot) == pytest.approx({"x": 2 / math.sqrt(3 * math.pi)})
    assert c.unchanged == ("x", "h")


def test_names_are_matched_by_their_lines():
    p = tp.parse(HEAD + "y = relu(h)\nq = mean(y*x)\n")
    renamed = tp.parse(HEAD.replace("h =", "hidden =") + "out = relu(hidden)\nr = mean(out*x)\nextra = tanh(hidden)\n")
    c = tp.compare(p, renamed)
    assert c["h"].twins == ("hidden",)
    assert c["y"].twins == ("out",)
    assert c["q"].twins == ("r",)
    assert c.changed == ()
    assert (c.only_first, c.only_second) == ((), ("extra",))
    assert "only in the second: extra" in str(c)


def test_a_moment_that_does_not_exist_is_told_in_its_row():
    p, q = (tp.parse(f"vector x ~ N(0, 1)\ny = {f}\nz = tanh(x)\n") for f in ("tanh(x)", "exp(x**2)"))
    c = tp.compare(p, q)
    assert c["y"].second.problem is not None
    assert c["y"].changes
    assert not c["z"].changes


def test_scalars_classes_and_limits_with_inputs():
    text = "width m = 2*n\nmatrix A : m x n ~ N(0, 1/n)\ninput xi\nembedding U ~ N(0, 1/d)\nx = U @ xi\ny = A @ x\nq = mean(x**2)\n"
    p = tp.parse(text)
    c = tp.compare(tp.limit(p, inputs={"xi": [1.0, 1.0]}), tp.limit(p, inputs={"xi": [2.0, 2.0]}))
    assert c["q"].difference == pytest.approx(3)
    with pytest.raises(tp.InputError, match="do not share"):
        c["x", "y"]  # two width classes have no pair


def test_what_is_no_program_is_refused():
    p = tp.parse(HEAD)
    with pytest.raises(tp.InputError, match="two programs or limits"):
        tp.compare(p, HEAD)
    with pytest.raises(tp.InputError, match="array of parameters"):
        tp.compare(p, tp.limit(p, parameters={"W": [1.0, 2.0]}))
