"""Slides as a PDF: one page for each step, 16:9, the slide as lecture mode shows it. By matplotlib, without LaTeX."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.mathtext import MathTextParser
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.textpath import TextPath

from ..formulas import formula_text
from ..painter import MATPLOTLIB, SETTINGS, Painter
from ..scene import Edge, Node, Scene
from . import page
from .camera import focus, view
from .colours import COLOURS, SlideColours, marking_in
from .model import Lecture
from .numbers import Found
from .page import Line
from .plot import Plot

__all__ = ["pdf"]

PT = 0.5  # points in one px of a slide
SANS, MONO = "DejaVu Sans", "DejaVu Sans Mono"
SANS_EM, MONO_EM = 0.9, 0.92  # DejaVu is wide: set a little smaller than its size


def pdf(lecture: Lecture, found: Mapping[str, Found], theme: str = "projector") -> bytes:
    """The slides of a lecture; the same program gives the same bytes every time."""
    out = io.BytesIO()
    colours = COLOURS[theme]
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it warns about the dates in matplotlib's own fonts
    metadata = {"CreationDate": None, "Creator": "tpviz", "Producer": "tpviz", "Title": lecture.title}
    with MATPLOTLIB, mpl.rc_context(SETTINGS), PdfPages(out, metadata=metadata) as pages:
        for k in range(len(lecture.steps)):
            pages.savefig(_Slide(lecture, k, found.get(lecture.steps[k].id), colours).canvas)
    return out.getvalue()


class _StepPainter(Painter):
    """The drawing in one step."""

    note_size = 17
    note_cleared = True

    def __init__(self, axes, lecture: Lecture, k: int, colours: SlideColours, scale: float):
        step = lecture.steps[k]
        notes = {step.full[0]: step.full[1]} if step.full else {}
        nodes = tuple(replace(n, note=notes.get(n.id, "")) for n in lecture.scene.nodes)
        scene = Scene(nodes, lecture.layered.edges, step.highlight)
        super().__init__(axes, scene, colours.look, PT * scale, clip=True)
        self.lecture, self.k, self.colours = lecture, k, colours

    def mark(self, part: Node | Edge):
        return marking_in(self.lecture, self.k, part, self.colours)

    def note_colour(self, n: Node) -> str:
        return self.colours.accent


class _Slide:
    def __init__(self, lecture: Lecture, k: int, found: Found | None, colours: SlideColours):
        self.lecture, self.k, self.colours = lecture, k, colours
        self.step, self.found = lecture.steps[k], found
        self.canvas = Canvas(figsize=(page.WIDTH * PT / 72, page.HEIGHT * PT / 72), facecolor=colours.look.paper)
        FigureCanvasPdf(self.canvas)
        self._drawing()
        self.axes = self.canvas.add_axes((0, 0, 1, 1), zorder=2)
        self.axes.set_axis_off()
        self.axes.patch.set_visible(False)
        self.axes.set_xlim(0, page.WIDTH)
        self.axes.set_ylim(page.HEIGHT, 0)
        self._head()
        for line in page.text_lines(self.step, found):
            self._line(line)
        if found is not None and found.plot is not None and self.step.problem is None:
            self._plot(found.plot)
        self._progress()

    def _drawing(self) -> None:
        top, bottom = page.DRAWING
        scale, x, y = view(self.lecture.scene.bounds(), focus(self.lecture, self.k), page.WIDTH, bottom - top)
        axes = self.canvas.add_axes((0, 1 - bottom / page.HEIGHT, 1, (bottom - top) / page.HEIGHT), zorder=1)
        axes.set_axis_off()
        axes.set_xlim(-x / scale, (page.WIDTH - x) / scale)
        axes.set_ylim((bottom - top - y) / scale, -y / scale)
        _StepPainter(axes, self.lecture, self.k, self.colours, scale).paint()

    def _head(self) -> None:
        look = self.colours.look
        number, of = page.number_of(self.lecture, self.k)
        self._sans(page.LEFT, 40, self.lecture.title, 24, look.ink, weight="bold", room=680)
        if self.step.name and not self.step.own:
            self._sans(page.RIGHT - 140, 40, self.step.name, 24, self.colours.ink2, anchor="right", room=380)
        width = _sans_width(of, 24)
        self._sans(page.RIGHT, 40, of, 24, self.colours.ink2, anchor="right")
        self._sans(page.RIGHT - width, 40, number, 24, look.ink, weight="bold", anchor="right")
        self._stroke([page.LEFT, page.RULE, page.RIGHT, page.RULE], self.colours.line, 1.5)

    def _line(self, line: Line) -> None:
        c, ink = self.colours, self.colours.look.ink
        match line.kind:
            case "name":
                self._sans(page.LEFT, line.y, line.text, line.size, ink, weight="bold", room=1100)
            case "code":
                self._mono(line.text, line.y, line.size, ink)
            case "declared":
                self._mono(line.text, line.y, line.size, c.ink2)
            case "rule":
                self._sans(page.LEFT, line.y, line.text, line.size, c.accent, weight="bold")
                x = page.LEFT + _sans_width(line.text, line.size, "bold") + 24
                if line.value:
                    self._formula(x, line.y, line.value, line.size, c.ink2, room=page.LEFT + page.TEXT - x)
            case "formula":
                self._formula(page.LEFT, line.y, line.text, line.size, ink, room=page.TEXT)
            case "number":
                number = f"\\mathrm{{{line.value.replace('−', '{-}')}}}" if line.value else ""
                wide = _width(number, 52) + 16
                end = self._formula(page.LEFT, line.y, line.text, line.size, ink, room=page.TEXT - wide)
                self._formula(end + 16, line.y, number, 52, c.accent)
            case "problem":
                self._sans(page.LEFT, line.y, line.text, line.size, c.look.error)
            case _:
                self._rich(page.LEFT, line.y, list(line.parts), line.size, c.ink2)

    # the plot

    def _plot(self, plot: Plot) -> None:
        dx, dy = page.PLOT
        c = self.colours
        strokes: dict[str, tuple[str, float, Any]] = {
            "grid": (c.grid, 1, "-"),
            "axis": (c.look.ink, 1.5, "-"),
            "tick": (c.look.ink, 1, "-"),
            "limit": (c.accent, 3.5, "-"),
            "density": (c.accent, 3, "-"),
            "stem": (c.accent, 3, "-"),
            "envelope": (c.ink3, 2, (0, (1, 2.5))),
        }
        for m in plot.marks:
            match m["kind"]:
                case "line":
                    colour, width, dash = strokes[m["style"]]
                    points = [v + (dx, dy)[i % 2] for i, v in enumerate(m["points"])]
                    self._stroke(points, colour, width, dash)
                case "dots":
                    for x, y in zip(m["points"][::2], m["points"][1::2], strict=True):
                        self._dot(x + dx, y + dy, m["r"], c.look.paper, c.look.ink, 1.8)
                case "atom":
                    self._dot(m["x"] + dx, m["y"] + dy, 5, c.look.paper, c.accent, 2.5)
                case "bars":
                    p = m["points"]
                    for x, y, w, h in zip(p[::4], p[1::4], p[2::4], p[3::4], strict=True):
                        self._box(x + dx, y + dy, w, h, c.bar)
                case "cell":
                    self._box(m["x"] + dx, m["y"] + dy, m["size"], m["size"], m["fill"][c.palette])
                    if m["value"]:
                        half = m["size"] / 2
                        ink = m["ink"][c.palette]
                        self._sans(m["x"] + dx + half, m["y"] + dy + half + 5, m["value"], 13, ink, anchor="center")
                case "text":
                    colour = {"accent": c.accent, "muted": c.ink2}.get(m["style"], c.look.ink)
                    ha = {"start": "left", "middle": "center", "end": "right"}[m["anchor"]]
                    self._rich(m["x"] + dx, m["y"] + dy + 0.36 * m["size"], m["parts"], m["size"], colour, ha)

    def _progress(self) -> None:
        fills = {"done": self.colours.ink2, "now": self.colours.accent, "later": self.colours.grid}
        for x, y, w, h, state in page.progress(len(self.lecture.steps), self.k):
            self._box(x, y, w, h, fills[state])

    # pieces

    def _text(self, x: float, y: float, s: str, size: float, colour: str, **options: Any) -> None:
        text = Text(x, y, s, fontsize=size * PT, color=colour, va="baseline", zorder=5, **options)
        if "$" not in s:
            text.set_parse_math(False)
        self.axes.add_artist(text)

    def _sans(self, x: float, y: float, s: str, size: float, colour: str, weight: str = "normal", anchor: str = "left", room: float = 0) -> None:  # fmt: skip
        s = _readable(s)
        wide = _sans_width(s, size, weight)
        if room and wide > room:
            size *= room / wide
        self._text(x, y, s, size * SANS_EM, colour, family=SANS, weight=weight, ha=anchor, parse_math=False)

    def _mono(self, s: str, y: float, size: float, colour: str) -> None:
        s = _readable(s)
        wide = 0.602 * size * MONO_EM * len(s)
        size *= min(1.0, page.TEXT / max(1.0, wide))
        self._text(page.LEFT, y, s, size * MONO_EM, colour, family=MONO, parse_math=False)

    def _formula(self, x: float, y: float, tex: str, size: float, colour: str, room: float = 0) -> float:
        """Set a formula, smaller where there is no room; where it ends."""
        if not tex:
            return x
        wide = _width(tex, size)
        if room and wide > room:
            size, wide = size * room / wide, room
        self._text(x, y, formula_text(tex), size, colour, math_fontfamily="cm")
        return x + wide

    def _rich(self, x: float, y: float, parts: list[dict[str, str]], size: float, colour: str, anchor: str = "left") -> None:  # fmt: skip
        widths = [_width(p["tex"], size) if "tex" in p else _sans_width(p["text"], size) for p in parts]
        x -= {"left": 0, "center": 0.5, "right": 1}[anchor] * sum(widths)
        for p, width in zip(parts, widths, strict=True):
            if "tex" in p:
                self._formula(x, y, p["tex"], size, colour)
            else:
                self._sans(x, y, p["text"], size, colour)
            x += width

    def _stroke(self, points: list[float], colour: str, width: float, dash: Any = "-") -> None:
        line = Line2D(points[::2], points[1::2], color=colour, linewidth=width * PT, linestyle=dash, zorder=3)
        line.set_solid_capstyle("butt")
        self.axes.add_line(line)

    def _dot(self, x: float, y: float, r: float, fill: str, colour: str, width: float) -> None:
        circle = Line2D([x], [y], marker="o", markersize=2 * r * PT, zorder=4)
        circle.set(markerfacecolor=fill, markeredgecolor=colour, markeredgewidth=width * PT)
        self.axes.add_line(circle)

    def _box(self, x: float, y: float, w: float, h: float, colour: str) -> None:
        self.axes.add_patch(Rectangle((x, y), w, h, facecolor=colour, edgecolor="none", zorder=2))


def _readable(s: str) -> str:
    """Text without what the font does not have: a box would stand there."""
    return "".join(c if c.isprintable() else " " for c in s)


@lru_cache(maxsize=4096)
def _width(tex: str, size: float) -> float:
    """Width of a formula in px of the slide."""
    if not tex:
        return 0.0
    parsed = MathTextParser("path").parse(
        formula_text(tex), dpi=72, prop=FontProperties(size=size, math_fontfamily="cm")
    )
    return float(parsed[0])


@lru_cache(maxsize=4096)
def _sans_width(s: str, size: float, weight: str = "normal") -> float:
    if not s.strip():
        return 0.3 * size * len(s)
    path = TextPath((0, 0), s, prop=FontProperties(family=SANS, weight=weight, size=size * SANS_EM))
    spaces = (len(s) - len(s.rstrip()) + len(s) - len(s.lstrip())) * 0.3 * size
    return float(path.get_extents().width) + spaces + 0.06 * size
