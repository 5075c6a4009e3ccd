"""What a program text draws: abstract nodes and edges, without positions. Lines that are not yet right are drawn as
far as
they can be, with what is missing as ghosts.

Ids: a vector, scalar, input or output by its name; the gate that makes `x1` is `gate:x1`; the k-th missing vector of
the line that defines `x1` is `ghost:x1:k`; an edge is `source>target:slot`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, Any

from tpviz.language import Parsed, Partial, Program, Statement
from tpviz.language.expressions import Expression
from tpviz.language.graph import gate_label
from tpviz.language.instructions import (
    Bias,
    Constant,
    Embed,
    Input,
    LinComb,
    MatMul,
    Moment,
    Nonlin,
    Output,
    Readout,
    Scalar,
    Vectors,
)
from tpviz.language.labels import function_label, label
from tpviz.language.late import Late
from tpviz.language.scope import linear_terms
from tpviz.language.typeset import expression_tex, safe_tex, tex_width

from .backward import backward_of

if TYPE_CHECKING:
    import networkx as nx
    import sympy as sp
else:
    nx, sp = Late("networkx"), Late("sympy")

__all__ = ["Sketch", "SketchEdge", "SketchNode", "sketch"]

SIZE, SMALL = 17, 14  # label sizes in world units
ROOM = 28  # a wider label stands below its circle
NOTE = 24  # characters of an expression that is short enough to stand under its gate
SENTENCE = 90  # characters of an error on the canvas


@dataclass(frozen=True)
class SketchNode:
    """A node: `kind` is initial, vector, scalar, gate, lincomb, moment, input, output, ghost or group; `tex` its label;
    `family` the embedding that made it.

    `flip`: it belongs to a backward pass, which flows from right to left; `mirrors` the forward node under which it
    stands. `above` are the ports of a flipped gate that are fed from the forward pass, on its upper side.
    """

    id: str
    kind: str
    tex: str = ""
    label: str = "inside"
    size: int = SIZE
    grow: int = 0
    ports: int = 0
    note: str = ""
    error: str | None = None
    family: str = ""
    flip: bool = False
    mirrors: str = ""
    above: tuple[int, ...] = ()


@dataclass(frozen=True)
class SketchEdge:
    """An edge: `kind` is wire, matmul or readout; `slot` the port of a gate or group; `coefficient` TeX, "" for 1. `leave`:
    how far below the middle of a group it leaves."""

    id: str
    source: str
    target: str
    kind: str = "wire"
    tex: str = ""
    slot: int = 0
    coefficient: str = ""
    error: str | None = None
    leave: float = 0


@dataclass(frozen=True)
class Sketch:
    """Nodes and edges in program order."""

    nodes: tuple[SketchNode, ...] = ()
    edges: tuple[SketchEdge, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, SketchNode]:
        return {n.id: n for n in self.nodes}

    @cached_property
    def graph(self) -> nx.MultiDiGraph:
        """The same as a networkx graph; edges are keyed by their ids."""
        g = nx.MultiDiGraph()
        g.add_nodes_from(n.id for n in self.nodes)
        for e in self.edges:
            g.add_edge(e.source, e.target, key=e.id)
        return g


def sketch(
    program: Parsed | Program, view: Mapping[str, Any] | None = None, labels: Mapping[str, str] | None = None
) -> Sketch:
    """Nodes and edges of a program, or of a text that may have errors.

    `view["inputs"]` shows inputs as pills with their embeddings; by default `u = U @ xi` is one initial vector
    labelled Uξ. `labels` replaces the label of a node (by its id) or of a matrix (by its name).
    """
    if isinstance(program, Program):
        statements: tuple[Statement, ...] = tuple(Statement(k, "", i) for k, i in enumerate(program.instructions, 1))
        return _Sketcher(program, statements, dict(view or {}), dict(labels or {})).run()
    return _Sketcher(program.program, program.statements, dict(view or {}), dict(labels or {})).run()


class _Sketcher:
    def __init__(
        self, program: Program, statements: tuple[Statement, ...], view: dict[str, Any], labels: dict[str, str]
    ):
        self.program, self.statements, self.labels = program, statements, labels
        self.inputs = bool(view.get("inputs", False))
        self.nodes: dict[str, SketchNode] = {}
        self.edges: dict[str, SketchEdge] = {}
        given = {s.instruction.name for s in statements if isinstance(s.instruction, Input)}
        half = {x for s in statements if s.partial and s.partial.form == "product" for x in s.partial.operands}
        self.embedded = {s.instruction.input for s in statements if isinstance(s.instruction, Embed)} | (given & half)
        self.body = {x for s in statements for x in _operands(s)}
        self.backward = backward_of(program)
        self.constants = {i.name for i in program.instructions if isinstance(i, Constant)}

    def run(self) -> Sketch:
        for s in self.statements:
            self._statement(s)
        edges = [e for e in self.edges.values() if e.source in self.nodes and e.target in self.nodes]
        return Sketch(tuple(self._labelled(n) for n in self.nodes.values()), tuple(edges))

    # one statement

    def _statement(self, s: Statement) -> None:
        error = _sentence(s)
        fresh = [n for n in s.names if n not in self.nodes]
        if s.names and not fresh:  # defined a second time: the first stays, and says so
            self.nodes[s.names[0]] = replace(self.nodes[s.names[0]], error=error or self.nodes[s.names[0]].error)
            return
        if s.instruction is not None:
            self._instruction(s.instruction, error)
        elif s.partial is not None:
            self._partial(s.partial, s.text.split("#", 1)[0], error or "This line is not complete.")

    def _instruction(self, i: Any, error: str | None) -> None:
        match i:
            case Input() if self.inputs or i.name not in self.embedded:
                self._node(i.name, "input", error=error)
            case Vectors():
                for name in i.names:
                    self._node(name, "initial", error=error)
            case Readout() if i.name in self.body:
                self._node(i.name, "initial", error=error)
            case Scalar() | Bias():
                self._node(i.name, "scalar", error=error)
            case Embed() if self.inputs:
                self._node(i.name, "vector", error=error, family=i.embedding)
                self._edge(i.input, i.name, "matmul", self._matrix(i.embedding))
            case Embed():
                self._node(
                    i.name,
                    "initial",
                    _join(self._matrix(i.embedding), self._name(i.input)),
                    error=error,
                    family=i.embedding,
                )
            case MatMul():
                self._node(i.name, "vector", error=error)
                self._edge(i.vector, i.name, "matmul", self._matrix(i.matrix, i.transposed))
            case LinComb() | Nonlin() | Moment():
                self._gate(i, error)
            case Output():
                self._node(i.name, "output", error=error)
                for k, t in enumerate(i.terms):
                    factor = _factor(t.coefficient, self._name)
                    if t.vector is None:
                        self._edge(t.readout, i.name, "wire", factor, index=k)
                    else:
                        self._edge(t.vector, i.name, "readout", _join(factor, self._matrix(t.readout, True)), index=k)

    def _gate(self, i: LinComb | Nonlin | Moment, error: str | None) -> None:
        if i.name in self.backward.names and isinstance(i, LinComb) and i.expression.text in self.nodes:
            self._node(i.name, "vector", error=error)  # a gradient that is passed on: dh = dg
            self._edge(i.expression.text, i.name)
            return
        gate, kind = f"gate:{i.name}", {LinComb: "lincomb", Nonlin: "gate", Moment: "moment"}[type(i)]
        operands = [x for x in i.expression.names if x not in self.constants and x not in ("pi", "e")]
        tex = gate_label(self.program, i)
        note = ""
        hidden = tex == r"\psi" or (i.expression.call is not None and not _plain_call(i.expression))
        if hidden and len(i.expression.text) <= NOTE:
            note = expression_tex(i.expression, self._name)
        self._node(gate, kind, tex, ports=len(operands), note=note, error=error)
        factors = self._coefficients(i.expression, operands) if isinstance(i, LinComb) else {}
        for slot, x in enumerate(operands):
            self._edge(x, gate, slot=slot, coefficient=factors.get(x, ""))
        self._node(i.name, "scalar" if isinstance(i, Moment) else "vector")
        self._edge(gate, i.name)

    def _coefficients(self, e: Expression, operands: list[str]) -> dict[str, str]:
        if re.fullmatch(r"\w+( \+ \w+)*", e.text) and len(operands) == e.text.count("+") + 1:
            return {}
        symbols = {n: sp.Symbol(n, real=True) for n in e.names}
        try:
            terms = linear_terms(
                self.program.sympy(e, {**symbols, "pi": sp.pi, "e": sp.E}), [symbols[x] for x in operands]
            )
        except Exception:  # a coefficient is only an annotation; the line's own problems are reported by the language
            return {}
        names = {symbols[n]: self._name(n) for n in e.names}
        return {str(x): _coefficient_tex(c, names) for x, c in (terms or {}).items()}

    def _partial(self, p: Partial, code: str, error: str) -> None:
        match p.form:
            case "vector":
                for name in (p.name, *p.operands):
                    self._node(name, "initial", error=error if name == p.name else "")
            case "input":
                self._node(p.name, "input", error=error)
            case "scalar":
                self._node(p.name, "scalar", error=error)
            case "output":
                self._node(p.name, "output", error=error)
                for k, x in enumerate(p.operands):
                    if not self._is_readout(x):
                        self._edge(x, p.name, "wire" if self._is_bias(x) else "readout", index=k)
            case "product" if not self.inputs and self.embedded.intersection(p.operands):
                text = _join(self._matrix(p.matrix), self._name(p.operands[0]))
                self._node(p.name, "initial", text, error=error, family=p.matrix)
            case "product":
                tex = self._matrix(p.matrix, p.transposed)
                known = bool(p.operands) and p.operands[0] in self.nodes
                source = p.operands[0] if known else self._ghost(p.name, 0)
                self._node(p.name, "vector", error=error)
                self._edge(source, p.name, "matmul", tex, error="" if p.matrix == "?" or not known else None)
            case _:
                self._partial_gate(p, code, error)

    def _partial_gate(self, p: Partial, code: str, error: str) -> None:
        gate = f"gate:{p.name}"
        sources = self._sources(p, code)
        tex = function_label(p.label) if p.label else r"\psi"
        self._node(gate, "moment" if p.form == "moment" else "gate", tex, ports=len(sources), error=error)
        for slot, (source, bad) in enumerate(sources):
            self._edge(source, gate, slot=slot, error="" if bad else None)
        self._node(p.name, "scalar" if p.form == "moment" else "vector")
        self._edge(gate, p.name)

    def _sources(self, p: Partial, code: str) -> list[tuple[str, bool]]:
        """The inputs of a gate that is not complete, in the order of the text; holes and inner products become
        ghosts.
        """
        found: list[tuple[str, bool]] = []
        text = code.split("=", 1)[-1]
        for matrix, transposed, vector in p.inner:
            dot_t = r"\.\s*T\s*" if transposed else ""
            text = re.sub(rf"\b{matrix}\s*{dot_t}@\s*{vector}\b", "@", text, count=1)
        inner = iter(p.inner)
        for word in re.findall(r"@|\?|[^\W\d]\w*", text):
            if word in ("@", "?"):
                ghost = self._ghost(p.name, sum(s.startswith("ghost:") for s, _ in found))
                product = next(inner, None) if word == "@" else None
                if product and product[2] in self.nodes:
                    self._edge(product[2], ghost, "matmul", self._matrix(product[0], product[1]), error="")
                found.append((ghost, True))
            elif word in p.operands and word in self.nodes and (word, False) not in found:
                found.append((word, False))
        return found

    # pieces

    def _node(
        self,
        id: str,
        kind: str,
        tex: str | None = None,
        ports: int = 0,
        note: str = "",
        error: str | None = None,
        family: str = "",
    ) -> None:
        if id not in self.nodes:
            tex = self._name(id) if tex is None else tex
            self.nodes[id] = SketchNode(id, kind, tex, ports=ports, note=note, error=error, family=family)

    def _ghost(self, name: str, k: int) -> str:
        id = f"ghost:{name}:{k}"
        self._node(id, "ghost", "?", error="")
        return id

    def _edge(
        self,
        source: str,
        target: str,
        kind: str = "wire",
        tex: str = "",
        slot: int = 0,
        coefficient: str = "",
        error: str | None = None,
        index: int | None = None,
    ) -> None:
        id = base = f"{source}>{target}:{slot if index is None else index}"
        k = 2
        while id in self.edges:
            id, k = f"{base}#{k}", k + 1
        self.edges[id] = SketchEdge(id, source, target, kind, tex, slot, coefficient, error)

    def _name(self, name: str) -> str:
        override = self.labels.get(name)
        return safe_tex(override) if override else label(name)

    def _matrix(self, name: str, transposed: bool = False) -> str:
        tex = "?" if name == "?" else self._name(name)
        return transpose(tex) if transposed else tex

    def _is_readout(self, name: str) -> bool:
        return any(isinstance(s.instruction, Readout) and name in s.names for s in self.statements)

    def _is_bias(self, name: str) -> bool:
        return any(isinstance(s.instruction, Bias) and name in s.names for s in self.statements)

    def _labelled(self, n: SketchNode) -> SketchNode:
        """The label's text, size and side, and which way the node faces."""
        name = n.id.removeprefix("gate:")
        if name in self.backward.names:
            n = replace(n, flip=True, mirrors=self.backward.mirrors.get(n.id, ""))
        override = self.labels.get(n.id)
        tex = safe_tex(override) if override else n.tex
        width = tex_width(tex)
        match n.kind:
            case "gate" | "lincomb" | "moment":
                if width <= 1.0:
                    return replace(n, tex=tex)
                grow = max(0, 4 * ceil((width * SMALL - 12) / 4 - 0.25))
                return replace(n, tex=tex, size=SMALL, grow=grow)
            case "initial":
                return replace(n, tex=tex, label="below")
            case "input":
                return replace(n, tex=tex, label="inside" if width * SIZE <= 36 else "below")
            case _:
                return replace(n, tex=tex, label="inside" if width * SIZE <= ROOM else "below")


