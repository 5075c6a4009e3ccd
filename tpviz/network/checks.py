"""Whether W and Wᵀ may be treated as independent: the simple GIA check, the BP-like check, and what the shortcut misses (theory §4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Literal

from ..language import Diagnostic, InputError, Program, TpvizError
from ..language.derivatives import Derivatives
from ..language.expressions import constant_value
from ..language.instructions import Embed, LinComb, MatMul, Moment, Nonlin, Output, Readout, Scalar, Vectors
from ..language.late import Late
from ..limit import limit
from .backprop import backward
from .kernels import ntk
from .path_sums import ntk_by_paths
from .plan import body_of, readouts_in_body

if TYPE_CHECKING:
    import sympy as sp
else:
    sp = Late("sympy")

__all__ = ["GiaReport", "bp_like", "gia_check"]

Parity = Literal["free", "odd", "even", "mixed"]
_CANDIDATES = 12  # initial vectors among which every subset is tried


@dataclass(frozen=True)
class GiaReport:
    """What `tp.gia_check` found; `str` of it is a readable summary.

    `passes`: the simple check holds for every output; `reasons` says why it does not. `bp_like`: initial vectors `odd` exist such that
    whenever Wᵀz is used z is odd in them and whenever Wz is used z is free of them, in the forward and backward pass. `both_ways` names
    the matrices that the forward pass uses as W and as Wᵀ.
    """

    program: Program = field(repr=False)
    reasons: tuple[Diagnostic, ...]
    odd: tuple[str, ...] | None
    both_ways: tuple[str, ...]

    @property
    def passes(self) -> bool:
        return not self.reasons

    @property
    def bp_like(self) -> bool:
        return self.odd is not None

    @property
    def shortcut(self) -> bool:
        """Whether "Ż = 0 in the backward pass" may be used, and the NTK is the sum over paths."""
        return self.passes and not self.both_ways

    @cached_property
    def nonzero(self) -> dict[str, dict[str, float]]:
        """Products of the backward pass with Ż ≠ 0, {product: {vector: coefficient}}, at the inputs of the text; {} where the program has
        free inputs or no matrix is used both ways."""
        if self.shortcut or not self.program.outputs or _free_inputs(self.program):
            return {}
        found: dict[str, dict[str, float]] = {}
        for f in self.program.outputs:
            pass_ = backward(self.program, f)
            lim = limit(pass_.program)
            new = [n for n in pass_.program.vectors if n not in self.program.vectors]
            for name in new:
                if isinstance(pass_.program[name], MatMul):
                    dots = lim.zdot(name)
                    if dots:
                        found.setdefault(name, dots)
        return found

    @cached_property
    def gap(self) -> tuple[float, float] | None:
        """(NTK, sum over paths) at the inputs of the text, for the first output; None where it has free inputs or no kernel."""
        if not self.program.outputs or _free_inputs(self.program):
            return None
        try:
            return float(ntk(self.program, None)[0, 0]), float(ntk_by_paths(self.program, None)[0, 0])
        except TpvizError:
            return None

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The reasons, and what W and Wᵀ in the forward pass mean for the shortcut."""
        out = list(self.reasons)
        if self.both_ways and self.program.outputs:
            names = ", ".join(self.both_ways)
            where = _first_transpose(self.program, self.both_ways[0])
            out.append(
                Diagnostic(
                    "both-ways",
                    f"{names} occurs both as W and as Wᵀ in the forward pass: the backward pass has Ż that do not vanish.{self._numbers()}",
                    "Use tp.ntk, which applies the full Z rules; the sum over isomorphic paths misses a part.",
                    "warning",
                    names=(where, *self.both_ways),
                )
            )
        return tuple(out)

    def _numbers(self) -> str:
        try:
            products, gap = self.nonzero, self.gap
        except TpvizError:
            return ""
        text = ""
        if products:
            name, dots = next(iter(products.items()))
            terms = " + ".join(f"{c:.4g} {v}" for v, c in dots.items())
            more = f" and {len(products) - 1} more" if len(products) > 1 else ""
            text = f" Ż of {name} is {terms}{more}."
        if gap is not None and abs(gap[0] - gap[1]) > 1e-12 * abs(gap[0]):
            text += f" The NTK is {gap[0]:.6g}, the sum over paths {gap[1]:.6g}."
        return text

    def __str__(self) -> str:
        lines = ["The simple GIA check passes." if self.passes else "The simple GIA check fails."]
        lines += [f"  {d.render()}" for d in self.reasons]
        if self.odd is None:
            lines.append("It is not BP-like: no set of initial vectors makes every use of a transpose odd.")
        elif self.odd:
            lines.append(f"It is BP-like: whenever Wᵀz is used, z is odd in {', '.join(self.odd)}.")
        else:
            lines.append("It is BP-like: no matrix is used both ways, in the forward and backward pass.")
        lines += [f"  {d.render()}" for d in self.warnings if d not in self.reasons]
        return "\n".join(lines)


