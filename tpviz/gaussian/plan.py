"""Planning an expectation E f(u), u Gaussian, from the expression alone.

f is written as a sum of products. Each product splits into blocks of variables that may be correlated (blocks are independent, so
their expectations multiply). In a block, variables that enter as powers are kept apart (`powers`, integrated by Wick's rule), and
everything else becomes one function of a few linear directions of the variables: relu(h + u)·relu(h − u) is a function of two directions
however many variables h and u are made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import sympy as sp

from ..language.functions import KINKS, Abs, Clip, LeakyRelu, Log, Maximum, Minimum, RealPower, Relu, Sign, Step
from ..language.tape import Tape, compile_tape

__all__ = ["Block", "Direction", "Expectation", "Term", "plan_expectation"]

MAX_TERMS = 400
MAX_POWER = 12
Monomial = tuple[tuple[sp.Expr, int], ...]


@dataclass(frozen=True)
class Direction:
    """constant + Σ coefficient · variable; coefficients are expressions of the parameters."""

    coefficients: tuple[tuple[sp.Symbol, sp.Expr], ...]
    constant: sp.Expr


@dataclass(frozen=True, eq=False)
class Block:
    """E[ Π variableᵖ · function(directions) ] over variables that may be correlated."""

    variables: tuple[sp.Symbol, ...]
    powers: tuple[tuple[int, int], ...]  # (index into variables, power)
    directions: tuple[Direction, ...]
    symbols: tuple[sp.Symbol, ...]  # stand for the directions in `function`
    function: sp.Expr  # 1 where there are no directions
    parameters: tuple[sp.Symbol, ...]

    @cached_property
    def linear(self) -> Tape:
        """parameters -> the entries of the direction matrix, row by row, then the constants."""
        rows = [[dict(d.coefficients).get(v, sp.Integer(0)) for v in self.variables] for d in self.directions]
        return compile_tape([c for row in rows for c in row] + [d.constant for d in self.directions], self.parameters)

    @cached_property
    def tape(self) -> Tape:
        """(directions, parameters) -> function"""
        return compile_tape([self.function], (*self.symbols, *self.parameters))

    @cached_property
    def kinks(self) -> tuple[sp.Expr, ...]:
        """Expressions of directions and parameters whose zeros hold every kink and jump of the function.

        A kink inside a kink is resolved into its branches, so that relu(z + step(x)) gives x, z and z + 1: lines, not curves.
        """
        found: dict[sp.Expr, None] = {}
        for node in sp.preorder_traversal(self.function):
            for level in _levels(node):
                for e in _branches(level):
                    if e.free_symbols & set(self.symbols):
                        found.setdefault(e)
        return tuple(found)

    @cached_property
    def singular(self) -> tuple[sp.Expr, ...]:
        """Expressions that vanish where the function may be infinite or has an unbounded derivative."""
        found: dict[sp.Expr, None] = {}
        for node in sp.preorder_traversal(self.function):
            inner = None
            if isinstance(node, Log | RealPower):
                inner = node.args[0]
            elif isinstance(node, sp.Pow) and node.exp.is_number and (node.exp.is_negative or not node.exp.is_integer):
                inner = node.base
            if inner is not None and inner.free_symbols & set(self.symbols):
                found.setdefault(inner)
        return tuple(found)


def _levels(node: sp.Basic) -> list[sp.Expr]:
    """Expressions that vanish where a function has its kinks."""
    if not isinstance(node, KINKS):
        return []
    if isinstance(node, Maximum | Minimum):
        return [node.args[0] - node.args[1]]
    if isinstance(node, Clip):
        return [node.args[0] - node.args[1], node.args[0] - node.args[2]]
    return [node.args[0]]


def _pieces(node: sp.Basic) -> tuple[sp.Expr, ...]:
    """What a function with a kink is on either side of it."""
    z = node.args[0]
    match node:
        case Relu():
            return sp.Integer(0), z
        case Step():
            return sp.Integer(0), sp.Integer(1)
        case Sign() | sp.sign():
            return sp.Integer(-1), sp.Integer(1)
        case Abs() | sp.Abs():
            return z, -z
        case LeakyRelu():
            return z, node.args[1] * z
    return tuple(node.args)  # Maximum, Minimum, Clip


def _branches(level: sp.Expr, most: int = 32) -> list[sp.Expr]:
    """The level with every kink inside it replaced by its pieces; itself where that would be too many."""
    done, todo = [], [level]
    while todo:
        e = todo.pop()
        inner = [n for n in e.atoms(*KINKS) if not any(a.atoms(*KINKS) for a in n.args)]
        if not inner:
            done.append(e)
            continue
        node = min(inner, key=lambda n: n.sort_key())
        todo += [e.xreplace({node: piece}) for piece in _pieces(node)]
        if len(todo) + len(done) > most:
            return [level]
    return done


@dataclass(frozen=True, eq=False)
class Term:
    """coefficient(parameters) · Π blocks"""

    coefficient: sp.Expr
    blocks: tuple[Block, ...]


@dataclass(frozen=True, eq=False)
class Expectation:
    """The plan of E f. `variables` and `parameters` are what its evaluation needs."""

    expression: sp.Expr
    terms: tuple[Term, ...]
    variables: tuple[sp.Symbol, ...]
    parameters: tuple[sp.Symbol, ...]

    @cached_property
    def coefficients(self) -> Tape:
        return compile_tape([t.coefficient for t in self.terms], self.parameters)


def plan_expectation(
    expression: sp.Expr, is_variable: Callable[[sp.Symbol], bool], family: Callable[[sp.Symbol], object]
) -> Expectation:
    """Plan E[expression]. `is_variable` tells Gaussian variables from parameters; variables of different `family` are independent."""
    symbols = sorted(expression.free_symbols, key=lambda s: s.sort_key())
    variables = tuple(s for s in symbols if is_variable(s))
    parameters = tuple(s for s in symbols if not is_variable(s))
    blocks: dict[object, Block] = {}

    def block(monomial: Monomial) -> Block:
        if monomial not in blocks:
            blocks[monomial] = _block(monomial, set(variables), set(parameters))
        return blocks[monomial]

    terms = []
    for monomial, coefficient in _expand(expression, set(variables)).items():
        if coefficient != 0:
            terms.append(Term(coefficient, tuple(block(group) for group in _groups(monomial, set(variables), family))))
    return Expectation(expression, tuple(terms), variables, parameters)


def _expand(e: sp.Expr, variables: set[sp.Symbol]) -> dict[Monomial, sp.Expr]:
    """e as Σ coefficient · Π atomᵖ, atoms being variables or functions of them; products of sums are distributed."""
    if not e.free_symbols & variables:
        return {(): e}
    if isinstance(e, sp.Add):
        out: dict[Monomial, sp.Expr] = {}
        for a in e.args:
            for m, c in _expand(a, variables).items():
                out[m] = out.get(m, sp.Integer(0)) + c
        return out if len(out) <= MAX_TERMS else {((e, 1),): sp.Integer(1)}
    if isinstance(e, sp.Mul):
        out = {(): sp.Integer(1)}
        for a in e.args:
            factor = _expand(a, variables)
            if len(out) * len(factor) > MAX_TERMS:
                factor = {((a, 1),): sp.Integer(1)}
            out = _multiply(out, factor)
        return out
    if isinstance(e, sp.Pow) and e.exp.is_Integer and 0 < int(e.exp) <= MAX_POWER:
        inner, power = _expand(e.base, variables), int(e.exp)
        if len(inner) == 1:
            ((m, c),) = inner.items()
            return {tuple((a, p * power) for a, p in m): c**power}
        if len(inner) ** power <= MAX_TERMS:
            out = inner
            for _ in range(power - 1):
                out = _multiply(out, inner)
            return out
    return {((e, 1),): sp.Integer(1)}


def _multiply(a: dict[Monomial, sp.Expr], b: dict[Monomial, sp.Expr]) -> dict[Monomial, sp.Expr]:
    out: dict[Monomial, sp.Expr] = {}
    for m, c in a.items():
        for k, d in b.items():
            powers = dict(m)
            for atom, p in k:
                powers[atom] = powers.get(atom, 0) + p
            key = tuple(sorted(powers.items(), key=lambda item: item[0].sort_key()))
            out[key] = out.get(key, sp.Integer(0)) + c * d
    return out


def _groups(monomial: Monomial, variables: set[sp.Symbol], family: Callable[[sp.Symbol], object]) -> Iterable[Monomial]:
    """The factors of a product, grouped so that different groups are independent."""
    g = nx.Graph()
    for k, (atom, _) in enumerate(monomial):
        g.add_node(k)
        for s in atom.free_symbols & variables:
            g.add_edge(k, ("family", family(s)))
    for component in nx.connected_components(g):
        members = sorted(k for k in component if isinstance(k, int))
        if members:
            yield tuple(monomial[k] for k in members)


def _block(monomial: Monomial, variables: set[sp.Symbol], parameters: set[sp.Symbol]) -> Block:
    used = sorted({s for atom, _ in monomial for s in atom.free_symbols & variables}, key=lambda s: s.sort_key())
    powers = tuple((used.index(atom), p) for atom, p in monomial if atom in variables)
    rest = sp.Mul(*[atom**p for atom, p in monomial if atom not in variables])
    directions: dict[Direction, sp.Symbol] = {}
    function = replace_linear(rest, variables, directions)
    needed = (rest.free_symbols | function.free_symbols) & parameters
    for d in directions:
        needed |= {s for _, c in d.coefficients for s in c.free_symbols} | d.constant.free_symbols
    return Block(
        tuple(used),
        powers,
        tuple(directions),
        tuple(directions.values()),
        function,
        tuple(sorted(needed, key=lambda s: s.sort_key())),
    )


def as_linear(e: sp.Expr, variables: set[sp.Symbol]) -> dict[sp.Symbol | None, sp.Expr] | None:
    """{variable: coefficient, None: constant} where e is affine in the variables, else None."""
    if not e.free_symbols & variables:
        return {None: e}
    if e in variables:
        return {e: sp.Integer(1)}
    if isinstance(e, sp.Add):
        out: dict[sp.Symbol | None, sp.Expr] = {}
        for a in e.args:
            part = as_linear(a, variables)
            if part is None:
                return None
            for v, c in part.items():
                out[v] = out.get(v, sp.Integer(0)) + c
        return out
    if isinstance(e, sp.Mul):
        moving = [a for a in e.args if a.free_symbols & variables]
        if len(moving) == 1:
            part = as_linear(moving[0], variables)
            if part is not None:
                factor = sp.Mul(*[a for a in e.args if a is not moving[0]])
                return {v: c * factor for v, c in part.items()}
    return None


def replace_linear(e: sp.Expr, variables: set[sp.Symbol], directions: dict[Direction, sp.Symbol]) -> sp.Expr:
    """e with every maximal affine part replaced by a symbol for its direction."""
    if not e.free_symbols & variables:
        return e
    part = as_linear(e, variables)
    if part is not None:
        constant = part.pop(None, sp.Integer(0))
        moving = [(v, c) for v, c in part.items() if v is not None and c != 0]
        key = Direction(tuple(sorted(moving, key=lambda item: item[0].sort_key())), constant)
        return directions.setdefault(key, sp.Dummy(f"u{len(directions)}", real=True))
    if isinstance(e, sp.Add):
        linear = [a for a in e.args if as_linear(a, variables) is not None]
        other = [a for a in e.args if as_linear(a, variables) is None]
        moving = [a for a in linear if a.free_symbols & variables]
        out = sum((replace_linear(a, variables, directions) for a in other), sp.Integer(0))
        return out + (replace_linear(sp.Add(*linear), variables, directions) if moving else sp.Add(*linear))
    return e.func(*[replace_linear(a, variables, directions) for a in e.args])
