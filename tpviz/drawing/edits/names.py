"""Words of a line with the part they play, and fresh names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain, count

from tpviz.language.expressions import is_dunder
from tpviz.language.scope import KEYWORDS, RESERVED

__all__ = ["NAME", "Word", "fresh", "is_name", "words"]

NAME = r"[^\W\d]\w*"
_TOKEN = re.compile(rf"(?P<skip>\d\w*\.?\w*|\.\s*\d\w*|\.\s*T\b)|(?P<word>{NAME})")
_DECLARED = re.compile(rf"^\s*(?P<keyword>{'|'.join(KEYWORDS)})\s+(?P<names>{NAME}(?:\s*,\s*{NAME})*)")
_ASSIGNED = re.compile(rf"^\s*(?P<names>{NAME})\s*=(?!=)")
_PARAMETERS = re.compile(rf"^\s*function\s+{NAME}\s*\(([^()]*)\)")
_SHAPE = re.compile(rf"^\s*(?:matrix|embedding)\s+{NAME}\s*:\s*{NAME}\s+(x)\s+{NAME}")

_SERIES: dict[str, tuple[tuple[str, ...], str, int]] = {  # first choices, then stem and first number
    "vector": (("x", "y", "z", "u", "w"), "x", 1),
    "scalar": (("theta",), "theta", 1),
    "input": (("xi",), "xi", 1),
    "nonlin": ((), "x", 1),
    "product": ((), "h", 1),
    "lincomb": (("g",), "g", 1),
    "moment": (("q", "r", "s"), "q", 1),
    "matrix": (("W",), "W", 2),
    "embedding": (("U",), "U", 2),
    "readout": (("v",), "v", 2),
    "function": (("phi", "psi"), "phi", 2),
    "output": (("f",), "f", 2),
}


@dataclass(frozen=True)
class Word:
    """A word at [start, end) of a line. `role`: keyword, define, read, bound (a function's parameter, or the x of a
    shape `m x n`), reserved, or other (the line cannot be read)."""

    text: str
    start: int
    end: int
    role: str


def words(code: str) -> Iterator[Word]:
    """The words of a line without its comment; numbers and the T of a transpose are none."""
    declared = _DECLARED.match(code)
    head = declared or _ASSIGNED.match(code)
    parameters: set[str] = set()
    header = (0, 0)
    if m := _PARAMETERS.match(code):
        parameters, header = set(re.findall(NAME, m[1])), m.span(1)
    shape = _SHAPE.match(code)
    for m in _TOKEN.finditer(code):
        if m["word"] is None:
            continue
        text, start, end = m["word"], m.start(), m.end()
        if head is None:
            role = "keyword" if text in KEYWORDS and not code[:start].strip() else "other"
        elif declared and start == declared.start("keyword"):
            role = "keyword"
        elif head.start("names") <= start < head.end("names"):
            role = "define"
        elif text in parameters or header[0] <= start < header[1] or (shape and start == shape.start(1)):
            role = "bound"
        else:
            role = "reserved" if text in RESERVED else "read"
        yield Word(text, start, end, role)


def is_name(name: str) -> bool:
    """A name that the language takes: an identifier without two underscores at an end that is not reserved."""
    return name.isidentifier() and not is_dunder(name) and name not in RESERVED and re.fullmatch(NAME, name) is not None


def fresh(series: str, taken: Collection[str]) -> str:
    """The next free name of the series, as the field writes them: h1, h2 for products, x1, x2 for Nonlins, W, W2, W3
    for matrices."""
    first, stem, start = _SERIES[series]
    if series == "lincomb" and any(re.fullmatch(r"g\d+", t) for t in taken):
        first = ()
    candidates = chain(first, (f"{stem}{k}" for k in count(start)))
    return next(c for c in candidates if c not in taken)
