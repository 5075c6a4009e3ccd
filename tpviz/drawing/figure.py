"""Figures for papers and slides: the scene as SVG, PDF and PNG (matplotlib, mathtext in Computer Modern) and as TikZ.

1 world unit is 0.5 pt. The same program gives the same bytes every time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tpviz.language import InputError, Parsed, Program

from .carry import in_png, in_svg, in_tex, pdf_keywords
from .compact import to_code
from .document import Document, write_atomically
from .highlight import highlight_groups
from .looks import Look, look_for
from .scene import Plan, Scene, page
from .sketch import sketch
from .tikz import tikz_document, tikz_picture

__all__ = ["FORMATS", "Figure", "document_of", "figure", "figure_of", "title_of"]

FORMATS = (".svg", ".pdf", ".png", ".tex")


@dataclass(frozen=True, repr=False)
class Figure:
    """A figure that can be shown in a notebook and saved as SVG, PDF, PNG or TikZ. What is saved carries `document`, so
    that tpviz opens it again.
    """

    scene: Scene
    look: Look
    title: str = "Tensor Program"
    document: Document | None = None
    transparent: bool = False
    dpi: float = 300

    def __repr__(self) -> str:
        return f"<Figure {self.title!r}: {len(self.scene.nodes)} nodes, {len(self.scene.edges)} edges>"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the figure; the suffix .svg, .pdf, .png or .tex says how."""
        write_atomically(path, self.to_bytes(_suffix(path)))

    def to_bytes(self, suffix: str) -> bytes:
        """The contents of a file with this suffix."""
        if suffix == ".tex":
            return self.tikz().encode()
        from .painter import render  # matplotlib is slow to import

        code = self.code
        data = render(self, suffix.lstrip("."), pdf_keywords(code) if code else "")
        match suffix:
            case ".svg" if code:
                return in_svg(data, code)
            case ".png" if code:
                return in_png(data, code)
        return data

    @property
    def code(self) -> str:
        """What the saved figure carries: the document with every node where it is drawn; empty without one."""
        if self.document is None:
            return ""
        return to_code(replace(self.document, layout={**self.scene.positions, **self.document.layout}))

    def svg(self) -> str:
        """The figure as SVG text."""
        return self.to_bytes(".svg").decode()

    def tikz(self, standalone: bool = True) -> str:
        """TikZ: a document that pdflatex turns into a cropped page, or the picture alone to \\input into a paper."""
        box = page(self.scene)
        text = (
            tikz_document(self.scene, self.look, box, self.title)
            if standalone
            else tikz_picture(self.scene, self.look, box)
        )
        code = self.code
        return in_tex(text, code) if code else text

    def _repr_svg_(self) -> str:
        return self.svg()


def figure(
    program: Program | Document | Parsed | str,
    path: str | os.PathLike[str] | None = None,
    highlight: object = None,
    style: Literal["colour", "print"] = "colour",
    theme: Literal["light", "dark", "projector"] = "light",
    inputs: bool | None = None,
    labels: Mapping[str, str] | None = None,
    layout: Mapping[str, tuple[float, float]] | None = None,
    title: str | None = None,
    transparent: bool = False,
    dpi: float = 300,
) -> Figure:
    """Draw a program, and write the figure when a path is given (.svg, .pdf, .png or .tex).

    `highlight`: a path as a list of names, or up to four of them. `style="print"` is black and white; `inputs=True`
    shows inputs as pills. `labels` replaces labels (TeX) and `layout` positions {id: (x, y)}; a Document brings its
    own. Raises `InputError` for a suffix, style, theme or name that is not known.
    """
    if path is not None:
        _suffix(path)
    if style not in ("colour", "print"):
        raise InputError(f"There is no style {style!r}.", hint='Use "colour" or "print".')
    if theme not in ("light", "dark", "projector"):
        raise InputError(f"There is no theme {theme!r}.", hint='Use "light", "dark" or "projector".')
    document = document_of(program)
    view = {**document.view, **({} if inputs is None else {"inputs": bool(inputs)})}
    positions = {**document.layout, **(layout or {})}
    document = replace(document, layout=positions, labels={**document.labels, **(labels or {})}, view=view)
    drawn = sketch(document.parsed, view, document.labels)
    lit = highlight_groups(drawn, highlight, skip=document.program.inputs)
    scene = Plan.of(drawn, positions, document.marks).scene(lit)
    out = figure_of(scene, style, theme, title or title_of(document), document, transparent, dpi)
    if path is not None:
        out.save(path)
    return out


def figure_of(
    scene: Scene,
    style: str = "colour",
    theme: str = "light",
    title: str = "Tensor Program",
    document: Document | None = None,
    transparent: bool = False,
    dpi: float = 300,
) -> Figure:
    """The figure of a scene as it stands, with its highlights: what is exported is what is seen. It carries `document`."""
    return Figure(scene, look_for(style, theme), title, document, transparent, dpi)


def document_of(program: object) -> Document:
    """What is drawn, as a document."""
    match program:
        case Document():
            return program
        case Program():
            return Document.from_program(program)
        case Parsed():
            return Document.from_text(program.source)
        case str():
            return Document.from_text(program)
    raise InputError(
        f"A drawing is made from a Program or a Document, got {type(program).__name__}.",
        hint="Use tp.parse(text) or tp.load_document(path).",
    )


def title_of(document: Document) -> str:
    first = document.source.lstrip().split("\n", 1)[0]
    return first.lstrip("# ").strip() or "Tensor Program" if first.startswith("#") else "Tensor Program"


def _suffix(path: str | os.PathLike[str]) -> str:
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise InputError(
            f"A figure cannot be written as {suffix or 'a file without a suffix'!r}.",
            hint="The suffixes are .svg, .pdf, .png and .tex.",
        )
    return suffix
