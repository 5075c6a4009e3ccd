"""Opening files: program text, documents, and the figures and pages that carry one."""

from __future__ import annotations

import os
from pathlib import Path

from tpviz.language import DocumentError, Program, ProgramError

from .carry import MAX_FIGURE, from_figure
from .document import MAX_BYTES, Document, document_from_text

__all__ = ["FIGURES", "document_from_bytes", "load", "load_document"]

FIGURES = (".svg", ".pdf", ".png", ".tex", ".html")
_SUFFIXES = (".tp", ".tpviz", *FIGURES)


def load_document(path: str | os.PathLike[str]) -> Document:
    """The document in a `.tp` or `.tpviz` file, or in a figure or page that tpviz wrote (.svg, .pdf, .png, .tex, .html).

    A program with errors opens too: see `Document.parsed`. Raises `DocumentError` when the file cannot be read as a
    document.
    """
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix not in _SUFFIXES:
        raise DocumentError(
            f"{file.name} is not a .tp or .tpviz file.",
            hint="Name it .tp for program text, or .tpviz with positions and labels. Figures open where tpviz wrote them:"
            f" {', '.join(FIGURES)}.",
        )
    return document_from_bytes(_read(file, MAX_FIGURE if suffix in FIGURES else MAX_BYTES), file.name)


def load(path: str | os.PathLike[str]) -> Program:
    """The program in a `.tp` or `.tpviz` file, or in a figure or page that tpviz wrote.

    Raises `DocumentError` when the file cannot be read, `ProgramError` with every problem when its text is not a
    program.
    """
    document = load_document(path)
    errors = [d for d in document.parsed.diagnostics if d.severity == "error"]
    if errors:
        raise ProgramError(*errors)
    return document.program


def document_from_bytes(data: bytes, name: str) -> Document:
    """The document in the contents of a file of this name: its suffix says how to read it.

    Raises `DocumentError` saying what is wrong.
    """
    suffix = Path(name).suffix.lower()
    if suffix in FIGURES:
        return from_figure(data, name)
    if len(data) > MAX_BYTES:
        raise DocumentError(
            f"{name} has {len(data):,} bytes; the limit is {MAX_BYTES:,}.",
            hint="It is not a tpviz document, or write repeated parts with tpviz.zoo.",
        )
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{name} is not UTF-8 text (byte {error.start}).", hint="Save it as UTF-8.") from None
    return document_from_text(text, name) if suffix == ".tpviz" else Document.from_text(text)


def _read(file: Path, limit: int) -> bytes:
    """The contents of a file; a byte more than the limit where it is larger."""
    try:
        if not file.is_file():
            what = (
                "is a folder" if file.is_dir() else "does not exist" if not file.exists() else "is not an ordinary file"
            )
            raise DocumentError(f"{file.name} {what}.", hint="Check the path.")
        with file.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            data = b"" if size > limit else stream.read(limit + 1)
    except OSError as error:
        raise DocumentError(
            f"{file.name} cannot be read: {(error.strerror or 'the system refused').lower()}.",
            hint="Check the path and its permissions.",
        ) from None
    except ValueError:
        raise DocumentError("This path is not a file name.", hint="Check the path.") from None
    if max(size, len(data)) > limit:
        raise DocumentError(
            f"{file.name} has {max(size, len(data)):,} bytes; the limit is {limit:,}.",
            hint="It is not a tpviz document, or write repeated parts with tpviz.zoo.",
        )
    return data
