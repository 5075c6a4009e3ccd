"""Evaluating a kernel for many Gaussians at once: closed forms, the trapezoidal rule, rules that know kinks, scrambled Sobol' points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..language.diagnostics import DivergentMomentError
from ..language.late import Late
from ..language.tape import compile_tape
from .estimate import EPS
from .kernel import Gate, Kernel, Whole
from .moments import determinant, relu_relu, truncated_moment
from .polar import expect_polar
from .quadrature import expect_1d, expect_2d, require_finite
from .sobol import normal_points
from .trapezoid import MAX_POINTS, Sums, points, trapezoid

if TYPE_CHECKING:
    import sympy as sp
else:
    sp = Late("sympy")

__all__ = ["Answer", "Rows", "evaluate", "factor_covariance", "semidefinite_cholesky"]

Array = np.ndarray
RANK_TOLERANCE = 1e-12
STEEP = 8.0  # standard deviation of a direction from which functions of it are looked at more closely around 0
CHUNK = 400_000  # points that are evaluated at a time
FINENESS = (0.0, 5.9, 4.9, 4.2, 3.8)  # distance of the nearest pole over the step, by rank
SETTLED = (0.0, 2e-13, 1e-11, 2e-10, 2e-9)  # relative error at which a grid is fine enough, by rank
CLOSE = 1e-5  # relative error up to which an unsettled grid beats points
WORTH = 60_000  # points that cost as much as a call
NEAR = 1e-2  # √(1 − ρ²) below which Owen's T loses digits
CLOSED, QUADRATURE, SAMPLED, UNSOLVED = 0, 1, 2, 3


@dataclass
class Rows:
    """n Gaussians for one kernel of k directions and p parameters: means (n, k), covariances (n, k, k), parameters (n, p), and bounds of
    how far each of these numbers may be off. `replicate` (n,) numbers the scrambling of Sobol' points where those are needed."""

    mean: Array
    covariance: Array
    parameters: Array
    mean_error: Array
    covariance_error: Array
    parameter_error: Array
    replicate: Array | None = None

    def take(self, k) -> Rows:
        r = None if self.replicate is None else self.replicate[k]
        m, K, p, dm, dK, dp = (a[k] for a in self.numbers)
        return Rows(m, K, p, dm, dK, dp, r)

    @property
    def numbers(self) -> tuple[Array, Array, Array, Array, Array, Array]:
        return (
            self.mean,
            self.covariance,
            self.parameters,
            self.mean_error,
            self.covariance_error,
            self.parameter_error,
        )

    def __len__(self) -> int:
        return len(self.mean)


@dataclass
class Answer:
    """`error` bounds |value − truth|; `method` is 0 closed, 1 quadrature, 2 sampled (value of one scrambling), 3 unsolved: it needs one."""

    value: Array
    error: Array
    method: Array


def factor_covariance(covariance: Array) -> Array:
    """L of shape (k, r) with L Lᵀ = covariance and r its numerical rank (eigenvalues above 1e-12 of the largest, after
    normalizing the variables, so that a small variance beside a large one is kept)."""
    d = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    live = d > 0
    if not live.any():
        return np.zeros((len(d), 0))
    scale = np.where(live, d, 1.0)
    w, V = np.linalg.eigh(covariance / np.outer(scale, scale) * np.outer(live, live))
    keep = w > RANK_TOLERANCE * w[-1]
    return scale[:, None] * (V[:, keep] * np.sqrt(w[keep])) * live[:, None]


def semidefinite_cholesky(K: Array, count: int) -> Array:
    """The first `count` columns of the lower Cholesky factor of each K, (n, k, count); columns of what is determined are 0."""
    n, k = K.shape[:2]
    L = np.zeros((n, k, count))
    for j in range(count):
        rest = K[:, j:, j] - np.einsum("nil,nl->ni", L[:, j:, :j], L[:, j, :j])
        d = rest[:, 0]
        if j == 1:
            with np.errstate(all="ignore"):
                exact = determinant(K[:, 0, 0], K[:, 1, 1], K[:, 0, 1]) / K[:, 0, 0]
            d = np.where(L[:, 0, 0] > 0, exact, d)
        live = d > 8e-16 * (j + 1) * (j > 1 or 1e-9) * K[:, j, j]
        root = np.sqrt(np.where(live, d, 1.0))
        L[:, j:, j] = np.where(live[:, None], rest / root[:, None], 0.0)
        L[:, j, j] = np.where(live, root, 0.0)
    return L


