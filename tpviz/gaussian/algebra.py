"""Random variables as a graph over base Gaussians, and numbers as a graph over what is given: both written once, symbolically.

Two kinds of node. A `Scalar` is a number that is known only when a plan is evaluated: a given one, arithmetic of others, or an
expectation. A random node is a function of base Gaussians whose coefficients are Scalars: `Affine` (linear combinations collapse here),
`Sum`, `Product` and `Function`. An `Algebra` makes them; equal nodes are one object, so that equality is identity and the same
expectation is computed once.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, overload

from ..language.late import Late

if TYPE_CHECKING:
    import sympy as sp
else:
    sp = Late("sympy")
functions = Late("tpviz.language.functions")

__all__ = ["Affine", "Algebra", "Base", "Function", "Node", "Product", "Random", "Scalar", "Sum", "written"]

Number = int | Fraction | float  # whole and rational numbers are exact
LONG = 12  # a sum of that many terms stays whole inside another one, so that moments of residual streams build on each other
MAX_DIGITS = 10**60  # a fraction with a larger denominator becomes a float


@cache
def forms() -> dict[str, type]:
    """The elementary functions by name, as sympy has them; maximum, minimum, clip, abs and leaky_relu are written with relu."""
    f = functions
    return {
        "relu": f.Relu, "step": f.Step, "sign": f.Sign, "erf": sp.erf, "tanh": sp.tanh, "sigmoid": f.Sigmoid, "softplus": f.Softplus,
        "gelu": f.Gelu, "silu": f.Silu, "exp": sp.exp, "log": f.Log, "power": f.RealPower, "sin": sp.sin, "cos": sp.cos,
        "quotient": f.Quotient,
    }  # fmt: skip


@cache
def _names() -> dict[type, str]:
    return {form: name for name, form in forms().items()} | {sp.log: "log", sp.sign: "sign"}


class Base:
    """A base Gaussian: `family` says which others it may be correlated with; `name` is the vector it comes from."""

    __slots__ = ("family", "index", "name")

    def __init__(self, name: str, family: tuple, index: int):
        self.name, self.family, self.index = name, family, index

    def __repr__(self) -> str:
        return f"Base({self.name})"


class Scalar:
    """A number of the plan. `op` is "number", "given", "sum", "product", "bilinear", "function", "expectation", "stein" or "entry".

    `level` counts the expectations on the longest way to it: those of one level do not need each other.
    """

    __slots__ = ("args", "index", "level", "op", "payload")

    def __init__(self, op: str, args: tuple[Scalar, ...], payload: Any, index: int):
        self.op, self.args, self.payload, self.index = op, args, payload, index
        self.level: int = max((a.level for a in args), default=0) + (op in ("expectation", "stein"))

    @property
    def number(self) -> Number | None:
        return self.payload if self.op == "number" else None

    def __repr__(self) -> str:
        return f"Scalar({self.op}, {self.payload!r}, {len(self.args)} args)"


class Random:
    """A random node; `bases` are the Gaussians that it reads."""

    __slots__ = ("bases", "index")
    index: int
    bases: frozenset[Base]


class Affine(Random):
    """constant + Σ coefficient · base"""

    __slots__ = ("constant", "terms")

    def __init__(self, terms: tuple[tuple[Base, Scalar], ...], constant: Scalar, index: int):
        self.terms, self.constant, self.index = terms, constant, index
        self.bases = frozenset(b for b, _ in terms)


class Sum(Random):
    """affine + Σ coefficient · node, the nodes being products and functions; `affine` may be a Scalar."""

    __slots__ = ("affine", "terms")

    def __init__(self, terms: tuple[tuple[Random, Scalar], ...], affine: Affine | Scalar, index: int):
        self.terms, self.affine, self.index = terms, affine, index
        rest = affine.bases if isinstance(affine, Affine) else frozenset()
        self.bases = frozenset().union(rest, *(n.bases for n, _ in terms))


class Product(Random):
    """Π nodeᵖ with whole p > 0"""

    __slots__ = ("factors",)

    def __init__(self, factors: tuple[tuple[Random, int], ...], index: int):
        self.factors, self.index = factors, index
        self.bases = frozenset().union(*(n.bases for n, _ in factors))


class Function(Random):
    """An elementary function of `forms`; at least one argument is random."""

    __slots__ = ("args", "name")

    def __init__(self, name: str, args: tuple[Node, ...], index: int):
        self.name, self.args, self.index = name, args, index
        self.bases = frozenset().union(*(a.bases for a in args if isinstance(a, Random)))


Node = Scalar | Random


def written(n: Node, most: int = 70) -> str:
    """A node as short text, for messages."""
    text = _text(n, 6)
    return text if len(text) <= most else text[: most - 3] + "..."


def _text(n: Node, depth: int) -> str:
    if depth == 0:
        return "..."
    match n:
        case Scalar():
            if n.op == "number":
                return f"{float(n.payload):.4g}"
            return str(n.payload[-1]) if n.op == "given" and isinstance(n.payload, tuple) else "c"
        case Affine():
            parts = [(b.name, c) for b, c in n.terms]
            shown = [b if c.number == 1 else f"{_text(c, depth - 1)}*{b}" for b, c in parts]
            return " + ".join([*shown, *([] if n.constant.number == 0 else [_text(n.constant, depth - 1)])])
        case Sum():
            shown = [
                _text(m, depth - 1) if c.number == 1 else f"{_text(c, depth - 1)}*{_text(m, depth - 1)}"
                for m, c in n.terms
            ]
            rest = [] if isinstance(n.affine, Scalar) and n.affine.number == 0 else [_text(n.affine, depth - 1)]
            return " + ".join([*shown, *rest])
        case Product():
            return "*".join(_factor_text(m, p, depth - 1) for m, p in n.factors)
        case Function():
            if n.name == "power":
                return f"({_text(n.args[0], depth - 1)})**{_text(n.args[1], depth - 1)}"
            return f"{n.name}({', '.join(_text(a, depth - 1) for a in n.args)})"
    return "?"


def _factor_text(m: Random, p: int, depth: int) -> str:
    text = _text(m, depth)
    if p == 1:
        return text if isinstance(m, Function) or "+" not in text else f"({text})"
    if isinstance(m, Function) and m.name == "exp":
        return f"exp({p}*{text[4:-1]})"
    return f"{text}**{p}" if isinstance(m, Function) or text.isidentifier() else f"({text})**{p}"


def shorten(x: Number) -> Number:
    """Whole fractions as integers; a float where there would be too many digits."""
    if isinstance(x, float):
        return x
    if x.denominator > MAX_DIGITS or abs(x.numerator) > MAX_DIGITS:
        return float(x)
    return x.numerator if x.denominator == 1 else x


def divide(a: Number, b: Number) -> Number:
    """a/b, exact where both are."""
    return a / b if isinstance(a, float) or isinstance(b, float) else shorten(Fraction(a) / b)


class Algebra:
    """Makes nodes; the same operation on the same nodes gives the same node."""

    def __init__(self) -> None:
        self._table: dict[Hashable, object] = {}
        self._derivatives: dict[tuple[Random, Base], Node] = {}
        self._count = 0
        self.zero, self.one = self.number(0), self.number(1)

    def _make(self, key: Hashable, make: Callable[[int], Any]) -> Any:
        found = self._table.get(key)
        if found is None:
            self._count += 1
            found = self._table[key] = make(self._count)
        return found

    # numbers

    def number(self, x: Number | int) -> Scalar:
        return self._scalar("number", (), shorten(x))

    def given(self, key: Hashable) -> Scalar:
        """A number that the evaluation is given under this key."""
        return self._scalar("given", (), key)

    def _scalar(self, op: str, args: tuple[Scalar, ...], payload: Hashable) -> Scalar:
        return self._make((op, args, payload), lambda i: Scalar(op, args, payload, i))

    def expectation(self, kernel: Hashable, args: tuple[Scalar, ...]) -> Scalar:
        return self._scalar("expectation", args, kernel)

    def stein(self, args: tuple[Scalar, ...], shape: Hashable) -> Scalar:
        """The vector of coefficients of a Ż in Stein form; `entry` reads one."""
        return self._scalar("stein", args, shape)

    def entry(self, vector: Scalar, k: int) -> Scalar:
        return self._scalar("entry", (vector,), k)

    def bilinear(self, triples: list[tuple[Scalar, Scalar, Scalar]]) -> Scalar:
        """Σ a · b · k over the triples (a, b, k)"""
        return self._scalar("bilinear", tuple(s for triple in triples for s in triple), None)

    def _linear(self, coefficients: Mapping[Scalar, Number], constant: Number) -> Scalar:
        kept = sorted(((s, shorten(c)) for s, c in coefficients.items() if c != 0), key=lambda item: item[0].index)
        constant = shorten(constant)
        if not kept:
            return self.number(constant)
        if len(kept) == 1 and kept[0][1] == 1 and constant == 0:
            return kept[0][0]
        return self._scalar("sum", tuple(s for s, _ in kept), (tuple(c for _, c in kept), constant))

    def _add_scalars(self, scalars: Iterable[Scalar]) -> Scalar:
        coefficients: dict[Scalar, Number] = {}
        constant: Number = 0
        for s in scalars:
            if s.op == "number":
                constant += s.payload
            elif s.op == "sum":
                cs, c0 = s.payload
                constant += c0
                for a, c in zip(s.args, cs, strict=True):
                    coefficients[a] = coefficients.get(a, 0) + c
            else:
                coefficients[s] = coefficients.get(s, 0) + 1
        return self._linear(coefficients, constant)

    def _multiply_scalars(self, scalars: Iterable[Scalar]) -> Scalar:
        factor: Number = 1
        powers: dict[Scalar, int] = {}
        for s in scalars:
            if s.op == "number":
                factor *= s.payload
            elif s.op == "product":
                for a, p in zip(s.args, s.payload, strict=True):
                    powers[a] = powers.get(a, 0) + p
            elif s.op == "sum" and len(s.args) == 1 and s.payload[1] == 0:
                factor *= s.payload[0][0]
                inner = s.args[0]
                for a, p in zip(inner.args, inner.payload, strict=True) if inner.op == "product" else ((inner, 1),):
                    powers[a] = powers.get(a, 0) + p
            else:
                powers[s] = powers.get(s, 0) + 1
        if factor == 0:
            return self.zero
        kept = sorted(((s, p) for s, p in powers.items() if p), key=lambda item: item[0].index)
        if not kept:
            return self.number(factor)
        if len(kept) == 1 and kept[0][1] == 1:
            body = kept[0][0]
        else:
            body = self._scalar("product", tuple(s for s, _ in kept), tuple(p for _, p in kept))
        if body.op == "sum":
            cs, c0 = body.payload
            return self._linear({s: c * factor for s, c in zip(body.args, cs, strict=True)}, c0 * factor)
        return self._linear({body: factor}, 0)

    # random nodes

    def base(self, base: Base) -> Affine:
        return self._make_affine(((base, self.one),), self.zero)

    def _affine(self, terms: Mapping[Base, Scalar], constant: Scalar) -> Node:
        kept = tuple(sorted(((b, c) for b, c in terms.items() if c is not self.zero), key=lambda item: item[0].index))
        if not kept:
            return constant
        return self._make_affine(kept, constant)

    def _make_affine(self, terms: tuple[tuple[Base, Scalar], ...], constant: Scalar) -> Affine:
        return self._make(("affine", terms, constant), lambda i: Affine(terms, constant, i))

    @overload
    def add(self, *nodes: Scalar) -> Scalar: ...
    @overload
    def add(self, *nodes: Node) -> Node: ...
    def add(self, *nodes: Node) -> Node:
        """Σ nodes"""
        scalars = [n for n in nodes if isinstance(n, Scalar)]
        if len(scalars) == len(nodes):
            return self._add_scalars(scalars)
        return self.combine([(n, self.one) for n in nodes])

    def combine(self, weighted: Iterable[tuple[Node, Scalar]]) -> Node:
        """Σ coefficient · node"""
        weighted = [(n, c) for n, c in weighted if n is not self.zero]
        bases: dict[Base, list[Scalar]] = {}
        rest: dict[Random, list[Scalar]] = {}
        constants: list[Scalar] = []

        def affine(a: Affine | Scalar, c: Scalar) -> None:
            if isinstance(a, Scalar):
                constants.append(self._multiply_scalars((a, c)))
                return
            for b, k in a.terms:
                bases.setdefault(b, []).append(self._multiply_scalars((k, c)))
            constants.append(self._multiply_scalars((a.constant, c)))

        for n, c in weighted:
            if isinstance(n, Affine | Scalar):
                affine(n, c)
            elif isinstance(n, Sum) and (len(n.terms) < LONG or len(weighted) == 1):
                affine(n.affine, c)
                for m, k in n.terms:
                    rest.setdefault(m, []).append(self._multiply_scalars((k, c)))
            else:
                rest.setdefault(n, []).append(c)
        linear = self._affine({b: self._add_scalars(cs) for b, cs in bases.items()}, self._add_scalars(constants))
        terms = [(n, self._add_scalars(cs)) for n, cs in rest.items()]
        kept = tuple(sorted(((n, c) for n, c in terms if c is not self.zero), key=lambda item: item[0].index))
        if not kept:
            return linear
        if len(kept) == 1 and kept[0][1] is self.one and linear is self.zero:
            return kept[0][0]
        assert isinstance(linear, Affine | Scalar)
        return self._make(("random sum", kept, linear), lambda i: Sum(kept, linear, i))

    @overload
    def multiply(self, *nodes: Scalar) -> Scalar: ...
    @overload
    def multiply(self, *nodes: Node) -> Node: ...
    def multiply(self, *nodes: Node) -> Node:
        """Π nodes"""
        scalars = [n for n in nodes if isinstance(n, Scalar)]
        factor = self._multiply_scalars(scalars)
        powers: dict[Random, int] = {}
        for n in nodes:
            if isinstance(n, Product):
                for m, p in n.factors:
                    powers[m] = powers.get(m, 0) + p
            elif isinstance(n, Sum) and len(n.terms) == 1 and n.affine is self.zero:  # coefficient · node
                (m, c) = n.terms[0]
                factor = self._multiply_scalars((factor, c))
                for a, p in m.factors if isinstance(m, Product) else ((m, 1),):
                    powers[a] = powers.get(a, 0) + p
            elif isinstance(n, Affine):
                c, unit = self._unit(n)
                factor = self._multiply_scalars((factor, c))
                powers[unit] = powers.get(unit, 0) + 1
            elif isinstance(n, Random):
                powers[n] = powers.get(n, 0) + 1
        for n in list(powers):
            if isinstance(n, Function) and n.name == "step":
                powers[n] = 1
                gate = self._table.get(("function", "relu", n.args))
                if gate in powers:  # relu(z) step(z) = relu(z)
                    del powers[n]
        if factor is self.zero:
            return self.zero
        body: Node
        if not powers:
            return factor
        if len(powers) == 1 and next(iter(powers.values())) == 1:
            body = next(iter(powers))
        else:
            factors = tuple(sorted(powers.items(), key=lambda item: item[0].index))
            body = self._make(("random product", factors), lambda i: Product(factors, i))
        return body if factor is self.one else self.combine([(body, factor)])

    def _unit(self, n: Affine) -> tuple[Scalar, Affine]:
        """n as number · combination, so that multiples make one product: the coefficient of a single base, or a known leading one."""
        lead = n.terms[0][1]
        if (
            n.constant is not self.zero
            or lead is self.one
            or (len(n.terms) > 1 and not isinstance(lead.number, int | Fraction))
        ):
            return self.one, n
        if len(n.terms) == 1:
            return lead, self.base(n.terms[0][0])
        over = self.number(divide(1, lead.number))  # type: ignore[arg-type]
        body = self._affine({b: self._multiply_scalars((over, c)) for b, c in n.terms}, self.zero)
        assert isinstance(body, Affine)
        return lead, body

    @overload
    def power(self, x: Scalar, p: Scalar | Number) -> Scalar: ...
    @overload
    def power(self, x: Node, p: Node | Number) -> Node: ...
    def power(self, x: Node, p: Node | Number) -> Node:
        """x to a node or number"""
        if isinstance(p, Scalar) and p.op == "number":
            p = p.payload
        if isinstance(p, int):
            k = int(p)
            if k == 0:
                return self.one
            if isinstance(x, Scalar):
                if x.op == "number" and (k > 0 or x.payload != 0):
                    return self.number(x.payload**k if k > 0 else divide(1, x.payload**-k))
                if x.op == "product":
                    return self._multiply_scalars(
                        [self.power(a, k * q) for a, q in zip(x.args, x.payload, strict=True)]
                    )
                return self._scalar("product", (x,), (k,)) if k != 1 else x
            if k > 0:
                return self.multiply(*[x] * k) if k > 1 else x
        if isinstance(x, Function) and x.name == "power" and not isinstance(p, Scalar | Random):
            inner = x.args[1].number if isinstance(x.args[1], Scalar) else None
            if inner is not None and not isinstance(inner, int) and not isinstance(shorten(inner * p), int):
                return self.power(x.args[0], shorten(inner * p))  # (√v)⁻¹ = v^(−1/2): both are for v ≥ 0 alone
        exponent = p if isinstance(p, Scalar | Random) else self.number(p)
        return self.function("power", x, exponent)

    def function(self, name: str, *args: Node) -> Node:
        scalars = tuple(a for a in args if isinstance(a, Scalar))
        if len(scalars) == len(args):
            return self._scalar("function", scalars, name)
        exponent = (
            self._one_plus_exp(args[0]) if name == "log" or (name == "power" and args[1] is self.number(-1)) else None
        )
        if exponent is not None:  # log(1 + eᶻ) and 1/(1 + eᶻ), which overflow as they stand
            if name == "log":
                return self.function("softplus", exponent)
            return self.function("sigmoid", self.multiply(self.number(-1), exponent))
        if name in ("relu", "step", "sign"):
            signed, positive = self._split_sign(args[0], strictly=name != "relu")
            if positive:
                gate = self.function(name, signed)
                return self.multiply(gate, *positive) if name == "relu" else gate
            split = self._gate_of_product(name, args[0])
            if split is not None:
                return split
        return self._make(("function", name, args), lambda i: Function(name, args, i))

    def _gate_of_product(self, name: str, x: Node) -> Node | None:
        """sign(ab) = sign(a) sign(b), step(ab) = step(a) step(b) + step(−a) step(−b), relu(ab) = ab step(ab): kinks along lines instead of
        curves. None for what is no product of two or three."""
        lead = 1
        if isinstance(x, Sum) and len(x.terms) == 1 and x.affine is self.zero and x.terms[0][1].number is not None:
            ((x, c),) = x.terms
            lead = 1 if c.number > 0 else -1  # type: ignore[operator]
            scale: Node = c
        else:
            scale = self.one
        if not isinstance(x, Product) or not 2 <= len(x.factors) <= 3:
            return None
        if name == "sign":
            return self.multiply(self.number(lead), *(self.power(self.function("sign", n), p) for n, p in x.factors))
        terms = []
        for signs in itertools.product((1, -1), repeat=len(x.factors)):
            if lead * math.prod(s**p for s, (_, p) in zip(signs, x.factors, strict=True)) > 0:
                sides = [self.multiply(self.number(s), n) for s, (n, _) in zip(signs, x.factors, strict=True)]
                terms.append(self.multiply(*(self.function("step", side) for side in sides)))
        gate = self.add(*terms)
        return gate if name == "step" else self.multiply(scale, x, gate)

    def _one_plus_exp(self, x: Node) -> Node | None:
        """z where x = 1 + exp(z)"""
        if isinstance(x, Sum) and x.affine is self.one and len(x.terms) == 1:
            ((body, c),) = x.terms
            if c is self.one and isinstance(body, Function) and body.name == "exp":
                return body.args[0]
        return None

    def _split_sign(self, x: Node, strictly: bool) -> tuple[Node, list[Node]]:
        """x as (what has its sign, the factors that are not negative): relu(h/√v) is relu(h)/√v, and kinks stay flat."""
        if isinstance(x, Sum) and len(x.terms) == 1 and x.affine is self.zero:
            ((body, c),) = x.terms
            signed, positive = self._split_sign(body, strictly)
            if c.number is not None and c.number > 0:
                return signed, [*positive, c]
            return self.combine([(signed, c)]), positive
        if not isinstance(x, Product):
            return x, []
        positive = [self.power(n, p) for n, p in x.factors if _not_negative(n, p, strictly)]
        if not positive:
            return x, []
        rest = [self.power(n, p) for n, p in x.factors if not _not_negative(n, p, strictly)]
        return self.multiply(*rest) if rest else self.one, positive

    # sympy expressions

    def lift(self, e: sp.Expr, known: Mapping[sp.Symbol, Node]) -> Node:
        """The node of a sympy expression over symbols that stand for nodes."""
        memo: dict[sp.Basic, Node] = dict(known)

        def go(x: sp.Basic) -> Node:
            if x not in memo:
                memo[x] = make(x)
            return memo[x]

        def make(x: sp.Basic) -> Node:
            if isinstance(x, sp.Rational):
                return self.number(Fraction(int(x.p), int(x.q)))
            if isinstance(x, sp.Add):
                return self.add(*[go(a) for a in x.args])
            if isinstance(x, sp.Mul):
                return self.multiply(*[go(a) for a in x.args])
            if isinstance(x, sp.exp):
                return self.function("exp", go(x.args[0]))
            if isinstance(x, sp.Pow):
                if x.is_number and not x.has(sp.Function):
                    return self.number(float(x))
                return self.power(go(x.base), go(x.exp))
            if isinstance(x, sp.Float | sp.NumberSymbol):
                return self.number(float(x))
            return self._apply(type(x), [go(a) for a in x.args])

        return go(e)

    def _apply(self, form: type, args: list[Node]) -> Node:
        if form in _names():
            if form is functions.RealPower:
                return self.power(*args)
            if form is functions.Quotient and args[0] is self.zero:
                return args[2]
            return self.function(_names()[form], *args)
        minus = self.number(-1)

        def positive(z: Node) -> Node:
            return self.function("relu", z)

        def minimum(z: Node, bound: Node) -> Node:
            return self.add(z, self.multiply(minus, positive(self.add(z, self.multiply(minus, bound)))))

        def maximum(z: Node, bound: Node) -> Node:
            return self.add(bound, positive(self.add(z, self.multiply(minus, bound))))

        z = args[0]
        if form is functions.Abs or form is sp.Abs:
            return self.add(self.multiply(self.number(2), positive(z)), self.multiply(minus, z))
        if form is functions.LeakyRelu:
            a = args[1]
            return self.add(
                self.multiply(a, z), self.multiply(self.add(self.one, self.multiply(minus, a)), positive(z))
            )
        if form is functions.Maximum:
            return maximum(*args)
        if form is functions.Minimum:
            return minimum(*args)
        if form is functions.Clip:
            low, high = args[1:]
            if isinstance(low, Scalar) and isinstance(high, Scalar) and low.number is not None and high.number is not None and low.number <= high.number:  # fmt: skip
                above = positive(self.add(z, self.multiply(minus, high)))
                return self.add(low, positive(self.add(z, self.multiply(minus, low))), self.multiply(minus, above))
            return minimum(maximum(z, low), high)
        raise TypeError(f"no node for {form.__name__}")

    # derivatives

    def derivative(self, x: Node, base: Base) -> Node:
        """∂x/∂base, with relu' = step, step' = sign' = 0."""
        if isinstance(x, Scalar) or base not in x.bases:
            return self.zero
        if isinstance(x, Affine):
            return dict(x.terms)[base]
        key = (x, base)
        if key not in self._derivatives:
            self._derivatives[key] = self._differentiate(x, base)
        return self._derivatives[key]

    def _differentiate(self, x: Random, base: Base) -> Node:
        if isinstance(x, Sum):
            parts = [(self.derivative(n, base), c) for n, c in x.terms]
            return self.combine([*parts, (self.derivative(x.affine, base), self.one)])
        if isinstance(x, Product):
            terms = []
            for k, (n, p) in enumerate(x.factors):
                if base in n.bases:
                    others = [self.power(m, q) for j, (m, q) in enumerate(x.factors) if j != k]
                    terms.append(self.multiply(self.number(p), self.power(n, p - 1), *others, self.derivative(n, base)))
            return self.add(*terms)
        assert isinstance(x, Function)
        if x.name == "quotient":
            eps, difference, slope = x.args
            return self._apply(
                functions.Quotient, [eps, self.derivative(difference, base), self.derivative(slope, base)]
            )
        if x.name == "power":
            z, exponent = x.args
            less = self.power(z, self.add(exponent, self.number(-1)))
            inner = self.multiply(exponent, less, self.derivative(z, base))
            if isinstance(exponent, Scalar) or base not in exponent.bases:
                return inner
            return self.add(inner, self.multiply(x, self.function("log", z), self.derivative(exponent, base)))
        terms = []
        for k, a in enumerate(x.args):
            d = self.derivative(a, base)
            if d is not self.zero:
                slope, dummies = _partial(x.name, len(x.args), k)
                terms.append(self.multiply(self.lift(slope, dict(zip(dummies, x.args, strict=True))), d))
        return self.add(*terms) if terms else self.zero


def _not_negative(n: Random, p: int, strictly: bool) -> bool:
    """Whether nᵖ is positive almost surely; where not `strictly`, whether it is not negative."""
    if isinstance(n, Function):
        if n.name in ("exp", "sigmoid", "softplus"):
            return True
        if n.name == "power":
            base, exponent = n.args
            whole = isinstance(exponent, Scalar) and isinstance(exponent.number, int)
            return not whole or (isinstance(base, Random) and _not_negative(base, 1, True))
        if not strictly and n.name in ("relu", "step"):
            return True
    return p % 2 == 0 and not strictly


@lru_cache(maxsize=64)
def _partial(name: str, arity: int, k: int) -> tuple[sp.Expr, tuple[sp.Symbol, ...]]:
    """∂/∂zₖ of an elementary function, as sympy has it."""
    z = tuple(sp.Dummy(f"z{i}", real=True) for i in range(arity))
    return forms()[name](*z).diff(z[k]), z
