"""Groups that are closed, each drawn as one node: its members are left out, and the edges between them and the rest are
attached to it.

An edge keeps its id, so that what is done to it on the canvas is done to the edge of the program. Edges that come from
one node by the same matrix are drawn once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tpviz.language.typeset import plain_tex, tex_width

from .marks import NodeGroup
from .sketch import Sketch, SketchEdge, SketchNode

__all__ = ["Folded", "centre_of", "fold", "ported"]

SIZE = 15
ROOM = 78  # a wider name stands below


@dataclass(frozen=True)
class Folded:
    """The sketch as it is drawn. `closed` and `open` are the groups with the members that are there; `stands` says which
    node or edge stands for one that is left out."""

    sketch: Sketch
    closed: tuple[NodeGroup, ...] = ()
    open: tuple[NodeGroup, ...] = ()
    stands: Mapping[str, str] = field(default_factory=dict)

    def shown(self, nodes: Iterable[str], edges: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Ids of nodes and edges of the program as ids of what is drawn: what lies within a closed group is its node."""
        out_nodes: dict[str, None] = dict.fromkeys(self.stands.get(n, n) for n in nodes)
        out_edges: dict[str, None] = {}
        for e in edges:
            id = self.stands.get(e, e)
            (out_nodes if id.startswith("group:") and ">" not in id else out_edges)[id] = None
        return tuple(out_nodes), tuple(out_edges)


def fold(sketch: Sketch, groups: Iterable[NodeGroup]) -> Folded:
    """The sketch with the closed groups folded; members that are not drawn do not count."""
    there = [g for g in (_present(g, sketch) for g in groups) if g.members]
    closed, opened = tuple(g for g in there if g.closed), tuple(g for g in there if not g.closed)
    if not closed:
        return Folded(sketch, (), opened)
    owner = {m: g.node for g in closed for m in g.members}
    ends, stands = _Ends(owner), dict(owner)
    for e in sketch.edges:
        source, target = owner.get(e.source, e.source), owner.get(e.target, e.target)
        if source == target and source in owner.values():
            stands[e.id] = source
        elif (id := ends.attach(e, source, target)) != e.id:
            stands[e.id] = id
    nodes: list[SketchNode] = []
    waiting = {g.node: g for g in closed}
    for n in sketch.nodes:
        if n.id not in owner:
            nodes.append(n)
        elif (g := waiting.pop(owner[n.id], None)) is not None:  # it stands where its first member stood
            nodes.append(_node(g, sketch, ends.count.get((g.node, "in"), 0)))
    return Folded(Sketch(tuple(nodes), tuple(ends.edges.values())), closed, opened, stands)


def _present(group: NodeGroup, sketch: Sketch) -> NodeGroup:
    return replace(group, members=tuple(m for m in group.members if m in sketch.by_id))


def _node(group: NodeGroup, sketch: Sketch, ports: int) -> SketchNode:
    members = [sketch.by_id[m] for m in group.members]
    tex = plain_tex(group.name)
    label = "inside" if tex_width(tex) * SIZE <= ROOM else "below"
    error = next((n.error for n in members if n.error), None)
    if error is None and any(n.error is not None for n in members):
        error = ""
    return SketchNode(
        group.node, "group", tex, label, SIZE, ports=ports, error=error, flip=all(n.flip for n in members)
    )


class _Ends:
    """The edges of the folded sketch, attached to numbered ports of the groups."""

    def __init__(self, owner: Mapping[str, str]):
        self.owner = owner
        self.edges: dict[str, SketchEdge] = {}
        self.count: dict[tuple[str, str], int] = {}
        self._same: dict[tuple, str] = {}

    def attach(self, e: SketchEdge, source: str, target: str) -> str:
        """Draw the edge between these ends; the id of the edge that stands for it."""
        into = target != e.target
        key = (e.source, source, target, e.kind, e.tex, None if into else e.slot)
        if into and key in self._same:
            return self._same[key]
        self._same[key] = e.id
        slot = self._next(target) if into else e.slot
        self.edges[e.id] = replace(
            e, source=source, target=target, slot=slot, coefficient="" if into else e.coefficient
        )
        return e.id

    def _next(self, group: str) -> int:
        k = self.count.get((group, "in"), 0)
        self.count[group, "in"] = k + 1
        return k


def ported(sketch: Sketch, positions: Mapping[str, tuple[float, float]]) -> Sketch:
    """The ports of groups in the order in which what they are joined to stands, from top to bottom."""
    groups = {n.id: n for n in sketch.nodes if n.kind == "group"}
    if not groups:
        return sketch
    into: dict[str, list[SketchEdge]] = {id: [] for id in groups}
    out_of: dict[str, dict[str, list[SketchEdge]]] = {id: {} for id in groups}
    for e in sketch.edges:
        if e.target in groups:
            into[e.target].append(e)
        if e.source in groups:  # what leaves one vector of the group leaves by one port
            out_of[e.source].setdefault(e.id.split(">", 1)[0], []).append(e)
    slots: dict[str, int] = {}
    leaves: dict[str, float] = {}
    for arriving in into.values():
        for k, e in enumerate(sorted(arriving, key=lambda e: (positions[e.source][1], e.slot))):
            slots[e.id] = k
    for bundles in out_of.values():
        heights = {k: sum(positions[e.target][1] for e in es) / len(es) for k, es in bundles.items()}
        for k, vector in enumerate(sorted(bundles, key=lambda v: (heights[v], v))):
            leaves |= dict.fromkeys((e.id for e in bundles[vector]), -24 + 48 * (k + 1) / (len(bundles) + 1))
    edges = tuple(replace(e, slot=slots.get(e.id, e.slot), leave=leaves.get(e.id, e.leave)) for e in sketch.edges)
    return replace(sketch, edges=edges)


def centre_of(group: NodeGroup, positions: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    """The middle of what the members of a group cover, on the row that most of them share."""
    x, y = zip(*(positions[m] for m in group.members if m in positions), strict=True)
    middle = (min(y) + max(y)) / 2
    row = min(set(y), key=lambda v: (-y.count(v), abs(v - middle), v))
    return round((min(x) + max(x)) / 2), row
