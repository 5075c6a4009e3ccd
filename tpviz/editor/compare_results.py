"""What the comparison shows, computed from two programs: pure functions of a request, no user interface."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..drawing.histogram import DistributionResult
from ..language import InputError, Program, TpvizError
from ..language.instructions import Function, Nonlin
from ..language.labels import function_label, label
from ..language.typeset import expression_tex
from ..limit import Limit, Row, Step
from ..limit.comparison import matched, rows
from ..network import kernels
from .batches import Batch, BatchSpec, make_batch
from .results import Computer, Request, Results, default_vectors

__all__ = ["KINDS", "VIEWS", "CompareComputer", "CompareRequest", "CompareResult", "Gram"]

VIEWS = ("changes", "kernel", "distribution")
KINDS = ("vectors", "nngp", "ntk")
_SECONDS = 3.0  # how long the rows may take
_PAIRED = 60  # vectors up to which pairs are compared
Pair = tuple[Program, Program]


@dataclass(frozen=True)
class CompareRequest:
    """Two programs, A and B; the vector and the vectors of the kernel by their names in A, None for those that tell most."""

    programs: Pair
    view: str
    kind: str
    vector: str | None
    chosen: tuple[str, ...] | None
    most: int  # vectors of the kernel where they are not chosen
    mode: str
    width: int
    seed: int
    batch: BatchSpec


@dataclass(frozen=True)
class Gram:
    """One kernel of both versions: what stands at its rows, the matrices of A and of B with bounds of their errors."""

    labels: tuple[str, ...]
    values: tuple[np.ndarray, np.ndarray]
    errors: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class CompareResult:
    """What is found so far. `problems` says why a version has no numbers at all; `rows` are those of `tp.compare`."""

    request: CompareRequest
    twins: dict[str, str]
    rows: tuple[Row, ...] = ()
    whole: bool = False  # every row was compared
    paired: bool = True  # pairs of vectors, too
    problems: tuple[TpvizError | None, TpvizError | None] = (None, None)
    vector: str | None = None
    steps: tuple[tuple[Step, ...], tuple[Step, ...]] = ((), ())
    distributions: tuple[DistributionResult | None, DistributionResult | None] = (None, None)
    unseen: tuple[TpvizError | None, TpvizError | None] = (None, None)  # why a distribution is not there
    gram: Gram | None = None
    network: tuple[tuple[Batch, np.ndarray, np.ndarray], tuple[Batch, np.ndarray, np.ndarray]] | None = None
    network_problem: TpvizError | None = None

    @property
    def only(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names that are in one version only."""
        p, q = self.request.programs
        mine = tuple(n for n in (*p.vectors, *p.scalars) if n not in self.twins)
        return mine, tuple(n for n in (*q.vectors, *q.scalars) if n not in self.twins.values())


