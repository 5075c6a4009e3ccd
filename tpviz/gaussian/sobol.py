"""Scrambled Sobol' points mapped to standard normals (scipy.stats.qmc)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..language.late import Late

__all__ = ["LOG2_POINTS", "REPLICATES", "normal_points"]

special, qmc = Late("scipy.special"), Late("scipy.stats.qmc")
REPLICATES = 16  # independent scramblings; their spread is the standard error
LOG2_POINTS = 13  # points in each


@lru_cache(maxsize=64)
def normal_points(dimension: int, replicate: int, log2_points: int = LOG2_POINTS) -> np.ndarray:
    """(dimension, 2**log2_points) standard normals from scrambling number `replicate`; read-only, the same at every call."""
    points = qmc.Sobol(dimension, scramble=True, rng=np.random.default_rng([2718, replicate])).random_base2(log2_points)
    z = special.ndtri(np.clip(points.T, 1e-16, 1 - 1e-16))
    z.setflags(write=False)
    return z
