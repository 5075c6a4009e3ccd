"""What the session does with what is typed into the program text, and with the fixes of its problems."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..drawing import edits
from ..drawing.edits import State
from ..drawing.edits.lines import Sheet
from ..language import Parsed, TpvizError, parse_partial
from .looking import changed_lines
from .text_link import changed_line

if TYPE_CHECKING:
    from .session import Session

__all__ = ["TEXT_HANDLERS"]


def text(
    session: Session, source: str, stamp: int | None = None, base: int | None = None, drag: int | None = None
) -> None:
    """The window's text. `drag` numbers the drag of a number: its edits are one step, and none may break the program."""
    session.typing = True
    now, before = time.monotonic(), session.state
    new = session.link.typed(source, base, stamp)
    if new == before.source or (drag is not None and _breaks(session.parsed, new)):
        session.put(text=session.text_pane(), frame=session.frame())
        return
    try:
        change = edits.set_source(before, new, session.remembered)
    except TpvizError:
        session.put(text=session.text_pane())  # the window goes back to what was there
        raise
    _remember(session, before, new)
    line = changed_line(before.source, new)
    if drag is not None:
        session.commit(change, f"drag:{drag}", select=False, at=session.link.since(drag, now), typed=line)
    else:
        change = replace(change, description=changed_lines(before.source, new))
        session.commit(change, f"text:{line}", select=False, typed=line)


def _breaks(parsed: Parsed, source: str) -> bool:
    """The text has a problem that was not there: a number is where it must not be."""
    known = {(d.code, d.names) for d in parsed.diagnostics}
    found = parse_partial(source).diagnostics
    return any(d.severity == "error" and (d.code, d.names) not in known for d in found)


def _remember(session: Session, before: State, new: str) -> None:
    session.remembered = session.remembered.after(before, Sheet.of(before.source), Sheet.of(new))


def fix(session: Session, index: int, message: str | None = None) -> None:
    """Fix a problem: the one of this number, or, where the text has changed meanwhile, the one with this message."""
    found = session.parsed.diagnostics
    if message is not None and (index >= len(found) or found[index].message != message):
        index = next((k for k, d in enumerate(found) if d.message == message), len(found))
    if index < len(found):
        session.commit(edits.fix(session.state, found[index]))


#: type of an intent -> its handler
TEXT_HANDLERS: dict[str, Callable[..., Any]] = {"text": text, "fix": fix}
