"""Which part of a drawing a step shows: the whole where it fits, else what the step is about.

assets/canvas/src/lecture/camera.js follows the same rules.
"""

from __future__ import annotations

from .. import geometry
from .model import Lecture

__all__ = ["HEIGHT", "MARGIN", "WIDTH", "focus", "view"]

WIDTH, HEIGHT, MARGIN = 1280.0, 296.0, 40.0
SCALE, SMALLEST, LEAST = (
    1.4,
    1.0,
    0.5,
)  # of the drawing; one that is larger is scrolled, a step that is larger is shrunk
CAPTION = 42  # from a gate's rim to below its expression
Box = tuple[float, float, float, float]


def focus(lecture: Lecture, k: int) -> Box:
    """What step k is about: its nodes and where their edges come from, or what is lit, or all that is there."""
    step, scene = lecture.steps[k], lecture.scene
    nodes = {*step.nodes, *(n for g in step.highlight for n in g.nodes)}
    near = {x for e in scene.edges if e.id in step.edges for x in (e.source, e.target)}
    found = [n for n in scene.nodes if n.id in nodes or n.id in near]
    found = found or [n for n in scene.nodes if lecture.state(n.id, k) != "later"] or list(scene.nodes)
    boxes = [geometry.box(n, 24) for n in found]
    boxes += [geometry.box(n, CAPTION) for n in found if step.full and n.id == step.full[0]]
    if not boxes:
        return (0, 0, 0, 0)
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def view(
    bounds: Box, focus: Box, width: float = WIDTH, height: float = HEIGHT, most: float = SCALE
) -> tuple[float, float, float]:
    """(scale, x, y): a point p of the drawing stands at scale·p + (x, y). Beside the drawing there are margins; the
    whole is centred. What a step is about is whole, down to half size."""
    left, top, right, bottom = bounds
    room, tall = width - 2 * MARGIN, height - 24

    def fit(box: Box) -> float:
        return min(room / max(1, box[2] - box[0]), tall / max(1, box[3] - box[1]))

    scale = min(SCALE, most, max(SMALLEST, fit(bounds)), max(LEAST, fit(bounds), fit(focus)))
    x = _along(left * scale, right * scale, (focus[0] + focus[2]) / 2 * scale, MARGIN, width - MARGIN)
    y = _along(top * scale, bottom * scale, (focus[1] + focus[3]) / 2 * scale, 12, height - 12)
    return scale, x, y


def _along(low: float, high: float, middle: float, start: float, end: float) -> float:
    """Where the origin stands on one axis: in the middle where there is room, else the focus is centred as far
    as both ends allow."""
    spare = (end - start) - (high - low)
    if spare >= 0:
        return start + spare / 2 - low
    return min(start - low, max(end - high, (start + end) / 2 - middle))
