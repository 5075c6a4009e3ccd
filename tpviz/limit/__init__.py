"""Floor 2: the infinite-width limit of a program by the Z rules: planned symbolically once, evaluated with numbers."""

from .checks import Check, Report
from .comparison import Comparison, Row, Side, compare
from .derivation import Step
from .distribution import Distribution
from .limit import Limit, limit, look_up
from .plan import LimitPlan

__all__ = [
    "Check",
    "Comparison",
    "Distribution",
    "Limit",
    "LimitPlan",
    "Report",
    "Row",
    "Side",
    "Step",
    "compare",
    "limit",
    "look_up",
]
