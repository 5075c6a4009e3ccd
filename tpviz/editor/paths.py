"""The highlighted path: picked by its start and its end, stepped through where there are several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..drawing.highlight import count_paths, paths_between
from ..drawing.scene import Group, Scene

__all__ = ["NO_PATHS", "PathChoice", "choose_path"]

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

    @property
    def groups(self) -> tuple[Group, ...]:
        if not self.routes:
            return ()
        nodes, edges = self.routes[self.index]
        return (Group(nodes, edges),)

    def step(self, by: int) -> PathChoice:
        n = len(self.routes)
        return PathChoice(self.start, self.end, self.routes, self.total, (self.index + by) % n if n else 0)

    def still_in(self, scene: Scene) -> bool:
        ids = {n.id for n in scene.nodes} | {e.id for e in scene.edges}
        return bool(self.routes) and all(
            x in ids for nodes, edges in self.routes[self.index : self.index + 1] for x in (*nodes, *edges)
        )

    def legend(self, scene: Scene) -> list[dict[str, Any]]:
        """Rows for the window: the path as a formula, and which of how many it is."""
        if not self.routes:
            return []
        rows: list[dict[str, Any]] = [{"style": 1, "tex": r"p\colon\; " + self._tex(scene)}]
        if self.total > 1:
            more = "" if self.total == len(self.routes) else f" (the first {len(self.routes)} are listed)"
            rows.append({"text": f"{self.index + 1} of {self.total:,} paths{more}   [ and ] step"})
        return rows

    def _tex(self, scene: Scene) -> str:
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


def choose_path(scene: Scene, start: str, end: str) -> PathChoice:
    """The paths from `start` to `end`; in the other direction where there are none."""
    for a, b in ((start, end), (end, start)):
        total = count_paths(scene, a, b)
        if total:
            routes = tuple((tuple(nodes), tuple(edges)) for nodes, edges in paths_between(scene, a, b, limit=_LISTED))
            return PathChoice(a, b, routes, total)
    return PathChoice(start, end)
