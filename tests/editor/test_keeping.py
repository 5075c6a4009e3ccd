"""What the browser keeps comes back as it was; what is not a record is refused and nothing is lost."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.editor.session_window import Window
from tpviz.drawing import Document, save
from tpviz.drawing.edits import State
from tpviz.editor.history import History
from tpviz.editor.keeping import MOST_HISTORY
from tpviz.editor.kept_steps import Chain, step_from_json, step_to_json
from tpviz.editor.recovery import Shelf
from tpviz.editor.session import Session


class Browser:
    """The record that a window would keep, put together from the pieces that it is sent."""

    def __init__(self):
        self.record = {"steps": {}}
        self.acknowledged = []

    def take(self, patches) -> None:
        for patch in patches:
            if patch["type"] == "keep":
                patch = json.loads(json.dumps(patch))
                self.record.update(patch["set"])
                self.record["steps"].update(patch["steps"])
                wanted = {str(n) for n in self.record["past"] + self.record["future"]}
                self.record["steps"] = {k: v for k, v in self.record["steps"].items() if k in wanted}
                self.acknowledged.append(patch["ack"])
        patches.clear()


def opened(path=None, document=None):
    session = Session([], document, path)
    window = Window(session)
    return window


def reopened(record, path=None, document=None):
    window = opened(path, document)
    window.send(type="restore", record=json.loads(json.dumps(record)))
    return window


@pytest.fixture
def kept(window):
    """A window with some work in it, and what the browser kept of it."""
    window.send(type="restore")
    window.send(type="example", id="rnn")
    window.send(type="select", nodes=["x2"], edges=[])
    window.send(type="viewport", x=12.5, y=-3, zoom=0.8)
    window.act("tool:matmul")
    window.send(type="move", positions={"h1": [301, 402]})
    window.send(type="text", source=window.source + "y = tanh(h1)\n")
    window.act("undo")
    browser = Browser()
    browser.take(window.patches)
    return window, browser


def walk(window):
    """Every state of the history, from the oldest to the newest."""
    while window.session.history.undo_label:
        window.act("undo")
    seen = [window.session.state]
    while window.session.history.redo_label:
        window.act("redo")
        seen.append(window.session.state)
    return seen


def test_a_session_resumes_as_it_was(kept):
    window, browser = kept
    again = reopened(browser.record)
    a, b = window.session, again.session
    assert not again.errors
    assert b.document == a.document
    assert (b.name, b.selected_nodes, b.history.viewport) == (a.name, a.selected_nodes, (12.5, -3, 0.8))
    assert b.history.undo_label == a.history.undo_label
    assert {"type": "look", "viewport": [12.5, -3.0, 0.8]} in again.patches
    assert walk(again) == walk(window)
    again.session.close()


def test_pieces_hold_only_what_changed_and_say_what_is_in_them(window):
    window.send(type="restore")
    window.send(type="example", id="rnn", n=7)
    window.patches.clear()
    window.send(type="select", nodes=["x1"], edges=[], n=8)
    (piece,) = [p for p in window.patches if p["type"] == "keep"]
    assert piece["ack"] == 8
    assert set(piece["set"]) == {"nodes"}
    assert piece["steps"] == {}


def test_a_refused_message_is_acknowledged_too(window):
    window.send(type="restore")
    window.patches.clear()
    window.send(type="place", tool="wire", x=1, y=1, n=3)
    assert window.errors
    assert [p["ack"] for p in window.patches if p["type"] == "keep"] == [3]


def test_a_window_that_keeps_nothing_is_told_nothing(window):
    window.send(type="example", id="rnn", n=1)
    assert not [p for p in window.patches if p["type"] == "keep"]


def test_the_oldest_steps_are_dropped_when_there_is_no_room(window):
    window.send(type="restore")
    browser = Browser()
    for k in range(4):
        window.send(type="text", source="\n" * k + f"# {str(k) * (MOST_HISTORY // 5)}\nvector x ~ N(0, 1)\n")
        browser.take(window.patches)
    assert len(window.session.history.past) >= 2
    total = sum(len(s) for s in browser.record["steps"].values())
    assert total <= MOST_HISTORY
    assert len(browser.record["past"]) < len(window.session.history.past)
    again = reopened(browser.record)
    assert again.source == window.source
    assert not again.errors
    again.session.close()


NAMES = st.sampled_from(["x", "h", "gate:y", "pin:x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda v: st.lists(v, max_size=2),
    max_leaves=4,
)
STATES = st.builds(
    State,
    st.text(alphabet="abcé \n", max_size=12),
    st.dictionaries(NAMES, st.tuples(st.integers(-9, 9), st.floats(-9, 9)), max_size=4),
    st.dictionaries(NAMES, st.text(alphabet="ab\\", max_size=3), max_size=2),
    st.dictionaries(NAMES, JSON.filter(lambda v: v is not None), max_size=2),
)  # fmt: skip


@given(st.lists(STATES, min_size=1, max_size=6), st.integers(0, 6))
def test_steps_go_to_json_and_back(states, undone):
    history = History(State("", {}, {}))
    history.viewport = (1.0, 2.0, 0.5)
    for k, state in enumerate(states):
        history.push(state, f"step {k}", (), (str(k),))
    for _ in range(min(undone, len(history.past))):
        history.undo()
    read = {}
    for side, steps in ((0, history.past[::-1]), (1, history.future)):
        chain = Chain(history.present, side)
        for step in steps:
            back = step_from_json(step_to_json(step, None), None)
            assert back is not None
            assert chain.add(back)
        read[side] = chain.steps
    again = History()
    again.resume(history.present, read[0][::-1], read[1], None)
    for one in (history, again):
        while one.undo() is not None:
            pass
    assert again.present == history.present == State("", {}, {})
    while history.redo() is not None:
        assert again.redo() is not None
        assert again.present == history.present


WRONG = [
    ("format", 99, "newer"),
    ("format", None, "no format"),
    ("program", 3, "program is"),
    ("program", "a\x00b", "not text"),
    ("layout", {"x": ["a", 1]}, "layout"),
    ("layout", [1], "layout"),
    ("labels", {"x": "y" * 300}, "labels"),
    ("marks", "none", "marks"),
    ("view", {"inputs": "yes"}, "view"),
]


@pytest.mark.parametrize(("field", "value", "words"), WRONG, ids=[f"{f}-{w}" for f, _, w in WRONG])
def test_a_wrong_document_is_refused_whole(kept, field, value, words):
    _, browser = kept
    again = reopened({**browser.record, field: value})
    assert words in again.errors[0]
    assert again.session.is_empty
    assert {"type": "refused"} in again.patches
    again.session.close()


@pytest.mark.parametrize(
    "bad",
    [
        "not JSON",
        "[]",
        "[" * 100_000,
        '{"d": 3, "b": [], "a": []}',
        '{"d": "x", "b": [], "a": [], "s": [0, "not what is there", "nor this"]}',
        '{"d": "x", "b": [], "a": [], "s": [-1, "", ""]}',
        '{"d": "x", "b": [], "a": [], "l": {"x": [[1, 2, 3], null]}}',
        '{"d": "x", "b": [], "a": [], "l": {"x": [[1, NaN], null]}}',
        '{"d": "x", "b": [], "a": [], "t": {"x": ["\\n", null]}}',
        '{"d": "x", "b": [], "a": [], "m": {"x": [' + "[" * 50 + "]" * 50 + ", null]}}",
        '{"d": "x", "b": [], "a": [], "v": [1, 2, 0]}',
        '{"d": "x", "b": [], "a": [], "c": [1]}',
        '{"d": "x", "b": "ab", "a": []}',
        7,
    ],
)
def test_a_wrong_step_ends_the_history_and_the_drawing_is_there(kept, bad):
    window, browser = kept
    record = json.loads(json.dumps(browser.record))
    newest = record["past"][-2]
    record["steps"][str(newest)] = bad
    again = reopened(record)
    assert again.session.document == window.session.document
    assert "could not be read" in again.notices[0]
    assert len(again.session.history.past) == 1
    assert not again.errors
    again.session.close()


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=5), v, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["format", "program", "layout", "labels", "marks", "view", "extra", "name", "home", "past", "future", "steps", "nodes", "viewport", "base"])  # fmt: skip


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(FIELDS, ANY, min_size=1, max_size=4))
def test_no_record_can_break_a_session(kept, changes):
    _, browser = kept
    again = opened()
    again.send(type="restore", record={**browser.record, **changes})
    assert "does not know why" not in " ".join(again.notices)
    assert again.session.is_empty or again.session.program is not None
    again.act("tool:vector")
    assert "vector" in again.source
    again.session.close()


def test_a_file_that_changed_on_disk_meanwhile_is_there_and_so_is_the_work(tmp_path):
    path = tmp_path / "lecture.tpviz"
    first, disk = Document.from_text("vector x ~ N(0, 1)\n"), Document.from_text("vector other ~ N(0, 1)\n")
    save(first, path)
    window = opened(path, first)
    window.send(type="restore")
    window.send(type="text", source="vector x ~ N(0, 1)\ny = relu(x)\n")
    browser = Browser()
    browser.take(window.patches)
    again = reopened(browser.record, path, disk)
    assert "y = relu(x)" in again.source
    assert "changed by another program" in again.notices[0]
    again.act("redo")
    assert again.source == disk.source
    again.act("undo", "undo")
    assert again.source == first.source
    assert again.session.path == path
    again.session.close()
    window.session.close()


def test_work_on_a_file_resumes_and_knows_what_is_saved(tmp_path):
    path = tmp_path / "lecture.tpviz"
    first = Document.from_text("vector x ~ N(0, 1)\n")
    window = opened(path, first)
    window.send(type="restore")
    window.send(type="text", source="vector x ~ N(0, 1)\ny = relu(x)\n")
    browser = Browser()
    browser.take(window.patches)
    again = reopened(browser.record, path, first)
    assert not again.session.history.clean
    assert again.session.view.frame["unsaved"]
    again.act("undo")
    assert again.session.state.source == first.source
    window.session.close()
    again.session.close()


def test_a_record_never_says_where_to_write(tmp_path, kept):
    _, browser = kept
    victim = tmp_path / "victim.tpviz"
    record = {**browser.record, "home": str(victim), "on_file": True, "path": str(victim)}
    again = reopened(record)
    assert again.session.path is None
    again.act("save")
    assert not victim.exists()
    again.session.close()


def test_a_recovered_drawing_beside_another_is_a_step_that_can_be_undone(kept):
    window, browser = kept
    other = opened()
    other.send(type="restore")
    other.act("tool:vector")
    source = other.source
    other.send(type="restore", record=json.loads(json.dumps(browser.record)), own=False)
    assert other.source == window.source
    other.act("undo")
    assert other.source == source
    other.session.close()


def test_undo_goes_back_to_what_was_in_view(window):
    window.send(type="example", id="rnn")
    window.send(type="viewport", x=5, y=6, zoom=1)
    window.send(type="move", positions={"x1": [900, 900]})
    window.send(type="viewport", x=-2000, y=-2000, zoom=2)
    window.act("undo")
    look = [p for p in window.patches if p["type"] == "look"][-1]
    assert look["viewport"] == (5, 6, 1)
    assert [900, 900] in look["points"]


def test_a_step_of_the_history_can_be_reached_at_once(kept):
    window, _ = kept
    states = walk(window)
    window.send(type="travel", by=2 - len(states))
    assert window.session.state == states[1]
    window.send(type="travel", by=len(states) - 2)
    assert window.session.state == states[-1]


def test_showing_inputs_is_undone(window):
    window.send(type="example", id="rnn")
    before = dict(window.session.view_state)
    window.act("inputs")
    assert window.session.view_state != before
    window.act("undo")
    assert window.session.view_state == before


def test_typing_is_one_step_a_line(window):
    for source in (
        "v",
        "vector x ~ N(0, 1)",
        "vector x ~ N(0, 1)\n",
        "vector x ~ N(0, 1)\ny",
        "vector x ~ N(0, 1)\ny = relu(x)",
    ):
        window.send(type="text", source=source)
    assert [s.description for s in window.session.history.past] == ["Edit line 1", "Edit line 2"]


# recovery files


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "state", "me")


def test_a_crashed_process_leaves_its_unsaved_work(shelf, kept):
    window, browser = kept
    key = browser.record["key"]
    other = Shelf(shelf.folder, "other")
    other.keep(key, "rnn.tpviz", browser.record)
    assert shelf.entries() == []  # its process, this one, runs
    file = shelf.folder / f"{key}.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "pid": 2**22 + 5}))
    (entry,) = shelf.entries()
    assert (entry.key, entry.name) == (key, "rnn.tpviz")
    again = opened()
    again.session.keeper.shelf = shelf
    again.send(type="restore")
    assert [p["entries"][0]["key"] for p in again.patches if p["type"] == "shelf"] == [key]
    again.send(type="recover", key=key)
    assert again.session.document == window.session.document
    assert walk(again) == walk(window)
    again.session.keeper.put_away()
    assert shelf.entries() == []
    again.send(type="discard", key=key)  # it is this window's own now
    assert shelf.read(key) is not None
    again.session.close()


def test_a_closed_tab_leaves_what_is_unsaved_and_nothing_else(shelf):
    for unsaved in (True, False):
        window = opened()
        window.session.keeper.shelf = shelf
        window.send(type="restore")
        window.act("tool:vector")
        if not unsaved:
            window.act("save")
        window.session.keeper.put_away()
        window.session.close()
        assert len(shelf.entries()) == 1
    assert len(list(shelf.folder.iterdir())) == 1


def test_a_reloaded_tab_takes_its_file_along(shelf):
    window = opened()
    window.session.keeper.shelf = shelf
    window.send(type="restore")
    window.act("tool:vector")
    window.session.keeper.put_away()
    browser = Browser()
    browser.take(window.patches)
    again = opened()
    again.session.keeper.shelf = Shelf(shelf.folder, "again")
    again.send(type="restore", record=browser.record)
    again.session.keeper.put_away()
    window.session.close()  # the server learns late that the old page is gone
    assert shelf.read(browser.record["key"]) is not None
    assert shelf.entries() == []
    again.session.close()


def test_what_is_no_recovery_file_is_left_alone(shelf):
    shelf.folder.mkdir()
    (shelf.folder / "notes.json").write_text("mine")
    (shelf.folder / f"{'a' * 24}.json").write_text("{broken")
    assert shelf.entries() == []
    assert shelf.read("../notes") is None
    assert shelf.read("a" * 24) is None
    shelf.discard("../notes")
    assert (shelf.folder / "notes.json").read_text() == "mine"


def test_there_are_at_most_twenty_recovery_files(shelf):
    for k in range(25):
        shelf.keep(f"{k:024x}", f"{k}", {"format": 1}, open=False)
    assert len(shelf.entries()) == 20
    assert len(list(shelf.folder.iterdir())) == 20


def test_a_folder_that_refuses_is_said_once(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    window = opened()
    window.session.keeper.shelf = Shelf(blocked / "state", "me")
    window.send(type="restore")
    window.act("tool:vector")
    window.session.keeper.put_away()
    window.session.keeper.put_away()
    assert len([e for e in window.errors if "recovery file" in e]) == 1
    window.session.close()


# the clipboard and snapshots


def test_the_window_has_what_copy_takes(window):
    window.send(type="example", id="rnn")
    assert window.session.view.clipboard["text"] == ""
    window.send(type="select", nodes=["h2"], edges=[])
    clip = window.session.view.clipboard
    assert "h2 = W @ x1" in clip["text"]
    assert clip["nodes"] == ["h2"]
    assert set(clip["layout"]) == {"h2"}


def test_paste_cut_and_duplicate_are_steps(window):
    window.send(type="example", id="rnn")
    start = window.session.state
    window.send(type="select", nodes=["h2"], edges=[])
    window.act("duplicate")
    assert "h1 = W @ x1" in window.source or "h4 = W @ x1" in window.source
    assert window.session.history.undo_label.startswith("Duplicate")
    window.act("undo")
    window.send(type="select", nodes=["u3"], edges=[])
    clip = dict(window.session.view.clipboard)
    window.act("cut")
    assert window.session.history.undo_label == "Cut u3"
    window.send(type="paste", text=clip["text"], layout=clip["layout"], labels={}, view=[-1e4, -1e4, 1e4, 1e4])
    assert window.session.history.undo_label.startswith("Paste")
    window.act("undo", "undo")
    assert window.session.state == start


def test_a_document_on_the_clipboard_is_pasted_as_its_program(window):
    window.send(
        type="paste",
        text='{"format": "tpviz", "version": 1, "program": "vector q ~ N(0, 1)\\n", "layout": {"q": [3, 4]}}',
    )
    assert window.source == "vector q ~ N(0, 1)\n"
    assert window.session.scene.positions["q"] == (3, 4)


def test_what_is_no_program_is_refused_and_nothing_is_lost(window):
    window.act("tool:vector")
    source = window.source
    window.send(type="paste", text="Dear colleague,")
    assert "no program text" in window.errors[0]
    window.send(type="paste", text="{}")
    window.send(type="paste", text="vector a ~ N(0, 1)", layout={"a": ["x", 1]})
    assert len(window.errors) == 3
    assert window.source == source


def test_a_snapshot_is_restored_as_a_step(window):
    window.send(type="example", id="rnn")
    name, start = window.session.name, window.session.state
    window.send(
        type="snapshot-open",
        name="before",
        document={"program": "vector x ~ N(0, 1)\n", "layout": {"x": [1, 2]}, "extra": {}},
    )
    assert window.source == "vector x ~ N(0, 1)\n"
    assert window.session.name == name
    assert not window.session.history.clean
    assert window.session.history.undo_label == "Restore the snapshot before"
    window.act("undo")
    assert window.session.state == start


def test_a_snapshot_is_held_beside_the_drawing(window):
    window.act("tool:vector")
    source = window.source
    window.send(type="snapshot-compare", name="before", document={"program": "vector x ~ N(0, 1)\n", "layout": {}})
    held = window.session.comparing.version
    assert held is not None
    assert held.name == [{"text": "before"}]
    assert window.source == source
    window.act("compare-keep")
    assert window.source == "vector x ~ N(0, 1)\n"
    window.send(type="snapshot-compare", name="bad", document={"program": 3})
    assert window.errors


@pytest.mark.parametrize(
    "document", [{}, {"program": 3}, {"program": "x", "layout": 3}, {"program": "x", "extra": {"view": 3}}]
)
def test_a_snapshot_that_is_none_changes_nothing(window, document):
    window.act("tool:vector")
    source = window.source
    window.send(type="snapshot-open", name="bad", document=document)
    if window.source != source:  # further fields of the document never count as its own
        assert document.get("extra")
        assert window.source == "x"
    else:
        assert window.errors
