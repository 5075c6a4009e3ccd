"""Actions of the comparison, and untying, which it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .action import Action
from .compare_handlers import (
    compare_now,
    compare_saved,
    compare_step,
    compare_tied,
    export_drawings,
    export_table,
    untie,
)
from .versions import is_tied

if TYPE_CHECKING:
    from .session import Session

__all__ = ["COMPARE_ACTIONS"]


def _vectors(session: Session) -> bool:
    return bool(session.program.vectors)


_vectors.needs = "Needs a vector: press X"  # type: ignore[attr-defined]


def _tied(session: Session) -> bool:
    subject = session.subject()
    return subject is not None and is_tied(session.program, subject)


_tied.needs = "Select a MatMul whose matrix is used twice"  # type: ignore[attr-defined]


def _anything_tied(session: Session) -> bool:
    return is_tied(session.program)


_anything_tied.needs = "No matrix is used twice"  # type: ignore[attr-defined]


def _transposes(session: Session) -> bool:
    return is_tied(session.program, gia=True)


_transposes.needs = "No matrix is used together with its transpose"  # type: ignore[attr-defined]


def _saved(session: Session) -> bool:
    return _vectors(session) and session.history.saved_state is not None and not session.history.clean


_saved.needs = "Nothing has changed since it was saved"  # type: ignore[attr-defined]


def _snapshots(session: Session) -> bool:
    return _vectors(session) and session.keeper.active


_snapshots.needs = "Needs a vector, and an app that keeps snapshots"  # type: ignore[attr-defined]


def _edited(session: Session) -> bool:
    return _vectors(session) and session.history.undo_label is not None


_edited.needs = "Nothing was edited yet"  # type: ignore[attr-defined]


def _held(session: Session) -> bool:
    return session.comparing.version is not None


_held.needs = "Nothing is compared: press B"  # type: ignore[attr-defined]


def _compared(session: Session) -> bool:
    result = session.comparing.result
    return _held(session) and result is not None and not any(result.problems)


_compared.needs = _held.needs  # type: ignore[attr-defined]


def _choose_snapshot(session: Session) -> None:
    session.view.patch({"type": "overlay", "name": "snapshots"})


COMPARE_ACTIONS: tuple[Action, ...] = (
    Action("untie", "Untie its matrix", ("Shift+u", "Shift+m"), "Edit", untie, _tied, separator=True, keywords="independent copy new matrix weights tilde W̃", help="An independent copy of the same law for the selected MatMul."),
    Action("untie-transposes", "Untie Wᵀ from W (GIA)", (), "Edit", lambda s: untie(s, product=False, gia=True), _transposes, keywords="gradient independence assumption backward independent copy", help="All uses of a transpose share one independent copy."),
    Action("untie-all", "Untie every use", (), "Edit", lambda s: untie(s, product=False), _anything_tied, keywords="independent copies weights", help="Every use of a matrix but its first gets a copy of its own."),
    Action("compare", "Compare with now", ("b",), "View", compare_now, _vectors, separator=True, keywords="before after versions difference hold reference", help="Holds the program as it is beside what you edit next."),
    Action("compare-tied", "Compare tied and untied", ("u",), "View", compare_tied, _anything_tied, keywords="versions independent copy W̃ GIA weights sharing", help="Of the selected MatMul, else of every shared matrix."),
    Action("compare-gia", "Compare with GIA", (), "View", lambda s: compare_tied(s, gia=True), _transposes, keywords="gradient independence assumption transposed untied versions", help="Wᵀ against a copy that is independent of W."),
    Action("compare-step", "Compare with the last step", ("Alt+c",), "View", compare_step, _edited, keywords="before after undo history versions difference", help="What the last edit changed."),
    Action("compare-saved", "Compare with the last saved", (), "View", compare_saved, _saved, keywords="versions difference file", help="What has changed since the file was saved or opened."),
    Action("compare-snapshot", "Compare with a snapshot…", (), "View", _choose_snapshot, _snapshots, keywords="versions difference named kept", help="Choose one in the list of snapshots."),
    Action("compare-swap", "Swap A and B", (), None, lambda s: s.comparing.swap(), _held, group="Compare", keywords="exchange versions", help="The version at A goes to B."),
    Action("compare-keep", "Keep the held version", (), None, lambda s: s.comparing.keep(), _held, group="Compare", keywords="apply accept take over revert versions", help="Makes it the document; undo brings the old one back."),
    Action("compare-close", "End the comparison", (), None, lambda s: s.comparing.close(), _held, group="Compare", keywords="stop close versions", help="The document stays as it is."),
    Action("compare:svg", "Both drawings as SVG", (), None, lambda s: export_drawings(s, "svg"), _compared, group="Compare", keywords="export figure versions side by side", help="Side by side, with what changes."),
    Action("compare:pdf", "Both drawings as PDF", (), None, lambda s: export_drawings(s, "pdf"), _compared, group="Compare", keywords="export figure versions side by side paper", help="Side by side, with what changes."),
    Action("compare:png", "Both drawings as PNG", (), None, lambda s: export_drawings(s, "png"), _compared, group="Compare", keywords="export figure versions side by side slide", help="Side by side, with what changes."),
    Action("compare:csv", "The numbers as CSV", (), None, export_table, _compared, group="Compare", keywords="export table data versions", help="Every number of both versions, changed or not."),
)  # fmt: skip
