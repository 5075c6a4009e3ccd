"""Errors as data: what is wrong, where, got versus expected, and what to do next.

A `Diagnostic` is one problem; `render` is the only place that turns it into text, so the text pane, the canvas, the command
line and exceptions all say the same sentence.

    TpvizError                  every error tpviz raises on purpose
    ├── ProgramError            the program text or its instructions are not a program; `.diagnostics` lists every problem
    ├── InputError              an argument: unknown name, wrong shape, NaN, a width that does not fit
    ├── LimitError              the program has no limit, or a moment of it does not exist
    │   └── DivergentMomentError
    └── DocumentError           a file that cannot be read as a tpviz document
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

__all__ = [
    "Diagnostic",
    "DivergentMomentError",
    "DocumentError",
    "InputError",
    "LimitError",
    "ProgramError",
    "TpvizError",
]


@dataclass(frozen=True)
class Diagnostic:
    """One problem. `line` and `column` count from 1; `end` is the column after the last character."""

    code: str
    message: str
    hint: str = ""
    severity: Literal["error", "warning"] = "error"
    names: tuple[str, ...] = ()
    line: int | None = None
    column: int | None = None
    end: int | None = None

    def at(self, line: int, column: int, end: int) -> Diagnostic:
        return replace(self, line=line, column=column, end=end)

    @property
    def where(self) -> str:
        if self.line is None:
            return ""
        return f"line {self.line}" + (f", column {self.column}" if self.column is not None else "")

    def render(self) -> str:
        """`line 14, column 9: message. hint`"""
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}" + (f" {self.hint}" if self.hint else "")


class TpvizError(Exception):
    """Base of every error that tpviz raises on purpose. `.diagnostics` holds the problems as data."""

    def __init__(self, *problems: Diagnostic | str, code: str = "error", hint: str = "", names: Iterable[str] = ()):
        self.diagnostics: tuple[Diagnostic, ...] = tuple(
            p if isinstance(p, Diagnostic) else Diagnostic(code, p, hint, names=tuple(names)) for p in problems
        )
        super().__init__("\n".join(d.render() for d in self.diagnostics))


class ProgramError(TpvizError):
    """The text or the instructions are not a program."""


class InputError(TpvizError, ValueError):
    """An argument is wrong: an unknown name, a wrong shape, NaN, a width that does not fit."""


class LimitError(TpvizError):
    """The program has no limit."""


class DivergentMomentError(LimitError):
    """An expectation that the limit needs does not exist."""


class DocumentError(TpvizError):
    """A file that cannot be read as a tpviz document."""
