"""What is kept of one routing for the next: after a small edit most edges go as they went, and only those near the change are looked at again.

An edge's way depends on its two ends and on what lies within its region: the shapes, labels, rails and rises that could bar
its way or a better one. Where nothing in there is other than it was when the edge was laid, its way is taken over; edges are
laid in the same order as before, so what is taken over is what a routing from nothing would find.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .geometry import Drawn, box
from .obstacles import Box
from .sketch import SketchEdge

if TYPE_CHECKING:
    from .routing import Choice

__all__ = ["RouteMemory", "Way"]

MOST = 150  # changed places, from which on everything is routed anew


@dataclass(frozen=True)
class Way:
    """How one edge was laid: in which turn (0: straight or from above, 1: along a rail), what it left behind (rails and rises as
    rows), and its region; None where all of the drawing counts."""

    choice: Choice
    turn: int
    rails: tuple[tuple[float, float, float], ...] = ()
    rises: tuple[tuple[float, float, float], ...] = ()
    region: Box | None = None
    forced: bool = False

    @property
    def boxes(self) -> list[Box]:
        return [(left, y, right, y) for y, left, right in self.rails] + [
            (x, top, x, bottom) for x, top, bottom in self.rises
        ]


@dataclass
class RouteMemory:
    """The ways of the last routing. Edges are known by the geometry of their ends, so that a new name changes nothing."""

    taken_over: int = 0  # edges of the last routing that went as before, unseen
    _things: Counter = field(default_factory=Counter)
    _ways: dict[Hashable, tuple[int, Way]] = field(default_factory=dict)
    _changed: list[Box] = field(default_factory=list)
    _table: np.ndarray = field(default_factory=lambda: np.empty((0, 4)))
    _keys: dict[str, Hashable] = field(default_factory=dict)
    _next: dict[Hashable, tuple[int, Way]] = field(default_factory=dict)

    def begin(self, nodes: Mapping[str, Drawn], edges: Sequence[SketchEdge], labels: Sequence[tuple[str, Box]]) -> None:
        """See what is other than last time."""
        things = Counter((box(n), "") for n in nodes.values())
        things.update((b, nodes[id].label if id in nodes else "none") for id, b in labels)
        self._changed = [b for b, _ in ((things - self._things) + (self._things - things))]
        self._things = things
        shapes = {id: (n.x, n.y, n.kind, n.grow, n.ports, n.flip, n.above) for id, n in nodes.items()}
        seen: Counter = Counter()
        self._keys = {}
        for e in edges:
            key = (shapes[e.source], shapes[e.target], e.slot, e.kind == "readout", e.leave)
            seen[key] += 1
            self._keys[e.id] = (key, seen[key])
        there = set(self._keys.values())
        self._changed += [b for key, (_, way) in self._ways.items() if key not in there for b in way.boxes]
        places = [self._ways[key][0] for key in self._keys.values() if key in self._ways]
        if len(self._changed) > MOST or any(a >= b for a, b in pairwise(places)):
            self._ways = {}
        self._table = np.array(self._changed, dtype=float).reshape(-1, 4)
        self._next, self.taken_over = {}, 0

    def known(self, e: SketchEdge) -> Way | None:
        """The way this edge had, if nothing in its region has changed."""
        found = self._ways.get(self._keys[e.id])
        if found is None or found[1].region is None:
            return None
        left, top, right, bottom = found[1].region
        t = self._table
        near = (t[:, 2] >= left) & (t[:, 0] <= right) & (t[:, 3] >= top) & (t[:, 1] <= bottom)
        return None if near.any() else found[1]

    def keep(self, e: SketchEdge, way: Way) -> None:
        """Remember a way; where it is another than before, both have changed the drawing for the edges after it."""
        key = self._keys[e.id]
        before = self._ways.get(key)
        self._next[key] = (len(self._next), way)
        if before is not None and before[1] is way:
            self.taken_over += 1
        elif before is None or before[1] != way:
            fresh = way.boxes + (before[1].boxes if before else [])
            if fresh and self._ways:
                self._table = np.concatenate([self._table, np.array(fresh, dtype=float).reshape(-1, 4)])

    def end(self, edges: Sequence[SketchEdge]) -> None:
        order = {self._keys[e.id]: k for k, e in enumerate(edges)}
        self._ways = {key: (order[key], way) for key, (_, way) in self._next.items()}
