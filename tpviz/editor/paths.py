"""What is lit on the drawing: a path picked by its start and its end, stepped through where there are several, or a pair of paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..drawing.highlight import count_paths, paths_between
from ..drawing.scene import Group, Scene
from ..drawing.sketch import Sketch, transpose
from ..language import Program
from ..language.graph import gate_label
from ..language.instructions import Embed, MatMul, Nonlin
from ..language.labels import label
from ..network import Path

__all__ = ["NO_PATHS", "LitPair", "PathChoice", "choose_path", "covered", "path_tex", "vertex_tex", "word_tex"]

Drawing = Sketch | Scene  # with groups folded only the sketch holds every node
_LISTED = 200  # paths that can be stepped through; more are counted, not listed


@dataclass(frozen=True)
class PathChoice:
    """All paths from `start` to `end` that are listed, how many there are, and which one is lit."""

    start: str = ""
    end: str = ""
    routes: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    total: int = 0
    index: int = 0

    @property
    def several(self) -> bool:
        return len(self.routes) > 1

    def groups(self, scene: Drawing) -> tuple[Group, ...]:
        if not self.routes:
            return ()
        nodes, edges = self.routes[self.index]
        return (Group(nodes, edges),)

    @property
    def lit(self) -> bool:
        return bool(self.routes)

    def step(self, by: int) -> PathChoice:
        n = len(self.routes)
        return PathChoice(self.start, self.end, self.routes, self.total, (self.index + by) % n if n else 0)

    def still_in(self, scene: Drawing) -> bool:
        ids = {n.id for n in scene.nodes} | {e.id for e in scene.edges}
        return bool(self.routes) and all(
            x in ids for nodes, edges in self.routes[self.index : self.index + 1] for x in (*nodes, *edges)
        )

    def legend(self, scene: Drawing) -> list[dict[str, Any]]:
        """Rows for the window: the path as a formula, and which of how many it is."""
        if not self.routes:
            return []
        rows: list[dict[str, Any]] = [{"style": 1, "tex": r"p\colon\; " + self._tex(scene)}]
        if self.total > 1:
            more = "" if self.total == len(self.routes) else f" (the first {len(self.routes)} are listed)"
            rows.append({"text": f"{self.index + 1} of {self.total:,} paths{more}   [ and ] step"})
        return rows

    def _tex(self, scene: Drawing) -> str:
        nodes, edges = self.routes[self.index]
        by_node, by_edge = {n.id: n for n in scene.nodes}, {e.id: e for e in scene.edges}
        parts: list[str] = []
        arrow = ""
        for k, node in enumerate(nodes):
            drawn = by_node[node]
            if drawn.kind not in ("gate", "lincomb", "moment"):
                parts.append((arrow + " " if parts else "") + (drawn.tex or r"\cdot"))
                arrow = ""
            if k < len(edges):
                arrow = r"\dashrightarrow" if by_edge[edges[k]].kind == "matmul" else arrow or r"\to"
        if len(parts) > 7:
            parts = [*parts[:3], r"\to \cdots", *parts[-3:]]
        return " ".join(parts)


NO_PATHS = PathChoice()


@dataclass(frozen=True)
class LitPair:
    """The paths p and q of the path pane. `value` is ⟨p, q⟩, None once the program has changed."""

    p: Path
    q: Path
    program: Program
    labels: Mapping[str, str]
    value: float | None = None

    several = True
    lit = True

    def groups(self, scene: Drawing) -> tuple[Group, ...]:
        return (covered(scene, self.p), covered(scene, self.q))

    def still_in(self, scene: Drawing) -> bool:
        drawn = scene.by_id
        ends = (self.p.vertices[-1], self.q.vertices[-1])
        return all(x in drawn for x in ends) and all(_joined(scene, path) for path in (self.p, self.q))

    def legend(self, scene: Drawing) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for style, name, path in ((1, "p", self.p), (2, "q", self.q)):
            parts = path_tex(self.program, path, self.labels, bar=style == 2, matrices=False)
            if len(parts) > 7:
                parts = [*parts[:3], r"\to \cdots", *parts[-3:]]
            rows.append({"style": style, "tex": name + r"\colon\; " + " ".join(parts)})
        same = self.p.word == self.q.word
        rows.append({"text": [{"tex": r"p \cong q" if same else r"p \not\cong q"},
                              *([{"text": "   "}, {"tex": rf"\langle p,q\rangle = {self.value:.3g}"}] if self.value is not None else [])]})  # fmt: skip
        return rows


def covered(scene: Drawing, path: Path) -> Group:
    """The nodes and edges of a path of the network: products by their edge; inside a layer everything that leads from the one vector to the other."""
    drawn = [x for x in path.vertices if x in scene.by_id]
    nodes, edges = dict.fromkeys(drawn), {}
    for a, b in pairwise(drawn):
        between = _between(scene, a, b)
        nodes.update(dict.fromkeys(between.nodes))
        edges.update(dict.fromkeys(between.edges))
    return Group(tuple(nodes), tuple(edges))


def _joined(scene: Drawing, path: Path) -> bool:
    drawn = [x for x in path.vertices if x in scene.by_id]
    return all(a == b or _between(scene, a, b).edges for a, b in pairwise(drawn))


def _between(scene: Drawing, a: str, b: str) -> Group:
    """The dashed edge from a to b, or all ways from a to b by solid edges; what flows through a Moment is not a way."""
    product = [e.id for e in scene.edges if (e.source, e.target, e.kind) == (a, b, "matmul")]
    if product:
        return Group((), tuple(product))
    wires = [e for e in scene.edges if e.kind == "wire" and "moment" not in (scene.by_id[e.source].kind, scene.by_id[e.target].kind)]  # fmt: skip
    inside = _reached(a, [(e.source, e.target) for e in wires]) & _reached(b, [(e.target, e.source) for e in wires])
    return Group(tuple(n.id for n in scene.nodes if n.id in inside), tuple(e.id for e in wires if e.source in inside and e.target in inside))  # fmt: skip


def _reached(start: str, steps: list[tuple[str, str]]) -> set[str]:
    after: dict[str, list[str]] = {}
    for a, b in steps:
        after.setdefault(a, []).append(b)
    found, waiting = {start}, [start]
    while waiting:
        fresh = [b for b in after.get(waiting.pop(), ()) if b not in found]
        found.update(fresh)
        waiting += fresh
    return found


def path_tex(
    program: Program, path: Path, labels: Mapping[str, str], bar: bool = False, matrices: bool = True
) -> list[str]:
    """A path as pieces of TeX, a vertex each with the arrow that leads to it; `bar` for the path of the second input."""
    out, arrow = [], ""
    for k, name in enumerate(path.vertices):
        if k and name == path.vertices[k - 1]:
            continue
        if k:
            arrow = _arrow(program, path.vertices[k - 1], name, labels, matrices) + " "
        out.append(arrow + vertex_tex(program, name, labels, bar))
    return out


def vertex_tex(program: Program, name: str, labels: Mapping[str, str], bar: bool = False) -> str:
    """The label of a vector; that of an embedded input says what is embedded."""
    i = program.definitions.get(name)
    if name in labels:
        return rf"\overline{{{labels[name]}}}" if bar else labels[name]
    if isinstance(i, Embed):
        return f"{labels.get(i.embedding, label(i.embedding))} {vertex_tex(program, i.input, labels, bar)}"
    return label(f"{name}_bar" if bar else name)


def _arrow(program: Program, a: str, b: str, labels: Mapping[str, str], matrices: bool) -> str:
    i = program.definitions.get(b)
    if isinstance(i, Embed) and i.input == a:
        head, above = r"\dashrightarrow", labels.get(i.embedding, label(i.embedding))
    elif isinstance(i, MatMul) and i.vector == a:
        head = r"\dashrightarrow"
        above = matrix_tex(f"{i.matrix}.T" if i.transposed else i.matrix, labels)
    else:
        head, above = r"\to", gate_label(program, i) if isinstance(i, Nonlin) and a in program.arguments(b) else ""
    return rf"\overset{{{above}}}{{{head}}}" if matrices and above and above != "+" else head


def matrix_tex(letter: str, labels: Mapping[str, str]) -> str:
    """A letter of a word: W → W, W2.T → W^{2\\top}."""
    name = letter.removesuffix(".T")
    tex = labels.get(name, label(name))
    return transpose(tex) if letter.endswith(".T") else tex


def word_tex(word: tuple[str, ...], labels: Mapping[str, str]) -> str:
    """A word of matrices; long ones with an ellipsis."""
    letters = [matrix_tex(x, labels) for x in word]
    if len(letters) > 7:
        letters = [*letters[:3], r"\cdots", *letters[-3:]]
    return r"\,".join(letters) or r"\varnothing"


def choose_path(scene: Drawing, start: str, end: str) -> PathChoice:
    """The paths from `start` to `end`; in the other direction where there are none."""
    for a, b in ((start, end), (end, start)):
        total = count_paths(scene, a, b)
        if total:
            routes = tuple((tuple(nodes), tuple(edges)) for nodes, edges in paths_between(scene, a, b, limit=_LISTED))
            return PathChoice(a, b, routes, total)
    return PathChoice(start, end)
