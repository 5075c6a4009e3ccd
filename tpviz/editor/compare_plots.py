"""The plots of a comparison as plain numbers for the window: three heatmaps, and two distributions on one axis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..drawing.histogram import DistributionResult
from .compare_results import Gram
from .plots import Scale, matrix_scale
from .theme import Theme, contrast

__all__ = ["heat_dict", "plot_dict"]


def heat_dict(gram: Gram, labels: list[str], look: Theme) -> dict[str, Any]:
    """A, B on one scale, and B − A on a diverging one."""
    a, b = gram.values
    both = matrix_scale(np.concatenate([a.ravel(), b.ravel()]), look)
    gap = b - a
    known = gram.errors[0] + gram.errors[1] + 1e-11 * np.maximum(np.abs(a), np.abs(b))
    gap = np.where(np.abs(gap) <= known, 0.0, gap)
    finite = np.abs(gap[np.isfinite(gap)])
    top = float(finite.max(initial=0.0)) or 1.0
    apart = Scale(-top, top, look.diverging)
    maps = [_cells(a, both), _cells(b, both), _cells(gap, apart)]
    return {"labels": labels, "maps": maps, "bars": [both.bar(), _ends(apart)], "changed": int(np.count_nonzero(np.triu(gap))), "pairs": len(gap) * (len(gap) + 1) // 2}  # fmt: skip


def _ends(scale: Scale) -> dict[str, Any]:
    """A bar with short ticks: the square of the difference is narrow."""
    bar = scale.bar()
    return bar | {"ticks": [t | {"text": f"{v:.2g}".replace("-", "−")} for t, v in zip(bar["ticks"], (scale.low, 0.0, scale.high), strict=True)]}  # fmt: skip


def _cells(values: np.ndarray, scale: Scale) -> list[list[dict[str, Any]]]:
    fills = iter(scale.colours(values.ravel()))
    out = []
    for row in values.tolist():
        cells = []
        for v in row:
            fill = next(fills)
            cells.append({"text": _cell_text(v), "number": v if math.isfinite(v) else None, "full": f"{v:.6g}", "fill": fill, "ink": contrast(fill)})  # fmt: skip
        out.append(cells)
    return out


def _cell_text(v: float) -> str:
    if not math.isfinite(v):
        return "–"
    if abs(v) < 0.005:
        return "0"
    text = (f"{v:.2f}" if abs(v) < 100 else f"{v:.3g}").replace("-", "−")
    return text.replace("−0.", "−.")


def plot_dict(a: DistributionResult | None, b: DistributionResult | None) -> dict[str, Any] | None:
    """Densities, histograms and atoms of A and B over one axis. A version without a distribution is None."""
    both = [d for d in (a, b) if d is not None]
    if not both:
        return None
    low, high = min(float(d.grid[0]) for d in both), max(float(d.grid[-1]) for d in both)
    top = max(_peak(d) for d in both) * (1.28 if any(d.atoms for d in both) else 1.14)
    return {"x": [_short(low), _short(high)], "top": _short(top), "xticks": _ticks(low, high, 6), "yticks": [t for t in _ticks(0, top, 4) if t > 0],
            "versions": [None if d is None else _version(d, top) for d in (a, b)]}  # fmt: skip


def _version(d: DistributionResult, top: float) -> dict[str, Any]:
    curve = [[_short(x), _short(min(float(y), top))] for x, y in zip(d.grid, d.density, strict=True) if math.isfinite(y)]  # fmt: skip
    most = sorted(d.atoms, key=lambda atom: -atom[1])[:4]
    atoms = [{"x": _short(x), "mass": _short(mass), "text": f"{mass:.3g} at {x:.3g}".replace("-", "−")} for x, mass, _ in most]  # fmt: skip
    return {"curve": curve, "edges": [_short(x) for x in d.edges], "heights": [_short(min(float(h), top)) for h in d.heights], "atoms": atoms}  # fmt: skip


def _peak(d: DistributionResult) -> float:
    smooth = d.density[np.isfinite(d.density)]
    return max(float(np.quantile(smooth, 0.995)) if smooth.any() else 0.0, 0.9 * float(d.heights.max(initial=0.0)), 1e-12)  # fmt: skip


def _short(v: float) -> float:
    return float(f"{v:.5g}")


def _ticks(low: float, high: float, about: int) -> list[float]:
    """Round numbers in [low, high]."""
    raw = (high - low) / about
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(m * unit for m in (1, 2, 5, 10) if m * unit >= raw)
    return [float(f"{k * step:.6g}") for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
