"""Writes the lecture on the recurrent network: slides by matplotlib, slides for beamer, and what pdflatex makes of these.

    python assets/gallery/make_lecture.py

tests/drawing/test_gallery.py holds the folder to what this writes.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import tpviz as tp
from tpviz.drawing.edits import State
from tpviz.drawing.edits.steps import add_step
from tpviz.drawing.highlight import highlight_groups
from tpviz.drawing.scene import draw

FOLDER = Path(__file__).parent
EXAMPLE = FOLDER.parents[1] / "examples" / "rnn.tp"

#: the speaker's own steps: after which line, name, note, what is lit
STEPS = (
    (
        "",
        "One matrix, every step",
        "The state is multiplied by the same W at every step. "
        "So the Gaussian parts of h2 and h3 are correlated, exactly as the states x1 and x2 are.",
        (),
    ),
    ("x3", "A path with the word W W", "From the first state to the third product, through W twice.", (("x1", "h2", "x2", "h3"),)),
    (
        "f",
        "Two isomorphic paths",
        "They start at different inputs and use the same matrices in the same order: their product does not vanish.",
        (("u1", "x1", "h2", "x2"), ("u2", "x2", "h3", "x3")),
    ),
)  # fmt: skip


def document() -> tp.Document:
    """The example with the speaker's steps."""
    plain = tp.load_document(EXAMPLE)
    scene = draw(plain.parsed)
    state = State(plain.source, scene.positions)
    for after, name, note, paths in STEPS:
        change, _ = add_step(state, after, name, note, highlight_groups(scene, paths or None))
        state = change.state
    return replace(plain, marks=dict(state.marks))


def compiled(tex: Path, to: Path) -> None:
    """Run pdflatex twice (the page's origin is known after the first run)."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "a.tex").write_bytes(tex.read_bytes())
        for _ in range(2):
            subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "a.tex"],
                           cwd=place, check=True, capture_output=True)  # fmt: skip
        to.write_bytes((Path(place) / "a.pdf").read_bytes())


if __name__ == "__main__":
    lecture = document()
    for suffix in (".pdf", ".tex"):
        tp.lecture(lecture, FOLDER / f"lecture-rnn{suffix}")
    compiled(FOLDER / "lecture-rnn.tex", FOLDER / "lecture-rnn-beamer.pdf")
