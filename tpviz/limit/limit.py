"""`limit(program)`: the infinite-width limit, and what can be asked of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import sympy as sp

from ..gaussian import REPLICATES, Estimate, NeedsSampling, factor_covariance
from ..language import Expression, InputError, LimitError, Program
from ..language.instructions import (
    Bias,
    Constant,
    Embed,
    Embedding,
    Input,
    Instruction,
    Matrix,
    Readout,
    Vectors,
    WidthClass,
)
from ..language.tape import compile_tape
from ..language.values import Values, numbers
from .distribution import Distribution
from .numbers import Numbers, least_norm
from .plan import LimitPlan

__all__ = ["Limit", "limit"]


def limit(
    program: Program,
    inputs: Mapping[str, np.ndarray] | None = None,
    parameters: Mapping[str, float] | None = None,
    check: bool = False,
) -> Limit:
    """The limit of a Netsor⊤⁺ program as every width goes to infinity (the Z rules of Tensor Programs IIb, B.3).

    `inputs` gives arrays of shape (d,) for the inputs that have no value in the text; `parameters` replaces constants and variances by
    name. Numbers are computed when they are asked for; with `check` the rules are cross-checked at once (`Limit.check`).
    Raises `InputError` for wrong arguments and `LimitError` where a moment does not exist.
    """
    if not isinstance(program, Program):
        raise InputError(
            f"tp.limit takes a Program, got {type(program).__name__}.",
            hint="Read one with tp.parse(text) or tp.load(path).",
        )
    result = Limit(LimitPlan(program), numbers(program, parameters, inputs))
    result._given = (dict(inputs or {}), dict(parameters or {}))
    if check:
        result.check()
    return result


def structure(program: Program) -> tuple[Instruction, ...]:
    """The instructions with every number that a plan does not depend on replaced by 0."""
    zero = Expression("0")
    out: list[Instruction] = []
    for i in program.instructions:
        match i:
            case Constant():
                i = replace(i, value=zero)
            case Matrix() | Embedding():
                i = replace(i, variance=zero)
            case Readout() | Bias():
                i = replace(i, mean=zero, variance=zero)
            case Vectors():
                i = replace(i, mean=(zero,) * len(i.names), covariance=((zero,) * len(i.names),) * len(i.names))
            case WidthClass():
                i = replace(i, ratio=Expression("n"))
            case Input():
                i = replace(i, value=None)
        out.append(i)
    return tuple(out)


class Limit:
    """The limit of a program. Every number comes with `error` and `method`; nothing is computed before it is asked for."""

    def __init__(self, plan: LimitPlan, values: Values):
        self.plan, self.values, self.program = plan, values, plan.program
        self._exact = Numbers(plan, values)
        self._sampled: list[Numbers] | None = None
        self._cache: dict[object, Estimate] = {}
        self._given: tuple[dict, dict] = ({}, {})

    def at(
        self, inputs: Mapping[str, np.ndarray] | None = None, parameters: Mapping[str, float] | None = None
    ) -> Limit:
        """The same limit with other inputs or parameters, without planning again."""
        merged = ({**self._given[0], **(inputs or {})}, {**self._given[1], **(parameters or {})})
        result = Limit(self.plan, numbers(self.program, merged[1], merged[0]))
        result._given = merged
        return result

    def for_program(self, program: Program) -> Limit | None:
        """The limit of a program that differs from this one in numbers only (variances, means, constants, values), without planning
        again; None where it differs in more."""
        if program != self.program and structure(program) != structure(self.program):
            return None
        return Limit(self.plan, numbers(program, self._given[1], self._given[0]))

    # estimates

    def _estimate(self, key: object, ask: Callable[[Numbers], Estimate]) -> Estimate:
        if key not in self._cache:
            if self._sampled is None:
                try:
                    self._cache[key] = ask(self._exact)
                    return self._cache[key]
                except NeedsSampling:
                    pass
            try:
                self._cache[key] = ask(self._exact)
            except NeedsSampling:
                self._cache[key] = self._replicated(ask)
        return self._cache[key]

    def _replicated(self, ask: Callable[[Numbers], Estimate]) -> Estimate:
        """The mean over independent scramblings, each carried through the whole program, and its standard error."""
        if self._sampled is None:
            memo: dict = {}
            self._sampled = [Numbers(self.plan, self.values, k, memo) for k in range(REPLICATES)]
        parts = [ask(n) for n in self._sampled]
        values = np.array([p.value for p in parts])
        error = float(values.std(ddof=1) / math.sqrt(len(parts))) + max(p.error for p in parts)
        return Estimate(float(values.mean()), error, "sampled", parts[0].scale)

    def _parameter(self, s: sp.Symbol) -> Estimate:
        return self._estimate(("parameter", s), lambda n: n.parameter(s))

    def _base_covariance(self, a: sp.Symbol, b: sp.Symbol) -> Estimate:
        return self._estimate(("covariance", a, b), lambda n: n.covariance(a, b))

    def _expect(self, e: sp.Expr) -> Estimate:
        self._need_inputs(e)
        return self._estimate(("expect", e), lambda n: n.expect(e))

    def _need_inputs(self, e: sp.Expr) -> None:
        missing = [i for i in self.program.inputs if i not in self.values.inputs]
        if not missing:
            return
        seen, todo = set(), list(e.free_symbols)
        while todo:  # every base that the number depends on, through products and Moments
            s = todo.pop()
            if s in seen:
                continue
            seen.add(s)
            if s in self.plan.bases:
                base = self.plan.bases[s]
                if base.family[0] == "embedding":
                    source = self.program[base.name]
                    if isinstance(source, Embed) and source.input in missing:
                        raise InputError(f"The input {source.input} has no value.", hint=f"Pass inputs={{{source.input!r}: array}} or write it in the text: "
                                         f"input {source.input} = [1.0, 0.5]", names=[source.input])  # fmt: skip
                elif base.family[0] == "matrix":
                    todo += self.plan.z[self.plan.products[base.name].vector].free_symbols
            elif s in self.plan.moments:
                todo += self.plan.moments[s].free_symbols
            elif s in self.plan.dots:
                todo += self.plan.z[self.plan.products[self.plan.dots[s][0]].vector].free_symbols

    def _z(self, name: str) -> sp.Expr:
        self.program.width_class(name)  # raises for an unknown vector
        return self.plan.z[name]

    def _pair(self, x: str, y: str) -> tuple[sp.Expr, sp.Expr]:
        a, b = self._z(x), self._z(y)
        p, q = self.program.width_class(x), self.program.width_class(y)
        if p != q:
            raise InputError(
                f"{x} is of class {p} and {y} of class {q}: their coordinates do not pair up.",
                hint="Ask for vectors of one class.",
                names=[x, y],
            )
        return a, b

    # numbers

    def mean(self, x: str) -> float:
        """E Z^x."""
        return self._expect(self._z(x)).value

    def second_moment(self, x: str, y: str | None = None) -> float:
        """E Z^x Z^y (y = x by default)."""
        return self._second(x, y).value

    def _second(self, x: str, y: str | None = None) -> Estimate:
        a, b = self._pair(x, y or x)
        return self._expect(a * b)

    def covariance(self, x: str, y: str | None = None) -> float:
        """Cov(Z^x, Z^y) = E Z^x Z^y − E Z^x E Z^y."""
        y = y or x
        value = self.second_moment(x, y) - self.mean(x) * self.mean(y)
        return max(0.0, value) if x == y else value

    def correlation(self, x: str, y: str | None = None) -> float:
        """Cov(Z^x, Z^y)/√(Var Z^x Var Z^y); nan where a variance is 0."""
        y = y or x
        spread = math.sqrt(self.covariance(x) * self.covariance(y))
        if spread == 0:
            return math.nan
        return 1.0 if x == y else max(-1.0, min(1.0, self.covariance(x, y) / spread))

    def gram(self, names: Sequence[str], kind: str = "second_moment") -> np.ndarray:
        """The (k, k) matrix of second moments; `kind` "covariance" or "correlation" for those."""
        if kind not in ("second_moment", "covariance", "correlation"):
            raise InputError(
                f"There is no kernel {kind!r}.", hint='Use "second_moment", "covariance" or "correlation".'
            )
        pair = getattr(self, kind)
        out = np.empty((len(names), len(names)))
        for i, x in enumerate(names):
            for j in range(i + 1):
                out[i, j] = out[j, i] = pair(x, names[j])
        return out

    def scalar(self, name: str) -> float:
        """θ̊, the limit of a scalar."""
        return self._scalar(name).value

    def _scalar(self, name: str) -> Estimate:
        if name not in self.plan.scalars:
            raise InputError(
                f"The program has no scalar {name!r}.",
                hint=f"Its scalars are {', '.join(self.program.scalars) or 'none'}.",
                names=[name],
            )
        self._need_inputs(self.plan.scalars[name])
        return self._estimate(("scalar", name), lambda n: n.scalar(name))

    def expect(self, expression: str) -> float:
        """E of an expression over the program's vectors (of one width class), scalars and constants, as `"relu(h2)*x1"`."""
        return self._expect(self.plan.read(expression)).value

    def zdot(self, name: str) -> dict[str, float]:
        """Ż of a product in derivative form: {earlier vector: coefficient}, of least norm where it is not unique; {} where Ż = 0.

        Raises `InputError` for a vector that is not a product.
        """
        product = self.plan.products.get(name)
        if product is None:
            self._z(name)
            raise InputError(
                f"{name} is not a product, so it has no Ż.",
                hint=f"Products are {', '.join(self.plan.products) or 'none'}.",
                names=[name],
            )
        estimates = self._dots(name)
        out: dict[str, float] = {}
        for d, a in zip(product.dots, estimates, strict=True):
            if abs(a.value) > max(a.error, 1e-14 * a.scale):
                out[d.vector] = out.get(d.vector, 0.0) + a.value
        return out

    def _dots(self, name: str) -> list[Estimate]:
        product = self.plan.products[name]
        for d in product.dots:
            self._need_inputs(d.coefficient)
        estimates = [self._parameter(d.coefficient) for d in product.dots]
        if len(estimates) < 2:
            return estimates
        names = [d.vector for d in product.dots]
        projected = least_norm(self.gram(names), np.array([e.value for e in estimates]))
        return [Estimate(float(v), e.error, e.method, e.scale) for v, e in zip(projected, estimates, strict=True)]

    def hat_covariance(self, x: str, y: str | None = None) -> float:
        """Cov(Ẑ^x, Ẑ^y) of two products or initial vectors; 0 for different matrices, and for W against Wᵀ."""
        bases = []
        for name in (x, y or x):
            z = self._z(name)
            base = self.plan.products[name].base if name in self.plan.products else z
            if base not in self.plan.bases:
                raise InputError(f"{name} has no Ẑ: it is neither a product nor an initial vector.", names=[name])
            self._need_inputs(base)
            bases.append(base)
        return self._base_covariance(*bases).value

    def error(self, x: str, y: str | None = None) -> float:
        """How far second_moment(x, y) may be off: a bound, rounding included, or a standard error where `method` is "sampled"."""
        return self._second(x, y).error

    def method(self, x: str, y: str | None = None) -> str:
        """How second_moment(x, y) was found: "closed", "quadrature" or "sampled", the least exact of all the steps."""
        return self._second(x, y).method

    # distributions

    def _joint(self, names: Iterable[sp.Symbol]) -> tuple[list[sp.Symbol], np.ndarray, np.ndarray]:
        wanted = set(names)
        bases = [s for s in self.plan.bases if s in wanted]
        for s in bases:
            self._need_inputs(s)
        mean = np.array([self._exact.mean(s) for s in bases])
        K = np.zeros((len(bases), len(bases)))
        for i, a in enumerate(bases):
            for j in range(i + 1):
                K[i, j] = K[j, i] = self._base_covariance(a, bases[j]).value
        return bases, mean, K

    def _parameters(self, e: sp.Expr) -> dict[sp.Symbol, float]:
        return {s: self._parameter(s).value for s in e.free_symbols if s not in self.plan.bases}

    def sample(self, names: Sequence[str], size: int = 100_000, seed: int = 0) -> np.ndarray:
        """Joint samples of Z, shape (len(names), size)."""
        if isinstance(names, str):
            names = [names]
        if not (isinstance(size, int | np.integer) and 0 < size * max(1, len(names)) <= 200_000_000):
            raise InputError(
                f"The sample size must be a positive integer with at most 2e8 numbers in all, got {size!r}."
            )
        zs = [self._z(n) for n in names]
        bases, mean, K = self._joint({s for z in zs for s in z.free_symbols if s in self.plan.bases})
        L = factor_covariance(K) if bases else np.zeros((0, 0))
        draws = mean[:, None] + L @ np.random.default_rng(seed).standard_normal((L.shape[1], int(size)))
        parameters: dict[sp.Symbol, float] = {}
        for z in zs:
            parameters |= self._parameters(z)
        with np.errstate(all="ignore"):
            values = compile_tape(zs, (*bases, *parameters))(*draws, *parameters.values())
        return np.array([np.broadcast_to(v, (int(size),)) for v in values], dtype=float)

    def distribution(self, x: str) -> Distribution:
        """The law of Z^x: density, atoms and the way they are found."""
        z = self._z(x)
        bases, mean, K = self._joint(s for s in z.free_symbols if s in self.plan.bases)
        return Distribution(z, bases, mean, K, self._parameters(z))

    def density(self, x: str, grid: np.ndarray) -> np.ndarray:
        """Density of the continuous part of Z^x at the points of `grid`; `atoms` has the rest of the mass."""
        try:
            points = np.asarray(grid, dtype=float)
        except (TypeError, ValueError):
            raise InputError(
                "The grid must be a one-dimensional array of finite numbers.", hint="Write np.linspace(-3, 3, 301)."
            ) from None
        if points.ndim != 1 or not np.isfinite(points).all():
            raise InputError("The grid must be a one-dimensional array of finite numbers.")
        return self.distribution(x).density(points)

    def atoms(self, x: str) -> dict[float, float]:
        """Points of positive mass of Z^x: {value: mass}, as {0.0: 0.5} for relu of a centred Gaussian."""
        return self.distribution(x).atoms

    # formulas and checks

    def formula(self, x: str) -> str:
        """LaTeX of Z^x: the first step of its derivation."""
        step = self.derivation(x)[0]
        return f"{step.left} {step.right}"

    def derivation(self, x: str):
        """The steps that lead to Z^x (or θ̊), one rule each; see `tpviz.limit.derivation.Step`."""
        from .derivation import derivation

        return derivation(self, x)

    def check(self) -> None:
        """Cross-checks that hold for any program; `LimitError` where one fails.

        For every product, Ż in derivative form agrees with Stein's (as random variables, through every E[Ẑ^{Wᵀy} Z^x]).
        """
        for name, product in self.plan.products.items():
            if product.stein or not product.dots or product.same:
                continue
            rows, columns = self.plan.shape(product.matrix)
            r = self.values.ratios[rows] / self.values.ratios[columns]
            ys = [d.vector for d in product.dots]
            a = np.array([e.value for e in self._dots(name)])
            b = [self._expect(self.plan.products[d.through].base * self.plan.z[product.vector]) for d in product.dots]
            left = self.gram(ys) @ a / (r if product.transposed else 1 / r)
            for k, estimate in enumerate(b):
                slack = (
                    10 * estimate.error + 1e-9 * max(estimate.scale, 1e-300)
                    if estimate.method != "sampled"
                    else 6 * estimate.error + 1e-9
                )
                if abs(left[k] - estimate.value) > slack:
                    raise LimitError(f"The Stein form and the derivative form of Ż of {name} disagree: {left[k]:.12g} against {estimate.value:.12g}.",
                                     hint="This is a fault of tpviz: please report the program.", names=[name])  # fmt: skip
