"""Documents: `.tp` is program text, `.tpviz` is JSON with the text, positions, labels, marks and view.

Files come from anyone: the size is checked before reading, every field is checked on its own, and what is wrong is
said with the place and the next step. Fields that this version does not know are kept.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from tpviz.language import DocumentError, InputError, Parsed, Program, parse_partial

from .marks import checked
from .migrations import VERSION, migrate
from .step_marks import PREFIX, check_mark

__all__ = ["Document", "document_from_text", "document_to_text", "save", "write_atomically"]

MAX_BYTES = 1_000_000
MAX_ENTRIES = 20_000
MAX_LABEL = 200
MAX_NAME = 300
MAX_COORDINATE = 1e6
MAX_DEPTH = 20
_KNOWN = ("format", "version", "program", "layout", "labels", "marks", "view")


@dataclass(frozen=True, eq=False)
class Document:
    """A program with its source text, positions, labels, view settings and `marks` (pins, groups, steps of a lecture:
    JSON values by key); `extra` holds fields of newer minor versions.

    `program` is the valid part of the source; `parsed` holds every line and problem.
    """

    program: Program
    source: str
    layout: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    view: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    marks: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def parsed(self) -> Parsed:
        """The source read line by line."""
        return parse_partial(self.source)

    @classmethod
    def from_program(cls, program: Program) -> Document:
        return cls(program, program.to_text())

    @classmethod
    def from_text(cls, text: str) -> Document:
        """A document of a program text, which may have errors."""
        parsed = parse_partial(text)
        out = cls(parsed.program, text)
        out.__dict__["parsed"] = parsed
        return out

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash((self.program, self.source))

    def _fields(self) -> tuple:
        kept = (self.layout, self.labels, self.view, self.extra, self.marks)
        return (self.program, self.source, *(dict(x) for x in kept))


# writing files


def save(program: Program | Document, path: str | os.PathLike[str]) -> None:
    """Write a `.tp` (text alone) or `.tpviz` (with positions, labels and view) file, whole or not at all."""
    file = Path(path)
    _known_suffix(file)
    if isinstance(program, Program):
        program = Document.from_program(program)
    if not isinstance(program, Document):
        raise InputError(
            f"A Program or a Document can be saved, got {type(program).__name__}.", hint="Use tp.save(program, path)."
        )
    text = program.source if file.suffix.lower() == ".tp" else document_to_text(program)
    data = text.encode()
    if len(data) > MAX_BYTES:
        raise DocumentError(
            f"The document has {len(data):,} bytes; the limit is {MAX_BYTES:,}.",
            hint="Write repeated parts with tpviz.zoo.",
        )
    write_atomically(file, data)


def write_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Write to a temporary file in the same folder and rename it, so that a crash leaves the old file whole."""
    file = Path(path)
    name = ""
    try:
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o666 & ~_umask()
        with tempfile.NamedTemporaryFile(
            "wb", dir=file.parent, prefix=f".{file.name[:40]}.", suffix=".part", delete=False
        ) as out:
            name = out.name
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, mode)
        os.replace(name, file)
    except OSError as error:
        if name and os.path.exists(name):
            os.unlink(name)
        raise DocumentError(
            f"{file.name} cannot be written: {_reason(error)}.", hint="Choose another folder or name."
        ) from None


def _umask() -> int:
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            return next((int(line.split()[1], 8) for line in status if line.startswith("Umask:")), 0o022)
    except OSError:
        return 0o022


def _known_suffix(file: Path) -> None:
    if file.suffix.lower() not in (".tp", ".tpviz"):
        raise DocumentError(
            f"{file.name} is not a .tp or .tpviz file.",
            hint="Name it .tp for program text, or .tpviz with positions and labels.",
        )


def _reason(error: OSError) -> str:
    return (error.strerror or "the system refused").lower()


# JSON


