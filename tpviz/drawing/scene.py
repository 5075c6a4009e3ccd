"""The scene: everything that is drawn, with positions and paths. It feeds the window, SVG, PDF, PNG and TikZ alike.

`Scene.to_dict` is the `scene` of assets/canvas/PROTOCOL.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from tpviz.language import Parsed, Program
from tpviz.language.typeset import tex_width

from . import geometry
from .folding import Folded, centre_of, fold, ported
from .layout import free_spot, layout
from .marks import groups_of
from .mirror import faced
from .rerouting import RouteMemory
from .routing import Choice, choose_routes
from .sketch import Sketch, sketch
from .spacing import label_box, placed

__all__ = ["Edge", "Frame", "Group", "Node", "Plan", "Scene", "draw", "make_scene", "page"]

MARGIN, MARGIN_ON = 6.0, 14.0  # round the drawing, in world units; with highlights


@dataclass(frozen=True)
class Node:
    """A node where it stands. `label` is inside, below or above; `error` is None, or a sentence ("" marks it without
    one). `flip`: its nose points left; `above` are the ports on its upper side, from left to right.
    """

    id: str
    kind: str
    x: float
    y: float
    tex: str = ""
    label: str = "inside"
    size: int = 17
    grow: int = 0
    ports: int = 0
    note: str = ""
    error: str | None = None
    flip: bool = False
    above: tuple[int, ...] = ()


@dataclass(frozen=True)
class Edge:
    """An edge with its path `d`; `tip` and `direction` place its head, `middle` its label."""

    id: str
    source: str
    target: str
    kind: str
    tex: str = ""
    slot: int = 0
    coefficient: str = ""
    route: str = "direct"
    rail: float = 0
    back: float = 22
    d: str = ""
    head: bool = True
    error: str | None = None
    tip: tuple[float, float] = (0, 0)
    direction: tuple[float, float] = (1, 0)
    middle: tuple[float, float] = (0, 0)
    leave: float = 0


@dataclass(frozen=True)
class Frame:
    """An open group: its id, name, members, and the frame round them (left, top, right, bottom)."""

    id: str
    name: str
    members: tuple[str, ...]
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Group:
    """What one highlight covers: ids of nodes and edges."""

    nodes: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scene:
    """Nodes, edges, and up to four highlights, numbered 1 to 4 in the order of `highlight`; `frames` round open
    groups."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    highlight: tuple[Group, ...] = field(default=())
    frames: tuple[Frame, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Node]:
        return {n.id: n for n in self.nodes}

    @property
    def positions(self) -> dict[str, tuple[float, float]]:
        return {n.id: (n.x, n.y) for n in self.nodes}

    def to_dict(self) -> dict[str, list[dict[str, Any]]]:
        """The `scene` of the protocol: plain lists, dictionaries, strings and numbers."""
        out: dict[str, list[dict[str, Any]]] = {
            "nodes": [_node_dict(n) for n in self.nodes],
            "edges": [_edge_dict(e) for e in self.edges],
        }
        if self.frames:
            out["frames"] = [{"id": f.id, "name": f.name, "members": list(f.members)} for f in self.frames]
        return out

    def highlight_dict(self) -> dict[str, dict[str, list[str]]]:
        """The `highlight` of the protocol."""
        return {str(k): {"nodes": list(g.nodes), "edges": list(g.edges)} for k, g in enumerate(self.highlight, 1)}

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of shapes, labels and rails."""
        boxes = [geometry.box(n) for n in self.nodes]
        for n in self.nodes:
            if n.label != "inside" and n.tex:
                half = tex_width(n.tex) * n.size / 2
                y = n.y + (43 if n.label == "below" else -43) + (8 * (n.label == "below") if n.kind == "group" else 0)
                boxes.append((n.x - half, min(n.y, y), n.x + half, max(n.y, y)))
            if n.note:
                half = tex_width(n.note) * 14 / 2
                boxes.append((n.x - half, n.y, n.x + half, n.y + 56))
        boxes += [(f.box[0], f.box[1] - 22, f.box[2], f.box[3]) for f in self.frames]
        for e in self.edges:
            x, y = e.middle
            half = tex_width(e.tex) * 17 / 2
            boxes.append((x - half, y - (24 if e.tex else 0), x + half, y))
            if e.route != "direct":
                boxes.append((x, e.rail, x, e.rail))
        if not boxes:
            return (0, 0, 0, 0)
        return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def draw(
    program: Parsed | Program,
    positions: Mapping[str, tuple[float, float]] | None = None,
    labels: Mapping[str, str] | None = None,
    view: Mapping[str, Any] | None = None,
    highlight: tuple[Group, ...] = (),
    marks: Mapping[str, Any] | None = None,
) -> Scene:
    """The scene of a program or of a text read so far: sketch, layout (nodes in `positions` do not move), groups as
    `marks` say, routes. `highlight` covers nodes and edges of the program, in closed groups, too."""
    return Plan.of(sketch(program, view, labels), positions or {}, marks or {}).scene(highlight)


@dataclass(frozen=True)
class Plan:
    """A sketch with its groups folded, and a place for every node, those in closed groups and the groups among them."""

    folded: Folded
    places: Mapping[str, tuple[float, float]]

    @staticmethod
    def of(whole: Sketch, fixed: Mapping[str, tuple[float, float]], marks: Mapping[str, Any]) -> Plan:
        """What has a place in `fixed` stands there."""
        folded = fold(whole, groups_of(marks))
        places = {id: at for id, at in fixed.items() if id in whole.by_id}
        if not folded.closed:
            return Plan(folded, layout(whole, places))
        if any(m not in places for g in folded.closed for m in g.members):
            places = dict(layout(whole, places))
        shown = {n.id for n in folded.sketch.nodes}
        for g in folded.closed:
            seen = {id: p for id, p in places.items() if id in shown}
            places[g.node] = fixed.get(g.node) or free_spot(folded.sketch, g.node, *centre_of(g, places), seen)
        return Plan(folded, {**places, **layout(folded.sketch, {id: p for id, p in places.items() if id in shown})})

    def lit(self, highlight: tuple[Group, ...]) -> tuple[Group, ...]:
        """Highlights of the program as highlights of what is drawn."""
        return tuple(Group(*self.folded.shown(g.nodes, g.edges)) for g in highlight)

    def scene(self, highlight: tuple[Group, ...] = (), memory: RouteMemory | None = None) -> Scene:
        scene = make_scene(self.folded.sketch, self.places, self.lit(highlight), memory)
        frames = tuple(
            Frame(g.id, g.name, g.members, geometry.frame_box(scene.by_id[m] for m in g.members))
            for g in self.folded.open
        )
        return replace(scene, frames=frames) if frames else scene


def make_scene(
    sketch: Sketch,
    positions: Mapping[str, tuple[float, float]],
    highlight: tuple[Group, ...] = (),
    memory: RouteMemory | None = None,
) -> Scene:
    """The scene of a sketch at these positions (every node has one); routes and the sides of labels are chosen here.
    `memory` of the last scene of this drawing makes it quick where little has changed."""
    sketch = _sided(ported(faced(sketch, positions), positions), positions)
    nodes, labels = placed(sketch, positions, (n.id for n in sketch.nodes))
    choices = choose_routes(nodes, sketch.edges, labels, memory).choices
    leaves_below = {e.source for e in sketch.edges if _leaves_below(choices[e.id])}
    out_edges = []
    for e in sketch.edges:
        c = choices[e.id]
        r = geometry.route(nodes[e.source], nodes[e.target], c.route, c.rail, c.back, e.slot, e.leave)
        out_edges.append(
            Edge(
                e.id,
                e.source,
                e.target,
                e.kind,
                e.tex if c.labelled else "",
                e.slot,
                e.coefficient,
                c.route,
                c.rail,
                c.back,
                r.d,
                c.head,
                e.error,
                r.tip,
                r.direction,
                r.middle,
                e.leave,
            )
        )
    notes = _notes(sketch, positions, out_edges)
    out_nodes = []
    for n in sketch.nodes:
        x, y = positions[n.id]
        side = "above" if n.label == "below" and n.id in leaves_below else n.label
        note = notes.get(n.id, "")
        out_nodes.append(Node(n.id, n.kind, x, y, n.tex, side, n.size, n.grow, n.ports, note, n.error, n.flip, n.above))
    return Scene(tuple(out_nodes), tuple(out_edges), highlight)


def _leaves_below(c: Choice) -> bool:
    return c.route in ("under", "down") or (c.route == "drop" and not c.back)


def _sided(sketch: Sketch, positions: Mapping[str, tuple[float, float]]) -> Sketch:
    """Labels below stand above instead where something is in the way."""
    boxes = {
        n.id: geometry.box(p, 2)
        for n, p in zip(sketch.nodes, placed(sketch, positions, (n.id for n in sketch.nodes))[0].values(), strict=True)
    }

    def blocked(id: str, side: str) -> bool:
        n, (x, y) = sketch.by_id[id], positions[id]
        b = label_box(n, x, y, side)
        return b is not None and any(
            o[2] > b[0] and o[0] < b[2] and o[3] > b[1] and o[1] < b[3] for k, o in boxes.items() if k != id
        )

    sides = {
        n.id: "above"
        for n in sketch.nodes
        if n.label == "below" and blocked(n.id, "below") and not blocked(n.id, "above")
    }
    return (
        replace(sketch, nodes=tuple(replace(n, label=sides.get(n.id, n.label)) for n in sketch.nodes))
        if sides
        else sketch
    )


def _notes(sketch: Sketch, positions: Mapping[str, tuple[float, float]], edges: list[Edge]) -> dict[str, str]:
    """The notes that have room under their gates, those of Moments first."""
    wanted = sorted((n for n in sketch.nodes if n.note), key=lambda n: n.kind != "moment")
    if not wanted:
        return {}
    taken = [geometry.box(p, 2) for p in placed(sketch, positions, (n.id for n in sketch.nodes))[0].values()]
    taken += [b for n in sketch.nodes if n.label != "inside" and (b := label_box(n, *positions[n.id]))]
    points = [p for e in edges for p in geometry.sample(e.d)]
    out = {}
    for n in wanted:
        left, top, right, bottom = label_box(n, *positions[n.id], side="inside") or (0, 0, 0, 0)
        crossed = any(left - 6 < px < right + 6 and top - 2 < py < bottom + 2 for px, py in points)
        if not crossed and not any(b[0] < right and b[2] > left and b[1] < bottom and b[3] > top for b in taken):
            out[n.id] = n.note
            taken.append((left - 6, top, right + 6, bottom))
    return out


def _node_dict(n: Node) -> dict[str, Any]:
    return {
        "id": n.id,
        "kind": n.kind,
        "x": n.x,
        "y": n.y,
        "tex": n.tex,
        "label": n.label,
        "size": n.size,
        "grow": n.grow,
        "ports": n.ports,
        "note": n.note,
        "flip": n.flip,
        "above": list(n.above),
        "error": n.error,
    }


def _edge_dict(e: Edge) -> dict[str, Any]:
    out = _plain_edge_dict(e)
    if e.leave:
        out["leave"] = e.leave
    return out


def _plain_edge_dict(e: Edge) -> dict[str, Any]:
    return {
        "id": e.id,
        "source": e.source,
        "target": e.target,
        "kind": e.kind,
        "tex": e.tex,
        "slot": e.slot,
        "coefficient": e.coefficient,
        "route": e.route,
        "rail": e.rail,
        "back": e.back,
        "d": e.d,
        "head": e.head,
        "error": e.error,
    }


def page(scene: Scene) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the page, in whole units."""
    margin = MARGIN_ON if scene.highlight else MARGIN
    left, top, right, bottom = scene.bounds()
    return (
        float(int(left - margin - 1)),
        float(int(top - margin - 1)),
        float(int(right + margin + 1)),
        float(int(bottom + margin + 1)),
    )
