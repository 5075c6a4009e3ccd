"""E f(u) g(v) for many jointly Gaussian pairs at once, f and g analytic: Σ_k f_k g_k ρᵏ with the Hermite coefficients of f(μ + σz) and
g(μ' + σ'z) (Mehler's formula). One-dimensional work for each row, and a bound of what the truncated series leaves out."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..language.tape import Tape, compile_tape
from .estimate import EPS
from .kernel import Kernel
from .rows import Rows
from .trapezoid import BEYOND

__all__ = ["MANY", "mehler"]

Array = np.ndarray
MANY = 24  # rows from which this is worth it
TERMS = 384
REACH, STEP = 13.0, 0.05
NEAREST = 0.36  # distance of the nearest pole in standard deviations that this step resolves
SETTLED = 1e-11  # relative error up to which a row is done


@lru_cache(maxsize=1)
def _table() -> tuple[Array, Array, Array]:
    """(nodes z, weights φ(z)^½ h, Hermite functions He_k(z)/√k! φ(z)^½ of shape (TERMS, nodes))."""
    z = STEP * np.arange(-round(REACH / STEP), round(REACH / STEP) + 1)
    root = np.exp(-z * z / 4) / (2 * np.pi) ** 0.25
    H = np.empty((TERMS, z.size))
    H[0], H[1] = root, z * root
    for k in range(1, TERMS - 1):
        H[k + 1] = (z * H[k] - np.sqrt(k) * H[k - 1]) / np.sqrt(k + 1)
    return z, STEP * root, H


@lru_cache(maxsize=256)
def _factors(kernel: Kernel) -> tuple[Tape, Tape] | None:
    """The two factors of a kernel that is a product of functions of one direction each, kinks and tilts apart."""
    if kernel.size != 2 or kernel.inner or kernel.exponent is not None or kernel.whole.kinks or kernel.whole.singular:
        return None
    a, b = kernel.symbols
    second, first = kernel.whole.function.as_independent(a, as_Add=False)
    if first.has(b):
        return None
    p = kernel.parameter_symbols
    return compile_tape([first], (a, *p)), compile_tape([second], (b, *p))


def mehler(kernel: Kernel, rows: Rows) -> tuple[Array, Array, Array] | None:
    """(values, bounds of their errors, whether they are settled) for every row; None where the kernel is no such product."""
    factors = _factors(kernel) if len(rows) >= MANY else None
    if factors is None:
        return None
    n = len(rows)
    d = np.sqrt(np.maximum(np.einsum("nii->ni", rows.covariance), 0.0))
    fits = (d > 0).all(1) & (d * NEAREST <= np.array(kernel.poles)).all(1)
    if not fits.any():
        return None
    z, w, H = _table()
    coefficients, norms, missing, places, edge = [], [], [], [], np.zeros(n, dtype=bool)
    for i, tape in enumerate(factors):
        sides = np.column_stack([rows.mean[:, i], d[:, i], rows.parameters])
        sides, which = np.unique(sides, axis=0, return_inverse=True)  # an input takes part in many pairs
        which = which.reshape(-1)
        p = [a[:, None] for a in sides.T]
        values = np.asarray(tape(p[0] + p[1] * z, *p[2:])[0], float)
        weighted = np.broadcast_to(values, (len(sides), z.size)) * w
        c = weighted @ H.T
        square = (weighted * values) @ (w / STEP)
        left = np.sqrt(np.maximum(square - (c * c).sum(1), 4 * EPS * square))
        norm = np.sqrt(square)
        coefficients.append(c)
        places.append(which)
        norms.append(norm)
        missing.append(left)
        edge |= ~(np.abs(weighted[:, [0, -1]]).max(1) <= BEYOND[2] * norm)[which]
    size, missing = _shortened(coefficients, norms, missing)
    f, g = (c[which, :size] for c, which in zip(coefficients, places, strict=True))
    norms, missing = ([a[which] for a, which in zip(b, places, strict=True)] for b in (norms, missing))
    rho = np.clip(rows.covariance[:, 0, 1] / np.where(fits, d[:, 0] * d[:, 1], 1.0), -1.0, 1.0)
    powers = np.empty((n, size))
    powers[:, 0] = 1.0
    powers[:, 1:] = rho[:, None]
    np.cumprod(powers, axis=1, out=powers)
    value = np.einsum("nk,nk,nk->n", f, g, powers)
    error = np.abs(rho) ** size * missing[0] * missing[1] + 32 * EPS * norms[0] * norms[1]
    settled = (
        fits
        & ~edge
        & np.isfinite(value)
        & (error <= np.maximum(SETTLED * np.abs(value), 1e-15 * norms[0] * norms[1] * 8))
    )
    return value, error + _propagated(f, g, powers, d, rows), settled


def _shortened(coefficients: list[Array], norms: list[Array], missing: list[Array]) -> tuple[int, list[Array]]:
    """How many terms are worth adding up, and what is missing from each side beyond them."""
    tails = []
    for c, norm, left in zip(coefficients, norms, missing, strict=True):
        rest = np.cumsum((c * c)[:, ::-1], axis=1)[:, ::-1]
        tails.append(np.sqrt(rest + (left * left)[:, None]) / np.maximum(norm, 1e-300)[:, None])
    both = tails[0].max(axis=0) * tails[1].max(axis=0)
    enough = np.nonzero(both <= both[-1] + 1e-17)[0]
    size = max(8, int(enough[0])) if enough.size else TERMS
    if size >= TERMS:
        return TERMS, missing
    return size, [t[:, size] * norm for t, norm in zip(tails, norms, strict=True)]


def _propagated(f: Array, g: Array, powers: Array, d: Array, rows: Rows) -> Array:
    """How far E fg may be off because means and covariances are: E f''g/2, E f'g', E f'g and so on, from the same coefficients."""
    k = np.arange(f.shape[1])
    up, twice = np.sqrt(k[:-1] + 1.0), np.sqrt((k[:-2] + 1.0) * (k[:-2] + 2.0))
    df, dg = up * f[:, 1:] / d[:, :1], up * g[:, 1:] / d[:, 1:]
    ddf, ddg = twice * f[:, 2:] / d[:, :1] ** 2, twice * g[:, 2:] / d[:, 1:] ** 2
    m, K = rows.mean_error, rows.covariance_error

    def series(a: Array, b: Array) -> Array:
        size = min(a.shape[1], b.shape[1])
        return np.abs(np.einsum("nk,nk,nk->n", a[:, :size], b[:, :size], powers[:, :size]))

    out = 0.5 * series(ddf, g) * K[:, 0, 0] + 0.5 * series(f, ddg) * K[:, 1, 1] + series(df, dg) * K[:, 0, 1]
    out += series(df, g) * m[:, 0] + series(f, dg) * m[:, 1]
    return 1.01 * out
