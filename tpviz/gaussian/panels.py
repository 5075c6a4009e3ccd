"""One row by rules that know kinks and poles: what the quadratures must be told of the function, and which of them serves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ..language.late import Late
from ..language.tape import compile_tape
from .polar import expect_polar
from .quadrature import expect_1d, expect_2d
from .trapezoid import Sums

if TYPE_CHECKING:
    import sympy as sp

    from .numeric import Integrand
else:
    sp = Late("sympy")

__all__ = ["by_panels"]

Array = np.ndarray
STEEP = 8.0  # standard deviation of a direction from which functions of it are looked at more closely around 0


def by_panels(g: Integrand, rank: int, what) -> Sums | None:
    """One row by rules that know kinks and poles; None where its rank is beyond them."""
    if rank > 3:
        return None
    o = len(g.outer)
    mean, L, p = g.mean[0, :o], g.L[0, :o], g.parameters[0]
    lines: list[tuple[float, ...]] = []
    curves: list[Callable[..., Array]] = []
    for e in g.whole.kinks:
        line = _line(g, e, p)
        if line is None:
            curves.append(level_of(g, e))
        elif any(line[:-1]):
            lines.append(line)
    steep = [(*(float(a) for a in L[i]), float(mean[i])) for i in range(o) if np.linalg.norm(L[i]) > STEEP]
    for k, i in enumerate(g.inner):  # a gate given t bends where its mean crosses 0
        if any(x.direction == i and not x.smoothing for t in g.kernel.gate_terms for x in t.gates):
            line = (*(float(a) for a in g.L[0, o + k]), float(g.mean[0, o + k]))
            width = float(np.sqrt(max(g.rest[0, k, k], 0.0)))
            length = float(np.linalg.norm(line[:-1]))
            if length > 0 and width <= 1e-14 * length:
                lines.append(line)
            elif length > 0 and length / width > STEEP / 2:
                steep.append(tuple(a / width for a in line))
    singular = [level_of(g, e) for e in g.whole.singular]
    slopes = [_slope(g, e) for e in g.whole.singular] if rank == 1 else []
    f, name = g.row(), what()
    if rank == 1:
        places = [-c / a for a, c in lines]
        narrow = [(-c / a, 1 / abs(a)) for a, c in steep if a]
        poles = list(zip(singular, slopes, strict=True))
        if poles and g.inner and all(g.rest[0, k, k] > 0 for k in range(len(g.inner))):
            # E u/v: the mean of u given v hides that E |1/v| does not exist
            expect_1d(g.bare().row(), places, curves, poles, name, narrow)
        return expect_1d(f, places, curves, poles, name, narrow)
    centred = not curves and all(abs(line[-1]) <= 1e-13 * np.linalg.norm(line[:-1]) for line in lines)
    if rank == 2 and not any(_vanishes(s) for s in singular):
        if singular and centred and any(_small(s) for s in singular):
            return expect_polar(f, 2, [line[:-1] for line in lines], name, _thin(L))
        return expect_2d(f, lines, curves, name, steep)
    if centred and (lines or singular) and not any(_vanishes(s, rank) for s in singular):
        return expect_polar(f, rank, [line[:-1] for line in lines], name)
    return None


def _slope(g: Integrand, e: sp.Expr) -> Callable[..., Array]:
    """The derivative of a level along t, of one variable."""
    parts = [
        e.diff(g.whole.symbols[i]) * sp.Float(float(g.L[0, k, 0]), 17) for k, i in enumerate(g.outer) if g.L[0, k, 0]
    ]
    return level_of(g, sp.Add(*parts))


def _thin(L: Array) -> list[tuple[float, float]]:
    """(angle, width) of the direction of the plane that the map L nearly loses: functions of the image turn quickly there."""
    _, s, V = np.linalg.svd(L)
    return [(float(np.arctan2(V[1, 1], V[1, 0])), float(s[1] / s[0]))] if s[1] < 0.3 * s[0] else []


def _small(level) -> bool:
    """Whether a function comes close to 0 at the origin of the plane."""
    angle = np.linspace(0, 2 * np.pi, 33)
    near, far = (np.abs(level(r * np.cos(angle), r * np.sin(angle))).min() for r in (1e-4, 1.0))
    return bool(near < 0.3 * far)


def _vanishes(level, rank: int = 2) -> bool:
    """Whether a function changes sign, or is 0, where there is mass, the origin itself aside."""
    if rank == 2:
        r, angle = np.meshgrid(np.linspace(0.01, 9.0, 181), np.linspace(0, 2 * np.pi, 91))
        a, b = r * np.cos(angle), r * np.sin(angle)
        y = level(a, b)
        if _touches(level, a, b, np.abs(y)):
            return True
    else:
        v = np.random.default_rng(11).standard_normal((rank, 8192))
        v /= np.linalg.norm(v, axis=0)
        y = np.stack([level(*(r * v)) for r in (0.01, 0.5, 1.0, 2.0, 4.0, 8.0)])
    return bool(np.isnan(y).any() or (y.min() <= 0 <= y.max()))


def _touches(level, a: Array, b: Array, size: Array) -> bool:
    """Whether |level| falls to 0 at a point of the plane other than the origin, seen by looking closer and closer at its minimum."""
    typical = float(np.nanmedian(size))
    width = 0.2
    for _ in range(9):
        k = np.unravel_index(int(np.nanargmin(size)), size.shape)
        centre = float(a[k]), float(b[k])
        if not size[k] < 0.05 * typical:
            return False
        a, b = np.meshgrid(centre[0] + width * np.linspace(-1, 1, 21), centre[1] + width * np.linspace(-1, 1, 21))
        size = np.abs(level(a, b))
        width /= 8
    return bool(np.nanmin(size) < 1e-9 * typical and np.hypot(*centre) > 0.02)


def level_of(g: Integrand, e: sp.Expr) -> Callable[..., Array]:
    tape = compile_tape([e], (*g.whole.symbols, *g.whole.parameters))

    def level(*t: Array) -> Array:
        with np.errstate(all="ignore"):
            d = [x[0] if isinstance(x, np.ndarray) else x for x in g.directions(t)]
            return np.broadcast_to(
                np.asarray(tape(*d, *g.parameters[0])[0], dtype=float), np.broadcast_shapes(*(np.shape(x) for x in t))
            )

    return level


def _line(g: Integrand, e: sp.Expr, p: Array) -> tuple[float, ...] | None:
    """(a₁, …, a_r, c) where the kink is Σ aⱼ tⱼ + c = 0; None where it is not affine."""
    symbols = set(g.whole.symbols)
    gradient = [e.diff(s) for s in g.whole.symbols]
    if any(d.free_symbols & symbols for d in gradient) or e.has(sp.Derivative):
        return None
    at_zero = e.xreplace({s: sp.Integer(0) for s in symbols})
    numbers = [float(x) for x in compile_tape([*gradient, at_zero], g.whole.parameters)(*p)]
    o = len(g.outer)
    row = np.array([numbers[i] for i in g.outer])
    return (*(float(a) for a in row @ g.L[0, :o]), float(row @ g.mean[0, :o] + numbers[-1]))
