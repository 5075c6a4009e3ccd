"""Which way each edge goes: straight where that is free, else along a rail, so that no edge passes through a node.

What flows from right to left is routed by the same rules, mirrored; into the ports above a gate edges come from above.
Rails are horizontal; they keep clear of shapes, of the labels that stand outside, and of each other, except that
edges out of one node may share one. Crossings are left to be right angles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .geometry import Drawn, box, facing, half_height, in_x, out_x, port, route, sample
from .sketch import SketchEdge

__all__ = ["Choice", "Routing", "choose_routes"]

CLEAR = 2.4  # between a slanted edge and a shape
RAIL_CLEAR = 9.0  # between a rail and a shape or another rail
PITCH = 13.0  # between parallel rails
FIRST = {"under": 48.0, "over": 52.0}  # the nearest rail, from the centre of the node it leaves
BACKS = (22.0, 30.0, 38.0, 46.0, 54.0, 64.0, 76.0)
DROPS = (8.0, 12.0, 18.0, 24.0, 30.0)  # how far beside a node an edge may turn down
Box = tuple[float, float, float, float]


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
    nodes: Mapping[str, Drawn], edges: Sequence[SketchEdge], labels: Iterable[tuple[str, Box]] = ()
) -> Routing:
    """A route for every edge. `labels` are boxes outside the shapes to keep clear of, with the id of the node they
    belong to.
    """
    return _Router(nodes, edges, list(labels)).run()


class _Router:
    def __init__(self, nodes: Mapping[str, Drawn], edges: Sequence[SketchEdge], labels: list[tuple[str, Box]]):
        self.nodes, self.edges = nodes, edges
        self.index = {id: k for k, id in enumerate(nodes)}
        self.boxes = np.array([box(n) for n in nodes.values()], dtype=float).reshape(-1, 4)
        self.labels = np.array([b for _, b in labels], dtype=float).reshape(-1, 4)
        self.owners = [id for id, _ in labels]
        self.rails: list[tuple[float, float, float, str]] = []  # y, left, right, source
        self.rises: list[tuple[float, float, float, str, str]] = []  # x, top, bottom, source, target
        self.out = Routing()

    def run(self) -> Routing:
        waiting = []
        for k, e in enumerate(self.edges):
            a, b = self.nodes[e.source], self.nodes[e.target]
            if e.slot in b.above:
                self.out.choices[e.id] = self._from_above(e)
            elif e.kind == "readout" and a.y - b.y >= 40 and self._up_is_free(e):
                self.out.choices[e.id] = Choice("up", b.y)
                self.rails.append((b.y, a.x, b.x, e.source))
                self.rises.append((a.x, b.y, a.y, e.source, e.target))
            elif self._direct_is_free(e):
                self.out.choices[e.id] = Choice()
                if abs(a.y - b.y - port(b, e.slot)[1]) < 7:
                    self.rails.append((a.y, min(a.x, b.x), max(a.x, b.x), e.source))
            else:
                waiting.append((abs(b.x - a.x), k, e))
        for _, _, e in sorted(waiting, key=lambda w: w[:2]):
            self.out.choices[e.id] = self._along_a_rail(e)
        self._share_heads()
        return self.out

    # what is free

    def _others(self, e: SketchEdge) -> np.ndarray:
        keep = np.ones(len(self.boxes), dtype=bool)
        keep[[self.index[e.source], self.index[e.target]]] = False
        return self.boxes[keep]

    def _direct_is_free(self, e: SketchEdge) -> bool:
        a, b = self.nodes[e.source], self.nodes[e.target]
        x1, x2, same = a.x + out_x(a), b.x + in_x(b), facing(a) == facing(b)
        if same and (x2 - x1) * facing(b) < 10:
            return False
        around = 0 if same else abs(b.y - a.y)  # a turn reaches beyond both ends
        left, right = min(x1, x2) - around, max(x1, x2) + around
        boxes = self._near(self._others(e), min(a.y, b.y) - 30, max(a.y, b.y) + 30, left - 30, right + 30)
        labels = self._near(self._foreign_labels(e), min(a.y, b.y) - 30, max(a.y, b.y) + 30, left, right)
        if not len(boxes) and not len(labels):
            return True
        points = np.array(sample(route(a, b, slot=e.slot).d))
        return not _inside(points, boxes, CLEAR) and not _inside(points, labels, 0)

    def _foreign_labels(self, e: SketchEdge, notes: bool = True) -> np.ndarray:
        """The boxes of other nodes' labels; notes under gates give way where they must."""
        keep = [k for k, owner in enumerate(self.owners) if owner not in (e.source, e.target)]
        keep = [k for k in keep if notes or self.nodes[self.owners[k]].label != "inside"]
        return self.labels[keep]

    @staticmethod
    def _near(boxes: np.ndarray, top: float, bottom: float, left: float, right: float) -> np.ndarray:
        if not len(boxes):
            return boxes
        return boxes[(boxes[:, 3] > top) & (boxes[:, 1] < bottom) & (boxes[:, 2] > left) & (boxes[:, 0] < right)]

    def _up_is_free(self, e: SketchEdge) -> bool:
        a, b = self.nodes[e.source], self.nodes[e.target]
        if b.x - a.x < 50:
            return False
        boxes = self._others(e)
        rise = (a.x, b.y, a.x, a.y - half_height(a.kind))
        rail = (a.x, b.y, b.x + in_x(b), b.y)
        return not (_hits(boxes, rise, 4) or _hits(boxes, rail, 4) or _hits(self._foreign_labels(e), rise, 1))

    # rails

    def _along_a_rail(self, e: SketchEdge) -> Choice:
        a, b = self.nodes[e.source], self.nodes[e.target]
        px, py = port(b, e.slot)
        x2, y2, w = b.x + px, b.y + py, facing(b)
        above = py < 0 or (py == 0 and e.kind == "readout")
        if abs(a.y - b.y) > 7:  # prefer the side on which the other end is
            above = b.y < a.y
        sides = ("over", "under") if above else ("under", "over")
        boxes, labels = self._others(e), self._foreign_labels(e)
        best: tuple[float, Choice] | None = None
        for turn, side in enumerate(sides):
            s = 1 if side == "under" else -1
            for rail in self._levels(a, s):
                if abs(rail - y2) < 20 and abs(rail - y2) > 0.1:
                    continue
                cost = 40 * turn + abs(rail - a.y) + abs(rail - y2)
                if best is not None and cost >= best[0]:
                    continue
                for back in BACKS:
                    rise = x2 - w * back
                    if abs(rise - a.x) < 20 or ((rise - a.x) * w < 0 and facing(a) == w):
                        break
                    if self._rail_is_free(e, boxes, labels, s, rail, rise, y2):
                        total = cost + (back - 22) * 0.2
                        if best is None or total < best[0]:
                            best = (total, Choice(side, rail, back))
                        break
        if best is None:
            self.out.forced.append(e.id)
            return Choice()
        choice = best[1]
        rise = x2 - w * choice.back
        self.rails.append((choice.rail, min(a.x, rise), max(a.x, rise), e.source))
        self.rises.append((a.x, min(a.y, choice.rail), max(a.y, choice.rail), e.source, e.target))
        self.rises.append((rise, min(y2, choice.rail), max(y2, choice.rail), e.source, e.target))
        return choice

    def _levels(self, a: Drawn, s: int) -> list[float]:
        """Heights to try, nearest first, until everything is passed."""
        far = (self.boxes[:, 3].max() if s > 0 else -self.boxes[:, 1].min()) + 40 + PITCH * (len(self.rails) + 1)
        start = s * a.y + FIRST["under" if s > 0 else "over"]
        count = min(400, max(1, int((far - start) / 6.5) + 2))
        near = [s * (start - 6.5 * k) for k in (1, 2)]  # a narrow gap may have room only closer to the node
        return [s * (start + 6.5 * k) for k in range(count)] + near

    def _rail_is_free(
        self, e: SketchEdge, boxes: np.ndarray, labels: np.ndarray, s: int, rail: float, rise: float, y2: float
    ) -> bool:
        a, b = self.nodes[e.source], self.nodes[e.target]
        edge_y = a.y + s * half_height(a.kind)
        drop = (a.x, min(edge_y, rail), a.x, max(edge_y, rail))
        along = (a.x, rail, rise, rail)
        climb = (rise, min(y2, rail), rise, max(y2, rail))
        last = (rise, y2, b.x + in_x(b), y2)
        for y, left, right, source in self.rails:
            if source != e.source and abs(y - rail) < RAIL_CLEAR and left < max(rise, a.x) and right > min(rise, a.x):
                return False
        for x, top, bottom, source, target in self.rises:
            if source != e.source and abs(x - a.x) < 6 and top < drop[3] and bottom > drop[1]:
                return False
            if (
                (source != e.source or target != e.target)
                and abs(x - rise) < 6
                and top < climb[3] - 1
                and bottom > climb[1] + 1
            ):
                return False
        if _hits(boxes, drop, 4) or _hits(boxes, along, RAIL_CLEAR) or _hits(boxes, climb, 4) or _hits(boxes, last, 2):
            return False
        if _hits(self.boxes[[self.index[e.target]]], along, 4) or _hits(self.boxes[[self.index[e.source]]], climb, 4):
            return False
        return not (_hits(labels, along, 2) or _hits(labels, drop, 1) or _hits(labels, climb, 1))

    # from above

    def _from_above(self, e: SketchEdge) -> Choice:
        """One curve where it is free, else along a rail, out of the bottom or from beside the node it leaves."""
        a, b = self.nodes[e.source], self.nodes[e.target]
        px, py = port(b, e.slot)
        x2, y2, y1 = b.x + px, b.y + py, a.y + half_height(a.kind)
        boxes, labels = self._others(e), self._foreign_labels(e, notes=False)
        for k in range(max(1, int((y2 - y1 - 30) // 13))):
            rail = y2 - 13.0 * k
            points = np.array(sample(route(a, b, "down", rail, slot=e.slot).d))
            if not _inside(points, boxes, CLEAR) and not _inside(points, labels, 1):
                return Choice("down", rail, 0)
        best: tuple[float, Choice] | None = None
        for back in (0.0, *DROPS):
            x1 = a.x + (out_x(a) + facing(a) * back if back else 0)
            start = a.y + 8 if back else y1
            if abs(x2 - x1) < 20:
                continue
            for k in range(int((y2 - start - 24) // 6.5)):
                rail = y2 - 14 - 6.5 * k
                ways = ((x1, start, x1, rail), (min(x1, x2), rail, max(x1, x2), rail), (x2, rail, x2, y2 - 2))
                cost = back + abs(rail - (y1 + y2) / 2) * 0.3
                if (best is None or cost < best[0]) and self._drop_is_free(e, boxes, labels, ways):
                    best = (cost, Choice("drop", rail, back))
        if best is None:
            self.out.forced.append(e.id)
            return Choice("down", y2, 0)
        choice = best[1]
        x1 = a.x + (out_x(a) + facing(a) * choice.back if choice.back else 0)
        self.rails.append((choice.rail, min(x1, x2), max(x1, x2), e.source))
        self.rises.append((x1, a.y, choice.rail, e.source, e.target))
        self.rises.append((x2, choice.rail, y2, e.source, e.target))
        return choice

    def _drop_is_free(self, e: SketchEdge, boxes: np.ndarray, labels: np.ndarray, ways: tuple[Box, Box, Box]) -> bool:
        drop, along, last = ways
        if any(_hits(boxes, way, margin) for way, margin in ((drop, 4), (along, RAIL_CLEAR), (last, 4))):
            return False
        for y, left, right, source in self.rails:
            if source != e.source and abs(y - along[1]) < RAIL_CLEAR and left < along[2] and right > along[0]:
                return False
        for x, top, bottom, source, _ in self.rises:
            for way in (drop, last):
                if source != e.source and abs(x - way[0]) < 6 and top < way[3] and bottom > way[1]:
                    return False
        return not any(_hits(labels, way, 1) for way in ways)

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


def _inside(points: np.ndarray, boxes: np.ndarray, margin: float) -> bool:
    if not len(boxes):
        return False
    x, y = points[:, :1], points[:, 1:]
    left, top, right, bottom = boxes.T
    return bool(((x > left - margin) & (x < right + margin) & (y > top - margin) & (y < bottom + margin)).any())


def _hits(boxes: np.ndarray, segment: Box, margin: float) -> bool:
    """Whether an upright or level segment comes within `margin` of a box."""
    if not len(boxes):
        return False
    x1, y1, x2, y2 = segment
    left, top, right, bottom = boxes.T
    return bool(
        (
            (right > min(x1, x2) - margin)
            & (left < max(x1, x2) + margin)
            & (bottom > min(y1, y2) - margin)
            & (top < max(y1, y2) + margin)
        ).any()
    )
