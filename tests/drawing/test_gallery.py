"""The gallery holds the paper's figures, as assets/gallery/make.py writes them."""

import importlib.util
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

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
    files = {p.name for p in FOLDER.iterdir() if p.suffix in (".svg", ".pdf", ".png")}
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
