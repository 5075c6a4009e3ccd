import time

import pytest

from tpviz.drawing import draw, geometry, layout, sketch
from tpviz.drawing.crossings import Strand, crossing_cost, woven
from tpviz.language import parse, parse_partial

from .programs import ALL, BROKEN, EXAMPLES, long_rnn


def overlaps(a, b):
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]


def check_scene(scene):
    boxes = {n.id: geometry.box(n) for n in scene.nodes}
    ids = list(boxes)
    for k, a in enumerate(ids):
        for b in ids[k + 1 :]:
            assert not overlaps(boxes[a], boxes[b]), f"{a} overlaps {b}"
    for e in scene.edges:
        for x, y in geometry.sample(e.d, 3):
            for id, (left, top, right, bottom) in boxes.items():
                if id not in (e.source, e.target):
                    assert not (left < x < right and top < y < bottom), f"{e.id} passes through {id}"


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
@pytest.mark.parametrize("inputs", [False, True])
def test_nothing_overlaps_and_no_edge_passes_through_a_node(text, inputs):
    check_scene(draw(parse(text), view={"inputs": inputs}))


def test_a_text_with_errors_is_laid_out_as_well():
    check_scene(draw(parse_partial(BROKEN)))


def test_recurrent_network_stands_as_in_the_paper():
    """The positions of the look's drawing."""
    p = layout(sketch(parse(EXAMPLES["rnn"])))
    for t in (1, 2, 3):
        b = 220 * (t - 1)
        assert p[f"u{t}"] == (b, 92)
        assert p[f"gate:x{t}"] == (b + 68, 0)
        assert p[f"x{t}"] == (b + 132, 0)
        if t > 1:
            assert p[f"h{t}"] == (b, 0)
    assert p["f"] == (676, -96)


@pytest.mark.parametrize("name", ["mlp", "autoencoder", "there_and_back", "nonlinear_there_and_back"])
def test_chains_stand_on_one_row(name):
    s = sketch(parse(EXAMPLES[name]))
    p = layout(s)
    assert {y for _, y in p.values()} == {0}
    for e in s.edges:
        assert p[e.target][0] - p[e.source][0] == (64 if e.kind == "wire" else 88)


def test_moments_stand_below():
    p = layout(sketch(parse(EXAMPLES["layernorm"])))
    assert p["nu"][1] == p["s"][1] == p["gate:s"][1] == 112
    assert p["x"][1] == p["gate:y"][1] == p["z"][1] == 0


def test_a_convolution_is_unwoven():
    """Every pixel keeps its row, what it sends up and down stands between, the output beside the middle."""
    p = layout(sketch(parse(EXAMPLES["convolution"])))
    pixels = [p[f"x{k}"][1] for k in (1, 2, 3)]
    assert pixels == [p[f"b{k}"][1] for k in (1, 2, 3)] == [p[f"y{k}"][1] for k in (1, 2, 3)]
    assert pixels == sorted(pixels)
    assert pixels[0] < p["a2"][1] < p["c1"][1] < pixels[1] < p["a3"][1] < p["c2"][1] < pixels[2]
    assert p["f"] == (p["f"][0], pixels[1])
    assert p["f"][0] > p["y2"][0] + 88


def test_scores_of_attention_stand_apart_from_its_values():
    p = layout(sketch(parse(EXAMPLES["attention"])))
    assert max(p[n][1] for n in ("s1", "s2", "a1", "a2")) < min(p[n][1] for n in ("v1", "v2"))
    assert p["gate:a1"][0] == p["gate:a2"][0]


def test_crossings_are_counted():
    x = {"a": 0.0, "b": 0.0, "m": 50.0, "c": 100.0, "d": 100.0}
    strands = [Strand("a", "d", 18, 82), Strand("b", "c", 18, 82)]
    rows = {"a": 0, "b": 1, "m": 3, "c": 0, "d": 1}
    straight = crossing_cost(strands, x, {**rows, "c": 1, "d": 0})
    assert straight == 0
    assert crossing_cost(strands, x, rows) == pytest.approx(1 + 2 * 0.2 + 2 * 0.05)
    assert crossing_cost(strands, x, {**rows, "c": 1, "d": 0, "m": 1}) == 1.5  # b to c passes through m
    ends = {id: (v - 32, v + 32) for id, v in x.items()}
    better = woven([[["a"], ["b"], ["c"], ["d"], ["m"]]], ends, strands, x, rows)
    assert crossing_cost(strands, x, better) == 0


def test_it_is_deterministic_and_keeps_what_is_fixed():
    s = sketch(parse(EXAMPLES["rnn"]))
    first = layout(s)
    assert layout(s) == first
    moved = {**first, "x2": (1000.0, 500.0)}
    assert layout(s, moved) == moved
    some = {id: moved[id] for id in list(moved)[::2]}
    again = layout(s, some)
    assert {id: again[id] for id in some} == some
    assert set(again) == set(first)


def test_new_nodes_are_placed_beside_their_neighbours():
    old = layout(sketch(parse(EXAMPLES["rnn"])))
    program = parse(EXAMPLES["rnn"] + "h4 = W @ x3\nx4 = phi(h4)\nvector a ~ N(0, 1)\n")
    scene = draw(program, old)
    assert scene.by_id["h4"].x > scene.by_id["x3"].x
    assert {id: (scene.by_id[id].x, scene.by_id[id].y) for id in old} == old
    boxes = [geometry.box(n) for n in scene.nodes]
    assert not any(overlaps(a, b) for k, a in enumerate(boxes) for b in boxes[k + 1 :])


def test_parts_are_stacked():
    p = layout(sketch(parse("vector a ~ N(0, 1)\nx = relu(a)\nvector b ~ N(0, 1)\ny = relu(b)\nvector c ~ N(0, 1)\n")))
    assert p["a"][0] == p["b"][0]
    assert p["b"][1] > p["x"][1] + 60
    assert p["c"][1] > p["b"][1] + 60


def test_an_empty_program_has_an_empty_scene():
    assert draw(parse("")).to_dict() == {"nodes": [], "edges": []}


def test_three_hundred_nodes_take_less_time_than_parsing_them():
    parsed = parse_partial(long_rnn(75))
    start = time.process_time()
    s = sketch(parsed)
    p = layout(s)
    spent = time.process_time() - start
    assert len(p) >= 295
    start = time.process_time()
    parse_partial(parsed.source)
    assert spent < 20 * (time.process_time() - start) + 1


def test_a_second_vector_without_edges_stands_beside_the_first():
    one = sketch(parse_partial("vector x ~ N(0, 1)"))
    three = sketch(parse_partial("vector x ~ N(0, 1)\nvector y ~ N(0, 1)\nvector z ~ N(0, 1)"))
    places = layout(three, layout(one))
    assert places["x"] == layout(one)["x"]
    assert places["x"][0] < places["y"][0] < places["z"][0]
    assert len({y for _, y in places.values()}) == 1
