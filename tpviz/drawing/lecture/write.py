"""`tpviz.lecture`: the slides of a program as PDF or as LaTeX (beamer, with TikZ overlays)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from tpviz.language import InputError, Parsed, Program

from ..document import Document, write_atomically
from ..figure import document_of
from .model import Lecture, lecture_of
from .numbers import Found, all_numbers

__all__ = ["SUFFIXES", "lecture", "slides"]

SUFFIXES = (".pdf", ".tex")
Theme = Literal["projector", "light", "dark"]


def lecture(
    program: Program | Document | Parsed | str,
    path: str | os.PathLike[str] | None = None,
    theme: Theme = "projector",
    standalone: bool = True,
) -> Lecture:
    """The lecture of a program, one step a line; with a path it is written as slides (.pdf or .tex).

    A .pdf has one page for each step: the drawing so far, the line, its rule and formula, its number in the limit and
    at finite width, a plot. A .tex is a beamer frame with overlays, the drawing one tikzpicture; it compiles with
    pdflatex, beamer and tikz. With `standalone=False` the frame alone is written, for \\input into a document of class
    beamer that loads tikz. A Document brings its layout, its labels and the steps that the speaker added. Inputs
    without a value leave numbers out. Raises `InputError` for a suffix or theme that is not known, and for a program
    that draws nothing.
    """
    document = document_of(program)
    if theme not in ("projector", "light", "dark"):
        raise InputError(f"There is no theme {theme!r}.", hint='Use "projector", "light" or "dark".')
    suffix = _suffix(path) if path is not None else ""
    steps = lecture_of(document)
    if path is not None:
        write_atomically(path, slides(steps, all_numbers(steps, document.program), suffix, theme, standalone))
    return steps


def slides(
    lecture: Lecture,
    found: Mapping[str, Found],
    suffix: str,
    theme: str = "projector",
    standalone: bool = True,
) -> bytes:
    """The slides of a lecture with these numbers, as the contents of a file with this suffix."""
    if not lecture.steps:
        raise InputError("The program draws nothing, so there is nothing to show.", hint="Write a vector first.")
    if suffix == ".tex":
        from .beamer import beamer

        return beamer(lecture, found, theme, standalone).encode()
    from .slides import pdf  # matplotlib is slow to import

    return pdf(lecture, found, theme)


def _suffix(path: str | os.PathLike[str]) -> str:
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            f"A lecture cannot be written as {suffix or 'a file without a suffix'!r}.",
            hint="The suffixes are .pdf and .tex (beamer).",
        )
    return suffix
