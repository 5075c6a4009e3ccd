"""Sharing: links that carry the drawing, files that carry it, and opening what carries one. All of it may come from anyone."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..drawing import Document, document_from_bytes, from_link, to_link
from ..drawing.files import FIGURES
from ..drawing.link import EASY
from ..drawing.web import html_page
from ..language import DocumentError
from .action import Action
from .commands import send_file

if TYPE_CHECKING:
    from .session import Session

__all__ = ["SHARE_ACTIONS", "SHARE_HANDLERS", "adopt"]


def share(session: Session) -> None:
    """Show the link that carries the drawing as it stands; the window puts its own address before it."""
    shown: dict[str, Any] = {"type": "overlay", "name": "share", "fragment": "", "easy": True, "error": "", "hint": "",
                             "source": session.state.source}  # fmt: skip
    try:
        shown["fragment"] = to_link(session.document)
        shown["easy"] = len(shown["fragment"]) <= EASY
    except DocumentError as error:
        d = error.diagnostics[0]
        shown["error"], shown["hint"] = d.message, d.hint
    session.view.patch(shown)


def adopt(session: Session, document: Document, name: str, saved: str) -> None:
    """Open another document: undo brings the present one back."""
    session.saved, session.saved_at = saved, None
    session.adopt(document, name)
    if session.parsed.diagnostics:
        n = len(session.parsed.diagnostics)
        session.notice("info", f"{name} has {n} problem{'s' * (n > 1)}; its valid part is computed.")


def open_link(session: Session, text: str) -> None:
    adopt(session, from_link(text), "shared.tpviz", "From a link, not saved yet")


def open_carried(session: Session, name: str, base64: str) -> None:
    """A figure or page that tpviz wrote, with its document in it."""
    file = Path(name)
    if file.suffix.lower() not in FIGURES:
        raise DocumentError(f"{name} is not a figure.", hint=f"Figures that can be opened are {', '.join(FIGURES)}.")
    document = document_from_bytes(_decoded(base64, name), file.name[:80])
    adopt(session, document, f"{file.stem[:80]}.tpviz", f"From {file.name[:80]}, not saved yet")


def _decoded(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise DocumentError(f"{name} did not arrive whole.", hint="Open it again.") from None


def export_page(session: Session) -> None:
    """The drawing as it is seen, its numbers and its text as one HTML file."""
    stem = session.name.removesuffix(".tpviz").removesuffix(".tp")
    document = session.document
    content = html_page(document, None if document.source.startswith("#") else stem, scene=session.seen)
    send_file(session, f"{stem}.html", "text/html", content.encode())


def _drawn(session: Session) -> bool:
    return not session.is_empty


SHARE_ACTIONS: tuple[Action, ...] = (
    Action("export:html", "HTML page", (), "Export", export_page, _drawn, needs="Nothing is drawn yet", separator=True, keywords="export web share read only static browser", help="One file to read in any browser: drawing, numbers, program."),
    Action("share", "Share", ("Control+Shift+s",), "bar", share, _drawn, needs="Nothing is drawn yet", group="File", keywords="link url send copy publish", help="A link that carries program and layout, or a page that anyone can read."),
    Action("overlay:open-link", "Open a link…", (), "File", separator=True, keywords="paste url shared import address", help="A link of another tpviz, pasted."),
)  # fmt: skip

#: type of an intent -> its handler
SHARE_HANDLERS: dict[str, Callable[..., Any]] = {"link": open_link, "open-file": open_carried}