def evaluate(kernel: Kernel, rows: Rows, what: Callable[[], str] = lambda: "f") -> Answer:
    """E of the kernel for every row.

    Raises `DivergentMomentError` where it does not exist and `LimitError` where it is not defined. Rows of rank above what the rules
    reach are unsolved unless they have a replicate.
    """
    with np.errstate(all="ignore"):
        answer = _evaluate(kernel, _snapped(rows), what)
    bad = (answer.method != UNSOLVED) & ~np.isfinite(answer.value)
    if bad.any():
        raise DivergentMomentError(
            f"E {what()} is larger than a floating-point number can be.",
            code="overflow",
            hint="Make the variances smaller.",
        )
    return answer


def _snapped(rows: Rows) -> Rows:
    """Correlations that were computed and cannot be told from ±1 become ±1, with an error that says so; numbers that were given are taken
    as they are. Parallel inputs then have parallel vectors in every layer."""
    k = rows.mean.shape[1]
    K, dK = rows.covariance, rows.covariance_error
    for i in range(k):
        for j in range(i):
            both = np.sqrt(np.maximum(K[:, i, i], 0.0)) * np.sqrt(np.maximum(K[:, j, j], 0.0))
            level = np.maximum(dK[:, i, j] / both, np.maximum(dK[:, i, i] / K[:, i, i], dK[:, j, j] / K[:, j, j]))
            gap = determinant(K[:, i, i], K[:, j, j], K[:, i, j]) / (both * both)
            snap = (level > 1.2 * EPS) & (gap <= 2.5 * level) & (level < 1e-9)
            if snap.any():
                K, dK = (K.copy(), dK.copy()) if K is rows.covariance else (K, dK)
                K[snap, i, j] = (np.sign(K[:, i, j]) * both * (1 + 2 * EPS))[snap]
                dK[snap, i, j] = np.maximum(dK[:, i, j], (4 * EPS + level) * both)[snap]
                K[:, j, i], dK[:, j, i] = K[:, i, j], dK[:, i, j]
    return rows if K is rows.covariance else replace(rows, covariance=K, covariance_error=dK)


def _evaluate(kernel: Kernel, rows: Rows, what) -> Answer:
    n = len(rows)
    still = np.zeros(n, dtype=bool)  # a gate or an outer direction that does not move: no densities there
    for i in kernel.gated:
        still |= rows.covariance[:, i, i] <= 0
    if still.any():
        out = Answer(np.zeros(n), np.zeros(n), np.zeros(n, dtype=int))
        for part, plain in ((still, True), (~still, False)):
            if part.any():
                a = _numeric(kernel, rows.take(part), what, True) if plain else _evaluate(kernel, rows.take(part), what)
                out.value[part], out.error[part], out.method[part] = a.value, a.error, a.method
        return out
    if kernel.wave is not None:
        return _perturbed(rows, lambda r: _waves(kernel, r), 8)
    if kernel.closed:
        near = _near(kernel, rows)
        if near.any():  # two gates nearly on one line, with means: integrate one of them
            out = Answer(np.zeros(n), np.zeros(n), np.zeros(n, dtype=int))
            for part, plain in ((near, True), (~near, False)):
                if part.any():
                    a = (
                        _numeric(kernel, rows.take(part), what, True)
                        if plain
                        else _evaluate(kernel, rows.take(part), what)
                    )
                    out.value[part], out.error[part], out.method[part] = a.value, a.error, a.method
            return out
        return _perturbed(rows, lambda r: _closed(kernel, r, what), 16)
    return _numeric(kernel, rows, what, False)


# closed forms


