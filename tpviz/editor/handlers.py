"""What the session does with each intent of the window. Fields are checked already (`intents.read_intent`)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..drawing import edits
from ..language import DocumentError, TpvizError
from . import arranging, commands
from .actions import find
from .clipboard import clip
from .column_handlers import COLUMN_HANDLERS
from .compare_handlers import COMPARE_HANDLERS
from .inspector import apply_field
from .intents import IntentError
from .keeping_handlers import KEEPING_HANDLERS
from .lecture_handlers import LECTURE_HANDLERS
from .opening import read_text
from .paths import NO_PATHS, choose_path
from .sharing import SHARE_HANDLERS, adopt
from .text_handlers import TEXT_HANDLERS

if TYPE_CHECKING:
    from .session import Session

__all__ = ["HANDLERS"]


def action(session: Session, name: str) -> None:
    action = find(name)
    if action is None or action.perform is None:
        raise DocumentError(f"There is no action {name!r}.")
    if action.enabled(session):
        action.perform(session)


def pick(session: Session, id: str, slot: int | None = None) -> None:
    if session.joining is not None:
        (tool, source), session.joining = session.joining, None
        session.light()
        if any(n.id == id for n in session.scene.nodes):
            connect(session, tool, source, id, slot)
        return
    if session.picking is None or all(n.id != id for n in session.scene.nodes):
        return
    arranging.needs_open((id,))
    if not session.picking:
        session.picking = id
    else:
        found = choose_path(session.sketch, session.picking, id)
        start, session.picking = session.picking, None
        if not found.routes:
            session.notice(
                "info", f"No path leads from {start} to {id}, nor back.", "Press H and pick two other nodes."
            )
        session.lit = found if found.routes else NO_PATHS
        if found.routes:
            session.column.walk_along(found.routes[0][0])
    session.light()


def mode_cancel(session: Session) -> None:
    session.picking = session.joining = None
    session.light()


def place(session: Session, tool: str, x: float, y: float) -> None:
    if tool in ("select", "matmul", "wire"):
        raise edits.EditError(
            "A MatMul and a wire start at a vector.", hint="Drag from the vector to where it should lead."
        )
    commands.add(session, tool, (x, y), sources=())


def connect(
    session: Session,
    tool: str,
    source: str,
    target: str | None = None,
    slot: int | None = None,
    x: float | None = None,
    y: float | None = None,
) -> None:
    arranging.needs_open((source, target or ""))
    if target is not None:
        session.commit(edits.connect(session.state, source, target, slot, tool))
        return
    if x is None or y is None:
        raise IntentError("connect: a target or a place is needed")
    if tool in ("select", "matmul"):
        scalar = source.removeprefix("gate:") in session.program.scalars
        commands.add(session, "nonlin" if scalar else "matmul", (x, y), sources=(source,))
    elif tool == "wire":
        commands.add(session, "nonlin", (x, y), sources=(source,))
    else:
        commands.add(session, tool, (x, y), sources=(source,))


def move(session: Session, positions: dict[str, tuple[float, float]]) -> None:
    ids = {n.id for n in session.scene.nodes}
    known = {k: v for k, v in positions.items() if k in ids}
    session.rearrange(edits.move(session.state, known), group="move:" + ",".join(sorted(known)))


def select(session: Session, nodes: tuple[str, ...], edges: tuple[str, ...], stamp: int | None = None) -> None:
    if stamp is not None and stamp < session.stamp:
        return  # said before the window knew of the session's own selection
    ids, lines = {n.id for n in session.scene.nodes}, {e.id for e in session.scene.edges}
    session.selected_nodes, session.selected_edges = (
        tuple(n for n in nodes if n in ids),
        tuple(e for e in edges if e in lines),
    )
    session.put(selection=session.selection(), clipboard=clip(session), actions=session.actions(), text=session.text_pane(),
                           inspector=session.inspector())  # fmt: skip
    session.column.request()


def edit(session: Session, key: str, field: str, value: str, drag: int | None = None) -> None:
    name = key.removeprefix("gate:")
    try:
        if key.startswith("group:"):
            change = arranging.rename_group(session, key, field, value)
        else:
            change = apply_field(session.state, session.parsed, name, field, value)
    except TpvizError as error:
        d = error.diagnostics[0]
        session.field_error = (key, field, value, f"{d.message} {d.hint}".strip())
        session.put(inspector=session.inspector())
        return
    if field == "name":
        session.commit(change)
    elif drag is None:
        session.commit(change, group=f"edit:{key}:{field}", select=False)
    else:
        began = session.link.since(drag, time.monotonic())
        session.commit(change, group=f"drag:{key}:{field}:{drag}", select=False, at=began)


def theme(session: Session, theme: str) -> None:
    if theme != session.theme_name:
        session.theme_name = theme
        session.put(frame=session.frame())
        session.column.draw()
        session.comparing.report()


def look(session: Session, monochrome: bool, scale: float) -> None:
    session.monochrome = monochrome
    if scale != session.type_scale:
        session.type_scale = scale
        session.column.draw()


def open_file(session: Session, name: str, text: str) -> None:
    adopt(session, read_text(name, text), Path(name).name[:80] or "untitled", "Opened from a file")


def example(session: Session, id: str) -> None:
    if id not in session.examples:
        raise DocumentError(f"There is no example {id!r}.")
    session.saved, session.saved_at = "An example, not saved yet", None
    session.adopt(session.examples[id].document, f"{id}.tpviz")


def export(session: Session, format: str) -> None:
    commands.export(session, format)


#: type of an intent -> its handler
HANDLERS: dict[str, Callable[..., Any]] = {
    "action": action,
    "pick": pick,
    "mode-cancel": mode_cancel,
    "place": place,
    "connect": connect,
    "move": move,
    "select": select,
    "edit": edit,
    "theme": theme,
    "look": look,
    "open": open_file,
    "example": example,
    "export": export,
    **COLUMN_HANDLERS,
    **SHARE_HANDLERS,
    **TEXT_HANDLERS,
    **COMPARE_HANDLERS,
    **KEEPING_HANDLERS,
    **LECTURE_HANDLERS,
}
