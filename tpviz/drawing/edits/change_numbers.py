"""Commands that change a number, a distribution, an input's value or a width class."""

from __future__ import annotations

import ast
import re

from tpviz.language.expressions import unparse
from tpviz.language.instructions import BASE

from .check import check_line, number_of, plain, set_span, shown
from .initial import arguments, items
from .lines import Line, Sheet
from .names import NAME
from .order import settle
from .state import Change, State, finish, refuse
from .trees import terms_of, tree_of, with_terms

__all__ = ["set_constant", "set_distribution", "set_input", "set_scalar", "set_width"]

Value = float | int | str


def _declared(sheet: Sheet, name: str, *keywords: str) -> Line:
    """The line of a declaration. Raises `EditError` when the name is not declared so."""
    line = sheet.line(name)
    if line is None:
        refuse("unknown", f"There is no {str(name)[:60]}.", "Draw or declare it first.", (str(name)[:60],))
    if line.keyword not in keywords:
        what = " or ".join(keywords)
        hint = "It is computed: delete the edge into it to make it initial." if not line.keyword else ""
        refuse("type", f"{name} is not declared as {what}.", hint, (name,))
    return line


def _put(sheet: Sheet, name: str, line: Line) -> Sheet:
    sheet = sheet.set(sheet.where[name], line)
    check_line(sheet, sheet.where[name])
    return sheet


def set_distribution(state: State, name: str, mean: Value | None = None, variance: Value | None = None) -> Change:
    """Mean and variance of an initial vector, readout or bias; for a matrix or embedding `variance` is s of N(0, s/n).

    Where the variance is a declared constant and a number is given, the constant is set, so that all that share it
    move.
    """
    sheet = Sheet.of(state.source)
    line = _declared(sheet, name, "vector", "readout", "bias", "matrix", "embedding")
    new = sheet
    if mean is not None:
        if line.keyword in ("matrix", "embedding"):
            refuse(
                "mean", f"The entries of {name} have mean 0.", "Only the variance of a matrix can be changed.", (name,)
            )
        new = _set_moment(new, name, shown(mean), number_of(mean), 0)
    if variance is not None:
        new = _set_moment(new, name, shown(variance), number_of(variance), 1)
    what = (
        f"mean of {name} to {shown(mean)}"
        if variance is None and mean is not None
        else f"variance of {name} to {shown(variance or 0)}"
    )
    return finish(state, new, f"Set {what}", [name])


def _span(line: Line, name: str, which: int) -> tuple[int, int]:
    """Where the mean (0) or variance (1) of the name stands."""
    found = arguments(line)
    if found is None:
        refuse(
            "distribution",
            f"The line of {name} has no distribution N(mean, variance).",
            "Correct it in the text.",
            (name,),
        )
    entries = items(line.code, found[which]) if line.keyword == "vector" else None
    if entries is None:
        return found[which]
    k = line.defines.index(name)
    if k < len(entries) and which == 0:
        return entries[k]
    row = items(line.code, entries[k]) if k < len(entries) else None
    if row is None or k >= len(row):
        refuse(
            "shape",
            f"The distribution of {', '.join(line.defines)} has too few entries.",
            "Correct it in the text.",
            line.defines,
        )
    return row[k]


def _set_moment(sheet: Sheet, name: str, text: str, number: float | None, which: int) -> Sheet:
    line = sheet[name]
    span = _span(line, name, which)
    old = line.code[slice(*span)]
    columns = ""
    if line.keyword in ("matrix", "embedding"):
        columns = line.shape[1]
        old = re.sub(rf"/\s*{columns}\s*$", "", old).strip().removeprefix("(").removesuffix(")")
    if number is not None and which == 1 and number < 0:
        refuse("variance", f"The variance of {name} cannot be {text}.", "A variance is a number ≥ 0.", (name,))
    if number is not None and sheet.kind(old.strip()) == "constant":
        return _set_constant(sheet, old.strip(), text)
    if columns:
        tree = tree_of(text)
        text = f"{_factor(tree, text)}/{columns}"
    return _put(sheet, name, set_span(line, span, text))


def _factor(tree: ast.expr | None, text: str) -> str:
    try:
        return unparse(tree, 2) if tree is not None else text
    except (KeyError, TypeError):
        return text


def _set_constant(sheet: Sheet, name: str, text: str) -> Sheet:
    line = sheet[name]
    head = line.code.partition("=")[0]
    return _put(sheet, name, line.with_code(f"{head.rstrip()} = {text}"))


def set_constant(state: State, name: str, value: Value) -> Change:
    """`constant sw2 = value`"""
    sheet = Sheet.of(state.source)
    _declared(sheet, name, "constant")
    return finish(state, _set_constant(sheet, name, shown(value)), f"Set {name} to {shown(value)}")


