"""The shape of a block: a function of a few jointly Gaussian directions, without names, looked at once.

A kernel is Π directionᵖ · Π factorᵠ. Factors are told apart by what serves them best: an exponential of a quadratic form changes the
Gaussian; gates (relu, step, sign, erf, gelu of one direction) are integrated in closed form given the rest; what is left is the `hard`
function of the `outer` directions, which is integrated numerically.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product as cartesian
from typing import TYPE_CHECKING

from ..language.late import Late
from ..language.tape import Tape, compile_tape
from .algebra import forms

if TYPE_CHECKING:
    import sympy as sp
else:
    sp = Late("sympy")
functions = Late("tpviz.language.functions")

__all__ = ["Expression", "Gate", "GateTerm", "Kernel"]

#: nested tuples: ("direction", i), ("parameter", j), ("number", x), ("combination", ((number, direction), …), number),
#: ("sum", ((number, e), …), e), ("product", ((e, p), …)), ("function", name, (e, …))
Expression = tuple
#: distance of the nearest singularity from the real line; entire functions get the distance at which they have grown much
_POLES = {"tanh": math.pi / 2, "sigmoid": math.pi, "softplus": math.pi, "silu": math.pi}
MOST_STEPS = 2


@dataclass(frozen=True)
class Gate:
    """step(d + σ w), w an independent normal: relu, step and sign have σ = 0, erf and gelu a positive one."""

    direction: int
    smoothing: float  # σ²
    copy: int = 0  # tells the w of Φ(z)² apart


@dataclass(frozen=True)
class GateTerm:
    """coefficient · Π dᵢ^powers[i] · Π gates"""

    coefficient: float
    powers: tuple[int, ...]
    gates: tuple[Gate, ...]


@dataclass(frozen=True)
class _Gated:
    """A factor that is Σ coefficient · d^power · step(d + σ w) of one direction; pieces are (coefficient, power, σ² or None)."""

    factor: tuple[Expression, int]
    direction: int
    pieces: tuple[tuple[float, int, float | None], ...]


class Kernel:
    """Π directionᵖ · Π factorᵠ over `size` directions and `parameters` numbers; make it with `Kernel.of`."""

    def __init__(self, exponents: tuple[int, ...], factors: tuple[tuple[Expression, int], ...], parameters: int):
        self.exponents, self.factors, self.parameters = exponents, factors, parameters
        self.size = len(exponents)
        self.symbols = tuple(sp.Dummy(f"u{i}", real=True) for i in range(self.size))
        self.parameter_symbols = tuple(sp.Dummy(f"p{j}", real=True) for j in range(parameters))
        self._sort()

    @staticmethod
    @lru_cache(maxsize=4096)
    def of(exponents: tuple[int, ...], factors: tuple[tuple[Expression, int], ...], parameters: int) -> Kernel:
        """The kernel of this shape; one for each."""
        return Kernel(exponents, factors, parameters)

    def __repr__(self) -> str:
        return f"Kernel({self.exponents}, {self.function})"

    # analysis

    def _sort(self) -> None:
        """Tell exponentials, gates and the hard rest apart."""
        exponents: list[sp.Expr] = []
        gates: list[_Gated] = []
        hard: list[tuple[Expression, int]] = []
        for e, p in self.factors:
            exponent, gate = self._quadratic(e, p), _gate(e)
            if exponent is not None:
                exponents.append(exponent)
            elif gate is not None and p <= 4:
                gates.append(_Gated((e, p), *gate))
            else:
                hard.append((e, p))
        self.exponent = sp.Add(*exponents) if exponents else None
        outer: set[int] = set()
        while True:  # a gate of a direction that the hard part reads, and gates beyond two, are hard themselves
            outer = outer.union(*(_directions(e) for e, _ in hard))
            moved = [g for g in gates if g.direction in outer]
            if not moved and _steps(gates) > MOST_STEPS:
                moved = [gates[-1]]
            if not moved:
                break
            hard += [g.factor for g in moved]
            gates = [g for g in gates if g not in moved]
        self.hard = tuple(hard)
        self.outer = tuple(sorted(outer))
        read = {g.direction for g in gates}
        self.jumps = {g.direction for g in gates if any(sigma == 0 and not power for _, power, sigma in g.pieces)}
        self.gated = tuple(sorted(read))  # directions whose densities the closed forms need
        self.inner = tuple(i for i in range(self.size) if i not in outer and (self.exponents[i] or i in read))
        self.gate_terms = self._gate_terms(gates)

    def _gate_terms(self, gates: list[_Gated]) -> tuple[GateTerm, ...]:
        """Powers and gates of the inner directions, multiplied out."""
        base = tuple(a if i not in self.outer else 0 for i, a in enumerate(self.exponents))
        terms = [GateTerm(1.0, base, ())]
        for g in gates:
            for copy in range(g.factor[1]):
                grown: dict[tuple, float] = {}
                for t, (c, power, smoothing) in cartesian(terms, g.pieces):
                    powers = tuple(a + power * (i == g.direction) for i, a in enumerate(t.powers))
                    kept = t.gates
                    if smoothing is not None:  # a step squared is itself, a smooth one has a normal of its own
                        gate = Gate(g.direction, smoothing, copy if smoothing else 0)
                        kept = kept if gate in kept else (*kept, gate)
                    grown[powers, kept] = grown.get((powers, kept), 0.0) + c * t.coefficient
                terms = [GateTerm(c, powers, kept) for (powers, kept), c in grown.items() if c]
        return tuple(terms)

    def _quadratic(self, e: Expression, p: int) -> sp.Expr | None:
        """p times the exponent of exp(…), where it is a polynomial of degree ≤ 2 in the directions."""
        if e[:2] != ("function", "exp"):
            return None
        exponent = sp.expand(self.sympy(e[2][0]))
        if not exponent.is_polynomial(*self.symbols):
            return None
        return p * exponent if sp.Poly(exponent, *self.symbols).total_degree() <= 2 else None

    @cached_property
    def tilt(self) -> Tape | None:
        """parameters -> entries of Q (row by row), of b, and c, where the exponent is ½ uᵀQu + bᵀu + c."""
        if self.exponent is None:
            return None
        poly = dict(sp.Poly(self.exponent, *self.symbols).terms())
        unit = [tuple(int(i == j) for j in range(self.size)) for i in range(self.size)]
        entries = []
        for i in range(self.size):
            for j in range(self.size):
                key = tuple(a + b for a, b in zip(unit[i], unit[j], strict=True))
                entries.append(poly.get(key, sp.Integer(0)) * (2 if i == j else 1))
        linear = [poly.get(u, sp.Integer(0)) for u in unit]
        return compile_tape([*entries, *linear, poly.get((0,) * self.size, sp.Integer(0))], self.parameter_symbols)

    @property
    def closed(self) -> bool:
        """Whether nothing is left to integrate numerically."""
        return not self.hard

    @cached_property
    def wave(self) -> tuple[tuple[str, int], ...] | None:
        """ "sin" or "cos" of each direction where the kernel is a product of those alone (twice the same is two entries)."""
        kinds: list[tuple[str, int]] = []
        for e, p in self.factors:
            if e[0] != "function" or e[1] not in ("sin", "cos") or e[2][0][0] != "direction" or p > 4:
                return None
            kinds += [(e[1], e[2][0][1])] * p
        return tuple(kinds) if kinds and not any(self.exponents) and len(kinds) <= 6 else None

    @property
    def is_relu_relu(self) -> bool:
        relu = [("function", "relu", (("direction", i),)) for i in (0, 1)]
        return self.exponents == (0, 0) and sorted(self.factors) == sorted((r, 1) for r in relu)

    # as functions

    def sympy(self, e: Expression) -> sp.Expr:
        match e:
            case ("direction", i):
                return self.symbols[i]
            case ("parameter", j):
                return self.parameter_symbols[j]
            case ("number", x):
                return sp.Float(x, 17) if isinstance(x, float) else sp.Rational(x.numerator, x.denominator)
            case ("combination", parts, constant):
                return sp.Add(*[self.sympy(c) * self.sympy(d) for c, d in parts], self.sympy(constant))
            case ("sum", terms, affine):
                return sp.Add(*[self.sympy(c) * self.sympy(x) for c, x in terms], self.sympy(affine))
            case ("product", factors):
                return sp.Mul(*[self.sympy(x) ** p for x, p in factors])
            case ("function", "power", (z, p)):
                return functions.real_power(self.sympy(z), self.sympy(p))
            case ("function", name, args):
                return forms()[name](*[self.sympy(a) for a in args])
        raise TypeError(str(e[0]))

    @cached_property
    def hard_function(self) -> sp.Expr:
        """The hard factors, with the powers of the directions that they read."""
        powers = [self.symbols[i] ** self.exponents[i] for i in self.outer if self.exponents[i]]
        return sp.Mul(*[self.sympy(e) ** p for e, p in self.hard], *powers)

    @cached_property
    def function(self) -> sp.Expr:
        """All of it, exponentials included."""
        powers = [s**a for s, a in zip(self.symbols, self.exponents, strict=True) if a]
        return sp.Mul(*[self.sympy(e) ** p for e, p in self.factors], *powers)

    @cached_property
    def hard_tape(self) -> Tape:
        return compile_tape([self.hard_function], (*self.symbols, *self.parameter_symbols))

    @cached_property
    def whole(self) -> Whole:
        return Whole(self, self.function)

    @cached_property
    def rest(self) -> Whole:
        return Whole(self, self.hard_function)

    @cached_property
    def even(self) -> bool:
        """Whether turning every direction around changes nothing, and nothing is integrated inside."""
        if self.inner or self.exponent is not None:
            return False
        sign = math.prod((-1) ** self.exponents[i] for i in self.outer)
        return math.prod((_parity(e) ** p for e, p in self.hard), start=sign) == 1

    @cached_property
    def poles(self) -> tuple[float, ...]:
        """About how far from the real line the hard function is analytic, in each direction."""
        found: dict[int, float] = {}
        for e, _ in self.hard:
            _poles(e, found)
        return tuple(found.get(i, 1.4) for i in range(self.size))

    @cached_property
    def poles_are_known(self) -> bool:
        """Whether the hard factors are made of elementary functions of single directions, so that `poles` is exact."""
        return all(_known(e) for e, _ in self.hard)


class Whole:
    """A function of directions and parameters, with what a quadrature must know of it."""

    def __init__(self, kernel: Kernel, function: sp.Expr):
        self.function, self.symbols, self.parameters = function, kernel.symbols, kernel.parameter_symbols
        self.tape = compile_tape([function], (*self.symbols, *self.parameters))

    @cached_property
    def kinks(self) -> tuple[sp.Expr, ...]:
        """Expressions of directions and parameters whose zeros hold every kink and jump of the function.

        A kink inside a kink is resolved into its branches, so that relu(z + step(x)) gives x, z and z + 1: lines, not curves.
        """
        found: dict[sp.Expr, None] = {}
        for node in sp.preorder_traversal(self.function):
            if isinstance(node, functions.KINKS):
                for e in _branches(node.args[0]):
                    if e.free_symbols & set(self.symbols):
                        found.setdefault(e)
        return tuple(found)

    @cached_property
    def singular(self) -> tuple[sp.Expr, ...]:
        """Expressions that vanish where the function may be infinite or has an unbounded derivative."""
        found: dict[sp.Expr, None] = {}
        for node in sp.preorder_traversal(self.function):
            inner = None
            if isinstance(node, functions.Log | functions.RealPower):
                inner = node.args[0]
            elif (
                isinstance(node, sp.Pow) and node.exp.is_number and (node.exp.is_negative or not node.exp.is_integer)
            ) or (isinstance(node, sp.Pow) and not node.exp.is_number):
                inner = node.base
            if inner is not None:
                for e in _branches(inner):  # |z| is z or −z, which change sign where it vanishes
                    if e.free_symbols & set(self.symbols):
                        found.setdefault(e)
        return tuple(found)


def _steps(gates: list[_Gated]) -> int:
    """How many different steps the product of these gates holds."""
    hard = {g.direction for g in gates if any(sigma == 0 for _, _, sigma in g.pieces)}
    return len(hard) + sum(g.factor[1] for g in gates if any(sigma for _, _, sigma in g.pieces))


def _gate(e: Expression) -> tuple[int, tuple[tuple[float, int, float | None], ...]] | None:
    """(direction, pieces) of relu, step, sign, erf and gelu of one direction."""
    if e[0] != "function" or len(e[2]) != 1:
        return None
    scale, argument = 1.0, e[2][0]
    if argument[0] == "combination" and len(argument[1]) == 1 and argument[2] == ("number", 0):
        (number, argument) = argument[1][0]
        if number[0] != "number":
            return None
        scale = float(number[1])
    if argument[0] != "direction" or not scale > 0:
        return None
    i = argument[1]
    match e[1]:
        case "relu":
            return i, ((scale, 1, 0.0),)
        case "step":
            return i, ((1.0, 0, 0.0),)
        case "sign":
            return i, ((2.0, 0, 0.0), (-1.0, 0, None))
        case "erf":  # erf(s d) = 2 Φ(√2 s d) − 1
            return i, ((2.0, 0, 1 / (2 * scale**2)), (-1.0, 0, None))
        case "gelu":
            return i, ((scale, 1, 1 / scale**2),)
    return None


def _directions(e: Expression) -> set[int]:
    if e[0] == "direction":
        return {e[1]}
    found: set[int] = set()
    for part in e[1:]:
        if isinstance(part, tuple):
            found |= _directions(part) if part and isinstance(part[0], str) else _inside(part)
    return found


def _inside(parts: tuple) -> set[int]:
    found: set[int] = set()
    for p in parts:
        if isinstance(p, tuple):
            found |= _directions(p) if p and isinstance(p[0], str) else _inside(p)
    return found


def _poles(e: Expression, found: dict[int, float]) -> None:
    """The distance to the nearest singularity in each direction that e reads: known for functions of a direction, guessed for functions
    of functions."""
    if e[0] != "function":
        for part in _parts(e):
            _poles(part, found)
        return
    here = _POLES.get(e[1], 1.4 if e[1] in ("erf", "gelu", "exp", "sin", "cos") else 1.0)
    for a in e[2]:
        inner: dict[int, float] = {}
        _poles(a, inner)
        for i in _directions(a):
            distance = here if i not in inner else min(here, 0.6 * inner[i])
            found[i] = min(found.get(i, distance), distance)


def _parity(e: Expression) -> int:
    """1 for an even function of all directions together, −1 for an odd one, 0 for neither (or unknown)."""
    match e:
        case ("direction", _):
            return -1
        case ("combination", _, constant):
            return -1 if constant == ("number", 0) else 0
        case ("number", _) | ("parameter", _):
            return 1
        case ("product", factors):
            return math.prod(_parity(x) ** p for x, p in factors)
        case ("sum", terms, affine):
            kinds = {_parity(x) for _, x in terms} | ({_parity(affine)} if affine != ("number", 0) else set())
            return kinds.pop() if len(kinds) == 1 else 0
        case ("function", name, args):
            inner = [_parity(a) for a in args]
            if all(k == 1 for k in inner):
                return 1
            return (
                -1
                if name in ("tanh", "erf", "sin", "sign") and inner == [-1]
                else 1
                if name == "cos" and inner == [-1]
                else 0
            )
    return 0


def _known(e: Expression) -> bool:
    match e:
        case ("function", name, args):
            return name in _POLES and args[0][0] in ("direction", "combination")
        case ("number", _) | ("parameter", _):
            return True
    return all(_known(x) for x in _parts(e)) and e[0] in ("sum", "product")


def _parts(e: Expression) -> list[Expression]:
    match e:
        case ("product", factors):
            return [x for x, _ in factors]
        case ("sum", terms, affine):
            return [*(x for _, x in terms), affine]
    return []


def _branches(level: sp.Expr, most: int = 32) -> list[sp.Expr]:
    """The level with every kink inside it replaced by its pieces; itself where that would be too many."""
    f, zero, one = functions, sp.Integer(0), sp.Integer(1)
    pieces = {f.Relu: lambda z: (zero, z), f.Step: lambda z: (zero, one), f.Sign: lambda z: (-one, one)}
    done, todo = [], [level]
    while todo:
        e = todo.pop()
        inner = [n for n in e.atoms(*pieces) if not any(a.atoms(*pieces) for a in n.args)]
        if not inner:
            done.append(e)
            continue
        node = min(inner, key=lambda n: n.sort_key())
        todo += [e.xreplace({node: piece}) for piece in pieces[type(node)](node.args[0])]
        if len(todo) + len(done) > most:
            return [level]
    return done
