"""How programs show themselves in a notebook: as a figure, or as the editor. The editor is imported when it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .drawing import Document, figure
from .language import Parsed, Program, TpvizError

if TYPE_CHECKING:
    from .editor.view import EditorView

__all__ = ["view"]

MOST = 300  # nodes of a drawing that a cell shows by itself


def view(program: Program | Document | Parsed | str = "", height: int = 640) -> EditorView:
    """The editor in a cell of a notebook, on a copy of the program; `view(p).document` is what is drawn there now.

    `height` is that of its frame in pixels. Raises `InputError` for what is no program.
    """
    from .editor.notebook import view as show

    return show(program, height)


def _repr_svg_(self: Program | Document | Parsed) -> str | None:
    """The drawing, for notebooks; None (the text is shown) where it is empty or too large."""
    try:
        made = figure(self)
    except TpvizError:
        return None
    return made.svg() if 0 < len(made.scene.nodes) <= MOST else None


for _kind in (Program, Document, Parsed):  # the language knows nothing of drawings
    _kind._repr_svg_ = _repr_svg_  # type: ignore[union-attr]
