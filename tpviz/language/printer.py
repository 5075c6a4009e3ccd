"""Instructions as program text, one line each; the canonical form that `parse` reads back."""

from __future__ import annotations

from collections.abc import Iterable

from .instructions import (
    BASE,
    Bias,
    Constant,
    Embed,
    Embedding,
    Function,
    Input,
    Instruction,
    LinComb,
    MatMul,
    Matrix,
    Moment,
    Nonlin,
    Output,
    OutputTerm,
    Readout,
    Scalar,
    Vectors,
    WidthClass,
)

__all__ = ["line_of", "to_text"]


def to_text(instructions: Iterable[Instruction]) -> str:
    return "".join(line_of(i) + "\n" for i in instructions)


def line_of(i: Instruction) -> str:
    """The line of text that stands for the instruction."""
    match i:
        case Constant():
            return f"constant {i.name} = {i.value}"
        case WidthClass():
            return f"width {i.name} = {i.ratio}"
        case Input():
            return f"input {i.name}" + ("" if i.value is None else f" = [{_commas(i.value)}]")
        case Embedding():
            return f"embedding {i.name}{_shape(i.rows, 'd', i.rows != BASE)} ~ N(0, {_over(i.variance, 'd')})"
        case Matrix():
            return f"matrix {i.name}{_shape(i.rows, i.columns, (i.rows, i.columns) != (BASE, BASE))} ~ N(0, {_over(i.variance, i.columns)})"
        case Vectors(names=(name,)):
            return f"vector {name}{_class(i.width)} ~ N({i.mean[0]}, {i.covariance[0][0]})"
        case Vectors():
            rows = ", ".join(f"[{_commas(row)}]" for row in i.covariance)
            return f"vector {', '.join(i.names)}{_class(i.width)} ~ N([{_commas(i.mean)}], [{rows}])"
        case Scalar():
            return f"scalar {i.name} = {i.value}" + ("" if i.limit is None else f" -> {i.limit}")
        case Function():
            return f"function {i.name}({', '.join(i.parameters)}) = {i.body}"
        case Readout():
            return f"readout {i.name}{_class(i.width)} ~ N({i.mean}, {i.variance})"
        case Bias():
            return f"bias {i.name} ~ N({i.mean}, {i.variance})"
        case Embed():
            return f"{i.name} = {i.embedding} @ {i.input}"
        case MatMul():
            return f"{i.name} = {i.matrix}{'.T' if i.transposed else ''} @ {i.vector}"
        case LinComb() | Nonlin():
            return f"{i.name} = {i.expression}"
        case Moment():
            return f"{i.name} = mean({i.expression})" if i.average else f"{i.name} = {i.expression}"
        case Output():
            return f"output {i.name} = " + _sum(i.terms)
    raise TypeError(f"not an instruction: {i!r}")


def _commas(items: Iterable) -> str:
    return ", ".join(str(x) for x in items)


def _shape(rows: str, columns: str, show: bool) -> str:
    return f" : {rows} x {columns}" if show else ""


def _class(width: str) -> str:
    return "" if width == BASE else f" : {width}"


def _over(variance, columns: str) -> str:
    from .expressions import unparse

    return f"{unparse(variance.tree, 2)}/{columns}"


def _sum(terms: tuple[OutputTerm, ...]) -> str:
    from .expressions import unparse

    out = ""
    for k, t in enumerate(terms):
        coefficient, sign = unparse(t.coefficient.tree, 2), " + "
        if coefficient.startswith("(-") and coefficient.endswith(")") and str(t.coefficient) == coefficient[1:-1]:
            coefficient, sign = (
                unparse(t.coefficient.tree.operand, 2) if hasattr(t.coefficient.tree, "operand") else coefficient,
                " - ",
            )
        factor = "" if coefficient == "1" else f"{coefficient}*"
        body = t.readout if t.vector is None else f"{t.readout}.T @ {t.vector} / sqrt({t.width})"
        out += (("-" if sign == " - " else "") if k == 0 else sign) + factor + body
    return out