def _perturbed(rows: Rows, f: Callable[[Rows], tuple[Array, Array]], roundings: float) -> Answer:
    """f(rows) = (values, sizes of what was added), with an error from moving every number by its own error, both ways."""
    n, k = rows.mean.shape
    moved: list[Rows] = []
    for i in range(k):
        if rows.mean_error[:, i].any():
            for sign in (1, -1):
                mean = rows.mean.copy()
                mean[:, i] += sign * rows.mean_error[:, i]
                moved.append(replace(rows, mean=mean))
        for j in range(i + 1):
            if rows.covariance_error[:, i, j].any():
                for sign in (1, -1):
                    K = rows.covariance.copy()
                    K[:, i, j] += sign * rows.covariance_error[:, i, j]
                    if i == j:
                        K[:, i, i] = np.maximum(K[:, i, i], 0.0)
                    K[:, j, i] = K[:, i, j]
                    moved.append(replace(rows, covariance=K))
    for i in range(rows.parameters.shape[1]):
        if rows.parameter_error[:, i].any():
            for sign in (1, -1):
                p = rows.parameters.copy()
                p[:, i] += sign * rows.parameter_error[:, i]
                moved.append(replace(rows, parameters=p))
    every = [rows, *moved]
    stacked = Rows(*(np.concatenate(parts) for parts in zip(*(r.numbers for r in every), strict=True)))
    values, sizes = f(stacked)
    values = values.reshape(len(every), n)
    size = sizes.reshape(len(every), n)[0]
    error = roundings * EPS * size
    for m in range(1, len(every), 2):
        up, down = values[m] - values[0], values[m + 1] - values[0]
        step = np.maximum(np.abs(up), np.abs(down))
        bent = np.abs(up + down) > 0.25 * step + 8 * EPS * size
        error = error + np.where(np.isfinite(step), np.where(bent, 1.5, 1.0) * step, np.inf)
    return Answer(values[0], error, np.zeros(n, dtype=int))


def _waves(kernel: Kernel, rows: Rows) -> tuple[Array, Array]:
    """E of a product of sines and cosines: sums of cos or sin of sums, whose expectations are those of exp(iwᵀu)."""
    entries = [(e[1], e[2][0][1]) for e, p in kernel.factors for _ in range(p)]
    # Π cos/sin(d_j) = Re or Im parts; write each as (e^{id} ± e^{−id})/2 or /2i
    total = np.zeros(len(rows), dtype=complex)
    size = np.zeros(len(rows))
    for signs in np.ndindex(*(2,) * len(entries)):
        w, c = np.zeros(kernel.size), 1.0 + 0j
        for s, (kind, i) in zip(signs, entries, strict=True):
            sign = 1 - 2 * s
            w[i] += sign
            c *= 0.5 if kind == "cos" else sign / 2j
        damp = np.exp(-0.5 * np.einsum("i,nij,j->n", w, rows.covariance, w))
        total += c * np.exp(1j * (rows.mean @ w)) * damp
        size += (
            abs(c)
            * damp
            * (1 + np.abs(rows.mean @ w) + np.einsum("i,nij,j->n", np.abs(w), np.abs(rows.covariance), np.abs(w)))
        )
    return total.real, size


def _tilted(kernel: Kernel, rows: Rows, what) -> tuple[Array, Array, Array]:
    """(mean, covariance, factor) of the Gaussian times exp(½ uᵀQu + bᵀu + c), factor its total mass."""
    n, k = rows.mean.shape
    if kernel.tilt is None:
        return rows.mean, rows.covariance, np.ones(n)
    flat = [np.broadcast_to(np.asarray(x, float), (n,)) for x in kernel.tilt(*rows.parameters.T)]
    Q = np.stack(flat[: k * k], axis=1).reshape(n, k, k)
    b, c = np.stack(flat[k * k : k * k + k], axis=1), flat[-1]
    L = semidefinite_cholesky(rows.covariance, k)
    M = np.eye(k) - np.swapaxes(L, 1, 2) @ Q @ L
    if (np.linalg.eigvalsh(M)[:, 0] <= 1e-12).any():
        raise DivergentMomentError(f"E {what()} does not exist: the exponent grows faster than the Gaussian density falls.", code="divergent",
                                   hint="Make the variance smaller, or bound the exponent (exp(-x**2) is fine).")  # fmt: skip
    inverse = np.linalg.inv(M)
    K = L @ inverse @ np.swapaxes(L, 1, 2)
    slope = b + np.einsum("nij,nj->ni", Q, rows.mean)
    mean = rows.mean + np.einsum("nij,nj->ni", K, slope)
    beta = np.einsum("nji,nj->ni", L, slope)
    exponent = 0.5 * np.einsum("ni,nij,nj->n", beta, inverse, beta) + 0.5 * np.einsum(
        "ni,nij,nj->n", rows.mean, Q, rows.mean
    )
    exponent += np.einsum("ni,ni->n", b, rows.mean) + c
    log_factor = exponent - 0.5 * np.linalg.slogdet(M)[1]
    if (log_factor > 700).any():
        raise DivergentMomentError(
            f"E {what()} is larger than a floating-point number can be.",
            code="overflow",
            hint="Make the variances smaller.",
        )
    return mean, (K + np.swapaxes(K, 1, 2)) / 2, np.exp(log_factor)


