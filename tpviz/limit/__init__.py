"""Floor 2: the infinite-width limit of a program by the Z rules: planned symbolically once, evaluated with numbers."""

from .checks import Check, Report
from .derivation import Step
from .distribution import Distribution
from .limit import Limit, limit, look_up
from .plan import LimitPlan

__all__ = ["Check", "Distribution", "Limit", "LimitPlan", "Report", "Step", "limit", "look_up"]
