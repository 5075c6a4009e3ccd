"""Connecting two nodes: what an edge means follows from what stands at its ends."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeGuard

from tpviz.language.parser import parse_partial

from .add import add_product, check_vector, check_widths, operands, term_for
from .declare import arity, embedding_for, matrix_for
from .initial import is_initial, take_out
from .lines import Line, Product, Sheet
from .order import refuse_cycle, settle
from .places import WIRE, below
from .state import Change, State, base_name, finish, is_node, nodes_of, refuse
from .trees import fill_hole, ports, reads_term, terms_of, with_factor, with_input, with_terms

__all__ = ["connect"]

_TOOLS = ("select", "wire", "matmul")


def connect(state: State, source: str, target: str, slot: int | None = None, tool: str = "select") -> Change:
    """An edge from `source` to `target`, drawn with `tool` (select, wire or matmul).

    Into a gate it adds an input, into an initial vector it makes the vector a product (or with the wire an alias),
    into an output it adds a term, and from a gate into an initial vector it makes that the gate's result. Raises
    `EditError` where it means nothing: a cycle, width classes that do not fit, a vector that is computed already.
    """
    sheet = Sheet.of(state.source)
    tool = tool if tool in _TOOLS else "select"
    nodes = nodes_of(sheet)
    for node in (source, target):
        if not is_node(node, sheet, nodes):
            refuse("unknown", f"There is no node {base_name(node)[:60]}.", "Draw it first.", (base_name(node),))
    if source.startswith("ghost:"):
        refuse(
            "hole",
            f"A vector is missing here, for {base_name(source)}.",
            "Connect a vector to it first.",
            (base_name(source),),
        )
    start, end = base_name(source), base_name(target)
    if sheet.kind(start) == "output":
        refuse(
            "type",
            f"{start} is an output: nothing reads it.",
            "Start the edge at the vector that it reads out.",
            (start,),
        )
    if sheet.kind(end) == "input":
        refuse(
            "type",
            f"{end} is an input of the network: it has no incoming edges.",
            "Start the edge at it instead.",
            (end,),
        )
    if sheet.kind(end) == "bias":
        refuse("type", f"{end} is a bias: it has no incoming edges.", "Start the edge at it instead.", (end,))
    refuse_cycle(sheet, start, end)
    if target.startswith("ghost:") and sheet[end].form in ("gate", "moment"):
        target, slot = f"gate:{end}", _port_of_ghost(sheet, target)
    gate = target.startswith("gate:")
    if sheet.kind(end) == "output":
        return _to_output(state, sheet, start, end)
    if sheet.kind(start) == "bias":
        refuse(
            "type",
            f"{start} is an output bias: it is added to outputs only.",
            f"For a bias vector write vector {start} ~ N(0, 0.1)",
            (start,),
        )
    if source.startswith("gate:") and not gate and is_initial(sheet, end):
        return _as_result(state, sheet, start, end)
    if gate and tool == "matmul" and sheet.kind(start) != "scalar":
        return _through_product(state, start, target, slot)
    if gate:
        return _to_gate(state, sheet, start, end, slot)
    if sheet.kind(start) == "input":
        return _embed(state, sheet, start, end)
    if sheet.kind(end) == "scalar":
        return _to_scalar(state, sheet, start, end, slot)
    if sheet.kind(start) == "scalar" or tool == "wire":
        return _wire(state, sheet, start, end, slot)
    return _multiply(state, sheet, start, end)


def _done(state: State, sheet: Sheet, name: str, description: str, gate: bool = False) -> Change:
    """The change, with the line in its place and room for a new gate."""
    layout = dict(state.layout)
    if gate and f"gate:{name}" not in layout and name in layout:
        x, y = layout[name]
        layout[f"gate:{name}"] = below(layout, (x - WIRE, y))
    sheet = settle(sheet, [name])
    _refuse_new_misfits(state, sheet)
    return finish(state, sheet, description, [name], layout)


def _refuse_new_misfits(state: State, sheet: Sheet) -> None:
    """An edge may give a half-drawn vector its width class: what reads the vector must fit it."""
    if not any(line.keyword == "width" for line in sheet.lines):
        return
    known = {d.message for d in parse_partial(state.source).diagnostics}
    for d in parse_partial(sheet.source).diagnostics:
        if d.code == "width-class" and d.message not in known:
            refuse(d.code, d.message, d.hint, d.names)


def _through_product(state: State, start: str, target: str, slot: int | None) -> Change:
    """A dashed edge into a gate: the product gets a circle of its own, and a wire from there."""
    made = add_product(state, start)
    change = connect(made.state, made.selection[0], target, slot, "wire")
    return replace(change, description=f"Connect {start} to the gate of {base_name(target)} through a product")


def _to_gate(state: State, sheet: Sheet, start: str, end: str, slot: int | None) -> Change:
    operands(sheet, [start], "gate")
    line = sheet[end]
    text = line.expression
    read = [n for n in ports(text, sheet.is_operand) if n != "?"]
    if sheet.is_vector(start):
        check_widths(sheet, [*(n for n in read if sheet.is_vector(n)), start], "gate")
    if start in read and "?" not in text and line.form != "moment":
        refuse(
            "input",
            f"{start} is an input of this gate already.",
            f"Edit the expression of {end} to use it twice.",
            (start, end),
        )
    if "?" in text:
        new: str | None = _filled(sheet, text, start, end, _hole(sheet, text, slot))
    elif line.form == "moment":
        new = with_factor(text, start)
    else:
        if sheet.kind(end) == "scalar" and sheet.is_vector(start):
            refuse(
                "type",
                f"{end} is a scalar made of scalars, {start} is a vector.",
                f"Draw a Moment of {start} and connect that.",
                (start, end),
            )
        new = with_input(text, start, lambda f: arity(sheet, f))
    if new is None:
        refuse(
            "syntax", f"The line of {end} cannot be read: {line.right[:60]}", "Correct its expression first.", (end,)
        )
    return _done(
        state, sheet.set(sheet.where[end], line.with_expression(new)), end, f"Connect {start} to the gate of {end}"
    )


def _filled(sheet: Sheet, text: str, start: str, end: str, which: int) -> str:
    """The text with its hole filled; a scalar alone makes no vector, so that there the hole stays beside it."""
    new = fill_hole(text, start, which)
    if sheet.kind(end) != "vector" or "?" in new or any(sheet.is_vector(n) for n in ports(new, sheet.is_operand)):
        return new
    if re.fullmatch(r"(.*[(,])?\s*\?\s*([),].*)?", text) is None:
        refuse(
            "type",
            f"The gate of {end} needs a vector here, {start} is a scalar.",
            "Connect a vector first.",
            (start, end),
        )
    return fill_hole(text, f"{start} + ?", which)


def _hole(sheet: Sheet, text: str, slot: int | None) -> int:
    """Which hole of the text the slot means."""
    places = ports(text, sheet.is_operand)
    if slot is not None and 0 <= slot < len(places) and places[slot] == "?":
        return places[:slot].count("?")
    return 0


def _port_of_ghost(sheet: Sheet, ghost: str) -> int:
    """The port of a gate that a missing vector stands at."""
    name = base_name(ghost)
    if "@" in sheet[name].right:
        refuse(
            "nested-product", f"A product stands inside the gate of {name}.", "Split its line into two first.", (name,)
        )
    holes = [k for k, p in enumerate(ports(sheet[name].expression, sheet.is_operand)) if p == "?"]
    return holes[min(int(ghost.rpartition(":")[2]), len(holes) - 1)]


def _to_output(state: State, sheet: Sheet, start: str, end: str) -> Change:
    line = sheet[end]
    terms = terms_of(line.right)
    if any(reads_term(t, start) for _, t in terms):
        refuse(
            "input",
            f"{end} reads {start} already.",
            f"Edit the expression of {end} to change its coefficient.",
            (start, end),
        )
    sheet, term = term_for(sheet, start)
    hole = next((k for k, (_, t) in enumerate(terms) if "?" in t), None)
    if hole is not None:
        terms[hole] = (terms[hole][0], term)
        right = with_terms(terms)
    else:
        right = f"{line.right} + {term}" if line.right else term
    return _done(state, sheet.set(sheet.where[end], line.with_right(right)), end, f"Read {start} out in {end}")


def _refuse_computed(sheet: Sheet, end: str, product: bool) -> None:
    line = sheet.where[end] + 1
    what = "is a result of a gate" if f"gate:{end}" in nodes_of(sheet) else "is computed"
    hint = f"Delete the edge into {end} first, or draw to the empty canvas for a new vector."
    if not product:
        hint = f"Connect to its gate to add an input. {hint}"
    refuse("computed", f"{end} {what} already, on line {line}.", hint, (end,))


def _is_open(p: Product | None, sheet: Sheet) -> TypeGuard[Product]:
    """A product whose vector is missing."""
    return p is not None and (p.vector == "?" or p.vector not in sheet.where)


def _is_hole_alias(line: Line) -> bool:
    return line.form == "gate" and line.right in ("?", "")


def _check_class(sheet: Sheet, end: str, width: str | None, what: str) -> None:
    """A vector that is read elsewhere keeps its width class."""
    own = sheet.width(end)
    if sheet.readers(end) and own is not None and width is not None and own != width:
        refuse(
            "width-class",
            f"{what} is of class {width}, but {end} is of class {own} and used as such.",
            f"Bring one into the other class with a matrix {own} x {width}.",
            (end,),
        )


def _assign(sheet: Sheet, name: str, right: str) -> Sheet:
    """The vector's line, an initial or half-drawn one, as an assignment."""
    line = sheet[name]
    if line.keyword:
        sheet = take_out(sheet, name)
        line = sheet[name]
        return sheet.set(sheet.where[name], line.with_code(f"{line.indent}{name} = {right}"))
    return sheet.set(sheet.where[name], line.with_right(right))


