"""Numerical integration of a kernel: the trapezoidal rule for rows together, kinks and poles row by row, Sobol' points beyond."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..language.tape import compile_tape
from .closed import gate_moment, tilted
from .estimate import EPS
from .hermite import mehler
from .kernel import Kernel, Whole
from .moments import determinant
from .panels import by_panels
from .quadrature import require_finite
from .rows import CLOSED, QUADRATURE, SAMPLED, UNSOLVED, Answer, Rows, semidefinite_cholesky
from .sobol import normal_points
from .trapezoid import MAX_POINTS, Sums, points, trapezoid

__all__ = ["Integrand", "integrate_numerically"]

Array = np.ndarray
CHUNK = 400_000  # points that are evaluated at a time
FINENESS = (0.0, 5.9, 4.9, 4.2, 3.8)  # distance of the nearest pole over the step, by rank
SETTLED = (0.0, 2e-13, 1e-11, 2e-10, 2e-9)  # relative error at which a grid is fine enough, by rank
CLOSE = 1e-5  # relative error up to which an unsettled grid beats points
WORTH = 60_000  # points that cost as much as a call


class Integrand:
    """g(t) of rows whose outer directions are μ + L t; inner directions are integrated given t."""

    def __init__(
        self,
        kernel: Kernel,
        whole: Whole,
        outer,
        inner,
        mean: Array,
        L: Array,
        rest: Array,
        parameters: Array,
        factor: Array,
    ):
        self.kernel, self.whole, self.outer, self.inner = kernel, whole, outer, inner
        self.mean, self.L, self.rest, self.parameters, self.factor = mean, L, rest, parameters, factor

    def take(self, k) -> Integrand:
        return Integrand(self.kernel, self.whole, self.outer, self.inner, *(a[k] for a in (self.mean, self.L, self.rest, self.parameters, self.factor)))  # fmt: skip

    def columns(self, keep: Array) -> Integrand:
        return Integrand(self.kernel, self.whole, self.outer, self.inner, self.mean, self.L[:, :, keep], self.rest, self.parameters, self.factor)  # fmt: skip

    def bare(self) -> Integrand:
        """The hard function alone, without what is integrated inside."""
        return Integrand(
            self.kernel, self.whole, self.outer, (), self.mean, self.L, self.rest, self.parameters, self.factor
        )

    def directions(self, t: tuple[Array, ...]) -> list:
        """Every direction at t, rows first; inner ones are means given t. Directions nobody reads are 0."""
        dims = max((np.ndim(x) for x in t), default=0)
        rows = len(self.mean)

        def spread(a: Array) -> Array:
            return a.reshape(rows, *(1,) * dims)

        out: list = [0.0] * self.kernel.size
        for k, i in enumerate((*self.outer, *self.inner)):
            value = spread(self.mean[:, k])
            for j, x in enumerate(t):
                column = self.L[:, k, j]
                if column.any():
                    value = value + spread(column) * x
            out[i] = value
        return out

    def __call__(self, *t: Array) -> Array:
        d = self.directions(t)
        dims = max((np.ndim(x) for x in t), default=0)
        rows = len(self.mean)
        p = [a.reshape(rows, *(1,) * dims) for a in self.parameters.T]
        value = np.asarray(self.whole.tape(*d, *p)[0], dtype=float)
        if self.inner:
            place = {i: k for k, i in enumerate(self.inner)}
            moment, _ = gate_moment(
                self.kernel, self.inner, d, lambda i, j: self.rest[:, place[i], place[j]].reshape(rows, *(1,) * dims)
            )
            value = value * moment
        if not (self.factor == 1).all():
            value = value * self.factor.reshape(rows, *(1,) * dims)
        return value

    def row(self) -> Callable[..., Array]:
        """g of the only row, without the axis of rows."""

        def g(*t: Array) -> Array:
            shape = np.broadcast_shapes(*(np.shape(x) for x in t))
            return np.broadcast_to(self(*t), (1, *shape))[0]

        return g


def integrate_numerically(kernel: Kernel, rows: Rows, what, plain: bool) -> Answer:
    """`plain` integrates everything numerically, gates included."""
    n = len(rows)
    whole, outer, inner = kernel.rest, kernel.outer, kernel.inner
    if plain:
        whole, outer, inner = kernel.whole, tuple(range(kernel.size)), ()
        mean, K, factor = rows.mean, rows.covariance, np.ones(n)
    else:
        mean, K, factor = tilted(kernel, rows, what)
        d = np.sqrt(np.maximum(np.einsum("nii->ni", rows.covariance), 1e-300))
        if (np.abs(mean - rows.mean) > 6 * d).any():  # the rest of the function may live where it was
            return integrate_numerically(kernel, rows, what, True)
    order = [*outer, *inner]
    mean, K = mean[:, order], K[:, order][:, :, order]
    L = semidefinite_cholesky(K, len(outer))
    o = len(outer)
    rest = K[:, o:, o:] - L[:, o:] @ np.swapaxes(L[:, o:], 1, 2)
    if o == 1 and inner:
        for k in range(len(inner)):
            with np.errstate(all="ignore"):
                exact = determinant(K[:, 0, 0], K[:, o + k, o + k], K[:, 0, o + k]) / K[:, 0, 0]
            rest[:, k, k] = np.where(K[:, 0, 0] > 0, exact, rest[:, k, k])
    for k in range(len(inner)):
        rest[:, k, k] = np.where(rest[:, k, k] > 1e-15 * K[:, o + k, o + k], rest[:, k, k], 0.0)
    integrand = Integrand(kernel, whole, outer, inner, mean, L, rest, rows.parameters, factor)
    out = Answer(np.zeros(n), np.zeros(n), np.full(n, QUADRATURE))
    active = L.any(axis=1) if o else np.zeros((n, 0), dtype=bool)
    patterns, which = np.unique(active, axis=0, return_inverse=True)
    which = np.asarray(which).ravel()
    for k, pattern in enumerate(patterns):
        part = np.nonzero(which == k)[0]
        a = _of_rank(integrand.take(part).columns(pattern), rows.take(part), int(pattern.sum()), what)
        out.value[part], out.error[part], out.method[part] = a.value, a.error, a.method
    return out


def _of_rank(g: Integrand, rows: Rows, rank: int, what) -> Answer:
    n = len(rows)
    if rank == 0:
        value = np.broadcast_to(g(), (n,)).astype(float)
        require_finite(value, what())
        return Answer(value, 16 * EPS * np.abs(value) + _propagated(g, rows, None, np.abs(value)), np.full(n, CLOSED))
    out = Answer(np.full(n, np.nan), np.full(n, np.inf), np.full(n, QUADRATURE))
    todo = np.ones(n, dtype=bool)
    coarse = rows.replicate is not None and rank > 3  # what was sampled before is not worth a fine grid
    if rank <= 2 and not rows.parameter_error.any() and (series := mehler(g.kernel, rows)) is not None:
        value, error, settled = series
        out.value[settled], out.error[settled] = value[settled], error[settled]
        todo &= ~settled
    if rank <= 4 and not coarse and todo.any() and _analytic(g, rank):
        left = np.nonzero(todo)[0]
        part = Answer(out.value[left], out.error[left], out.method[left])
        todo[left] = _trapezoids(g.take(left), rows.take(left), rank, part)
        out.value[left], out.error[left] = part.value, part.error
    for k in np.nonzero(todo)[0]:
        one, row = g.take([k]), rows.take([k])
        sums = by_panels(one, rank, what)
        if sums is not None:
            wide = EPS * float(np.abs(one.L).max()) * sums.scale[0]  # rounding of a wide argument, which sin(u) feels
            error = sums.error[0] + wide + _propagated(one, row, sums, sums.scale)[0]
            if not error >= out.error[k]:
                out.value[k], out.error[k] = sums.value[0], error
        elif out.error[k] < CLOSE * abs(out.value[k]):  # the trapezoidal rule came close: better than points
            continue
        elif row.replicate is None:
            out.method[k] = UNSOLVED
        else:
            out.value[k], out.error[k], out.method[k] = _by_points(one, rank, int(row.replicate[0]), what), 0.0, SAMPLED
    return out


def _propagated(g: Integrand, rows: Rows, sums: Sums | None, scale: Array) -> Array:
    """How far the value may be off because the numbers given are: derivatives by Stein's rule for the outer directions, differences for
    parameters, and the size of the integrand for what was integrated in closed form."""
    outer = list(g.outer)
    total = np.zeros(len(rows))
    if sums is not None and outer:
        K = rows.covariance_error[:, outer][:, :, outer]
        total += sums.derivative_error(g.L[:, : len(outer)], rows.mean_error[:, outer], K)
    d = np.sqrt(np.maximum(np.einsum("nii->ni", rows.covariance), 1e-300))
    both = d[:, :, None] * d[:, None, :]
    relative = np.where(both > 1e-290, rows.covariance_error / both, 0.0).max((-1, -2), initial=0.0)
    size = np.maximum(d, np.abs(rows.mean))
    relative = relative + (rows.mean_error / np.maximum(size, 1e-100)).max(-1, initial=0.0)
    degree = 2.0 + sum(g.kernel.exponents)
    if g.inner:
        spread = np.ones(len(rows))
        for k, i in enumerate(g.inner):
            if i not in g.kernel.jumps:
                continue
            left = np.sqrt(np.maximum(g.rest[:, k, k], 0.0)) / d[:, i]
            spread = np.maximum(spread, 1 / np.maximum(left, 1e-8))
        total += relative * scale * degree * spread
    elif g.L.shape[2] < len(outer):  # what is off across a lost rank is not in the derivatives
        total += 0.1 * relative * scale
    if rows.parameter_error.any():
        used = g.whole.function.free_symbols | (set() if g.kernel.exponent is None else g.kernel.exponent.free_symbols)
        for j, s in enumerate(g.whole.parameters):
            if s in used and rows.parameter_error[:, j].any():
                p = np.abs(rows.parameters[:, j])
                total += scale * degree * rows.parameter_error[:, j] / np.maximum(p, 1e-3)
    return total


def _analytic(g: Integrand, rank: int) -> bool:
    """No kink, and nothing singular where there is mass."""
    if g.whole.kinks:
        return False
    if not g.whole.singular:
        return True
    rng = np.random.default_rng(7)
    t = rng.standard_normal((rank, 512)) * 1.5
    t[:, :64] *= 1e-3
    for e in g.whole.singular:
        tape = compile_tape([e], (*g.whole.symbols, *g.whole.parameters))
        d = g.directions(tuple(t))
        y = np.asarray(tape(*d, *[a[:, None] for a in g.parameters.T])[0], dtype=float)
        y = np.broadcast_to(y, (len(g.mean), 512))
        if np.isnan(y).any() or ((y.min(1) <= 0) & (y.max(1) >= 0)).any():
            return False
        if (np.abs(y).min(1) < 1e-2 * np.median(np.abs(y), axis=1)).any():  # it may touch 0
            return False
    return True


def _trapezoids(g: Integrand, rows: Rows, rank: int, out: Answer) -> Array:
    """Fills `out` where the rule settles; True where it does not. Rows of like scale go together."""
    o = len(g.outer)
    poles = np.array([g.kernel.poles[i] for i in g.outer])
    # how far the nearest pole is, in each variable
    near = 1 / np.maximum((np.abs(g.L[:, :o]) / poles[:, None]).max(axis=1), 1e-9)
    bend = np.zeros((len(rows), rank))  # the gates' arguments given t move this much
    for k in range(len(g.inner)):
        with np.errstate(all="ignore"):
            slope = np.abs(g.L[:, o + k]) / np.sqrt(g.rest[:, k, k])[:, None]
        soft = min(
            (x.smoothing for t in g.kernel.gate_terms for x in t.gates if x.direction == g.inner[k]), default=None
        )
        if soft is not None:
            slope = np.abs(g.L[:, o + k]) / np.sqrt(g.rest[:, k, k] + soft)[:, None]
            bend = np.maximum(bend, np.where(np.isfinite(slope), slope, 1e6))
    step = np.minimum(0.62, near / FINENESS[rank])
    step = np.minimum(step, 0.75 / np.sqrt(1 + bend**2))
    todo = np.zeros(len(rows), dtype=bool)
    for members in _alike(step):
        h = step[members].min(axis=0)
        if rank >= 3:  # coarser, up to a point, where the grid would be too large
            for _ in range(18):
                h = h * 1.03 if points(list(h)) > MAX_POINTS[rank] else h
        while members.size and points(list(h)) <= MAX_POINTS[rank]:
            members = _one_grid(g, rows, members, list(h), near, out)
            h = h / 2
        todo[members] = True
    return todo


def _alike(step: Array) -> list[Array]:
    """Rows that go on one grid: of the finest step of each, unless that costs more points than a call of its own is worth."""
    order = np.lexsort(step.T[::-1])
    size = np.prod(18 / step, axis=1)
    groups, current, finest = [], [order[0]], step[order[0]]
    for k in order[1:]:
        both = np.minimum(finest, step[k])
        together = (len(current) + 1) * float(np.prod(18 / both))
        if together < len(current) * float(np.prod(18 / finest)) + size[k] + WORTH:
            current, finest = [*current, k], both
        else:
            groups.append(np.array(current))
            current, finest = [k], step[k]
    return [*groups, np.array(current)]


def _one_grid(g: Integrand, rows: Rows, members: Array, steps: list[float], near: Array, out: Answer) -> Array:
    """Evaluates members on one grid; returns those that did not settle."""
    left = []
    for chunk in np.array_split(members, max(1, min(members.size, members.size * points(steps) // CHUNK))):
        part, given = g.take(chunk), rows.take(chunk)
        plain = part.whole is part.kernel.rest
        even = plain and part.kernel.even and not part.mean.any()
        known = plain and part.kernel.poles_are_known
        tail = float((20 * np.exp(-2 * np.pi * near[chunk] / steps)).sum(1).max()) if known else None
        sums = trapezoid(part, len(chunk), steps, tail, even)
        good = sums.error <= SETTLED[len(steps)] * sums.scale
        better = good | (sums.error < out.error[chunk])
        error = sums.error + _propagated(part, given, sums, sums.scale)
        out.value[chunk[better]], out.error[chunk[better]] = sums.value[better], error[better]
        left.append(chunk[~good])
    return np.concatenate(left)


def _by_points(g: Integrand, rank: int, replicate: int, what) -> float:
    """The mean over one scrambling of Sobol' points."""
    values = g.row()(*normal_points(rank, replicate))
    require_finite(values, what())
    return float(np.mean(values))
