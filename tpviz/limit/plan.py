"""Planning a limit: the Z rules applied symbolically, once (Tensor Programs IIb, B.3).

Every vector's Z becomes a node over base Gaussians (initial vectors and Ẑ's) whose coefficients are numbers of the plan: constants,
limits θ̊ of scalars, coefficients of Ż. Base Gaussians of different families are independent; the families are the declarations of initial
vectors, each embedding, and each matrix read one way (W and Wᵀ apart). What depends on numbers alone is left to `Numbers`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from ..gaussian import Algebra, Base, Node, Planner, Random, Scalar
from ..gaussian.algebra import Affine, Function, Product, Sum, divide
from ..language import Expression, InputError, Program, read_expression
from ..language.expressions import ExpressionProblem
from ..language.instructions import Constant, Embed, LinComb, MatMul, Matrix, Moment, Nonlin, Readout, Vectors
from ..language.instructions import Scalar as InitialScalar
from ..language.late import Late

if TYPE_CHECKING:
    import sympy as sp
else:
    sp = Late("sympy")

__all__ = ["DotTerm", "LimitPlan", "ProductPlan", "is_zero", "is_zero_number"]

_JUMPS = ("step", "sign")
_ZERO = ("0", "0.0")


@dataclass(frozen=True)
class DotTerm:
    """One term of Ż: coefficient · Z^vector; `through` is the earlier product with the transpose that it comes from."""

    coefficient: Scalar
    vector: str
    through: str


@dataclass(frozen=True)
class ProductPlan:
    """g = Wx or Wᵀx, Z^g = Ẑ + Ż.

    `base` is its own base Gaussian; None where Z^x is a linear combination of arguments of earlier products with the same matrix, whose
    Z's are then combined the same way (`combination`). `stein` tells that the coefficients solve C a = b instead of being E ∂Z^x/∂Ẑ.
    """

    name: str
    matrix: str
    transposed: bool
    vector: str
    hat: Node
    base: Base | None
    dots: tuple[DotTerm, ...]
    stein: bool = False
    combination: tuple[tuple[str, Scalar], ...] = ()


@dataclass(eq=False)
class LimitPlan:
    """The symbolic half of a limit; `z[name]` is Z of a vector, `scalars[name]` θ̊ of a scalar.

    A vector written N(0, 0) is 0 in the plan, unless it is among `moving`, whose variances the numbers may change.
    """

    program: Program
    moving: frozenset[str] = frozenset()
    z: dict[str, Node] = field(default_factory=dict)
    products: dict[str, ProductPlan] = field(default_factory=dict)
    scalars: dict[str, Scalar] = field(default_factory=dict)
    bases: dict[str, Base] = field(default_factory=dict)
    moments: dict[tuple[str, str], Scalar] = field(default_factory=dict)  # second moments that were asked for

    def __post_init__(self) -> None:
        self.algebra = Algebra()
        self.planner = Planner(self.algebra, self._mean, self.base_covariance)
        self._constants: dict[str, Scalar] = {}
        self._symbols: dict[str, sp.Symbol] = {}
        self._echelons: dict[tuple[str, bool], _Echelon] = {}
        self._families: dict[tuple[str, bool], list[ProductPlan]] = {}
        self._typed: dict[str, Node] = {}
        self.zeros: set[str] = set()
        for i in self.program.instructions:
            self._add(i)

    # the rules

    def _base(self, name: str, family: tuple) -> Affine:
        base = self.bases[name] = Base(name, family, len(self.bases))
        return self.algebra.base(base)

    def _add(self, i) -> None:
        match i:
            case Constant():
                self._constants[i.name] = self.algebra.given(("constant", i.name))
            case Vectors() if is_zero(i) and i.names[0] not in self.moving:
                self.zeros.add(i.names[0])
                self.z[i.names[0]] = self.algebra.zero
            case Vectors():
                for name in i.names:
                    self.z[name] = self._base(name, ("initial", i.names[0]))
            case Readout():
                self.z[i.name] = self._base(i.name, ("initial", i.name))
            case InitialScalar():
                limit = i.limit if i.limit is not None else i.value
                zero = limit.text in _ZERO
                self.scalars[i.name] = self.algebra.zero if zero else self.algebra.given(("limit", i.name))
            case Embed():
                earlier = next((self.z[j.name] for j in self._embeds(i)), None)
                self.z[i.name] = earlier or self._base(i.name, ("embedding", i.embedding))
            case MatMul():
                self._add_product(i)
            case LinComb() | Nonlin():
                self.z[i.name] = self.expression(i.expression)
            case Moment():
                self.scalars[i.name] = self.planner.expectation(self.expression(i.expression))

    def _embeds(self, i: Embed) -> Iterable[Embed]:
        """Earlier lines that embed the same input in the same way."""
        for name in self.z:
            j = self.program[name]
            if isinstance(j, Embed) and (j.embedding, j.input) == (i.embedding, i.input):
                yield j

    def _add_product(self, i: MatMul) -> None:
        """ZMatMul: Z^{Wx} = Ẑ^{Wx} + Ż^{Wx}."""
        zx, family = self.z[i.vector], (i.matrix, i.transposed)
        combination = self._echelons.setdefault(family, _Echelon(self.algebra)).combination(i.name, zx)
        if combination is not None:
            self._add_dependent(i, combination)
            return
        hat = self._base(i.name, ("matrix", *family))
        stein, dots = self.z_dot(i, zx)
        product = ProductPlan(i.name, i.matrix, i.transposed, i.vector, hat, self.bases[i.name], dots, stein)
        self.products[i.name] = product
        self._families.setdefault(family, []).append(product)
        self.z[i.name] = self.algebra.combine(
            [(hat, self.algebra.one), *((self.z[d.vector], d.coefficient) for d in dots)]
        )

    def _add_dependent(self, i: MatMul, combination: tuple[tuple[str, Scalar], ...]) -> None:
        """W Σ cᵢ xᵢ = Σ cᵢ W xᵢ, exactly."""
        hat = self.algebra.combine([(self.products[p].hat, c) for p, c in combination])
        gathered: dict[tuple[str, str], list[Node]] = {}
        for p, c in combination:
            for d in self.products[p].dots:
                gathered.setdefault((d.vector, d.through), []).append(self.algebra.multiply(c, d.coefficient))
        dots = tuple(DotTerm(self._total(parts), vector, through) for (vector, through), parts in gathered.items())
        stein = any(self.products[p].stein for p, _ in combination)
        self.products[i.name] = ProductPlan(
            i.name, i.matrix, i.transposed, i.vector, hat, None, dots, stein, combination
        )
        self.z[i.name] = self.algebra.combine([(self.z[p], c) for p, c in combination])

    def _total(self, parts: list[Node]) -> Scalar:
        out = self.algebra.add(*parts)
        assert isinstance(out, Scalar)
        return out

    def opposite(self, matrix: str, transposed: bool) -> list[ProductPlan]:
        """Earlier products with the transpose that have a base Gaussian of their own."""
        return list(self._families.get((matrix, not transposed), ()))

    def z_dot(self, i: MatMul, zx: Node) -> tuple[bool, tuple[DotTerm, ...]]:
        """ZDot: (whether in Stein form, the terms of Ż)."""
        earlier = self.opposite(i.matrix, i.transposed)
        if not isinstance(zx, Random) or not any(p.base in zx.bases for p in earlier):
            return False, ()
        if self._jumps(zx, {p.base for p in earlier}):
            return True, self._stein(i, zx, earlier)
        dots = []
        for p in earlier:
            assert p.base is not None
            derivative = self.algebra.derivative(zx, p.base)
            if derivative is not self.algebra.zero:
                mean = self.planner.expectation(derivative)
                factor = self.variance(i.matrix, i.transposed)
                dots.append(DotTerm(self._total([self.algebra.multiply(factor, mean)]), p.vector, p.name))
        return False, tuple(d for d in dots if d.coefficient is not self.algebra.zero)

    def _stein(self, i: MatMul, zx: Node, earlier: list[ProductPlan]) -> tuple[DotTerm, ...]:
        """(67): a = C⁺ b over r for Wx, times r for Wᵀx; C holds every earlier product, also those that Z^x does not read."""
        b = [self.stein_moment(p, zx) for p in earlier]
        if all(
            moment is self.algebra.zero for moment in b
        ):  # as where x is odd in a vector that the rest does not read
            return ()
        ys = [self.z[p.vector] for p in earlier]
        C = [self.planner.expectation(self.algebra.multiply(y, ys[k])) for j, y in enumerate(ys) for k in range(j + 1)]
        vector = self.algebra.stein((*C, *b), len(ys))
        r = self.ratio(i.matrix)
        factor = r if i.transposed else self.algebra.power(r, -1)
        return tuple(
            DotTerm(self._total([self.algebra.multiply(factor, self.algebra.entry(vector, k))]), p.vector, p.name)
            for k, p in enumerate(earlier)
        )

    def stein_moment(self, p: ProductPlan, zx: Node) -> Scalar:
        """b_i = E[Ẑ^{Wᵀyⁱ} Z^x]"""
        return self.planner.expectation(self.algebra.multiply(p.hat, zx))

    def _jumps(self, x: Node, bases: set) -> bool:
        """Whether a step or sign of something that reads one of the bases is inside."""
        seen: set[Node] = set()
        todo = [x]
        while todo:
            n = todo.pop()
            if n in seen or not isinstance(n, Random) or not n.bases & bases:
                continue
            seen.add(n)
            match n:
                case Function():
                    if n.name in _JUMPS:
                        return True
                    todo += n.args
                case Product():
                    todo += [m for m, _ in n.factors]
                case Sum():
                    todo += [m for m, _ in n.terms]
        return False

    # numbers that the rules read

    def variance(self, matrix: str, transposed: bool) -> Scalar:
        """σ_W² for products with W, r σ_W² with Wᵀ, r = rows over columns."""
        variance = self.algebra.given(("variance", matrix))
        return self._total([self.algebra.multiply(variance, self.ratio(matrix))]) if transposed else variance

    def ratio(self, matrix: str) -> Scalar:
        """Rows over columns of a matrix."""
        rows, columns = self.shape(matrix)
        if rows == columns:
            return self.algebra.one
        over = self.algebra.power(self.algebra.given(("ratio", columns)), -1)
        return self._total([self.algebra.multiply(self.algebra.given(("ratio", rows)), over)])

    def shape(self, matrix: str) -> tuple[str, str]:
        """(row class, column class) of a matrix."""
        i = self.program[matrix]
        assert isinstance(i, Matrix)
        return i.rows, i.columns

    def _mean(self, b: Base) -> Scalar:
        """The mean; 0 in the plan where the text says 0, which lets what is odd vanish."""
        if b.family[0] != "initial":
            return self.algebra.zero
        i = self.program[b.family[1]]
        assert isinstance(i, Vectors | Readout)
        place = self._place(b)
        mean = i.mean[place] if isinstance(i, Vectors) else i.mean
        return self.algebra.zero if is_zero_number(mean) else self.algebra.given(("mean", b.family[1], place))

    def _place(self, b: Base) -> int:
        definition = self.program[b.family[1]]
        return definition.names.index(b.name) if isinstance(definition, Vectors) else 0

    def base_covariance(self, a: Base, b: Base) -> Scalar | tuple[Scalar, Node]:
        """ZInit and ZHat: the covariance of two base Gaussians of one family."""
        kind, first = a.family[:2]
        if kind == "initial":
            return self.algebra.given(("covariance", first, *sorted((self._place(a), self._place(b)))))
        if kind == "embedding":
            x, y = (self._input(c) for c in (a, b))
            return self.algebra.given(("embedding", first, *sorted((x, y))))
        p, q = self.products[a.name], self.products[b.name]
        return self.variance(p.matrix, p.transposed), self.algebra.multiply(self.z[p.vector], self.z[q.vector])

    def _input(self, b: Base) -> str:
        i = self.program[b.name]
        assert isinstance(i, Embed)
        return i.input

    # expressions

    def _symbol(self, name: str) -> Node:
        for table in (self.z, self.scalars, self._constants):
            if name in table:
                return table[name]
        raise InputError(f"The program has no vector, scalar or constant {name!r}.",
                         hint=f"Vectors: {', '.join(self.program.vectors) or 'none'}. Scalars: {', '.join(self.program.scalars) or 'none'}.", names=[name])  # fmt: skip

    def expression(self, e: Expression) -> Node:
        """The expression with every name replaced by its Z, θ̊ or constant."""
        return self.lift(self.program.sympy(e, self.symbol))

    def symbol(self, name: str) -> sp.Symbol:
        """What stands for a name in sympy expressions."""
        if name not in self._symbols:
            self._symbols[name] = sp.Symbol(name, real=True)
        return self._symbols[name]

    def lift(self, lowered: sp.Expr) -> Node:
        """A sympy expression of `symbol`s as a node."""
        return self.algebra.lift(lowered, {s: self._symbol(s.name) for s in lowered.free_symbols})

    def read(self, text: str) -> Node:
        """An expression typed by a user over the program's vectors and scalars; `InputError` where it is none."""
        if not isinstance(text, str):
            raise InputError(
                f"An expression is text, got {type(text).__name__}.", hint='Write lim.expect("relu(h2)*x1").'
            )
        if text not in self._typed:
            try:
                e = read_expression(text)
            except ExpressionProblem as p:
                raise InputError(f"In {text!r}: {p}", hint=p.hint) from None
            if problems := self.program.scope.check_expression(e):
                raise InputError(*problems)
            if "?" in e.text:
                raise InputError(f"{text!r} has an open place.", hint="Write a name in place of ?.")
            self._typed[text] = self.expression(e)
        return self._typed[text]


