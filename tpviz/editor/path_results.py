"""The paths of a network, their words and isomorphic pairs, computed step by step for the path pane: a pure function of a request, with
what can be kept from one step to the next."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, islice, pairwise

import numpy as np

from ..language import Program, TpvizError
from ..language.instructions import Bias, Embed, MatMul, Output, Vectors
from ..network import (
    Factor,
    GiaReport,
    Path,
    PathProducts,
    Paths,
    WordShare,
    empirical_path_product,
    gia_check,
    ntk,
    ntk_by_paths,
)
from .batches import BatchSpec, Inputs, make_batch, turned

__all__ = ["WIDTHS", "PathPair", "PathWalk", "PathWalker", "PathsResult"]

ROWS = 8  # of the table of words
SEARCHED = 2000  # words, and paths of a word, that are looked through; more are counted only
MATRIX = 5  # largest side of the matrix of all pairs
QUICK = 0.25  # seconds; a matrix that takes longer comes after the rest of the pane
WIDTHS = (64, 256, 1024, 4096)
SEEDS = 16
Word = tuple[str, ...]


@dataclass(frozen=True)
class PathWalk:
    """Where the user stands: the word of p by its `rank` in the order of contributions or, where it is given, by itself; the word of q
    where it is another one; which pair (None: the first of two different paths). `route` is a path picked on the drawing."""

    word: Word | None = None
    rank: int | None = None
    partner: Word | None = None
    pair: int | None = None
    route: tuple[str, ...] = ()


@dataclass(frozen=True)
class PathPair:
    """p and q, ⟨p, q⟩ with its factors; number `index` of `count`. Where the words differ ⟨p, q⟩ is 0 and `finite` holds rows
    (n, root mean square of ⟨J^p, J^q⟩ over seeds)."""

    p: Path
    q: Path
    value: float
    factors: tuple[Factor, ...]
    index: int
    count: int  # of the pairs that are stepped through
    finite: tuple[tuple[int, float], ...] = ()

    @property
    def isomorphic(self) -> bool:
        return self.p.word == self.q.word


@dataclass(frozen=True)
class PairMatrix:
    """⟨p, q⟩ of all paths of one word; `index` says which pair a cell is, None where the readouts differ."""

    paths: tuple[Path, ...]
    values: np.ndarray
    index: tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True)
class PathsResult:
    """What the pane shows. `rows` are the words from place `first` on in the order of their contributions; `sum` is the kernel by its
    paths, `kernel` the kernel itself."""

    program: Program
    kernel: float
    sum: float
    report: GiaReport
    dots: Mapping[str, Mapping[str, float]]  # products of the backward pass with Ż ≠ 0
    paths: int
    pairs: int
    words: int
    words_counted: bool
    rows: tuple[WordShare, ...]
    first: int
    rank: int
    angle: float  # by which the second input is turned, in degrees
    pair: PathPair | None
    alike: tuple[Path, ...] = ()  # the paths of the word, where they are few enough for a matrix
    matrix: PairMatrix | None = None
    partners: tuple[Word, ...] = ()
    missed: tuple[str, ...] = ()  # a picked route that is no path of the network
    error: TpvizError | None = None


class PathWalker:
    """Keeps the words and numbers of one program and pair of inputs, so that a step costs one pair."""

    def __init__(self) -> None:
        self._key: tuple[Program, BatchSpec] | None = None

    def run(
        self, program: Program, batch: BatchSpec, walk: PathWalk, seed: int, cancelled: Callable[[], bool]
    ) -> Iterator[PathsResult]:
        """The pane's contents, then the same with what takes longer."""
        if self._key != (program, batch):
            self._key = None
            self._open(program, batch)
            self._key = (program, batch)
        result = self._result(program, walk)
        if result.pair is not None and self._cost * len(result.alike) ** 2 < QUICK:
            result = self._with_matrix(result, cancelled)
        yield result
        if result.matrix is None and result.alike:
            result = self._with_matrix(result, cancelled)
            yield result
        pair = result.pair
        if pair is None or pair.isomorphic or _start(pair.p.word) != _start(pair.q.word):
            return
        rows: list[tuple[int, float]] = []
        for n in WIDTHS:
            found = []
            for k in range(SEEDS):
                if cancelled():
                    return
                found.append(empirical_path_product(program, pair.p, pair.q, self._input1, self._input2, n, seed + k))
            rows.append((n, float(np.sqrt(np.mean(np.square(found))))))
            yield replace(result, pair=replace(pair, finite=tuple(rows)))

    def _open(self, program: Program, batch: BatchSpec) -> None:
        first = make_batch(program, batch).row(0)
        self._angle = batch.angle
        if any(x.size < 2 for x in first.values()):  # one number has two directions only
            self._angle = 0.0 if batch.angle < 90 else 180.0
        second = turned(first, np.array([self._angle]))
        self._input1: Inputs = first
        self._input2: Inputs = {name: x[0] for name, x in second.items()}
        X, Y = ({name: x[None] for name, x in i.items()} for i in (self._input1, self._input2))
        self._kernel = float(ntk(program, X, Y)[0, 0])
        self._sum = float(ntk_by_paths(program, X, Y)[0, 0])
        self._report = gia_check(program)
        self._dots = self._report.nonzero
        self._products = PathProducts(program, self._input1, self._input2)
        self._paths: Paths = self._products.paths
        self._shares: list[WordShare] = []
        self._more: Iterator[WordShare] = self._products.contributions()
        self._words = sum(1 for _ in islice(self._paths.words(), SEARCHED + 1))
        self._values: dict[tuple[Path, Path], float] = {}
        self._cost = 0.0  # seconds that one product took

    def _share(self, rank: int) -> WordShare | None:
        """The word at this place in the order of contributions."""
        if rank >= len(self._shares):
            self._shares.extend(islice(self._more, rank + 1 - len(self._shares)))
        return self._shares[rank] if rank < len(self._shares) else None

    def _rank(self, walk: PathWalk) -> int:
        """The place of the wanted word; without a wish, of the first word that crosses a matrix."""
        if walk.word is not None:
            for rank in range(SEARCHED):
                share = self._share(rank)
                if share is None:
                    break
                if share.word == walk.word:
                    return rank
        elif walk.rank is not None:
            rank = min(max(0, walk.rank), SEARCHED)
            while rank and self._share(rank) is None:
                rank = len(self._shares) - 1
            return rank
        found = (k for k in range(ROWS) if (s := self._share(k)) is not None and len(s.word) > 1)
        return next(found, 0)

    def _result(self, program: Program, walk: PathWalk) -> PathsResult:
        missed: tuple[str, ...] = ()
        wanted: Path | None = None
        if walk.route:
            wanted = find_path(program, self._paths, walk.route)
            if wanted is None:
                missed = walk.route
            else:
                walk = PathWalk(word=wanted.word)
        rank = self._rank(walk)
        share = self._share(rank)
        first = max(0, min(rank - ROWS + 2, self._words - ROWS)) if rank >= ROWS - 1 else 0
        self._share(first + ROWS)
        base = PathsResult(
            program=program,
            kernel=self._kernel,
            sum=self._sum,
            report=self._report,
            dots=self._dots,
            paths=self._paths.count,
            pairs=self._paths.pairs,
            words=min(self._words, SEARCHED),
            words_counted=self._words <= SEARCHED,
            rows=tuple(self._shares[first : first + ROWS]),
            first=first,
            rank=rank,
            pair=None,
            missed=missed,
            angle=self._angle,
        )
        if share is None:
            return base
        others = [s.word for s in self._shares[:24] if _start(s.word) == _start(share.word)]
        partner = (
            walk.partner if walk.partner is not None and _start(walk.partner) == _start(share.word) else share.word
        )
        ps = list(islice(self._paths.of_word(share.word), SEARCHED))
        qs = ps if partner == share.word else list(islice(self._paths.of_word(partner), SEARCHED))
        pairs = _Pairs(ps, qs)
        if not pairs.count:
            return base
        pair = self._pair(pairs, walk.pair, wanted)
        alike = tuple(ps) if pair.isomorphic and 1 < len(ps) <= MATRIX else ()
        return replace(base, pair=pair, alike=alike, partners=tuple(others) if share.word else ())

    def _with_matrix(self, result: PathsResult, cancelled: Callable[[], bool]) -> PathsResult:
        ps = result.alike
        values = np.zeros((len(ps), len(ps)))
        for i, p in enumerate(ps):
            for j, q in enumerate(ps):
                if cancelled():
                    return result
                values[i, j] = self._product(p, q)
        pairs = _Pairs(ps, ps)
        place = {pairs[k]: k for k in range(pairs.count)}
        index = tuple(tuple(place.get((p, q)) for q in ps) for p in ps)
        return replace(result, matrix=PairMatrix(ps, values, index) if ps else None)

    def _pair(self, pairs: _Pairs, index: int | None, wanted: Path | None) -> PathPair:
        if wanted is not None and wanted in pairs.ps:
            index = pairs.first_of(pairs.ps.index(wanted))
        elif index is None:
            index = next((k for k in range(min(pairs.count, 2)) if len(set(pairs[k])) == 2), 0)
        index %= pairs.count
        p, q = pairs[index]
        if p.word != q.word:
            return PathPair(p, q, 0.0, (), index, pairs.count)
        start = time.perf_counter()
        factors = self._products.factors(p, q)
        self._cost = time.perf_counter() - start
        self._values[p, q] = math.prod(f.value for f in factors)
        return PathPair(p, q, self._values[p, q], factors, index, pairs.count)

    def _product(self, p: Path, q: Path) -> float:
        if (p, q) not in self._values:
            self._values[p, q] = self._products.product(p, q)
        return self._values[p, q]


