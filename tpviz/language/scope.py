"""The symbol table: admits instructions one by one and says what is wrong with each. The only place where the rules of
names, types, arities and width classes are written."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from .arities import ARITIES
from .diagnostics import Diagnostic, ProgramError
from .expressions import Expression, is_dunder, lower
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
    Readout,
    Scalar,
    Vectors,
    WidthClass,
)
from .late import Late

if TYPE_CHECKING:
    import sympy as sp
else:
    sp = Late("sympy")

__all__ = ["KEYWORDS", "RESERVED", "Scope", "Symbol", "linear_terms"]

KEYWORDS = (
    "constant",
    "width",
    "input",
    "embedding",
    "matrix",
    "vector",
    "scalar",
    "function",
    "readout",
    "bias",
    "output",
)
RESERVED = frozenset({"n", "d", "pi", "e", "mean", "N", "quotient", *ARITIES, *KEYWORDS})
_ARTICLE = {"input": "an input", "embedding": "an embedding", "output": "an output"}


@dataclass(frozen=True)
class Symbol:
    """What a name stands for. `type` is one of constant, width, input, embedding, matrix, vector, scalar, function, bias, output,
    broken (its line is wrong, so nothing more is said of it)."""

    name: str
    type: str
    width: str = BASE
    columns: str = BASE
    kind: str = ""
    arity: int = 0
    readout: bool = False

    @property
    def described(self) -> str:
        return f"{self.name}, {_ARTICLE.get(self.type, 'a ' + self.type)}"


def _bare_function(name: str) -> Diagnostic:
    return Diagnostic(
        "unknown",
        f"{name} is a function, not a vector.",
        f"Apply it on a line of its own: y = {name}(x)",
        names=(name,),
    )


def linear_terms(expression: sp.Expr, vectors: Iterable[sp.Symbol]) -> dict[sp.Symbol, sp.Expr] | None:
    """Coefficients aᵢ where the expression is Σ aᵢ xᵢ with aᵢ free of the xᵢ, else None."""
    vectors = list(vectors)
    out: dict[sp.Symbol, sp.Expr] = {}
    rest = sp.expand(expression)
    for x in vectors:
        coefficient = rest.coeff(x, 1)
        if coefficient.free_symbols & set(vectors):
            return None
        out[x] = coefficient
    remainder = sp.expand(rest - sum((a * x for x, a in out.items()), sp.Integer(0)))
    return out if remainder == 0 else None


def _not_real(e: Expression, functions: Mapping[str, tuple[tuple[str, ...], Expression]]) -> tuple[Diagnostic, ...]:
    """Why the expression is no real function."""
    try:
        lower(e, lambda name: sp.Symbol(name, real=True), functions)
    except ProgramError as error:
        return error.diagnostics
    except Exception:
        return (
            Diagnostic(
                "not-real",
                f"{e} cannot be read as a real expression.",
                "Check for a division by 0 or an undefined value.",
            ),
        )
    return ()


# a text is read again at every key, and most of its lines are as they were


@lru_cache(maxsize=4096)
def _plain_not_real(e: Expression) -> tuple[Diagnostic, ...]:
    """The same of an expression that calls no declared function."""
    return _not_real(e, {})


@lru_cache(maxsize=4096)
def _is_linear(e: Expression, vectors: tuple[str, ...]) -> bool:
    """Whether an expression that calls no declared function is a linear combination of these vectors."""
    symbols = {x: sp.Symbol(x, real=True) for x in (*vectors, *e.names)}
    return linear_terms(lower(e, symbols, {}), [symbols[x] for x in vectors]) is not None


class Scope:
    """Names defined so far. `admit` checks one instruction, defines its names and returns what is wrong."""

    def __init__(self) -> None:
        self.symbols: dict[str, Symbol] = {BASE: Symbol(BASE, "width")}
        self.functions: dict[str, tuple[tuple[str, ...], Expression]] = {}

    def of_kind(self, type_: str) -> tuple[str, ...]:
        return tuple(s.name for s in self.symbols.values() if s.type == type_ and s.name != BASE)

    def check_expression(self, e: Expression) -> list[Diagnostic]:
        """Problems of an expression over the defined vectors, scalars and constants (for `expect` and `average`)."""
        return [*self._operands(e, ("vector", "scalar", "constant")), *self._one_width(e, "expectation")]

    def define_broken(self, names: Iterable[str]) -> None:
        """Remember names whose definition failed, so that their uses raise no further problem."""
        for name in names:
            self.symbols.setdefault(name, Symbol(name, "broken"))

    def is_blocked(self, names: Iterable[str]) -> bool:
        return any((s := self.symbols.get(n)) is not None and s.type == "broken" for n in names)

    def admit(self, instruction: Instruction) -> list[Diagnostic]:
        """Check and define. On a problem the names become broken, so that one mistake is reported once."""
        names = instruction.names if isinstance(instruction, Vectors) else (instruction.name,)
        problems = [d for name in names for d in self._new_name(name)]
        if isinstance(instruction, Vectors) and len(set(names)) < len(names):
            problems.append(
                Diagnostic(
                    "duplicate", "A name stands twice in this line.", "Give every vector its own name.", names=names
                )
            )
        fresh = [n for n in names if n not in self.symbols]
        if not problems:
            problems = list(self._check(instruction))
            if not problems:
                return []
        for name in fresh:
            self.symbols[name] = Symbol(name, "broken")
            self.functions.pop(name, None)
        return problems

    def _define(self, symbol: Symbol) -> None:
        self.symbols[symbol.name] = symbol

    def _new_name(self, name: str) -> Iterator[Diagnostic]:
        if name in RESERVED:
            yield Diagnostic(
                "reserved", f"{name} is a reserved name.", f"Choose another name, such as {name}1.", names=(name,)
            )
        elif not name.isidentifier() or is_dunder(name):
            yield Diagnostic(
                "name",
                f"{name!r} is not a name.",
                "Names are letters, digits and underscores, as h1 or dx_2, without two underscores at an end.",
                names=(name,),
            )
        elif name in self.symbols and self.symbols[name].type != "broken":
            yield Diagnostic(
                "duplicate", f"{name} is defined already.", "A name is defined once; choose another one.", names=(name,)
            )

    def _is_function(self, name: str) -> bool:
        return name in ARITIES or name in self.functions

    def _need(self, name: str, *types: str, hint: str = "") -> Iterator[Diagnostic]:
        """Yields a problem unless the name is known and of one of these types; broken names pass."""
        symbol = self.symbols.get(name)
        wanted = " or ".join(_ARTICLE.get(t, f"a {t}") for t in types)
        if symbol is None and self._is_function(name):
            yield _bare_function(name)
        elif symbol is None:
            example = {
                "width": f"width {name} = 2*n", "matrix": f"matrix {name} ~ N(0, 1/n)", "vector": f"vector {name} ~ N(0, 1)",
                "constant": f"constant {name} = 1", "input": f"input {name}", "embedding": f"embedding {name} ~ N(0, 1/d)",
            }.get(types[0], "")  # fmt: skip
            yield Diagnostic(
                "unknown",
                f"{name} is not defined.",
                hint or (f"Declare it above: {example}" if example else ""),
                names=(name,),
            )
        elif symbol.type not in (*types, "broken"):
            yield Diagnostic("type", f"{symbol.described}, stands where {wanted} is needed.", hint, names=(name,))

    def _calls(self, e: Expression, parameters: tuple[str, ...] = ()) -> Iterator[Diagnostic]:
        """Unknown functions and wrong numbers of arguments."""
        known = {**ARITIES, **{f: len(p) for f, (p, _) in self.functions.items()}}
        for node in ast.walk(e.tree):
            if not isinstance(node, ast.Call):
                continue
            name, got = node.func.id, len(node.args)  # type: ignore[attr-defined]
            if name == "mean":
                yield Diagnostic(
                    "mean",
                    "mean(...) stands alone on its line.",
                    "Give the Moment a line and a name: q = mean(...).",
                    names=("mean",),
                )
            elif name == "quotient":
                inner = node.args[0] if node.args else None
                if not isinstance(inner, ast.Name) or inner.id not in known:
                    yield Diagnostic("quotient", "The first argument of quotient is a function's name.", "Write quotient(phi, mu, nu, eps).",
                                     names=("quotient",))  # fmt: skip
                elif got != 2 + 2 * known[inner.id]:
                    k = known[inner.id]
                    yield Diagnostic("arity", f"quotient({inner.id}, ...) takes {2 * k + 1} more arguments, got {got - 1}.",
                                     f"{inner.id} has {k}: write its μ's, then its ν's, then ε.", names=("quotient",))  # fmt: skip
            elif name in known:
                if got != known[name]:
                    s = "" if known[name] == 1 else "s"
                    yield Diagnostic("arity", f"{name} takes {known[name]} argument{s}, got {got}.", "", names=(name,))
            elif name in parameters or name in self.symbols:
                if not self.is_blocked([name]):
                    yield Diagnostic(
                        "call",
                        f"{name} is not a function.",
                        f"Write {name}*(...) for a product of coordinates.",
                        names=(name,),
                    )
            else:
                yield Diagnostic("unknown", f"There is no function {name}.",
                                 f"Declare it above: function {name}(z) = ...; or use relu, tanh, erf, step, abs, exp, ...", names=(name,))  # fmt: skip

    @staticmethod
    def _written(e: Expression, what: str) -> Iterator[Diagnostic]:
        """The expression has no ?: only gates and outputs can wait for what they read."""
        if "?" in e.text:
            yield Diagnostic("hole", f"{what} is not written yet: {e}.", "Write a number in place of ?.")

    def _constant(self, e: Expression, what: str, also: tuple[str, ...] = ()) -> Iterator[Diagnostic]:
        """The expression holds constants only."""
        yield from self._written(e, what)
        yield from self._calls(e)
        for name in e.names:
            if name in ("pi", "e") or name in also:
                continue
            if name == "n":
                yield Diagnostic("width-in-constant", f"{what} may not depend on the width n.",
                                 "Only a scalar's value may: scalar r = n**-0.5 -> 0", names=("n",))  # fmt: skip
            else:
                yield from self._need(name, "constant")

    def _real(self, e: Expression, names: Iterable[str] = ()) -> Iterator[Diagnostic]:
        """The expression lowers to a real function (no 1/0, no log(-1))."""
        if self.is_blocked((*e.names, *e.functions)):
            return
        if any(f in self.functions or f == "quotient" for f in e.functions):
            yield from _not_real(e, self.functions)
        else:
            yield from _plain_not_real(e)

    def _numbers(self, *expressions: Expression, what: str) -> Iterator[Diagnostic]:
        for e in expressions:
            problems = [*self._constant(e, what)]
            yield from problems or self._real(e)

    def _check(self, i: Instruction) -> Iterator[Diagnostic]:
        match i:
            case Constant():
                yield from self._numbers(i.value, what="A constant")
                self._define(Symbol(i.name, "constant"))
            case WidthClass():
                yield from self._check_width(i)
                self._define(Symbol(i.name, "width"))
            case Input():
                yield from self._numbers(*(i.value or ()), what="An input's entry")
                if i.value == ():
                    yield Diagnostic(
                        "input",
                        "An input needs at least one entry.",
                        f"Write input {i.name} = [1.0, 0.5]",
                        names=(i.name,),
                    )
                self._define(Symbol(i.name, "input"))
            case Embedding():
                yield from self._need(i.rows, "width")
                yield from self._numbers(i.variance, what="A variance")
                self._define(Symbol(i.name, "embedding", width=i.rows))
            case Matrix():
                yield from self._need(i.rows, "width")
                yield from self._need(i.columns, "width")
                yield from self._numbers(i.variance, what="A variance")
                self._define(Symbol(i.name, "matrix", width=i.rows, columns=i.columns))
            case Vectors():
                yield from self._check_vectors(i)
                for name in i.names:
                    self._define(Symbol(name, "vector", width=i.width, kind="G"))
            case Scalar():
                yield from self._check_scalar(i)
                self._define(Symbol(i.name, "scalar"))
            case Function():
                yield from self._check_function(i)
                self._define(Symbol(i.name, "function", arity=len(i.parameters)))
                self.functions[i.name] = (i.parameters, i.body)
            case Readout():
                yield from self._need(i.width, "width")
                yield from self._numbers(i.mean, i.variance, what="A variance")
                self._define(Symbol(i.name, "vector", width=i.width, kind="G", readout=True))
            case Bias():
                yield from self._numbers(i.mean, i.variance, what="A variance")
                self._define(Symbol(i.name, "bias"))
            case Embed():
                yield from self._need(i.embedding, "embedding")
                yield from self._need(i.input, "input")
                self._define(Symbol(i.name, "vector", width=self._width(i.embedding), kind="G"))
            case MatMul():
                yield from self._check_product(i)
            case LinComb() | Nonlin():
                yield from self._check_vector_expression(i)
            case Moment():
                yield from self._check_moment(i)
                self._define(Symbol(i.name, "scalar"))
            case Output():
                yield from self._check_output(i)
                self._define(Symbol(i.name, "output"))

    def _width(self, name: str) -> str:
        symbol = self.symbols.get(name)
        return symbol.width if symbol else BASE

    def _check_width(self, i: WidthClass) -> Iterator[Diagnostic]:
        hint = f"Write a multiple of one class: width {i.name} = 2*n"
        holes = [*self._written(i.ratio, "A width class")]
        yield from holes
        yield from self._calls(i.ratio)
        classes = [x for x in i.ratio.names if x == BASE or (x in self.symbols and self.symbols[x].type == "width")]
        unknown = [
            d
            for name in i.ratio.names
            if name not in (*classes, "pi", "e")
            for d in self._need(name, "constant", "width")
        ]
        yield from unknown
        if holes or unknown or self.is_blocked(i.ratio.names):
            return
        if len(classes) != 1:
            yield Diagnostic(
                "width", f"The width class {i.name} must be a multiple of one other class.", hint, names=(i.name,)
            )
            return
        symbols = {x: sp.Symbol(x, real=True) for x in i.ratio.names}
        if linear_terms(lower(i.ratio, symbols, self.functions), [symbols[classes[0]]]) is None:
            yield Diagnostic("width", f"{i.ratio} is not a multiple of {classes[0]}.", hint, names=(i.name,))

    def _check_vectors(self, i: Vectors) -> Iterator[Diagnostic]:
        yield from self._need(i.width, "width")
        k = len(i.names)
        if len(i.mean) != k or len(i.covariance) != k or any(len(row) != k for row in i.covariance):
            shape = f"{len(i.covariance)}×{len(i.covariance[0]) if i.covariance else 0}"
            yield Diagnostic("shape", f"{k} vectors need {k} means and a {k}×{k} covariance, got {len(i.mean)} and {shape}.",
                             "Write vector u, w ~ N([0, 0], [[1, 0.5], [0.5, 1]])", names=i.names)  # fmt: skip
            return
        yield from self._numbers(*i.mean, what="A mean")
        yield from self._numbers(*(e for row in i.covariance for e in row), what="A variance")

    def _check_scalar(self, i: Scalar) -> Iterator[Diagnostic]:
        problems = [*self._constant(i.value, "A scalar's value", also=("n",))]
        if i.limit is not None:
            problems += self._constant(i.limit, "A scalar's limit")
        elif "n" in i.value.names:
            problems.append(Diagnostic("limit", f"The value of {i.name} depends on n, so its limit must be said.",
                                       f"Write scalar {i.name} = {i.value} -> 0", names=(i.name,)))  # fmt: skip
        yield from problems or self._real(i.value)
        if not problems and i.limit is not None:
            yield from self._real(i.limit)

    def _check_function(self, i: Function) -> Iterator[Diagnostic]:
        for p in i.parameters:
            if p in RESERVED or not p.isidentifier() or is_dunder(p):
                yield Diagnostic("reserved", f"{p} cannot be a parameter's name.", "Choose another name.", names=(p,))
        if len(set(i.parameters)) < len(i.parameters) or not i.parameters:
            yield Diagnostic(
                "function",
                f"{i.name} needs one or more parameters with different names.",
                f"Write function {i.name}(z) = ...",
                names=(i.name,),
            )
        problems = [*self._written(i.body, "A function"), *self._calls(i.body, i.parameters)]
        for name in i.body.names:
            if name in i.parameters or name in ("pi", "e"):
                continue
            symbol = self.symbols.get(name)
            if symbol is not None and symbol.type in ("vector", "scalar", "input"):
                problems.append(Diagnostic("function-scope", f"A function sees its parameters and constants only, not {symbol.described}.",
                                           f"Make it a parameter: function {i.name}({', '.join((*i.parameters, name))}) = ...", names=(name,)))  # fmt: skip
            else:
                problems += self._need(name, "constant")
        yield from problems or self._real(i.body, i.parameters)

    def _check_product(self, i: MatMul) -> Iterator[Diagnostic]:
        problems = [*self._need(i.matrix, "matrix"), *self._need(i.vector, "vector")]
        m, x = self.symbols.get(i.matrix), self.symbols.get(i.vector)
        if not problems and m and x and "broken" not in (m.type, x.type):
            rows, columns = (m.columns, m.width) if i.transposed else (m.width, m.columns)
            if x.width != columns:
                shown = f"{i.matrix}.T" if i.transposed else i.matrix
                problems.append(Diagnostic("width-class", f"{shown} takes a vector of class {columns}, but {i.vector} is of class {x.width}.",
                                           f"Declare the matrix as {i.matrix} : ... x {x.width}, or use a vector of class {columns}.",
                                           names=(i.vector, i.matrix)))  # fmt: skip
            self._define(Symbol(i.name, "vector", width=rows, kind="G"))
        elif not problems:
            self._define(Symbol(i.name, "broken"))
        yield from problems

    def _operands(self, e: Expression, wanted: tuple[str, ...]) -> Iterator[Diagnostic]:
        yield from self._calls(e)
        for name in e.names:
            if name in ("pi", "e"):
                continue
            if name == "n":
                yield Diagnostic("width-in-expression", "The width n does not stand in an expression.",
                                 "Declare a scalar above: scalar r = n**-0.5 -> 0", names=("n",))  # fmt: skip
                continue
            symbol = self.symbols.get(name)
            if symbol is None and self._is_function(name):
                yield _bare_function(name)
            elif symbol is None:
                yield Diagnostic(
                    "unknown", f"{name} is not defined.", f"Declare it above: vector {name} ~ N(0, 1)", names=(name,)
                )
            elif symbol.type in ("matrix", "embedding"):
                yield Diagnostic("type", f"{symbol.described}, stands where a vector or scalar is needed.",
                                 f"A product has its own line: h = {name} @ x", names=(name,))  # fmt: skip
            elif symbol.type == "input":
                yield Diagnostic(
                    "type", f"{symbol.described}, must be embedded first.", f"Write h = U @ {name}", names=(name,)
                )
            else:
                yield from self._need(name, *wanted)

    def _vectors_of(self, e: Expression) -> list[Symbol]:
        return [s for x in e.names if (s := self.symbols.get(x)) is not None and s.type == "vector"]

    def _one_width(self, e: Expression, what: str) -> Iterator[Diagnostic]:
        vectors = self._vectors_of(e)
        for other in vectors[1:]:
            if other.width != vectors[0].width:
                yield Diagnostic("width-class", f"{vectors[0].name} is of class {vectors[0].width} and {other.name} of class {other.width}: "
                                 f"one {what} cannot mix them.", f"Bring one into the other class with a matrix {vectors[0].width} x {other.width}.",
                                 names=(other.name, vectors[0].name))  # fmt: skip
                return

    def _check_vector_expression(self, i: LinComb | Nonlin) -> Iterator[Diagnostic]:
        problems = [*self._operands(i.expression, ("vector", "scalar", "constant"))]
        problems += self._one_width(i.expression, "LinComb" if isinstance(i, LinComb) else "Nonlin")
        blocked = self.is_blocked((*i.expression.names, *i.expression.functions))
        if not problems and not blocked:
            problems += self._real(i.expression)
        yield from problems
        if blocked:
            self._define(Symbol(i.name, "broken"))
            return
        vectors = self._vectors_of(i.expression)
        if not vectors and problems:
            return
        if not vectors:
            yield Diagnostic("no-inputs", f"{i.name} has no vector among its inputs.", "Connect a vector, or write an expression of vectors.",
                             names=(i.name,))  # fmt: skip
            return
        if isinstance(i, LinComb) and not problems and not self.is_linear(i.expression):
            yield Diagnostic(
                "lincomb", f"{i.expression} is not a linear combination.", "Use a Nonlin.", names=(i.name,)
            )
        kind = "G" if isinstance(i, LinComb) and all(v.kind == "G" for v in vectors) else "X"
        self._define(Symbol(i.name, "vector", width=vectors[0].width, kind=kind))

    def is_linear(self, e: Expression) -> bool:
        """Homogeneous linear in vectors with constant coefficients, no call of a declared function: a LinComb."""
        if any(f in self.functions or f == "quotient" for f in e.functions):
            return False
        if any(self.symbols[x].type == "scalar" for x in e.names if x in self.symbols):
            return False
        vectors = tuple(v.name for v in self._vectors_of(e))
        if not vectors:
            return False
        return _is_linear(e, vectors)

    def _check_moment(self, i: Moment) -> Iterator[Diagnostic]:
        problems = [*self._operands(i.expression, ("vector", "scalar", "constant"))]
        if i.average:
            problems += self._one_width(i.expression, "Moment")
        elif vectors := self._vectors_of(i.expression):
            problems.append(
                Diagnostic(
                    "moment", f"{i.name} mixes scalars and the vector {vectors[0].name}.", "", names=(vectors[0].name,)
                )
            )
        if not problems:
            problems += self._real(i.expression)
        yield from problems

    def _check_output(self, i: Output) -> Iterator[Diagnostic]:
        if not i.terms:
            yield Diagnostic(
                "output",
                f"The output {i.name} has no terms.",
                f"Write output {i.name} = v.T @ x / sqrt(n)",
                names=(i.name,),
            )
        for term in i.terms:
            yield from self._numbers(term.coefficient, what="A coefficient")
            if term.vector is None:
                yield from self._need(term.readout, "bias")
                continue
            problems = [
                *self._need(
                    term.readout,
                    "vector",
                    hint=f"Declare it above: readout {term.readout} ~ N(0, 1)"
                    if term.readout not in self.symbols
                    else "",
                ),
                *self._need(term.vector, "vector"),
            ]
            yield from problems
            v, x = self.symbols.get(term.readout), self.symbols.get(term.vector)
            if problems or v is None or x is None or "broken" in (v.type, x.type):
                continue
            if not v.readout:
                yield Diagnostic(
                    "type",
                    f"{v.described}, stands where a readout is needed.",
                    f"Declare it: readout {v.name} ~ N(0, 1)",
                    names=(v.name,),
                )
            elif v.width != x.width:
                yield Diagnostic("width-class", f"{v.name} is of class {v.width}, but {x.name} is of class {x.width}.",
                                 f"Declare readout {v.name} : {x.width} ~ N(0, 1)", names=(x.name, v.name))  # fmt: skip
            elif term.width != x.width:
                yield Diagnostic("width-class", f"The output divides by sqrt({term.width}), but {x.name} is of class {x.width}.",
                                 f"Write {v.name}.T @ {x.name} / sqrt({x.width})", names=(i.name,))  # fmt: skip
