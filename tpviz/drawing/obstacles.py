"""What is in the way of an edge: shapes, labels that stand outside them, and the rails and rises of other edges.

A search tries many heights of a rail at once: what is in the way at some of them is an open interval of heights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .geometry import Drawn, box

__all__ = ["Box", "Obstacles", "Spans", "between_spans", "free", "hits", "inside", "level_spans", "upright_spans"]

Box = tuple[float, float, float, float]
Spans = list[tuple[np.ndarray, np.ndarray]]  # ends of open intervals of heights


class Obstacles:
    """The obstacles of one drawing. `labels` are boxes with the id of the node they belong to; rails (level) and rises
    (upright) come as edges are laid."""

    def __init__(self, nodes: Mapping[str, Drawn], labels: Sequence[tuple[str, Box]]):
        self.index = {id: k for k, id in enumerate(nodes)}
        self._groups = {k for k, n in enumerate(nodes.values()) if n.kind == "group"}
        self.boxes = np.array([box(n) for n in nodes.values()], dtype=float).reshape(-1, 4)
        self._labels = np.array([b for _, b in labels], dtype=float).reshape(-1, 4)
        self._owners = np.array([self.index.get(id, -1) for id, _ in labels], dtype=int)
        self._notes = np.array([id in nodes and nodes[id].label == "inside" for id, _ in labels], dtype=bool)
        self._rails = _Table(5)  # y, left, right, source, target
        self._rises = _Table(5)  # x, top, bottom, source, target

    def others(self, *ids: str) -> np.ndarray:
        """The boxes of all other nodes."""
        keep = np.ones(len(self.boxes), dtype=bool)
        keep[[self.index[id] for id in ids]] = False
        return self.boxes[keep]

    def own(self, id: str) -> np.ndarray:
        return self.boxes[[self.index[id]]]

    def labels(self, *ids: str, notes: bool = True) -> np.ndarray:
        """The boxes of the labels of all other nodes; `notes`: those under gates, too."""
        keep = np.ones(len(self._owners), dtype=bool)
        for id in ids:
            keep &= self._owners != self.index[id]
        return self._labels[keep if notes else keep & ~self._notes]

    # rails and rises

    @property
    def rail_count(self) -> int:
        return self._rails.count

    def add_rail(self, y: float, left: float, right: float, source: str, target: str) -> None:
        self._rails.add(y, left, right, self.index[source], self.index[target])

    def add_rise(self, x: float, top: float, bottom: float, source: str, target: str) -> None:
        self._rises.add(x, top, bottom, self.index[source], self.index[target])

    def rails(self, source: str, target: str, left: float, right: float) -> np.ndarray:
        """Heights of the rails of other sources that reach between left and right; several edges of one source share a
        rail, but not those that lead to one group by different matrices."""
        r = self._rails.rows
        foreign = (r[:, 3] != self.index[source]) | (r[:, 4] == self.index[target])
        return r[foreign & (r[:, 1] < right) & (r[:, 2] > left), 0]

    def rises(self, x: float, near: float, source: str, target: str | None = None) -> np.ndarray:
        """(top, bottom) of the rises of other sources nearer than `near` to x; with a target, those of this source to
        another target count as well."""
        r = self._rises.rows
        foreign = r[:, 3] != self.index[source]
        if target is not None:
            foreign |= (r[:, 4] != self.index[target]) | (self.index[target] in self._groups)
        return r[foreign & (np.abs(r[:, 0] - x) < near)][:, 1:3]


class _Table:
    """Rows that are added one by one."""

    def __init__(self, columns: int):
        self._all, self.count = np.empty((64, columns)), 0

    def add(self, *row: float) -> None:
        if self.count == len(self._all):
            self._all = np.concatenate([self._all, np.empty_like(self._all)])
        self._all[self.count] = row
        self.count += 1

    @property
    def rows(self) -> np.ndarray:
        return self._all[: self.count]


def free(heights: np.ndarray, spans: Spans) -> np.ndarray:
    """Which of the ascending heights lie in no span."""
    n = len(heights)
    low, high = (np.concatenate(ends) for ends in zip(*spans, strict=True)) if spans else (np.empty(0), np.empty(0))
    first, last = np.searchsorted(heights, low, "right"), np.searchsorted(heights, high, "left")
    some = last > first
    begun = np.bincount(first[some], minlength=n + 1) - np.bincount(last[some], minlength=n + 1)
    return np.cumsum(begun)[:n] == 0


def upright_spans(boxes: np.ndarray, x: float, y: float, margin: float) -> Spans:
    """At which heights an upright way at x from y to that height comes within `margin` of a box."""
    at_x = boxes[(boxes[:, 2] > x - margin) & (boxes[:, 0] < x + margin)]
    return between_spans(at_x[:, 1], at_x[:, 3], y, margin)


def between_spans(top: np.ndarray, bottom: np.ndarray, y: float, margin: float) -> Spans:
    """At which heights the way from y to that height comes within `margin` of what reaches from top to bottom."""
    down, up = bottom > y - margin, top < y + margin
    below, above = top[down] - margin, bottom[up] + margin
    return [
        (np.maximum(below, y - 1e-9), np.full(len(below), np.inf)),
        (np.full(len(above), -np.inf), np.minimum(above, y + 1e-9)),
    ]


def level_spans(boxes: np.ndarray, left: float, right: float, margin: float) -> Spans:
    """At which heights a level way from left to right comes within `margin` of a box."""
    there = boxes[(boxes[:, 2] > left - margin) & (boxes[:, 0] < right + margin)]
    return [(there[:, 1] - margin, there[:, 3] + margin)]


def inside(points: np.ndarray, boxes: np.ndarray, margin: float) -> bool:
    """Whether one of the points lies in a box or within `margin` of one."""
    if not len(boxes):
        return False
    left, top, right, bottom = boxes.T + np.array([[-margin], [-margin], [margin], [margin]])
    for some in (points[:: len(points) // 32], points) if len(points) > 64 else (points,):  # a few points tell mostly
        x, y = some[:, :1], some[:, 1:]
        if ((x > left) & (x < right) & (y > top) & (y < bottom)).any():
            return True
    return False


def hits(boxes: np.ndarray, segment: Box, margin: float) -> bool:
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
