"""A program run on several inputs at once, its parameters shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..language import InputError, Program
from ..language.derivatives import fresh_name
from ..language.expressions import Expression, read_expression
from ..language.instructions import Embed, Input, Instruction, LinComb, MatMul, Moment, Nonlin, Output

__all__ = ["Instances", "input_array", "instances", "instantiate"]


@dataclass(frozen=True)
class Instances:
    """The program and, for each instance, the new name of everything that was copied."""

    program: Program
    names: tuple[Mapping[str, str], ...]


def instantiate(program: Program, inputs: Sequence[Mapping[str, np.ndarray]]) -> Program:
    """One program that runs `program` once for each mapping of `inputs`, parameters shared (theory §4, NNGP kernel).

    Inputs and everything computed are copied, under the names x1_0, x1_1, … (another underscore where one is taken); matrices, embeddings,
    initial vectors and scalars, readouts, biases, constants and functions are shared. A mapping gives arrays of shape (d,) for inputs;
    inputs that it does not name keep their value, or stay free. Raises `InputError` for unknown inputs and arrays that are no vectors.
    """
    if not isinstance(program, Program):
        raise InputError(f"tp.instantiate takes a Program, got {type(program).__name__}.", hint="Read one with tp.parse(text).")  # fmt: skip
    if isinstance(inputs, Mapping) or not isinstance(inputs, Sequence) or not inputs:
        raise InputError(
            "tp.instantiate takes a list with a mapping for each instance.",
            hint='Write tp.instantiate(p, [{"xi": a}, {"xi": b}]).',
        )
    return instances(program, inputs).program


def instances(program: Program, inputs: Sequence[Mapping[str, np.ndarray]]) -> Instances:
    """`instantiate`, with the new names."""
    copied = [i.name for i in program.instructions if isinstance(i, Input | Embed | MatMul | LinComb | Nonlin | Moment | Output)]  # fmt: skip
    taken = set(program.scope.symbols)
    names: list[dict[str, str]] = [{} for _ in inputs]
    for name in copied:
        for k, mine in enumerate(names):
            mine[name] = fresh_name(f"{name}_{k}", taken.__contains__, (name, str(k)))
            taken.add(mine[name])
    values = [_values(program, given) for given in inputs]
    out: list[Instruction] = [i for i in program.instructions if getattr(i, "name", None) not in names[0]]
    for mine, given in zip(names, values, strict=True):
        out += [_copy(i, mine, given) for i in program.instructions if getattr(i, "name", None) in mine]
    return Instances(Program(tuple(out)), tuple(names))


def _values(program: Program, given: Mapping[str, np.ndarray]) -> dict[str, tuple[Expression, ...]]:
    if not isinstance(given, Mapping):
        raise InputError(f"An instance is given by a mapping from inputs to arrays, got {type(given).__name__}.", hint='Write {"xi": array}.')  # fmt: skip
    unknown = [x for x in given if x not in program.inputs]
    if unknown:
        raise InputError(f"The program has no input {unknown[0]!r}.", hint=f"Its inputs are {', '.join(program.inputs) or 'none'}.", names=unknown)  # fmt: skip
    return {
        name: tuple(read_expression(repr(float(v))) for v in input_array(name, value)) for name, value in given.items()
    }


def input_array(name: str, value: object, ndim: int = 1) -> np.ndarray:
    """The value of an input as an array of floats, shape (d,), or (N, d) where `ndim` is 2."""
    shape = "(d,)" if ndim == 1 else "(N, d)"
    try:
        given = np.asarray(value)
        if np.iscomplexobj(given):
            raise TypeError
        array = given.astype(float)
    except (TypeError, ValueError):
        raise InputError(f"The input {name} must be an array of real numbers of shape {shape}.", names=[name]) from None
    if array.ndim != ndim or not array.size:
        raise InputError(f"The input {name} must have the shape {shape}, got {array.shape}.", names=[name])
    if not np.isfinite(array).all():
        raise InputError(f"The input {name} holds NaN or infinite numbers.", hint="Clean the data first.", names=[name])
    return array


def _copy(i: Instruction, names: Mapping[str, str], values: Mapping[str, tuple[Expression, ...]]) -> Instruction:
    name = names[i.name]  # type: ignore[union-attr]
    match i:
        case Input():
            return Input(name, values.get(i.name, i.value))
        case Embed():
            return replace(i, name=name, input=names[i.input])
        case MatMul():
            return replace(i, name=name, vector=names.get(i.vector, i.vector))
        case LinComb() | Nonlin() | Moment():
            return replace(i, name=name, expression=i.expression.renamed(names))
        case Output():
            terms = tuple(replace(t, vector=names.get(t.vector, t.vector) if t.vector else None) for t in i.terms)
            return replace(i, name=name, terms=terms)
    raise TypeError(f"not an assignment: {i!r}")
