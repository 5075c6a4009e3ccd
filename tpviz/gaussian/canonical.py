"""Functions of linear combinations of Gaussians in canonical form: numbered directions and parameters, no names.

Combinations that are multiples of each other, or linearly dependent with known coefficients, share directions: the rank of a block is found
here, exactly, wherever coefficients are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .algebra import Affine, Algebra, Base, Function, Node, Number, Product, Scalar, Sum, divide
from .kernel import Expression

__all__ = ["Canonical", "collect"]


class Canonical:
    """Functions of linear combinations written over numbered directions and parameters.

    Combinations that are multiples of each other, or linearly dependent with known coefficients, share directions.
    """

    def __init__(self, algebra: Algebra, nodes: Sequence[Node]):
        self.algebra = algebra
        self.directions: list[Affine] = []
        self.parameters: list[Scalar] = []
        self._written: dict[Affine, Expression] = {}
        self._expressions: dict[Node, Expression] = {}
        used: dict[Affine, None] = {}
        for n in nodes:
            collect(n, used)
        self._choose(list(used))

    def place(self, a: Affine) -> int:
        """The number of a direction of its own."""
        if a not in self.directions:
            self.directions.append(a)
        return self.directions.index(a)

    def in_order(self, factors: tuple[tuple[Expression, int], ...]) -> tuple[tuple[Expression, int], ...]:
        """The factors with directions numbered as they appear, so that blocks of one shape have one kernel."""
        order: list[int] = []
        for e, _ in factors:
            _appearances(e, order)
        if order == sorted(order):
            return factors
        place = {old: new for new, old in enumerate(order)}
        self.directions = [self.directions[i] for i in order] + [
            d for i, d in enumerate(self.directions) if i not in place
        ]
        return tuple((_renumbered(e, place), p) for e, p in factors)

    def _choose(self, used: list[Affine]) -> None:
        families: dict[tuple, list[tuple[Affine, Scalar]]] = {}
        for a in used:
            key, scale = self._primitive(a)
            families.setdefault(key, []).append((a, scale))
        independent: list[tuple[int, dict[Base, Number]]] = []
        for key, members in sorted(families.items(), key=lambda item: len(item[0])):  # the simplest directions first
            first, scale = members[0]
            if len(members) > 1 and all(s.number is not None for _, s in members):
                # several multiples and shifts: the direction that they are of, so that 2 relu(u) − 2u is 0 to the last digit
                first, scale = self._combination(key), self.algebra.one
            ratios = [_ratio(s, scale) for _, s in members]
            if any(r is None for r in ratios):  # scales of which one may be 0: take the common direction itself
                place = self.place(self._combination(key))
                for a, s in members:
                    self._written[a] = (
                        "combination",
                        ((self._number(s), ("direction", place)),),
                        self._number(a.constant),
                    )
                continue
            combination = self._dependence(first, independent)
            if combination is None:
                place = self.place(first)
                self._written[first] = ("direction", place)
                rows = [((1, place),)]
            else:
                rows = [combination]
            for (a, _), r in zip(members, ratios, strict=True):
                if a in self._written or r is None:
                    continue
                parts = tuple((r * c, i) for c, i in rows[0])
                shift = self.algebra.add(
                    a.constant,
                    *(self.algebra.multiply(self.algebra.number(-c), self.directions[i].constant) for c, i in parts),
                )
                self._written[a] = (
                    "combination",
                    tuple((("number", c), ("direction", i)) for c, i in parts),
                    self._number(shift),
                )

    def _combination(self, key: tuple) -> Affine:
        """Σ number · base"""
        direction = self.algebra._affine({b: self.algebra.number(c) for b, c in key}, self.algebra.zero)
        assert isinstance(direction, Affine)
        return direction

    def _primitive(self, a: Affine) -> tuple[tuple, Scalar]:
        """(what multiples of it share, its scale)"""
        parts = [_numeric_part(c) for _, c in a.terms]
        if all(body is parts[0][1] for _, body in parts):
            return tuple((b, divide(c, parts[0][0])) for (b, _), (c, _) in zip(a.terms, parts, strict=True)), a.terms[
                0
            ][1]
        return a.terms, self.algebra.one

    def _dependence(self, a: Affine, known: list) -> tuple | None:
        """a's linear part as a combination of earlier directions, by exact elimination; None (and remembered) where it is independent."""
        row: dict = {}
        for b, c in a.terms:
            if not isinstance(c.number, int | Fraction):
                return None
            row[b] = c.number
        used: dict[int, Number] = {}
        for pivot, other, combination in known:
            if pivot in row:
                c = row[pivot]
                for b, k in other.items():
                    row[b] = row.get(b, 0) - c * k
                row = {b: k for b, k in row.items() if k}
                for i, k in combination.items():
                    used[i] = used.get(i, 0) + c * k
        if not row:
            return tuple((c, i) for i, c in sorted(used.items()) if c)
        place = len(self.directions)
        pivot = min(row, key=lambda b: b.index)
        lead = row[pivot]
        combination = {i: divide(-c, lead) for i, c in used.items()}
        combination[place] = combination.get(place, 0) + divide(1, lead)
        known.append((pivot, {b: divide(k, lead) for b, k in row.items()}, combination))
        return None

    def _number(self, s: Scalar) -> Expression:
        if s.op == "number":
            return ("number", s.payload)
        if s not in self.parameters:
            self.parameters.append(s)
        return ("parameter", self.parameters.index(s))

    def expression(self, n: Node) -> Expression:
        if n not in self._expressions:
            match n:
                case Scalar():
                    out: Expression = self._number(n)
                case Affine():
                    out = self._written[n]
                case Function():
                    out = ("function", n.name, tuple(self.expression(a) for a in n.args))
                case Product():
                    out = ("product", tuple((self.expression(m), p) for m, p in n.factors))
                case Sum():
                    terms = tuple((self._number(c), self.expression(m)) for m, c in n.terms)
                    out = ("sum", terms, self.expression(n.affine))
                case _:
                    raise TypeError(type(n).__name__)
            self._expressions[n] = out
        return self._expressions[n]


def _appearances(e: Expression, order: list[int]) -> None:
    if e[:1] == ("direction",):
        if e[1] not in order:
            order.append(e[1])
        return
    for part in e:
        if isinstance(part, tuple):
            _appearances(part, order)


def _renumbered(e: Expression, place: dict[int, int]) -> Expression:
    if e[:1] == ("direction",):
        return ("direction", place[e[1]])
    return tuple(_renumbered(part, place) if isinstance(part, tuple) else part for part in e)


def collect(n: Node, used: dict[Affine, None]) -> None:
    """The linear combinations that a node reads, in order."""
    match n:
        case Affine():
            used.setdefault(n)
        case Function():
            for a in n.args:
                collect(a, used)
        case Product():
            for m, _ in n.factors:
                collect(m, used)
        case Sum():
            for m, _ in n.terms:
                collect(m, used)
            collect(n.affine, used)


def _numeric_part(c: Scalar) -> tuple[Number, Scalar | None]:
    """c = number · body"""
    if c.op == "number":
        return c.payload, None
    if c.op == "sum" and len(c.args) == 1 and c.payload[1] == 0:
        return c.payload[0][0], c.args[0]
    return 1, c


def _ratio(a: Scalar, b: Scalar) -> Number | None:
    """a/b where it is a known number."""
    (x, p), (y, q) = _numeric_part(a), _numeric_part(b)
    return divide(x, y) if p is q else None
