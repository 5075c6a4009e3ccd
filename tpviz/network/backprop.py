"""The backward pass of a program, as a program (theory §4; Tensor Programs IIb, Figure 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..language import InputError, Program
from ..language.derivatives import Derivatives, fresh_name, text_of
from ..language.expressions import read_expression
from ..language.instructions import (
    Instruction,
    LinComb,
    MatMul,
    Nonlin,
    Output,
    WidthClass,
)
from ..language.late import Late
from ..language.scope import Scope

if TYPE_CHECKING:
    import sympy as sp
else:
    sp = Late("sympy")

__all__ = ["Backward", "backprop", "backward", "output_of"]


@dataclass(frozen=True)
class Backward:
    """The program with its backward pass; `gradients[x]` is the name of dx. Vectors without an entry have the gradient 0, readouts that
    are used in outputs alone have none: theirs is what they read."""

    program: Program
    output: str
    gradients: Mapping[str, str]


def backprop(program: Program, output: str | None = None) -> Program:
    """The program with the backward pass of one output added, a program again.

    For every vector x that the output (by default the first) depends on there is a vector dx = √n_x ∂f/∂x, shape (n_x,), n_x the width of
    x's class, Moment scalars held fixed (theory §4). It starts with d(readout vector) = v; g = Wh gives dh += √(n_h/n_g) Wᵀ dg and
    x = ψ(x¹, …; θ) gives dxⁱ += ∂ᵢψ ⊙ dx. Derivatives of functions are declared as functions (dphi). Names that are taken get another
    underscore (d_x1). Raises `InputError` where the program has no such output.
    """
    return backward(program, output).program


def output_of(program: Program, output: str | None = None) -> Output:
    """The output of this name, by default the first."""
    if not isinstance(program, Program):
        raise InputError(f"A Program is needed, got {type(program).__name__}.", hint="Read one with tp.parse(text).")
    if not program.outputs:
        raise InputError(
            "The program has no output, so there is nothing to differentiate.",
            hint="Declare readout v ~ N(0, 1) and write output f = v.T @ x / sqrt(n).",
        )
    if output is not None and output not in program.outputs:
        raise InputError(f"The program has no output {output!r}.", hint=f"Its outputs are {', '.join(program.outputs)}.", names=[str(output)])  # fmt: skip
    found = program[output or program.outputs[0]]
    assert isinstance(found, Output)
    return found


def backward(program: Program, output: str | None = None) -> Backward:
    """`backprop`, with the names of the gradients."""
    return _Pass(program, output_of(program, output)).result()


class _Pass:
    """Walks the program backwards; `products` and `terms` collect what flows into each dx."""

    def __init__(self, program: Program, output: Output):
        self.program, self.output = program, output
        self.scope = Scope()
        self.scope.symbols, self.scope.functions = dict(program.scope.symbols), dict(program.scope.functions)
        self.derivatives = Derivatives(program.function_table, self.scope.symbols)
        self.ratios = _ratios(program)
        self.products: dict[str, list[MatMul]] = {}
        self.terms: dict[str, dict[str, sp.Expr]] = {}  # x -> what flows into dx: coefficient of each vector
        self.gradients: dict[str, str] = {}
        self.lines: list[Instruction] = []
        self.written: dict[str, str] = {}

    def result(self) -> Backward:
        body = self._read_by_body()
        for t in self.output.terms:
            if t.vector is not None:
                a = self.derivatives.lowered(t.coefficient)
                self._add(t.vector, a, t.readout)
                if t.readout in body:
                    self._add(t.readout, a, t.vector)
        computed = [x for x in self.program.vectors if isinstance(self.program[x], MatMul | LinComb | Nonlin)]
        initial = [x for x in self.program.vectors if x not in set(computed)]
        for x in reversed([*initial, *computed]):
            dx = self._gradient(x)
            if dx is not None:
                self.gradients[x] = dx
                self._spread(x, dx)
        declared = tuple(self.derivatives.declared)
        whole = Program((*self.program.instructions, *declared, *self.lines))
        return Backward(whole, self.output.name, self.gradients)

    def _read_by_body(self) -> set[str]:
        """What is read on the way to the vectors that are read out."""
        read: set[str] = set()
        todo = [t.vector for t in self.output.terms if t.vector is not None]
        while todo:
            i = self.program[todo.pop()]
            if isinstance(i, MatMul | LinComb | Nonlin):
                fresh = [x for x in self.program.arguments(i.name) if x not in read]
                read.update(fresh)
                todo += [x for x in fresh if self.program.scope.symbols[x].type == "vector"]
        return read

    def _add(self, x: str, coefficient: sp.Expr, vector: str) -> None:
        if coefficient != 0:
            terms = self.terms.setdefault(x, {})
            terms[vector] = terms.get(vector, sp.Integer(0)) + coefficient

    def _gradient(self, x: str) -> str | None:
        """Write dx, where anything flows into it; its name."""
        products, terms = self.products.get(x, []), {v: c for v, c in self.terms.get(x, {}).items() if c != 0}
        if not products and not terms:
            return None
        name = self._fresh(f"d{x}", "d", x)
        factors = [self._factor(g) for g in products]
        if len(products) == 1 and not terms and factors[0] == 1:
            self._product(name, products[0])
            return name
        parts = {}
        for g, factor in zip(products, factors, strict=True):
            part = self._fresh(f"{name}_{g.name}", name, g.name)
            self._product(part, g)
            parts[part] = factor
        self._write(name, parts | terms)
        return name

    def _fresh(self, wanted: str, head: str, tail: str) -> str:
        taken = set(self.scope.symbols) | {f.name for f in self.derivatives.declared}
        name = fresh_name(wanted, taken.__contains__, (head, tail))
        self.derivatives.reserve(name)
        return name

    def _factor(self, g: MatMul) -> sp.Expr:
        """√(n_h/n_g) for g = Wh."""
        h = self.program.width_class(g.vector)
        return sp.sqrt(self.ratios[h] / self.ratios[self.program.width_class(g.name)])

    def _product(self, name: str, g: MatMul) -> None:
        self._admit(MatMul(name, g.matrix, self.gradients[g.name], not g.transposed))

    def _write(self, name: str, terms: Mapping[str, sp.Expr]) -> None:
        text = ""
        for vector, coefficient in terms.items():
            term = _times(coefficient, vector)
            text += f" - {term[1:]}" if text and term.startswith("-") else f" + {term}" if text else term
        expression = read_expression(text)
        for f in self.derivatives.declared:
            if f.name not in self.scope.symbols:
                self.scope.admit(f)
        if self.scope.is_linear(expression):
            self._admit(LinComb(name, expression))
        elif text in self.written:  # what is the same is computed once: du3 = dh3
            self._admit(LinComb(name, read_expression(self.written[text])))
        else:
            self.written[text] = name
            self._admit(Nonlin(name, expression))

    def _admit(self, i: Instruction) -> None:
        self.scope.admit(i)
        self.lines.append(i)

    def _spread(self, x: str, dx: str) -> None:
        """What dx gives to the vectors that x is made of."""
        i = self.program[x]
        match i:
            case MatMul():
                self.products.setdefault(i.vector, []).append(i)
            case LinComb() | Nonlin():
                for y in dict.fromkeys(self.program.arguments(x)):
                    if self.program.scope.symbols[y].type == "vector":
                        self._add(y, self.derivatives.partial(i.expression, y), dx)


def _times(coefficient: sp.Expr, vector: str) -> str:
    """coefficient · vector in the words of the program text"""
    if coefficient == 1:
        return vector
    if coefficient == -1:
        return f"-{vector}"
    text = text_of(coefficient)
    return f"({text})*{vector}" if coefficient.is_Add else f"{text}*{vector}"


def _ratios(program: Program) -> dict[str, sp.Expr]:
    """class -> its width over n, as an expression of constants."""
    out: dict[str, sp.Expr] = {"n": sp.Integer(1)}
    for i in program.instructions:
        if isinstance(i, WidthClass):
            out[i.name] = program.sympy(i.ratio, lambda x: out[x] if x in out else sp.Symbol(x, positive=True))
    return {c: sp.simplify(r) for c, r in out.items()}
