"""The law of one Z: its density and its atoms.

Z is a function of a few Gaussian directions. Where it depends on one, the density is exact: φ(t)/|g'(t)| summed over the roots of
g(t) = z, and flat pieces of g are atoms. Where it is affine in one direction given the others, it is a mixture of normals, one for
each point of the others. Otherwise the mass of a fine grid is carried along g, cell by cell.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..gaussian import Kernel, factor_covariance, normal_points
from ..gaussian.kernel import Whole
from ..gaussian.quadrature import expect_2d
from ..language import LimitError
from ..language.late import Late
from ..language.tape import compile_tape

if TYPE_CHECKING:
    import sympy as sp
else:
    sp = Late("sympy")

__all__ = ["Distribution"]

special, functions = Late("scipy.special"), Late("tpviz.language.functions")
_REACH = 9.0  # standard deviations of a direction that are looked at
_ATOM = 1e-5  # least mass that is called an atom
_SAMPLED_ATOM = 16  # ... and at least so many points where it is found by points
_PLATEAU = 2e-3  # ... and so much where it is found by cells, which also lie still on a slope that is nearly flat
_SIDE = 720  # cells along each direction
_WINDOW = 0.01  # half the width over which a density is read off the cells, in standard deviations of Z
_SQRT_2PI = np.sqrt(2 * np.pi)


class Distribution:
    """Density and atoms of the only factor of `kernel`, a function of directions with this mean and covariance (k, k)."""

    def __init__(self, kernel: Kernel, mean: np.ndarray, covariance: np.ndarray, parameters: list[float]):
        ((e, _),) = kernel.factors
        self._block = Whole(kernel, kernel.sympy(e))
        self._parameters = tuple(parameters)
        self._mean, self._S = mean, covariance
        self._L = factor_covariance(covariance) if len(mean) else np.zeros((0, 0))

    @property
    def rank(self) -> int:
        return self._L.shape[1]

    @property
    def method(self) -> str:
        """ "exact" for Gaussians and functions of one, "mixture" of normals, or "cells": mass carried along a fine grid."""
        return "exact" if self.rank <= 1 or self._gaussian else "mixture" if self._affine is not None else "cells"

    def _g(self, *t: np.ndarray) -> np.ndarray:
        u = [self._mean[i] + sum((self._L[i, j] * t[j] for j in range(self.rank)), 0.0) for i in range(len(self._mean))]
        with np.errstate(all="ignore"):
            return np.asarray(self._block.tape(*u, *self._parameters)[0], dtype=float)

    @cached_property
    def _gaussian(self) -> bool:
        return self._block.function in self._block.symbols

    @cached_property
    def _affine(self) -> int | None:
        """A direction in which the function is affine with a slope that is nowhere 0 on a set of positive mass, and which is not
        determined by the others."""
        found = []
        for k, s in enumerate(self._block.symbols):
            left = self._rest(k, [j for j in range(len(self._block.symbols)) if j != k])
            parts = _linear_in(self._block.function, s)
            if parts is None or left <= 1e-9 * self._S[k, k]:
                continue
            slope, base = parts
            constant = not slope.free_symbols & set(self._block.symbols)
            if constant or base == 0 or not slope.atoms(*functions.KINKS):
                found.append((constant, left, k))
        return max(found)[2] if found else None

    def _rest(self, k: int, others: list[int]) -> float:
        """Variance of direction k given the others."""
        if not others:
            return float(self._S[k, k])
        C = self._S[np.ix_(others, others)]
        return float(
            self._S[k, k] - self._S[k, others] @ np.linalg.pinv(C, rcond=1e-12, hermitian=True) @ self._S[others, k]
        )

    # one direction

    @cached_property
    def _pieces(self) -> tuple[np.ndarray, np.ndarray]:
        """A grid of t that contains every kink, and g on it (rank 1)."""
        kinks = []
        for e in self._block.kinks:
            tape = compile_tape([e], (*self._block.symbols, *self._block.parameters))
            t = np.linspace(-_REACH, _REACH, 4001)
            level = np.broadcast_to(
                np.asarray(
                    tape(*[m + L[0] * t for m, L in zip(self._mean, self._L, strict=True)], *self._parameters)[0],
                    dtype=float,
                ),
                t.shape,
            )
            kinks += list(t[level == 0])
            k = np.nonzero(np.signbit(level[1:]) != np.signbit(level[:-1]))[0]
            a, b, left = t[k], t[k + 1], np.signbit(level[k])
            for _ in range(55):
                m = (a + b) / 2
                y = np.asarray(
                    tape(*[mu + L[0] * m for mu, L in zip(self._mean, self._L, strict=True)], *self._parameters)[0],
                    dtype=float,
                )
                same = np.signbit(y) == left
                a, b = np.where(same, m, a), np.where(same, b, m)
            kinks += list((a + b) / 2)
        t = np.unique(np.concatenate([np.linspace(-_REACH, _REACH, 6001), kinks]))
        return t, np.broadcast_to(self._g(t), t.shape)

    def _flat(self) -> tuple[np.ndarray, np.ndarray]:
        """(cells, their mass): cells on which g does not move (rank 1)."""
        t, y = self._pieces
        middle = np.broadcast_to(self._g((t[1:] + t[:-1]) / 2), t[1:].shape)
        width = np.nanmax(y) - np.nanmin(y)
        tiny = 1e-13 * max(float(width), 1e-300)
        inside = np.abs(y[1:] - middle) <= tiny
        inside |= np.abs(y[:-1] - middle) <= tiny  # a jump sits at one end
        # a cell is flat when the middle agrees with a point beside it, too
        quarter = np.broadcast_to(self._g(t[:-1] + 0.25 * np.diff(t)), middle.shape)
        inside &= np.abs(quarter - middle) <= tiny
        return np.nonzero(inside)[0], special.ndtr(t[1:]) - special.ndtr(t[:-1])

    @cached_property
    def atoms(self) -> dict[float, float]:
        """{value: mass}"""
        if self.rank == 0:
            return {float(self._g()): 1.0}
        if self._gaussian:
            return {}
        if self.rank == 1:
            t, _ = self._pieces
            cells, mass = self._flat()
            values = np.broadcast_to(self._g((t[1:] + t[:-1]) / 2), mass.shape)
            return _collect(
                values[cells], mass[cells], {0: special.ndtr(-_REACH), len(mass) - 1: special.ndtr(-_REACH)}, cells
            )
        if self._affine is not None:
            centre, spread, weight = self._mixture
            still = spread == 0
            found = _collect(
                centre[still], weight[still], least=_SAMPLED_ATOM * float(weight.max()) if weight.size > 1 else 0.0
            )
            return {v: self._mass_at(v, m) for v, m in found.items()}
        low, high, mass = self._cells
        still = high == low
        found = _collect(low[still], mass[still], least=_PLATEAU)
        return {v: self._mass_at(v, m) for v, m in found.items()}

    def density(self, z: np.ndarray) -> np.ndarray:
        """Density of the part without atoms, at each point."""
        z = np.asarray(z, dtype=float)
        if self.rank == 0:
            return np.zeros_like(z)
        if self._gaussian:
            k = self._block.symbols.index(self._block.function)
            s = np.sqrt(self._S[k, k])
            return np.exp(-(((z - self._mean[k]) / s) ** 2) / 2) / (s * _SQRT_2PI)
        if self.rank == 1:
            return self._exact_density(z)
        if self._affine is not None:
            return self._mixture_density(z)
        return self._cell_density(z)

    def _exact_density(self, z: np.ndarray) -> np.ndarray:
        t, y = self._pieces
        flat = np.zeros(t.size - 1, dtype=bool)
        flat[self._flat()[0]] = True
        low, high = np.minimum(y[1:], y[:-1]), np.maximum(y[1:], y[:-1])
        out = np.zeros_like(z)
        derivative = compile_tape([self._derivative], (*self._block.symbols, *self._block.parameters))
        for start in range(0, z.size, 64):
            zs = z[start : start + 64]
            rows, cells = np.nonzero((low[None, :] < zs[:, None]) & (zs[:, None] <= high[None, :]) & ~flat[None, :])
            a, b, rising = t[cells].copy(), t[cells + 1].copy(), y[cells + 1] > y[cells]
            for _ in range(50):
                m = (a + b) / 2
                below = (self._g(m) < zs[rows]) == rising
                a, b = np.where(below, m, a), np.where(below, b, m)
            m = (a + b) / 2
            u = [mu + L[0] * m for mu, L in zip(self._mean, self._L, strict=True)]
            with np.errstate(all="ignore"):
                slope = np.abs(np.broadcast_to(np.asarray(derivative(*u, *self._parameters)[0], dtype=float), m.shape))
                part = np.exp(-m * m / 2) / _SQRT_2PI / slope
            np.add.at(out, start + rows, np.where(np.isfinite(part), part, 0.0))
        return out

    @cached_property
    def _derivative(self) -> sp.Expr:
        """dg/dt (rank 1) as an expression of the directions."""
        f = self._block.function
        return sum((f.diff(s) * float(self._L[k, 0]) for k, s in enumerate(self._block.symbols)), sp.Integer(0))

    # several directions

    @cached_property
    def _mixture(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(centre, spread, weight) of the normals that Z is a mixture of."""
        k = self._affine
        assert k is not None
        others = [j for j in range(len(self._block.symbols)) if j != k]
        L = factor_covariance(self._S[np.ix_(others, others)])
        if L.shape[1] <= 1:
            t = np.linspace(-_REACH, _REACH, 4001)
            points, weight = t[None, : (1 + 4000 * L.shape[1])], np.exp(-t * t / 2)
            weight = weight / weight.sum() if L.shape[1] else np.ones(1)
        else:
            points = np.concatenate([normal_points(L.shape[1], r) for r in range(2)], axis=1)
            weight = np.full(points.shape[1], 1 / points.shape[1])
        rest = L @ points[: L.shape[1]] if L.shape[1] else np.zeros((len(others), 1))
        gain = np.linalg.pinv(self._S[np.ix_(others, others)], rcond=1e-12, hermitian=True) @ self._S[others, k]
        u: list = [None] * len(self._block.symbols)
        for j, row in zip(others, rest, strict=True):
            u[j] = self._mean[j] + row
        s = self._block.symbols[k]
        tape = compile_tape(
            [self._block.function.subs(s, 0), self._block.function.diff(s)],
            (*self._block.symbols, *self._block.parameters),
        )
        u[k] = 0.0
        with np.errstate(all="ignore"):
            base, slope = (
                np.broadcast_to(np.asarray(v, dtype=float), weight.shape) for v in tape(*u, *self._parameters)
            )
        centre = base + slope * (self._mean[k] + gain @ rest)
        return centre, np.abs(slope) * np.sqrt(self._rest(k, others)), weight

    def _mixture_density(self, z: np.ndarray) -> np.ndarray:
        centre, spread, weight = self._mixture
        moving = spread > 0
        c, s, w = centre[moving], spread[moving], weight[moving]
        out = np.empty_like(z)
        for start in range(0, z.size, 32):
            block = z[start : start + 32, None]
            out[start : start + 32] = (np.exp(-(((block - c) / s) ** 2) / 2) / s) @ w / _SQRT_2PI
        return out

    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(low, high, mass) of cells: the range of Z on each cell of a grid of t₁ and t₂ (given points of further directions)."""
        side = _SIDE if self.rank == 2 else _SIDE // 8
        t = np.linspace(-_REACH, _REACH, side + 1)
        mass = np.diff(special.ndtr(t))
        mass = mass[:, None] * mass[None, :]
        others = normal_points(self.rank - 2, 0)[:, :64] if self.rank > 2 else np.zeros((0, 1))
        lows, highs, weights = [], [], []
        for point in others.T:
            y = np.broadcast_to(self._g(t[:, None], t[None, :], *point), (side + 1, side + 1))
            corners = (y[1:, 1:], y[1:, :-1], y[:-1, 1:], y[:-1, :-1])
            keep = mass > 1e-12
            lows.append(np.minimum.reduce(corners)[keep])
            highs.append(np.maximum.reduce(corners)[keep])
            weights.append(mass[keep] / others.shape[1])
        return np.concatenate(lows), np.concatenate(highs), np.concatenate(weights)

    def _mass_at(self, value: float, found: float) -> float:
        """P(Z = value) by quadrature split at the kinks (rank 2), where that works; else what the cells gave."""
        if self.rank != 2:
            return found
        tiny = 1e-9 * max(1.0, abs(value))
        lines = []
        parameters = dict(zip(self._block.parameters, self._parameters, strict=True))
        for e in self._block.kinks:
            slopes = [e.diff(s) for s in self._block.symbols]
            if any(d.free_symbols & set(self._block.symbols) for d in slopes):
                return found
            start = e.xreplace({s: sp.Integer(0) for s in self._block.symbols})
            *row, c = (float(x) for x in compile_tape([*slopes, start], tuple(parameters))(*parameters.values()))
            a, b = np.array(row) @ self._L
            lines.append((float(a), float(b), float(np.array(row) @ self._mean + c)))
        try:
            sums = expect_2d(lambda s, t: (np.abs(self._g(s, t) - value) <= tiny) * 1.0, lines, [], "of an indicator")
        except LimitError:
            return found
        mass = float(sums.value[0])
        return mass if abs(mass - found) < 0.05 else found

    def _cell_density(self, z: np.ndarray) -> np.ndarray:
        """Mass of each cell spread evenly over its range, averaged over a short window around each point."""
        low, high, mass = self._cells
        loose = high > low
        if self.atoms:
            loose |= ~np.isin(low, [low[np.argmin(np.abs(low - a))] for a in self.atoms])
        low, high, mass = low[loose], high[loose], mass[loose]
        if not low.size:
            return np.zeros_like(z)
        middle = (low + high) / 2
        centre = float(np.average(middle, weights=mass))
        window = _WINDOW * float(np.sqrt(np.average((middle - centre) ** 2, weights=mass)))
        thin = high - low < window * 1e-2
        high = np.where(thin, middle + window * 5e-3, high)
        low = np.where(thin, middle - window * 5e-3, low)
        rate = mass / (high - low)
        edges = np.concatenate([z - window, z + window])
        below = _ramp(edges, low, rate) - _ramp(edges, high, rate)
        return (below[z.size :] - below[: z.size]) / (2 * window)


def _linear_in(e: sp.Expr, s: sp.Symbol) -> tuple[sp.Expr, sp.Expr] | None:
    """(slope, rest) where e = slope · s + rest, neither with s in it; None where it is no such thing."""
    slope = sp.Integer(0)
    rest = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand_mul(e)):
        if not term.has(s):
            rest += term
            continue
        factor, body = term.as_independent(s, as_Add=False)
        if body != s:
            return None
        slope += factor
    return slope, rest


def _ramp(at: np.ndarray, start: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Σ rate · max(at − start, 0), at each point."""
    order = np.argsort(start)
    starts, rates = start[order], rate[order]
    slope = np.concatenate([[0.0], np.cumsum(rates)])
    offset = np.concatenate([[0.0], np.cumsum(rates * starts)])
    k = np.searchsorted(starts, at)
    return slope[k] * at - offset[k]


def _collect(values: np.ndarray, mass: np.ndarray, tails: dict[int, float] | None = None, cells: np.ndarray | None = None,
             least: float = 0.0) -> dict[float, float]:  # fmt: skip
    """Equal values together, with the mass beyond the ends of the grid; only what has the mass of an atom."""
    if not values.size:
        return {}
    total = mass.copy()
    if tails and cells is not None:
        for cell, extra in tails.items():
            total[cells == cell] += extra
    unit = max(1e-300, float(np.abs(values).max())) * 1e-11
    keys, index = np.unique(np.round(values / unit), return_inverse=True)
    sums = np.bincount(index.ravel(), weights=total, minlength=keys.size)
    first = np.zeros(keys.size)
    first[index.ravel()] = values
    return {float(v) + 0.0: float(m) for v, m in sorted(zip(first, sums, strict=True)) if m > max(_ATOM, least)}
