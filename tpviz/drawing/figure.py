"""Figures for papers and slides: the scene as SVG, PDF and PNG (matplotlib, mathtext in Computer Modern) and as TikZ.

1 world unit is 0.5 pt. The same program gives the same bytes every time.
"""

from __future__ import annotations

import io
import logging
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas
from matplotlib.mathtext import MathTextParser
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from tpviz.language import InputError, Parsed, Program
from tpviz.language.typeset import plain_tex

from . import geometry, looks
from .document import Document, write_atomically
from .highlight import highlight_groups
from .looks import Look, look_for, marking, styles_of
from .scene import Scene, draw
from .tikz import tikz_document, tikz_picture

__all__ = ["FORMATS", "Figure", "figure", "figure_of"]

FORMATS = (".svg", ".pdf", ".png", ".tex")
MARGIN, MARGIN_ON = 6.0, 14.0  # round the drawing, in world units; with highlights
BASELINE = 0.25  # the baseline stands this part of the size below the middle, so that labels share it
_MATPLOTLIB = threading.Lock()  # its settings are global while a file is written
_OPEN = (Outline.MOVETO, Outline.LINETO, Outline.CURVE4, Outline.CLOSEPOLY)


@dataclass(frozen=True, repr=False)
class Figure:
    """A figure that can be shown in a notebook and saved as SVG, PDF, PNG or TikZ."""

    scene: Scene
    look: Look
    title: str = "Tensor Program"
    source: str = ""
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
        return _render(self, suffix.lstrip("."))

    def svg(self) -> str:
        """The figure as SVG text."""
        return self.to_bytes(".svg").decode()

    def tikz(self, standalone: bool = True) -> str:
        """TikZ: a document that pdflatex turns into a cropped page, or the picture alone to \\input into a paper."""
        box = page(self.scene)
        return (
            tikz_document(self.scene, self.look, box, self.title)
            if standalone
            else tikz_picture(self.scene, self.look, box)
        )

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
    document = _document(program)
    view = {**document.view, **({} if inputs is None else {"inputs": bool(inputs)})}
    positions = {**document.layout, **(layout or {})}
    scene = draw(document.parsed, positions, {**document.labels, **(labels or {})}, view)
    groups = highlight_groups(scene, highlight, skip=document.program.inputs)
    out = figure_of(
        replace(scene, highlight=groups), style, theme, title or _title(document), document.source, transparent, dpi
    )
    if path is not None:
        out.save(path)
    return out


def figure_of(
    scene: Scene,
    style: str = "colour",
    theme: str = "light",
    title: str = "Tensor Program",
    source: str = "",
    transparent: bool = False,
    dpi: float = 300,
) -> Figure:
    """The figure of a scene as it stands, with its highlights: what is exported is what is seen."""
    return Figure(scene, look_for(style, theme), title, source, transparent, dpi)


def _document(program: object) -> Document:
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
        f"A figure is drawn from a Program or a Document, got {type(program).__name__}.",
        hint="Use tp.parse(text) or tp.load_document(path).",
    )


def _title(document: Document) -> str:
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


