"""Expectations of sympy expressions over named Gaussians, planned and evaluated on floor 1 alone."""

from __future__ import annotations

import numpy as np
import sympy as sp

from tpviz.gaussian import Algebra, Base, Estimate, Numbers, Planner, Scalar

U, V, W, X = NAMES = sp.symbols("u v w x", real=True)
C = sp.Symbol("c", real=True)


class Plans:
    """An algebra over u, v, w, x; `family` tells which of them may be correlated (all, by default)."""

    def __init__(self, family=lambda _: "one"):
        self.algebra = Algebra()
        self.bases = {s: Base(str(s), (family(s),), k) for k, s in enumerate(NAMES)}
        self.planner = Planner(self.algebra, self._mean, self._covariance)
        self.known = {s: self.algebra.base(b) for s, b in self.bases.items()} | {C: self.algebra.given("c")}

    def _mean(self, b: Base) -> Scalar:
        return self.algebra.given(("mean", b.index))

    def _covariance(self, a: Base, b: Base) -> Scalar:
        return self.algebra.given(("covariance", *sorted((a.index, b.index))))

    def node(self, e):
        return self.algebra.lift(sp.sympify(e), self.known)

    def numbers(self, covariance, mean=None, c=0.0) -> Numbers:
        K, m = np.asarray(covariance, float), np.zeros(len(covariance)) if mean is None else np.asarray(mean, float)

        def given(key):
            if key == "c":
                return c
            return float(m[key[1]]) if key[0] == "mean" else float(K[key[1], key[2]])

        return Numbers(given)

    def expect(self, e, covariance, mean=None, c=0.0) -> Estimate:
        return self.numbers(covariance, mean, c).get(self.planner.expectation(self.node(e))).estimate()

    def blocks(self, e) -> list[int]:
        """The number of directions of every block of a plan."""
        seen, todo, out = set(), [self.planner.expectation(self.node(e))], []
        while todo:
            s = todo.pop()
            if s not in seen:
                seen.add(s)
                todo += s.args
                if s.op == "expectation":
                    out.append(s.payload.size)
        return sorted(out)


def expect(e, covariance, mean=None, c=0.0, family=lambda _: "one") -> Estimate:
    return Plans(family).expect(e, covariance, mean, c)
