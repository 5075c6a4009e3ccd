"""Planning a limit: the Z rules applied symbolically, once (Tensor Programs IIb, B.3).

Every vector's Z becomes an expression over base Gaussians (initial vectors and Ẑ's) and parameters. Parameters are numbers that
are known only when the plan is evaluated: constants, limits θ̊ of scalars, and the coefficients of Ż. Base Gaussians of different families are
independent; the families are the declarations of initial vectors, each embedding, and each matrix read one way (W and Wᵀ apart).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import sympy as sp

from ..gaussian import Expectation, plan_expectation
from ..language import Expression, InputError, Program, read_expression
from ..language.expressions import ExpressionProblem
from ..language.functions import JUMPS
from ..language.instructions import Constant, Embed, LinComb, MatMul, Matrix, Moment, Nonlin, Readout, Scalar, Vectors

__all__ = ["Base", "DotTerm", "LimitPlan", "ProductPlan"]


@dataclass(frozen=True)
class Base:
    """One base Gaussian: `family` says which others it may be correlated with, `source` where its covariance comes from."""

    symbol: sp.Symbol
    family: tuple[str, ...]
    name: str


@dataclass(frozen=True)
class DotTerm:
    """One term of Ż: coefficient · Z^vector. In derivative form coefficient = factor · E[∂Z^x/∂Ẑ^through] (`derivative` planned);
    in Stein form it solves C a = b with the other terms of the product."""

    coefficient: sp.Symbol
    vector: str  # yⁱ, the argument of the earlier product with the transpose
    through: str  # that earlier product


@dataclass(frozen=True)
class ProductPlan:
    """g = Wx or Wᵀx. `same` names an earlier product of the same matrix with the same Z^x, whose Z it shares."""

    name: str
    matrix: str
    transposed: bool
    vector: str
    base: sp.Symbol
    dots: tuple[DotTerm, ...]
    stein: bool
    same: str | None = None


@dataclass(eq=False)
class LimitPlan:
    """The symbolic half of a limit; `z[name]` is Z of a vector, `bases` its Gaussians."""

    program: Program
    z: dict[str, sp.Expr] = field(default_factory=dict)
    bases: dict[sp.Symbol, Base] = field(default_factory=dict)
    products: dict[str, ProductPlan] = field(default_factory=dict)
    scalars: dict[str, sp.Expr] = field(default_factory=dict)  # symbol, or 0 where the limit is 0 by its text
    constants: dict[str, sp.Symbol] = field(default_factory=dict)
    moments: dict[sp.Symbol, sp.Expr] = field(default_factory=dict)  # θ -> what its limit is the expectation of
    dots: dict[sp.Symbol, tuple[str, int]] = field(default_factory=dict)  # coefficient -> (product, index of its term)
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._expectations: dict[sp.Expr, Expectation] = {}
        self.descriptions: dict[sp.Expr, str] = {}
        for i in self.program.instructions:
            self._add(i)

    def _base(self, name: str, family: tuple[str, ...]) -> sp.Symbol:
        symbol = sp.Dummy(f"Z_{name}", real=True)
        self.bases[symbol] = Base(symbol, family, name)
        return symbol

    def _add(self, i) -> None:
        match i:
            case Constant():
                self.constants[i.name] = sp.Dummy(i.name, real=True)
            case Vectors():
                for name in i.names:
                    self.z[name] = self._base(name, ("initial", i.names[0]))
            case Readout():
                self.z[i.name] = self._base(i.name, ("initial", i.name))
            case Scalar():
                limit = i.limit if i.limit is not None else i.value
                self.scalars[i.name] = sp.Integer(0) if limit.text in ("0", "0.0") else sp.Dummy(i.name, real=True)
            case Embed():
                earlier = next(
                    (
                        j
                        for j in self._embeds
                        if (j.embedding, j.input) == (i.embedding, i.input) and j.name in self.z and j.name != i.name
                    ),
                    None,
                )
                self.z[i.name] = self.z[earlier.name] if earlier else self._base(i.name, ("embedding", i.embedding))
            case MatMul():
                self._add_product(i)
            case LinComb() | Nonlin():
                self.z[i.name] = self.expression(i.expression)
            case Moment():
                symbol = sp.Dummy(i.name, real=True)
                self.scalars[i.name] = symbol
                self.moments[symbol] = self.expression(i.expression)

    @cached_property
    def _embeds(self) -> list[Embed]:
        return [i for i in self.program.instructions if isinstance(i, Embed)]

    def _add_product(self, i: MatMul) -> None:
        zx = self.z[i.vector]
        for earlier in self.products.values():
            if (earlier.matrix, earlier.transposed) == (i.matrix, i.transposed) and self.z[earlier.vector] == zx:
                self.z[i.name] = self.z[earlier.name]
                self.products[i.name] = ProductPlan(
                    i.name,
                    i.matrix,
                    i.transposed,
                    i.vector,
                    earlier.base,
                    earlier.dots,
                    earlier.stein,
                    earlier.same or earlier.name,
                )
                return
        base = self._base(i.name, ("matrix", i.matrix, "T" if i.transposed else ""))
        opposite = [
            p
            for p in self.products.values()
            if p.matrix == i.matrix and p.transposed != i.transposed and p.same is None
        ]
        opposite = [p for p in opposite if p.base in zx.free_symbols]
        stein = any(node.free_symbols & {p.base for p in opposite} for node in zx.atoms(*JUMPS))
        if stein:  # C must hold every earlier product of the family, also those that Z^x does not read
            opposite = [
                p
                for p in self.products.values()
                if p.matrix == i.matrix and p.transposed != i.transposed and p.same is None
            ]
        dots = []
        for k, p in enumerate(opposite):
            coefficient = sp.Dummy(f"a_{i.name}_{p.vector}", real=True)
            dots.append(DotTerm(coefficient, p.vector, p.name))
            self.dots[coefficient] = (i.name, k)
        self.products[i.name] = ProductPlan(i.name, i.matrix, i.transposed, i.vector, base, tuple(dots), stein)
        self.z[i.name] = base + sum((d.coefficient * self.z[d.vector] for d in dots), sp.Integer(0))

    # expressions

    def _symbol(self, name: str) -> sp.Expr:
        if name in self.z:
            return self.z[name]
        if name in self.scalars:
            return self.scalars[name]
        if name in self.constants:
            return self.constants[name]
        raise InputError(f"The program has no vector, scalar or constant {name!r}.",
                         hint=f"Vectors: {', '.join(self.program.vectors) or 'none'}. Scalars: {', '.join(self.program.scalars) or 'none'}.", names=[name])  # fmt: skip

    def expression(self, e: Expression) -> sp.Expr:
        """The expression with every name replaced by its Z, θ̊ or constant."""
        return self.program.sympy(e, self._symbol)

    def read(self, text: str) -> sp.Expr:
        """An expression typed by a user over the program's vectors and scalars; `InputError` where it is none."""
        if not isinstance(text, str):
            raise InputError(
                f"An expression is text, got {type(text).__name__}.", hint='Write lim.expect("relu(h2)*x1").'
            )
        try:
            e = read_expression(text)
        except ExpressionProblem as p:
            raise InputError(f"In {text!r}: {p}", hint=p.hint) from None
        if problems := self.program.scope.check_expression(e):
            raise InputError(*problems)
        if "?" in e.text:
            raise InputError(f"{text!r} has an open place.", hint="Write a name in place of ?.")
        return self.expression(e)

    def expectation(self, e: sp.Expr) -> Expectation:
        """The plan of E e; the same expression is planned once."""
        if e not in self._expectations:
            self._expectations[e] = plan_expectation(e, self.bases.__contains__, lambda s: self.bases[s].family)
        return self._expectations[e]

    def shape(self, matrix: str) -> tuple[str, str]:
        """(row class, column class) of a matrix."""
        i = self.program[matrix]
        assert isinstance(i, Matrix)
        return i.rows, i.columns
