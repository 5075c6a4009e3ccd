"""Copied parts are programs; pasting one adds it a second time, sharing what both declare alike."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx import is_isomorphic

from tests.drawing.programs import ALL
from tpviz.drawing.edits import Clip, EditError, State, copy, duplicate, paste
from tpviz.drawing.edits.copying import OUTSIDE
from tpviz.drawing.edits.lines import Sheet
from tpviz.drawing.edits.state import nodes_of
from tpviz.language import parse, parse_partial

RNN = """\
# a recurrent network
constant sw2 = 2
matrix W ~ N(0, sw2/n)    # hidden to hidden
vector u1, u2 ~ N([0, 0], [[1, 0.5], [0.5, 2]])
function phi(z) = relu(z)
readout v ~ N(0, 1)

x1 = phi(u1)          # first state
h2 = W @ x1
x2 = phi(h2 + u2)
output f = v.T @ x2 / sqrt(n)
"""
CLASSES = """\
width m = 2*n
matrix A : m x n ~ N(0, 1/n)
vector x ~ N(0, 1)
vector c : m ~ N(0, 1)
y = A @ x
z = tanh(y + c)
"""


def code(text):
    return [line.split("#")[0].strip() for line in text.splitlines() if line.split("#")[0].strip()]


def added(state, change):
    old = code(state.source)
    return [line for line in code(change.source) if line not in old or old.remove(line)]


def errors(text):
    return [d for d in parse_partial(text).diagnostics if d.severity == "error"]


# copying


def test_a_copied_part_is_a_program_of_its_own():
    clip = copy(State(RNN), ["h2", "x2"])
    assert code(clip.text) == [
        "constant sw2 = 2",
        "matrix W ~ N(0, sw2/n)",
        "vector u2 ~ N(0, 2)",
        "function phi(z) = relu(z)",
        "vector x1 ~ N(0, 1)",
        "h2 = W @ x1",
        "x2 = phi(h2 + u2)",
    ]
    marked = [line for line in clip.text.splitlines() if OUTSIDE in line]
    assert code("\n".join(marked)) == ["vector u2 ~ N(0, 2)", "vector x1 ~ N(0, 1)"]
    parse(clip.text)


def test_comments_of_the_chosen_lines_are_copied():
    assert "x1 = phi(u1)          # first state" in copy(State(RNN), ["x1"]).text


def test_a_gate_brings_its_result():
    assert "x1 = phi(u1)" in copy(State(RNN), ["gate:x1"]).text


def test_what_comes_from_outside_has_its_class():
    clip = copy(State(CLASSES), ["z"])
    assert f"vector y : m ~ N(0, 1)  {OUTSIDE}" in clip.text
    assert "width m = 2*n" in clip.text
    parse(clip.text)


def test_nothing_chosen_is_no_text():
    assert copy(State(RNN), []).text == ""
    assert copy(State(RNN), ["nobody", "ghost:q:0"]).text == ""


def test_an_edge_alone_is_the_product_it_leads_to():
    assert "h2 = W @ x1" in copy(State(RNN), [], ["x1>h2:0"]).text


# pasting


def test_pasting_beside_the_original_is_tied_and_reads_the_same():
    state = State(RNN, {"h2": (10, 20), "x2": (80, 20), "gate:x2": (50, 20)})
    change = paste(state, copy(state, ["h2", "gate:x2", "x2"]))
    assert added(state, change) == ["h3 = W @ x1", "x3 = phi(h3 + u2)"]
    assert set(change.selection) == {"h3", "x3", "gate:x3"}
    assert (change.layout["h3"], change.layout["x3"]) == ((10, 112), (80, 112))
    assert change.description == "Paste h3, x3"


def test_with_new_matrices_it_is_untied():
    change = paste(State(RNN), copy(State(RNN), ["h2", "x2"]), untied=True)
    assert added(State(RNN), change) == ["matrix W2 ~ N(0, sw2/n)", "h3 = W2 @ x1", "x3 = phi(h3 + u2)"]


def test_in_an_empty_document_it_is_what_was_copied():
    clip = copy(State(RNN), ["h2", "x2"])
    change = paste(State(""), clip)
    assert sorted(code(change.source)) == sorted(code(clip.text))
    assert OUTSIDE not in change.source
    parse(change.source)


def test_another_matrix_of_that_name_is_not_shared():
    target = State("matrix W ~ N(0, 9/n)\nvector x1 ~ N(0, 4)\nconstant sw2 = 2\n")
    change = paste(target, copy(State(RNN), ["h2"]))
    assert added(target, change) == ["matrix W2 ~ N(0, sw2/n)", "h2 = W2 @ x1"]
    parse(change.source)


def test_another_constant_is_followed_into_what_uses_it():
    target = State("constant sw2 = 3\nmatrix W ~ N(0, sw2/n)\n")
    change = paste(target, copy(State(RNN), ["h2"]))
    assert added(target, change) == [
        "constant sw3 = 2",
        "matrix W2 ~ N(0, sw3/n)",
        "vector x1 ~ N(0, 1)",
        "h2 = W2 @ x1",
    ]
    parse(change.source)


def test_a_name_of_another_kind_is_not_what_is_meant():
    target = State("scalar x1 = 2\n")
    change = paste(target, copy(State(RNN), ["h2"]))
    assert "vector x2 ~ N(0, 1)" in code(change.source)
    assert "h2 = W @ x2" in code(change.source)
    parse(change.source)


def test_a_parameter_of_a_function_is_not_taken_for_a_name():
    text = "constant c = 2\nfunction f(c2) = c2*c\nvector x ~ N(0, 1)\ny = f(x)\n"
    target = State("constant c = 5\n")
    change = paste(target, copy(State(text), ["x", "y"]))
    assert "function f(c2) = c2*c3" in code(change.source)
    parse(change.source)


def test_program_text_from_anywhere_is_pasted_with_fresh_names():
    change = paste(State("vector x ~ N(0, 1)\n"), Clip("# mine\nvector x ~ N(0, 4)  # wide\ny = tanh(x)\n"))
    assert code(change.source) == ["vector x ~ N(0, 1)", "vector x2 ~ N(0, 4)", "y = tanh(x2)"]
    assert "# wide" in change.source
    parse(change.source)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Dear colleague,\nsee you tomorrow", "no program text"),
        ("", "no program text"),
        ("vector x ~ N(0, 1)\nthis is not a line\n", "Line 2 of what was copied"),
        ("x = relu(\n", "Line 1 of what was copied"),
        ("x = relu(y)\nx = tanh(y)\n", "defines x twice"),
        ("# only a comment", "no program text"),
        ("x" * 2_000_000, "too large"),
        ("a = b\n" * 30_000, "too large"),
    ],
)
def test_what_is_no_program_is_refused(text, words):
    with pytest.raises(EditError, match=words):
        paste(State(RNN), Clip(text))


def test_what_adds_nothing_says_so():
    with pytest.raises(EditError, match="here already"):
        paste(State(RNN), Clip("matrix W ~ N(0, sw2 / n)\n"))


def test_a_pasted_part_comes_into_view():
    state = State("vector x ~ N(0, 1)\n", {"x": (0, 0)})
    change = paste(State(""), copy(state, ["x"]), view=(1000, 1000, 1200, 1200))
    assert change.layout["x"] == (1100, 1100)


def test_labels_go_along():
    state = State(RNN, {}, {"h2": "\\tilde h"})
    assert duplicate(state, ["h2"]).labels == {"h2": "\\tilde h", "h3": "\\tilde h"}


def test_half_drawn_lines_are_copied_too():
    state = State("matrix W ~ N(0, 1/n)\nh = W @ ?\ny = phi(?, h)\nz = W @ relu(h)\n")
    change = duplicate(state, ["h", "y", "z"])
    assert added(state, change) == ["h2 = W @ ?", "y2 = phi(?, h2)", "z2 = W @ relu(h2)"]


def test_a_duplicate_of_nothing_is_refused():
    with pytest.raises(EditError, match="Nothing is selected"):
        duplicate(State(RNN), [])


# any part of any program


@st.composite
def parts(draw):
    source = ALL[draw(st.sampled_from(sorted(ALL)))]
    nodes = sorted(nodes_of(Sheet.of(source)))
    return source, draw(st.lists(st.sampled_from(nodes), min_size=1, max_size=8, unique=True))


@settings(max_examples=80, deadline=None)
@given(parts())
def test_a_copy_of_any_part_is_a_program(part):
    source, nodes = part
    clip = copy(State(source), nodes)
    assert errors(clip.text) == []
    change = paste(State(""), clip)
    assert errors(change.source) == []


@settings(max_examples=80, deadline=None)
@given(parts(), st.booleans())
def test_a_duplicate_of_any_part_breaks_nothing_and_keeps_the_original(part, untied):
    source, nodes = part
    state = State(source)
    if all(Sheet.of(source).kind(n) in ("readout", "bias") for n in nodes):
        with pytest.raises(EditError, match="here already"):  # they are shared, so alone they add nothing
            paste(state, copy(state, nodes), untied=untied)
        return
    change = paste(state, copy(state, nodes), untied=untied)
    assert errors(change.source) == []
    kept = code(change.source)
    for line in code(source):
        assert line in kept
    before, after = parse(source), parse(change.source)
    assert set(after.vectors) >= set(before.vectors)
    assert (set(after.matrices) == set(before.matrices)) or untied


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_copy_of_the_whole_is_the_program(name):
    source = ALL[name]
    change = paste(State(""), copy(State(source), sorted(nodes_of(Sheet.of(source)))))
    assert Counter(map(str, parse(change.source).instructions)) == Counter(map(str, parse(source).instructions))


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_duplicate_of_the_whole_is_isomorphic_and_tied(name):
    source = ALL[name]
    change = duplicate(State(source), sorted(nodes_of(Sheet.of(source))))
    old = parse(source).graph()
    both = parse(change.source).graph()
    shared = [n for n in old if Sheet.of(source).kind(n.removeprefix("gate:")) in ("readout", "bias")]
    twin = both.subgraph(set(both) - set(old))
    old = old.subgraph(set(old) - set(shared))

    def edges_match(a, b):
        """All parallel edges: by the same matrix, into the same slot."""
        return Counter((e.get("matrix"), e.get("transposed"), e.get("slot")) for e in a.values()) == Counter(
            (e.get("matrix"), e.get("transposed"), e.get("slot")) for e in b.values()
        )

    assert is_isomorphic(old, twin, node_match=lambda a, b: a["kind"] == b["kind"], edge_match=edges_match)
