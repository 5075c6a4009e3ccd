"""Fixes to click: what a diagnostic's hint says, done."""

from __future__ import annotations

import re

from tpviz.language.diagnostics import Diagnostic
from tpviz.language.instructions import BASE
from tpviz.language.parser import parse_partial

from .declare import declare
from .lines import Line, Sheet
from .names import NAME, fresh, is_name
from .order import settle
from .places import DASHED, WIRE, below
from .state import Change, State, finish, refuse

__all__ = ["fix", "fix_label"]

_DECLARABLE = ("constant", "width", "input", "embedding", "matrix", "vector", "scalar", "function", "readout")
_SHOWN = re.compile(rf"Declare it above: (?P<code>(?P<keyword>{'|'.join(_DECLARABLE)}) {NAME}[^;]*)")


def fix_label(diagnostic: Diagnostic) -> str | None:
    """What the button of the problem says, None where there is nothing to click."""
    if diagnostic.code == "nested-product" and diagnostic.hint.startswith("Write two lines"):
        return "Split into two lines"
    if (
        diagnostic.code == "unknown"
        and diagnostic.names
        and is_name(diagnostic.names[0])
        and _SHOWN.search(diagnostic.hint)
    ):
        return f"Declare {diagnostic.names[0]}"
    if diagnostic.code == "order":
        return "Move the line down"
    return None


def fix(state: State, diagnostic: Diagnostic) -> Change:
    """The document with the problem fixed. Raises `EditError` where there is no fix, or the problem is gone
    meanwhile."""
    label = fix_label(diagnostic)
    same = next((d for d in parse_partial(state.source).diagnostics if d == diagnostic), None)
    if label is None or same is None or same.line is None:
        refuse(
            "fix",
            "This problem cannot be fixed by a click, or it is gone already.",
            "Correct the line in the text.",
            diagnostic.names,
        )
    sheet = Sheet.of(state.source)
    index = same.line - 1
    if same.code == "nested-product":
        return _split(state, sheet, index, same)
    if same.code == "order":
        return _lower(state, sheet, index)
    return _declare(state, sheet, index, same, label)


def _split(state: State, sheet: Sheet, index: int, d: Diagnostic) -> Change:
    """`z = W @ relu(h)` → `x1 = relu(h)`, `z = W @ x1`; `y = phi(W @ x)` → `h1 = W @ x`, `y = phi(h1)`."""
    line = sheet.lines[index]
    start, end = (d.column or 1) - 1, (d.end or 1) - 1
    piece = line.code[start:end]
    is_product = "@" in piece
    new = fresh("product" if is_product else "nonlin", sheet.taken)
    if piece.startswith("(") and piece.endswith(")"):
        piece = piece[1:-1].strip()
    name = line.defines[0]
    sheet = sheet.set(index, line.with_code(line.code[:start] + new + line.code[end:])).insert(
        index, f"{line.indent}{new} = {piece}"
    )
    layout = dict(state.layout)
    anchor = layout.get(f"gate:{name}" if is_product else name, layout.get(name))
    if anchor is not None:
        ghost = layout.pop(f"ghost:{name}:0", None)
        place = ghost or below(layout, (anchor[0] - (WIRE if is_product else DASHED), anchor[1]))
        layout[new] = place
        if not is_product:
            layout[f"gate:{new}"] = below(layout, (place[0] - WIRE, place[1]))
    return finish(state, sheet, f"Split the line of {name}", [new], layout)


def _lower(state: State, sheet: Sheet, index: int) -> Change:
    names = sheet.lines[index].defines
    moved = settle(sheet, names)
    if moved == sheet:
        refuse(
            "cycle",
            f"{names[0]} and what it reads depend on each other.",
            "A program has no cycles: break it with a new vector.",
            names,
        )
    return finish(state, moved, f"Move the line of {names[0]} down", names)


def _declare(state: State, sheet: Sheet, index: int, d: Diagnostic, label: str) -> Change:
    name, line = d.names[0], sheet.lines[index]
    if name in sheet.where:
        refuse("fix", f"{name} is defined already.", "Move its line up.", (name,))
    shown = _SHOWN.search(d.hint)
    assert shown is not None
    code = _declaration(sheet, line, name, shown["keyword"], shown["code"].strip())
    return finish(state, declare(sheet, code, index), label, [name])


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
