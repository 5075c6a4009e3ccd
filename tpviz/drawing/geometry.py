"""Shapes, ports, routes and heads in world units, a node's centre at its origin; y points down.

The same rules as assets/canvas/src/geometry.js, which a test holds together with this file. A path is an SVG `d`
string, rounded to 2 decimals; `resolve` turns it into absolute M, L, C and Z for matplotlib and TikZ. Numbers: 1 unit
is 1 px at 100 % on the screen and 0.5 pt in an exported figure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

__all__ = [
    "GATES",
    "MOMENT_BAR",
    "OUTPUT_INNER",
    "RADIUS",
    "Command",
    "Drawn",
    "Route",
    "anchors",
    "arrow",
    "box",
    "coefficient_at",
    "half_height",
    "in_x",
    "is_gate",
    "label_at",
    "number",
    "out_x",
    "port_y",
    "resolve",
    "route",
    "sample",
    "shape_path",
]

RADIUS = 18
GAP = 1.5  # from the end of a line to the shape; the head's tip ends 0.5 before it
CORNER = 10
GATES = frozenset({"gate", "lincomb", "moment"})

_CIRCLE = "M18 0A18 18 0 1 1-18 0A18 18 0 1 1 18 0Z"
_SQUARE = "M-16-16H16V16H-16Z"
_PILL = "M-10-12H10A12 12 0 0 1 10 12H-10A12 12 0 0 1-10-12Z"
MOMENT_BAR = "M22-18V18"
OUTPUT_INNER = "M-12.5-12.5H12.5V12.5H-12.5Z"


class Drawn(Protocol):
    """What the geometry needs to know of a node."""

    @property
    def kind(self) -> str: ...
    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def label(self) -> str: ...
    @property
    def grow(self) -> int: ...
    @property
    def ports(self) -> int: ...


def number(value: float) -> str:
    """At most 2 decimals, written as JavaScript writes `Math.round(value*100)/100`."""
    rounded = math.floor(value * 100 + 0.5) / 100
    return str(int(rounded)) if rounded == int(rounded) else repr(rounded)


# nodes


def is_gate(kind: str) -> bool:
    return kind in GATES


def shape_path(kind: str, grow: int = 0) -> str:
    """Outline of a node; a gate's flat side moves left by `grow`."""
    if is_gate(kind):
        return f"M{number(-16 - grow)}-18H0A18 18 0 0 1 0 18H{number(-16 - grow)}Z"
    if kind in ("scalar", "output"):
        return _SQUARE
    return _PILL if kind == "input" else _CIRCLE


def out_x(kind: str) -> float:
    """Where edges leave, to the right of the centre."""
    if kind == "moment":
        return 24
    if kind in ("scalar", "output"):
        return 16
    return 22 if kind == "input" else 18


def in_x(kind: str, grow: int = 0) -> float:
    """Where edges arrive, to the left of the centre."""
    if is_gate(kind):
        return -16 - grow
    if kind in ("scalar", "output"):
        return -16
    return -22 if kind == "input" else -18


def half_height(kind: str) -> float:
    if kind in ("scalar", "output"):
        return 16
    return 12 if kind == "input" else 18


def port_y(kind: str, ports: int, slot: int) -> float:
    """Height of port `slot` (0-based) of a gate with `ports` inputs; 0 for every other node."""
    return -18 + 36 * (slot + 1) / (ports + 1) if is_gate(kind) and ports > 0 else 0


def label_at(node: Drawn, highlighted: bool = False) -> tuple[float, float]:
    """Centre of the label relative to the node."""
    y = {"below": 39 if highlighted else 33, "above": -33}.get(node.label, 0)
    return (-1.5 if is_gate(node.kind) else 0) - node.grow / 2, y


