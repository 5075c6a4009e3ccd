"""Batches of network inputs: the program's own ones turned by angles, two at an angle, random on the sphere, typed, or from a file.

A batch is a dictionary name -> array (N, d), a row for each network input; a typed row holds all inputs of the program one after
the other. Nothing here knows of a user interface; what is wrong with a text or a file is said by an `InputError`.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..language import InputError, Program
from ..language.expressions import read_expression
from ..language.instructions import Embed, Input

__all__ = [
    "KINDS",
    "MAX_ROWS",
    "Batch",
    "BatchSpec",
    "filled",
    "free_inputs",
    "make_batch",
    "parse_rows",
    "read_array",
    "turned",
]

KINDS = ("turned", "angle", "sphere", "typed", "file")
MAX_ROWS, MAX_NUMBERS = 64, 200_000
Rows = tuple[tuple[float, ...], ...]
Inputs = dict[str, np.ndarray]


@dataclass(frozen=True)
class BatchSpec:
    """How a batch is made: `turned` is the first input at `count` angles from 0 to 180 degrees, `angle` the first input and itself
    turned by `angle` degrees, `sphere` `count` random inputs with |ξ|² = d, `typed` and `file` hold rows of numbers. `dimension` is
    that of inputs which have no value in the program."""

    kind: str = "turned"
    count: int = 5
    seed: int = 0
    angle: float = 60.0
    dimension: int = 3
    text: str = ""
    rows: Rows = ()
    name: str = ""


@dataclass(frozen=True)
class Batch:
    """N network inputs, one where the program has no input; `angles` in degrees where the rows are one input turned."""

    inputs: Inputs
    angles: tuple[float, ...] | None = None

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values()))) if self.inputs else 1

    def text(self, most: int = 400) -> str:
        """The rows as they would be typed, with four digits; nothing where there are more than `most` numbers."""
        if not self.inputs:
            return ""
        rows = np.concatenate(list(self.inputs.values()), axis=1)
        return "\n".join(", ".join(f"{v:.4g}" for v in row) for row in rows) if rows.size <= most else ""

    def row(self, k: int) -> Inputs:
        """The k-th network input, name -> (d,)."""
        return {name: x[k] for name, x in self.inputs.items()}


def make_batch(program: Program, spec: BatchSpec) -> Batch:
    """The batch, one (N, d) array for each input of the program; raises `InputError` where the rows do not fit the program."""
    if not program.inputs:
        return Batch({})
    if spec.kind in ("typed", "file"):
        rows = np.array(parse_rows(spec.text) if spec.kind == "typed" else spec.rows, dtype=float)
        if not rows.size:
            hint = "Write a row of numbers for each input." if spec.kind == "typed" else "Open a .csv or .npy file."
            raise InputError("The batch is empty.", hint=hint)
        return Batch(_split(program, rows))
    if spec.kind == "sphere":
        return Batch(_on_sphere(program, spec))
    first = _first(program, spec)
    angles: tuple[float, ...]
    if spec.kind == "angle":
        angles = (0.0, spec.angle)
    elif min(x.size for x in first.values()) < 2:
        angles = (0.0, 180.0)[: spec.count]
    else:
        angles = tuple(np.linspace(0, 180, spec.count)) if spec.count > 1 else (0.0,)
    return Batch(turned(first, np.array(angles)), angles)


def turned(inputs: Mapping[str, np.ndarray], degrees: np.ndarray) -> Inputs:
    """Every input ξ ∈ R^d turned by the angles, (N, d) each: in the plane of ξ and of a coordinate axis that is far from ξ."""
    return {name: _turned(np.asarray(x, dtype=float), np.atleast_1d(degrees)) for name, x in inputs.items()}


def _turned(x: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    quarter = degrees / 90
    cos = np.where(quarter % 2 == 1, 0.0, np.cos(np.radians(degrees)))
    sin = np.where(quarter % 2 == 0, 0.0, np.sin(np.radians(degrees)))
    length = float(np.linalg.norm(x))
    if x.size < 2:
        if np.any(sin != 0):
            raise InputError("An input of one number has no angle but 0 and 180 degrees.", hint="Give it two numbers or more.")  # fmt: skip
        return cos[:, None] * x
    if length == 0:
        return np.zeros((degrees.size, x.size))
    axis = np.zeros(x.size)
    axis[int(np.argmin(np.abs(x)))] = 1.0
    side = axis - (axis @ x) / length**2 * x
    return cos[:, None] * x + (length * sin)[:, None] * (side / np.linalg.norm(side))


def free_inputs(program: Program) -> tuple[str, ...]:
    """Inputs that have no value in the program."""
    return tuple(i.name for i in program.instructions if isinstance(i, Input) and i.value is None)


def filled(program: Program, spec: BatchSpec) -> Program:
    """The program with the first row of the batch for inputs that have no value; as it is where the batch does not fit."""
    if not free_inputs(program):
        return program
    try:
        first = make_batch(program, spec).row(0)
    except InputError:
        return program
    values = {name: tuple(read_expression(repr(float(v))) for v in first[name]) for name in free_inputs(program)}
    return Program(
        tuple(
            replace(i, value=values[i.name]) if isinstance(i, Input) and i.name in values else i
            for i in program.instructions
        )
    )


def _dimensions(program: Program, free: int) -> dict[str, int]:
    """d of every input: by its value, by another input of the same embedding, else `free`."""
    known = {name: x.size for name, x in program.input_values().items()}
    embeds = [i for i in program.instructions if isinstance(i, Embed)]
    by_embedding = {e.embedding: known[e.input] for e in embeds if e.input in known}
    for e in embeds:
        if e.embedding in by_embedding:
            known.setdefault(e.input, by_embedding[e.embedding])
    return {name: known.get(name, free) for name in program.inputs}


def _first(program: Program, spec: BatchSpec) -> Inputs:
    """The input that is turned: the program's own values, drawn from the sphere where it has none."""
    return {name: x[0] for name, x in _on_sphere(program, spec, 1).items()} | program.input_values()


