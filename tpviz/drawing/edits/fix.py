"""What a fix is, and how it looks at its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .lines import Line, Sheet

__all__ = ["Fix", "Fixer", "replaced"]

Position = tuple[float, float]
Layout = Mapping[str, Position]


@dataclass(frozen=True)
class Fix:
    """The words of its button, the text it makes, what is selected then, and how it places what it makes."""

    label: str
    sheet: Sheet
    selection: tuple[str, ...] = ()
    place: Callable[[Layout], Layout] = field(default=lambda layout: layout)


#: (the text, index of the line, the problem) -> its fix, where there is one
Fixer = Callable


def replaced(sheet: Sheet, index: int, start: int, end: int, text: str) -> Sheet:
    """The sheet with the columns [start, end) of a line's code replaced."""
    line: Line = sheet.lines[index]
    return sheet.set(index, line.with_code(line.code[:start] + text + line.code[end:]))
