"""The colours of a lecture's slides, in the three themes; the window's style sheet holds the same values."""

from __future__ import annotations

from dataclasses import dataclass

from ..looks import LOOKS, Look, Marking, mix
from ..scene import Edge, Node
from .model import Lecture

__all__ = ["COLOURS", "LATER", "SlideColours", "marking_in"]

LATER = 0.16  # of what comes later
LINE, NOW, NOW_EDGE, LIT = 2.2, 3.4, 3.0, 3.0  # widths of lines, in world units
DIMMED = 0.62


@dataclass(frozen=True)
class SlideColours:
    """`look` is that of the drawing; `palette` says which stops of a heatmap are used."""

    look: Look
    ink2: str
    ink3: str
    line: str
    grid: str
    accent: str
    tint: str
    bar: str
    palette: int


COLOURS = {
    "light": SlideColours(LOOKS["light"], "#555B66", "#6B717C", "#DEDED8", "#EDEDE8", "#0B6660", "#E2EFED", "#C9D3D2", 0),
    "dark": SlideColours(LOOKS["dark"], "#A9AFBA", "#8F959F", "#31353E", "#262A32", "#6CCBC1", "#1E3835", "#44585E", 1),
    "projector": SlideColours(LOOKS["projector"], "#33373F", "#4A4F59", "#B9BAB6", "#DCDCD8", "#00534E", "#DCEDEB", "#BFCBCA", 0),
}  # fmt: skip


def marking_in(lecture: Lecture, k: int, part: Node | Edge, colours: SlideColours) -> Marking:
    """How a part is drawn in step k: later parts faint, those that come now in the accent, lit ones in their style."""
    look, step = colours.look, lecture.steps[k]
    state, node = lecture.state(part.id, k), isinstance(part, Node)
    styles = [s for s, g in enumerate(step.highlight) if part.id in (g.nodes if isinstance(part, Node) else g.edges)]
    if styles:
        return Marking(look.ink if len(styles) > 1 else look.paths[styles[0]], True, LIT)
    if state == "later":
        return Marking(mix(look.ink, look.paper, LATER), False, LINE)
    if part.error is not None:
        return Marking(look.error, False, NOW if state == "current" else LINE)
    if state == "current":
        return Marking(colours.accent, False, NOW if node else NOW_EDGE, colours.tint if node else None)
    return Marking(mix(look.ink, look.paper, DIMMED) if step.highlight else look.ink, False, LINE)
