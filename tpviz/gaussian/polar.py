"""E g(t), t ~ N(0, I) in two or three dimensions, where every kink passes through the origin: batch norm.

In polar coordinates such a kink depends on the angle alone. In the plane the circle is cut at the kinks. In space the sphere is seen from its
centre on the six faces of a cube: there great circles are straight lines, and the nested rule that knows lines does the rest. The radius is
integrated on panels that shrink towards the origin, or in one step where g is homogeneous.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from ..language.diagnostics import LimitError
from .estimate import EPS
from .quadrature import legendre, one_row, require_finite
from .trapezoid import Sums

__all__ = ["expect_polar"]

Array = np.ndarray
_RADII = np.array([0.0, 0.01, 0.04, 0.15, 0.4, 0.9, 1.6, 2.5, 3.6, 5.0, 6.8, 9.2])
_LEVELS = ((12, 10), (16, 14), (24, 20), (32, 28))  # nodes on a panel of angles, of radii


def expect_polar(
    g: Callable[..., Array],
    rank: int,
    lines: list[tuple[float, ...]],
    what: str,
    thin: Sequence[tuple[float, float]] = (),
) -> Sums:
    """E g(t₁, …, t_rank); `lines` are the coefficients of the kinks Σ aⱼ tⱼ = 0, `thin` (angle, width) of directions of the plane about
    which g turns quickly."""
    degree = _degree(g, rank)
    previous, before, value, scale, error = np.nan, np.inf, 0.0, 0.0, np.inf
    first, second = np.zeros(rank), np.zeros((rank, rank))
    for angular, radial in _LEVELS:
        directions, weights = _circle(lines, angular, thin) if rank == 2 else _sphere(lines, angular)
        value, scale, first, second = _radial(g, directions, weights, rank, degree, radial, what)
        change = abs(value - previous) if np.isfinite(previous) else np.inf
        error = max(change, 0.02 * before) if np.isfinite(before) else change
        before = change
        if error <= 2e-14 * scale:
            break
        previous = value
    if not np.isfinite(value) or error > 0.01 * scale:
        raise LimitError(
            f"E {what} could not be computed: refining the quadrature does not settle.",
            code="quadrature",
            hint="It may not exist. Smooth or bound the nonlinearity.",
        )
    return one_row(value, error + 32 * EPS * scale, scale, first, second)


def _degree(g, rank: int) -> int | None:
    """k where g(r ω) = rᵏ g(ω), seen at some points; None where g is not homogeneous."""
    t = np.random.default_rng(5).standard_normal((rank, 4096))
    with np.errstate(all="ignore"):
        live = np.nonzero(np.broadcast_to(g(*t), t.shape[1:]))[0][:64]
        if live.size < 16:  # too few places where g is not 0 to tell
            return None
        t = t[:, live]
        one = np.broadcast_to(g(*t), live.shape)
        for k in range(0, 9):
            if all(np.allclose(g(*(r * t)), r**k * one, rtol=1e-13, atol=0) for r in (0.5, 3.0, 1e-3)):
                return k
    return None


def _circle(lines, nodes: int, thin: Sequence[tuple[float, float]] = ()) -> tuple[Array, Array]:
    """Unit vectors (2, m) and weights of the uniform law on the circle, cut at the lines."""
    cuts = [np.linspace(0, 2 * np.pi, 9)]
    for a, b, *_ in lines:
        angle = math.atan2(-a, b) % math.pi
        cuts.append(np.array([angle, angle + math.pi]))
    for angle, width in thin:
        rungs = width * 3.0 ** np.arange(-1, np.ceil(np.log(0.5 / width) / np.log(3.0)) + 1)
        for half_turn in (angle, angle + math.pi):
            cuts.append(np.mod(np.concatenate([half_turn - rungs, [half_turn], half_turn + rungs]), 2 * np.pi))
    edges = np.unique(np.concatenate(cuts))
    x, w = legendre(nodes)
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    angle = (middle[:, None] + half[:, None] * x).ravel()
    return np.stack([np.cos(angle), np.sin(angle)]), (half[:, None] * w).ravel() / (2 * math.pi)


def _sphere(lines, nodes: int) -> tuple[Array, Array]:
    """Unit vectors (3, m) and weights of the uniform law on the sphere, cut at the great circles Σ aⱼ tⱼ = 0."""
    points, weights = [], []
    for axis in range(3):
        order = [(axis + 1) % 3, (axis + 2) % 3, axis]
        flat = [
            tuple(line[k] for k in order) for line in lines
        ]  # a x + b y + c = 0 on the face z = 1; on z = −1 with −x, −y
        x, y, w = _square(flat, nodes)
        r = np.sqrt(1 + x * x + y * y)
        v = np.empty((3, x.size))
        v[order[0]], v[order[1]], v[order[2]] = x / r, y / r, 1 / r
        for sign in (1, -1):
            points.append(sign * v)
            weights.append(w / r**3 / (4 * math.pi))
    return np.concatenate(points, axis=1), np.concatenate(weights)


def _square(lines, nodes: int) -> tuple[Array, Array, Array]:
    """Nodes and weights on [−1, 1]², nested, cut at the lines a x + b y + c = 0; the plane is swapped so that few are parallel to y."""
    swap = sum(abs(b) < abs(a) for a, b, _ in lines) * 2 > len(lines)
    if swap:
        lines = [(b, a, c) for a, b, c in lines]
    cuts = [np.linspace(-1, 1, 3)]
    for i, (a, b, c) in enumerate(lines):
        for y in (-1.0, 1.0):
            if a:
                cuts.append(np.array([-(c + b * y) / a]))
        for p, q, r in lines[:i]:
            det = a * q - p * b
            if det:
                cuts.append(np.array([(b * r - q * c) / det]))
    edges = np.unique(np.concatenate(cuts))
    edges = edges[(edges >= -1) & (edges <= 1)]
    n, w = legendre(nodes)
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    x, wx = (middle[:, None] + half[:, None] * n).ravel(), (half[:, None] * w).ravel()
    columns = [np.broadcast_to(np.linspace(-1, 1, 3), (x.size, 3))]
    for a, b, c in lines:
        if b:
            columns.append(np.clip(-(c + a * x) / b, -1, 1)[:, None])
    inner = np.sort(np.concatenate(columns, axis=1), axis=1)
    half, middle = np.diff(inner, axis=1) / 2, (inner[:, 1:] + inner[:, :-1]) / 2
    y = middle[..., None] + half[..., None] * n
    wy = half[..., None] * w * wx[:, None, None]
    keep = wy > 0
    xs, ys = np.broadcast_to(x[:, None, None], y.shape)[keep], y[keep]
    return (ys, xs, wy[keep]) if swap else (xs, ys, wy[keep])


def _radial(g, directions: Array, weights: Array, rank: int, degree: int | None, nodes: int, what: str):
    """Σ over directions of the radial integral, with the sums that derivatives need."""
    value, scale, first, second = 0.0, 0.0, np.zeros(rank), np.zeros((rank, rank))
    # density of the radius: r^{k−1} e^{−r²/2} / (2^{k/2−1} Γ(k/2))
    norm = 2 ** (rank / 2 - 1) * math.gamma(rank / 2)
    if degree is not None:
        moment = [
            2 ** (k / 2) * math.gamma((rank + k) / 2) / math.gamma(rank / 2) for k in (degree, degree + 1, degree + 2)
        ]
        values = np.broadcast_to(g(*directions), weights.shape)
        require_finite(values, what)
        part = weights * values
        value, scale = float(part.sum()) * moment[0], float(np.abs(part).sum()) * moment[0]
        first = directions @ part * moment[1]
        second = (directions * part) @ directions.T * moment[2] - value * np.eye(rank)
        return value, scale, first, second
    x, w = legendre(nodes)
    half, middle = np.diff(_RADII) / 2, (_RADII[1:] + _RADII[:-1]) / 2
    r = (middle[:, None] + half[:, None] * x).ravel()
    wr = (half[:, None] * w).ravel() * r ** (rank - 1) * np.exp(-r * r / 2) / norm
    for chunk in np.array_split(np.arange(weights.size), max(1, weights.size * r.size // 500_000)):
        t = directions[:, chunk, None] * r
        with np.errstate(all="ignore"):
            values = np.broadcast_to(g(*t), t.shape[1:])
        require_finite(values, what)
        part = weights[chunk, None] * wr * values
        value += float(part.sum())
        scale += float(np.abs(part).sum())
        flat, points = part.ravel(), t.reshape(rank, -1)
        first += points @ flat
        second += (points * flat) @ points.T - float(flat.sum()) * np.eye(rank)
    return value, scale, first, second
