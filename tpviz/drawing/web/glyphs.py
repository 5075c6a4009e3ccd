"""TeX as SVG outlines in Computer Modern. Every glyph stands once in the page and is used by its number, so that a page
needs no font and no library."""

from __future__ import annotations

from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from ..painter import MATPLOTLIB, SETTINGS, mathtext

__all__ = ["Glyphs"]

_SCALE = 100.0  # of the outlines, in units an em
_COMMANDS = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}
_POINTS = {1: 1, 2: 1, 3: 2, 4: 3, 79: 1}


class Glyphs:
    """The glyphs that a page has used so far."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._outlines: list[str] = []
        self._set = TextToPath()
        self._lines: dict[str, tuple[str, float, float, float]] = {}

    def placed(self, tex: str, x: float, y: float, size: float, css: str = "") -> str:
        """A label whose baseline's middle is (x, y), for a drawing."""
        marks, width, _, _ = self._line(tex)
        k = size / _SCALE
        return f'<g class="tex {css}" transform="translate({x - width * k / 2:.2f} {y:.2f}) scale({k:.4g} -{k:.4g})">{marks}</g>'

    def inline(self, tex: str, size: float = 17) -> str:
        """A formula in running text; its source is its label for those who listen."""
        marks, width, height, depth = self._line(tex)
        k = size / _SCALE
        box = f"0 {-height:.1f} {max(width, 1):.1f} {height + depth:.1f}"
        return (
            f'<svg class="tex d{round(depth * k)}" role="img" aria-label="{escape(tex)}" viewBox="{box}"'
            f' width="{width * k:.1f}" height="{(height + depth) * k:.1f}"><g transform="scale(1 -1)">{marks}</g></svg>'
        )

    def definitions(self) -> str:
        """The outlines that the labels use; they stand once in the page."""
        return "".join(f'<path id="g{k}" d="{d}"/>' for k, d in enumerate(self._outlines))

    def _line(self, tex: str) -> tuple[str, float, float, float]:
        """Marks with y upwards, width, height above and depth below the baseline, at `_SCALE` an em."""
        if tex not in self._lines:
            font, text = FontProperties(math_fontfamily="cm", size=_SCALE), f"${mathtext(tex)}$"
            with MATPLOTLIB, mpl.rc_context(SETTINGS):
                placed, outlines, rules = self._set.get_glyphs_mathtext(font, text)
                width, height, depth = self._set.get_text_width_height_descent(text, font, True)
            out = []
            for name, x, y, scale in placed:
                if name not in self._numbers:
                    self._numbers[name] = len(self._outlines)
                    self._outlines.append(_outline(*outlines[name]))
                small = "" if scale == 1 else f" scale({scale:.3g})"
                out.append(f'<use href="#g{self._numbers[name]}" transform="translate({x:.1f} {y:.1f}){small}"/>')
            out += [f'<path d="{_outline(vertices, codes)}"/>' for vertices, codes in rules]
            self._lines[tex] = ("".join(out), float(width), float(height - depth) + 2, float(depth) + 2)
        return self._lines[tex]


def _outline(vertices: Any, codes: Any) -> str:
    out, k = [], 0
    while k < len(codes):
        code = int(codes[k])
        points = vertices[k : k + _POINTS[code]]
        out.append(
            _COMMANDS[code] + ("" if code == 79 else " ".join(f"{float(x):.1f} {float(y):.1f}" for x, y in points))
        )
        k += _POINTS[code]
    return "".join(out)
