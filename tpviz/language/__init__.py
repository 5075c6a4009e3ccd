"""Floor 0: the program text, its instructions and everything that follows from them without computing a limit."""

from .diagnostics import (
    Diagnostic,
    DivergentMomentError,
    DocumentError,
    InputError,
    LimitError,
    ProgramError,
    TpvizError,
)
from .expressions import Expression, read_expression
from .parser import Parsed, Partial, Statement, parse, parse_partial
from .program import Program
from .untying import untie

__all__ = ["Diagnostic", "DivergentMomentError", "DocumentError", "Expression", "InputError", "LimitError", "Parsed", "Partial", "Program",
           "ProgramError", "Statement", "TpvizError", "parse", "parse_partial", "read_expression", "untie"]  # fmt: skip
