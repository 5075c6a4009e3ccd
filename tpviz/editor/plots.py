"""Bokeh plots: heatmaps on one scale, and the histogram with the density over it. Made once, then updated in place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, Range1d
from bokeh.plotting import figure

from ..drawing.histogram import DistributionResult
from .results import KernelResult
from .theme import SANS, Theme, colours, contrast

__all__ = ["CELL", "DistributionPlot", "Heatmap", "Scale", "cell_size", "kernel_scale", "matrix_scale"]

CELL = 36  # px, the look's size of a cell; smaller where many vectors are chosen
_BESIDE = 80  # px of the results column that two heatmaps leave free
_TEXT_FROM = 30  # px, below which a cell has no number


def cell_size(k: int, column: int) -> int:
    """Side of a cell in px, so that two k×k heatmaps fit into a results column of this width."""
    return max(4, min(CELL, (column - _BESIDE) // (2 * max(1, k))))


@dataclass(frozen=True)
class Scale:
    """The colour scale that both heatmaps share."""

    low: float
    high: float
    stops: tuple[str, ...]

    def colours(self, values: np.ndarray) -> list[str]:
        return colours(self.stops, (values - self.low) / (self.high - self.low))

    def bar(self) -> dict[str, Any]:
        """The colour bar for the window."""
        ticks = [self.low, (self.low + self.high) / 2, self.high]
        return {
            "stops": list(self.stops),
            "ticks": [
                {"at": (t - self.low) / (self.high - self.low), "text": f"{t:.3g}".replace("-", "−")} for t in ticks
            ],
        }


def kernel_scale(kernel: KernelResult, look: Theme) -> Scale:
    """Sequential for second moments that are nowhere negative, else diverging around 0."""
    values = np.concatenate([kernel.limit.ravel(), kernel.width.ravel()])
    values = values[np.isfinite(values)]
    top = (
        float(np.abs(kernel.limit[np.isfinite(kernel.limit)]).max(initial=0.0))
        or float(np.abs(values).max(initial=0.0))
        or 1.0
    )
    if kernel.mode == "second_moment" and (kernel.limit[np.isfinite(kernel.limit)] >= -1e-9 * top).all():
        return Scale(0.0, top, look.sequential)
    if kernel.mode == "correlation":
        top = 1.0
    return Scale(-top, top, look.diverging)


def matrix_scale(values: np.ndarray, look: Theme) -> Scale:
    """The scale of a kernel: sequential where nothing is negative, else diverging around 0."""
    finite = values[np.isfinite(values)]
    top = float(np.abs(finite).max(initial=0.0)) or 1.0
    return Scale(0.0, top, look.sequential) if (finite >= -1e-9 * top).all() else Scale(-top, top, look.diverging)


def _cell_text(v: float) -> str:
    if not np.isfinite(v):
        return "–"
    if abs(v) < 0.005:
        return "0"
    decimals = 2 if -1 < v < 10 else 1  # four glyphs fit into a cell
    text = (f"{v:.{decimals}f}" if abs(v) < 100 else f"{v:.3g}").replace("-", "−")
    return text.replace("−0.", "−.")  # as wide as a positive number, so that it fits its cell


# data go as lists: numpy arrays would be sent in a message each
class Heatmap:
    """A k×k square of cells with numbers; exactly `cell·k` px, no axes (the window draws the labels)."""

    def __init__(self, name: str):
        self.source = ColumnDataSource(dict(x=[], y=[], colour=[], dark=[], light=[], row=[], column=[], value=[]))
        p = figure(width=CELL, height=CELL, x_axis_type=None, y_axis_type=None, x_range=Range1d(start=0, end=1), y_range=Range1d(start=1, end=0), toolbar_location=None, tools="", min_border=0,
                   outline_line_color=None, background_fill_color=None, border_fill_color=None, name=name)  # fmt: skip
        self._cells = p.rect(
            "x", "y", width=1, height=1, fill_color="colour", line_color="#FFFFFF", line_width=1, source=self.source
        )
        # two glyphs, each of one colour: text with a colour for each cell fails in the browser when the number of cells shrinks
        self._numbers = [
            p.text("x", "y", text=field, text_color=colour, text_align="center", text_baseline="middle", text_font=value(SANS), text_font_size="12.5px",
                   source=self.source)
            for field, colour in (("dark", "#000000"), ("light", "#FFFFFF"))
        ]  # fmt: skip
        p.add_tools(HoverTool(renderers=[self._cells], tooltips=[("pair", "@row, @column"), ("value", "@value")]))
        self.figure = p

    def update(
        self,
        names: tuple[str, ...],
        values: np.ndarray,
        scale: Scale,
        look: Theme,
        cell: int,
        exact: np.ndarray | None = None,
    ) -> None:
        k = len(names)
        flat = values.ravel()
        fills = scale.colours(flat)
        i, j = np.divmod(np.arange(k * k), max(1, k))
        shown = [_cell_text(v) if cell >= _TEXT_FROM else "" for v in flat]
        full = [
            f"{v:.6g}" + (f" ± {e:.1g}" if exact is not None and e > 0 else "")
            for v, e in zip(flat, (exact if exact is not None else np.zeros_like(values)).ravel(), strict=True)
        ]
        p = self.figure
        p.update(width=cell * k, height=cell * k)
        p.x_range.update(start=0, end=k)
        p.y_range.update(start=k, end=0)
        self._cells.glyph.line_color = look.panel
        for numbers in self._numbers:  # four figures must fit into a cell
            numbers.glyph.text_font_size = replace(look, scale=min(look.scale, cell / 33)).size(12.5)
        dark = [contrast(c) == "#000000" for c in fills]
        self.source.data = dict(x=(j + 0.5).tolist(), y=(i + 0.5).tolist(), colour=fills, dark=[t if d else "" for t, d in zip(shown, dark, strict=True)],
                                light=["" if d else t for t, d in zip(shown, dark, strict=True)], row=[names[a] for a in i],
                                column=[names[b] for b in j], value=full)  # fmt: skip


class DistributionPlot:
    """The histogram of n coordinates in grey, the limit's density as a line over it, atoms as pins."""

    def __init__(self) -> None:
        self.bars = ColumnDataSource(dict(left=[], right=[], top=[]))
        self.curve = ColumnDataSource(dict(x=[], y=[]))
        self.atoms = ColumnDataSource(dict(x=[], y=[], mass=[], found=[], label=[]))
        p = figure(sizing_mode="stretch_both", x_range=Range1d(start=-1, end=1), y_range=Range1d(start=0, end=1), toolbar_location=None, tools="", min_border=4,
                   min_border_left=40, outline_line_color=None, background_fill_color=None, border_fill_color=None, name="distribution")  # fmt: skip
        p.xgrid.visible = False
        self._ticker = FixedTicker(ticks=[])  # changed in place: a new model would make Bokeh walk the whole page
        p.yaxis.ticker = self._ticker
        p.ygrid.ticker = self._ticker
        p.yaxis.axis_line_color = None
        p.yaxis.major_tick_line_color = None
        p.axis.minor_tick_line_color = None
        p.axis.major_tick_in = 0
        p.axis.major_tick_out = 4
        p.axis.major_label_text_font = SANS
        p.axis.major_label_text_font_size = "12px"
        self._bars = p.quad(left="left", right="right", bottom=0, top="top", line_width=1, source=self.bars)
        self._curve = p.line("x", "y", line_width=2, source=self.curve)
        self._stems = p.segment("x", 0, "x", "y", line_width=2.5, source=self.atoms)
        self._heads = p.scatter("x", "y", size=8, line_width=2, source=self.atoms)
        self._labels = p.text(
            "x",
            "y",
            text="label",
            x_offset=10,
            y_offset=0,
            text_baseline="middle",
            text_font=value(SANS),
            text_font_size="13px",
            source=self.atoms,
        )
        p.add_tools(HoverTool(renderers=[self._bars], tooltips=[("from", "@left{0.000}"), ("to", "@right{0.000}"), ("density", "@top{0.0000}")]),
                    HoverTool(renderers=[self._heads], tooltips=[("atom at", "@x"), ("mass", "@mass"), ("found", "@found")]))  # fmt: skip
        self.figure = p

    def clear(self) -> None:
        """Nothing to show."""
        for source in (self.bars, self.curve, self.atoms):
            source.data = {name: [] for name in source.data}

    def update(self, result: DistributionResult, look: Theme) -> None:
        p = self.figure
        p.axis.major_label_text_color = look.ink2
        p.axis.major_label_text_font_size = look.size(12)
        p.axis.axis_line_color = look.ink2
        p.axis.major_tick_line_color = look.ink2
        p.yaxis.axis_line_color = None
        p.ygrid.grid_line_color = look.rule
        self._bars.glyph.update(fill_color=look.bar, line_color=look.panel)
        self._curve.glyph.line_color = look.curve
        self._stems.glyph.line_color = look.curve
        self._heads.glyph.update(line_color=look.curve, fill_color=look.panel)
        self._labels.glyph.update(text_color=look.ink, text_font_size=look.size(13))
        smooth = result.density[np.isfinite(result.density)]
        peak = max(
            float(np.quantile(smooth, 0.995)) if smooth.any() else 0.0,
            float(result.heights.max(initial=0.0)) * 0.9,
            1e-12,
        )
        top = peak * (1.28 if result.atoms else 1.16)
        p.x_range.update(start=float(result.grid[0]), end=float(result.grid[-1]))
        p.y_range.update(start=0, end=top)
        self._ticker.ticks = _ticks(top)
        self.bars.data = dict(
            left=result.edges[:-1].tolist(),
            right=result.edges[1:].tolist(),
            top=np.minimum(result.heights, top).tolist(),
        )
        # a density that starts at an atom's edge is drawn from 0 up, without the point where it is undefined
        self.curve.data = dict(x=result.grid.tolist(), y=np.minimum(result.density, top).tolist())
        most = sorted(result.atoms, key=lambda a: -a[1])[:6]
        self.atoms.data = dict(x=[a[0] for a in most], y=[top * 0.92] * len(most), mass=[f"{a[1]:.4g}" for a in most], found=[f"{a[2]:.4g}" for a in most],
                               label=[f"atom at {_short(a[0])}: {_share(a[1])}, found {a[2]:.4f}" if len(most) == 1 else _share(a[1]) for a in most])  # fmt: skip


def _short(v: float) -> str:
    return f"{v:.3g}".replace("-", "−")


def _share(mass: float) -> str:
    return "½" if abs(mass - 0.5) < 1e-9 else "¼" if abs(mass - 0.25) < 1e-9 else f"{mass:.4g}"


def _ticks(top: float) -> list[float]:
    """Three or four round numbers in (0, top)."""
    raw = top / 4
    unit = 10.0 ** np.floor(np.log10(raw))
    step = next(m * unit for m in (1, 2, 5, 10) if m * unit >= raw)
    return [float(f"{step * k:.6g}") for k in range(1, int(top / step) + 1)]
