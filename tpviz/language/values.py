"""The numbers of a program: every constant, variance, mean, covariance, ratio and scalar, with some of them replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from .diagnostics import Diagnostic, InputError, ProgramError
from .expressions import constant_value
from .instructions import Bias, Embed, Embedding, Input, Matrix, Readout, Scalar, Vectors
from .program import Program

__all__ = ["Values", "check_numbers", "numbers"]


@dataclass(frozen=True)
class Values:
    """`variances` holds σ² of matrices, embeddings, readouts, biases and single vectors; `initial` a (mean, covariance) for each
    declaration of vectors, by its first name; `limits` θ̊ of initial scalars; `inputs` the arrays in R^d."""

    constants: Mapping[str, float]
    ratios: Mapping[str, float]
    variances: Mapping[str, float]
    initial: Mapping[str, tuple[np.ndarray, np.ndarray]]
    limits: Mapping[str, float]
    inputs: Mapping[str, np.ndarray]


def numbers(
    program: Program, parameters: Mapping[str, float] | None = None, inputs: Mapping[str, np.ndarray] | None = None
) -> Values:
    """Every number of the program.

    `parameters` replaces constants and variances by name; `inputs` gives the inputs that have no value in the text (and may
    replace those that have). Raises `InputError` on unknown names, wrong shapes, NaN, or a covariance that is not positive semidefinite.
    """
    parameters = dict(parameters or {})
    _check_parameters(program, parameters)
    constants = program.constants(parameters)
    value_of = partial(constant_value, constants=constants, functions=program.function_table)
    problems: list[Diagnostic] = []
    ratios = program.width_ratios(constants)
    for name, ratio in ratios.items():
        if not (np.isfinite(ratio) and ratio > 0):
            problems.append(
                Diagnostic(
                    "width",
                    f"The width class {name} is {ratio:g} times as wide as n.",
                    "A ratio is a positive number.",
                    names=(name,),
                )
            )
    variances: dict[str, float] = {}
    initial: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    limits: dict[str, float] = {}
    for i in program.instructions:
        match i:
            case Matrix() | Embedding():
                variances[i.name] = _variance(i.name, i.variance, value_of, parameters, problems)
            case Readout() | Bias():
                variances[i.name] = _variance(i.name, i.variance, value_of, parameters, problems)
                mean = value_of(i.mean)
                initial[i.name] = (np.array([mean]), np.array([[variances[i.name]]]))
            case Vectors(names=(name,)):
                variances[name] = _variance(name, i.covariance[0][0], value_of, parameters, problems)
                initial[name] = (np.array([value_of(i.mean[0])]), np.array([[variances[name]]]))
            case Vectors():
                initial[i.names[0]] = _joint(i, value_of, problems)
            case Scalar():
                expression = i.limit if i.limit is not None else i.value
                limits[i.name] = float(parameters[i.name]) if i.name in parameters else value_of(expression)
                if not np.isfinite(limits[i.name]):
                    problems.append(
                        Diagnostic(
                            "number",
                            f"The scalar {i.name} is {limits[i.name]:g}.",
                            "Write a finite number.",
                            names=(i.name,),
                        )
                    )
    if problems:
        raise InputError(*problems)
    return Values(constants, ratios, variances, initial, limits, _inputs(program, value_of, inputs))


def _check_parameters(program: Program, parameters: Mapping[str, float]) -> None:
    allowed = [
        s.name
        for s in program.scope.symbols.values()
        if s.type in ("constant", "matrix", "embedding", "bias") or s.readout
    ]
    allowed += [i.names[0] for i in program.instructions if isinstance(i, Vectors) and len(i.names) == 1]
    allowed += [i.name for i in program.instructions if isinstance(i, Scalar)]
    for name, value in parameters.items():
        if name not in allowed:
            raise InputError(
                f"The program has no parameter {name!r}.",
                hint=f"Parameters are {', '.join(allowed) or 'none'}.",
                names=[name],
            )
        try:
            finite = bool(np.isfinite(float(value)))
        except (TypeError, ValueError):
            finite = False
        if not finite:
            raise InputError(f"The parameter {name} must be a finite number, got {value!r}.", names=[name])


def _variance(name, expression, value_of, parameters, problems) -> float:
    value = float(parameters[name]) if name in parameters else value_of(expression)
    if not np.isfinite(value) or value < 0:
        problems.append(
            Diagnostic(
                "variance", f"The variance of {name} is {value:g}.", "A variance is a number ≥ 0.", names=(name,)
            )
        )
    return value


def _joint(i: Vectors, value_of, problems) -> tuple[np.ndarray, np.ndarray]:
    mean = np.array([value_of(e) for e in i.mean])
    covariance = np.array([[value_of(e) for e in row] for row in i.covariance])
    where = ", ".join(i.names)
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        problems.append(
            Diagnostic(
                "number",
                f"The distribution of {where} holds a number that is not finite.",
                "Write finite numbers.",
                names=i.names,
            )
        )
    elif not np.allclose(covariance, covariance.T, rtol=1e-12, atol=0):
        problems.append(
            Diagnostic(
                "covariance",
                f"The covariance of {where} is not symmetric.",
                "Write the same number on both sides of the diagonal.",
                names=i.names,
            )
        )
    else:
        lowest = float(np.linalg.eigvalsh(covariance)[0])
        if lowest < -1e-12 * max(1e-300, float(np.abs(covariance).max())):
            problems.append(Diagnostic("covariance", f"The covariance of {where} is not positive semidefinite: its lowest eigenvalue is {lowest:.4g}.",
                                       "Make the covariances smaller or the variances larger: |cov(u, w)| ≤ √(var u · var w).", names=i.names))  # fmt: skip
    return mean, covariance


def _inputs(program: Program, value_of, given: Mapping[str, np.ndarray] | None) -> dict[str, np.ndarray]:
    given = dict(given or {})
    for name in given:
        if name not in program.inputs:
            raise InputError(
                f"The program has no input {name!r}.",
                hint=f"Its inputs are {', '.join(program.inputs) or 'none'}.",
                names=[name],
            )
    out: dict[str, np.ndarray] = {}
    for i in program.instructions:
        if not isinstance(i, Input):
            continue
        if i.name in given:
            try:
                value = np.asarray(given[i.name], dtype=float)
            except (TypeError, ValueError):
                raise InputError(f"The input {i.name} is not an array of numbers.", names=[i.name]) from None
            if value.ndim != 1 or not value.size:
                raise InputError(
                    f"The input {i.name} must be a vector of shape (d,), got shape {value.shape}.", names=[i.name]
                )
            if not np.isfinite(value).all():
                raise InputError(
                    f"The input {i.name} holds NaN or infinite numbers.", hint="Clean the data first.", names=[i.name]
                )
            out[i.name] = value
        elif i.value is not None:
            out[i.name] = np.array([value_of(e) for e in i.value])
    for i in program.instructions:
        if isinstance(i, Embed) and i.input in out:
            first = next(
                j
                for j in program.instructions
                if isinstance(j, Embed) and j.embedding == i.embedding and j.input in out
            )
            if out[i.input].size != out[first.input].size:
                raise InputError(
                    f"{i.embedding} embeds {first.input} of {out[first.input].size} entries and {i.input} of {out[i.input].size}.",
                    hint="Inputs of one embedding have one length d.",
                    names=[i.name],
                )
    return out


def check_numbers(program: Program) -> list[Diagnostic]:
    """Problems of the numbers written in the text: a negative variance, a covariance that is not positive semidefinite."""
    try:
        numbers(program)
    except (InputError, ProgramError) as error:
        return list(error.diagnostics)
    return []
