"""Floor 2: the infinite-width limit of a program by the Z rules: planned symbolically once, evaluated with numbers."""

from .checks import Check, Report
from .derivation import Step
from .distribution import Distribution
from .limit import Limit, limit

__all__ = ["Check", "Distribution", "Limit", "Report", "Step", "limit"]
