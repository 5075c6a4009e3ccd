"""Kernels of a network, planned: the program on two inputs (or on one, for the diagonal) with its backward passes, and every kernel as a
number of the plan over their limits (theory §4, NTK). Numbers come later, for many pairs of inputs at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ..gaussian import Node, Scalar
from ..language import InputError, LimitError, Program
from ..language.instructions import (
    Bias,
    Embed,
    Embedding,
    LinComb,
    MatMul,
    Matrix,
    Moment,
    Nonlin,
    Output,
    OutputTerm,
    Readout,
    Vectors,
)
from ..limit import LimitPlan
from .backprop import backward
from .instances import instances

__all__ = ["NetworkPlan", "body_of", "check_readouts", "chosen_parameters", "parameters_of", "readouts_in_body"]


def parameters_of(program: Program) -> tuple[str, ...]:
    """The trainable parameters: every matrix, embedding, readout and bias, and every vector that is declared alone."""
    out = []
    for i in program.instructions:
        if isinstance(i, Matrix | Embedding | Readout | Bias) or (isinstance(i, Vectors) and len(i.names) == 1):
            out.append(i.names[0] if isinstance(i, Vectors) else i.name)
    return tuple(out)


def chosen_parameters(program: Program, names: Iterable[str] | None) -> tuple[str, ...]:
    """The parameters of a `trainable` argument in program order, all of them for None; `InputError` for what is none."""
    every = parameters_of(program)
    if names is None:
        return every
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in every:
            vector = " Vectors declared jointly, and computed ones, stand for data." if name in program.vectors else ""
            raise InputError(
                f"{name!r} is not a trainable parameter.{vector}",
                hint=f"Parameters are {', '.join(every)}.",
                names=[str(name)],
            )
    return tuple(p for p in every if p in wanted)


def body_of(program: Program) -> tuple[str, ...]:
    """The assignments that an output depends on, in program order: the forward pass, where a backward pass was added."""
    needed: set[str] = set()
    todo = [t.vector for f in program.outputs for t in _terms(program, f) if t.vector is not None]
    while todo:
        name = todo.pop()
        if name not in needed:
            needed.add(name)
            if isinstance(program[name], MatMul | LinComb | Nonlin | Moment):
                todo += program.arguments(name)
    return tuple(i.name for i in program.instructions if getattr(i, "name", None) in needed and isinstance(i, Embed | MatMul | LinComb | Nonlin | Moment))  # fmt: skip


def _terms(program: Program, f: str) -> tuple[OutputTerm, ...]:
    i = program[f]
    assert isinstance(i, Output)
    return i.terms


def readouts_in_body(program: Program) -> tuple[str, ...]:
    """Readouts that the body of the program reads, too."""
    read = {x for name in body_of(program) for x in program.arguments(name)}
    return tuple(i.name for i in program.instructions if isinstance(i, Readout) and i.name in read)


def check_readouts(program: Program, outputs: Iterable[str], means: Mapping[str, float]) -> None:
    """Refuse what has no kernel: a readout of nonzero mean, f then grows like √n."""
    for f in outputs:
        for t in _terms(program, f):
            if t.vector is not None and means[t.readout] != 0:
                raise LimitError(
                    f"The readout {t.readout} of {f} has the mean {means[t.readout]:g}: {f} grows like √n and has no kernel.",
                    code="readout-mean",
                    hint=f"Declare readout {t.readout} ~ N(0, ...).",
                    names=[t.readout, f],
                )


@dataclass(frozen=True)
class _Use:
    """One use of a matrix, ∂f/∂w = left ⊗ right up to factors: (dg, h) for g = Wh, (h, dg) for g = Wᵀh."""

    left: Node
    right: Node
    transposed: bool


class NetworkPlan:
    """`count` instances of the program (1 or 2) with backward passes of `outputs`; kernels between the first and the last instance."""

    def __init__(
        self,
        program: Program,
        outputs: tuple[str, ...],
        count: int,
        backward_pass: bool = True,
        moving: frozenset[str] = frozenset(),
    ):
        self.program, self.outputs = program, outputs
        made = instances(program, [{}] * count)
        self.names = made.names
        self._origins = {new: (old, k) for k, names in enumerate(made.names) for old, new in names.items()}
        whole = made.program
        self.gradients: dict[tuple[int, str], Mapping[str, str]] = {}
        for k, names in enumerate(made.names if backward_pass else ()):
            for f in outputs:
                pass_ = backward(whole, names[f])
                whole = pass_.program
                self.gradients[k, f] = pass_.gradients
        self.whole = whole
        self.plan = LimitPlan(whole, moving)
        self.algebra, self.planner = self.plan.algebra, self.plan.planner
        self._parts: dict[tuple[str, str, str], Scalar] = {}

    def input_of(self, name: str) -> tuple[str, int]:
        """(input, instance) of an input's new name."""
        return self._origins[name]

    # the kernels, as numbers of the plan

    def nngp(self, f: str, g: str) -> Scalar:
        """σ_v² E[Z^x Z^x'] over the terms that read with one readout, and σ_c² of a common output bias."""
        return self.algebra.add(*self._readout_parts(f, g, None))

    def part(self, parameter: str, f: str, g: str) -> Scalar:
        """What one parameter adds to ⟨∇f(ξ), ∇g(ξ')⟩."""
        key = (parameter, f, g)
        if key not in self._parts:
            self._parts[key] = self._part(parameter, f, g)
        return self._parts[key]

    def _part(self, parameter: str, f: str, g: str) -> Scalar:
        i = self.program[parameter]
        match i:
            case Matrix():
                return self._matrix_part(parameter, f, g)
            case Embedding():
                return self._embedding_part(parameter, f, g)
            case Readout() if any(parameter in self.gradients[k, h] for k, h in self._sides(f, g)):
                return self._vector_part(parameter, f, g)
            case Readout() | Bias():
                return self.algebra.add(*self._readout_parts(f, g, parameter))
            case Vectors():
                return self._vector_part(parameter, f, g)
        raise InputError(f"{parameter} is not a parameter.", hint=f"Parameters are {', '.join(parameters_of(self.program))}.", names=[parameter])  # fmt: skip

    def _sides(self, f: str, g: str) -> tuple[tuple[int, str], tuple[int, str]]:
        return (0, f), (len(self.names) - 1, g)

    def variance(self, parameter: str) -> Scalar:
        return self.algebra.given(("variance", parameter))

    def z(self, name: str, k: int) -> Node:
        """Z of a vector of the program, at the k-th instance."""
        return self.plan.z[self.names[k].get(name, name)]

    def gradient(self, name: str, k: int, f: str) -> Node | None:
        """Z^{dx} of a vector of the program; None where it is 0."""
        dx = self.gradients[k, f].get(self.names[k].get(name, name))
        return None if dx is None else self.plan.z[dx]

    def moment(self, a: Node, b: Node) -> Scalar:
        return self.planner.expectation(self.algebra.multiply(a, b))

    def terms(self, f: str) -> tuple[OutputTerm, ...]:
        return _terms(self.program, f)

    def coefficient(self, t: OutputTerm) -> Scalar:
        c = self.plan.expression(t.coefficient)
        assert isinstance(c, Scalar)
        return c

    def _readout_parts(self, f: str, g: str, only: str | None) -> list[Scalar]:
        out = []
        for t in self.terms(f):
            for u in self.terms(g):
                if t.readout != u.readout or (only is not None and t.readout != only):
                    continue
                scale = (self.coefficient(t), self.coefficient(u), self.variance(t.readout))
                if t.vector is None or u.vector is None:
                    out.append(self.algebra.multiply(*scale))
                else:
                    (j, _), (k, _) = self._sides(f, g)
                    out.append(self.algebra.multiply(*scale, self.moment(self.z(t.vector, j), self.z(u.vector, k))))
        return out

    def _uses(self, matrix: str, k: int, f: str) -> list[_Use]:
        uses = []
        for i in self.program.instructions:
            if isinstance(i, MatMul) and i.matrix == matrix:
                dg, h = self.gradient(i.name, k, f), self.z(i.vector, k)
                if dg is not None:
                    uses.append(_Use(h, dg, True) if i.transposed else _Use(dg, h, False))
        return uses

    def _matrix_part(self, matrix: str, f: str, g: str) -> Scalar:
        """σ_W² Σ E[Z^{dg} Z^{dg'}] E[Z^h Z^{h'}], times r for two products with Wᵀ and √r for one of each."""
        ratio = self.plan.ratio(matrix)
        factors = {0: self.algebra.one, 1: self.algebra.power(ratio, Fraction(1, 2)), 2: ratio}
        (j, _), (k, _) = self._sides(f, g)
        total = []
        for a in self._uses(matrix, j, f):
            for b in self._uses(matrix, k, g):
                left = self.moment(a.left, b.left)
                if left is not self.algebra.zero:
                    right = self.moment(a.right, b.right)
                    total.append(self.algebra.multiply(factors[a.transposed + b.transposed], left, right))
        return self.algebra.multiply(self.variance(matrix), self.algebra.add(*total))

    def _embedding_part(self, embedding: str, f: str, g: str) -> Scalar:
        """σ_U² (ξ·ξ'/d) Σ E[Z^{dg} Z^{dg'}]"""
        (j, _), (k, _) = self._sides(f, g)
        uses = [i for i in self.program.instructions if isinstance(i, Embed) and i.embedding == embedding]
        total = []
        for a in uses:
            for b in uses:
                da, db = self.gradient(a.name, j, f), self.gradient(b.name, k, g)
                if da is not None and db is not None:
                    x, y = self.names[j][a.input], self.names[k][b.input]
                    inner = self.algebra.given(("embedding", embedding, *sorted((x, y))))
                    total.append(self.algebra.multiply(inner, self.moment(da, db)))
        return self.algebra.add(*total)

    def _vector_part(self, vector: str, f: str, g: str) -> Scalar:
        """σ_b² E[Z^{db} Z^{db'}]"""
        (j, _), (k, _) = self._sides(f, g)
        da, db = self.gradient(vector, j, f), self.gradient(vector, k, g)
        if da is None or db is None:
            return self.algebra.zero
        return self.algebra.multiply(self.variance(vector), self.moment(da, db))
