"""Floor 3: programs as networks: instances on several inputs, the backward pass, kernels, paths."""

from .backprop import backprop
from .empirical import empirical_kernels, empirical_ntk
from .instances import instantiate
from .kernels import kernels, nngp, ntk, ntk_parts
from .path_sums import Factor, WordShare, ntk_by_paths, path_factors, path_product
from .paths import Path, Paths, paths

__all__ = [
    "Factor",
    "Path",
    "Paths",
    "WordShare",
    "backprop",
    "empirical_kernels",
    "empirical_ntk",
    "instantiate",
    "kernels",
    "nngp",
    "ntk",
    "ntk_by_paths",
    "ntk_parts",
    "path_factors",
    "path_product",
    "paths",
]
