"""One connected part of a drawing in layers, from left to right, in the manner of the figures of Tensor Programs IIb.

x is the longest path to a node over the real widths of what lies before it. The main chain, the longest path through
vectors, has row 0; what branches off has rows below and above it, chosen by a few barycentre sweeps. Readouts of
several vectors share a rail above.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from tpviz.language.late import Late

from .crossings import LARGEST, Strand, crossing_cost, woven
from .geometry import GATES, in_x, out_x, port, sides
from .routing import choose_routes
from .sketch import Sketch, SketchEdge
from .spacing import BETWEEN, INNER_ROW, RAIL, ROW, SINGLE, Positions, placed, spacing

if TYPE_CHECKING:
    import networkx as nx
else:
    nx = Late("networkx")

__all__ = ["LARGE", "Part", "parts", "stack"]

SWEEPS = 3
WOVEN = 6.0  # crossings from which other rows are looked for
STEEP = 22.0  # what a column is widened by for every row that edges climb
NUDGE = 14.0
LARGE = 250  # edges from which fewer spacings are tried


def parts(sketch: Sketch) -> list[list[str]]:
    """Connected parts, in program order; single nodes come last, as one part."""
    order = {n.id: k for k, n in enumerate(sketch.nodes)}
    components = [sorted(c, key=order.__getitem__) for c in nx.weakly_connected_components(sketch.graph)]
    components.sort(key=lambda c: order[c[0]])
    single = [id for c in components if len(c) == 1 for id in c]
    return [c for c in components if len(c) > 1] + ([single] if single else [])


def stack(placeable: Sequence[Placeable], sketch: Sketch) -> Positions:
    out: Positions = {}
    top = None
    for part in placeable:
        positions = part.place()
        upper = min(y for _, y in positions.values()) - 18
        lower = max(y + (44 if sketch.by_id[id].label == "below" else 18) for id, (_, y) in positions.items())
        shift = 0.0 if top is None else top + BETWEEN - upper
        out.update({id: (x, y + shift) for id, (x, y) in positions.items()})
        top = lower + shift
    return {n.id: out[n.id] for n in sketch.nodes if n.id in out}


class Placeable(Protocol):
    """A part of a drawing that can be placed on its own."""

    def place(self) -> Positions: ...


class Part:
    """One connected part of the drawing. `room` are further distances to keep, (left, right, at least)."""

    def __init__(self, sketch: Sketch, ids: list[str], room: Iterable[tuple[str, str, float]] = ()):
        self.sketch, self.ids = sketch, ids
        inside = set(ids)
        self.order = {id: k for k, id in enumerate(ids)}
        self.edges = [e for e in sketch.edges if e.source in inside and e.target in inside]
        self.into: dict[str, list[SketchEdge]] = {id: [] for id in ids}
        self.from_: dict[str, list[SketchEdge]] = {id: [] for id in ids}
        for e in self.edges:
            self.into[e.target].append(e)
            self.from_[e.source].append(e)
        self.sorted = self._topological()
        rank = {id: k for k, id in enumerate(self.sorted)}
        self.room: dict[str, list[tuple[str, float]]] = {id: [] for id in ids}
        for left, right, least in room:
            if left in inside and right in inside and rank[left] < rank[right]:
                self.room[right].append((left, least))
        self.railed = [id for id in ids if self._kind(id) == "output" and not self._in_line(id)]
        self.over = {
            e.source for o in self.railed for e in self.into[o] if e.kind == "wire" and len(self.from_[e.source]) == 1
        }
        self.apart = set(self.railed) | self.over
        self.lowered: set[str] = (
            set()
        )  # embedded inputs that would start the main chain, but stand below like their siblings

    def _kind(self, id: str) -> str:
        return self.sketch.by_id[id].kind

    def _topological(self) -> list[str]:
        """Sources first, in program order where there is a choice; cycles (which a wrong text may have) are cut."""
        missing = {id: len(self.into[id]) for id in self.ids}
        done: dict[str, None] = {}
        rest = iter(self.ids)
        ready = [id for id in self.ids if not missing[id]]
        while len(done) < len(self.ids):
            ready = ready or [next(id for id in rest if id not in done)]  # of a cycle the first
            following = set()
            for id in ready:
                done[id] = None
                for e in self.from_[id]:
                    missing[e.target] -= 1
                    if missing[e.target] <= 0:
                        following.add(e.target)
            ready = sorted(following - done.keys(), key=self.order.__getitem__)
        return list(done)

    def _in_line(self, output: str) -> bool:
        """Whether an output ends a row: it reads one vector that nothing else reads."""
        readouts = [e for e in self.into[output] if e.kind == "readout"]
        return len(readouts) <= 1 and all(len(self.from_[e.source]) == 1 for e in readouts)

    def gap(self, e: SketchEdge) -> float:
        gap = spacing(self.sketch.by_id[e.source], self.sketch.by_id[e.target], e)
        return max(gap, 68.0 + self.sketch.by_id[e.target].grow) if e.source in self.lowered else gap

    # the steps

    def place(self) -> Positions:
        if not self.edges:
            return {id: (SINGLE * k, 0.0) for k, id in enumerate(self.ids)}
        x = self._columns()
        chain = self._main_chain()
        x = self._pull_right(x, set(chain))
        rows = self._rows(chain, x)
        woven = self._woven(x, rows)
        if woven is not None:
            x = self._wider(x, woven)
        return self._spread(x, rows if woven is None else woven)

    def _columns(self) -> dict[str, float]:
        rank = {id: k for k, id in enumerate(self.sorted)}
        x: dict[str, float] = {}
        for id in self.sorted:
            after = [x[e.source] + self.gap(e) for e in self.into[id] if rank[e.source] < rank[id]]
            x[id] = max((*after, *(x[left] + least for left, least in self.room[id])), default=0.0)
        return x

    def _longest(self, allowed: set[str]) -> list[str]:
        """The longest path within `allowed`; among equals the first in the program."""
        rank = {id: k for k, id in enumerate(self.sorted)}
        best: dict[str, tuple[float, int]] = {}
        before: dict[str, str | None] = {}
        for id in self.sorted:
            if id not in allowed:
                continue
            best[id], before[id] = (0.0, -self.order[id]), None
            for e in self.into[id]:
                if (
                    e.source in best
                    and rank[e.source] < rank[id]
                    and best[e.source][0] + self.gap(e) > best[id][0] + 1e-9
                ):
                    best[id], before[id] = (best[e.source][0] + self.gap(e), best[e.source][1]), e.source
        at: str | None = max(best, key=best.__getitem__)
        path = []
        while at is not None:
            path.append(at)
            at = before[at]
        return path[::-1]

    def _main_chain(self) -> list[str]:
        wide = {id for id in self.ids if self._kind(id) not in ("moment", "scalar") and id not in self.apart}
        chain = self._longest(wide or set(self.ids))
        members = set(chain)
        for k, id in enumerate(chain[:3]):  # an embedded input is a branch like the later ones of the same embedding
            family = self.sketch.by_id[id].family
            siblings = [n for n in self.ids if n not in members and family and self.sketch.by_id[n].family == family]
            if any(e.target in members for n in siblings for e in self.from_[n]):
                self.lowered = set(chain[: k + 1])
                return chain[k + 1 :]
        return chain

    def _pull_right(self, x: dict[str, float], chain: set[str]) -> dict[str, float]:
        """Move what feeds the chain, and nothing of the chain feeds, next to where it is first used."""
        floating: set[str] = set()
        for id in self.sorted:
            if id not in chain and all(e.source in floating for e in self.into[id]):
                floating.add(id)
        x = dict(x)
        least = [(left, right, d) for right, lefts in self.room.items() for left, d in lefts]
        for id in reversed(self.sorted):
            limits = [x[e.target] - self.gap(e) for e in self.from_[id] if e.target not in self.apart]
            limits += [x[right] - d for left, right, d in least if limits and left == id]
            if id in floating and limits:
                x[id] = min(limits)
        for id in self.sorted:  # what a source that cannot move feeds stays beside it
            if id in floating and self.into[id]:
                after = [x[e.source] + self.gap(e) for e in self.into[id]]
                x[id] = max(*after, *(x[before] + d for before, d in self.room[id]), after[0])
        left = min(x[id] for id in self.ids if id not in self.apart)
        return {id: v - left for id, v in x.items()}

    def _rows(self, chain: list[str], x: dict[str, float]) -> dict[str, float]:
        rest = set(self.ids) - set(chain) - self.apart
        branches = [chain]
        while rest:
            branch = self._longest(rest)
            branches.append(branch)
            rest -= set(branch)
        self.branches = branches
        rows: dict[str, float] = dict.fromkeys(chain, 0)
        for branch in branches[1:]:
            self._best_row(branch, rows, x)
        for _ in range(SWEEPS):
            moved = False
            for branch in branches[1:]:
                before = rows[branch[0]]
                self._best_row(branch, rows, x)
                moved |= rows[branch[0]] != before
            if not moved:
                break
        return rows

    def _woven(self, x: dict[str, float], rows: dict[str, float]) -> dict[str, float] | None:
        """Other rows, where edges cross a lot."""
        strands = [
            Strand(
                e.source,
                e.target,
                x[e.source] + out_x(self.sketch.by_id[e.source]),
                x[e.target] + in_x(self.sketch.by_id[e.target]),
                port(self.sketch.by_id[e.target], e.slot)[1] / INNER_ROW,
            )
            for e in self.edges
            if e.source in rows and e.target in rows
        ]
        if len(strands) > LARGEST[1] or crossing_cost(strands, {id: x[id] for id in rows}, rows) < WOVEN:
            return None
        ends = {}
        for id in rows:
            left, right = sides(self.sketch.by_id[id])
            ends[id] = (x[id] + left - 14, x[id] + right + 14)
        return woven((self.branches, self._cut()), ends, strands, {id: x[id] for id in rows}, rows)

    def _cut(self) -> list[list[str]]:
        """The branches, cut in front of gates that have several inputs."""
        out = []
        for branch in self.branches:
            starts = [
                k for k, id in enumerate(branch) if k == 0 or (self._kind(id) in GATES and len(self.into[id]) > 1)
            ]
            out += [branch[a:b] for a, b in pairwise([*starts, len(branch)])]
        return out

    def _wider(self, x: dict[str, float], rows: dict[str, float]) -> dict[str, float]:
        """Columns further apart where edges climb over several rows between them."""
        steep: dict[float, float] = {}
        for e in self.edges:
            if e.source in rows and e.target in rows:
                climb = min(4.0, abs(rows[e.source] - rows[e.target])) - (0.0 if e.tex else 1.0)
                steep[x[e.source]] = max(steep.get(x[e.source], 0.0), STEEP * climb)
        columns, shift, out = sorted(set(x.values())), 0.0, {}
        for column in columns:
            out[column] = column + shift
            shift += steep.get(column, 0.0)
        return {id: out[v] for id, v in x.items()}

    def _best_row(self, branch: list[str], rows: dict[str, float], x: dict[str, float]) -> None:
        """The free row nearest to the neighbours of a branch, on the side of its ports, rather below than above."""
        members = set(branch)
        for id in branch:
            rows.pop(id, None)
        neighbours: list[float] = []
        wanted = 0.0  # above is negative
        for id in branch:
            for e in self.into[id] + self.from_[id]:
                other = e.source if e.target == id else e.target
                if other in rows and other not in members:
                    neighbours.append(rows[other])
            for e in self.from_[id]:
                if e.target in rows and self._kind(e.target) in GATES:
                    straight = [i.slot for i in self.into[e.target] if rows.get(i.source) == rows[e.target]]
                    if straight:
                        wanted += 1 if e.slot > straight[0] else -1
        left = min(x[id] + sides(self.sketch.by_id[id])[0] for id in branch) - 14
        right = max(x[id] + sides(self.sketch.by_id[id])[1] for id in branch) + 14
        taken: dict[float, list[str]] = {}
        for id, r in rows.items():
            taken.setdefault(r, []).append(id)
        spans: dict[float, list[tuple[float, float]]] = {}  # edges along a row keep it taken
        for e in self.edges:
            if e.source in rows and rows.get(e.target) == rows[e.source]:
                spans.setdefault(rows[e.source], []).append((x[e.source], x[e.target]))
        reach = int(max((abs(r) for r in rows.values()), default=0)) + 1
        centre = sorted(neighbours)[len(neighbours) // 2] if neighbours else 0

        def cost(row: int) -> tuple[float, int]:
            total = sum(abs(row - r) for r in neighbours) / max(1, len(neighbours)) * 2.0
            if row < centre:
                total += 0.25 + (2.5 if wanted > 0 else 0)
            elif row > centre and wanted < 0:
                total += 0.8
            return (total, row)

        for row in sorted(range(-reach, reach + 1), key=cost):
            nodes = taken.get(row, [])
            if (row == 0 and branch[0] in self.lowered) or any(a < right and b > left for a, b in spans.get(row, ())):
                continue
            if all(
                x[n] + sides(self.sketch.by_id[n])[1] <= left or x[n] + sides(self.sketch.by_id[n])[0] >= right
                for n in nodes
            ):
                rows.update(dict.fromkeys(branch, row))
                return
        rows.update(dict.fromkeys(branch, reach + 1))

    def _spread(self, x: dict[str, float], rows: dict[str, float]) -> Positions:
        """Rows to heights: wider where the rails between two rows do not fit."""
        best: tuple[int, Positions] | None = None
        for widen in (0.0, 48.0) if len(self.edges) > LARGE else (0.0, 24.0, 48.0, 96.0):
            positions = self._heights(x, rows, widen)
            self._place_outputs(positions)
            forced = self._forced(positions)
            if best is None or forced < best[0]:
                best = (forced, positions)
            if forced == 0 or (widen > 24 and forced > best[0]):
                break
        return {id: best[1][id] for id in self.ids}  # type: ignore[index]

    def _heights(self, x: dict[str, float], rows: dict[str, float], widen: float) -> Positions:
        used = sorted(set(rows.values()))
        plain = {
            r: all(not self.into[id] for id in rows if rows[id] == r) for r in used
        }  # initial vectors and scalars alone
        heights, y = {used[0]: 0.0}, 0.0
        for above, below in pairwise(used):
            y += min(below - above, 1) * ((ROW if plain[above] or plain[below] else INNER_ROW) + widen)
            heights[below] = y
        zero = heights.get(0, 0.0)
        far = {
            id
            for id, r in rows.items()
            if abs(r) >= 2 and not self.into[id] and all(rows.get(e.target) != r for e in self.from_[id])
        }  # a source behind another row stands a little to the right
        return {id: (x[id] + (NUDGE if id in far else 0), heights[r] - zero) for id, r in rows.items()}

    def _place_outputs(self, positions: Positions) -> None:
        """Outputs that read several vectors: above, at the end of their rail, their biases above them. One that reads
        a column stands beside its middle."""
        top = min(y for _, y in positions.values())
        for output in self.railed:
            if (beside := self._beside_a_column(output, positions)) is not None:
                positions[output] = beside
                continue
            at = max(
                (
                    positions[e.source][0] + (104 if e.kind == "readout" else 84)
                    for e in self.into[output]
                    if e.source in positions
                ),
                default=104.0,
            )
            y = top - RAIL
            positions[output] = (at, y)
            top = y + 24
            biases = [e.source for e in self.into[output] if e.source in self.over]
            for k, bias in enumerate(dict.fromkeys(biases)):
                positions.setdefault(bias, (at - 72, y - 60 * (k + 1)))
                top = min(top, y - 60 * (k + 1) + 24)

    def _beside_a_column(self, output: str, positions: Positions) -> tuple[float, float] | None:
        read = [positions[e.source] for e in self.into[output] if e.kind == "readout" and e.source in positions]
        if len(read) < 2 or len(read) < len(self.into[output]) or len({round(x) for x, _ in read}) > 1:
            return None
        low, high = min(y for _, y in read), max(y for _, y in read)
        x = read[0][0] + max(self.gap(e) for e in self.into[output]) + STEEP * min(3.0, (high - low) / INNER_ROW)
        if any(u > read[0][0] + 20 and low - 40 < v < high + 40 for u, v in positions.values()):
            return None
        return x, (low + high) / 2

    def _forced(self, positions: Positions) -> int:
        """How many edges find no free way."""
        nodes, labels = placed(self.sketch, positions, self.ids)
        return len(choose_routes(nodes, self.edges, labels).forced)