def anchors(node: Drawn) -> list[tuple[float, float]]:
    """Where edges attach."""
    out, h = (out_x(node.kind), 0.0), half_height(node.kind)
    if node.kind in ("initial", "input"):
        return [out]
    if node.kind == "output":
        return [(in_x(node.kind), 0)]
    if is_gate(node.kind):
        ports = max(1, node.ports)
        return [*((in_x(node.kind, node.grow), port_y(node.kind, ports, s)) for s in range(ports)), out]
    return [(in_x(node.kind), 0), out, (0, -h), (0, h)]


def box(node: Drawn, margin: float = 0) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a node's shape."""
    h = half_height(node.kind) + margin
    return (node.x + in_x(node.kind, node.grow) - margin, node.y - h, node.x + out_x(node.kind) + margin, node.y + h)


# edges


@dataclass(frozen=True)
class Route:
    """An edge's path: its `d`, the tip of its head, the head's direction, and the middle, over which its label
    stands.
    """

    d: str
    tip: tuple[float, float]
    direction: tuple[float, float]
    middle: tuple[float, float]


def route(a: Drawn, b: Drawn, kind: str = "direct", rail: float = 0, back: float = 22, slot: int = 0) -> Route:
    """The path of an edge from `a` to port `slot` of `b`.

    "direct": straight on one row, else one cubic. "up": out of the top to a rail at height `rail`, which ends at b.
    "under", "over": out of the bottom (top), along the rail, up or down `back` before b, into the port.
    """
    x2, y2 = b.x + in_x(b.kind, b.grow), b.y + port_y(b.kind, b.ports, slot)
    end = number(x2 - GAP)
    if kind == "up":
        x1, y1 = a.x, a.y - half_height(a.kind)
        d = f"M{_p(x1, y1)}V{number(rail + CORNER)}Q{_p(x1, rail)} {_p(x1 + CORNER, rail)}H{end}"
        return Route(d, (x2 - GAP + 1, rail), (1, 0), ((x1 + x2) / 2, rail))
    if kind in ("under", "over"):
        s = 1 if kind == "under" else -1
        side = (rail > y2) - (rail < y2)
        x1, y1, rise = a.x, a.y + s * half_height(a.kind), x2 - back
        d = (
            f"M{_p(x1, y1)}V{number(rail - s * CORNER)}Q{_p(x1, rail)} {_p(x1 + CORNER, rail)}"
            f"H{number(rise - CORNER)}Q{_p(rise, rail)} {_p(rise, rail - side * CORNER)}"
            f"V{number(y2 + side * 8)}Q{_p(rise, y2)} {_p(rise + 8, y2)}H{end}"
        )
        return Route(d, (x2 - GAP + 1, y2), (1, 0), ((x1 + x2) / 2, rail))
    x1, y1 = a.x + out_x(a.kind), a.y
    tip, distance = (x2 - GAP + 1, y2), abs(y1 - y2)
    if distance <= 0.1:
        return Route(f"M{_p(x1, y1)}H{end}", tip, (1, 0), ((x1 + x2) / 2, y1))
    reach = (x2 - x1) / 2.2 if distance < 7 else max(18, (x2 - x1) * 0.52)
    d = f"M{_p(x1, y1)}C{_p(x1 + reach, y1)} {_p(x2 - reach, y2)} {end} {number(y2)}"
    return Route(d, tip, (1, 0), ((x1 + x2) / 2, y1 if distance < 7 else (y1 + y2) / 2))


def arrow(tip: tuple[float, float], direction: tuple[float, float] = (1, 0), highlighted: bool = False) -> str:
    """A filled, notched head with its tip at `tip`."""
    length, half = (10, 4.2) if highlighted else (8, 3.2)
    (x, y), (dx, dy), notch = tip, direction, 0.78 * length
    return (
        f"M{_p(x, y)}L{_p(x - length * dx - half * dy, y - length * dy + half * dx)}"
        f"L{_p(x - notch * dx, y - notch * dy)}L{_p(x - length * dx + half * dy, y - length * dy - half * dx)}Z"
    )


