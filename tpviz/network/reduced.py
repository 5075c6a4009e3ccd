"""The reduced form of a network: G-vars, the X-vars that are multiplied or read out, and who depends on whom (theory §1, §4).

Chains of Nonlins and LinCombs between a G-var and an X-var are one edge; a G-var that is multiplied or read out itself is its own X-var,
by an identity Nonlin. G-vars are products, embedded inputs and initial vectors.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from ..language import Program
from ..language.derivatives import Derivatives
from ..language.expressions import Expression
from ..language.instructions import Embed, LinComb, MatMul, Nonlin, Readout, Vectors
from .backprop import output_of
from .plan import body_of

__all__ = ["Reduced", "Source"]


@dataclass(frozen=True)
class Source:
    """A G-var at which a path may start or that it runs through: `symbol` is the A-var or parameter that makes it, `before` the X-var or
    input that it is made of (None for a vector parameter)."""

    name: str
    symbol: str
    before: str | None
    product: bool


class Reduced:
    """The reduced form of the program for one output.

    `sources` holds the G-vars by name; `reads[x]` the G-vars that the X-var x depends on directly, `feeds[g]` the X-vars that depend on g;
    `products[x]` the G-vars W x; `ends[x]` the coefficient of every readout that reads x; `biases` those of output biases.
    """

    def __init__(self, program: Program, output: str | None = None):
        self.program, self.output = program, output_of(program, output)
        self.order = {name: k for k, name in enumerate(program.vectors)}
        self.sources: dict[str, Source] = {}
        self.products: dict[str, list[str]] = defaultdict(list)
        self.ends: dict[str, dict[str, list[Expression]]] = defaultdict(lambda: defaultdict(list))
        self.biases: dict[str, list[Expression]] = defaultdict(list)
        for i in program.instructions:
            match i:
                case MatMul():
                    symbol = f"{i.matrix}.T" if i.transposed else i.matrix
                    self.sources[i.name] = Source(i.name, symbol, i.vector, True)
                    self.products[i.vector].append(i.name)
                case Embed():
                    self.sources[i.name] = Source(i.name, i.embedding, i.input, False)
                case Vectors(names=(name,)) | Readout(name=name):
                    self.sources[name] = Source(name, name, None, False)
        for t in self.output.terms:
            if t.vector is None:
                self.biases[t.readout].append(t.coefficient)
            else:
                self.ends[t.vector][t.readout].append(t.coefficient)
        self._direct = self._dependencies()
        self.reads: dict[str, tuple[str, ...]] = {}
        self.feeds: dict[str, list[str]] = defaultdict(list)
        for x in sorted({*self.products, *self.ends}, key=self.order.__getitem__):
            self.reads[x] = tuple(g for g in self._direct[x] if g in self.sources)
            for g in self.reads[x]:
                self.feeds[g].append(x)

    def _dependencies(self) -> dict[str, tuple[str, ...]]:
        """vector -> the G-vars it depends on through Nonlins and LinCombs, itself where it is one; what has derivative 0 is left out."""
        out: dict[str, tuple[str, ...]] = {}
        derivatives = Derivatives(self.program.function_table, self.program.scope.symbols)
        for name in self.program.vectors:
            i = self.program[name]
            if not isinstance(i, LinComb | Nonlin):
                out[name] = (name,)
                continue
            found: dict[str, None] = {}
            for y in self.program.arguments(name):
                if y in out and derivatives.partial(i.expression, y) != 0:
                    found.update(dict.fromkeys(out[y]))
            out[name] = tuple(sorted(found, key=self.order.__getitem__))
        return out

    def matrix(self, symbol: str) -> tuple[str, bool]:
        """(matrix, transposed) of the symbol of a product."""
        return (symbol.removesuffix(".T"), True) if symbol.endswith(".T") else (symbol, False)

    @property
    def both_ways(self) -> tuple[str, ...]:
        """Matrices that occur both as W and as Wᵀ."""
        body = set(body_of(self.program))
        symbols = {s.symbol for s in self.sources.values() if s.product and s.name in body}
        return tuple(m for m in self.program.matrices if m in symbols and f"{m}.T" in symbols)
