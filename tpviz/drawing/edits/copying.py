"""A part of the drawing as program text that stands on its own: the selected lines, what they need declared, and a line for each vector or
scalar that comes from outside. So it pastes into another program, a paper or a mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tpviz.language.instructions import BASE

from .initial import without_name
from .lines import Line, Sheet
from .places import Position
from .state import State, base_name

__all__ = ["OUTSIDE", "Clip", "copy"]

#: comment of a line that stands for what the copied part reads; pasted where that name is known, the line is left out
OUTSIDE = "# from outside the copied part"
_INITIAL = ("vector", "scalar", "input")


@dataclass(frozen=True)
class Clip:
    """Copied text, with the positions and labels of its nodes (ids as in the text)."""

    text: str
    layout: Mapping[str, Position] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


def copy(state: State, nodes: Iterable[str], edges: Iterable[str] = ()) -> Clip:
    """The selected nodes as text; a selected gate brings its result along. Edges count by their ends where no node is selected."""
    sheet = Sheet.of(state.source)
    names = [base_name(n) for n in nodes] or [base_name(e.partition(">")[2].rpartition(":")[0]) for e in edges]
    chosen = {n for n in names if n in sheet.where}
    rows: dict[int, Line] = {}
    queue: list[str] = []
    for index in sorted({sheet.where[n] for n in chosen}):
        rows[index] = sheet.lines[index]
        queue += sheet.lines[index].reads
    needed = _needed(sheet, chosen, rows, queue)
    for index, line in rows.items():
        if line.keyword == "vector" and len(line.defines) > 1:
            mark = OUTSIDE if OUTSIDE in line.text else ""
            for name in [n for n in line.defines if n not in chosen | needed]:
                line = without_name(line, name)
            line = _marked(line.code) if mark else line
            rows[index] = line
    text = "".join(rows[i].text.strip() + "\n" for i in sorted(rows))
    layout = {id: at for id, at in state.layout.items() if base_name(id) in chosen}
    return Clip(text, layout, {n: tex for n, tex in state.labels.items() if n in chosen})


def _needed(sheet: Sheet, chosen: set[str], rows: dict[int, Line], queue: list[str]) -> set[str]:
    """Adds the lines of what is read but not chosen: declarations as they are, the rest as initial. Returns those names."""
    needed: set[str] = set()
    for name in queue:
        if name in chosen or name in needed or name not in sheet.where:
            continue
        needed.add(name)
        index = sheet.where[name]
        line = sheet.lines[index]
        if index in rows:
            continue  # one of a joint declaration that is there already
        if line.keyword in _INITIAL:
            line = _marked(line.code)
        elif not line.keyword or line.keyword == "output":
            kind, width = sheet.kind(name), sheet.class_of(name)
            shown = f" : {width}" if width not in (None, BASE) else ""
            line = _marked(f"scalar {name} = 1" if kind == "scalar" else f"vector {name}{shown} ~ N(0, 1)")
        rows[index] = line
        queue += line.reads
    return needed


def _marked(code: str) -> Line:
    return Line(f"{code.strip()}  {OUTSIDE}")
