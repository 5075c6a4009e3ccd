"""What a speaker sets for the steps of a lecture, as it stands in the marks of a document.

The key is `step:<id>`. A line of the program is a step of its own, `line:<name>`; the speaker's own steps are
`own:<number>`. The value is an object whose fields may be left out:

    name        the step's title                       note     a line or two under the formula
    highlight   {"1": {"nodes": [..], "edges": [..]}}, styles 1 to 4
    hidden      of a line: its nodes appear with the next step that is shown
    after       of an own step: the name of the line it stands behind, "" for the start;  order: among those there
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .scene import Group

__all__ = ["PREFIX", "StepMark", "check_mark", "key_of", "marks_of", "own_ids", "read_mark", "renamed"]

PREFIX = "step:"
MAX_NAME, MAX_NOTE, MAX_IDS = 120, 600, 5_000
STYLES = ("1", "2", "3", "4")


@dataclass(frozen=True)
class StepMark:
    """The settings of one step; `highlight[k]` is what style k + 1 covers."""

    name: str = ""
    note: str = ""
    highlight: tuple[Group, ...] = ()
    hidden: bool = False
    after: str = ""
    order: float = 0

    def to_json(self) -> dict[str, Any]:
        """The value of the mark, without what is as usual."""
        lit = {
            str(k): {"nodes": list(g.nodes), "edges": list(g.edges)}
            for k, g in enumerate(self.highlight, 1)
            if g.nodes or g.edges
        }
        fields = {
            "name": self.name,
            "note": self.note,
            "highlight": lit,
            "hidden": self.hidden,
            "after": self.after,
            "order": self.order,
        }
        return {k: v for k, v in fields.items() if v}


def key_of(id: str) -> str:
    return PREFIX + id


def own_ids(marks: Mapping[str, Any]) -> list[str]:
    """The ids of the speaker's own steps."""
    return [k[len(PREFIX) :] for k in marks if k.startswith(f"{PREFIX}own:")]


def marks_of(marks: Mapping[str, Any]) -> dict[str, StepMark]:
    """The settings of every step that has some, by id; what cannot be read is left out."""
    out = {}
    for key, value in marks.items():
        if key.startswith(PREFIX) and check_mark(key, value) is None:
            out[key[len(PREFIX) :]] = read_mark(value)
    return out


def read_mark(value: Mapping[str, Any]) -> StepMark:
    """The settings in a mark that was checked."""
    lit = value.get("highlight", {})
    groups = [Group(tuple(lit.get(s, {}).get("nodes", ())), tuple(lit.get(s, {}).get("edges", ()))) for s in STYLES]
    while groups and not (groups[-1].nodes or groups[-1].edges):
        groups.pop()
    return StepMark(
        value.get("name", ""),
        value.get("note", ""),
        tuple(groups),
        value.get("hidden", False),
        value.get("after", ""),
        value.get("order", 0),
    )


def check_mark(key: str, value: object) -> str | None:
    """Why the value of a `step:` mark cannot be read, or None."""
    kind, _, rest = key[len(PREFIX) :].partition(":")
    if kind not in ("line", "own") or not rest:
        return "its key is neither step:line:<name> nor step:own:<number>"
    if not isinstance(value, Mapping):
        return "an object is needed"
    for name in value:
        if name not in _FIELDS:
            return f"it has an unknown field {str(name)[:30]!r}"
        problem = _FIELDS[name](value[name])
        if problem:
            return f"its field {name} {problem}"
    return None


def _text(limit: int) -> Callable[[Any], str | None]:
    def check(v: Any) -> str | None:
        if not isinstance(v, str) or len(v) > limit or any(not c.isprintable() and c != "\n" for c in v):
            return f"must be text of at most {limit} characters"
        return None

    return check


def _flag(v: Any) -> str | None:
    return None if isinstance(v, bool) else "must be true or false"


def _number(v: Any) -> str | None:
    fine = isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) and abs(v) < 1e9
    return None if fine else "must be a number"


def _highlight(v: Any) -> str | None:
    if not isinstance(v, Mapping) or any(s not in STYLES for s in v):
        return "must be an object whose keys are the styles 1 to 4"
    for group in v.values():
        if not isinstance(group, Mapping) or any(part not in ("nodes", "edges") for part in group):
            return "must hold nodes and edges for each style"
        for ids in group.values():
            if not isinstance(ids, list | tuple) or len(ids) > MAX_IDS:
                return f"must hold lists of at most {MAX_IDS:,} ids"
            if any(not isinstance(i, str) or len(i) > 300 or not i.isprintable() for i in ids):
                return "must hold ids of nodes and edges"
    return None


_FIELDS: dict[str, Callable[[Any], str | None]] = {
    "name": _text(MAX_NAME),
    "note": _text(MAX_NOTE),
    "highlight": _highlight,
    "hidden": _flag,
    "after": _text(300),
    "order": _number,
}


def renamed(marks: Mapping[str, Any], name: str, new: str) -> dict[str, Any]:
    """The marks after `name` of the program has become `new`: steps and what they light go with it."""
    out = {}
    for key, value in marks.items():
        if key.startswith(PREFIX) and check_mark(key, value) is None:
            if key == f"{PREFIX}line:{name}":
                key = f"{PREFIX}line:{new}"
            value = {**value, **({"after": new} if value.get("after") == name else {})}
            if "highlight" in value:
                value["highlight"] = {
                    style: {part: [_id(i, name, new) for i in ids] for part, ids in group.items()}
                    for style, group in value["highlight"].items()
                }
        out[key] = value
    return out


def _id(id: str, name: str, new: str) -> str:
    """A node's or an edge's id with one name replaced."""
    if ">" in id:
        source, _, rest = id.partition(">")
        target, colon, slot = rest.rpartition(":")
        return f"{_id(source, name, new)}>{_id(target, name, new)}{colon}{slot}"
    head, colon, rest = id.partition(":")
    if colon and head in ("gate", "ghost"):
        return f"{head}:{_id(rest, name, new)}" if head == "gate" else f"ghost:{_ghost(rest, name, new)}"
    return new if id == name else id


def _ghost(rest: str, name: str, new: str) -> str:
    base, colon, k = rest.partition(":")
    return f"{new if base == name else base}{colon}{k}"
