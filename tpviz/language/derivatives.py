"""Derivatives of expressions as program text: sympy differentiates, declared functions stay calls, and a call's derivative is a declared
function of its own, `function dphi(z) = 1 - tanh(z)**2`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

import sympy as sp
from sympy.printing.str import StrPrinter

from . import functions as forms
from .arities import ARITIES
from .expressions import Expression, lower, read_expression
from .instructions import Function

__all__ = ["Derivatives", "fresh_name", "text_of"]

#: builtins whose derivative is another one; what is not here and not in DECLARED is written out in place
_DIRECT = {"relu": "step", "abs": "sign", "softplus": "sigmoid", "exp": "exp", "sin": "cos"}
#: builtins whose derivative gets a name
_DECLARED = ("tanh", "sigmoid", "erf", "gelu", "silu", "clip")


def fresh_name(wanted: str, taken: Callable[[str], bool], parts: tuple[str, str]) -> str:
    """`wanted`, with one more underscore between its two `parts` until it is free."""
    (head, tail), name, joint = parts, wanted, "_"
    while taken(name):
        name = f"{head}{joint}{tail}"
        joint += "_"
    return name


class _Printer(StrPrinter):
    """Our functions by their names in the program text."""

    _names: ClassVar = {form: name for name, (form, _) in forms.BUILTINS.items() if isinstance(form, type)}

    def _print_Function(self, e: sp.Function) -> str:  # noqa: N802
        inner = ", ".join(self._print(a) for a in e.args)
        if isinstance(e, _Call) and e.written.startswith("quotient "):
            return f"quotient({e.written.removeprefix('quotient ')}, {inner})"
        return f"{e.written if isinstance(e, _Call) else self._names.get(type(e), type(e).__name__)}({inner})"

    def _print_ExpBase(self, e: sp.Expr) -> str:  # noqa: N802
        return f"exp({self._print(e.args[0])})"

    def _print_Exp1(self, e: sp.Expr) -> str:  # noqa: N802
        return "e"

    def _print_Pow(self, e: sp.Pow, rational: bool = False) -> str:  # noqa: N802
        if e.base is sp.E:
            return f"exp({self._print(e.exp)})"
        return super()._print_Pow(e, rational=rational)

    for _name in ("Abs", "sign", "log", "erf", "tanh", "sin", "cos"):
        locals()[f"_print_{_name}"] = _print_Function


def text_of(e: sp.Expr) -> str:
    """A sympy expression in the words of the program text."""
    plain = e.replace(forms.RealPower, lambda z, p: z**p)  # so that roots print as sqrt and fractions
    return read_expression(_Printer().doprint(plain)).text


class _Call(sp.Function):
    """A call that stays a call; `slope(k)` is what differentiating by its k-th argument (from 0) makes of it."""

    written = ""
    slope: Callable[[int, tuple[sp.Expr, ...]], sp.Expr]

    def _eval_is_extended_real(self):
        return True

    _eval_is_real = _eval_is_extended_real

    @classmethod
    def eval(cls, *args):
        return None

    def fdiff(self, argindex=1):
        return type(self).slope(argindex - 1, self.args)


class Derivatives:
    """Differentiates expressions of one program. `declared` are the functions that the results call and the program lacks, in order."""

    def __init__(self, functions: Mapping[str, tuple[tuple[str, ...], Expression]], taken: Iterable[str]):
        self._functions = dict(functions)
        self._taken = set(taken)
        self._calls: dict[str, type[_Call]] = {}
        self._known: dict[tuple[str, int], str] = {}
        self.declared: list[Function] = []

    def reserve(self, name: str) -> None:
        """A name that no function may get."""
        self._taken.add(name)

    def partial(self, e: Expression, name: str) -> sp.Expr:
        """∂e/∂name, declared functions and their derivatives as calls."""
        return self.lowered(e).diff(self.symbol(name))

    def lowered(self, e: Expression) -> sp.Expr:
        return lower(e, self.symbol, self._functions, self._call)

    @staticmethod
    def symbol(name: str) -> sp.Symbol:
        return sp.Symbol(name, real=True)

    def _call(self, name: str, arguments: list[sp.Expr]) -> sp.Expr | None:
        kept = name in self._functions or name in _DECLARED or name.startswith("quotient ")
        return self._class(name)(*arguments) if kept else None

    def _class(self, name: str) -> type[_Call]:
        if name not in self._calls:
            made = type(name.replace(" ", "_"), (_Call,), {"written": name})
            quotient = name.startswith("quotient ")
            f = name.removeprefix("quotient ")
            made.slope = staticmethod(  # type: ignore[attr-defined]
                (lambda k, args: self._quotient_slope(f, k, args))
                if quotient
                else (lambda k, args: self._apply(self.of_function(f, k), args))
            )
            self._calls[name] = made
        return self._calls[name]

    def _apply(self, name: str, args: Iterable[sp.Expr]) -> sp.Expr:
        given = list(args)
        if name == "0":
            return sp.Integer(0)
        made = self._call(name, given)
        return forms.BUILTINS[name][0](*given) if made is None else made

    def _quotient_slope(self, f: str, k: int, args: tuple[sp.Expr, ...]) -> sp.Expr:
        """∂/∂μᵢ (φ(μ+εν) − φ(μ))/ε is the quotient of ∂ᵢφ, ∂/∂νᵢ is ∂ᵢφ(μ+εν)."""
        half = len(args) // 2
        mu, nu, eps = args[:half], args[half : 2 * half], args[-1]
        if k >= 2 * half:
            raise NotImplementedError("the ε of a quotient is not differentiated")
        slope = self.of_function(f, k % half)
        if slope == "0":
            return sp.Integer(0)
        if k < half:
            return self._class(f"quotient {slope}")(*args)
        return self._apply(slope, [m + eps * v for m, v in zip(mu, nu, strict=True)])

    def of_function(self, f: str, k: int) -> str:
        """The name of ∂f/∂(k-th argument); "0" where it vanishes. Declares it where there is none."""
        if f in _DIRECT and f not in self._functions:
            return _DIRECT[f]
        key = (f, k)
        if key not in self._known:
            parameters, body = self._definition(f)
            slope = text_of(self._slope(body, parameters[k]))
            self._known[key] = self._named(f, parameters, k, slope)
        return self._known[key]

    def _definition(self, f: str) -> tuple[tuple[str, ...], Expression]:
        if f in self._functions:
            return self._functions[f]
        parameters = ("z", "low", "high") if f == "clip" else tuple("zabc"[: ARITIES[f]])
        return parameters, read_expression(f"{f}({', '.join(parameters)})")

    def _slope(self, body: Expression, parameter: str) -> sp.Expr:
        """∂body/∂parameter of a function's body: builtins written out, declared functions as calls."""

        def call(name: str, arguments: list[sp.Expr]) -> sp.Expr | None:
            kept = name in self._functions or name.startswith("quotient ")
            return self._class(name)(*arguments) if kept else None

        return lower(body, self.symbol, self._functions, call).diff(self.symbol(parameter))

    def _named(self, f: str, parameters: tuple[str, ...], k: int, slope: str) -> str:
        body = read_expression(slope)
        if body.text == "0":
            return "0"
        wanted = f"d{f}" if len(parameters) == 1 else f"d{f}_{parameters[k]}"
        known = self._functions.get(wanted)
        if known is not None and known == (parameters, body):
            return wanted
        name = fresh_name(wanted, self._taken.__contains__, ("d", f"{wanted[1:]}"))
        self._taken.add(name)
        self._functions[name] = (parameters, body)
        self.declared.append(Function(name, parameters, body))
        return name