def document_to_text(document: Document) -> str:
    """The JSON text of a `.tpviz` file."""
    fields = {
        **document.extra,
        "format": "tpviz",
        "version": VERSION,
        "program": document.source,
        "layout": {id: [_plain(x), _plain(y)] for id, (x, y) in document.layout.items()},
        "labels": dict(document.labels),
        "marks": dict(document.marks),
        "view": dict(document.view),
    }
    if not fields["marks"]:
        del fields["marks"]
    order = [*(k for k in _KNOWN if k in fields), *(k for k in fields if k not in _KNOWN)]
    try:
        return json.dumps({k: fields[k] for k in order}, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    except (TypeError, ValueError):
        raise DocumentError(
            "The document holds a value that JSON cannot hold.",
            hint="view may hold text, numbers, lists and dictionaries.",
        ) from None


def document_from_text(text: str, name: str = "The text") -> Document:
    """The document in the JSON text of a `.tpviz` file, every field checked.

    Raises `DocumentError` saying which field is wrong and what to do.
    """
    fields = _fields(text, name)
    version = fields.get("version")
    if fields.get("format") != "tpviz":
        _refuse(
            f'{name} is not a tpviz document: its field format is {_show(fields.get("format"))}, not "tpviz".',
            "Open program text as a .tp file.",
        )
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        _refuse(
            f"{name}: version is {_show(version)}; a whole number from 1 is needed.",
            f"This tpviz writes version {VERSION}.",
        )
    if version > VERSION:
        _refuse(
            f"{name} was written by a newer tpviz (version {version} of the format; this one reads up to {VERSION}).",
            "Update tpviz: pip install -U tpviz",
        )
    fields = migrate(fields, version)
    source = fields.get("program")
    if not isinstance(source, str):
        _refuse(
            f"{name}: program is {_show(source)}; it must be the program's text.",
            "Put the text of the program there, as one string.",
        )
    if "\x00" in source or len(source) > MAX_BYTES:
        _refuse(
            f"{name}: program is not text, or longer than {MAX_BYTES:,} characters.",
            "Open it in a text editor and check the field program.",
        )
    parsed = parse_partial(source)
    document = Document(
        parsed.program,
        source,
        _layout(fields.get("layout", {}), name),
        _labels(fields.get("labels", {}), name),
        _view(fields.get("view", {}), name),
        {k: v for k, v in fields.items() if k not in _KNOWN},
        _marks(fields.get("marks", {}), name),
    )
    document.__dict__["parsed"] = parsed
    return document


def _fields(text: str, name: str) -> dict[str, Any]:
    """The top-level object, with duplicate keys, NaN and deep nesting refused."""
    if not isinstance(text, str):
        _refuse(f"{name} is {type(text).__name__}, not text.", "Decode the file as UTF-8 first.")
    if len(text) > MAX_BYTES:
        _refuse(f"{name} has {len(text):,} characters; the limit is {MAX_BYTES:,}.", "It is not a tpviz document.")
    if (deep := _depth(text)) > MAX_DEPTH:
        _refuse(f"{name} is nested {deep} levels deep; the limit is {MAX_DEPTH}.", "It is not a tpviz document.")

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(items)
        if len(out) < len(items):
            seen: set[str] = set()
            twice = next(k for k, _ in items if k in seen or seen.add(k))  # type: ignore[func-returns-value]
            _refuse(f"{name}: the field {twice[:40]!r} occurs twice.", "Keep one of them.")
        return out

    def constant(word: str) -> NoReturn:
        _refuse(f"{name}: {word} is not a number of JSON.", "Write a finite number.")

    def integer(digits: str) -> int:
        if len(digits) > 30:
            _refuse(f"{name}: a number has {len(digits)} digits.", "Write a smaller number.")
        return int(digits)

    try:
        fields = json.loads(text, object_pairs_hook=pairs, parse_constant=constant, parse_int=integer)
    except json.JSONDecodeError as error:
        ended = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        what = "ends too early: the file is cut off" if ended else f"is not JSON: {error.msg.lower()}"
        _refuse(
            f"{name} {what} (line {error.lineno}, column {error.colno}).",
            "Open a backup, or copy the program's text out of it into a .tp file.",
        )
    except RecursionError:
        _refuse(f"{name} is nested too deeply.", "It is not a tpviz document.")
    if not isinstance(fields, dict):
        _refuse(
            f"{name} is not a tpviz document: a JSON object is needed, got {_kind(fields)}.",
            "Open program text as a .tp file.",
        )
    return fields


def _depth(text: str) -> int:
    """How deep brackets are nested, without building anything; brackets inside strings do not count."""
    depth = deepest = 0
    inside = escaped = False
    for c in text:
        if inside:
            if escaped:
                escaped = False
            elif c == "\\":
                escaped = True
            elif c == '"':
                inside = False
        elif c == '"':
            inside = True
        elif c in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif c in "]}":
            depth -= 1
    return deepest


def _entries(value: object, what: str, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(f"{name}: {what} is {_kind(value)}; a JSON object is needed.", f"Write {{}} for no {what}.")
    if len(value) > MAX_ENTRIES:
        _refuse(
            f"{name}: {what} has {len(value):,} entries; the limit is {MAX_ENTRIES:,}.",
            "Remove those that the program does not use.",
        )
    for id in value:
        if len(id) > MAX_NAME or not id.isprintable():
            _refuse(f"{name}: {what} has an entry {id[:30]!r}… that is not a name.", "Remove it.")
    return value


def _layout(value: object, name: str) -> dict[str, tuple[float, float]]:
    out = {}
    for id, point in _entries(value, "layout", name).items():
        numbers = (
            isinstance(point, list)
            and len(point) == 2
            and all(isinstance(v, int | float) and not isinstance(v, bool) for v in point)
        )
        if not numbers or not all(math.isfinite(v) and abs(v) <= MAX_COORDINATE for v in point):
            _refuse(
                f"{name}: layout[{id!r}] is {_show(point)}; two numbers within ±{MAX_COORDINATE:,.0f} are needed.",
                "Remove the entry: the node is then placed automatically.",
            )
        out[id] = (float(point[0]), float(point[1]))
    return out


def _labels(value: object, name: str) -> dict[str, str]:
    for id, text in _entries(value, "labels", name).items():
        if not isinstance(text, str) or len(text) > MAX_LABEL or not text.isprintable():
            _refuse(
                f"{name}: labels[{id!r}] is {_show(text)}; one line of at most {MAX_LABEL} characters is needed.",
                "Shorten or remove the entry.",
            )
    return dict(value)  # type: ignore[call-overload]


def _marks(value: object, name: str) -> dict[str, Any]:
    marks = checked(_entries(value, "marks", name), name)
    for key, mark in marks.items():
        if key.startswith(PREFIX) and (problem := check_mark(key, mark)) is not None:
            _refuse(
                f"{name}: marks[{key[:60]!r}], a step of the lecture, cannot be read: {problem}.", "Remove the entry."
            )
    return marks


def _view(value: object, name: str) -> dict[str, Any]:
    view = dict(_entries(value, "view", name))
    if not isinstance(view.get("inputs", False), bool):
        _refuse(f"{name}: view.inputs is {_show(view['inputs'])}; true or false is needed.", "Remove it.")
    return view


def _plain(v: float) -> int | float:
    """A coordinate as it is written: 12 rather than 12.0."""
    if not math.isfinite(v) or abs(v) > MAX_COORDINATE:
        raise DocumentError(
            f"A position is {v}; it must be within ±{MAX_COORDINATE:,.0f}.", hint="Arrange the drawing again."
        )
    return int(v) if float(v).is_integer() else float(v)


def _kind(value: object) -> str:
    return {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "nothing"}.get(
        type(value), "a number"
    )


def _show(value: object) -> str:
    if isinstance(value, dict | list):
        return _kind(value)
    text = json.dumps(value)
    return "missing" if value is None else text if len(text) <= 40 else text[:37] + "…"


def _refuse(message: str, hint: str) -> NoReturn:
    raise DocumentError(message, hint=hint, code="document")
