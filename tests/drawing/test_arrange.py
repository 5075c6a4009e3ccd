"""Pins, aligning and distributing, and that nothing moves without being asked."""

import pytest

from tests.drawing.programs import ALL, EXAMPLES
from tpviz.drawing import edits, geometry, layout, sketch
from tpviz.drawing.edits import EditError, State
from tpviz.drawing.layout import tidied
from tpviz.drawing.marks import pinned
from tpviz.drawing.scene import Plan
from tpviz.language import parse, parse_partial


def state_of(text, **marks):
    return State(text, dict(layout(sketch(parse_partial(text)))), {}, marks)


def boxes(state, *ids):
    scene = Plan.of(sketch(parse_partial(state.source)), state.layout, state.marks).scene()
    return {n.id: geometry.box(n) for n in scene.nodes if n.id in ids}


def overlaps(a, b):
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]


@pytest.mark.parametrize("side", ["left", "centre", "right", "top", "middle", "bottom"])
def test_aligning(side):
    """A circle at (0, 0) and a gate, which is wider on its left, at (200, 60)."""
    state = state_of("vector x ~ N(0, 1)\ny = relu(x)\n")
    state = edits.move(state, {"x": (0, 0), "gate:y": (200, 60)}).state
    old = boxes(state, "x", "gate:y")
    change = edits.align(state, old, side)
    new = boxes(change.state, "x", "gate:y")
    (x1, y1), (x2, y2) = change.layout["x"], change.layout["gate:y"]
    assert change.source == state.source
    assert ((x1, x2) if side in ("top", "middle", "bottom") else (y1, y2)) in ((0, 200), (0, 60))
    ends = {"left": 0, "top": 1, "right": 2, "bottom": 3}
    if side in ends:
        k, outermost = ends[side], min if side in ("left", "top") else max
        assert new["x"][k] == new["gate:y"][k] == outermost(b[k] for b in old.values())
    else:
        assert (x1, x2) == (100, 100) if side == "centre" else (y1, y2) == (30, 30)


def test_distributing_keeps_the_outermost():
    state = state_of("vector a, b, c, d ~ N([0, 0, 0, 0], [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])\n")
    state = edits.move(state, {"a": (0, 5), "b": (20, 6), "c": (300, 7), "d": (90, 8)}).state
    change = edits.distribute(state, boxes(state, "a", "b", "c", "d"), "horizontally")
    assert [change.layout[n] for n in "abdc"] == [(0, 5), (100, 6), (200, 8), (300, 7)]
    with pytest.raises(EditError, match="three or more"):
        edits.distribute(state, boxes(state, "a", "b"), "vertically")
    with pytest.raises(EditError, match="in line with itself"):
        edits.align(state, boxes(state, "a"), "left")


def test_a_pin_follows_its_node():
    state = edits.pin(state_of(EXAMPLES["rnn"]), ["x2", "gate:x2"]).state
    assert pinned(state.marks) == {"x2", "gate:x2"}
    renamed = edits.rename(state, "x2", "y").state
    assert pinned(renamed.marks) == {"y", "gate:y"}
    typed = edits.set_source(state, state.source.replace("x2", "z2")).state
    assert pinned(typed.marks) == {"z2", "gate:z2"}
    half = edits.set_source(state, state.source.replace("x2 = phi(h2 + u2)", "x")).state
    assert pinned(half.marks) == {"x2", "gate:x2"}  # in the middle of being typed
    assert pinned(edits.delete(state, ["x2"]).marks) == set()
    assert pinned(edits.pin(state, ["x2"]).marks) == {"gate:x2"}
    assert pinned(edits.pin(state, ["x2", "x1"]).marks) == {"x1", "x2", "gate:x2"}


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
def test_tidying_leaves_pinned_nodes_and_overlaps_nothing(text):
    drawn = sketch(parse(text))
    fresh = layout(drawn)
    assert tidied(drawn, {}) == fresh
    ids = list(fresh)
    for chosen in (ids[:1], ids[2::5], ids[-1:]):
        pins = {id: (fresh[id][0] * 1.2 + 37, fresh[id][1] - 11) for id in chosen}
        new = tidied(drawn, pins)
        assert set(new) == set(fresh)
        assert {id: new[id] for id in chosen} == pins
        scene = Plan.of(drawn, new, {}).scene()
        shapes = {n.id: geometry.box(n) for n in scene.nodes}
        hit = [(a, b) for k, a in enumerate(ids) for b in ids[k + 1 :] if overlaps(shapes[a], shapes[b])]
        assert not hit


def test_columns_between_two_pins_are_spread_in_order():
    drawn = sketch(parse(EXAMPLES["mlp"]))
    fresh = layout(drawn)
    first, last = min(fresh, key=lambda n: fresh[n][0]), max(fresh, key=lambda n: fresh[n][0])
    new = tidied(drawn, {first: (0.0, 0.0), last: (2 * fresh[last][0], 0.0)})
    assert all(new[n] == (pytest.approx(2 * (x - fresh[first][0])), 0) for n, (x, _) in fresh.items())


def test_typing_moves_nothing():
    """Every prefix of a line that is typed: what was there stays."""
    text = EXAMPLES["rnn"]
    state = state_of(text)
    line = "x4 = phi(h3 + u1)"
    for k in range(len(line) + 1):
        state = edits.set_source(state, text + line[:k]).state
        plan = Plan.of(sketch(parse_partial(state.source)), state.layout, state.marks)
        assert {id: plan.places[id] for id in state.layout} == dict(state.layout)
        state = State(state.source, dict(plan.places), {}, state.marks)


def test_a_ghost_that_is_filled_leaves_the_others():
    state = state_of("vector x ~ N(0, 1)\ny = relu(?)\n")
    before = dict(state.layout)
    after = edits.connect(state, "x", "gate:y").state
    plan = Plan.of(sketch(parse_partial(after.source)), after.layout, {})
    assert {id: plan.places[id] for id in ("x", "gate:y", "y")} == {id: before[id] for id in ("x", "gate:y", "y")}
