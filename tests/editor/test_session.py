"""A session without a browser: intents in, state of the window out."""

import gc
import time
import weakref

import pytest

from tests.editor.session_window import Window
from tpviz.editor.examples import find_examples
from tpviz.editor.session import Session
from tpviz.language import parse
from tpviz.limit import limit


def test_examples_are_complete_and_valid(window):
    ids = list(window.session.examples)
    assert ids[:6] == ["mlp", "rnn", "there_and_back", "nonlinear_there_and_back", "autoencoder", "layernorm"]
    for e in window.session.examples.values():
        assert e.title
        assert e.subtitle
        assert not e.document.parsed.diagnostics


@pytest.mark.parametrize(
    "name", ["mlp", "rnn", "there_and_back", "nonlinear_there_and_back", "autoencoder", "layernorm"]
)
def test_every_example_computes_and_exports(window, name):
    window.send(type="example", id=name)
    window.settle()
    status = window.session.view.results["status"]
    assert status["error"] is None
    assert status["limit"]
    assert window.session.view.results["kernel"]["labels"]
    for suffix in ("svg", "pdf", "png", "tex"):
        window.send(type="export", format=suffix)
    names = [p["name"] for p in window.patches if p["type"] == "download"]
    assert names == [f"{name}.{s}" for s in ("svg", "pdf", "png", "tex")]
    assert not window.errors


def test_drawing_by_actions_gives_the_limit_of_the_text(window):
    window.act("tool:vector", "tool:matmul", "tool:nonlin", "matmul-new", "tool:nonlin")
    window.settle()
    program = parse(window.source)
    kernel = window.session.column.results.kernel
    expected = limit(program).gram(kernel.names)
    assert kernel.limit == pytest.approx(expected, rel=1e-12)


def test_a_slider_does_not_plan_again(window):
    window.send(type="example", id="rnn")
    window.settle()
    plan = window.session.column.computer._limit.plan
    window.send(type="edit", key="h2", field="parameter", value=1.25)
    window.settle()
    assert "matrix W ~ N(0, 1.25/n)" in window.source
    assert window.session.column.computer._limit.plan is plan
    expected = limit(parse(window.source)).second_moment("h2")
    assert window.session.column.computer._limit.second_moment("h2") == expected


def test_a_late_report_does_not_undo_the_sessions_own_selection(window):
    old = window.session.view.selection["stamp"]
    window.act("tool:vector")
    window.send(type="select", nodes=[], edges=[], stamp=old)
    window.act("tool:matmul")
    assert "h1 = W @ x" in window.source
    window.send(type="select", nodes=["x"], edges=[], stamp=window.session.view.selection["stamp"])
    assert window.session.selected_nodes == ("x",)


def test_scrubbing_is_one_undo_step(window):
    window.send(type="example", id="rnn")
    before = window.source
    for v in (1.1, 1.2, 1.3):
        window.send(type="edit", key="h2", field="parameter", value=v)
    window.act("undo")
    assert window.source == before


def test_undo_restores_text_places_and_selection(window):
    window.act("tool:vector")
    window.send(type="move", positions={"x": [100, 50]})
    window.send(type="select", nodes=["x"], edges=[])
    window.act("delete")
    assert window.source.strip() == ""
    window.act("undo")
    assert window.session.state.layout["x"] == (100, 50)
    assert window.session.selected_nodes == ("x",)


def test_comments_survive_edits_on_the_canvas(window):
    window.send(type="example", id="nonlinear_there_and_back")
    comments = [line for line in window.source.splitlines() if "#" in line]
    window.send(type="select", nodes=["h"], edges=[])
    window.act("tool:nonlin")
    window.send(type="edit", key="h", field="parameter", value="1.5")
    kept = [line for line in window.source.splitlines() if "#" in line]
    assert [c.split("#")[1] for c in kept] == [c.split("#")[1] for c in comments]


def test_nothing_moves_unasked(window):
    window.send(type="example", id="mlp")
    before = dict(window.session.scene.positions)
    window.send(type="select", nodes=["x2"], edges=[])
    window.act("tool:nonlin")
    after = window.session.scene.positions
    assert all(after[n] == p for n, p in before.items())
    assert len(after) == len(before) + 2


def test_a_path_is_picked_and_exported(window):
    window.send(type="example", id="rnn")
    window.act("highlight-path")
    window.send(type="pick", id="x1")
    window.send(type="pick", id="x3")
    view = window.session.view
    assert "h2" in view.highlight["1"]["nodes"]
    assert view.legend[0]["style"] == 1
    window.act("clear-path")
    assert view.highlight == {}


