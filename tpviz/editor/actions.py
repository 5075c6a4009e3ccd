"""The one table of actions: it feeds the menus, the palette of shapes, the keys and their titles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..language.instructions import Output
from . import commands

if TYPE_CHECKING:
    from .session import Session

__all__ = ["ACTIONS", "Action", "table"]


def _always(session: Session) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """`local` actions are done by the window itself; the others call `perform`. `menu` is "File", "Edit", "View", "Export", "tool", "undo" or None."""

    name: str
    label: str
    keys: tuple[str, ...] = ()
    menu: str | None = None
    perform: Callable[[Session], None] | None = None
    enabled: Callable[[Session], bool] = _always
    separator: bool = False  # a rule above it in its menu

    @property
    def local(self) -> bool:
        return self.perform is None

    def to_dict(self, session: Session) -> dict[str, Any]:
        return {"name": self.name, "label": self.label, "keys": list(self.keys), "menu": self.menu, "enabled": self.enabled(session),
                "local": self.local, "separator": self.separator}  # fmt: skip


def _selected(session: Session) -> bool:
    return bool(session.selected_nodes or session.selected_edges)


def _one_node(session: Session) -> bool:
    return len(session.selected_nodes) == 1


def _several_paths(session: Session) -> bool:
    return session.lit.several


def _walking(session: Session) -> bool:
    return session.column.shown == "paths" and session.column.is_network


def _differentiable(session: Session) -> bool:
    """There is an output, the text is whole, and nothing of a backward pass stands in it yet."""
    program = session.program
    if not program.outputs or any(d.severity == "error" for d in session.parsed.diagnostics):
        return False
    output = program[program.outputs[0]]
    assert isinstance(output, Output)
    return not any(f"d{t.vector}" in program.definitions for t in output.terms if t.vector)


def _drawn(session: Session) -> bool:
    return not session.is_empty


ACTIONS: tuple[Action, ...] = (
    Action("new", "New", ("Alt+n",), "File", commands.new),
    Action("open", "Open…", ("Control+o",), "File"),
    Action("save", "Save", ("Control+s",), "File", commands.save, _drawn, separator=True),
    Action("save-text", "Save program text (.tp)", (), "File", commands.save_text, _drawn),
    Action("undo", "Undo", ("Control+z",), "undo", commands.undo, lambda s: s.history.undo_label is not None),
    Action(
        "redo",
        "Redo",
        ("Control+Shift+z", "Control+y"),
        "undo",
        commands.redo,
        lambda s: s.history.redo_label is not None,
    ),
    Action("select-all", "Select all", ("Control+a",), "Edit", commands.select_all, _drawn),
    Action("delete", "Delete", ("Delete", "Backspace"), "Edit", commands.delete, _selected),
    Action("rename", "Rename", ("F2",), "Edit", None, _selected),
    Action(
        "transpose",
        "Use the transpose",
        ("Shift+t",),
        "Edit",
        commands.transpose,
        lambda s: s.selected_product is not None,
        separator=True,
    ),
    Action(
        "new-matrix",
        "Use a new matrix",
        ("Shift+m",),
        "Edit",
        commands.new_matrix,
        lambda s: s.selected_product is not None,
    ),
    Action("tidy", "Tidy the layout", ("Shift+l",), "Edit", commands.tidy, _drawn, separator=True),
    Action("tool:select", "Select", ("v",), "tool"),
    Action("tool:vector", "Vector", ("x",), "tool", lambda s: commands.add(s, "vector")),
    Action("tool:scalar", "Scalar", ("s",), "tool", lambda s: commands.add(s, "scalar")),
    Action("tool:nonlin", "Nonlin", ("n",), "tool", lambda s: commands.add(s, "nonlin")),
    Action("tool:lincomb", "LinComb", ("l",), "tool", lambda s: commands.add(s, "lincomb")),
    Action("tool:moment", "Moment", ("m",), "tool", lambda s: commands.add(s, "moment")),
    Action("tool:matmul", "MatMul", ("w",), "tool", lambda s: commands.add(s, "matmul")),
    Action("tool:wire", "Wire", ("c",), "tool", lambda s: commands.add(s, "wire")),
    Action("tool:input", "Input", ("i",), "tool", lambda s: commands.add(s, "input")),
    Action("tool:readout", "Readout", ("r",), "tool", lambda s: commands.add(s, "readout")),
    Action(
        "matmul-transposed",
        "MatMul with the transpose",
        ("Shift+w",),
        "Edit",
        lambda s: commands.add(s, "matmul", transposed=True),
        _one_node,
        separator=True,
    ),
    Action(
        "matmul-new",
        "MatMul with a new matrix",
        ("Alt+w",),
        "Edit",
        lambda s: commands.add(s, "matmul", matrix="new"),
        _one_node,
    ),
    Action("highlight-path", "Highlight a path", ("h",), "View", commands.start_path, _drawn),
    Action("next-path", "Next path", ("]",), "View", lambda s: commands.step_path(s, 1), _several_paths),
    Action("previous-path", "Previous path", ("[",), "View", lambda s: commands.step_path(s, -1), _several_paths),
    Action(
        "clear-path",
        "Clear the highlight",
        ("Shift+h",),
        "View",
        commands.clear_path,
        lambda s: s.lit.lit,
    ),
    Action("next-pair", "Next pair of paths", ("ArrowRight",), None, lambda s: commands.step_pair(s, 1), _walking),
    Action(
        "previous-pair", "Previous pair of paths", ("ArrowLeft",), None, lambda s: commands.step_pair(s, -1), _walking
    ),
    Action("next-word", "Next word", ("ArrowDown",), None, lambda s: commands.step_word(s, 1), _walking),
    Action("previous-word", "Previous word", ("ArrowUp",), None, lambda s: commands.step_word(s, -1), _walking),
    Action(
        "backprop",
        "Show the backward pass",
        ("Shift+b",),
        "Edit",
        commands.show_backprop,
        _differentiable,
        separator=True,
    ),
    Action(
        "inputs",
        "Show inputs",
        ("Shift+i",),
        "View",
        commands.toggle_inputs,
        lambda s: bool(s.program.inputs),
        separator=True,
    ),
    Action("fit", "Fit the drawing", ("f",), "View"),
    Action("zoom-in", "Zoom in", ("+", "="), "View"),
    Action("zoom-out", "Zoom out", ("-",), "View"),
    Action("toggle-text", "Program pane", (), "View"),
    Action("type-text", "Type the text", ("t",), None, commands.type_text),
    Action("cancel", "Cancel", ("Escape",), None),
    Action("focus-inspector", "Edit the selection", ("Enter",), None),
    Action("export:svg", "SVG", (), "Export", lambda s: commands.export(s, "svg"), _drawn),
    Action("export:pdf", "PDF", (), "Export", lambda s: commands.export(s, "pdf"), _drawn),
    Action("export:png", "PNG", (), "Export", lambda s: commands.export(s, "png"), _drawn),
    Action("export:tex", "TikZ", (), "Export", lambda s: commands.export(s, "tex"), _drawn),
)


def table(session: Session) -> list[dict[str, Any]]:
    return [a.to_dict(session) for a in ACTIONS]
