"""Cross-checks that hold for any program: the same number found in two ways that share no rule.

Stein        E[Ẑ^{Wᵀy} Z^x] = Σ Cov(Ẑ^{Wᵀy}, Ẑ^{Wᵀyⁱ}) E[∂Z^x/∂Ẑ^{Wᵀyⁱ}], the product integrated on the left, the derivative on the right
adjointness  E[Z^x Z^{Wᵀp}] = r E[Z^{Wx} Z^p]
sum          E (Z^{Wx})² = E Ẑ² + 2 E ẐŻ + E Ż², the cross term included
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..gaussian import Estimate, Node, Scalar
from ..language import TpvizError
from ..language.diagnostics import Diagnostic

if TYPE_CHECKING:
    from .limit import Limit

__all__ = ["Check", "Report", "cross_check"]

MOST = 300  # checks of one kind; a program of a thousand products has a million pairs


@dataclass(frozen=True)
class Check:
    """One identity: both sides, and how far apart they may be."""

    kind: str
    names: tuple[str, ...]
    left: Estimate
    right: Estimate

    @property
    def slack(self) -> float:
        """Bounds add; where a side was sampled, six standard errors."""
        sampled = "sampled" in (self.left.method, self.right.method)
        size = max(abs(self.left.value), abs(self.right.value))
        return (6.0 if sampled else 1.0) * (self.left.error + self.right.error) + 1e-14 * size

    @property
    def holds(self) -> bool:
        return abs(self.left.value - self.right.value) <= self.slack

    def __str__(self) -> str:
        mark = "holds" if self.holds else "FAILS"
        return f"{self.kind} {' '.join(self.names)}: {self.left.value:.12g} = {self.right.value:.12g} up to {self.slack:.1e}, {mark}"


@dataclass(frozen=True)
class Report:
    """What was checked; `skipped` says what was not, and why."""

    checks: tuple[Check, ...]
    skipped: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[Diagnostic, ...]:
        return tuple(
            Diagnostic("check", f"Two ways to the same number disagree. {c}.", "This is a fault of tpviz: please report the program.", names=c.names)
            for c in self.checks
            if not c.holds
        )  # fmt: skip

    def __str__(self) -> str:
        return (
            "\n".join([*map(str, self.checks), *self.skipped])
            or "Nothing to check: no matrix is used both as W and as Wᵀ."
        )


def cross_check(limit: Limit) -> Report:
    """Run every check that the program has a place for."""
    limit._one("A check")
    checks: list[Check] = []
    skipped: list[str] = []
    for kind, sides in (("Stein", _stein), ("adjointness", _adjoint), ("sum", _sum)):
        pairs: list[Sides] = []
        for names, left, right in sides(limit):
            if len(pairs) == MOST:
                skipped.append(f"{kind}: only the first {MOST} were checked.")
                break
            pairs.append((names, left, right))
        limit._numbers.compute([s for _, left, right in pairs for s in (left, right)])
        for names, left, right in pairs:
            try:
                checks.append(Check(kind, names, limit._get(left), limit._get(right)))
            except TpvizError as error:
                skipped.append(f"{kind} {' '.join(names)}: not checked. {error.diagnostics[0].message}")
    return Report(tuple(checks), tuple(skipped))


Sides = tuple[tuple[str, ...], Scalar, Scalar]


def _stein(limit: Limit) -> Iterator[Sides]:
    plan, algebra = limit.plan.planner, limit.plan.algebra
    order = list(limit.plan.products)
    for name, product in limit.plan.products.items():
        if not product.dots or product.stein or product.base is None:
            continue
        zx = limit.plan.z[product.vector]
        earlier = [
            p
            for p in limit.plan.opposite(product.matrix, product.transposed)
            if order.index(p.name) < order.index(name)
        ]
        slopes = [plan.expectation(algebra.derivative(zx, p.base)) for p in earlier if p.base is not None]
        for p in earlier:
            terms: list[Node] = []
            for q, slope in zip(earlier, slopes, strict=True):
                assert p.base is not None
                assert q.base is not None
                terms.append(algebra.multiply(plan.covariance(p.base, q.base), slope))
            right = algebra.add(*terms)
            assert isinstance(right, Scalar)
            yield (name, p.name), plan.expectation(algebra.multiply(p.hat, zx)), right


def _adjoint(limit: Limit) -> Iterator[Sides]:
    plan, algebra, z = limit.plan.planner, limit.plan.algebra, limit.plan.z
    products = list(limit.plan.products.values())
    for g in products:
        for q in products:
            if g.matrix == q.matrix and q.transposed and not g.transposed:
                right = algebra.multiply(
                    limit.plan.ratio(g.matrix), plan.expectation(algebra.multiply(z[g.name], z[q.vector]))
                )
                assert isinstance(right, Scalar)
                yield (g.name, q.name), plan.expectation(algebra.multiply(z[g.vector], z[q.name])), right


def _sum(limit: Limit) -> Iterator[Sides]:
    plan, algebra, z = limit.plan.planner, limit.plan.algebra, limit.plan.z
    for name, product in limit.plan.products.items():
        if product.dots and product.base is not None:
            dot = algebra.combine([(z[d.vector], d.coefficient) for d in product.dots])
            hat = product.hat
            parts = [plan.expectation(algebra.multiply(*pair)) for pair in ((hat, hat), (hat, dot), (dot, dot))]
            right = algebra.add(parts[0], algebra.multiply(algebra.number(2), parts[1]), parts[2])
            assert isinstance(right, Scalar)
            yield (name,), plan.expectation(algebra.multiply(z[name], z[name])), right
