"""The rules by which a lecture's steps go on: which one a line follows, and how it reads in general.

The formulas are TeX that KaTeX, LaTeX and (through `tpviz.drawing.formulas`) matplotlib read.
"""

from __future__ import annotations

from typing import Any

from tpviz.language import Partial
from tpviz.language.instructions import (
    Bias,
    Embed,
    Input,
    LinComb,
    MatMul,
    Moment,
    Nonlin,
    Output,
    Readout,
    Scalar,
    Vectors,
)
from tpviz.language.labels import label

__all__ = ["WHAT", "rule_of"]

_INITIAL = r"Z^{x}\sim\mathcal{N}(\mu,\,\sigma^{2})"
_JOINT = r"(Z^{x^{1}},\ldots,Z^{x^{k}})\sim\mathcal{N}(\mu,\,\Sigma)"
_EMBED = r"Z^{U\xi}\sim\mathcal{N}(0,\,\sigma_{U}^{2}\,\Vert\xi\Vert^{2}/d)"
_SCALAR = r"\mathring{\theta}=\lim_{n\to\infty}\theta"
_MATMUL = r"Z^{Wx}=\hat{Z}^{Wx}+\dot{Z}^{Wx}"
_LINCOMB = r"Z^{a_{1}x^{1}+\cdots+a_{k}x^{k}}=a_{1}Z^{x^{1}}+\cdots+a_{k}Z^{x^{k}}"
_NONLIN = r"Z^{y}=\psi(Z^{x^{1}},\ldots,Z^{x^{k}};\,\mathring{\theta}_{1},\ldots)"
_MOMENT = r"\mathring{\theta}=\mathbb{E}\,\psi(Z^{x^{1}},\ldots;\,\mathring{\theta}_{1},\ldots)"
_OUTPUT = r"v^{\top}x/\sqrt{n}\ \to\ \mathcal{N}(0,\,\sigma_{v}^{2}\,\mathbb{E}(Z^{x})^{2})"

#: what a line makes, in words: the first word of a step's title
WHAT = {
    Vectors: "Initial vector",
    Embed: "Embedded input",
    Readout: "Readout",
    Scalar: "Scalar",
    Bias: "Bias",
    MatMul: "MatMul",
    LinComb: "LinComb",
    Nonlin: "Nonlin",
    Moment: "Moment",
    Output: "Output",
    Input: "Input",
}
_FORMS = {"product": MatMul, "moment": Moment, "vector": Vectors, "scalar": Scalar, "output": Output, "input": Input}


def rule_of(i: Any, partial: Partial | None = None) -> tuple[type, str, str]:
    """The kind of a line, its rule's name and the rule in general. `partial` where the line is not complete."""
    kind = type(i) if i is not None else _FORMS.get(partial.form, Nonlin) if partial is not None else type(None)
    if kind is Vectors:
        several = i is not None and len(i.names) > 1
        return kind, "ZInit", _JOINT if several else _INITIAL
    if kind is Embed:
        general = _EMBED.replace(r"\sigma_{U}", rf"\sigma_{{{label(i.embedding)}}}").replace(
            r"Z^{U\xi}", rf"Z^{{{label(i.name)}}}"
        )
        return kind, "ZInit", general.replace(r"\xi", label(i.input))
    rules = {
        Readout: ("ZInit", _INITIAL.replace("Z^{x}", "Z^{v}")),
        Scalar: ("ZInit", _SCALAR),
        Bias: ("ZInit", _SCALAR),
        MatMul: ("ZMatMul", _MATMUL),
        LinComb: ("ZLinComb", _LINCOMB),
        Nonlin: ("ZNonlin", _NONLIN),
        Moment: ("ZMoment", _MOMENT),
        Output: ("Output", _OUTPUT),
    }
    return (kind, *rules.get(kind, ("", "")))
