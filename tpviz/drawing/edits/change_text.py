"""Commands that change a name, an expression, a function, a product or a label, and the text pane itself."""

from __future__ import annotations

import re
from dataclasses import replace

from tpviz.language.parser import MAX_LINES, MAX_TEXT

from ..marks import renamed, renamed_node
from ..step_marks import renamed as renamed_steps
from .add import check_new_name
from .check import check_line, plain
from .declare import embedding_for, matrix_for
from .lines import Product, Sheet
from .order import settle
from .retyped import Remembered, near
from .state import Change, State, base_name, finish, refuse

__all__ = ["rename", "set_expression", "set_function", "set_label", "set_product", "set_source"]

MAX_LABEL = 200


def rename(state: State, name: str, new: str) -> Change:
    """Another name for a vector, scalar, matrix, function, input, constant, readout, output, …, everywhere in the
    code."""
    sheet = Sheet.of(state.source)
    if name not in sheet.where:
        refuse("unknown", f"There is no {str(name)[:60]}.", "", (str(name)[:60],))
    new = plain(new)
    if new == name:
        return finish(state, sheet, f"Rename {name} to {new}", [name])
    check_new_name(sheet, new)
    for line in sheet.lines:
        if new in line.parameters and name in line.reads:
            refuse(
                "duplicate",
                f"{new} is a parameter of {line.defines[0]}, which reads {name}.",
                "Choose another name.",
                (new, name),
            )
    lines = tuple(line.with_words({name: new}, ("read", "define", "other")) for line in sheet.lines)
    layout = {renamed_node(k, name, new): v for k, v in state.layout.items()}
    labels = {new if k == name else k: v for k, v in state.labels.items()}
    marks = renamed_steps(renamed(state.marks, name, new), name, new)
    return finish(state, replace(sheet, lines=lines), f"Rename {name} to {new}", [new], layout, labels, marks)


def set_expression(state: State, name: str, text: str) -> Change:
    """The right-hand side of an assignment or output."""
    sheet = Sheet.of(state.source)
    line = sheet.line(name)
    if line is None:
        refuse("unknown", f"There is no {str(name)[:60]}.", "", (str(name)[:60],))
    if line.keyword in ("vector", "readout", "bias") and "~" in line.code:
        index = sheet.where[name]
        sheet = sheet.set(index, line.with_code(f"{line.code.split('~', 1)[0]}~ {plain(text)}"))
        check_line(sheet, index)
        return finish(state, sheet, f"Change {name}", [name])
    if line.keyword not in ("", "output"):
        refuse("type", f"{name} is declared, not computed.", "Connect a vector to it first.", (name,))
    index = sheet.where[name]
    sheet = sheet.set(index, line.with_right(plain(text)))
    check_line(sheet, index)
    return finish(state, settle(sheet, [name]), f"Change {name}", [name])


def set_function(state: State, function: str, body_text: str) -> Change:
    """The body of a declared function; its parameters stay."""
    sheet = Sheet.of(state.source)
    line = sheet.line(function)
    if line is None or line.keyword != "function":
        refuse(
            "unknown",
            f"There is no function {str(function)[:60]}.",
            "Declare it: function phi(z) = tanh(z)",
            (str(function)[:60],),
        )
    head = line.code.partition("=")[0].rstrip()
    index = sheet.where[function]
    sheet = sheet.set(index, line.with_code(f"{head} = {plain(body_text)}"))
    check_line(sheet, index)
    return finish(state, settle(sheet, [function]), f"Change {function}")


