"""The derivation of a Z, step by step: one rule each, as LaTeX. For the inspector and the formula pane."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ..gaussian import Estimate
from ..language.instructions import BASE, Embed, LinComb, MatMul, Matrix, Moment, Nonlin, Readout, Scalar, Vectors
from ..language.labels import label
from ..language.typeset import expression_tex

if TYPE_CHECKING:
    from .limit import Limit

__all__ = ["Step", "derivation", "number_tex"]


@dataclass(frozen=True)
class Step:
    """`left right` is one line of LaTeX; `rule` is ZInit, ZNonlin, ZLinComb, ZMoment, ZMatMul, ZHat or ZDot; `name` the vector or scalar."""

    rule: str
    left: str
    right: str
    name: str


def number_tex(x: Estimate | float) -> str:
    """A number with no digit beyond its error: a small fraction where it is one, else at most five digits."""
    value, error = (x.value, x.error) if isinstance(x, Estimate) else (float(x), 0.0)
    if isinstance(x, Estimate) and x.method == "sampled" and error > 0:
        from math import floor, log10

        digits = max(0, min(6, -floor(log10(2 * error))))
        return f"{value:.{digits}f}" if abs(value) < 1e4 else f"{value:.3g}"
    if abs(value) <= max(error, 1e-14):
        return "0"
    fraction = Fraction(value).limit_denominator(32)
    if fraction.denominator > 1 and fraction.numerator and abs(value - fraction) <= max(error, 1e-13 * abs(value)):
        sign = "-" if fraction < 0 else ""
        return rf"{sign}\tfrac{{{abs(fraction.numerator)}}}{{{fraction.denominator}}}"
    if abs(value - round(value)) <= max(error, 1e-13 * abs(value)) and abs(value) < 1e6:
        return str(round(value))
    text = f"{value:.5g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        return rf"{mantissa}\cdot 10^{{{int(exponent)}}}"
    return text


def _z(name: str) -> str:
    return f"Z^{{{label(name)}}}"


def derivation(limit: Limit, name: str) -> list[Step]:
    """Steps for `name`, then for the products that it reads."""
    program = limit.program
    instruction = program[name]
    match instruction:
        case Moment():
            return [_moment(limit, instruction)]
        case Scalar():
            return [Step("ZInit", rf"\mathring{{{label(name)}}}", f"= {number_tex(limit._scalar(name))}", name)]
        case MatMul():
            return _product(limit, instruction)
        case LinComb() | Nonlin():
            rule = "ZLinComb" if isinstance(instruction, LinComb) else "ZNonlin"
            steps = [
                Step(
                    rule,
                    _z(name),
                    "= " + expression_tex(instruction.expression, label_of=lambda n: _operand(limit, n)),
                    name,
                )
            ]
            for x in program.arguments(name):
                if isinstance(program[x], MatMul):
                    steps += _product(limit, program[x])
                elif isinstance(program[x], Moment):
                    steps.append(_moment(limit, program[x]))
            return steps
    return [_initial(limit, name)]


def _operand(limit: Limit, name: str) -> str:
    if name in limit.plan.z:
        return _z(name)
    return rf"\mathring{{{label(name)}}}" if name in limit.plan.scalars else label(name)


def _moment(limit: Limit, i) -> Step:
    body = expression_tex(i.expression, label_of=lambda n: _operand(limit, n))
    body = rf"\mathbb E\big[{body}\big]" if i.average else body
    return Step("ZMoment", rf"\mathring{{{label(i.name)}}}", f"= {body} = {number_tex(limit._scalar(i.name))}", i.name)


def _initial(limit: Limit, name: str) -> Step:
    i = limit.program[name]
    mean = number_tex(limit._expect(limit.plan.z[name]))
    variance = number_tex(limit._base_covariance(limit.plan.z[name], limit.plan.z[name]))
    right = rf"\sim \mathcal N({mean},\, {variance})"
    if isinstance(i, Embed):
        u, xi = label(i.embedding), label(i.input)
        right = rf"\sim \mathcal N\big(0,\, \sigma_{{{u}}}^2 \lVert {xi}\rVert^2/d\big) = \mathcal N(0,\, {variance})"
    assert isinstance(i, Embed | Vectors | Readout)
    return Step("ZInit", _z(name), right, name)


def _product(limit: Limit, i) -> list[Step]:
    product, x, w = limit.plan.products[i.name], label(i.vector), label(i.matrix)
    g = label(i.name)
    matrix = limit.program[i.matrix]
    assert isinstance(matrix, Matrix)
    ratio = (
        rf"\tfrac{{n_{{{matrix.rows}}}}}{{n_{{{matrix.columns}}}}}\,"
        if i.transposed and (matrix.rows, matrix.columns) != (BASE, BASE)
        else ""
    )
    sigma = rf"{ratio}\sigma_{{{w}}}^2"
    variance = number_tex(limit._base_covariance(product.base, product.base))
    hat = Step(
        "ZHat",
        rf"\hat Z^{{{g}}}",
        rf"\sim \mathcal N\big(0,\, {sigma}\,\mathbb E(Z^{{{x}}})^2\big) = \mathcal N(0,\, {variance})",
        i.name,
    )
    if not product.dots:
        return [Step("ZMatMul", _z(i.name), rf"= \hat Z^{{{g}}}", i.name), hat]
    coefficients = limit._dots(i.name)
    if product.stein:
        symbolic = " + ".join(rf"a_{{{k + 1}}} {_z(d.vector)}" for k, d in enumerate(product.dots)) + r",\ a = C^{+} b"
    else:
        symbolic = " + ".join(
            rf"{sigma}\,\mathbb E\big[\partial {_z(i.vector)}/\partial \hat Z^{{{label(d.through)}}}\big]\,{_z(d.vector)}"
            for d in product.dots
        )
    parts = [(number_tex(a), d.vector) for a, d in zip(coefficients, product.dots, strict=True)]
    shown = [f"{_factor(c)}{_z(v)}" for c, v in parts if c != "0"]
    numeric = " + ".join(shown).replace("+ -", "- ") or "0"
    dot = Step("ZDot", rf"\dot Z^{{{g}}}", f"= {symbolic} = {numeric}", i.name)
    return [Step("ZMatMul", _z(i.name), rf"= \hat Z^{{{g}}} + \dot Z^{{{g}}}", i.name), hat, dot]


def _factor(c: str) -> str:
    return {"1": "", "-1": "-"}.get(c, c + r"\,")
