"""What the results column does with each intent of the window. Fields are checked already (`intents.read_intent`)."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..language import InputError
from .batches import read_array
from .path_results import PathWalk

if TYPE_CHECKING:
    from .session import Session

__all__ = ["COLUMN_HANDLERS"]


def tab(session: Session, tab: str) -> None:
    session.column.set.tab = tab
    session.put(legend=session.legend(), actions=session.actions())
    session.column.request()
    session.column.report()


def pin(session: Session, on: bool) -> None:
    session.column.set.pin = on
    session.column.report()


def kernel(
    session: Session, mode: str | None = None, chosen: tuple[str, ...] | None = None, kind: str | None = None
) -> None:
    column = session.column
    if kind is not None:
        column.set.kind = kind
    if mode is not None:
        column.set.mode = mode
    if chosen is not None:
        known = [v for v in session.program.vectors if v in chosen]
        last = next((v for v in reversed(chosen) if v in known), None)
        width = session.program.width_class(last) if last else None
        column.set.vectors = tuple(v for v in known if session.program.width_class(v) == width)
        if len(column.set.vectors) < len(known):
            session.notice("info", f"A kernel pairs vectors of one width class: those of class {width} are kept.")
    column.request()
    if kind is not None:
        column.report()


def network(session: Session, view: str) -> None:
    session.column.set.view = view
    session.column.request()
    session.column.report()


def batch(session: Session, **changes: Any) -> None:
    column = session.column
    if changes.get("kind") == "typed" and not column.batch.text and column.network.result is not None:
        changes.setdefault("text", column.network.result.batch.text())  # what is there is what is edited
    column.set.batch = replace(column.batch, **changes)
    session.column.request()


def batch_file(session: Session, name: str, base64: str) -> None:
    try:
        rows = read_array(name, _decoded(base64))
    except InputError:
        session.column.report()
        raise
    session.column.set.batch = replace(session.column.batch, kind="file", rows=rows, name=name[:80])
    session.column.request()


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InputError("The file did not arrive whole.", hint="Open it again.") from None


def paths(
    session: Session,
    word: tuple[str, ...] | None = None,
    partner: tuple[str, ...] | None = None,
    pair: int | None = None,
    angle: float | None = None,
) -> None:
    column = session.column
    if angle is not None:
        column.set.batch = replace(column.batch, angle=angle)
    if word is not None:
        column.set.walk = PathWalk(word=word)
    if partner is not None:
        column.set.walk = replace(column.set.walk, partner=partner, pair=0)
    if pair is not None:
        column.set.walk = replace(column.set.walk, pair=pair)
    column.request()


def distribution(session: Session, vector: str) -> None:
    if vector in session.program.vectors:
        session.column.set.looked_at = vector
        if session.subject() in session.program.vectors and session.subject() != vector:
            session.selected_nodes, session.selected_edges = (
                (vector,) if any(n.id == vector for n in session.scene.nodes) else (),
                (),
            )
            session.put(
                selection=session.selection(),
                text=session.text_pane(),
                inspector=session.inspector(),
            )
    session.column.request()


def room(session: Session, width: int, height: int, column: int) -> None:
    if column != session.column.set.space:
        session.column.set.space = column
        session.column.draw()


def width(session: Session, log10: float) -> None:
    session.column.set.width = _round_width(log10)
    session.column.request()


def seed(session: Session, seed: int) -> None:
    session.column.set.seed = seed
    session.column.request()


def cancel(session: Session) -> None:
    session.column.cancel()


def _round_width(log10: float) -> int:
    """Two digits, as a slider should give; powers of ten and 4096 exactly."""
    n = 10**log10
    if abs(n - 4096) < 30:
        return 4096
    digits = len(str(int(n))) - 2
    return round(n, -digits) if isinstance(n, int) else int(round(n, -digits))


#: type of an intent -> its handler
COLUMN_HANDLERS: dict[str, Callable[..., Any]] = {
    "tab": tab,
    "pin": pin,
    "kernel": kernel,
    "network": network,
    "batch": batch,
    "batch-file": batch_file,
    "paths": paths,
    "distribution": distribution,
    "room": room,
    "width": width,
    "seed": seed,
    "cancel": cancel,
}
