"""A backward pass is drawn below its forward pass, mirrored, on the screen and in every format."""

import subprocess

import pytest

from tests.tools import need_pdflatex
from tpviz.drawing import draw, figure, geometry, layout, sketch
from tpviz.drawing.backward import backward_of
from tpviz.drawing.layout import room_for_backward
from tpviz.drawing.scene import page
from tpviz.language import parse, parse_partial

from .programs import ALL, BACKWARD, EXAMPLES
from .test_layout import check_scene

MLP = EXAMPLES["backprop"]
RNN = """
input xi1
input xi2
embedding U ~ N(0, 1/d)
matrix W ~ N(0, 1/n)
readout v ~ N(0, 1)
u1 = U @ xi1
x1 = relu(u1)
h2 = W @ x1
u2 = U @ xi2
x2 = relu(h2 + u2)
output f = v.T @ x1 / sqrt(n) + v.T @ x2 / sqrt(n)
dx2 = v
du2 = step(h2 + u2)*dx2
dh2 = step(h2 + u2)*dx2
dx1_h2 = W.T @ dh2
dx1 = dx1_h2 + v
du1 = step(u1)*dx1
"""
SKIP = """
vector b ~ N(0, 1)
matrix W ~ N(0, 1/n)
readout v ~ N(0, 1)
vector x0 ~ N(0, 1)
h = W @ x0
g = h + b
y = tanh(g)
x = x0 + 0.5*y
output f = v.T @ x / sqrt(n)
function dtanh(z) = 1 - tanh(z)**2
d_x = v
dy = 0.5*d_x
dg = dtanh(g)*dy
dh = dg
db = dg
dx0_h = W.T @ dh
dx0 = dx0_h + d_x
"""
TWO_ROWS = """
function dtanh(z) = 1 - tanh(z)**2
function derf(z) = 2/sqrt(pi)*exp(-z**2)
dz = v
dk3 = dz
dh3 = dz
dy2 = W3.T @ dk3
dk2 = derf(k2)*dy2
dy1 = W2.T @ dk2
dx2 = W3.T @ dh3
dh2 = dtanh(h2)*dx2
dx1 = W2.T @ dh2
dg = dtanh(g)*dx1 + derf(g)*dy1
"""
BACKWARD_PASSES = {"mlp": MLP, "rnn": RNN, "skip": SKIP, "by_hand": BACKWARD}


def test_gradients_are_known_by_name_and_structure():
    b = backward_of(parse(MLP))
    assert b.gradients == {"dx2": "x2", "dh2": "h2", "dx1": "x1", "dh1": "h1"}
    assert b.names == {"dx2", "dh2", "dx1", "dh1", "v"}
    assert b.mirrors["gate:dh2"] == "gate:x2"
    assert b.mirrors["v"] == "f"
    b = backward_of(parse(RNN))
    assert "dx1_h2" in b.names
    assert "dx1_h2" not in b.gradients
    assert b.mirrors["gate:du2"] == b.mirrors["gate:dh2"] == "gate:x2"
    assert backward_of(parse(SKIP)).gradients["d_x"] == "x"
    assert backward_of(parse(BACKWARD)).gradients["dx3"] == "x3"  # an initial vector, declared before x3


@pytest.mark.parametrize(
    "text",
    [
        "vector x ~ N(0, 1)\nvector dx ~ N(0, 1)\ny = relu(x)\nz = relu(dx)\n",  # a name alone
        "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\ny = W @ x\ndy = relu(y)\ndx = W @ dy\n",  # W, not its transpose
        "vector x ~ N(0, 1)\ny = relu(x)\ndx = y - x\nz = x + dx\n",  # a change of x
    ],
)
def test_a_forward_pass_is_not_taken_for_a_backward_pass(text):
    assert backward_of(parse(text)).names == frozenset()
    assert not any(n.flip for n in draw(parse(text)).nodes)


@pytest.mark.parametrize("name", [k for k in ALL if k not in ("backward", "backprop")])
def test_programs_without_one_have_none(name):
    assert not backward_of(parse(ALL[name])).names


@pytest.mark.parametrize("text", BACKWARD_PASSES.values(), ids=BACKWARD_PASSES)
@pytest.mark.parametrize("inputs", [False, True])
def test_every_gradient_stands_under_its_vector(text, inputs):
    program = parse(text)
    scene, b = draw(program, view={"inputs": inputs}), backward_of(program)
    check_scene(scene)
    low = max(n.y for n in scene.nodes if not n.flip)
    for dx, x in b.gradients.items():
        if dx != "dx3":  # an initial vector may stand further away
            assert scene.by_id[dx].x == scene.by_id[x].x, f"{dx} is not under {x}"
        assert scene.by_id[dx].y > low + 100
    for e in scene.edges:
        a, z = scene.by_id[e.source], scene.by_id[e.target]
        if a.flip and z.flip:
            assert z.x < a.x
            assert e.direction == (-1, 0)
        elif z.flip:
            assert e.direction == (0, 1)
            assert e.route in ("down", "drop")
        else:
            assert e.direction == (1, 0)


