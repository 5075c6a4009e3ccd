"""Display names: LaTeX made from identifiers. h1 → h^{1}, dx_2 → dx_{2}, xi → \\xi, W2 → W^{2}, h1_0 → h^{1}_{0}."""

from __future__ import annotations

import re

__all__ = ["function_label", "label"]

_GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho",
    "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon",
    "Phi", "Psi", "Omega",
}  # fmt: skip
_ALIASES = {"eps": r"\varepsilon", "lam": r"\lambda"}
_ACCENTS = {"bar": r"\bar", "hat": r"\hat", "tilde": r"\tilde", "dot": r"\dot"}
_PARTS = re.compile(r"^([^\W\d_]+?)(\d*)((?:_\w+)*)$")
_UPRIGHT = {"relu", "abs", "sign", "step", "sigmoid", "softplus", "gelu", "silu", "maximum", "minimum", "clip", "erf"}
_OPERATORS = {"tanh": r"\tanh", "exp": r"\exp", "log": r"\log", "sin": r"\sin", "cos": r"\cos", "sqrt": r"\sqrt{\cdot}"}


def _word(letters: str) -> str:
    if letters in _GREEK:
        return "\\" + letters
    if letters in _ALIASES:
        return _ALIASES[letters]
    if len(letters) == 1:
        return letters
    if letters[0] == "d" and (len(letters) == 2 or letters[1:] in _GREEK):
        return "d" + (letters[1] if len(letters) == 2 else "\\" + letters[1:])
    return r"\mathrm{" + letters + "}"


def label(name: str) -> str:
    """LaTeX (KaTeX, mathtext and TikZ read it alike) for an identifier."""
    match = _PARTS.match(name)
    if match is None or not name.isascii():
        return r"\mathrm{" + name.replace("_", r"\_") + "}"
    letters, digits, tail = match.groups()
    out = _word(letters)
    below = []
    for part in filter(None, tail.split("_")):
        if part in _ACCENTS:
            out = f"{_ACCENTS[part]}{{{out}}}"
        else:
            below.append(part if part.isdigit() or len(part) == 1 else label(part))
    return out + (f"^{{{digits}}}" if digits else "") + (f"_{{{','.join(below)}}}" if below else "")


def function_label(name: str) -> str:
    """LaTeX for a function's name: phi → \\phi, relu → \\mathrm{relu}, tanh → \\tanh."""
    if name in _OPERATORS:
        return _OPERATORS[name]
    if name in _UPRIGHT:
        return r"\mathrm{" + name.replace("_", r"\_") + "}"
    if name == "leaky_relu":
        return r"\mathrm{lrelu}"
    return label(name)