def page(scene: Scene) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the page, in whole units."""
    margin = MARGIN_ON if scene.highlight else MARGIN
    left, top, right, bottom = scene.bounds()
    return (
        float(int(left - margin - 1)),
        float(int(top - margin - 1)),
        float(int(right + margin + 1)),
        float(int(bottom + margin + 1)),
    )


# matplotlib


def _render(f: Figure, kind: str) -> bytes:
    left, top, right, bottom = page(f.scene)
    width, height = max(right - left, 8) * looks.PT / 72, max(bottom - top, 8) * looks.PT / 72
    settings: dict[Any, Any] = {
        "svg.fonttype": "path",
        "svg.hashsalt": "tpviz",
        "pdf.fonttype": 42,
        "pdf.compression": 6,
        "path.simplify": False,
        "mathtext.fontset": "cm",
        "text.usetex": False,
    }
    out = io.BytesIO()
    with _MATPLOTLIB, mpl.rc_context(settings):
        canvas = Canvas(figsize=(width, height), facecolor="none" if f.transparent else f.look.paper)
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, top)
        _Painter(axes, f.scene, f.look).paint()
        match kind:
            case "svg":
                metadata: dict[str, Any] = {
                    "Date": None,
                    "Creator": "tpviz",
                    "Title": f.title,
                    "Description": f.source or None,
                }
                FigureCanvasSVG(canvas).print_svg(
                    out, metadata={k: v for k, v in metadata.items() if v is not None or k == "Date"}
                )
            case "pdf":
                logging.getLogger("fontTools").setLevel(
                    logging.ERROR
                )  # it warns about the dates in matplotlib's own fonts
                FigureCanvasPdf(canvas).print_pdf(
                    out, metadata={"CreationDate": None, "Creator": "tpviz", "Producer": "tpviz", "Title": f.title}
                )
            case _:
                canvas.set_dpi(f.dpi)
                FigureCanvasAgg(canvas).print_png(out, metadata={"Software": "tpviz", "Title": f.title})
    return out.getvalue()


class _Painter:
    """Draws a scene into matplotlib axes whose data units are world units."""

    def __init__(self, axes, scene: Scene, look: Look):
        self.axes, self.scene, self.look = axes, scene, look
        self.order = 1.0

    def paint(self) -> None:
        self._highlights()
        for e in self.scene.edges:
            self._edge(e)
        for n in self.scene.nodes:
            self._node(n)

    def _highlights(self) -> None:
        by_id, edges = self.scene.by_id, {e.id: e for e in self.scene.edges}
        for p in looks.PASSES:
            for style, group in styles_of(self.scene, self.look):
                if style != p.style:
                    continue
                colour = {"line": self.look.paths[style - 1], "paper": self.look.paper, "band": self.look.band}[p.paint]
                for id in group.edges:
                    self._path(edges[id].d, stroke=colour, width=p.width, dash=p.dash, join="round")
                for id in group.nodes:
                    n = by_id[id]
                    self._path(geometry.shape_path(n.kind, n.grow), (n.x, n.y), colour, p.width, p.dash, join="round")

    def _edge(self, e) -> None:
        m = marking(e, self.scene, self.look)
        width = looks.LINE_ON if m.on else looks.LINE
        match e.kind:
            case "matmul":
                self._path(e.d, stroke=m.colour, width=width, dash=looks.DASH_ON if m.on else looks.DASH)
            case "readout":
                self._path(
                    e.d, stroke=m.colour, width=looks.LINE_ON if m.on else looks.READOUT, dash=looks.DOTS, cap="round"
                )
            case _:
                self._path(e.d, stroke=m.colour, width=width)
        if e.head:
            self._path(geometry.arrow(e.tip, e.direction, m.on), fill=m.colour)
        if e.tex:
            self._text(
                e.middle[0],
                e.middle[1] - (19 if m.on else 14),
                e.tex,
                looks.EDGE_SIZE,
                m.colour,
                cleared=looks.is_slanted(e),
            )
        if e.coefficient:
            x, y = geometry.coefficient_at(self.scene.by_id[e.target], e.slot)
            self._text(x, y, e.coefficient, looks.COEFFICIENT_SIZE, m.colour)

    def _node(self, n) -> None:
        m, at = marking(n, self.scene, self.look), (n.x, n.y)
        ghost = n.kind == "ghost"
        fill = self.look.error_tint if ghost else self.look.paper
        width = looks.LINE_ON if m.on else looks.LINE
        self._path(geometry.shape_path(n.kind, n.grow), at, m.colour, width, looks.GHOST if ghost else None, fill=fill)
        if n.kind == "moment":
            self._path(geometry.MOMENT_BAR, at, m.colour, looks.BAR)
        if n.kind == "output":
            self._path(geometry.OUTPUT_INNER, at, m.colour, looks.INNER)
        if n.tex:
            dx, dy = geometry.label_at(n, m.on)
            self._text(n.x + dx, n.y + dy, n.tex, n.size, m.colour)
        if n.note:
            self._text(n.x, n.y + 46, n.note, looks.NOTE_SIZE, looks.note_colour(n, self.scene, self.look))

    def _path(
        self,
        d: str,
        at=(0.0, 0.0),
        stroke: str = "none",
        width: float = 0,
        dash=None,
        fill: str = "none",
        cap: str = "butt",
        join: str = "miter",
    ) -> None:
        vertices: list[tuple[float, float]] = []
        codes = []
        for op, points in geometry.resolve(d, *at):
            code = _OPEN["MLCZ".index(op)]
            for p in points or [vertices[-1]]:
                vertices.append(p)
                codes.append(code)
        points_wide = width * looks.PT
        line = "-" if dash is None else (0, tuple(v * looks.PT / points_wide for v in dash))
        patch = PathPatch(
            Outline(vertices, codes),
            facecolor=fill,
            edgecolor=stroke,
            linewidth=points_wide,
            linestyle=line,
            capstyle=cap,
            joinstyle=join,
            zorder=self.order,
            clip_on=False,
            snap=False,
        )
        self.axes.add_patch(patch)
        self.order += 1e-3

    def _text(self, x: float, y: float, tex: str, size: float, colour: str, cleared: bool = False) -> None:
        text = Text(
            x,
            y + BASELINE * size,
            f"${mathtext(tex)}$",
            fontsize=size * looks.PT,
            color=colour,
            ha="center",
            va="baseline",
            math_fontfamily="cm",
            zorder=self.order,
            clip_on=False,
        )
        if cleared:
            text.set_path_effects([withStroke(linewidth=6 * looks.PT, foreground=self.look.paper)])
        self.axes.add_artist(text)
        self.order += 1e-3


@lru_cache(maxsize=4096)
def mathtext(tex: str) -> str:
    """The label as mathtext sets it well (it leaves too much space before superscripts), or its plain characters
    where it cannot.
    """
    closer = re.sub(r"(?<=[A-Za-z])\^\{", r"^{\\hspace{-0.15}", tex).replace(r"\top", r"\hspace{-0.2}\top")
    for candidate in (closer, tex):
        try:
            MathTextParser("path").parse(f"${candidate}$")
        except (ValueError, RuntimeError, KeyError):
            continue
        return candidate
    return plain_tex(tex)
