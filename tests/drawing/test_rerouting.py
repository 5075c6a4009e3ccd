"""Edges that are routed again after an edit go as if the drawing were routed for the first time."""

import random
from pathlib import Path

import pytest

from tests.benchmarks.programs import gru, mlp, rnn
from tpviz.drawing import load_document
from tpviz.drawing.layout import layout
from tpviz.drawing.rerouting import RouteMemory
from tpviz.drawing.scene import make_scene
from tpviz.drawing.sketch import sketch
from tpviz.language import parse_partial

EXAMPLES = {path.stem: path for path in sorted((Path(__file__).parents[2] / "examples").glob("*.tp*"))}
GENERATED = {"gru": gru(4), "rnn of 12 steps": rnn(6), "mlp of 9 layers": mlp(9)}


def source_of(name: str) -> str:
    return GENERATED[name] if name in GENERATED else load_document(EXAMPLES[name]).source


@pytest.mark.parametrize("name", [*GENERATED, *EXAMPLES])
def test_random_edits(name):
    """Nodes are moved, lines are taken out, put back and renamed: every scene is the one that is made without a memory."""
    rng = random.Random(name)
    lines = source_of(name).splitlines()
    places: dict[str, tuple[float, float]] = {}
    memory, removed, taken_over = RouteMemory(), [], 0
    for turn in range(16):
        shown = sketch(parse_partial("\n".join(lines)))
        places = layout(shown, places)
        expected = make_scene(shown, places)
        assert make_scene(shown, places, memory=memory) == expected, f"after {turn} edits"
        taken_over += memory.taken_over
        deed = rng.choice(("move", "move", "nudge", "delete", "return", "rename", "swap"))
        if deed in ("move", "nudge") and places:
            node, far = rng.choice(sorted(places)), 200 if deed == "move" else 12
            x, y = places[node]
            places[node] = (round(x + rng.uniform(-far, far)), round(y + rng.uniform(-far, far)))
        elif deed == "delete" and len(lines) > 3:
            at = rng.randrange(len(lines))
            removed.append((at, lines.pop(at)))
        elif deed == "return" and removed:
            at, line = removed.pop()
            lines.insert(min(at, len(lines)), line)
        elif deed == "rename" and lines:
            lines.append(f"q{turn} = relu({rng.choice(sorted(n for n in places if n.isidentifier()) or ['x'])})")
        elif deed == "swap" and len(lines) > 2:
            k = rng.randrange(len(lines) - 1)
            lines[k], lines[k + 1] = lines[k + 1], lines[k]
    assert taken_over > 0


def test_an_edit_of_one_line_leaves_most_edges():
    memory = RouteMemory()
    shown = sketch(parse_partial(rnn(20)))
    places = layout(shown)
    make_scene(shown, places, memory=memory)
    assert memory.taken_over == 0
    longer = sketch(parse_partial(rnn(20) + "vector z ~ N(0, 1)\ny = relu(z)\n"))
    places = layout(longer, places)
    assert make_scene(longer, places, memory=memory) == make_scene(longer, places)
    assert memory.taken_over > 0.8 * len(shown.edges)
