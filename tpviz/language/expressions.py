"""Expressions: a whitelisted walk of Python's syntax tree into sympy objects. Text is never evaluated.

`read_expression` checks text and returns an `Expression`, whose `text` is the one canonical way to write it (so that
parse ∘ print is the identity). `lower` turns it into a sympy expression over given symbols.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .diagnostics import Diagnostic, ProgramError
from .late import Late

if TYPE_CHECKING:
    import sympy as sp
else:
    sp = Late("sympy")
functions_ = Late("tpviz.language.functions")

__all__ = [
    "HOLE",
    "Expression",
    "ExpressionProblem",
    "constant_value",
    "is_dunder",
    "lower",
    "read_expression",
    "unparse",
]

MAX_LENGTH = 4000
MAX_DEPTH = 60
MAX_EXPONENT = 64
HOLE = "hole__"  # what a `?` in the text becomes while it is read; never a user's name
_LITERAL = re.compile(r"(?<![\w.])\d[\d_]*\.?[\d_]*(?:[eE][+-]?\d+)?")
_BINARY: dict[type, tuple[str, int]] = {
    ast.Add: (" + ", 1), ast.Sub: (" - ", 1), ast.Mult: ("*", 2), ast.Div: ("/", 2), ast.Pow: ("**", 4),
}  # fmt: skip
_ONLY = "Expressions hold numbers, names, + - * / ** and the listed functions."


class ExpressionProblem(Exception):
    """A `Diagnostic` at offsets [start, end) of the expression's text."""

    def __init__(self, code: str, message: str, hint: str = "", start: int = 0, end: int = 0):
        super().__init__(message)
        self.code, self.message, self.hint, self.start, self.end = code, message, hint, start, end


@dataclass(frozen=True)
class Expression:
    """A checked expression. Equal when the canonical text is equal."""

    text: str

    @cached_property
    def tree(self) -> ast.expr:
        return _parse(self.text.replace("?", HOLE))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names that are read, in order of appearance; called functions and holes are not among them."""
        called = {id(node.func) for node in ast.walk(self.tree) if isinstance(node, ast.Call)}
        found = [n for n in ast.walk(self.tree) if isinstance(n, ast.Name) and id(n) not in called]
        found.sort(key=lambda n: (n.lineno, n.col_offset))
        skip = {n.args[0] for n in ast.walk(self.tree) if isinstance(n, ast.Call) and _is_quotient(n)}
        return tuple(dict.fromkeys(n.id for n in found if n not in skip and n.id != HOLE))

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """Names of the functions that are called, `quotient`'s first argument included."""
        out = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                out.append(node.func.id)  # type: ignore[attr-defined]
                if _is_quotient(node) and isinstance(node.args[0], ast.Name):
                    out.append(node.args[0].id)
        return tuple(dict.fromkeys(out))

    @cached_property
    def call(self) -> str | None:
        """The function's name when the whole expression is one call."""
        return self.tree.func.id if isinstance(self.tree, ast.Call) else None  # type: ignore[attr-defined]

    def renamed(self, names: Mapping[str, str]) -> Expression:
        """The expression with names that are read replaced; those of called functions stay."""
        return Expression(unparse(_renamed(self.tree, names)))

    def __str__(self) -> str:
        return self.text


def _renamed(node: ast.expr, names: Mapping[str, str]) -> ast.expr:
    match node:
        case ast.Name(id=name):
            return ast.Name(names.get(name, name))
        case ast.UnaryOp(op=op, operand=operand):
            return ast.UnaryOp(op, _renamed(operand, names))
        case ast.BinOp(left=left, op=op, right=right):
            return ast.BinOp(_renamed(left, names), op, _renamed(right, names))
        case ast.Call(func=func, args=args):
            kept = 1 if _is_quotient(node) else 0
            return ast.Call(func, [*args[:kept], *(_renamed(a, names) for a in args[kept:])], [])
    return node


def _is_quotient(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "quotient"
        and bool(node.args)
    )


def is_dunder(name: str) -> bool:
    """Names with two underscores at an end are Python's own, and a hole's."""
    return name.startswith("__") or name.endswith("__")


