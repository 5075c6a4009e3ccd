"""Undo and redo: edits as deltas, repeats collapsed, selection and viewport restored.

A step holds only what changed, of the text the one piece that was replaced. So it stays small, and can be kept in a browser.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, TypeVar

from ..drawing.edits import State

__all__ = ["Delta", "History", "Splice", "Step", "delta", "splice"]

_MOST = 1000  # edits that are kept
_TOGETHER = 1.2  # seconds within which repeats of one edit are one step
Position = tuple[float, float]
Viewport = tuple[float, float, float]  # x, y and zoom of the window's canvas
T = TypeVar("T")


@dataclass(frozen=True)
class Splice:
    """The piece of a text that was replaced: `old` at index `at` became `new`."""

    at: int
    old: str
    new: str

    def put(self, text: str, side: int) -> str:
        """The text with the old (side 0) or the new piece (side 1)."""
        there, wanted = (self.new, self.old) if side == 0 else (self.old, self.new)
        return text[: self.at] + wanted + text[self.at + len(there) :]

    def fits(self, text: str, side: int) -> bool:
        """The text holds the new (side 0: it can be reverted) or the old piece (side 1: it can be applied)."""
        return text.startswith(self.new if side == 0 else self.old, self.at)


def splice(old: str, new: str) -> Splice | None:
    """What has to be replaced to come from `old` to `new`; None where they are the same."""
    if old == new:
        return None
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    return Splice(head, old[head : len(old) - tail], new[head : len(new) - tail])


def _common(a: str, b: str) -> int:
    """Length of the common beginning, by halving."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if a[low:middle] == b[low:middle] else (low, middle - 1)
    return low


@dataclass(frozen=True)
class Delta:
    """What one step changed: old and new of each thing. None stands for absent."""

    source: Splice | None
    layout: Mapping[str, tuple[Position | None, Position | None]]
    labels: Mapping[str, tuple[str | None, str | None]]
    marks: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.source is not None or self.layout or self.labels or self.marks)

    def apply(self, state: State) -> State:
        return self._put(state, 1)

    def revert(self, state: State) -> State:
        return self._put(state, 0)

    def _put(self, state: State, side: int) -> State:
        source = self.source.put(state.source, side) if self.source else state.source
        return State(
            source,
            _changed(state.layout, self.layout, side),
            _changed(state.labels, self.labels, side),
            _changed(state.marks, self.marks, side),
        )


def _changed(table: Mapping[str, T], changes: Mapping[str, tuple[T | None, T | None]], side: int) -> dict[str, T]:
    out = dict(table)
    for key, pair in changes.items():
        value = pair[side]
        if value is None:
            out.pop(key, None)
        else:
            out[key] = value
    return out


def delta(old: State, new: State) -> Delta:
    """What has to change to come from `old` to `new`."""

    def changed(a: Mapping, b: Mapping) -> dict:
        return {k: (a.get(k), b.get(k)) for k in {*a, *b} if a.get(k) != b.get(k)}

    return Delta(
        splice(old.source, new.source),
        changed(old.layout, new.layout),
        changed(old.labels, new.labels),
        changed(old.marks, new.marks),
    )


@dataclass(frozen=True)
class Step:
    """One edit. Two steps of a history have the same `serial` only if they are the same."""

    delta: Delta
    description: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    group: str | None
    at: float
    context: tuple[Any, Any] | None = None  # what else was exchanged, such as the document's name
    viewport: Viewport | None = None  # what the window showed when the edit was made
    serial: int = 0


