"""Messages from the browser, checked field by field. They are untrusted: what is not as the protocol says is refused whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from ..drawing.carry import MAX_FIGURE
from ..drawing.link import MAX_LINK
from . import compare_results
from .batches import KINDS, MAX_ROWS
from .lecture_handlers import OPS as LECTURE_OPS
from .network_results import VIEWS
from .versions import FUNCTIONS

__all__ = ["MAX_FILE", "MAX_TEXT", "TOOLS", "IntentError", "read_intent"]

MAX_TEXT = 1_000_000
MAX_FILE = 2_800_000  # characters of base64: 2 MB
MAX_RECORD = 3_000_000  # characters of a kept history
_MAX_ITEMS = 20_000
TOOLS = ("select", "vector", "scalar", "nonlin", "lincomb", "moment", "matmul", "wire", "input", "readout")
Check = Callable[[Any], Any]


class IntentError(ValueError):
    """The message is not one of the protocol's; the text says why."""


def _text(limit: int) -> Check:
    def check(v: Any) -> str:
        if not isinstance(v, str):
            raise IntentError(f"text expected, got {type(v).__name__}")
        if len(v) > limit:
            raise IntentError(f"the text has {len(v):,} characters, the limit is {limit:,}")
        return v

    return check


def _number(low: float = -1e7, high: float = 1e7) -> Check:
    def check(v: Any) -> float:
        if isinstance(v, bool) or not isinstance(v, int | float) or not math.isfinite(v) or not low <= v <= high:
            raise IntentError(f"a number between {low:g} and {high:g} expected")
        return float(v)

    return check


def _integer(low: int, high: int) -> Check:
    def check(v: Any) -> int:
        number = _number(low, high)(v)
        if number != int(number):
            raise IntentError("a whole number expected")
        return int(number)

    return check


def _one_of(*options: str) -> Check:
    def check(v: Any) -> str:
        if v not in options:
            raise IntentError(f"one of {', '.join(options)} expected")
        return v

    return check


def _flag(v: Any) -> bool:
    if not isinstance(v, bool):
        raise IntentError("true or false expected")
    return v


def _names(v: Any) -> tuple[str, ...]:
    if not isinstance(v, list | tuple) or len(v) > _MAX_ITEMS:
        raise IntentError("a list of names expected")
    return tuple(_text(200)(x) for x in v)


def _positions(v: Any) -> dict[str, tuple[float, float]]:
    if not isinstance(v, Mapping) or len(v) > _MAX_ITEMS:
        raise IntentError("positions by node expected")
    out = {}
    for key, pair in v.items():
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise IntentError("a position is [x, y]")
        out[_text(200)(key)] = (_number(-1e6, 1e6)(pair[0]), _number(-1e6, 1e6)(pair[1]))
    return out


def _value(v: Any) -> str:
    """A field's value: text or a number, as text."""
    if isinstance(v, bool) or not isinstance(v, str | int | float):
        raise IntentError("text or a number expected")
    return _text(10_000)(v if isinstance(v, str) else f"{_number(-1e300, 1e300)(v):.12g}")


def _labels(v: Any) -> dict[str, str]:
    if not isinstance(v, Mapping) or len(v) > _MAX_ITEMS:
        raise IntentError("labels by name expected")
    out = {_text(200)(key): _text(200)(label) for key, label in v.items()}
    if not all(label.isprintable() for label in out.values()):
        raise IntentError("a label is one line")
    return out


def _box(v: Any) -> tuple[float, float, float, float]:
    if not isinstance(v, list | tuple) or len(v) != 4:
        raise IntentError("left, top, right and bottom expected")
    left, top, right, bottom = map(_number(), v)
    return left, top, right, bottom


def _record(v: Any) -> Mapping[str, Any]:
    """What the browser kept: looked at field by field by `keeping`, its size here."""
    if not isinstance(v, Mapping) or len(v) > 100:
        raise IntentError("a record expected")
    steps = v.get("steps", {})
    if not isinstance(steps, Mapping) or len(steps) > _MAX_ITEMS:
        raise IntentError("a table of steps expected")
    size = sum(len(s) for s in steps.values() if isinstance(s, str))
    if size > MAX_RECORD:
        raise IntentError(f"the history has {size:,} characters, the limit is {MAX_RECORD:,}")
    return v


