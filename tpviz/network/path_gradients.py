"""Jᵖ at finite width: what one path adds to the gradient by the parameter it starts with (theory §4; Tensor Programs IIb, 5.7)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ..language import InputError, Program
from ..language.expressions import constant_value
from ..language.instructions import LinComb, Nonlin
from .batch import Batch, batch_of
from .empirical import Gradients
from .instances import input_array
from .paths import Path, Paths, paths
from .reduced import Reduced

__all__ = ["empirical_path_product"]

Array = np.ndarray
Inputs = Mapping[str, Array]


def empirical_path_product(
    program: Program,
    path1: Path | Sequence[str],
    path2: Path | Sequence[str],
    input1: Inputs | None = None,
    input2: Inputs | None = None,
    width: int = 1024,
    seed: int = 0,
    output: str | None = None,
    parameters: Mapping[str, float] | None = None,
) -> float:
    """⟨Jᵖ(ξ), J^q(ξ')⟩ of one network of width n, Jᵖ the part of ∇f that runs along the path p.

    As n → ∞ it tends to `tp.path_product`, which is 0 unless p and q are isomorphic; the paths of a network add up to the gradient, Moments
    held fixed. Raises `InputError` for paths that start with different parameters: their Jᵖ are of different spaces.
    """
    known = paths(program, output)
    p, q = known.path(path1), known.path(path2)
    first = [_parameter(known, x) for x in (p, q)]
    if first[0] != first[1]:
        raise InputError(
            f"The paths start with different parameters, {first[0]} and {first[1]}: their gradients are of different spaces.",
            hint="Take two paths whose words start with the same letter.",
            names=first,
        )
    X, Y = ({name: input_array(name, v)[None] for name, v in (x or {}).items()} for x in (input1, input2))
    batch = batch_of(program, X, Y)
    run = _Run(program, known.reduced, batch, width, seed, parameters)
    i, j = int(batch.first[0]), int(batch.second[0])
    return run.product(run.gradient(p, i), run.gradient(q, j), first[0])


def _parameter(known: Paths, p: Path) -> str:
    return known.reduced.matrix(p.word[0])[0] if p.word else p.readout


class _Run:
    def __init__(self, program: Program, reduced: Reduced, batch: Batch, width: int, seed: int, parameters):
        self.program, self.reduced, self.batch = program, reduced, batch
        self.run = Gradients(program, batch, (), width, seed, parameters)

    def product(self, a: tuple[Array, Array], b: tuple[Array, Array], parameter: str) -> float:
        variance = self.run.sim.values.variances[parameter]
        return variance * float(a[0] @ b[0]) * float(a[1] @ b[1])

    def gradient(self, p: Path, k: int) -> tuple[Array, Array]:
        """Jᵖ = left ⊗ right, without the parameter's σ."""
        one = np.ones(1)
        if not p.readout:
            return np.array([self._coefficient(self.reduced.biases[p.word[0]])]), one
        a = self._coefficient(self.reduced.ends[p.end][p.readout])
        if not p.word:
            x = self.run.vector(p.end, k)
            return a * x / math.sqrt(x.size), one
        d = a * self.run.vector(p.readout, k)  # √n ∂f/∂(X-var), along the path
        for n, (g, y) in enumerate(reversed(p.steps)):
            d = self._jacobian(y, g, k) * d
            source = self.reduced.sources[g]
            if n == len(p.steps) - 1:
                return self._start(p, d, k)
            matrix, transposed = self.reduced.matrix(source.symbol)
            h = self.run.sim.multiply(matrix, d, not transposed)
            d = math.sqrt(h.size / d.size) * h
        raise AssertionError("a path with a word has steps")

    def _start(self, p: Path, dg: Array, k: int) -> tuple[Array, Array]:
        source = self.reduced.sources[p.steps[0][0]]
        dg = dg / math.sqrt(dg.size)
        if source.before is None:
            return dg, np.ones(1)
        if not source.product:
            xi = self.batch.rows[source.before][k]
            return dg, xi / math.sqrt(xi.size)
        h = self.run.vector(source.before, k)
        _, transposed = self.reduced.matrix(source.symbol)
        left, right = (h, dg) if transposed else (dg, h)
        return left, right / math.sqrt(right.size)

    def _coefficient(self, expressions) -> float:
        values = self.run.sim.values
        return sum(constant_value(e, values.constants, self.program.function_table) for e in expressions)

    def _jacobian(self, x: str, g: str, k: int) -> Array:
        """∂x/∂g, coordinate by coordinate, through the Nonlins and LinCombs between them."""
        if x == g:
            return np.ones(1)
        i = self.program[x]
        assert isinstance(i, LinComb | Nonlin)
        total: Array = np.zeros(1)
        for y in self.program.arguments(x):
            if y in self.program.vectors and (y == g or self._leads(g, y)):
                total = total + self.run.slope(i.expression, y, k) * self._jacobian(y, g, k)
        return total

    def _leads(self, g: str, y: str) -> bool:
        i = self.program[y]
        if not isinstance(i, LinComb | Nonlin):
            return y == g
        return any(z == g or self._leads(g, z) for z in self.program.arguments(y) if z in self.program.vectors)
