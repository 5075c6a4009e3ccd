"""Paths through a network, their words, and isomorphic pairs ((5.7) of Tensor Programs IIb): counted exactly, listed lazily."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ..language import InputError, Program
from .reduced import Reduced
from .sums import Layers, Weights, Word, best_words, paired, single, suffixes, word_states

if TYPE_CHECKING:
    from .path_products import WordShare

__all__ = ["Path", "Paths", "paths"]


@dataclass(frozen=True)
class Path:
    """One path of the reduced program. `word` is its matrices and parameter from start to readout, `vertices` alternate X-var, G-var,
    X-var, …: ("xi1", "u1", "x1", "h2", "x2") for ("U", "W"), ("b", "x1") for ("b",), ("x2",) for the empty path of the readout, ("c0",)
    for an output bias. `readout` is the readout that it ends with, "" for an output bias."""

    word: Word
    vertices: tuple[str, ...]
    readout: str

    @property
    def steps(self) -> tuple[tuple[str, str], ...]:
        """(G-var, X-var) of each layer that the path runs through."""
        return tuple(zip(self._inner[::2], self._inner[1::2], strict=True))

    @property
    def _inner(self) -> tuple[str, ...]:
        return self.vertices[len(self.vertices) % 2 :] if self.word and self.readout else ()

    @property
    def end(self) -> str:
        """The vector that is read out; "" for an output bias."""
        return self.vertices[-1] if self.readout else ""

    def __str__(self) -> str:
        return " → ".join(self.vertices)


def paths(program: Program, output: str | None = None) -> Paths:
    """The paths of a network: from inputs, parameters and the arguments of matrices to the readout of one output, by default the first.

    Counts are exact, by dynamic programming; words and paths come lazily. Raises `InputError` where there is no such output.
    """
    return Paths(Reduced(program, output))


class Paths:
    """All paths of a network; see `tp.paths`."""

    def __init__(self, reduced: Reduced):
        self.reduced, self.program = reduced, reduced.program

    @cached_property
    def _single(self) -> Layers:
        return single(self.reduced)

    @cached_property
    def _pairs(self) -> Layers:
        return paired(self.reduced)

    @cached_property
    def _weights(self) -> Weights:
        ends = self.reduced.ends
        return Weights(lambda g: 1, lambda g, x: 1, lambda g: 1, lambda x: len(ends[x]))

    @cached_property
    def _pair_weights(self) -> Weights:
        ends = self.reduced.ends
        return Weights(lambda g: 1, lambda g, x: 1, lambda g: 1, lambda x: len(set(ends[x[0]]) & set(ends[x[1]])))

    @cached_property
    def count(self) -> int:
        """How many paths there are, from inputs, biases and hidden matrices, and the empty ones of the readout."""
        rest, _ = suffixes(self._single, self._weights, sum, _times)
        return sum(rest.values()) + self._empty + len(self.reduced.biases)

    @property
    def _empty(self) -> int:
        return sum(len(v) for v in self.reduced.ends.values())

    @cached_property
    def pairs(self) -> int:
        """How many ordered pairs of isomorphic paths there are."""
        rest, _ = suffixes(self._pairs, self._pair_weights, sum, _times)
        return sum(rest.values()) + self._empty_pairs + len(self.reduced.biases)

    @property
    def _empty_pairs(self) -> int:
        return sum(self._pair_weights.end(x) for x in self._pairs.ends)

    @property
    def both_ways(self) -> tuple[str, ...]:
        """Matrices that occur as W and as Wᵀ: with them the sum over paths need not be the kernel."""
        return self.reduced.both_ways

    def words(self, limit: int | None = None) -> Iterator[tuple[Word, int]]:
        """(word, how many paths have it), those with most paths first, of equal ones the shortest; at most `limit`, found lazily."""
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
            raise InputError(f"limit must be a whole number ≥ 0 or None, got {limit!r}.")
        return islice(self._words(), limit)

    def _words(self) -> Iterator[tuple[Word, int]]:
        ones = [((c,), 1) for c in self.reduced.biases]
        for word, number in best_words(self._single, self._weights, self._empty):
            while ones and number <= 1 and len(word) > 1:
                yield ones.pop(0)
            yield word, number
        yield from ones

    def number(self, word: Sequence[str]) -> int:
        """How many paths have this word."""
        return self._spelled(self._single, self._weights, tuple(word), self._empty)

    def pairs_of(self, word: Sequence[str]) -> int:
        """How many ordered pairs of isomorphic paths have this word."""
        return self._spelled(self._pairs, self._pair_weights, tuple(word), self._empty_pairs)

    def _spelled(self, layers: Layers, weights: Weights, word: Word, empty: int) -> int:
        if not word:
            return empty
        if len(word) == 1 and word[0] in self.reduced.biases:
            return 1
        rest = {x: weights.end(x) for x in layers.ends}
        numbers: dict = {}
        for k in range(len(word) - 1, -1, -1):
            numbers = {}
            for g in layers.sources:
                if layers.symbol[g] == word[k] and (n := sum(rest.get(x, 0) for x in layers.feeds[g])):
                    numbers[g] = n
            rest = {}
            for g, n in numbers.items():
                if g in layers.before:
                    x = layers.before[g]
                    rest[x] = rest.get(x, 0) + n
        return sum(numbers.values())

    def __iter__(self) -> Iterator[Path]:
        """All paths, lazily: output biases, the empty paths of the readout, then by start in program order."""
        for c in self.reduced.biases:
            yield Path((c,), (c,), "")
        for x, readouts in self.reduced.ends.items():
            for v in readouts:
                yield Path((), (x,), v)
        rest, _ = suffixes(self._single, self._weights, sum, _times)
        for g in self._single.sources:
            if g in rest:
                yield from self._onwards(g, rest)

    def _onwards(self, start: object, rest: dict) -> Iterator[Path]:
        stack: list[tuple[Word, tuple[str, ...], str]] = [self._begin(str(start))]
        while stack:
            word, vertices, g = stack.pop()
            later = []
            for x in self.reduced.feeds.get(g, ()):
                for v in self.reduced.ends.get(x, ()):
                    yield Path(word, (*vertices, x), v)
                for h in self.reduced.products.get(x, ()):
                    if h in rest:
                        later.append(((*word, self._single.symbol[h]), (*vertices, x, h), h))
            stack += reversed(later)

    def _begin(self, g: str) -> tuple[Word, tuple[str, ...], str]:
        source = self.reduced.sources[g]
        return (source.symbol,), ((source.before,) if source.before else ()) + (g,), g

    def of_word(self, word: Sequence[str]) -> Iterator[Path]:
        """The paths with this word, lazily, in program order."""
        word = tuple(word)
        if not word:
            yield from (Path((), (x,), v) for x, readouts in self.reduced.ends.items() for v in readouts)
            return
        if len(word) == 1 and word[0] in self.reduced.biases:
            yield Path(word, word, "")
            return
        viable = word_states(self._single, word)
        stack = [
            (1, self._begin(str(g))[1], str(g)) for g in reversed(self._single.sources) if g in viable[0]
        ]  # (letters read, vertices, G-var)
        while stack:
            k, vertices, g = stack.pop()
            later = []
            for x in self.reduced.feeds.get(g, ()):
                if k == len(word):
                    yield from (Path(word, (*vertices, x), v) for v in self.reduced.ends.get(x, ()))
                else:
                    later += [(k + 1, (*vertices, x, h), h) for h in self.reduced.products.get(x, ()) if h in viable[k]]
            stack += reversed(later)

    def isomorphic(self, path: Path) -> Iterator[Path]:
        """The paths that are isomorphic to this one, itself included: those with the same word and readout, lazily."""
        known = self.path(path)
        return (q for q in self.of_word(known.word) if q.readout == known.readout)

    def contributions(
        self,
        input1: Mapping[str, np.ndarray] | None = None,
        input2: Mapping[str, np.ndarray] | None = None,
        limit: int | None = None,
        parameters: Mapping[str, float] | None = None,
    ) -> Iterator[WordShare]:
        """`WordShare`s: what the pairs of each word add to the kernel on two inputs, largest first, lazily."""
        from .path_products import contributions

        return contributions(self, input1, input2, limit, parameters)

    def path(self, given: Path | Sequence[str]) -> Path:
        """The path through these vertices; `InputError` where the network has none."""
        vertices = given.vertices if isinstance(given, Path) else tuple(given)
        for found in self._candidates(vertices):
            if not isinstance(given, Path) or found == given:
                return found
        raise InputError(
            f"The network has no path {' → '.join(map(str, vertices))}.",
            hint="A path alternates X-var, G-var, X-var, …, as in tp.paths(p); list(tp.paths(p).of_word(word)) shows some.",
        )

    def _candidates(self, vertices: tuple[str, ...]) -> Iterator[Path]:
        r = self.reduced
        if len(vertices) == 1:
            if vertices[0] in r.biases:
                yield Path(vertices, vertices, "")
            yield from (Path((), vertices, v) for v in r.ends.get(vertices[0], ()))
            return
        start = vertices[len(vertices) % 2] if vertices else ""
        if start not in r.sources or self._begin(start)[1] != vertices[: 1 + len(vertices) % 2]:
            return
        word: list[str] = []
        inner = vertices[len(vertices) % 2 :]
        for k in range(0, len(inner), 2):
            g, x = inner[k], inner[k + 1]
            follows = k == 0 or (g in r.sources and r.sources[g].product and r.sources[g].before == inner[k - 1])
            if g not in r.sources or not follows or x not in r.feeds.get(g, ()):
                return
            word.append(r.sources[g].symbol)
        yield from (Path(tuple(word), vertices, v) for v in r.ends.get(vertices[-1], ()))


def _times(a: int, b: int) -> int:
    return a * b
