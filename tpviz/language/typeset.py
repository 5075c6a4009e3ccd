"""Expressions as TeX that KaTeX, matplotlib's mathtext and LaTeX without packages read alike; how wide a label will be;
and which labels from a file are safe to hand to LaTeX."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from .expressions import HOLE, Expression
from .labels import function_label, label

__all__ = ["expression_tex", "plain_tex", "safe_tex", "tex_width"]

_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 4, 5


def expression_tex(expression: Expression, label_of: Callable[[str], str] = label) -> str:
    r"""The expression as TeX: `exp(-x**2)/2` → `\exp(-x^{2})/2`. Only quotients of single symbols become a `\frac`."""
    return _tex(expression.tree, label_of)[0]


def _tex(node: ast.expr, label_of: Callable[[str], str]) -> tuple[str, int]:
    """TeX and how tightly it binds."""
    match node:
        case ast.Constant(value=value):
            return _number(value)
        case ast.Name(id=name):
            return {"pi": r"\pi", "e": "e", HOLE: "?"}.get(name) or label_of(name), _ATOM
        case ast.UnaryOp(op=op, operand=operand):
            inner = _bracket(_tex(operand, label_of), _PRODUCT)
            return (f"-{inner}", _SUM) if isinstance(op, ast.USub) else (inner, _PRODUCT)
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(_tex(left, label_of), op, _tex(right, label_of), left, right)
        case ast.Call(func=ast.Name(id=name), args=args):
            inside = [_tex(a, label_of)[0] for a in args]
            if name == "sqrt" and len(inside) == 1:
                return rf"\sqrt{{{inside[0]}}}", _ATOM
            if name == "abs" and len(inside) == 1:
                return f"|{inside[0]}|", _ATOM
            if name == "quotient" and args and isinstance(args[0], ast.Name):
                return rf"\Delta {function_label(args[0].id)}({', '.join(inside[1:])})", _ATOM
            return f"{function_label(name)}({', '.join(inside)})", _ATOM
    return r"\psi", _ATOM


def _number(value: object) -> tuple[str, int]:
    text = repr(value)
    if "e" in text:
        mantissa, exponent = text.split("e")
        ten = f"10^{{{int(exponent)}}}"
        return (ten, _POWER) if float(mantissa) == 1 else (rf"{mantissa} \cdot {ten}", _PRODUCT)
    return (text[:-2] if text.endswith(".0") else text), _ATOM


def _binary(
    left: tuple[str, int], op: ast.operator, right: tuple[str, int], a: ast.expr, b: ast.expr
) -> tuple[str, int]:
    match op:
        case ast.Add():
            return f"{left[0]} + {right[0]}", _SUM
        case ast.Sub():
            return f"{left[0]} - {_bracket(right, _PRODUCT)}", _SUM
        case ast.Mult():
            x, y = _bracket(left, _PRODUCT), _bracket(right, _PRODUCT)
            dot = isinstance(b, ast.Constant) or (isinstance(a, ast.Constant) and y[:1].isdigit())
            return (rf"{x} \cdot {y}" if dot else f"{x} {y}"), _PRODUCT
        case ast.Div():
            if isinstance(a, ast.Constant | ast.Name) and isinstance(b, ast.Constant | ast.Name):
                return rf"\frac{{{left[0]}}}{{{right[0]}}}", _PRODUCT
            return f"{_bracket(left, _PRODUCT)}/{_bracket(right, _POWER)}", _PRODUCT
        case _:
            base = left[0] if left[1] == _ATOM and "^" not in left[0] else f"({left[0]})"
            return f"{base}^{{{right[0]}}}", _POWER


def _bracket(item: tuple[str, int], level: int) -> str:
    return f"({item[0]})" if item[1] < level else item[0]


# how wide

# Computer Modern: advance widths of the roman letters in em; italics and capitals are close enough to these means.
_ROMAN = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        (
            0.50,
            0.56,
            0.44,
            0.56,
            0.44,
            0.31,
            0.50,
            0.56,
            0.28,
            0.31,
            0.53,
            0.28,
            0.83,
            0.56,
            0.50,
            0.56,
            0.53,
            0.39,
            0.39,
            0.39,
            0.56,
            0.53,
            0.72,
            0.53,
            0.53,
            0.44,
        ),
        strict=True,
    )
)
_PIECE = re.compile(r"\\[A-Za-z]+|\\.|[{}^_]|\s+|.", re.S)
_NAMED = {
    r"\tanh": "tanh",
    r"\exp": "exp",
    r"\log": "log",
    r"\sin": "sin",
    r"\cos": "cos",
    r"\max": "max",
    r"\min": "min",
}
_EMPTY = {r"\mathrm", r"\bar", r"\hat", r"\tilde", r"\dot", r"\mathbf", r"\mathit", r"\,", r"\!", r"\left", r"\right"}


def tex_width(tex: str) -> float:
    """Width of a label in em, estimated without typesetting it (to about a tenth)."""
    pieces = [p for p in _PIECE.findall(tex) if not p.isspace()]
    return _width(pieces, 0)[0]


def _width(pieces: list[str], i: int) -> tuple[float, int]:
    total = 0.0
    scripts = [0.0, 0.0]  # a superscript and a subscript stand over one another
    while i < len(pieces) and pieces[i] != "}":
        if pieces[i] in "^_":
            width, after = _group(pieces, i + 1)
            scripts["^_".index(pieces[i])] = 0.72 * width + 0.05
            i = after
            continue
        total += max(scripts)
        scripts = [0.0, 0.0]
        width, i = _group(pieces, i)
        total += width
    return total + max(scripts), i


def _group(pieces: list[str], i: int) -> tuple[float, int]:
    if i >= len(pieces):
        return 0.0, i
    p = pieces[i]
    if p == "{":
        width, after = _width(pieces, i + 1)
        return width, min(after + 1, len(pieces))
    if p == r"\frac":
        above, i = _group(pieces, i + 1)
        below, i = _group(pieces, i)
        return 0.72 * max(above, below) + 0.2, i
    if p == r"\sqrt":
        width, i = _group(pieces, i + 1)
        return width + 0.8, i
    if p in _EMPTY:
        return 0.0, i + 1
    if p in _NAMED:
        return sum(_ROMAN[c] for c in _NAMED[p]), i + 1
    if p.startswith("\\"):
        return 0.6, i + 1
    if p in _ROMAN:
        return _ROMAN[p], i + 1
    return (0.95 if p in "+-=<>" else 0.5 if p.isdigit() else 0.35 if p in "(),.|/[]" else 0.72), i + 1


# what may reach LaTeX

_SYMBOLS = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi
    omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega varepsilon vartheta varphi varrho varsigma
    ell partial nabla infty bar hat tilde dot ddot vec acute breve check grave overline mathrm mathbf mathit
    mathsf mathcal frac sqrt tanh exp log sin cos max min top bot prime cdot times circ odot oplus otimes ast star
    pm mp to cong equiv leq geq neq approx sim in langle rangle ldots cdots colon dagger perp parallel sum prod
    int quad
"""
_COMMANDS = frozenset(_SYMBOLS.split())
_CONTROL = re.compile(r"\\([A-Za-z]+|[,;:! {}|])")
_ONE_ARGUMENT = {"bar", "hat", "tilde", "dot", "ddot", "vec", "acute", "breve", "check", "grave", "overline",
                 "mathrm", "mathbf", "mathit", "mathsf", "mathcal", "sqrt"}  # fmt: skip


