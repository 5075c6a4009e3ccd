"""Evaluating a plan with numbers: every number once, when first needed, with a bound of its error.

Numbers of one level do not need each other, so expectations of one shape and level are evaluated together, as arrays. A value is a
float, or an array (scramblings, batch) where it was sampled or where the parameters are arrays; everything broadcasts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..language.diagnostics import DivergentMomentError, TpvizError
from ..language.tape import numpy_form
from .algebra import Scalar, forms
from .estimate import EPS, METHODS, Estimate
from .integrate import evaluate
from .kernel import Kernel
from .rows import UNSOLVED, Rows
from .sobol import REPLICATES

__all__ = ["Number", "Numbers", "least_norm", "pseudo_solve"]

Value = Any  # a float, or an array (scramblings, batch)
_SHORT = 2.0**20  # a number that is whole after this factor is written exactly in a float


@dataclass(frozen=True)
class Number:
    """`error` bounds |value − truth| up to what sampling adds, which is seen in the spread over scramblings; `method` indexes METHODS."""

    value: Value
    error: Value = 0.0
    method: int = 0

    def estimate(self) -> Estimate:
        """One number: the mean over scramblings and its standard error, where there are any."""
        if isinstance(self.value, float) and isinstance(self.error, float):
            return Estimate(self.value, self.error, METHODS[self.method])
        value, error = np.asarray(self.value, float), np.asarray(self.error, float)
        if self.method == 2 and value.ndim == 2 and value.shape[0] > 1:
            spread = value.std(axis=0, ddof=1) / math.sqrt(value.shape[0])
            value, error = value.mean(axis=0), spread + error.max(axis=0, initial=0.0)
        value, error = value.reshape(-1), np.broadcast_to(error, value.shape).reshape(-1) if value.size else error
        if value.size == 1:
            return Estimate(float(value[0]), float(np.max(error)), METHODS[self.method])
        return Estimate(value, error, METHODS[self.method])


class Numbers:
    """The numbers of one evaluation of a plan. `given` looks up what the plan is given, a value or (value, bound of its error);
    `describe` names an expectation in messages."""

    def __init__(self, given: Callable[[Hashable], Value | tuple], describe: Callable[[Scalar], str] = repr):
        self._given, self._describe = given, describe
        self._known: dict[Scalar, Number] = {}
        self._failed: dict[Scalar, TpvizError] = {}

    def get(self, target: Scalar) -> Number:
        """The number; raises what made it fail."""
        if target not in self._known:
            self.compute((target,))
        if target in self._failed:
            raise self._failed[target]
        return self._known[target]

    def compute(self, targets: Iterable[Scalar]) -> None:
        """Evaluate the targets and all they need, level by level."""
        needed: dict[Scalar, None] = {}
        todo = [t for t in targets if t not in self._known and t not in self._failed]
        while todo:
            s = todo.pop()
            if s not in needed:
                needed[s] = None
                todo += [a for a in s.args if a not in self._known and a not in self._failed and a not in needed]
        levels: dict[int, list[Scalar]] = {}
        for s in needed:
            levels.setdefault(s.level, []).append(s)
        with np.errstate(all="ignore"):
            self._compute(levels)

    def _compute(self, levels: dict[int, list[Scalar]]) -> None:
        for level in sorted(levels):
            expectations: dict[Kernel, list[Scalar]] = {}
            rest = []
            for s in levels[level]:
                if s.op == "expectation":
                    expectations.setdefault(s.payload, []).append(s)
                else:
                    rest.append(s)
            for kernel, members in expectations.items():
                self._expect(kernel, members)
            for s in sorted(rest, key=lambda s: s.index):
                self._settle(s)

    def _settle(self, s: Scalar) -> None:
        if self._failed:
            for a in s.args:
                if a in self._failed:
                    self._failed[s] = self._failed[a]
                    return
        try:
            number = self._arithmetic(s, [self._known[a] for a in s.args])
            finite = (
                math.isfinite(number.value) if isinstance(number.value, float) else np.all(np.isfinite(number.value))
            )
            if not finite:
                raise DivergentMomentError(
                    f"E {self._describe(s)} is not a finite number.",
                    code="overflow",
                    hint="Make the variances smaller, or look for a division by 0.",
                )
            self._known[s] = number
        except TpvizError as error:
            self._failed[s] = error

    # arithmetic with error bounds

    def _arithmetic(self, s: Scalar, args: list[Number]) -> Number:
        value: Value
        error: Value
        method = max((a.method for a in args), default=0)
        match s.op:
            case "number":
                value = float(s.payload)
                exact = isinstance(s.payload, int) or (s.payload == value and not isinstance(s.payload, float))
                return Number(value, 0.0 if exact else EPS * abs(value))
            case "given":
                given = self._given(s.payload)
                value, error = given if isinstance(given, tuple) else (given, None)
                if error is None and isinstance(value, float):
                    error = 0.0 if value * _SHORT % 1 == 0 else EPS * abs(value)
                elif error is None:
                    error = np.where(np.asarray(value) * _SHORT % 1 == 0, 0.0, EPS * np.abs(value))
                return Number(value, error)
            case "sum":
                coefficients, constant = s.payload
                total: Value = float(constant)
                error = 0.5 * EPS * abs(total)
                for a, c in zip(args, coefficients, strict=True):
                    part = float(c) * a.value
                    total = total + part
                    error = (
                        error
                        + abs(float(c)) * a.error
                        + EPS * abs(part) * (c != 1 and c != -1)
                        + EPS * abs(total) * (len(args) > 1 or constant != 0)
                    )
                return Number(total, error, method)
            case "product":
                value, error = 1.0, 0.0
                for a, p in zip(args, s.payload, strict=True):
                    x = a.value**p if p > 0 else (1.0 / np.asarray(a.value)) ** -p
                    size = abs(a.value) + a.error if p > 0 else np.maximum(abs(a.value) - a.error, 1e-300)
                    e = abs(p) * size ** (p - 1.0) * a.error + (abs(p) > 1 or p < 0) * abs(p) * EPS * abs(x)
                    error = abs(value) * e + abs(x) * error + e * error + EPS * abs(value * x)
                    value = value * x
                return Number(_plain(value), _plain(error), method)
            case "bilinear":
                total, error = 0.0, 0.0
                for k in range(0, len(args), 3):
                    a, b, c = args[k : k + 3]
                    part = a.value * b.value * c.value
                    total = total + part
                    error = (
                        error
                        + (
                            abs(b.value * c.value) * a.error
                            + abs(a.value * c.value) * b.error
                            + abs(a.value * b.value) * c.error
                        )
                        * 1.0001
                        + EPS * (2 * abs(part) + abs(total))
                    )
                return Number(total, error, method)
            case "function":
                f = numpy_form(forms()[s.payload])
                value = f(*[a.value for a in args])
                error = 4 * EPS * abs(value)
                for k, a in enumerate(args):
                    if np.any(a.error):
                        for sign in (1, -1):
                            moved = f(*[b.value + sign * b.error * (j == k) for j, b in enumerate(args)])
                            error = np.maximum(error, 4 * EPS * abs(value) + 1.5 * abs(moved - value))
                return Number(_plain(value), _plain(error), method)
            case "stein":
                return self._stein(s.payload, args, method)
            case "entry":
                (a,) = args
                return Number(a.value[s.payload], a.error[s.payload], method)
        raise KeyError(s.op)

    def _stein(self, k: int, args: list[Number], method: int) -> Number:
        """a = C⁺ b for every element of the batch: values and errors of shape (k, …)."""
        shape = np.broadcast_shapes(*(np.shape(a.value) for a in args))
        flat = np.array([np.broadcast_to(a.value, shape).ravel() for a in args])
        errors = np.array([np.broadcast_to(a.error, shape).ravel() for a in args])
        values, bounds = np.empty((k, flat.shape[1])), np.empty((k, flat.shape[1]))
        lower = np.tril_indices(k)
        for n in range(flat.shape[1]):
            C, dC = np.zeros((k, k)), np.zeros((k, k))
            C[lower], dC[lower] = flat[: len(lower[0]), n], errors[: len(lower[0]), n]
            C, dC = C + np.tril(C, -1).T, dC + np.tril(dC, -1).T
            b, db = flat[len(lower[0]) :, n], errors[len(lower[0]) :, n]
            a, inverse = pseudo_solve(C, b)
            values[:, n] = a
            bounds[:, n] = 1.5 * np.abs(inverse) @ (db + dC @ np.abs(a) + 4 * EPS * (np.abs(b) + np.abs(C) @ np.abs(a)))
        return Number(values.reshape(k, *shape), bounds.reshape(k, *shape), method)

    # expectations

    def _expect(self, kernel: Kernel, members: list[Scalar], sampled: bool = False) -> None:
        """All expectations of one kernel and level at once; one that fails does not take the others with it."""
        live = []
        for s in members:
            bad = next((self._failed[a] for a in s.args if a in self._failed), None)
            if bad is not None:
                self._failed[s] = bad
            else:
                live.append(s)
        if not live:
            return
        try:
            self._evaluate(kernel, live, sampled)
        except TpvizError as error:
            if len(live) == 1:
                self._failed[live[0]] = error
                return
            for s in live:
                self._expect(kernel, [s], sampled)

    def _evaluate(self, kernel: Kernel, members: list[Scalar], sampled: bool) -> None:
        args = [[self._known[a] for a in s.args] for s in members]
        shape = np.broadcast_shapes(*(np.shape(a.value) for row in args for a in row))
        if sampled:
            shape = (REPLICATES, shape[1] if len(shape) == 2 else 1)
        size = math.prod(shape)
        count = len(args[0])
        if shape == ():
            values, errors = (
                np.array([[a.value for a in row] for row in args]),
                np.array([[a.error for a in row] for row in args]),
            )
        else:
            values, errors = np.empty((len(members), count, size)), np.empty((len(members), count, size))
            for i, row in enumerate(args):
                for j, a in enumerate(row):
                    values[i, j] = np.broadcast_to(a.value, shape).ravel()
                    errors[i, j] = np.broadcast_to(a.error, shape).ravel()
            values, errors = np.moveaxis(values, 1, 2).reshape(-1, count), np.moveaxis(errors, 1, 2).reshape(-1, count)
        replicate = None
        if len(shape) == 2 and shape[0] == REPLICATES:
            replicate = np.tile(np.repeat(np.arange(REPLICATES), shape[1]), len(members))
        rows = _rows(kernel, values, errors, replicate)
        answer = evaluate(kernel, rows, lambda: self._describe(members[0]))
        method = answer.method.reshape(len(members), size)
        again = []
        for i, s in enumerate(members):
            if (method[i] == UNSOLVED).any():
                again.append(s)
                continue
            part = slice(i * size, (i + 1) * size)
            known = max(int(method[i].max()), *(a.method for a in args[i])) if args[i] else int(method[i].max())
            self._known[s] = Number(_shaped(answer.value[part], shape), _shaped(answer.error[part], shape), known)
        for s in again:
            self._expect(kernel, [s], sampled=True)


def _plain(x: Value) -> Value:
    return float(x) if np.ndim(x) == 0 else x


def _shaped(x: np.ndarray, shape: tuple[int, ...]) -> Value:
    return float(x[0]) if shape == () else x.reshape(shape)


def _rows(kernel: Kernel, values: np.ndarray, errors: np.ndarray, replicate: np.ndarray | None) -> Rows:
    k, n = kernel.size, len(values)
    lower = np.tril_indices(k)
    K, dK = np.zeros((n, k, k)), np.zeros((n, k, k))
    at = slice(k, k + len(lower[0]))
    K[:, lower[0], lower[1]], dK[:, lower[0], lower[1]] = values[:, at], errors[:, at]
    K[:, lower[1], lower[0]], dK[:, lower[1], lower[0]] = values[:, at], errors[:, at]
    rest = slice(k + len(lower[0]), None)
    return Rows(values[:, :k], K, values[:, rest], errors[:, :k], dK, errors[:, rest], replicate)


def pseudo_solve(C: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(C⁺ b, C⁺): the solution of least norm, for a symmetric positive semidefinite C. Ranks are judged after normalizing the diagonal."""
    d = np.sqrt(np.maximum(np.diag(C), 0.0))
    live = d > 1e-12 * d.max(initial=0.0)
    inverse = np.zeros_like(C)
    if live.any():
        scaled = np.linalg.pinv(C[np.ix_(live, live)] / np.outer(d[live], d[live]), rcond=1e-11, hermitian=True)
        inverse[np.ix_(live, live)] = scaled / np.outer(d[live], d[live])
    return least_norm(C, inverse @ b), inverse


def least_norm(C: np.ndarray, a: np.ndarray) -> np.ndarray:
    """The combination of least norm that is the same random variable: a projected on the range of the Gram matrix C."""
    w, V = np.linalg.eigh(C)
    keep = w > 1e-11 * max(w[-1], 0.0)
    return a if keep.all() else V[:, keep] @ (V[:, keep].T @ a)