def _start(word: Word) -> str:
    """The parameter that the paths of a word start with."""
    return word[0].removesuffix(".T") if word else ""


class _Pairs:
    """The pairs of paths p and q in order, not listed: of one word those with one readout, of two words all."""

    def __init__(self, ps: Sequence[Path], qs: Sequence[Path]):
        self.ps = ps
        alike = not ps or not qs or ps[0].word == qs[0].word
        self._qs: dict[str, list[Path]] = {}
        for q in qs:
            self._qs.setdefault(q.readout if alike else "", []).append(q)
        self._partners = [self._qs.get(p.readout if alike else "", []) for p in ps]
        self._ends = list(accumulate(map(len, self._partners)))
        self.count = self._ends[-1] if ps else 0

    def __getitem__(self, index: int) -> tuple[Path, Path]:
        row = bisect_right(self._ends, index)
        return self.ps[row], self._partners[row][index - (self._ends[row - 1] if row else 0)]

    def first_of(self, row: int) -> int:
        """The first pair of this p with another path, else with itself."""
        start = self._ends[row - 1] if row else 0
        return start + next((k for k, q in enumerate(self._partners[row]) if q != self.ps[row]), 0)


def find_path(program: Program, found: Paths, route: Sequence[str]) -> Path | None:
    """The path of the network that follows a route on the drawing: names of what lies on it, in order, from an input, an embedded input, a
    parameter or a vector that a matrix multiplies, to a vector that is read out."""
    names = [x for x in route if x in program.definitions and not isinstance(program[x], Output)]
    if not names:
        return None
    start, word, steps = program[names[0]], [], []
    if isinstance(start, Embed):
        names.insert(0, start.input)
    elif isinstance(start, Vectors | Bias):
        word.append(names[0])
    for a, b in pairwise(names):
        i = program[b]
        if isinstance(i, Embed) and i.input == a:
            word.append(i.embedding)
            steps.append(b)
        elif isinstance(i, MatMul) and i.vector == a:
            word.append(f"{i.matrix}.T" if i.transposed else i.matrix)
            steps.append(b)
    for path in islice(found.of_word(tuple(word)), SEARCHED):
        products = [x for x, _ in groupby(path.vertices) if isinstance(program[x], Embed | MatMul)]
        if products == steps and path.vertices[-1] == names[-1] and (steps or path.vertices[0] == names[0]):
            return path
    return None
