"""One line of text → one instruction: the forms that a line can have, and what to say where it has none of them.

A line that is not an instruction (`y = phi(?)`, `h = W @ ?`, or one with an error) is kept as a `Partial`: what of it can be drawn.
`?` marks what is missing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from .diagnostics import Diagnostic, ProgramError
from .expressions import Expression, ExpressionProblem, read_expression, unparse
from .instructions import (
    BASE,
    Bias,
    Constant,
    Embed,
    Embedding,
    Function,
    Input,
    Instruction,
    LinComb,
    MatMul,
    Matrix,
    Moment,
    Nonlin,
    Output,
    OutputTerm,
    Readout,
    Scalar,
    Vectors,
    WidthClass,
)
from .scope import KEYWORDS, Scope

__all__ = ["WORD", "LineProblem", "LineReader", "Partial", "code_of", "defined_names"]

_NAME = r"[^\W\d][\w\u0300-\u036f]*"  # combining accents are part of a name, too
_ASSIGN = re.compile(rf"^\s*({_NAME})\s*=(?!=)\s*(.*?)\s*$", re.S)
_PRODUCT = re.compile(rf"^({_NAME}|\?)\s*(\.\s*T)?\s*@\s*({_NAME}|\?)$")
_NESTED = re.compile(rf"(?<![^\W\d])({_NAME})\s*(\.\s*T)?\s*@\s*({_NAME}\([^()]*\)|{_NAME}|\([^()]*\))")
WORD = re.compile(_NAME)


@dataclass(frozen=True)
class Partial:
    """What can be drawn of a line that is not an instruction. `form` is vector, scalar, input, product, gate, moment or output; `operands`
    are the names read, in order (for jointly declared vectors the other names); `inner` the products that stand inside an expression,
    as (matrix, transposed, vector)."""

    name: str
    form: str
    operands: tuple[str, ...] = ()
    label: str = ""
    matrix: str = "?"
    transposed: bool = False
    inner: tuple[tuple[str, bool, str], ...] = ()


class LineProblem(Exception):
    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        start: int = 0,
        end: int = 0,
        names: tuple[str, ...] = (),
        partial: Partial | None = None,
    ):
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, hint, names=names)
        self.start, self.end, self.partial = start, end, partial


class LineReader:
    """Reads single lines, given the names defined so far; `defined_at` tells on which line each name of the text is defined."""

    def __init__(self, scope: Scope, defined_at: dict[str, int]):
        self.scope, self.defined_at = scope, defined_at

    def instruction(self, code: str) -> Instruction:
        word = WORD.match(code.strip())
        keyword = word.group() if word else ""
        if keyword in KEYWORDS and not re.match(rf"\s*{keyword}\s*=", code):
            return getattr(self, f"_read_{keyword}")(code)
        return self._assignment(code)

    def _read_constant(self, code: str) -> Instruction:
        m = _match(rf"\s*constant\s+({_NAME})\s*=(.*)$", code, "constant sw2 = 2")
        return Constant(m[1], self._expression(code, m.start(2), m.end(2)))

    def _read_width(self, code: str) -> Instruction:
        m = _match(rf"\s*width\s+({_NAME})\s*=(.*)$", code, "width m = 2*n")
        return WidthClass(m[1], self._expression(code, m.start(2), m.end(2)))

    def _read_input(self, code: str) -> Instruction:
        m = _match(rf"\s*input\s+({_NAME})\s*(?:=(.*))?$", code, "input xi, or input xi = [1.0, -0.5]")
        return Input(m[1], None if m[2] is None else self._list(code, m.start(2), m.end(2)))

    def _read_embedding(self, code: str) -> Instruction:
        m = _match(
            rf"\s*embedding\s+({_NAME})\s*(?::\s*({_NAME})\s+x\s+({_NAME})\s*)?~(.*)$", code, "embedding U ~ N(0, 1/d)"
        )
        if m[3] not in (None, "d"):
            raise LineProblem(
                "shape",
                f"An embedding has d columns, got {m[3]}.",
                f"Write embedding {m[1]} : {m[2]} x d ~ N(0, 1/d)",
                *m.span(3),
                names=(m[1],),
            )
        return Embedding(
            m[1], self._variance_over(code, m.start(4), "d", f"embedding {m[1]} ~ N(0, 1/d)"), m[2] or BASE
        )

    def _read_matrix(self, code: str) -> Instruction:
        m = _match(
            rf"\s*matrix\s+({_NAME})\s*(?::\s*({_NAME})\s+x\s+({_NAME})\s*)?~(.*)$",
            code,
            "matrix W ~ N(0, 1/n), or matrix A : m x n ~ N(0, 1/n)",
        )
        columns = m[3] or BASE
        return Matrix(
            m[1],
            self._variance_over(code, m.start(4), columns, f"matrix {m[1]} ... ~ N(0, 1/{columns})"),
            m[2] or BASE,
            columns,
        )

    def _read_vector(self, code: str) -> Instruction:
        m = _match(
            rf"\s*vector\s+({_NAME}(?:\s*,\s*{_NAME})*)\s*(?::\s*({_NAME})\s*)?~(.*)$", code, "vector b ~ N(0, 1)"
        )
        names = tuple(WORD.findall(m[1]))
        mean, covariance = self._normal(code, m.start(3), f"vector {m[1]} ~ N(0, 1)")
        width = m[2] or BASE
        if len(names) == 1 and not code[slice(*mean)].strip().startswith("["):
            return Vectors(names, (self._expression(code, *mean),), ((self._expression(code, *covariance),),), width)
        rows = self._matrix(code, *covariance)
        return Vectors(names, self._list(code, *mean), rows, width)

    def _read_scalar(self, code: str) -> Instruction:
        m = _match(rf"\s*scalar\s+({_NAME})\s*=(.*?)(?:->(.*))?$", code, "scalar eps = 0.01, or scalar eps = 0.01 -> 0")
        value = self._expression(code, m.start(2), m.end(2))
        return Scalar(m[1], value, None if m[3] is None else self._expression(code, m.start(3), m.end(3)))

    def _read_function(self, code: str) -> Instruction:
        m = _match(
            rf"\s*function\s+({_NAME})\s*\(\s*({_NAME}(?:\s*,\s*{_NAME})*)?\s*\)\s*=(.*)$",
            code,
            "function phi(z) = tanh(z)",
        )
        return Function(m[1], tuple(WORD.findall(m[2] or "")), self._expression(code, m.start(3), m.end(3)))

    def _read_readout(self, code: str) -> Instruction:
        m = _match(rf"\s*readout\s+({_NAME})\s*(?::\s*({_NAME})\s*)?~(.*)$", code, "readout v ~ N(0, 1)")
        mean, variance = self._normal(code, m.start(3), f"readout {m[1]} ~ N(0, 1)")
        return Readout(m[1], self._expression(code, *mean), self._expression(code, *variance), m[2] or BASE)

    def _read_bias(self, code: str) -> Instruction:
        m = _match(rf"\s*bias\s+({_NAME})\s*~(.*)$", code, "bias c0 ~ N(0, 1)")
        mean, variance = self._normal(code, m.start(2), f"bias {m[1]} ~ N(0, 1)")
        return Bias(m[1], self._expression(code, *mean), self._expression(code, *variance))

    def _read_output(self, code: str) -> Instruction:
        m = _match(rf"\s*output\s+({_NAME})\s*=(.*)$", code, "output f = v.T @ x / sqrt(n)")
        return Output(m[1], tuple(self._output_terms(code, m.start(2), m[1])))

    def _assignment(self, code: str) -> Instruction:
        m = _ASSIGN.match(code)
        if m is None:
            first = (code.strip().split() or [""])[0]
            hint = "Write name = expression, or a declaration such as vector x ~ N(0, 1)."
            raise LineProblem("syntax", f"{first[:40]!r} does not start a line of a program.", hint)
        name, rhs = m[1], m[2]
        if product := _PRODUCT.match(rhs):
            return self._product(name, product, m.start(2))
        if "@" in rhs:
            raise self._nested(name, rhs, m.start(2))
        if re.match(r"mean\s*\(", rhs) and _closes(rhs, rhs.index("(")) == len(rhs) - 1:
            inner = m.start(2) + rhs.index("(") + 1
            if not rhs[rhs.index("(") + 1 : -1].strip():
                raise LineProblem(
                    "no-inputs", "The Moment has no input.", f"Connect a vector: {name} = mean(x)", names=(name,)
                )
            e = self._expression(code, inner, m.end(2) - 1)
            self._no_holes(code, e, name)
            return Moment(name, e)
        self._no_empty_call(name, rhs, m.start(2))
        e = self._expression(code, m.start(2), m.end(2))
        self._no_holes(code, e, name)
        known = [s for x in e.names if (s := self.scope.symbols.get(x))]
        if (
            any(s.type == "vector" for s in known)
            or not known
            or any(x not in self.scope.symbols and x not in ("pi", "e") for x in e.names)
        ):
            try:
                linear = self.scope.is_linear(e)
            except (ProgramError, KeyError, ValueError, TypeError):
                linear = False
            has_vector = any(s.type == "vector" for s in known)
            if not has_vector and all(x in ("pi", "e") for x in e.names):
                return Moment(name, e, average=False)
            return LinComb(name, e) if linear else Nonlin(name, e)
        if any(s.type == "broken" for s in known):
            return Nonlin(name, e)
        return Moment(name, e, average=False)

    def _product(self, name: str, m: re.Match, shift: int) -> Instruction:
        matrix, transposed, vector = m[1], bool(m[2]), m[3]
        partial = Partial(name, "product", (vector,) if vector != "?" else (), matrix=matrix, transposed=transposed)
        if "?" in (matrix, vector):
            what = "matrix" if matrix == "?" else "vector"
            group = 1 if matrix == "?" else 3
            raise LineProblem("hole", f"The product {name} has no {what}.", f"Write the {what} in place of ?, or connect it.",
                           shift + m.start(group), shift + m.end(group), (name,), partial)  # fmt: skip
        symbol = self.scope.symbols.get(matrix)
        source = self.scope.symbols.get(vector)
        if (symbol is not None and symbol.type == "embedding") or (
            (symbol is None or symbol.type == "broken") and source is not None and source.type == "input"
        ):
            if transposed:
                raise LineProblem("type", f"{matrix} is an embedding: its transpose is not part of the language.", f"Write {name} = {matrix} @ xi",
                               shift + m.start(1), shift + m.end(2), (name,), partial)  # fmt: skip
            return Embed(name, matrix, vector)
        if symbol is not None and symbol.readout:
            raise LineProblem("type", f"{matrix} is a readout: {matrix}.T @ x stands in an output only.",
                           f"Write output f = {matrix}.T @ {vector} / sqrt(n)", shift + m.start(1), shift + m.end(3), (name,), partial)  # fmt: skip
        return MatMul(name, matrix, vector, transposed)

    def _nested(self, name: str, rhs: str, shift: int) -> LineProblem:
        """A product inside an expression: the hint shows the two lines to write instead."""
        partial = self.partial(f"{name} = {rhs}")
        at = rhs.rindex("@")  # the innermost product of a chain W @ W.T @ x is the last
        matrix = re.search(rf"({_NAME})\s*(\.\s*T\s*)?$", rhs[:at])
        operand = _operand(rhs, at + 1)
        if matrix is None or operand is None:
            hint = "Write h = W @ x or h = W.T @ x."
            return LineProblem(
                "product",
                "A product is one matrix times one vector.",
                hint,
                shift + at,
                shift + at + 1,
                (name,),
                partial,
            )
        a, b = operand
        vector = WORD.fullmatch(rhs[a:b]) is not None
        message = (
            "A product cannot stand inside a Nonlin." if vector else "A product takes one vector, not an expression."
        )
        lines = self._split(name, rhs)
        hint = "Give the inner part a line and a name of its own."
        if sum(map(len, lines)) < 300:
            hint = f"Write {['two', 'three', 'four', 'five'][min(len(lines), 5) - 2]} lines: {'  and  '.join(lines)}"
        start = matrix.start() if vector else a
        return LineProblem("nested-product", message, hint, shift + start, shift + b, (name,), partial)

    def _split(self, name: str, rhs: str) -> list[str]:
        """The lines to write instead of a nested product, innermost first."""
        taken = {*self.defined_at, *self.scope.symbols}
        lines: list[str] = []
        while "@" in rhs and not _PRODUCT.match(rhs) and len(lines) < 4:
            at = rhs.rindex("@")
            matrix = re.search(rf"({_NAME})\s*(\.\s*T\s*)?$", rhs[:at])
            operand = _operand(rhs, at + 1)
            if matrix is None or operand is None:
                break
            a, b = operand
            if WORD.fullmatch(rhs[a:b]):  # the operand is a vector: the product gets a line of its own
                fresh, a = _fresh("h", taken), matrix.start()
                lines.append(f"{fresh} = {rhs[a:b]}")
            else:  # W @ relu(h): the operand gets a line of its own
                fresh = _fresh("x", taken)
                lines.append(f"{fresh} = {rhs[a + 1 : b - 1] if rhs[a] == '(' else rhs[a:b]}")
            taken.add(fresh)
            rhs = rhs[:a] + fresh + rhs[b:]
        return [*lines, f"{name} = {rhs}"]

    def _no_empty_call(self, name: str, rhs: str, shift: int) -> None:
        if m := re.match(rf"^({_NAME})\s*\(\s*\)$", rhs):
            partial = Partial(name, "gate", label=m[1])
            raise LineProblem(
                "no-inputs",
                f"The gate {m[1]} of {name} has no input.",
                "Connect a vector to it.",
                shift,
                shift + len(rhs),
                (name,),
                partial,
            )

    def _no_holes(self, code: str, e: Expression, name: str) -> None:
        if "?" in e.text:
            at = code.index("?")
            raise LineProblem(
                "no-inputs",
                f"The gate of {name} has an open input.",
                "Connect a vector to it, or write a name in place of ?.",
                at,
                at + 1,
                (name,),
            )

    def _output_terms(self, code: str, start: int, name: str) -> Iterator[OutputTerm]:
        hint = f"Write output {name} = v.T @ x / sqrt(n), or a sum of such terms with constant coefficients."
        for a, b, sign in _split_sum(code, start):
            text = code[a:b]
            if not text.strip() or "?" in text:
                raise LineProblem(
                    "no-inputs",
                    f"The output {name} has an open term.",
                    hint,
                    a,
                    max(b, a + 1),
                    (name,),
                    self.partial(code),
                )
            if "@" not in text:
                m = re.match(rf"^\s*(?:(.*)\*)?\s*({_NAME})\s*(?:/\s*(.+))?$", text)
                if m is None:
                    raise LineProblem("output", f"{text.strip()[:60]} is not a term of an output.", hint, a, b, (name,))
                yield OutputTerm(m[2], None, self._coefficient(code, a, m.span(1), m.span(3), sign))
                continue
            m = re.match(
                rf"^\s*(?:(.*)\*)?\s*\(?\s*({_NAME})\s*\.\s*T\s*@\s*({_NAME})\s*\)?\s*/\s*sqrt\s*\(\s*({_NAME})\s*\)\s*$",
                text,
            )
            if m is None:
                raise LineProblem(
                    "output",
                    f"{text.strip()[:60]} is not a term of an output.",
                    hint,
                    a,
                    b,
                    (name,),
                    self.partial(code),
                )
            yield OutputTerm(m[2], m[3], self._coefficient(code, a, m.span(1), (-1, -1), sign), m[4])

    def _coefficient(
        self, code: str, shift: int, factor: tuple[int, int], divisor: tuple[int, int], sign: int
    ) -> Expression:
        text = self._expression(code, shift + factor[0], shift + factor[1]).text if factor[0] >= 0 else "1"
        if divisor[0] >= 0:
            text = f"({text})/({self._expression(code, shift + divisor[0], shift + divisor[1])})"
        return read_expression(f"-({text})" if sign < 0 else text)

    # pieces of a line

    def _expression(self, code: str, start: int, end: int) -> Expression:
        try:
            return read_expression(code[start:end])
        except ExpressionProblem as p:
            raise ExpressionProblem(p.code, str(p), p.hint, start + p.start, start + p.end) from None

    def _spans(self, code: str, start: int, end: int) -> list[tuple[int, int]]:
        """Top-level comma-separated spans."""
        out, depth, last = [], 0, start
        for i in range(start, end):
            depth += (code[i] in "([") - (code[i] in ")]")
            if code[i] == "," and depth == 0:
                out.append((last, i))
                last = i + 1
        return [*out, (last, end)] if code[last:end].strip() or out else out

    def _brackets(self, code: str, start: int, end: int) -> tuple[int, int]:
        text = code[start:end]
        a = start + len(text) - len(text.lstrip())
        b = start + len(text.rstrip())
        if not (code[a:b].startswith("[") and code[a:b].endswith("]") and b - a >= 2):
            raise LineProblem(
                "list",
                f"A list in square brackets is needed, got {text.strip()[:40] or 'nothing'}.",
                "Write [1.0, 0.5].",
                a,
                max(b, a + 1),
            )
        return a + 1, b - 1

    def _list(self, code: str, start: int, end: int) -> tuple[Expression, ...]:
        return tuple(self._expression(code, a, b) for a, b in self._spans(code, *self._brackets(code, start, end)))

    def _matrix(self, code: str, start: int, end: int) -> tuple[tuple[Expression, ...], ...]:
        return tuple(self._list(code, a, b) for a, b in self._spans(code, *self._brackets(code, start, end)))

    def _normal(self, code: str, start: int, example: str) -> tuple[tuple[int, int], tuple[int, int]]:
        """Spans of mean and variance in `N(mean, variance)`."""
        text = code[start:]
        m = re.match(r"^\s*N\s*\(", text)
        close = _closes(code, start + m.end() - 1) if m else None
        if m is None or close is None or code[close + 1 :].strip():
            raise LineProblem(
                "distribution",
                "A distribution N(mean, variance) is needed here.",
                f"Write {example}",
                start,
                len(code.rstrip()),
            )
        spans = self._spans(code, start + m.end(), close)
        if len(spans) != 2:
            raise LineProblem("distribution", f"N takes a mean and a variance, got {len(spans)} argument{'s' * (len(spans) != 1)}.", f"Write {example}",
                           start, len(code.rstrip()))  # fmt: skip
        return spans[0], spans[1]

    def _variance_over(self, code: str, start: int, columns: str, example: str) -> Expression:
        """s of `N(0, s/columns)`."""
        mean, variance = self._normal(code, start, example)
        if read_expression(code[slice(*mean)]).text not in ("0", "0.0"):
            raise LineProblem("mean", "The entries of a matrix have mean 0.", f"Write {example}", *mean)
        e = self._expression(code, *variance)
        tree = e.tree
        if (
            isinstance(tree, ast.BinOp)
            and isinstance(tree.op, ast.Div)
            and isinstance(tree.right, ast.Name)
            and tree.right.id == columns
        ):
            return Expression(unparse(tree.left))
        raise LineProblem(
            "scaling",
            f"The variance must be divided by the column class {columns}, got {e}.",
            f"Write N(0, s/{columns}) with a number s: {example}",
            *variance,
        )

    def partial(self, code: str) -> Partial | None:
        """What can be drawn of a wrong assignment."""
        if (m := re.match(rf"^\s*(vector|scalar|input|bias|readout|output)\s+({_NAME})", code)) is not None:
            form = {"readout": "vector", "bias": "scalar"}.get(m[1], m[1])
            if form == "output":
                return Partial(m[2], form, tuple(x for x in WORD.findall(code[m.end() :]) if self._is_node(x)))
            return Partial(m[2], form, tuple(defined_names(code)[1:]))
        m = _ASSIGN.match(code)
        if m is None or (WORD.match(code.strip()) or [""])[0] in KEYWORDS:
            return None
        name, rhs = m[1], m[2]
        if p := _PRODUCT.match(rhs):
            return Partial(name, "product", (p[3],) if p[3] != "?" else (), matrix=p[1], transposed=bool(p[2]))
        inner = tuple((p[1], bool(p[2]), p[3]) for p in _NESTED.finditer(rhs) if WORD.fullmatch(p[3]))
        if _NESTED.fullmatch(rhs) and not inner:
            p = _NESTED.fullmatch(rhs)
            return Partial(name, "product", (), matrix=p[1], transposed=bool(p[2]))  # type: ignore[index]
        rest = _NESTED.sub(" ", rhs) if inner else rhs
        call = re.match(rf"^({_NAME})\s*\(", rhs)
        moment = bool(call and call[1] == "mean")
        operands = tuple(dict.fromkeys(x for x in WORD.findall(rest) if self._is_node(x)))
        return Partial(
            name, "moment" if moment else "gate", operands, call[1] if call and not moment else "", inner=inner
        )

    def _is_node(self, name: str) -> bool:
        symbol = self.scope.symbols.get(name)
        return symbol is not None and symbol.type in ("vector", "scalar", "broken", "bias")


def _match(pattern: str, code: str, example: str) -> re.Match:
    m = re.match(pattern, code)
    if m is None:
        keyword = code.split()[0]
        raise LineProblem("syntax", f"This is not a whole {keyword} line.", f"Write {example}")
    return m


def _fresh(stem: str, taken: Collection[str]) -> str:
    """stem, stem1, stem2, …: the first name that is free."""
    return next(n for n in (stem, *(f"{stem}{k}" for k in range(1, 10_000))) if n not in taken)


def _operand(text: str, start: int) -> tuple[int, int] | None:
    """Span of the operand that begins at `start`: a name, a call or a bracket."""
    m = re.compile(rf"\s*({_NAME})?\s*(\()?").match(text, start)
    if m is None or not (m[1] or m[2]):
        return None
    begin = m.start(1) if m[1] else m.start(2)
    if not m[2]:
        return begin, m.end(1)
    close = _closes(text, m.start(2))
    return None if close is None else (begin, close + 1)


def code_of(line: str) -> str:
    """The line without its comment."""
    return line.split("#", 1)[0]


def defined_names(code: str) -> list[str]:
    """Names that the line would define."""
    m = re.match(rf"^\s*(?:{'|'.join(KEYWORDS)})\s+({_NAME}(?:\s*,\s*{_NAME})*)", code) or re.match(
        rf"^\s*({_NAME})\s*=(?!=)", code
    )
    return WORD.findall(m[1]) if m else []


def _closes(text: str, opening: int) -> int | None:
    """Index of the bracket that closes the one at `opening`."""
    depth = 0
    for i in range(opening, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    return None


def _split_sum(code: str, start: int) -> Iterator[tuple[int, int, int]]:
    """Spans of the terms of a sum, with their signs."""
    depth, last, sign, i = 0, start, 1, start
    while i < len(code):
        c = code[i]
        depth += (c in "([") - (c in ")]")
        before = code[last:i].strip() if depth == 0 and c in "+-" else ""
        if depth == 0 and c in "+-" and not before.endswith(("*", "/", "e", "E")):
            if before:
                yield last, i, sign
            sign = (-1 if c == "-" else 1) * (1 if before else sign)
            last = i + 1
        i += 1
    yield last, len(code.rstrip()), sign
