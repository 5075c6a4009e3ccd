r"""Formulas in matplotlib's mathtext, which reads less than LaTeX: the rules and derivations of tpviz, and what stands in
for them where it cannot.
"""

from __future__ import annotations

import re
from functools import lru_cache

from matplotlib.mathtext import MathTextParser

from tpviz.language.typeset import plain_tex

__all__ = ["formula_text"]

_PLAIN = {
    r"\tfrac": r"\frac",
    r"\dfrac": r"\frac",
    r"\lVert": r"\Vert",
    r"\rVert": r"\Vert",
    r"\big": "",
    r"\bigl": "",
    r"\bigr": "",
}
_LETTERED = re.compile(r"\\(mathcal|mathbb|mathrm|mathbf|hat|dot|mathring|bar|tilde)\s+(\\?[A-Za-z]+?)(?![A-Za-z])")
_COMMAND = re.compile(r"\\[A-Za-z]+")


@lru_cache(maxsize=4096)
def formula_text(tex: str) -> str:
    """The formula between dollars as mathtext reads it; its plain characters where it does not."""
    out = _COMMAND.sub(lambda m: _PLAIN.get(m[0], m[0]), tex)
    out = _LETTERED.sub(r"\\\1{\2}", out)
    out = re.sub(r"(\\(?:hat|dot)\{\w\})\^", r"\1{}^", out)  # else raised by the height of the accent
    out = re.sub(r"(?<=[A-Za-z])\^\{", r"^{\\hspace{-0.08}", out)
    try:
        MathTextParser("path").parse(f"${out}$")
    except (ValueError, RuntimeError, KeyError):
        return f"${plain_tex(tex)}$"
    return f"${out}$"
