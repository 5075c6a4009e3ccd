"""The distribution of one vector: a histogram of its coordinates at finite width, the density and the atoms of its limit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..finite import Simulation
from ..limit import Limit

__all__ = ["DistributionResult", "distribution_of"]

_BINS = 64


@dataclass(frozen=True)
class DistributionResult:
    """Histogram heights are densities over all coordinates; `atoms` are (value, mass in the limit, share found)."""

    name: str
    edges: np.ndarray
    heights: np.ndarray
    grid: np.ndarray
    density: np.ndarray
    atoms: tuple[tuple[float, float, float], ...]
    method: str


def distribution_of(lim: Limit, run: Simulation, name: str) -> DistributionResult:
    """Both sides on one axis, cut to where the density or the atoms are."""
    x = run[name]
    law = lim.distribution(name)
    atoms = law.atoms
    low, high = _range(lim, name, atoms)
    grid = np.linspace(low, high, 401)
    density = law.density(grid)
    keep = density > 2e-3 * density.max(initial=0.0)
    if keep.any() and keep.sum() >= 8:
        inside = grid[keep]
        points = [inside[0], inside[-1], *atoms]
        width = max(points) - min(points)
        low, high = min(points) - 0.06 * width, max(points) + 0.06 * width
        grid = np.linspace(low, high, 401)
        density = law.density(grid)
    bins = int(np.clip(math.sqrt(x.size) / 2, 12, _BINS))
    found = []
    rest = np.ones(x.size, dtype=bool)
    for value, mass in atoms.items():
        here = _at_atom(x, value)
        rest &= ~here
        found.append((value, mass, float(here.mean())))
    counts, edges = np.histogram(x[rest] if atoms else x, bins=_bin_edges(low, high, bins, list(atoms)))
    heights = counts / (x.size * np.diff(edges))
    return DistributionResult(
        name,
        edges,
        heights,
        grid,
        np.minimum(density, 50 * max(1e-300, float(heights.max(initial=0.0)), 1 / (high - low))),
        tuple(found),
        law.method,
    )


def _at_atom(x: np.ndarray, value: float) -> np.ndarray:
    """Which coordinates sit at an atom. At finite width it may stand a little off its limit, as that of (x − ν)/√s does: then it is
    the value nearby that many coordinates share."""
    here = np.abs(x - value) <= 1e-9 * max(1.0, abs(value))
    if here.any():
        return here
    reach = 20 * (abs(value) + float(np.sqrt(np.mean(x * x)))) / math.sqrt(x.size)
    near, counts = np.unique(x[np.abs(x - value) <= reach], return_counts=True)
    if counts.size and counts.max() > max(3, 0.01 * x.size):
        return x == near[counts.argmax()]
    return here


def _range(lim: Limit, name: str, atoms: dict[float, float]) -> tuple[float, float]:
    mean, spread = lim.mean(name), math.sqrt(lim.covariance(name))
    low, high = mean - 4.5 * spread, mean + 4.5 * spread
    for value in atoms:
        low, high = min(low, value), max(high, value)
    if high - low < 1e-9 * max(1.0, abs(mean)):
        low, high = mean - 1.0, mean + 1.0
    return low, high


def _bin_edges(low: float, high: float, bins: int, marks: list[float]) -> np.ndarray:
    """Equal bins; one edge stands on the first atom, so that a bar does not straddle the end of the density."""
    step = (high - low) / bins
    if marks:
        first = marks[0] - math.ceil((marks[0] - low) / step) * step
        return first + step * np.arange(bins + 2)
    return np.linspace(low, high, bins + 1)