def is_zero_number(e: Expression) -> bool:
    """Whether the text says 0."""
    return e.text in _ZERO


def is_zero(i: Vectors) -> bool:
    """Whether the text says N(0, 0)."""
    return len(i.names) == 1 and i.mean[0].text in _ZERO and i.covariance[0][0].text in _ZERO


class _Echelon:
    """The arguments of the products with one matrix, as rows over bases, functions and 1, reduced: finds linear dependence exactly."""

    def __init__(self, algebra: Algebra):
        self.algebra = algebra
        self._rows: list[tuple[object, dict[object, Node], dict[str, Node]]] = []
        self._whole: dict[Node, str] = {}

    def combination(self, name: str, x: Node) -> tuple[tuple[str, Scalar], ...] | None:
        """x as Σ coefficient · (argument of an earlier product), by the product's name; None, and remembered, where it is independent."""
        if x in self._whole:
            return ((self._whole[x], self.algebra.one),)
        row = self._row(x)
        used: dict[str, Node] = {}
        for pivot, other, parts in self._rows:
            if pivot in row:
                c = row[pivot]
                minus = self.algebra.multiply(self.algebra.number(-1), c)
                for key, k in other.items():
                    row[key] = self.algebra.add(row.get(key, self.algebra.zero), self.algebra.multiply(minus, k))
                row = {key: k for key, k in row.items() if k is not self.algebra.zero}
                for p, k in parts.items():
                    used[p] = self.algebra.add(used.get(p, self.algebra.zero), self.algebra.multiply(c, k))
        if not row:
            return tuple((p, k) for p, k in used.items() if isinstance(k, Scalar) and k is not self.algebra.zero)
        self._whole[x] = name
        lead = next(
            ((key, k) for key, k in row.items() if isinstance(k, Scalar) and isinstance(k.number, int | Fraction)), None
        )
        if lead is not None:
            key, k = lead
            assert isinstance(k, Scalar)
            assert isinstance(k.number, int | Fraction)
            over = self.algebra.number(divide(1, k.number))
            minus = self.algebra.number(divide(-1, k.number))
            parts = {p: self.algebra.multiply(minus, c) for p, c in used.items()}
            parts[name] = over
            self._rows.append((key, {q: self.algebra.multiply(over, c) for q, c in row.items()}, parts))
        return None

    def _row(self, x: Node) -> dict[object, Node]:
        row: dict[object, Node] = {}
        if isinstance(x, Scalar):
            return {None: x} if x is not self.algebra.zero else {}
        if isinstance(x, Affine):
            row |= dict(x.terms)
            if x.constant is not self.algebra.zero:
                row[None] = x.constant
        elif isinstance(x, Sum):
            row |= self._row(x.affine)
            row |= dict(x.terms)
        else:
            row[x] = self.algebra.one
        return row
