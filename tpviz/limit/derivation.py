"""The derivation of a Z, step by step: one rule each, as LaTeX. For the inspector and the formula pane."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ..gaussian import Estimate
from ..gaussian.algebra import Affine
from ..language.instructions import Embed, LinComb, MatMul, Matrix, Moment, Nonlin, Readout, Scalar, Vectors
from ..language.labels import label
from ..language.typeset import expression_tex

if TYPE_CHECKING:
    from .limit import Limit

__all__ = ["Step", "derivation", "formula", "number_tex", "symbols"]


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
    if abs(value) <= max(error, 1e-14):
        return "0"
    if error > 1e-6 * abs(value):
        digits = max(0, min(6, math.floor(-math.log10(2 * error))))
        return f"{value:.{digits}f}" if abs(value) < 1e4 else f"{value:.3g}"
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


def formula(limit: Limit, name: str) -> str:
    """Z^x (or θ̊) in one line: Ẑ and earlier Z's, with Ż in symbols, then in numbers."""
    steps = derivation(limit, name)
    first = steps[0]
    if first.rule != "ZMatMul" or len(steps) < 3:
        return f"{first.left} {first.right}"
    hat = rf"\hat Z^{{{label(name)}}}"
    symbolic, numeric = _dot(limit, name)
    return f"{first.left} = {hat} + {symbolic} = {hat}" + (
        "" if numeric == "0" else f" + {numeric}".replace("+ -", "- ")
    )


def symbols(limit: Limit, name: str) -> str:
    """What the rule of `name` says here, in one line, with the numbers of Ż and of initial laws but not the value itself."""
    i = limit.program[name]
    match i:
        case Moment():
            return rf"\mathring{{{label(name)}}} = {_moment_symbols(limit, i)}"
        case Scalar():
            return rf"\mathring{{{label(name)}}}"
        case MatMul() if not limit.plan.products[name].dots:
            law = derivation(limit, name)[1]
            return rf"{_z(name)} = {law.left} {law.right}"
        case MatMul():
            return formula(limit, name)
    first = derivation(limit, name)[0]
    return f"{first.left} {first.right}"


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
    right = f"= {_moment_symbols(limit, i)} = {number_tex(limit._scalar(i.name))}"
    return Step("ZMoment", rf"\mathring{{{label(i.name)}}}", right, i.name)


def _moment_symbols(limit: Limit, i) -> str:
    body = expression_tex(i.expression, label_of=lambda n: _operand(limit, n))
    return rf"\mathbb E\big[{body}\big]" if i.average else body


def _initial(limit: Limit, name: str) -> Step:
    i = limit.program[name]
    z = limit.plan.z[name]
    mean = number_tex(limit._expect(z))
    variance = number_tex(limit._get(limit.plan.planner.affine_covariance(z, z))) if isinstance(z, Affine) else "0"
    right = rf"\sim \mathcal N({mean},\, {variance})"
    if isinstance(i, Embed):
        u, xi = label(i.embedding), label(i.input)
        right = rf"\sim \mathcal N\big(0,\, \sigma_{{{u}}}^2 \lVert {xi}\rVert^2/d\big) = \mathcal N(0,\, {variance})"
    assert isinstance(i, Embed | Vectors | Readout)
    return Step("ZInit", _z(name), right, name)


def _product(limit: Limit, i) -> list[Step]:
    product, x = limit.plan.products[i.name], label(i.vector)
    g, hat = label(i.name), product.hat
    sigma = _sigma(limit, i)
    variance = (
        number_tex(limit._get(limit.plan.planner.affine_covariance(hat, hat))) if isinstance(hat, Affine) else "0"
    )
    law = Step(
        "ZHat",
        rf"\hat Z^{{{g}}}",
        rf"\sim \mathcal N\big(0,\, {sigma}\,\mathbb E(Z^{{{x}}})^2\big) = \mathcal N(0,\, {variance})",
        i.name,
    )
    if not product.dots:
        return [Step("ZMatMul", _z(i.name), rf"= \hat Z^{{{g}}}", i.name), law]
    symbolic, numeric = _dot(limit, i.name)
    dot = Step("ZDot", rf"\dot Z^{{{g}}}", f"= {symbolic} = {numeric}", i.name)
    return [Step("ZMatMul", _z(i.name), rf"= \hat Z^{{{g}}} + \dot Z^{{{g}}}", i.name), law, dot]


def _sigma(limit: Limit, i) -> str:
    """σ_W², with the ratio of widths where it is not 1."""
    matrix = limit.program[i.matrix]
    assert isinstance(matrix, Matrix)
    unequal = i.transposed and matrix.rows != matrix.columns
    ratio = rf"\tfrac{{n_{{{matrix.rows}}}}}{{n_{{{matrix.columns}}}}}\," if unequal else ""
    return rf"{ratio}\sigma_{{{label(i.matrix)}}}^2"


def _dot(limit: Limit, name: str) -> tuple[str, str]:
    """Ż of a product in symbols and in numbers."""
    product = limit.plan.products[name]
    sigma = _sigma(limit, product)
    if product.stein:
        symbolic = " + ".join(rf"a_{{{k + 1}}} {_z(d.vector)}" for k, d in enumerate(product.dots)) + r",\ a = C^{+} b"
    else:
        symbolic = " + ".join(
            rf"{sigma}\,\mathbb E\big[\partial {_z(product.vector)}/\partial \hat Z^{{{label(d.through)}}}\big]\,{_z(d.vector)}"
            for d in product.dots
        )
    parts = [(number_tex(a), v) for v, a in limit._dots(name)]
    shown = [f"{_factor(c)}{_z(v)}" for c, v in parts if c != "0"]
    return symbolic, " + ".join(shown).replace("+ -", "- ") or "0"


def _factor(c: str) -> str:
    return {"1": "", "-1": "-"}.get(c, c + r"\,")
