"""What is typed into the program text, in the session: places kept, one history, drags, fixes by message."""

import itertools

from tpviz.drawing import edits
from tpviz.drawing.edits import Remembered, State
from tpviz.drawing.layout import layout

MLP = "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\nh1 = W @ x\nx1 = tanh(h1)\nh2 = W @ x1\nx2 = tanh(h2)\n"
_stamps = itertools.count(1)


def typed(window, source, **more):
    link = window.session.link
    window.send(type="text", source=source, stamp=next(_stamps), base=link.version, **more)


def keys(window, old, *steps):
    """Each step replaces a piece, as keys would."""
    for before, after in steps:
        assert before in old
        old = old.replace(before, after, 1)
        typed(window, old)
    return old


def places(window):
    return {n.id: (n.x, n.y) for n in window.session.scene.nodes}


def test_a_half_typed_line_keeps_the_place_of_its_node(window):
    typed(window, MLP)
    window.send(type="move", positions={"x1": [300, 200], "gate:x1": [250, 210]})
    before = places(window)
    text = keys(
        window, MLP, ("x1 = tanh(h1)", "x1 = tan(h1)"), ("x1 = tan(h1)", "x1 = "), ("x1 = ", "x1"), ("x1\n", "x\n")
    )
    text = keys(
        window, text, ("\nx\n", "\n\n"), ("\n\n", "\nx\n"), ("\nx\n", "\nx1\n"), ("\nx1\n", "\nx1 = tanh(h1)\n")
    )
    assert text == MLP
    assert places(window) == before


def test_a_name_that_is_typed_anew_keeps_the_place(window):
    typed(window, MLP)
    window.send(type="move", positions={"x1": [300, 200], "gate:x1": [250, 210]})
    # x is the name of another vector on the way from x1 to xy
    keys(window, MLP, ("\nx1 = tanh", "\nx = tanh"), ("\nx = tanh", "\nxy = tanh"), ("@ x1", "@ xy"))
    assert places(window)["xy"] == (300, 200)
    assert places(window)["gate:xy"] == (250, 210)


def test_a_name_whose_first_letter_is_typed_anew_keeps_the_place_though_a_ghost_stood_there(window):
    typed(window, MLP)
    before = places(window)
    keys(window, MLP, ("\nx1 = ", "\n1 = "), ("\n1 = ", "\ns1 = "))
    assert places(window)["s1"] == before["x1"]
    assert places(window)["gate:s1"] == before["gate:x1"]


def test_a_deleted_line_that_comes_back_returns_to_its_place_unless_it_is_taken(window):
    typed(window, MLP)
    window.send(type="move", positions={"x2": [500, 333]})
    without = MLP.replace("x2 = tanh(h2)\n", "")
    typed(window, without)
    assert "x2" not in places(window)
    typed(window, without + "z = relu(h2)\nx2 = tanh(h2)\n")
    assert places(window)["x2"] == (500, 333)
    typed(window, without)
    typed(window, without + "vector z ~ N(0, 1)\n")
    window.send(type="move", positions={"z": [500, 333]})
    typed(window, without + "vector z ~ N(0, 1)\nx2 = tanh(h2)\n")
    assert places(window)["x2"] != (500, 333)


def test_remembering_is_pure():
    state = State(MLP, {"x2": (1, 2)})
    change = edits.set_source(state, MLP.replace("x2 = tanh(h2)", "x2"), Remembered())
    assert change.layout["x2"] == (1, 2)


def test_typing_in_one_line_is_one_step_and_another_line_another(window):
    typed(window, MLP)
    window.session.history.reset(window.session.state)
    text = keys(window, MLP, ("1/n", "12/n"), ("12/n", "123/n"))
    keys(window, text, ("x2 = tanh(h2)", "x2 = tanh(h2) "), ("tanh(h2) ", "tanh(h2) + h2"))
    window.act("undo")
    assert window.source == text
    window.act("undo")
    assert window.source == MLP
    window.act("undo")
    assert window.source == MLP


def test_a_drag_is_one_step_however_long_and_does_not_break_the_program(window, monkeypatch):
    import time

    clock = itertools.count(100.0, 5.0)
    typed(window, MLP)
    window.session.history.reset(window.session.state)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    typed(window, MLP.replace("1/n", "1.5/n"), drag=7)
    typed(window, MLP.replace("1/n", "1.8/n"), drag=7)
    typed(window, MLP.replace("1/n", "-1/n"), drag=7)  # a variance below 0 is refused …
    assert "1.8/n" in window.source
    assert window.session.view.text["source"] == window.source
    typed(window, MLP.replace("1/n", "2.5/n"), drag=7)
    window.act("undo")
    assert window.source == MLP


