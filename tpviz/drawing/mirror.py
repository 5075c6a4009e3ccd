"""The backward pass of a drawing, mirrored: below the forward pass, from right to left, every dx under its x.

Forward and backward pass share their columns. Where the backward pass needs more room than the forward pass (sums of
gradients), the forward pass is widened, as long as it has no positions of its own yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from .geometry import GATES, sides
from .layers import LARGE, Part, parts, stack
from .routing import choose_routes
from .sketch import Sketch, SketchEdge
from .spacing import INNER_ROW, Positions, placed, spacing

__all__ = ["Mirrored", "faced"]

DEPTHS = (132.0, 168.0, 216.0)  # from the lowest row of the forward pass to the highest of the backward pass
ASIDE = 48.0  # how far an initial vector steps aside for an edge that comes down from above it
APART, SLACK = 19.0, 12.0  # between the columns of two gates that are fed from above; what one may step aside
LOWER = 60.0  # a source that stands this much higher feeds a gate from above


def faced(sketch: Sketch, positions: Mapping[str, tuple[float, float]]) -> Sketch:
    """The sketch as it faces where it stands: a backward pass that runs from left to right is not flipped, and the
    gates of one that is are fed from above by what stands above them."""
    if not any(n.flip for n in sketch.nodes):
        return sketch
    flipped = {n.id for n in sketch.nodes if n.flip}
    leftwards = 0
    for e in sketch.edges:
        if e.source in flipped and e.target in flipped:
            shift = positions[e.target][0] - positions[e.source][0]
            leftwards += (shift < 0) - (shift > 0)
    if leftwards < 0:
        return replace(sketch, nodes=tuple(replace(n, flip=False) for n in sketch.nodes))
    above: dict[str, list[tuple[float, int]]] = {}
    for e in sketch.edges:
        if e.source not in flipped and e.target in flipped and sketch.by_id[e.target].kind in GATES:
            (x, y), (_, lower) = positions[e.source], positions[e.target]
            if y <= lower - LOWER:
                above.setdefault(e.target, []).append((x, e.slot))
    return replace(
        sketch,
        nodes=tuple(
            replace(n, above=tuple(slot for _, slot in sorted(above[n.id]))) if n.id in above else n
            for n in sketch.nodes
        ),
    )


class Mirrored:
    """A connected part with a backward pass."""

    def __init__(self, sketch: Sketch, ids: list[str]):
        inside = set(ids)
        self.sketch, self.ids = sketch, ids
        self.forward = [id for id in ids if not sketch.by_id[id].flip]
        self.backward = [id for id in ids if sketch.by_id[id].flip]
        back = set(self.backward)
        self.edges = [e for e in sketch.edges if e.source in inside]
        self.into: dict[str, list[SketchEdge]] = {id: [] for id in self.backward}
        self.from_: dict[str, list[SketchEdge]] = {id: [] for id in self.backward}
        for e in self.edges:
            if e.source in back and e.target in back:
                self.into[e.target].append(e)
                self.from_[e.source].append(e)

    @cached_property
    def sorted(self) -> list[str]:
        """The backward pass in the order in which it flows."""
        return Part(self.sketch, self.backward).sorted

    @cached_property
    def twins(self) -> dict[str, str]:
        """What has a column of the forward pass."""
        there = set(self.forward)
        return {id: m for id in self.backward if (m := self.sketch.by_id[id].mirrors) in there}

    def place(self) -> Positions:
        there = set(self.forward)
        forward = Sketch(
            tuple(n for n in self.sketch.nodes if n.id in there),
            tuple(e for e in self.edges if e.source in there and e.target in there),
        )
        room = self._room()
        positions = stack([Part(forward, ids, room) for ids in parts(forward)], forward)
        self._step_aside(positions)
        return self.below(positions)

    def below(self, forward: Positions) -> Positions:
        """The positions of all, those of the forward pass as they are given."""
        best: tuple[int, Positions] | None = None
        for depth in DEPTHS[::2] if len(self.edges) > LARGE else DEPTHS:
            positions = {**forward, **self._mirror(forward, depth)}
            there = faced(self.sketch, {**{n.id: (0.0, 0.0) for n in self.sketch.nodes}, **positions})
            nodes, labels = placed(there, positions, self.ids)
            forced = len(choose_routes(nodes, self.edges, labels).forced)
            if best is None or forced < best[0]:
                best = (forced, positions)
            if forced == 0:
                break
        return {id: best[1][id] for id in self.ids}  # type: ignore[index]

    def widened(self, forward: Positions) -> Positions:
        """These positions of the forward pass with its columns moved apart, where the backward pass needs it."""
        out = dict(forward)
        for left, right, least in sorted(self._room(), key=lambda r: forward[r[1]][0]):
            missing = out[left][0] + least - out[right][0]
            if missing > 0 and forward[left][0] < forward[right][0]:
                start = forward[right][0] - 1
                out.update({id: (x + missing, y) for id, (x, y) in out.items() if forward[id][0] >= start})
        self._step_aside(out)
        return out

    def _gap(self, e: SketchEdge) -> float:
        gap = spacing(self.sketch.by_id[e.source], self.sketch.by_id[e.target], e)
        alone = self.sketch.by_id[e.target].ports > 1 and len(self.into[e.target]) == 1  # on the flat side of its gate
        return gap - 4 if alone else gap

    def _room(self) -> list[tuple[str, str, float]]:
        """What the columns of the forward pass must be apart for the backward pass to fit between them."""
        out: list[tuple[str, str, float]] = []
        reach: dict[str, dict[str, float]] = {}
        for id in reversed(self.sorted):
            far: dict[str, float] = {}
            for e in self.from_[id]:
                onward = {self.twins[e.target]: 0.0} if e.target in self.twins else reach.get(e.target, {})
                for column, distance in onward.items():
                    far[column] = max(far.get(column, 0.0), distance + self._gap(e))
            if id in self.twins:
                out += [(column, self.twins[id], distance) for column, distance in far.items()]
            reach[id] = far
        return out

    def _step_aside(self, positions: Positions) -> None:
        """What is read from an input or from nowhere leaves the way down free for a vector above it that feeds the
        backward pass."""
        back = set(self.backward)
        into: dict[str, list[str]] = {}
        for e in self.edges:
            into.setdefault(e.target, []).append(e.source)
        feeds = {e.source for e in self.edges if e.source not in back and e.target in back}
        for id in self.forward:
            chain = [id, *into.get(id, ())]  # a vector, maybe with the input that it embeds
            if len(chain) > 2 or any(into.get(s) for s in chain[1:]):
                continue
            x, y = positions[id]
            if any(abs(positions[f][0] - x) < 38 and positions[f][1] < y - 30 for f in feeds):
                moved = {k: (positions[k][0] - ASIDE, positions[k][1]) for k in chain}
                others = [p for k, p in positions.items() if k not in moved]
                if all(abs(v - q) > 56 or abs(u - p) > 44 for u, v in moved.values() for p, q in others):
                    positions.update(moved)

    # the backward pass below

    def _mirror(self, forward: Positions, depth: float) -> Positions:
        x = self._columns(forward)
        rows = {id: forward[m][1] for id, m in self.twins.items() if id not in self._gates and self.into[id]}
        rows = rows or {id: forward[m][1] for id, m in self.twins.items() if id not in self._gates} or {"": 0.0}
        axis = max(y for _, y in forward.values()) + depth + max(rows.values())
        out: Positions = {}
        for id in sorted(self.backward, key=self._turn):
            out[id] = self._free(id, x[id], self._height(id, forward, axis, out), out)
        return out

    @cached_property
    def _gates(self) -> set[str]:
        return {id for id in self.backward if self.sketch.by_id[id].kind in GATES}

    def _turn(self, id: str) -> tuple[int, int]:
        """Vectors under their twins first, then gates, then what stands between."""
        rank = self.sorted.index(id)
        if id in self.twins and id not in self._gates and self.into[id]:
            return 0, rank
        if id in self._gates and any(e.target in self.twins for e in self.from_[id]):
            return 1, rank
        return 2 if self.into[id] else 3, rank

    def _columns(self, forward: Positions) -> dict[str, float]:
        x = {id: forward[m][0] for id, m in self.twins.items()}
        self._stagger(x, forward)
        for id in self.sorted:
            if id not in x and self.into[id]:
                known = [x[e.source] - self._gap(e) for e in self.into[id] if e.source in x]
                if known:
                    x[id] = min(known)
        left = min(u for u, _ in forward.values())
        for id in reversed(self.sorted):
            after = [x[e.target] + self._gap(e) for e in self.from_[id] if e.target in x]
            if id not in x:
                x[id] = max(after, default=left)
            elif id in self._gates and id not in self.twins and after:  # a sum stands beside its result
                x[id] = min(x[id], max(after))
            elif id in self.twins and not self.into[id] and after:  # a readout, under an output that may stand apart
                x[id] = max(x[id], *after)
        return x

    def _stagger(self, x: dict[str, float], forward: Positions) -> None:
        """Gates in one column step apart, as far as they may, so that edges from above reach the lower ones, too."""
        made = {g: e.target for g in self._gates & self.twins.keys() for e in self.from_[g] if e.target in self.twins}
        row = {g: forward[self.twins[v]][1] for g, v in made.items()}
        back = set(self.backward)
        fed = {e.target for e in self.edges if e.source not in back}
        for lower in sorted(fed & row.keys(), key=lambda g: (row[g], x[g])):
            for upper in sorted(g for g in row if row[g] > row[lower] and abs(x[g] - x[lower]) < APART):
                beside = x[made[upper]] + max(self._gap(e) for e in self.from_[upper])
                if beside < x[lower] - 38:
                    x[upper] = beside
                else:
                    step = min(SLACK, (APART - (x[lower] - x[upper])) / 2)
                    x[lower] += step
                    x[upper] -= step

    def _height(self, id: str, forward: Positions, axis: float, out: Positions) -> float:
        """A vector's row is that of its twin, mirrored; other nodes stand in the row of what they belong to."""
        if id in self.twins and id not in self._gates and self.into[id]:
            return axis - forward[self.twins[id]][1]
        sources, targets = [e.source for e in self.into[id]], [e.target for e in self.from_[id]]
        beside = [*targets, *sources] if id in self._gates or not sources else [*sources, *targets]
        known = next((out[o][1] for o in beside if o in out), None)
        if known is not None:
            return known
        return axis - forward[self.twins[id]][1] if id in self.twins else axis

    def _free(self, id: str, x: float, y: float, out: Positions) -> tuple[float, float]:
        """The place, or the nearest row below it where nothing of the backward pass stands."""
        left, right = sides(self.sketch.by_id[id])

        def taken(at: float) -> bool:
            for other, (u, v) in out.items():
                start, end = sides(self.sketch.by_id[other])
                if abs(v - at) < 56 and u + end + 12 > x + left and u + start - 12 < x + right:
                    return True
            return False

        while taken(y):
            y += INNER_ROW / 2
        return x, y
