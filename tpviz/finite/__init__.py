"""Floor 2: a program at finite width, matrix-free or dense."""

from .simulation import Cancelled, Simulation, memory_needed, simulate

__all__ = ["Cancelled", "Simulation", "memory_needed", "simulate"]
