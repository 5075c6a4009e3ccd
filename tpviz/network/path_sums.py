"""Pairs of paths weighed by limits, and the NTK as their sum over isomorphic pairs ((95) and D.4 of Tensor Programs IIb; theory §4, Paths)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..gaussian import Node, Scalar
from ..language import InputError, Program
from ..language.instructions import LinComb, Nonlin
from ..language.labels import label
from .kernels import Kernels
from .paths import Path
from .plan import NetworkPlan
from .reduced import Reduced
from .sums import Weights, paired, suffixes

__all__ = ["PairSum", "ntk_by_paths"]

Array = np.ndarray


def ntk_by_paths(
    program: Program,
    X: object,
    Y: object = None,
    trainable: Iterable[str] | None = None,
    output: str | None = None,
    parameters: Mapping[str, float] | None = None,
    dtype: Any = np.float64,
) -> Array:
    """Σ ⟨p, q⟩ over isomorphic pairs of paths, shape (N, N), or (N, M) with Y, by dynamic programming ((5.7), (95), D.4.1).

    It is the NTK when the readout passes the simple check and no matrix occurs both as W and as Wᵀ; otherwise it misses the Ż of the
    backward pass, and `tp.ntk` is right (see `tp.gia_check`). `trainable` keeps the paths that start with these parameters. The other
    arguments and errors are those of `tp.ntk`.
    """
    if output == "all":
        raise InputError("The sum over paths is of one output.", hint='Write output="f".')
    work = Kernels(program, X, Y, output, parameters, backward_pass=False)
    chosen = set(work.trainable(trainable))
    sums: dict[int, PairSum] = {}

    def total(plan: NetworkPlan, f: str, g: str) -> Scalar:
        if id(plan) not in sums:
            sums[id(plan)] = PairSum(plan, Reduced(program, f))
        return sums[id(plan)].total(chosen)

    return work.fill(total, dtype, None, None)


class PairSum:
    """Weights of pairs of paths at two instances of a plan, as numbers of the plan."""

    def __init__(self, plan: NetworkPlan, reduced: Reduced):
        self.plan, self.reduced = plan, reduced
        self.last = len(plan.names) - 1
        self.layers = paired(reduced)
        self.weights = Weights(self.start, self.step, self.product, self.end)
        self._slopes: dict[tuple[str, str, int], Node] = {}
        self._jacobians: dict[tuple[str, int], dict[str, Node]] = {}
        self._steps: dict[tuple, Scalar] = {}

    @property
    def _algebra(self):
        return self.plan.algebra

    # the parts of a pair of paths

    def start(self, pair: Any) -> Scalar:
        """σ_W² r E[Z^h Z^h'], σ_U² ξ·ξ'/d or σ_b²"""
        g, h = (self.reduced.sources[name] for name in pair)
        if g.product:
            assert g.before is not None
            assert h.before is not None
            inner = self.plan.moment(self.plan.z(g.before, 0), self.plan.z(h.before, self.last))
            return self._algebra.multiply(self.product(pair), inner)
        if g.before is None:
            return self.plan.variance(g.symbol)
        assert h.before is not None
        x, y = self.plan.names[0][g.before], self.plan.names[self.last][h.before]
        return self._algebra.given(("embedding", g.symbol, *sorted((x, y))))

    def product(self, pair: Any) -> Scalar:
        """σ_W² for a product with W, r σ_W² for one with Wᵀ"""
        matrix, transposed = self.reduced.matrix(self.reduced.sources[pair[0]].symbol)
        return self.plan.plan.variance(matrix, transposed)

    def step(self, pair: Any, after: Any) -> Scalar:
        """E[(∂Z^x/∂Z^g) (∂Z^x'/∂Z^g')]"""
        key = (pair, after)
        if key not in self._steps:
            a = self.jacobian(after[0], 0).get(pair[0])
            b = self.jacobian(after[1], self.last).get(pair[1])
            zero = self._algebra.zero
            self._steps[key] = zero if a is None or b is None else self.plan.moment(a, b)
        return self._steps[key]

    def end(self, after: Any) -> Scalar:
        """Σ a a' σ_v² over the readouts that read both"""
        parts = []
        for v, coefficients in self.reduced.ends[after[0]].items():
            if v in self.reduced.ends[after[1]]:
                a, b = (
                    self._algebra.add(*[self._constant(c) for c in cs])
                    for cs in (coefficients, self.reduced.ends[after[1]][v])
                )
                parts.append(self._algebra.multiply(a, b, self.plan.variance(v)))
        return self._algebra.add(*parts)

    def _constant(self, e) -> Scalar:
        c = self.plan.plan.expression(e)
        assert isinstance(c, Scalar)
        return c

    def jacobian(self, x: str, k: int) -> dict[str, Node]:
        """G-var -> ∂Z^x/∂Z^g, through the Nonlins and LinCombs between them."""
        if (x, k) not in self._jacobians:
            i = self.plan.program[x]
            out: dict[str, Node] = {}
            if x in self.reduced.sources or not isinstance(i, LinComb | Nonlin):
                out[x] = self._algebra.one
            else:
                terms: dict[str, list[Node]] = {}
                for y in self.plan.program.arguments(x):
                    if y not in self.plan.program.vectors:
                        continue
                    slope = self._slope(i, y, k)
                    for g, inner in self.jacobian(y, k).items():
                        terms.setdefault(g, []).append(self._algebra.multiply(slope, inner))
                out = {g: self._algebra.add(*parts) for g, parts in terms.items()}
            self._jacobians[x, k] = {g: n for g, n in out.items() if n is not self._algebra.zero}
        return self._jacobians[x, k]

    def _slope(self, i: LinComb | Nonlin, y: str, k: int) -> Node:
        key = (i.name, y, k)
        if key not in self._slopes:
            names, plan = self.plan.names[k], self.plan.plan
            lowered = plan.program.sympy(i.expression, lambda name: plan.symbol(names.get(name, name)))
            self._slopes[key] = plan.lift(lowered.diff(plan.symbol(names.get(y, y))))
        return self._slopes[key]

    # sums

    def empty(self) -> Scalar:
        """The empty paths of the readout: Σ a a' σ_v² E[Z^x Z^x']"""
        return self._algebra.add(*[self._algebra.multiply(self.end(p), self._moment(p)) for p in self.layers.ends])

    def _moment(self, pair: Any) -> Scalar:
        return self.plan.moment(self.plan.z(pair[0], 0), self.plan.z(pair[1], self.last))

    def bias(self, c: str) -> Scalar:
        """a² σ_c² of an output bias"""
        a = self._algebra.add(*[self._constant(e) for e in self.reduced.biases[c]])
        return self._algebra.multiply(a, a, self.plan.variance(c))

    def total(self, trainable: set[str]) -> Scalar:
        """The sum over all isomorphic pairs that start with these parameters."""
        algebra = self._algebra
        rest, _ = suffixes(self.layers, self.weights, lambda parts: algebra.add(*parts), algebra.multiply)
        parts = [
            algebra.multiply(self.start(g), b)
            for g, b in rest.items()
            if self.layers.symbol[g].removesuffix(".T") in trainable
        ]
        parts += [self.bias(c) for c in self.reduced.biases if c in trainable]
        for p in self.layers.ends:
            common = [v for v in self.reduced.ends[p[0]] if v in self.reduced.ends[p[1]]]
            if common and all(v in trainable for v in common):
                parts.append(algebra.multiply(self.end(p), self._moment(p)))
        return algebra.add(*parts)

    def factors(self, p: Path, q: Path) -> list[tuple[str, Scalar]]:
        """(what it is, number) for each factor of ⟨p, q⟩, in the order of the path."""
        if not p.readout:
            return [(rf"\sigma_{{{label(p.word[0])}}}^2", self.bias(p.word[0]))]
        out: list[tuple[str, Scalar]] = []
        names = [*p.word, p.readout]
        for symbol in dict.fromkeys(names):
            matrix, transposed = self.reduced.matrix(symbol)
            n = names.count(symbol)
            variance = self.plan.variance(matrix)
            power = "2" if n == 1 else f"{{{2 * n}}}"
            out.append((rf"\sigma_{{{label(matrix)}}}^{power}", self._algebra.power(variance, n)))
            if transposed and (ratio := self.plan.plan.ratio(matrix)) is not self._algebra.one:
                out.append(("r" if n == 1 else f"r^{n}", self._algebra.power(ratio, n)))
        out.append((r"a\bar a", self._coefficients(p, q)))
        if not p.word:
            out.append((_expectation(_z(p.end), _z(q.end, True)), self._moment((p.end, q.end))))
            return out
        g = self.reduced.sources[p.steps[0][0]]
        if g.product or g.before is None:
            if g.product:
                first = (p.vertices[0], q.vertices[0])
                out.append((_expectation(_z(first[0]), _z(first[1], True)), self._moment(first)))
        else:
            over = self._algebra.power(self.plan.variance(g.symbol), -1)
            inner = rf"\frac{{{label(p.vertices[0])}\cdot {_barred(q.vertices[0])}}}{{d}}"
            out.append((inner, self._algebra.multiply(self.start((p.vertices[1], q.vertices[1])), over)))
        for (g1, x1), (g2, x2) in zip(p.steps, q.steps, strict=True):
            if not (g1 == x1 and g2 == x2):
                slopes = _slope_tex(x1, g1), _slope_tex(x2, g2, True)
                out.append((_expectation(*slopes), self.step((g1, g2), (x1, x2))))
        return out

    def _coefficients(self, p: Path, q: Path) -> Scalar:
        parts = [self._algebra.add(*[self._constant(c) for c in self.reduced.ends[x.end][x.readout]]) for x in (p, q)]
        return self._algebra.multiply(*parts)


def _barred(name: str) -> str:
    return label(f"{name}_bar")


def _z(name: str, bar: bool = False) -> str:
    return f"Z^{{{_barred(name) if bar else label(name)}}}"


def _slope_tex(x: str, g: str, bar: bool = False) -> str:
    return "1" if x == g else rf"\frac{{\partial {_z(x, bar)}}}{{\partial {_z(g, bar)}}}"


def _expectation(a: str, b: str) -> str:
    inner = " ".join(t for t in (a, b) if t != "1") or "1"
    return rf"\mathbb E\!\left[{inner}\right]"
