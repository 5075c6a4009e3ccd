"""Floor 3: programs as networks: instances on several inputs, the backward pass, checks, kernels, paths."""

from .backprop import backprop
from .checks import GiaReport, gia_check
from .empirical import empirical_kernels, empirical_ntk
from .instances import instantiate
from .kernels import kernels, nngp, ntk, ntk_parts
from .path_gradients import empirical_path_product
from .path_products import Factor, PathProducts, WordShare, path_factors, path_product
from .path_sums import ntk_by_paths
from .paths import Path, Paths, paths

__all__ = [
    "Factor",
    "GiaReport",
    "Path",
    "PathProducts",
    "Paths",
    "WordShare",
    "backprop",
    "empirical_kernels",
    "empirical_ntk",
    "empirical_path_product",
    "gia_check",
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