def _embed(state: State, sheet: Sheet, start: str, end: str) -> Change:
    line, p = sheet[end], sheet[end].product
    if sheet.kind(end) == "scalar":
        refuse(
            "type", f"{start} is an input and {end} a scalar.", f"Embed the input first: h = U @ {start}", (start, end)
        )
    if not (is_initial(sheet, end) or _is_hole_alias(line) or _is_open(p, sheet)):
        _refuse_computed(sheet, end, p is not None)
    named = p.matrix if p and p.matrix != "?" else None
    if named and sheet.kind(named) != "embedding":
        refuse(
            "type",
            f"{named} is a matrix and takes a vector, {start} is an input.",
            f"Use an embedding: {end} = U @ {start}",
            (named, start),
        )
    rows = sheet.class_of(end) if sheet.readers(end) or line.keyword else None
    sheet, used = embedding_for(sheet, start, named, rows)
    return _done(state, _assign(sheet, end, f"{used} @ {start}"), end, f"Embed {start} as {end}")


def _to_scalar(state: State, sheet: Sheet, start: str, end: str, slot: int | None) -> Change:
    line = sheet[end]
    if not line.keyword:
        return _to_gate(state, sheet, start, end, slot)
    right = f"mean({start})" if sheet.is_vector(start) else start
    return _done(state, _assign(sheet, end, right), end, f"Compute {end} from {start}", gate=True)


