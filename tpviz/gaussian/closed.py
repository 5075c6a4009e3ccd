"""Closed forms of a kernel: gates and powers by the truncated Wick rule, sines and cosines, exponentials that change the Gaussian."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..language.diagnostics import DivergentMomentError
from .estimate import EPS
from .kernel import Gate, Kernel
from .moments import determinant, relu_relu, truncated_moment
from .rows import Answer, Rows, semidefinite_cholesky

__all__ = ["closed_form", "gate_moment", "near_lines", "perturbed", "tilted", "wave_form"]

Array = np.ndarray
NEAR = 1e-2  # √(1 − ρ²) below which Owen's T loses digits


def perturbed(rows: Rows, f: Callable[[Rows], tuple[Array, Array]], roundings: float) -> Answer:
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


def wave_form(kernel: Kernel, rows: Rows) -> tuple[Array, Array]:
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


def tilted(kernel: Kernel, rows: Rows, what) -> tuple[Array, Array, Array]:
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


def near_lines(kernel: Kernel, rows: Rows) -> Array:
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


def closed_form(kernel: Kernel, rows: Rows, what) -> tuple[Array, Array]:
    mean, K, factor = tilted(kernel, rows, what)
    if kernel.is_relu_relu and not mean.any():
        value = factor * relu_relu(K[:, 0, 0], K[:, 1, 1], K[:, 0, 1])
        return value, np.abs(value)
    value, size = gate_moment(kernel, kernel.inner, [mean[:, i] for i in range(kernel.size)], lambda i, j: K[:, i, j])
    extra = 1.0 if kernel.tilt is None else 4.0
    return value * factor, size * factor * extra


def gate_moment(
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
