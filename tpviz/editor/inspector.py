"""The inspector: what is selected, its fields and its formulas; and which edit a changed field stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..drawing import edits
from ..drawing.edits import Change, EditError, State
from ..drawing.scene import Scene
from ..language import Parsed, Program, parse_partial
from ..language.instructions import (
    Bias,
    Embed,
    Input,
    Instruction,
    LinComb,
    MatMul,
    Matrix,
    Moment,
    Nonlin,
    Output,
    Readout,
    Scalar,
    Vectors,
)
from ..language.labels import function_label, label
from ..limit import Step

__all__ = ["apply_field", "describe", "subject_of"]

Row = dict[str, Any]


def subject_of(parsed: Parsed, scene: Scene, nodes: Sequence[str], edges: Sequence[str]) -> str | None:
    """The name whose instruction the selection stands for: a vector, a gate's result, the product an edge makes."""
    if len(nodes) == 1 and not edges:
        node = nodes[0]
        if node.startswith("ghost:"):
            return node.split(":")[1]
        return node.removeprefix("gate:")
    if len(edges) == 1 and not nodes:
        edge = next((e for e in scene.edges if e.id == edges[0]), None)
        if edge is not None:
            return edge.target.removeprefix("gate:")
    return None


def _text(text: str) -> Row:
    return {"text": text}


def _tex(tex: str) -> Row:
    return {"tex": tex}


def _field(
    id_: str,
    label_: list[Row],
    kind: str,
    value: str,
    options: list[Row] | None = None,
    error: str | None = None,
    help_: str = "",
) -> Row:
    return {
        "min": 0 if id_ in ("variance", "parameter") else None,
        "id": id_,
        "label": label_,
        "kind": kind,
        "value": value,
        "options": options or [],
        "error": error,
        "help": help_,
    }


def describe(parsed: Parsed, state: State, name: str, gate: bool, steps: Sequence[Step]) -> Row | None:
    """The inspector's content for `name`; `gate` is true where its gate is selected rather than its circle."""
    statement = next((s for s in parsed.statements if name in s.names), None)
    if statement is None:
        return None
    program = parsed.program
    shown = state.labels.get(name, label(name))
    formulas = [{"left": s.left, "right": s.right, "tag": s.rule} for s in steps]
    base = {"key": f"gate:{name}" if gate else name, "formulas": formulas, "buttons": [], "subtitle": []}
    error = next((d for d in statement.diagnostics), None)
    i = statement.instruction
    if i is None or (statement.blocked and not isinstance(i, LinComb | Nonlin | Moment)):
        fields = [_field("name", [_text("Name")], "name", name)]
        right = _right_side(statement.text)
        if right is not None:
            where = [_tex(f"{shown} =")] if "~" not in statement.text.split("#", 1)[0] else [_tex(rf"{shown} \sim")]
            fields.append(
                _field(
                    "expression",
                    where,
                    "code",
                    right,
                    error=error.message if error else None,
                    help_=error.hint if error else "",
                )
            )
        broken = [n for s in parsed.statements for n in s.names if s.diagnostics and n != name]
        reads = ", ".join(dict.fromkeys(n for n in broken if re.search(rf"\b{re.escape(n)}\b", right or "")))
        why = (
            f"it reads {reads}, whose line is not complete"
            if statement.blocked and reads
            else "give it what is missing"
        )
        return {**base, "title": [_text("Unfinished "), _tex(shown)], "subtitle": [_text(why)], "fields": fields}
    naming = _field("name", [_text("Name")], "name", name)
    match i:
        case Vectors():
            return {**base, **_initial(i, name, shown, naming)}
        case Readout() | Bias():
            kind = "Readout" if isinstance(i, Readout) else "Output bias"
            fields = [
                naming,
                _field("mean", [_text("Mean")], "number", str(i.mean)),
                _field("variance", [_tex(rf"\sigma_{{{shown}}}^2 =")], "number", str(i.variance)),
            ]
            return {**base, "title": [_text(f"{kind} "), _tex(shown)], "fields": fields}
        case Scalar():
            fields = [naming, _field("value", [_text("Value")], "code", str(i.value)),
                      _field("limit", [_text("Limit")], "code", "" if i.limit is None else str(i.limit), help_="as n → ∞; empty: its value")]  # fmt: skip
            return {**base, "title": [_text("Scalar "), _tex(shown)], "subtitle": [_text("given")], "fields": fields}
        case Input():
            value = "" if i.value is None else "[" + ", ".join(str(e) for e in i.value) + "]"
            return {**base, "title": [_text("Input "), _tex(shown)], "subtitle": [_text("a vector of "), _tex(r"\mathbb R^d")],
                    "fields": [naming, _field("input", [_tex(f"{shown} =")], "code", value, help_="its entries, as [1.0, -0.5]")]}  # fmt: skip
        case Embed():
            return {**base, **_embed(program, i, shown, naming)}
        case MatMul():
            return {**base, **_product(program, i, shown, naming)}
        case LinComb() | Nonlin() | Moment():
            return {**base, **_expression(parsed, state, i, name, shown, naming)}
        case Output():
            return {
                **base,
                "title": [_text("Output "), _tex(shown)],
                "fields": [
                    naming,
                    _field("expression", [_tex(f"{shown} =")], "code", _right_side(statement.text) or ""),
                ],
            }
    return None


