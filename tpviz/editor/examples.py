"""The examples that come with tpviz, for the menu and the first-start page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
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
        return {"id": self.id, "title": self.title, "subtitle": self.subtitle, "scene": self._drawn}

    @cached_property
    def _drawn(self) -> dict[str, Any]:
        document = self.document
        return draw(document.parsed, document.layout, document.labels, document.view, marks=document.marks).to_dict()


def _folder() -> Path:
    installed = Path(__file__).resolve().parent.parent / "examples"
    return installed if installed.is_dir() else Path(__file__).resolve().parents[2] / "examples"


def find_examples() -> list[Example]:
    """Every .tp and .tpviz file of the examples folder, the paper's figures first. Sessions share them: they are read and drawn once."""
    found = [_read(path, path.stat().st_mtime_ns) for path in sorted(_folder().glob("*.tp*"))]
    found.sort(key=lambda e: (_ORDER.index(e.id) if e.id in _ORDER else len(_ORDER), e.id))
    return found


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> Example:
    """The example of this file, as it was written at `changed`."""
    comments = [line[1:].strip() for line in load_document(path).source.splitlines() if line.startswith("#")]
    title, subtitle = (*comments, "", "")[:2]
    return Example(path.stem, title or path.stem, subtitle, path)