def set_scalar(state: State, name: str, value: Value | None = None, limit: Value | None = None) -> Change:
    """`scalar eps = value -> limit`; an empty limit takes it away, None leaves it."""
    sheet = Sheet.of(state.source)
    line = _declared(sheet, name, "scalar")
    head, _, right = line.code.rstrip().partition("=")
    old_value, arrow, old_limit = (part.strip() for part in right.partition("->"))
    new_value = old_value if value is None else shown(value)
    new_limit = (old_limit if arrow else "") if limit is None else shown(limit)
    code = f"{head.rstrip()} = {new_value}" + (f" -> {new_limit}" if new_limit else "")
    return finish(state, _put(sheet, name, line.with_code(code)), f"Set {name} to {new_value}", [name])


def set_input(state: State, name: str, text: str) -> Change:
    """`input xi = [1.0, -0.5]`; empty text makes the input free."""
    sheet = Sheet.of(state.source)
    line = _declared(sheet, name, "input")
    text = plain(text)
    if text and not text.startswith("["):
        text = f"[{text}]"
    head = line.code.partition("=")[0].rstrip()
    return finish(state, _put(sheet, name, line.with_code(f"{head} = {text}" if text else head)), f"Set {name}", [name])


_CLASS_PLACE = {
    "vector": re.compile(rf"^\s*vector\s+{NAME}(?:\s*,\s*{NAME})*()(\s*:\s*{NAME})?\s*~"),
    "readout": re.compile(rf"^\s*readout\s+{NAME}()(\s*:\s*{NAME})?\s*~"),
    "matrix": re.compile(rf"^\s*matrix\s+{NAME}()(\s*:\s*{NAME}\s+x\s+{NAME})?\s*~"),
    "embedding": re.compile(rf"^\s*embedding\s+{NAME}()(\s*:\s*{NAME}\s+x\s+{NAME})?\s*~"),
}


def set_width(state: State, name: str, width_class: str) -> Change:
    """The width class of an initial vector or readout, the rows of an embedding, or `m x n` of a matrix."""
    sheet = Sheet.of(state.source)
    line = _declared(sheet, name, *_CLASS_PLACE)
    width_class = plain(width_class)
    classes = re.split(r"\s+x\s+", width_class)
    for c in classes:
        if c != BASE and sheet.kind(c) != "width":
            refuse(
                "unknown",
                f"There is no width class {c[:60]}.",
                f"Declare it above: width {c[:60] or 'm'} = 2*n",
                (c[:60],),
            )
    wanted = 2 if line.keyword == "matrix" else 1
    if len(classes) != wanted:
        refuse(
            "width",
            f"{name} takes {wanted} width class{'es' * (wanted > 1)}.",
            "Write m x n for a matrix, m for a vector.",
            (name,),
        )
    place = _CLASS_PLACE[line.keyword].match(line.code)
    if place is None:
        refuse("syntax", f"The line of {name} cannot be read.", "Correct it in the text.", (name,))
    columns = "d" if line.keyword == "embedding" else classes[-1]
    if line.keyword in ("matrix", "embedding"):
        text = "" if classes[0] == BASE and columns in (BASE, "d") else f" : {classes[0]} x {columns}"
    else:
        text = "" if classes[0] == BASE else f" : {classes[0]}"
    end = place.end(2) if place.group(2) is not None else place.end(1)
    code = line.code[: place.start(1)] + text + line.code[end:]
    if line.keyword == "matrix":
        code = re.sub(rf"/\s*{line.shape[1]}\s*\)(\s*)$", rf"/{columns})\1", code)
    sheet = sheet.set(sheet.where[name], line.with_code(code))
    if line.keyword == "readout":
        sheet = _rescaled(sheet, name, classes[0])
    sheet = settle(sheet, line.defines)
    check_line(sheet, sheet.where[name])
    return finish(state, sheet, f"Set the width class of {name} to {width_class}", [name])


def _rescaled(sheet: Sheet, readout: str, width: str) -> Sheet:
    """Outputs divide a term by the root of its readout's class."""
    for index in sheet.readers(readout):
        line = sheet.lines[index]
        if line.keyword == "output":
            terms = [
                (
                    sign,
                    re.sub(rf"sqrt\s*\(\s*{NAME}\s*\)", f"sqrt({width})", t)
                    if re.search(rf"(?<!\w){readout}\s*\.\s*T", t)
                    else t,
                )
                for sign, t in terms_of(line.right)
            ]
            sheet = sheet.set(index, line.with_right(with_terms(terms)))
    return sheet
