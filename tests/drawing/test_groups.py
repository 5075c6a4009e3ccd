"""Groups: folded into one node, with their edges, highlights, documents and figures."""

import json
import subprocess

import pytest

from tests.drawing.programs import ALL, EXAMPLES, long_rnn
from tests.drawing.test_layout import check_scene
from tests.tools import need_tool
from tpviz.drawing import document_from_text, document_to_text, edits, figure, layout, sketch
from tpviz.drawing.document import Document
from tpviz.drawing.edits import EditError, State
from tpviz.drawing.folding import fold
from tpviz.drawing.marks import NodeGroup, groups_of
from tpviz.drawing.scene import Group, Plan
from tpviz.drawing.steps import repeated_blocks
from tpviz.language import DocumentError, parse, parse_partial

STEP = ("h2", "gate:x2", "x2", "u2")


def rnn(closed=True, members=STEP):
    text = EXAMPLES["rnn"]
    state = State(text, dict(layout(sketch(parse(text)))), {}, {})
    return edits.group(state, members, "step 2", closed=closed).state


def plan_of(state):
    return Plan.of(sketch(parse_partial(state.source)), state.layout, state.marks)


def test_a_step_of_a_recurrent_network_is_one_node():
    scene = plan_of(rnn()).scene()
    ids = {n.id for n in scene.nodes}
    assert "group:1" in ids
    assert not ids & set(STEP)
    node = scene.by_id["group:1"]
    assert (node.kind, node.tex, node.ports, node.label) == ("group", r"\mathrm{step\ 2}", 1, "inside")
    joined = {(e.source, e.target, e.tex, e.id) for e in scene.edges if "group:1" in (e.source, e.target)}
    shown = {j[:3] for j in joined}
    assert {("x1", "group:1", "W"), ("group:1", "h3", "W")} <= shown
    assert {j[3] for j in joined} == {"x1>h2:0", "x2>h3:0", "x2>f:1"}  # ids stay: deleting one deletes the program's
    assert node.y == 0
    check_scene(scene)


def test_parallel_edges_are_merged_and_others_have_ports():
    text = """vector a ~ N(0, 1)
matrix W ~ N(0, 1/n)
matrix V ~ N(0, 1/n)
p = W @ a
q = W @ a
r = V @ a
y = p + q + r
z = y + a
"""
    groups = [NodeGroup("g", "block", ("p", "q", "r", "gate:y", "y"), True)]
    folded = fold(sketch(parse(text)), groups)
    into = [e for e in folded.sketch.edges if e.target == "group:g"]
    assert [(e.tex, e.slot) for e in into] == [("W", 0), ("V", 1)]
    assert folded.stands["a>q:0"] == "a>p:0"
    assert folded.sketch.by_id["group:g"].ports == 2
    assert folded.shown(["a", "q"], ["a>q:0", "q>gate:y:1"]) == (("a", "group:g"), ("a>p:0",))


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
def test_any_group_can_be_closed_and_nothing_else_moves(text):
    drawn = sketch(parse(text))
    places = layout(drawn)
    ids = [n.id for n in drawn.nodes]
    for members in (ids[1:4], ids[::3], ids[-2:], ids):
        state = State(text, places, {}, {})
        state = edits.group(state, members, "part", closed=True).state
        plan = plan_of(state)
        assert {id: plan.places[id] for id in ids} == places
        scene = plan.scene()
        assert {n.id for n in scene.nodes} == set(ids) - set(members) | {"group:1"}
        kept = State(text, dict(plan.places), {}, state.marks)
        opened = edits.toggle_groups(kept, ["1"], False).state
        assert dict(opened.layout) == places
        assert plan_of(opened).scene().frames[0].members == tuple(members)


def test_edges_of_two_matrices_into_one_group_have_rails_of_their_own():
    text = EXAMPLES["attention"]
    state = State(text, dict(layout(sketch(parse(text)))), {}, {})
    state = edits.group(state, ["s2", "gate:s2", "a2", "gate:a2", "k2", "v2"], "head", closed=True).state
    scene = plan_of(state).scene()
    found = [e for e in scene.edges if (e.source, e.target) == ("x2", "group:1")]
    assert {e.tex for e in found} == {"K", "V"}
    (x1, y1), (x2, y2) = (e.middle for e in found)
    assert abs(x1 - x2) > 12 or abs(y1 - y2) > 12
    check_scene(scene)


def test_a_closed_group_takes_its_members_along():
    state = rnn()
    state = State(state.source, dict(plan_of(state).places), {}, state.marks)
    x, y = state.layout["group:1"]
    moved = edits.move(state, {"group:1": (x + 30, y - 7)}).state
    for m in STEP:
        assert moved.layout[m] == (state.layout[m][0] + 30, state.layout[m][1] - 7)
    assert moved.layout["x1"] == state.layout["x1"]


def test_paths_light_the_group_they_pass_through():
    lit = Group(("x1", "h2", "gate:x2", "x2", "h3"), ("x1>h2:0", "h2>gate:x2:0", "gate:x2>x2:0", "x2>h3:0"))
    (shown,) = plan_of(rnn()).scene((lit,)).highlight
    assert shown == Group(("x1", "group:1", "h3"), ("x1>h2:0", "x2>h3:0"))