class CompareComputer:
    """Keeps the limits and runs of both versions, so that a slider neither plans nor draws again."""

    def __init__(self) -> None:
        self._sides = (Computer(), Computer())
        self._rows: tuple[Pair, tuple[Row, ...], bool] | None = None
        self._network: tuple[tuple[Pair, BatchSpec], object] | None = None

    def run(self, request: CompareRequest, cancelled: Callable[[], bool]) -> Iterator[CompareResult]:
        """The rows first, then formulas, then what the open view shows, then the kernels of networks."""
        p, q = request.programs
        twins = matched(p, q)
        result = CompareResult(request, twins, paired=len(twins) <= _PAIRED)
        problems: list[TpvizError | None] = []
        limits: list[Limit] = []
        for side, program in zip(self._sides, request.programs, strict=True):
            try:
                limits.append(side.limit_of(program))
                problems.append(None)
            except TpvizError as error:
                problems.append(error)
        result = replace(result, problems=tuple(problems))  # type: ignore[arg-type]
        if any(problems):
            yield result
            return
        found, whole = self._rows_of(request.programs, limits, result.twins, cancelled)
        result = replace(result, rows=found, whole=whole)
        result = replace(result, vector=_vector(result))
        if result.vector is not None:
            names = (result.vector, result.twins[result.vector])
            result = replace(result, steps=tuple(_steps(lim, n) for lim, n in zip(limits, names, strict=True)))  # type: ignore[arg-type]
        if cancelled():
            return
        if request.view == "changes":
            yield result
        else:
            result = self._plotted(result, cancelled)
            yield result
        if p.outputs and q.outputs and not cancelled():
            yield self._with_network(result)

    def _rows_of(
        self, programs: Pair, limits: list[Limit], twins: dict[str, str], cancelled
    ) -> tuple[tuple[Row, ...], bool]:
        if self._rows is None or self._rows[0] != programs or not self._rows[2]:
            start = time.perf_counter()
            stopped = False

            def stop() -> bool:
                nonlocal stopped
                stopped = stopped or cancelled() or time.perf_counter() - start > _SECONDS
                return stopped

            found = tuple(rows(limits[0], limits[1], twins, len(twins) <= _PAIRED, stop))
            self._rows = (programs, found, not stopped)
        return self._rows[1:]

    def _plotted(self, result: CompareResult, cancelled: Callable[[], bool]) -> CompareResult:
        """With kernels or densities, and what is found at finite width."""
        request = result.request
        names = _chosen(result) if request.view == "kernel" and request.kind == "vectors" else ()
        vector = result.vector if request.view == "distribution" else None
        if not names and vector is None:
            return result
        parts: list[Results] = []
        for side, program, to in zip(self._sides, request.programs, ({n: n for n in result.twins}, result.twins), strict=True):  # fmt: skip
            asked = Request(program, tuple(to[n] for n in names), request.mode, to[vector] if vector else None, request.width, request.seed)  # fmt: skip
            part = next(iter(side.run(asked, cancelled)))
            assert isinstance(part, Results)
            parts.append(part)
        a, b = parts
        result = replace(result, distributions=(a.distribution, b.distribution), unseen=(_reason(a), _reason(b)))
        if a.kernel is None or b.kernel is None:
            return result
        back = {other: name for name, other in result.twins.items()}
        shared = [n for n in a.kernel.names if result.twins[n] in b.kernel.names]
        i = [a.kernel.names.index(n) for n in shared]
        j = [b.kernel.names.index(result.twins[n]) for n in shared]
        assert all(back[b.kernel.names[k]] in shared for k in j)
        square, other = np.ix_(i, i), np.ix_(j, j)
        gram = Gram(tuple(shared), (a.kernel.limit[square], b.kernel.limit[other]), (a.kernel.errors[square], b.kernel.errors[other]))  # fmt: skip
        return replace(result, gram=gram)

    def _with_network(self, result: CompareResult) -> CompareResult:
        request = result.request
        key = (request.programs, request.batch)
        if self._network is None or self._network[0] != key:
            try:
                found = []
                for program in request.programs:
                    batch = make_batch(program, request.batch)
                    found.append((batch, *kernels(program, batch.inputs)))
                if len(found[0][0]) != len(found[1][0]):
                    raise InputError("The two networks have batches of different sizes.", hint="Choose a batch that fits both.")  # fmt: skip
                self._network = (key, tuple(found))
            except TpvizError as error:
                self._network = (key, error)
        value = self._network[1]
        if isinstance(value, TpvizError):
            return replace(result, network_problem=value)
        return replace(result, network=value)  # type: ignore[arg-type]


def _reason(part: Results) -> TpvizError | None:
    return part.error or next(iter(part.failed.values()), None)


def _steps(lim: Limit, name: str) -> tuple[Step, ...]:
    """The formula of Z, and of the declared function that it calls."""
    try:
        steps = [s for s in lim.derivation(name) if s.name == name]
    except TpvizError:
        return ()
    i = lim.program[name]
    declared = lim.program.definitions.get(i.expression.call or "") if isinstance(i, Nonlin) else None
    if isinstance(declared, Function):
        head = f"{function_label(declared.name)}({', '.join(map(label, declared.parameters))})"
        steps.append(Step("Function", head, "= " + expression_tex(declared.body), name))
    return tuple(steps)


def _vector(result: CompareResult) -> str | None:
    """The vector that is looked at: the chosen one, else the first that changes or whose pairs do, else the last."""
    program = result.request.programs[0]
    if result.request.vector in result.twins and result.request.vector in program.vectors:
        return result.request.vector
    changed = next((r.name for r in result.rows if r.kind == "vector" and r.changes), None)
    paired = next((r.partner or r.name for r in result.rows if r.kind == "pair" and r.changes), None)
    changed = changed or (paired if paired in program.vectors else None)
    return changed or next((v for v in reversed(program.vectors) if v in result.twins), None)


def _chosen(result: CompareResult) -> tuple[str, ...]:
    """The vectors of the kernel: the chosen ones, else those in whose pairs something changes, filled up with the last ones."""
    p, q = result.request.programs
    shared = [v for v in p.vectors if v in result.twins]
    if result.request.chosen is not None:
        wanted = [v for v in shared if v in result.request.chosen]
    else:
        changed = [r for r in result.rows if r.kind != "scalar" and r.changes]
        changed.sort(key=lambda r: -abs(r.difference or 0.0))
        order = dict.fromkeys(n for r in changed for n in (r.name, r.partner) if n)
        first = next(iter(order), None)
        others = [*order, *(v for v in reversed(default_vectors(p)) if v in result.twins), *reversed(shared)]
        widths = {p.width_class(first)} if first else {p.width_class(v) for v in others[:1]}
        kept = [v for v in dict.fromkeys(others) if p.width_class(v) in widths][: result.request.most]
        wanted = [v for v in shared if v in kept]
    width = {q.width_class(result.twins[v]) for v in wanted[-1:]}
    mine = {p.width_class(v) for v in wanted[-1:]}
    return tuple(v for v in wanted if p.width_class(v) in mine and q.width_class(result.twins[v]) in width)
