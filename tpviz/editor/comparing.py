"""The comparison of one session: the version that is held beside the document, what is asked about the two and what came back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..drawing.differences import edited, marked
from ..drawing.edits import Change, EditError, State
from ..drawing.scene import Group, Plan, Scene
from ..drawing.sketch import sketch
from ..language import Parsed, TpvizError, parse_partial
from .batches import filled
from .compare_results import CompareComputer, CompareRequest, CompareResult
from .compare_window import compare_dict
from .versions import Version, hold
from .worker import Worker

if TYPE_CHECKING:
    from .session import Session

__all__ = ["Comparing", "Drawn", "held"]

_PATIENCE = 250  # ms after which the window is told that a computation is under way


@dataclass
class Settings:
    """What the user chose in the pane."""

    view: str = "changes"
    kind: str = "vectors"
    chosen: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Drawn:
    """A version as it is drawn: A or B; `document` is true of the one that is edited."""

    state: State
    parsed: Parsed
    scene: Scene
    document: bool
    error: TpvizError | None = None


@dataclass(frozen=True)
class _Kept:
    """The document and the comparison before and after a version was kept, so that undo and redo restore both."""

    before: tuple[State, Version]
    after: tuple[State, Version]


class Comparing:
    """What stands beside the document of one session, and the pane that compares them."""

    def __init__(self, session: Session):
        self.session = session
        self.set = Settings()
        self.version: Version | None = None
        self.worker = Worker(session.post)
        self.computer = CompareComputer()
        self.result: CompareResult | None = None
        self.problem: TpvizError | None = None
        self.busy = self.slow = False
        self._asked = 0
        self._kept: _Kept | None = None
        self._drawn: tuple[tuple, Drawn] | None = None  # by what it was made from
        self._edited: tuple[CompareResult, tuple[tuple[str, ...], tuple[str, ...]]] | None = None

    @property
    def shown(self) -> bool:
        return self.session.column.set.tab == "compare"

    # starting and ending

    def start(self, version: Version) -> None:
        """Hold a version beside the document and show the pane. The version must draw something."""
        drawn = version.make(self.session.state)
        if not parse_partial(drawn.source).program.vectors:
            raise EditError("There is no vector in the version to compare with.", hint="Choose another version.")
        self.version, self.result, self.problem, self._kept = version, None, None, None
        self.set = Settings()
        self._open()

    def _open(self) -> None:
        from .column_handlers import tab

        tab(self.session, "compare")

    def close(self) -> None:
        """End the comparison; the document stays as it is."""
        self.worker.cancel()
        self.version = self.result = self.problem = self._kept = None
        self.busy = False
        self.session.put(actions=self.session.actions())
        self.report()

    def swap(self) -> None:
        """A becomes B and B becomes A."""
        if self.version is not None:
            self.version = replace(self.version, first=not self.version.first)
            self.request()

    def keep(self) -> None:
        """The held version becomes the document, by an edit that can be undone; what was the document is held in its place."""
        version, session = self.version, self.session
        if version is None:
            return
        old, new = session.state, version.make(session.state)
        after = replace(version, make=lambda _: old, name=version.document, document=version.name, first=not version.first,
                        description=f"Go back to {_plain(version.document)}", follows=False)  # fmt: skip
        change = Change(new.source, new.layout, new.labels, (), version.description, new.marks)
        self.version, self._kept = after, None
        session.commit(change)
        self._kept = _Kept((old, version), (session.state, after))

    def forget(self) -> None:
        """Another document was opened: a variant of the old one has nothing to stand beside, a version that was held stays."""
        self.set.chosen = None
        if self.version is not None and self.version.follows:
            self.close()

    def _follow_history(self) -> None:
        """Undo and redo of a kept version take the comparison along."""
        kept = self._kept
        if kept is None:
            return
        for (state, version), (_, other) in ((kept.before, kept.after), (kept.after, kept.before)):
            if self.session.state.source == state.source and self.version is other:
                self.version = version
                return

    # what is drawn

    def other(self) -> Drawn | None:
        """The held version, drawn; with the reason where it cannot be made any more."""
        version, session = self.version, self.session
        if version is None:
            return None
        seen, key = self._drawn, (version.make, session.state, dict(session.view_state))
        if seen is None or seen[0][0] is not key[0] or seen[0][1] is not key[1] or seen[0][2] != key[2]:
            try:
                seen = (key, self._draw(version.make(session.state)))
            except TpvizError as problem:
                seen = (key, Drawn(State(""), parse_partial(""), Scene(), False, problem))
            self._drawn = seen
        return seen[1]

    def _draw(self, state: State) -> Drawn:
        """A version drawn; the last drawing again where it is the same program in the same places."""
        last, view = self._drawn, dict(self.session.view_state)
        if last is not None and last[1].state == state and last[0][2] == view and last[1].error is None:
            return last[1]
        parsed = parse_partial(state.source)
        drawn = sketch(parsed, view, state.labels)
        return Drawn(state, parsed, Plan.of(drawn, state.layout, state.marks).scene(), False)

    def versions(self) -> tuple[Drawn, Drawn] | None:
        """A and B."""
        other, session = self.other(), self.session
        if other is None or self.version is None:
            return None
        mine = Drawn(session.state, session.parsed, session.scene, True)
        return (other, mine) if self.version.first else (mine, other)

    def marks(self) -> tuple[Group, Group]:
        """What was edited, on the drawings of A and B."""
        both, result = self.versions(), self.result
        if both is None or result is None:
            return Group(), Group()
        if self._edited is None or self._edited[0] is not result:
            self._edited = (result, edited(*result.request.programs, result.twins))
        a, b = (marked(d.scene, p, n) for d, p, n in zip(both, result.request.programs, self._edited[1], strict=True))
        return a, b

    def highlight(self) -> tuple[Group, ...]:
        """What was edited, on the canvas: in style 2, while the pane is open."""
        if not self.shown or self.version is None or self.result is None or self.problem is not None:
            return ()
        edits = self.marks()[1 if self.version.first else 0]
        return (Group(), edits) if edits.nodes or edits.edges else ()

    # numbers

    def request(self) -> None:
        """Ask for the numbers of both versions, where the pane is open."""
        self._follow_history()
        both = self.versions()
        if not self.shown or both is None:
            self.worker.cancel()
            self.busy = False
            self.report()
            return
        self.problem = next((d.error for d in both if d.error is not None), None)
        if self.problem is not None or not all(d.parsed.program.vectors for d in both):
            self.worker.cancel()
            self.result, self.busy = None, False
            self.report()
            return
        column, session = self.session.column, self.session
        a, b = both
        programs = (filled(a.parsed.program, column.batch), filled(b.parsed.program, column.batch))
        most = 3 if column.set.space < 440 else 4
        request = CompareRequest(programs, self.set.view, self.set.kind, self._looked_at(both), self.set.chosen, most, column.set.mode,
                                 column.set.width, column.set.seed, column.batch)  # fmt: skip
        if self.result is not None and self.result.request == request and not self.busy:
            self.report()
            return
        self.busy, self.slow = True, False
        self._asked += 1
        self.worker.submit(
            lambda cancelled: self.computer.run(request, cancelled), self._deliver, self._failed, self._done
        )
        if session.is_served:
            asked = self._asked
            session.later(_PATIENCE, lambda: self._wait(asked))
        if self.result is None:
            self.report()

    def _wait(self, asked: int) -> None:
        """Say that it takes a while."""
        if self.busy and asked == self._asked:
            self.slow = True
            self.report()

    def _looked_at(self, both: tuple[Drawn, Drawn]) -> str | None:
        """The vector that was selected, by its name in A."""
        name = self.session.column.set.looked_at
        subject = self.session.subject()
        if subject in self.session.program.vectors:
            name = subject
        if name is None or name in both[0].parsed.program.vectors or self.result is None:
            return name
        return next((n for n, other in self.result.twins.items() if other == name), None)

    def _deliver(self, result: CompareResult) -> None:
        old = self.result
        if (
            old is not None
            and result.network is None
            and (old.request.programs, old.request.batch) == (result.request.programs, result.request.batch)
        ):
            result = replace(result, network=old.network)  # they are on their way, and the same
        self.result, self.problem = result, None
        self.report()

    def _failed(self, error: Exception) -> None:
        self.busy = False
        unknown = TpvizError("The comparison failed, and tpviz does not know why.", hint="The log of the server has the details.")  # fmt: skip
        self.problem = error if isinstance(error, TpvizError) else unknown
        self.report()

    def _done(self) -> None:
        self.busy = False
        self.report()

    def report(self) -> None:
        """Bring the window's pane up to date."""
        session = self.session
        session.put(
            compare=compare_dict(self) if self.shown else None,
            highlight=session.seen.highlight_dict(),
            legend=session.legend(),
        )


def held(session: Session, state: State, name: str) -> None:
    """Compare the document with any state, such as a snapshot."""
    session.comparing.start(hold(state, name))


def _plain(parts: list[dict[str, str]]) -> str:
    return "".join(p.get("text", p.get("tex", "")) for p in parts)