def _right_side(line: str) -> str | None:
    code = line.split("#", 1)[0]
    sign = "~" if "~" in code else "="
    return code.split(sign, 1)[1].strip() if sign in code else None


def _initial(i: Vectors, name: str, shown: str, naming: Row) -> Row:
    title = [_text("Initial vector "), _tex(shown)]
    if len(i.names) == 1:
        fields = [
            naming,
            _field("mean", [_text("Mean")], "number", str(i.mean[0])),
            _field("variance", [_text("Variance")], "number", str(i.covariance[0][0])),
        ]
        return {"title": title, "subtitle": [_text("its coordinates are iid")], "fields": fields}
    k = i.names.index(name)
    others = ", ".join(n for n in i.names if n != name)
    fields = [
        naming,
        _field("mean", [_text("Mean")], "number", str(i.mean[k])),
        _field("variance", [_text("Variance")], "number", str(i.covariance[k][k])),
    ]
    return {
        "title": title,
        "subtitle": [_text(f"jointly Gaussian with {others}; covariances stand in the text")],
        "fields": fields,
    }


def _embed(program: Program, i: Embed, shown: str, naming: Row) -> Row:
    u, source = label(i.embedding), program[i.input]
    value = ""
    if isinstance(source, Input) and source.value is not None:
        value = "[" + ", ".join(str(e) for e in source.value) + "]"
    fields = [naming, _field("parameter", [_tex(rf"\sigma_{{{u}}}^2 =")], "number", str(program[i.embedding].variance)),  # type: ignore[union-attr]
              _field("input", [_tex(f"{label(i.input)} =")], "code", value, help_="the input's entries, as [1.0, -0.5]")]  # fmt: skip
    return {
        "title": [_text("Embedded input "), _tex(shown)],
        "subtitle": [_tex(f"{u}\\,{label(i.input)}")],
        "fields": fields,
    }


def _product(program: Program, i: MatMul, shown: str, naming: Row) -> Row:
    matrix = program[i.matrix]
    assert isinstance(matrix, Matrix)
    w = label(i.matrix)
    options = [{"value": m, "label": m} for m in program.matrices] + [{"value": "new", "label": "a new matrix"}]
    fields = [naming, _field("matrix", [_text("Matrix")], "choice", i.matrix, options),
              _field("transposed", [_text("Read as")], "choice", "T" if i.transposed else "", [{"value": "", "label": i.matrix}, {"value": "T", "label": f"{i.matrix}ᵀ"}]),
              _field("parameter", [_tex(rf"\sigma_{{{w}}}^2 =")], "number", str(matrix.variance))]  # fmt: skip
    read = w + (r"^{\top}" if i.transposed else "")
    return {"title": [_text("MatMul "), _tex(rf"{shown} = {read}\,{label(i.vector)}")], "fields": fields}


