"""The gallery holds the paper's figures, as assets/gallery/make.py writes them."""

import importlib.util
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.tools import need_pdflatex
from tpviz.drawing.lecture import all_numbers, lecture_of, slides

from .test_layout import check_scene

FOLDER = Path(__file__).parents[2] / "assets" / "gallery"
SPEC = importlib.util.spec_from_file_location("gallery", FOLDER / "make.py")
gallery = importlib.util.module_from_spec(SPEC)
sys.modules["gallery"] = gallery  # dataclasses look their module up
SPEC.loader.exec_module(gallery)
PLATES = {plate.name: plate for plate in gallery.PLATES}


def outlines(svg: str) -> list[str]:
    """Size and strokes of a figure. The glyphs of its labels are matplotlib's and may differ from version to version."""
    root = ET.fromstring(svg)
    groups = root.findall(".//{http://www.w3.org/2000/svg}g")
    patches = [g for g in groups if g.get("id", "").startswith("patch_")]
    paths = [" ".join([p.get("d", ""), p.get("style", "")]) for g in patches for p in g]
    return [root.get("width"), root.get("height"), *(re.sub(r"\s+", " ", p) for p in paths)]


def test_all_figures_of_the_paper_are_there():
    assert [p.number for p in gallery.PLATES] == ["1a", "1b", "2", "3", "4a", "4b", "5", "6"]
    files = {
        p.name for p in FOLDER.iterdir() if p.suffix in (".svg", ".pdf", ".png") and not p.stem.startswith("lecture-")
    }
    assert files == {f"{name}{suffix}" for name in PLATES for suffix in (".svg", ".pdf", ".png")}


@pytest.mark.parametrize("name", PLATES)
def test_the_committed_figure_is_what_the_script_writes(name):
    """If this fails after a change of the drawing: python assets/gallery/make.py, look at the figures, commit them."""
    drawn = outlines(gallery.draw(PLATES[name]).svg())
    assert len(drawn) > 10
    assert outlines((FOLDER / f"{name}.svg").read_text(encoding="utf-8")) == drawn


@pytest.mark.parametrize("name", PLATES)
def test_a_figure_is_free_of_overlaps(name):
    figure = gallery.draw(PLATES[name])
    check_scene(figure.scene)
    assert figure.to_bytes(".pdf").startswith(b"%PDF")
    assert len(figure.scene.highlight) == len(PLATES[name].highlight)


def test_writing_it_gives_every_file(tmp_path):
    written = gallery.make(tmp_path, (".svg",))
    assert [p.stem for p in written] == list(PLATES)
    assert all(p.stat().st_size > 1000 for p in written)


# the lecture

LECTURE = importlib.util.spec_from_file_location("gallery_lecture", FOLDER / "make_lecture.py")


def pages(name: str) -> int:
    return len(re.findall(rb"/Type /Page\b", (FOLDER / name).read_bytes()))


def test_the_committed_lecture_is_what_the_script_writes():
    """If this fails after a change of the drawing: python assets/gallery/make_lecture.py, look at the slides, commit them."""
    script = importlib.util.module_from_spec(LECTURE)
    LECTURE.loader.exec_module(script)
    lecture = lecture_of(script.document())
    assert [s.title for s in lecture.steps if s.own] == [name for _, name, _, _ in script.STEPS]
    assert pages("lecture-rnn.pdf") == len(lecture.steps) == 12
    text = (FOLDER / "lecture-rnn.tex").read_text(encoding="utf-8").splitlines()
    written = slides(lecture, all_numbers(lecture, script.document().program), ".tex").decode().splitlines()
    assert len(text) == len(written)
    # what was simulated may differ in the last digit from one numpy to another
    sure = [
        (a, b) for a, b in zip(text, written, strict=True) if "\\foreach" not in a and "tpaccent, line width" not in a
    ]
    assert len(sure) > 300
    assert [a for a, b in sure if a != b] == []


def test_the_committed_beamer_slides_compile(tmp_path):
    (tmp_path / "a.tex").write_bytes((FOLDER / "lecture-rnn.tex").read_bytes())
    run = subprocess.run([need_pdflatex(), "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "a.tex"],
                         cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=240)  # fmt: skip
    assert run.returncode == 0, run.stdout[-1500:]
    assert "Output written on a.pdf (12 pages" in run.stdout
    assert (FOLDER / "lecture-rnn-beamer.pdf").read_bytes().startswith(b"%PDF")
