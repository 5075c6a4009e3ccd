"""NNGP and NTK of a program on a batch of inputs, from backward vectors with full Ż (theory §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..gaussian import Estimate, Numbers, Scalar
from ..gaussian.algebra import written
from ..language import InputError, LimitError, Program
from ..language.values import Values, numbers
from .backprop import output_of
from .batch import Batch, Given, batch_of, pairs_of
from .plan import NetworkPlan, check_readouts, chosen_parameters, parameters_of, readouts_in_body

__all__ = ["Kernels", "describe", "kernels", "nngp", "ntk", "ntk_parts"]

Formula = Callable[[NetworkPlan, str, str], Scalar]
_CHUNK = 4096  # pairs that are evaluated together
Array = np.ndarray


def nngp(
    program: Program,
    X: object,
    Y: object = None,
    output: str | None = None,
    parameters: Mapping[str, float] | None = None,
    dtype: Any = np.float64,
    out: Any = None,
    progress: Callable[[float], None] | None = None,
) -> Array:
    """The NNGP kernel Σ(ξ, ξ') = σ_v² E[Z^{x(ξ)} Z^{x(ξ')}] of an output, shape (N, N), or (N, M) with Y (theory §4).

    X has shape (N, d), or is {"xi1": (N, d₁), …} for a program with several inputs; inputs that it leaves out keep the value of the text.
    `output` is an output's name, by default the first, or "all": then the shape is (N, M, k, k). `parameters` replaces constants and
    variances; `out` is an array to fill; `progress` is called with the part that is done. Raises `InputError` for wrong shapes, NaN and
    unknown names, `LimitError` for a readout of nonzero mean (f grows like √n) or one that the body uses.
    """
    work = Kernels(program, X, Y, output, parameters, backward_pass=False)
    return work.fill(work.nngp, dtype, out, progress)


def ntk(
    program: Program,
    X: object,
    Y: object = None,
    trainable: Iterable[str] | None = None,
    output: str | None = None,
    parameters: Mapping[str, float] | None = None,
    dtype: Any = np.float64,
    out: Any = None,
    progress: Callable[[float], None] | None = None,
) -> Array:
    """The limiting neural tangent kernel Θ(ξ, ξ') = lim ⟨∇f(ξ), ∇f(ξ')⟩, shape (N, N), or (N, M) with Y (theory §4, the table).

    The gradient is with respect to the parameters named in `trainable`, by default all of them: matrices, embeddings, readouts, biases
    and vectors declared alone. Backward vectors go through the full Z rules, so it is right with W and Wᵀ together. The other arguments
    and errors are those of `tp.nngp`.
    """
    work = Kernels(program, X, Y, output, parameters)
    chosen = work.trainable(trainable)
    return work.fill(lambda plan, f, g: plan.algebra.add(*[plan.part(p, f, g) for p in chosen]), dtype, out, progress)


def ntk_parts(
    program: Program,
    X: object,
    Y: object = None,
    output: str | None = None,
    parameters: Mapping[str, float] | None = None,
    dtype: Any = np.float64,
) -> dict[str, Array]:
    """What each parameter adds to the NTK: {parameter: array of shape (N, N) or (N, M)}; their sum is `tp.ntk`. Arguments as there."""
    work = Kernels(program, X, Y, output, parameters)
    names = parameters_of(program)
    found = work.arrays([_part_of(p) for p in names])
    return {p: a.astype(dtype) for p, a in zip(names, found, strict=True)}


def _part_of(parameter: str) -> Formula:
    return lambda plan, f, g: plan.part(parameter, f, g)


def kernels(
    program: Program,
    X: object,
    Y: object = None,
    trainable: Iterable[str] | None = None,
    output: str | None = None,
    parameters: Mapping[str, float] | None = None,
    dtype: Any = np.float64,
) -> tuple[Array, Array]:
    """(NNGP, NTK) in one pass; arguments as in `tp.nngp` and `tp.ntk`."""
    work = Kernels(program, X, Y, output, parameters)
    if used := readouts_in_body(program):
        raise _used(used[0])
    chosen = work.trainable(trainable)
    both = work.arrays([work.nngp, lambda plan, f, g: plan.algebra.add(*[plan.part(p, f, g) for p in chosen])])
    return both[0].astype(dtype), both[1].astype(dtype)


def _used(readout: str) -> LimitError:
    return LimitError(
        f"The readout {readout} is used inside the body, too: the NNGP kernel is not σ² E[Z^x Z^x'] then.",
        code="readout-in-body",
        hint="Use a vector of its own inside, vector u ~ N(0, 1).",
        names=[readout],
    )


class Kernels:
    """Kernels of one program on one batch: plans are made when first needed, pairs of equal rows go through the plan of one instance."""

    def __init__(
        self,
        program: Program,
        X: object,
        Y: object = None,
        output: str | None = None,
        parameters: Mapping[str, float] | None = None,
        backward_pass: bool = True,
    ):
        first = output_of(program, None if output == "all" else output)
        self.program, self.backward_pass = program, backward_pass
        self.outputs: tuple[str, ...] = program.outputs if output == "all" else (first.name,)
        self.every = output == "all"
        self.batch: Batch = batch_of(program, X, Y)
        self.symmetric = Y is None
        row = {name: rows[0] for name, rows in self.batch.rows.items()}
        self.moving = frozenset(parameters or {})
        self.values: Values = numbers(program, parameters, row)
        check_readouts(program, self.outputs, {v: float(m[0]) for v, (m, _) in self.values.initial.items()})
        used = readouts_in_body(program)
        if used and not backward_pass:
            raise _used(used[0])
        if used and any(getattr(i, "average", False) for i in program.instructions):
            raise LimitError(
                f"The readout {used[0]} is used inside the body of a program with Moments: gradients through the Moments do not vanish.",
                code="readout-in-body",
                hint="Use a vector of its own inside, vector u ~ N(0, 1).",
                names=[used[0]],
            )
        self._plans: dict[int, NetworkPlan] = {}

    def plan(self, count: int) -> NetworkPlan:
        if count not in self._plans:
            self._plans[count] = NetworkPlan(self.program, self.outputs, count, self.backward_pass, self.moving)
        return self._plans[count]

    def trainable(self, names: Iterable[str] | None) -> tuple[str, ...]:
        """The chosen parameters, in program order."""
        return chosen_parameters(self.program, names)

    @staticmethod
    def nngp(plan: NetworkPlan, f: str, g: str) -> Scalar:
        return plan.nngp(f, g)

    def fill(self, formula: Formula, dtype: Any, out: Any, progress: Callable[[float], None] | None) -> Array:
        (values,) = self.arrays([formula], progress)
        if out is None:
            return values.astype(dtype)
        if tuple(out.shape) != values.shape:
            raise InputError(f"out must have the shape {values.shape}, got {tuple(out.shape)}.")
        out[...] = values
        return out

    def arrays(self, formulas: Sequence[Formula], progress: Callable[[float], None] | None = None) -> list[Array]:
        """One array of shape (N, M) for each formula, (N, M, k, k) for all outputs."""
        return [value for value, _ in self.estimates(formulas, progress)]

    def estimates(
        self, formulas: Sequence[Formula], progress: Callable[[float], None] | None = None
    ) -> list[tuple[Array, Array]]:
        """(values, bounds or standard errors) for each formula."""
        i, j, place = pairs_of(self.batch)
        k = len(self.outputs)
        found = np.zeros((len(formulas), 2, len(i), k, k))
        equal = i == j
        done = 0
        for same in (True, False):
            chosen = np.flatnonzero(equal == same)
            for start in range(0, len(chosen), _CHUNK):
                part = chosen[start : start + _CHUNK]
                found[:, :, part] = self._evaluate(self.plan(1 if same else 2), formulas, i[part], j[part])
                done += len(part)
                if progress is not None:
                    progress(done / len(i))
        exchanged = place < 0
        index = np.where(exchanged, -1 - place, place)
        out = []
        for value, error in found:
            pair = []
            for a in (value, error):
                full = a[index]
                full = np.where(exchanged[..., None, None], np.swapaxes(full, -1, -2), full)
                pair.append(full if self.every else full[..., 0, 0])
            out.append((pair[0], pair[1]))
        return out

    def _evaluate(self, plan: NetworkPlan, formulas: Sequence[Formula], i: Array, j: Array) -> Array:
        k = len(self.outputs)
        wanted = [[[formula(plan, f, g) for g in self.outputs] for f in self.outputs] for formula in formulas]
        run = Numbers(Given(plan, self.values, self.batch, i, j), lambda s: describe(plan, s))
        run.compute([s for table in wanted for row in table for s in row])
        out = np.empty((len(formulas), 2, len(i), k, k))
        for a, table in enumerate(wanted):
            for b, row in enumerate(table):
                for c, s in enumerate(row):
                    e: Estimate = run.get(s).estimate()
                    out[a, 0, :, b, c], out[a, 1, :, b, c] = e.value, e.error
        return out


def describe(plan: NetworkPlan, s: Scalar) -> str:
    """What a number of the plan is the expectation of, for messages."""
    origin = plan.planner.origins.get(s)
    return "of a number" if origin is None else written(origin)