def _expression(parsed: Parsed, state: State, i: LinComb | Nonlin | Moment, name: str, shown: str, naming: Row) -> Row:
    symbols = parsed.program.scope.symbols
    inputs = [
        x for x in i.expression.names if x not in ("pi", "e") and (x not in symbols or symbols[x].type != "constant")
    ]
    listed: list[Row] = []
    for k, x in enumerate(inputs):
        listed += [_text(" and " if k == len(inputs) - 1 else ", ")] if k else []
        listed.append(_tex(state.labels.get(x, label(x))))
    call = i.expression.call
    what = {LinComb: "LinComb", Nonlin: "Nonlin", Moment: "Moment" if i_average(i) else "Scalar expression"}[type(i)]
    symbol = "+" if isinstance(i, LinComb) else function_label(call) if call else r"\psi"
    subtitle = [_text("makes "), _tex(shown), *([_text(" from "), *listed] if listed else [])]
    left = rf"{shown} = \tfrac1n\sum" if i_average(i) else f"{shown} ="
    fields = [naming]
    if call is not None and (function := _function_line(parsed, call)) is not None:
        parameters, body, problem = function
        head = [_tex(f"{function_label(call)}({', '.join(label(p) for p in parameters)}) =")]
        fields.append(_field("function", head, "code", body, error=problem))
    fields.append(_field("expression", [_tex(left)], "code", str(i.expression)))
    return {"title": [_text(f"{what} "), _tex(symbol)], "subtitle": subtitle, "fields": fields}


def _function_line(parsed: Parsed, name: str) -> tuple[list[str], str, str | None] | None:
    """Parameters, body and problem of a declared function, as its line has them, right or wrong."""
    for s in parsed.statements:
        m = re.match(rf"\s*function\s+{re.escape(name)}\s*\(([^()]*)\)\s*=(.*)$", s.text.split("#", 1)[0])
        if m is not None:
            return (
                [p.strip() for p in m[1].split(",")],
                m[2].strip(),
                s.diagnostics[0].message if s.diagnostics else None,
            )
    return None


def i_average(i: object) -> bool:
    return isinstance(i, Moment) and i.average


#: fields that hold numbers or expressions of constants: a line that they make wrong is refused at once
_NUMERIC = ("mean", "variance", "parameter", "value", "limit", "input")


def apply_field(state: State, parsed: Parsed, name: str, field: str, value: str) -> Change:
    """The edit that a changed field stands for. `EditError` where the value is wrong."""
    value = value.strip()
    i = next((s.instruction for s in parsed.statements if name in s.names), None)
    change = _edit(state, i, name, field, value)
    if field in _NUMERIC:
        known = {(d.code, d.names) for d in parsed.diagnostics}
        problem = next((d for d in parse_partial(change.source).diagnostics if (d.code, d.names) not in known), None)
        if problem is not None:
            raise EditError(problem)
    return change


def _edit(state: State, i: Instruction | None, name: str, field: str, value: str) -> Change:
    if not value and field not in ("limit", "input"):
        raise EditError("This field cannot be empty.", hint="Write a value, or press Escape to keep the old one.")
    if field in ("mean", "variance", "parameter") and "," in value:
        raise EditError("This is not one number.", hint="Write it with a point, as 1.5.")
    match field:
        case "name":
            return edits.rename(state, name, value)
        case "expression":
            return edits.set_expression(state, name, value)
        case "mean":
            return edits.set_distribution(state, name, mean=value)
        case "variance":
            return edits.set_distribution(state, name, variance=value)
        case "value":
            return edits.set_scalar(state, name, value=value)
        case "limit":
            return edits.set_scalar(state, name, limit=value)
    if field == "parameter" and isinstance(i, MatMul | Embed):
        return edits.set_distribution(state, i.matrix if isinstance(i, MatMul) else i.embedding, variance=value)
    if field == "input" and isinstance(i, Input | Embed):
        return edits.set_input(state, i.input if isinstance(i, Embed) else name, value)
    if field == "function" and isinstance(i, Nonlin | Moment | LinComb) and i.expression.call:
        return edits.set_function(state, i.expression.call, value)
    if field == "matrix" and isinstance(i, MatMul):
        return edits.set_product(state, name, matrix=value)
    if field == "transposed" and isinstance(i, MatMul):
        return edits.set_product(state, name, transposed=value == "T")
    raise EditError(f"{name} has no field {field}.", hint="Select it again.")
