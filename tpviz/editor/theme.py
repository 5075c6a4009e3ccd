"""Colours and type of the plots in the three themes; the rest of the look lives in the canvas's CSS. Values are those of the design tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

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


LIGHT = Theme("light", "#FFFFFF", "#1A1D23", "#555B66", "#EDEDE8", "#C9D3D2", "#0B6660",
              ("#F8F9F6", "#CDE3CA", "#9ECCB5", "#6EB3A7", "#43989C", "#287B8D", "#255E77", "#284258", "#27292B"),
              ("#035EA3", "#4884C0", "#7FAAD8", "#B6D1ED", "#F9F6F4", "#E9C5B3", "#D19779", "#B56A41", "#944001"))  # fmt: skip
DARK = Theme("dark", "#191C22", "#E9E7E1", "#A9AFBA", "#262A32", "#44585E", "#6CCBC1",
             ("#091C41", "#00365A", "#03526A", "#06707A", "#088F84", "#3AAD81", "#89C382", "#C6D695", "#F5EABC"),
             ("#54BAFB", "#4290C2", "#32688B", "#254256", "#211D1A", "#513822", "#82572F", "#B6783D", "#EB9B4E"))  # fmt: skip


PROJECTOR = replace(
    LIGHT, name="projector", ink="#000000", ink2="#33373F", rule="#DCDCD8", bar="#BFCBCA", curve="#00534E"
)


def theme(name: str, scale: float = 1.0) -> Theme:
    return replace({"dark": DARK, "projector": PROJECTOR}.get(name, LIGHT), scale=scale)


def colours(stops: tuple[str, ...], t: np.ndarray) -> list[str]:
    """Colours at t ∈ [0, 1], interpolated in sRGB."""
    rgb = np.array([[int(s[i : i + 2], 16) for i in (1, 3, 5)] for s in stops], dtype=float)
    at = np.clip(np.nan_to_num(np.asarray(t, dtype=float), nan=0.0), 0, 1) * (len(stops) - 1)
    i = np.minimum(at.astype(int), len(stops) - 2)
    mixed = np.rint(rgb[i] + (at - i)[:, None] * (rgb[i + 1] - rgb[i])).astype(int)
    return [f"#{r:02X}{g:02X}{b:02X}" for r, g, b in mixed]


def contrast(colour: str) -> str:
    """Black or white, whichever reads on the colour (relative luminance above 0.18: black)."""
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return "#000000" if float(linear @ [0.2126, 0.7152, 0.0722]) > 0.18 else "#FFFFFF"
