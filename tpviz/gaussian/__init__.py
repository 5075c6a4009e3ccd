"""Floor 1: E f(u) for Gaussian u — closed forms, quadrature that knows kinks, Sobol' points. Knows nothing of programs."""

from .estimate import Estimate, combine_methods
from .evaluate import NeedsSampling, evaluate, factor_covariance
from .plan import Expectation, plan_expectation
from .sobol import REPLICATES, normal_points

__all__ = [
    "REPLICATES",
    "Estimate",
    "Expectation",
    "NeedsSampling",
    "combine_methods",
    "evaluate",
    "factor_covariance",
    "normal_points",
    "plan_expectation",
]
