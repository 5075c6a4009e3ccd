"""What the comparison does with the window's intent and with the actions of its table. Fields are checked already (`intents.read_intent`)."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..drawing import edits
from ..drawing.differences import side_by_side
from ..drawing.figure import figure_of
from ..language import DocumentError, InputError
from .compare_results import CompareResult
from .compare_window import lines_of
from .opening import read_text
from .results import number_text
from .versions import hold, is_tied, of_document, other_function, saved, step_back, tied_pair

if TYPE_CHECKING:
    from .session import Session

__all__ = [
    "COMPARE_HANDLERS",
    "compare_now",
    "compare_saved",
    "compare_step",
    "compare_tied",
    "export_drawings",
    "export_table",
    "untie",
]

_MIME = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}


def compare(
    session: Session,
    view: str | None = None,
    kind: str | None = None,
    chosen: tuple[str, ...] | None = None,
    vector: str | None = None,
    function: str | None = None,
    back: int | None = None,
    example: str | None = None,
    name: str | None = None,
    text: str | None = None,
) -> None:
    """The pane's settings, and the beginnings that need more than a key."""
    comparing = session.comparing
    if function is not None:
        comparing.start(other_function(session.parsed, session.subject(), function))
    elif back is not None:
        compare_step(session, back)
    elif example is not None:
        if example not in session.examples:
            raise DocumentError(f"There is no example {example[:40]!r}.")
        comparing.start(of_document(session.examples[example].document, session.examples[example].title))
    elif text is not None:
        shown = (name or "a file")[:80]
        comparing.start(of_document(read_text(shown, text), shown))
    else:
        if view is not None:
            comparing.set.view = view
        if kind is not None:
            comparing.set.kind = kind
        if chosen is not None:
            comparing.set.chosen = chosen or None
        if vector is not None:
            _look_at(session, vector)
        comparing.request()
        if view is not None or kind is not None:
            comparing.report()  # the pane turns at once


def _look_at(session: Session, vector: str) -> None:
    """Look at a vector, by its name in A; select it where the document draws it."""
    result = session.comparing.result
    version = session.comparing.version
    if result is None or version is None or vector not in result.twins:
        return
    mine = result.twins[vector] if version.first else vector
    session.column.set.looked_at = mine
    session.choose((mine,) if any(n.id == mine for n in session.scene.nodes) else ())
    session.put(selection=session.selection(), actions=session.actions(), text=session.text_pane(), inspector=session.inspector())  # fmt: skip
    session.column.request()


# the actions


def compare_now(session: Session) -> None:
    """Hold the document as it is; what is edited from here on is seen against it."""
    session.comparing.start(hold(session.state, "before"))


def compare_saved(session: Session) -> None:
    version = saved(session.history)
    if version is None:
        raise InputError("This document was never saved.", hint="Compare with now: press B, then edit.")
    session.comparing.start(version)


def compare_step(session: Session, back: int = 1) -> None:
    version = step_back(session.history, back)
    if version is None:
        raise InputError(f"The history has no step {back} back.", hint="Compare with now: press B, then edit.")
    session.comparing.start(version)


def compare_tied(session: Session, gia: bool = False) -> None:
    """The document against its untied variant: of the selected MatMul, else of every use."""
    subject = session.subject()
    product = subject if subject and is_tied(session.program, subject) else None
    session.comparing.start(tied_pair(session.state, None if gia else product, gia))


def untie(session: Session, product: bool = True, gia: bool = False) -> None:
    """The same as an edit of the document."""
    session.commit(edits.untie(session.state, session.subject() if product else None, gia), select=False)


# exports


def _result(session: Session) -> CompareResult:
    result = session.comparing.result
    if result is None or any(result.problems):
        raise InputError("There is nothing compared yet.", hint="Start a comparison: press B.")
    return result


def export_drawings(session: Session, suffix: str) -> None:
    """Both drawings beside each other, what was edited highlighted, the changed numbers under the vectors."""
    comparing, result = session.comparing, _result(session)
    both, version = comparing.versions(), comparing.version
    assert both is not None
    assert version is not None
    names = (version.name, version.document) if version.first else (version.document, version.name)
    titles = [rf"\mathrm{{{letter}}}\colon\;" + "".join(_title(part) for part in name) for letter, name in zip("AB", names, strict=True)]  # fmt: skip
    numbers: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for row in result.rows:
        if row.kind == "vector" and row.changes:
            for told, name, side in zip(numbers, (row.name, row.twins[0]), (row.first, row.second), strict=True):
                if side.value is not None:
                    told[name] = number_text(side.value, 4)
    scene = side_by_side([d.scene for d in both], titles, comparing.marks(), numbers)
    stem = session.name.removesuffix(".tpviz").removesuffix(".tp")
    made = figure_of(scene, title=f"{stem}, two versions", document=session.document)
    _download(session, f"{stem}-compared.{suffix}", _MIME[suffix], made.to_bytes(f".{suffix}"))


def _title(part: dict[str, str]) -> str:
    if "tex" in part:
        return part["tex"]
    words = "".join(c if c.isalnum() and c.isascii() else {" ": r"\ ", ",": ","}.get(c, r"\ " if c in "-_" else "") for c in part["text"])  # fmt: skip
    return rf"\mathrm{{{words}}}" if words else ""


def export_table(session: Session) -> None:
    """Every number of both versions as CSV, those that do not change too."""
    result = _result(session)
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(["quantity", "name", "partner", "A", "A error", "B", "B error", "difference", "changes"])
    for r in result.rows:
        quantity = {"vector": "E Z^2", "scalar": "limit", "pair": "E Z Z'"}[r.kind]
        a, b = r.first.value, r.second.value
        gap = "" if r.difference is None else repr(float(r.difference))
        sheet.writerow([quantity, r.name, r.partner, *_numbers(a), *_numbers(b), gap, "yes" if r.changes else "no"])
        if r.first.mean is not None or r.second.mean is not None:
            sheet.writerow(["E Z", r.name, "", *_numbers(r.first.mean), *_numbers(r.second.mean), "", ""])
        for vector in dict.fromkeys([*(r.first.zdot or {}), *(r.second.zdot or {})]):
            x, y = (r.first.zdot or {}).get(vector, 0.0), (r.second.zdot or {}).get(vector, 0.0)
            sheet.writerow(["Zdot coefficient", r.name, vector, repr(float(x)), "", repr(float(y)), "", repr(float(y - x)), ""])  # fmt: skip
    for line in lines_of(result, {}, {}):
        if line["id"] in ("nngp", "ntk") and line["numbers"]:
            x, y = line["numbers"]
            sheet.writerow([line["id"].upper(), "first input", "", repr(x), "", repr(y), "", repr(y - x), "yes"])
    stem = session.name.removesuffix(".tpviz").removesuffix(".tp")
    _download(session, f"{stem}-compared.csv", "text/csv", out.getvalue().encode())


def _numbers(e) -> list[str]:
    return ["", ""] if e is None else [repr(float(e.value)), repr(float(e.error))]


def _download(session: Session, name: str, mime: str, content: bytes) -> None:
    session.view.patch({"type": "download", "name": name, "mime": mime, "base64": base64.b64encode(content).decode()})


#: type of an intent -> its handler
COMPARE_HANDLERS: dict[str, Callable[..., Any]] = {"compare": compare}