def test_several_paths_are_stepped_through(window):
    source = "vector x ~ N(0, 1)\na = relu(x)\nb = tanh(x)\nc = a*b\n"
    window.send(type="open", name="two.tp", text=source)
    window.act("highlight-path")
    window.send(type="pick", id="x")
    window.send(type="pick", id="c")
    assert "1 of 2 paths" in str(window.session.view.legend)
    first = window.session.view.highlight
    window.act("next-path")
    assert window.session.view.highlight != first
    window.act("next-path")
    assert window.session.view.highlight == first


BAD = [
    ("unknown name", "y = relu(x)\n", "x is not defined"),
    ("wrong class", "width m = 2*n\nvector x ~ N(0, 1)\nvector y : m ~ N(0, 1)\nz = x*y\n", "class n"),
    ("cycle", "vector x ~ N(0, 1)\na = relu(b)\nb = a + x\n", "cycle"),
    ("gate without inputs", "y = relu()\n", "no input"),
    ("covariance", "vector u, w ~ N([0, 0], [[1, 2], [2, 1]])\n", "positive semidefinite"),
    ("import", "vector x ~ N(0, 1)\ny = __import__('os').system('true')*x\n", "Only a function|not allowed|Attributes"),
    ("attribute", "vector x ~ N(0, 1)\ny = x.__class__\n", "Attributes"),
    ("tower", "vector x ~ N(0, 1)\ny = 9**9**9*x\n", "exponent"),
]


@pytest.mark.parametrize(("source", "message"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_programs_say_what_is_wrong_and_stay(window, source, message):
    window.send(type="text", source=source)
    problems = window.session.view.text["problems"]
    assert problems
    import re

    assert any(re.search(message, p["message"] + p["hint"]) for p in problems), problems
    assert all(p["line"] >= 1 and p["column"] >= 1 and (p["hint"] or p["message"]) for p in problems)
    assert window.source == source
    window.act("undo")
    window.act("tool:vector")
    assert "vector" in window.source


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("vector x ~ N(0, 1)\ny = exp(x**2)\n", "does not exist"),
        ("vector x ~ N(0, 1)\ny = log(x)\n", "not (defined|a finite)"),
    ],
)
def test_a_moment_that_does_not_exist_is_said_and_the_drawing_stays(window, source, message):
    import re

    window.send(type="text", source=source)
    window.settle()
    view = window.session.view
    (problem,) = view.text["problems"]
    assert re.search(message, problem["message"])
    assert problem["hint"]
    assert problem["line"] == 2
    marks = {n["id"]: n["error"] for n in view.scene["nodes"]}
    assert set(marks) == {"x", "gate:y", "y"}
    assert marks["gate:y"]
    assert view.results["kernel"]["chosen"] == ["x"]  # the rest keeps computing
    window.send(type="text", source="vector x ~ N(0, 1)\ny = exp(-x**2)\n")
    window.settle()
    assert view.text["problems"] == []
    assert view.results["kernel"]["chosen"] == ["x", "y"]


def test_a_program_without_any_limit_says_so(window):
    window.send(type="text", source="vector x ~ N(0, 1)\ny = exp(x**2)\n")
    window.settle()
    window.send(type="kernel", chosen=["y"])
    window.settle()
    assert "does not exist" in window.session.view.results["status"]["error"]


def test_the_selection_of_an_unfinished_line_does_no_harm(window):
    window.act("tool:nonlin", "tool:nonlin")
    assert not window.errors
    assert window.session.view.inspector is not None
    window.act("tool:vector", "tool:nonlin")
    window.send(type="select", nodes=["gate:x1"], edges=[])
    window.act("tool:lincomb", "tool:moment")
    assert not window.errors
    assert window.session.view.text["source"] == window.source


def test_a_broken_function_can_be_mended_in_its_field(window):
    window.act("tool:vector", "tool:nonlin")
    window.send(type="edit", key="x1", field="function", value="foo(z)")
    assert "foo(z)" in window.source
    window.send(type="edit", key="x1", field="function", value="tanh(z)")
    assert "function phi(z) = tanh(z)" in window.source
    assert not window.session.view.text["problems"]


@pytest.mark.parametrize("value", ["-1", "1e999", "", "0.1+", "1,5", "abc", "nan", "2*y"])
def test_a_wrong_number_is_marked_at_its_field(window, value):
    window.act("tool:vector")
    source = window.source
    window.send(type="edit", key="x", field="variance", value=value)
    assert window.source == source
    field = next(f for f in window.session.view.inspector["fields"] if f["id"] == "variance")
    assert field["error"]
    assert field["value"] == value
    window.send(type="edit", key="x", field="variance", value="2")
    field = next(f for f in window.session.view.inspector["fields"] if f["id"] == "variance")
    assert field["error"] is None
    assert "N(0, 2)" in window.source


