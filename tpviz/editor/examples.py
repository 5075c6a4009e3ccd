"""The examples that come with tpviz, for the menu and the first-start page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..drawing import Document, draw, load_document

__all__ = ["Example", "find_examples"]

_ORDER = (
    "mlp",
    "rnn",
    "there_and_back",
    "nonlinear_there_and_back",
    "autoencoder",
    "layernorm",
    "backprop",
    "attention",
    "convolution",
    "isomorphic",
)


@dataclass(frozen=True)
class Example:
    """A file of the examples folder; its first two comment lines are title and subtitle."""

    id: str
    title: str
    subtitle: str
    path: Path

    @cached_property
    def document(self) -> Document:
        return load_document(self.path)

    def card(self) -> dict[str, Any]:
        document = self.document
        scene = draw(document.parsed, document.layout, document.labels, document.view, marks=document.marks)
        return {"id": self.id, "title": self.title, "subtitle": self.subtitle, "scene": scene.to_dict()}


def _folder() -> Path:
    installed = Path(__file__).resolve().parent.parent / "examples"
    return installed if installed.is_dir() else Path(__file__).resolve().parents[2] / "examples"


def find_examples() -> list[Example]:
    """Every .tp and .tpviz file of the examples folder, the paper's figures first."""
    found = []
    for path in sorted(_folder().glob("*.tp*")):
        comments = [line[1:].strip() for line in load_document(path).source.splitlines() if line.startswith("#")]
        title, subtitle = (*comments, "", "")[:2]
        found.append(Example(path.stem, title or path.stem, subtitle, path))
    found.sort(key=lambda e: (_ORDER.index(e.id) if e.id in _ORDER else len(_ORDER), e.id))
    return found
