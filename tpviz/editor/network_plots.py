"""Bokeh plots of a network's kernels: over the angle between two inputs, and the error against the width. Made once, then updated in place."""

from __future__ import annotations

import math

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, Range1d
from bokeh.plotting import figure

from .network_results import Convergence, Curve
from .theme import SANS, Theme

__all__ = ["ConvergencePlot", "CurvePlot"]

_DASH = [6, 4]


def _plain(name: str, **settings) -> figure:
    """A figure in the look's clothes: no frame, horizontal grid, ticks outwards."""
    p = figure(sizing_mode="stretch_both", toolbar_location=None, tools="", min_border=6, min_border_left=44, min_border_right=12, outline_line_color=None,
               background_fill_color=None, border_fill_color=None, name=name, **settings)  # fmt: skip
    p.xgrid.visible = False
    p.axis.minor_tick_line_color = None
    p.axis.major_tick_in = 0
    p.axis.major_tick_out = 4
    p.axis.major_label_text_font = SANS
    p.axis.major_label_text_font_size = "12px"
    return p


def _dress(p: figure, look: Theme) -> None:
    p.axis.major_label_text_color = look.ink2
    p.axis.major_label_text_font_size = look.size(12)
    p.axis.axis_line_color = look.ink2
    p.axis.major_tick_line_color = look.ink2
    p.yaxis.axis_line_color = None
    p.yaxis.major_tick_line_color = None
    p.ygrid.grid_line_color = look.rule


class CurvePlot:
    """NNGP (dashed) and NTK (solid) over the angle, limits both: lines in the accent. Two inputs at an angle are marked."""

    def __init__(self) -> None:
        self.source = ColumnDataSource(dict(angle=[], nngp=[], ntk=[]))
        self.mark = ColumnDataSource(dict(angle=[], value=[]))
        p = _plain("kernel_curve", x_range=Range1d(start=0, end=180), y_range=Range1d(start=0, end=1))
        p.xaxis.ticker = FixedTicker(ticks=[0, 45, 90, 135, 180])
        p.xaxis.major_label_overrides = {a: f"{a}°" for a in (0, 45, 90, 135, 180)}
        self._ticker = FixedTicker(ticks=[])
        p.yaxis.ticker = self._ticker
        p.ygrid.ticker = self._ticker
        self._ntk = p.line("angle", "ntk", line_width=2, source=self.source)
        self._nngp = p.line("angle", "nngp", line_width=2, line_dash=_DASH, source=self.source)
        self._marks = p.scatter("angle", "value", size=9, line_width=2, source=self.mark)
        p.add_tools(HoverTool(renderers=[self._ntk], mode="vline", tooltips=[("angle", "@angle{0}°"), ("NTK", "@ntk{0.0000}"), ("NNGP", "@nngp{0.0000}")]))  # fmt: skip
        self.figure = p

    def update(self, curve: Curve, look: Theme, at: dict[str, float] | None) -> None:
        _dress(self.figure, look)
        for glyph in (self._ntk.glyph, self._nngp.glyph):
            glyph.line_color = look.curve
        self._marks.glyph.update(line_color=look.curve, fill_color=look.panel)
        values = np.concatenate([curve.nngp, curve.ntk])
        values = values[np.isfinite(values)]
        low, high = float(min(0.0, values.min(initial=0.0))), float(values.max(initial=0.0)) or 1.0
        low, high = low - (0.06 * (high - low) if low < 0 else 0), high + 0.06 * (high - low)
        self.figure.y_range.update(start=low, end=high)
        self._ticker.ticks = _round_ticks(low, high)
        self.source.data = dict(angle=curve.angles.tolist(), nngp=curve.nngp.tolist(), ntk=curve.ntk.tolist())
        self.mark.data = dict(angle=[at["angle"]] * 2 if at else [], value=[at["nngp"], at["ntk"]] if at else [])


class ConvergencePlot:
    """Relative errors at each width as grey marks (NNGP hollow, NTK filled), and the line 1/√n through the first."""

    def __init__(self) -> None:
        self.source = ColumnDataSource(dict(n=[], nngp=[], ntk=[]))
        self.slope = ColumnDataSource(dict(n=[], y=[]))
        p = _plain("kernel_convergence", x_axis_type="log", y_axis_type="log", x_range=Range1d(start=50, end=5200), y_range=Range1d(start=0.005, end=1))  # fmt: skip
        p.xaxis.ticker = FixedTicker(ticks=[64, 256, 1024, 4096])
        p.xaxis.major_label_overrides = {n: str(n) for n in (64, 256, 1024, 4096)}
        self._ticker = FixedTicker(ticks=[])
        p.yaxis.ticker = self._ticker
        p.ygrid.ticker = self._ticker
        self._slope = p.line("n", "y", line_width=2, line_dash=_DASH, source=self.slope)
        self._nngp = p.scatter("n", "nngp", size=9, line_width=2, marker="circle", source=self.source)
        self._ntk = p.scatter("n", "ntk", size=9, line_width=2, marker="square", source=self.source)
        p.add_tools(HoverTool(renderers=[self._nngp, self._ntk], tooltips=[("n", "@n"), ("NTK", "@ntk{0.0000}"), ("NNGP", "@nngp{0.0000}")]))  # fmt: skip
        self.figure = p

    def update(self, found: Convergence, look: Theme) -> None:
        p = self.figure
        _dress(p, look)
        self._slope.glyph.line_color = look.curve
        self._nngp.glyph.update(line_color=look.ink2, fill_color=look.panel)
        self._ntk.glyph.update(line_color=look.ink2, fill_color=look.bar)
        self.source.data = dict(n=list(found.widths), nngp=list(found.nngp), ntk=list(found.ntk))
        values = [v for v in (*found.nngp, *found.ntk) if v > 0]
        if not values:
            self.slope.data = dict(n=[], y=[])
            return
        scale = math.exp(np.mean([math.log(v * math.sqrt(n)) for k in (found.nngp, found.ntk) for n, v in zip(found.widths, k, strict=True) if v > 0]))  # fmt: skip
        ends = [50.0, 5200.0]
        line = [scale / math.sqrt(n) for n in ends]
        low, high = min(*values, line[1]) / 1.4, max(*values, line[0]) * 1.4
        p.y_range.update(start=low, end=high)
        ticks = [
            m * 10.0**k for k in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1) for m in (1, 2, 5)
        ]
        self._ticker.ticks = [float(f"{t:.3g}") for t in ticks if low <= t <= high]
        p.yaxis.major_label_overrides = {t: _percent(t) for t in self._ticker.ticks}
        self.slope.data = dict(n=ends, y=line)


def _percent(t: float) -> str:
    return f"{100 * t:.3g} %"


def _round_ticks(low: float, high: float) -> list[float]:
    """Four or five round numbers in the range."""
    raw = (high - low) / 5
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(m * unit for m in (1, 2, 5, 10) if m * unit >= raw)
    return [float(f"{step * k:.6g}") for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
