"""Steps of the history as JSON, and back. What comes back is untrusted: each field is checked, and each step must fit the state that it
leads from."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..drawing.edits import State
from .history import Delta, Splice, Step
from .intents import MAX_TEXT

__all__ = ["Chain", "is_viewport", "step_from_json", "step_to_json"]

_MOST_ENTRIES = 20_000
_FAR = 1e6
_DEEP = 12
_LONG = 300
Context = tuple[str, Path | None, dict[str, Any], dict[str, Any]]  # name, file, view and further fields of a document


class _WrongError(ValueError):
    """A field of a step is not what it should be."""


class Chain:
    """Steps that fit: each leads back (side 0) or on (side 1) from where the one before it led to."""

    def __init__(self, state: State, side: int):
        self.steps: list[Step] = []
        self._state, self._side = state, side

    def add(self, step: Step) -> bool:
        """Whether the step fits; only then it is one of the chain."""
        change = step.delta
        if change.source is not None and not change.source.fits(self._state.source, self._side):
            return False
        state = change.revert(self._state) if self._side == 0 else change.apply(self._state)
        if len(state.source) > MAX_TEXT or max(len(state.layout), len(state.labels), len(state.marks)) > _MOST_ENTRIES:
            return False
        self.steps.append(step)
        self._state = state
        return True


def step_to_json(step: Step, home: Path | None) -> str:
    """The step as one JSON text. Documents are on the session's own file (`home`) or on none."""
    d = step.delta
    fields: dict[str, Any] = {"d": step.description, "b": step.before, "a": step.after}
    if d.source is not None:
        fields["s"] = (d.source.at, d.source.old, d.source.new)
    for key, table in (("l", d.layout), ("t", d.labels), ("m", d.marks)):
        if table:
            fields[key] = table
    if step.viewport is not None:
        fields["v"] = [round(v, 3) for v in step.viewport]
    if step.context is not None:
        fields["c"] = [{"name": name, "on_file": path is not None and path == home, "view": view, "extra": extra}
                       for name, path, view, extra in step.context]  # fmt: skip
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def step_from_json(text: Any, home: Path | None) -> Step | None:
    """The step in a JSON text, None where it is not one."""
    if not isinstance(text, str):
        return None
    try:
        fields = json.loads(text)
        if not isinstance(fields, dict):
            return None
        viewport = fields.get("v")
        if viewport is not None and not is_viewport(viewport):
            return None
        return Step(
            Delta(_splice(fields.get("s")), _table(fields.get("l"), _position), _table(fields.get("t"), _label),
                  _table(fields.get("m"), _value)),
            _words(fields.get("d")),
            _ids(fields.get("b")),
            _ids(fields.get("a")),
            None,
            -math.inf,
            _context(fields.get("c"), home),
            None if viewport is None else tuple(map(float, viewport)),  # type: ignore[arg-type]
        )  # fmt: skip
    except (_WrongError, ValueError, RecursionError, OverflowError):
        return None


def is_viewport(value: Any) -> bool:
    """x, y and zoom of a canvas."""
    return (
        isinstance(value, list | tuple) and len(value) == 3 and all(map(_is_number, value)) and 0.05 <= value[2] <= 10
    )


def _is_number(v: Any) -> bool:
    return isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) and abs(v) <= 1e7


def _need(condition: bool) -> None:
    if not condition:
        raise _WrongError


def _splice(value: Any) -> Splice | None:
    if value is None:
        return None
    _need(isinstance(value, list) and len(value) == 3)
    at, old, new = value
    _need(isinstance(at, int) and not isinstance(at, bool) and 0 <= at <= MAX_TEXT)
    _need(isinstance(old, str) and isinstance(new, str) and "\x00" not in old + new)
    return Splice(at, old, new)


def _table(value: Any, check: Callable[[Any], Any]) -> dict[str, tuple[Any, Any]]:
    """Old and new of each entry; None stands for absent."""
    if value is None:
        return {}
    _need(isinstance(value, dict) and len(value) <= _MOST_ENTRIES)
    out = {}
    for key, pair in value.items():
        _need(len(key) <= _LONG and key.isprintable() and isinstance(pair, list) and len(pair) == 2)
        old, new = (None if v is None else check(v) for v in pair)
        out[key] = (old, new)
    return out


def _position(value: Any) -> tuple[float, float]:
    _need(isinstance(value, list) and len(value) == 2 and all(_is_number(v) and abs(v) <= _FAR for v in value))
    return (value[0], value[1])


def _label(value: Any) -> str:
    _need(isinstance(value, str) and len(value) <= 200 and value.isprintable())
    return value


def _value(value: Any, depth: int = 0) -> Any:
    """A value of JSON, not too deep."""
    _need(depth < _DEEP)
    if isinstance(value, list):
        return [_value(v, depth + 1) for v in value]
    if isinstance(value, dict):
        return {k: _value(v, depth + 1) for k, v in value.items()}
    _need(not isinstance(value, float) or math.isfinite(value))
    return value


def _words(value: Any) -> str:
    _need(isinstance(value, str) and len(value) <= _LONG and value.isprintable())
    return value


def _ids(value: Any) -> tuple[str, ...]:
    _need(
        isinstance(value, list)
        and len(value) <= _MOST_ENTRIES
        and all(isinstance(v, str) and len(v) <= _LONG for v in value)
    )
    return tuple(value)


def _context(value: Any, home: Path | None) -> tuple[Context, Context] | None:
    if value is None:
        return None
    _need(isinstance(value, list) and len(value) == 2)
    old, new = (_document(v, home) for v in value)
    return old, new


def _document(value: Any, home: Path | None) -> Context:
    """What is exchanged with another document: its name, file, view and further fields. Its file can only be the session's own."""
    _need(isinstance(value, Mapping))
    view, extra = value.get("view"), value.get("extra")
    _need(isinstance(view, dict) and isinstance(view.get("inputs", False), bool) and isinstance(extra, dict))
    return _words(value.get("name")), home if value.get("on_file") is True else None, _value(view), _value(extra)
