"""Floor 3: programs as networks: instances on several inputs, the backward pass, kernels, paths."""

from .backprop import backprop
from .empirical import empirical_kernels, empirical_ntk
from .instances import instantiate
from .kernels import kernels, nngp, ntk, ntk_parts

__all__ = ["backprop", "empirical_kernels", "empirical_ntk", "instantiate", "kernels", "nngp", "ntk", "ntk_parts"]
