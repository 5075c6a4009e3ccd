"""What each step of a lecture says in numbers: its formula, its value, what was found at finite width, its plot.

Everything is computed before it is shown: `find_numbers` gives what is known so far, again and again, the limits first,
then a run at one width, then many runs.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from tpviz.finite import Simulation, simulate
from tpviz.finite.simulation import memory_needed
from tpviz.gaussian import Estimate
from tpviz.language import LimitError, Program, TpvizError
from tpviz.language.instructions import Moment, Output, Scalar
from tpviz.language.labels import label
from tpviz.limit import Limit, limit
from tpviz.limit.derivation import number_tex, symbols
from tpviz.network import nngp, ntk

from ..histogram import DistributionResult, distribution_of
from .model import Lecture
from .plot import Part, Plot, kernel_plot, law_plot, width_plot

__all__ = ["Found", "all_numbers", "find_numbers", "value_text"]

WIDTHS = tuple(2 + k / 2 for k in range(9))  # log₁₀ n
SEEDS = 5
RUN = 5.0  # log₁₀ n of the run that histograms and notes are about
MEMORY = 400 * 2**20  # of one run
SECONDS = 1.5  # a run that takes longer is the last of its kind
SO_FAR = 8  # vectors of a kernel
NETWORKS, NETWORK_WIDTH = 400, 256
_EACH = 0.15  # seconds between two reports


@dataclass(frozen=True)
class Found:
    """`formula` is a line of TeX (it may be ""); `before` and `value` are the line with the number; `note` what else was
    found. `kernel` is the kernel of the vectors so far."""

    formula: str = ""
    before: str = ""
    value: str = ""
    note: tuple[Part, ...] = ()
    plot: Plot | None = None
    kernel: Plot | None = None
    problem: str = ""
    number: float | None = field(default=None, compare=False)


def value_text(x: Estimate | float) -> str:
    """A number with four digits, or with those that its error leaves; 0.5 rather than 0.5000 where it is exact."""
    value, error = (float(x.value), float(x.error)) if isinstance(x, Estimate) else (float(x), 0.0)
    if abs(value) <= max(error, 1e-14):
        return "0"
    if abs(value - float(f"{value:.3g}")) <= 1e-12 * abs(value) and 1e-3 <= abs(value) < 1e5:
        return f"{value:.10g}".replace("-", "−")
    if not 1e-3 <= abs(value) < 1e5:
        return f"{value:.3e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace("-", "−")
    digits = max(0, 3 - int(np.floor(np.log10(abs(value)))))
    if abs(value) < 1:
        digits = min(digits, 4)
    while digits > 1 and error > 0.5 * 10.0**-digits:
        digits -= 1
    return f"{value:.{digits}f}".replace("-", "−")


def find_numbers(
    lecture: Lecture, program: Program, cancelled: Callable[[], bool] = lambda: False, patient: bool = False
) -> Iterator[dict[str, Found]]:
    """The numbers of every step by its id, as far as they are known. `program` has values for all inputs. Runs that take
    long are not repeated, unless `patient`: then the same program gives the same plots on every machine."""
    work = _Work(lecture, program, cancelled, patient)
    for part in (work.limits, work.one_run, work.kernels, work.many_runs, work.networks):
        last = time.perf_counter()
        for _ in part():
            if cancelled():
                return
            if time.perf_counter() - last > _EACH:
                yield dict(work.found)
                last = time.perf_counter()
        yield dict(work.found)


def all_numbers(
    lecture: Lecture, program: Program, cancelled: Callable[[], bool] = lambda: False, patient: bool = True
) -> dict[str, Found]:
    """The numbers of every step, once all are there."""
    *_, last = ({}, *find_numbers(lecture, program, cancelled, patient))
    return last


class _Work:
    def __init__(self, lecture: Lecture, program: Program, cancelled: Callable[[], bool], patient: bool = False):
        self.lecture, self.program, self.cancelled = lecture, program, cancelled
        self.seconds = math.inf if patient else SECONDS
        self.found: dict[str, Found] = {}
        self.limit: Limit | None = None
        self.run: Simulation | None = None
        self.steps = [s for s in lecture.steps if not s.own and any(n in program.definitions for n in s.names)]
        self.broken: set[str] = set()  # without a limit, or not finite at some width

    def _add(self, id: str, **fields) -> None:
        self.found[id] = replace(self.found.get(id, Found()), **fields)

    def _last(self, names: tuple[str, ...]) -> str:
        return [n for n in names if n in self.program.definitions][-1]

    # the limit

    def limits(self) -> Iterator[None]:
        try:
            self.limit = limit(self.program)
        except TpvizError as error:
            for s in self.steps:
                self._add(s.id, problem=error.diagnostics[0].message)
            return
        for s in self.steps:
            try:
                self._limit_of(s.id, s.names)
            except TpvizError as error:
                self.broken.update(s.names)
                self._add(s.id, problem=error.diagnostics[0].message)
            yield

    def _limit_of(self, id: str, names: tuple[str, ...]) -> None:
        assert self.limit is not None
        name = self._last(names)
        i = self.program[name]
        if isinstance(i, Output):
            self._add(id, formula=self._output_law(i), before="")
            return
        if name in self.program.inputs:
            return
        if name in self.program.scalars:
            estimate = self.limit._scalar(name)
            text = number_tex(estimate)
            fraction = f" = {text}" if "frac" in text else ""
            self._add(
                id, before=f"{symbols(self.limit, name)}{fraction} =", value=value_text(estimate), number=estimate.value
            )
        else:
            present = [n for n in names if n in self.program.definitions][:3]
            lines = r",\quad ".join(symbols(self.limit, n) for n in present)
            self._add(id, formula=lines)
            estimate = self.limit._second(name)
            text = number_tex(estimate)
            fraction = f" = {text}" if "frac" in text else ""
            self._add(
                id,
                before=rf"\mathbb{{E}}\,(Z^{{{label(name)}}})^{{2}}{fraction} =",
                value=value_text(estimate),
                number=estimate.value,
            )
        if estimate.method == "sampled":
            self._add(id, note=(_words(f"sampled, standard error {estimate.error:.1g}"),))

    def _output_law(self, i: Output) -> str:
        """f → N(0, Σ), with Σ as E of a square where one readout reads vectors without coefficients."""
        f = label(i.name)
        law = rf"{f}\ \to\ \mathcal{{N}}(0,\,\Sigma)"
        vectors = [t for t in i.terms if t.vector is not None]
        if len({t.readout for t in vectors}) != 1 or len(vectors) != len(i.terms):
            return law
        if any(t.coefficient.text != "1" for t in vectors):
            return law
        total = "+".join(rf"Z^{{{label(t.vector or '')}}}" for t in vectors)
        inside = f"({total})"
        return rf"{law},\quad \Sigma=\sigma_{{{label(vectors[0].readout)}}}^{{2}}\,\mathbb{{E}}{inside}^{{2}}"

    # one run: the note and the histogram

    def one_run(self) -> Iterator[None]:
        self.run = self._simulate(RUN, 0) or self._simulate(4.0, 0) or self._simulate(3.0, 0)
        yield
        if self.run is None or self.limit is None:
            return
        power = f"10^{{{round(np.log10(self.run.width))}}}"
        for s in self.steps:
            name = self._last(s.names)
            if name in self.broken or s.id not in self.found or self.found[s.id].problem:
                continue
            try:
                self._found_at_width(s.id, name, power)
            except TpvizError as error:
                self._add(s.id, note=(_words(error.diagnostics[0].message),))
            yield

    def _found_at_width(self, id: str, name: str, power: str) -> None:
        assert self.run is not None
        assert self.limit is not None
        before = self.found[id].note
        if name in self.run.program.scalars and isinstance(self.program[name], Moment | Scalar):
            value = self.run.scalar(name)
        elif name in self.run.program.vectors:
            value = self.run.second_moment(name)
            title: list[Part] = [
                {"text": "coordinates of "},
                {"tex": label(name)},
                {"text": ", "},
                {"tex": f"n={power}"},
            ]
            self._add(id, plot=law_plot(distribution_of(self.limit, self.run, name), title))
        else:
            return
        sep = (_words("; "),) if before else ()
        found: Part = _words(f"{value_text(round(value, 12))} at ")
        self._add(id, note=(found, {"tex": f"n={power}"}, *sep, *before))

    def _simulate(self, power: float, seed: int) -> Simulation | None:
        """A run without what has no finite value; None where it does not fit."""
        width = round(10**power)
        program = self.program
        for _ in range(len(program) + 1):
            try:
                if memory_needed(program, width) > MEMORY:
                    return None
                return simulate(program, width, seed=seed, cancelled=self.cancelled)
            except LimitError as error:
                name = next((n for d in error.diagnostics for n in d.names), None)
                if name is None or name not in program.definitions:
                    return None
                program = program.without(name)
                self.broken.add(name)
            except TpvizError:
                return None
        return None

    # the kernel of the vectors so far

    def kernels(self) -> Iterator[None]:
        if self.limit is None:
            return
        so_far: list[str] = []
        for s in self.steps:
            fresh = [n for n in s.names if n in self.program.vectors and n not in self.broken]
            so_far += fresh
            if not fresh:
                continue
            width = self.program.width_class(fresh[-1])
            names = [n for n in so_far if self.program.width_class(n) == width][-SO_FAR:]
            try:
                values = self.limit.gram(names)
                run = self.run
                found = run.gram(names) if run is not None and all(n in run.program.vectors for n in names) else None
            except TpvizError:
                continue
            power = f"10^{{{round(np.log10(run.width))}}}" if run is not None else ""
            self._add(s.id, kernel=kernel_plot([label(n) for n in names], values, found, power))
            yield

    # many runs: scalars at every width

    def many_runs(self) -> Iterator[None]:
        wanted = [(s.id, self._last(s.names)) for s in self.steps]
        wanted = [(id, n) for id, n in wanted if isinstance(self.program[n], Moment | Scalar) and n not in self.broken]
        if not wanted or self.limit is None:
            return
        points: dict[str, list[tuple[float, float]]] = {n: [] for _, n in wanted}
        for power in WIDTHS:
            slow = False
            for seed in range(SEEDS):
                start = time.perf_counter()
                run = self._simulate(power, seed)
                if run is None:
                    slow = True
                    break
                for n, found in points.items():
                    if n in run.program.scalars and np.isfinite(run.scalar(n)):
                        found.append((power, run.scalar(n)))
                slow = time.perf_counter() - start > self.seconds
                yield
                if slow:
                    break
            for id, n in wanted:
                if points[n]:
                    value = self.limit.scalar(n)
                    self._add(id, plot=width_plot(label(n), value, points[n], rf"\mathring{{{label(n)}}}"))
            yield
            if slow:
                break

    # outputs

    def networks(self) -> Iterator[None]:
        for s in self.steps:
            i = self.program[self._last(s.names)]
            if not isinstance(i, Output):
                continue
            try:
                value = float(nngp(self.program, {}, output=i.name)[0, 0])
            except TpvizError as error:
                self._add(s.id, problem=error.diagnostics[0].message)
                continue
            self._add(s.id, before=r"\Sigma =", value=value_text(value), number=value)
            yield
            yield from self._outputs(s.id, i.name, value)
            try:
                tangent = float(ntk(self.program, {}, output=i.name)[0, 0])
            except TpvizError:
                continue
            self._add(s.id, note=(_words("NNGP kernel; the NTK is "), {"tex": rf"\Theta={value_text(tangent)}"}))
            yield

    def _outputs(self, id: str, name: str, variance: float) -> Iterator[None]:
        """f of many networks, against N(0, Σ)."""
        values: list[float] = []
        start = time.perf_counter()
        for seed in range(NETWORKS):
            try:
                values.append(simulate(self.program, NETWORK_WIDTH, seed=seed, cancelled=self.cancelled).output(name))
            except TpvizError:
                return
            yield
            if time.perf_counter() - start > 2 * self.seconds:
                break
        if len(values) < 40 or not np.isfinite(values).all():
            return
        spread = float(np.sqrt(max(variance, 1e-300)))
        edges = np.linspace(-3.5 * spread, 3.5 * spread, 29)
        heights, _ = np.histogram(values, bins=edges)
        grid = np.linspace(edges[0], edges[-1], 261)
        density = np.exp(-0.5 * (grid / spread) ** 2) / (spread * np.sqrt(2 * np.pi))
        law = DistributionResult(name, edges, heights / (len(values) * np.diff(edges)), grid, density, (), "exact")
        title: list[Part] = [
            {"tex": label(name)},
            {"text": f" of {len(values)} networks, "},
            {"tex": f"n={NETWORK_WIDTH}"},
        ]
        self._add(id, plot=law_plot(law, title))


def _words(text: str) -> Part:
    return {"text": text}
