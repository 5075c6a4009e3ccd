"""What the actions of the table do, each a function of the session. Edits are pure functions of the document (`drawing.edits`);
here they are committed, selected and shown."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..drawing import Document, document_to_text, edits, figure_of
from ..drawing import save as save_document
from ..drawing.edits import Change
from ..drawing.layout import layout, room_for_backward
from ..drawing.marks import pinned
from ..drawing.sketch import sketch
from ..language import parse_partial
from ..language.instructions import LinComb, MatMul, Nonlin, Vectors
from ..language.printer import to_text
from ..network import backprop
from .arranging import members, needs_open
from .keeping import fingerprint
from .looking import changed_points
from .paths import NO_PATHS, LitPair

if TYPE_CHECKING:
    from .session import Session

_MIME = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png", "tex": "text/x-tex", "html": "text/html"}


def new(session: Session) -> None:
    session.saved, session.saved_at = "Nothing to save yet", None
    session.adopt(Document.from_text(""), "untitled")


def undo(session: Session) -> None:
    _travel(session, session.history.undo(), back=True)


def redo(session: Session) -> None:
    _travel(session, session.history.redo())


def travel(session: Session, by: int) -> None:
    """Undo (by < 0) or redo that many steps at once, as far as they go."""
    selection: tuple[str, ...] | None = None
    for _ in range(abs(by)):
        found = session.history.undo() if by < 0 else session.history.redo()
        if found is None:
            break
        selection = found
    _travel(session, selection, back=by < 0)


def _travel(session: Session, selection: tuple[str, ...] | None, back: bool = False) -> None:
    if selection is None:
        return
    name, before = session.name, session.scene
    if session.history.exchanged is not None:
        session.name, session.path, view, session.extra = session.history.exchanged
        session.view_state = dict(view)
    session.field_error = None
    session.choose(selection)
    session.read()
    session.update_saved()
    session.show()
    seen = session.history.seen
    if session.name == name:
        session.view.patch({"type": "look", "viewport": seen, "points": changed_points(before, session.scene)})
    elif seen is not None and back:
        session.view.patch({"type": "look", "viewport": seen})
    else:
        session.view.patch({"type": "fit"})


def select_all(session: Session) -> None:
    session.choose(tuple(n.id for n in session.scene.nodes if n.kind != "ghost"))
    session.show()


def delete(session: Session) -> None:
    computed = {
        s.names[0]
        for s in session.parsed.statements
        if s.names and isinstance(s.instruction, MatMul | Nonlin | LinComb)
    }
    session.commit(edits.delete(session.state, members(session), session.selected_edges))
    turned = [n for n in session.program.vectors if n in computed and isinstance(session.program[n], Vectors)]
    if turned:
        verb, what = ("has", "an initial vector") if len(turned) == 1 else ("have", "initial vectors")
        session.notice(
            "info",
            f"{', '.join(turned)} {verb} lost what computed it and stays as {what}.",
            "Connect it again, or undo with Ctrl Z.",
        )


def transpose(session: Session) -> None:
    product = session.selected_product
    if product is not None:
        session.commit(edits.set_product(session.state, product.name, transposed=not product.transposed), select=False)


def add(
    session: Session,
    tool: str,
    at: tuple[float, float] | None = None,
    sources: tuple[str, ...] | None = None,
    matrix: str | None = None,
    transposed: bool = False,
) -> None:
    """Add a part; without a place, to the selection (drawing by keyboard)."""
    state = session.state
    sources = tuple(s for s in session.selected_nodes if not s.startswith("ghost:")) if sources is None else sources
    if tool not in ("vector", "scalar", "input"):
        needs_open(sources)
    values, view = _values_of(sources), None
    match tool:
        case "vector":
            change = edits.add_vector(state, at)
        case "scalar":
            change = edits.add_scalar(state, at)
        case "input":
            change, view = edits.add_input(state, at), {**session.view_state, "inputs": True}
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
    session.typing = False
    session.commit(change, view=view)


def _values_of(nodes: Iterable[str]) -> tuple[str, ...]:
    """Nodes with gates replaced by what they make."""
    return tuple(dict.fromkeys(n.removeprefix("gate:") for n in nodes))


def wire(session: Session) -> None:
    """Join two selected nodes; from a single one, ask for the end."""
    if len(session.selected_nodes) == 1:
        start_edge(session, "wire")
    else:
        add(session, "wire")


def read_out_last(session: Session) -> None:
    add(session, "readout", sources=tuple(session.program.vectors)[-1:])


def start_edge(session: Session, tool: str) -> None:
    """From the selected node to one that is picked: by a click, or by the arrows and Enter."""
    session.lit = NO_PATHS
    session.picking, session.joining = None, (tool, session.selected_nodes[0])
    session.light()


def toggle_inputs(session: Session) -> None:
    shown = not session.view_state.get("inputs", False)
    state = session.state
    change = Change(
        state.source, state.layout, state.labels, (), "Show inputs" if shown else "Hide inputs", state.marks
    )
    session.commit(change, select=False, view={**session.view_state, "inputs": shown})


def type_text(session: Session) -> None:
    """Leave the first-start page and put the caret into the program text."""
    session.typing = True
    session.show()
    session.view.patch({"type": "focus", "field": "text"})


def start_path(session: Session) -> None:
    session.lit, session.joining = NO_PATHS, None
    one = len(session.selected_nodes) == 1 and not session.selected_nodes[0].startswith("group:")
    session.picking = session.selected_nodes[0] if one else ""
    session.light()


def clear_path(session: Session) -> None:
    session.lit, session.picking = NO_PATHS, None
    session.light()


def step_path(session: Session, by: int) -> None:
    if isinstance(session.lit, LitPair):
        session.column.step_pair(by)
    else:
        session.lit = session.lit.step(by)
        session.column.walk_along(session.lit.routes[session.lit.index][0])
        session.light()


def step_pair(session: Session, by: int) -> None:
    session.column.step_pair(by)


def step_word(session: Session, by: int) -> None:
    session.column.step_word(by)


def show_backprop(session: Session) -> None:
    """Append the backward pass of the first output to the text; what is written there stays as it is."""
    program = session.program
    whole = backprop(program)
    lines = to_text(whole.instructions[len(program.instructions) :])
    source = session.state.source
    change = edits.set_source(session.state, f"{source.rstrip()}\n\n# backward pass of {program.outputs[0]}\n{lines}")
    drawn = sketch(parse_partial(change.source), session.view_state, dict(change.labels))
    places = session.plan.places
    untouched = places == layout(session.sketch)  # then both passes are laid out together
    room = layout(drawn) if untouched else room_for_backward(drawn, {**change.layout, **places})
    if any(room[id] != places.get(id) for id in pinned(session.state.marks) if id in room):
        room = {}  # no room is made where a pinned node is in the way
    change = replace(change, layout={**change.layout, **room}, description="Show the backward pass")
    session.commit(change, select=False)
    session.view.patch({"type": "fit"})


def save(session: Session) -> None:
    if session.path is not None:
        save_document(session.document, session.path)
        session.saved, session.base = f"Saved in {session.folder}", fingerprint(session.document)
    else:
        stem = session.name.removesuffix(".tpviz").removesuffix(".tp")
        send_file(session, f"{stem}.tpviz", "application/json", document_to_text(session.document).encode())
        session.name, session.saved = f"{stem}.tpviz", f"Downloaded as {stem}.tpviz"
    session.saved_at = time.time()
    session.history.mark_saved()
    session.show_bar()


def save_text(session: Session) -> None:
    stem = session.name.removesuffix(".tpviz").removesuffix(".tp")
    send_file(session, f"{stem}.tp", "text/plain", session.state.source.encode())


def export(session: Session, suffix: str) -> None:
    """The drawing as it is seen, with its highlights."""
    stem = session.name.removesuffix(".tpviz").removesuffix(".tp")
    made = figure_of(session.seen, "print" if session.monochrome else "colour", title=stem, document=session.document)
    send_file(session, f"{stem}.{suffix}", _MIME[suffix], made.to_bytes(f".{suffix}"))


def send_file(session: Session, name: str, mime: str, content: bytes) -> None:
    session.view.patch({"type": "download", "name": name, "mime": mime, "base64": base64.b64encode(content).decode()})
