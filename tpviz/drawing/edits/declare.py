"""Declarations that a command needs: the matrix, embedding, readout or function to use, declared where there is
none."""

from __future__ import annotations

from tpviz.language.arities import ARITIES
from tpviz.language.instructions import BASE

from .lines import Line, Product, Sheet
from .names import fresh
from .state import refuse
from .trees import terms_of

__all__ = ["arity", "declare", "embedding_for", "function_for", "matrix_for", "readout_for"]


def declare(sheet: Sheet, code: str, before: int | None = None) -> Sheet:
    """The declaration after the last of its kind, else before the first assignment, never below line `before`, and
    below what it reads."""
    line = Line(code)
    kind = [i for i, other in enumerate(sheet.lines) if other.keyword == line.keyword]
    uses = (i for i, other in enumerate(sheet.lines) if other.form and other.form != "declaration")
    at = kind[-1] + 1 if kind else next(uses, None)
    if at is None:
        at = max((i + 1 for i, other in enumerate(sheet.lines) if other.text.strip()), default=0)
    if before is not None:
        at = min(at, before)
    at = max(at, *(sheet.where[n] + 1 for n in line.reads if n in sheet.where), 0)
    return sheet.insert(at, code)


def arity(sheet: Sheet, function: str) -> int | None:
    """Number of arguments of a declared or built-in function."""
    line = sheet.line(function)
    if line is not None:
        return len(line.parameters) if line.keyword == "function" else None
    return ARITIES.get(function)


def _products(sheet: Sheet) -> list[Product]:
    """Products, last first."""
    return [line.product for line in reversed(sheet.lines) if line.product]


def _shape(rows: str, columns: str) -> str:
    return "" if (rows, columns) == (BASE, BASE) else f" : {rows} x {columns}"


def matrix_for(
    sheet: Sheet, width: str | None, matrix: str | None, transposed: bool = False, rows: str | None = None
) -> tuple[Sheet, str]:
    """The matrix that takes a vector of class `width` (and gives one of class `rows`, where that is said), declared
    if needed."""

    def fits(name: str) -> bool:
        line = sheet.line(name)
        if line is None or line.keyword != "matrix":
            return False
        out, into = line.shape[::-1] if transposed else line.shape
        return width in (None, into) and rows in (None, out)

    if matrix not in (None, "new"):
        assert matrix is not None
        _check(sheet, matrix, "matrix")
        if not fits(matrix):
            out, into = sheet[matrix].shape[::-1] if transposed else sheet[matrix].shape
            shown = f"{matrix}.T" if transposed else matrix
            refuse(
                "width-class",
                f"{shown} takes class {into} to class {out}, but class {width or into} to {rows or out} is needed.",
                "Use another matrix, or a new one.",
                (matrix,),
            )
        return sheet, matrix
    if matrix is None:
        used = [p.matrix for p in _products(sheet)] + sheet.named("matrix")[::-1]
        if found := next((m for m in used if fits(m)), None):
            return sheet, found
    into = width or BASE
    out = rows or into
    shape = (into, out) if transposed else (out, into)
    name = fresh("matrix", sheet.taken)
    return declare(sheet, f"matrix {name}{_shape(*shape)} ~ N(0, 1/{shape[1]})"), name


def embedding_for(
    sheet: Sheet, source: str, embedding: str | None = None, rows: str | None = None
) -> tuple[Sheet, str]:
    """The embedding for an input: the last used one that fits its number of entries, declared if needed."""

    def entries(name: str) -> int | None:
        right = sheet[name].code.partition("=")[2] if name in sheet.where else ""
        return right.count(",") + 1 if right.strip() else None

    def fits(name: str) -> bool:
        line = sheet.line(name)
        if line is None or line.keyword != "embedding" or rows not in (None, line.shape[0]):
            return False
        others = {
            entries(p.vector) for p in _products(sheet) if p.matrix == name and sheet.kind(p.vector) == "input"
        } - {None}
        return entries(source) is None or others <= {entries(source)}

    if embedding not in (None, "new"):
        assert embedding is not None
        _check(sheet, embedding, "embedding")
        return sheet, embedding
    if embedding is None:
        used = [p.matrix for p in _products(sheet)] + sheet.named("embedding")[::-1]
        if found := next((u for u in used if fits(u)), None):
            return sheet, found
    name = fresh("embedding", sheet.taken)
    shape = f" : {rows} x d" if rows not in (None, BASE) else ""
    return declare(sheet, f"embedding {name}{shape} ~ N(0, 1/d)"), name


def readout_for(sheet: Sheet, width: str | None) -> tuple[Sheet, str]:
    """The readout for a vector of the class: the last used one, declared if needed."""
    readouts = [r for r in sheet.named("readout") if sheet[r].width == (width or BASE)]
    used = [
        term.partition(".")[0].split("*")[-1].strip(" (")
        for line in sheet.lines
        if line.form == "output"
        for _, term in terms_of(line.right)
    ]
    if found := next((r for r in [*used[::-1], *readouts[::-1]] if r in readouts), None):
        return sheet, found
    name = fresh("readout", sheet.taken)
    shown = f" : {width}" if width not in (None, BASE) else ""
    return declare(sheet, f"readout {name}{shown} ~ N(0, 1)"), name


def function_for(sheet: Sheet) -> tuple[Sheet, str]:
    """The last used declared function of one parameter, the last declared one, or a new phi."""
    unary = [f for f in sheet.named("function") if len(sheet[f].parameters) == 1]
    used = [n for line in sheet.lines if line.form in ("gate", "moment") for n in line.reads if n in unary]
    if used or unary:
        return sheet, (used or unary)[-1]
    name = fresh("function", sheet.taken)
    return declare(sheet, f"function {name}(z) = relu(z)"), name


def _check(sheet: Sheet, name: str, keyword: str) -> None:
    if sheet.kind(name) != keyword:
        known = sheet.named(keyword)
        what = f"an {keyword}" if keyword == "embedding" else f"a {keyword}"
        refuse(
            "unknown",
            f"{name} is not {what}.",
            f"Choose {' or '.join(known)}." if known else "Declare one first.",
            (name,),
        )
