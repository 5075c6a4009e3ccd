"""One editor session: the document, its history, what is selected and lit. Intents come in, state goes out to the window; the numbers are
the results column's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bokeh.document import Document as BokehDocument

from ..drawing import Document
from ..drawing.edits import Change, Remembered, State
from ..drawing.floating import floating_after, without_rejoined
from ..drawing.marks import NodeGroup, groups_of, pinned
from ..drawing.rerouting import RouteMemory
from ..drawing.scene import Plan, Scene
from ..drawing.sketch import Sketch, sketch
from ..language import Parsed, Program, TpvizError, parse_partial
from ..language.instructions import MatMul
from .actions import table
from .arranging import inspect_group
from .batches import filled, free_inputs
from .clipboard import clip
from .column import Column
from .comparing import Comparing
from .examples import Example
from .handlers import HANDLERS
from .history import History
from .inspector import describe, subject_of
from .intents import IntentError, read_intent
from .keeping import Keeper, fingerprint, numbered, state_of
from .lecture import LectureDesk
from .paths import NO_PATHS, LitPair, PathChoice
from .text_link import TextLink
from .view import EditorView, in_cell, push_plots
from .window import gia_chips, input_chips, short_reason, text_dict

__all__ = ["Session"]

_log = logging.getLogger(__name__)


class Session:
    """Everything of one browser tab. `path` is the file that Save writes, where the app was started with one. In a cell of a notebook there
    is the kernel's `loop` in place of a server's document, and a `height`."""

    def __init__(
        self,
        examples: Iterable[Example] = (),
        document: Document | None = None,
        path: Path | None = None,
        doc: BokehDocument | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        height: int | None = None,
    ):
        self.examples = {e.id: e for e in examples}
        self.history: History = History()
        self.view_state: dict[str, Any] = {}
        self.extra: dict[str, Any] = {}
        self.name, self.path, self.saved = "untitled", path, "Nothing to save yet"
        self.home = path  # the file that the app was started with; `path` is None while another document is open
        self.base: str | None = None  # fingerprint of that file as it was last read or written
        self.saved_at: float | None = None  # seconds since 1970
        self.keeper = Keeper(self)
        self.selected_nodes: tuple[str, ...] = ()
        self.selected_edges: tuple[str, ...] = ()
        self.stamp = 0
        self.lit: PathChoice | LitPair = NO_PATHS
        self.picking: str | None = None  # None, "" (waiting for a start) or the start
        self.typing = False
        self.joining: tuple[str, str] | None = None  # an edge that waits for its end: tool and source
        self.link, self.remembered = TextLink(), Remembered()
        self.floating: dict[str, tuple[float, float]] = {}  # nodes of the line that is being typed
        self.theme_name, self.monochrome, self.type_scale = "light", False, 1.0
        self.field_error: tuple[str, str, str, str] | None = None  # key, field, value and message of a refused value
        self._doc, self._loop = doc, loop
        self._early: list[Callable[[], None]] | None = []  # calls until the window of a cell has said something
        self.column = Column(self)
        self.comparing: Comparing = Comparing(self)
        self.lecture = LectureDesk(self)
        self.parsed: Parsed = parse_partial("")
        self.scene: Scene = Scene()
        self.sketch: Sketch = sketch(self.parsed)
        self.plan: Plan = Plan.of(self.sketch, {}, {})
        self.groups: tuple[NodeGroup, ...] = ()
        self.routes = RouteMemory()
        cell = {} if height is None else in_cell(height)
        self.view = EditorView(
            self.receive,
            lambda: self.document,
            examples=[e.card() for e in self.examples.values()],
            **cell,
        )
        if document is not None:
            self.base = fingerprint(document) if path else None
            self.adopt(document, path.name if path else "untitled", path)
        else:
            self.show()

    # plumbing

    @property
    def is_served(self) -> bool:
        return self._doc is not None and self._doc.session_context is not None

    def post(self, call: Callable[[], None]) -> None:
        """Bring a call into the document's thread."""
        if self._doc is not None and self._doc.session_context is not None:
            self._doc.add_next_tick_callback(call)
        elif self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._in_cell, call)
        else:
            call()

    def _in_cell(self, call: Callable[[], None]) -> None:
        """Call, then send what changed in the plots: in a notebook nobody else does. What is sent before the window is there would be
        lost, so calls wait for its first message."""
        if self._early is not None:
            self._early.append(call)
            return
        call()
        push_plots(self.view)

    def later(self, milliseconds: int, call: Callable[[], None]) -> None:
        if self._doc is not None:
            self._doc.add_timeout_callback(call, milliseconds)
        elif self._loop is not None and not self._loop.is_closed():
            loop = self._loop
            loop.call_soon_threadsafe(lambda: loop.call_later(milliseconds / 1000, self._in_cell, call))

    def close(self) -> None:
        """Free what the session holds; called when its tab is closed."""
        self.column.worker.close()
        self.comparing.worker.close()
        self.lecture.close()
        self.keeper.close()
        self.view._on_intent = lambda message: None

    def receive(self, message: Any) -> None:
        """An intent from the window. Whatever goes wrong, the document stays as it was; the window keeps what came of it."""
        message, number = numbered(message)
        try:
            self._perform(message)
        finally:
            self.keeper.tell(number)
            if self._loop is not None:
                early, self._early = self._early or [], None
                for call in early:
                    call()
                push_plots(self.view)

    def _perform(self, message: Any) -> None:
        try:
            intent = read_intent(message)
        except IntentError as error:
            _log.warning("a message was refused: %s", error)
            self.notice("error", "The window sent something that tpviz does not understand.", str(error))
            return
        kind = intent.pop("type")
        try:
            HANDLERS[kind](self, **intent)
        except TpvizError as error:
            d = error.diagnostics[0]
            self.notice("error", d.message, d.hint)
        except Exception:  # the boundary of the app: logged, and the user keeps his drawing
            _log.exception("an intent failed: %s", kind)
            self.notice(
                "error",
                "That did not work, and tpviz does not know why.",
                "Nothing was lost. The log of the server has the details.",
            )
        self.show_bar()  # whatever was done, the bar and the table of actions say what is now

    def notice(self, severity: str, message: str, hint: str = "") -> None:
        self.view.patch({"type": "notice", "severity": severity, "message": message, "hint": hint})

    # the document

    @property
    def state(self) -> State:
        return self.history.present

    @property
    def program(self) -> Program:
        return self.parsed.program

    @property
    def is_empty(self) -> bool:
        return not self.state.source.strip() and not self.typing

    @property
    def document(self) -> Document:
        return Document(
            self.program,
            self.state.source,
            dict(self.state.layout),
            dict(self.state.labels),
            dict(self.view_state),
            self.extra,
            dict(self.state.marks),
        )

    @property
    def context(self) -> tuple[str, Path | None, dict[str, Any], dict[str, Any]]:
        """What is exchanged with another document, beside its state: name, file, view and further fields."""
        return self.name, self.path, dict(self.view_state), dict(self.extra)

    def replace(self, document: Document, name: str, path: Path | None) -> None:
        """Forget what was shown of the present document; the history is the caller's."""
        self.view_state, self.extra = dict(document.view), dict(document.extra)
        self.name, self.path = name, path
        self.choose(())
        self.lit, self.picking, self.joining, self.typing, self.field_error = NO_PATHS, None, None, False, None
        self.remembered = Remembered()
        self.column.forget()
        self.comparing.forget()

    def adopt(
        self, document: Document, name: str, path: Path | None = None, description: str = "", saved: bool = True
    ) -> None:
        """Show another document, nothing selected. Undo goes back to the one that was there. `saved`: it is stored somewhere as it is."""
        old, was, selected = self.context, self.state, self.selected_nodes
        self.replace(document, name, path)
        if was.source.strip() or self.history.undo_label is not None:
            self.history.push(
                state_of(document), description or f"Open {name}", selected, (), context=(old, self.context)
            )
        else:
            self.history.reset(state_of(document))
        self.read()
        self.history.amend(replace(self.state, layout=dict(self.plan.places)))
        if saved:
            self.history.mark_saved()
        self.update_saved()
        self.show()
        self.view.patch({"type": "fit"})

    def read(self, typed: int | None = None) -> None:
        """Text → parsed, sketch, scene; new nodes are placed, others stay where they are. Nodes of the line that is being `typed` are placed
        beside what they are joined to, until another line is."""
        state, before = self.state, self.sketch
        self.parsed = parse_partial(state.source)
        self.sketch = sketch(self.parsed, self.view_state, state.labels)
        floating = self.floating if typed is not None else {}
        fixed = without_rejoined(before, self.sketch, state.layout, floating)
        groups, places = groups_of(state.marks), self.plan.places
        if before == self.sketch and groups == self.groups and all(fixed.get(k) == p for k, p in places.items()):
            scene = replace(self.scene, highlight=())  # only numbers are others
        else:
            self.plan, self.groups = Plan.of(self.sketch, fixed, state.marks), groups
            scene = self.plan.scene(memory=self.routes)
        names = [n for st in self.parsed.statements if st.line == typed for n in st.names]
        after = floating_after(self.sketch, fixed, floating, self.plan.places, names) if typed is not None else {}
        self.floating = after
        if isinstance(self.lit, LitPair) and self.lit.program != filled(self.program, self.column.batch):
            self.lit = replace(self.lit, value=None)
        if not self.lit.still_in(self.sketch):
            self.lit = NO_PATHS
        self.scene = replace(scene, highlight=self.plan.lit(self.lit.groups(self.sketch)))
        ids = {n.id for n in self.scene.nodes}
        self.selected_nodes = tuple(n for n in self.selected_nodes if n in ids)
        edges = {e.id for e in self.scene.edges}
        self.selected_edges = tuple(e for e in self.selected_edges if e in edges)

    def commit(
        self,
        change: Change,
        group: str | None = None,
        select: bool = True,
        at: float | None = None,
        view: dict[str, Any] | None = None,
        typed: int | None = None,
    ) -> None:
        """Make an edit: record it, read the new text, show it. `at` is when it counts as made, by `time.monotonic`; `view`: view settings that
        change with it; `typed`: the line of the text that is being typed."""
        before = self.selected_nodes
        self.field_error = None
        context = None
        if view is not None and view != self.view_state:
            old, self.view_state = self.context, dict(view)
            context = (old, self.context)
        after = change.selection if select else before
        self.history.push(change.state, change.description, before, after, group, at, context)
        if select:
            self.choose(change.selection)
        self.read(typed)
        self.settle()
        self.update_saved()
        self.show()

    def rearrange(self, change: Change, group: str | None = None) -> None:
        """Make an edit that moves or marks nodes only: no number depends on it, so none is asked for."""
        self.history.push(change.state, change.description, self.selected_nodes, change.selection, group)
        self.read()
        self.settle()
        self.update_saved()
        self.put(scene=self.drawn(), frame=self.frame(), actions=self.actions())

    def settle(self) -> None:
        """Keep the places that the layout gave to new nodes, as part of the edit that made them."""
        kept = {**self.state.layout, **self.plan.places}
        if kept != dict(self.state.layout):
            self.history.amend(replace(self.state, layout=kept))

    # showing

    def show(self) -> None:
        """Send everything to the window and ask for new numbers."""
        self.put(
            scene=self.drawn(),
            highlight=self.seen.highlight_dict(),
            legend=self.legend(),
            selection=self.selection(),
            clipboard=clip(self),
            frame=self.frame(),
            actions=self.actions(),
            text=self.text_pane(),
            inspector=self.inspector(),
        )
        self.lecture.update()
        self.column.request()

    @property
    def whole(self) -> Scene:
        """The scene with every group open, for what shows one line after the other."""
        if not self.plan.folded.closed:
            return self.scene
        return Plan.of(self.sketch, self.plan.places, {}).scene(self.lit.groups(self.sketch))

    @property
    def seen(self) -> Scene:
        """The scene with what is lit now: paths, else what the comparison says was edited."""
        return self.scene if self.scene.highlight else replace(self.scene, highlight=self.comparing.highlight())

    def legend(self) -> list[dict[str, Any]]:
        """What is lit, in words; the path pane says it itself."""
        if not self.scene.highlight and self.comparing.highlight():
            return [{"style": 2, "text": "differs between A and B"}]
        return [] if isinstance(self.lit, LitPair) and self.column.set.tab == "paths" else self.lit.legend(self.sketch)

    @property
    def failed(self) -> dict[str, TpvizError]:
        """Names that have no limit or no finite value at this width, of the program as it stands."""
        return {
            n: e
            for n, e in (self.column.results.failed if self.column.results else {}).items()
            if n in self.program.definitions
        }

    def drawn(self) -> dict[str, Any]:
        """The scene for the window; what has no limit is marked on its gate."""
        ids = {n.id for n in self.scene.nodes}
        known = {n.id for n in self.sketch.nodes}
        stands = self.plan.folded.stands
        marks = {}
        for n, e in self.failed.items():
            node = f"gate:{n}" if f"gate:{n}" in known else n
            if stands.get(node, node) in ids:
                marks[stands.get(node, node)] = short_reason(e)
        nodes = tuple(
            replace(n, error=marks[n.id]) if n.id in marks and n.error is None else n for n in self.scene.nodes
        )
        out = replace(self.scene, nodes=nodes).to_dict()
        held = pinned(self.state.marks)
        for row in out["nodes"]:
            if row["id"] in held:
                row["pinned"] = True
        return out

    def actions(self) -> list[dict[str, Any]]:
        """The table of actions, each with what it needs now."""
        return table(self)

    def show_bar(self) -> None:
        """Send what the top bar shows, where nothing else changed."""
        self.put(frame=self.frame(), actions=self.actions())

    def selection(self) -> dict[str, Any]:
        """The selection for the window, with the number of the session's last own one."""
        return {"nodes": list(self.selected_nodes), "edges": list(self.selected_edges), "stamp": self.stamp}

    def choose(self, nodes: tuple[str, ...], edges: tuple[str, ...] = ()) -> None:
        """Select by the session's own will: reports from the window that are older do not count."""
        self.selected_nodes, self.selected_edges = nodes, edges
        self.stamp += 1

    def frame(self) -> dict[str, Any]:
        chips = [{"text": self.program.language.replace("+", "⁺"), "ok": False}] if len(self.program) else []
        chips += gia_chips(self.column.details.gia) + input_chips(free_inputs(self.program))
        mode: dict[str, Any] | None = None
        if self.picking is not None:
            mode = {"text": "Path: choose its end" if self.picking else "Path: choose its start"}
        elif self.joining is not None:
            what = "Wire" if self.joining[0] == "wire" else "MatMul"
            mode = {
                "text": f"{what} from {self.joining[1].removeprefix('gate:')}: choose its end",
                "slots": self.joining[0] == "wire",
            }
        return {
            "name": self.name,
            "saved": self.saved,
            "saved_at": None if self.saved_at is None else round(1000 * self.saved_at),
            "folder": self.folder,
            "keeps": self.is_served,
            "theme": self.theme_name,
            "empty": self.is_empty,
            "unsaved": not self.history.clean and bool(self.state.source.strip()),
            "chips": chips,
            "mode": mode,
            "snap": bool(self.view_state.get("snap", False)),
        }

    def text_pane(self) -> dict[str, Any]:
        subject, details = self.subject(), self.column.details
        self.link.show(self.state.source)
        shown = text_dict(
            self.parsed,
            details.moments,
            {subject} if subject else set(),
            self.failed,
            (*details.warnings, *details.gia_warnings),
        )
        return {**shown, "version": self.link.version, "stamp": self.link.stamp}

    def subject(self) -> str | None:
        if any(n.startswith("group:") for n in self.selected_nodes):
            return None
        return subject_of(self.parsed, self.scene, self.selected_nodes, self.selected_edges)

    def inspector(self) -> dict[str, Any] | None:
        shown = inspect_group(self)
        if shown is not None:
            return self.with_refused(shown)
        subject = self.subject()
        if subject is None:
            return None
        gate = bool(self.selected_nodes) and self.selected_nodes[0].startswith("gate:")
        steps = self.column.details.steps
        steps = steps if steps and steps[0].name == subject else ()
        shown = describe(self.parsed, self.state, subject, gate, steps)
        return None if shown is None else self.with_refused(shown)

    def with_refused(self, shown: dict[str, Any]) -> dict[str, Any]:
        """The inspector with a value that was refused, and why."""
        if self.field_error is not None and self.field_error[0] == shown["key"]:
            _, field, value, message = self.field_error
            refused = {"value": value, "error": message}
            shown["fields"] = [{**f, **refused} if f["id"] == field else f for f in shown["fields"]]
        return shown

    def put(self, **values: Any) -> None:
        """Set parameters of the window, those that changed."""
        changed = {name: value for name, value in values.items() if getattr(self.view, name) != value}
        if changed:
            self.view.put(**changed)

    @property
    def selected_product(self) -> MatMul | None:
        subject = self.subject()
        i = self.program.definitions.get(subject) if subject else None
        return i if isinstance(i, MatMul) else None

    def light(self) -> None:
        """Send highlights only: the drawing does not move."""
        self.scene = replace(self.scene, highlight=self.plan.lit(self.lit.groups(self.sketch)))
        self.put(
            highlight=self.seen.highlight_dict(),
            legend=self.legend(),
            frame=self.frame(),
            actions=self.actions(),
        )

    @property
    def folder(self) -> str | None:
        """Name of the folder that the document's file is in."""
        return None if self.path is None else self.path.resolve().parent.name or "/"

    def update_saved(self) -> None:
        if not self.history.clean:
            self.saved, self.saved_at = f"Edited, last saved in {self.folder}" if self.path else "Not saved yet", None
