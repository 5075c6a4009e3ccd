"""What a user should know of a limit beside its numbers: where the Master Theorem promises less, and what W and Wᵀ together mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..language.diagnostics import Diagnostic
from ..language.instructions import MatMul, Moment, Nonlin
from ..language.late import Late

if TYPE_CHECKING:
    import sympy as sp

    from .limit import Limit
else:
    sp = Late("sympy")
functions = Late("tpviz.language.functions")

__all__ = ["warnings_of"]


def warnings_of(limit: Limit) -> tuple[Diagnostic, ...]:
    """Warnings about the program, in its order."""
    return (*_nonlinearities(limit), *_transposes(limit))


def _nonlinearities(limit: Limit) -> list[Diagnostic]:
    """Functions that are not pseudo-Lipschitz: |ψ(x) − ψ(y)| ≤ C |x − y| (1 + |x|ᵏ + |y|ᵏ) fails."""
    out = []
    for i in limit.program.instructions:
        if not isinstance(i, Nonlin | Moment):
            continue
        vectors = {sp.Symbol(n, real=True) for n in i.expression.names if n in limit.plan.z}
        if not vectors:
            continue
        e = limit.program.sympy(i.expression, lambda name: sp.Symbol(name, real=True))
        if reason := _reason(e, vectors):
            out.append(
                Diagnostic(
                    "not-pseudo-lipschitz",
                    f"{i.name} = {i.expression} is not pseudo-Lipschitz: {reason}. The Master Theorem does not cover it; the Z rules are applied all the same.",
                    "Compare with runs at growing width, or use a smooth function.",
                    "warning",
                    names=(i.name,),
                )
            )
    return out


def _reason(e: sp.Expr, vectors: set) -> str | None:
    for node in sp.preorder_traversal(e):
        if not (isinstance(node, sp.Expr) and node.free_symbols & vectors):
            continue
        if isinstance(node, functions.JUMPS):
            return "it jumps"
        if isinstance(node, sp.exp) and _grows(node.args[0], vectors):
            return "it grows faster than any polynomial"
        if isinstance(node, functions.Log):
            return "log is unbounded near 0"
        inner = None
        if isinstance(node, functions.RealPower) and not (node.args[1].is_number and node.args[1] >= 1):
            inner = node.args[0]
        if isinstance(node, sp.Pow) and not isinstance(node, sp.exp) and node.exp.is_number and node.exp.is_negative:
            inner = node.base
        if inner is not None and inner.free_symbols & vectors and not _positive(inner, vectors):
            return "a root or quotient has an unbounded slope where its argument vanishes"
    return None


def _grows(exponent: sp.Expr, vectors: set) -> bool:
    """Whether exp(exponent) may grow faster than polynomials: not where the exponent is a sum of −(even powers), or bounded functions."""
    for term in sp.Add.make_args(sp.expand(exponent)):
        if not term.free_symbols & vectors:
            continue
        factor, rest = term.as_independent(*vectors, as_Add=False)
        even = all(isinstance(f, sp.Pow) and f.exp.is_Integer and f.exp % 2 == 0 for f in sp.Mul.make_args(rest))
        if not (factor.is_number and factor.is_negative and even):
            return True
    return False


def _positive(e: sp.Expr, vectors: set) -> bool:
    """Whether e is bounded below by a positive number: a positive constant plus even powers."""
    constant, rest = e.as_independent(*vectors, as_Add=True)
    if not (constant.is_number and constant.is_positive):
        return False
    terms = [t.as_independent(*vectors, as_Add=False) for t in sp.Add.make_args(rest)]
    return all(
        c.is_number and c.is_positive and all(isinstance(f, sp.exp) or (isinstance(f, sp.Pow) and f.exp.is_Integer and f.exp % 2 == 0) for f in sp.Mul.make_args(r))
        for c, r in terms
    )  # fmt: skip


def _transposes(limit: Limit) -> list[Diagnostic]:
    out = []
    uses: dict[str, tuple[list[str], list[str]]] = {}
    for i in limit.program.instructions:
        if isinstance(i, MatMul):
            uses.setdefault(i.matrix, ([], []))[i.transposed].append(i.name)
    for matrix, (plain, transposed) in uses.items():
        if plain and transposed:
            dotted = [p for p in limit.plan.products if p in (*plain, *transposed) and limit.plan.products[p].dots]
            effect = (
                f"{', '.join(dotted)} {'has' if len(dotted) == 1 else 'have'} a Ż: an independent copy in place of {matrix}.T would change the limit"
                if dotted
                else f"no Ż comes of it here: an independent copy in place of {matrix}.T would give the same limit"
            )
            out.append(
                Diagnostic(
                    "transpose",
                    f"{matrix} is used as {matrix} ({', '.join(plain)}) and as {matrix}.T ({', '.join(transposed)}); {effect}.",
                    severity="warning",
                    names=(matrix, *dotted),
                )
            )
    return out
