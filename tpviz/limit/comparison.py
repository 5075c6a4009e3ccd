"""Two programs side by side: which numbers of the limit change, and which do not."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..gaussian import Estimate
from ..language import InputError, Program, TpvizError
from ..language.instructions import Embed, LinComb, MatMul, Moment, Nonlin, Output, Readout, Scalar, Vectors
from .limit import Limit, limit

__all__ = ["Comparison", "Row", "Side", "compare", "matched", "rows"]

_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Side:
    """The numbers of one version: E Z^x Z^y of vectors or θ̊ of a scalar with its error; of a vector E Z and, of a product, Ż as
    {vector: coefficient}. `problem` says why there is no number."""

    value: Estimate | None = None
    mean: Estimate | None = None
    zdot: Mapping[str, float] | None = None
    problem: TpvizError | None = None


@dataclass(frozen=True)
class Row:
    """What one name, or a pair of them, is in both versions. `partner`: the second vector of a pair, "" for a single name; `twins`: the
    names in the second version; `kind` is "vector", "scalar" or "pair"."""

    kind: str
    name: str
    partner: str
    twins: tuple[str, ...]
    first: Side
    second: Side
    same_zdot: bool = True

    @property
    def difference(self) -> float | None:
        """Second minus first."""
        a, b = self.first.value, self.second.value
        return None if a is None or b is None else b.value - a.value

    @property
    def error(self) -> float:
        """How far the difference may be off."""
        a, b = self.first.value, self.second.value
        return 0.0 if a is None or b is None else a.error + b.error

    @property
    def changes(self) -> bool:
        """The versions differ here by more than their numbers may be off."""
        a, b = self.first, self.second
        return differ(a.value, b.value) or differ(a.mean, b.mean) or not self.same_zdot


def differ(a: Estimate | None, b: Estimate | None) -> bool:
    """Beyond the errors of both: bounds, or four standard errors."""
    if a is None or b is None:
        return (a is None) != (b is None)
    sampled = "sampled" in (a.method, b.method)
    reach = 4 * math.hypot(a.error, b.error) if sampled else a.error + b.error
    return abs(a.value - b.value) > reach + 1e-11 * max(abs(a.value), abs(b.value), 1e-3)


@dataclass(frozen=True)
class Comparison:
    """What `tp.compare` found. `rows` holds every vector, scalar and pair of vectors that is in both programs; `only_first` and
    `only_second` name what is in one of them only. `print` shows it as a table."""

    first: Limit
    second: Limit
    rows: tuple[Row, ...]
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[Row, ...]:
        """The rows in which something changes."""
        return tuple(r for r in self.rows if r.changes)

    @property
    def unchanged(self) -> tuple[str, ...]:
        """Vectors and scalars of which neither mean, second moment nor Ż changes."""
        return tuple(r.name for r in self.rows if r.kind != "pair" and not r.changes)

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Row]:
        return {(r.name, r.partner): r for r in self.rows}

    def __getitem__(self, name: str | tuple[str, str]) -> Row:
        """The row of a vector or scalar, or of a pair of vectors."""
        key = (name, "") if isinstance(name, str) else tuple(name)
        row = self._by_name.get(key) or self._by_name.get(key[::-1])  # type: ignore[arg-type]
        if row is None:
            known = ", ".join(r.name for r in self.rows if not r.partner)
            raise InputError(f"The programs do not share {name!r}.", hint=f"They share {known or 'nothing'}.")
        return row

    def __str__(self) -> str:
        lines = [("", "first", "second", "difference")]
        for r in self.changed:
            what = {"scalar": f"limit of {r.name}", "pair": f"E Z^{r.name} Z^{r.partner}", "vector": f"E (Z^{r.name})^2"}[r.kind]  # fmt: skip
            a, b, gap = r.first.value, r.second.value, r.difference
            if differ(a, b):
                lines.append((what, _text(a), _text(b), "" if gap is None else f"{gap:.5g}"))
            if differ(r.first.mean, r.second.mean):
                lines.append((f"E Z^{r.name}", _text(r.first.mean), _text(r.second.mean), ""))
            if not r.same_zdot:
                lines.append((f"Zdot^{r.name}", _dot_text(r.first.zdot), _dot_text(r.second.zdot), ""))
        sizes = [max(len(row[k]) for row in lines) for k in range(4)]
        out = ["  ".join(cell.ljust(size) for cell, size in zip(row, sizes, strict=True)).rstrip() for row in lines]
        if len(lines) == 1:
            out = ["nothing changes"]
        same = sum(r.kind == "pair" and not r.changes for r in self.rows)
        out.append("unchanged: " + (", ".join(self.unchanged) or "nothing") + (f"; {same} pairs" if same else ""))
        for which, names in (("first", self.only_first), ("second", self.only_second)):
            if names:
                out.append(f"only in the {which}: {', '.join(names)}")
        return "\n".join(out)


def compare(first: Program | Limit, second: Program | Limit, pairs: bool = True) -> Comparison:
    """What changes in the limit from one program to another, and what does not: E (Z^x)², E Z^x, Ż of products, E Z^x Z^y of `pairs` of
    vectors (k² of them: `pairs=False` leaves them out), the limits of scalars.

    Vectors and scalars are matched by name, then those whose lines are the same up to names. A program whose inputs have no value in its text is given as
    its limit, `tp.limit(p, inputs={...})`. Moments that do not exist are told in their row. Raises `InputError` for anything else.
    """
    limits = []
    for one in (first, second):
        if not isinstance(one, Program | Limit):
            raise InputError(f"tp.compare takes two programs or limits, got {type(one).__name__}.", hint="Read one with tp.parse(text).")  # fmt: skip
        limits.append(one if isinstance(one, Limit) else limit(one))
        if len(limits[-1].values) > 1:
            raise InputError("A comparison is of single numbers, and this limit holds an array of parameters.", hint="Ask lim.at(parameters={...}) with single numbers.")  # fmt: skip
    p, q = limits
    twins = matched(p.program, q.program)
    found = tuple(rows(p, q, twins, pairs))
    missing = [n for n in (*p.program.vectors, *p.program.scalars) if n not in twins]
    extra = [n for n in (*q.program.vectors, *q.program.scalars) if n not in twins.values()]
    return Comparison(p, q, found, tuple(missing), tuple(extra))


def rows(p: Limit, q: Limit, twins: Mapping[str, str], pairs: bool, stop: Callable[[], bool] = lambda: False) -> Iterator[Row]:  # fmt: skip
    """The rows one by one: vectors, scalars, then pairs; `stop` is asked before each."""
    for name in p.program.vectors:
        if name in twins and not stop():
            yield _vector_row(p, q, name, twins)
    for name in p.program.scalars:
        if name in twins and not stop():
            a, b = _scalar_side(p, name), _scalar_side(q, twins[name])
            yield Row("scalar", name, "", (twins[name],), a, b)
    names = [n for n in p.program.vectors if n in twins] if pairs else []
    for k, x in enumerate(names):
        for y in names[:k]:
            both = twins[y], twins[x]
            if p.program.width_class(x) != p.program.width_class(y) or q.program.width_class(both[0]) != q.program.width_class(both[1]):  # fmt: skip
                continue
            if stop():
                return
            a = _pair_side(p, y, x)
            b = _pair_side(q, *both)
            yield Row("pair", y, x, both, a, b)


def _guarded(find: Callable[[], Side]) -> Side:
    try:
        return find()
    except TpvizError as error:
        return Side(problem=error)


def _scalar_side(lim: Limit, name: str) -> Side:
    return _guarded(lambda: Side(lim._scalar(name)))


def _pair_side(lim: Limit, x: str, y: str) -> Side:
    return _guarded(lambda: Side(lim._second(x, y)))


def _vector_row(p: Limit, q: Limit, name: str, twins: Mapping[str, str]) -> Row:
    def side(lim: Limit, x: str) -> Side:
        dots = lim.zdot(x) if x in lim.plan.products else None
        return Side(lim._second(x), lim._expect(lim._z(x)), dots)

    a, b = _guarded(lambda: side(p, name)), _guarded(lambda: side(q, twins[name]))
    return Row("vector", name, "", (twins[name],), a, b, _same_dots(a, b, twins))


def _same_dots(a: Side, b: Side, twins: Mapping[str, str]) -> bool:
    if a.problem or b.problem:
        return True  # told already
    mine = {twins.get(v, f"{v} "): c for v, c in (a.zdot or {}).items()}
    other = dict(b.zdot or {})
    reach = (a.value.error if a.value else 0.0) + (b.value.error if b.value else 0.0)
    sampled = any(s.value is not None and s.value.method == "sampled" for s in (a, b))
    return all(
        abs(mine.get(v, 0.0) - other.get(v, 0.0))
        <= (4 if sampled else 1) * reach + 1e-9 * max(1.0, abs(mine.get(v, 0.0)))
        for v in {*mine, *other}
    )


# which names belong together


def matched(p: Program, q: Program) -> dict[str, str]:
    """Vectors and scalars of `p` with their names in `q`: equal names first, then lines that are equal up to names, in order."""
    twins: dict[str, str] = {}
    for names, others in ((p.vectors, q.vectors), (p.scalars, q.scalars)):
        twins |= {n: n for n in names if n in others}
    left = [n for n in (*q.vectors, *q.scalars) if n not in twins]
    back = {v: v for v in twins}
    for name in (*p.vectors, *p.scalars):
        if name in twins:
            continue
        shape = _shape(p, name, twins)
        twin = next((n for n in left if _shape(q, n, back) == shape), None)
        if twin is not None:
            twins[name], back[twin] = twin, twin
            left.remove(twin)
    return twins


def _shape(program: Program, name: str, twins: Mapping[str, str]) -> tuple:
    """The line of a name with its arguments by their names in the second program; matrices and functions do not count."""
    i = program[name]
    match i:
        case MatMul():
            return ("product", i.transposed, twins.get(i.vector))
        case Embed():
            return ("embedded", i.input)
        case Vectors():
            k = i.names.index(name)
            return ("initial", str(i.mean[k]), str(i.covariance[k][k]), i.width)
        case Readout():
            return ("readout", i.width)
        case Scalar():
            return ("scalar", str(i.value), str(i.limit))
        case LinComb() | Nonlin() | Moment():
            read = program.arguments(name)
            text = _NAME.sub(lambda m: (twins.get(m[0]) or "?") if m[0] in read else m[0], str(i.expression))
            return (type(i).__name__, text)
    assert isinstance(i, Output)
    return ("output",)


# as text


def _text(e: Estimate | None) -> str:
    if e is None:
        return "none"
    return f"{e.value:.6g}" + (f" +- {e.error:.1g}" if e.error > 1e-6 * max(1.0, abs(e.value)) else "")


def _dot_text(dots: Mapping[str, float] | None) -> str:
    return " + ".join(f"{c:.5g} Z^{v}" for v, c in (dots or {}).items()).replace("+ -", "- ") or "0"
