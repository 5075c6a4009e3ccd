"""Program text → instructions. Every line is read on its own, so that a text with several errors reports them all and what
is right is still a program.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace

from .diagnostics import Diagnostic, ProgramError
from .expressions import ExpressionProblem
from .instructions import (
    Bias,
    Constant,
    Embed,
    Embedding,
    Function,
    Input,
    Instruction,
    LinComb,
    MatMul,
    Matrix,
    Moment,
    Nonlin,
    Output,
    Readout,
    Scalar,
    Vectors,
    WidthClass,
)
from .line_forms import WORD, LineProblem, LineReader, Partial, code_of, defined_names
from .program import Program
from .scope import Scope
from .values import check_numbers

__all__ = ["Parsed", "Partial", "Statement", "parse", "parse_partial"]

MAX_TEXT = 1_000_000
MAX_LINES = 20_000
MAX_PROBLEMS = 8  # of one line


@dataclass(frozen=True)
class Statement:
    """One line of the text that says something. `blocked` is true where the line itself is right but reads a name whose line is not."""

    line: int
    text: str
    instruction: Instruction | None = None
    partial: Partial | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    blocked: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        if self.instruction is not None:
            return self.instruction.names if isinstance(self.instruction, Vectors) else (self.instruction.name,)
        if self.partial is None:
            return ()
        return (self.partial.name, *(self.partial.operands if self.partial.form == "vector" else ()))


@dataclass(frozen=True)
class Parsed:
    """A text read as far as it can be read: its statements, its valid part as a `Program`, and every problem."""

    source: str
    statements: tuple[Statement, ...]
    program: Program
    diagnostics: tuple[Diagnostic, ...] = field(default=())

    @property
    def lines(self) -> dict[str, int]:
        """name -> the line that defines it, the first where there are several."""
        return {name: s.line for s in reversed(self.statements) for name in s.names}


def parse(text: str) -> Program:
    """The program that the text describes.

    Raises `ProgramError` with every problem of the text: line, column, what is wrong and what to write instead.
    """
    parsed = parse_partial(text)
    errors = [d for d in parsed.diagnostics if d.severity == "error"]
    if errors:
        raise ProgramError(*errors)
    return parsed.program


def parse_partial(text: str) -> Parsed:
    """The text read as far as it can be read; never raises on bad text."""
    if not isinstance(text, str):
        raise ProgramError(
            Diagnostic("text", f"A program is text, got {type(text).__name__}.", "Use tp.load to read a file.")
        )
    lines = text.splitlines()
    if len(text) > MAX_TEXT or len(lines) > MAX_LINES:
        problem = Diagnostic("too-large", f"The text has {len(text):,} characters in {len(lines):,} lines; "
                             f"the limits are {MAX_TEXT:,} and {MAX_LINES:,}.", "Split the program, or write repeated parts with tpviz.zoo.")  # fmt: skip
        return Parsed(text, (), Program(()), (problem,))
    return _Reader(lines).read(text)


class _Reader:
    def __init__(self, lines: list[str]):
        self.lines = lines
        self.scope = Scope()
        self.defined_at: dict[str, int] = {}
        for number, line in enumerate(lines, 1):
            for name in defined_names(code_of(line)):
                self.defined_at.setdefault(name, number)
        self.reader = LineReader(self.scope, self.defined_at)

    def read(self, source: str) -> Parsed:
        statements = [
            s
            for number, line in enumerate(self.lines, 1)
            if code_of(line).strip()
            for s in [self._statement(number, line)]
        ]
        program = Program(
            tuple(s.instruction for s in statements if s.instruction is not None and not s.blocked and not _errors(s))
        )
        numeric = check_numbers(program)
        if numeric:
            statements, program = self._drop(statements, program, numeric)
        diagnostics = tuple(d for s in statements for d in s.diagnostics)
        return Parsed(source, tuple(statements), program, diagnostics)

    def _drop(
        self, statements: list[Statement], program: Program, numeric: list[Diagnostic]
    ) -> tuple[list[Statement], Program]:
        """Mark lines whose numbers are wrong (a negative variance, a covariance that is none) and what depends on them."""
        bad = {name: d for d in numeric for name in d.names[:1]}
        scope, out = Scope(), []
        for s in statements:
            if s.instruction is None or s.blocked or _errors(s):
                scope.define_broken(s.names)
                out.append(s)
            elif hit := next((bad[n] for n in s.names if n in bad), None):
                scope.define_broken(s.names)
                code = code_of(s.text)
                start = code.find("N(") if "N(" in code else 0
                out.append(replace(s, diagnostics=(*s.diagnostics, hit.at(s.line, start + 1, len(code.rstrip()) + 1))))
            else:
                scope.admit(s.instruction)
                blocked = _breaks(scope, s.instruction, s.names)
                out.append(
                    replace(s, blocked=blocked, partial=self.reader.partial(code_of(s.text)) if blocked else s.partial)
                )
        keep = tuple(s.instruction for s in out if s.instruction is not None and not s.blocked and not _errors(s))
        return out, Program(keep)

    def _statement(self, number: int, line: str) -> Statement:
        code = code_of(line)
        try:
            instruction = self.reader.instruction(code)
        except ExpressionProblem as p:
            return self._failed(
                number,
                line,
                Diagnostic(p.code, str(p), p.hint).at(number, p.start + 1, max(p.end, p.start + 1) + 1),
                None,
            )
        except LineProblem as p:
            end = p.end or len(code.rstrip())
            start = p.start if p.end else len(code) - len(code.lstrip())
            return self._failed(number, line, p.diagnostic.at(number, start + 1, end + 1), p.partial)
        problems = tuple(self._place(d, number, code) for d in self.scope.admit(instruction)[:MAX_PROBLEMS])
        names = instruction.names if isinstance(instruction, Vectors) else (instruction.name,)
        blocked = not problems and _breaks(self.scope, instruction, names)
        partial = self.reader.partial(code) if problems or blocked else None
        return Statement(number, line, instruction if not problems else None, partial, problems, blocked)

    def _failed(self, number: int, line: str, problem: Diagnostic, partial: Partial | None) -> Statement:
        code = code_of(line)
        names = defined_names(code)
        if not problem.names:
            problem = Diagnostic(
                problem.code,
                problem.message,
                problem.hint,
                problem.severity,
                tuple(names[:1]),
                problem.line,
                problem.column,
                problem.end,
            )
        fresh = [n for n in names if n not in self.scope.symbols]
        self.scope.define_broken(fresh)
        return Statement(number, line, None, partial or self.reader.partial(code), (problem,))

    def _place(self, d: Diagnostic, number: int, code: str) -> Diagnostic:
        """Where in the line the problem's name stands; for a name defined further down, say so."""
        name = d.names[0] if d.names else ""
        start, end = len(code) - len(code.lstrip()), len(code.rstrip())
        spots = [
            m for m in WORD.finditer(code) if m.group() == name or unicodedata.normalize("NFKC", m.group()) == name
        ]
        if spots:
            defining = d.code in ("duplicate", "reserved", "name")
            spot = spots[0] if defining or len(spots) == 1 else spots[-1]
            if spot.start() == start and len(spots) == 1 and not defining and "=" in code:
                start = code.index("=") + 1
                start += len(code[start:]) - len(code[start:].lstrip())
            else:
                start, end = spot.start(), spot.end()
        elif "=" in code and not name:
            start = code.index("=") + 1
            start += len(code[start:]) - len(code[start:].lstrip())
        if d.code == "unknown" and (later := self.defined_at.get(name)):
            if later > number:
                hint = f"Move line {later} above this one; if {name} needs this line's result, the program has a cycle: break it with a new vector."
                d = Diagnostic("order", f"{name} is used before it is defined on line {later}.", hint, names=d.names)
            elif later == number:
                d = Diagnostic(
                    "cycle",
                    f"{name} is defined by itself.",
                    "A program has no cycles: give the new vector a new name.",
                    names=d.names,
                )
        return d.at(number, start + 1, end + 1)


