import re
import subprocess
import xml.etree.ElementTree as ET

import pytest

from tests.tools import need_pdflatex
from tpviz.drawing import Document, draw, figure, paths_between, sketch
from tpviz.drawing.highlight import count_paths, highlight_groups
from tpviz.drawing.tikz import tikz_document
from tpviz.language import InputError, parse, parse_partial
from tpviz.language.expressions import read_expression
from tpviz.language.typeset import expression_tex, safe_tex, tex_width

from .programs import ALL, BROKEN, EXAMPLES, long_rnn

PATH = ["u1", "x1", "h2", "x2"]
RNN = parse(EXAMPLES["rnn"])


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png", ".tex"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_exports_the_same_bytes_twice(tmp_path, name, suffix):
    program = parse(EXAMPLES[name])
    figure(program, tmp_path / f"a{suffix}")
    figure(program, tmp_path / f"b{suffix}")
    data = (tmp_path / f"a{suffix}").read_bytes()
    assert data == (tmp_path / f"b{suffix}").read_bytes()
    assert data.startswith({".svg": b"<?xml", ".pdf": b"%PDF", ".png": b"\x89PNG", ".tex": b"\\documentclass"}[suffix])
    assert {p.suffix for p in tmp_path.iterdir()} == {suffix}


def test_svg_has_a_title_its_size_and_no_date():
    f = figure(RNN, title="A recurrent network")
    root = ET.fromstring(f.svg())
    assert root.find("{http://www.w3.org/2000/svg}title").text == "A recurrent network"
    left, top, right, bottom = (-25, -127, 699, 142)
    assert root.get("width") == f"{(right - left) / 2:g}pt"
    assert root.get("height") == f"{(bottom - top) / 2:g}pt"
    assert "<dc:date>" not in f.svg()
    assert f._repr_svg_() == f.svg()
    assert "u1 = U @ xi1" in f.svg()  # the program travels with the figure


