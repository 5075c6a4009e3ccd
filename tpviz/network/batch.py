"""Batches of network inputs: which pairs of rows a kernel needs, each once, and the inner products that the plans are given."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..gaussian import EPS
from ..language import InputError, Program
from ..language.instructions import Embed
from ..language.values import Values
from ..limit import look_up
from .instances import input_array
from .plan import NetworkPlan

__all__ = ["Batch", "Given", "batch_of", "pairs_of"]

_EXACT = 20_000_000  # products up to which inner products are summed in extended precision


@dataclass(frozen=True)
class Batch:
    """Distinct rows of inputs, {input: (R, d)}, and the row of every sample of X and of Y (of X again where there is no Y)."""

    rows: Mapping[str, np.ndarray]
    first: np.ndarray
    second: np.ndarray

    @property
    def size(self) -> int:
        return len(next(iter(self.rows.values()))) if self.rows else 1


def batch_of(program: Program, X: object, Y: object = None) -> Batch:
    """X: (N, d) for a program with one input, else {"xi1": (N, d1), …}; inputs that are not named keep the value of the text.

    Raises `InputError` for unknown or missing inputs, wrong shapes, NaN.
    """
    first = _arrays(program, X, "X")
    second = first if Y is None else _arrays(program, Y, "Y")
    for name in program.inputs:
        if name in first and first[name].shape[1] != second[name].shape[1]:
            raise InputError(f"{name} has {first[name].shape[1]} entries in X and {second[name].shape[1]} in Y.", names=[name])  # fmt: skip
    _same_length(program, first)
    names = list(first)
    if not names:
        return Batch({}, np.zeros(1, int), np.zeros(1, int))
    sides = (first,) if Y is None else (first, second)
    stacked = np.concatenate([np.concatenate([side[name] for name in names], axis=1) for side in sides])
    stacked = stacked + 0.0  # −0 and 0 are one input
    _, kept, inverse = np.unique(stacked, axis=0, return_index=True, return_inverse=True)
    n = len(first[names[0]])
    whole = {name: np.concatenate([side[name] for side in sides])[kept] for name in names}
    inverse = inverse.reshape(-1)
    return Batch(whole, inverse[:n], inverse[:n] if Y is None else inverse[n:])


def _arrays(program: Program, X: object, what: str) -> dict[str, np.ndarray]:
    used = [x for x in program.inputs if any(isinstance(i, Embed) and i.input == x for i in program.instructions)]
    if X is None:
        X = {}
    if not isinstance(X, Mapping):
        if len(used) != 1:
            raise InputError(
                f"The program has {len(used)} inputs, so {what} is a mapping from inputs to arrays.",
                hint=f"Write {{{', '.join(f'{x!r}: array of shape (N, d)' for x in used) or ''}}}.",
            )
        X = {used[0]: X}
    unknown = [x for x in X if x not in program.inputs]
    if unknown:
        raise InputError(f"The program has no input {unknown[0]!r}.", hint=f"Its inputs are {', '.join(program.inputs) or 'none'}.", names=unknown)  # fmt: skip
    given = {name: input_array(name, X[name], ndim=2) for name in used if name in X}
    sizes = {len(a) for a in given.values()}
    if len(sizes) > 1:
        raise InputError(f"The inputs of {what} have different numbers of rows: {', '.join(f'{k}: {len(v)}' for k, v in given.items())}.")  # fmt: skip
    n = sizes.pop() if sizes else 1
    values = program.input_values()
    for name in used:
        if name not in given:
            if name not in values:
                raise InputError(f"The input {name} has no value.", hint=f"Pass {{{name!r}: array of shape (N, d)}}, or write it in the text.", names=[name])  # fmt: skip
            given[name] = np.tile(values[name], (n, 1))
    return {name: given[name] for name in used}


def _same_length(program: Program, arrays: Mapping[str, np.ndarray]) -> None:
    lengths: dict[str, tuple[str, int]] = {}
    for i in program.instructions:
        if isinstance(i, Embed):
            x, d = lengths.setdefault(i.embedding, (i.input, arrays[i.input].shape[1]))
            if arrays[i.input].shape[1] != d:
                raise InputError(
                    f"{i.embedding} embeds {x} of {d} entries and {i.input} of {arrays[i.input].shape[1]}.",
                    hint="Inputs of one embedding have one length d.",
                    names=[i.input],
                )


def pairs_of(batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(i, j, place): the distinct pairs of rows i ≤ j that are needed, and for each entry (N, M) which of them it is, −1 − k where it
    is the k-th pair with its rows exchanged."""
    a, b = np.broadcast_arrays(batch.first[:, None], batch.second[None, :])
    low, high = np.minimum(a, b), np.maximum(a, b)
    code, place = np.unique(low.astype(np.int64) * batch.size + high, return_inverse=True)
    place = place.reshape(a.shape)
    return code // batch.size, code % batch.size, np.where(a <= b, place, -1 - place)


class Given:
    """What a plan of two instances is given for pairs of rows (i, j): arrays of shape (1, pairs)."""

    def __init__(self, plan: NetworkPlan, values: Values, batch: Batch, i: np.ndarray, j: np.ndarray):
        self.plan, self.values, self.batch = plan, values, batch
        self.rows = (i, j)

    def __call__(self, key: Hashable) -> Any:
        match key:
            case ("embedding", str(embedding), str(x), str(y)):
                (x, a), (y, b) = self.plan.input_of(x), self.plan.input_of(y)
                return self._inner(self.values.variances[embedding], x, a, y, b)
        return look_up(key, self.values)

    def _inner(self, variance: float, x: str, a: int, y: str, b: int) -> tuple[np.ndarray, np.ndarray]:
        X, Y = self.batch.rows[x][self.rows[a]], self.batch.rows[y][self.rows[b]]
        if X.size <= _EXACT:
            inner = (X.astype(np.longdouble) * Y).sum(axis=1).astype(float)
        else:
            inner = np.einsum("nd,nd->n", X, Y)
        size = np.einsum("nd,nd->n", np.abs(X), np.abs(Y))
        d = X.shape[1]
        error = EPS * (2 * np.abs(inner) + (0 if X.size <= _EXACT else np.log2(d + 1)) * size)
        return (variance * inner / d)[None], (variance * error / d)[None]