def _on_sphere(program: Program, spec: BatchSpec, count: int | None = None) -> Inputs:
    rng = np.random.default_rng(spec.seed)
    out = {}
    for name, d in _dimensions(program, spec.dimension).items():
        x = rng.standard_normal((spec.count if count is None else count, d))
        out[name] = x * (math.sqrt(d) / np.linalg.norm(x, axis=1, keepdims=True))
    return out


def _split(program: Program, rows: np.ndarray) -> Inputs:
    """The columns of each input, in program order; what has no d of its own shares the rest evenly."""
    sizes = _dimensions(program, 0)
    open_ = [name for name, d in sizes.items() if d == 0]
    rest = rows.shape[1] - sum(sizes.values())
    if open_ and rest > 0 and rest % len(open_) == 0:
        sizes.update(dict.fromkeys(open_, rest // len(open_)))
    if sum(sizes.values()) != rows.shape[1] or not all(sizes.values()):
        parts = " + ".join(f"{d or 'd'} for {name}" for name, d in sizes.items())
        raise InputError(f"A row has {rows.shape[1]} numbers, the program takes {parts}.", hint="A row holds all inputs of the program, one after the other.")  # fmt: skip
    ends = np.cumsum(list(sizes.values()))
    return {name: rows[:, end - sizes[name] : end] for name, end in zip(sizes, ends, strict=True)}


def parse_rows(text: str) -> Rows:
    """Rows of numbers, separated by commas, semicolons, tabs or spaces; brackets, comments and a first line of names are passed over."""
    rows: list[tuple[float, ...]] = []
    first = True
    for number, line in enumerate(text.splitlines(), 1):
        words = [w for w in re.split(r"[\s,;\[\]()]+", line.split("#", 1)[0]) if w]
        if not words:
            continue
        values = [_number(w) for w in words]
        if first and all(v is None for v in values):
            first = False
            continue
        first = False
        bad = next((w for w, v in zip(words, values, strict=True) if v is None), None)
        if bad is not None:
            raise InputError(f"Line {number} of the batch: {bad[:40]!r} is not a number.", hint="Write numbers such as 1, -0.5, 2e-3.")  # fmt: skip
        row = tuple(v for v in values if v is not None)
        if rows and len(row) != len(rows[0]):
            raise InputError(f"Line {number} of the batch has {len(row)} numbers, the first row has {len(rows[0])}.", hint="Every row holds one input of the network.")  # fmt: skip
        rows.append(row)
    return _checked(rows)


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _checked(rows: list[tuple[float, ...]]) -> Rows:
    if len(rows) > MAX_ROWS:
        raise InputError(f"The batch has {len(rows)} inputs, the editor shows up to {MAX_ROWS}.", hint="tpviz.ntk takes any number.")  # fmt: skip
    if rows and len(rows) * len(rows[0]) > MAX_NUMBERS:
        raise InputError(f"The batch has {len(rows) * len(rows[0]):,} numbers, the limit is {MAX_NUMBERS:,}.")
    if not all(math.isfinite(v) for row in rows for v in row):
        raise InputError("The batch holds a number that is not finite.", hint="Inputs are finite numbers.")
    return tuple(rows)


def read_array(name: str, content: bytes) -> Rows:
    """Rows of a .npy file (numbers, one or two dimensions, nothing pickled), or of text in .csv, .tsv or .txt."""
    if not name.lower().endswith(".npy"):
        try:
            return parse_rows(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise InputError(f"{name} is not text.", hint="Open a .csv or .npy file.") from None
    try:
        shape, dtype = _header(content)
    except Exception:  # numpy raises many things on a file that is none
        raise InputError(f"{name} is not a .npy file of numbers.", hint="Save the array with numpy.save.") from None
    if len(shape) not in (1, 2) or dtype.kind not in "biuf":
        raise InputError(f"{name} holds an array {shape} of {dtype}.", hint="A batch is an array (N, d) of real numbers.")  # fmt: skip
    rows = shape[0] if len(shape) == 2 else 1
    if rows > MAX_ROWS or math.prod(shape) > MAX_NUMBERS:
        raise InputError(f"{name} has shape {shape}, the editor shows up to {MAX_ROWS} inputs.", hint="tpviz.ntk takes any number.")  # fmt: skip
    try:
        x = np.atleast_2d(np.load(io.BytesIO(content), allow_pickle=False))
    except (ValueError, EOFError, OSError):
        raise InputError(f"{name} ends before its array does.", hint="Save the array again.") from None
    return _checked([tuple(float(v) for v in row) for row in x])


def _header(content: bytes) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of a .npy file, read before anything is allocated."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)
    return shape, dtype
