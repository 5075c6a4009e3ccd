"""Actions of the clipboard, the history, snapshots and recovery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .action import Action
from .clipboard import cut, duplicate

if TYPE_CHECKING:
    from .session import Session

__all__ = ["CLIPBOARD_ACTIONS", "KEPT_ACTIONS"]


def _selected(session: Session) -> bool:
    return bool(session.selected_nodes or session.selected_edges)


def _kept(session: Session) -> bool:
    return session.keeper.active


_selected.needs = "Select something first"  # type: ignore[attr-defined]
_kept.needs = "Only where the app keeps drawings, not in a notebook"  # type: ignore[attr-defined]

#: copy and paste are the browser's own events, so their keys are left to it; cut deletes what was copied
CLIPBOARD_ACTIONS: tuple[Action, ...] = (
    Action("cut", "Cut", ("Control+x",), "Edit", cut, _selected, separator=True, keywords="clipboard remove move"),
    Action("copy", "Copy", ("Control+c",), "Edit", None, _selected, keywords="clipboard text", help="The selection as program text, for another window, a paper or a mail."),
    Action("paste", "Paste", ("Control+v",), "Edit", None, keywords="clipboard insert text program", help="Program text beside what is drawn; the same matrices are shared."),
    Action("paste-untied", "Paste with new matrices", ("Control+Shift+v",), "Edit", None, keywords="clipboard untied independent weights", help="Matrices and embeddings become independent copies."),
    Action("duplicate", "Duplicate", ("Control+d",), "Edit", duplicate, _selected, keywords="copy again repeat", help="The selection a second time, with the same inputs and matrices."),
)  # fmt: skip

KEPT_ACTIONS: tuple[Action, ...] = (
    Action("overlay:snapshots", "Snapshots…", ("Alt+s",), "File", None, _kept, separator=True, keywords="version name keep checkpoint", help="Named states of the drawing: save, restore, rename, delete."),
    Action("overlay:recover", "Recover a drawing…", (), "File", None, _kept, keywords="unsaved crash closed lost restore", help="What was not saved when its tab closed."),
    Action("overlay:history", "History…", ("Alt+h",), "Edit", None, _kept, keywords="steps undo list travel back", help="Every step in words; a click goes there."),
)  # fmt: skip
