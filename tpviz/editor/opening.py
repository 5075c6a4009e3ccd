"""Reading what a user opens: a document or program text, of any size and intent."""

from __future__ import annotations

from ..drawing import Document, document_from_text
from ..language import DocumentError
from .intents import MAX_TEXT

__all__ = ["read_text"]


def read_text(name: str, text: str) -> Document:
    """The document in a file's text: JSON documents by their first character, else program text. `DocumentError` says what is wrong."""
    if len(text) > MAX_TEXT:
        raise DocumentError(
            f"{name} has {len(text):,} characters, the limit is {MAX_TEXT:,}.",
            hint="A program of that size is made by code: use tpviz as a library.",
        )
    if "\x00" in text or "\ufffd" in text[:1000]:
        raise DocumentError(f"{name} is not a text file.", hint="Open a .tpviz or .tp file.")
    if text.lstrip().startswith(("{", "[")) or name.lower().endswith((".tpviz", ".json")):
        return document_from_text(text)
    return Document.from_text(text)
