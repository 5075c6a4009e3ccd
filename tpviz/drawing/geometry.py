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
from functools import lru_cache
from typing import Protocol

import numpy as np

__all__ = [
    "GATES",
    "OUTPUT_INNER",
    "RADIUS",
    "SHEET",
    "Command",
    "Drawn",
    "Route",
    "Shaped",
    "anchors",
    "arrow",
    "box",
    "coefficient_at",
    "facing",
    "frame_box",
    "half_height",
    "in_x",
    "is_gate",
    "label_at",
    "moment_bar",
    "number",
    "out_x",
    "port",
    "port_y",
    "resolve",
    "rounded_box",
    "route",
    "sample",
    "shape_path",
    "sides",
]

RADIUS = 18
GAP = 1.5  # from the end of a line to the shape; the head's tip ends 0.5 before it
CORNER = 10
LABEL = 14  # from a line to the middle of its label
GATES = frozenset({"gate", "lincomb", "moment"})

_CIRCLE = "M18 0A18 18 0 1 1-18 0A18 18 0 1 1 18 0Z"
_SQUARE = "M-16-16H16V16H-16Z"
_PILL = "M-10-12H10A12 12 0 0 1 10 12H-10A12 12 0 0 1-10-12Z"
_GROUP = "M-36-24H36Q44-24 44-16V16Q44 24 36 24H-36Q-44 24-44 16V-16Q-44-24-36-24Z"
SHEET = 4  # how far the second sheet of a group stands behind the first, to the right and down
PAD, TITLE = 16.0, 20.0  # of the frame of an open group round its members; of its upper edge, which carries the name
OUTPUT_INNER = "M-12.5-12.5H12.5V12.5H-12.5Z"


class Shaped(Protocol):
    """What the geometry needs to know of a shape."""

    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def grow(self) -> int: ...
    @property
    def ports(self) -> int: ...
    @property
    def flip(self) -> bool: ...
    @property
    def above(self) -> tuple[int, ...]: ...


class Drawn(Shaped, Protocol):
    """A shape where it stands."""

    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...


def number(value: float) -> str:
    """At most 2 decimals, written as JavaScript writes `Math.round(value*100)/100`."""
    rounded = math.floor(value * 100 + 0.5) / 100
    return str(int(rounded)) if rounded == int(rounded) else repr(rounded)


# nodes


def is_gate(kind: str) -> bool:
    return kind in GATES


def shape_path(kind: str, grow: int = 0, flip: bool = False) -> str:
    """Outline of a node; a gate's flat side moves away from its nose by `grow`. Flipped, the nose points left."""
    if is_gate(kind) and flip:
        return f"M{number(16 + grow)} 18H0A18 18 0 0 1 0-18H{number(16 + grow)}Z"
    if is_gate(kind):
        return f"M{number(-16 - grow)}-18H0A18 18 0 0 1 0 18H{number(-16 - grow)}Z"
    if kind in ("scalar", "output"):
        return _SQUARE
    if kind == "group":
        return _GROUP
    return _PILL if kind == "input" else _CIRCLE


def moment_bar(flip: bool = False) -> str:
    """The bar at the nose of a Moment."""
    return "M-22-18V18" if flip else "M22-18V18"


def facing(node: Shaped) -> int:
    """1 for a node that is read from left to right, -1 for a flipped one."""
    return -1 if node.flip else 1


def out_x(node: Shaped) -> float:
    """Where edges leave, beside the centre."""
    return facing(node) * {"moment": 24, "scalar": 16, "output": 16, "input": 22, "group": 44}.get(node.kind, 18)


def in_x(node: Shaped) -> float:
    """Where edges arrive, beside the centre."""
    if is_gate(node.kind):
        return facing(node) * (-16 - node.grow)
    return facing(node) * {"scalar": -16, "output": -16, "input": -22, "group": -44}.get(node.kind, -18)


def sides(node: Shaped) -> tuple[float, float]:
    """Left and right end of the shape, relative to the centre."""
    ends = in_x(node), out_x(node)
    return min(ends), max(ends)


def half_height(kind: str) -> float:
    if kind in ("scalar", "output"):
        return 16
    return {"input": 12, "group": 24}.get(kind, 18)


def port_y(kind: str, ports: int, slot: int) -> float:
    """Height of port `slot` (0-based) of a gate or group with `ports` inputs; 0 for every other node."""
    h = half_height(kind)
    return -h + 2 * h * (slot + 1) / (ports + 1) if (is_gate(kind) or kind == "group") and ports > 0 else 0


