"""Colours and strokes of a figure, in world units; the window's style sheet holds the same values."""

from __future__ import annotations

from dataclasses import dataclass

from .scene import Edge, Group, Node, Scene

__all__ = [
    "LOOKS",
    "PASSES",
    "Look",
    "Marking",
    "Pass",
    "frame_colour",
    "is_slanted",
    "look_for",
    "marking",
    "mix",
    "styles_of",
]

PT = 0.5  # points in one world unit of an exported figure
DIMMED = 0.62
LINE, LINE_ON = 1.5, 2.5
DASH, DASH_ON = (6.5, 4.5), (7.5, 4.5)
READOUT, DOTS = 1.8, (0.1, 4.4)
GHOST = (3.0, 3.0)
BAR, INNER = 3.0, 1.0
FRAME, FRAME_RADIUS = 1.0, 8.0  # round an open group
NOTE_SIZE, COEFFICIENT_SIZE, EDGE_SIZE = 14, 13, 17


@dataclass(frozen=True)
class Look:
    """The colours of one theme. `paths[k]` is the line of highlight k + 1, `bands[0]` the band of the first."""

    paper: str
    ink: str
    note: str
    error: str
    error_tint: str
    paths: tuple[str, str, str, str]
    band: str
    dims: bool = True
    lone_rim: bool = False


LOOKS = {
    "light": Look(
        "#FFFFFF", "#1A1D23", "#555B66", "#A8123E", "#FBEAEE", ("#0072B2", "#B84A00", "#00795A", "#9C4A7F"), "#B8DCEF"
    ),
    "dark": Look(
        "#121419", "#E9E7E1", "#A9AFBA", "#FF8FA6", "#3A1C25", ("#5BB8EE", "#F2A33A", "#3CC29A", "#E39AC4"), "#1D4863"
    ),
    "projector": Look(
        "#FFFFFF", "#000000", "#33373F", "#A8123E", "#FBEAEE", ("#005A91", "#9C3D00", "#005F47", "#7D3564"), "#A9D6F0"
    ),
    # black and white: styles are told apart by band, dashed, double and dotted rim; one path alone takes the rim
    "print": Look(
        "#FFFFFF", "#000000", "#000000", "#000000", "#FFFFFF", ("#000000",) * 4, "#D9D9D9", dims=False, lone_rim=True
    ),
}


@dataclass(frozen=True)
class Pass:
    """One stroke along all parts of a highlight, under the drawing. `paint` is band, paper, or line (the highlight's
    colour).
    """

    style: int
    width: float
    paint: str
    dash: tuple[float, float] | None = None


# First all rims in colour, then all rims 3.6 narrower in paper, then all bands, so that an outline runs on without
# seams.
PASSES = (
    Pass(2, 17.6, "line", (4.5, 3.2)),
    Pass(3, 17.6, "line"),
    Pass(4, 17.6, "line", (1.8, 2.6)),
    Pass(2, 14, "paper"),
    Pass(3, 15.2, "paper"),
    Pass(4, 14, "paper"),
    Pass(3, 11.6, "line"),
    Pass(3, 9.2, "paper"),
    Pass(1, 13, "band"),
)


@dataclass(frozen=True)
class Marking:
    """How a node or an edge is drawn: its colour, and whether it is highlighted. A lecture also sets the width of its
    line and what fills its shape.
    """

    colour: str
    on: bool = False
    width: float | None = None
    fill: str | None = None


def look_for(style: str, theme: str) -> Look:
    """`style` "colour" or "print" (black and white); `theme` "light", "dark" or "projector"."""
    return LOOKS["print"] if style == "print" else LOOKS[theme]


def styles_of(scene: Scene, look: Look) -> list[tuple[int, Group]]:
    """The highlights with their styles 1 to 4."""
    if len(scene.highlight) == 1 and look.lone_rim:
        return [(2, scene.highlight[0])]
    return list(enumerate(scene.highlight, 1))


def marking(part: Node | Edge, scene: Scene, look: Look) -> Marking:
    """Error, highlight, ink where two highlights meet, or dimmed ink."""
    styles = [s for s, g in styles_of(scene, look) if part.id in (g.nodes if isinstance(part, Node) else g.edges)]
    if part.error is not None:
        return Marking(look.error, bool(styles))
    if styles:
        return Marking(look.ink if len(styles) > 1 else look.paths[styles[0] - 1], True)
    return Marking(mix(look.ink, look.paper, DIMMED) if scene.highlight and look.dims else look.ink)


def note_colour(n: Node, scene: Scene, look: Look) -> str:
    """The colour of the expression under a gate."""
    m = marking(n, scene, look)
    if m.on or n.error is not None:
        return m.colour
    return mix(look.note, look.paper, DIMMED) if scene.highlight and look.dims else look.note


def frame_colour(look: Look) -> str:
    """The colour of the frame round an open group."""
    return mix(look.note, look.paper, 0.5)


def is_slanted(e: Edge) -> bool:
    """Whether the label of an edge stands on its line, which is then cleared behind it."""
    return e.route == "direct" and e.d.count("C") == 1 and abs(e.tip[1] - e.middle[1]) > 3.5


def mix(colour: str, other: str, share: float) -> str:
    """`share` of the one colour over the other, as #RRGGBB."""
    pairs = [(int(colour[k : k + 2], 16), int(other[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02X}" for a, b in pairs)