def transpose(tex: str) -> str:
    r"""W → W^{\top}, W^{2} → W^{2\top}."""
    if m := re.fullmatch(r"([^^]*)\^\{([^{}]*)\}(_\{[^{}]*\})?", tex):
        return rf"{m[1]}^{{{m[2]}\top}}{m[3] or ''}"
    return rf"({tex})^{{\top}}" if "^" in tex else rf"{tex}^{{\top}}"


def _join(left: str, right: str) -> str:
    """Two pieces of TeX side by side: a command's name must not run into a letter."""
    return left + (" " if re.search(r"\\[A-Za-z]+$", left) and right[:1].isalpha() else "") + right


def _operands(s: Statement) -> Iterable[str]:
    match s.instruction:
        case MatMul(vector=v):
            return (v,)
        case LinComb(expression=e) | Nonlin(expression=e) | Moment(expression=e):
            return e.names
    return s.partial.operands if s.partial and s.partial.form != "output" else ()


def _sentence(s: Statement) -> str | None:
    """The first error of the line, short."""
    first = next((d.message for d in s.diagnostics if d.severity == "error"), None)
    if first is None or len(first) <= SENTENCE:
        return first
    return first[:SENTENCE].rsplit(" ", 1)[0] + " …"


def _plain_call(e: Expression) -> bool:
    """A call whose arguments are names or sums of names, such as phi(h2 + u2): its label says everything."""
    return (
        e.call is not None
        and re.fullmatch(r"\w+\(\w+(( \+ |, )\w+)*\)", e.text) is not None
        and not re.search(r"[(, ]\d", e.text)
    )


def _factor(e: Expression, name_of) -> str:
    if e.text == "1":
        return ""
    if e.text in ("-1", "-(1)"):
        return "-"
    tex = expression_tex(e, name_of)
    return f"({tex})" if " + " in tex or " - " in tex else tex


def _coefficient_tex(c: sp.Expr, names: Mapping[sp.Symbol, str]) -> str:
    if c == 1:
        return ""
    if c.is_Rational and not c.is_Integer:
        decimal = repr(float(c))
        return decimal if len(decimal) <= 5 else f"{c.p}/{c.q}" if len(f"{c.p}{c.q}") <= 5 else f"{float(c):.3g}"
    return sp.latex(c, symbol_names=dict(names), fold_short_frac=True)
