"""A scene painted by matplotlib: SVG, PDF and PNG, labels by mathtext in Computer Modern."""

from __future__ import annotations

import io
import logging
import re
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

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

from tpviz.language.typeset import plain_tex

from . import geometry, looks
from .looks import Look, Marking, marking, styles_of
from .scene import Edge, Node, Scene, page

if TYPE_CHECKING:
    from .figure import Figure

__all__ = ["MATPLOTLIB", "SETTINGS", "Painter", "mathtext", "render"]

BASELINE = 0.25  # the baseline stands this part of the size below the middle, so that labels share it
MATPLOTLIB = threading.Lock()  # its settings are global while a file is written
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "tpviz",
    "pdf.fonttype": 42,
    "pdf.compression": 6,
    "path.simplify": False,
    "mathtext.fontset": "cm",
    "text.usetex": False,
}
_OPEN = (Outline.MOVETO, Outline.LINETO, Outline.CURVE4, Outline.CLOSEPOLY)


def render(f: Figure, kind: str, keywords: str = "") -> bytes:
    """The figure as the bytes of an "svg", "pdf" or "png" file; a PDF takes the keywords."""
    left, top, right, bottom = page(f.scene)
    width, height = max(right - left, 8) * looks.PT / 72, max(bottom - top, 8) * looks.PT / 72
    out = io.BytesIO()
    with MATPLOTLIB, mpl.rc_context(SETTINGS):
        canvas = Canvas(figsize=(width, height), facecolor="none" if f.transparent else f.look.paper)
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, top)
        Painter(axes, f.scene, f.look).paint()
        match kind:
            case "svg":
                metadata: dict[str, Any] = {
                    "Date": None,
                    "Creator": "tpviz",
                    "Title": f.title,
                    "Description": f.document.source or None if f.document else None,
                }
                FigureCanvasSVG(canvas).print_svg(
                    out, metadata={k: v for k, v in metadata.items() if v is not None or k == "Date"}
                )
            case "pdf":
                logging.getLogger("fontTools").setLevel(
                    logging.ERROR
                )  # it warns about the dates in matplotlib's own fonts
                about = {"CreationDate": None, "Creator": "tpviz", "Producer": "tpviz", "Title": f.title}
                FigureCanvasPdf(canvas).print_pdf(out, metadata=about | ({"Keywords": keywords} if keywords else {}))
            case _:
                canvas.set_dpi(f.dpi)
                FigureCanvasAgg(canvas).print_png(out, metadata={"Software": "tpviz", "Title": f.title})
    return out.getvalue()


class Painter:
    """Draws a scene into matplotlib axes whose data units are world units, `pt` points each; `clip` at the axes' frame.
    What a lecture draws otherwise is overridden.
    """

    note_size: float = looks.NOTE_SIZE
    note_cleared = False

    def __init__(self, axes, scene: Scene, look: Look, pt: float = looks.PT, clip: bool = False):
        self.axes, self.scene, self.look, self.pt, self.clip = axes, scene, look, pt, clip
        self.order = 1.0

    def mark(self, part: Node | Edge) -> Marking:
        """The colour of a part, and whether it is highlighted."""
        return marking(part, self.scene, self.look)

    def note_colour(self, n: Node) -> str:
        return looks.note_colour(n, self.scene, self.look)

    def paint(self) -> None:
        self._frames()
        self._highlights()
        for e in self.scene.edges:
            self._edge(e)
        for n in self.scene.nodes:
            self._node(n)

    def _frames(self) -> None:
        """Round open groups, with their names."""
        for f in self.scene.frames:
            left, top = f.box[:2]
            self._path(
                geometry.rounded_box(f.box, looks.FRAME_RADIUS), stroke=looks.frame_colour(self.look), width=looks.FRAME
            )
            self._text(left + 2, top - 11, plain_tex(f.name), looks.COEFFICIENT_SIZE, self.look.note, align="left")

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
                    self._path(
                        geometry.shape_path(n.kind, n.grow, n.flip), (n.x, n.y), colour, p.width, p.dash, join="round"
                    )

    def _edge(self, e) -> None:
        m = self.mark(e)
        width = m.width or (looks.LINE_ON if m.on else looks.LINE)
        match e.kind:
            case "matmul":
                self._path(e.d, stroke=m.colour, width=width, dash=looks.DASH_ON if m.on else looks.DASH)
            case "readout":
                dots = m.width or (looks.LINE_ON if m.on else looks.READOUT)
                self._path(e.d, stroke=m.colour, width=dots, dash=looks.DOTS, cap="round")
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
        m, at = self.mark(n), (n.x, n.y)
        ghost = n.kind == "ghost"
        fill = m.fill or (self.look.error_tint if ghost else self.look.paper)
        width = m.width or (looks.LINE_ON if m.on else looks.LINE)
        if n.kind == "group":
            behind = (n.x + geometry.SHEET, n.y + geometry.SHEET)
            self._path(geometry.shape_path(n.kind), behind, m.colour, width, fill=fill)
        if n.kind != "caption":  # which has no shape
            outline = geometry.shape_path(n.kind, n.grow, n.flip)
            self._path(outline, at, m.colour, width, looks.GHOST if ghost else None, fill=fill)
        if n.kind == "moment":
            self._path(geometry.moment_bar(n.flip), at, m.colour, min(5, 2 * width) if m.width else looks.BAR)
        if n.kind == "output":
            self._path(geometry.OUTPUT_INNER, at, m.colour, looks.INNER)
        if n.tex:
            dx, dy = geometry.label_at(n, m.on)
            self._text(n.x + dx, n.y + dy, n.tex, n.size, m.colour)
        if n.note:
            self._text(n.x, n.y + 46, n.note, self.note_size, self.note_colour(n), self.note_cleared)

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
        points_wide = width * self.pt
        line = "-" if dash is None else (0, tuple(v * self.pt / points_wide for v in dash))
        patch = PathPatch(
            Outline(vertices, codes),
            facecolor=fill,
            edgecolor=stroke,
            linewidth=points_wide,
            linestyle=line,
            capstyle=cap,
            joinstyle=join,
            zorder=self.order,
            clip_on=self.clip,
            snap=False,
        )
        self.axes.add_patch(patch)
        self.order += 1e-3

    def _text(
        self, x: float, y: float, tex: str, size: float, colour: str, cleared: bool = False, align: str = "center"
    ) -> None:
        text = Text(
            x,
            y + BASELINE * size,
            f"${mathtext(tex)}$",
            fontsize=size * self.pt,
            color=colour,
            ha=align,
            va="baseline",
            math_fontfamily="cm",
            zorder=self.order,
            clip_on=self.clip,
        )
        if cleared:
            text.set_path_effects([withStroke(linewidth=6 * self.pt, foreground=self.look.paper)])
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