def _wire(state: State, sheet: Sheet, start: str, end: str, slot: int | None) -> Change:
    line, p = sheet[end], sheet[end].product
    if p or line.form == "product":
        if _is_open(p, sheet):
            return _multiply(state, sheet, start, end)
        _refuse_computed(sheet, end, True)
    if line.form == "gate":
        return _to_gate(state, sheet, start, end, slot)
    if sheet.kind(start) == "scalar":
        refuse(
            "type",
            f"{start} is a scalar, {end} a vector.",
            f"Draw a Nonlin with {start} and a vector as its inputs.",
            (start, end),
        )
    check_vector(sheet, start, "LinComb")
    if sheet.kind(end) == "readout":
        _refuse_readout(end)
    _check_class(sheet, end, sheet.width(start), start)
    return _done(state, _assign(sheet, end, start), end, f"Connect {start} to {end}", gate=True)


def _refuse_readout(end: str) -> None:
    refuse("type", f"{end} is a readout: it is not computed.", "Draw to another vector.", (end,))


def _multiply(state: State, sheet: Sheet, start: str, end: str) -> Change:
    line, p = sheet[end], sheet[end].product
    check_vector(sheet, start, "product")
    if sheet.kind(end) == "readout":
        _refuse_readout(end)
    if _is_open(p, sheet):
        matrix, transposed = (None if p.matrix == "?" else p.matrix), p.transposed
        if matrix and sheet.kind(matrix) == "embedding":
            refuse(
                "type",
                f"{matrix} is an embedding and takes an input, {start} is a vector.",
                f"Use a matrix: {end} = W @ {start}",
                (matrix, start),
            )
    elif is_initial(sheet, end) or _is_hole_alias(line):
        matrix, transposed = None, False
    else:
        _refuse_computed(sheet, end, p is not None or line.form == "product")
    rows = sheet.class_of(end) if sheet.readers(end) or line.keyword else None
    sheet, used = matrix_for(sheet, sheet.width(start), matrix, transposed, rows)
    product = Product(used, transposed, start)
    return _done(state, _assign(sheet, end, product.text), end, f"Connect {start} to {end} by {used}")


def _as_result(state: State, sheet: Sheet, start: str, end: str) -> Change:
    """The gate's result takes the name and the place of an initial vector, whose declaration goes away."""
    if sheet.is_vector(start) != sheet.is_vector(end):
        one, other = (sheet.kind(n) for n in (start, end))
        refuse(
            "type",
            f"The gate gives a {one}, {end} is a {other}.",
            f"Draw to a {one}, or to the empty canvas.",
            (start, end),
        )
    if sheet.kind(end) == "readout":
        _refuse_readout(end)
    _check_class(sheet, end, sheet.width(start), f"The result {start}")
    sheet = take_out(sheet, end)
    at = sheet.where[end]
    sheet = sheet.drop([at])
    index = sheet.where[start]
    readers = sheet.readers(end)
    sheet = replace(sheet, lines=tuple(line.with_words({start: end}, ("read", "define")) for line in sheet.lines))
    sheet = settle(sheet, [n for i in readers if i < index for n in sheet.lines[i].defines])
    layout = {k: v for k, v in state.layout.items() if k not in (start, f"gate:{start}")}
    if f"gate:{start}" in state.layout:
        layout[f"gate:{end}"] = state.layout[f"gate:{start}"]
    if end not in layout and start in state.layout:
        layout[end] = state.layout[start]
    return finish(state, sheet, f"Make {end} the result of the gate", [end], layout)
