"""What a session keeps in the browser, so that no work is lost: the document, its history, what is selected and in view.

The window stores a *record*. It is sent in pieces, what has changed since the last piece, after every message of the window; each piece
acknowledges the messages that it has in it. A reloaded tab sends its record back. It is untrusted then: the document is checked as a
file is, the history step by step, and what cannot be read is refused with a sentence while the record stays where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..drawing import Document, document_from_text
from ..drawing.edits import State
from ..language import DocumentError
from .kept_steps import Chain, is_viewport, step_from_json, step_to_json
from .recovery import Shelf, fresh_key, is_key

if TYPE_CHECKING:
    from .history import Viewport
    from .session import Session

__all__ = [
    "MOST_HISTORY",
    "Keeper",
    "Restored",
    "fingerprint",
    "numbered",
    "read_document",
    "read_record",
    "resume",
    "state_of",
]

FORMAT = 1
_PAUSE = 700  # ms between an edit and its recovery file
MOST_HISTORY = 2_000_000  # characters of steps that are kept; the oldest are dropped
_NAME = 200
_FIELDS = ("program", "layout", "labels", "marks", "view", "extra")


def numbered(message: Any) -> tuple[Any, int | None]:
    """The message without the number that the window counts it by, and that number."""
    if not isinstance(message, Mapping) or "n" not in message:
        return message, None
    number = message["n"]
    valid = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**53
    return {k: v for k, v in message.items() if k != "n"}, number if valid else None


def state_of(document: Document) -> State:
    return State(document.source, dict(document.layout), dict(document.labels), dict(document.marks))


def fingerprint(document: Document) -> str:
    """Tells two documents apart, to see whether a file has changed on disk."""
    state = state_of(document)
    parts = (
        state.source,
        sorted(state.layout.items()),
        sorted(state.labels.items()),
        sorted(state.marks.items(), key=str),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


class Keeper:
    """Tells the window what to keep. It is silent until the window has asked for it (`hello`): a notebook does not."""

    def __init__(self, session: Session):
        self.session = session
        self.active = False
        self._told: dict[str, Any] = {}
        self._steps: dict[int, str] = {}  # what the window has, as JSON, by serial
        self.key = fresh_key()  # names the record, wherever it is kept
        self.shelf: Shelf | None = None  # recovery files, where the app runs on the user's machine
        self._waiting = False

    def hello(self) -> None:
        """The window knows nothing yet."""
        self.active, self._told, self._steps = True, {}, {}

    def tell(self, acknowledged: int | None = None) -> None:
        """Send what changed; the window keeps it, and forgets the messages up to the acknowledged one."""
        if not self.active:
            return
        s, history = self.session, self.session.history
        record: dict[str, Any] = {
            "format": FORMAT,
            "key": self.key,
            "name": s.name,
            "program": s.state.source,
            "layout": {id: list(at) for id, at in s.state.layout.items()},
            "labels": dict(s.state.labels),
            "marks": dict(s.state.marks),
            "view": dict(s.view_state),
            "extra": dict(s.extra),
            "home": str(s.home) if s.home else None,
            "on_file": s.path is not None,
            "base": s.base,
            "clean": history.clean,
            "nodes": list(s.selected_nodes),
            "edges": list(s.selected_edges),
            "viewport": list(history.viewport) if history.viewport else None,
        }
        past, future, steps = self._kept_steps()
        record["past"], record["future"] = past, future
        changed = {k: v for k, v in record.items() if k not in self._told or self._told[k] != v}
        new = {serial: steps[serial] for serial in steps if serial not in self._steps}
        if changed or new or acknowledged is not None:
            self._told, self._steps = record, steps
            if self.shelf is not None and not self._waiting:
                self._waiting = True
                s.later(_PAUSE, self.put_away)
            self.session.view.patch({"type": "keep", "ack": acknowledged, "set": changed, "steps": {str(k): v for k, v in new.items()},
                                     "empty": not s.state.source.strip()})  # fmt: skip

    def put_away(self) -> None:
        """Write the recovery file."""
        self._waiting = False
        if self.shelf is None or not self._told:
            return
        try:
            if self.unsaved:
                self.shelf.keep(
                    self.key, self.session.name, {**self._told, "steps": {str(k): v for k, v in self._steps.items()}}
                )
            else:
                self.shelf.discard(self.key)
        except DocumentError as error:
            self.shelf = None  # said once
            d = error.diagnostics[0]
            self.session.notice("error", f"No recovery file: {d.message}", "This browser still keeps your work.")

    @property
    def unsaved(self) -> bool:
        return not self.session.history.clean and bool(self.session.state.source.strip())

    def close(self) -> None:
        """The tab is gone. Its unsaved work stays to be recovered."""
        if self.shelf is not None:
            if self._waiting:
                self.put_away()
            self.shelf.leave(self.key, self.unsaved)

    def left(self) -> list[dict[str, Any]]:
        """Recovery files for the window."""
        found = self.shelf.entries() if self.shelf is not None else []
        return [{"key": e.key, "name": e.name, "at": round(1000 * e.at)} for e in found if e.key != self.key]

    def _kept_steps(self) -> tuple[list[int], list[int], dict[int, str]]:
        """Serials of past and future, and the JSON of their steps, as many as there is room for."""
        history = self.session.history
        steps: dict[int, str] = {}
        room = MOST_HISTORY

        def take(wanted: tuple) -> list[int]:
            nonlocal room
            out = []
            for step in wanted:
                text = self._steps.get(step.serial) or step_to_json(step, self.session.home)
                room -= len(text)
                if room < 0:
                    break
                steps[step.serial] = text
                out.append(step.serial)
            return out

        past = take(history.past[::-1])[::-1]
        return past, take(history.future), steps


class Restored:
    """A record that was read: the document, where it is stored, its history, what is selected and in view."""

    def __init__(self, record: Mapping[str, Any]):
        self.document = read_document(record)
        self.name = record["name"] if _is_name(record.get("name")) else "untitled"
        self.home = record.get("home") if isinstance(record.get("home"), str) else None
        self.on_file = record.get("on_file") is True
        self.base = record.get("base") if isinstance(record.get("base"), str) else None
        self.clean = record.get("clean") is True
        self.key: str | None = record["key"] if is_key(record.get("key")) else None
        self.nodes, self.edges = _ids(record.get("nodes")), _ids(record.get("edges"))
        viewport = record.get("viewport")
        self.viewport: Viewport | None = tuple(map(float, viewport)) if is_viewport(viewport) else None  # type: ignore[arg-type,assignment]
        self._record = record

    def history(self, home: Path | None) -> tuple[tuple, tuple, bool]:
        """Past and future steps, and whether all that the record has could be read. A step that does not fit its neighbours ends the chain."""
        steps = self._record.get("steps")
        rows = steps if isinstance(steps, Mapping) else {}
        state = state_of(self.document)
        whole = True
        chains = []
        for name, side in (("past", 0), ("future", 1)):
            serials = self._record.get(name, [])
            chain = Chain(state, side)
            if not isinstance(serials, list) or len(serials) > 5000:
                serials, whole = [], False
            for serial in serials if side else serials[::-1]:
                step = step_from_json(rows.get(str(serial)), home)
                if step is None or not chain.add(step):
                    whole = False
                    break
            chains.append(tuple(chain.steps))
        return chains[0][::-1], chains[1], whole


def read_record(record: Any) -> Restored:
    """The record with its document checked; `DocumentError` says what is wrong with it."""
    if not isinstance(record, Mapping):
        raise DocumentError(
            "What this browser kept is not a record of tpviz.", hint="It stays where it is: File, Recover a drawing."
        )
    number = record.get("format")
    if number != FORMAT:
        newer = isinstance(number, int) and not isinstance(number, bool) and number > FORMAT
        raise DocumentError("What this browser kept was written by a newer tpviz." if newer else "What this browser kept cannot be read: it has no format.",
                            hint="It stays where it is: File, Recover a drawing.")  # fmt: skip
    return Restored(record)


def read_document(record: Mapping[str, Any]) -> Document:
    """The document of a record or a snapshot, by way of the reader of files, which checks every field."""
    extra = record.get("extra")
    fields = {
        **(extra if isinstance(extra, Mapping) else {}),
        **{k: record[k] for k in _FIELDS if k in record and k != "extra"},
    }
    try:
        text = json.dumps({**fields, "format": "tpviz", "version": 1}, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise DocumentError(
            "What this browser kept holds a value that a document cannot hold.",
            hint="It stays where it is: File, Recover a drawing.",
        ) from None
    return document_from_text(text, "What this browser kept")


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _NAME and value.isprintable()


def _ids(value: Any) -> tuple[str, ...]:
    return tuple(v for v in value[:20_000] if isinstance(v, str) and len(v) <= 200) if isinstance(value, list) else ()


def resume(session: Session, restored: Restored) -> None:
    """The session as it was when the record was kept. Where the file on disk has changed since, both versions are there: undo and redo
    go from one to the other."""
    disk = session.document if session.home is not None and session.path is not None else None
    on_file = restored.on_file and session.home is not None and restored.home == str(session.home)
    past, future, whole = restored.history(session.home)
    session.keeper.key = restored.key or session.keeper.key
    kept = state_of(restored.document)
    saved = state_of(disk) if disk is not None and on_file else kept if restored.clean else None
    session.replace(restored.document, restored.name, session.home if on_file else None)
    session.history.resume(kept, past, future, saved)
    session.choose(restored.nodes, restored.edges)
    if disk is not None and on_file and restored.base != session.base and state_of(disk) != kept:
        session.history.push(state_of(disk), f"Read {session.name} as it is on disk", session.selected_nodes, ())
        if not restored.clean:
            session.history.undo()
            session.notice(
                "info",
                f"{session.name} was changed by another program meanwhile; this is your version.",
                "Redo shows the file's.",
            )
    session.history.viewport = restored.viewport
    session.read()
    session.settle()
    session.update_saved()
    session.show()
    if restored.viewport is not None:
        session.view.patch({"type": "look", "viewport": list(restored.viewport)})
    else:
        session.view.patch({"type": "fit"})
    if not whole:
        session.notice("info", "Your drawing is back, a part of its undo history could not be read.")
