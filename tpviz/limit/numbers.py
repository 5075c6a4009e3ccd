"""Evaluating a planned limit with numbers: covariances of the Ẑ's, limits of scalars and coefficients of Ż, each computed once, when
first needed. Dependencies are followed on an explicit stack, so depth costs no recursion."""

from __future__ import annotations

from collections.abc import Generator, Hashable

import numpy as np
import sympy as sp

from ..gaussian import Estimate, Expectation, combine_methods, evaluate
from ..language.values import Values
from .plan import LimitPlan

__all__ = ["Numbers"]

Key = tuple[Hashable, ...]


class Numbers:
    """The numbers of one evaluation. `replicate` is the Sobol' scrambling used where an expectation has rank above 2; without one,
    such an expectation raises `NeedsSampling`. `memo` is shared between replicates, for blocks whose numbers agree."""

    def __init__(self, plan: LimitPlan, values: Values, replicate: int | None = None, memo: dict | None = None):
        self.plan, self.values, self.replicate = plan, values, replicate
        self._memo = {} if memo is None else memo
        self._known: dict[Key, Estimate] = {}
        self._solved: dict[str, list[Estimate]] = {}
        self._index = {symbol: k for k, symbol in enumerate(plan.bases)}
        self._constants = {symbol: values.constants[name] for name, symbol in plan.constants.items()}
        self._limits = {
            symbol: values.limits[name]
            for name, symbol in plan.scalars.items()
            if symbol.is_Symbol and name in values.limits
        }

    # public: estimates by key

    def expect(self, e: sp.Expr) -> Estimate:
        """E of an expression over base Gaussians and parameters."""
        return self._get(("expect", e))

    def scalar(self, name: str) -> Estimate:
        symbol = self.plan.scalars[name]
        return Estimate(0.0) if symbol == 0 else self.parameter(symbol)

    def parameter(self, symbol: sp.Symbol) -> Estimate:
        return self._get(("parameter", symbol))

    def covariance(self, a: sp.Symbol, b: sp.Symbol) -> Estimate:
        """Covariance of two base Gaussians; 0 across families."""
        return self._get(self._pair(a, b))

    def mean(self, a: sp.Symbol) -> float:
        base = self.plan.bases[a]
        if base.family[0] != "initial":
            return 0.0
        return float(self.values.initial[base.family[1]][0][self._place(base)])

    # the stack

    def _get(self, key: Key) -> Estimate:
        if key in self._known:
            return self._known[key]
        stack: list[tuple[Key, Generator[Key, Estimate, Estimate]]] = [(key, self._compute(key))]
        answer: Estimate | None = None
        while stack:
            current, generator = stack[-1]
            try:
                wanted = generator.send(answer) if answer is not None else next(generator)
            except StopIteration as done:
                stack.pop()
                answer = self._known[current] = done.value
                continue
            if wanted in self._known:
                answer = self._known[wanted]
            else:
                stack.append((wanted, self._compute(wanted)))
                answer = None
        assert answer is not None
        return answer

    def _compute(self, key: Key) -> Generator[Key, Estimate, Estimate]:
        match key:
            case ("expect", e):
                return self._expect(e)
            case ("covariance", a, b):
                return self._covariance(a, b)
            case ("parameter", s):
                return self._parameter(s)
        raise KeyError(key)

    def _pair(self, a: sp.Symbol, b: sp.Symbol) -> Key:
        return ("covariance", a, b) if self._index[a] <= self._index[b] else ("covariance", b, a)

    def _place(self, base) -> int:
        first = base.family[1]
        definition = self.plan.program[first]
        return definition.names.index(base.name) if hasattr(definition, "names") else 0

    def _expect(self, e: sp.Expr) -> Generator[Key, Estimate, Estimate]:
        plan: Expectation = self.plan.expectation(e)
        mean: dict = {}
        covariance: dict = {}
        parameters: dict = {}
        relative, methods = 0.0, []

        def note(x: Estimate, size: float) -> None:
            nonlocal relative
            methods.append(x.method)
            if x.error:
                relative = max(relative, x.error / max(size, abs(x.value), 1e-300))

        for p in plan.parameters:
            x = yield ("parameter", p)
            parameters[p] = x.value
            note(x, x.scale)
        pairs = {
            frozenset((a, b))
            for t in plan.terms
            for block in t.blocks
            for a in block.variables
            for b in block.variables
        }
        variances: dict = {}
        for v in plan.variables:
            mean[v] = self.mean(v)
            x = yield self._pair(v, v)
            variances[v] = covariance[v, v] = x.value
            note(x, x.scale)
        for pair in pairs:
            if len(pair) == 2:
                a, b = pair
                if self.plan.bases[a].family != self.plan.bases[b].family:
                    covariance[a, b] = covariance[b, a] = 0.0
                    continue
                x = yield self._pair(a, b)
                covariance[a, b] = covariance[b, a] = x.value
                note(x, np.sqrt(variances[a] * variances[b]))
        result = evaluate(plan, mean, covariance, parameters, relative, self.replicate, self._memo, self._describe(e))
        return Estimate(result.value, result.error, combine_methods(result.method, *methods), result.scale)

    def _describe(self, e: sp.Expr) -> str:
        """The expression with readable names, for messages; written once for each."""
        if e not in self.plan.descriptions:
            self.plan.descriptions[e] = self._written(e)
        return self.plan.descriptions[e]

    def _written(self, e: sp.Expr) -> str:
        if len(e.free_symbols) > 12:
            return "of a long expression"
        names = {s: sp.Symbol(b.name) for s, b in self.plan.bases.items()}
        names |= {s: sp.Symbol(n) for n, s in self.plan.scalars.items() if s.is_Symbol} | {
            s: sp.Symbol(n) for n, s in self.plan.constants.items()
        }
        names |= {s: sp.Symbol(str(s)) for s in self.plan.dots}
        text = str(e.xreplace(names)).replace("Relu", "relu").replace("Abs", "abs").replace("Step", "step")
        return text if len(text) <= 70 else text[:67] + "..."

    def _covariance(self, a: sp.Symbol, b: sp.Symbol) -> Generator[Key, Estimate, Estimate]:
        first, second = self.plan.bases[a], self.plan.bases[b]
        if first.family != second.family:
            return Estimate(0.0)
        kind = first.family[0]
        if kind == "initial":
            K = self.values.initial[first.family[1]][1]
            return Estimate(float(K[self._place(first), self._place(second)]))
        if kind == "embedding":
            program, name = self.plan.program, first.family[1]
            x, y = (self.values.inputs[program[s.name].input] for s in (first, second))  # type: ignore[union-attr]
            value = self.values.variances[name] * float(x @ y) / len(x)
            return Estimate(
                value, 1e-15 * self.values.variances[name] * float(np.abs(x) @ np.abs(y)) / len(x), "closed", abs(value)
            )
        p, q = self.plan.products[first.name], self.plan.products[second.name]
        moment = yield ("expect", self.plan.z[p.vector] * self.plan.z[q.vector])
        factor = self._variance_factor(p.matrix, p.transposed)
        # 0 ≤ Var: a second moment that rounding makes negative is 0
        value = max(0.0, moment.value) if a == b else moment.value
        return Estimate(value, moment.error, moment.method, moment.scale).scaled(factor)

    def _variance_factor(self, matrix: str, transposed: bool) -> float:
        """σ_W² for products with W, r σ_W² with Wᵀ, r = rows over columns."""
        rows, columns = self.plan.shape(matrix)
        r = self.values.ratios[rows] / self.values.ratios[columns]
        return self.values.variances[matrix] * (r if transposed else 1.0)

    def _parameter(self, s: sp.Symbol) -> Generator[Key, Estimate, Estimate]:
        if s in self._constants:
            return Estimate(self._constants[s], 0.0, "closed", abs(self._constants[s]))
        if s in self._limits:
            return Estimate(self._limits[s], 0.0, "closed", abs(self._limits[s]))
        if s in self.plan.moments:
            return (yield ("expect", self.plan.moments[s]))
        name, index = self.plan.dots[s]
        product = self.plan.products[name]
        if product.stein:
            if name not in self._solved:
                self._solved[name] = yield from self._stein(name)
            return self._solved[name][index]
        through = self.plan.products[product.dots[index].through]
        derivative = self.plan.z[product.vector].diff(through.base)
        x = yield ("expect", derivative)
        return x.scaled(self._variance_factor(product.matrix, product.transposed))

    def _stein(self, name: str) -> Generator[Key, Estimate, list[Estimate]]:
        """Coefficients of Ż in Stein form (67): a = C⁺ b over r for Wx, times r for Wᵀx."""
        product = self.plan.products[name]
        ys = [self.plan.z[d.vector] for d in product.dots]
        zx = self.plan.z[product.vector]
        C, errors, methods = np.zeros((len(ys), len(ys))), 0.0, []
        for i, y in enumerate(ys):
            for j in range(i + 1):
                x = yield ("expect", y * ys[j])
                C[i, j] = C[j, i] = x.value
                errors = max(errors, x.error / max(abs(x.scale), 1e-300))
                methods.append(x.method)
        b = np.zeros(len(ys))
        for i, d in enumerate(product.dots):
            x = yield ("expect", self.plan.products[d.through].base * zx)
            b[i] = x.value
            errors = max(errors, x.error / max(abs(x.scale), 1e-300))
            methods.append(x.method)
        rows, columns = self.plan.shape(product.matrix)
        r = self.values.ratios[rows] / self.values.ratios[columns]
        a = pseudo_solve(C, b) * (r if product.transposed else 1 / r)
        condition = float(np.abs(np.linalg.pinv(C, rcond=1e-10)).sum() * np.abs(C).max()) if C.any() else 1.0
        method, relative = combine_methods(*methods), 4 * (errors + 1e-15) * condition
        return [Estimate(float(v), relative * abs(float(v)), method, abs(float(v))) for v in a]


def pseudo_solve(C: np.ndarray, b: np.ndarray) -> np.ndarray:
    """C⁺ b, the solution of least norm, for a symmetric positive semidefinite C. Ranks are judged after normalizing the diagonal."""
    d = np.sqrt(np.maximum(np.diag(C), 0.0))
    live = d > 1e-12 * d.max(initial=0.0)
    out = np.zeros_like(b)
    if not live.any():
        return out
    scaled = np.linalg.pinv(C[np.ix_(live, live)] / np.outer(d[live], d[live]), rcond=1e-10, hermitian=True)
    out[live] = scaled @ (b[live] / d[live]) / d[live]
    return least_norm(C, out)


def least_norm(C: np.ndarray, a: np.ndarray) -> np.ndarray:
    """The combination of least norm that is the same random variable: a projected on the range of the Gram matrix C."""
    w, V = np.linalg.eigh(C)
    keep = w > 1e-10 * max(w[-1], 0.0)
    return a if keep.all() else V[:, keep] @ (V[:, keep].T @ a)
