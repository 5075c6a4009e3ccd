"""The plot of a step as marks in a box of WIDTH × HEIGHT px: one description for the window, PDF and TikZ.

A mark is a dictionary, as it is sent to the window. Its `kind`:

    line   style, points [x, y, x, y, …]          styles: grid, axis, tick, limit, density, envelope, stem
    dots   points, r                              what was simulated: hollow circles
    bars   points [x, y, width, height, …]        what was simulated: a histogram
    atom   x, y                                   the head of a stem
    cell   x, y, size, fill, ink                  one cell of a kernel; fill and ink are (light, dark) pairs
    text   x, y, size, anchor, style, parts       parts: [{"text": …} or {"tex": …}]; y is the middle of the line
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..histogram import DistributionResult
from ..palettes import DIVERGING, SEQUENTIAL, colours, contrast

__all__ = ["HEIGHT", "WIDTH", "Plot", "kernel_plot", "law_plot", "width_plot"]

WIDTH, HEIGHT = 420.0, 268.0
_LEFT, _RIGHT, _TOP, _BASE = 56.0, 408.0, 8.0, 232.0
AXIS, NOTE, SYMBOL = 18, 20, 24
Part = dict[str, str]


@dataclass(frozen=True)
class Plot:
    """The marks, and the plot in words for who cannot see it."""

    marks: tuple[dict[str, Any], ...]
    words: str

    def to_dict(self) -> dict[str, Any]:
        return {"marks": list(self.marks), "words": self.words}


def _line(style: str, points: Sequence[float]) -> dict[str, Any]:
    return {"kind": "line", "style": style, "points": [round(float(v), 1) for v in points]}


def _text(
    x: float, y: float, parts: list[Part], size: float = AXIS, anchor: str = "middle", style: str = "ink"
) -> dict[str, Any]:
    return {"kind": "text", "x": round(x, 1), "y": round(y, 1), "size": size, "anchor": anchor, "style": style, "parts": parts}  # fmt: skip


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from low to high, at most `most`, evenly spaced."""
    span = high - low
    for power in range(math.floor(math.log10(span)) - 1, math.floor(math.log10(span)) + 2):
        for step in (1, 2, 2.5, 5):
            size = step * 10.0**power
            first = math.ceil(low / size - 1e-9)
            found = [round(k * size, 12) for k in range(first, math.floor(high / size + 1e-9) + 1)]
            if len(found) <= most:
                return found
    return [low, high]


