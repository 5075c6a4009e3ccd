"""Evaluating a kernel for many Gaussians at once: closed forms where there are any, else numerically."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..language.diagnostics import DivergentMomentError
from .closed import closed_form, near_lines, perturbed, wave_form
from .estimate import EPS
from .kernel import Kernel
from .moments import determinant
from .numeric import integrate_numerically
from .rows import UNSOLVED, Answer, Rows

__all__ = ["evaluate"]

Array = np.ndarray
NOISE = 12 * EPS  # what rounding makes of a correlation of ±1 from one layer to the next


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
            snap = (level > 1.2 * EPS) & (gap <= np.minimum(2.5 * level, NOISE)) & (level < 1e-9)
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
        return _apart(kernel, rows, still, what)
    if kernel.wave is not None:
        return perturbed(rows, lambda r: wave_form(kernel, r), 8)
    if kernel.closed:
        near = near_lines(kernel, rows)
        if near.any():  # two gates nearly on one line, with means
            return _apart(kernel, rows, near, what)
        return perturbed(rows, lambda r: closed_form(kernel, r, what), 16)
    return integrate_numerically(kernel, rows, what, False)


def _apart(kernel: Kernel, rows: Rows, plain: Array, what) -> Answer:
    """Rows that no closed form serves are integrated numerically, gates included; the others as ever."""
    n = len(rows)
    out = Answer(np.zeros(n), np.zeros(n), np.zeros(n, dtype=int))
    numeric = integrate_numerically(kernel, rows.take(plain), what, True)
    parts = [(plain, numeric)]
    if not plain.all():
        parts.append((~plain, _evaluate(kernel, rows.take(~plain), what)))
    for part, a in parts:
        out.value[part], out.error[part], out.method[part] = a.value, a.error, a.method
    return out
