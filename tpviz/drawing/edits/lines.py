"""The text as lines that can be replaced, inserted and moved; comments stay with their line.

A `Line` reads itself tolerantly: a line with a hole or an error still says what it defines and reads. A `Sheet` is
the whole text; it knows where a name is defined, what it is, and of which width class, for unfinished lines too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from tpviz.language.instructions import BASE
from tpviz.language.scope import KEYWORDS

from .names import NAME, Word, words
from .trees import tree_of

__all__ = ["Line", "Product", "Sheet"]

_ASSIGN = re.compile(rf"^\s*{NAME}\s*=(?!=)\s*(.*?)\s*$", re.S)
_OUTPUT = re.compile(rf"^\s*output\s+{NAME}\s*=\s*(.*?)\s*$", re.S)
_PRODUCT = re.compile(rf"^({NAME}|\?)\s*(\.\s*T)?\s*@\s*({NAME}|\?)$")
_KEYWORD = re.compile(rf"^\s*({'|'.join(KEYWORDS)})\b(?!\s*=)")
_VECTOR_CLASS = re.compile(rf"^\s*(?:vector|readout)\s+{NAME}(?:\s*,\s*{NAME})*\s*:\s*({NAME})\s*~")
_MATRIX_CLASSES = re.compile(rf"^\s*(?:matrix|embedding)\s+{NAME}\s*:\s*({NAME})\s+x\s+({NAME})")
_PARAMETERS = re.compile(rf"^\s*function\s+{NAME}\s*\(([^()]*)\)\s*=\s*(.*?)\s*$")


@dataclass(frozen=True)
class Product:
    """`matrix @ vector`, either may be `?`."""

    matrix: str
    transposed: bool
    vector: str

    @property
    def text(self) -> str:
        return f"{self.matrix}{'.T' if self.transposed else ''} @ {self.vector}"


@dataclass(frozen=True)
class Line:
    text: str

    @cached_property
    def code(self) -> str:
        return self.text.split("#", 1)[0]

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return tuple(words(self.code))

    @cached_property
    def keyword(self) -> str:
        """vector, matrix, …, or "" for an assignment."""
        m = _KEYWORD.match(self.code)
        return m[1] if m else ""

    @cached_property
    def defines(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(w.text for w in self.words if w.role == "define"))

    @cached_property
    def reads(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(w.text for w in self.words if w.role == "read"))

    @cached_property
    def form(self) -> str:
        """declaration, output, product, moment, gate, or "" for a line that defines nothing."""
        if not self.defines:
            return ""
        if self.keyword:
            return "output" if self.keyword == "output" else "declaration"
        if self.product or self._is_unsplit_product:
            return "product"
        return "moment" if self._mean else "gate"

    @cached_property
    def span(self) -> tuple[int, int]:
        """Where the right-hand side of an assignment or output stands."""
        m = (_OUTPUT if self.keyword == "output" else _ASSIGN).match(self.code)
        return m.span(1) if m else (len(self.code.rstrip()), len(self.code.rstrip()))

    @property
    def right(self) -> str:
        return self.code[slice(*self.span)]

    @cached_property
    def product(self) -> Product | None:
        m = None if self.keyword else _PRODUCT.match(self.right)
        return Product(m[1], bool(m[2]), m[3]) if m else None

    @cached_property
    def _is_unsplit_product(self) -> bool:
        """`W @ relu(h)`: a product whose vector is still an expression."""
        tree = tree_of(self.right) if "@" in self.right else None
        return isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.MatMult)

    @cached_property
    def _mean(self) -> re.Match | None:
        m = re.match(r"^mean\s*\((.*)\)$", self.right, re.S)
        if m is None:
            return None
        depth = 1
        for c in m[1]:
            depth += (c == "(") - (c == ")")
            if depth == 0:
                return None
        return m

    @property
    def expression(self) -> str:
        """What a gate computes of its inputs: the right-hand side, or what stands inside mean(…)."""
        return self._mean[1].strip() if self._mean else self.right

    def with_expression(self, text: str) -> Line:
        return self.with_right(f"mean({text})" if self._mean else text)

    def with_right(self, text: str) -> Line:
        before = self.code[: self.span[0]]
        return self.with_code(before + ("" if before.endswith(" ") else " ") + text)

    def with_code(self, code: str) -> Line:
        """The line with other code; its comment keeps its column where there is room."""
        code = code.rstrip()
        if "#" not in self.text:
            return Line(code)
        at = len(self.code)
        gap = min(2, len(self.code) - len(self.code.rstrip()))
        room = at if len(code) + gap <= at else len(code) + 2
        return Line(code.ljust(room) + self.text[at:])

    def with_words(self, new: dict[str, str], roles: Iterable[str] = ("read",)) -> Line:
        """The line with whole words replaced."""
        code, last, out, roles = self.code, 0, "", set(roles)
        for w in self.words:
            if w.text in new and w.role in roles:
                out += code[last : w.start] + new[w.text]
                last = w.end
        return self if not last else self.with_code(out + code[last:])

    @property
    def indent(self) -> str:
        return self.code[: len(self.code) - len(self.code.lstrip())]

    @property
    def has_gap(self) -> bool:
        """Something is missing, or a product stands inside an expression: the drawing shows a ghost."""
        return "?" in self.right or (self.product is None and "@" in self.right and self.keyword != "output")

    @cached_property
    def width(self) -> str:
        """Class of a declared vector or readout."""
        m = _VECTOR_CLASS.match(self.code)
        return m[1] if m else BASE

    @cached_property
    def shape(self) -> tuple[str, str]:
        """Classes of the rows and columns of a declared matrix or embedding."""
        m = _MATRIX_CLASSES.match(self.code)
        return (m[1], m[2]) if m else (BASE, "d" if self.keyword == "embedding" else BASE)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Parameters of a declared function."""
        m = _PARAMETERS.match(self.code)
        return tuple(re.findall(NAME, m[1])) if m else ()


