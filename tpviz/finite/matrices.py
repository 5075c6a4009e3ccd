"""A Gaussian matrix that is multiplied: dense, or known only through its products (theory §6).

Both give the same law of every product jointly, at every size. `MatrixFree` keeps Q, A = WQ, P, B = WᵀP (Q, P orthonormal) and
draws what is not determined by them, O(n) for each earlier product instead of n².
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

__all__ = ["DenseMatrix", "GaussianMatrix", "MatrixFree"]


class GaussianMatrix(Protocol):
    """W ∈ R^{m×n} with iid N(0, variance) entries (σ_W²/n, the scaling included)."""

    def times(self, x: np.ndarray) -> np.ndarray:
        """W x, shape (m,)"""
        ...

    def transpose_times(self, x: np.ndarray) -> np.ndarray:
        """Wᵀ x, shape (n,)"""
        ...


class DenseMatrix:
    """The matrix itself; O(mn) memory."""

    def __init__(self, m: int, n: int, variance: float, rng: np.random.Generator):
        self.W = rng.standard_normal((m, n))
        self.W *= np.sqrt(variance)

    def times(self, x: np.ndarray) -> np.ndarray:
        return self.W @ x

    def transpose_times(self, x: np.ndarray) -> np.ndarray:
        return self.W.T @ x


class _Basis:
    """Orthonormal vectors of one length, with their images; rows of preallocated blocks."""

    def __init__(self, length: int, image_length: int):
        self._vectors: list[np.ndarray] = []
        self._images: list[np.ndarray] = []
        self.length, self.image_length = length, image_length

    def split(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """(c, q, r) with x = Σ c_i q_i + r q, q ⟂ all q_i of norm 1 (two passes of Gram–Schmidt); r = 0 where x lies in the span."""
        size = float(np.linalg.norm(x))
        rest = x.astype(float, copy=True)
        c = np.zeros(len(self._vectors))
        for _ in range(2):
            for i, q in enumerate(self._vectors):
                d = float(q @ rest)
                rest -= d * q
                c[i] += d
        r = float(np.linalg.norm(rest))
        if r <= 1e-12 * size or r == 0.0:
            return c, rest, 0.0
        rest /= r
        return c, rest, r

    def combine(self, c: np.ndarray) -> np.ndarray:
        """Σ c_i image_i"""
        out = np.zeros(self.image_length)
        for a, image in zip(c, self._images, strict=True):
            out += a * image
        return out

    def append(self, q: np.ndarray, image: np.ndarray) -> None:
        self._vectors.append(q)
        self._images.append(image)

    def against(self, q: np.ndarray) -> np.ndarray:
        """(q · image_i)_i"""
        return np.array([image @ q for image in self._images])

    def project_off(self, z: np.ndarray) -> np.ndarray:
        """z minus its part in the span, in place."""
        for p in self._vectors:
            z -= float(p @ z) * p
        return z

    def add_span(self, z: np.ndarray, c: np.ndarray) -> np.ndarray:
        """z + Σ c_i q_i, in place."""
        for a, p in zip(c, self._vectors, strict=True):
            z += a * p
        return z


class MatrixFree:
    """The same law without the matrix: W conditioned on WQ = A and WᵀP = B is its conditional mean plus an independent copy
    projected off P and Q."""

    def __init__(self, m: int, n: int, variance: float, rng: np.random.Generator):
        self._scale, self._rng = float(np.sqrt(variance)), rng
        self._right = _Basis(n, m)  # Q with A = WQ
        self._left = _Basis(m, n)  # P with B = WᵀP

    def times(self, x: np.ndarray) -> np.ndarray:
        return self._product(x, self._right, self._left)

    def transpose_times(self, x: np.ndarray) -> np.ndarray:
        return self._product(x, self._left, self._right)

    def _product(self, x: np.ndarray, mine: _Basis, other: _Basis) -> np.ndarray:
        c, q, r = mine.split(x)
        out = mine.combine(c)
        if r == 0.0:
            return out
        z = self._rng.standard_normal(mine.image_length)
        z *= self._scale
        known = other.against(q)  # Bᵀq: the part of Wq in the span of P
        image = other.add_span(other.project_off(z), known)
        mine.append(q, image)
        out += r * image
        return out
