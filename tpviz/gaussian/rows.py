"""Many Gaussians for one kernel at once, what comes of them, and factors of their covariances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .moments import determinant

__all__ = [
    "CLOSED",
    "QUADRATURE",
    "SAMPLED",
    "UNSOLVED",
    "Answer",
    "Rows",
    "factor_covariance",
    "semidefinite_cholesky",
]

Array = np.ndarray
RANK_TOLERANCE = 1e-12
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