def test_a_chain_is_mirrored_on_one_row_with_gate_under_gate():
    scene = draw(parse(MLP))
    assert {n.y for n in scene.nodes if n.flip} == {132}
    at = {n.id: n.x for n in scene.nodes}
    assert at["gate:dh2"] == at["gate:x2"]
    assert at["v"] == at["f"]
    assert "gate:dx2" not in at  # dx2 = v is a wire
    labels = {e.id: (e.kind, e.tex) for e in scene.edges}
    assert labels["dh2>dx1:0"] == ("matmul", r"W^{\top}")


def test_sums_of_gradients_widen_the_forward_pass():
    scene = draw(parse(SKIP))
    assert scene.by_id["h"].x - scene.by_id["x0"].x > 88
    assert scene.by_id["dx0"].x < scene.by_id["gate:dx0"].x < scene.by_id["dx0_h"].x < scene.by_id["dh"].x


@pytest.mark.parametrize("text", BACKWARD_PASSES.values(), ids=BACKWARD_PASSES)
def test_a_new_backward_pass_leaves_the_forward_pass_where_it_is(text):
    program = parse(text)
    back = backward_of(program).names
    forward = "\n".join(line for line in text.splitlines() if line.split(" ")[0] not in back)
    old = {id: (x + 500, y - 300) for id, (x, y) in layout(sketch(parse(forward))).items()}
    new = layout(sketch(program), old)
    assert {id: new[id] for id in old} == old
    check_boxes(draw(program, new))


@pytest.mark.parametrize("text", [MLP, RNN, SKIP], ids=["mlp", "rnn", "skip"])
def test_room_is_made_where_a_new_backward_pass_needs_it(text):
    program = parse(text)
    back, drawn = backward_of(program), sketch(program)
    forward = "\n".join(line for line in text.splitlines() if line.split(" ")[0] not in back.names)
    old = {id: (x + 500, y - 300) for id, (x, y) in layout(sketch(parse(forward))).items()}
    new = room_for_backward(drawn, old)
    assert {id: y for id, (_, y) in new.items()} == {id: y for id, (_, y) in old.items()}
    assert room_for_backward(drawn, {**new, "dx1": (0, 0), "dx0": (0, 0)}).keys() >= new.keys()
    scene = draw(program, new)
    check_scene(scene)
    assert all(scene.by_id[dx].x == scene.by_id[x].x for dx, x in back.gradients.items())
    if text == MLP:
        assert new == old  # there was room


def test_gates_of_two_rows_are_both_reached_from_above():
    text = EXAMPLES["isomorphic"] + TWO_ROWS
    check_scene(draw(parse(text)))


def check_boxes(scene):
    boxes = [geometry.box(n) for n in scene.nodes]
    for k, a in enumerate(boxes):
        for b in boxes[k + 1 :]:
            assert not (a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1])


def test_a_line_of_a_backward_pass_is_placed_to_the_left():
    lines = MLP.strip().splitlines()
    old = layout(sketch(parse("\n".join(lines[:-1]))))
    new = layout(sketch(parse(MLP)), old)
    assert new["dh1"][0] < new["gate:dh1"][0] < new["dx1"][0]
    assert new["dh1"][1] == new["dx1"][1]


def test_a_backward_pass_that_was_placed_from_left_to_right_is_not_flipped():
    program = parse(MLP)
    at = {id: (100.0 * k, 0.0) for k, id in enumerate(["v", "dx2", "gate:dh2", "dh2", "dx1", "gate:dh1", "dh1"])}
    above = {id: (x, y - 300) for id, (x, y) in layout(sketch(program)).items() if id not in at}
    assert not any(n.flip or n.above for n in draw(program, {**above, **at}).nodes)


def test_half_drawn_and_alone_it_is_drawn_as_well():
    check_scene(draw(parse_partial(MLP + "dz = dphi(?)*dh1\ndy = W.T @ ?\n")))
    alone = "matrix W ~ N(0, 1/n)\nvector h, x, dh ~ N([0, 0, 0], [[1, 0, 0], [0, 1, 0], [0, 0, 1]])\ndx = W.T @ dh\n"
    check_scene(draw(parse(alone)))


def test_the_scene_says_which_way_a_node_faces():
    nodes = {n["id"]: n for n in draw(parse(MLP)).to_dict()["nodes"]}
    assert (nodes["gate:dh2"]["flip"], nodes["gate:dh2"]["above"]) == (True, [0])
    assert (nodes["gate:x2"]["flip"], nodes["gate:x2"]["above"]) == (False, [])


def test_tikz_turns_gates_and_heads(tmp_path):
    tex = figure(parse(MLP)).tikz()
    assert tex.count("xscale=-1") == 2
    assert tex.count("rotate=180") == 6
    assert tex.count("rotate=-90") == 2
    (tmp_path / "a.tex").write_text(tex)
    run = subprocess.run(
        [need_pdflatex(), "-halt-on-error", "a.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout[-2000:]


def test_the_painter_draws_the_flat_side_to_the_right():
    f = figure(parse(MLP))
    left, top, _, _ = page(f.scene)
    for id, side, corner in (("gate:dh2", 16, 18), ("gate:x2", -16, -18)):
        n = f.scene.by_id[id]
        x, y = (n.x + side - left) / 2, (n.y + corner - top) / 2
        assert f'd="M {x:g} {y:g} \n' in f.svg()
