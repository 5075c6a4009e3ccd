"""Initial vectors: lines `vector b ~ N(0, 1)` and joint ones `vector u, w ~ N([…], [[…], …])`."""

from __future__ import annotations

import re

from .lines import Line, Sheet
from .names import NAME

__all__ = ["arguments", "is_initial", "items", "take_out", "without_name"]

_NAMES = re.compile(rf"^\s*vector\s+({NAME}(?:\s*,\s*{NAME})*)")
Span = tuple[int, int]


def is_initial(sheet: Sheet, name: str) -> bool:
    """The name is an initial vector or scalar, or a readout."""
    line = sheet.line(name)
    return line is not None and line.keyword in ("vector", "scalar", "readout")


def commas(code: str, start: int, end: int) -> list[Span]:
    """Spans between the commas outside brackets, without the spaces around them."""
    spans, depth, last = [], 0, start
    for i in range(start, end):
        depth += (code[i] in "([") - (code[i] in ")]")
        if code[i] == "," and depth == 0:
            spans.append((last, i))
            last = i + 1
    spans.append((last, end))
    return [_stripped(code, a, b) for a, b in spans]


def _stripped(code: str, a: int, b: int) -> Span:
    text = code[a:b]
    return (a + len(text) - len(text.lstrip()), a + len(text.rstrip())) if text.strip() else (a, a)


def arguments(line: Line) -> tuple[Span, Span] | None:
    """Spans of mean and variance in the line's N(mean, variance); None where they cannot be found."""
    code = line.code
    m = re.search(r"~\s*N\s*\(", code)
    end = len(code.rstrip())
    if m is None or code[end - 1] != ")":
        return None
    spans = commas(code, m.end(), end - 1)
    return (spans[0], spans[1]) if len(spans) == 2 else None


def items(code: str, span: Span) -> list[Span] | None:
    """Spans of the entries of a list [a, b]; None where it is none."""
    a, b = span
    if b - a < 2 or code[a] != "[" or code[b - 1] != "]":
        return None
    return commas(code, a + 1, b - 1) if code[a + 1 : b - 1].strip() else []


def without_name(line: Line, name: str) -> Line:
    """A joint declaration without one of its vectors: its name, its mean, its row and column."""
    names = list(line.defines)
    k, code = names.index(name), line.code
    rest = names[:k] + names[k + 1 :]
    head = _NAMES.match(code)
    if head is None:
        return line
    found = arguments(line)
    between = code[head.end(1) : code.index("~") + 1] if "~" in code else code[head.end(1) :]
    tail = code[code.index("~") + 1 :] if "~" in code else ""
    if found:
        means, rows = items(code, found[0]), items(code, found[1])
        columns = [items(code, row) for row in rows or []]
        if (
            means is not None
            and len(means) == len(columns) == len(names)
            and all(c and len(c) == len(names) for c in columns)
        ):
            mean = [code[slice(*m)] for m in means]
            table = [[code[slice(*c)] for c in row or []] for row in columns]
            del mean[k], table[k]
            for row in table:
                del row[k]
            if len(rest) == 1:
                tail = f" N({mean[0]}, {table[0][0]})"
            else:
                tail = f" N([{', '.join(mean)}], [{', '.join('[' + ', '.join(row) + ']' for row in table)}])"
    return line.with_code(code[: head.start(1)] + ", ".join(rest) + between + tail)


def take_out(sheet: Sheet, name: str) -> Sheet:
    """The sheet with a vector of a joint declaration on a line of its own, below."""
    index = sheet.where[name]
    line = sheet.lines[index]
    if len(line.defines) < 2:
        return sheet
    shown = f" : {line.width}" if line.width != "n" else ""
    return sheet.set(index, without_name(line, name)).insert(index + 1, f"{line.indent}vector {name}{shown} ~ N(0, 1)")