def gia_check(program: Program) -> GiaReport:
    """Check whether gradients may be computed as if Wᵀ were independent of W (gradient independence assumption; theory §4).

    The simple check: every readout has mean zero, is sampled independently of everything else and is used nowhere inside the body. The
    BP-like check (002, A.2) is run on the program with its backward pass, or on the program itself where it has no output. Matrices that
    the forward pass uses as W and as Wᵀ are reported with the Ż that do not vanish and with both sums. Raises `InputError` for what is no
    program.
    """
    if not isinstance(program, Program):
        raise InputError(
            f"tp.gia_check takes a Program, got {type(program).__name__}.", hint="Read one with tp.parse(text)."
        )
    uses: dict[str, set[bool]] = {}
    for name in body_of(program) if program.outputs else program.vectors:
        i = program[name]
        if isinstance(i, MatMul):
            uses.setdefault(i.matrix, set()).add(i.transposed)
    both = tuple(m for m in program.matrices if len(uses.get(m, ())) == 2)
    whole = program
    for f in program.outputs:
        whole = backward(whole, f).program
    return GiaReport(program, tuple(_reasons(program)), bp_like(whole), both)


def _reasons(program: Program) -> Iterator[Diagnostic]:
    if not program.outputs:
        yield Diagnostic(
            "no-output",
            "The program has no output, so there is no readout to check.",
            "Declare readout v ~ N(0, 1) and write output f = v.T @ x / sqrt(n).",
            "warning",
        )
    body, read = readouts_in_body(program), set()
    for f in program.outputs:
        i = program[f]
        assert isinstance(i, Output)
        read |= {t.readout for t in i.terms if t.vector is not None}
    for v in program.vectors:
        if v not in read:
            continue
        i = program[v]
        assert isinstance(i, Readout)
        mean = constant_value(i.mean, program.constants(), program.function_table)
        if mean != 0:
            yield Diagnostic(
                "readout-mean",
                f"The readout {v} has the mean {mean:g}: gradients are not odd in it, and f grows like √n.",
                f"Declare readout {v} ~ N(0, ...).",
                "warning",
                names=(v,),
            )
        if v in body:
            where = next(name for name in body_of(program) if v in program.arguments(name))
            yield Diagnostic(
                "readout-in-body",
                f"The readout {v} is used inside the body, in {where}: gradients are not independent of it.",
                "Use a vector of its own inside, vector u ~ N(0, 1).",
                "warning",
                names=(v, where),
            )


def _free_inputs(program: Program) -> bool:
    given = program.input_values()
    return any(isinstance(i, Embed) and i.input not in given for i in program.instructions)


def _first_transpose(program: Program, matrix: str) -> str:
    seen: set[bool] = set()
    for i in program.instructions:
        if isinstance(i, MatMul) and i.matrix == matrix:
            if seen and i.transposed not in seen:
                return i.name
            seen.add(i.transposed)
    return matrix


