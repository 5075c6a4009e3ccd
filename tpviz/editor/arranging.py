"""Arranging the drawing: what its actions do (tidy, pin, align, distribute, nudge, group, snap), and the inspector of a group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..drawing import edits, geometry
from ..drawing.edits import Change, EditError
from ..drawing.layout import tidied
from ..drawing.marks import MAX_GROUP_NAME, NodeGroup, groups_of, pinned, ungrouped
from ..language.labels import label

if TYPE_CHECKING:
    from .session import Session

__all__ = [
    "align", "all_closed", "chosen_groups", "distribute", "group", "group_steps", "inspect_group", "is_pinned", "members", "needs_open", "nudge",
    "pin", "rename_group", "tidy", "toggle_groups", "toggle_snap", "ungroup",
]  # fmt: skip

_LISTED = 12  # members that the inspector names


def tidy(session: Session) -> None:
    """Every node that is shown gets a new place, but for those that are pinned; closed groups take their members along."""
    state, plan = session.state, session.plan
    stands = plan.folded.stands
    pins = {stands.get(n, n) for n in pinned(state.marks)}
    places = tidied(plan.folded.sketch, {id: plan.places[id] for id in pins if id in plan.places})
    layout = {**state.layout, **places}
    for g in plan.folded.closed:
        dx, dy = (new - old for new, old in zip(places[g.node], plan.places[g.node], strict=True))
        layout.update({m: (plan.places[m][0] + dx, plan.places[m][1] + dy) for m in g.members})
    change = Change(state.source, layout, state.labels, session.selected_nodes, "Tidy the layout", dict(state.marks))
    session.commit(change, select=False)
    session.view.patch({"type": "fit"})


def _boxes(session: Session) -> dict[str, tuple[float, float, float, float]]:
    chosen = set(session.selected_nodes)
    return {n.id: geometry.box(n) for n in session.scene.nodes if n.id in chosen}


def align(session: Session, side: str) -> None:
    session.rearrange(edits.align(session.state, _boxes(session), side))


def distribute(session: Session, axis: str) -> None:
    session.rearrange(edits.distribute(session.state, _boxes(session), axis))


def nudge(session: Session, dx: float, dy: float) -> None:
    """Move the selection a little; what follows closely is one step of undo."""
    moved = {n.id: (n.x + dx, n.y + dy) for n in session.scene.nodes if n.id in set(session.selected_nodes)}
    if moved:
        change = edits.move(session.state, moved)
        session.rearrange(change, group="nudge:" + ",".join(sorted(moved)))


def pin(session: Session) -> None:
    session.rearrange(edits.pin(session.state, session.selected_nodes))


def is_pinned(session: Session) -> bool:
    held, chosen = pinned(session.state.marks), session.selected_nodes
    return bool(chosen) and all(n in held for n in chosen)


def toggle_snap(session: Session) -> None:
    session.view_state["snap"] = not session.view_state.get("snap", False)
    session.show_bar()


# groups


def members(session: Session) -> tuple[str, ...]:
    """The selected nodes, groups replaced by their members."""
    return ungrouped(session.selected_nodes, groups_of(session.state.marks))


def chosen_groups(session: Session) -> tuple[NodeGroup, ...]:
    """The groups that the selection touches."""
    chosen = set(session.selected_nodes)
    return tuple(g for g in groups_of(session.state.marks) if g.node in chosen or not chosen.isdisjoint(g.members))


def all_closed(session: Session) -> bool:
    found = chosen_groups(session)
    return bool(found) and all(g.closed for g in found)


def group(session: Session) -> None:
    """Group the selection, show it as one node, and put the caret into its name."""
    change = edits.group(session.state, session.selected_nodes, closed=True)
    session.commit(change)
    session.view.patch({"type": "focus", "field": "name", "key": change.selection[0]})


def toggle_groups(session: Session) -> None:
    """Collapse the groups of the selection, or open them where all are collapsed."""
    closed = not all_closed(session)
    ids = [g.id for g in chosen_groups(session) if g.closed != closed]
    session.commit(edits.toggle_groups(session.state, ids, closed))


def toggle_all(session: Session) -> None:
    """Collapse all groups, or open them where all are collapsed."""
    groups = groups_of(session.state.marks)
    closed = not all(g.closed for g in groups)
    session.commit(edits.toggle_groups(session.state, [g.id for g in groups if g.closed != closed], closed))


def ungroup(session: Session) -> None:
    session.commit(edits.ungroup(session.state, [g.id for g in chosen_groups(session)]))


def rename_group(session: Session, key: str, field: str, value: str) -> Change:
    if field != "name":
        raise EditError("A group has a name only.", hint="Open it to change its members.")
    found = next((g for g in groups_of(session.state.marks) if g.node == key), None)
    if found is None:
        raise EditError("This group is gone.", hint="Select it again.")
    return edits.rename_group(session.state, found.id, value)


def needs_open(nodes: tuple[str, ...]) -> None:
    """Refuse to draw at a collapsed group: which of its members is meant?"""
    if any(n.startswith("group:") for n in nodes):
        raise EditError("A collapsed group is not a vector.", hint="Open it first (Shift G, or a double click).")


def inspect_group(session: Session) -> dict[str, Any] | None:
    """The inspector of the group that is selected: its node, or all its members."""
    chosen = set(session.selected_nodes)
    found = [g for g in groups_of(session.state.marks) if chosen and chosen in ({g.node}, set(g.members))]
    if not found or session.selected_edges or (len(chosen) == 1 and not found[0].closed):
        return None
    g = found[0]
    names = list(dict.fromkeys(m.removeprefix("gate:") for m in g.members if not m.startswith("ghost:")))
    listed: list[dict[str, Any]] = []
    for k, name in enumerate(names[:_LISTED]):
        listed += [{"text": ", "}] if k else []
        listed.append({"tex": session.state.labels.get(name, label(name))})
    if len(names) > _LISTED:
        listed.append({"text": f" and {len(names) - _LISTED} more"})
    field = {"min": None, "id": "name", "label": [{"text": "Name"}], "kind": "text", "value": g.name, "options": [], "error": None,
             "help": f"up to {MAX_GROUP_NAME} characters"}  # fmt: skip
    buttons = [{"action": "toggle-group", "label": "Open" if g.closed else "Collapse"}, {"action": "ungroup", "label": "Ungroup"}]  # fmt: skip
    return {"key": g.node, "title": [{"text": "Group"}], "subtitle": [{"text": "holds "}, *listed], "fields": [field], "formulas": [],
            "buttons": buttons}  # fmt: skip


def group_steps(session: Session) -> None:
    """Group what repeats, each block collapsed; one step of undo."""
    from ..drawing.steps import repeated_blocks

    taken = {m for g in groups_of(session.state.marks) for m in g.members}
    blocks = [b for b in repeated_blocks(session.sketch) if taken.isdisjoint(b)]
    if not blocks:
        raise EditError(
            "Nothing repeats here: no two blocks of the drawing have the same shape and the same matrices.",
            hint="Select the nodes of a step and press Ctrl G.",
        )
    state = session.state
    for k, block in enumerate(blocks, 1):
        state = edits.group(state, block, f"step {k}", closed=True).state
    nodes = tuple(g.node for g in groups_of(state.marks)[-len(blocks) :])
    change = Change(state.source, state.layout, state.labels, nodes, f"Group {len(blocks)} steps", dict(state.marks))
    session.commit(replace(change))
    session.view.patch({"type": "fit"})