_ID, _SPOT, _COUNT = _text(200), _number(-1e6, 1e6), _integer(0, 2**53)
#: type -> (required fields, optional fields)
_PROTOCOL: dict[str, tuple[dict[str, Check], dict[str, Check]]] = {
    "action": ({"name": _text(60)}, {}),
    "place": ({"tool": _one_of(*TOOLS), "x": _SPOT, "y": _SPOT}, {}),
    "connect": (
        {"tool": _one_of(*TOOLS), "source": _ID},
        {"target": _ID, "slot": _integer(0, 10_000), "x": _SPOT, "y": _SPOT},
    ),
    "move": ({"positions": _positions}, {}),
    "select": ({"nodes": _names, "edges": _names}, {"stamp": _integer(0, 2**53)}),
    "pick": ({"id": _ID}, {"slot": _integer(0, 10_000)}),
    "edit": ({"key": _text(300), "field": _text(60), "value": _value}, {"drag": _COUNT}),
    "text": ({"source": _text(MAX_TEXT)}, {"stamp": _COUNT, "base": _COUNT, "drag": _COUNT}),
    "fix": ({"index": _integer(0, 100_000)}, {"message": _text(10_000)}),
    "open": ({"name": _text(500), "text": _text(MAX_TEXT)}, {}),
    "open-file": ({"name": _text(500), "base64": _text(MAX_FIGURE * 4 // 3 + 4)}, {}),
    "link": ({"text": _text(MAX_LINK + 2_000)}, {}),
    "example": ({"id": _text(100)}, {}),
    "export": ({"format": _one_of("svg", "pdf", "png", "tex")}, {}),
    "tab": ({"tab": _one_of("kernel", "distribution", "paths", "compare")}, {}),
    "pin": ({"on": _flag}, {}),
    "theme": ({"theme": _one_of("light", "dark", "projector")}, {}),
    "look": ({"monochrome": _flag, "scale": _number(0.5, 2)}, {}),
    "kernel": (
        {},
        {
            "mode": _one_of("second_moment", "covariance", "correlation"),
            "chosen": _names,
            "kind": _one_of("vectors", "network"),
        },
    ),
    "network": ({"view": _one_of(*VIEWS)}, {}),
    "batch": (
        {},
        {
            "kind": _one_of(*KINDS),
            "count": _integer(1, MAX_ROWS),
            "seed": _integer(0, 2**31 - 1),
            "angle": _number(0, 180),
            "dimension": _integer(1, 10_000),
            "text": _text(MAX_TEXT),
        },
    ),
    "batch-file": ({"name": _text(500), "base64": _text(MAX_FILE)}, {}),
    "paths": (
        {},
        {"word": _names, "partner": _names, "pair": _integer(-(10**7), 10**7), "angle": _number(0, 180)},
    ),
    "compare": (
        {},
        {
            "view": _one_of(*compare_results.VIEWS),
            "kind": _one_of(*compare_results.KINDS),
            "chosen": _names,
            "vector": _ID,
            "function": _one_of(*FUNCTIONS),
            "back": _integer(1, 1000),
            "example": _text(100),
            "name": _text(500),
            "text": _text(MAX_TEXT),
        },
    ),
    "distribution": ({"vector": _ID}, {}),
    "width": ({"log10": _number(2, 6)}, {}),
    "seed": ({"seed": _integer(0, 2**31 - 1)}, {}),
    "room": ({"width": _integer(0, 100_000), "height": _integer(0, 100_000), "column": _integer(0, 100_000)}, {}),
    "restore": ({}, {"record": _record, "own": _flag}),
    "viewport": ({"x": _number(), "y": _number(), "zoom": _number(0.05, 10)}, {}),
    "travel": ({"by": _integer(-10_000, 10_000)}, {}),
    "recover": ({"key": _text(64)}, {}),
    "discard": ({"key": _text(64)}, {}),
    "snapshot-open": ({"name": _text(200), "document": _record}, {}),
    "snapshot-compare": ({"name": _text(200), "document": _record}, {}),
    "paste": (
        {"text": _text(MAX_TEXT)},
        {"layout": _positions, "labels": _labels, "view": _box, "untied": _flag},
    ),
    "lecture": (
        {"op": _one_of(*LECTURE_OPS)},
        {
            "step": _ID,
            "name": _text(1000),
            "note": _text(5000),
            "style": _integer(1, 4),
            "nodes": _names,
            "edges": _names,
            "by": _integer(-1, 1),
        },
    ),
    "cancel": ({}, {}),
    "mode-cancel": ({}, {}),
}


def read_intent(message: Any) -> dict[str, Any]:
    """The message with its fields checked. Unknown types and fields, missing fields and wrong values raise `IntentError`."""
    if not isinstance(message, Mapping):
        raise IntentError("a message is an object")
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _PROTOCOL:
        raise IntentError(f"unknown message {str(kind)[:60]!r}")
    required, optional = _PROTOCOL[kind]
    out: dict[str, Any] = {"type": kind}
    for field, value in message.items():
        if field == "type" or (value is None and field in optional):
            continue
        check = required.get(field) or optional.get(field)
        if check is None:
            raise IntentError(f"{kind}: unknown field {str(field)[:60]!r}")
        try:
            out[field] = check(value)
        except IntentError as error:
            raise IntentError(f"{kind}.{field}: {error}") from None
    for field in required:
        if field not in out:
            raise IntentError(f"{kind}: {field} is missing")
    return out
