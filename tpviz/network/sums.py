"""Sums over paths by dynamic programming, in any semiring: counts as Python integers, kernels as numbers of a plan, words by best-first search.

A sum over pairs of paths with equal words runs over pairs of G-vars with one symbol: B[g, g'] adds up all pairs of rests of paths from
g and g', A[x, x'] those from the X-vars x and x'. With single G-vars in place of pairs the same recursion counts paths.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count as counter
from typing import Any

from .reduced import Reduced

__all__ = ["Layers", "Weights", "Word", "best_words", "paired", "single", "suffixes"]

Word = tuple[str, ...]
Node = Any  # a name, or a pair of names


@dataclass(frozen=True)
class Weights:
    """What the parts of a path (of a pair of paths) weigh: its start, the step from a G-var to an X-var, a product, its end."""

    start: Callable[[Node], Any]
    step: Callable[[Node, Node], Any]
    product: Callable[[Node], Any]
    end: Callable[[Node], Any]


@dataclass(frozen=True)
class Layers:
    """A graph to sum over: G-nodes in program order with their symbols, the X-nodes they feed, the X-node each product is made of (None
    for what starts only), and the X-nodes that are read out."""

    sources: tuple[Node, ...]
    symbol: dict[Node, str]
    feeds: dict[Node, tuple[Node, ...]]
    before: dict[Node, Node]
    products: dict[Node, tuple[Node, ...]]
    ends: tuple[Node, ...]


def single(r: Reduced) -> Layers:
    """Paths one by one."""
    names = tuple(sorted(r.sources, key=r.order.__getitem__))
    return Layers(
        names,
        {g: r.sources[g].symbol for g in names},
        {g: tuple(r.feeds.get(g, ())) for g in names},
        {g: s.before for g, s in r.sources.items() if s.product},
        {x: tuple(gs) for x, gs in r.products.items()},
        tuple(r.ends),
    )


def paired(r: Reduced) -> Layers:
    """Pairs of paths with equal words; pairs of X-nodes that lead nowhere are left out."""
    one = single(r)
    by_symbol: dict[str, list] = defaultdict(list)
    for g in one.sources:
        by_symbol[one.symbol[g]].append(g)
    sources = [(g, h) for group in by_symbol.values() for g in group for h in group]
    sources.sort(key=lambda pair: r.order[pair[0]] + r.order[pair[1]])
    ends = tuple((x, y) for x in r.ends for y in r.ends if set(r.ends[x]) & set(r.ends[y]))
    products: dict[Node, list[Node]] = defaultdict(list)
    before: dict[Node, Node] = {}
    for g, h in sources:
        if g in one.before:
            before[g, h] = (one.before[g], one.before[h])
            products[one.before[g], one.before[h]].append((g, h))
    live = {*ends, *products}
    feeds = {(g, h): tuple((x, y) for x in one.feeds[g] for y in one.feeds[h] if (x, y) in live) for g, h in sources}
    symbol = {pair: one.symbol[pair[0]] for pair in sources}
    return Layers(tuple(sources), symbol, feeds, before, {x: tuple(p) for x, p in products.items()}, ends)


def suffixes(
    layers: Layers, weights: Weights, add: Callable[[list], Any], multiply: Callable[..., Any]
) -> tuple[dict[Node, Any], dict[Node, Any]]:
    """(B over G-nodes, A over X-nodes); nodes from which no path leads to the end have no entry."""
    B: dict[Node, Any] = {}
    A: dict[Node, Any] = {}
    ends = set(layers.ends)

    def rest(x: Node) -> Any:
        if x not in A:
            parts = [weights.end(x)] if x in ends else []
            parts += [multiply(weights.product(g), B[g]) for g in layers.products.get(x, ()) if g in B]
            A[x] = add(parts) if parts else None
        return A[x]

    for g in reversed(layers.sources):
        parts = [multiply(weights.step(g, x), a) for x in layers.feeds[g] if (a := rest(x)) is not None]
        if parts:
            B[g] = add(parts)
    for x in layers.ends:
        rest(x)
    return B, {x: a for x, a in A.items() if a is not None}


@dataclass(frozen=True)
class _State:
    """The rests of paths that spell one word, from each G-node."""

    word: Word
    weight: dict[Node, Any]


def best_words(layers: Layers, weights: Weights, empty: Any) -> Iterator[tuple[Word, Any]]:
    """(word, weight) by falling |weight|, lazily: best-first search from the end with the largest weight that any beginning can give.

    `empty` is the weight of the empty word. The weights are numbers; of equal ones the shortest word comes first.
    """
    most = _largest_beginnings(layers, weights)
    tie = counter()
    heap: list = []

    def bound(weight: dict[Node, Any]) -> Any:
        return sum(abs(w) * most[g] for g, w in weight.items())

    def push(word: Word, weight: dict[Node, Any] | None, value: Any, size: Any) -> None:
        heapq.heappush(heap, (-size, weight is not None, len(word), next(tie), word, weight, value))

    def grow(word: Word, ends: dict[Node, Any]) -> None:
        by_symbol: dict[str, dict[Node, Any]] = defaultdict(dict)
        for x, w in ends.items():
            for g in readers.get(x, ()):
                group = by_symbol[layers.symbol[g]]
                group[g] = group.get(g, 0) + weights.step(g, x) * w
        for symbol, group in by_symbol.items():
            push((symbol, *word), group, None, bound(group))

    readers: dict[Node, list[Node]] = defaultdict(list)
    for g in layers.sources:
        for x in layers.feeds[g]:
            readers[x].append(g)
    if layers.ends:
        push((), None, empty, abs(empty))
        grow((), {x: weights.end(x) for x in layers.ends})
    while heap:
        _, _, _, _, word, weight, value = heapq.heappop(heap)
        if weight is None:
            yield word, value
            continue
        total = sum(weights.start(g) * w for g, w in weight.items())
        push(word, None, total, abs(total))
        ends: dict[Node, Any] = {}
        for g, w in weight.items():
            if g in layers.before:
                x = layers.before[g]
                ends[x] = ends.get(x, 0) + weights.product(g) * w
        grow(word, ends)


def _largest_beginnings(layers: Layers, weights: Weights) -> dict[Node, Any]:
    """For each G-node a bound of the weight of all beginnings with one word that lead to it, its own start included."""
    readers: dict[Node, list[Node]] = defaultdict(list)
    for g in layers.sources:
        for x in layers.feeds[g]:
            readers[x].append(g)
    most: dict[Node, Any] = {}
    for g in layers.sources:
        best = abs(weights.start(g))
        if g in layers.before:
            x = layers.before[g]
            by_symbol: dict[str, Any] = defaultdict(int)
            for h in readers.get(x, ()):
                by_symbol[layers.symbol[h]] += abs(weights.step(h, x)) * most[h]
            best = max(best, abs(weights.product(g)) * max(by_symbol.values(), default=0))
        most[g] = best
    return most


def word_states(layers: Layers, word: Iterable[str]) -> list[set[Node]]:
    """For each place of the word the G-nodes from which the rest of the word can be completed."""
    word = tuple(word)
    viable: list[set[Node]] = [set() for _ in word]
    targets: set[Node] = set(layers.ends)
    for k in range(len(word) - 1, -1, -1):
        viable[k] = {
            g for g in layers.sources if layers.symbol[g] == word[k] and any(x in targets for x in layers.feeds[g])
        }
        targets = {layers.before[g] for g in viable[k] if g in layers.before}
    return viable
