"""What a page says of a program: each name's line, rule, formula and numbers; the kernel; what a network has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tpviz.language import LimitError, Parsed, Program, TpvizError
from tpviz.language.instructions import Embed, LinComb, MatMul, Moment, Nonlin, Output
from tpviz.limit import Limit, limit
from tpviz.network import nngp, ntk

__all__ = ["Fact", "Kernel", "Numbers", "numbers_of"]

MOST = 400  # names that have numbers
KERNEL = 16  # vectors in the kernel
_WHAT = {MatMul: "MatMul", Nonlin: "Nonlin", LinComb: "LinComb", Moment: "Moment", Embed: "Embedding", Output: "Output"}


@dataclass(frozen=True)
class Fact:
    """What is known of a name: its line, the steps of its derivation (rule, TeX), rows of words and numbers."""

    name: str
    line: int
    what: str
    steps: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Kernel:
    names: tuple[str, ...]
    values: np.ndarray
    left_out: int


@dataclass(frozen=True)
class Numbers:
    facts: tuple[Fact, ...]
    kernel: Kernel | None
    outputs: tuple[tuple[str, float, float], ...]  # name, NNGP, NTK


def numbers_of(parsed: Parsed) -> Numbers:
    """Everything that has a limit; what has none says why."""
    program = parsed.program
    try:
        found: Limit | None = limit(program) if len(program) else None
    except TpvizError:
        found = None
    facts = tuple(_fact(s.line, name, parsed, found) for s in parsed.statements for name in s.names)
    good = [f.name for f in facts if f.name in program.vectors and any(k == "E Z²" for k, _ in f.rows)]
    return Numbers(facts, _kernel(found, good), tuple(_outputs(program)))


def _fact(line: int, name: str, parsed: Parsed, found: Limit | None) -> Fact:
    program = parsed.program
    problems = [f"{d.message} {d.hint}".strip() for d in parsed.diagnostics if d.line == line and d.severity == "error"]
    if name not in program.definitions:
        return Fact(name, line, "Incomplete", problem=" ".join(problems))
    what = _WHAT.get(type(program[name]), "Declared")
    number = program.vectors.index(name) if name in program.vectors else 0
    if found is None or number >= MOST or name not in (*program.vectors, *program.scalars):
        return Fact(name, line, what)
    try:
        steps = tuple((s.rule, f"{s.left} {s.right}") for s in found.derivation(name) if s.name == name)
        if name in program.scalars:
            return Fact(name, line, what, steps, (("limit", _digits(found.scalar(name))),))
        mean, second, error = found.mean(name), found.second_moment(name), found.error(name)
        rows = [
            ("kind", f"{program.kind(name)}-var"),
            ("E Z", _digits(mean, 1e-14 * second**0.5)),
            ("E Z²", _digits(second)),
        ]
        rows.append(("method", found.method(name) + (f", ± {error:.1g}" if error > 1e-12 * abs(second) else "")))
        return Fact(name, line, what, steps, tuple(rows))
    except TpvizError as error_:
        d = error_.diagnostics[0]
        return Fact(name, line, what, problem=f"{d.message} {d.hint}".strip())


def _kernel(found: Limit | None, names: list[str]) -> Kernel | None:
    if found is None or not names:
        return None
    shown = names[:KERNEL]
    try:
        return Kernel(tuple(shown), found.gram(shown), len(names) - len(shown))
    except TpvizError:
        return None


def _outputs(program: Program) -> Iterator[tuple[str, float, float]]:
    for f in program.outputs:
        try:
            yield f, float(nngp(program, {}, output=f)[0, 0]), float(ntk(program, {}, output=f)[0, 0])
        except LimitError:
            continue
        except TpvizError:  # an input without a value
            continue


def _digits(x: float, small: float = 0.0) -> str:
    return "0" if abs(x) <= small else f"{x:.6g}"
