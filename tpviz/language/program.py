"""`Program`: an ordered tuple of checked instructions, and everything that follows from them alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .diagnostics import InputError, ProgramError
from .expressions import Expression, constant_value, lower
from .instructions import (
    Constant,
    Embed,
    Function,
    Input,
    Instruction,
    LinComb,
    MatMul,
    Moment,
    Nonlin,
    Output,
    Vectors,
    WidthClass,
)
from .late import Late
from .scope import Scope

if TYPE_CHECKING:
    import networkx as nx

if TYPE_CHECKING:
    import sympy as sp
else:
    sp = Late("sympy")

__all__ = ["Program"]


@dataclass(frozen=True, repr=False)
class Program:
    """A Netsor⊤⁺ program: an ordered tuple of instructions, checked when it is made.

    Raises `ProgramError`, which lists every problem at once, when the instructions are not a program. Programs are equal
    when their instructions are.
    """

    instructions: tuple[Instruction, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "instructions", tuple(self.instructions))
        scope = Scope()
        problems = [d for i in self.instructions for d in scope.admit(i)]
        if problems:
            raise ProgramError(*problems)
        object.__setattr__(self, "_scope", scope)

    @property
    def scope(self) -> Scope:
        return self._scope  # type: ignore[attr-defined]

    # names, in program order

    @cached_property
    def vectors(self) -> tuple[str, ...]:
        """Names of the vectors: initial, embedded, computed, and readouts."""
        return self.scope.of_kind("vector")

    @cached_property
    def scalars(self) -> tuple[str, ...]:
        return self.scope.of_kind("scalar")

    @cached_property
    def matrices(self) -> tuple[str, ...]:
        return self.scope.of_kind("matrix")

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        return self.scope.of_kind("input")

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        return self.scope.of_kind("output")

    @cached_property
    def definitions(self) -> Mapping[str, Instruction]:
        """name -> the instruction that defines it."""
        out: dict[str, Instruction] = {}
        for i in self.instructions:
            for name in i.names if isinstance(i, Vectors) else (i.name,):
                out[name] = i
        return out

    def __getitem__(self, name: str) -> Instruction:
        try:
            return self.definitions[name]
        except KeyError:
            raise InputError(
                f"The program has no {name!r}.",
                hint=f"It defines {', '.join(self.definitions) or 'nothing'}.",
                names=[name],
            ) from None

    # what follows from the instructions

    @cached_property
    def language(self) -> str:
        """The smallest of "Netsor", "Netsor⊤" and "Netsor⊤+" that the program is in."""
        if self.scalars:
            return "Netsor⊤+"
        if any(isinstance(i, MatMul) and i.transposed for i in self.instructions):
            return "Netsor⊤"
        return "Netsor"

    def kind(self, name: str) -> str:
        """ "G" or "X": initial vectors, products, and LinCombs of G-vars are G; other vectors X."""
        return self._vector(name).kind

    def width_class(self, name: str) -> str:
        """The width class of a vector."""
        return self._vector(name).width

    def _vector(self, name: str):
        symbol = self.scope.symbols.get(name)
        if symbol is None or symbol.type != "vector":
            raise InputError(
                f"The program has no vector {name!r}.",
                hint=f"Its vectors are {', '.join(self.vectors) or 'none'}.",
                names=[name],
            )
        return symbol

    @cached_property
    def function_table(self) -> Mapping[str, tuple[tuple[str, ...], Expression]]:
        return {i.name: (i.parameters, i.body) for i in self.instructions if isinstance(i, Function)}

    def arguments(self, name: str) -> tuple[str, ...]:
        """Names that an assignment reads, vectors and scalars, in order of appearance (constants are not among them)."""
        match self[name]:
            case MatMul(vector=vector):
                return (vector,)
            case Embed(input=source):
                return (source,)
            case LinComb(expression=e) | Nonlin(expression=e) | Moment(expression=e):
                return tuple(
                    x for x in e.names if x in self.scope.symbols and self.scope.symbols[x].type in ("vector", "scalar")
                )
            case Output(terms=terms):
                return tuple(t.vector or t.readout for t in terms)
        return ()

    def without(self, name: str) -> Program:
        """The program without the line that defines `name` and what reads it."""
        gone = {name}
        kept = []
        for i in self.instructions:
            names = i.names if isinstance(i, Vectors) else (i.name,)
            if gone & {*names, *(x for n in names for x in self.arguments(n))}:
                gone.update(names)
            else:
                kept.append(i)
        return Program(tuple(kept))

    def constants(self, parameters: Mapping[str, float] | None = None) -> dict[str, float]:
        """The value of every constant, those in `parameters` replaced."""
        out: dict[str, float] = {}
        for i in self.instructions:
            if isinstance(i, Constant):
                replaced = (parameters or {}).get(i.name)
                out[i.name] = (
                    float(replaced) if replaced is not None else constant_value(i.value, out, self.function_table)
                )
        return out

    def width_ratios(self, constants: Mapping[str, float] | None = None) -> dict[str, float]:
        """class -> its width over the base width n."""
        values = self.constants() if constants is None else dict(constants)
        out = {"n": 1.0}
        for i in self.instructions:
            if isinstance(i, WidthClass):
                out[i.name] = constant_value(i.ratio, {**values, **out}, self.function_table)
        return out

    def input_values(self, constants: Mapping[str, float] | None = None) -> dict[str, np.ndarray]:
        """The arrays of the inputs that have a value in the text."""
        values = self.constants() if constants is None else constants
        return {
            i.name: np.array([constant_value(e, values, self.function_table) for e in i.value])
            for i in self.instructions
            if isinstance(i, Input) and i.value is not None
        }

    def sympy(self, expression: Expression, symbols: Mapping[str, sp.Expr] | Callable[[str], sp.Expr]) -> sp.Expr:
        """The expression as a sympy object, declared functions expanded."""
        return lower(expression, symbols, self.function_table)

    # other views

    def to_text(self) -> str:
        """The program text; `tp.parse(p.to_text()) == p`."""
        from .printer import to_text

        return to_text(self.instructions)

    def graph(self) -> nx.MultiDiGraph:
        """The computation graph, a `networkx.MultiDiGraph`; see `tpviz.language.graph`."""
        from .graph import to_graph

        return to_graph(self)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<{self.language} program of {len(self.instructions)} instructions: {', '.join(self.vectors[:8])}{', …' * (len(self.vectors) > 8)}>"

    def __iter__(self) -> Iterable[Instruction]:
        return iter(self.instructions)

    def __len__(self) -> int:
        return len(self.instructions)
