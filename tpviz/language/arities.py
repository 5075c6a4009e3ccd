"""The built-in functions of the program text by name, with how many arguments each takes; `functions` says what they are."""

from __future__ import annotations

__all__ = ["ARITIES"]

ARITIES: dict[str, int] = {
    "relu": 1, "leaky_relu": 2, "abs": 1, "sign": 1, "step": 1, "erf": 1, "tanh": 1, "sigmoid": 1, "softplus": 1, "gelu": 1, "silu": 1,
    "exp": 1, "log": 1, "sqrt": 1, "sin": 1, "cos": 1, "maximum": 2, "minimum": 2, "clip": 3,
}  # fmt: skip
