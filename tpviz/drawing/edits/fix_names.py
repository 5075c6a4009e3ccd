"""Fixes of names: what is misspelt, not declared, defined twice, reserved, or defined too late."""

from __future__ import annotations

import re
from difflib import get_close_matches

from tpviz.language.arities import ARITIES
from tpviz.language.diagnostics import Diagnostic
from tpviz.language.instructions import BASE
from tpviz.language.scope import KEYWORDS

from .declare import declare
from .fix import Fix, replaced
from .lines import Line, Sheet
from .names import NAME, is_name
from .order import settle

__all__ = ["NAME_FIXES"]

_DECLARABLE = ("constant", "width", "input", "embedding", "matrix", "vector", "scalar", "function", "readout")
_SHOWN = re.compile(rf"Declare it above: (?P<code>(?P<keyword>{'|'.join(_DECLARABLE)}) {NAME}[^;]*)")
_ALIKE = 0.72  # how alike a misspelt name and the one that was meant are, at least
_FUNCTIONS = ("function",)


def _unknown(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    return _meant(sheet, index, d) or _declared(sheet, index, d)


def _meant(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """The name that was meant, where one is spelt nearly so and plays such a part. x3 is not a misspelt x2."""
    name, line = d.names[0], sheet.lines[index]
    start, end = (d.column or 1) - 1, (d.end or 1) - 1
    if line.code[start:end] != name:
        return None
    after, before = line.code[end:].lstrip(), line.code[:start].rstrip()
    kinds: tuple[str, ...]
    if after.startswith("(") or "function" in d.message:
        kinds = _FUNCTIONS
    elif after.startswith("@") or re.match(r"\.\s*T\b", after):
        kinds = ("matrix", "embedding", "readout")
    elif before.endswith("@"):
        kinds = ("vector", "readout", "input")
    elif "width" in d.hint.split("Declare it above: ")[-1][:6]:
        kinds = ("width",)
    elif line.keyword:
        kinds = ("constant", "bias", "readout") if line.keyword == "output" else ("constant",)
    else:
        kinds = ("vector", "readout", "scalar", "constant")
    known = [n for n, i in sheet.where.items() if i < index and sheet.kind(n) in kinds]
    if kinds is _FUNCTIONS:
        known += [*ARITIES, *(["mean"] if line.right.startswith(name) else [])]
    if line.keyword == "function" and kinds is not _FUNCTIONS:
        known += line.parameters
    found = next((k for k in known if k.casefold() == name.casefold()), None)
    if found is None and len(name) > 2:
        found = next(iter(get_close_matches(name, [k for k in known if not _numbered(k, name)], 1, _ALIKE)), None)
    return None if found is None else Fix(f"Write {found}", replaced(sheet, index, start, end, found), line.defines)


def _numbered(a: str, b: str) -> bool:
    """Names that differ in their digits only."""
    return re.sub(r"\d+", "", a) == re.sub(r"\d+", "", b)


def _declared(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    name, line = d.names[0], sheet.lines[index]
    shown = _SHOWN.search(d.hint)
    if shown is None or not is_name(name) or name in sheet.where:
        return None
    code = _declaration(sheet, line, name, shown["keyword"], shown["code"].strip())
    return Fix(f"Declare {name}", declare(sheet, code, index), (name,))


def _declaration(sheet: Sheet, line: Line, name: str, keyword: str, code: str) -> str:
    """The hint's declaration, with the width classes and the number of parameters that the line needs."""
    if keyword == "function":
        parameters = _parameters(line, name)
        return f"function {name}({', '.join(parameters)}) = relu({' + '.join(parameters)})"
    if line.form == "output" and re.search(rf"(?<!\w){name}\s*\.\s*T", line.right):
        vector = re.search(rf"(?<!\w){name}\s*\.\s*T\s*@\s*({NAME})", line.right)
        return f"readout {name}{_of(sheet.width(vector[1]) if vector else None)} ~ N(0, 1)"
    p = line.product
    if p and keyword == "matrix":
        if sheet.kind(p.vector) == "input":
            return f"embedding {name} ~ N(0, 1/d)"
        width = sheet.width(p.vector) or BASE
        return code if width == BASE else f"matrix {name} : {width} x {width} ~ N(0, 1/{width})"
    if keyword == "vector":
        others = [w for n in line.reads if n != name and (w := sheet.width(n))]
        if p and (matrix := sheet.line(p.matrix)) is not None:
            others = [matrix.shape[not p.transposed]]
        return f"vector {name}{_of(others[0] if others else None)} ~ N(0, 1)"
    return code


def _of(width: str | None) -> str:
    return "" if width in (None, BASE) else f" : {width}"


def _parameters(line: Line, function: str) -> list[str]:
    """As many parameters as the line's call has arguments."""
    m = re.search(rf"(?<!\w){function}\s*\(", line.code)
    depth, count = 1, 1
    for c in line.code[m.end() :] if m else "":
        depth += (c in "([") - (c in ")]")
        if depth == 0:
            break
        count += c == "," and depth == 1
    return ["z", "s", "t", "u", "w"][:count] if count <= 5 else [f"z{k}" for k in range(1, count + 1)]


def _lower(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """The line below what it reads. In a cycle nothing can be moved, and the fix says so."""
    names = sheet.lines[index].defines
    return Fix("Move the line down", settle(sheet, names), names)


def _other_name(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """A free name for what the line defines; what stands below goes on to read the first one."""
    name, line = d.names[0], sheet.lines[index]
    spots = [w for w in line.words if w.text == name]
    spot = spots[-1] if d.code == "duplicate" and len(set(d.names)) < len(d.names) and len(spots) > 1 else None
    if spot is None:
        start, end = (d.column or 1) - 1, (d.end or 1) - 1
    else:
        start, end = spot.start, spot.end
    if line.code[start:end] != name and d.code != "name":
        return None
    stem = re.sub(r"\d+$", "", name.strip("_")) or "x"
    first = 2 if d.code == "duplicate" else 1
    free = next(
        n
        for k in range(0 if d.code == "name" else first, 10_000)
        if is_name(n := f"{stem}{k or ''}") and n not in sheet.taken
    )
    return Fix(f"Rename to {free}", replaced(sheet, index, start, end, free), (free,))


def _keyword(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """A line that starts with a misspelt keyword."""
    m = re.match(rf"^\s*({NAME})\s+{NAME}", sheet.lines[index].code)
    if m is None or m[1] in KEYWORDS:
        return None
    found = get_close_matches(m[1].casefold(), KEYWORDS, 1, 0.7)
    return Fix(f"Write {found[0]}", replaced(sheet, index, *m.span(1), found[0])) if found else None


NAME_FIXES = {
    "unknown": [_unknown],
    "order": [_lower],
    "duplicate": [_other_name],
    "reserved": [_other_name],
    "name": [_other_name],
    "syntax": [_keyword],
}
