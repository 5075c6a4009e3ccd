"""Untying: independent copies of the same law, and nothing else changes."""

import pytest

import tpviz as tp
from tpviz.language.labels import label
from tpviz.language.untying import copy_name

TIED = """\
constant s = 2
matrix W ~ N(0, s/n)
embedding U ~ N(0, 3/d)
input xi = [1, 0]
input xj = [0, 1]
a = U @ xi
b = U @ xj
h = W @ a
g = W @ h
k = W.T @ g
l = W.T @ b
"""


def test_a_copy_has_the_law_and_a_tilde():
    p = tp.untie(tp.parse(TIED), "g")
    assert (
        p.to_text().replace("W_tilde @ h", "W @ h").replace("matrix W_tilde ~ N(0, s/n)\n", "")
        == tp.parse(TIED).to_text()
    )
    assert p["g"].matrix == "W_tilde"
    assert str(p["W_tilde"].variance) == "s"
    assert label("W_tilde") == r"\tilde{W}"


def test_several_products_get_a_copy_each():
    p = tp.untie(tp.parse(TIED), ["g", "k"])
    assert [p[n].matrix for n in "hgkl"] == ["W", "W_tilde", "W_tilde_2", "W"]
    assert p["k"].transposed


def test_every_use_but_the_first_gets_its_own():
    p = tp.untie(tp.parse(TIED))
    assert [p[n].matrix for n in "hgkl"] == ["W", "W_tilde", "W_tilde_2", "W_tilde_3"]
    assert [p[n].embedding for n in "ab"] == ["U", "U"]  # embedded inputs share theirs
    assert tp.untie(p, "b")["b"].embedding == "U_tilde"
    with pytest.raises(tp.TpvizError, match="No matrix is used twice"):
        tp.untie(p)


def test_gia_gives_the_transposes_one_copy_together():
    p = tp.untie(tp.parse(TIED), gia=True)
    assert [p[n].matrix for n in "hgkl"] == ["W", "W", "W_tilde", "W_tilde"]
    assert p.matrices == ("W", "W_tilde")
    with pytest.raises(tp.TpvizError, match="together with its transpose"):
        tp.untie(p, gia=True)


def test_a_shape_goes_along():
    p = tp.untie(
        tp.parse("width m = 2*n\nmatrix A : m x n ~ N(0, 3/n)\nvector x ~ N(0, 1)\ny = A @ x\nz = A.T @ y\n"), "z"
    )
    assert "matrix A_tilde : m x n ~ N(0, 3/n)" in p.to_text()
    assert p.width_class("z") == "n"


def test_what_cannot_be_untied_says_why():
    p = tp.parse("matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\nh = W @ x\ny = relu(h)\n")
    with pytest.raises(tp.InputError, match="used by h alone"):
        tp.untie(p, "h")
    with pytest.raises(tp.InputError, match="y is not a product"):
        tp.untie(p, "y")
    with pytest.raises(tp.InputError, match="takes a Program"):
        tp.untie("h = W @ x")


def test_names_of_copies():
    assert copy_name("W", ()) == "W_tilde"
    assert copy_name("W", ("W_tilde", "W_tilde_2")) == "W_tilde_3"
    assert copy_name("W_tilde", ("W_tilde",)) == "W_tilde_2"
    assert copy_name("W2", ()) == "W2_tilde"


def test_a_recurrent_network_and_its_gia():
    """Untying the backward pass does not change the NTK where the simple GIA check passes (Tensor Programs II)."""
    p = tp.parse(
        "matrix W ~ N(0, 2/n)\nvector a, b ~ N([0, 0], [[1, 0.3], [0.3, 1]])\nreadout v ~ N(0, 1)\nx = relu(a)\nh = W @ x\ng = h + b\ny = relu(g)\noutput f = v.T @ y / sqrt(n)\n"
    )
    back = tp.backprop(p)
    both = tp.compare(back, tp.untie(back, gia=True))
    assert both.changed == ()