def test_opening_and_new_can_be_undone(window):
    window.act("tool:vector", "tool:matmul")
    mine = window.source
    window.send(type="example", id="rnn")
    assert window.session.name == "rnn.tpviz"
    window.act("undo")
    assert window.source == mine
    assert window.session.name == "untitled"
    window.act("redo")
    assert window.session.name == "rnn.tpviz"
    window.act("new")
    assert window.source.strip() == ""
    window.act("undo")
    assert window.session.name == "rnn.tpviz"


def test_what_a_deletion_leaves_behind_is_said(window):
    window.send(type="example", id="rnn")
    window.send(type="select", nodes=["x2"], edges=[])
    window.act("delete")
    assert any("h3" in n and "initial vector" in n for n in window.notices)


def test_an_atom_is_found_at_finite_width_where_it_stands(window):
    window.send(type="example", id="layernorm")
    window.send(type="distribution", vector="y")
    window.settle()
    ((value, mass, found),) = window.session.column.results.distribution.atoms
    assert mass == pytest.approx(0.5, abs=1e-9)
    assert found == pytest.approx(0.5, abs=0.05)
    assert value < 0


HOSTILE_FILES = [
    ("truncated", '{"format": "tpviz", "version": 1, "program": "vector x'),
    ("not a document", '{"a": 1}'),
    ("newer version", '{"format": "tpviz", "version": 99, "program": ""}'),
    ("wrong types", '{"format": "tpviz", "version": 1, "program": 5, "layout": [], "labels": 3, "view": null}'),
    (
        "nan positions",
        '{"format": "tpviz", "version": 1, "program": "vector x ~ N(0, 1)", "layout": {"x": [NaN, 1e999]}}',
    ),
    ("deep", "[" * 100_000),
    ("null bytes", "\x00\x01\x02" * 100),
]


@pytest.mark.parametrize("text", [t for _, t in HOSTILE_FILES], ids=[n for n, _ in HOSTILE_FILES])
def test_hostile_files_are_refused_and_the_drawing_is_intact(window, text):
    window.send(type="example", id="rnn")
    source = window.source
    window.send(type="open", name="bad.tpviz", text=text)
    assert window.errors
    assert window.source == source


def test_a_file_with_errors_opens_with_its_valid_part(window):
    text = (
        '{"format": "tpviz", "version": 1, "program": "vector x ~ N(0, 1)\\ny = relu(q)\\n", "layout": {"x": [5, 6]}}'
    )
    window.send(type="open", name="half.tpviz", text=text)
    assert not window.errors
    assert window.session.program.vectors == ("x",)
    assert window.session.scene.positions["x"] == (5, 6)
    assert window.session.view.text["problems"]


def test_a_huge_upload_is_refused(window):
    window.send(type="open", name="big.tp", text="x" * 50_000_000)
    assert window.errors
    window.act("tool:vector")
    assert "vector x" in window.source


def test_save_and_open_is_the_identity(window):
    import base64

    window.send(type="example", id="layernorm")
    window.send(type="move", positions={"x": [11, 22]})
    document = window.session.document
    window.act("save")
    saved = next(p for p in window.patches if p["type"] == "download")
    assert saved["name"] == "layernorm.tpviz"
    window.act("new")
    window.send(type="open", name=saved["name"], text=base64.b64decode(saved["base64"]).decode())
    assert window.session.document == document


def test_save_to_a_file(tmp_path):
    from tpviz.drawing import Document, load_document

    path = tmp_path / "lecture.tpviz"
    session = Session([], Document.from_text("vector x ~ N(0, 1)\n"), path)
    window = Window(session)
    window.act("save")
    assert load_document(path).source == "vector x ~ N(0, 1)\n"
    assert "Saved in" in session.view.frame["saved"]
    window.send(type="select", nodes=["x"], edges=[])
    window.act("tool:nonlin")
    assert "last saved" in session.view.frame["saved"]
    session.close()


def test_only_the_newest_result_is_shown(window):
    window.send(type="example", id="rnn")
    for log10 in (2, 3, 4, 5, 3.5):
        window.send(type="width", log10=log10)
    window.settle()
    run = window.session.column.computer._run
    assert run[1] == window.session.column.set.width


def test_a_closed_tab_frees_its_session():
    session = Session(find_examples())
    Window(session).send(type="example", id="mlp")
    ref = weakref.ref(session)
    session.close()
    time.sleep(0.3)
    del session
    for _ in range(20):
        gc.collect()
        if ref() is None:
            return
        time.sleep(0.1)
    raise AssertionError("the session is still alive")


def test_unknown_messages_are_refused_loudly(window):
    window.send(type="nonsense")
    assert "does not understand" in window.errors[0]