def _breaks(scope: Scope, instruction: Instruction, names: tuple[str, ...]) -> bool:
    """Whether the line reads something broken; then its names are broken too, for what reads a broken line cannot be computed."""
    if scope.is_blocked(names):
        return True
    if not scope.is_blocked(_read_names(instruction)):
        return False
    for n in names:
        scope.symbols.pop(n, None)
        scope.functions.pop(n, None)
    scope.define_broken(names)
    return True


def _errors(s: Statement) -> bool:
    return any(d.severity == "error" for d in s.diagnostics)


def _read_names(i: Instruction) -> tuple[str, ...]:
    match i:
        case MatMul():
            return (i.matrix, i.vector)
        case Embed():
            return (i.embedding, i.input)
        case LinComb() | Nonlin() | Moment():
            return (*i.expression.names, *i.expression.functions)
        case Output():
            return tuple(x for t in i.terms for x in (t.readout, t.vector or t.readout))
        case Function():
            return (*i.body.names, *i.body.functions)
        case Matrix():
            return (i.rows, i.columns, *i.variance.names)
        case Embedding():
            return (i.rows, *i.variance.names)
        case Constant():
            return i.value.names
        case WidthClass():
            return i.ratio.names
        case Vectors():
            return (i.width, *(x for e in (*i.mean, *(c for row in i.covariance for c in row)) for x in e.names))
        case Readout() | Bias():
            return (*i.mean.names, *i.variance.names, *((i.width,) if isinstance(i, Readout) else ()))
        case Scalar():
            return (*i.value.names, *(i.limit.names if i.limit else ()))
        case Input():
            return tuple(x for e in i.value or () for x in e.names)
    return ()
