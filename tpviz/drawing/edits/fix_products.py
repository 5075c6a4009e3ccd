"""Fixes of products and width classes: a product that stands inside an expression, that is missing, or whose classes do not meet."""

from __future__ import annotations

import re

from tpviz.language.diagnostics import Diagnostic
from tpviz.language.instructions import BASE

from .declare import embedding_for, matrix_for, readout_for
from .fix import Fix, Layout, replaced
from .lines import Line, Sheet
from .names import NAME, fresh
from .places import DASHED, WIRE, below

__all__ = ["PRODUCT_FIXES", "split"]

_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}


def split(sheet: Sheet, index: int, start: int, end: int) -> tuple[Sheet, str, bool]:
    """A piece of a line on a line of its own, above; its new name, and whether it is a product."""
    line = sheet.lines[index]
    piece = line.code[start:end]
    is_product = "@" in piece
    series = "product" if is_product else "moment" if piece.startswith("mean") else "nonlin"
    new = fresh(series, sheet.taken)
    if piece.startswith("(") and piece.endswith(")"):
        piece = piece[1:-1].strip()
    sheet = replaced(sheet, index, start, end, new)
    return sheet.insert(index, f"{line.indent}{new} = {piece}"), new, is_product


def _beside(name: str, new: str, is_product: bool):
    """The new node before the node of the line that it was split from."""

    def place(layout: Layout) -> Layout:
        out = dict(layout)
        anchor = out.get(f"gate:{name}" if is_product else name, out.get(name))
        if anchor is not None:
            ghost = out.pop(f"ghost:{name}:0", None)
            spot = ghost or below(out, (anchor[0] - (WIRE if is_product else DASHED), anchor[1]))
            out[new] = spot
            if not is_product:
                out[f"gate:{new}"] = below(out, (spot[0] - WIRE, spot[1]))
        return out

    return place


