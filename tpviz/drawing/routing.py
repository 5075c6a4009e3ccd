"""Which way each edge goes: straight where that is free, else along a rail, so that no edge passes through a node.

What flows from right to left is routed by the same rules, mirrored; into the ports above a gate edges come from above.
Rails are horizontal; they keep clear of shapes, of the labels that stand outside, and of each other, except that
edges out of one node may share one. Crossings are left to be right angles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .geometry import Drawn, facing, half_height, in_x, out_x, port, route, sample
from .obstacles import Box, Obstacles, Spans, between_spans, free, hits, inside, level_spans, upright_spans
from .rerouting import RouteMemory, Way
from .sketch import SketchEdge

__all__ = ["Choice", "Routing", "choose_routes"]

CLEAR = 2.4  # between a slanted edge and a shape
RAIL_CLEAR = 9.0  # between a rail and a shape or another rail
PITCH = 13.0  # between parallel rails
FIRST = {"under": 48.0, "over": 52.0}  # the nearest rail, from the centre of the node it leaves
BACKS = (22.0, 30.0, 38.0, 46.0, 54.0, 64.0, 76.0)
DROPS = (8.0, 12.0, 18.0, 24.0, 30.0)  # how far beside a node an edge may turn down


@dataclass(frozen=True)
class Choice:
    """How one edge is drawn."""

    route: str = "direct"
    rail: float = 0
    back: float = 22
    head: bool = True
    labelled: bool = True


@dataclass
class Routing:
    """The choice for every edge id; `forced` lists the edges for which no free way was found."""

    choices: dict[str, Choice] = field(default_factory=dict)
    forced: list[str] = field(default_factory=list)


def choose_routes(
    nodes: Mapping[str, Drawn],
    edges: Sequence[SketchEdge],
    labels: Iterable[tuple[str, Box]] = (),
    memory: RouteMemory | None = None,
) -> Routing:
    """A route for every edge. `labels` are boxes outside the shapes to keep clear of, with the id of the node they
    belong to. `memory` of the last routing of this drawing makes it quick where little has changed.
    """
    return _Router(nodes, edges, list(labels), memory or RouteMemory()).run()


class _Router:
    def __init__(
        self,
        nodes: Mapping[str, Drawn],
        edges: Sequence[SketchEdge],
        labels: list[tuple[str, Box]],
        memory: RouteMemory,
    ):
        self.nodes, self.edges, self.memory = nodes, edges, memory
        memory.begin(nodes, edges, labels)
        self.there = Obstacles(nodes, labels)
        boxes = self.there.boxes
        self.reach = (float(-boxes[:, 1].min(initial=0)), float(boxes[:, 3].max(initial=0)))
        self.out = Routing()

    def run(self) -> Routing:
        waiting = []
        for k, e in enumerate(self.edges):
            a, b = self.nodes[e.source], self.nodes[e.target]
            known = self.memory.known(e)
            if known is not None:
                if known.turn:
                    waiting.append((abs(b.x - a.x), k, e))
                else:
                    self._lay(e, known)
            elif e.slot in b.above:
                self._lay(e, self._from_above(e))
            elif e.kind == "readout" and a.y - b.y >= 40 and self._up_is_free(e):
                rise = ((a.x, b.y, a.y),)
                self._lay(e, Way(Choice("up", b.y), 0, ((b.y, a.x, b.x),), rise, self._straight_region(e)))
            elif self._direct_is_free(e):
                level = abs(a.y + e.leave - b.y - port(b, e.slot)[1]) < 7
                rails = ((a.y + e.leave, min(a.x, b.x), max(a.x, b.x)),) if level else ()
                self._lay(e, Way(Choice(), 0, rails, (), self._straight_region(e)))
            else:
                waiting.append((abs(b.x - a.x), k, e))
        for _, _, e in sorted(waiting, key=lambda w: w[:2]):
            known = self.memory.known(e)
            self._lay(e, known if known is not None and self._within(e, known) else self._along_a_rail(e))
        self.memory.end(self.edges)
        self._share_heads()
        return self.out

    def _lay(self, e: SketchEdge, way: Way) -> None:
        self.out.choices[e.id] = way.choice
        if way.forced:
            self.out.forced.append(e.id)
        for rail in way.rails:
            self.there.add_rail(*rail, e.source, e.target)
        for rise in way.rises:
            self.there.add_rise(*rise, e.source, e.target)
        self.memory.keep(e, way)

    # what an edge's way depends on

    def _straight_region(self, e: SketchEdge) -> Box:
        a, b = self.nodes[e.source], self.nodes[e.target]
        around = 60 + (0 if facing(a) == facing(b) else abs(b.y - a.y))
        return min(a.x, b.x) - around - b.grow, min(a.y, b.y) - 40, max(a.x, b.x) + around + b.grow, max(a.y, b.y) + 40

    def _rail_region(self, e: SketchEdge, cost: float) -> Box:
        """Where a rail that costs no more could run, and the straight way."""
        a, b = self.nodes[e.source], self.nodes[e.target]
        px, py = port(b, e.slot)
        x2, y2 = b.x + px, b.y + py
        far = x2 - facing(b) * BACKS[-1]
        left, top, right, bottom = self._straight_region(e)
        middle = (a.y + y2) / 2
        return (
            min(left, far - 20),
            min(top, middle - cost / 2 - 20),
            max(right, far + 20),
            max(bottom, middle + cost / 2 + 20),
        )

    def _within(self, e: SketchEdge, way: Way) -> bool:
        """The rail is among those that are tried."""
        s = 1 if way.choice.route == "under" else -1
        return s * way.choice.rail <= float(self._levels(self.nodes[e.source], s)[:-2].max() * s)

    # what is free

    def _direct_is_free(self, e: SketchEdge) -> bool:
        a, b = self.nodes[e.source], self.nodes[e.target]
        x1, x2, same = a.x + out_x(a), b.x + in_x(b), facing(a) == facing(b)
        if same and (x2 - x1) * facing(b) < 10:
            return False
        around = 0 if same else abs(b.y - a.y)  # a turn reaches beyond both ends
        left, right, top, bottom = min(x1, x2) - around, max(x1, x2) + around, min(a.y, b.y) - 30, max(a.y, b.y) + 30
        boxes = _near(self.there.others(e.source, e.target), top, bottom, left - 30, right + 30)
        labels = _near(self.there.labels(e.source, e.target), top, bottom, left, right)
        if not len(boxes) and not len(labels):
            return True
        points = np.array(sample(route(a, b, slot=e.slot, leave=e.leave).d))
        return not inside(points, boxes, CLEAR) and not inside(points, labels, 0)

    def _up_is_free(self, e: SketchEdge) -> bool:
        a, b = self.nodes[e.source], self.nodes[e.target]
        if b.x - a.x < 50:
            return False
        boxes = self.there.others(e.source, e.target)
        rise = (a.x, b.y, a.x, a.y - half_height(a.kind))
        rail = (a.x, b.y, b.x + in_x(b), b.y)
        labels = self.there.labels(e.source, e.target)
        return not (hits(boxes, rise, 4) or hits(boxes, rail, 4) or hits(labels, rise, 1))

    # rails

    def _along_a_rail(self, e: SketchEdge) -> Way:
        a, b = self.nodes[e.source], self.nodes[e.target]
        px, py = port(b, e.slot)
        x2, y2, w = b.x + px, b.y + py, facing(b)
        above = py < 0 or (py == 0 and e.kind == "readout")
        if abs(a.y - b.y) > 7:  # prefer the side on which the other end is
            above = b.y < a.y
        boxes, labels = self.there.others(e.source, e.target), self.there.labels(e.source, e.target)
        backs = []
        for back in BACKS:
            rise = x2 - w * back
            if abs(rise - a.x) < 20 or ((rise - a.x) * w < 0 and facing(a) == w):
                break
            if not hits(boxes, (rise, y2, b.x + in_x(b), y2), 2):
                backs.append((back, self._on_the_way(e, boxes, labels, rise, y2)))
        best: tuple[float, Choice] | None = None
        for turn, side in enumerate(("over", "under") if above else ("under", "over")):
            s = 1 if side == "under" else -1
            rails = self._levels(a, s)
            cost = 40 * turn + np.abs(rails - a.y) + np.abs(rails - y2)
            off = np.abs(rails - y2)
            possible = (off >= 20) | (off <= 0.1)
            order = np.argsort(rails, kind="stable")
            leaving = np.empty(len(rails), dtype=bool)
            leaving[order] = free(rails[order], self._leaving(e, boxes, labels, s))
            possible &= leaving
            for back, spans in backs:
                if best is not None:
                    possible &= cost < best[0]
                if not possible.any():
                    break
                open_ = np.empty(len(rails), dtype=bool)
                open_[order] = free(rails[order], spans)
                open_ &= possible
                if open_.any():
                    k = int(np.argmin(np.where(open_, cost, np.inf)))
                    total = float(cost[k]) + (back - 22) * 0.2
                    if best is None or total < best[0]:
                        best = (total, Choice(side, float(rails[k]), back))
                    possible &= ~open_  # of the rises of one rail the nearest to the port that is free
        if best is None:
            return Way(Choice(), 1, forced=True)
        total, choice = best
        rise = x2 - w * choice.back
        laid = ((choice.rail, min(a.x, rise), max(a.x, rise)),)
        rises = (
            (a.x, min(a.y, choice.rail), max(a.y, choice.rail)),
            (rise, min(y2, choice.rail), max(y2, choice.rail)),
        )
        return Way(choice, 1, laid, rises, self._rail_region(e, total))

    def _levels(self, a: Drawn, s: int) -> np.ndarray:
        """Heights to try, nearest first, until everything is passed."""
        far = self.reach[s > 0] + 40 + PITCH * (self.there.rail_count + 1)
        start = s * a.y + FIRST["under" if s > 0 else "over"]
        count = min(400, max(1, int((far - start) / 6.5) + 2))
        steps = np.arange(count + 2, dtype=float)
        steps[count:] = (-1, -2)  # a narrow gap may have room only closer to the node
        return s * (start + 6.5 * steps)

    def _leaving(self, e: SketchEdge, boxes: np.ndarray, labels: np.ndarray, s: int) -> Spans:
        """Rails that the way out of the bottom (the top) of the source does not reach."""
        a = self.nodes[e.source]
        edge_y = a.y + s * half_height(a.kind)
        rises = self.there.rises(a.x, 6, e.source)
        return [
            *upright_spans(boxes, a.x, edge_y, 4),
            *upright_spans(labels, a.x, edge_y, 1),
            *between_spans(rises[:, 0], rises[:, 1], edge_y, 0),
        ]

    def _on_the_way(self, e: SketchEdge, boxes: np.ndarray, labels: np.ndarray, rise: float, y2: float) -> Spans:
        """Rails on which something is in the way from the source to the rise, or from there to the port."""
        a = self.nodes[e.source]
        left, right = min(a.x, rise), max(a.x, rise)
        rails = self.there.rails(e.source, e.target, left, right)
        rises = self.there.rises(rise, 6, e.source, e.target)
        return [
            (rails - RAIL_CLEAR, rails + RAIL_CLEAR),
            *level_spans(boxes, left, right, RAIL_CLEAR),
            *level_spans(labels, left, right, 2),
            *level_spans(self.there.own(e.target), left, right, 4),
            *upright_spans(boxes, rise, y2, 4),
            *upright_spans(labels, rise, y2, 1),
            *upright_spans(self.there.own(e.source), rise, y2, 4),
            *between_spans(rises[:, 0], rises[:, 1], y2, -1),
        ]

    # from above

    def _from_above(self, e: SketchEdge) -> Way:
        """One curve where it is free, else along a rail, out of the bottom or from beside the node it leaves."""
        a, b = self.nodes[e.source], self.nodes[e.target]
        px, py = port(b, e.slot)
        x2, y2, y1 = b.x + px, b.y + py, a.y + half_height(a.kind)
        boxes = self.there.others(e.source, e.target)
        labels = self.there.labels(e.source, e.target, notes=False)
        between = min(a.x, x2) - 4, max(a.x, x2) + 4
        near = [_near(those, min(y1, y2) - 40, max(y1, y2) + 4, *between) for those in (boxes, labels)]
        curves = y2 - 13.0 * np.arange(max(1, int((y2 - y1 - 30) // 13)))
        for rail in curves[~_blocked_curves((a.x, y1), (x2, y2), curves, near[0])].tolist():
            points = (
                np.array(sample(route(a, b, "down", rail, slot=e.slot).d)) if any(map(len, near)) else np.empty((0, 2))
            )
            if not inside(points, near[0], CLEAR) and not inside(points, near[1], 1):
                return Way(Choice("down", rail, 0), 0, region=self._straight_region(e))
        best: tuple[float, Choice] | None = None
        for back in (0.0, *DROPS):
            x1 = a.x + (out_x(a) + facing(a) * back if back else 0)
            start = a.y + 8 if back else y1
            count = int((y2 - start - 24) // 6.5)
            if abs(x2 - x1) < 20 or count <= 0:
                continue
            rails = (y2 - 14 - 6.5 * np.arange(count))[::-1]
            open_ = free(rails, self._dropping(e, boxes, labels, (x1, start), (x2, y2 - 2)))
            if open_.any():
                cost = np.where(open_, back + np.abs(rails - (y1 + y2) / 2) * 0.3, np.inf)
                k = count - 1 - int(np.argmin(cost[::-1]))
                if best is None or cost[k] < best[0]:
                    best = (float(cost[k]), Choice("drop", float(rails[k]), back))
        if best is None:
            return Way(Choice("down", y2, 0), 0, forced=True)
        choice = best[1]
        x1 = a.x + (out_x(a) + facing(a) * choice.back if choice.back else 0)
        laid = ((choice.rail, min(x1, x2), max(x1, x2)),)
        rises = ((x1, a.y, choice.rail), (x2, choice.rail, y2))
        return Way(choice, 0, laid, rises, self._straight_region(e))

    def _dropping(
        self,
        e: SketchEdge,
        boxes: np.ndarray,
        labels: np.ndarray,
        start: tuple[float, float],
        end: tuple[float, float],
    ) -> Spans:
        """Rails on which something is in the way from start, along the rail, to end."""
        left, right = min(start[0], end[0]), max(start[0], end[0])
        rails = self.there.rails(e.source, e.target, left, right)
        out = [
            (rails - RAIL_CLEAR, rails + RAIL_CLEAR),
            *level_spans(boxes, left, right, RAIL_CLEAR),
            *level_spans(labels, left, right, 1),
        ]
        for x, y in (start, end):
            rises = self.there.rises(x, 6, e.source)
            out += upright_spans(boxes, x, y, 4) + upright_spans(labels, x, y, 1)
            out += between_spans(rises[:, 0], rises[:, 1], y, 0)
        return out

    def _share_heads(self) -> None:
        """Readouts that run along one rail have one head; readouts of one output with the same label show it once."""
        groups: dict[str, list[SketchEdge]] = {}
        for e in self.edges:
            if e.kind == "readout":
                groups.setdefault(e.target, []).append(e)
        for group in groups.values():
            up = sorted(
                (e for e in group if self.out.choices[e.id].route == "up"), key=lambda e: self.nodes[e.source].x
            )
            for e in up[:-1]:
                self.out.choices[e.id] = replace(self.out.choices[e.id], head=False)
            shown: set[str] = set()
            for e in [*reversed(up), *(e for e in group if e not in up)]:
                if e.tex in shown:
                    self.out.choices[e.id] = replace(self.out.choices[e.id], labelled=False)
                shown.add(e.tex)


def _near(boxes: np.ndarray, top: float, bottom: float, left: float, right: float) -> np.ndarray:
    if not len(boxes):
        return boxes
    return boxes[(boxes[:, 3] > top) & (boxes[:, 1] < bottom) & (boxes[:, 2] > left) & (boxes[:, 0] < right)]


def _blocked_curves(
    start: tuple[float, float], end: tuple[float, float], rails: np.ndarray, boxes: np.ndarray
) -> np.ndarray:
    """Which of the "down" curves surely meet a box, by a few points of each; those that do not are looked at closely."""
    (x1, y1), (x2, y2) = start, end
    t = np.linspace(0, 1, 25)[1:-1]
    x = x1 + (x2 - x1) * t * t * (3 - 2 * t)
    curved = np.where((y1 + 20 < rails) & (rails < y2 - 10), rails, y2 - 1.5)[:, None]
    reach = np.maximum(18, (curved - y1 + 1.5) * 0.52)
    s = 1 - t
    y = s**3 * y1 + 3 * s * s * t * (y1 + reach) + 3 * s * t * t * (curved + 1.5 - reach) + t**3 * curved
    met = np.zeros(len(rails), dtype=bool)
    for left, top, right, bottom in boxes:
        there = (x > left - CLEAR + 0.1) & (x < right + CLEAR - 0.1)
        if there.any():
            beside = y[:, there]
            met |= ((beside > top - CLEAR + 0.1) & (beside < bottom + CLEAR - 0.1)).any(axis=1)
    return met