def bp_like(program: Program) -> tuple[str, ...] | None:
    """The smallest set of zero-mean initial vectors, independent of the others, in which every z of a Wᵀz is odd and of which every z of
    a Wz is free (002, A.2), each matrix read in the way that suits; None where there is none."""
    groups = []
    constants, table = program.constants(), program.function_table
    for i in program.instructions:
        if isinstance(i, Readout | Vectors):
            means = i.mean if isinstance(i, Vectors) else (i.mean,)
            if all(constant_value(m, constants, table) == 0 for m in means):
                groups.append(i.names if isinstance(i, Vectors) else (i.name,))
        elif isinstance(i, Embed):
            same = [j.name for j in program.instructions if isinstance(j, Embed) and j.embedding == i.embedding]
            if tuple(same) not in groups:
                groups.append(tuple(same))
    test = _Parities(program)
    for size in range(len(groups) + 1 if len(groups) <= _CANDIDATES else 2):
        for chosen in combinations(groups, size):
            odd = tuple(v for group in chosen for v in group)
            if test.holds(odd):
                return odd
    readouts = tuple(i.name for i in program.instructions if isinstance(i, Readout) and (i.name,) in groups)
    return readouts if len(groups) > _CANDIDATES and test.holds(readouts) else None


@lru_cache(1024)  # a function stays the same while its program is edited, and simplifying is slow
def _turned(expression: sp.Expr, signs: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> Parity:
    """What becomes of an expression when symbols of it change their sign."""
    turned = expression.subs(dict(signs), simultaneous=True)
    if sp.simplify(turned + expression) == 0:
        return "odd"
    return "even" if sp.simplify(turned - expression) == 0 else "mixed"


class _Parities:
    """What becomes of every vector and scalar when the vectors of a set change their sign together."""

    def __init__(self, program: Program):
        self.program = program
        self.derivatives = Derivatives(program.function_table, program.scope.symbols)
        self._tables: dict[str, tuple[sp.Expr, dict[tuple[str, ...], Parity]]] = {}

    def holds(self, odd: tuple[str, ...]) -> bool:
        """Whether each matrix has an orientation in which the condition holds."""
        parity: dict[str, Parity] = {}
        uses: dict[str, dict[bool, set[Parity]]] = {}
        for i in self.program.instructions:
            match i:
                case Vectors(names=names):
                    parity |= {n: "odd" if n in odd else "free" for n in names}
                case Readout() | Embed():
                    parity[i.name] = "odd" if i.name in odd else "free"
                case Scalar():
                    parity[i.name] = "free"
                case MatMul():
                    of = parity[i.vector]
                    if of in ("even", "mixed"):
                        return False
                    uses.setdefault(i.matrix, {}).setdefault(i.transposed, set()).add(of)
                    parity[i.name] = of
                case LinComb() | Nonlin() | Moment():
                    parity[i.name] = self._of(i, parity)
        return all(self._fits(ways) for ways in uses.values())

    @staticmethod
    def _fits(ways: Mapping[bool, set[Parity]]) -> bool:
        """One orientation is used with vectors that are free of the set, the other with odd ones; a single one with any of the two."""
        if len(ways) == 1:
            return True
        one, other = ways.values()
        return {frozenset(one), frozenset(other)} == {frozenset({"free"}), frozenset({"odd"})}

    def _of(self, i: LinComb | Nonlin | Moment, parity: Mapping[str, Parity]) -> Parity:
        names = [x for x in self.program.arguments(i.name) if parity.get(x, "free") != "free"]
        if not names:
            return "free"
        if any(parity[x] == "mixed" for x in names):
            return "mixed"
        odd = tuple(x for x in names if parity[x] == "odd")
        if not odd:
            return "even"
        lowered, table = self._tables.setdefault(i.name, (self._lowered(i), {}))
        if odd not in table:
            symbols = {self.derivatives.symbol(x): -self.derivatives.symbol(x) for x in odd}
            table[odd] = _turned(lowered, tuple(symbols.items()))
        return table[odd]

    def _lowered(self, i: LinComb | Nonlin | Moment) -> sp.Expr:
        return self.program.sympy(i.expression, self.derivatives.symbol)
