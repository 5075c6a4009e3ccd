"""Pasting program text into a program. New lines get names that are free; what both programs declare alike is shared, so a pasted product
uses the matrix that is there (tied) unless new matrices are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NoReturn

from tpviz.language.parser import MAX_LINES, MAX_TEXT, parse_partial

from .copying import OUTSIDE, Clip, copy
from .declare import declare
from .lines import Line, Sheet
from .names import is_name
from .places import NEAR, ROW, Position, rounded
from .state import Change, State, base_name, finish, nodes_of, refuse

__all__ = ["duplicate", "paste"]

_SHARED = ("matrix", "embedding", "function", "constant", "width", "readout", "bias")
_WEIGHTS = ("matrix", "embedding")
Box = tuple[float, float, float, float]


def paste(state: State, clip: Clip, view: Box | None = None, untied: bool = False, verb: str = "Paste") -> Change:
    """The document with the clip's lines added, its new nodes selected.

    A name that is taken becomes the next free one of its kind (h1, h2, …). A declaration that is here already, letter by letter, is shared;
    with `untied` matrices and embeddings never are. A line marked `OUTSIDE` is left out where its name is of the same kind and class here.
    Positions are kept, moved into `view` (left, top, right, bottom) if they are out of it, and down until nothing is near.

    Raises `EditError` when the text is not program text, or adds nothing.
    """
    lines = _read(clip.text)
    sheet = Sheet.of(state.source)
    names, kept = _names(sheet, lines, untied)
    for line in kept:
        code = line.with_words(names, ("read", "define", "other")).text
        code = code.replace(OUTSIDE, "").rstrip()
        sheet = declare(sheet, code) if line.keyword and line.keyword != "output" else sheet.append(code)
    new = [names.get(n, n) for line in kept for n in line.defines]
    if not new:
        refuse("empty", "All of what was copied is here already.", "Copy vectors, gates or outputs too.")
    there = nodes_of(sheet)
    layout = _placed(
        state.layout,
        {_renamed(id, names): at for id, at in clip.layout.items() if base_name(id) in _defined(kept)},
        view,
    )
    labels = {names.get(n, n): tex for n, tex in clip.labels.items() if n in _defined(kept)}
    selection = [id for n in new for id in (f"gate:{n}", n) if id in there]
    what = [n for n in new if n in there] or new
    shown = ", ".join(what[:3]) + (f" and {len(what) - 3} more" if len(what) > 3 else "")
    return finish(state, sheet, f"{verb} {shown}", selection, {**state.layout, **layout}, {**state.labels, **labels})


def duplicate(state: State, nodes: Iterable[str], edges: Iterable[str] = ()) -> Change:
    """The selected part a second time, reading the same and tied to the same matrices."""
    clip = copy(state, nodes, edges)
    if not clip.text:
        refuse("empty", "Nothing is selected.", "Select nodes first.")
    return paste(state, clip, verb="Duplicate")


def _defined(lines: Iterable[Line]) -> set[str]:
    return {n for line in lines for n in line.defines}


def _read(text: str) -> list[Line]:
    """The lines of program text that was copied; whole-line comments stay, blank lines do not."""
    if not isinstance(text, str) or len(text) > MAX_TEXT or len(text.splitlines()) > MAX_LINES:
        refuse(
            "too-large",
            "What was copied is too large for a program.",
            f"The limits are {MAX_TEXT:,} characters and {MAX_LINES:,} lines.",
        )
    lines = [Line(row.strip()) for row in text.splitlines()]
    if not any(line.defines for line in lines):
        refuse("syntax", "The clipboard holds no program text.", "Copy nodes of a drawing, or lines such as h = W @ x.")
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if line.code.strip() and not line.defines:
            _refuse_line(number, line)
        for name in line.defines:
            if name in seen or not is_name(name):
                refuse("duplicate" if name in seen else "name", f"What was copied defines {name[:60]} twice." if name in seen else f"{name[:60]!r} cannot be a name.",
                       "Paste it into the text pane, and edit it there.", (name[:60],))  # fmt: skip
            seen.add(name)
    for d in parse_partial("\n".join(line.text for line in lines)).diagnostics:
        line = lines[(d.line or 1) - 1]
        if d.code == "syntax" and "?" not in line.code and "@" not in line.code:
            _refuse_line(d.line or 1, line)
    return [line for line in lines if line.text]


def _refuse_line(number: int, line: Line) -> NoReturn:
    shown = line.text if len(line.text) <= 60 else line.text[:57] + "…"
    refuse(
        "syntax",
        f"Line {number} of what was copied is not program text: {shown}",
        "Paste it into the text pane, and edit it there.",
    )


def _names(sheet: Sheet, lines: list[Line], untied: bool) -> tuple[dict[str, str], list[Line]]:
    """New names for those that are taken, and the lines that are added."""
    names: dict[str, str] = {}
    taken = sheet.taken | {w.text for line in lines for w in line.words}
    kept: list[Line] = []
    comments: list[Line] = []
    for line in lines:
        if not line.defines:
            comments.append(line)
            continue
        if (
            line.keyword in _SHARED and not (untied and line.keyword in _WEIGHTS) and _is_there(sheet, line, names)
        ) or (OUTSIDE in line.text and _is_bound(sheet, line, names)):
            comments = []  # what stands above it explains it
            continue
        for name in line.defines:
            if name in sheet.taken:
                names[name] = _another(name, taken)
                taken.add(names[name])
        kept += [*comments, line]
        comments = []
    return names, [*kept, *comments]


def _is_there(sheet: Sheet, line: Line, names: Mapping[str, str]) -> bool:
    """The program declares the same by the same name."""
    mine = sheet.line(line.defines[0])
    renamed = line.with_words(dict(names), ("read",))
    return mine is not None and _plain(mine.code) == _plain(renamed.code)


def _plain(code: str) -> str:
    """The code without spaces that mean nothing."""
    return re.sub(r"(?<!\w) | (?!\w)", "", " ".join(code.split()))


def _is_bound(sheet: Sheet, line: Line, names: Mapping[str, str]) -> bool:
    """Every name that the line stands for is of the same kind and class here."""
    alone = Sheet((line.with_words(dict(names), ("read",)),))

    def same(name: str) -> bool:
        vectors = ("vector", "readout")
        kinds = sheet.kind(name), alone.kind(name)
        return (kinds[0] == kinds[1] or set(kinds) <= set(vectors)) and (
            kinds[1] not in vectors or sheet.class_of(name) in (None, alone.width(name))
        )

    return all(name in sheet.where and same(name) for name in line.defines)


def _another(name: str, taken: set[str]) -> str:
    """The next free name of the same kind: h1 → h2, W → W2."""
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    if len(digits) > 6:
        stem, digits = f"{name}_", ""
    number = int(digits or 1) + 1
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"


def _renamed(node: str, names: Mapping[str, str]) -> str:
    """The id of the node that the copied one becomes."""
    base = base_name(node)
    new = names.get(base, base)
    if node.startswith("ghost:"):
        return f"ghost:{new}:{node.rpartition(':')[2]}"
    return f"gate:{new}" if node.startswith("gate:") else new


def _placed(old: Mapping[str, Position], new: Mapping[str, Position], view: Box | None) -> dict[str, Position]:
    """The new positions, together in view and clear of the old ones."""
    if not new:
        return {}
    xs, ys = [x for x, _ in new.values()], [y for _, y in new.values()]
    dx = dy = 0.0
    if view is not None:
        left, top, right, bottom = view
        if min(xs) < left or max(xs) > right or min(ys) < top or max(ys) > bottom:
            dx, dy = (left + right - min(xs) - max(xs)) / 2, (top + bottom - min(ys) - max(ys)) / 2
    cells: dict[tuple[int, int], list[Position]] = {}
    for x, y in old.values():
        cells.setdefault((int(x // NEAR), int(y // NEAR)), []).append((x, y))

    def free(x: float, y: float) -> bool:
        i, j = int(x // NEAR), int(y // NEAR)
        around = (p for a in (i - 1, i, i + 1) for b in (j - 1, j, j + 1) for p in cells.get((a, b), ()))
        return all((x - a) ** 2 + (y - b) ** 2 >= NEAR**2 for a, b in around)

    while not all(free(x + dx, y + dy) for x, y in new.values()):
        dy += ROW
    return {id: rounded((x + dx, y + dy)) for id, (x, y) in new.items()}
