"""Kink-aware quadrature of E g(t), t ~ N(0, I), in one and two dimensions.

Composite Gauss–Legendre between the kinks, panels halved until two refinements agree; the support is found first, so that
exponential factors and moments that do not exist are seen. Where g may be infinite (log, negative powers) panels shrink
geometrically towards the point, and the rate at which they contribute tells whether the integral exists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import numpy as np

from ..language.diagnostics import DivergentMomentError, LimitError
from .estimate import EPS
from .trapezoid import Sums

__all__ = ["expect_1d", "expect_2d", "legendre", "one_row", "require_finite"]

FARTHEST = 38.0  # exp(-t²/2) is the smallest normal number near here
_SQRT_2PI = np.sqrt(2 * np.pi)
Function = Callable[[np.ndarray], np.ndarray]


@lru_cache(maxsize=8)
def legendre(n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(n)


def require_finite(values: np.ndarray, what: str, weights: np.ndarray | None = None) -> None:
    """`LimitError` where g is not a number: a log or root of a negative Gaussian."""
    bad = np.isnan(values)
    if bad.any():
        share = float(bad.mean() if weights is None else weights[bad].sum() / weights.sum())
        raise LimitError(f"E {what} is not defined: its log, root or quotient meets values where it has none (about {100 * share:.3g} % of them).", code="domain",
                         hint="A Gaussian takes negative values: write log(abs(h)), sqrt(relu(h)), or add a positive constant.")  # fmt: skip


def _diverges(what: str) -> DivergentMomentError:
    return DivergentMomentError(f"E {what} does not exist: the integrand does not fall off.", code="divergent",
                                hint="Bound the nonlinearity, as in exp(-x**2) or tanh(x), or make the variance smaller.")  # fmt: skip


def _support(profile: Callable[[np.ndarray], np.ndarray], what: str) -> float:
    """T such that nothing of |g(t)| φ(t) is left beyond |t| = T. `profile(r)` is the largest |g| at radius r."""
    r = np.linspace(0.0, FARTHEST, 153) + 0.0137  # off the origin, where a pole may sit
    with np.errstate(all="ignore"):
        size = np.asarray(profile(r), dtype=float)
        log_size = np.where(size > 0, np.log(size), -np.inf) - r * r / 2
    if np.isposinf(log_size[-3:]).any() or np.isposinf(log_size).sum() > 3:
        raise _diverges(what)
    log_size[~np.isfinite(log_size)] = -np.inf  # single infinities are poles, looked at panel by panel
    peak = log_size.max()
    if peak == -np.inf:
        return 8.5
    if log_size[-1] > peak - 20 or (log_size[-1] > peak - 60 and log_size[-1] > log_size[-20]):
        raise _diverges(what)
    alive = r[log_size > peak - 46]  # e^-46 = 1e-20
    return float(min(FARTHEST, max(8.5, alive[-1] + 1.0)))


def _valleys(level: Function, slope: Function, grid: np.ndarray) -> tuple[list[float], list[tuple[float, float]]]:
    """Where |level| has a minimum: places where it touches 0, and (place, width) where it turns within a width, as √(u² + ε) does."""
    touching: list[float] = []
    narrow: list[tuple[float, float]] = []
    with np.errstate(all="ignore"):
        typical = float(np.nanmedian(np.abs(np.broadcast_to(np.asarray(level(grid), dtype=float), grid.shape))))
        for place in _roots(slope, grid)[:32]:
            low = abs(float(np.asarray(level(np.array([place])))[0]))
            if low <= 1e-13 * typical:
                touching.append(float(place))
                continue
            for h in (1e-6, 1e-4, 1e-2):
                left, right = np.abs(np.asarray(level(np.array([place - h, place + h])), dtype=float))
                bend = (left + right - 2 * low) / (h * h)
                if left + right - 2 * low > 1e-6 * low:  # more than rounding
                    width = float(np.sqrt(2 * low / bend))
                    if width < 0.5:
                        narrow.append((float(place), max(width, 1e-12)))
                    break
    return touching, narrow


def _grid(T: float, steep: Sequence[tuple[float, float]]) -> np.ndarray:
    """Where functions are looked at: evenly, and closely around narrow features."""
    near = [p + w * np.linspace(-25, 25, 1001) for p, w in steep]
    t = np.unique(np.concatenate([np.linspace(-T, T, 2001), *near]))
    return t[np.abs(t) <= T]


def _roots(level: Function, t: np.ndarray) -> np.ndarray:
    """Sign changes of a function of t on a grid, by bisection."""
    with np.errstate(all="ignore"):
        y = np.broadcast_to(np.asarray(level(t), dtype=float), t.shape)
    zero = t[y == 0]
    k = np.nonzero(np.signbit(y[:-1]) != np.signbit(y[1:]))[0]
    a, b = t[k], t[k + 1]
    left = np.signbit(y[k])
    for _ in range(60):
        m = (a + b) / 2
        with np.errstate(all="ignore"):
            same = np.signbit(np.asarray(level(m), dtype=float)) == left
        a, b = np.where(same, m, a), np.where(same, b, m)
    return np.concatenate([zero, (a + b) / 2])


def _ladder(width: float) -> np.ndarray:
    """Distances from `width`/4 up to 2, each four times the last: panels that see a feature of that width."""
    return width * 4.0 ** np.arange(-1, np.ceil(np.log(2.0 / width) / np.log(4.0)) + 1)


def _edges(T: float, step: float, breaks: np.ndarray, graded: np.ndarray) -> np.ndarray:
    n = max(2, int(np.ceil(2 * T / step)))
    edges = [np.linspace(-T, T, n + 1), breaks]
    ladder = 2.0 ** -np.arange(0, 60)
    for p in graded:
        edges += [p + ladder, p - ladder, np.array([p])]
    e = np.unique(np.concatenate(edges))
    return e[(e >= -T) & (e <= T)]


def expect_1d(
    g: Function,
    places: list[float],
    breaks: list[Function],
    singular: Sequence[tuple[Function, Function]],
    what: str,
    steep: list[tuple[float, float]] | None = None,
) -> Sums:
    """E g(t), t ~ N(0, 1). Kinks are at `places` and where the functions in `breaks` vanish; `singular` vanish at possible
    infinities, each with its slope; `steep` holds (place, width) of narrow features."""
    T = _support(lambda r: np.fmax(np.abs(g(r)), np.abs(g(-r))), what)
    grid = _grid(T, steep or ())
    kinks = np.concatenate([np.array(places, dtype=float), *[_roots(b, grid) for b in breaks]])
    valleys = [_valleys(level, slope, grid) for level, slope in singular]
    for place, width in [*(steep or ()), *(v for _, narrow in valleys for v in narrow)]:
        kinks = np.concatenate([kinks, place + _ladder(width), place - _ladder(width), [place]])
    touching = [np.array(places_, dtype=float) for places_, _ in valleys]
    infinite = np.unique(np.concatenate([np.empty(0), *touching, *[_roots(level, grid) for level, _ in singular]]))
    infinite = infinite[np.diff(infinite, prepend=-np.inf) > 1e-12]  # |z| vanishes where z and −z do
    every = np.concatenate([np.empty(0), *touching])
    guards = [(p, 3e-8 if np.abs(every - p).min(initial=np.inf) < 1e-9 else 2e-15 * max(1.0, abs(p))) for p in infinite]
    hit: set[tuple[float, float]] = set()
    x, w = legendre(20)
    previous, value, scale = np.nan, 0.0, 0.0
    agreed = 0
    for step in (1.0, 0.5, 0.25, 0.125, 1 / 16, 1 / 32, 1 / 64, 1 / 128):
        edges = _edges(T, step, kinks, infinite)
        half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
        t = (middle[:, None] + half[:, None] * x).ravel()
        weight = (half[:, None] * w).ravel() * np.exp(-t * t / 2) / _SQRT_2PI
        with np.errstate(all="ignore"):
            values = np.broadcast_to(np.asarray(g(t), dtype=float), t.shape)
        values = np.where(weight > 1e-290, values, 0.0)
        for p, radius in guards:  # so close to a zero the logarithm of its rounding may be infinite
            lost = ~np.isfinite(values) & (np.abs(t - p) < radius)
            if lost.any():
                hit.add((p, radius))
                values = np.where(lost, 0.0, values)
        require_finite(values, what, weight)
        if np.isinf(values).any():
            raise _diverges(what)
        pieces = weight * values
        value, scale = float(pieces.sum()), float(np.abs(pieces).sum())
        change = abs(value - previous)
        agreed = agreed + 1 if change <= 6 * EPS * scale else 0
        if agreed == 2 or step == 1 / 128:
            break
        previous = value
    if not change <= 1e-2 * scale:
        raise LimitError(f"E {what} could not be computed: refining the quadrature does not settle.", code="quadrature",
                         hint="It may not exist. Smooth or bound the nonlinearity.")  # fmt: skip
    tail = _tail(pieces, edges, infinite, what) if infinite.size else 0.0
    first, second = float((pieces * t).sum()), float((pieces * (t * t - 1)).sum())
    return one_row(value, float(change + tail + _guarded(g, hit) + 8 * EPS * scale), scale, [first], [[second]])


def one_row(value: float, error: float, scale: float, first, second) -> Sums:
    return Sums(np.array([value]), np.array([error]), np.array([scale]), np.array([first]), np.array([second]))


def _guarded(g: Function, guards: Iterable[tuple[float, float]]) -> float:
    """About what is left out within the guards that were hit."""
    total = 0.0
    for p, radius in guards:
        with np.errstate(all="ignore"):
            beside = np.abs(np.asarray(g(np.array([p - 2 * radius, p + 2 * radius])), dtype=float))
        total += (
            4 * radius * float(np.max(beside, initial=0.0, where=np.isfinite(beside))) * np.exp(-p * p / 2) / _SQRT_2PI
        )
    return total


def _tail(pieces: np.ndarray, edges: np.ndarray, infinite: np.ndarray, what: str) -> float:
    """What is missing at a point where g may be infinite, from the decay of the geometric panels; divergence where they do not decay."""
    panels = np.abs(pieces.reshape(-1, 20).sum(axis=1))
    missing = 0.0
    for p in infinite:
        k = int(np.searchsorted(edges, p))
        rounding = 2e-13 * max(0.0, abs(p))  # panels nearer than this hold nodes that round to p itself
        right, left = np.arange(k, min(k + 60, panels.size)), np.arange(k - 1, max(-1, k - 61), -1)
        right, left = right[edges[right] - p > rounding], left[p - edges[left + 1] > rounding]
        for side in (panels[right], panels[left]):
            near = side[1:21]
            if near.size < 20 or not near[0] > 0 or near[0] < 1e-300:
                continue
            ratio = (near[0] / near[-1]) ** (1 / 19) if near[-1] > 0 else 1.0  # from outer to inner panel
            if ratio > 0.995:
                raise _diverges(what)
            missing += near[0] * ratio / (1 - ratio)
    return missing


def expect_2d(g: Callable[[np.ndarray, np.ndarray], np.ndarray], lines: Sequence[tuple[float, ...]],
              curves: list[Callable[[np.ndarray, np.ndarray], np.ndarray]], what: str,
              steep: Sequence[tuple[float, ...]] | None = None) -> Sums:  # fmt: skip
    """E g(t₁, t₂), t ~ N(0, I₂). `lines` are kinks a t₁ + b t₂ + c = 0; `curves` are functions that vanish on other kinks; `steep` are
    lines along which g changes within 1/√(a² + b²).

    The plane is turned so that no kink line is parallel to the inner variable; inner integrals are split at every kink, the outer
    one where kink lines meet.
    """
    lines = [(a, b, c) for a, b, c in lines if np.hypot(a, b) > 1e-14 * max(1.0, abs(c))]
    narrow = list(steep or ())
    angles = np.linspace(0, 2 * np.pi, 65)[:-1, None] + 0.037

    def around(r: np.ndarray) -> np.ndarray:
        ring = np.broadcast_to(g(np.cos(angles) * r, np.sin(angles) * r), (64, r.size))
        return np.fmax.reduce(np.abs(ring), axis=0)

    T = _support(around, what)
    phi = _best_angle([*lines, *narrow])
    sums, error = _at_angle(g, lines, curves, narrow, phi, T, what)
    if curves:  # the outer integral is not smooth where a curve turns: a second angle shows what that costs
        others, second = _at_angle(g, lines, curves, narrow, phi + 0.7, T, what)
        error = 2 * max(error, second, abs(sums[0] - others[0]))
    value, s, t, ss, st, tt, scale = (float(x) for x in sums)
    if not np.isfinite(value) or error > 0.05 * scale:
        raise LimitError(
            f"E {what} could not be computed: refining the quadrature does not settle.",
            code="quadrature",
            hint="It may not exist. Smooth or bound the nonlinearity.",
        )
    turn = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    second_moments = turn @ np.array([[ss, st], [st, tt]]) @ turn.T
    return one_row(value, error + 16 * EPS * scale, scale, turn @ np.array([s, t]), second_moments)


def _at_angle(g, lines, curves, narrow, phi: float, T: float, what: str) -> tuple[np.ndarray, float]:
    """E g·(1, s, t, s² − 1, s t, t² − 1) and E|g|, and what the last refinement changed, with the plane turned by phi."""
    cos, sin = np.cos(phi), np.sin(phi)

    def turn(f):
        return lambda s, t: f(cos * s - sin * t, sin * s + cos * t)

    def turned(rows):
        return [(a * cos + b * sin, -a * sin + b * cos, c) for a, b, c in rows]  # a' s + b' t + c = 0

    kinks, steep = turned(lines), turned(narrow)
    outer = np.concatenate([_outer_breaks(kinks, T), _narrow_breaks(steep, T)])
    steps = (1.0, 0.5, 0.25) if curves else (2.0, 1.0, 0.5) if T > 20 else (2.0, 1.0, 0.5, 0.25)
    previous, sums, change, before = np.nan, np.zeros(7), np.inf, np.inf
    for step in steps:
        sums = _nested(turn(g), kinks, steep, [turn(f) for f in curves], outer, T, step, what)
        before, change = change, abs(sums[0] - previous) if np.isfinite(previous) else np.inf
        if change <= 8 * EPS * sums[-1]:
            break
        previous = sums[0]
    # two refinements may agree by chance: a part of what the one before changed counts, too
    return sums, float(max(change, 1e-3 * before) if np.isfinite(before) else change)


def _best_angle(lines: list[tuple[float, ...]]) -> float:
    """A turn φ of the plane after which every kink line is far from parallel to the inner axis."""
    if not lines:
        return 0.0
    along = np.array([np.arctan2(-a, b) % np.pi for a, b, _ in lines])  # direction of each line
    candidates = np.linspace(0, np.pi, 181)[:-1]
    inner = (candidates + np.pi / 2) % np.pi
    gap = np.abs(inner[:, None] - along[None, :])
    return float(candidates[np.argmax(np.minimum(gap, np.pi - gap).min(axis=1))])


def _outer_breaks(kinks: Sequence[tuple[float, ...]], T: float) -> np.ndarray:
    """s where kink lines meet each other or leave the inner range."""
    out: list[float] = []
    for i, (a, b, c) in enumerate(kinks):
        for t in (-T, T):
            if a:
                out.append(-(c + b * t) / a)
        for p, q, r in kinks[:i]:
            det = a * q - p * b
            if abs(det) > 1e-300:
                out.append((b * r - q * c) / det)
    s = np.array(out)
    s = s[np.isfinite(s)] if s.size else s
    return s[np.abs(s) < T] if s.size else s


def _narrow_breaks(narrow: Sequence[tuple[float, ...]], T: float) -> np.ndarray:
    """Ladders around the places s where steep lines meet each other."""
    if len(narrow) < 2:
        return np.empty(0)
    places = _outer_breaks(narrow, T)
    rungs = _ladder(1 / max(np.hypot(a, b) for a, b, _ in narrow))
    s = np.concatenate([places, (places[:, None] + rungs).ravel(), (places[:, None] - rungs).ravel()])
    return s[np.abs(s) < T]


def _nested(g, kinks, narrow, curves, outer: np.ndarray, T: float, step: float, what: str) -> np.ndarray:
    x, w = legendre(16)
    edges = _edges(T, step, outer, np.empty(0))
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    s = (middle[:, None] + half[:, None] * x).ravel()
    ws = (half[:, None] * w).ravel() * np.exp(-s * s / 2) / _SQRT_2PI
    keep = ws > 1e-26
    s, ws = s[keep], ws[keep]
    total = np.zeros(7)
    for chunk in np.array_split(np.arange(s.size), max(1, s.size // 256)):
        one, t, tt, size = _inner(g, kinks, narrow, curves, s[chunk], T, step, x, w, what)
        u, wu = s[chunk], ws[chunk]
        total += [wu @ one, (wu * u) @ one, wu @ t, (wu * (u * u - 1)) @ one, (wu * u) @ t, wu @ tt, wu @ size]
    return total


def _inner(g, kinks, narrow, curves, s: np.ndarray, T: float, step: float, x, w, what: str) -> tuple[np.ndarray, ...]:
    """∫ g(s, t)·(1, t, t² − 1) φ(t) dt and the same of |g|, for each s."""
    n = max(2, int(np.ceil(2 * T / step)))
    columns = [np.broadcast_to(np.linspace(-T, T, n + 1), (s.size, n + 1))]
    for a, b, c in kinks:
        if b:
            columns.append(np.clip(-(c + a * s) / b, -T, T)[:, None])
    for a, b, c in narrow:
        if b:
            rungs = _ladder(1 / np.hypot(a, b))
            offsets = np.concatenate([-rungs[::-1], [0.0], rungs])
            columns.append(np.clip((-(c + a * s) / b)[:, None] + offsets, -T, T))
    for f in curves:
        columns.append(_inner_roots(f, s, T))
    edges = np.sort(np.concatenate(columns, axis=1), axis=1)
    half, middle = np.diff(edges, axis=1) / 2, (edges[:, 1:] + edges[:, :-1]) / 2
    t = middle[..., None] + half[..., None] * x
    weight = half[..., None] * w * np.exp(-t * t / 2) / _SQRT_2PI
    with np.errstate(all="ignore"):
        values = np.broadcast_to(np.asarray(g(np.broadcast_to(s[:, None, None], t.shape), t), dtype=float), t.shape)
    values = np.where(weight < 1e-60, 0.0, values)
    require_finite(values, what)
    if np.isinf(values).any():
        raise _diverges(what)
    pieces = weight * values
    sums = [pieces.sum(axis=(1, 2)), np.einsum("abc,abc->a", pieces, t), np.einsum("abc,abc->a", pieces, t * t - 1)]
    return (*sums, np.abs(pieces).sum(axis=(1, 2)))


def _inner_roots(f, s: np.ndarray, T: float, most: int = 4) -> np.ndarray:
    """Up to `most` roots in t of f(s, t) for each s, T where there are fewer."""
    t = np.linspace(-T, T, 401)
    grid = np.broadcast_to(s[:, None], (s.size, t.size))
    with np.errstate(all="ignore"):
        y = np.signbit(np.broadcast_to(f(grid, np.broadcast_to(t, grid.shape)), grid.shape))
    out = np.full((s.size, most), T)
    rows, cols = np.nonzero(y[:, 1:] != y[:, :-1])
    if not rows.size:
        return out
    rank = np.arange(rows.size) - np.searchsorted(rows, rows)
    keep = rank < most
    rows, cols, rank = rows[keep], cols[keep], rank[keep]
    a, b, left = t[cols].copy(), t[cols + 1].copy(), y[rows, cols]
    for _ in range(50):
        m = (a + b) / 2
        with np.errstate(all="ignore"):
            same = np.signbit(np.broadcast_to(f(s[rows], m), m.shape)) == left
        a, b = np.where(same, m, a), np.where(same, b, m)
    out[rows, rank] = (a + b) / 2
    return out