def ticks_around(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from below `low` to above `high`, at most `most`, evenly spaced."""
    start = math.floor(math.log10(high - low)) - 1
    for power in range(start, start + 4):
        for step in (1, 2, 2.5, 5):
            size = step * 10.0**power
            first, last = math.floor(low / size + 1e-9), math.ceil(high / size - 1e-9)
            if last - first < most:
                return [round(k * size, 12) for k in range(first, last + 1)]
    return [low, high]


def tick_text(v: float) -> str:
    return f"{v:.6g}".replace("-", "−")


# a number at several widths


def width_plot(tex: str, limit: float, points: Sequence[tuple[float, float]], what: str = "") -> Plot:
    """A number at widths 10² to 10⁶ (`points` are (log₁₀ n, value)) and its limit, with ± 2 standard errors c/√n."""
    values = [v for _, v in points if math.isfinite(v)]
    spread = math.sqrt(np.mean([10**k * (v - limit) ** 2 for k, v in points])) if values else 0.0
    reach = max([abs(v - limit) for v in values], default=0.0)
    reach = max(reach, min(2 * spread / 10, 1.2 * reach)) or abs(limit) or 1.0
    if reach < 1e-12 * max(1.0, abs(limit)):
        reach = 0.1 * (abs(limit) or 1.0)
    marks_at = ticks_around(limit - reach, limit + reach)
    low, high = marks_at[0], marks_at[-1]

    def x(k: float) -> float:
        return _LEFT + (k - 2) / 4 * (_RIGHT - 8 - _LEFT)

    def y(v: float) -> float:
        return _TOP + (high - v) / (high - low) * (_BASE - _TOP)

    marks = []
    for v in marks_at:
        marks += [_line("grid", [_LEFT, y(v), _RIGHT, y(v)]), _text(44, y(v), [{"text": tick_text(v)}], anchor="end")]
    if spread > 0:
        steps = [2 + i / 10 for i in range(41)]
        for sign in (1, -1):
            curve = [(x(k), y(limit + sign * 2 * spread / math.sqrt(10**k))) for k in steps]
            inside = [p for p in curve if _TOP - 1 <= p[1] <= _BASE + 1]
            if len(inside) > 1:
                marks.append(_line("envelope", [c for p in inside for c in p]))
    marks.append(_line("limit", [_LEFT, y(limit), _RIGHT, y(limit)]))
    dots = [c for k, v in points if low <= v <= high for c in (x(k), y(v))]
    marks.append({"kind": "dots", "points": [round(c, 1) for c in dots], "r": 4.5})
    marks.append(_line("axis", [_LEFT, _BASE, _RIGHT, _BASE]))
    marks += [_text(x(k), _BASE + 20, [{"tex": f"10^{{{k}}}"}]) for k in (2, 3, 4, 5, 6)]
    title: list[Part] = [{"tex": tex}, {"text": " at width "}, {"tex": "n"}]
    marks.append(_text(_RIGHT, _clear(_TOP + 20, [y(v) for k, v in points if k > 4]), title, NOTE, "end"))
    marks.append(_text(_RIGHT - 2, y(limit) - 20, [{"tex": what}], SYMBOL, "end", "accent"))
    found = f", from {min(values):.4g} to {max(values):.4g} in {len(values)} runs" if values else ""
    return Plot(tuple(marks), f"At widths 100 to 1,000,000{found}; the limit is {limit:.6g}.")


def _clear(wanted: float, taken: Sequence[float]) -> float:
    """A height for the title that the points at the right do not reach."""
    return wanted if all(abs(t - wanted) > 16 for t in taken) else _BASE - 22


# a law


def law_plot(d: DistributionResult, title: list[Part]) -> Plot:
    """The histogram of coordinates (grey), and the density and the atoms of the limit (accent)."""
    low, high = float(min(d.edges[0], d.grid[0])), float(max(d.edges[-1], d.grid[-1]))
    left, right = 12.0, _RIGHT
    found, usual = float(np.max(d.heights, initial=0.0)), d.density[np.isfinite(d.density)]
    top = max(found, min(float(usual.max(initial=0.0)), 1.5 * found if found > 0 else math.inf)) or 1.0

    def x(v: float) -> float:
        return left + (v - low) / (high - low) * (right - left)

    def y(v: float) -> float:
        return _BASE - min(v / top, 1.0) * (_BASE - _TOP - 44)

    bars = []
    for a, b, h in zip(d.edges[:-1], d.edges[1:], d.heights, strict=True):
        if h > 0:
            bars += [x(a) + 0.5, y(h), max(1.0, x(b) - x(a) - 1), _BASE - y(h)]
    marks: list[dict[str, Any]] = [{"kind": "bars", "points": [round(float(v), 1) for v in bars]}]
    step = max(1, len(d.grid) // 130)
    curve = [(x(v), y(p)) for v, p in zip(d.grid[::step], d.density[::step], strict=True) if np.isfinite(p)]
    if d.atoms:  # a density that ends at an atom ends upright, not in a slope of one step of the grid
        curve = [p for p in curve if p[1] < _BASE - 0.4]
    if len(curve) > 1:
        marks.append(_line("density", [c for p in curve for c in p]))
    marks.append(_line("axis", [left, _BASE, right, _BASE]))
    for v in ticks(low, high, 6):
        marks += [_line("tick", [x(v), _BASE, x(v), _BASE + 5]), _text(x(v), _BASE + 20, [{"text": tick_text(v)}])]
    for value, mass, _ in d.atoms[:4]:
        height = max(24.0, mass * (_BASE - _TOP - 44))
        marks += [_line("stem", [x(value), _BASE, x(value), _BASE - height])]
        marks.append({"kind": "atom", "x": round(x(value), 1), "y": round(_BASE - height, 1)})
        at = x(value) + 12 if x(value) < right - 80 else x(value) - 12
        marks.append(_text(at, _BASE - height, [{"tex": f"{mass:.3g}"}], AXIS, "start" if at > x(value) else "end", "accent"))  # fmt: skip
    marks.append(_text(_RIGHT, _TOP + 12, title, NOTE, "end"))
    atoms = "".join(f"; mass {m:.3g} at {v:.3g}" for v, m, _ in d.atoms[:4])
    return Plot(tuple(marks), f"A histogram and the density of the limit from {low:.3g} to {high:.3g}{atoms}.")


# a kernel


def _cell_text(v: float) -> str:
    """A number for a cell; what is under half a hundredth is 0."""
    if abs(v) < 0.005:
        return "0"
    text = f"{v:.2f}" if abs(v) < 10 else f"{v:.3g}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def kernel_plot(labels: Sequence[str], limit: np.ndarray, width: np.ndarray | None, power: str) -> Plot:
    """E Z^x Z^y of the vectors so far as a heatmap, and x·y/n beside it where it was simulated."""
    k = len(labels)
    both = width is not None
    cell = min(40.0, ((_RIGHT - 44) / 2 - 14) / k if both else (_BASE - 40) / k)
    every = np.concatenate([limit.ravel(), width.ravel()]) if width is not None else limit.ravel()
    every = every[np.isfinite(every)]
    signed = bool(every.size) and float(every.min()) < -0.02 * float(np.abs(every).max())
    reach = float(np.abs(every).max(initial=0.0)) or 1.0
    palettes = DIVERGING if signed else SEQUENTIAL
    marks: list[dict[str, Any]] = []
    top = 48.0
    squares = [(limit, 44.0, [{"tex": r"\mathbb{E}\,Z^{x}Z^{y}"}])]
    if width is not None:
        squares.append((width, 44 + k * cell + 28, [{"tex": r"x^{\top}y/n"}, {"text": ", "}, {"tex": f"n={power}"}]))
    for matrix, left, title in squares:
        shares = (matrix.ravel() / reach + 1) / 2 if signed else matrix.ravel() / reach
        fills = [colours(palettes[theme], shares) for theme in ("light", "dark")]
        for at, v in enumerate(matrix.ravel()):
            i, j = divmod(at, k)
            pair = (fills[0][at], fills[1][at])
            marks.append({"kind": "cell", "x": round(left + j * cell, 1), "y": round(top + i * cell, 1), "size": round(cell - 1, 1),
                          "fill": pair, "ink": tuple(contrast(c) for c in pair), "value": _cell_text(float(v)) if cell >= 36 else ""})  # fmt: skip
        marks.append(_text(left, top - 24, title, AXIS, "start"))
        marks += [_text(left + (j + 0.5) * cell, top + k * cell + 16, [{"tex": t}], AXIS) for j, t in enumerate(labels)]
    marks += [_text(34, top + (i + 0.5) * cell, [{"tex": t}], AXIS, "end") for i, t in enumerate(labels)]
    return Plot(tuple(marks), f"The kernel of {k} vectors, from {every.min():.3g} to {every.max():.3g}.")