def set_product(state: State, name: str, matrix: str | None = None, transposed: bool | None = None) -> Change:
    """Another matrix ("new" for a new one) or the transpose for a product."""
    sheet = Sheet.of(state.source)
    line = sheet.line(name)
    p = line.product if line else None
    if line is None or p is None:
        refuse(
            "type",
            f"{str(name)[:60]} is not a product.",
            "Choose a vector that a dashed edge leads to.",
            (str(name)[:60],),
        )
    flipped = p.transposed if transposed is None else bool(transposed)
    rows = sheet.width(name) if sheet.readers(name) else None
    used = p.matrix
    if sheet.kind(p.vector) == "input":
        if flipped:
            refuse("type", f"{p.vector} is an input: an embedding has no transpose in the language.", "", (name,))
        if matrix is not None:
            sheet, used = embedding_for(sheet, p.vector, matrix, rows)
    elif matrix is not None or (used != "?" and flipped != p.transposed):
        width = sheet.width(p.vector) if p.vector != "?" else None
        sheet, used = matrix_for(sheet, width, used if matrix is None else matrix, flipped, rows)
    product = Product(used, flipped, p.vector)
    sheet = sheet.set(sheet.where[name], line.with_right(product.text))
    return finish(state, settle(sheet, [name]), f"Make {name} = {product.text}", [name])


def set_label(state: State, name: str, tex: str | None) -> Change:
    """A display name in TeX in place of the one made from the identifier; None or "" takes it away."""
    sheet = Sheet.of(state.source)
    if name not in sheet.where:
        refuse("unknown", f"There is no {str(name)[:60]}.", "", (str(name)[:60],))
    labels = dict(state.labels)
    labels.pop(name, None)
    if tex is not None and not isinstance(tex, str):
        refuse("label", f"A label is text, got {type(tex).__name__}.", "", (name,))
    if tex and tex.strip():
        tex = tex.strip()
        if len(tex) > MAX_LABEL or not tex.isprintable():
            refuse("label", f"A label is one line of at most {MAX_LABEL} characters.", "Write a shorter one.", (name,))
        labels[name] = tex
    return replace(finish(state, sheet, f"Label {name}", [name], None, labels), source=state.source)


def set_source(state: State, text: str, remembered: Remembered | None = None) -> Change:
    """The text pane. Nodes whose ids persist keep their positions; where a name changed in its line, it is a rename for
    the layout; a name that comes back, as `remembered`, has its place again."""
    if not isinstance(text, str):
        refuse("text", f"A program is text, got {type(text).__name__}.")
    if len(text) > MAX_TEXT or len(text.splitlines()) > MAX_LINES:
        refuse(
            "too-large",
            f"The text has {len(text):,} characters in {len(text.splitlines()):,} lines.",
            f"The limits are {MAX_TEXT:,} and {MAX_LINES:,}: split the program.",
        )
    old, sheet = Sheet.of(state.source), Sheet.of(text)
    layout, labels, marks = dict(state.layout), dict(state.labels), dict(state.marks)
    for name, new in _renames(old, sheet):
        layout = {renamed_node(k, name, new): v for k, v in layout.items()}
        labels = {new if k == name else k: v for k, v in labels.items()}
        marks = renamed_steps(renamed(marks, name, new), name, new)
    come = [n for n in sheet.where if n not in old.where and n not in layout and f"gate:{n}" not in layout]
    here = {k: v for k, v in layout.items() if base_name(k) in sheet.where and not k.startswith("ghost:")}
    for new, (name, lost) in (remembered or Remembered()).returning(come, sheet, here).items():
        layout = {k: v for k, v in layout.items() if not (k.startswith("ghost:") and near(v, lost.places.values()))}
        layout |= {renamed_node(k, name, new): v for k, v in lost.places.items()}
        if lost.label is not None:
            labels[new] = lost.label
    change = finish(state, sheet, "Edit the text", (), layout, labels, marks)
    if any(re.search(r"\w", line.code) and not line.defines for line in sheet.lines):
        # a line in the middle of being typed: what it held may come back
        change = replace(change, layout={**layout, **change.layout}, labels={**labels, **change.labels}, marks=marks)
    return replace(change, source=text)


def _renames(old: Sheet, sheet: Sheet) -> list[tuple[str, str]]:
    """Names that became others where they are defined, lines between the first and the last that changed compared one by
    one."""
    a, b = old.lines, sheet.lines
    if len(a) != len(b):
        return []
    pairs = []
    for x, y in zip(a, b, strict=True):
        if x.text != y.text and len(x.defines) == len(y.defines):
            pairs += [
                (n, m)
                for n, m in zip(x.defines, y.defines, strict=True)
                if n != m and n not in sheet.where and m not in old.where
            ]
    return pairs
