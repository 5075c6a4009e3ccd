"""Expressions as straight-line numpy programs: shared subexpressions once, no generated code, memory freed as it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .late import Late

if TYPE_CHECKING:
    import sympy as sp
else:
    sp = Late("sympy")
special, functions = Late("scipy.special"), Late("tpviz.language.functions")

__all__ = ["Tape", "compile_tape", "numpy_form"]


def _leaky(z, a):
    return np.where(z > 0, z, a * z)


def _quotient(eps, difference, derivative):
    eps = np.asarray(eps, dtype=float)
    safe = np.where(eps == 0, 1.0, eps)
    return np.where(eps == 0, derivative, difference / safe)


@cache
def _numpy() -> dict[type, Callable]:
    """The numpy form of every function that an expression may hold."""
    f = functions
    return {
        f.Relu: lambda z: np.maximum(z, 0.0),
        f.Step: lambda z: np.heaviside(z, 0.0),
        f.Sign: np.sign,
        sp.sign: np.sign,
        f.Abs: np.abs,
        sp.Abs: np.abs,
        f.LeakyRelu: _leaky,
        f.Maximum: np.maximum,
        f.Minimum: np.minimum,
        f.Clip: lambda z, low, high: np.minimum(np.maximum(z, low), high),
        f.Sigmoid: lambda z: special.expit(z),
        f.Softplus: lambda z: np.logaddexp(0.0, z),
        f.Gelu: lambda z: z * special.ndtr(z),
        f.Silu: lambda z: z * special.expit(z),
        f.Quotient: _quotient,
        sp.erf: lambda z: special.erf(z),
        sp.tanh: np.tanh,
        sp.exp: np.exp,
        sp.log: np.log,
        f.Log: np.log,
        f.RealPower: np.power,
        sp.sin: np.sin,
        sp.cos: np.cos,
        sp.sinh: np.sinh,
        sp.cosh: np.cosh,
        sp.Heaviside: lambda z, *_: np.heaviside(z, 0.0),
    }


@cache
def _ours() -> tuple[type, ...]:
    """Our own functions, which sympy cannot evaluate."""
    return tuple(f for f in _numpy() if f.__module__ == functions.Relu.__module__)


def numpy_form(function: type) -> Callable:
    """The numpy form of an elementary function."""
    return _numpy()[function]


def _power(x, exponent: float):
    """x to a fixed exponent, by products and roots where that is faster than `power`."""
    if exponent == 2:
        return x * x
    if exponent == -1:
        return 1.0 / x
    if exponent == 0.5:
        return np.sqrt(x)
    if exponent == -0.5:
        return 1.0 / np.sqrt(x)
    if exponent == int(exponent) and abs(exponent) <= 8:
        out = x
        for _ in range(abs(int(exponent)) - 1):
            out = out * x
        return out if exponent > 0 else 1.0 / out
    return np.power(x, exponent)


def _number(e: sp.Basic) -> float | None:
    """The value of a constant that sympy can evaluate; functions of our own are evaluated by the tape."""
    if e.free_symbols or not e.is_number or e.atoms(*_ours()):
        return None
    return float(e)


class Tape:
    """`tape(*values)` returns one array (or number) for each expression; values broadcast. Floating-point warnings are left
    to the caller: where a logarithm of a negative number matters, the result holds nan."""

    def __init__(self, expressions: Sequence[sp.Expr], symbols: Sequence[sp.Symbol]):
        self.symbols = tuple(symbols)
        self._ops: list[tuple[Callable | None, tuple[int, ...], float | None]] = []
        slots: dict[sp.Basic, int] = {}
        for s in self.symbols:
            slots[s] = len(self._ops)
            self._ops.append((None, (), None))
        self._outputs = [self._emit(sp.sympify(e), slots) for e in expressions]
        last: dict[int, int] = {}
        for i, (_, args, _) in enumerate(self._ops):
            for a in args:
                last[a] = i
        keep = set(self._outputs) | set(range(len(self.symbols)))
        self._free: list[list[int]] = [[] for _ in self._ops]
        for slot, i in last.items():
            if slot not in keep:
                self._free[i].append(slot)

    def _push(self, op: Callable | None, args: tuple[int, ...], constant: float | None = None) -> int:
        self._ops.append((op, args, constant))
        return len(self._ops) - 1

    def _emit(self, e: sp.Basic, slots: dict[sp.Basic, int]) -> int:
        if e in slots:
            return slots[e]
        if (number := _number(e)) is not None:
            slot = self._push(None, (), number)
        elif isinstance(e, sp.Add | sp.Mul):
            slot = self._emit_chain(e, slots)
        elif isinstance(e, sp.Pow) and e.exp.is_number:
            exponent = float(e.exp)
            slot = self._push(lambda x, p=exponent: _power(x, p), (self._emit(e.base, slots),))
        elif isinstance(e, sp.Pow):
            slot = self._push(np.power, (self._emit(e.base, slots), self._emit(e.exp, slots)))
        elif isinstance(e, functions.RealPower) and e.args[1].is_number:
            p = float(e.args[1])
            slot = self._push(lambda x, p=p: _power(x, p), (self._emit(e.args[0], slots),))
        elif type(e) in _numpy():
            slot = self._push(_numpy()[type(e)], tuple(self._emit(a, slots) for a in e.args))
        else:
            raise TypeError(f"no numpy form of {type(e).__name__}: {e}")
        slots[e] = slot
        return slot

    def _emit_chain(self, e: sp.Basic, slots: dict[sp.Basic, int]) -> int:
        add = isinstance(e, sp.Add)
        constants = [a for a in e.args if _number(a) is not None]
        scalars = [self._emit(a, slots) for a in e.args if _number(a) is None]
        total = scalars[0]
        for a in scalars[1:]:
            total = self._push(np.add if add else np.multiply, (total, a))
        if constants:
            number = float(e.func(*constants))
            total = self._push((lambda x, c=number: x + c) if add else (lambda x, c=number: x * c), (total,))
        return total

    def __call__(self, *values) -> list:
        memory: list = [None] * len(self._ops)
        memory[: len(values)] = values
        for i in range(len(self.symbols), len(self._ops)):
            op, args, constant = self._ops[i]
            memory[i] = constant if op is None else op(*[memory[a] for a in args])
            for slot in self._free[i]:
                memory[slot] = None
        return [memory[i] for i in self._outputs]


@lru_cache(maxsize=2048)
def _cached(expressions: tuple[sp.Expr, ...], symbols: tuple[sp.Symbol, ...]) -> Tape:
    return Tape(expressions, symbols)


def compile_tape(expressions: Sequence[sp.Expr], symbols: Sequence[sp.Symbol]) -> Tape:
    """The tape of these expressions; the same expressions give the same tape."""
    return _cached(tuple(expressions), tuple(symbols))
