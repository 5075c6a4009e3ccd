"""The network that a program computes: what its outputs depend on. A backward pass that stands in the text, too, is no part of it."""

from __future__ import annotations

from ..language import Program
from ..language.instructions import Embed, LinComb, MatMul, Moment, Nonlin

__all__ = ["network_part"]


def network_part(program: Program) -> Program:
    """The program without the lines that no output depends on; declarations stay."""
    wanted, waiting = set(program.outputs), list(program.outputs)
    while waiting:
        fresh = [x for x in program.arguments(waiting.pop()) if x not in wanted]
        wanted.update(fresh)
        waiting += fresh
    computed = Embed | MatMul | LinComb | Nonlin | Moment
    kept = tuple(i for i in program.instructions if not isinstance(i, computed) or i.name in wanted)
    return program if len(kept) == len(program.instructions) else Program(kept)