def port(node: Shaped, slot: int) -> tuple[float, float]:
    """Where the edge into port `slot` arrives: on the flat side of a gate, or on top for the ports in `above`."""
    if slot in node.above:
        share = (node.above.index(slot) + 1) / (len(node.above) + 1)
        return facing(node) * (share - 1) * (16 + node.grow), -half_height(node.kind)
    level = [s for s in range(node.ports) if s not in node.above]
    return in_x(node), port_y(node.kind, len(level), level.index(slot)) if slot in level else 0


def label_at(node: Shaped, highlighted: bool = False) -> tuple[float, float]:
    """Centre of the label relative to the node."""
    y = {"below": 39 if highlighted else 33, "above": -33}.get(node.label, 0)
    if node.kind == "group" and y:
        y += 8 if y > 0 else -4
    return facing(node) * ((-1.5 if is_gate(node.kind) else 0) - node.grow / 2), y


def anchors(node: Shaped) -> list[tuple[float, float]]:
    """Where edges attach."""
    out, h = (out_x(node), 0.0), half_height(node.kind)
    if node.kind == "group":
        return []
    if node.kind in ("initial", "input"):
        return [out]
    if node.kind == "output":
        return [(in_x(node), 0)]
    if is_gate(node.kind):
        return [*(port(node, s) for s in range(max(1, node.ports))), out]
    return [(in_x(node), 0), out, (0, -h), (0, h)]


def box(node: Drawn, margin: float = 0) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a node's shape."""
    h = half_height(node.kind) + margin
    left, right = sides(node)
    return (node.x + left - margin, node.y - h, node.x + right + margin, node.y + h)


