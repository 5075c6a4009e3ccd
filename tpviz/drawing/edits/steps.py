"""Edits of a lecture's steps: the speaker's own ones, and what is set for those that the program gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..scene import Group
from ..step_marks import MAX_NAME, MAX_NOTE, StepMark, check_mark, key_of, marks_of, own_ids
from .state import Change, State, refuse

__all__ = ["add_step", "change_step", "move_step", "remove_step", "show_steps"]


def add_step(
    state: State, after: str = "", name: str = "", note: str = "", highlight: tuple[Group, ...] = (), follows: str = ""
) -> tuple[Change, str]:
    """A step of the speaker's own behind the line of `after` ("" for the start), right behind the own step `follows`
    where it stands there. The change, and the id of the step."""
    used = [int(i[4:]) for i in own_ids(state.marks) if i[4:].isdigit()]
    id = f"own:{max(used, default=0) + 1}"
    marks = marks_of(state.marks)
    there = sorted((m.order, i) for i, m in marks.items() if i.startswith("own:") and m.after == after)
    at = 1 + next((k for k, (_, i) in enumerate(there) if i == follows), -1)
    mark = StepMark(name, note, highlight, after=after)
    placed = [*(i for _, i in there[:at]), id, *(i for _, i in there[at:])]
    return _put(state, {**marks, id: mark}, _ordered(placed), "Add a lecture step"), id


def change_step(
    state: State,
    id: str,
    name: str | None = None,
    note: str | None = None,
    highlight: tuple[Group, ...] | None = None,
) -> Change:
    """Another name, note or highlight of a step; None leaves it as it is."""
    marks = marks_of(state.marks)
    _known(marks, id)
    mark = marks.get(id, StepMark())
    if name is not None and len(name) > MAX_NAME:
        refuse("too-large", f"The name of a step has at most {MAX_NAME} characters, got {len(name)}.", "Shorten it.")
    if note is not None and len(note) > MAX_NOTE:
        refuse("too-large", f"The note of a step has at most {MAX_NOTE} characters, got {len(note)}.", "Shorten it.")
    new = replace(
        mark,
        name=mark.name if name is None else " ".join(name.split()),
        note=mark.note if note is None else note.strip(),
        highlight=mark.highlight if highlight is None else highlight,
    )
    what = "Name" if name is not None else "Light"
    return _put(state, {**marks, id: new}, {}, f"{what} a lecture step")


def remove_step(state: State, id: str) -> Change:
    """Delete an own step; hide the step of a line (its part of the drawing comes with the next)."""
    marks = marks_of(state.marks)
    _known(marks, id)
    if id.startswith("own:"):
        del marks[id]
        return _put(state, marks, {}, "Delete a lecture step", gone=id)
    mark = replace(marks.get(id, StepMark()), hidden=True)
    return _put(state, {**marks, id: mark}, {}, "Hide a lecture step")


def show_steps(state: State) -> Change:
    """Show every line's step again."""
    marks = {i: replace(m, hidden=False) for i, m in marks_of(state.marks).items()}
    return _put(state, marks, {}, "Show all lecture steps")


def move_step(state: State, order: Sequence[str], id: str, by: int) -> Change:
    """Move an own step one place forth or back in `order`, the ids of the steps that are shown. Lines stay in the
    program's order."""
    marks = marks_of(state.marks)
    if not id.startswith("own:") or id not in marks or id not in order:
        refuse("type", "Only a step of your own can be moved.", "The lines of the program keep its order.")
    at = order.index(id)
    to = min(max(at + by, 0), len(order) - 1)
    rest = [i for i in order if i != id]
    new = [*rest[:to], id, *rest[to:]]
    before = next((i for i in reversed(new[:to]) if i.startswith("line:")), "")
    after = before.removeprefix("line:")
    marks[id] = replace(marks[id], after=after)
    start = new.index(before) + 1 if before else 0
    run = []
    for i in new[start:]:
        if not i.startswith("own:"):
            break
        run.append(i)
    return _put(state, marks, _ordered(run), "Move a lecture step")


def _ordered(ids: Sequence[str]) -> dict[str, float]:
    return {i: float(k) for k, i in enumerate(ids)}


def _known(marks: dict[str, StepMark], id: str) -> None:
    if not id.startswith("line:") and id not in marks:
        refuse("unknown", "This step of the lecture is not there any more.", "Choose another one.", (id[:60],))


def _put(
    state: State, marks: dict[str, StepMark], order: dict[str, float], description: str, gone: str | None = None
) -> Change:
    """The change with these settings; marks of other kinds stay."""
    kept = {k: v for k, v in state.marks.items() if gone is None or k != key_of(gone)}
    for id, mark in marks.items():
        if id in order:
            mark = replace(mark, order=order[id])
        value = mark.to_json()
        key = key_of(id)
        if (problem := check_mark(key, value)) is not None:
            refuse("type", f"This step cannot be kept: {problem}.", "Shorten it.")
        if value or id.startswith("own:"):
            kept[key] = value
        else:
            kept.pop(key, None)
    return Change(state.source, state.layout, state.labels, (), description, kept)
