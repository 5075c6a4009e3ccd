"""What stands where on a slide of 1280 × 720, for PDF and beamer: the lines of text beside the plot, top to bottom."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from .model import Lecture, LectureStep
from .numbers import Found
from .plot import Part

__all__ = [
    "DRAWING",
    "HEIGHT",
    "LEFT",
    "PLOT",
    "RIGHT",
    "RULE",
    "TEXT",
    "WIDTH",
    "Line",
    "code_lines",
    "declared_lines",
    "number_of",
    "progress",
    "text_lines",
]

WIDTH, HEIGHT = 1280, 720
LEFT, RIGHT = 40, 1240
DRAWING = (64, 360)  # top and bottom of the drawing
RULE = 360
PLOT = (820, 380)
TEXT = 740  # width of the text
MOST = 3  # declarations that have a line each
PROGRESS = 694
Kind = Literal["code", "declared", "rule", "formula", "number", "note", "name", "problem"]


@dataclass(frozen=True)
class Line:
    """One line of a slide: `y` is its baseline. `value` is the number of a line "number", the general rule of a line
    "rule"."""

    kind: Kind
    y: float
    size: float
    text: str = ""
    value: str = ""
    parts: tuple[Part, ...] = ()


def declared_lines(step: LectureStep) -> tuple[str, ...]:
    """The declarations over the line, at most three."""
    if len(step.declared) <= MOST:
        return step.declared
    return (*step.declared[: MOST - 1], f"# and {len(step.declared) - MOST + 1} more declarations")


def text_lines(step: LectureStep, found: Found | None) -> list[Line]:
    """The lines of a step, under the rule below the drawing. They stand apart as far as there is room."""
    rows = list(_own_rows(step) if step.own else _rows(step, found))
    room, needed = PROGRESS - 16 - RULE, sum(tight for _, tight, _ in rows)
    wished = sum(loose for _, _, loose in rows)
    share = 1.0 if wished <= room else max(0.0, (room - needed) / max(1.0, wished - needed))
    y, out = float(RULE), []
    for line, tight, loose in rows:
        y += tight + share * (loose - tight)
        out.append(replace(line, y=round(y, 1)))
    return [line for line in out if line.y < PROGRESS - 8]


Row = tuple[Line, float, float]  # a line, and how far below the one before: at least, and where there is room


def _own_rows(step: LectureStep) -> Iterator[Row]:
    yield Line("name", 0, 32, step.title), 58, 58
    for k, line in enumerate(_wrapped(step.note, 90)):
        yield Line("note", 0, 24, parts=({"text": line},)), 34, 34 if k else 54


def _rows(step: LectureStep, found: Found | None) -> Iterator[Row]:
    first = True
    for text in declared_lines(step):
        yield Line("declared", 0, 18, text), 30 if first else 23, 38 if first else 26
        first = False
    lines, size = code_lines(step.code)
    for k, text in enumerate(lines):
        yield (
            Line("code", 0, size, text),
            (46 if first else 38) if not k else 26,
            (52 if first else 42) if not k else 28,
        )
    if step.problem is not None:
        for k, text in enumerate(_wrapped(" ".join(step.problem), 70)[:5]):
            yield Line("problem", 0, 20, text), 26 if k else 36, 28 if k else 48
        return
    if step.rule:
        yield Line("rule", 0, 24, step.rule, step.general), 40, 54
    if found is not None:
        if found.formula:
            yield Line("formula", 0, 30, found.formula), 46, 62
        if found.value:
            yield Line("number", 0, 32, found.before, found.value), 54, 70 if found.formula else 79
        for k, text in enumerate(_wrapped(found.problem, 70)[:3]):
            yield Line("problem", 0, 20, text), 26 if k else 36, 28 if k else 48
        if found.note:
            yield Line("note", 0, 20, parts=found.note), 38, 54
    for k, text in enumerate(_wrapped(step.note, 70)[:2]):
        yield Line("note", 0, 20, parts=({"text": text},)), 26, 28 if k else 32


def code_lines(code: str) -> tuple[list[str], float]:
    """The line of the program and its size: smaller where it is long, in several lines where it is very long."""
    if len(code) <= 60:
        return [code], min(32.0, TEXT / (0.602 * max(1, len(code))))
    lines = textwrap.wrap(code, 60, subsequent_indent="    ", break_on_hyphens=False)
    return [*lines[:3], *(["    …"] if len(lines) > 3 else [])], TEXT / (0.602 * 60)


def progress(count: int, k: int) -> Iterator[tuple[float, float, float, float, str]]:
    """The segments at the bottom: (x, y, width, height, "done", "now" or "later")."""
    gap = 4.0 if count <= 60 else 1.0
    width = (RIGHT - LEFT - gap * (count - 1)) / max(1, count)
    for j in range(count):
        state = "now" if j == k else "done" if j < k else "later"
        height = 8 if j == k else 4
        yield LEFT + j * (width + gap), PROGRESS + 2 - height / 2, width, height, state


def number_of(lecture: Lecture, k: int) -> tuple[str, str]:
    """ "6" and " of 14"."""
    return str(k + 1), f" of {len(lecture.steps)}"


def _wrapped(text: str, width: int) -> list[str]:
    return [line for part in text.split("\n") for line in textwrap.wrap(part, width)] if text else []
