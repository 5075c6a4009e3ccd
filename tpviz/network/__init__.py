"""Floor 3: programs as networks: instances on several inputs, the backward pass, kernels, paths."""

from .backprop import backprop
from .instances import instantiate

__all__ = ["backprop", "instantiate"]
