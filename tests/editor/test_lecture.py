"""Lecture mode of a session: what the window is sent, and what its messages may do."""

import pytest

import tpviz as tp
from tpviz.drawing.lecture import numbers


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Few and small runs."""
    monkeypatch.setattr(numbers, "WIDTHS", (2, 2.5))
    monkeypatch.setattr(numbers, "NETWORKS", 50)
    monkeypatch.setattr(numbers, "RUN", 3.0)


def done(window):
    window.session.lecture._worker.wait(60)
    return window.session.view.lecture_found


def ids(window):
    return [s["id"] for s in window.session.view.lecture["steps"]]


def test_all_steps_are_sent_at_once_and_numbers_follow(window):
    window.send(type="example", id="layernorm")
    window.send(type="select", nodes=["gate:s"], edges=[])
    window.act("lecture")
    lecture = window.session.view.lecture
    assert lecture["title"] == "Layer normalization"
    assert lecture["start"] == ids(window).index("line:s")
    found = done(window)
    assert found["done"]
    limit = tp.limit(window.session.program)
    assert found["steps"]["line:s"]["number"] == pytest.approx(limit.scalar("s"))
    assert found["steps"]["line:z"]["plot"]["marks"]
    window.send(type="lecture", op="leave")
    assert window.session.view.lecture is None
    assert window.session.selected_nodes == ("gate:s",)


def test_the_speakers_steps_are_edits_like_others(window):
    window.send(type="example", id="rnn")
    window.act("lecture")
    found = done(window)
    window.send(type="lecture", op="add", step="line:h2", name="Mine")
    assert ids(window)[3] == "own:1"
    assert window.session.view.lecture["start"] == 3
    window.send(type="lecture", op="light", step="own:1", style=2, nodes=["x1", "h2"], edges=["x1>h2:0"])
    assert window.session.view.lecture["steps"][3]["highlight"]["2"]["nodes"] == ["x1", "h2"]
    window.send(type="lecture", op="change", step="own:1", name="Named", note="n")
    assert window.session.view.lecture["steps"][3]["title"] == "Named"
    assert window.session.view.lecture_found == found  # what the speaker adds needs no new numbers
    stamp = window.session.view.lecture["stamp"]
    window.act("undo", "undo", "undo")
    assert "own:1" not in ids(window)
    assert window.session.view.lecture["stamp"] == stamp  # the window stays where it is
    window.act("redo")
    assert ids(window)[3] == "own:1"
    window.send(type="edit", key="x1", field="name", value="state")
    assert "line:state" in ids(window)


def test_wrong_messages_change_nothing(window):
    window.send(type="example", id="rnn")
    window.send(type="lecture", op="add", step="line:h2")  # not in lecture mode
    window.act("lecture")
    before = dict(window.session.state.marks)
    for message in (
        {"op": "light", "step": "line:\u202e\n", "nodes": ["x1"]},
        {"op": "change", "step": "line:nowhere", "name": "x"},
        {"op": "change", "step": "line:h2", "name": "x" * 500},
        {"op": "move", "step": "line:h2", "by": 1},
        {"op": "explode"},
        {"op": "light", "step": "line:h2", "style": 9},
        {"op": "change", "step": "line:h2", "name": 3},
    ):
        errors = len(window.errors)
        window.send(type="lecture", **message)
        assert len(window.errors) == errors + 1, message
    assert dict(window.session.state.marks) == before


def test_the_last_step_cannot_be_hidden(window):
    window.send(type="text", source="vector x ~ N(0, 1)\n")
    window.act("lecture")
    window.send(type="lecture", op="remove", step="line:x")
    assert "only step" in window.errors[-1]


def test_slides_are_downloaded(window):
    window.send(type="example", id="there_and_back")
    window.act("export:lecture-tex")
    window.session.lecture._exporter.wait(60)
    download = next(p for p in window.patches if p["type"] == "download")
    assert download["name"] == "there_and_back-lecture.tex"


def test_an_emptied_document_leaves_the_lecture(window):
    window.send(type="example", id="there_and_back")
    window.act("lecture")
    window.act("new")
    assert window.session.view.lecture is None
