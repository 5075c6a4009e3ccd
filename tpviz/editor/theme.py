"""Colours and type of the plots in the three themes; the rest of the look lives in the canvas's CSS. Values are those of the design tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..drawing.palettes import DIVERGING, SEQUENTIAL, colours, contrast

__all__ = ["DARK", "LIGHT", "PROJECTOR", "SANS", "Theme", "colours", "contrast", "theme"]

SANS = 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif'


@dataclass(frozen=True)
class Theme:
    """Nine stops each for the sequential and the diverging palette; the others are single colours."""

    name: str
    panel: str
    ink: str
    ink2: str
    rule: str
    bar: str
    curve: str
    sequential: tuple[str, ...]
    diverging: tuple[str, ...]
    scale: float = 1.0  # of the type

    def size(self, px: float) -> str:
        """A size of type for Bokeh."""
        return f"{px * self.scale:.4g}px"


LIGHT = Theme(
    "light", "#FFFFFF", "#1A1D23", "#555B66", "#EDEDE8", "#C9D3D2", "#0B6660", SEQUENTIAL["light"], DIVERGING["light"]
)
DARK = Theme(
    "dark", "#191C22", "#E9E7E1", "#A9AFBA", "#262A32", "#44585E", "#6CCBC1", SEQUENTIAL["dark"], DIVERGING["dark"]
)


PROJECTOR = replace(
    LIGHT, name="projector", ink="#000000", ink2="#33373F", rule="#DCDCD8", bar="#BFCBCA", curve="#00534E"
)


def theme(name: str, scale: float = 1.0) -> Theme:
    return replace({"dark": DARK, "projector": PROJECTOR}.get(name, LIGHT), scale=scale)
