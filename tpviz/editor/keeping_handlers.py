"""Intents of keeping: what the browser kept comes back, the window says what it shows, a walk through the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..language import DocumentError
from . import commands
from .clipboard import paste
from .comparing import held
from .keeping import read_document, read_record, resume, state_of

if TYPE_CHECKING:
    from .session import Session

__all__ = ["KEEPING_HANDLERS"]


def restore(session: Session, record: Mapping[str, Any] | None = None, own: bool = True) -> None:
    """The window has started, or a person wants an older drawing back. `own`: the record is this tab's, from before a reload."""
    if own:
        session.keeper.hello()
        session.show_bar()
    if record is None:
        session.view.patch({"type": "shelf", "entries": session.keeper.left()})
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
        session.adopt(restored.document, restored.name, description=f"Recover {restored.name}", saved=False)


def viewport(session: Session, x: float, y: float, zoom: float) -> None:
    session.history.viewport = (x, y, zoom)


def travel(session: Session, by: int) -> None:
    commands.travel(session, by)


def recover(session: Session, key: str) -> None:
    """Bring back what a recovery file holds."""
    record = session.keeper.shelf.read(key) if session.keeper.shelf is not None else None
    if record is None:
        raise DocumentError("This drawing is not there any more.", hint="Another window may have recovered it.")
    restore(session, record, own=False)


def discard(session: Session, key: str) -> None:
    if session.keeper.shelf is not None and key != session.keeper.key:
        session.keeper.shelf.discard(key)


def snapshot_open(session: Session, name: str, document: Mapping[str, Any]) -> None:
    """A snapshot takes the place of the drawing; undo goes back."""
    found = read_document(document)
    session.adopt(found, session.name, session.path, f"Restore the snapshot {name}", saved=False)
    session.notice("info", f"This is the snapshot {name}.", "Undo brings back what was here.")


def snapshot_compare(session: Session, name: str, document: Mapping[str, Any]) -> None:
    """A snapshot is held beside the document."""
    held(session, state_of(read_document(document)), name[:80])


#: type of an intent -> its handler
KEEPING_HANDLERS: dict[str, Callable[..., Any]] = {
    "restore": restore,
    "viewport": viewport,
    "travel": travel,
    "recover": recover,
    "discard": discard,
    "snapshot-open": snapshot_open,
    "snapshot-compare": snapshot_compare,
    "paste": paste,
}
