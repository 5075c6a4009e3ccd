"""The Panel app: one session for each browser tab, freed when the tab is closed."""

from __future__ import annotations

import os
from pathlib import Path

import panel as pn

from ..drawing import Document, load_document
from ..drawing.files import FIGURES
from ..language import TpvizError
from .examples import find_examples
from .recovery import STATE_VARIABLE, Shelf, fresh_key, state_folder
from .session import Session

__all__ = ["FILE_VARIABLE", "create", "serve"]

#: environment variable that names the file to edit
FILE_VARIABLE = "TPVIZ_FILE"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_CSS = "html, body { margin: 0; height: 100%; overflow: hidden; }"


def create(path: str | os.PathLike[str] | None = None, local: bool = False) -> Session:
    """A session in the current Panel document. A `path` that does not exist yet is made by the first save. `local`: the app runs on the user's
    machine, for no one else, so unsaved work is also kept in files; so it is where there is a path or `TPVIZ_STATE`."""
    document, file = None, None
    problem: TpvizError | None = None
    given = path or os.environ.get(FILE_VARIABLE)
    if given:
        file = Path(given)
        try:
            document = load_document(file) if file.exists() else Document.from_text("")
        except TpvizError as error:
            problem, file = error, None
    figure = file if file is not None and file.suffix.lower() in FIGURES else None
    if figure is not None:  # it is read only: saving makes a document
        file = None
    session = Session(find_examples(), document, file, pn.state.curdoc)
    if figure is not None:
        session.name, session.saved = f"{figure.stem}.tpviz", f"From {figure.name}, not saved yet"
        session.show_bar()
    if local or given or os.environ.get(STATE_VARIABLE):
        session.keeper.shelf = Shelf(state_folder(), fresh_key())
    if problem is not None:
        d = problem.diagnostics[0]
        session.notice("error", d.message, d.hint)
    if pn.state.curdoc is not None and pn.state.curdoc.session_context is not None:
        pn.state.on_session_destroyed(lambda context: session.close())
    return session


def serve(
    path: str | os.PathLike[str] | None = None, port: int = 0, show: bool = True, address: str = "localhost"
) -> None:
    """Run the editor on this machine until it is interrupted."""
    pn.config.raw_css = [_CSS]
    local = address in _LOOPBACK
    pn.serve({"editor": lambda: create(path, local).view}, port=port, address=address, show=show, title="tpviz")
