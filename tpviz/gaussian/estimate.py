"""What an expectation comes out as: a number, how far it may be off, and the way it was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

__all__ = ["EPS", "Estimate", "Method", "combine_methods"]

Method = Literal["closed", "quadrature", "sampled"]
EPS = float(np.finfo(float).eps)
_ORDER: tuple[Method, ...] = ("closed", "quadrature", "sampled")


@dataclass(frozen=True)
class Estimate:
    """`error` bounds |value − truth| for "closed" and "quadrature" and is a standard error for "sampled"; `scale` is about E|f|,
    the size that relative errors of the inputs act on."""

    value: float
    error: float = 0.0
    method: Method = "closed"
    scale: float = 0.0
    sensitivity: float = 0.0  # what a relative change of the given numbers does to the value, about |dE/d log K|

    def __mul__(self, other: Estimate) -> Estimate:
        error = abs(self.value) * other.error + abs(other.value) * self.error + self.error * other.error
        method = combine_methods(self.method, other.method)
        sensitivity = abs(self.value) * other.sensitivity + abs(other.value) * self.sensitivity
        return Estimate(self.value * other.value, error, method, self.scale * other.scale, sensitivity)

    def scaled(self, factor: float) -> Estimate:
        return Estimate(
            self.value * factor,
            self.error * abs(factor),
            self.method,
            self.scale * abs(factor),
            self.sensitivity * abs(factor),
        )


def combine_methods(*methods: Method) -> Method:
    """The least exact of the methods."""
    return max(methods, key=_ORDER.index, default="closed")
