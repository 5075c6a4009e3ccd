"""What a command takes and gives: a `State` goes in, a `Change` comes out, or an `EditError` and nothing has
happened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from tpviz.language.diagnostics import Diagnostic, InputError

from ..marks import base_name, pruned
from .lines import Sheet

__all__ = ["Change", "EditError", "State", "base_name", "finish", "is_node", "nodes_of", "refuse"]

Position = tuple[float, float]
_GHOST = re.compile(r"ghost:(\w+):(\d{1,6})")


class EditError(InputError):
    """The edit makes no sense here; message and hint say why and what to do. The document is as it was."""


@dataclass(frozen=True)
class State:
    """The document that is edited. Node ids of `layout`: vectors, scalars, inputs and outputs by name, gates
    `gate:<result>`, missing vectors `ghost:<name>:<k>`. `labels` holds display names that were changed, by name.
    `marks` holds what else a person put on the drawing, as JSON values by key: `pin:<node>`, `group:<name>`, …"""

    source: str
    layout: Mapping[str, Position] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """What the document is after a command, what is selected then, and the words that undo shows."""

    source: str
    layout: Mapping[str, Position]
    labels: Mapping[str, str]
    selection: tuple[str, ...]
    description: str
    marks: Mapping[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> State:
        return State(self.source, self.layout, self.labels, self.marks)


def refuse(code: str, message: str, hint: str = "", names: Iterable[str] = ()) -> NoReturn:
    raise EditError(Diagnostic(code, message, hint, names=tuple(names)))


def nodes_of(sheet: Sheet) -> set[str]:
    """Ids of all nodes that the text draws, ghosts not among them."""
    out: set[str] = set()
    for index, line in enumerate(sheet.lines):
        mine = [name for name in line.defines if sheet.where[name] == index]
        if line.keyword in ("vector", "scalar", "input", "bias", "output"):
            out.update(mine)
        elif line.keyword == "readout":
            out.update(n for n in mine if any(not sheet.lines[k].keyword for k in sheet.readers(n)))
        elif not line.keyword:
            out.update(mine)
            if line.form in ("gate", "moment"):
                out.update(f"gate:{n}" for n in mine)
    return out


def is_node(node: str, sheet: Sheet, nodes: set[str]) -> bool:
    """The id is one of the nodes, or a ghost of a line that something is missing in."""
    m = _GHOST.fullmatch(node)
    if m is None:
        return node in nodes
    line = sheet.line(m[1])
    if line is None or line.keyword:
        return False
    return line.has_gap or (line.product is not None and line.product.vector not in sheet.where)


def finish(
    state: State,
    sheet: Sheet,
    description: str,
    selection: Iterable[str] = (),
    layout: Mapping[str, Position] | None = None,
    labels: Mapping[str, str] | None = None,
    marks: Mapping[str, Any] | None = None,
) -> Change:
    """The change: positions, labels, pins and groups of what is gone are dropped."""
    nodes = nodes_of(sheet)
    kept = pruned(state.marks if marks is None else marks, lambda node: is_node(node, sheet, nodes))
    layout = state.layout if layout is None else layout
    labels = state.labels if labels is None else labels
    return Change(
        sheet.source,
        {k: v for k, v in layout.items() if is_node(k, sheet, nodes) or (k.startswith("group:") and k in kept)},
        {k: v for k, v in labels.items() if k in sheet.where},
        tuple(n for n in dict.fromkeys(selection) if is_node(n, sheet, nodes) or n in kept),
        description,
        kept,
    )
