"""The palettes of heatmaps, nine stops each, and the colours between. Values are those of the design tokens."""

from __future__ import annotations

import numpy as np

__all__ = ["DIVERGING", "SEQUENTIAL", "colours", "contrast"]

SEQUENTIAL = {
    "light": ("#F8F9F6", "#CDE3CA", "#9ECCB5", "#6EB3A7", "#43989C", "#287B8D", "#255E77", "#284258", "#27292B"),
    "dark": ("#091C41", "#00365A", "#03526A", "#06707A", "#088F84", "#3AAD81", "#89C382", "#C6D695", "#F5EABC"),
}
DIVERGING = {
    "light": ("#035EA3", "#4884C0", "#7FAAD8", "#B6D1ED", "#F9F6F4", "#E9C5B3", "#D19779", "#B56A41", "#944001"),
    "dark": ("#54BAFB", "#4290C2", "#32688B", "#254256", "#211D1A", "#513822", "#82572F", "#B6783D", "#EB9B4E"),
}


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
