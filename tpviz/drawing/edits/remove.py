"""Deleting nodes and edges. What reads something deleted stays: its gate loses that input, its product becomes an
initial vector."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .initial import without_name
from .lines import Line, Sheet
from .state import Change, State, base_name, finish, is_node, nodes_of, refuse
from .trees import reads_term, terms_of, with_terms, without_gap, without_input

__all__ = ["delete"]

_ORPHANS = ("matrix", "embedding", "function", "readout")


def delete(state: State, nodes: Iterable[str] = (), edges: Iterable[str] = ()) -> Change:
    """The document without these nodes and edges, and without the matrices, embeddings, functions and readouts that
    nothing uses any more."""
    nodes, edges = list(dict.fromkeys(nodes)), list(dict.fromkeys(edges))
    before = sheet = Sheet.of(state.source)
    known = nodes_of(sheet)
    for node in nodes:
        if not is_node(node, sheet, known):
            refuse("unknown", f"There is no node {base_name(node)[:60]}.", "", (base_name(node),))
    wires = [_ends(edge) for edge in edges]
    gates = {base_name(n) for n in nodes if n.startswith("gate:")}
    gone = {n for n in nodes if ":" not in n}
    for source, target, slot in wires:
        sheet = _without_edge(sheet, source, target, slot, gone, gates)
    for ghost in (n for n in reversed(nodes) if n.startswith("ghost:") and base_name(n) not in gone | gates):
        sheet = _without_gap(sheet, ghost)
    sheet = _without_names(sheet, gone)
    for name in (n for n in gates - gone if n in sheet.where and not sheet[n].keyword):
        sheet = _computed_to_initial(sheet, name) if sheet.readers(name) else sheet.drop([sheet.where[name]])
    sheet = _without_orphans(before, sheet)
    what = [*nodes, *(f"{s} → {t}" for s, t, _ in wires)]
    if not what:
        refuse("empty", "Nothing is selected.", "Select nodes or edges first.")
    shown = ", ".join(base_name(w) if ":" in w else w for w in what[:3]) + (
        f" and {len(what) - 3} more" if len(what) > 3 else ""
    )
    return finish(state, sheet, f"Delete {shown}")


def _ends(edge: str) -> tuple[str, str, int]:
    m = re.fullmatch(r"([^>]+)>([^>]+):(\d{1,6})(?:#\d+)?", edge)
    if m is None:
        refuse("unknown", f"There is no edge {edge[:60]}.", "")
    return m[1], m[2], int(m[3])


def _without_edge(sheet: Sheet, source: str, target: str, slot: int, gone: set[str], gates: set[str]) -> Sheet:
    start, end = base_name(source), base_name(target)
    line = sheet.line(end)
    if end in gone or start in gone or (target.startswith("gate:") and end in gates):
        return sheet  # it goes with its end
    if line is None or line.form in ("declaration", ""):
        refuse("unknown", f"There is no edge {source[:60]} → {target[:60]}.", "", (end,))
    if source == f"gate:{end}":
        return _computed_to_initial(sheet, end)
    if source.startswith("ghost:"):
        return _without_gap(sheet, source)
    if start not in line.reads:
        refuse("unknown", f"There is no edge {source[:60]} → {target[:60]}.", "", (start, end))
    index = sheet.where[end]
    if line.form == "output":
        return sheet.set(index, _without_term(line, start, slot))
    if line.form == "product":
        return _computed_to_initial(sheet, end)
    return sheet.set(index, _without_operand(sheet, line, start))


def _without_operand(sheet: Sheet, line: Line, name: str) -> Line:
    """A gate without one input."""
    makes_vector = sheet.is_vector(line.defines[0]) and line.form == "gate"
    text = without_input(line.expression, name, sheet.is_operand, sheet.is_vector if makes_vector else None)
    if line.form == "gate" and not makes_vector and not any(sheet.is_operand(n) and n != name for n in line.reads):
        return line.with_right("mean(?)")  # a scalar stays a scalar
    return line.with_expression(text)


def _without_term(line: Line, name: str, slot: int | None = None) -> Line:
    """An output without the term at `slot`, or without all that read the name."""
    terms = terms_of(line.right)
    mine = [k for k, (_, t) in enumerate(terms) if reads_term(t, name)]
    if slot is not None and mine:
        mine = [slot if slot in mine else mine[0]]
    return line.with_right(with_terms([t for k, t in enumerate(terms) if k not in mine]))


def _without_gap(sheet: Sheet, ghost: str) -> Sheet:
    """The sheet without a missing vector: its product becomes initial, its gate loses the hole."""
    name, which = base_name(ghost), int(ghost.rpartition(":")[2])
    line = sheet[name]
    if line.form == "product":
        return _computed_to_initial(sheet, name)
    is_vector = sheet.is_vector if sheet.is_vector(name) else None
    text = without_gap(line.expression, which, sheet.is_operand, is_vector)
    if text is None:
        refuse(
            "empty", f"The gate of {name} needs an input here.", "Connect a vector to it, or delete the gate.", (name,)
        )
    return sheet.set(sheet.where[name], line.with_expression(text))


def _computed_to_initial(sheet: Sheet, name: str) -> Sheet:
    if sheet.kind(name) == "output":
        return sheet
    return sheet.initial(name, sheet.kind(name), sheet.class_of(name))


def _without_names(sheet: Sheet, gone: set[str]) -> Sheet:
    """The sheet without the lines of these names; what reads them loses that input."""
    mine = {sheet.where[n] for n in gone}
    kept: Sheet = sheet
    for name in sheet.where:  # in program order
        if name not in gone:
            continue
        for index in sheet.readers(name):
            line = kept.lines[index]
            if (index in mine and not line.keyword) or name not in line.reads:
                continue
            kept = _without_reading(kept, index, name)
    drop = []
    for index in mine:
        line = kept.lines[index]
        if line.keyword == "vector" and set(line.defines) - gone:
            for name in [n for n in line.defines if n in gone]:
                line = without_name(line, name)
            kept = kept.set(index, line)
        elif line.keyword != "readout" or not any(
            kept.lines[i].keyword == "output" for i in kept.readers(line.defines[0])
        ):
            drop.append(index)
    return kept.drop(drop)


def _without_reading(sheet: Sheet, index: int, name: str) -> Sheet:
    line = sheet.lines[index]
    if line.form == "output":
        if sheet.kind(name) == "readout" and not any(reads_term(t, name) for _, t in terms_of(line.right)):
            return sheet  # a readout deleted as a vector of the body still reads out
        return sheet.set(index, _without_term(line, name))
    if line.form == "product":
        return _computed_to_initial(sheet, line.defines[0])
    if line.form in ("gate", "moment"):
        return sheet.set(index, _without_operand(sheet, line, name))
    return sheet


def _without_orphans(before: Sheet, sheet: Sheet) -> Sheet:
    """Drops declarations that were used before and are not any more."""
    while True:
        orphans = [
            i
            for n, i in sheet.where.items()
            if sheet.lines[i].keyword in _ORPHANS and not sheet.readers(n) and before.readers(n)
        ]
        if not orphans:
            return sheet
        sheet = sheet.drop(orphans)