@lru_cache(maxsize=4096)
def _parse(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@lru_cache(maxsize=4096)
def read_expression(text: str) -> Expression:
    """The checked expression, or `ExpressionProblem` with the place and what to write instead."""
    stripped = text.strip()
    shift = text.find(stripped) if stripped else 0
    if not stripped:
        raise ExpressionProblem(
            "empty", "An expression is missing here.", "Write a name, a number or a function.", 0, len(text)
        )
    if len(stripped) > MAX_LENGTH:
        raise ExpressionProblem("too-long", f"This expression has {len(stripped)} characters, the limit is {MAX_LENGTH}.",
                                "Split it into several lines.", shift, shift + MAX_LENGTH)  # fmt: skip
    depth = 0
    for i, c in enumerate(stripped):
        depth += (c == "(") - (c == ")")
        if depth > MAX_DEPTH:
            raise ExpressionProblem("too-deep", f"Brackets are nested more than {MAX_DEPTH} deep.", "Split it into several lines.",
                                    shift + i, shift + i + 1)  # fmt: skip
    for m in _LITERAL.finditer(stripped):
        if len(m.group()) > 40:
            raise ExpressionProblem("number", "This number has too many digits.", "Write at most 40 characters, as 1.5e-3.",
                                    shift + m.start(), shift + m.end())  # fmt: skip
    source = stripped.replace("?", f" {HOLE} ").strip() if "?" in stripped else stripped
    try:
        tree = _parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        at = max(0, (getattr(error, "offset", None) or 1) - 1)
        at = min(at, max(0, len(stripped) - 1))
        raise ExpressionProblem(
            "syntax", "This is not a complete expression.", _ONLY, shift + at, shift + at + 1
        ) from None
    try:
        _check(tree, stripped, shift, 0)
        return Expression(unparse(tree))
    except RecursionError:
        raise ExpressionProblem("too-deep", "This expression is nested too deeply.", "Split it into several lines.",
                                shift, shift + len(stripped)) from None  # fmt: skip


def _check(node: ast.expr, text: str, shift: int, depth: int) -> None:
    def problem(code: str, message: str, hint: str = _ONLY, at: ast.expr | None = None) -> ExpressionProblem:
        where = at or node
        start = len(text.encode()[: where.col_offset].decode(errors="ignore"))
        end = len(text.encode()[: where.end_col_offset or where.col_offset + 1].decode(errors="ignore"))
        return ExpressionProblem(code, message, hint, shift + start, shift + end)

    if depth > MAX_DEPTH:
        raise problem("too-deep", "This expression is nested too deeply.", "Split it into several lines.")
    match node:
        case ast.Constant(value=value):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise problem("syntax", f"{ast.unparse(node)[:40]} is not a number.")
            if not math.isfinite(value if isinstance(value, float) else float(value)):
                raise problem("number", "This number is too large.", "Write a number below 1e308.")
        case ast.Name():
            if is_dunder(node.id) and node.id != HOLE:
                raise problem(
                    "name",
                    f"The name {node.id} is not allowed: no name starts or ends with two underscores.",
                    "Choose another name.",
                )
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _check(operand, text, shift, depth + 1)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            _check(left, text, shift, depth + 1)
            _check(right, text, shift, depth + 1)
            if isinstance(op, ast.Pow):
                exponent = _number(right)
                if exponent is not None and not (abs(exponent) <= MAX_EXPONENT):
                    raise problem("exponent", f"The exponent is too large: its size may be at most {MAX_EXPONENT}.",
                                  "Use exp(...) for fast growth.", right)  # fmt: skip
            value = _number(node)
            if value is not None and not math.isfinite(value):
                raise problem(
                    "number",
                    "This is not a finite real number.",
                    "Check for a division by 0 or a root of a negative number.",
                )
        case ast.BinOp(op=ast.MatMult()):
            raise problem(
                "nested-product",
                "A product cannot stand inside an expression.",
                "Give it a line and a name of its own.",
            )
        case ast.Call(func=func, args=args, keywords=keywords):
            if not isinstance(func, ast.Name):
                raise problem("syntax", "Only a function's name can be called.")
            if keywords or any(isinstance(a, ast.Starred) for a in args):
                raise problem("syntax", f"{func.id} takes its arguments by position.", "Write f(x, y).")
            if is_dunder(func.id):
                raise problem(
                    "name", f"The name {func.id} is not allowed: no name starts or ends with two underscores.", _ONLY
                )
            for a in args:
                _check(a, text, shift, depth + 1)
            value = _number(node)
            if value is not None and not math.isfinite(value):
                raise problem("number", "This is not a finite real number.", "Check the argument of log, sqrt or exp.")
        case ast.Attribute():
            raise problem(
                "syntax",
                "Attributes are not part of the language.",
                "The transpose W.T stands only in a product, as in h = W.T @ x.",
            )
        case ast.Compare():
            raise problem(
                "syntax",
                "Comparisons are not part of the language.",
                "Use step(x - y), maximum(x, y) or clip(x, a, b).",
            )
        case ast.Subscript():
            raise problem(
                "syntax", "Indexing is not part of the language.", "Vectors are used whole, coordinate by coordinate."
            )
        case _:
            raise problem("syntax", "This is not part of the language.")


def _number(node: ast.expr) -> float | None:
    """The value of an expression of numbers alone; nan where it is not real or too large."""
    match node:
        case ast.Constant(value=value):
            return float(value)  # type: ignore[arg-type]
        case ast.Name(id="pi"):
            return math.pi
        case ast.Name(id="e"):
            return math.e
        case ast.UnaryOp(op=op, operand=operand):
            x = _number(operand)
            return None if x is None else (-x if isinstance(op, ast.USub) else x)
        case ast.BinOp(left=left, op=op, right=right):
            x, y = _number(left), _number(right)
            if x is None or y is None:
                return None
            try:
                match op:
                    case ast.Add():
                        return x + y
                    case ast.Sub():
                        return x - y
                    case ast.Mult():
                        return x * y
                    case ast.Div():
                        return x / y
                    case _:
                        z = x**y
                        return z if isinstance(z, float) else math.nan
            except (OverflowError, ZeroDivisionError, ValueError):
                return math.nan
        case ast.Call(func=ast.Name(id=name), args=[argument]) if name in ("log", "sqrt", "exp"):
            x = _number(argument)
            if x is None:
                return None
            try:
                return getattr(math, name)(x)
            except (OverflowError, ValueError):
                return math.nan
    return None


def unparse(node: ast.expr, parent: int = 0) -> str:
    """The canonical text: spaces around + and -, none around * / **."""
    match node:
        case ast.Constant(value=value):
            return repr(value)
        case ast.Name(id=name):
            return "?" if name == HOLE else name
        case ast.UnaryOp(op=op, operand=operand):
            inner = unparse(operand, 3)
            text = f"-{inner}" if isinstance(op, ast.USub) else inner
            return f"({text})" if parent >= 2 and isinstance(op, ast.USub) else text
        case ast.BinOp(left=left, op=op, right=right):
            sign, level = _BINARY[type(op)]
            if isinstance(op, ast.Pow):
                exponent = unparse(right, 3 if isinstance(right, ast.UnaryOp) else level)
                if isinstance(right, ast.UnaryOp) and isinstance(right.operand, ast.Constant):
                    exponent = (
                        f"-{unparse(right.operand)}" if isinstance(right.op, ast.USub) else unparse(right.operand)
                    )
                text = f"{unparse(left, level + 1)}**{exponent}"
            else:
                text = f"{unparse(left, level)}{sign}{unparse(right, level + 1)}"
            return f"({text})" if parent > level else text
        case ast.Call(func=ast.Name(id=name), args=args):
            return f"{name}({', '.join(unparse(a) for a in args)})"
    raise TypeError(f"not an expression: {type(node).__name__}")


def lower(
    expression: Expression,
    symbols: Mapping[str, sp.Expr] | Callable[[str], sp.Expr],
    functions: Mapping[str, tuple[tuple[str, ...], Expression]] | None = None,
    call: Callable[[str, list[sp.Expr]], sp.Expr | None] | None = None,
) -> sp.Expr:
    """The expression as a sympy object.

    `symbols` gives the object for each name; `functions` the parameters and body of each declared function. Calls are
    expanded, so that derivatives see through them, but for those that `call(name, arguments)` makes an object of; it is asked for
    `quotient φ`, too, under the name "quotient φ". Raises `ProgramError` when the value is not real (1/0, log(-1)).
    """
    get = symbols if callable(symbols) else symbols.__getitem__
    result = _lower(expression.tree, get, functions or {}, call)
    if result.has(sp.I, sp.zoo, sp.nan, sp.oo, -sp.oo):
        raise ProgramError(Diagnostic("not-real", f"{expression} is not a finite real number.",
                                      "Check for a division by 0, or a log or root of a negative number."))  # fmt: skip
    return result


def _lower(node: ast.expr, get: Callable[[str], sp.Expr], functions, call=None) -> sp.Expr:
    def go(n: ast.expr) -> sp.Expr:
        return _lower(n, get, functions, call)

    match node:
        case ast.Constant(value=value):
            return sp.Integer(value) if isinstance(value, int) else sp.Rational(repr(value))
        case ast.Name(id=name):
            return {"pi": sp.pi, "e": sp.E}.get(name) or get(name)
        case ast.UnaryOp(op=op, operand=operand):
            return -go(operand) if isinstance(op, ast.USub) else go(operand)
        case ast.BinOp(left=left, op=op, right=right):
            x, y = go(left), go(right)
            match op:
                case ast.Add():
                    return x + y
                case ast.Sub():
                    return x - y
                case ast.Mult():
                    return x * y
                case ast.Div():
                    return x / y
                case _:
                    return functions_.real_power(x, y)
        case ast.Call(func=ast.Name(id="quotient"), args=[ast.Name(id=name), *rest]):
            given = [go(a) for a in rest]
            made = call(f"quotient {name}", given) if call else None
            return _quotient(name, given, get, functions) if made is None else made
        case ast.Call(func=ast.Name(id=name), args=args):
            given = [go(a) for a in args]
            made = call(name, given) if call else None
            return _apply(name, given, get, functions) if made is None else made
    raise TypeError(f"not an expression: {type(node).__name__}")


def _apply(name: str, args: list[sp.Expr], get: Callable[[str], sp.Expr], functions) -> sp.Expr:
    if name in functions:
        parameters, body = functions[name]
        given = dict(zip(parameters, args, strict=True))
        return _lower(body.tree, lambda n: given[n] if n in given else get(n), functions)  # a body sees constants, too
    return functions_.BUILTINS[name][0](*args)


def _quotient(name: str, args: list[sp.Expr], get: Callable[[str], sp.Expr], functions) -> sp.Expr:
    k = len(args) // 2
    mu, nu, eps = args[:k], args[k : 2 * k], args[-1]
    at = [sp.Dummy(f"mu{i}", real=True) for i in range(k)]
    phi = _apply(name, list(at), get, functions)
    point = dict(zip(at, mu, strict=True))
    moved = {a: m + eps * v for a, m, v in zip(at, mu, nu, strict=True)}
    derivative = sum((phi.diff(a).xreplace(point) * v for a, v in zip(at, nu, strict=True)), sp.Integer(0))
    return functions_.Quotient(eps, phi.xreplace(moved) - phi.xreplace(point), derivative)


def constant_value(
    expression: Expression,
    constants: Mapping[str, float],
    functions: Mapping[str, tuple[tuple[str, ...], Expression]] | None = None,
) -> float:
    """The number that an expression of constants stands for; `functions` as in `lower`."""
    from .tape import compile_tape

    lowered = lower(expression, lambda name: sp.Symbol(name, real=True), functions)
    order = sorted(lowered.free_symbols, key=str)
    with np.errstate(all="ignore"):
        return float(compile_tape([lowered], order)(*[constants[str(s)] for s in order])[0])
