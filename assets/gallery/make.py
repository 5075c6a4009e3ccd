"""Writes the figures of this folder: those of Tensor Programs IIb, from the programs in examples/.

    python assets/gallery/make.py

The same programs give the same bytes, on every machine with the same matplotlib; tests/drawing/test_gallery.py holds
the folder to that.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tpviz as tp

FOLDER = Path(__file__).parent
EXAMPLES = FOLDER.parents[1] / "examples"
FORMATS = (".svg", ".pdf")
PREVIEW_DPI = 144


@dataclass(frozen=True)
class Plate:
    """A figure of the gallery: `number` is that of the paper, `highlight` as in `tp.figure`."""

    name: str
    number: str
    example: str
    highlight: tuple[tuple[str, ...], ...] = ()


PLATES = (
    Plate("mlp", "1a", "mlp"),
    Plate("rnn", "1b", "rnn"),
    Plate("path", "2", "rnn", (("x1", "h2", "x2", "h3"),)),
    Plate("isomorphic", "3", "isomorphic", (("x1", "h2", "x2", "h3"), ("y1", "k2", "y2", "k3"))),
    Plate("layernorm", "4a", "layernorm"),
    Plate("attention", "4b", "attention"),
    Plate("convolution", "5", "convolution"),
    Plate("backprop", "6", "backprop"),
)


def draw(plate: Plate, dpi: float = PREVIEW_DPI) -> tp.drawing.Figure:
    """The plate as a figure."""
    document = tp.load_document(EXAMPLES / f"{plate.example}.tp")
    return tp.figure(document, highlight=plate.highlight or None, dpi=dpi)


def make(folder: Path = FOLDER, formats: tuple[str, ...] = (*FORMATS, ".png")) -> list[Path]:
    """Write every plate; the files that were written."""
    written = []
    for plate in PLATES:
        figure = draw(plate)
        for suffix in formats:
            written.append(folder / f"{plate.name}{suffix}")
            figure.save(written[-1])
    return written


if __name__ == "__main__":
    for path in make():
        print(path.relative_to(FOLDER.parents[1]))
