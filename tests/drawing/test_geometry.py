"""Shapes and routes agree with the look's numbers and with assets/canvas/src/geometry.js."""

import itertools
import json
import subprocess
from pathlib import Path

import pytest

from tests.tools import need_tool
from tpviz.drawing import geometry
from tpviz.drawing.scene import Node

ROOT = Path(__file__).parents[2]


def node(kind, x, y, ports=0, grow=0, flip=False, above=()):
    return Node("a", kind, x, y, ports=ports, grow=grow, flip=flip, above=above)


def test_routes_of_the_look():
    """The paths in the look's figure.svg."""
    u, g1, x1, h2 = node("initial", 0, 92), node("gate", 68, 0, 1), node("vector", 132, 0), node("vector", 220, 0)
    g2 = node("gate", 288, 0, 2)
    assert geometry.route(u, g1).d == "M18 92C36 92 34 0 50.5 0"
    assert geometry.route(g1, x1).d == "M86 0H112.5"
    assert geometry.route(x1, h2).d == "M150 0H200.5"
    assert geometry.route(h2, g2, slot=0).d == "M238 0C253.45 0 256.55 -6 270.5 -6"
    assert geometry.route(node("initial", 220, 92), g2, slot=1).d == "M238 92C256 92 254 6 270.5 6"
    assert geometry.arrow((51.5, 0), (1, 0), True) == "M51.5 0L41.5 4.2L43.7 0L41.5 -4.2Z"


@pytest.mark.parametrize(("slot", "ports", "y"), [(0, 1, 0), (0, 2, -6), (1, 2, 6), (1, 3, 0)])
def test_ports(slot, ports, y):
    assert geometry.port_y("gate", ports, slot) == y
    assert geometry.port_y("vector", ports, slot) == 0


@pytest.mark.parametrize("kind", ["vector", "gate", "scalar", "input", "output"])
def test_resolved_shapes_close_and_keep_their_size(kind):
    commands = geometry.resolve(geometry.shape_path(kind))
    assert commands[-1] == ("Z", ())
    xs = [p[0] for op, ps in commands for p in ps[-1:]]
    assert min(xs) == pytest.approx(geometry.in_x(node(kind, 0, 0)))
    assert max(xs) == pytest.approx(22 if kind == "input" else 18 if kind in ("vector", "gate") else 16)


@pytest.mark.parametrize("kind", ["gate", "lincomb", "moment", "vector", "scalar", "input", "output", "group"])
def test_a_flipped_shape_is_the_mirror_image(kind):
    plain, flipped = (geometry.resolve(geometry.shape_path(kind, 8, flip)) for flip in (False, True))
    ends = {(round(x, 6), round(y, 6)) for _, ps in plain for x, y in ps[-1:]}
    assert {(round(-x, 6) + 0, round(y, 6)) for _, ps in flipped for x, y in ps[-1:]} == ends
    a, b = node(kind, 0, 0, 2, 8), node(kind, 0, 0, 2, 8, flip=True)
    assert (geometry.in_x(b), geometry.out_x(b)) == (-geometry.in_x(a), -geometry.out_x(a))
    assert geometry.label_at(b) == pytest.approx((-geometry.label_at(a)[0], 0))


def test_edges_of_a_backward_pass_run_to_the_left():
    x, g = node("vector", 100, 0, flip=True), node("gate", 0, 0, 2, flip=True, above=(0,))
    assert geometry.route(x, g, slot=1).d == "M82 0H17.5"  # the one port on the flat side is in its middle
    r = geometry.route(node("vector", -64, -132), g, "down", slot=0)
    assert (r.d, r.tip, r.direction) == ("M-64 -114C-64 -64.08 8 -67.92 8 -19.5", (8, -18.5), (0, 1))
    assert geometry.arrow((0, 0), (-1, 0)) == "M0 0L8 -3.2L6.24 0L8 3.2Z"
    assert geometry.port(g, 1) == (16, 0)