def coefficient_at(b: Drawn, slot: int) -> tuple[float, float]:
    """Where the coefficient of a LinComb port stands."""
    y = port_y(b.kind, b.ports, slot)
    return b.x + in_x(b.kind, b.grow) - 15, b.y + y + (9.5 if y > 0 else -6.5)


def _p(x: float, y: float) -> str:
    return f"{number(x)} {number(y)}"


# paths as points

Command = tuple[str, tuple[tuple[float, float], ...]]  # ("M", (p,)), ("L", (p,)), ("C", (p1, p2, p3)), ("Z", ())
_TOKENS = re.compile(r"[MLHVQCAZ]|-?(?:\d+\.?\d*|\.\d+)")
_NUMBERS = {"M": 2, "L": 2, "H": 1, "V": 1, "Q": 4, "C": 6, "A": 7, "Z": 0}


def resolve(d: str, dx: float = 0, dy: float = 0) -> list[Command]:
    """The path `d`, moved by (dx, dy), as absolute M, L, C and Z. Arcs are circular and clockwise, as in
    `shape_path`.
    """
    tokens = _TOKENS.findall(d)
    out: list[Command] = []
    here = (0.0, 0.0)
    i = 0
    while i < len(tokens):
        op = tokens[i]
        count = _NUMBERS[op]
        v = [float(t) for t in tokens[i + 1 : i + 1 + count]]
        i += 1 + count
        match op:
            case "M" | "L":
                here = (v[0] + dx, v[1] + dy)
                out.append((op, (here,)))
            case "H" | "V":
                here = (v[0] + dx, here[1]) if op == "H" else (here[0], v[0] + dy)
                out.append(("L", (here,)))
            case "C":
                points = tuple((v[k] + dx, v[k + 1] + dy) for k in (0, 2, 4))
                here = points[2]
                out.append(("C", points))
            case "Q":
                q, end = (v[0] + dx, v[1] + dy), (v[2] + dx, v[3] + dy)
                first = (here[0] + (q[0] - here[0]) * 2 / 3, here[1] + (q[1] - here[1]) * 2 / 3)
                second = (end[0] + (q[0] - end[0]) * 2 / 3, end[1] + (q[1] - end[1]) * 2 / 3)
                here = end
                out.append(("C", (first, second, end)))
            case "A":
                end = (v[5] + dx, v[6] + dy)
                out.extend(_half_circle(here, end))
                here = end
            case "Z":
                out.append(("Z", ()))
    return out


def _half_circle(start: tuple[float, float], end: tuple[float, float]) -> Iterable[Command]:
    """A clockwise half circle on the diameter start–end, as two cubics."""
    cx, cy = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    u = (start[0] - cx, start[1] - cy)
    k = 4 / 3 * math.tan(math.pi / 8)
    for _ in range(2):
        w = (-u[1], u[0])  # a quarter turn clockwise, y pointing down
        yield (
            "C",
            (
                (cx + u[0] + k * w[0], cy + u[1] + k * w[1]),
                (cx + w[0] + k * u[0], cy + w[1] + k * u[1]),
                (cx + w[0], cy + w[1]),
            ),
        )
        u = w


def sample(d: str, step: float = 6) -> list[tuple[float, float]]:
    """Points along an open path, at most about `step` apart."""
    points: list[tuple[float, float]] = []
    for op, p in resolve(d):
        if op == "M":
            points.append(p[0])
        elif op in "LC":
            a, ends = points[-1], p
            length = sum(math.dist(s, t) for s, t in zip((a, *ends), ends, strict=False))
            count = max(1, math.ceil(length / step))
            for k in range(1, count + 1):
                t = k / count
                if op == "L":
                    points.append((a[0] + (ends[0][0] - a[0]) * t, a[1] + (ends[0][1] - a[1]) * t))
                else:
                    s = 1 - t
                    w = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
                    corners = (a, *ends)
                    points.append(
                        (
                            sum(c * q[0] for c, q in zip(w, corners, strict=True)),
                            sum(c * q[1] for c, q in zip(w, corners, strict=True)),
                        )
                    )
    return points
