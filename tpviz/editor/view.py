"""The window: one Panel component around our own bundle. It shows the state that the session sends and reports intents;
assets/canvas/PROTOCOL.md is the contract."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import Child, ReactComponent
from panel.io import push_notebook

from ..drawing import Document

__all__ = ["EditorView", "in_cell", "push_plots"]

_DIST = Path(__file__).parent / "dist"


class _MessagesOnly:
    """A reader of patches that leaves out all but messages."""

    def __init__(self, manager: Any):
        self.manager = manager

    def assemble(self, msg: Any) -> Any:
        patch = self.manager.assemble(msg)
        patch.content["events"] = [e for e in patch.content["events"] if e.get("kind") == "MessageSent"]
        return patch


class EditorView(ReactComponent):
    """The editor's window. Only `_bundle` is defined: with `_esm` as well, `panel serve --dev` would load from a CDN."""

    scene = param.Dict(default={"nodes": [], "edges": []})
    highlight = param.Dict(default={})
    legend = param.List(default=[])
    selection = param.Dict(default={"nodes": [], "edges": []})
    clipboard = param.Dict(default={"text": "", "layout": {}, "labels": {}, "nodes": [], "edges": []})
    frame = param.Dict(default={})
    actions = param.List(default=[])
    examples = param.List(default=[])
    text = param.Dict(default={"source": "", "lines": [], "problems": [], "names": [], "version": 0, "stamp": None})
    inspector = param.Dict(default=None, allow_None=True)
    results = param.Dict(default={})
    compare = param.Dict(default=None, allow_None=True)
    lecture = param.Dict(default=None, allow_None=True)
    lecture_found = param.Dict(default={})

    kernel_limit = Child()
    kernel_width = Child()
    distribution = Child()
    nngp_limit = Child()
    nngp_width = Child()
    ntk_limit = Child()
    ntk_width = Child()
    kernel_curve = Child()
    kernel_convergence = Child()

    _bundle = _DIST / "editor.bundle.js"

    def __init__(self, on_intent: Callable[[Any], None], document: Callable[[], Document], **params):
        super().__init__(**({"sizing_mode": "stretch_both", "styles": {"height": "100vh"}} | params))
        self._on_intent, self._document = on_intent, document

    @property
    def document(self) -> Document:
        """What is drawn now."""
        return self._document()

    @classmethod
    def _patch_datamodel_ref(cls, props: Any, ref: str) -> None:
        """Panel walks every model of the page at each update to find nested data models; our state is plain dictionaries, so only
        the component's own model needs the tag that lets Panel clean it up. This is most of the time of an update otherwise."""
        tag = f"__ref:{ref}"
        if tag not in props.tags:
            props.tags.append(tag)

    def _handle_msg(self, message: Any) -> None:
        self._on_intent(message)

    def _on_msg(self, ref: str, manager: Any, msg: Any) -> None:
        """What the page of a notebook sends. It echoes what Python sets on a plot, in a form that Python does not read; the window never
        writes, so only its messages count."""
        super()._on_msg(ref, _MessagesOnly(manager), msg)

    def put(self, **changed: Any) -> None:
        """Set parameters that are known to be others now. Set as usual, param would compare old and new once more, value by value."""
        self.param._TRIGGER = True
        try:
            self.param.update(**changed)
        finally:
            self.param._TRIGGER = False

    def patch(self, message: dict[str, Any]) -> None:
        """Send a patch: download, notice, fit, focus."""
        self._send_msg(message)


def in_cell(height: int) -> dict[str, Any]:
    """How the window stands in a cell of a notebook. A server sends the style sheet beside the bundle; a notebook has no such address."""
    style = (_DIST / "editor.bundle.css").read_text(encoding="utf-8")
    return {"styles": {}, "stylesheets": [style], "sizing_mode": "stretch_width", "height": height}


def push_plots(view: EditorView) -> None:
    """Send what changed in the Bokeh plots of a window in a notebook."""
    if view._models:
        push_notebook(view)