@dataclass
class History:
    """The steps of one document. `present` is its state; `clean` whether it is as saved."""

    present: State = field(default_factory=lambda: State("", {}, {}))
    _past: list[Step] = field(default_factory=list)
    _future: list[Step] = field(default_factory=list)
    _saved: State | None = None
    exchanged: Any = None  # the context that the last undo or redo goes back to, None where it has none
    viewport: Viewport | None = None  # what the window shows now
    seen: Viewport | None = None  # what it showed when the edit was made that the last undo or redo went over
    _serials: Iterable[int] = field(default_factory=lambda: count(1))

    def push(
        self,
        new: State,
        description: str,
        before: tuple[str, ...],
        after: tuple[str, ...],
        group: str | None = None,
        now: float | None = None,
        context: tuple[Any, Any] | None = None,
    ) -> None:
        """Record an edit. Edits of one `group` that follow each other closely are one step."""
        change = delta(self.present, new)
        if not change and context is None:
            return
        at = time.monotonic() if now is None else now
        last = self._past[-1] if self._past else None
        if (
            group is not None
            and last is not None
            and last.group == group
            and at - last.at < _TOGETHER
            and not self._future
        ):
            origin = last.delta.revert(self.present)
            self._past[-1] = replace(last, delta=delta(origin, new), after=after, at=at, serial=self._next())
        else:
            self._past.append(Step(change, description, before, after, group, at, context, self.viewport, self._next()))
            del self._past[:-_MOST]
        self._future.clear()
        self.present = new

    def amend(self, new: State) -> None:
        """Add to the last step what follows from it, such as the places of new nodes."""
        if self._past:
            last = self._past[-1]
            origin = last.delta.revert(self.present)
            self._past[-1] = replace(last, delta=delta(origin, new), serial=self._next())
        self.present = new

    def _next(self) -> int:
        return next(self._serials)  # type: ignore[call-overload]

    def undo(self) -> tuple[str, ...] | None:
        """Go one step back; the selection to restore, or None where there is nothing to undo."""
        if not self._past:
            return None
        step = self._past.pop()
        self._future.append(step)
        self.present = step.delta.revert(self.present)
        self.exchanged, self.seen = step.context[0] if step.context else None, step.viewport
        return step.before

    def redo(self) -> tuple[str, ...] | None:
        if not self._future:
            return None
        step = self._future.pop()
        self._past.append(replace(step, group=None))
        self.present = step.delta.apply(self.present)
        self.exchanged, self.seen = step.context[1] if step.context else None, step.viewport
        return step.after

    @property
    def past(self) -> tuple[Step, ...]:
        """The steps that undo goes back over, the oldest first."""
        return tuple(self._past)

    @property
    def future(self) -> tuple[Step, ...]:
        """The steps that redo goes over, the next one first."""
        return tuple(reversed(self._future))

    def resume(self, state: State, past: Iterable[Step], future: Iterable[Step], saved: State | None) -> None:
        """A history that was kept: `past` and `future` as the properties give them, `saved` the state that is stored in the file."""
        self._past = [replace(step, group=None, serial=self._next()) for step in past][-_MOST:]
        self._future = [replace(step, group=None, serial=self._next()) for step in future][:_MOST][::-1]
        self.present, self._saved = state, saved

    def reset(self, state: State, saved: bool = True) -> None:
        """Another document: no history."""
        self._past.clear()
        self._future.clear()
        self.present = state
        self._saved = state if saved else None

    def back(self, steps: int) -> State | None:
        """The state that many steps ago, None where the history does not reach so far."""
        if not 0 <= steps <= len(self._past):
            return None
        state = self.present
        for step in reversed(self._past[len(self._past) - steps :]):
            state = step.delta.revert(state)
        return state

    @property
    def descriptions(self) -> list[str]:
        """What the steps were, newest first."""
        return [step.description for step in reversed(self._past)]

    @property
    def saved_state(self) -> State | None:
        """The document as it was saved or opened."""
        return self._saved

    def mark_saved(self) -> None:
        self._saved = self.present

    @property
    def clean(self) -> bool:
        return self._saved is not None and self._saved == self.present

    @property
    def undo_label(self) -> str | None:
        return self._past[-1].description if self._past else None

    @property
    def redo_label(self) -> str | None:
        return self._future[-1].description if self._future else None
