"""What an expectation comes out as: a number, how far it may be off, and the way it was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

__all__ = ["EPS", "METHODS", "Estimate", "Method", "combine_methods"]

Method = Literal["closed", "quadrature", "sampled"]
EPS = float(np.finfo(float).eps)
METHODS: tuple[Method, ...] = ("closed", "quadrature", "sampled")


@dataclass(frozen=True)
class Estimate:
    """A number, or an array of them where parameters were arrays. `error` bounds |value − truth| for "closed" and "quadrature" and is a standard error for "sampled"."""

    value: Any
    error: Any = 0.0
    method: Method = "closed"


def combine_methods(*methods: Method) -> Method:
    """The least exact of the methods."""
    return max(methods, key=METHODS.index, default="closed")
