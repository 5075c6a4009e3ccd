"""Evaluating a planned expectation with numbers: closed form, quadrature up to rank 2, scrambled Sobol' points beyond."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import sympy as sp

from ..language.diagnostics import DivergentMomentError
from ..language.tape import compile_tape
from .closed_forms import exponential_form, gaussian_exponential, pair_atoms, pair_value, single_atoms, single_value
from .estimate import EPS, Estimate, combine_methods
from .plan import Block, Expectation, as_linear
from .quadrature import expect_1d, expect_2d, require_finite
from .sobol import normal_points
from .wick import monomial_moment

__all__ = ["NeedsSampling", "evaluate", "factor_covariance"]

RANK_TOLERANCE = 1e-12
STEEP = 8.0  # standard deviation of a direction from which functions of it are looked at more closely around 0


class NeedsSampling(Exception):
    """The expectation has rank above 2; evaluate again with the number of a scrambling."""


def factor_covariance(covariance: np.ndarray) -> np.ndarray:
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


def evaluate(plan: Expectation, mean: Mapping[sp.Symbol, float], covariance: Mapping[tuple[sp.Symbol, sp.Symbol], float],
             parameters: Mapping[sp.Symbol, float], relative_error: float = 0.0, replicate: int | None = None,
             memo: dict | None = None, what: str | None = None) -> Estimate:  # fmt: skip
    """E of the planned expression.

    `covariance` holds both orders of every pair of variables of one block. `relative_error` is how far the numbers given may be off,
    relatively; it is carried into the result. Raises `NeedsSampling` where the rank is above 2 and no `replicate` is given, and
    `LimitError` where the expectation does not exist.
    """
    values = [parameters[p] for p in plan.parameters]
    coefficients = plan.coefficients(*values) if plan.terms else []
    total, error, scale, sensitivity = 0.0, 0.0, 0.0, 0.0
    method: list = []
    name = what or _shown(plan.expression)
    for term, c in zip(plan.terms, coefficients, strict=True):
        part = Estimate(1.0, 0.0, "closed", 1.0)
        for block in term.blocks:
            part = part * _block(block, mean, covariance, parameters, replicate, memo, name)
        part = part.scaled(float(c))
        total += part.value
        error += part.error
        scale += part.scale
        parameters_read = len(term.coefficient.free_symbols) + sum(len(b.parameters) for b in term.blocks)
        sensitivity += part.sensitivity + parameters_read * part.scale
        method.append(part.method)
    if not math.isfinite(total):
        raise DivergentMomentError(
            f"E {name} is not a finite number.", code="overflow", hint="Make the variances smaller."
        )
    error += 2 * EPS * scale * (len(plan.terms) > 1) + relative_error * sensitivity
    return Estimate(total, error, combine_methods(*method), scale, sensitivity)


def _shown(expression: sp.Expr) -> str:
    text = str(expression)
    return text if len(text) <= 60 else text[:57] + "..."


def _block(block: Block, mean, covariance, parameters, replicate, memo, what: str) -> Estimate:
    m = np.array([mean[v] for v in block.variables])
    K = np.array([[covariance[a, b] for b in block.variables] for a in block.variables])
    p = np.array([parameters[s] for s in block.parameters])
    key = (id(block), m.tobytes(), K.tobytes(), p.tobytes(), replicate)
    if memo is not None and key in memo:
        return memo[key]
    result = _compute(block, m, K, p, replicate, what)
    if memo is not None:
        memo[key] = result
    return result


def _compute(block: Block, m: np.ndarray, K: np.ndarray, p: np.ndarray, replicate: int | None, what: str) -> Estimate:
    powers = tuple(power for _, power in block.powers)
    index = [i for i, _ in block.powers]
    if not block.directions and sum(powers) / 2 * np.log10(max(float(np.abs(K).max(initial=0.0)), 1.0)) > 300:
        raise DivergentMomentError(
            f"E {what} is larger than a floating-point number can be.",
            code="overflow",
            hint="Make the variances smaller.",
        )
    if not block.directions:
        value = float(monomial_moment(powers, m[index], K[np.ix_(index, index)]))
        size = float(monomial_moment(powers, np.abs(m[index]), np.abs(K[np.ix_(index, index)])))
        return Estimate(value, 4 * EPS * size * len(powers), "closed", size, size * sum(powers) / 2)
    k, n = len(block.directions), len(block.variables)
    flat = np.array([float(x) for x in block.linear(*p)])
    A, constant = flat[: k * n].reshape(k, n), flat[k * n :]
    mu, S = A @ m + constant, A @ K @ A.T
    S = (S + S.T) / 2
    if not powers:
        closed = _closed(block, mu, S, p, what)
        if closed is not None:
            return replace(closed, sensitivity=_closed_sensitivity(block, mu, S, p, what, closed.value))
    L = factor_covariance(S)
    found = _integrate(block, p, mu, L, powers, _conditional(A, K, m, L, index), replicate, what)
    return replace(found, sensitivity=(found.sensitivity or found.scale) + found.scale * sum(powers) / 2)


def _conditional(A: np.ndarray, K: np.ndarray, m: np.ndarray, L: np.ndarray, index: Sequence[int]):
    """Mean map and covariance of the power variables given t, where the directions are μ + L t."""
    if not index:
        return np.zeros((0, L.shape[1])), np.zeros(0), np.zeros((0, 0))
    cross = A @ K[:, index]  # Cov(direction, variable)
    G = np.linalg.lstsq(L, cross, rcond=None)[0] if L.shape[1] else np.zeros((0, len(index)))  # Cov(t, variable)
    rest = K[np.ix_(index, index)] - G.T @ G
    return G.T, m[list(index)], (rest + rest.T) / 2


def _integrate(block: Block, p, mu, L, powers, conditional, replicate, what: str) -> Estimate:
    slope, offset, rest = conditional
    rank = L.shape[1]

    def g(*t: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            u = [mu[i] + sum((L[i, j] * t[j] for j in range(rank)), 0.0) for i in range(len(mu))]
            value = block.tape(*u, *p)[0]
            if powers:
                centre = np.array(
                    np.broadcast_arrays(
                        *[offset[i] + sum((slope[i, j] * t[j] for j in range(rank)), 0.0) for i in range(len(powers))]
                    )
                )
                value = value * monomial_moment(powers, centre, rest)
        return np.asarray(value, dtype=float)

    if rank == 0:
        value = float(g())
        require_finite(np.array([value]), what)
        return Estimate(value, 8 * EPS * abs(value), "closed", abs(value))
    if rank == 1:
        steep = [(-mu[i] / L[i, 0], 1 / abs(L[i, 0])) for i in range(len(mu)) if abs(L[i, 0]) > STEEP]
        places, kinks = [], []
        for e in block.kinks:
            line = _line(block, e, p, mu, L)
            if line is None:
                kinks.append(_level(block, e, p, mu, L))
            elif line[0]:
                places.append(-line[-1] / line[0])
        singular = [_level(block, e, p, mu, L) for e in block.singular]
        return expect_1d(lambda t: g(t), places, kinks, singular, what, steep)
    if rank == 2 and not any(_vanishes(_level(block, e, p, mu, L)) for e in block.singular):
        lines, curves = [], []
        for e in block.kinks:
            line = _line(block, e, p, mu, L)
            if line is not None:
                lines.append((line[0], line[1], line[2]))
            else:
                curves.append(_level(block, e, p, mu, L))
        steep_lines = [(L[i, 0], L[i, 1], mu[i]) for i in range(len(mu)) if np.hypot(*L[i]) > STEEP]
        return expect_2d(g, lines, curves, what, steep_lines)
    if replicate is None:
        raise NeedsSampling
    values = np.broadcast_to(g(*normal_points(rank, replicate)), (normal_points(rank, replicate).shape[1],))
    require_finite(values, what)
    return Estimate(float(values.mean()), 0.0, "sampled", float(np.abs(values).mean()))


def _vanishes(level) -> bool:
    """Whether a function of two variables changes sign where there is mass."""
    r, angle = np.meshgrid(np.linspace(0.01, 9.0, 181), np.linspace(0, 2 * np.pi, 91))
    y = level(r * np.cos(angle), r * np.sin(angle))
    return bool(np.isnan(y).any() or (y.min() <= 0 <= y.max()))


def _level(block: Block, e: sp.Expr, p, mu, L):
    tape = compile_tape([e], (*block.symbols, *block.parameters))

    def level(*t: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            u = [mu[i] + sum((L[i, j] * t[j] for j in range(L.shape[1])), 0.0) for i in range(len(mu))]
            return np.broadcast_to(np.asarray(tape(*u, *p)[0], dtype=float), np.shape(t[0]))

    return level


def _line(block: Block, e: sp.Expr, p, mu, L) -> tuple[float, ...] | None:
    """(a₁, …, a_r, c) where the kink is Σ aⱼ tⱼ + c = 0; None where it is not affine."""
    part = as_linear(e, set(block.symbols))
    if part is None:
        return None
    order = [s for s in part if s is not None]
    values = compile_tape([*(part[s] for s in order), part.get(None, sp.Integer(0))], block.parameters)(*p)
    coefficient = dict(zip(order, values, strict=False))
    row = np.array([float(coefficient.get(s, 0.0)) for s in block.symbols])
    return (*(float(a) for a in row @ L), float(row @ mu + values[-1]))


# closed forms


@lru_cache(maxsize=4096)
def _forms(block: Block):
    """Which closed form the block has: ("single", ...), ("pair", ...), ("exponential", ...) or None."""
    f, u = block.function, block.symbols
    if len(u) == 1 and (atoms := single_atoms(f, u[0])) is not None:
        return "single", [a for _, a in atoms], compile_tape([c for c, _ in atoms], block.parameters)
    if len(u) == 2 and (pairs := pair_atoms(f, *u)) is not None:
        return "pair", [(a, b) for _, a, b in pairs], compile_tape([c for c, _, _ in pairs], block.parameters)
    if (form := exponential_form(f, u)) is not None:
        factor, poly = form
        k = len(u)
        terms = {degrees: c for degrees, c in poly.terms()}
        unit = [tuple(int(i == j) for j in range(k)) for i in range(k)]
        entries = [
            terms.get(tuple(a + b for a, b in zip(unit[i], unit[j], strict=True)), sp.Integer(0)) * (2 if i == j else 1)
            for i in range(k)
            for j in range(k)
        ]
        linear = [terms.get(e, sp.Integer(0)) for e in unit]
        return (
            "exponential",
            k,
            compile_tape([*entries, *linear, terms.get((0,) * k, sp.Integer(0)), factor], block.parameters),
        )
    return None


def _closed_sensitivity(block: Block, mu: np.ndarray, S: np.ndarray, p: np.ndarray, what: str, value: float) -> float:
    """Σ |∂E/∂K_ij| √(K_ii K_jj), by differences of the closed form."""
    step, total = 1e-6, 0.0
    size = np.sqrt(np.outer(np.diag(S), np.diag(S)))
    for i in range(len(mu)):
        for j in range(i + 1):
            moved = S.copy()
            moved[i, j] -= step * size[i, j]
            moved[j, i] = moved[i, j]
            other = _closed(block, mu, moved, p, what)
            total += abs(other.value - value) / step if other is not None else abs(value)
    return total


def _closed(block: Block, mu: np.ndarray, S: np.ndarray, p: np.ndarray, what: str) -> Estimate | None:
    form = _forms(block)
    if form is None:
        return None
    kind, detail, tape = form
    numbers = [float(c) for c in tape(*p)]
    if kind == "exponential":
        k = detail
        quadratic = np.array(numbers[: k * k]).reshape(k, k)
        value = numbers[-1] * gaussian_exponential(
            quadratic, np.array(numbers[k * k : k * k + k]), numbers[-2], mu, S, what
        )
        return Estimate(value, 64 * EPS * abs(value), "closed", abs(value))
    if kind == "single":
        parts = [
            c * single_value(a, float(mu[0]), max(0.0, float(S[0, 0]))) for c, a in zip(numbers, detail, strict=True)
        ]
    else:
        a2, b2, c12 = float(S[0, 0]), float(S[1, 1]), float(S[0, 1])
        if mu.any() or not (a2 > 0 and b2 > 0):
            return None
        parts = [c * pair_value(x, y, a2, b2, c12) for c, (x, y) in zip(numbers, detail, strict=True)]
    scale = math.fsum(abs(x) for x in parts)
    return Estimate(math.fsum(parts), 16 * EPS * scale, "closed", scale)
