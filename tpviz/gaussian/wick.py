"""Moments of Gaussian vectors by Wick's (Isserlis') rule, vectorized over means."""

from __future__ import annotations

import numpy as np

__all__ = ["monomial_moment"]


def monomial_moment(powers: tuple[int, ...], mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """E Π_k X_k^{powers[k]} for X ~ N(mean, covariance).

    `mean` has shape (k, ...) and may carry a batch; `covariance` is (k, k). Recursion: E[X_j M] = m_j E[M] + Σ_i C_ji E[∂M/∂x_i].
    """
    memo: dict[tuple[int, ...], np.ndarray] = {}

    def moment(p: tuple[int, ...]) -> np.ndarray:
        if p in memo:
            return memo[p]
        j = next((k for k, a in enumerate(p) if a), None)
        if j is None:
            value = np.ones(np.shape(mean)[1:])
        else:
            rest = (*p[:j], p[j] - 1, *p[j + 1 :])
            value = mean[j] * moment(rest)
            for i, a in enumerate(rest):
                if a and covariance[j, i] != 0:
                    value = value + covariance[j, i] * a * moment((*rest[:i], a - 1, *rest[i + 1 :]))
        memo[p] = value
        return value

    return moment(tuple(powers))
