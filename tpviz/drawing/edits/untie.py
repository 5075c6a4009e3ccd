"""Untying in the text: a product gets an independent copy of its matrix, declared below the matrix with the same law."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tpviz.language.diagnostics import InputError
from tpviz.language.labels import label
from tpviz.language.untying import Use, copies

from .lines import Line, Product, Sheet
from .state import Change, EditError, State, finish

__all__ = ["untie"]


def untie(state: State, product: str | Iterable[str] | None = None, gia: bool = False) -> Change:
    """`language.untying.untie` on the text, comments kept. A copy of a matrix with a label of its own is labelled with a tilde on that."""
    sheet = Sheet.of(state.source)
    uses = [
        Use(
            line.defines[0],
            line.product.matrix,
            line.product.transposed,
            sheet.kind(line.product.matrix) == "embedding",
        )
        for line in sheet.lines
        if line.defines and line.product and sheet.kind(line.product.matrix) in ("matrix", "embedding")
    ]
    try:
        new = copies(uses, sheet.taken, product, gia)
    except InputError as error:
        raise EditError(*error.diagnostics) from None
    labels, lines = dict(state.labels), list(sheet.lines)
    declared: dict[str, list[str]] = {}  # matrix -> its copies
    for use in uses:
        copy = new.get(use.name)
        if copy is None:
            continue
        line = sheet[use.name]
        assert line.product is not None
        right = Product(copy, use.transposed, line.product.vector).text
        lines[sheet.where[use.name]] = line.with_right(right)
        if copy not in declared.setdefault(use.matrix, []):
            declared[use.matrix].append(copy)
            if use.matrix in state.labels:
                labels[copy] = _tilde(state.labels[use.matrix], copy)
    for matrix in sorted(declared, key=lambda m: -sheet.where[m]):  # from below, so that places above stay
        law = Line(sheet[matrix].code.rstrip())
        at = sheet.where[matrix] + 1
        lines[at:at] = [law.with_words({matrix: copy}, ("define",)) for copy in declared[matrix]]
    sheet = replace(sheet, lines=tuple(lines))
    names = list(new)
    what = f"Untie {names[0]}" if len(names) == 1 else f"Untie {', '.join(declared)}"
    return finish(state, sheet, what, names if len(names) == 1 else (), labels=labels)


def _tilde(tex: str, copy: str) -> str:
    number = copy.rpartition("_")[2]
    return rf"\tilde{{{tex}}}" + (
        f"_{{{number}}}" if number.isdigit() and label(copy).endswith(f"{{{number}}}") else ""
    )
