"""The trapezoidal rule for E g(t), t ~ N(0, I), of analytic g: it converges exponentially, and coarser grids are part of the fine one.

What halving the step changed, twice, gives the rate of convergence and from it a bound of what is left.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .estimate import EPS

__all__ = ["MAX_POINTS", "Sums", "points", "trapezoid"]

REACH = (
    0.0,
    8.4,
    8.4,
    7.6,
    7.0,
)  # standard deviations, by rank: the Gaussian weight there is 5e-16 … 2e-11 of the middle
BEYOND = (0.0, 1e-15, 1e-15, 1e-12, 1e-10)  # what may be left on the faces of the grid, relative to E|g|
FARTHEST = 36.0
MAX_POINTS = (0, 40_000, 3_000_000, 4_000_000, 6_000_000)  # by rank, for one row
Array = np.ndarray


@dataclass
class Sums:
    """Rows of integrals: E g, a bound of their quadrature's error, E|g|, and E g·t, E g·(t tᵀ − I), which are derivatives by Stein's rule."""

    value: Array  # (n,)
    error: Array  # (n,)
    scale: Array  # (n,)
    first: Array  # (n, r)
    second: Array  # (n, r, r)

    def derivative_error(self, L: Array, mean_error: Array, covariance_error: Array) -> Array:
        """How far E may be off because means and covariances of μ + L t are: ½ |H| · |ΔK| + |∇| · |Δμ|, (n,)."""
        back = np.linalg.pinv(L, rcond=1e-14)  # (n, r, k)
        gradient = np.abs(np.einsum("nrk,nr->nk", back, self.first))
        hessian = np.abs(np.einsum("nrk,nrs,nsl->nkl", back, self.second, back))
        return (gradient * mean_error).sum(-1) + 0.5 * (hessian * covariance_error).sum((-1, -2))


def trapezoid(
    g: Callable[..., Array], rows: int, steps: list[float], tail: float | None = None, even: bool = False
) -> Sums:
    """E g for `rows` functions at once: g(t₁, …, t_r) takes arrays that broadcast to a grid and returns (rows, *grid).

    `steps` is the step of each variable; of an `even` g, g(−t) = g(t), only half is looked at. `tail` bounds what a grid of these steps
    leaves out, relative to E|g|, where the nearest poles are known. The error is infinite where the grid would be too large.
    """
    rank = len(steps)
    reach = REACH[rank]
    while True:
        half = [4 * math.ceil(reach / h / 4) for h in steps]
        if points(steps, reach) > MAX_POINTS[rank]:
            nan = np.full(rows, np.nan)
            return Sums(nan, np.full(rows, np.inf), nan, np.zeros((rows, rank)), np.zeros((rows, rank, rank)))
        nodes = [np.arange(-m if j or not even else 0, m + 1) for j, m in enumerate(half)]
        t = [h * k for h, k in zip(steps, nodes, strict=True)]
        grids = [x.reshape([-1 if i == j else 1 for i in range(rank)]) for j, x in enumerate(t)]
        with np.errstate(all="ignore"):
            values = np.asarray(g(*grids), dtype=float)
        values = np.broadcast_to(values, (rows, *(x.size for x in t)))
        weights = [h * np.exp(-x * x / 2) / math.sqrt(2 * math.pi) for h, x in zip(steps, t, strict=True)]
        if even:
            weights[0][1:] *= 2
        total = _contract(values, weights)
        scale = _contract(np.abs(values), weights)
        beyond = _edges(values, weights) > BEYOND[rank] * scale + 1e-300
        if reach >= FARTHEST or not beyond.any():
            total = np.where(beyond, np.nan, total)
            break
        reach = min(FARTHEST, reach * 1.5)
    tables = []
    for x, w, k in zip(t, weights, nodes, strict=True):
        tables.append(np.stack([w, w * x, w * (x * x - 1), w * 2 * (k % 2 == 0), w * 4 * (k % 4 == 0)], axis=1))
    sums = _finish(_moments(values, tables), total, scale, rank, tail)
    if even:
        sums.first[:] = 0.0
    return sums


def points(steps: list[float], reach: float | None = None) -> int:
    """How many points a grid of these steps has."""
    return math.prod(8 * math.ceil((reach or REACH[len(steps)]) / h / 4) + 1 for h in steps)


def _contract(values: Array, weights: list[Array]) -> Array:
    for w in reversed(weights):
        values = values @ w
    return values


def _edges(values: Array, weights: list[Array]) -> Array:
    """The largest weighted |g| on the faces of the grid, relative to a node's share, (rows,)."""
    out = np.zeros(len(values))
    for j, w in enumerate(weights):
        for end in (0, -1):
            if w[end] > 1e-3 * w.max():  # the middle of an even function
                continue
            face = np.abs(np.take(values, end, axis=1 + j)) * w[end]
            out = np.maximum(out, _contract(face, [v for i, v in enumerate(weights) if i != j]))
    return out


def _moments(values: Array, tables: list[Array]) -> Array:
    """Contract every axis with its table: (rows, q, …, q)."""
    out = values @ tables[-1]
    for table in tables[:-1]:
        out = np.tensordot(out, table, axes=([1], [0]))
    return np.moveaxis(out, 1, -1) if len(tables) > 1 else out


def _finish(moments: Array, total: Array, scale: Array, rank: int, tail: float | None) -> Sums:
    def at(*columns: int) -> Array:
        index: tuple[Any, ...] = (slice(None), *columns)
        return moments[index]

    def pick(**moved: int) -> Array:
        return at(*(moved.get(f"a{j}", 0) for j in range(rank)))

    rows = len(total)
    first, second = np.empty((rows, rank)), np.empty((rows, rank, rank))
    for i in range(rank):
        first[:, i] = pick(**{f"a{i}": 1})
        second[:, i, i] = pick(**{f"a{i}": 2})
        for j in range(i):
            second[:, i, j] = second[:, j, i] = pick(**{f"a{i}": 1, f"a{j}": 1})
    fine = np.abs(total - at(*(3,) * rank))
    coarse = np.abs(at(*(3,) * rank) - at(*(4,) * rank))
    with np.errstate(all="ignore"):
        rate = np.where(coarse > 0, np.minimum(1.0, fine / coarse), 1.0)
    # Halving a step squares what is left; what the Gaussian factor hides on coarse grids comes out as the tail. Where nothing is known
    # of the poles, only a part of the rate is trusted.
    error = fine * np.sqrt(rate) if tail is None else np.minimum(fine, 4 * fine * rate + tail * scale)
    error = np.where(np.isfinite(total) & np.isfinite(scale), error + (4 * EPS + rank * BEYOND[rank]) * scale, np.inf)
    return Sums(total, error, scale, first, second)
