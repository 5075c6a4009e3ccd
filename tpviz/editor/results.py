"""What the panes show, computed from a program: pure functions of a request, no user interface."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from ..drawing.histogram import DistributionResult, distribution_of
from ..finite import Simulation, simulate
from ..gaussian import Estimate
from ..language import Diagnostic, LimitError, Program, TpvizError
from ..language.instructions import Embed, Readout, Vectors
from ..limit import Limit, Step, limit
from ..network import GiaReport, gia_check
from .batches import BatchSpec
from .network_results import NetworkComputer, NetworkRequest, NetworkResult
from .path_results import PathsResult, PathWalk, PathWalker

__all__ = [
    "Computer",
    "Details",
    "DistributionResult",
    "KernelResult",
    "NetworkPart",
    "PathsPart",
    "Request",
    "Results",
    "default_vectors",
    "number_text",
]

_DETAIL_SECONDS = 2.0  # how long the margin of the text may take


@dataclass(frozen=True)
class Request:
    """What is asked for: the program, the vectors of the kernel, the vector of the distribution, width and seed, the selected name; where
    their panes are open, paths and kernels of the network."""

    program: Program
    chosen: tuple[str, ...]
    mode: str
    vector: str | None
    width: int
    seed: int
    inspect: str | None = None
    paths: tuple[BatchSpec, PathWalk] | None = None
    network: NetworkRequest | None = None


@dataclass(frozen=True)
class KernelResult:
    names: tuple[str, ...]
    mode: str
    limit: np.ndarray
    width: np.ndarray
    errors: np.ndarray  # of the limit
    method: str


class Failures(dict[str, TpvizError]):
    """Vectors and scalars that have no finite value or no limit, with the reason."""


@dataclass(frozen=True)
class Results:
    """`error` where there is nothing to show; `failed` holds what is left out of the rest."""

    kernel: KernelResult | None
    distribution: DistributionResult | None
    simulated_in: float
    error: TpvizError | None = None
    failed: Mapping[str, TpvizError] = field(default_factory=dict)


@dataclass(frozen=True)
class Details:
    """What may come later: E Z² (or θ̊) line by line, and the steps behind the selection."""

    moments: dict[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    error: TpvizError | None = None
    warnings: tuple[Diagnostic, ...] = ()
    gia: GiaReport | None = None  # of programs with an output
    gia_warnings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True)
class PathsPart:
    """The path pane as far as it is computed, or why it is not."""

    result: PathsResult | None = None
    error: TpvizError | None = None


@dataclass(frozen=True)
class NetworkPart:
    """The kernel pane of a network as far as it is computed, or why it is not."""

    result: NetworkResult | None = None
    error: TpvizError | None = None


Part = Results | Details | PathsPart | NetworkPart


def default_vectors(program: Program, most: int = 5) -> tuple[str, ...]:
    """The last vectors of the class of the last one: computed ones, then others where there are few."""
    given = (Embed, Vectors, Readout)
    computed = [v for v in program.vectors if not isinstance(program[v], given)]
    rest = [v for v in program.vectors if isinstance(program[v], Embed | Vectors)]
    if not computed and not rest:
        return ()
    width = program.width_class((computed or rest)[-1])
    computed = [v for v in computed if program.width_class(v) == width]
    rest = [v for v in rest if program.width_class(v) == width]
    if len(computed) >= 3:
        return tuple(computed[-most:])
    wanted = {*computed, *rest[-(most - len(computed)) :]}
    return tuple(v for v in program.vectors if v in wanted)


def number_text(x: Estimate | float, digits: int = 3) -> str:
    """A number for a table: no digit beyond its error."""
    value, error = (x.value, x.error) if isinstance(x, Estimate) else (float(x), 0.0)
    if not math.isfinite(value):
        return "—"
    if abs(value) <= max(error, 1e-13):
        return "0"
    if error > 0:
        known = math.floor(math.log10(abs(value))) + math.floor(-math.log10(2 * error)) + 1
        digits = max(1, min(digits, known))
    text = f"{value:.{digits}g}"
    return text.replace("e+0", "e").replace("e-0", "e-")


class Computer:
    """Keeps the last plan and the last run, so that a slider neither plans again nor draws again what did not change."""

    def __init__(self) -> None:
        self._limit: Limit | None = None
        self._limit_program: Program | None = None
        self._run: tuple[Program, int, int, Simulation, float, Failures] | None = None
        self._gia: tuple[Program, GiaReport, tuple[Diagnostic, ...]] | None = None
        self._walker, self._network = PathWalker(), NetworkComputer()

    def run(self, request: Request, cancelled: Callable[[], bool]) -> Iterator[Part]:
        """First what the open pane shows at once, then plots and details of the program, then what takes longer."""
        shown = self._shown(request, cancelled)
        yield from islice(shown, 1)
        yield self._results(request, cancelled)
        if not cancelled():
            yield self._details(request, cancelled)
        yield from shown

    def _shown(self, request: Request, cancelled: Callable[[], bool]) -> Iterator[PathsPart | NetworkPart]:
        """Paths or kernels of the network, where their pane is open."""
        program = request.program
        if request.paths is not None:
            try:
                for walked in self._walker.run(program, *request.paths, request.seed, cancelled):
                    yield PathsPart(walked)
            except TpvizError as error:
                yield PathsPart(error=error)
        elif request.network is not None:
            try:
                for found in self._network.run(program, request.network, cancelled):
                    yield NetworkPart(found)
            except TpvizError as error:
                yield NetworkPart(error=error)

    def limit_of(self, program: Program) -> Limit:
        if self._limit is not None:
            if self._limit_program == program:
                return self._limit
            again = self._limit.for_program(program)
            if again is not None:
                self._limit, self._limit_program = again, program
                return again
        self._limit, self._limit_program = limit(program), program
        return self._limit

    def _simulation(
        self, request: Request, cancelled: Callable[[], bool], failed: Failures
    ) -> tuple[Simulation, float]:
        """A run of the program without what has no finite coordinates; that is noted in `failed`."""
        key = (request.program, request.width, request.seed)
        if self._run is None or self._run[:3] != key:
            start, program, skipped = time.perf_counter(), request.program, Failures()
            while True:
                try:
                    run = simulate(program, request.width, seed=request.seed, cancelled=cancelled)
                    break
                except LimitError as error:
                    name = next((n for d in error.diagnostics for n in d.names), None)
                    if name is None or name in skipped:
                        raise
                    skipped[name] = error
                    program = program.without(name)
            self._run = (*key, run, time.perf_counter() - start, skipped)
        failed.update(self._run[5])
        return self._run[3], self._run[4]

    def _results(self, request: Request, cancelled: Callable[[], bool]) -> Results:
        program, failed = request.program, Failures()
        try:
            run, seconds = self._simulation(request, cancelled, failed)
            lim = self.limit_of(program)
        except TpvizError as error:
            return Results(None, None, 0.0, error)

        def works(name: str | None) -> bool:
            if name is None or name not in run.program.vectors:
                return False
            try:
                lim.second_moment(name)
            except TpvizError as error:
                failed.setdefault(name, error)
                return False
            return True

        chosen = [v for v in request.chosen if works(v)]
        kernel, distribution, problem = None, None, None
        try:
            kernel = self._kernel(lim, run, chosen, request.mode)
            if works(request.vector):
                assert request.vector is not None
                distribution = distribution_of(lim, run, request.vector)
        except TpvizError as error:
            problem = error
        if kernel is None and distribution is None and problem is None and failed:
            problem = next(iter(failed.values()))
        return Results(kernel, distribution, seconds, problem, failed)

    def _kernel(self, lim: Limit, run: Simulation, chosen: list[str], mode: str) -> KernelResult | None:
        if not chosen:
            return None
        if len({lim.program.width_class(v) for v in chosen}) > 1:
            chosen = [v for v in chosen if lim.program.width_class(v) == lim.program.width_class(chosen[-1])]
        values = lim.gram(chosen, mode)  # all at once, before each is asked for its error
        errors = np.array([[lim.error(x, y) for y in chosen] for x in chosen])
        methods = {lim.method(x, y) for x in chosen for y in chosen}
        worst = next(m for m in ("sampled", "quadrature", "closed") if m in methods)
        return KernelResult(tuple(chosen), mode, values, run.gram(chosen, mode), errors, worst)

    def _details(self, request: Request, cancelled: Callable[[], bool]) -> Details:
        moments: dict[str, str] = {}
        steps: tuple[Step, ...] = ()
        try:
            lim = self.limit_of(request.program)
            if request.inspect is not None and request.inspect in (*request.program.vectors, *request.program.scalars):
                steps = tuple(lim.derivation(request.inspect))
        except TpvizError as error:
            return Details(moments, steps, error)
        warnings, (gia, told) = lim.warnings, self._checked(request.program)
        start = time.perf_counter()
        for name in (*request.program.vectors, *request.program.scalars):
            if cancelled() or time.perf_counter() - start > _DETAIL_SECONDS:
                break
            try:
                estimate = lim._second(name) if name in request.program.vectors else lim._scalar(name)
                moments[name] = number_text(estimate)
            except TpvizError:
                moments[name] = "—"
        return Details(moments, steps, warnings=warnings, gia=gia, gia_warnings=told)

    def _checked(self, program: Program) -> tuple[GiaReport | None, tuple[Diagnostic, ...]]:
        """The report with its warnings: their numbers are computed here, not when they are shown."""
        if not program.outputs:
            return None, ()
        if self._gia is None or self._gia[0] != program:
            report = gia_check(program)
            self._gia = (program, report, report.warnings)
        return self._gia[1:]
