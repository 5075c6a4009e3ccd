"""Closed forms of E f(u) and E f(u) g(v) (theory §3, 5).

A function of one direction is read as a linear combination of atoms; a table gives the expectation of each atom and each pair.
Exponentials of quadratic forms (exp·exp, erf'·erf', Gaussian bumps) go by one Gaussian integral.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import sympy as sp
from scipy import special

from ..language.diagnostics import DivergentMomentError
from ..language.functions import Abs, LeakyRelu, Relu, Sign, Step

__all__ = ["exponential_form", "gaussian_exponential", "pair_atoms", "pair_value", "single_atoms", "single_value"]

Atom = str
_SPLIT: dict[type, tuple[tuple[int, Atom], ...]] = {
    Relu: ((1, "relu"),),
    Step: ((1, "step"),),
    Abs: ((1, "relu"), (1, "relu-")),
    sp.Abs: ((1, "relu"), (1, "relu-")),
    Sign: ((1, "step"), (-1, "step-")),
    sp.sign: ((1, "step"), (-1, "step-")),
    sp.erf: ((1, "erf"),),
    sp.sin: ((1, "sin"),),
    sp.cos: ((1, "cos"),),
}


def single_atoms(f: sp.Expr, u: sp.Symbol) -> list[tuple[sp.Expr, Atom]] | None:
    """f(u) as Σ coefficient · atom, or None where it is not in the table."""
    coefficient, body = f.as_independent(u, as_Add=False)
    if isinstance(body, sp.Add):
        parts = [single_atoms(coefficient * a, u) if a.has(u) else [(coefficient * a, "one")] for a in body.args]
        return None if any(p is None for p in parts) else [x for p in parts if p for x in p]
    if isinstance(body, LeakyRelu) and body.args[0] == u and not body.args[1].has(u):
        return [(coefficient, "relu"), (-coefficient * body.args[1], "relu-")]
    if (
        isinstance(body, sp.Pow)
        and isinstance(body.base, Relu | Abs)
        and body.base.args == (u,)
        and body.exp.is_Integer
        and body.exp > 0
    ):
        atoms = [f"relu^{body.exp}"] + ([f"relu-^{body.exp}"] if isinstance(body.base, Abs) else [])
        return [(coefficient, a) for a in atoms]
    if isinstance(body, sp.Pow) and isinstance(body.base, Step) and body.base.args == (u,) and body.exp.is_positive:
        return [(coefficient, "step")]
    if type(body) in _SPLIT and body.args[0] == u:
        return [(sign * coefficient, atom) for sign, atom in _SPLIT[type(body)]]
    return None


def single_value(atom: Atom, mean: float, variance: float) -> float:
    """E atom(u), u ~ N(mean, variance)."""
    if atom == "one":
        return 1.0
    if "-" in atom:
        return single_value(atom.replace("-", ""), -mean, variance)
    s = math.sqrt(variance)
    if atom == "sin":
        return math.sin(mean) * math.exp(-variance / 2)
    if atom == "cos":
        return math.cos(mean) * math.exp(-variance / 2)
    if atom == "erf":
        return float(special.erf(mean / math.sqrt(1 + 2 * variance)))
    if s == 0:
        positive = mean if mean > 0 else 0.0
        return (1.0 if mean > 0 else 0.0) if atom == "step" else positive ** (int(atom[5:]) if "^" in atom else 1)
    t = mean / s
    cdf, density = float(special.ndtr(t)), math.exp(-t * t / 2) / math.sqrt(2 * math.pi)
    if atom == "step":
        return cdf
    k = int(atom[5:]) if "^" in atom else 1
    if mean == 0:  # E relu(u)^k = s^k 2^{k/2 - 1} Γ((k+1)/2)/√π
        return s**k * 2 ** (k / 2 - 1) * math.gamma((k + 1) / 2) / math.sqrt(math.pi)
    moments = [cdf, s * density + mean * cdf]  # m_{k} = mean m_{k-1} + (k-1) s² m_{k-2}
    for j in range(2, k + 1):
        moments.append(mean * moments[-1] + (j - 1) * variance * moments[-2])
    return moments[k]


def _supplement(a2: float, b2: float, k: float) -> float:
    """π − θ, with cos θ the correlation; accurate at both ends."""
    ab = math.sqrt(a2 * b2)
    return math.atan2(math.sqrt(max(0.0, (ab - k) * (ab + k))), -k)


def _relu_relu(a2: float, b2: float, k: float) -> float:
    """ab (sin θ + (π − θ) cos θ)/(2π) = ab (sin δ − δ cos δ)/(2π), δ = π − θ; a series where that cancels."""
    d = _supplement(a2, b2, k)
    shape = math.sin(d) - d * math.cos(d) if d > 0.05 else d**3 / 3 - d**5 / 30 + d**7 / 840 - d**9 / 45360
    return math.sqrt(a2 * b2) * shape / (2 * math.pi)


def _step_step(a2: float, b2: float, k: float) -> float:
    return _supplement(a2, b2, k) / (2 * math.pi)


def _relu_step(a2: float, b2: float, k: float) -> float:
    """E relu(u) 1{v > 0} = (a + k/b)/(2√(2π))"""
    return (math.sqrt(a2) + k / math.sqrt(b2)) / (2 * math.sqrt(2 * math.pi))


def _erf_erf(a2: float, b2: float, k: float) -> float:
    return 2 / math.pi * math.asin(max(-1.0, min(1.0, 2 * k / math.sqrt((1 + 2 * a2) * (1 + 2 * b2)))))


_PAIRS: dict[tuple[Atom, Atom], Callable[[float, float, float], float]] = {
    ("relu", "relu"): _relu_relu,
    ("step", "step"): _step_step,
    ("relu", "step"): _relu_step,
    ("step", "relu"): lambda a2, b2, k: _relu_step(b2, a2, k),
    ("erf", "erf"): _erf_erf,
    ("sin", "sin"): lambda a2, b2, k: math.exp(-(a2 + b2) / 2) * math.sinh(k),
    ("cos", "cos"): lambda a2, b2, k: math.exp(-(a2 + b2) / 2) * math.cosh(k),
    ("sin", "cos"): lambda a2, b2, k: 0.0,
    ("cos", "sin"): lambda a2, b2, k: 0.0,
}


def pair_atoms(f: sp.Expr, u: sp.Symbol, v: sp.Symbol) -> list[tuple[sp.Expr, Atom, Atom]] | None:
    """f = g(u) h(v) as Σ coefficient · atom(u) · atom(v), or None."""
    parts = f.as_independent(v, as_Add=False)
    if parts[1].has(u) or not parts[1].has(v):
        return None
    left, right = single_atoms(parts[0], u), single_atoms(parts[1], v)
    if left is None or right is None:
        return None
    out = [(a * b, p, q) for a, p in left for b, q in right]
    known = all("one" in (p, q) or (p.replace("-", ""), q.replace("-", "")) in _PAIRS for _, p, q in out)
    return out if known else None


def pair_value(p: Atom, q: Atom, a2: float, b2: float, k: float) -> float:
    """E p(u) q(v) for zero-mean (u, v) with variances a2, b2 > 0 and covariance k."""
    if "one" in (p, q):
        return single_value(q, 0.0, b2) if p == "one" else single_value(p, 0.0, a2)
    flips = p.endswith("-") != q.endswith("-")
    return _PAIRS[p.replace("-", ""), q.replace("-", "")](a2, b2, -k if flips else k)


def exponential_form(f: sp.Expr, symbols: tuple[sp.Symbol, ...]) -> tuple[sp.Expr, sp.Poly] | None:
    """(factor, quadratic) where f = factor · exp(quadratic in the symbols), else None."""
    factor, body = f.as_independent(*symbols, as_Add=False)
    exponentials = sp.Mul.make_args(body)
    if not symbols or not all(isinstance(x, sp.exp) for x in exponentials):
        return None
    exponent = sp.expand(sum(x.args[0] for x in exponentials))
    if not exponent.is_polynomial(*symbols):
        return None
    poly = sp.Poly(exponent, *symbols)
    return (factor, poly) if poly.total_degree() <= 2 else None


def gaussian_exponential(
    A: np.ndarray, b: np.ndarray, c: float, mean: np.ndarray, covariance: np.ndarray, what: str
) -> float:
    """E exp(½ uᵀAu + bᵀu + c), u ~ N(mean, covariance); `DivergentMomentError` unless I − LᵀAL is positive definite (Σ = LLᵀ)."""
    w, V = np.linalg.eigh(covariance)
    L = V * np.sqrt(np.maximum(w, 0))
    M = np.eye(len(w)) - L.T @ A @ L
    lowest = float(np.linalg.eigvalsh(M)[0])
    if lowest <= 1e-12:
        raise DivergentMomentError(f"E {what} does not exist: the exponent grows faster than the Gaussian density falls.", code="divergent",
                                   hint="Make the variance smaller, or bound the exponent (exp(-x**2) is fine).")  # fmt: skip
    beta = L.T @ (A @ mean + b)
    exponent = 0.5 * beta @ np.linalg.solve(M, beta) + 0.5 * mean @ A @ mean + b @ mean + c
    log_value = exponent - 0.5 * np.linalg.slogdet(M)[1]
    if log_value > 700:
        raise DivergentMomentError(
            f"E {what} is larger than a floating-point number can be.",
            code="overflow",
            hint="Make the variances smaller.",
        )
    return float(np.exp(log_value))
