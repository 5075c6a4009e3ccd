"""Lectures: what each step shows, what the speaker adds, its numbers, and the slides."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import tpviz as tp
from tests.tools import need_pdflatex
from tpviz.drawing import Document, document_from_text, document_to_text, load_document
from tpviz.drawing.edits import EditError, State, rename
from tpviz.drawing.edits.steps import add_step, change_step, move_step, remove_step, show_steps
from tpviz.drawing.formulas import formula_text
from tpviz.drawing.lecture import all_numbers, lecture_of, numbers, slides
from tpviz.drawing.lecture.beamer import escaped
from tpviz.drawing.lecture.camera import focus, view
from tpviz.drawing.lecture.numbers import Found, value_text
from tpviz.drawing.lecture.page import PROGRESS, RULE, code_lines, text_lines
from tpviz.drawing.lecture.plot import ticks, ticks_around, width_plot
from tpviz.drawing.scene import Group
from tpviz.gaussian import Estimate
from tpviz.language import DocumentError, InputError

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.tp"))
SMALL = "# A title\nmatrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\ny = W.T @ x  # there\nz = relu(y)\nq = mean(z**2)\nh = W @ z\n"


@pytest.fixture
def quick(monkeypatch):
    """Few and small runs."""
    monkeypatch.setattr(numbers, "WIDTHS", (2, 2.5, 3))
    monkeypatch.setattr(numbers, "NETWORKS", 60)
    monkeypatch.setattr(numbers, "RUN", 3.0)


def steps_of(state: State):
    return lecture_of(Document(tp.parse(state.source), state.source, marks=dict(state.marks)))


# the model


def test_each_line_that_draws_is_a_step_and_declarations_stand_over_the_first_that_uses_them():
    lecture = lecture_of(Document.from_text(SMALL))
    assert lecture.title == "A title"
    assert [s.id for s in lecture.steps] == ["line:x", "line:y", "line:z", "line:q", "line:h"]
    assert [s.rule for s in lecture.steps] == ["ZInit", "ZMatMul", "ZNonlin", "ZMoment", "ZMatMul"]
    y = lecture.steps[1]
    assert y.code == "y = W.T @ x"
    assert y.declared == ("matrix W ~ N(0, 1/n)",)
    assert y.note == "there"
    assert lecture.steps[4].declared == ()
    assert lecture.steps[2].nodes == ("gate:z", "z")
    assert lecture.steps[2].edges == ("y>gate:z:0", "gate:z>z:0")


def test_a_declaration_brings_those_that_it_reads():
    text = "constant s = 2\nfunction g(z) = tanh(z)\nfunction f(z) = s*g(z)\nvector x ~ N(0, s)\ny = f(x)\n"
    first, second = lecture_of(Document.from_text(text)).steps
    assert first.declared == ("constant s = 2",)
    assert second.declared == ("function g(z) = tanh(z)", "function f(z) = s*g(z)")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_everything_comes_once_and_stays(path):
    lecture = lecture_of(load_document(path))
    parts = [n.id for n in lecture.scene.nodes] + [e.id for e in lecture.scene.edges]
    order = {"later": 0, "current": 1, "there": 2}
    for id in parts:
        states = [lecture.state(id, k) for k in range(len(lecture.steps))]
        assert states.count("current") == 1, id
        assert [order[s] for s in states] == sorted(order[s] for s in states), id
    last = len(lecture.steps) - 1
    assert all(lecture.state(id, last) != "later" for id in parts)
    assert all(lecture.step_of(n) == k for k, s in enumerate(lecture.steps) for n in s.nodes)


def test_lines_with_problems_are_steps_that_say_so():
    text = "vector x ~ N(0, 1)\ny = relu(?)\nz = tanh(y)\n+++\nw = 2*x\n"
    lecture = lecture_of(Document.from_text(text))
    problems = {s.id: s.problem for s in lecture.steps}
    assert problems["line:x"] is None and problems["line:w"] is None  # noqa: PT018
    assert "ghost:y:0" in lecture.steps[1].nodes
    assert problems["line:y"][0]
    assert "reads a name" in problems["line:z"][0] or problems["line:z"][0]
    assert "line:#4" in problems


def test_an_empty_text_has_no_steps_and_cannot_be_written(tmp_path):
    assert lecture_of(Document.from_text("# nothing\n")).steps == ()
    with pytest.raises(InputError, match="draws nothing"):
        tp.lecture("# nothing\n", tmp_path / "a.pdf")
    with pytest.raises(InputError, match="cannot be written as"):
        tp.lecture(SMALL, tmp_path / "a.png")
    with pytest.raises(InputError, match="no theme"):
        tp.lecture(SMALL, theme="neon")


# the speaker's steps


def test_own_steps_stand_where_they_were_put_and_move():
    change, a = add_step(State(SMALL), "y", "First", "why", (Group(("x",), ("x>y:0",)),))
    change, b = add_step(change.state, "y", "Second", follows=a)
    change, c = add_step(change.state, "", "Start")
    state = change.state
    order = [s.id for s in steps_of(state).steps]
    assert order == [c, "line:x", "line:y", a, b, "line:z", "line:q", "line:h"]
    step = steps_of(state).steps[3]
    assert (step.title, step.note, step.highlight) == ("First", "why", (Group(("x",), ("x>y:0",)),))
    state = move_step(state, order, b, -1).state
    assert [s.id for s in steps_of(state).steps][3:5] == [b, a]
    for _ in range(3):
        order = [s.id for s in steps_of(state).steps]
        state = move_step(state, order, b, 1).state
    assert [s.id for s in steps_of(state).steps] == [c, "line:x", "line:y", a, "line:z", "line:q", b, "line:h"]
    with pytest.raises(EditError, match="step of your own"):
        move_step(state, order, "line:y", 1)
    state = remove_step(state, a).state
    assert a not in [s.id for s in steps_of(state).steps]
    with pytest.raises(EditError, match="not there"):
        change_step(state, a, name="x")


def test_a_hidden_line_comes_with_the_next_and_back():
    state = remove_step(State(SMALL), "line:y").state
    lecture = steps_of(state)
    assert [s.id for s in lecture.steps] == ["line:x", "line:z", "line:q", "line:h"]
    assert lecture.hidden == (("line:y", "MatMul y"),)
    assert [lecture.state("y", k) for k in range(2)] == ["later", "there"]
    assert [s.id for s in steps_of(show_steps(state).state).steps][1] == "line:y"


def test_a_name_and_a_highlight_of_a_line():
    state = change_step(State(SMALL), "line:z", name="  The   gate ", note="n").state
    state = change_step(state, "line:z", highlight=(Group(), Group(("y", "gone")))).state
    lecture = steps_of(state)
    assert (lecture.steps[2].title, lecture.steps[2].note) == ("The gate", "n")
    assert lecture.steps[2].highlight == (Group(), Group(("y",)))
    assert lecture.state("y", 0) == "later"
    with pytest.raises(EditError, match="at most"):
        change_step(state, "line:z", name="x" * 500)


def test_steps_follow_a_rename():
    change, id = add_step(State(SMALL), "y", "S", highlight=(Group(("y", "gate:z"), ("y>gate:z:0", "gate:z>z:0")),))
    state = rename(rename(change.state, "y", "g2").state, "z", "x2").state
    step = steps_of(state).steps[2]
    assert step.id == id
    assert step.highlight == (Group(("g2", "gate:x2"), ("g2>gate:x2:0", "gate:x2>x2:0")),)


def test_steps_are_saved_and_wrong_ones_refused():
    change, _ = add_step(State(SMALL), "y", "S", "note", (Group(("y",)),))
    text = document_to_text(Document(tp.parse(SMALL), SMALL, marks=dict(change.marks)))
    assert lecture_of(document_from_text(text)).steps[2].title == "S"
    for wrong in (
        '"S"',
        '{"name": 3}',
        '{"what": 1}',
        '{"highlight": {"5": {}}}',
        '{"highlight": {"1": {"nodes": "y"}}}',
    ):
        hostile = re.sub(r'"step:own:1": \{.*?\n  \}', f'"step:own:1": {wrong}', text, flags=re.S)
        assert hostile != text
        with pytest.raises(DocumentError, match="step of the lecture"):
            document_from_text(hostile)
    lecture = lecture_of(Document(tp.parse(SMALL), SMALL, marks={"step:own:1": {"name": 3}, "step:x": {}}))
    assert len(lecture.steps) == 5


# numbers


def test_numbers_are_those_of_the_limit(quick):
    document = load_document(next(p for p in EXAMPLES if p.stem == "layernorm"))
    lecture, limit = lecture_of(document), tp.limit(document.program)
    found = all_numbers(lecture, document.program)
    for name in ("g", "x", "y", "h", "z"):
        assert found[f"line:{name}"].number == pytest.approx(limit.second_moment(name), rel=1e-12)
        assert found[f"line:{name}"].plot is not None
    assert found["line:s"].number == pytest.approx(limit.scalar("s"))
    assert found["line:s"].value == "0.1704"
    assert found["line:f"].number == pytest.approx(float(tp.nngp(document.program, {})[0, 0]))
    assert "line:g" in found
    kernel = found["line:z"].kernel
    assert sum(m["kind"] == "cell" for m in kernel.marks) == 2 * 5**2
    dots = next(m for m in found["line:s"].plot.marks if m["kind"] == "dots")
    assert len(dots["points"]) == 2 * 3 * numbers.SEEDS


def test_what_has_no_limit_says_so_and_the_rest_goes_on(quick):
    text = "vector x ~ N(0, 1)\ny = exp(x**2)\nz = tanh(x)\nq = mean(y)\n"
    lecture = lecture_of(Document.from_text(text))
    found = all_numbers(lecture, tp.parse(text))
    assert found["line:y"].problem
    assert found["line:q"].problem
    assert found["line:z"].number == pytest.approx(tp.limit(tp.parse(text)).second_moment("z"))
    assert slides(lecture, found, ".pdf").startswith(b"%PDF")


def test_inputs_without_a_value_leave_numbers_out():
    text = "input xi\nembedding U ~ N(0, 1/d)\ng = U @ xi\nx = relu(g)\n"
    lecture = lecture_of(Document.from_text(text))
    found = all_numbers(lecture, tp.parse(text))
    assert "no value" in found["line:x"].problem
    assert found["line:x"].value == ""


def test_numbers_as_text():
    assert value_text(0.34084505690810466) == "0.3408"
    assert value_text(0.5) == "0.5"
    assert value_text(2.0) == "2"
    assert value_text(-7 / 6) == "−1.167"
    assert value_text(Estimate(0.12345, 0.004, "sampled")) == "0.12"
    assert value_text(Estimate(1e-17, 1e-16)) == "0"
    assert value_text(123456.0) == "1.235e5"
    assert ticks(-2.4, 2.4) == [-2, -1, 0, 1, 2]
    assert ticks_around(0.22, 0.46)[0] <= 0.22 < 0.46 <= ticks_around(0.22, 0.46)[-1]


def test_a_plot_stays_in_its_box(quick):
    plot = width_plot("s", 0.34, [(2, 0.48), (2, 0.2), (4, 0.35), (6, 0.3401)], r"\mathring{s}")
    for m in plot.marks:
        ys = m["points"][1::2] if "points" in m else [m["y"]]
        assert all(0 <= y <= 268 for y in ys)
    constant = width_plot("e", 0.0, [(2, 0.0), (6, 0.0)])
    assert any(m["kind"] == "dots" for m in constant.marks)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_mathtext_reads_every_formula(path):
    document = load_document(path)
    lecture = lecture_of(document)
    work = numbers._Work(lecture, document.program, lambda: False)
    list(work.limits())
    formulas = {s.general for s in lecture.steps} | {s.full[1] for s in lecture.steps if s.full}
    formulas |= {t for f in work.found.values() for t in (f.formula, f.before)}
    for tex in formulas - {""}:
        bare = formula_text(tex)
        assert bare.count(r"\mathrm") == tex.count(r"\mathrm"), tex  # plain characters stand in where it cannot be read


# what stands where


def test_lines_of_text_have_room():
    long = "z = " + " + ".join(f"tanh(x{k})" for k in range(40))
    found = Found(r"Z^x \sim N", r"\mathbb{E} Z^2 =", "1", ({"text": "0.1 at "}, {"tex": "n"}))
    for declared in range(7):
        step = lecture_of(Document.from_text(SMALL)).steps[1]
        step = replace(step, declared=tuple(f"matrix W{k} ~ N(0, 1/n)" for k in range(declared)), note="a note " * 20)
        lines = text_lines(step, found)
        ys = [line.y for line in lines]
        assert ys == sorted(ys)
        assert ys[0] > RULE + 20
        assert ys[-1] < PROGRESS
        assert {"code", "rule", "formula", "number"} <= {line.kind for line in lines}
    lines, size = code_lines(long)
    assert len(lines) <= 4
    assert size >= 18


def test_the_step_is_in_view_on_a_wide_drawing():
    text = "vector x0 ~ N(0, 1)\nmatrix W ~ N(0, 1/n)\n" + "".join(
        f"h{k} = W @ x{k - 1}\nx{k} = tanh(h{k})\n" for k in range(1, 25)
    )
    lecture = lecture_of(Document.from_text(text))
    assert len(lecture.steps) == 49
    bounds = lecture.scene.bounds()
    assert bounds[2] - bounds[0] > 3000
    for k, s in enumerate(lecture.steps):
        scale, x, y = view(bounds, focus(lecture, k))
        assert scale == 1.0
        for id in s.nodes:
            n = lecture.scene.by_id[id]
            assert 20 < scale * n.x + x < 1260
            assert 10 < scale * n.y + y < 286


def test_what_a_step_reads_is_in_view_on_a_tall_drawing():
    lecture = lecture_of(load_document(next(p for p in EXAMPLES if p.stem == "attention")))
    bounds, k = lecture.scene.bounds(), lecture.place["line:y"]
    assert bounds[3] - bounds[1] > 400
    scale, _, y = view(bounds, focus(lecture, k))
    assert 0.5 <= scale < 0.8
    for id in ("a1", "a2", "v1", "v2", "y"):
        assert 12 < scale * lecture.scene.by_id[id].y + y < 284
    assert view(bounds, focus(lecture, 0))[0] == 1.0


def test_a_caption_stands_clear_of_the_edges():
    def captions(example: str) -> dict[str, str]:
        document = load_document(next(p for p in EXAMPLES if p.stem == example))
        return dict(s.full for s in lecture_of(document).steps if s.full)

    assert captions("attention")["gate:s1"] == "q k^{1}"  # ψ(q, k¹) = would be written over the edge from k1
    assert captions("layernorm")["gate:s"].startswith(r"\psi(x,\nu)=")


# slides


def test_a_pdf_has_a_page_for_each_step_and_the_same_bytes_every_time(quick):
    document = Document.from_text("vector x ~ N(0, 1)\ny = relu(x)\nq = mean(y)\n")
    lecture = lecture_of(document)
    found = all_numbers(lecture, document.program)
    one, two = slides(lecture, found, ".pdf"), slides(lecture, found, ".pdf", theme="projector")
    assert one == two
    assert len(re.findall(rb"/Type /Page\b", one)) == len(lecture.steps)
    assert b"/MediaBox [ 0 0 640 360 ]" in one
    dark = slides(lecture, found, ".pdf", theme="dark")
    assert dark != one


def pdflatex(folder: Path, name: str = "a.tex") -> str:
    tool = need_pdflatex()
    run = subprocess.run([tool, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", name], cwd=folder,
                         capture_output=True, text=True, errors="replace", timeout=240)  # fmt: skip
    assert run.returncode == 0, run.stdout[-2000:]
    return run.stdout


HOSTILE = r"\write18{id} \input{/etc/passwd} $x$ # % & _ ^ ~ { } \\ < > | ' " "" + '" Ż é → ∞ 中'


@pytest.mark.parametrize("case", ["layernorm", "hostile", "wide", "problems"])
def test_beamer_compiles_to_a_page_for_each_step(tmp_path, quick, case):
    match case:
        case "hostile":
            change, _ = add_step(
                State(SMALL), "y", HOSTILE[:100], HOSTILE, (Group(("x", "y"), ("x>y:0",)), Group(("y", "z")))
            )
            state = change_step(change.state, "line:z", name=HOSTILE[:90]).state
            document = Document(
                tp.parse(SMALL),
                "# " + HOSTILE + "\n" + SMALL,
                labels={"x": r"\write18{id}", "y": "x^1^2"},
                marks=dict(state.marks),
            )
        case "wide":
            text = "vector x0 ~ N(0, 1)\nmatrix W ~ N(0, 1/n)\n" + "".join(
                f"x{k} = W @ x{k - 1}\n" for k in range(1, 14)
            )
            document = Document.from_text(text)
        case "problems":
            document = Document.from_text("vector x ~ N(0, 1)\ny = relu(?)\nz = x @ x\n_w = tanh(x)\nq = mean(W @ x)\n")
        case _:
            document = load_document(next(p for p in EXAMPLES if p.stem == case))
    lecture = lecture_of(document)
    found = all_numbers(lecture, document.program) if case == "layernorm" else {}
    (tmp_path / "a.tex").write_bytes(slides(lecture, found, ".tex"))
    assert f"Output written on a.pdf ({len(lecture.steps)} pages" in pdflatex(tmp_path)


def test_a_snippet_goes_into_a_document_twice(tmp_path):
    lecture = lecture_of(Document.from_text(SMALL))
    frame = slides(lecture, {}, ".tex", standalone=False).decode()
    assert r"\documentclass" not in frame
    (tmp_path / "frame.tex").write_text(frame)
    text = "\\documentclass{beamer}\n\\usepackage{tikz}\n\\begin{document}\n\\input{frame}\n\\begin{frame}between\\end{frame}\n\\input{frame}\n\\end{document}\n"
    (tmp_path / "a.tex").write_text(text)
    assert f"({2 * len(lecture.steps) + 1} pages" in pdflatex(tmp_path)


def test_overlays_say_when_each_part_comes():
    text = slides(lecture_of(Document.from_text(SMALL)), {}, ".tex").decode()
    assert r"\tpstep{y}{2}" in text
    assert r"\draw[matmul, step y]" in text
    assert r"\pic[step z shape] at (gate-z) {gate" in text
    assert text.count(r"\begin{frame}") == 1
    assert text.count(r"\begin{tikzpicture}") == 1


def test_text_for_tex_is_escaped():
    assert escaped(r"\a_b{c}$") == r"\textbackslash{}a\_b\{c\}\$"
    assert escaped("Ż→中") == r"Ż$\to$?"
    assert set(escaped("\n\t\x00")) <= {" ", "?"}


def test_a_density_without_numbers_does_not_break_a_plot(quick):
    document = Document.from_text("vector x ~ N(0, 0)\ny = x + x\n")
    lecture = lecture_of(document)
    found = all_numbers(lecture, document.program)
    assert found["line:x"].value == "0"
    assert slides(lecture, found, ".pdf")
