"""The functions of the program text, as sympy classes with the derivatives that the Ż rule needs.

At a kink the derivative is the one the field uses: relu' = step, |·|' = sign, step' = sign' = 0. Where that zero matters
(Ż of a step) the Stein form is used instead of a derivative; `JUMPS` names the functions that call for it.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from .arities import ARITIES

__all__ = ["BUILTINS", "JUMPS", "KINKS", "Abs", "Clip", "Gelu", "LeakyRelu", "Log", "Maximum", "Minimum", "Quotient", "RealPower", "Relu", "Sigmoid",
           "Sign", "Silu", "Softplus", "Step", "real_power"]  # fmt: skip


class _Real(sp.Function):
    """A real function; numbers are folded so that constants stay constants."""

    def _eval_is_extended_real(self):
        return True

    _eval_is_real = _eval_is_extended_real

    @classmethod
    def fold(cls, *numbers: sp.Expr) -> sp.Expr | None:
        return None

    @classmethod
    def eval(cls, *args):
        return cls.fold(*args) if all(a.is_Number for a in args) else None


class Relu(_Real):
    nargs = 1

    @classmethod
    def fold(cls, z):
        return z if z > 0 else sp.Integer(0)

    def fdiff(self, argindex=1):
        return Step(self.args[0])


class Step(_Real):
    nargs = 1

    @classmethod
    def fold(cls, z):
        return sp.Integer(1 if z > 0 else 0)

    def fdiff(self, argindex=1):
        return sp.Integer(0)


class Sign(_Real):
    nargs = 1

    @classmethod
    def fold(cls, z):
        return sp.Integer(1 if z > 0 else -1 if z < 0 else 0)

    def fdiff(self, argindex=1):
        return sp.Integer(0)


class Abs(_Real):
    nargs = 1

    @classmethod
    def fold(cls, z):
        return abs(z)

    def fdiff(self, argindex=1):
        return Sign(self.args[0])


class LeakyRelu(_Real):
    """z for z > 0, a z otherwise."""

    nargs = 2

    @classmethod
    def fold(cls, z, a):
        return z if z > 0 else a * z

    def fdiff(self, argindex=1):
        z, a = self.args
        return a + (1 - a) * Step(z) if argindex == 1 else -Relu(-z)


class Maximum(_Real):
    nargs = 2

    @classmethod
    def fold(cls, a, b):
        return a if a > b else b

    def fdiff(self, argindex=1):
        above = Step(self.args[0] - self.args[1])
        return above if argindex == 1 else 1 - above


class Minimum(_Real):
    nargs = 2

    @classmethod
    def fold(cls, a, b):
        return b if a > b else a

    def fdiff(self, argindex=1):
        above = Step(self.args[0] - self.args[1])
        return 1 - above if argindex == 1 else above


class Clip(_Real):
    """min(max(z, low), high), as numpy's."""

    nargs = 3

    @classmethod
    def fold(cls, z, low, high):
        return Minimum(Maximum(z, low), high)

    def fdiff(self, argindex=1):
        z, low, high = self.args
        inner, kept = Maximum(z, low), 1 - Step(Maximum(z, low) - high)
        if argindex == 3:
            return Step(inner - high)
        return kept * (Step(z - low) if argindex == 1 else 1 - Step(z - low))


class Sigmoid(_Real):
    nargs = 1

    def fdiff(self, argindex=1):
        return self * (1 - self)


class Softplus(_Real):
    """log(1 + e^z)."""

    nargs = 1

    def fdiff(self, argindex=1):
        return Sigmoid(self.args[0])


class Gelu(_Real):
    """z Φ(z), exact."""

    nargs = 1

    def fdiff(self, argindex=1):
        z = self.args[0]
        return (1 + sp.erf(z / sp.sqrt(2))) / 2 + z * sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)


class Silu(_Real):
    """z σ(z)."""

    nargs = 1

    def fdiff(self, argindex=1):
        s = Sigmoid(self.args[0])
        return s + self.args[0] * s * (1 - s)


class Log(_Real):
    """The logarithm, kept apart from sympy's so that exp(log(x)) keeps the domain of log."""

    nargs = 1

    @classmethod
    def fold(cls, z):
        return sp.log(z)

    def fdiff(self, argindex=1):
        return 1 / self.args[0]


class RealPower(_Real):
    """z**p for an exponent that is not a whole number, undefined for z < 0; kept apart so that sqrt(x)**2 keeps its domain."""

    nargs = 2

    @classmethod
    def fold(cls, z, p):
        return z**p

    def _eval_derivative(self, symbol):
        z, p = self.args
        out = p * real_power(z, p - 1) * z.diff(symbol)
        return out + self * Log(z) * p.diff(symbol) if p.has(symbol) else out


def real_power(z: sp.Expr, p: sp.Expr) -> sp.Expr:
    """z**p: sympy's power for whole exponents and numbers, `RealPower` else."""
    return z**p if p.is_Integer or (z.is_number and p.is_number) else RealPower(z, p)


class Quotient(_Real):
    """(φ(μ + εν) − φ(μ))/ε, and at ε = 0 the directional derivative Σ ∂ᵢφ(μ) νᵢ ((84) of Tensor Programs IIb).

    Arguments: ε, the difference φ(μ + εν) − φ(μ), the directional derivative. Differentiating goes through both.
    """

    nargs = 3

    @classmethod
    def eval(cls, eps, difference, derivative):
        if eps.is_Number:
            return derivative if eps == 0 else difference / eps
        return None

    def _eval_derivative(self, symbol):
        eps, difference, derivative = self.args
        if eps.has(symbol):
            raise NotImplementedError("ε of a quotient is a scalar")
        return Quotient(eps, difference.diff(symbol), derivative.diff(symbol))


#: functions with a kink or a jump where their first argument crosses a threshold
KINKS = (Relu, Step, Sign, Abs, LeakyRelu, Maximum, Minimum, Clip, sp.Abs, sp.sign)
#: functions with jumps, whose derivative misses a point mass
JUMPS = (Step, Sign, sp.sign)

_CONSTRUCTORS: dict[str, Callable[..., sp.Expr]] = {
    "relu": Relu, "leaky_relu": LeakyRelu, "abs": Abs, "sign": Sign, "step": Step, "erf": sp.erf, "tanh": sp.tanh, "sigmoid": Sigmoid,
    "softplus": Softplus, "gelu": Gelu, "silu": Silu, "exp": sp.exp, "log": Log, "sqrt": lambda z: real_power(z, sp.Rational(1, 2)),
    "sin": sp.sin, "cos": sp.cos, "maximum": Maximum, "minimum": Minimum, "clip": Clip,
}  # fmt: skip

#: name in the program text -> (constructor, number of arguments)
BUILTINS = {name: (_CONSTRUCTORS[name], k) for name, k in ARITIES.items()}
