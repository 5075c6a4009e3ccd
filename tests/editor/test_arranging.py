"""Arranging in a session: pins, groups and small moves as intents and actions, each one step of undo."""

import pytest

from tests.drawing.test_layout import check_scene

STEP = ["h2", "gate:x2", "x2", "u2"]


def open_rnn(window, select=()):
    window.send(type="example", id="rnn")
    window.settle()
    window.send(type="select", nodes=list(select), edges=[])


def rows(window):
    return {a["name"]: a for a in window.session.view.actions}


def drawn(window):
    return {n["id"]: n for n in window.session.view.scene["nodes"]}


def test_tidy_leaves_a_pinned_node(window):
    open_rnn(window, ["x2"])
    window.send(type="move", positions={"x2": [500, 300], "h3": [900, 400]})
    window.act("pin")
    assert drawn(window)["x2"]["pinned"]
    assert rows(window)["pin"]["checked"]
    window.act("tidy")
    assert (drawn(window)["x2"]["x"], drawn(window)["x2"]["y"]) == (500, 300)
    assert drawn(window)["h3"]["y"] != 400
    window.act("undo")
    assert (drawn(window)["h3"]["x"], drawn(window)["h3"]["y"]) == (900, 400)
    window.act("undo")
    assert "pinned" not in drawn(window)["x2"]


def test_nudges_are_one_step(window):
    open_rnn(window, ["x1", "u1"])
    before = drawn(window)
    window.act("nudge:right", "nudge:right", "nudge-by-1:up")
    after = drawn(window)
    assert (after["x1"]["x"] - before["x1"]["x"], after["x1"]["y"] - before["x1"]["y"]) == (16, -1)
    assert after["x2"] == before["x2"]
    window.act("undo")
    assert drawn(window) == before


def test_a_group_is_made_named_opened_and_taken_away(window):
    open_rnn(window, STEP)
    before = drawn(window)
    window.act("group")
    assert window.session.selected_nodes == ("group:1",)
    assert set(before) - set(drawn(window)) == set(STEP)
    shown = window.session.view.inspector
    assert (shown["key"], shown["fields"][0]["value"]) == ("group:1", "group 1")
    assert {"type": "focus", "field": "name", "key": "group:1"} in window.patches
    window.send(type="edit", key="group:1", field="name", value="step 2")
    assert drawn(window)["group:1"]["tex"] == r"\mathrm{step\ 2}"
    window.send(type="edit", key="group:1", field="name", value="x" * 50)
    assert "longer than 40" in window.session.view.inspector["fields"][0]["error"]
    window.act("toggle-group")
    assert set(window.session.selected_nodes) == set(STEP)
    assert window.session.view.scene["frames"] == [
        {"id": "1", "name": "step 2", "members": ["h2", "gate:x2", "x2", "u2"]}
    ]
    assert {id: (n["x"], n["y"]) for id, n in drawn(window).items()} == {
        id: (n["x"], n["y"]) for id, n in before.items()
    }
    window.act("ungroup")
    assert "frames" not in window.session.view.scene
    window.act("undo", "undo", "undo", "undo")
    assert drawn(window) == before


def test_the_program_does_not_change(window):
    open_rnn(window, STEP)
    source = window.source
    kernel = window.session.view.results["kernel"]["labels"]
    window.act("group", "tidy", "toggle-group", "align:middle", "pin")
    window.settle()
    assert window.source == source
    assert window.session.view.results["kernel"]["labels"] == kernel
    assert not window.errors


def test_deleting_a_group_deletes_its_members(window):
    open_rnn(window, ["x3", "gate:x3"])
    window.act("group", "delete")
    assert "x3" not in window.source.split("output")[0].replace("xi3", "")
    window.act("undo")
    assert "group:1" in drawn(window)


@pytest.mark.parametrize("intent", [
    {"type": "connect", "tool": "wire", "source": "group:1", "target": "gate:x3"},
    {"type": "connect", "tool": "matmul", "source": "x1", "target": "group:1"},
    {"type": "action", "name": "tool:nonlin"},
])  # fmt: skip
def test_drawing_at_a_closed_group_says_what_to_do(window, intent):
    open_rnn(window, STEP)
    window.act("group")
    source = window.source
    window.send(**intent)
    assert "Open it first" in window.errors[-1]
    assert window.source == source


def test_a_path_lights_the_group(window):
    open_rnn(window, STEP)
    window.act("group")
    window.send(type="select", nodes=[], edges=[])
    window.act("highlight-path")
    window.send(type="pick", id="x1")
    window.send(type="pick", id="x3")
    lit = window.session.view.highlight["1"]
    assert "group:1" in lit["nodes"]
    assert "x1>h2:0" in lit["edges"]
    assert r"x^{2}" in window.session.view.legend[0]["tex"].replace("x^2", "x^{2}")


def test_exports_show_the_group(window):
    open_rnn(window, STEP)
    window.act("group")
    for suffix in ("svg", "pdf", "png", "tex"):
        window.send(type="export", format=suffix)
    assert len([p for p in window.patches if p["type"] == "download"]) == 4
    assert not window.errors


def test_the_steps_are_grouped_by_one_action(window):
    open_rnn(window)
    before = drawn(window)
    window.act("group-steps")
    groups = [n for n in drawn(window) if n.startswith("group:")]
    assert groups == ["group:1", "group:2"]
    window.act("undo")
    assert drawn(window) == before
    window.send(type="example", id="there_and_back")
    window.act("group-steps")
    assert "Nothing repeats" in window.errors[-1]


def test_a_backward_pass_can_be_added_while_a_group_is_closed(window):
    open_rnn(window, STEP)
    window.act("group", "backprop")
    assert "dx1" in drawn(window)
    assert not window.errors
    window.act("toggle-groups", "tidy")
    assert not window.errors


def test_snapping_is_remembered_with_the_document(window):
    open_rnn(window)
    assert window.session.view.frame["snap"] is False
    window.act("snap")
    assert window.session.view.frame["snap"] is True
    assert window.session.document.view["snap"] is True
    assert rows(window)["snap"]["checked"]


@pytest.mark.parametrize("name", ["convolution", "rnn", "attention", "layernorm"])
def test_a_backward_pass_that_is_added_crosses_no_node(window, name):
    window.send(type="example", id=name)
    window.act("backprop")
    check_scene(window.session.scene)
    assert not window.errors
