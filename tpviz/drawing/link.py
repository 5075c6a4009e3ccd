"""Links that carry a program and its layout. They stand behind the `#` of an address, which no browser sends to a server."""

from __future__ import annotations

import re

from tpviz.language import DocumentError, Program

from .compact import from_code, to_code
from .document import Document

__all__ = ["EASY", "MAX_LINK", "from_link", "to_link"]

EASY = 16_000  # characters that mail, chats and browsers carry without a cut
MAX_LINK = 100_000
_FRAGMENT = re.compile(r"(?:[^#\s]*#)?(?:p=)?([^#&\s]*)")


def to_link(program: Program | Document, base: str = "") -> str:
    """The link that opens the program in tpviz, with its layout: `base` is the address of an editor, such as
    `http://localhost:5006/editor`; without it the part from `#` on.

    Raises `DocumentError` where the program is too large for a link.
    """
    document = program if isinstance(program, Document) else Document.from_program(program)
    code = to_code(document)
    if len(code) > MAX_LINK:
        raise DocumentError(
            f"The program is too large for a link: {len(code):,} characters, the limit is {MAX_LINK:,}.",
            hint="Send a .tpviz file, or an exported figure: both open in tpviz.",
        )
    return f"{base.split('#', 1)[0]}#p={code}"


def from_link(link: str) -> Document:
    """The document in a link; the part from `#p=` on, or the word behind it, will do.

    Raises `DocumentError` saying what is wrong with it.
    """
    if len(link) > MAX_LINK + 2_000:
        raise DocumentError(
            f"The link has {len(link):,} characters; the limit is {MAX_LINK:,}.", hint="Send a .tpviz file instead."
        )
    form = _FRAGMENT.fullmatch(link.strip())
    if form is None or not form[1]:
        raise DocumentError("The link holds no program.", hint="A link of tpviz has #p=1.… at its end.")
    return from_code(form[1])
