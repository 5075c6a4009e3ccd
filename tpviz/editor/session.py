"""One editor session: the document, its history, what is selected and shown. Intents come in, state goes out to the window; numbers
are computed by the worker and come back when they are ready."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import panel as pn
from bokeh.document import Document as BokehDocument

from ..drawing import Document, document_to_text, edits, figure_of, save
from ..drawing.edits import Change, State
from ..drawing.layout import layout
from ..drawing.scene import Scene, make_scene
from ..drawing.sketch import Sketch, sketch
from ..language import DocumentError, Parsed, Program, TpvizError, parse_partial
from ..language.instructions import MatMul
from .actions import ACTIONS, table
from .examples import Example
from .history import History
from .inspector import apply_field, describe, subject_of
from .intents import IntentError, read_intent
from .opening import read_text
from .paths import NO_PATHS, PathChoice, choose_path
from .plots import DistributionPlot, Heatmap, cell_size, kernel_scale
from .results import Computer, Details, Request, Results, default_vectors
from .theme import theme
from .view import EditorView
from .window import KernelView, distribution_dict, kernel_dict, status_dict, text_dict, width_dict
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
        self.paths: PathChoice = NO_PATHS
        self._picking: str | None = None  # None, "" (waiting for a start) or the start
        self._typing = False
        self.theme_name, self.tab, self.pin = "light", "kernel", True
        self._column = 440
        self.mode, self.width, self.seed = "second_moment", 4096, 0
        self._chosen: tuple[str, ...] | None = None
        self._vector: str | None = None
        self._results: Results | None = None
        self._details = Details()
        self._busy, self._asked = False, 0
        self._doc = doc
        self._worker = Worker(self._post)
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
            self._adopt(document, path.name if path else "untitled")
        else:
            self._show()

    # plumbing

    def _post(self, call: Callable[[], None]) -> None:
        if self._doc is None or self._doc.session_context is None:
            call()
        else:
            self._doc.add_next_tick_callback(call)

    def close(self) -> None:
        """Free what the session holds; called when its tab is closed."""
        self._worker.close()
        self.view._on_intent = lambda message: None

    def receive(self, message: Any) -> None:
        """An intent from the window. Whatever goes wrong, the document stays as it was."""
        try:
            intent = read_intent(message)
        except IntentError as error:
            _log.warning("a message was refused: %s", error)
            self.notice("error", "The window sent something that tpviz does not understand.", str(error))
            return
        kind = intent.pop("type").replace("-", "_")
        try:
            getattr(self, f"_on_{kind}")(**intent)
        except TpvizError as error:
            d = error.diagnostics[0]
            self.notice("error", d.message, d.hint)
            self._show()
        except Exception:  # the boundary of the app: logged, and the user keeps his drawing
            _log.exception("an intent failed: %s", kind)
            self.notice(
                "error",
                "That did not work, and tpviz does not know why.",
                "Nothing was lost. The log of the server has the details.",
            )

    def notice(self, severity: str, message: str, hint: str = "") -> None:
        self.view.patch({"type": "notice", "severity": severity, "message": message, "hint": hint})

    def focus(self, field: str) -> None:
        inspector = self.view.inspector
        self.view.patch({"type": "focus", "field": field, "key": inspector["key"] if inspector else None})

    # the document

    @property
    def state(self) -> State:
        return self.history.present

    @property
    def program(self) -> Program:
        return self.parsed.program

    @property
    def is_empty(self) -> bool:
        return not self.state.source.strip() and not self._typing

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

    def _adopt(self, document: Document, name: str) -> None:
        """Show another document: no history, nothing selected."""
        self.view_state, self.extra = dict(document.view), dict(getattr(document, "extra", {}) or {})
        self.name = name
        self.selected_nodes = self.selected_edges = ()
        self.paths, self._picking, self._typing = NO_PATHS, None, False
        self._chosen = self._vector = None
        self._results, self._details = None, Details()
        self.history.reset(State(document.source, dict(document.layout), dict(document.labels)))
        self._read()
        self.history.reset(replace(self.state, layout=self.scene.positions))
        self._show()
        self.view.patch({"type": "fit"})

    def _read(self) -> None:
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
        if self._vector not in self.program.vectors:
            self._vector = None

    def _commit(self, change: Change, group: str | None = None, select: bool = True) -> None:
        """Make an edit: record it, read the new text, show it."""
        before = self.selected_nodes
        self.history.push(change.state, change.description, before, change.selection, group)
        if select:
            self.selected_nodes, self.selected_edges = change.selection, ()
        self._read()
        self._settle()
        self._saved_line()
        self._show()

    def _settle(self) -> None:
        """Keep the places that the layout gave to new nodes, as part of the edit that made them."""
        kept = {**self.state.layout, **self.scene.positions}
        if kept != dict(self.state.layout):
            self.history.amend(replace(self.state, layout=kept))

    # showing

    def _show(self) -> None:
        """Send everything to the window and ask for new numbers."""
        self._put(
            scene=self.scene.to_dict(),
            highlight=self.scene.highlight_dict(),
            legend=self.paths.legend(self.scene),
            selection={"nodes": list(self.selected_nodes), "edges": list(self.selected_edges)},
            frame=self._frame(),
            actions=table(self),
            text=self._text(),
            inspector=self._inspector(),
        )
        self._request()

    def _frame(self) -> dict[str, Any]:
        chips = [{"text": self.program.language.replace("+", "⁺"), "ok": False}] if len(self.program) else []
        mode = None
        if self._picking is not None:
            mode = {"text": "Path: click its end" if self._picking else "Path: click its start"}
        return {
            "name": self.name,
            "saved": self.saved,
            "theme": self.theme_name,
            "empty": self.is_empty,
            "chips": chips,
            "mode": mode,
        }

    def _text(self) -> dict[str, Any]:
        subject = self._subject()
        return text_dict(self.parsed, self._details.moments, {subject} if subject else set())

    def _subject(self) -> str | None:
        return subject_of(self.parsed, self.scene, self.selected_nodes, self.selected_edges)

    def _inspector(self) -> dict[str, Any] | None:
        subject = self._subject()
        if subject is None:
            return None
        gate = bool(self.selected_nodes) and self.selected_nodes[0].startswith("gate:")
        steps = self._details.steps if self._details.steps and self._details.steps[0].name == subject else ()
        return describe(self.parsed, self.state, subject, gate, steps)

    def _put(self, **values: Any) -> None:
        """Set parameters of the window, those that changed."""
        changed = {name: value for name, value in values.items() if getattr(self.view, name) != value}
        if changed:
            self.view.param.update(**changed)

    def _draw(self) -> None:
        """Bring the newest numbers, or the theme, into the plots."""
        results = self._results
        look = theme(self.theme_name)
        with pn.io.hold():
            if results and results.kernel:
                kernel = results.kernel
                scale = kernel_scale(kernel, look)
                cell = cell_size(len(kernel.names), self._column)
                self._heatmaps[0].update(kernel.names, kernel.limit, scale, look, cell, kernel.errors)
                self._heatmaps[1].update(kernel.names, kernel.width, scale, look, cell)
            if results and results.distribution:
                self._plot.update(results.distribution, look)
            self._report()

    def _report(self) -> None:
        """Bring everything but the plots of the results column up to date."""
        results = self._results
        kernel = results.kernel if results else None
        distribution = results.distribution if results else None
        scale = kernel_scale(kernel, theme(self.theme_name)) if kernel else None
        seconds, error = (results.simulated_in, results.error) if results else (None, None)
        labels = dict(self.state.labels)
        shown = KernelView(self.chosen, self.mode, self.width, self._column)
        self._put(
            results={
                "tab": self.tab,
                "kernel": kernel_dict(kernel, scale, self.parsed, labels, shown),
                "distribution": distribution_dict(distribution, self.parsed, labels, self.vector),
                "width": width_dict(self.width, self.seed),
                "pin": self.pin,
                "status": status_dict(kernel, seconds, self._busy, error),
            }
        )

    # numbers

    @property
    def chosen(self) -> tuple[str, ...]:
        """The vectors of the kernel pane."""
        if self._chosen is not None:
            kept = tuple(v for v in self._chosen if v in self.program.vectors)
            if kept:
                return kept
        return default_vectors(self.program)

    @property
    def vector(self) -> str | None:
        """The vector of the distribution pane: the selected one, else the one last looked at, else the last."""
        subject = self._subject()
        if subject in self.program.vectors:
            self._vector = subject
        if self._vector is None:
            names = default_vectors(self.program)
            return names[-1] if names else None
        return self._vector

    def _request(self) -> None:
        """Ask for the numbers of what is shown now; what was asked before is dropped."""
        program = self.program
        if not program.vectors:
            self._worker.cancel()
            self._results, self._details, self._busy = None, Details(), False
            self._report()
            return
        request = Request(program, self.chosen, self.mode, self.vector, self.width, self.seed, self._subject())
        self._busy = True
        self._asked += 1
        self._worker.submit(lambda cancelled: self._computer.run(request, cancelled), self._deliver, self._failed)
        if self._doc is not None and self._doc.session_context is not None:
            asked = self._asked
            self._doc.add_timeout_callback(
                lambda: self._report() if self._busy and asked == self._asked else None, _PATIENCE
            )

    def _deliver(self, part: Results | Details) -> None:
        if isinstance(part, Results):
            self._results, self._busy = part, False
            self._draw()
            return
        self._details = part
        self._put(text=self._text(), inspector=self._inspector())

    def _failed(self, error: Exception) -> None:
        self._busy = False
        shown = (
            error
            if isinstance(error, TpvizError)
            else TpvizError(
                "The computation failed, and tpviz does not know why.", hint="The log of the server has the details."
            )
        )
        self._results = Results(None, None, 0.0, shown)
        self._draw()

    # actions

    def _on_action(self, name: str) -> None:
        action = next((a for a in ACTIONS if a.name == name), None)
        if action is None or action.perform is None:
            raise DocumentError(f"There is no action {name!r}.")
        if action.enabled(self):
            action.perform(self)

    def new(self) -> None:
        self.path = None
        self.saved = "Nothing to save yet"
        self._adopt(Document.from_text(""), "untitled")

    def undo(self) -> None:
        self._travel(self.history.undo())

    def redo(self) -> None:
        self._travel(self.history.redo())

    def _travel(self, selection: tuple[str, ...] | None) -> None:
        if selection is None:
            return
        self.selected_nodes, self.selected_edges = selection, ()
        self._read()
        self._saved_line()
        self._show()

    def select_all(self) -> None:
        self.selected_nodes, self.selected_edges = tuple(n.id for n in self.scene.nodes if n.kind != "ghost"), ()
        self._show()

    def delete(self) -> None:
        self._commit(edits.delete(self.state, self.selected_nodes, self.selected_edges))

    @property
    def selected_product(self) -> MatMul | None:
        subject = self._subject()
        i = self.program.definitions.get(subject) if subject else None
        return i if isinstance(i, MatMul) else None

    def transpose(self) -> None:
        product = self.selected_product
        if product is not None:
            self._commit(edits.set_product(self.state, product.name, transposed=not product.transposed), select=False)

    def new_matrix(self) -> None:
        product = self.selected_product
        if product is not None:
            self._commit(edits.set_product(self.state, product.name, matrix="new"), select=False)

    def add(
        self,
        tool: str,
        at: tuple[float, float] | None = None,
        sources: tuple[str, ...] | None = None,
        matrix: str | None = None,
        transposed: bool = False,
    ) -> None:
        """Add a part; without a place, to the selection (drawing by keyboard)."""
        state = self.state
        sources = tuple(s for s in self.selected_nodes if not s.startswith("ghost:")) if sources is None else sources
        values = self._values_of(sources)
        match tool:
            case "vector":
                change = edits.add_vector(state, at)
            case "scalar":
                change = edits.add_scalar(state, at)
            case "input":
                self.view_state["inputs"] = True
                change = edits.add_input(state, at)
            case "nonlin":
                change = edits.add_nonlin(state, values, at)
            case "lincomb":
                change = edits.add_lincomb(state, values, at)
            case "moment":
                change = edits.add_moment(state, values, at)
            case "matmul":
                if len(values) == 2 and at is None:
                    change = edits.connect(state, values[0], values[1], tool="matmul")
                elif len(values) == 1:
                    change = edits.add_product(state, values[0], matrix=matrix, transposed=transposed, at=at)
                else:
                    raise edits.EditError(
                        "A MatMul starts at one vector.", hint="Select the vector that is multiplied, then press W."
                    )
            case "wire":
                if len(sources) != 2:
                    raise edits.EditError(
                        "A wire joins two parts.",
                        hint="Select where it starts, then with Shift where it ends, and press C.",
                    )
                change = edits.connect(state, sources[0], sources[1], tool="wire")
            case "readout":
                change = edits.add_output(state, values, at)
            case _:
                return
        self._typing = False
        self._commit(change)

    def _values_of(self, nodes: Iterable[str]) -> tuple[str, ...]:
        """Nodes with gates replaced by what they make."""
        return tuple(dict.fromkeys(n.removeprefix("gate:") for n in nodes))

    def tidy(self) -> None:
        positions = layout(self.sketch, {})
        self._commit(
            Change(self.state.source, positions, self.state.labels, self.selected_nodes, "Tidy the layout"),
            select=False,
        )
        self.view.patch({"type": "fit"})

    def toggle_inputs(self) -> None:
        self.view_state["inputs"] = not self.view_state.get("inputs", False)
        self._read()
        self._settle()
        self._show()

    def type_text(self) -> None:
        """Leave the first-start page and put the caret into the program text."""
        self._typing = True
        self._show()
        self.view.patch({"type": "focus", "field": "text"})

    # paths

    def start_path(self) -> None:
        self.paths = NO_PATHS
        self._picking = self.selected_nodes[0] if len(self.selected_nodes) == 1 else ""
        self._light()

    def clear_path(self) -> None:
        self.paths, self._picking = NO_PATHS, None
        self._light()

    def step_path(self, by: int) -> None:
        self.paths = self.paths.step(by)
        self._light()

    def _on_pick(self, id: str) -> None:
        if self._picking is None or all(n.id != id for n in self.scene.nodes):
            return
        if not self._picking:
            self._picking = id
        else:
            found = choose_path(self.scene, self._picking, id)
            start, self._picking = self._picking, None
            if not found.routes:
                self.notice(
                    "info", f"No path leads from {start} to {id}, nor back.", "Press H and pick two other nodes."
                )
            self.paths = found if found.routes else NO_PATHS
        self._light()

    def _on_mode_cancel(self) -> None:
        self._picking = None
        self._light()

    def _light(self) -> None:
        """Send highlights only: the drawing does not move."""
        self.scene = replace(self.scene, highlight=self.paths.groups)
        self._put(
            highlight=self.scene.highlight_dict(),
            legend=self.paths.legend(self.scene),
            frame=self._frame(),
            actions=table(self),
        )

    # intents of the canvas

    def _on_place(self, tool: str, x: float, y: float) -> None:
        if tool in ("select", "matmul", "wire"):
            raise edits.EditError(
                "A MatMul and a wire start at a vector.", hint="Drag from the vector to where it should lead."
            )
        self.add(tool, (x, y), sources=())

    def _on_connect(
        self,
        tool: str,
        source: str,
        target: str | None = None,
        slot: int | None = None,
        x: float | None = None,
        y: float | None = None,
    ) -> None:
        if target is not None:
            self._commit(edits.connect(self.state, source, target, slot, tool))
            return
        if x is None or y is None:
            raise IntentError("connect: a target or a place is needed")
        if tool in ("select", "matmul"):
            scalar = source.removeprefix("gate:") in self.program.scalars
            self.add("nonlin" if scalar else "matmul", (x, y), sources=(source,))
        elif tool == "wire":
            self.add("nonlin", (x, y), sources=(source,))
        else:
            self.add(tool, (x, y), sources=(source,))

    def _on_move(self, positions: dict[str, tuple[float, float]]) -> None:
        ids = {n.id for n in self.scene.nodes}
        known = {k: v for k, v in positions.items() if k in ids}
        change = edits.move(self.state, known)
        self.history.push(
            change.state, change.description, self.selected_nodes, change.selection, "move:" + ",".join(sorted(known))
        )
        self._read()
        self._saved_line()
        # numbers do not depend on places: only the drawing is sent
        self._put(scene=self.scene.to_dict(), frame=self._frame(), actions=table(self))

    def _on_select(self, nodes: tuple[str, ...], edges: tuple[str, ...]) -> None:
        ids, lines = {n.id for n in self.scene.nodes}, {e.id for e in self.scene.edges}
        self.selected_nodes, self.selected_edges = (
            tuple(n for n in nodes if n in ids),
            tuple(e for e in edges if e in lines),
        )
        self._put(selection={"nodes": list(self.selected_nodes), "edges": list(self.selected_edges)}, actions=table(self), text=self._text(),
                               inspector=self._inspector())  # fmt: skip
        self._request()

    def _on_edit(self, key: str, field: str, value: str) -> None:
        name = key.removeprefix("gate:")
        change = apply_field(self.state, self.program, name, field, value)
        if field == "name":
            self._commit(change)
        else:
            self._commit(change, group=f"edit:{key}:{field}", select=False)

    def _on_text(self, source: str) -> None:
        self._typing = True
        self._commit(edits.set_source(self.state, source), group="text", select=False)

    def _on_fix(self, index: int) -> None:
        if index < len(self.parsed.diagnostics):
            self._commit(edits.fix(self.state, self.parsed.diagnostics[index]))

    # intents of the results column

    def _on_tab(self, tab: str) -> None:
        self.tab = tab
        self._report()

    def _on_pin(self, on: bool) -> None:
        self.pin = on
        self._report()

    def _on_theme(self, theme: str) -> None:
        self.theme_name = theme
        self._put(frame=self._frame())
        self._draw()

    def _on_kernel(self, mode: str | None = None, chosen: tuple[str, ...] | None = None) -> None:
        if mode is not None:
            self.mode = mode
        if chosen is not None:
            known = [v for v in self.program.vectors if v in chosen]
            last = next((v for v in reversed(chosen) if v in known), None)
            width = self.program.width_class(last) if last else None
            self._chosen = tuple(v for v in known if self.program.width_class(v) == width)
            if len(self._chosen) < len(known):
                self.notice("info", f"A kernel pairs vectors of one width class: those of class {width} are kept.")
        self._request()

    def _on_distribution(self, vector: str) -> None:
        if vector in self.program.vectors:
            self._vector = vector
            if self._subject() in self.program.vectors and self._subject() != vector:
                self.selected_nodes, self.selected_edges = (
                    (vector,) if any(n.id == vector for n in self.scene.nodes) else (),
                    (),
                )
                self._put(
                    selection={"nodes": list(self.selected_nodes), "edges": []},
                    text=self._text(),
                    inspector=self._inspector(),
                )
        self._request()

    def _on_room(self, width: int, height: int, column: int) -> None:
        if column != self._column:
            self._column = column
            self._draw()

    def _on_width(self, log10: float) -> None:
        self.width = _round_width(log10)
        self._request()

    def _on_seed(self, seed: int) -> None:
        self.seed = seed
        self._request()

    def _on_cancel(self) -> None:
        self._worker.cancel()
        self._busy = False
        self._report()

    # files

    def _on_open(self, name: str, text: str) -> None:
        document = read_text(name, text)
        self.path = None
        self.saved = "Opened from a file"
        self._adopt(document, Path(name).name[:80] or "untitled")
        if self.parsed.diagnostics:
            n = len(self.parsed.diagnostics)
            self.notice("info", f"{name} has {n} problem{'s' * (n > 1)}; its valid part is computed.")

    def _on_example(self, id: str) -> None:
        if id not in self.examples:
            raise DocumentError(f"There is no example {id!r}.")
        self.path = None
        self.saved = "An example, not saved yet"
        self._adopt(self.examples[id].document, f"{id}.tpviz")

    def _saved_line(self) -> None:
        if not self.history.clean:
            self.saved = f"Edited, last saved in {self.path.parent.name}" if self.path else "Not saved yet"

    def save(self) -> None:
        if self.path is not None:
            save(self.document, self.path)
            self.saved = f"Saved in {self.path.parent.resolve().name or '/'}, just now"
        else:
            stem = self.name.removesuffix(".tpviz").removesuffix(".tp")
            self._download(f"{stem}.tpviz", "application/json", document_to_text(self.document).encode())
            self.name, self.saved = f"{stem}.tpviz", f"Downloaded as {stem}.tpviz"
        self.history.mark_saved()
        self._put(frame=self._frame(), actions=table(self))

    def save_text(self) -> None:
        stem = self.name.removesuffix(".tpviz").removesuffix(".tp")
        self._download(f"{stem}.tp", "text/plain", self.state.source.encode())

    def export(self, suffix: str) -> None:
        """The drawing as it is seen, with its highlights."""
        stem = self.name.removesuffix(".tpviz").removesuffix(".tp")
        made = figure_of(self.scene, title=stem, source=self.state.source)
        self._download(f"{stem}.{suffix}", _MIME[suffix], made.to_bytes(f".{suffix}"))

    def _on_export(self, format: str) -> None:
        self.export(format)

    def _download(self, name: str, mime: str, content: bytes) -> None:
        self.view.patch({"type": "download", "name": name, "mime": mime, "base64": base64.b64encode(content).decode()})


def _round_width(log10: float) -> int:
    """Two digits, as a slider should give; powers of ten and 4096 exactly."""
    n = 10**log10
    if abs(n - 4096) < 30:
        return 4096
    digits = len(str(int(n))) - 2
    return round(n, -digits) if isinstance(n, int) else int(round(n, -digits))
