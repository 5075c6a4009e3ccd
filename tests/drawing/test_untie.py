"""Untying in the text of a document, and what two versions look like."""

import pytest

import tpviz as tp
from tpviz.drawing import draw, edits
from tpviz.drawing.differences import edited, marked, nearby, side_by_side
from tpviz.drawing.edits import EditError, State
from tpviz.drawing.figure import figure_of
from tpviz.drawing.scene import Group
from tpviz.language import parse, parse_partial
from tpviz.limit.comparison import matched

TEXT = """\
constant s = 2          # shared
matrix W ~ N(0, s/n)    # hidden
vector x ~ N(0, 1)

h = W @ x               # there
g = W.T @ h             # and back
k = W @ g
"""


def test_the_copy_stands_below_its_matrix_and_comments_stay():
    change = edits.untie(State(TEXT, {"g": (7, 8)}, {"W": "A"}), "g")
    assert change.source == TEXT.replace("# hidden\n", "# hidden\nmatrix W_tilde ~ N(0, s/n)\n").replace(
        "g = W.T @ h             #", "g = W_tilde.T @ h       #"
    )
    assert change.labels == {"W": "A", "W_tilde": r"\tilde{A}"}
    assert change.layout == {"g": (7, 8)}
    assert change.selection == ("g",)
    assert change.description == "Untie g"


@pytest.mark.parametrize("how", [{"product": "g"}, {}, {"gia": True}])
def test_the_edit_is_the_library_function(how):
    assert parse(edits.untie(State(TEXT), **how).source) == tp.untie(parse(TEXT), **how)


def test_half_drawn_programs_can_be_untied():
    change = edits.untie(State("matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\nh = W @ x\ng = W @ ?\n"), "g")
    assert change.source.endswith("g = W_tilde @ ?\n")


def test_nothing_to_untie_is_an_edit_error():
    with pytest.raises(EditError, match="used by h alone"):
        edits.untie(State("matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\nh = W @ x\n"), "h")
    with pytest.raises(EditError, match="is not a product"):
        edits.untie(State(TEXT), "x")


def versions(first, second):
    p, q = parse(first), parse(second)
    return edited(p, q, matched(p, q))


def test_what_is_edited_is_what_its_line_uses():
    assert versions(TEXT, edits.untie(State(TEXT), "g").source) == (("g",), ("g",))
    assert versions(TEXT, TEXT.replace("constant s = 2 ", "constant s = 3 ")) == (("h", "g", "k"), ("h", "g", "k"))
    body = "function phi(z) = relu(z)\nvector x ~ N(0, 1)\ny = phi(x)\nz = tanh(y)\n"
    assert versions(body, body.replace("relu", "erf")) == (("y",), ("y",))
    assert versions(body, body + "w = sin(z)\n") == ((), ("w",))
    assert versions(body, body.replace("z = tanh", "other = tanh")) == ((), ())


def test_marks_on_the_drawing():
    p = parse(TEXT + "y = relu(k)\n")
    scene = draw(p)
    assert marked(scene, p, ["g"]) == Group((), ("h>g:0",))
    assert marked(scene, p, ["y", "x"]) == Group(("gate:y", "x"), ())


def test_a_large_drawing_is_cut_to_what_was_edited():
    lines = ["matrix W ~ N(0, 1/n)", "vector x0 ~ N(0, 1)", *(f"x{k} = W @ x{k - 1}" for k in range(1, 60))]
    p = parse("\n".join(lines))
    scene = draw(p)
    near = nearby(scene, marked(scene, p, ["x30"]), most=10)
    assert len(near.nodes) == 10
    assert {"x29", "x30"} <= {n.id for n in near.nodes}
    assert nearby(scene, Group(), most=100) is scene


def test_both_drawings_on_one_page():
    p = parse(TEXT)
    q = tp.untie(p, "g")
    scenes = (draw(parse_partial(TEXT)), draw(q))
    page = side_by_side(
        scenes,
        (r"\mathrm{A}", r"\mathrm{B}"),
        [marked(s, r, ["g"]) for s, r in zip(scenes, (p, q), strict=True)],
        ({"g": "2"}, {"g": "1"}),
    )
    a, b = page.by_id["0:g"], page.by_id["1:g"]
    assert (a.note, b.note) == ("2", "1")
    assert b.x > a.x
    assert page.by_id["1:h"].x - page.by_id["1:x"].x == scenes[1].by_id["h"].x - scenes[1].by_id["x"].x
    assert page.highlight[1].edges == ("0:h>g:0", "1:h>g:0")
    svg = figure_of(page).svg()
    assert svg.count("<path") > 20
    assert r"\tilde" in figure_of(page).tikz()
