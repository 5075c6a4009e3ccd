"""Intents of keeping: what the browser kept comes back, the window says what it shows, a walk through the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..language import DocumentError
from . import commands
from .keeping import read_record, resume

if TYPE_CHECKING:
    from .session import Session

__all__ = ["KEEPING_HANDLERS"]


def restore(session: Session, record: Mapping[str, Any] | None = None, own: bool = True) -> None:
    """The window has started, or a person wants an older drawing back. `own`: the record is this tab's, from before a reload."""
    session.keeper.hello()
    if record is None:
        return
    try:
        restored = read_record(record)
    except DocumentError as error:
        session.view.patch({"type": "refused"})
        d = error.diagnostics[0]
        session.notice("error", d.message, d.hint or "It stays in this browser: File, Recover a drawing.")
        return
    if own and restored.home != (str(session.home) if session.home else None) and session.home is not None:
        session.view.patch({"type": "refused"})  # the app runs on another file now; the record can be recovered
        return
    if own or session.is_empty:
        resume(session, restored)
    else:
        session.adopt(restored.document, restored.name, description=f"Recover {restored.name}")


def viewport(session: Session, x: float, y: float, zoom: float) -> None:
    session.history.viewport = (x, y, zoom)


def travel(session: Session, to: int) -> None:
    commands.travel(session, to)


#: type of an intent -> its handler
KEEPING_HANDLERS: dict[str, Callable[..., Any]] = {"restore": restore, "viewport": viewport, "travel": travel}
