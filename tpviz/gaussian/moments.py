"""Truncated Wick's rule: E Π uᵢ^pᵢ · step(u_a) · step(u_b), u Gaussian with any mean, in closed form and vectorized.

E[u_j M] = m_j E[M] + Σ_i K_ji E[∂M/∂u_i], where the derivative of a step is a point mass: the density of u_s at 0 times the expectation of
the rest given u_s = 0. With erf(u) = 2 E step(u + w/√2) − 1 and u Φ(u) = u E step(u + w), w an independent normal, this one rule serves relu,
step, abs, sign, leaky and rectified powers, erf and gelu, polynomials times any of them, and pairs of them.
"""

from __future__ import annotations

import math

import numpy as np

from ..language.late import Late

__all__ = ["bivariate_cdf", "determinant", "relu_relu", "truncated_moment"]

special = Late("scipy.special")
_SQRT_2PI = math.sqrt(2 * math.pi)
_SPLIT = 134217729.0  # 2²⁷ + 1
Array = np.ndarray


def _two_product(a: Array, b: Array) -> tuple[Array, Array]:
    """a b as a rounded product and its rounding error (Dekker)."""
    p = a * b
    c, d = _SPLIT * a, _SPLIT * b
    ah, bh = c - (c - a), d - (d - b)
    al, bl = a - ah, b - bh
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


def determinant(a2: Array, b2: Array, k: Array) -> Array:
    """a² b² − k², exact for the numbers given up to rounding of the result, and 0 where that is negative."""
    p, e = _two_product(np.asarray(a2, float), np.asarray(b2, float))
    q, f = _two_product(np.asarray(k, float), np.asarray(k, float))
    d = (p - q) + (e - f)
    return np.maximum(d, 0.0)


def relu_relu(a2: Array, b2: Array, k: Array) -> Array:
    """E relu(u) relu(v), zero means: ab (sin δ − δ cos δ)/(2π), π − δ the angle; a series where that cancels."""
    root = np.sqrt(determinant(a2, b2, k))
    d = np.arctan2(root, -k)
    with np.errstate(all="ignore"):
        direct = (root + k * d) / (2 * math.pi)
        series = np.sqrt(a2 * b2) * (d**3 / 3 - d**5 / 30 + d**7 / 840 - d**9 / 45360 + d**11 / 3991680) / (2 * math.pi)
    return np.where(d < 0.15, series, direct)


def bivariate_cdf(m1: Array, m2: Array, a2: Array, b2: Array, k: Array) -> Array:
    """P(u > 0, v > 0) for means m, variances a², b² > 0 and covariance k, by Owen's T."""
    det = determinant(a2, b2, k)
    root = np.sqrt(det)
    zero = np.arctan2(root, -k) / (2 * math.pi)
    if not (np.any(m1) or np.any(m2)):
        return zero
    a, b = np.sqrt(a2), np.sqrt(b2)
    h, g = m1 / a, m2 / b
    with np.errstate(all="ignore"):
        rho, s = k / (a * b), root / (a * b)
        ah = np.where(h == 0, np.copysign(np.inf, g), (g - rho * h) / (h * s))
        ag = np.where(g == 0, np.copysign(np.inf, h), (h - rho * g) / (g * s))
        other = np.where((h * g > 0) | ((h * g == 0) & (h + g >= 0)), 0.0, 0.5)
        value = 0.5 * (special.ndtr(h) + special.ndtr(g)) - special.owens_t(h, ah) - special.owens_t(g, ag) - other
        # on a line: u > 0 and v > 0 at once
        same = special.ndtr(np.minimum(h, g))
        opposite = np.maximum(0.0, special.ndtr(h) - special.ndtr(-g))
    value = np.where(det == 0, np.where(k >= 0, same, opposite), value)
    return np.where((h == 0) & (g == 0), zero, np.clip(value, 0.0, 1.0))


def truncated_moment(
    powers: tuple[int, ...], steps: tuple[int, ...], mean: list[Array], covariance: list[list[Array]]
) -> Array:
    """E Π uᵢ^powers[i] · Π step(u_s), s in `steps` (at most two, different).

    `mean[i]` and `covariance[i][j]` are arrays that broadcast against each other.
    """
    memo: dict = {}

    def given(mean, covariance, s: int):
        """Mean and covariance given u_s = 0."""
        with np.errstate(all="ignore"):
            gain = [c / covariance[s][s] for c in covariance[s]]
            m = [mean[i] - gain[i] * mean[s] for i in range(len(mean))]
            K = []
            for i in range(len(mean)):
                row = []
                for j in range(len(mean)):
                    if i == j and i != s:
                        rest = determinant(covariance[i][i], covariance[s][s], covariance[i][s]) / covariance[s][s]
                        row.append(np.where(covariance[s][s] > 0, rest, covariance[i][i]))
                    else:
                        row.append(covariance[i][j] - gain[i] * covariance[s][j])
                K.append(row)
        return m, K

    def moment(p: tuple[int, ...], steps: tuple[int, ...], where: tuple[int, ...], mean, covariance) -> Array:
        key = (p, steps, where)
        if key in memo:
            return memo[key]
        j = next((i for i in steps if p[i]), next((i for i, a in enumerate(p) if a), None))
        if j is None:
            value = _probability(steps, mean, covariance)
        else:
            rest = (*p[:j], p[j] - 1, *p[j + 1 :])
            value = mean[j] * moment(rest, steps, where, mean, covariance)
            for i, a in enumerate(rest):
                if a:
                    less = (*rest[:i], a - 1, *rest[i + 1 :])
                    value = value + covariance[j][i] * a * moment(less, steps, where, mean, covariance)
            for s in steps:
                if rest[s] == 0:
                    at = (*where, s)
                    if at not in conditions:
                        conditions[at] = given(mean, covariance, s)
                    left = tuple(x for x in steps if x != s)
                    inner = moment(rest, left, at, *conditions[at])
                    with np.errstate(all="ignore"):
                        variance = covariance[s][s]
                        density = np.exp(-(mean[s] ** 2) / (2 * variance)) / (np.sqrt(variance) * _SQRT_2PI)
                        value = value + np.where(variance > 0, covariance[j][s] * density * inner, 0.0)
        memo[key] = value
        return value

    conditions: dict = {}
    return moment(tuple(powers), tuple(steps), (), mean, covariance)


def _probability(steps: tuple[int, ...], mean, covariance) -> Array:
    if not steps:
        return np.ones(())
    with np.errstate(all="ignore"):
        if len(steps) == 1:
            (s,) = steps
            variance = covariance[s][s]
            return np.where(variance > 0, special.ndtr(mean[s] / np.sqrt(variance)), (mean[s] > 0) * 1.0)
        s, t = steps
        a2, b2 = covariance[s][s], covariance[t][t]
        both = bivariate_cdf(mean[s], mean[t], np.where(a2 > 0, a2, 1.0), np.where(b2 > 0, b2, 1.0), covariance[s][t])
        first = np.where(a2 > 0, special.ndtr(mean[s] / np.sqrt(np.where(a2 > 0, a2, 1.0))), (mean[s] > 0) * 1.0)
        second = np.where(b2 > 0, special.ndtr(mean[t] / np.sqrt(np.where(b2 > 0, b2, 1.0))), (mean[t] > 0) * 1.0)
        return np.where((a2 > 0) & (b2 > 0), both, first * second)
