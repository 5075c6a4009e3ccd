"""Undo and redo as inverses, repeats collapsed."""

from hypothesis import given
from hypothesis import strategies as st

from tpviz.drawing.edits import State
from tpviz.editor.history import History, delta

NAMES = st.sampled_from(["x", "h", "gate:y", "y"])
STATES = st.builds(
    State,
    st.text(alphabet="abc \n", max_size=12),
    st.dictionaries(NAMES, st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=4),
    st.dictionaries(NAMES, st.text(max_size=3), max_size=2),
)


@given(STATES, STATES)
def test_a_delta_goes_both_ways(old, new):
    d = delta(old, new)
    assert d.apply(old) == new
    assert d.revert(new) == old


@given(st.lists(STATES, min_size=1, max_size=8))
def test_undo_then_redo_is_the_identity(states):
    history = History(State("", {}, {}))
    seen = [history.present]
    for k, s in enumerate(states):
        if s != history.present:
            history.push(s, "edit", (), (str(k),))
            seen.append(s)
    for s in reversed(seen[:-1]):
        assert history.undo() is not None
        assert history.present == s
    assert history.undo() is None
    for s in seen[1:]:
        assert history.redo() is not None
        assert history.present == s
    assert history.redo() is None


def test_repeats_of_one_edit_are_one_step():
    history = History(State("a", {}, {}))
    for k, text in enumerate("bcd"):
        history.push(State(text, {}, {}), "Set the variance", (), (), group="edit:h:parameter", now=k * 0.1)
    assert history.undo() == ()
    assert history.present.source == "a"


def test_a_pause_or_another_edit_starts_a_new_step():
    history = History(State("a", {}, {}))
    history.push(State("b", {}, {}), "type", (), (), group="text", now=0.0)
    history.push(State("c", {}, {}), "type", (), (), group="text", now=5.0)
    history.push(State("d", {}, {}), "drag", (), (), group="move:x", now=5.1)
    history.undo()
    assert history.present.source == "c"
    history.undo()
    assert history.present.source == "b"


def test_undo_restores_the_selection():
    history = History(State("", {}, {}))
    history.push(State("vector x ~ N(0, 1)\n", {}, {}), "Add vector x", ("before",), ("x",))
    assert history.undo() == ("before",)
    assert history.redo() == ("x",)


def test_a_new_edit_forgets_what_was_undone():
    history = History(State("a", {}, {}))
    history.push(State("b", {}, {}), "one", (), ())
    history.undo()
    history.push(State("c", {}, {}), "two", (), ())
    assert history.redo() is None


def test_clean_means_as_saved():
    history = History(State("a", {}, {}))
    history.mark_saved()
    assert history.clean
    history.push(State("b", {}, {}), "edit", (), ())
    assert not history.clean
    history.undo()
    assert history.clean
