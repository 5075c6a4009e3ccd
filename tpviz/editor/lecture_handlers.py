"""What the session does with lecture mode's intents and actions: enter, leave, and edits of the speaker's steps."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from ..drawing.edits import Change
from ..drawing.edits.steps import add_step, change_step, move_step, remove_step, show_steps
from ..drawing.scene import Group
from ..drawing.step_marks import StepMark, marks_of
from ..language import InputError
from .action import Action
from .lecture import step_of_selection

if TYPE_CHECKING:
    from .session import Session

__all__ = ["LECTURE_ACTIONS", "LECTURE_HANDLERS", "OPS"]

#: what a `lecture` intent may ask for
OPS = ("leave", "add", "change", "light", "remove", "move", "show-all")
_MIME = {".pdf": "application/pdf", ".tex": "text/x-tex"}


def lecture(
    session: Session,
    op: str,
    step: str = "",
    name: str | None = None,
    note: str | None = None,
    style: int = 1,
    nodes: tuple[str, ...] = (),
    edges: tuple[str, ...] = (),
    by: int = 1,
) -> None:
    desk = session.lecture
    if op == "leave":
        desk.leave()
        return
    shown = desk.lecture
    if shown is None:
        return
    at = step
    if op != "show-all" and step not in shown.place:
        raise InputError("This step of the lecture is not there any more.", hint="Choose another one.")
    if op == "add":
        change, at = _added(session, step, name or "", note or "")
    elif op == "change":
        change = change_step(session.state, step, name, note)
    elif op == "light":
        change = change_step(session.state, step, highlight=_lit(session, step, style, nodes, edges))
    elif op == "remove":
        k = shown.place.get(step, 0)
        rest = [s.id for s in shown.steps if s.id != step]
        if not rest:
            raise InputError("This is the only step of the lecture.", hint="A lecture has at least one.")
        at = rest[min(k, len(rest) - 1)]
        change = remove_step(session.state, step)
    elif op == "move":
        change = move_step(session.state, [s.id for s in shown.steps], step, by)
    else:
        change = show_steps(session.state)
    _commit(session, change, f"lecture:{op}:{step}" if op == "change" else None)
    desk.goto(at)


def _commit(session: Session, change: Change, group: str | None = None) -> None:
    """As every edit, but nothing that is computed or selected changes."""
    session.commit(change, group=group, select=False)


def _added(session: Session, step: str, name: str, note: str) -> tuple[Change, str]:
    """An own step right behind `step`."""
    marks, shown = marks_of(session.state.marks), session.lecture.lecture
    if step.startswith("own:"):
        after = marks.get(step, StepMark()).after
        return add_step(session.state, after, name or "New step", note, follows=step)
    names = next((s.names for s in shown.steps if s.id == step), ()) if shown else ()
    return add_step(session.state, names[-1] if names else step.removeprefix("line:"), name or "New step", note)


def _lit(session: Session, step: str, style: int, nodes: tuple[str, ...], edges: tuple[str, ...]) -> tuple[Group, ...]:
    """The step's highlight with one style replaced; without parts, that style is taken away."""
    marks = marks_of(session.state.marks)
    groups = [*marks.get(step, StepMark()).highlight, *(Group() for _ in range(4))][:4]
    groups[style - 1] = Group(nodes, edges)
    return tuple(groups)


# actions


def enter(session: Session) -> None:
    session.lecture.enter()


def add_lit_step(session: Session) -> None:
    """A step of what is lit now, or selected where nothing is."""
    groups = session.scene.highlight or (Group(session.selected_nodes, session.selected_edges),)
    after = step_of_selection(session)
    name = (
        "Highlighted paths" if len(groups) > 1 else "Highlighted path" if session.scene.highlight else "Selected part"
    )
    change, _ = add_step(session.state, after, name, highlight=groups)
    session.commit(change, select=False)
    session.notice(
        "info",
        f"The lecture has a new step, {name.lower()}, behind {after or 'its start'}.",
        "Press P to see it; E names it there.",
    )


def export_slides(session: Session, suffix: str) -> None:
    stem = session.name.removesuffix(".tpviz").removesuffix(".tp")

    def download(content: bytes) -> None:
        session.view.patch({"type": "download", "name": f"{stem}-lecture{suffix}", "mime": _MIME[suffix], "base64": base64.b64encode(content).decode()})  # fmt: skip

    session.lecture.export(suffix, download)


def _drawn(session: Session) -> bool:
    return not session.is_empty


_drawn.needs = "Nothing is drawn yet"  # type: ignore[attr-defined]


def _something(session: Session) -> bool:
    return bool(session.scene.highlight or session.selected_nodes or session.selected_edges)


_something.needs = "Highlight a path or select something first"  # type: ignore[attr-defined]

LECTURE_ACTIONS: tuple[Action, ...] = (
    Action("lecture", "Lecture", ("p",), "bar", enter, _drawn, keywords="present presentation slides full screen teach talk show", help="The program step by step, full screen; arrows go forth and back."),
    Action("lecture-step", "Add a lecture step of what is lit", ("Shift+p",), "View", add_lit_step, _something, separator=True, keywords="presentation slide highlight named", help="A named step with the highlighted paths, or the selection."),
    Action("export:lecture-pdf", "Lecture slides (PDF)", (), "Export", lambda s: export_slides(s, ".pdf"), _drawn, separator=True, keywords="presentation pages talk"),
    Action("export:lecture-tex", "Lecture slides (beamer)", (), "Export", lambda s: export_slides(s, ".tex"), _drawn, keywords="presentation latex tikz overlays talk"),
)  # fmt: skip

LECTURE_HANDLERS = {"lecture": lecture}