def frame_box(nodes: Iterable[Drawn]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the frame round the members of an open group, with room for their labels."""
    boxes = [
        (b[0], b[1] - (24 if n.label == "above" else 0), b[2], b[3] + (24 if n.label == "below" else 0))
        for n in nodes
        for b in [box(n)]
    ]
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, bottom = max(b[2] for b in boxes), max(b[3] for b in boxes)
    return left - PAD, top - TITLE, right + PAD, bottom + PAD


def rounded_box(b: tuple[float, float, float, float], r: float) -> str:
    """The outline of a box with round corners."""
    left, top, right, bottom = b
    return (
        f"M{_p(left + r, top)}H{number(right - r)}Q{_p(right, top)} {_p(right, top + r)}V{number(bottom - r)}"
        f"Q{_p(right, bottom)} {_p(right - r, bottom)}H{number(left + r)}Q{_p(left, bottom)} {_p(left, bottom - r)}"
        f"V{number(top + r)}Q{_p(left, top)} {_p(left + r, top)}Z"
    )


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


def route(
    a: Drawn, b: Drawn, kind: str = "direct", rail: float = 0, back: float = 22, slot: int = 0, leave: float = 0
) -> Route:
    """The path of an edge from `a` to port `slot` of `b`; a direct one leaves a group `leave` below its middle.

    "direct": straight on one row, else one cubic. "up": out of the top to a rail at height `rail`, which ends at b.
    "under", "over": out of the bottom (top), along the rail, up or down `back` before b, into the port. Into a port
    above a gate, "down": out of the bottom, one cubic, from `rail` on straight; "drop": along a rail, from the bottom or, with a `back`, from
    that far beside a.
    """
    px, py = port(b, slot)
    x2, y2, w = b.x + px, b.y + py, facing(b)
    if kind in ("down", "drop"):
        return _from_above(a, (x2, y2), kind, rail, back)
    end, tip, ahead = number(x2 - w * GAP), (x2 - w * (GAP - 1), y2), (float(w), 0.0)
    if kind == "up":
        x1, y1 = a.x, a.y - half_height(a.kind)
        d = f"M{_p(x1, y1)}V{number(rail + CORNER)}Q{_p(x1, rail)} {_p(x1 + w * CORNER, rail)}H{end}"
        return Route(d, (tip[0], rail), ahead, ((x1 + x2) / 2, rail))
    if kind in ("under", "over"):
        s = 1 if kind == "under" else -1
        side = (rail > y2) - (rail < y2)
        x1, y1, rise = a.x, a.y + s * half_height(a.kind), x2 - w * back
        t = 1 if rise >= x1 else -1
        d = (
            f"M{_p(x1, y1)}V{number(rail - s * CORNER)}Q{_p(x1, rail)} {_p(x1 + t * CORNER, rail)}"
            f"H{number(rise - t * CORNER)}Q{_p(rise, rail)} {_p(rise, rail - side * CORNER)}"
            f"V{number(y2 + side * 8)}Q{_p(rise, y2)} {_p(rise + w * 8, y2)}H{end}"
        )
        return Route(d, tip, ahead, ((x1 + x2) / 2, rail))
    x1, y1, v = a.x + out_x(a), a.y + leave, facing(a)
    distance, forth = abs(y1 - y2), (x2 - x1) * w
    if distance <= 0.1 and v == w:
        return Route(f"M{_p(x1, y1)}H{end}", tip, ahead, ((x1 + x2) / 2, y1))
    level = distance < 7 and v == w
    reach = forth / 2.2 if level else max(18, forth * 0.52) if v == w else max(44, distance * 0.5)
    d = f"M{_p(x1, y1)}C{_p(x1 + v * reach, y1)} {_p(x2 - w * reach, y2)} {end} {number(y2)}"
    if level:
        return Route(d, tip, ahead, ((x1 + x2) / 2, y1))
    return Route(d, tip, ahead, _beside(((x1 + x2) / 2, (y1 + y2) / 2), x2 - x1 - (v + w) / 2 * reach, y2 - y1))


def _beside(middle: tuple[float, float], dx: float, dy: float) -> tuple[float, float]:
    """The middle of a slanted edge with this direction, moved so that what stands over it stands beside the line."""
    s = (-1 if dx < 0 else 1) * LABEL / (math.hypot(dx, dy) or 1)
    return middle[0] + s * dy, middle[1] - s * dx + LABEL


def _from_above(a: Drawn, end: tuple[float, float], kind: str, rail: float, back: float) -> Route:
    """The path of an edge that arrives from above."""
    (x2, y2), x1, y1 = end, a.x, a.y + half_height(a.kind)
    tip, stop, middle = (x2, y2 - GAP + 1), number(y2 - GAP), ((x1 + x2) / 2, (y1 + y2) / 2)
    if kind == "down":
        curved = rail if y1 + 20 < rail < y2 - 10 else y2 - GAP
        reach = max(18, (curved - y1 + GAP) * 0.52)
        d = f"M{_p(x1, y1)}C{_p(x1, y1 + reach)} {_p(x2, curved + GAP - reach)} {_p(x2, curved)}"
        d += f"V{stop}" if curved == rail else ""
        return Route(f"M{_p(x1, y1)}V{stop}" if abs(x1 - x2) <= 0.1 else d, tip, (0, 1), middle)
    start = f"M{_p(x1, y1)}"
    if back:
        x1, v = a.x + out_x(a) + facing(a) * back, facing(a)
        start = f"M{_p(a.x + out_x(a), a.y)}H{number(x1 - v * 8)}Q{_p(x1, a.y)} {_p(x1, a.y + 8)}"
    t = 1 if x2 >= x1 else -1
    d = (
        f"{start}V{number(rail - CORNER)}Q{_p(x1, rail)} {_p(x1 + t * CORNER, rail)}"
        f"H{number(x2 - t * CORNER)}Q{_p(x2, rail)} {_p(x2, rail + CORNER)}V{stop}"
    )
    return Route(d, tip, (0, 1), (middle[0], rail))


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
    x, y = port(b, slot)
    if slot in b.above:
        return b.x + x - 13, b.y + y - 14
    return b.x + x - facing(b) * 15, b.y + y + (9.5 if y > 0 else -6.5)


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


@lru_cache(maxsize=8192)  # a key in the text changes few of the paths
def sample(d: str, step: float = 6) -> tuple[tuple[float, float], ...]:
    """Points along an open path, at most about `step` apart."""
    points: list[tuple[float, float]] = []
    for op, p in resolve(d):
        if op == "M":
            points.append(p[0])
        elif op in "LC":
            a, ends = points[-1], p
            length = sum(math.dist(s, t) for s, t in zip((a, *ends), ends, strict=False))
            count = max(1, math.ceil(length / step))
            t = np.arange(1, count + 1)[:, None] / count
            corners = np.array((a, *ends))
            if op == "L":
                weights = np.hstack((1 - t, t))
            else:
                s = 1 - t
                weights = np.hstack((s**3, 3 * s * s * t, 3 * s * t * t, t**3))
            points += map(tuple, (weights @ corners).tolist())
    return tuple(points)
