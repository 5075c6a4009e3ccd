"""One editor session: the document, its history, what is selected and shown. Intents come in, state goes out to the window; numbers
are computed by the worker and come back when they are ready."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import panel as pn
from bokeh.document import Document as BokehDocument

from ..drawing import Document
from ..drawing.edits import Change, State
from ..drawing.layout import layout
from ..drawing.scene import Scene, make_scene
from ..drawing.sketch import Sketch, sketch
from ..language import Parsed, Program, TpvizError, parse_partial
from ..language.instructions import MatMul
from .actions import table
from .examples import Example
from .handlers import HANDLERS
from .history import History
from .inspector import describe, subject_of
from .intents import IntentError, read_intent
from .paths import NO_PATHS, PathChoice
from .plots import DistributionPlot, Heatmap, cell_size, kernel_scale
from .results import Computer, Details, Request, Results, default_vectors
from .theme import theme
from .view import EditorView
from .window import KernelView, distribution_dict, kernel_dict, short_reason, status_dict, text_dict, width_dict
from .worker import Worker

__all__ = ["Session"]

_log = logging.getLogger(__name__)
_PATIENCE = 250  # ms after which the window is told that a computation is under way
_MIME = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png", "tex": "text/x-tex"}


class Session:
    """Everything of one browser tab. `path` is the file that Save writes, where the app was started with one."""

    def __init__(
        self,
        examples: Iterable[Example] = (),
        document: Document | None = None,
        path: Path | None = None,
        doc: BokehDocument | None = None,
    ):
        self.examples = {e.id: e for e in examples}
        self.history: History = History()
        self.view_state: dict[str, Any] = {}
        self.extra: dict[str, Any] = {}
        self.name, self.path, self.saved = "untitled", path, "Nothing to save yet"
        self.selected_nodes: tuple[str, ...] = ()
        self.selected_edges: tuple[str, ...] = ()
        self.stamp = 0
        self.paths: PathChoice = NO_PATHS
        self.picking: str | None = None  # None, "" (waiting for a start) or the start
        self.typing = False
        self.theme_name, self.tab, self.pin = "light", "kernel", True
        self.column = 440
        self.mode, self.width, self.seed = "second_moment", 4096, 0
        self.chosen_vectors: tuple[str, ...] | None = None
        self.looked_at: str | None = None
        self.results: Results | None = None
        self.field_error: tuple[str, str, str, str] | None = None  # key, field, value and message of a refused value
        self._details = Details()
        self.busy, self._asked = False, 0
        self._doc = doc
        self.worker = Worker(self._post)
        self._computer = Computer()
        self.parsed: Parsed = parse_partial("")
        self.scene: Scene = Scene()
        self.sketch: Sketch = sketch(self.parsed)
        self._heatmaps = (Heatmap("kernel_limit"), Heatmap("kernel_width"))
        self._plot = DistributionPlot()
        self.view = EditorView(
            self.receive,
            kernel_limit=pn.pane.Bokeh(self._heatmaps[0].figure, margin=0),
            kernel_width=pn.pane.Bokeh(self._heatmaps[1].figure, margin=0),
            distribution=pn.pane.Bokeh(self._plot.figure, sizing_mode="stretch_both", margin=0),
            examples=[e.card() for e in self.examples.values()],
        )
        if document is not None:
            self.adopt(document, path.name if path else "untitled", path)
        else:
            self.show()

    # plumbing

    def _post(self, call: Callable[[], None]) -> None:
        if self._doc is None or self._doc.session_context is None:
            call()
        else:
            self._doc.add_next_tick_callback(call)

    def close(self) -> None:
        """Free what the session holds; called when its tab is closed."""
        self.worker.close()
        self.view._on_intent = lambda message: None

    def receive(self, message: Any) -> None:
        """An intent from the window. Whatever goes wrong, the document stays as it was."""
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
        )

    def adopt(self, document: Document, name: str, path: Path | None = None) -> None:
        """Show another document, nothing selected. Undo goes back to the one that was there."""
        old = (self.name, self.path, dict(self.view_state), self.extra)
        was, selected = self.state, self.selected_nodes
        self.view_state, self.extra = dict(document.view), dict(document.extra)
        self.name, self.path = name, path
        self.choose(())
        self.paths, self.picking, self.typing, self.field_error = NO_PATHS, None, False, None
        self.chosen_vectors = self.looked_at = None
        self.results, self._details = None, Details()
        new = State(document.source, dict(document.layout), dict(document.labels))
        if was.source.strip():
            context = (old, (name, path, dict(self.view_state), self.extra))
            self.history.push(new, f"Open {name}", selected, (), context=context)
        else:
            self.history.reset(new)
        self.read()
        self.history.amend(replace(self.state, layout=self.scene.positions))
        self.history.mark_saved()
        self.show()
        self.view.patch({"type": "fit"})

    def read(self) -> None:
        """Text → parsed, sketch, scene; new nodes are placed, others stay where they are."""
        state = self.state
        self.parsed = parse_partial(state.source)
        self.sketch = sketch(self.parsed, self.view_state, state.labels)
        positions = layout(self.sketch, state.layout)
        scene = make_scene(self.sketch, positions)
        if not self.paths.still_in(scene):
            self.paths = NO_PATHS
        self.scene = replace(scene, highlight=self.paths.groups)
        ids = {n.id for n in scene.nodes}
        self.selected_nodes = tuple(n for n in self.selected_nodes if n in ids)
        edges = {e.id for e in scene.edges}
        self.selected_edges = tuple(e for e in self.selected_edges if e in edges)
        if self.looked_at not in self.program.vectors:
            self.looked_at = None

    def commit(self, change: Change, group: str | None = None, select: bool = True) -> None:
        """Make an edit: record it, read the new text, show it."""
        before = self.selected_nodes
        self.field_error = None
        self.history.push(change.state, change.description, before, change.selection, group)
        if select:
            self.choose(change.selection)
        self.read()
        self.settle()
        self.update_saved()
        self.show()

    def settle(self) -> None:
        """Keep the places that the layout gave to new nodes, as part of the edit that made them."""
        kept = {**self.state.layout, **self.scene.positions}
        if kept != dict(self.state.layout):
            self.history.amend(replace(self.state, layout=kept))

    # showing

    def show(self) -> None:
        """Send everything to the window and ask for new numbers."""
        self.put(
            scene=self.drawn(),
            highlight=self.scene.highlight_dict(),
            legend=self.paths.legend(self.scene),
            selection=self.selection(),
            frame=self.frame(),
            actions=table(self),
            text=self.text_pane(),
            inspector=self.inspector(),
        )
        self.request()

    @property
    def failed(self) -> dict[str, TpvizError]:
        """Names that have no limit or no finite value at this width, of the program as it stands."""
        return {n: e for n, e in (self.results.failed if self.results else {}).items() if n in self.program.definitions}

    def drawn(self) -> dict[str, Any]:
        """The scene for the window; what has no limit is marked on its gate."""
        ids = {n.id for n in self.scene.nodes}
        marks = {f"gate:{n}" if f"gate:{n}" in ids else n: short_reason(e) for n, e in self.failed.items()}
        nodes = tuple(
            replace(n, error=marks[n.id]) if n.id in marks and n.error is None else n for n in self.scene.nodes
        )
        return replace(self.scene, nodes=nodes).to_dict()

    def show_bar(self) -> None:
        """Send what the top bar shows, where nothing else changed."""
        self.put(frame=self.frame(), actions=table(self))

    def selection(self) -> dict[str, Any]:
        """The selection for the window, with the number of the session's last own one."""
        return {"nodes": list(self.selected_nodes), "edges": list(self.selected_edges), "stamp": self.stamp}

    def choose(self, nodes: tuple[str, ...]) -> None:
        """Select by the session's own will: reports from the window that are older do not count."""
        self.selected_nodes, self.selected_edges = nodes, ()
        self.stamp += 1

    def frame(self) -> dict[str, Any]:
        chips = [{"text": self.program.language.replace("+", "⁺"), "ok": False}] if len(self.program) else []
        mode = None
        if self.picking is not None:
            mode = {"text": "Path: click its end" if self.picking else "Path: click its start"}
        return {
            "name": self.name,
            "saved": self.saved,
            "theme": self.theme_name,
            "empty": self.is_empty,
            "unsaved": not self.history.clean and bool(self.state.source.strip()),
            "chips": chips,
            "mode": mode,
        }

    def text_pane(self) -> dict[str, Any]:
        subject = self.subject()
        return text_dict(
            self.parsed, self._details.moments, {subject} if subject else set(), self.failed, self._details.warnings
        )

    def subject(self) -> str | None:
        return subject_of(self.parsed, self.scene, self.selected_nodes, self.selected_edges)

    def inspector(self) -> dict[str, Any] | None:
        subject = self.subject()
        if subject is None:
            return None
        gate = bool(self.selected_nodes) and self.selected_nodes[0].startswith("gate:")
        steps = self._details.steps if self._details.steps and self._details.steps[0].name == subject else ()
        shown = describe(self.parsed, self.state, subject, gate, steps)
        if shown is not None and self.field_error is not None and self.field_error[0] == shown["key"]:
            _, field, value, message = self.field_error
            refused = {"value": value, "error": message}
            shown["fields"] = [{**f, **refused} if f["id"] == field else f for f in shown["fields"]]
        return shown

    def put(self, **values: Any) -> None:
        """Set parameters of the window, those that changed."""
        changed = {name: value for name, value in values.items() if getattr(self.view, name) != value}
        if changed:
            self.view.param.update(**changed)

    def draw(self) -> None:
        """Bring the newest numbers, or the theme, into the plots."""
        results = self.results
        look = theme(self.theme_name)
        with pn.io.hold():
            if results and results.kernel:
                kernel = results.kernel
                scale = kernel_scale(kernel, look)
                cell = cell_size(len(kernel.names), self.column)
                self._heatmaps[0].update(kernel.names, kernel.limit, scale, look, cell, kernel.errors)
                self._heatmaps[1].update(kernel.names, kernel.width, scale, look, cell)
            if results and results.distribution:
                self._plot.update(results.distribution, look)
            else:
                self._plot.clear()
            self.report()

    def report(self) -> None:
        """Bring everything but the plots of the results column up to date."""
        results = self.results
        kernel = results.kernel if results else None
        distribution = results.distribution if results else None
        scale = kernel_scale(kernel, theme(self.theme_name)) if kernel else None
        seconds, error = (results.simulated_in, results.error) if results else (None, None)
        labels = dict(self.state.labels)
        shown = KernelView(self.chosen, self.mode, self.width, self.column)
        self.put(
            results={
                "tab": self.tab,
                "kernel": kernel_dict(kernel, scale, self.parsed, labels, shown),
                "distribution": distribution_dict(distribution, self.parsed, labels, self.vector),
                "width": width_dict(self.width, self.seed),
                "pin": self.pin,
                "status": status_dict(kernel, seconds, self.busy, error),
            }
        )

    # numbers

    @property
    def chosen(self) -> tuple[str, ...]:
        """The vectors of the kernel pane."""
        if self.chosen_vectors is not None:
            kept = tuple(v for v in self.chosen_vectors if v in self.program.vectors)
            if kept:
                return kept
        return default_vectors(self.program)

    @property
    def vector(self) -> str | None:
        """The vector of the distribution pane: the selected one, else the one last looked at, else the last."""
        subject = self.subject()
        if subject in self.program.vectors:
            self.looked_at = subject
        if self.looked_at is None:
            names = default_vectors(self.program)
            return names[-1] if names else None
        return self.looked_at

    def request(self) -> None:
        """Ask for the numbers of what is shown now; what was asked before is dropped."""
        program = self.program
        if not program.vectors:
            self.worker.cancel()
            self.results, self._details, self.busy = None, Details(), False
            self.draw()
            return
        request = Request(program, self.chosen, self.mode, self.vector, self.width, self.seed, self.subject())
        self.busy = True
        self._asked += 1
        self.worker.submit(lambda cancelled: self._computer.run(request, cancelled), self._deliver, self._failed)
        if self._doc is not None and self._doc.session_context is not None:
            asked = self._asked
            self._doc.add_timeout_callback(
                lambda: self.report() if self.busy and asked == self._asked else None, _PATIENCE
            )

    def _deliver(self, part: Results | Details) -> None:
        if isinstance(part, Results):
            before = self.failed
            self.results, self.busy = part, False
            self.draw()
            if self.failed != before:
                self.put(scene=self.drawn(), text=self.text_pane())
            return
        self._details = part
        self.put(text=self.text_pane(), inspector=self.inspector())

    def _failed(self, error: Exception) -> None:
        self.busy = False
        shown = (
            error
            if isinstance(error, TpvizError)
            else TpvizError(
                "The computation failed, and tpviz does not know why.", hint="The log of the server has the details."
            )
        )
        self.results = Results(None, None, 0.0, shown)
        self.draw()

    @property
    def selected_product(self) -> MatMul | None:
        subject = self.subject()
        i = self.program.definitions.get(subject) if subject else None
        return i if isinstance(i, MatMul) else None

    def light(self) -> None:
        """Send highlights only: the drawing does not move."""
        self.scene = replace(self.scene, highlight=self.paths.groups)
        self.put(
            highlight=self.scene.highlight_dict(),
            legend=self.paths.legend(self.scene),
            frame=self.frame(),
            actions=table(self),
        )

    def update_saved(self) -> None:
        if not self.history.clean:
            self.saved = f"Edited, last saved in {self.path.parent.name}" if self.path else "Not saved yet"