def test_an_edit_of_the_drawing_and_a_key_that_crosses_it_are_both_kept(window):
    typed(window, MLP)
    base = window.session.link.version
    window.act("tool:vector")
    drawn = window.source
    assert drawn != MLP
    window.send(type="text", source=MLP.replace("tanh(h2)", "tanh(h2) + h2"), stamp=10**6, base=base)
    assert window.source == drawn.replace("tanh(h2)", "tanh(h2) + h2")
    assert window.session.view.text["stamp"] == 10**6


def test_a_fix_is_found_by_its_message_when_the_text_has_changed(window):
    typed(window, MLP + "y = W @ tanh(x2)\nz = lost + x\n")
    problems = window.session.view.text["problems"]
    lost = next(p for p in problems if "lost" in p["message"])
    window.send(type="fix", index=0, message=lost["message"])
    assert "vector lost ~ N(0, 1)" in window.source
    assert "y = W @ tanh(x2)" in window.source
    window.send(type="fix", index=0, message="gone")
    assert "y = W @ tanh(x2)" in window.source


def test_names_for_the_completion(window):
    typed(window, MLP + "function phi(z) = relu(z)\nreadout v ~ N(0, 1)\nq = mean(x2)\nbroken = phi(\n")
    names = {n["name"]: n for n in window.session.view.text["names"]}
    roles = {k: n["role"] for k, n in names.items()}
    assert roles == {"W": "matrix", "x": "vector", "h1": "vector", "x1": "vector", "h2": "vector", "x2": "vector",
                     "phi": "function", "v": "readout", "q": "scalar", "broken": "vector"}  # fmt: skip
    assert names["h2"]["line"] == 5
    assert names["h2"]["width"] == "n"


def test_a_node_placed_while_its_line_was_half_typed_goes_beside_its_neighbour_once_joined(window):
    typed(window, MLP)
    window.send(type="move", positions={"x": [-8, 0]})  # arranged by hand
    before = places(window)
    for line in ("y", "y =", "y = W", "y = W @", "y = W @ x", "y = W @ x2"):
        typed(window, MLP + line + "\n")
    whole = places(window)
    assert {k: whole[k] for k in before} == before
    assert whole["y"][1] == before["x2"][1]
    assert 40 < whole["y"][0] - before["x2"][0] < 200
    typed(window, (MLP + "y = W @ x2\n").replace("1/n", "2/n"))
    typed(window, (MLP + "y = W @ x1\n").replace("1/n", "2/n"))  # another line was typed: it stays
    assert places(window) == whole


def test_a_node_that_was_moved_before_it_was_joined_stays(window):
    typed(window, MLP)
    typed(window, MLP + "vector y ~ N(0, 1)\n")
    window.send(type="move", positions={"y": [123, 456]})
    typed(window, MLP + "vector y ~ N(0, 1)\nz = y + x2\n")
    assert places(window)["y"] == (123, 456)


def test_a_program_that_is_typed_from_nothing_key_by_key_is_laid_out_as_if_it_were_opened(window):
    text = (
        "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\nvector b ~ N(0, 1)\nh = W @ x\ng = h + b\ny = relu(g)\nk = W.T @ y\n"
    )
    for end in range(1, len(text) + 1):
        typed(window, text[:end])
    session = window.session
    assert places(window) == {k: tuple(p) for k, p in layout(session.sketch).items()}
    window.send(type="move", positions={"x": [-40, 300]})  # what a person places stays
    for end in range(1, 13):
        typed(window, text + "z = tanh(k)\n"[:end])
    assert places(window)["x"] == (-40, 300)
    assert places(window)["y"] == tuple(layout(session.sketch)["y"])


def test_nodes_that_are_joined_to_nothing_stand_in_a_row_also_when_typed_one_after_the_other(window):
    typed(window, "vector a ~ N(0, 1)\n")
    typed(window, "vector a ~ N(0, 1)\nvector b ~ N(0, 1)\n")
    typed(window, "vector a ~ N(0, 1)\nvector b ~ N(0, 1)\nscalar c = 1\n")
    (ax, ay), (bx, by), (cx, cy) = (places(window)[id] for id in "abc")
    assert ay == by == cy
    assert ax < bx < cx