def safe_tex(tex: str) -> str:
    """The label itself when it is plain mathematics that LaTeX, KaTeX and mathtext read; else its characters as
    upright text.

    Labels come from files and links: nothing but known symbols, accents and scripts reaches a TeX run.
    """
    return tex if _is_plain(tex) else plain_tex(tex)


def _is_plain(tex: str) -> bool:
    rest = _CONTROL.sub(lambda m: " " if m[1] in _COMMANDS or not m[1].isalpha() else "\\", tex)
    if not tex.isascii() or not tex.isprintable() or any(c in rest for c in '\\$%#&~"`@'):
        return False
    return _balanced(tex)


def _balanced(tex: str) -> bool:
    """Braces match, every script and accent has an argument, and no base has two superscripts or two subscripts."""
    pieces = [p for p in _PIECE.findall(tex) if not p.isspace()]
    depth, seen = 0, [set[str]()]
    previous = ""
    for k, p in enumerate(pieces):
        following = pieces[k + 1] if k + 1 < len(pieces) else ""
        command = p[1:] in _ONE_ARGUMENT or p == r"\frac"
        bare = following[1:] in _ONE_ARGUMENT or following == r"\frac"  # x^\bar y is not TeX; x^\top is
        if command and (following in ("", "}", "^", "_") or following.startswith("\\")):
            return False
        if p in ("^", "_") and (following in ("", "}", "^", "_") or bare):
            return False
        if p == r"\frac" and not _two_groups(pieces, k + 1):
            return False
        if p in ("^", "_"):
            if p in seen[-1]:
                return False
            seen[-1].add(p)
        elif p == "{":
            if previous not in ("^", "_"):
                seen[-1] = set()
            seen.append(set())
            depth += 1
        elif p == "}":
            depth -= 1
            if depth < 0:
                return False
            seen.pop()
        elif p == "'":
            if "^" in seen[-1]:
                return False
        elif previous not in ("^", "_"):
            seen[-1] = set()
        previous = p
        if depth > 12:
            return False
    return depth == 0


def _two_groups(pieces: list[str], i: int) -> bool:
    for _ in range(2):
        if i >= len(pieces) or pieces[i] != "{":
            return False
        depth = 0
        while i < len(pieces):
            depth += (pieces[i] == "{") - (pieces[i] == "}")
            i += 1
            if depth == 0:
                break
    return True


def plain_tex(text: str) -> str:
    """Any text as upright TeX, its special characters left out or replaced."""
    kept = "".join(
        c if c.isascii() and c.isalnum() else {"-": "{-}", "_": r"\_", "?": "?"}.get(c, r"\ " if c.isspace() else "")
        for c in text
    )
    return rf"\mathrm{{{kept}}}" if kept else r"\mathrm{?}"
