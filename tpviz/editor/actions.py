"""The one table of actions: it feeds the menus, the palette of shapes, the bar, the keys, the command palette and the help."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..language.instructions import Output
from . import arranging, commands
from .action import Action
from .arrange_actions import ARRANGE_ACTIONS
from .column_actions import COLUMN_ACTIONS
from .compare_actions import COMPARE_ACTIONS
from .keeping_actions import CLIPBOARD_ACTIONS, KEPT_ACTIONS
from .lecture_handlers import LECTURE_ACTIONS
from .look_actions import LOOK_ACTIONS
from .sharing import SHARE_ACTIONS
from .text_actions import TEXT_ACTIONS

if TYPE_CHECKING:
    from .session import Session

Test = Callable[["Session"], bool]

__all__ = ["ACTIONS", "Action", "find", "table"]


def _needs(reason: str) -> Callable[[Test], Test]:
    """Says beside a condition what is missing while it does not hold."""

    def mark(test: Test) -> Test:
        test.needs = reason  # type: ignore[attr-defined]
        return test

    return mark


@_needs("Select something first")
def _selected(session: Session) -> bool:
    return bool(session.selected_nodes or session.selected_edges)


@_needs("Select one node first")
def _one_node(session: Session) -> bool:
    return len(session.selected_nodes) == 1


@_needs("Needs several highlighted paths")
def _several_paths(session: Session) -> bool:
    return session.lit.several


@_needs("Needs the Paths pane of a network")
def _walking(session: Session) -> bool:
    return session.column.shown == "paths" and session.column.is_network


@_needs("Needs a readout and a program without errors")
def _differentiable(session: Session) -> bool:
    """There is an output, the text is whole, and nothing of a backward pass stands in it yet."""
    program = session.program
    if not program.outputs or any(d.severity == "error" for d in session.parsed.diagnostics):
        return False
    output = program[program.outputs[0]]
    assert isinstance(output, Output)
    return not any(f"d{t.vector}" in program.definitions for t in output.terms if t.vector)


@_needs("Select a MatMul first: its vector or its edge")
def _product(session: Session) -> bool:
    return session.selected_product is not None


@_needs("Nothing to undo")
def _undoable(session: Session) -> bool:
    return session.history.undo_label is not None


@_needs("Nothing to redo")
def _redoable(session: Session) -> bool:
    return session.history.redo_label is not None


@_needs("Needs a vector: press X")
def _vectors(session: Session) -> bool:
    return bool(session.program.vectors)


@_needs("The program has no input")
def _inputs(session: Session) -> bool:
    return bool(session.program.inputs)


@_needs("No path is highlighted")
def _lit(session: Session) -> bool:
    return bool(session.lit.lit)


@_needs("Nothing is drawn yet")
def _drawn(session: Session) -> bool:
    return bool(session.scene.nodes)


@_needs("Nothing is written yet")
def _written(session: Session) -> bool:
    return bool(session.state.source.strip())


def _add(tool: str, **how: Any) -> Callable[[Session], None]:
    return lambda session: commands.add(session, tool, **how)


def _export(suffix: str) -> Callable[[Session], None]:
    return lambda session: commands.export(session, suffix)


ACTIONS: tuple[Action, ...] = (
    Action("new", "New", ("Alt+n",), "File", commands.new, keywords="empty blank start clear", help="An empty drawing; undo brings the old one back."),
    Action("open", "Open…", ("Control+o",), "File", keywords="load file import", help="A .tpviz or .tp file, also by dropping it on the window."),
    Action("save", "Save", ("Control+s",), "File", commands.save, _written, separator=True, keywords="store download write tpviz", help="Program and layout as a .tpviz file."),
    Action("save-text", "Save program text (.tp)", (), "File", commands.save_text, _written, keywords="download source plain"),
    *KEPT_ACTIONS,
    Action("undo", "Undo", ("Control+z",), "undo", commands.undo, _undoable, keywords="back revert"),
    Action("redo", "Redo", ("Control+Shift+z", "Control+y"), "undo", commands.redo, _redoable, keywords="again forward"),
    *CLIPBOARD_ACTIONS,
    Action("select-all", "Select all", ("Control+a",), "Edit", commands.select_all, _drawn),
    Action("delete", "Delete", ("Delete", "Backspace"), "Edit", commands.delete, _selected, keywords="remove erase"),
    Action("rename", "Rename", ("F2",), "Edit", None, _selected, keywords="name label"),
    Action("transpose", "Use the transpose", ("Shift+t",), "Edit", commands.transpose, _product, separator=True, keywords="W.T Wᵀ tied adjoint", help="Of the matrix of the selected MatMul."),
    Action("tidy", "Tidy the layout", ("Shift+l",), "Edit", arranging.tidy, _drawn, separator=True, keywords="arrange order clean auto layout", help="Places every node anew, in layers; pinned ones stay."),
    Action("tool:select", "Select", ("v",), "tool", keywords="pointer arrow move", help="Back to selecting and dragging."),
    Action("tool:vector", "Vector", ("x",), "tool", _add("vector"), keywords="initial circle add draw", help="An initial vector; its coordinates are iid."),
    Action("tool:scalar", "Scalar", ("s",), "tool", _add("scalar"), keywords="initial square add draw", help="An initial scalar."),
    Action("tool:nonlin", "Nonlin", ("n",), "tool", _add("nonlin"), keywords="gate activation function phi relu tanh add draw", help="A function of the selected vectors, coordinate by coordinate."),
    Action("tool:lincomb", "LinComb", ("l",), "tool", _add("lincomb"), keywords="sum add plus linear combination residual draw", help="A sum of the selected vectors."),
    Action("tool:moment", "Moment", ("m",), "tool", _add("moment"), keywords="mean average expectation norm scalar add draw", help="The mean of a function of the selected vectors."),
    Action("tool:matmul", "MatMul", ("w",), "tool", _add("matmul"), keywords="matrix product weights W dashed edge add draw", help="W times the selected vector; with two selected, joins them."),
    Action("tool:wire", "Wire", ("c",), "tool", commands.wire, keywords="connect edge join link gate port draw", help="From the selected node to the one you walk to; with two selected, at once."),
    Action("tool:input", "Input", ("i",), "tool", _add("input"), keywords="data xi embed add draw", help="An input of the network."),
    Action("tool:readout", "Readout", ("r",), "tool", _add("readout"), keywords="output f head v network add draw", help="The network's output, read from the selected vectors."),
    Action("readout-last", "Read out the last vector", (), None, commands.read_out_last, _vectors, keywords="output network f head v", group="Draw", help="Makes the program a network whose output reads its last vector."),
    Action("matmul-to", "MatMul to an existing vector", ("Shift+c",), "Edit", lambda s: commands.start_edge(s, "matmul"), _one_node, keywords="connect join tie share product edge", group="Draw", help="From the selected vector to the one you walk to."),
    Action("matmul-transposed", "MatMul with the transpose", ("Shift+w",), "Edit", _add("matmul", transposed=True), _one_node, separator=True, keywords="W.T Wᵀ tied backward", group="Draw", help="Wᵀ times the selected vector."),
    Action("matmul-new", "MatMul with a new matrix", ("Alt+w",), "Edit", _add("matmul", matrix="new"), _one_node, keywords="layer independent weights untied", group="Draw", help="A fresh matrix times the selected vector."),
    Action("highlight-path", "Highlight a path", ("h",), "View", commands.start_path, _drawn, keywords="route trace word", help="Choose its start and its end, by mouse or arrows and Enter."),
    Action("next-path", "Next path", ("]",), "View", lambda s: commands.step_path(s, 1), _several_paths),
    Action("previous-path", "Previous path", ("[",), "View", lambda s: commands.step_path(s, -1), _several_paths),
    Action("clear-path", "Clear the highlight", ("Shift+h",), "View", commands.clear_path, _lit),
    Action("next-pair", "Next pair of paths", ("ArrowRight",), None, lambda s: commands.step_pair(s, 1), _walking, group="Results"),
    Action("previous-pair", "Previous pair of paths", ("ArrowLeft",), None, lambda s: commands.step_pair(s, -1), _walking, group="Results"),
    Action("next-word", "Next word", ("ArrowDown",), None, lambda s: commands.step_word(s, 1), _walking, group="Results"),
    Action("previous-word", "Previous word", ("ArrowUp",), None, lambda s: commands.step_word(s, -1), _walking, group="Results"),
    Action("backprop", "Show the backward pass", ("Shift+b",), "Edit", commands.show_backprop, _differentiable, separator=True, keywords="gradient backpropagation derivative adjoint", help="Appends the backward pass of the output to the program."),
    Action("inputs", "Show inputs", ("Shift+i",), "View", commands.toggle_inputs, _inputs, separator=True, keywords="hide data pills", checked=lambda s: bool(s.view_state.get("inputs", False))),
    Action("fit", "Fit the drawing", ("f",), "View", keywords="zoom all centre view whole"),
    Action("zoom-in", "Zoom in", ("+", "="), "View", keywords="larger magnify"),
    Action("zoom-out", "Zoom out", ("-",), "View", keywords="smaller"),
    Action("toggle-text", "Program pane", (), "View", keywords="text source fold hide show code"),
    Action("type-text", "Type the text", ("t",), None, commands.type_text, keywords="source code program write edit", group="Edit", help="Puts the caret into the program text."),
    Action("cancel", "Cancel", ("Escape",), None, group="Edit", keywords="stop leave deselect", help="Leaves what is going on: a mode, a tool, the selection."),
    Action("focus-inspector", "Edit the selection", ("Enter",), None, group="Edit", keywords="inspector properties field", help="Goes to the first field of what is selected."),
    Action("export:svg", "SVG", (), "Export", _export("svg"), _drawn, keywords="export figure vector picture image"),
    Action("export:pdf", "PDF", (), "Export", _export("pdf"), _drawn, keywords="export figure paper print"),
    Action("export:png", "PNG", (), "Export", _export("png"), _drawn, keywords="export figure picture image bitmap slide"),
    Action("export:tex", "TikZ", (), "Export", _export("tex"), _drawn, keywords="export figure latex tex paper"),
    Action("overlay:palette", "Search or run a command", ("Control+k",), None, keywords="palette find", group="Help", help="Every action, every example, every node by its name."),
    Action("overlay:help", "Keys and mouse", ("?", "F1"), None, keywords="help shortcuts keyboard cheat sheet", group="Help", help="This sheet."),
    Action("overlay:gallery", "Gallery of examples", ("Shift+e",), None, keywords="examples thumbnails cards open start", group="File", help="All examples with their drawings."),
    Action("overlay:tour", "Five-step tour", (), None, keywords="introduction help start learn how", group="Help", help="The window, part by part."),
    *LECTURE_ACTIONS,
    *ARRANGE_ACTIONS,
    *COLUMN_ACTIONS,
    *LOOK_ACTIONS,
    *SHARE_ACTIONS,
    *TEXT_ACTIONS,
    *COMPARE_ACTIONS,
)  # fmt: skip

_BY_NAME = {action.name: action for action in ACTIONS}


def find(name: str) -> Action | None:
    return _BY_NAME.get(name)


def table(session: Session) -> list[dict[str, Any]]:
    return [a.to_dict(session) for a in ACTIONS]