@pytest.mark.parametrize(("dx", "dy", "flip"), [(100, 90, False), (100, -90, False), (-100, 90, True), (400, 8, False)])
def test_a_label_stands_beside_a_slanted_edge(dx, dy, flip):
    r = geometry.route(node("vector", 0, 0, flip=flip), node("vector", dx, dy, flip=flip))
    x, y = r.middle[0], r.middle[1] - 14
    distance = min(((x - a) ** 2 + (y - b) ** 2) ** 0.5 for a, b in geometry.sample(r.d, 0.5))
    assert distance == pytest.approx(14, abs=1.5)
    assert y <= dy / 2


def test_a_circle_is_round():
    for _, points in geometry.resolve(geometry.shape_path("vector")):
        for x, y in points[-1:]:
            assert (x * x + y * y) ** 0.5 == pytest.approx(18)


def test_python_and_javascript_draw_the_same_paths(tmp_path):
    program = need_tool("node", packages=("nodejs",))
    kinds = ["initial", "vector", "scalar", "gate", "moment", "input", "output", "ghost", "lincomb", "group"]
    cases = []
    turns = itertools.cycle([(False, False), (True, True), (False, True), (True, True), (True, False)])
    for a, b in itertools.product(kinds, kinds):
        for kind, rail, dx, dy in [
            ("direct", 0, 90.25, 0),
            ("direct", 0, 71.005, 4),
            ("direct", 0, 130, 92),
            ("under", 76, 240, -6.5),
            ("over", -52, 300, 12),
            ("under", 46, 260, 92),
            ("up", -96, 200, -96),
            ("down", 0, 64, 132),
            ("down", 0, 0.125 - 1.5, 132),
            ("down", 70, 64, 132),
            ("drop", 66, -40, 132),
            ("direct", 0, -130.25, 3),
        ]:
            flips, above = next(turns), [[], [1], [2, 1], [1]][len(cases) % 4]
            cases.append(
                {
                    "a": {"kind": a, "x": 0.125, "y": 0, "grow": 0, "ports": 2, "flip": flips[0], "above": []},
                    "b": {"kind": b, "x": dx, "y": dy, "grow": 8, "ports": 3, "flip": flips[1], "above": above},
                    "edge": {
                        "route": kind,
                        "rail": rail,
                        "back": 30 * (len(cases) % 2),
                        "slot": 1,
                        "leave": -8 if a == "group" else 0,
                    },
                }
            )
    script = tmp_path / "paths.mjs"
    source = (ROOT / "assets/canvas/src/geometry.js").as_uri()
    script.write_text(
        f'import {{anchors, arrow, coefficientAt, frameBox, labelAt, route, shapePath}} from "{source}"\nconst cases = {json.dumps(cases)}\n'
        "console.log(JSON.stringify(cases.map(({a, b, edge}) => { const r = route(edge, a, b);"
        " return [r.d, arrow(r.tip, r.direction), shapePath(b), [...anchors(b), labelAt(b), coefficientAt(edge, b), r.middle, r.tip, frameBox([a, b])]] })))"
    )
    run = subprocess.run(
        [program, "--experimental-default-type=module", str(script)], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    for case, theirs in zip(cases, json.loads(run.stdout), strict=True):
        a, b, e = (case["a"], case["b"], case["edge"])
        n, m = (
            node(p["kind"], p["x"], p["y"], grow=p["grow"], ports=p["ports"], flip=p["flip"], above=tuple(p["above"]))
            for p in (a, b)
        )
        r = geometry.route(n, m, e["route"], e["rail"], e["back"], e["slot"], e["leave"])
        mine = [r.d, geometry.arrow(r.tip, r.direction), geometry.shape_path(m.kind, m.grow, m.flip)]
        assert mine == theirs[:3]
        points = [
            *geometry.anchors(m),
            geometry.label_at(m),
            geometry.coefficient_at(m, e["slot"]),
            r.middle,
            r.tip,
            geometry.frame_box([n, m]),
        ]
        assert points == [pytest.approx(p) for p in theirs[3]]
