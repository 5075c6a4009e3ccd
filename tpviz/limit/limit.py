"""`limit(program)`: the infinite-width limit, and what can be asked of it."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..gaussian import EPS, Estimate, Node, Numbers, Scalar, factor_covariance
from ..gaussian.algebra import Affine, written
from ..gaussian.numbers import least_norm
from ..gaussian.plan import Joint
from ..language import Expression, InputError, LimitError, Program
from ..language.diagnostics import Diagnostic
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
from .checks import Report, cross_check
from .distribution import Distribution
from .plan import LimitPlan, is_zero, is_zero_number
from .warnings import warnings_of

__all__ = ["Limit", "limit", "look_up"]


def limit(
    program: Program,
    inputs: Mapping[str, np.ndarray] | None = None,
    parameters: Mapping[str, float] | None = None,
    check: bool = False,
) -> Limit:
    """The limit of a Netsor⊤⁺ program as every width goes to infinity (the Z rules of Tensor Programs IIb, B.3).

    `inputs` gives arrays of shape (d,) for the inputs that have no value in the text; `parameters` replaces constants and variances by
    name. A parameter may be an array of shape (B,): then every number that is asked for is an array of shape (B,), found in one
    evaluation of one plan. Numbers are computed when they are asked for; with `check` the rules are cross-checked at once (`Limit.check`).
    Raises `InputError` for wrong arguments and `LimitError` where a moment does not exist.
    """
    if not isinstance(program, Program):
        raise InputError(
            f"tp.limit takes a Program, got {type(program).__name__}.",
            hint="Read one with tp.parse(text) or tp.load(path).",
        )
    given = (dict(inputs or {}), dict(parameters or {}))
    result = Limit(LimitPlan(program, frozenset(given[1])), values_of(program, *given), given)
    if check:
        result.report = result.check()
    return result


def values_of(program: Program, inputs: Mapping, parameters: Mapping) -> tuple[Values, ...]:
    """The numbers of the program, one for each element of the parameters that are arrays."""
    batched = {
        k: np.asarray(v) for k, v in parameters.items() if isinstance(v, list | tuple | np.ndarray) and np.ndim(v) > 0
    }
    if not batched:
        return (numbers(program, parameters, inputs),)
    sizes = {v.shape for v in batched.values()}
    if len(sizes) > 1 or any(v.ndim != 1 or not v.size for v in batched.values()):
        raise InputError(
            f"Parameters that are arrays must have one shape (B,), got {', '.join(f'{k}: {v.shape}' for k, v in batched.items())}.",
            names=list(batched),
        )
    (size,) = sizes.pop()
    return tuple(numbers(program, {**parameters, **{k: v[i] for k, v in batched.items()}}, inputs) for i in range(size))


def structure(program: Program) -> tuple[Instruction, ...]:
    """The instructions with every number that a plan does not depend on replaced by 0."""
    zero, one = Expression("0"), Expression("1")

    def mean(e: Expression) -> Expression:  # a mean that is written 0 is 0 in the plan
        return zero if is_zero_number(e) else one

    out: list[Instruction] = []
    for i in program.instructions:
        match i:
            case Constant():
                i = replace(i, value=zero)
            case Matrix() | Embedding():
                i = replace(i, variance=zero)
            case Readout() | Bias():
                i = replace(i, mean=mean(i.mean), variance=zero)
            case Vectors():
                if not is_zero(i):
                    i = replace(
                        i, mean=tuple(mean(e) for e in i.mean), covariance=((one,) * len(i.names),) * len(i.names)
                    )
            case WidthClass():
                i = replace(i, ratio=Expression("n"))
            case Input():
                i = replace(i, value=None)
        out.append(i)
    return tuple(out)


def look_up(key: Any, values: Values) -> tuple[float, float | None]:
    """What a plan asks for by this key: (value, bound of its error, None for a correctly rounded one)."""
    match key:
        case ("constant", name):
            return values.constants[name], None
        case ("variance", name):
            return values.variances[name], None
        case ("limit", name):
            return values.limits[name], None
        case ("ratio", name):
            return values.ratios[name], None
        case ("mean", first, i):
            return float(values.initial[first][0][i]), None
        case ("covariance", first, i, j):
            return float(values.initial[first][1][i, j]), None
        case ("embedding", name, x, y):
            for one in (x, y):
                if one not in values.inputs:
                    raise InputError(f"The input {one} has no value.", hint=f"Pass inputs={{{one!r}: array}} or write it in the text: "
                                     f"input {one} = [1.0, 0.5]", names=[one])  # fmt: skip
            a, b, variance = values.inputs[x], values.inputs[y], values.variances[name]
            size = variance * float(np.abs(a) @ np.abs(b)) / len(a)
            return variance * math.fsum(a * b) / len(a), 2 * EPS * size
    raise KeyError(key)


class Limit:
    """The limit of a program. Every number comes with `error` and `method`; nothing is computed before it is asked for."""

    def __init__(self, plan: LimitPlan, values: tuple[Values, ...], given: tuple[dict, dict] = ({}, {})):
        self.plan, self.program, self.values = plan, plan.program, values
        self._from = given
        self._numbers = Numbers(self._given, self._describe)
        self._cache: dict[Scalar, Estimate] = {}
        self.report: Report | None = None  # of the cross-checks, where they were run

    def at(
        self, inputs: Mapping[str, np.ndarray] | None = None, parameters: Mapping[str, float | np.ndarray] | None = None
    ) -> Limit:
        """The same limit with other inputs or parameters, without planning again."""
        given = ({**self._from[0], **(inputs or {})}, {**self._from[1], **(parameters or {})})
        values = values_of(self.program, *given)
        if self.plan.zeros & set(given[1]):  # what was planned as 0 moves now
            return Limit(LimitPlan(self.program, self.plan.moving | set(given[1])), values, given)
        return self._again(values, given)

    def for_program(self, program: Program) -> Limit | None:
        """The limit of a program that differs from this one in numbers only (variances, means, constants, values), without planning
        again; None where it differs in more."""
        if program != self.program and structure(program) != structure(self.program):
            return None
        return self._again(values_of(program, *self._from), self._from)

    def _again(self, values: tuple[Values, ...], given: tuple[dict, dict]) -> Limit:
        """Other numbers for the same plan. What was asked of this limit is likely asked again, so it is computed in one go, when first
        something is."""
        result = Limit(self.plan, values, given)
        result._likely = (*self._likely, *self._cache)
        return result

    _likely: tuple[Scalar, ...] = ()

    # estimates

    def _given(self, key: Hashable) -> tuple:
        """(value, bound of its error or None) of what the plan is given."""
        parts = [look_up(key, v) for v in self.values]
        if len(parts) == 1:
            return parts[0]
        value = np.array([[v for v, _ in parts]])
        return value, None if parts[0][1] is None else np.array([[e for _, e in parts]])

    def _describe(self, s: Scalar) -> str:
        origin = self.plan.planner.origins.get(s)
        return "of a number" if origin is None else written(origin)

    def _get(self, s: Scalar) -> Estimate:
        if s not in self._cache:
            if self._likely:
                likely, self._likely = self._likely, ()
                self._numbers.compute((s, *likely))
            self._cache[s] = self._numbers.get(s).estimate()
        return self._cache[s]

    def _expect(self, e: Node) -> Estimate:
        return self._get(self.plan.planner.expectation(e))

    def _z(self, name: str) -> Node:
        self.program.width_class(name)  # raises for an unknown vector
        return self.plan.z[name]

    def _pair(self, x: str, y: str) -> tuple[Node, Node]:
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

    def _second_plan(self, x: str, y: str | None = None) -> Scalar:
        key = (x, x if y is None else y)
        if key not in self.plan.moments:
            self.plan.moments[key] = self.plan.planner.expectation(self.plan.algebra.multiply(*self._pair(*key)))
        return self.plan.moments[key]

    def _second(self, x: str, y: str | None = None) -> Estimate:
        return self._get(self._second_plan(x, y))

    def covariance(self, x: str, y: str | None = None) -> float:
        """Cov(Z^x, Z^y) = E Z^x Z^y − E Z^x E Z^y."""
        value = self._get(self._covariance_plan(x, y)).value
        return np.maximum(value, 0.0) if np.ndim(value) else max(0.0, value) if (y or x) == x else value

    def _covariance_plan(self, x: str, y: str | None = None) -> Scalar:
        a, b = self._pair(x, x if y is None else y)
        plan, algebra = self.plan.planner, self.plan.algebra
        if isinstance(a, Affine) and isinstance(b, Affine):
            return plan.affine_covariance(a, b)
        both = algebra.multiply(algebra.number(-1), plan.expectation(a), plan.expectation(b))
        out = algebra.add(plan.expectation(algebra.multiply(a, b)), both)
        assert isinstance(out, Scalar)
        return out

    def correlation(self, x: str, y: str | None = None) -> float:
        """Cov(Z^x, Z^y)/√(Var Z^x Var Z^y); nan where a variance is 0."""
        y = x if y is None else y
        spread = np.sqrt(np.asarray(self.covariance(x)) * np.asarray(self.covariance(y)))
        with np.errstate(all="ignore"):
            value = np.where(spread > 0, np.clip(np.asarray(self.covariance(x, y)) / spread, -1.0, 1.0), np.nan)
        if self._pair(x, y)[0] is self._pair(x, y)[1]:
            value = np.where(spread > 0, 1.0, np.nan)
        return value if value.ndim else float(value)  # type: ignore[return-value]

    def gram(self, names: Sequence[str], kind: str = "second_moment") -> np.ndarray:
        """The (k, k) matrix of second moments; `kind` "covariance" or "correlation" for those. (B, k, k) where parameters are arrays."""
        if kind not in ("second_moment", "covariance", "correlation"):
            raise InputError(
                f"There is no kernel {kind!r}.", hint='Use "second_moment", "covariance" or "correlation".'
            )
        plan = self._second_plan if kind == "second_moment" else self._covariance_plan
        self._numbers.compute([plan(x, y) for i, x in enumerate(names) for y in names[: i + 1]])
        pair = getattr(self, kind)
        out = np.empty(
            (len(names), len(names)) if len(self.values) == 1 else (len(names), len(names), len(self.values))
        )
        for i, x in enumerate(names):
            for j in range(i + 1):
                out[i, j] = out[j, i] = pair(x, names[j])
        return out if out.ndim == 2 else np.moveaxis(out, -1, 0)

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
        return self._get(self.plan.scalars[name])

    def expect(self, expression: str) -> float:
        """E of an expression over the program's vectors (of one width class), scalars and constants, as `"relu(h2)*x1"`."""
        return self._expect(self.plan.read(expression)).value

    def zdot(self, name: str) -> dict[str, float]:
        """Ż of a product in derivative form: {earlier vector: coefficient}, of least norm where it is not unique; {} where Ż = 0.

        Raises `InputError` for a vector that is not a product.
        """
        out: dict[str, float] = {}
        for vector, a in self._dots(name):
            if np.any(np.abs(a.value) > np.maximum(a.error, 1e-15)):
                out[vector] = a.value
        return out

    def _product(self, name: str):
        product = self.plan.products.get(name)
        if product is None:
            self._z(name)
            raise InputError(
                f"{name} is not a product, so it has no Ż.",
                hint=f"Products are {', '.join(self.plan.products) or 'none'}.",
                names=[name],
            )
        return product

    def _dots(self, name: str) -> list[tuple[str, Estimate]]:
        """(vector, coefficient) of every term of Ż; where vectors are linearly dependent, the combination of least norm."""
        product = self._product(name)
        found: dict[str, Estimate] = {}
        for d in product.dots:
            a = self._get(d.coefficient)
            b = found.get(d.vector, Estimate(0.0))
            found[d.vector] = Estimate(a.value + b.value, a.error + b.error, a.method)
        if not found or len(self.values) > 1:
            return list(found.items())
        order = list(self.plan.products)
        earlier = [self.plan.products[p] for p in order[: order.index(name)]]
        names = list(
            dict.fromkeys(
                p.vector for p in earlier if p.matrix == product.matrix and p.transposed != product.transposed
            )
        )
        if len(names) < 2:
            return list(found.items())
        C = self.gram(names)
        given = np.array([found[n].value if n in found else 0.0 for n in names])
        shortest = least_norm(C, given)
        if shortest is given:
            return list(found.items())
        error = max(e.error for e in found.values())
        method = next(iter(found.values())).method
        return [(n, Estimate(float(v), error, method)) for n, v in zip(names, shortest, strict=True)]

    def hat_covariance(self, x: str, y: str | None = None) -> float:
        """Cov(Ẑ^x, Ẑ^y) of two products or initial vectors; 0 for different matrices, and for W against Wᵀ."""
        hats = []
        for name in (x, x if y is None else y):
            z = self._z(name)
            if name in self.plan.products:
                hats.append(self.plan.products[name].hat)
            elif isinstance(self.program[name], Vectors | Readout | Embed):
                hats.append(z)
            else:
                raise InputError(f"{name} has no Ẑ: it is neither a product nor an initial vector.", names=[name])
        a, b = hats
        if not (isinstance(a, Affine) and isinstance(b, Affine)):  # 0, or W 0
            return 0.0
        return self._get(self.plan.planner.affine_covariance(a, b)).value

    def error(self, x: str, y: str | None = None) -> float:
        """How far second_moment(x, y) may be off: a bound, rounding included, or a standard error where `method` is "sampled"."""
        return self._second(x, y).error

    def method(self, x: str, y: str | None = None) -> str:
        """How second_moment(x, y) was found: "closed", "quadrature" or "sampled", the least exact of all the steps."""
        return self._second(x, y).method

    # distributions

    def _one(self, what: str) -> None:
        if len(self.values) > 1:
            raise InputError(f"{what} is of one set of numbers, and this limit holds {len(self.values)}.", hint="Ask lim.at(parameters={...}) with single numbers.")  # fmt: skip

    def _evaluated(self, joint: Joint) -> tuple[np.ndarray, np.ndarray, list[float]]:
        """(mean, covariance, parameters) of the directions of a joint law."""
        every = (*joint.mean, *joint.covariance, *joint.parameters)
        self._numbers.compute(every)
        numbers = [self._get(s).value for s in every]
        k = len(joint.mean)
        K = np.zeros((k, k))
        K[np.tril_indices(k)] = numbers[k : k + len(joint.covariance)]
        return np.array(numbers[:k]), K + np.tril(K, -1).T, numbers[k + len(joint.covariance) :]

    def sample(self, names: Sequence[str], size: int = 100_000, seed: int = 0) -> np.ndarray:
        """Joint samples of Z, shape (len(names), size)."""
        if isinstance(names, str):
            names = [names]
        if not (isinstance(size, int | np.integer) and 0 < size * max(1, len(names)) <= 200_000_000):
            raise InputError(
                f"The sample size must be a positive integer with at most 2e8 numbers in all, got {size!r}."
            )
        self._one("A sample")
        joint = self.plan.planner.joint([self._z(n) for n in names])
        mean, K, parameters = self._evaluated(joint)
        L = factor_covariance(K) if len(mean) else np.zeros((0, 0))
        draws = mean[:, None] + L @ np.random.default_rng(seed).standard_normal((L.shape[1], int(size)))
        kernel = joint.kernel
        tape = compile_tape([kernel.sympy(e) for e, _ in kernel.factors], (*kernel.symbols, *kernel.parameter_symbols))
        with np.errstate(all="ignore"):
            values = tape(*draws, *parameters)
        return np.array([np.broadcast_to(v, (int(size),)) for v in values], dtype=float)

    def distribution(self, x: str) -> Distribution:
        """The law of Z^x: density, atoms and the way they are found."""
        self._one("A distribution")
        joint = self.plan.planner.joint([self._z(x)])
        return Distribution(joint.kernel, *self._evaluated(joint))

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
        """LaTeX of Z^x in terms of Ẑ's and earlier Z's, Ż spelled out: in symbols, then in numbers."""
        from .derivation import formula

        return formula(self, x)

    def derivation(self, x: str):
        """The steps that lead to Z^x (or θ̊), one rule each; see `tpviz.limit.derivation.Step`."""
        from .derivation import derivation

        return derivation(self, x)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What the Master Theorem does not promise here, and what W and Wᵀ together mean, as diagnostics."""
        return warnings_of(self)

    def check(self) -> Report:
        """Cross-checks that hold for any program: Stein form against derivative form, adjointness, second moments of sums against their
        expansion. Returns a report; `LimitError` where one fails."""
        report = cross_check(self)
        if report.failures:
            raise LimitError(*report.failures)
        return report
