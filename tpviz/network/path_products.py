"""Inner products of single paths and the parts of words, on one pair of inputs: planned once, asked for lazily."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..gaussian import Numbers, Scalar
from ..language import InputError, Program
from .batch import Given
from .instances import input_array
from .kernels import Kernels, describe
from .path_sums import PairSum
from .paths import Path, Paths, paths
from .sums import Weights, Word, best_words

__all__ = ["Factor", "PathProducts", "WordShare", "contributions", "path_factors", "path_product"]

Array = np.ndarray
Inputs = Mapping[str, Any]


class PathProducts:
    """Inner products of paths on one pair of inputs: planned once, for as many pairs of paths as are asked for."""

    def __init__(
        self,
        program: Program,
        input1: Inputs | None = None,
        input2: Inputs | None = None,
        output: str | None = None,
        parameters: Mapping[str, float] | None = None,
    ):
        X, Y = (_row(program, given) for given in (input1, input2))
        self.paths = paths(program, output)
        self.work = Kernels(program, X, Y, output, parameters, backward_pass=False)
        i, j = self.work.batch.first[:1], self.work.batch.second[:1]
        self.plan = self.work.plan(1 if i[0] == j[0] else 2)
        self.sum = PairSum(self.plan, self.paths.reduced)
        self._run = Numbers(Given(self.plan, self.work.values, self.work.batch, i, j), lambda s: describe(self.plan, s))

    def numbers(self, scalars: Sequence[Scalar]) -> list[float]:
        self._run.compute(scalars)
        return [float(np.max(self._run.get(s).estimate().value)) for s in scalars]

    def factors(self, path1: Path | Sequence[str], path2: Path | Sequence[str]) -> tuple[Factor, ...]:
        """The factors of ⟨p, q⟩; see `path_factors`."""
        p, q = self.paths.path(path1), self.paths.path(path2)
        if p.word != q.word or p.readout != q.readout:
            return (Factor("0", 0.0),)
        factors = self.sum.factors(p, q)
        values = self.numbers([s for _, s in factors])
        found = [Factor(tex, v) for (tex, _), v in zip(factors, values, strict=True)]
        plain = tuple(f for f in found if not (f.value == 1.0 and not f.tex.startswith((r"\mathbb", r"\frac"))))
        return plain or (Factor("1", 1.0),)

    def product(self, path1: Path | Sequence[str], path2: Path | Sequence[str]) -> float:
        """⟨p, q⟩; see `tp.path_product`."""
        return math.prod(f.value for f in self.factors(path1, path2))

    def contributions(self, limit: int | None = None) -> Iterator[WordShare]:
        """The words by what they add to the kernel, largest first, lazily; see `Paths.contributions`."""
        return _contributions(self, limit)


def _row(program: Program, given: Inputs | None) -> dict[str, Array]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InputError('An input is given as a mapping, {"xi": array of shape (d,)}.')
    out = {}
    for name, value in given.items():
        out[name] = input_array(name, value)[None]
    return out


def path_product(
    program: Program,
    path1: Path | Sequence[str],
    path2: Path | Sequence[str],
    input1: Inputs | None = None,
    input2: Inputs | None = None,
    output: str | None = None,
    parameters: Mapping[str, float] | None = None,
) -> float:
    """⟨p, q⟩ on two inputs, with a factor σ² for every matrix, embedding, bias and readout on the path ((95), D.4.1, D.4.4).

    `input1` is {"xi": array of shape (d,), …}, {} or None for the inputs of the text. 0 where the paths are not isomorphic: E⟨Jᵖ, J^q⟩
    tends to 0 there. Paths come from `tp.paths(program)`, or are given by their vertices. Raises `InputError` for what is no path.
    """
    return PathProducts(program, input1, input2, output, parameters).product(path1, path2)


@dataclass(frozen=True)
class Factor:
    """One factor of ⟨p, q⟩: what it is, in LaTeX, and its value."""

    tex: str
    value: float


def path_factors(
    program: Program,
    path1: Path | Sequence[str],
    path2: Path | Sequence[str],
    input1: Inputs | None = None,
    input2: Inputs | None = None,
    output: str | None = None,
    parameters: Mapping[str, float] | None = None,
) -> tuple[Factor, ...]:
    """The factors of `path_product`, variances that are 1 left out; ("0", 0) where the paths are not isomorphic."""
    return PathProducts(program, input1, input2, output, parameters).factors(path1, path2)


@dataclass(frozen=True)
class WordShare:
    """What the pairs of paths with one word add to the kernel."""

    word: Word
    paths: int
    pairs: int
    value: float


def contributions(
    known: Paths,
    input1: Inputs | None = None,
    input2: Inputs | None = None,
    limit: int | None = None,
    parameters: Mapping[str, float] | None = None,
) -> Iterator[WordShare]:
    """The words by what they add to the kernel on two inputs, largest first, lazily."""
    pair = PathProducts(known.program, input1, input2, known.reduced.output.name, parameters)
    return pair.contributions(limit)


def _contributions(pair: PathProducts, limit: int | None) -> Iterator[WordShare]:
    sums, known = pair.sum, pair.paths
    shares = _word_values(pair)
    biases = list(known.reduced.biases)
    values = dict(zip(biases, pair.numbers([sums.bias(c) for c in biases]), strict=True))
    waiting = sorted(biases, key=lambda c: -abs(values[c]))
    given = 0

    def share(word: Word, value: float) -> WordShare:
        return WordShare(word, known.number(word), known.pairs_of(word), value)

    for word, value in shares:
        while waiting and abs(values[waiting[0]]) >= abs(value):
            if limit is not None and given >= limit:
                return
            given += 1
            c = waiting.pop(0)
            yield share((c,), values[c])
        if limit is not None and given >= limit:
            return
        given += 1
        yield share(word, value)
    for c in waiting[: None if limit is None else max(0, limit - given)]:
        yield share((c,), values[c])


def _word_values(pair: PathProducts) -> Iterator[tuple[Word, float]]:
    """(word, its part of the kernel), by falling size."""
    sums, layers = pair.sum, pair.sum.layers
    starts = {g: sums.start(g) for g in layers.sources}
    steps = {(g, x): sums.step(g, x) for g in layers.sources for x in layers.feeds[g]}
    products = {g: sums.product(g) for g in layers.before}
    ends = {x: sums.end(x) for x in layers.ends}
    tables: list[dict] = [starts, steps, products, ends]
    numbers = iter(pair.numbers([s for t in tables for s in t.values()] + [sums.empty()]))
    start, step, product, end = ({key: next(numbers) for key in t} for t in tables)
    empty = next(numbers)
    weights = Weights(start.__getitem__, lambda g, x: step[g, x], product.__getitem__, end.__getitem__)
    return best_words(layers, weights, empty)
