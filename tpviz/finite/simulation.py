"""`simulate(program, width)`: one run of a program at finite width."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..language import InputError, LimitError, Program
from ..language.expressions import constant_value
from ..language.instructions import (
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
    Scalar,
    Vectors,
)
from ..language.late import Late
from ..language.tape import compile_tape
from ..language.values import Values, numbers
from .matrices import DenseMatrix, GaussianMatrix, MatrixFree

if TYPE_CHECKING:
    import sympy as sp
else:
    sp = Late("sympy")

__all__ = ["MAX_BYTES", "Cancelled", "Simulation", "memory_needed", "simulate"]

#: the most memory that one run may take
MAX_BYTES = 8 * 2**30
_METHODS = ("matrix-free", "dense")


class Cancelled(Exception):
    """A run was stopped by its `cancelled` callback."""


def memory_needed(program: Program, width: int, method: str = "matrix-free") -> int:
    """Bytes that a run holds at its peak, about: all vectors, and the matrices or their products."""
    ratios = program.width_ratios()
    sizes = {c: max(1, round(width * r)) for c, r in ratios.items()}
    total = sum(8 * sizes[program.width_class(v)] for v in program.vectors)
    if method == "dense":
        total += sum(8 * sizes[i.rows] * sizes[i.columns] for i in program.instructions if isinstance(i, Matrix))
    else:
        matrices = {i.name: i for i in program.instructions if isinstance(i, Matrix)}
        total += sum(
            8 * (sizes[matrices[i.matrix].rows] + sizes[matrices[i.matrix].columns])
            for i in program.instructions
            if isinstance(i, MatMul)
        )
    return total + 8 * 6 * max(sizes.values())


def simulate(program: Program, width: int, inputs: Mapping[str, np.ndarray] | None = None, seed: int = 0, method: str = "matrix-free",
             parameters: Mapping[str, float] | None = None, cancelled: Callable[[], bool] | None = None) -> Simulation:  # fmt: skip
    """One run of the program at base width n = `width`.

    `method` "matrix-free" (O(n) memory a product) or "dense" (n² a matrix) have the same law; `seed` makes a run reproducible: every
    declaration draws from a stream of its own, so the same seed gives the same initial vectors whatever stands around them. Raises
    `InputError` for a width that is not a positive integer or does not fit in memory, and `LimitError` where a coordinate is not a number.
    """
    if not isinstance(program, Program):
        raise InputError(
            f"tp.simulate takes a Program, got {type(program).__name__}.",
            hint="Read one with tp.parse(text) or tp.load(path).",
        )
    if method not in _METHODS:
        raise InputError(f"There is no method {method!r}.", hint='Use "matrix-free" or "dense".')
    if isinstance(width, bool) or not isinstance(width, int | np.integer) or width < 1:
        raise InputError(f"The width must be a positive integer, got {width!r}.")
    needed = memory_needed(program, int(width), method)
    if needed > MAX_BYTES:
        raise InputError(f"Width {width:,} needs about {needed / 2**30:,.1f} GB for this program, the limit is {MAX_BYTES / 2**30:.0f} GB.",
                         code="memory", hint=f"The largest width that fits is about {_largest(program, method):,}.")  # fmt: skip
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or seed < 0:
        raise InputError(f"The seed must be a non-negative integer, got {seed!r}.")
    values = numbers(program, parameters, inputs)
    missing = [
        i
        for i in program.inputs
        if i not in values.inputs and any(isinstance(j, Embed) and j.input == i for j in program.instructions)
    ]
    if missing:
        raise InputError(
            f"The input {missing[0]} has no value.",
            hint=f"Pass inputs={{{missing[0]!r}: array}} or write it in the text.",
            names=missing,
        )
    return Simulation(program, int(width), values, int(seed), method, cancelled)


def _largest(program: Program, method: str) -> int:
    low, high = 1, 10**12
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if memory_needed(program, middle, method) <= MAX_BYTES else (low, middle)
    return int(float(f"{low:.1e}")) if low > 100 else low


class Simulation:
    """The vectors and scalars of one run: `sim["x1"]` has shape (n_c,), n_c the width of x1's class."""

    def __init__(
        self,
        program: Program,
        width: int,
        values: Values,
        seed: int,
        method: str,
        cancelled: Callable[[], bool] | None = None,
    ):
        self.program, self.width, self.values, self.seed, self.method = program, width, values, seed, method
        self.sizes = {c: max(1, round(width * r)) for c, r in values.ratios.items()}
        self._vectors: dict[str, np.ndarray] = {}
        self._scalars: dict[str, float] = {}
        self._outputs: dict[str, float] = {}
        self._matrices: dict[str, GaussianMatrix] = {}
        self._embeddings: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
        for i in program.instructions:
            if cancelled is not None and cancelled():
                raise Cancelled
            self._run(i)

    def _stream(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, *name.encode()])

    def _run(self, i) -> None:
        match i:
            case Vectors():
                self._draw(i)
            case Readout():
                z = self._stream(i.name).standard_normal(self.sizes[i.width])
                z *= math.sqrt(self.values.variances[i.name])
                self._vectors[i.name] = z + self.values.initial[i.name][0][0]
            case Bias():
                draw = float(self._stream(i.name).standard_normal())
                self._scalars[i.name] = (
                    float(self.values.initial[i.name][0][0]) + math.sqrt(self.values.variances[i.name]) * draw
                )
            case Scalar():
                self._scalars[i.name] = constant_value(
                    i.value, {**self.values.constants, "n": float(self.width)}, self.program.function_table
                )
            case Matrix():
                m, n = self.sizes[i.rows], self.sizes[i.columns]
                kind = DenseMatrix if self.method == "dense" else MatrixFree
                self._matrices[i.name] = kind(m, n, self.values.variances[i.name] / n, self._stream(i.name))
            case Embedding():
                self._embeddings[i.name] = []
            case Embed():
                self._vectors[i.name] = self._embed(i)
            case MatMul():
                W = self._matrices[i.matrix]
                x = self._vectors[i.vector]
                self._vectors[i.name] = W.transpose_times(x) if i.transposed else W.times(x)
            case LinComb() | Nonlin():
                self._vectors[i.name] = self._coordinates(i.expression, i.name)
            case Moment():
                self._scalars[i.name] = float(np.mean(self._coordinates(i.expression, i.name)))
            case Output():
                self._outputs[i.name] = sum(self._term(t) for t in i.terms)
            case Input():
                pass

    def _draw(self, i: Vectors) -> None:
        mean, K = self.values.initial[i.names[0]]
        rng, n = self._stream(i.names[0]), self.sizes[i.width]
        if len(i.names) == 1:
            z = rng.standard_normal(n)
            z *= math.sqrt(K[0, 0])
            z += mean[0]
            self._vectors[i.names[0]] = z
            return
        w, V = np.linalg.eigh(K)
        L = V * np.sqrt(np.maximum(w, 0.0))
        draws = L @ rng.standard_normal((len(i.names), n)) + mean[:, None]
        for name, row in zip(i.names, draws, strict=True):
            self._vectors[name] = row

    def _embed(self, i: Embed) -> np.ndarray:
        """U ξ: jointly Gaussian over the inputs of one embedding, sampled through an orthonormal basis of them."""
        xi = self.values.inputs[i.input]
        known = self._embeddings[i.embedding]
        rows = self.sizes[self.program.width_class(i.name)]
        rng = self._stream(f"{i.embedding} column {len(known)}")
        rest, out = xi.astype(float, copy=True), np.zeros(rows)
        for q, image in known:
            if q.size != rest.size:
                raise InputError(
                    f"{i.embedding} embeds inputs of {q.size} and of {rest.size} entries.",
                    hint="Inputs of one embedding have one d.",
                    names=[i.input],
                )
            c = float(q @ rest)
            rest -= c * q
            out += c * image
        r = float(np.linalg.norm(rest))
        if r > 1e-12 * float(np.linalg.norm(xi)) and r > 0:
            image = rng.standard_normal(rows) * math.sqrt(self.values.variances[i.embedding] / xi.size)
            known.append((rest / r, image))
            out += r * image
        return out

    def _coordinates(self, expression, name: str) -> np.ndarray:
        lowered = self.program.sympy(expression, lambda x: sp.Symbol(x, real=True))
        symbols = sorted(lowered.free_symbols, key=str)
        names = [str(s) for s in symbols]
        tape = compile_tape([lowered], symbols)
        with np.errstate(all="ignore"):
            value = np.asarray(tape(*[self._lookup(x) for x in names])[0], dtype=float)
        if not np.isfinite(value).all():
            bad = int((~np.isfinite(value)).sum())
            raise LimitError(f"{name} = {expression} is not a finite number at {bad:,} of {value.size:,} coordinates.", code="domain",
                             hint="Check logs, roots and quotients of Gaussians, and functions that grow like exp(x**2).", names=[name])  # fmt: skip
        vectors = [x for x in expression.names if x in self._vectors]
        size = self._vectors[vectors[0]].size if vectors else 1
        return value if value.shape == (size,) else np.broadcast_to(value, (size,)).copy()

    def _lookup(self, name: str):
        for table in (self._vectors, self._scalars, self.values.constants):
            if name in table:
                return table[name]
        raise InputError(
            f"The program has no {name!r}.",
            hint=f"Vectors: {', '.join(self._vectors)}. Scalars: {', '.join(self._scalars)}.",
            names=[name],
        )

    def _term(self, t) -> float:
        coefficient = constant_value(t.coefficient, self.values.constants, self.program.function_table)
        if t.vector is None:
            return coefficient * self._scalars[t.readout]
        x = self._vectors[t.vector]
        return coefficient * float(self._vectors[t.readout] @ x) / math.sqrt(x.size)

    # what can be asked

    def multiply(self, matrix: str, x: np.ndarray, transposed: bool = False) -> np.ndarray:
        """W x or Wᵀ x with a matrix of this run, jointly with all its products so far; x has the length of the matrix's columns (rows)."""
        W = self._matrices[matrix]
        return W.transpose_times(x) if transposed else W.times(x)

    def __getitem__(self, name: str) -> np.ndarray:
        """The vector, shape (n_c,)."""
        if name not in self._vectors:
            raise InputError(
                f"The program has no vector {name!r}.",
                hint=f"Its vectors are {', '.join(self._vectors) or 'none'}.",
                names=[name],
            )
        return self._vectors[name]

    def lookup(self, name: str) -> np.ndarray | float:
        """A vector, scalar, output bias or constant of this run."""
        return self._lookup(name)

    def scalar(self, name: str) -> float:
        if name not in self.program.scalars:
            raise InputError(
                f"The program has no scalar {name!r}.",
                hint=f"Its scalars are {', '.join(self.program.scalars) or 'none'}.",
                names=[name],
            )
        return self._scalars[name]

    def output(self, name: str) -> float:
        """A network output, as f = v·x/√n."""
        if name not in self._outputs:
            raise InputError(
                f"The program has no output {name!r}.",
                hint=f"Its outputs are {', '.join(self._outputs) or 'none'}.",
                names=[name],
            )
        return self._outputs[name]

    def second_moment(self, x: str, y: str | None = None) -> float:
        """x·y/n."""
        a, b = self[x], self[y or x]
        if self.program.width_class(x) != self.program.width_class(y or x):
            raise InputError(
                f"{x} and {y} are of different width classes.", hint="Ask for vectors of one class.", names=[x, y or x]
            )
        return float(a @ b) / a.size

    def gram(self, names: Sequence[str], kind: str = "second_moment") -> np.ndarray:
        """The (k, k) matrix of x·y/n; `kind` "covariance" or "correlation" for those of the coordinates."""
        if kind not in ("second_moment", "covariance", "correlation"):
            raise InputError(
                f"There is no kernel {kind!r}.", hint='Use "second_moment", "covariance" or "correlation".'
            )
        K = np.array([[self.second_moment(x, y) for y in names] for x in names]).reshape(len(names), len(names))
        if kind == "second_moment":
            return K
        means = np.array([float(self[x].mean()) for x in names])
        C = K - np.outer(means, means)
        if kind == "covariance":
            return C
        d = np.sqrt(np.maximum(np.diag(C), 0.0))
        with np.errstate(all="ignore"):
            return np.where(np.outer(d, d) > 0, C / np.outer(d, d), np.nan)

    def average(self, expression: str) -> float:
        """(1/n) Σ_α of an expression over the program's vectors and scalars, as `"relu(h2)"`."""
        from ..language import read_expression
        from ..language.expressions import ExpressionProblem

        try:
            e = read_expression(expression)
        except ExpressionProblem as p:
            raise InputError(f"In {expression!r}: {p}", hint=p.hint) from None
        if problems := self.program.scope.check_expression(e):
            raise InputError(*problems)
        return float(np.mean(self._coordinates(e, "the average")))
