"""The editor's window in a cell of a notebook: the same canvas, panes and keys, in a frame of a fixed height."""

from __future__ import annotations

import asyncio

import panel as pn

from ..drawing import Document
from ..drawing.figure import document_of
from ..language import InputError, Parsed, Program
from .examples import find_examples
from .session import Session
from .view import EditorView

__all__ = ["view"]

LEAST = 360  # pixels


def view(program: Program | Document | Parsed | str = "", height: int = 640) -> EditorView:
    """The editor on a copy of the program. `view(…).document` is what is drawn there now."""
    if not isinstance(height, int) or isinstance(height, bool) or not LEAST <= height <= 10_000:
        raise InputError(f"The height is {height!r}; {LEAST} to 10,000 pixels are needed.", hint="Use height=640.")
    document = document_of(program)
    if _in_notebook():  # each time: a reloaded page has forgotten the scripts
        pn.extension(inline=True)  # nothing is loaded from elsewhere
    session = Session(find_examples(), document, loop=_loop(), height=height)
    session.name = "notebook.tpviz"
    session.saved = "In this notebook"
    session.show_bar()
    return session.view


def _in_notebook() -> bool:
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return get_ipython() is not None


def _loop() -> asyncio.AbstractEventLoop | None:
    """The loop that the kernel runs cells in; numbers from other threads come in through it."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