def _near(kernel: Kernel, rows: Rows) -> Array:
    """Rows with two gates that are nearly, but not quite, on one line, and whose means matter."""
    near = np.zeros(len(rows), dtype=bool)
    tilting = kernel.tilt is not None
    for term in kernel.gate_terms:
        if len(term.gates) == 2:
            a, b = term.gates
            K = rows.covariance
            a2, b2 = K[:, a.direction, a.direction] + a.smoothing, K[:, b.direction, b.direction] + b.smoothing
            gap = determinant(a2, b2, K[:, a.direction, b.direction])
            means = tilting or rows.mean[:, a.direction].astype(bool) | rows.mean[:, b.direction].astype(bool)
            near |= (gap > 0) & (gap < NEAR**2 * a2 * b2) & means
    return near


def _closed(kernel: Kernel, rows: Rows, what) -> tuple[Array, Array]:
    mean, K, factor = _tilted(kernel, rows, what)
    if kernel.is_relu_relu and not mean.any():
        value = factor * relu_relu(K[:, 0, 0], K[:, 1, 1], K[:, 0, 1])
        return value, np.abs(value)
    value, size = _gates(kernel, kernel.inner, [mean[:, i] for i in range(kernel.size)], lambda i, j: K[:, i, j])
    extra = 1.0 if kernel.tilt is None else 4.0
    return value * factor, size * factor * extra


def _gates(
    kernel: Kernel, inner: tuple[int, ...], mean: list[Array], covariance: Callable[[int, int], Array]
) -> tuple[Array, Array]:
    """Σ over the gate terms of E Π dᵖ Π step, and the sum of their sizes, of the inner directions."""
    slots: list[tuple[int, float]] = [(i, 0.0) for i in inner]
    place = {i: k for k, i in enumerate(inner)}
    gates: dict[Gate, int] = {}
    for term in kernel.gate_terms:
        for gate in term.gates:
            if gate not in gates:
                if gate.smoothing:
                    gates[gate] = len(slots)
                    slots.append((gate.direction, gate.smoothing))
                else:
                    gates[gate] = place[gate.direction]
    m = [mean[i] for i, _ in slots]
    K = [
        [covariance(i, j) + (s if a == b else 0.0) for b, (j, _) in enumerate(slots)] for a, (i, s) in enumerate(slots)
    ]
    value: Array | float = 0.0
    size: Array | float = 0.0
    for term in kernel.gate_terms:
        powers = tuple(term.powers[i] for i in inner) + (0,) * (len(slots) - len(inner))
        part = term.coefficient * truncated_moment(powers, tuple(sorted(gates[g] for g in term.gates)), m, K)
        value = value + part
        rms: Array | float = 1.0
        for k, p in enumerate(powers):
            if p:
                rms = rms * (np.abs(m[k]) + np.sqrt(np.maximum(K[k][k], 0.0))) ** p * (2.0 ** (p - 2) if p > 2 else 1.0)
        size = size + np.maximum(np.abs(part), abs(term.coefficient) * rms) * (1 + sum(powers))
    return np.asarray(value), np.asarray(size)


# numerical integration


