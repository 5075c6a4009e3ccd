"""Commands that move nodes on the canvas, and that pin and group them: the program's text stays as it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..marks import (
    NodeGroup,
    fresh_group_id,
    group_key,
    group_name_fault,
    groups_of,
    pin_key,
    pinned,
    ungrouped,
)
from .lines import Sheet
from .state import Change, Position, State, base_name, finish, is_node, nodes_of, refuse

__all__ = ["align", "distribute", "group", "move", "pin", "rename_group", "toggle_groups", "ungroup"]

FAR = 1_000_000
Box = tuple[float, float, float, float]
_ENDS: dict[str, tuple[int, Callable]] = {"left": (0, min), "top": (1, min), "right": (2, max), "bottom": (3, max)}


def move(state: State, positions: Mapping[str, Sequence[float]]) -> Change:
    """New positions of nodes; nodes that are gone meanwhile are left out. A closed group takes its members with it."""
    sheet = Sheet.of(state.source)
    nodes, groups = nodes_of(sheet), {g.node: g for g in groups_of(state.marks) if g.closed}
    layout, moved = dict(state.layout), []
    for node, at in positions.items():
        if not isinstance(node, str) or not (node in groups or is_node(node, sheet, nodes)):
            continue
        new = _place(node, at)
        if node in groups and node in layout:
            dx, dy = new[0] - layout[node][0], new[1] - layout[node][1]
            for member in groups[node].members:
                if member in layout:
                    layout[member] = (layout[member][0] + dx, layout[member][1] + dy)
        layout[node] = new
        moved.append(node)
    what = f"{len(moved)} nodes" if len(moved) != 1 else groups[moved[0]].name if moved[0] in groups else moved[0]
    return _moved(state, layout, moved, f"Move {base_name(what)}")


def _place(node: str, at: Sequence[float]) -> Position:
    try:
        x, y = (float(c) for c in at)
    except (TypeError, ValueError, OverflowError):
        refuse("position", f"The position of {node} is not a pair of numbers.", "", (node,))
    if not (math.isfinite(x) and math.isfinite(y) and max(abs(x), abs(y)) <= FAR):
        refuse(
            "position", f"The position of {node} is too far away.", f"Coordinates are numbers up to {FAR:,}.", (node,)
        )
    return round(x), round(y)


def _moved(state: State, layout: Mapping[str, Position], selection: Iterable[str], description: str) -> Change:
    change = finish(state, Sheet.of(state.source), description, selection, layout)
    return replace(change, source=state.source)


def _marked(state: State, marks: Mapping[str, Any], selection: Iterable[str], what: str, layout=None) -> Change:
    change = finish(state, Sheet.of(state.source), what, selection, layout, marks=marks)
    return replace(change, source=state.source)


def align(state: State, boxes: Mapping[str, Box], side: str) -> Change:
    """The nodes in `boxes` (left, top, right, bottom of their shapes) in one line: by their "left" or "right" ends,
    their "top" or "bottom", or by the places of their nodes in the "centre" of a column or the "middle" of a row."""
    if len(boxes) < 2:
        refuse("empty", "One node is always in line with itself.", "Select two or more.")
    axis = 0 if side in ("left", "centre", "right") else 1
    at = {id: _centre(state, id, box) for id, box in boxes.items()}
    if side in _ENDS:
        index, outermost = _ENDS[side]
        lines = {id: box[index] for id, box in boxes.items()}
        to = outermost(lines.values())
    else:
        lines = {id: place[axis] for id, place in at.items()}
        to = (min(lines.values()) + max(lines.values())) / 2
    places = {id: _along(at[id], axis, to - line) for id, line in lines.items()}
    return replace(move(state, places), description=f"Align {len(boxes)} nodes: {side}")


def distribute(state: State, boxes: Mapping[str, Box], axis: str) -> Change:
    """Equal distances of the centres between the two outermost, "horizontally" or "vertically"."""
    if len(boxes) < 3:
        refuse("empty", "Distances are made equal between three or more nodes.", "Select three or more.")
    k = 0 if axis == "horizontally" else 1
    at = {id: _centre(state, id, box) for id, box in boxes.items()}
    order = sorted(at, key=lambda id: (at[id][k], at[id][1 - k], id))
    low, high = at[order[0]][k], at[order[-1]][k]
    places = {
        id: _along(at[id], k, low + (high - low) * i / (len(order) - 1) - at[id][k]) for i, id in enumerate(order)
    }
    return replace(move(state, places), description=f"Distribute {len(boxes)} nodes {axis}")


def _centre(state: State, id: str, box: Box) -> Position:
    return state.layout.get(id, ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))


def _along(at: Position, axis: int, by: float) -> Position:
    return (at[0] + by, at[1]) if axis == 0 else (at[0], at[1] + by)


# pins


def pin(state: State, nodes: Iterable[str]) -> Change:
    """Pin the nodes; where all of them are pinned already, let them go."""
    nodes = [n for n in dict.fromkeys(nodes) if not n.startswith("ghost:")]
    if not nodes:
        refuse("empty", "Nothing is selected that can be pinned.", "Select nodes first.")
    marks, held = dict(state.marks), pinned(state.marks)
    loose = [n for n in nodes if n not in held]
    for node in loose or nodes:
        if loose:
            marks[pin_key(node)] = True
        else:
            marks.pop(pin_key(node))
    many = f"{len(loose or nodes)} nodes" if len(loose or nodes) > 1 else base_name((loose or nodes)[0])
    return _marked(state, marks, nodes, f"{'Pin' if loose else 'Unpin'} {many}")


# groups


def group(state: State, nodes: Iterable[str], name: str | None = None, closed: bool = False) -> Change:
    """Make the nodes a group."""
    groups = groups_of(state.marks)
    members = ungrouped(nodes, ())
    if any(m.startswith("group:") for m in members):
        refuse("group", "A group cannot hold another group.", "Ungroup the inner one first (Ctrl Shift G).")
    sheet = Sheet.of(state.source)
    known = nodes_of(sheet)
    members = tuple(m for m in members if is_node(m, sheet, known))
    if not members:
        refuse("empty", "Nothing is selected that can be grouped.", "Select the nodes of a step or a layer first.")
    for g in groups:
        inside = [m for m in members if m in g.members]
        if inside:
            refuse(
                "group",
                f"{base_name(inside[0])} is in the group {g.name} already; groups do not overlap.",
                "Ungroup that one first (Ctrl Shift G).",
                inside,
            )
    id = fresh_group_id(state.marks)
    made = NodeGroup(id, _name(name) if name is not None else _fresh_name(groups), members, closed)
    selection = [made.node] if closed else members
    return _marked(state, {**state.marks, made.node: made.mark}, selection, f"Group {made.name}")


def _fresh_name(groups: Iterable[NodeGroup]) -> str:
    taken, k = {g.name for g in groups}, 1
    while f"group {k}" in taken:
        k += 1
    return f"group {k}"


def _name(name: str) -> str:
    fault = group_name_fault(name)
    if fault is not None:
        refuse("group", f"The name of a group is {fault}.", "Write a short name, such as step 2.")
    return name.strip()


def rename_group(state: State, id: str, name: str) -> Change:
    g = _find(state, id)
    mark = {**state.marks[g.node], "name": _name(name)}
    selection = [g.node] if g.closed else g.members
    return _marked(state, {**state.marks, g.node: mark}, selection, f"Rename {g.name} to {mark['name']}")


def toggle_groups(state: State, ids: Iterable[str], closed: bool) -> Change:
    """Close the groups, or open them. A group that is closed anew stands where its members are."""
    marks, layout = dict(state.marks), dict(state.layout)
    selection: list[str] = []
    names = []
    for id in ids:
        g = _find(state, id)
        marks[g.node] = {**marks[g.node], "closed": closed}
        layout.pop(g.node, None)
        marks.pop(pin_key(g.node), None)
        selection += [g.node] if closed else g.members
        names.append(g.name)
    what = names[0] if len(names) == 1 else f"{len(names)} groups"
    return _marked(state, marks, selection, f"{'Collapse' if closed else 'Open'} {what}", layout)


def ungroup(state: State, ids: Iterable[str]) -> Change:
    """Take groups away; their members stay."""
    marks, layout = dict(state.marks), dict(state.layout)
    selection: list[str] = []
    names = []
    for id in ids:
        g = _find(state, id)
        marks.pop(g.node)
        marks.pop(pin_key(g.node), None)
        layout.pop(g.node, None)
        selection += g.members
        names.append(g.name)
    if not names:
        refuse("empty", "There is no group in the selection.", "Select a group, or one of its members.")
    return _marked(state, marks, selection, f"Ungroup {', '.join(names[:3])}", layout)


def _find(state: State, id: str) -> NodeGroup:
    found = next((g for g in groups_of(state.marks) if g.node == group_key(id)), None)
    if found is None:
        refuse("unknown", f"There is no group {id[:40]}.")
    return found