def _nested(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """`z = W @ relu(h)` → `x1 = relu(h)`, `z = W @ x1`; `y = phi(W @ x)` → `h1 = W @ x`, `y = phi(h1)`; chains one after the other."""
    from tpviz.language.parser import parse_partial

    m = re.match(r"Write (two|three|four|five) lines", d.hint)
    name = next(iter(sheet.lines[index].defines), None)
    if m is None or name is None:
        return None
    start, end, at = (d.column or 1) - 1, (d.end or 1) - 1, index
    first: tuple[str, bool] | None = None
    for _ in range(5):
        sheet, new, is_product = split(sheet, at, start, end)
        first = first or (new, is_product)
        at += 1
        above = Sheet(sheet.lines[: at + 1])
        again = next((x for x in parse_partial(above.source).diagnostics if x.line == at + 1), None)
        if again is None or again.code != "nested-product":
            break
        start, end = (again.column or 1) - 1, (again.end or 1) - 1
    assert first is not None
    return Fix(f"Split into {_NUMBERS.get(at - index + 1, 'several')} lines", sheet, (first[0],), _beside(name, *first))


def _inner_mean(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """`y = x*mean(x)` → `q = mean(x)`, `y = x*q`."""
    line = sheet.lines[index]
    m = re.search(r"(?<!\w)mean\s*\(", line.right)
    if m is None or line.keyword:
        return None
    start = line.span[0] + m.start()
    close = _closing(line.code, line.span[0] + m.end() - 1)
    if close is None or "mean" in line.code[start + 4 : close]:
        return None
    sheet, new, _ = split(sheet, index, start, close + 1)
    return Fix("Split into two lines", sheet, (new,))


def _closing(code: str, opening: int) -> int | None:
    depth = 0
    for i in range(opening, len(code)):
        depth += (code[i] == "(") - (code[i] == ")")
        if depth == 0:
            return i
    return None


def _written_product(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """`h = W x`, `h = W*x`, `h = W(x)`, `y = phi(W*x)`: the product as the language writes it, on a line of its own where it stands inside."""
    line = sheet.lines[index]
    if line.keyword:
        return None
    for m in re.finditer(
        rf"(?<![\w.])({NAME})\s*(\.\s*T)?\s*(?:\*|\s|(\()|@)\s*({NAME})(?(3)\s*\))(?!\s*[(\w.])", line.right
    ):
        if sheet.kind(m[1]) not in ("matrix", "embedding") or "@" in m.group():
            continue
        if not (sheet.is_vector(m[4]) or (sheet.kind(m[4]) == "input" and sheet.kind(m[1]) == "embedding")):
            continue
        text = f"{m[1]}{'.T' if m[2] else ''} @ {m[4]}"
        start, end = line.span[0] + m.start(), line.span[0] + m.end()
        new = replaced(sheet, index, start, end, text)
        if m.group().strip() == line.right.strip():
            return Fix(f"Write {text}", new, line.defines)
        new, name, _ = split(new, index, start, start + len(text))
        return Fix(f"Insert {text}", new, (name,), _beside(line.defines[0], name, True))
    return None


def _embedded(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """An input that is used without its embedding: the embedded one there is, or a product above."""
    name, line = d.names[0], sheet.lines[index]
    if sheet.kind(name) != "input" or "@ " + name == line.right:
        return None
    spots = [w for w in line.words if w.text == name and w.role == "read"]
    if not spots:
        return None
    made = [n for n, i in sheet.where.items() if i < index and (p := sheet.lines[i].product) and p.vector == name]
    if made:
        new, used, label = sheet, made[-1], f"Use {made[-1]}"
    else:
        new, embedding = embedding_for(sheet, name)
        index += len(new.lines) - len(sheet.lines)
        line = new.lines[index]
        spots = [w for w in line.words if w.text == name and w.role == "read"]
        used = fresh("product", new.taken)
        new = new.insert(index, f"{line.indent}{used} = {embedding} @ {name}")
        index, label = index + 1, f"Insert {used} = {embedding} @ {name}"
    new = new.set(index, new.lines[index].with_words({name: used}))
    return Fix(label, new, (used,), lambda layout: layout)


def _wrong_factor(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """`h = U @ x` where U embeds inputs, `h = x @ y` of two vectors, `h = v.T @ x` with a readout."""
    line = sheet.lines[index]
    p = line.product
    if p is None:
        return None
    kind, vector = sheet.kind(p.matrix), sheet.is_vector(p.vector)
    if kind == "readout" and vector:
        width = sheet.width(p.vector) or BASE
        code = f"{line.indent}output {line.defines[0]} = {p.matrix}.T @ {p.vector} / sqrt({width})"
        return (
            None
            if sheet.readers(line.defines[0])
            else Fix("Make it an output", sheet.set(index, line.with_code(code)), line.defines)
        )
    if kind == "embedding" and vector:
        rows = sheet[p.matrix].shape[0]
        new, used = matrix_for(sheet, sheet.width(p.vector), None, p.transposed, rows)
        index += len(new.lines) - len(sheet.lines)
        text = f"{used}{'.T' if p.transposed else ''} @ {p.vector}"
        return Fix(f"Write {text}", new.set(index, new.lines[index].with_right(text)), line.defines)
    if kind == "vector" and vector and not p.transposed and sheet.width(p.matrix) == sheet.width(p.vector):
        text = f"{p.matrix}*{p.vector}"
        return Fix(f"Write {text}", sheet.set(index, line.with_right(text)), line.defines)
    return None


def _called_vector(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """`y = x(h)` → `y = x*(h)`"""
    line, name = sheet.lines[index], d.names[0]
    if not (sheet.is_vector(name) or sheet.kind(name) in ("scalar", "constant")):
        return None
    m = re.search(rf"(?<![\w.]){re.escape(name)}(\s*)\(", line.code[: len(line.code)])
    return Fix(f"Write {name}*(…)", replaced(sheet, index, m.start(1), m.end(1), "*"), line.defines) if m else None


def _declared_readout(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """A vector that an output reads with becomes a readout."""
    name = d.names[0]
    at = sheet.where.get(name)
    if sheet.lines[index].keyword != "output" or at is None:
        return None
    declared = sheet.lines[at]
    if declared.keyword != "vector" or len(declared.defines) != 1:
        return None
    m = re.match(r"^\s*(vector)\b", declared.code)
    return Fix(f"Declare {name} as a readout", replaced(sheet, at, *m.span(1), "readout"), (name,)) if m else None


def _classes(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """Width classes that do not meet: the transpose, another class for what is used only here, or the missing product."""
    line = sheet.lines[index]
    if line.keyword == "output":
        return _output_classes(sheet, index)
    p = line.product
    if p is None:
        return _mixed(sheet, index, d)
    matrix, width = sheet.line(p.matrix), sheet.width(p.vector)
    if matrix is None or width is None:
        return None
    rows, columns = matrix.shape[::-1] if p.transposed else matrix.shape
    if rows == width and rows != columns:
        text = f"{p.matrix}{'' if p.transposed else '.T'} @ {p.vector}"
        return Fix(f"Write {text}", sheet.set(index, line.with_right(text)), line.defines)
    if fixed := _reclassed(sheet, index, p.vector, columns):
        return fixed
    shape = (width, rows) if p.transposed else (rows, width)
    at = sheet.where[p.matrix]
    if sheet.readers(p.matrix) == (index,):
        return Fix(f"Make {p.matrix} {shape[0]} x {shape[1]}", sheet.set(at, _reshaped(matrix, *shape)), line.defines)
    new, used = matrix_for(sheet, width, None, p.transposed, rows)
    index += len(new.lines) - len(sheet.lines)
    text = f"{used}{'.T' if p.transposed else ''} @ {p.vector}"
    return Fix(f"Write {text}", new.set(index, new.lines[index].with_right(text)), line.defines)


def _reclassed(sheet: Sheet, index: int, name: str, width: str) -> Fix | None:
    """An initial vector or readout that nothing else reads gets the class that this line needs."""
    line = sheet.line(name)
    if (
        line is None
        or line.keyword not in ("vector", "readout")
        or sheet.readers(name) != (index,)
        or len(line.defines) > 1
    ):
        return None
    m = re.match(rf"^(\s*(?:vector|readout)\s+{NAME})\s*(?::\s*{NAME}\s*)?~", line.code)
    if m is None or (width != BASE and sheet.where.get(width, len(sheet.lines)) > sheet.where[name]):
        return None
    shown = "" if width == BASE else f" : {width}"
    at = sheet.where[name]
    return Fix(
        f"Make {name} of class {width}",
        sheet.set(at, line.with_code(f"{m[1]}{shown} ~{line.code[m.end() :]}")),
        (name,),
    )


def _reshaped(line: Line, rows: str, columns: str) -> Line:
    m = re.match(rf"^(\s*matrix\s+{NAME})\s*(?::\s*{NAME}\s+x\s+{NAME}\s*)?~", line.code)
    assert m is not None
    shape = "" if rows == columns == BASE else f" : {rows} x {columns}"
    normal = re.sub(rf"/\s*{line.shape[1]}(\s*\)\s*)$", rf"/{columns}\1", line.code[m.end() :])
    return line.with_code(f"{m[1]}{shape} ~{normal}")


def _mixed(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """Vectors of two classes in one gate: an initial one changes its class, or the product that brings it over is inserted."""
    if len(d.names) != 2:
        return None
    other, first = d.names
    into, width = sheet.width(first), sheet.width(other)
    line = sheet.lines[index]
    if into is None or width is None or line.form not in ("gate", "moment"):
        return None
    classes = [sheet.width(n) or into for n in line.reads if sheet.is_vector(n)]
    alone = [(other, into)] if sum(c != into for c in classes) == 1 else []
    alone += [(first, width)] if classes.count(into) == 1 else []
    for name, wanted in alone:
        if fixed := _reclassed(sheet, index, name, wanted):
            return fixed
    new, matrix = matrix_for(sheet, width, None, False, into)
    index += len(new.lines) - len(sheet.lines)
    name = fresh("product", new.taken)
    line = new.lines[index]
    new = new.set(index, line.with_words({other: name})).insert(index, f"{line.indent}{name} = {matrix} @ {other}")
    return Fix(f"Insert {name} = {matrix} @ {other}", new, (name,))


def _output_classes(sheet: Sheet, index: int) -> Fix | None:
    line = sheet.lines[index]
    for m in re.finditer(rf"({NAME})\s*\.\s*T\s*@\s*({NAME})\s*\)?\s*/\s*sqrt\s*\(\s*({NAME})", line.code):
        width, readout = sheet.width(m[2]), sheet.line(m[1])
        if width is None or readout is None or readout.keyword != "readout":
            continue
        if readout.width != width:
            if fixed := _reclassed(sheet, index, m[1], width):
                others = [o[2] for o in re.finditer(rf"({NAME})\s*\.\s*T\s*@\s*({NAME})", line.code) if o[1] == m[1]]
                if all(sheet.width(o) == width for o in others):
                    if m[3] == width:
                        return fixed
                    return Fix(fixed.label, replaced(fixed.sheet, index, *m.span(3), width), fixed.selection)
            new, used = readout_for(sheet, width)
            index += len(new.lines) - len(sheet.lines)
            text = f"{used}.T @ {m[2]} / sqrt({width}"
            return Fix(f"Read {m[2]} with {used}", replaced(new, index, m.start(), m.end(), text), line.defines)
        if m[3] != width:
            return Fix(f"Divide by sqrt({width})", replaced(sheet, index, *m.span(3), width), line.defines)
    return None


def _term(sheet: Sheet, index: int, d: Diagnostic) -> Fix | None:
    """A term of an output that lacks its transpose or its √n."""
    line = sheet.lines[index]
    start, end = (d.column or 1) - 1, (d.end or 1) - 1
    m = re.match(
        rf"^(\s*(?:.*\*\s*)?)({NAME})\s*(?:\.\s*T)?\s*@\s*({NAME})\s*(?:/\s*sqrt\s*\(\s*{NAME}\s*\))?\s*$",
        line.code[start:end],
    )
    if m is None or sheet.kind(m[2]) != "readout" or not sheet.is_vector(m[3]):
        return None
    text = f"{m[2]}.T @ {m[3]} / sqrt({sheet.width(m[3]) or BASE})"
    trail = line.code[start:end][len(line.code[start:end].rstrip()) :]
    return Fix(f"Write {text}", replaced(sheet, index, start, end, m[1] + text + trail), line.defines)


PRODUCT_FIXES = {
    "nested-product": [_nested],
    "mean": [_inner_mean],
    "syntax": [_written_product],
    "call": [_written_product, _called_vector],
    "type": [_written_product, _embedded, _wrong_factor, _declared_readout],
    "width-class": [_classes],
    "output": [_term],
}