class _Integrand:
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

    def take(self, k) -> _Integrand:
        return _Integrand(self.kernel, self.whole, self.outer, self.inner, *(a[k] for a in (self.mean, self.L, self.rest, self.parameters, self.factor)))  # fmt: skip

    def columns(self, keep: Array) -> _Integrand:
        return _Integrand(self.kernel, self.whole, self.outer, self.inner, self.mean, self.L[:, :, keep], self.rest, self.parameters, self.factor)  # fmt: skip

    def bare(self) -> _Integrand:
        """The hard function alone, without what is integrated inside."""
        return _Integrand(
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
            moment, _ = _gates(
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


def _numeric(kernel: Kernel, rows: Rows, what, plain: bool) -> Answer:
    """`plain` integrates everything numerically, gates included."""
    n = len(rows)
    whole, outer, inner = kernel.rest, kernel.outer, kernel.inner
    if plain:
        whole, outer, inner = kernel.whole, tuple(range(kernel.size)), ()
        mean, K, factor = rows.mean, rows.covariance, np.ones(n)
    else:
        mean, K, factor = _tilted(kernel, rows, what)
        d = np.sqrt(np.maximum(np.einsum("nii->ni", rows.covariance), 1e-300))
        if (np.abs(mean - rows.mean) > 6 * d).any():  # the rest of the function may live where it was
            return _numeric(kernel, rows, what, True)
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
    integrand = _Integrand(kernel, whole, outer, inner, mean, L, rest, rows.parameters, factor)
    out = Answer(np.zeros(n), np.zeros(n), np.full(n, QUADRATURE))
    active = L.any(axis=1) if o else np.zeros((n, 0), dtype=bool)
    patterns, which = np.unique(active, axis=0, return_inverse=True)
    which = np.asarray(which).ravel()
    for k, pattern in enumerate(patterns):
        part = np.nonzero(which == k)[0]
        a = _of_rank(integrand.take(part).columns(pattern), rows.take(part), int(pattern.sum()), what)
        out.value[part], out.error[part], out.method[part] = a.value, a.error, a.method
    return out


def _of_rank(g: _Integrand, rows: Rows, rank: int, what) -> Answer:
    n = len(rows)
    if rank == 0:
        value = np.broadcast_to(g(), (n,)).astype(float)
        require_finite(value, what())
        return Answer(value, 16 * EPS * np.abs(value) + _propagated(g, rows, None, np.abs(value)), np.full(n, CLOSED))
    out = Answer(np.full(n, np.nan), np.full(n, np.inf), np.full(n, QUADRATURE))
    todo = np.ones(n, dtype=bool)
    coarse = rows.replicate is not None and rank > 3  # what was sampled before is not worth a fine grid
    if rank <= 4 and not coarse and _analytic(g, rank):
        todo = _trapezoids(g, rows, rank, out)
    for k in np.nonzero(todo)[0]:
        one, row = g.take([k]), rows.take([k])
        sums = _by_panels(one, rank, what)
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


def _propagated(g: _Integrand, rows: Rows, sums: Sums | None, scale: Array) -> Array:
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


def _analytic(g: _Integrand, rank: int) -> bool:
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


def _trapezoids(g: _Integrand, rows: Rows, rank: int, out: Answer) -> Array:
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


def _one_grid(g: _Integrand, rows: Rows, members: Array, steps: list[float], near: Array, out: Answer) -> Array:
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


def _by_panels(g: _Integrand, rank: int, what) -> Sums | None:
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
            curves.append(_level(g, e))
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
    singular = [_level(g, e) for e in g.whole.singular]
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


def _slope(g: _Integrand, e: sp.Expr) -> Callable[..., Array]:
    """The derivative of a level along t, of one variable."""
    parts = [
        e.diff(g.whole.symbols[i]) * sp.Float(float(g.L[0, k, 0]), 17) for k, i in enumerate(g.outer) if g.L[0, k, 0]
    ]
    return _level(g, sp.Add(*parts))


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


def _by_points(g: _Integrand, rank: int, replicate: int, what) -> float:
    """The mean over one scrambling of Sobol' points."""
    values = g.row()(*normal_points(rank, replicate))
    require_finite(values, what())
    return float(np.mean(values))


def _level(g: _Integrand, e: sp.Expr) -> Callable[..., Array]:
    tape = compile_tape([e], (*g.whole.symbols, *g.whole.parameters))

    def level(*t: Array) -> Array:
        with np.errstate(all="ignore"):
            d = [x[0] if isinstance(x, np.ndarray) else x for x in g.directions(t)]
            return np.broadcast_to(
                np.asarray(tape(*d, *g.parameters[0])[0], dtype=float), np.broadcast_shapes(*(np.shape(x) for x in t))
            )

    return level


def _line(g: _Integrand, e: sp.Expr, p: Array) -> tuple[float, ...] | None:
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
