"""A document as one word of letters, digits, `-` and `_`: `1.` and the deflated JSON in base64url.

Links and exported files carry it: it needs no escape in a URL, in XML, in a PDF string, or in a comment of TeX. It comes
back from anyone, so its size is checked before and while it is unpacked.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib

from tpviz.language import DocumentError

from .document import MAX_BYTES, Document, document_from_text, document_to_text

__all__ = ["MAX_CODE", "from_code", "to_code"]

VERSION = 1
MAX_CODE = 2 * MAX_BYTES  # what cannot be compressed grows by a third
_FORM = re.compile(r"(\d{1,6})\.([A-Za-z0-9_-]+)")


def to_code(document: Document) -> str:
    """The word of a document. Raises `DocumentError` for one that is too large to open again."""
    text = json.dumps(json.loads(document_to_text(document)), ensure_ascii=False, separators=(",", ":"))
    if len(text) > MAX_BYTES:
        raise DocumentError(
            f"The document has {len(text):,} characters; the limit is {MAX_BYTES:,}.",
            hint="Write repeated parts with tpviz.zoo.",
        )
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    try:
        packed = packer.compress(text.encode()) + packer.flush()
    except UnicodeEncodeError:
        raise DocumentError("The document holds half a character.", hint="Type the text again.") from None
    return f"{VERSION}.{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


def from_code(code: str, name: str = "The link") -> Document:
    """The document in a word, every field checked.

    Raises `DocumentError` where it is of a newer version, cut off, damaged, too large, or not a document.
    """
    if len(code) > MAX_CODE:
        raise DocumentError(
            f"{name} has {len(code):,} characters; the limit is {MAX_CODE:,}.", hint="It was not made by tpviz."
        )
    form = _FORM.fullmatch(code)
    if form is None:
        raise DocumentError(
            f"{name} does not hold a program: “1.” and letters, digits, - or _ are needed.",
            hint="Copy all of it, from the first to the last character.",
        )
    version = int(form[1])
    if version != VERSION:
        what = "a newer tpviz" if version > VERSION else "no tpviz"
        raise DocumentError(
            f"{name} was written by {what} (version {version} of the form; this one reads {VERSION}).",
            hint="Update tpviz: pip install -U tpviz",
        )
    return document_from_text(_unpacked(form[2], name), name)


def _unpacked(letters: str, name: str) -> str:
    try:
        packed = base64.b64decode(letters + "=" * (-len(letters) % 4), altchars=b"-_", validate=True)
        reader = zlib.decompressobj(-15)
        data = reader.decompress(packed, MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise DocumentError(
                f"{name} unpacks to more than {MAX_BYTES:,} bytes.", hint="It is not a program that tpviz wrote."
            )
        if not reader.eof:
            raise DocumentError(
                f"{name} is cut off.", hint="Copy all of it; some programs shorten long lines. A file is safer."
            )
        return data.decode("utf-8")
    except (binascii.Error, zlib.error, UnicodeDecodeError):
        raise DocumentError(
            f"{name} is damaged.", hint="Copy it again, from the first to the last character."
        ) from None
