"""Kernels of a network at finite width: true gradients by reverse mode, through Moments too, without an n × n matrix (theory §4, §6)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..finite import simulate
from ..finite.simulation import Cancelled, Simulation
from ..language import InputError, Program
from ..language.expressions import constant_value
from ..language.instructions import (  # fmt: skip
    Bias,
    Embed,
    Embedding,
    Input,
    LinComb,
    MatMul,
    Matrix,
    Moment,
    Nonlin,
    Output,
    Readout,
    Vectors,
)
from ..language.late import Late
from ..language.tape import compile_tape
from .backprop import output_of
from .batch import Batch, batch_of
from .instances import instances
from .plan import chosen_parameters

if TYPE_CHECKING:
    import sympy as sp
else:
    sp = Late("sympy")

__all__ = ["Gradients", "empirical_kernels", "empirical_ntk"]

Array = np.ndarray
#: the most memory that the vectors of all inputs and their gradients may take
MAX_BYTES = 8 * 2**30


def empirical_ntk(
    program: Program,
    X: object,
    Y: object = None,
    width: int = 1024,
    seed: int = 0,
    trainable: Iterable[str] | None = None,
    output: str | None = None,
    parameters: Mapping[str, float] | None = None,
) -> Array:
    """⟨∇f(ξ), ∇f(ξ')⟩ of one network of base width n = `width`, shape (N, N), or (N, M) with Y; (N, M, k, k) for output="all".

    The gradient is the true one at this width, with respect to the trainable parameters w, u, β, v ~ N(0, 1) of the NTK parametrization
    ((5.2) of Tensor Programs IIb), through Moments too. Matrices are sampled only through the products that occur, so memory is
    O(n · products · N). The other arguments and errors are those of `tp.ntk`; `InputError` where it does not fit into memory.
    """
    return empirical_kernels(program, X, Y, width, seed, trainable, output, parameters)[1]


def empirical_kernels(
    program: Program,
    X: object,
    Y: object = None,
    width: int = 1024,
    seed: int = 0,
    trainable: Iterable[str] | None = None,
    output: str | None = None,
    parameters: Mapping[str, float] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Array, Array]:
    """(σ_v² x·x'/n summed over the readouts, ⟨∇f, ∇f'⟩) of one network; see `empirical_ntk`."""
    first = output_of(program, None if output == "all" else output)
    outputs = program.outputs if output == "all" else (first.name,)
    chosen = chosen_parameters(program, trainable)
    batch = batch_of(program, X, Y)
    run = Gradients(program, batch, outputs, width, seed, parameters, cancelled)
    nngp, ntk = run.nngp(), run.ntk(chosen)
    pick = np.ix_(batch.first, batch.second)
    both = nngp[pick], ntk[pick]
    return both if output == "all" else (both[0][..., 0, 0], both[1][..., 0, 0])


class Gradients:
    """One run of the program on all rows of a batch, and the gradients of its outputs on each row.

    A use of a matrix W ∈ R^{m×n} adds left ⊗ right · σ_W/√n to the gradient by w: (dg/√m, h) for g = Wh, (h, dg/√n) for g = Wᵀh.
    """

    def __init__(
        self,
        program: Program,
        batch: Batch,
        outputs: tuple[str, ...],
        width: int,
        seed: int = 0,
        parameters: Mapping[str, float] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ):
        self.program, self.batch, self.outputs = program, batch, outputs
        self.cancelled = cancelled or (lambda: False)
        count = batch.size
        self._check_memory(width, count * (1 + len(outputs)))
        made = instances(program, [{}] * count)
        self.names = made.names
        rows = {made.names[k][x]: a[k] for x, a in batch.rows.items() for k in range(count)}
        used = {name for names in made.names for old, name in names.items() if isinstance(program[old], Input)}
        self.sim: Simulation = simulate(
            made.program, width, {k: v for k, v in rows.items() if k in used}, seed, parameters=parameters, cancelled=cancelled
        )  # fmt: skip
        self._slopes: dict[tuple[str, str], Callable[..., Array]] = {}
        self.flows: list[dict[str, Array]] = [self._backward(k, f) for k in range(count) for f in outputs]

    def _check_memory(self, width: int, copies: int) -> None:
        if isinstance(width, bool) or not isinstance(width, int | np.integer) or width < 1:
            raise InputError(f"The width must be a positive integer, got {width!r}.")
        ratios = self.program.width_ratios()
        each = sum(8 * max(1, round(width * ratios[self.program.width_class(v)])) for v in self.program.vectors)
        if 3 * each * copies > MAX_BYTES:
            raise InputError(
                f"Gradients of {self.batch.size} inputs at width {width:,} need about {3 * each * copies / 2**30:,.1f} GB, the limit is {MAX_BYTES / 2**30:.0f} GB.",
                code="memory",
                hint=f"The width {max(1, int(width * MAX_BYTES / (3 * each * copies))):,} fits, or take fewer inputs.",
            )

    def vector(self, name: str, k: int) -> Array:
        return self.sim[self.names[k].get(name, name)]

    def _value(self, name: str, k: int):
        return self.sim.lookup(self.names[k].get(name, name))

    # reverse mode: dx = √n_x ∂f/∂x for vectors, dθ = ∂f/∂θ for scalars

    def _backward(self, k: int, f: str) -> dict[str, Array]:
        if self.cancelled():
            raise Cancelled
        flow: dict[str, Array] = {}

        def add(name: str, value: Array) -> None:
            flow[name] = flow[name] + value if name in flow else value

        i = self.program[f]
        assert isinstance(i, Output)
        for t in i.terms:
            a = constant_value(t.coefficient, self.sim.values.constants, self.program.function_table)
            if t.vector is None:
                add(t.readout, np.asarray(a))
            else:
                add(t.vector, a * self.vector(t.readout, k))
                add(t.readout, a * self.vector(t.vector, k))
        for j in reversed(self.program.instructions):
            name = getattr(j, "name", None)
            if name not in flow:
                continue
            match j:
                case MatMul():
                    dg = flow[name]
                    dh = self.sim.multiply(j.matrix, dg, not j.transposed)
                    add(j.vector, math.sqrt(dh.size / dg.size) * dh)
                case LinComb() | Nonlin():
                    self._through(j.expression, flow[name], k, add)
                case Moment() if j.average:
                    self._through_moment(j, flow[name], k, add)
                case Moment():
                    for x in self._scalars(j.expression):
                        add(x, self.slope(j.expression, x, k) * flow[name])
        return flow

    def _scalars(self, e) -> list[str]:
        return [x for x in e.names if x in self.program.scalars]

    def _vectors(self, e) -> list[str]:
        return [x for x in e.names if x in self.program.scope.symbols and self.program.scope.symbols[x].type == "vector"]  # fmt: skip

    def _through(self, e, dz: Array, k: int, add: Callable[[str, Array], None]) -> None:
        for x in self._vectors(e):
            add(x, self.slope(e, x, k) * dz)
        for x in self._scalars(e):
            slope = np.broadcast_to(self.slope(e, x, k), dz.shape)
            add(x, np.asarray(float(slope @ dz) / math.sqrt(dz.size)))

    def _through_moment(self, i: Moment, d: Array, k: int, add: Callable[[str, Array], None]) -> None:
        vectors = self._vectors(i.expression)
        size = self.vector(vectors[0], k).size if vectors else 1
        for x in vectors:
            slope = np.broadcast_to(self.slope(i.expression, x, k), (size,))
            add(x, slope * (float(d) / math.sqrt(size)))
        for x in self._scalars(i.expression):
            add(x, np.asarray(float(np.mean(self.slope(i.expression, x, k)))) * d)

    def slope(self, e, x: str, k: int) -> Array:
        """∂e/∂x at the run's values."""
        key = (e.text, x)
        if key not in self._slopes:
            slope = self.program.sympy(e, lambda name: sp.Symbol(name, real=True)).diff(sp.Symbol(x, real=True))
            symbols = sorted(slope.free_symbols, key=str)
            tape, names = compile_tape([slope], symbols), [str(s) for s in symbols]
            self._slopes[key] = lambda k: tape(*[self._value(name, k) for name in names])[0]
        with np.errstate(all="ignore"):
            return np.asarray(self._slopes[key](k), dtype=float)

    # kernels

    def _blocks(self, K: Array) -> Array:
        """(rows · outputs)² as (rows, rows, outputs, outputs)."""
        n, k = self.batch.size, len(self.outputs)
        return K.reshape(n, k, n, k).transpose(0, 2, 1, 3)

    def nngp(self) -> Array:
        total = np.zeros((len(self.flows),) * 2)
        for i in self.program.instructions:
            if isinstance(i, Readout | Bias):
                total += self._read_out(i.name)
        return self._blocks(total)

    def _read_out(self, readout: str) -> Array:
        """σ² Σ a a' x·x'/n over the terms that read with this readout."""
        read = []
        for k in range(self.batch.size):
            for f in self.outputs:
                i = self.program[f]
                assert isinstance(i, Output)
                parts = [
                    constant_value(t.coefficient, self.sim.values.constants, self.program.function_table)
                    * (np.ones(1) if t.vector is None else self.vector(t.vector, k))
                    for t in i.terms
                    if t.readout == readout
                ]
                read.append(sum(parts) if parts else None)
        return self.sim.values.variances[readout] * _gram(read)

    def ntk(self, trainable: Iterable[str]) -> Array:
        total = np.zeros((len(self.flows),) * 2)
        for p in trainable:
            if self.cancelled():
                raise Cancelled
            i = self.program[p]
            variance = self.sim.values.variances[p]
            if isinstance(i, Matrix):
                total += variance * self._matrix_part(p)
            elif isinstance(i, Embedding):
                total += variance * self._embedding_part(p)
            elif isinstance(i, Bias | Readout | Vectors):
                total += variance * _gram([flow.get(p) for flow in self.flows])
        return self._blocks(total)

    def _matrix_part(self, matrix: str) -> Array:
        """1/n Σ over pairs of uses of (left·left') (right·right')."""
        left, right, owner = [], [], []
        for i in self.program.instructions:
            if not (isinstance(i, MatMul) and i.matrix == matrix):
                continue
            for q, flow in enumerate(self.flows):
                if i.name in flow:
                    h, dg = self.vector(i.vector, q // len(self.outputs)), flow[i.name]
                    dg = dg / math.sqrt(dg.size)
                    left.append(h if i.transposed else dg)
                    right.append(dg if i.transposed else h)
                    owner.append(q)
        out = np.zeros((len(self.flows),) * 2)
        if owner:
            L, R = np.array(left), np.array(right)
            M = (L @ L.T) * (R @ R.T) / R.shape[1]
            np.add.at(out, np.ix_(owner, owner), M)
        return out

    def _embedding_part(self, embedding: str) -> Array:
        """1/d Σ over pairs of uses of (dg·dg'/m) (ξ·ξ')"""
        gradients, inputs, owner = [], [], []
        for i in self.program.instructions:
            if isinstance(i, Embed) and i.embedding == embedding:
                for q, flow in enumerate(self.flows):
                    if i.name in flow:
                        gradients.append(flow[i.name])
                        inputs.append(self.batch.rows[i.input][q // len(self.outputs)])
                        owner.append(q)
        out = np.zeros((len(self.flows),) * 2)
        if owner:
            G, X = np.array(gradients), np.array(inputs)
            np.add.at(out, np.ix_(owner, owner), (G @ G.T / G.shape[1]) * (X @ X.T / X.shape[1]))
        return out


def _gram(vectors: list) -> Array:
    """x·x'/n, 0 where there is no vector."""
    out = np.zeros((len(vectors),) * 2)
    kept = [k for k, v in enumerate(vectors) if v is not None]
    if kept:
        V = np.array([np.atleast_1d(vectors[k]) for k in kept])
        out[np.ix_(kept, kept)] = V @ V.T / V.shape[1]
    return out