@lru_cache(maxsize=4096)
def _line(text: str) -> Line:
    """Lines are kept with what was found in them: most of a text stays as it is from key to key."""
    return Line(text)


@dataclass(frozen=True)
class Sheet:
    """The text as lines. Indices count from 0."""

    lines: tuple[Line, ...]

    @staticmethod
    def of(source: str) -> Sheet:
        return Sheet(tuple(_line(text) for text in source.splitlines()))

    @property
    def source(self) -> str:
        return "".join(line.text + "\n" for line in self.lines)

    @cached_property
    def where(self) -> dict[str, int]:
        """name -> index of the line that defines it (the first, where there are several)."""
        out: dict[str, int] = {}
        for index, line in enumerate(self.lines):
            for name in line.defines:
                out.setdefault(name, index)
        return out

    @cached_property
    def taken(self) -> set[str]:
        """Names that are defined or read."""
        return {w.text for line in self.lines for w in line.words if w.role in ("define", "read", "other")}

    def line(self, name: str) -> Line | None:
        index = self.where.get(name)
        return None if index is None else self.lines[index]

    def __getitem__(self, name: str) -> Line:
        return self.lines[self.where[name]]

    @cached_property
    def _readers(self) -> dict[str, tuple[int, ...]]:
        out: dict[str, list[int]] = {}
        for index, line in enumerate(self.lines):
            for name in line.reads:
                out.setdefault(name, []).append(index)
        return {name: tuple(indices) for name, indices in out.items()}

    def readers(self, name: str) -> tuple[int, ...]:
        """Indices of the lines that read the name."""
        return self._readers.get(name, ())

    # what the names are

    @cached_property
    def _facts(self) -> tuple[dict[str, str], dict[str, str | None]]:
        kinds: dict[str, str] = {}
        widths: dict[str, str | None] = {}
        for _ in range(2):  # the second pass knows names that stand in the wrong order
            for name, index in self.where.items():
                line = self.lines[index]
                kinds[name] = line.keyword or self._kind(line, kinds)
                widths[name] = self._width(line, kinds, widths)
        return kinds, widths

    def _kind(self, line: Line, kinds: dict[str, str]) -> str:
        if line.form == "product":
            return "vector"
        if line.form == "moment":
            return "scalar"
        if "?" in line.right or not line.right or line.right.replace(" ", "").endswith("()"):
            return "vector"
        called = {w.text for w in line.words if line.code[w.end :].lstrip().startswith("(")}
        read = [kinds.get(n, "vector") for n in line.reads if n not in called]
        return "vector" if any(k in ("vector", "readout") for k in read) else "scalar"

    def _width(self, line: Line, kinds: dict[str, str], widths: dict[str, str | None]) -> str | None:
        if line.keyword in ("vector", "readout"):
            return line.width
        if p := line.product:
            matrix = self.line(p.matrix)
            return matrix.shape[p.transposed] if matrix and matrix.keyword in ("matrix", "embedding") else None
        if line.form == "gate":
            return next((w for n in line.reads if kinds.get(n) in ("vector", "readout") and (w := widths.get(n))), None)
        return None

    def kind(self, name: str) -> str:
        """vector, scalar, input, output, bias, readout, matrix, embedding, function, constant, width, or "" for no
        such name."""
        return self._facts[0].get(name, "")

    def is_vector(self, name: str) -> bool:
        return self.kind(name) in ("vector", "readout")

    def is_operand(self, name: str) -> bool:
        """A vector or scalar, or a name that nothing defines."""
        return self.kind(name) in ("vector", "readout", "scalar", "")

    def width(self, name: str) -> str | None:
        """Width class of a vector, None where it does not follow from what is drawn."""
        return self._facts[1].get(name)

    def class_of(self, name: str, reach: int = 8) -> str | None:
        """Width class of a vector; for one that is half drawn the class that its readers need,
        looked for over at most `reach` gates."""
        if known := self.width(name):
            return known
        for line in (self.lines[i] for i in self.readers(name)):
            if line.product:
                matrix = self.line(line.product.matrix)
                if matrix is not None and matrix.keyword == "matrix":
                    return matrix.shape[not line.product.transposed]
            if line.form == "output":
                term = re.search(rf"@\s*{name}\s*\)?\s*/\s*sqrt\s*\(\s*({NAME})", line.right)
                if term:
                    return term[1]
            if line.form in ("gate", "moment"):
                others = [w for n in line.reads if n != name and self.is_vector(n) and (w := self.width(n))]
                if others:
                    return others[0]
            result = line.defines[0] if line.form == "gate" else ""
            if reach and self.is_vector(result) and (found := self.class_of(result, reach - 1)):
                return found
        return None

    def named(self, keyword: str) -> list[str]:
        """Names declared with the keyword, in order."""
        return [n for n, i in self.where.items() if self.lines[i].keyword == keyword]

    # surgery

    def set(self, index: int, line: Line) -> Sheet:
        return replace(self, lines=(*self.lines[:index], line, *self.lines[index + 1 :]))

    def insert(self, index: int, code: str) -> Sheet:
        return replace(self, lines=(*self.lines[:index], Line(code), *self.lines[index:]))

    def drop(self, indices: Iterable[int]) -> Sheet:
        gone = set(indices)
        return replace(self, lines=tuple(line for i, line in enumerate(self.lines) if i not in gone))

    def append(self, code: str) -> Sheet:
        """A line after the last line that is not blank."""
        last = max((i for i, line in enumerate(self.lines) if line.text.strip()), default=-1)
        return self.insert(last + 1, code)

    def initial(self, name: str, kind: str = "vector", width: str | None = None) -> Sheet:
        """The name's line turned into an initial vector or scalar."""
        index = self.where[name]
        shown = f" : {width}" if width not in (None, BASE) else ""
        code = f"vector {name}{shown} ~ N(0, 1)" if kind == "vector" else f"scalar {name} = 1"
        return self.set(index, self.lines[index].with_code(self.lines[index].indent + code))
