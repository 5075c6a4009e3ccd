"""The command line."""

import json

import pytest
from click.testing import CliRunner

from tpviz.cli import main

PROGRAM = "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\ny = W.T @ x\na = relu(y)\nh = W @ a\nq = mean(a)\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "p.tp"
    path.write_text(PROGRAM)
    return str(path)


def run(*args: str):
    return CliRunner().invoke(main, list(args))


def test_check_says_that_a_program_is_right(file):
    result = run("check", file)
    assert result.exit_code == 0
    assert "Netsor⊤+" in result.output


def test_check_lists_every_problem(tmp_path):
    path = tmp_path / "bad.tp"
    path.write_text("y = relu(x)\nz = W @ relu(y)\nvector u ~ N(0, -1)\n")
    result = run("check", str(path))
    assert result.exit_code == 1
    for line in (1, 2, 3):
        assert f"line {line}" in result.output


def test_limit_prints_second_moments_and_z_dot(file):
    result = run("limit", file, "--width", "1000")
    assert result.exit_code == 0
    assert "0.75" in result.output
    assert "0.5·Z^x" in result.output


TIED = """input xi = [1.0]
embedding U ~ N(0, 1/d)
matrix W ~ N(0, 1/n)
x0 = U @ xi
h1 = W @ x0
h2 = W.T @ h1
readout v ~ N(0, 1)
output f = v.T @ h2 / sqrt(n)
"""


def test_limit_prints_the_kernels_of_a_network(tmp_path):
    path = tmp_path / "tied.tp"
    path.write_text(TIED)
    assert "output f: NNGP 2, NTK 6, sum over paths 5" in run("limit", str(path)).output
    (output,) = json.loads(run("limit", str(path), "--json", "--input", "xi=2").output)["outputs"]
    assert (output["nngp"], output["ntk"], output["paths"]) == pytest.approx((8, 24, 20))


def test_check_prints_the_gia_check(tmp_path):
    path = tmp_path / "tied.tp"
    path.write_text(TIED)
    shown = run("check", str(path)).output
    assert "The simple GIA check passes." in shown
    assert "W occurs both as W and as Wᵀ" in shown
    assert "The NTK is 6, the sum over paths 5." in shown


def test_limit_as_json_with_a_changed_variance(file):
    result = run("limit", file, "--json", "--set", "W=4")
    rows = {r["name"]: r for r in json.loads(result.output)["vectors"]}
    assert rows["y"]["second_moment"] == pytest.approx(4)
    assert rows["h"]["zdot"] == {"x": pytest.approx(2.0)}


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png", "tex"])
def test_export(file, tmp_path, suffix):
    out = tmp_path / f"fig.{suffix}"
    result = run("export", file, "-o", str(out), "--highlight", "x,y,a")
    assert result.exit_code == 0, result.output
    assert out.stat().st_size > 500


def test_a_page_and_a_link_carry_the_program(file, tmp_path):
    from tpviz import from_link, load_document

    page = tmp_path / "page.html"
    assert run("export", file, "-o", str(page)).exit_code == 0
    assert load_document(page).source == PROGRAM
    printed = run("link", file, "--base", "http://localhost:5006/editor").output
    assert printed.startswith("http://localhost:5006/editor#p=1.")
    assert from_link(printed).source == PROGRAM
    assert "0.75" in run("limit", str(page)).output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("export", "{file}", "-o", "fig.gif"), ".svg, .pdf, .png"),
        (("export", "{file}", "-o", "fig.svg", "--highlight", "nobody"), "nobody"),
        (("limit", "{file}", "--set", "V=2"), "no parameter"),
        (("limit", "{file}", "--set", "W"), "NAME=VALUE"),
        (("limit", "{file}", "--width", "1000000000000"), "largest width"),
        (("edit", "fig.gif"), ".tp or .tpviz"),
    ],
)
def test_mistakes_are_said_in_one_line_without_a_traceback(file, args, message):
    result = run(*(a.replace("{file}", file) for a in args))
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output


def test_lecture_writes_slides(file, tmp_path):
    result = run("lecture", file, "-o", str(tmp_path / "a.tex"), "--snippet")
    assert result.exit_code == 0, result.output
    assert "5 steps" in result.output
    assert r"\begin{frame}<1-5>" in (tmp_path / "a.tex").read_text()
    assert run("lecture", file, "-o", str(tmp_path / "a.svg")).exit_code == 1
