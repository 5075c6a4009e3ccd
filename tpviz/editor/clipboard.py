"""Copying, cutting, pasting and duplicating what is selected, as program text (`drawing.edits.copying`, `pasting`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..drawing import document_from_text, edits
from ..drawing.edits import Clip, EditError
from .arranging import members

if TYPE_CHECKING:
    from .session import Session

__all__ = ["NO_CLIP", "clip", "cut", "duplicate", "paste"]

NO_CLIP: dict[str, Any] = {"text": "", "layout": {}, "labels": {}, "nodes": [], "edges": []}


def clip(session: Session) -> dict[str, Any]:
    """What Copy puts on the clipboard. The window has it beforehand: a copy event of the browser waits for nobody."""
    if not session.selected_nodes and not session.selected_edges:
        return NO_CLIP
    found = edits.copy(session.state, members(session), session.selected_edges)
    layout = {id: list(at) for id, at in found.layout.items()}
    return {"text": found.text, "layout": layout, "labels": dict(found.labels), "nodes": list(session.selected_nodes),
            "edges": list(session.selected_edges)}  # fmt: skip


def cut(session: Session) -> None:
    change = edits.delete(session.state, members(session), session.selected_edges)
    session.commit(replace(change, description=change.description.replace("Delete", "Cut", 1)))


def duplicate(session: Session) -> None:
    session.commit(edits.duplicate(session.state, members(session), session.selected_edges))


def paste(
    session: Session,
    text: str,
    layout: Mapping[str, tuple[float, float]] | None = None,
    labels: Mapping[str, str] | None = None,
    view: tuple[float, float, float, float] | None = None,
    untied: bool = False,
) -> None:
    """Program text, or the text of a .tpviz document, beside what is drawn."""
    if text.lstrip().startswith("{"):
        document = document_from_text(text, "What was copied")
        text, layout, labels = document.source, document.layout, document.labels
    pasted = Clip(text, layout or {}, labels or {})
    try:
        change = edits.paste(session.state, pasted, view, untied)
    except EditError as error:
        if session.is_empty and text.strip() and "\n" in text.strip():
            d = error.diagnostics[0]
            raise EditError(replace(d, hint="To type or paste text as it is, press T.")) from None
        raise
    session.typing = False
    inputs = any(line.lstrip().startswith("input ") for line in text.splitlines()) and not session.state.source.strip()
    session.commit(change, view={**session.view_state, "inputs": True} if inputs else None)
