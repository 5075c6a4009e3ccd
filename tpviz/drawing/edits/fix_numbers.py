"""Fixes of declarations and numbers: distributions, scalings, lists, limits, signs, brackets, powers."""

from __future__ import annotations

import re

from tpviz.language.diagnostics import Diagnostic

from .declare import declare
from .fix import Fix, replaced
from .initial import arguments, items
from .lines import Line, Sheet
from .names import NAME, fresh

__all__ = ["NUMBER_FIXES"]

_DISTRIBUTED = ("matrix", "embedding", "vector", "readout", "bias")


def _example(line: Line) -> str:
    return f"N(0, 1/{line.shape[1]})" if line.keyword in ("matrix", "embedding") else "N(0, 1)"


def _scaling(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """The variance of a matrix is divided by the class of its columns."""
    line = sheet.lines[index]
    found, columns = arguments(line), line.shape[1]
    if found is None:
        return None
    start, end = found[1]
    text = line.code[start:end].strip()
    whole = re.fullmatch(rf"(.*)/\s*({NAME})", text)
    if whole and (whole[2] in ("n", "d") or sheet.kind(whole[2]) == "width"):
        text = whole[1].strip()
    elif re.search(r"[+-]", text[1:]) and not re.fullmatch(r"\d[\d.]*[eE][+-]?\d+", text):
        text = f"({text})"
    return Fix(f"Divide by {columns}", replaced(sheet, index, start, end, f"{text}/{columns}"))


def _mean_of_matrix(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    line = sheet.lines[index]
    found = arguments(line) if line.keyword in ("matrix", "embedding") else None
    return Fix("Set the mean to 0", replaced(sheet, index, *found[0], "0")) if found else None


def _distribution(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """One number is the variance; anything else becomes the usual distribution."""
    line = sheet.lines[index]
    if line.keyword not in _DISTRIBUTED or "~" not in line.code or len(line.defines) != 1:
        return None
    at = line.code.index("~") + 1
    given = line.code[at:].strip()
    alone = re.fullmatch(r"(?:N\s*\(\s*)?([\d.eE+*/\w-]+?)\s*\)?", given)
    text = _example(line)
    if alone and re.match(r"^[\d.]", alone[1]):
        columns = line.shape[1] if line.keyword in ("matrix", "embedding") else ""
        text = f"N(0, {alone[1]}{'/' + columns if columns and not alone[1].endswith('/' + columns) else ''})"
    return Fix(f"Write {text}", replaced(sheet, index, at, len(line.code.rstrip()), f" {text}"))


def _whole_line(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """A declaration that stops after its name, or has = in place of ~ or the other way round."""
    line = sheet.lines[index]
    m = re.match(rf"^\s*({NAME})\s+{NAME}(?:\s*:\s*{NAME}(?:\s+x\s+{NAME})?)?", line.code)
    if m is None or m[1] != line.keyword or len(line.defines) != 1:
        return None
    rest = line.code[m.end() :].strip()
    end = len(line.code.rstrip())
    if line.keyword in _DISTRIBUTED:
        if not rest:
            return Fix(f"Write ~ {_example(line)}", replaced(sheet, index, m.end(), end, f" ~ {_example(line)}"))
        sign = re.match(r"\s*(=)?\s*(?=N\s*\()", line.code[m.end() :])
        return Fix("Write ~", replaced(sheet, index, m.end(), m.end() + sign.end(), " ~ ")) if sign else None
    usual = {"scalar": "1", "constant": "1", "width": "2*n"}.get(line.keyword)
    if usual and not rest:
        return Fix(f"Write = {usual}", replaced(sheet, index, m.end(), end, f" = {usual}"))
    sign = re.match(r"\s*~?\s*(?=[\d.(\[-])", line.code[m.end() :])
    if (usual or line.keyword == "input") and sign:
        return Fix("Write =", replaced(sheet, index, m.end(), m.end() + sign.end(), " = "))
    return None


def _brackets(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """A bracket that is open at the end of the line, or closes nothing there."""
    line = sheet.lines[index]
    code = line.code.rstrip()
    stack: list[str] = []
    for i, c in enumerate(code):
        if c in "([":
            stack.append(")" if c == "(" else "]")
        elif c in ")]" and (not stack or stack.pop() != c):
            if i == len(code) - 1 and not stack:
                return Fix(f"Remove {c}", sheet.set(index, line.with_code(code[:-1])), line.defines)
            return None
    if not stack or code[-1:] in "([,+-*/@=~":
        return None
    closing = "".join(reversed(stack))
    return Fix(f"Close with {closing}", sheet.set(index, line.with_code(code + closing)), line.defines)


def _power(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    line = sheet.lines[index]
    if "^" not in line.code:
        return None
    return Fix("Write ** for ^", sheet.set(index, line.with_code(re.sub(r"\s*\^\s*", "**", line.code))), line.defines)


def _list(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    line = sheet.lines[index]
    start = line.code.find("=") + 1
    text = line.code[start:].strip().strip("()[]")
    if line.keyword != "input" or not start or not re.fullmatch(r"[^()\[\]=~]+", text):
        return None
    return Fix(f"Write [{text[:20]}]", replaced(sheet, index, start, len(line.code.rstrip()), f" [{text}]"))


def _entries(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    line = sheet.lines[index]
    start = line.code.find("=") + 1
    return Fix("Write [1, 0]", replaced(sheet, index, start, len(line.code.rstrip()), " [1, 0]")) if start else None


def _columns(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """An embedding has d columns."""
    line = sheet.lines[index]
    m = re.match(rf"^\s*embedding\s+{NAME}\s*:\s*{NAME}\s+x\s+({NAME})", line.code)
    if m is None:
        return None
    code = line.code[: m.start(1)] + "d" + re.sub(rf"/\s*{m[1]}(\s*\)\s*)$", r"/d\1", line.code[m.end(1) :])
    return Fix("Write x d", sheet.set(index, line.with_code(code)))


def _limit(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    line = sheet.lines[index]
    return Fix("Write -> 0", sheet.set(index, line.with_code(line.code.rstrip() + " -> 0")), line.defines)


_VANISHES = re.compile(r"n\s*\*\*\s*-|/\s*(?:sqrt\s*\(\s*n\s*\)|n\b)")


def _width_in_constant(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """A constant that depends on n is a scalar."""
    line = sheet.lines[index]
    m = re.match(r"^\s*(constant)\b", line.code)
    if m is None or not _VANISHES.search(line.code):
        return None
    return Fix(
        "Make it a scalar",
        sheet.set(index, line.with_code(f"{line.code[: m.start(1)]}scalar{line.code[m.end(1) :].rstrip()} -> 0")),
        line.defines,
    )


def _width_in_expression(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """`x / sqrt(n)` → `scalar r = n**-0.5 -> 0`, `x*r`"""
    line = sheet.lines[index]
    m = re.search(r"\s*/\s*(?:(sqrt\s*\(\s*n\s*\))|n\b(?!\s*\*\*))", line.right)
    if m is None or line.keyword or len(re.findall(r"(?<!\w)n(?!\w)", line.right)) != 1:
        return None
    power = "-0.5" if m[1] else "-1"
    name = next(k for k in ("r", fresh("scalar", sheet.taken)) if k not in sheet.taken)
    new = replaced(sheet, index, line.span[0] + m.start(), line.span[0] + m.end(), f"*{name}")
    return Fix(f"Declare {name} = n**{power}", declare(new, f"scalar {name} = n**{power} -> 0", index), (name,))


_MISSING = {"leaky_relu": ["0.01"], "clip": ["-1", "1"], "maximum": ["0"], "minimum": ["0"]}


def _arity(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """The usual arguments of a function that lacks some."""
    m = re.match(rf"^({NAME}) takes (\d+) arguments?, got (\d+)", d.message)
    if m is None or m[1] not in _MISSING:
        return None
    line, lack = sheet.lines[index], int(m[2]) - int(m[3])
    call = re.search(rf"(?<!\w){m[1]}\s*\(", line.code)
    if call is None or not 0 < lack <= len(_MISSING[m[1]]) or int(m[3]) == 0:
        return None
    depth = 0
    for i in range(call.end() - 1, len(line.code)):
        depth += (line.code[i] == "(") - (line.code[i] == ")")
        if depth == 0:
            more = ", ".join(_MISSING[m[1]][-lack:])
            return Fix(f"Add {more}", replaced(sheet, index, i, i, f", {more}"), line.defines)
    return None


def _exponent(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    start, end = (d.column or 1) - 1, (d.end or 1) - 1
    text = sheet.lines[index].code[start:end].strip()
    if not re.fullmatch(r"-?\d[\d.]*", text):
        return None
    most = "-64" if text.startswith("-") else "64"
    return Fix(f"Write {most}", replaced(sheet, index, start, end, most), sheet.lines[index].defines)


def _sign(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """A variance that is written with a minus."""
    line = sheet.lines[index]
    found = arguments(line)
    if found is None:
        return None
    start, end = found[1]
    text = line.code[start:end]
    m = re.match(r"^\s*(-)\s*[\d.]", text)
    return (
        Fix(
            f"Write {text.strip()[1:].strip()}",
            replaced(sheet, index, start + m.start(1), start + m.end(1), ""),
            line.defines,
        )
        if m
        else None
    )


def _symmetric(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """The upper entries of a covariance, below the diagonal, too."""
    line = sheet.lines[index]
    found = arguments(line) if "symmetric" in d.message else None
    rows = items(line.code, found[1]) if found else None
    if not rows or found is None:
        return None
    cells = [items(line.code, row) for row in rows]
    if any(row is None or len(row) != len(cells) for row in cells):
        return None
    text = [[line.code[slice(*span)].strip() for span in row or ()] for row in cells]
    mirrored = ", ".join(
        "[" + ", ".join(text[min(i, j)][max(i, j)] for j in range(len(text))) + "]" for i in range(len(text))
    )
    return Fix("Mirror the upper entries", replaced(sheet, index, *found[1], f"[{mirrored}]"), line.defines)


NUMBER_FIXES = {
    "scaling": [_scaling],
    "mean": [_mean_of_matrix],
    "distribution": [_distribution],
    "syntax": [_whole_line, _power, _brackets],
    "empty": [_brackets],
    "list": [_brackets, _list],
    "input": [_entries],
    "shape": [_columns],
    "limit": [_limit],
    "width-in-constant": [_width_in_constant],
    "width-in-expression": [_width_in_expression],
    "arity": [_arity],
    "exponent": [_exponent],
    "variance": [_sign],
    "covariance": [_symmetric],
}