def test_highlights_change_the_drawing():
    plain, one = figure(RNN).svg(), figure(RNN, highlight=PATH).svg()
    assert "#0072b2" in one
    assert "#b8dcef" in one
    assert "#0072b2" not in plain
    assert "#7" in one  # the rest is dimmed
    two = figure(RNN, highlight=[PATH, ["u2", "x2", "h3", "x3"]]).svg()
    assert "#b84a00" in two
    black = figure(RNN, highlight=PATH, style="print").svg()
    assert not re.search(r"#(0072b2|b8dcef)", black)
    assert "stroke-dasharray: 2.25" in black  # one path alone takes the dashed rim


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": "a.jpg"}, r"\.svg, \.pdf, \.png and \.tex"),
        ({"path": "a"}, "suffix"),
        ({"style": "grey"}, "no style 'grey'"),
        ({"theme": "pink"}, "no theme"),
        ({"highlight": ["x1", "h9"]}, "no 'h9'"),
        ({"highlight": "x1"}, "a list of names"),
        ({"highlight": [["x1"]] * 5}, "4 highlight styles"),
        ({"highlight": [3]}, "list of names"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        figure(RNN, **arguments)


def test_only_programs_are_drawn():
    with pytest.raises(InputError, match="Program or a Document"):
        figure(3)


def test_a_document_brings_its_layout_and_labels():
    document = Document(RNN, EXAMPLES["rnn"], {"x3": (900.0, 40.0)}, {"W": r"\Omega"}, {"inputs": True})
    scene = figure(document).scene
    assert (scene.by_id["x3"].x, scene.by_id["x3"].y) == (900, 40)
    assert r"\Omega" in {e.tex for e in scene.edges}
    assert scene.by_id["xi1"].kind == "input"


def test_labels_that_mathtext_cannot_set_become_plain_text():
    assert figure(RNN, labels={"x1": r"\colon \colon", "x2": "$%&", "x3": "x^{1}^{2}"}).svg()


# highlights


def test_a_path_brings_its_gates_and_edges():
    (group,) = highlight_groups(sketch(RNN), PATH)
    assert set(group.nodes) == {"u1", "gate:x1", "x1", "h2", "gate:x2", "x2"}
    assert set(group.edges) == {"u1>gate:x1:0", "gate:x1>x1:0", "x1>h2:0", "h2>gate:x2:0", "gate:x2>x2:0"}
    assert highlight_groups(sketch(RNN), None) == ()
    assert highlight_groups(sketch(RNN), [group]) == (group,)
    assert highlight_groups(sketch(RNN), ["x1>h2:0", "x3"])[0].edges == ("x1>h2:0",)
    with pytest.raises(InputError, match="Did you mean x2"):
        highlight_groups(sketch(RNN), ["x22"])


def test_inputs_that_are_not_shown_are_left_out():
    assert figure(RNN, highlight=["xi1", *PATH]).scene.highlight == figure(RNN, highlight=PATH).scene.highlight


def test_paths_are_counted_and_listed_lazily():
    text = "vector x0 ~ N(0, 1)\nmatrix W ~ N(0, 1/n)\n" + "".join(
        f"h{k} = W @ x{k - 1}\nx{k} = h{k} + x{k - 1}\n" for k in range(1, 61)
    )
    s = sketch(parse_partial(text))
    assert count_paths(s, "x0", "x60") == 2**60
    first = list(paths_between(s, "x0", "x60", limit=5))
    assert len(first) == 5
    nodes, edges = first[0]
    assert (nodes[0], nodes[-1]) == ("x0", "x60")
    assert len(edges) == len(nodes) - 1
    assert count_paths(s, "x3", "x1") == 0
    assert list(paths_between(s, "x3", "x1")) == []
    assert count_paths(sketch(RNN), "u1", "f") == len(list(paths_between(sketch(RNN), "u1", "f"))) == 3
    with pytest.raises(InputError, match="no 'q'"):
        paths_between(s, "x0", "q")


# TikZ


@pytest.mark.parametrize("case", [*ALL, "highlights", "broken", "dark", "labels"])
def test_tikz_compiles(tmp_path, case):
    pdflatex = need_pdflatex()
    match case:
        case "highlights":
            f = figure(RNN, highlight=[["u1", "x1"], ["x1", "h2"], ["h2", "x2"], ["x3", "f"]])
        case "broken":
            f = figure(parse_partial(BROKEN))
        case "dark":
            f = figure(RNN, theme="dark", inputs=True)
        case "labels":
            f = figure(
                RNN,
                labels={
                    "x1": r"\write18{id}",
                    "x2": "x^1^2",
                    "x3": r"\frac{a",
                    "h2": r"\bar{h}^{2}",
                    "W": r"\hat W'",
                    "f": "100 %",
                },
            )
        case _:
            f = figure(parse(ALL[case]))
    f.save(tmp_path / "a.tex")
    run = subprocess.run(
        [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "a.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
    )
    assert run.returncode == 0, run.stdout[-1500:]
    assert "Output written on a.pdf (1 page" in run.stdout
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", (tmp_path / "a.pdf").read_bytes())
    if box:  # cropped to the figure: TeX's points are 72/72.27 of a PDF's
        root = ET.fromstring(f.svg())
        assert float(box[1]) == pytest.approx(float(root.get("width")[:-2]) * 72 / 72.27, abs=0.5)


def test_tikz_snippet_is_a_picture_with_named_coordinates():
    text = figure(RNN).tikz(standalone=False)
    assert r"\documentclass" not in text
    assert r"\coordinate (gate-x1) at (68,0);" in text
    assert r"\draw[matmul" in text


def test_no_label_reaches_tex_unchecked():
    scene = draw(parse("vector x ~ N(0, 1)\n"), labels={"x": r"\input{secret}"})
    assert (
        r"\input"
        not in tikz_document(scene, figure(RNN).look, (0, 0, 9, 9), "a\n\\input{x}")
        .replace("% a", "")
        .split("\n", 2)[2]
    )


# TeX


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("(x - nu)**2", r"(x - \nu)^{2}"),
        ("x/2", r"\frac{x}{2}"),
        ("exp(-x**2)/2", r"\exp(-x^{2})/2"),
        ("2*x - y*(a + b)", "2 x - y (a + b)"),
        ("x1**2", "(x^{1})^{2}"),
        ("sqrt(s + eps)", r"\sqrt{s + \varepsilon}"),
        ("a/(b*c)", "a/(b c)"),
        ("relu(x1)", r"\mathrm{relu}(x^{1})"),
        ("-(a + b)", "-(a + b)"),
        ("1e-3*x", "0.001 x"),
        ("x*2", r"x \cdot 2"),
    ],
)
def test_expressions_as_tex(text, tex):
    assert expression_tex(read_expression(text)) == tex


@pytest.mark.parametrize(
    "tex", ["x^{1}", r"U\xi^{t}", r"\bar{h}_{0}^{2}", r"W^{2\top}", r"\frac{1}{2}", "x'", r"\mathrm{relu}"]
)
def test_plain_labels_are_kept(tex):
    assert safe_tex(tex) == tex


@pytest.mark.parametrize(
    "tex",
    [
        r"\input{a}",
        r"\write18{x}",
        "x}{",
        "$x$",
        "x^",
        "x^^M",
        "x^1^2",
        r"\frac{1}",
        r"\def\x{}",
        "%",
        "#1",
        "x_{a}_{b}",
        "\\",
        "é",
    ],
)
def test_others_become_upright_text(tex):
    assert safe_tex(tex).startswith(r"\mathrm{")


def test_widths_are_close_to_computer_modern():
    # measured: relu 1.67 em, x 0.57 em, W 0.94 em
    assert tex_width(r"\mathrm{relu}") == pytest.approx(1.67, abs=0.05)
    assert 0.45 < tex_width("x") < 0.65
    assert tex_width("x^{12}_{0}") == pytest.approx(tex_width("x^{12}"))


def test_a_long_program_is_drawn():
    assert len(figure(parse_partial(long_rnn(12))).scene.nodes) == 47