def test_members_are_renamed_and_dropped_with_their_nodes():
    state = rnn()
    assert groups_of(edits.rename(state, "x2", "y").marks)[0].members == ("h2", "gate:y", "y", "u2")
    assert groups_of(edits.delete(state, ["u2"]).marks)[0].members == ("h2", "gate:x2", "x2")
    assert groups_of(edits.delete(state, list(STEP)).marks) == ()
    typed = edits.set_source(state, state.source.replace("h2", "g2")).state
    assert groups_of(typed.marks)[0].members == ("g2", "gate:x2", "x2", "u2")


def test_groups_do_not_overlap_nor_nest():
    state = rnn()
    with pytest.raises(EditError, match=r"x2 is in the group step 2 already; groups do not overlap"):
        edits.group(state, ["x2", "h3"])
    with pytest.raises(EditError, match="cannot hold another group"):
        edits.group(state, ["group:1", "h3"])
    with pytest.raises(EditError, match="Nothing is selected"):
        edits.group(state, ["nothing"])
    with pytest.raises(EditError, match="longer than 40"):
        edits.rename_group(state, "1", "x" * 41)
    assert groups_of(edits.rename_group(state, "1", " second ").marks)[0].name == "second"
    second = edits.group(state, ["h3"]).state
    assert [(g.id, g.name) for g in groups_of(second.marks)] == [("1", "step 2"), ("2", "group 1")]
    assert [g.id for g in groups_of(edits.ungroup(second, ["1"]).marks)] == ["2"]


def document(marks):
    return json.dumps({"format": "tpviz", "version": 1, "program": EXAMPLES["rnn"], "marks": marks})


def test_groups_are_saved():
    state = rnn()
    doc = Document(parse(state.source), state.source, state.layout, {}, {}, {}, state.marks)
    again = document_from_text(document_to_text(doc))
    assert groups_of(again.marks) == groups_of(state.marks)
    unknown = document({"group:1": {"name": "a", "members": ["gone", "x1"], "closed": True}, "other:1": {"any": 1}})
    assert "group:1" in {n.id for n in figure(document_from_text(unknown)).scene.nodes}
    nobody = document({"group:1": {"name": "a", "members": ["gone"], "closed": True}})
    assert "group:1" not in {n.id for n in figure(document_from_text(nobody)).scene.nodes}


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ({"group:1": []}, "has name, members and closed"),
        ({"group:1": {"name": "a", "members": "x1", "closed": True}}, "list of node ids"),
        ({"group:1": {"name": "a", "members": [1], "closed": True}}, "list of node ids"),
        ({"group:1": {"name": "", "members": ["x1"], "closed": True}}, "name is not one line"),
        ({"group:1": {"name": "a\nb", "members": ["x1"], "closed": True}}, "name is not one line"),
        ({"group:1": {"name": "a", "members": ["x1"], "closed": 1}}, "closed is true or false"),
        ({"group:1": {"name": "a", "members": ["x1", "x1"], "closed": True}}, "a node is a member once"),
        ({"group:1": {"name": "a", "members": ["group:2"], "closed": True}}, "no group is a member"),
        ({"group:a>b": {"name": "a", "members": ["x1"], "closed": True}}, "letters, digits"),
        ({"pin:x1": "yes"}, "a pin is true"),
        (
            {f"group:{k}": {"name": "a", "members": ["x1"], "closed": True} for k in (1, 2)},
            "x1 is in the group 'group:1' already",
        ),
    ],
)
def test_hostile_marks_are_refused(mark, message):
    with pytest.raises(DocumentError, match=message):
        document_from_text(document(mark))


@pytest.mark.parametrize("name", ["step 2", r"\href{x}{y}$%", "<script>alert(1)</script>", "ä 本"])
@pytest.mark.parametrize("closed", [True, False])
def test_figures_show_groups(name, closed, tmp_path):
    state = edits.rename_group(rnn(closed), "1", name).state
    made = figure(Document(parse(state.source), state.source, state.layout, {}, {}, {}, state.marks))
    for suffix in (".svg", ".pdf", ".png"):
        assert len(made.to_bytes(suffix)) > 1000
    tikz = made.tikz()
    assert ("{group}" in tikz.split("% shapes and labels")[1]) == closed
    assert ("% open groups" in tikz) != closed
    assert "href" not in tikz.replace("hrefxy", "")
    pdflatex = need_tool("pdflatex", packages=("texlive-latex-base", "texlive-pictures"))
    (tmp_path / "f.tex").write_text(tikz)
    run = subprocess.run(
        [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "f.tex"],
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout[-800:]


def test_the_steps_of_a_recurrent_network_are_found():
    blocks = repeated_blocks(sketch(parse(long_rnn(5))))
    assert blocks == [(f"u{t}", f"h{t}", f"gate:x{t}", f"x{t}") for t in range(2, 6)]
    assert repeated_blocks(sketch(parse(EXAMPLES["there_and_back"]))) == []
