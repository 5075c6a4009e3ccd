"""Lecture mode of one session: its steps for the window, their numbers computed ahead, and the slides that are exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..drawing.edits.state import base_name
from ..drawing.lecture import Found, Lecture, LectureStep, all_numbers, find_numbers, lecture_of, slides
from ..language import Program, TpvizError
from .batches import filled
from .worker import Worker

if TYPE_CHECKING:
    from .session import Session

__all__ = ["LectureDesk"]


class LectureDesk:
    """What the window's lecture mode shows. The window steps on its own: all steps are sent at once, numbers as they come."""

    def __init__(self, session: Session):
        self.session = session
        self.open = False
        self.lecture: Lecture | None = None
        self.found: dict[str, Found] = {}
        self.done = False
        self._start = self._stamp = 0  # where the window is sent, and how often it was
        self._program: Program | None = None
        self._worker = Worker(session.post)
        self._exporter = Worker(session.post)

    def close(self) -> None:
        """Free what it holds; called when the session ends."""
        self._worker.close()
        self._exporter.close()

    # showing

    def enter(self) -> None:
        """Begin at the step of the selected node."""
        lecture = self._read()
        chosen = self.session.selected_nodes
        self._start = lecture.step_of(chosen[0]) if chosen else 0
        self._stamp += 1
        self.open = True
        self.update()

    def leave(self) -> None:
        self.open = False
        self._worker.cancel()
        self.session.put(lecture=None, lecture_found={})

    def update(self) -> None:
        """The document has changed, or lecture mode begins."""
        if not self.open:
            return
        if self.session.is_empty:
            self.leave()
            return
        lecture = self.lecture = self._read()
        self.session.put(lecture=self._dict(lecture))
        self._compute()

    def goto(self, at: str) -> None:
        """Send the window to a step."""
        if self.open and self.lecture is not None:
            self._start = self.lecture.place.get(at, self._start)
            self._stamp += 1
            self.session.put(lecture=self._dict(self.lecture))

    def _read(self) -> Lecture:
        return lecture_of(self.session.document, self.session.whole)

    def _dict(self, lecture: Lecture) -> dict[str, Any]:
        return {
            "title": lecture.title,
            "stamp": self._stamp,
            "start": min(self._start, max(0, len(lecture.steps) - 1)),
            "steps": [_step_dict(s) for s in lecture.steps],
            "appear": lecture.appear,
            "hidden": [{"id": id, "title": title} for id, title in lecture.hidden],
        }

    # numbers

    def _compute(self) -> None:
        """Ask for the numbers, unless they are those of this program already. They do not depend on what the speaker adds."""
        program = filled(self.session.program, self.session.column.batch)
        if program == self._program and self.found:
            self._send()
            return
        self._program, self.found, self.done = program, {}, False
        document = replace(self.session.document, marks={})
        lecture = lecture_of(document, self.session.whole)
        self._send()
        self._worker.submit(
            lambda cancelled: find_numbers(lecture, program, cancelled), self._deliver, self._failed, self._finish
        )

    def _deliver(self, found: dict[str, Found]) -> None:
        self.found = found
        self._send()

    def _finish(self) -> None:
        self.done = True
        self._send()

    def _failed(self, error: Exception) -> None:
        self.done = True
        said = error.diagnostics[0].message if isinstance(error, TpvizError) else "The numbers could not be computed."
        steps = self.lecture.steps if self.lecture else ()
        self.found = {s.id: Found(problem=said) for s in steps if not s.own}
        self._send()

    def _send(self) -> None:
        if self.open:
            found = {id: _found_dict(f) for id, f in self.found.items()}
            self.session.put(lecture_found={"steps": found, "done": self.done})

    # slides

    def export(self, suffix: str, deliver: Callable[[bytes], None]) -> None:
        """Make the slides off the UI thread, with the numbers that are there or new ones."""
        session = self.session
        lecture, program = self._read(), filled(session.program, session.column.batch)
        ready = dict(self.found) if self.done and program == self._program else None
        bare = lecture_of(replace(session.document, marks={}), session.whole)

        def work(cancelled: Callable[[], bool]) -> Iterator[bytes]:
            found = all_numbers(bare, program, cancelled, patient=False) if ready is None else ready
            if not cancelled():
                yield slides(lecture, found, suffix)

        self._exporter.submit(work, deliver, self._refused)
        if ready is None:
            session.notice("info", "The slides are being made.", "They are downloaded in a few seconds.")

    def _refused(self, error: Exception) -> None:
        d = error.diagnostics[0] if isinstance(error, TpvizError) else None
        self.session.notice(
            "error",
            d.message if d else "The slides could not be made.",
            d.hint if d else "The log of the server has the details.",
        )


def _step_dict(s: LectureStep) -> dict[str, Any]:
    """One step in the words of the protocol."""
    lit = {str(k): {"nodes": list(g.nodes), "edges": list(g.edges)} for k, g in enumerate(s.highlight, 1)}
    return {
        "id": s.id,
        "title": s.title,
        "name": s.name,
        "note": s.note,
        "own": s.own,
        "line": s.line,
        "code": s.code,
        "declared": list(s.declared),
        "rule": s.rule,
        "general": s.general,
        "nodes": list(s.nodes),
        "edges": list(s.edges),
        "full": {"node": s.full[0], "tex": s.full[1]} if s.full else None,
        "highlight": lit,
        "problem": {"message": s.problem[0], "hint": s.problem[1]} if s.problem else None,
    }


def _found_dict(f: Found) -> dict[str, Any]:
    return {
        "formula": f.formula,
        "before": f.before,
        "value": f.value,
        "note": list(f.note),
        "plot": f.plot.to_dict() if f.plot else None,
        "kernel": f.kernel.to_dict() if f.kernel else None,
        "problem": f.problem,
        "number": f.number,
    }


def step_of_selection(session: Session) -> str:
    """The name behind whose line a new step belongs: that of the last selected or lit node, else the last line."""
    lit = [n for g in session.whole.highlight for n in g.nodes]
    nodes = [*session.selected_nodes, *lit]
    lines = [s for s in lecture_of(replace(session.document, marks={}), session.whole).steps if s.names]
    names = {n for s in lines for n in s.names}
    order = [n for s in lines for n in s.names]
    known = [base_name(n) for n in nodes if base_name(n) in names]
    return max(known, key=order.index) if known else order[-1] if order else ""
