"""The computation graph of a program, as in Tensor Programs IIb, Figure 1, for networkx algorithms.

Nodes: every vector, scalar, input and output by its name, with `kind` "initial", "vector", "scalar", "input" or "output"; every Nonlin,
LinComb and Moment as a gate `gate:<name of its result>` with `kind` "gate", "lincomb" or "moment". All have a LaTeX `label`.
Edges: `kind` "matmul" (`matrix`, `transposed`), "embed" (`matrix`), "readout" (`matrix`), or "wire" (into a gate: `slot`, for LinComb `coefficient`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .instructions import Bias, Embed, Input, LinComb, MatMul, Moment, Nonlin, Output, Readout, Scalar, Vectors
from .labels import function_label, label
from .late import Late
from .program import Program

if TYPE_CHECKING:
    import networkx as nx
else:
    nx = Late("networkx")

__all__ = ["gate_label", "to_graph"]


def gate_label(program: Program, instruction: Nonlin | LinComb | Moment) -> str:
    """+ for a LinComb, the function's name for one call, else ψ."""
    if isinstance(instruction, LinComb):
        return "+"
    if instruction.expression.call and instruction.expression.call != "quotient":
        return function_label(instruction.expression.call)
    if isinstance(instruction, Moment) and instruction.expression.text in program.scope.symbols:
        return r"\mathrm{id}"
    return r"\psi"


def to_graph(program: Program) -> nx.MultiDiGraph:
    g = nx.MultiDiGraph()
    for i in program.instructions:
        match i:
            case Input():
                g.add_node(i.name, kind="input", label=label(i.name))
            case Vectors():
                for name in i.names:
                    g.add_node(name, kind="initial", label=label(name))
            case Readout():
                used = any(
                    isinstance(j, MatMul | LinComb | Nonlin | Moment) and i.name in program.arguments(j.name)
                    for j in program.instructions
                )
                if used:
                    g.add_node(i.name, kind="initial", label=label(i.name))
            case Scalar() | Bias():
                g.add_node(i.name, kind="scalar", label=label(i.name))
            case Embed():
                g.add_node(i.name, kind="vector", label=label(i.name))
                g.add_edge(i.input, i.name, kind="embed", matrix=i.embedding, transposed=False, slot=0)
            case MatMul():
                g.add_node(i.name, kind="vector", label=label(i.name))
                g.add_edge(i.vector, i.name, kind="matmul", matrix=i.matrix, transposed=i.transposed, slot=0)
            case LinComb() | Nonlin() | Moment():
                gate = f"gate:{i.name}"
                kind = {LinComb: "lincomb", Nonlin: "gate", Moment: "moment"}[type(i)]
                g.add_node(gate, kind=kind, label=gate_label(program, i))
                g.add_node(i.name, kind="scalar" if isinstance(i, Moment) else "vector", label=label(i.name))
                for slot, x in enumerate(program.arguments(i.name)):
                    g.add_edge(x, gate, kind="wire", matrix=None, transposed=False, slot=slot)
                g.add_edge(gate, i.name, kind="wire", matrix=None, transposed=False, slot=0)
            case Output():
                g.add_node(i.name, kind="output", label=label(i.name))
                for slot, t in enumerate(i.terms):
                    g.add_edge(t.vector or t.readout, i.name, kind="readout" if t.vector else "wire", matrix=t.readout if t.vector else None,
                               transposed=True, slot=slot)  # fmt: skip
    return g
