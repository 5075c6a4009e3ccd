"""Floor 1: E f(u) for Gaussian u — planned symbolically, then closed forms, quadrature that knows kinks, Sobol' points. Knows nothing of programs."""

from .algebra import Algebra, Base, Node, Random, Scalar
from .estimate import EPS, METHODS, Estimate, combine_methods
from .integrate import evaluate
from .kernel import Kernel
from .numbers import Numbers
from .plan import Planner
from .rows import Answer, Rows, factor_covariance
from .sobol import REPLICATES, normal_points

__all__ = [
    "EPS",
    "METHODS",
    "REPLICATES",
    "Algebra",
    "Answer",
    "Base",
    "Estimate",
    "Kernel",
    "Node",
    "Numbers",
    "Planner",
    "Random",
    "Rows",
    "Scalar",
    "combine_methods",
    "evaluate",
    "factor_covariance",
    "normal_points",
]
