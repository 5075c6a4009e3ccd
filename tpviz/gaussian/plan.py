"""Planning E[node] symbolically: sums distribute, independent factors part, what is linear collapses into directions.

The result is a `Scalar` of the algebra: arithmetic over expectations of blocks. A block is a `Kernel` — a function of a few jointly Gaussian
directions, with no names left in it, so that blocks of one shape share one and are evaluated together — applied to the means and
covariances of its directions.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from itertools import product as cartesian
from math import comb

from .algebra import LONG, Affine, Algebra, Base, Function, Node, Product, Random, Scalar, Sum
from .canonical import Canonical, collect
from .kernel import Kernel

__all__ = ["Joint", "Planner"]

MAX_TERMS = 400
LARGE, MAX_LARGE = 4, 3  # directions of a block that only points can integrate; how many such blocks are planned apart
MAX_SPLIT = 6  # the highest power of a linear combination that is split over independent groups
Monomial = dict[Random, int]
Pair = tuple[Base, Base]


class Planner:
    """Plans expectations over bases whose `mean` and `covariance` (of one family) are Scalars.

    `covariance(a, b)` is the node whose expectation it is, with a factor, or a Scalar; chains of them are followed on an explicit stack, so
    that the depth of a program costs no recursion.
    """

    def __init__(
        self,
        algebra: Algebra,
        mean: Callable[[Base], Scalar],
        covariance: Callable[[Base, Base], Scalar | tuple[Scalar, Node]],
    ):
        self.algebra, self._mean, self._source = algebra, mean, covariance
        self._expectations: dict[Node, Scalar] = {}
        self._covariances: dict[Pair, Scalar] = {}
        self._monomials: dict[frozenset, Scalar] = {}
        self._expansions: dict[Node, list[tuple[Scalar, Monomial]]] = {}
        self._shapes: dict[Node, tuple] = {}
        self._whole: dict[Node, bool] = {}
        self.origins: dict[Scalar, Node] = {}  # expectation -> what it was planned for, for messages

    # the stack

    def expectation(self, e: Node) -> Scalar:
        """E e"""
        return self._run(e)

    def covariance(self, a: Base, b: Base) -> Scalar:
        """Cov(a, b); 0 across families."""
        if a.family != b.family:
            return self.algebra.zero
        return self._run(self._pair(a, b))

    @staticmethod
    def _pair(a: Base, b: Base) -> Pair:
        return (a, b) if a.index <= b.index else (b, a)

    def _known(self, key: Node | Pair) -> Scalar | None:
        if isinstance(key, tuple):
            return self._covariances.get(key)
        return key if isinstance(key, Scalar) else self._expectations.get(key)

    def _run(self, key: Node | Pair) -> Scalar:
        found = self._known(key)
        if found is not None:
            return found
        stack: list[tuple[Node | Pair, Generator[Node | Pair, Scalar, Scalar]]] = [(key, self._compute(key))]
        answer: Scalar | None = None
        while stack:
            current, generator = stack[-1]
            try:
                wanted = generator.send(answer) if answer is not None else next(generator)
            except StopIteration as done:
                stack.pop()
                answer = done.value
                if isinstance(current, tuple):
                    self._covariances[current] = answer
                else:
                    self._expectations[current] = answer
                continue
            answer = self._known(wanted)
            if answer is None:
                stack.append((wanted, self._compute(wanted)))
        assert answer is not None
        return answer

    def _compute(self, key: Node | Pair) -> Generator[Node | Pair, Scalar, Scalar]:
        if isinstance(key, tuple):
            source = self._source(*key)
            if isinstance(source, Scalar):
                return source
            factor, e = source
            value = yield e
            return self._times(factor, value)
        return (yield from self._plan(key))

    # expanding

    def expand(self, e: Node) -> list[tuple[Scalar, Monomial]]:
        """e as Σ coefficient · Π atomᵖ, the atoms being linear combinations and functions; sums that would be too many stay atoms."""
        if isinstance(e, Scalar):
            return [(e, {})]
        if e in self._expansions:
            return self._expansions[e]
        one = self.algebra.one
        out: list[tuple[Scalar, Monomial]]
        if isinstance(e, Sum):
            terms: dict[frozenset, tuple[list[Scalar], Monomial]] = {}
            for n, c in e.terms:
                for k, m in self.expand(n):
                    terms.setdefault(frozenset(m.items()), ([], m))[0].append(self._times(c, k))
            if isinstance(e.affine, Affine):
                terms.setdefault(frozenset({(e.affine, 1)}), ([], {e.affine: 1}))[0].append(one)
            elif e.affine is not self.algebra.zero:
                terms.setdefault(frozenset(), ([], {}))[0].append(e.affine)
            out = [(self._sum(cs), m) for cs, m in terms.values()]
            out = out if len(out) <= MAX_TERMS else [(one, {e: 1})]
        elif isinstance(e, Product):
            out = [(one, {})]
            for n, p in e.factors:
                inner = [(one, {n: 1})] if isinstance(n, Affine) or self._is_whole(n) else self.expand(n)
                if len(inner) == 1:
                    ((c, m),) = inner
                    factor = [(self._power(c, p), {a: q * p for a, q in m.items()})]
                    out = self._distribute(out, factor)
                elif len(inner) ** p * len(out) <= MAX_TERMS:
                    for _ in range(p):
                        out = self._distribute(out, inner)
                else:
                    out = self._distribute(out, [(one, {n: p})])
        else:
            out = [(one, {e: 1})]
        self._expansions[e] = out
        return out

    def _is_whole(self, n: Node) -> bool:
        """Whether a sum is better left alone in a product: smooth functions of one direction, as 1 − σ(u), have nothing to part."""
        if n not in self._whole:
            self._whole[n] = isinstance(n, Sum) and len(self._read(n)) == 1 and not _has_gate(n)
        return self._whole[n]

    def _distribute(self, left, right) -> list[tuple[Scalar, Monomial]]:
        terms: dict[frozenset, tuple[list[Scalar], Monomial]] = {}
        for c, m in left:
            for k, n in right:
                both = dict(m)
                for a, p in n.items():
                    both[a] = both.get(a, 0) + p
                for a in n:
                    if isinstance(a, Function) and a.name == "step":
                        both[a] = 1
                terms.setdefault(frozenset(both.items()), ([], both))[0].append(self._times(c, k))
        return [(self._sum(cs), m) for cs, m in terms.values()]

    def _times(self, *scalars: Scalar) -> Scalar:
        live = [s for s in scalars if s is not self.algebra.one]
        if len(live) == 1:
            return live[0]
        out = self.algebra.multiply(*live) if live else self.algebra.one
        assert isinstance(out, Scalar)
        return out

    def _sum(self, scalars: Iterable[Scalar]) -> Scalar:
        scalars = list(scalars)
        out = scalars[0] if len(scalars) == 1 else self.algebra.add(*scalars)
        assert isinstance(out, Scalar)
        return out

    def _power(self, s: Scalar, p: int) -> Scalar:
        out = self.algebra.power(s, p)
        assert isinstance(out, Scalar)
        return out

    # blocks

    def _plan(self, e: Node) -> Generator[Node | Pair, Scalar, Scalar]:
        total: list[Scalar] = []
        pair = _long_pair(e)
        if pair is not None:  # term by term, so that moments of parts of long sums are found once
            a, b = pair
            for n, c in a.terms:
                total.append(self._times(c, (yield self.algebra.multiply(n, b))))
            if a.affine is not self.algebra.zero:
                total.append((yield self.algebra.multiply(a.affine, b)))
            return self._sum(total)
        for coefficient, monomial in self._terms(e):
            if coefficient is self.algebra.zero:
                continue
            key = frozenset(monomial.items())
            if key not in self._monomials:
                parts = []
                for factor, groups in self._groups(monomial):
                    blocks = [factor]
                    for group in groups:
                        blocks.append((yield from self._block(group, e)))
                    parts.append(self._times(*blocks))
                self._monomials[key] = self._sum(parts) if parts else self.algebra.zero
            moment = self._monomials[key]
            if moment is not self.algebra.zero:
                total.append(self._times(coefficient, moment))
        return self._sum(total) if total else self.algebra.zero

    def _terms(self, e: Node) -> list[tuple[Scalar, Monomial]]:
        """The expansion of e; where that gives several terms of a rank that only points can integrate, e as it is, so that points are
        evaluated once and not for every term."""
        terms = self.expand(e)
        if len(terms) <= MAX_LARGE or sum(self._is_large(m) for _, m in terms) <= MAX_LARGE:
            return terms
        assert isinstance(e, Random)
        return [(self.algebra.one, dict(e.factors) if isinstance(e, Product) else {e: 1})]

    def _is_large(self, monomial: Monomial) -> bool:
        used: dict[Affine, None] = {}
        for a in monomial:
            if not isinstance(a, Affine):
                collect(a, used)
        return len(used) > LARGE and any(
            len({d for a in m if not isinstance(a, Affine) for d in self._read(a)}) > LARGE
            for _, groups in self._groups(monomial)
            for m in groups
        )

    def _read(self, n: Node) -> tuple[Affine, ...]:
        used: dict[Affine, None] = {}
        collect(n, used)
        return tuple(used)

    def _groups(self, monomial: Monomial) -> list[tuple[Scalar, list[Monomial]]]:
        """The monomial as a sum of products of groups that are independent of each other.

        A linear combination that ties groups together which are independent without it is split over them.
        """
        if not monomial:
            return [(self.algebra.one, [])]
        group_of: dict[object, object] = {}

        def root(x: object) -> object:
            while group_of.setdefault(x, x) is not x:
                x = group_of[x]
            return x

        solid = [a for a in monomial if not isinstance(a, Affine)]
        for a in solid:
            for b in a.bases:
                group_of[root(b.family)] = root(a)
        linear = [a for a in monomial if isinstance(a, Affine)]
        whole: list[Affine] = []
        choices: list[list[tuple[Scalar, Monomial]]] = []
        for a in linear:
            parts: dict[object, list] = {}
            for b, c in a.terms:
                parts.setdefault(root(b.family) if solid else None, []).append((b, c))
            if not solid or len(parts) == 1 or monomial[a] > MAX_SPLIT:
                whole.append(a)
            else:
                choices.append(self._split(a, list(parts.values()), monomial[a]))
        for a in whole:
            for b in a.bases:
                group_of[root(b.family)] = root(a)
        out = []
        tied = dict(group_of)
        for choice in cartesian(*choices):
            factors = {a: monomial[a] for a in (*solid, *whole)}
            coefficient = self._times(*[c for c, _ in choice])
            for _, m in choice:
                for a, p in m.items():
                    factors[a] = factors.get(a, 0) + p
            groups: dict[object, Monomial] = {}
            group_of = dict(tied)
            for a in factors:
                for b in a.bases:
                    group_of[root(b.family)] = root(a)
            for a, p in factors.items():
                groups.setdefault(root(a), {})[a] = p
            out.append((coefficient, list(groups.values())))
        return out

    def _split(self, a: Affine, parts: list[list], power: int) -> list[tuple[Scalar, Monomial]]:
        """(Σ parts + constant)^power as Σ coefficient · Π partᵖ"""
        nodes: list[Node] = [self.algebra._affine(dict(part), self.algebra.zero) for part in parts]
        if a.constant is not self.algebra.zero:
            nodes.append(a.constant)
        left: list[tuple[Scalar, Monomial, int]] = [(self.algebra.one, {}, power)]
        for k, n in enumerate(nodes):
            grown = []
            for c, m, rest in left:
                for p in range(rest + 1) if k < len(nodes) - 1 else (rest,):
                    factor = self.algebra.number(comb(rest, p))
                    if isinstance(n, Scalar):
                        grown.append((self._times(c, factor, self._power(n, p)), m, rest - p))
                    else:
                        grown.append((self._times(c, factor), {**m, n: p} if p else m, rest - p))
            left = grown
        return [(c, m) for c, m, _ in left]

    def _block(self, group: Monomial, e: Node) -> Generator[Node | Pair, Scalar, Scalar]:
        pair = [a for a, p in group.items() if isinstance(a, Affine) for _ in range(p)]
        if len(pair) == sum(group.values()) <= 2:
            means = [self._direction_mean(a) for a in pair]
            if len(pair) == 1:
                return means[0]
            covariance = yield from self._direction_covariance(pair[0], pair[1])
            return self._sum([covariance, self._times(*means)])
        kernel, directions, parameters = self._kernel(group)
        args = [self._direction_mean(d) for d in directions]
        for i, d in enumerate(directions):
            for other in directions[: i + 1]:
                args.append((yield from self._direction_covariance(d, other)))
        scalar = self.algebra.expectation(kernel, (*args, *parameters))
        self.origins.setdefault(scalar, e)
        return scalar

    def _direction_mean(self, a: Affine) -> Scalar:
        return self._sum([a.constant, *(self._times(c, self._mean(b)) for b, c in a.terms)])

    def _direction_covariance(self, x: Affine, y: Affine) -> Generator[Node | Pair, Scalar, Scalar]:
        pairs: list[tuple[Scalar, Scalar, Scalar]] = []
        numeric = True
        for a, c in x.terms:
            for b, d in y.terms:
                if a.family == b.family:
                    k = yield self._pair(a, b)
                    if k is not self.algebra.zero:
                        pairs.append((c, d, k))
                        numeric &= c.op == "number" and d.op == "number"
        if not pairs:
            return self.algebra.zero
        if numeric or len(pairs) == 1:
            return self._sum([self._times(*p) for p in pairs])
        return self.algebra.bilinear(pairs)

    # canonical form

    def _kernel(self, group: Monomial) -> tuple[Kernel, list[Affine], list[Scalar]]:
        factors = sorted(
            ((a, p) for a, p in group.items() if not isinstance(a, Affine)),
            key=lambda item: (self._shape(item[0]), item[1], item[0].index),
        )
        build = Canonical(self.algebra, [a for a, _ in factors])
        expressions = build.in_order(tuple((build.expression(a), p) for a, p in factors))
        powers = {}
        for a, p in sorted(((a, p) for a, p in group.items() if isinstance(a, Affine)), key=lambda x: x[0].index):
            powers[build.place(a)] = p
        exponents = tuple(powers.get(i, 0) for i in range(len(build.directions)))
        return Kernel.of(exponents, expressions, len(build.parameters)), build.directions, build.parameters

    def joint(self, nodes: list[Node]) -> Joint:
        """Nodes as functions of a few jointly Gaussian directions, for their joint law."""
        build = Canonical(self.algebra, nodes)
        factors = tuple((build.expression(n), 1) for n in nodes)
        covariance = []
        for i, d in enumerate(build.directions):
            for other in build.directions[: i + 1]:
                covariance.append(self.affine_covariance(d, other))
        mean = tuple(self._direction_mean(d) for d in build.directions)
        kernel = Kernel.of((0,) * len(build.directions), factors, len(build.parameters))
        return Joint(kernel, mean, tuple(covariance), tuple(build.parameters))

    def affine_covariance(self, x: Affine, y: Affine) -> Scalar:
        """Covariance of two linear combinations."""
        for a in x.bases:
            for b in y.bases:
                self.covariance(a, b)
        generator = self._direction_covariance(x, y)
        answer: Scalar | None = None
        while True:
            try:
                pair = next(generator) if answer is None else generator.send(answer)
            except StopIteration as done:
                return done.value
            answer = self._known(pair)

    def _shape(self, n: Node) -> tuple:
        """What a node looks like without its leaves, for a stable order of factors."""
        if n not in self._shapes:
            match n:
                case Function():
                    shape: tuple = ("f", n.name, *(self._shape(a) for a in n.args))
                case Product():
                    shape = ("p", *sorted((self._shape(m), p) for m, p in n.factors))
                case Sum():
                    shape = ("s", *sorted(self._shape(m) for m, _ in n.terms))
                case _:
                    shape = ("",)
            self._shapes[n] = shape
        return self._shapes[n]


@dataclass(frozen=True)
class Joint:
    """Functions of jointly Gaussian directions: the factors of `kernel`, over directions with these means and covariances (lower triangle,
    row by row) and these parameters."""

    kernel: Kernel
    mean: tuple[Scalar, ...]
    covariance: tuple[Scalar, ...]
    parameters: tuple[Scalar, ...]


def _long_pair(e: Node) -> tuple[Sum, Random] | None:
    """The factors of a product of two where one is a long sum, or holds one; that one first."""
    if not isinstance(e, Product) or sum(p for _, p in e.factors) != 2:
        return None
    a, b = e.factors[0][0], e.factors[-1][0]
    for x, y in ((a, b), (b, a)):
        if isinstance(x, Sum) and (len(x.terms) >= LONG or any(isinstance(n, Sum) for n, _ in x.terms)):
            return x, y
    return None


def _has_gate(n: Node) -> bool:
    """Whether something inside has a closed form of its own, apart from the rest."""
    match n:
        case Affine():
            return True
        case Function():
            return n.name not in ("tanh", "sigmoid", "softplus", "silu", "sin", "cos", "log", "power")
        case Product():
            return any(_has_gate(m) for m, _ in n.factors)
        case Sum():
            return any(_has_gate(m) for m, _ in n.terms) or _has_gate(n.affine)
    return False
