"""Two versions of a program as drawings: what was edited, the neighbourhood of that, and both on one page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tpviz.language import Program
from tpviz.language.instructions import Constant, Embed, Embedding, Function, Input, MatMul, Matrix, Vectors, WidthClass
from tpviz.language.printer import line_of

from . import geometry
from .scene import Edge, Group, Node, Scene

__all__ = ["edited", "marked", "nearby", "side_by_side"]

_NAME = re.compile(r"[^\W\d]\w*")
_DECLARED = Constant | WidthClass | Input | Embedding | Matrix | Function
_GAP = 96  # world units between the drawings on a page


def edited(first: Program, second: Program, twins: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of each version whose own line, or a matrix, function or number that it uses, is not that of their twin; and those without
    a twin. What only reads something edited is not among them."""
    back = {other: name for name, other in twins.items()}
    mine = tuple(n for n in _computed(first) if n not in twins or _meaning(first, n, {}) != _meaning(second, twins[n], back))  # fmt: skip
    other = tuple(n for n in _computed(second) if n not in back or back[n] in mine)
    return mine, other


def _computed(program: Program) -> tuple[str, ...]:
    return (*program.vectors, *program.scalars)


def _meaning(program: Program, name: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """The line of a name and of the declarations that it uses, names replaced."""
    lines: list[str] = []
    waiting, seen = [name], {name}
    for n in waiting:
        line = line_of(program[n])
        lines.append(_NAME.sub(lambda m: names.get(m[0], m[0]), line))
        used = [w for w in _NAME.findall(line) if w in program.definitions and isinstance(program[w], _DECLARED)]
        waiting += [w for w in dict.fromkeys(used) if w not in seen]
        seen.update(used)
    return tuple(lines)


def marked(scene: Scene, program: Program, names: Iterable[str]) -> Group:
    """What the names stand for on the drawing: a product its dashed edge, a gate itself, what is given its circle."""
    nodes: dict[str, None] = {}
    edges: dict[str, None] = {}
    for name in names:
        gate = f"gate:{name}"
        if isinstance(program.definitions.get(name), MatMul | Embed):
            edges |= dict.fromkeys(e.id for e in scene.edges if e.target == name and e.kind == "matmul")
        if gate in scene.by_id:
            nodes[gate] = None
        elif not any(e.target == name for e in scene.edges) and name in scene.by_id:
            i = program.definitions.get(name)
            nodes |= dict.fromkeys(n for n in (i.names if isinstance(i, Vectors) else (name,)) if n in scene.by_id)
    return Group(tuple(nodes), tuple(edges))


def nearby(scene: Scene, group: Group, most: int = 24) -> Scene:
    """The drawing as it is up to `most` nodes, else what stands around the group."""
    if len(scene.nodes) <= most:
        return scene
    ends = [x for e in scene.edges if e.id in group.edges for x in (e.source, e.target)]
    kept = dict.fromkeys([*group.nodes, *ends])
    if not kept:
        kept = dict.fromkeys(n.id for n in scene.nodes[-most // 2 :])
    touching: dict[str, list[str]] = {}
    for e in scene.edges:
        touching.setdefault(e.source, []).append(e.target)
        touching.setdefault(e.target, []).append(e.source)
    wave = list(kept)
    while wave and len(kept) < most:
        wave = [y for x in wave for y in touching.get(x, ()) if y not in kept]
        kept |= dict.fromkeys(wave[: most - len(kept)])
    return Scene(
        tuple(n for n in scene.nodes if n.id in kept),
        tuple(e for e in scene.edges if e.source in kept and e.target in kept),
    )


def side_by_side(
    scenes: Sequence[Scene],
    titles: Sequence[str],
    groups: Sequence[Group],
    numbers: Sequence[Mapping[str, str]],
) -> Scene:
    """The versions beside each other, what was edited in style 2, under each drawing its title (TeX), and under vectors their E Z², where it is told (TeX)."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    lit_nodes: list[str] = []
    lit_edges: list[str] = []
    right = 0.0
    floor = max((s.bounds()[3] for s in scenes if s.nodes), default=0.0)
    for k, (scene, title, group, told) in enumerate(zip(scenes, titles, groups, numbers, strict=True)):
        left, _, end, _ = scene.bounds()
        dx = right + (_GAP if k else 0) - left
        moved = {n.id: _moved(n, k, dx, told.get(n.id, "")) for n in scene.nodes}
        nodes += moved.values()
        for e in scene.edges:
            r = geometry.route(moved[e.source], moved[e.target], e.route, e.rail, e.back, e.slot)
            edges.append(replace(e, id=f"{k}:{e.id}", source=f"{k}:{e.source}", target=f"{k}:{e.target}", d=r.d, tip=r.tip,
                                 direction=r.direction, middle=r.middle))  # fmt: skip
        what = r"\mathbb{E}\,Z^{2}\ \mathrm{below\ its\ vector}" if told else ""
        nodes.append(Node(f"{k}:title", "caption", (left + end) / 2 + dx, floor + 60, title, note=what))
        lit_nodes += [f"{k}:{n}" for n in group.nodes]
        lit_edges += [f"{k}:{e}" for e in group.edges]
        right = end + dx
    lit = Group(tuple(lit_nodes), tuple(lit_edges))
    return Scene(tuple(nodes), tuple(edges), (Group(), lit) if lit_nodes or lit_edges else ())


def _moved(n: Node, k: int, dx: float, number: str) -> Node:
    label = "above" if number and n.label == "below" else n.label
    return replace(n, id=f"{k}:{n.id}", x=n.x + dx, note=number or n.note, label=label)
