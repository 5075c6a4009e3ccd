"""What nodes and labels take up where they stand, and how far apart they are along an edge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tpviz.language.typeset import tex_width

from .geometry import GATES
from .obstacles import Box
from .sketch import Sketch, SketchEdge, SketchNode

__all__ = ["BETWEEN", "INNER_ROW", "RAIL", "ROW", "SINGLE", "Placed", "Positions", "label_box", "placed", "spacing"]

ROW, INNER_ROW = 92.0, 112.0  # to a row of initial vectors; to a row with gates
RAIL = 96.0  # from the highest row to the rail of the readout
BETWEEN = 68.0  # between parts of a program
SINGLE = 72.0  # between nodes that are joined to nothing, in their row
Positions = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Placed:
    """A node with its position, as the geometry and the router need it."""

    id: str
    kind: str
    x: float
    y: float
    label: str = "inside"
    grow: int = 0
    ports: int = 0
    flip: bool = False
    above: tuple[int, ...] = ()


def spacing(source: SketchNode, target: SketchNode, edge: SketchEdge) -> float:
    """Distance of two centres along an edge."""
    wider = 26 * ((source.kind == "group") + (target.kind == "group"))  # than a circle
    return wider + _spacing(source, target, edge)


def _spacing(source: SketchNode, target: SketchNode, edge: SketchEdge) -> float:
    if edge.kind in ("matmul", "readout"):
        extra = max(0.0, tex_width(edge.tex) * 17 + 22 - 52)
        return 88 + extra + (6 if source.kind == "input" else 0) + (edge.kind == "readout" and 8 * (extra > 0))
    if target.kind in GATES:
        base = 64 if target.ports <= 1 else 68
        if target.kind == "moment":
            base = 88 if source.kind == "scalar" else 78
        elif source.kind == "scalar":
            base = 84
        coefficient = max(0.0, tex_width(edge.coefficient) * 13 - 8) if edge.coefficient else 0
        return base + target.grow + (10 if edge.coefficient else 0) + coefficient
    if source.kind == "moment":
        return 66
    return 64 if target.kind != "output" else 84


def label_box(node: SketchNode, x: float, y: float, side: str | None = None) -> Box | None:
    """The box of a label that stands outside its shape, or of a note."""
    side = node.label if side is None else side
    if side in ("below", "above") and node.tex:
        half, at = tex_width(node.tex) * node.size / 2, 33 if side == "below" else -33
        if node.kind == "group":
            at += 8 if at > 0 else -4
        return (x - half, y + at - 10, x + half, y + at + 10)
    if node.note:
        half = tex_width(node.note) * 14 / 2
        return (x - half, y + 37, x + half, y + 55)
    return None


def placed(
    sketch: Sketch, positions: Mapping[str, tuple[float, float]], ids: Iterable[str]
) -> tuple[dict[str, Placed], list[tuple[str, Box]]]:
    """The nodes where they stand, and the boxes of their outside labels."""
    nodes, labels = {}, []
    for id in ids:
        n, (x, y) = sketch.by_id[id], positions[id]
        nodes[id] = Placed(id, n.kind, x, y, n.label, n.grow, n.ports, n.flip, n.above)
        if (b := label_box(n, x, y)) is not None:
            labels.append((id, b))
    return nodes, labels
