"""Rows with fewer crossings, for drawings that are wide and woven, such as convolutions and attention.

Branches (chains of nodes on one row) are put in an order from top to bottom; those that share a column keep a row
apart. A branch is taken out and put in again where it costs least, until nothing improves. Rows may be halves, so that
a gate can stand in the middle of its inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["LARGEST", "Strand", "crossing_cost", "woven"]

LARGEST = 24, 120  # branches and edges up to which the search is quick
ROUNDS = 4
THROUGH = 1.5  # an edge with nodes on its way, which needs a rail, in crossings
BEND = 0.2  # an edge that is not level, in crossings
LENGTH = 0.05  # a row that an edge climbs, in crossings


@dataclass(frozen=True)
class Strand:
    """An edge as a straight line: from (left, row of source) to (right, row of target + port)."""

    source: str
    target: str
    left: float
    right: float
    port: float = 0


def woven(
    partitions: Iterable[Sequence[Sequence[str]]],
    ends: Mapping[str, tuple[float, float]],
    strands: Sequence[Strand],
    x: Mapping[str, float],
    rows: Mapping[str, float],
) -> dict[str, float] | None:
    """Better rows than `rows` if there are any; None where there are none, or where the drawing is too large to look.
    `partitions` are ways to cut the drawing into branches, `ends` the columns that every node needs."""
    best = crossing_cost(strands, x, rows) - 1
    found = None
    for branches in partitions:
        if 3 <= len(branches) <= LARGEST[0] and len(strands) <= LARGEST[1]:
            weaver = _Weaver(branches, ends, strands, x)
            order, cost = weaver.search(rows)
            if cost < best:
                best, found = cost, weaver.rows(order)
    return found


def crossing_cost(strands: Sequence[Strand], x: Mapping[str, float], rows: Mapping[str, float]) -> float:
    """Crossings, edges that need a rail, and a little for every edge that is not level and every row that it
    climbs."""
    lines = _Lines(strands, x, list(x))
    return lines.cost(np.array([rows[id] for id in lines.ids], dtype=float))


class _Lines:
    """The edges as arrays."""

    def __init__(self, strands: Sequence[Strand], x: Mapping[str, float], ids: Sequence[str]):
        self.ids = list(ids)
        at = {id: k for k, id in enumerate(self.ids)}
        self.source = np.array([at[s.source] for s in strands], dtype=int)
        self.target = np.array([at[s.target] for s in strands], dtype=int)
        self.left = np.array([s.left for s in strands])
        self.right = np.array([s.right for s in strands])
        self.port = np.array([s.port for s in strands])
        self.first, self.second = np.triu_indices(len(strands), 1)
        self.start = np.maximum(self.left[self.first], self.left[self.second])
        self.stop = np.minimum(self.right[self.first], self.right[self.second])
        together = self.start < self.stop
        self.first, self.second = self.first[together], self.second[together]
        self.start, self.stop = self.start[together], self.stop[together]
        place = np.array([x[id] for id in self.ids])
        on_way = (place > self.left[:, None] + 20) & (place < self.right[:, None] - 20)
        self.passing, self.passed = np.nonzero(on_way)
        self.place = place[self.passed]

    def cost(self, rows: np.ndarray) -> float:
        """How much the edges cross at these rows of the nodes."""
        begin, end = rows[self.source], rows[self.target] + self.port
        slope = (end - begin) / np.maximum(self.right - self.left, 1)

        def height(line: np.ndarray, at: np.ndarray) -> np.ndarray:
            return begin[line] + slope[line] * (at - self.left[line])

        before = height(self.first, self.start) - height(self.second, self.start)
        after = height(self.first, self.stop) - height(self.second, self.stop)
        crossings = np.count_nonzero(before * after < -1e-9)
        blocked = self.passing[np.abs(height(self.passing, self.place) - rows[self.passed]) < 0.3]
        through = len(np.unique(blocked))
        climbs = np.abs(end - begin)
        return crossings + THROUGH * through + BEND * np.count_nonzero(climbs > 0.3) + LENGTH * float(climbs.sum())


class _Weaver:
    def __init__(
        self,
        branches: Sequence[Sequence[str]],
        ends: Mapping[str, tuple[float, float]],
        strands: Sequence[Strand],
        x: Mapping[str, float],
    ):
        spans = [(min(ends[id][0] for id in b), max(ends[id][1] for id in b)) for b in branches]
        self.branches = branches
        self.branch_of = {id: k for k, branch in enumerate(branches) for id in branch}
        self.lines = _Lines(strands, x, list(self.branch_of))
        self.node_branch = np.array([self.branch_of[id] for id in self.lines.ids])
        self.overlap = [[a[0] < b[1] and b[0] < a[1] for b in spans] for a in spans]
        self.near: list[list[int]] = [[] for _ in branches]
        for s in strands:
            a, b = self.branch_of[s.source], self.branch_of[s.target]
            if a != b:
                self.near[a].append(b)
                self.near[b].append(a)

    def search(self, rows: Mapping[str, float]) -> tuple[list[int], float]:
        """The best order that is found from that of `rows`, and its cost."""
        order = sorted(range(len(self.branches)), key=lambda k: (rows[self.branches[k][0]], k))
        best = self._cost(order)
        for _ in range(ROUNDS):
            before = best
            for k in sorted(range(len(self.branches)), key=lambda k: (len(self.branches[k]), k)):
                order, best = self._reinsert(order, k, best)
            if best >= before - 1e-9:
                break
        return order, best

    def rows(self, order: list[int]) -> dict[str, float]:
        places = self._places(order)
        return {id: places[k] - places[0] for id, k in self.branch_of.items()}

    def _reinsert(self, order: list[int], k: int, best: float) -> tuple[list[int], float]:
        rest = [other for other in order if other != k]
        for at in range(len(order)):
            candidate = [*rest[:at], k, *rest[at:]]
            cost = self._cost(candidate)
            if cost < best - 1e-9:
                order, best = candidate, cost
        return order, best

    def _cost(self, order: list[int]) -> float:
        return self.lines.cost(np.array(self._places(order))[self.node_branch])

    def _places(self, order: list[int]) -> list[float]:
        """A row for every branch, in this order: as high as may be, then towards the middle of what it is joined to."""
        y = [0.0] * len(order)
        for i, k in enumerate(order):
            y[k] = max((y[j] + 1 for j in order[:i] if self.overlap[j][k]), default=0.0)
        for turn in range(4):
            for i, k in list(enumerate(order))[:: 1 if turn % 2 else -1]:
                if not self.near[k]:
                    continue
                low = max((y[j] + 1 for j in order[:i] if self.overlap[j][k]), default=-np.inf)
                high = min((y[j] - 1 for j in order[i + 1 :] if self.overlap[j][k]), default=np.inf)
                beside = sorted(y[j] for j in self.near[k])
                middle = (beside[(len(beside) - 1) // 2] + beside[len(beside) // 2]) / 2
                y[k] = float(min(max(round(2 * middle) / 2, low), high))
        return y
