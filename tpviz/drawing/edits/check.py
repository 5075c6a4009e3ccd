"""What a person types into a field is checked by reading the line that it makes: nonsense is refused, an unfinished
thought is not."""

from __future__ import annotations

import ast
import math
from dataclasses import replace

from tpviz.language.diagnostics import Diagnostic
from tpviz.language.expressions import HOLE, ExpressionProblem, read_expression
from tpviz.language.parser import parse_partial

from .lines import Line, Sheet
from .names import fresh
from .state import EditError, refuse
from .trees import tree_of, without_products

__all__ = ["check_line", "number_of", "plain", "set_span", "shown"]

MAX_FIELD = 4000
_REFUSED = frozenset({
    "syntax", "empty", "too-long", "too-deep", "too-large", "number", "name", "exponent", "list", "distribution",
    "scaling", "output", "product", "shape", "variance", "covariance", "width", "not-real", "reserved", "duplicate",
    "input", "function", "width-in-constant",
})  # fmt: skip


def plain(text: object) -> str:
    """The text of a field; raises `EditError` when it could not stand in one line of the program."""
    if not isinstance(text, str):
        refuse("syntax", f"Text is needed here, got {type(text).__name__}.")
    text = text.strip()
    if len(text) > MAX_FIELD:
        refuse(
            "too-long",
            f"This text has {len(text):,} characters, the limit is {MAX_FIELD:,}.",
            "Split it into several lines.",
        )
    if len(text.splitlines()) > 1 or not text.isprintable():
        refuse("syntax", "A field holds one line.", "Write several lines in the text pane.")
    if "#" in text:
        refuse("syntax", "A field holds no comment.", "Write comments in the text pane.")
    if HOLE in text:
        refuse("name", f"The name {HOLE} is not allowed.", "No name ends with two underscores.")
    return text


def check_line(sheet: Sheet, index: int) -> None:
    """Raises `EditError` when the line is not one of the language; unknown names, open inputs and the like pass."""
    line = sheet.lines[index]
    probe = sheet
    if "?" in line.right:  # a hole is no error here, whatever else is
        probe = sheet.set(index, line.with_right(line.right.replace("?", fresh("vector", sheet.taken))))
    above = Sheet(probe.lines[: index + 1])  # what stands below does not make it better or worse
    found = next((s for s in parse_partial(above.source).statements if s.line == index + 1), None)
    problems = [d for d in found.diagnostics if d.code in _REFUSED] if found else []
    if problems:
        raise EditError(*(replace(d, line=None, column=None, end=None) for d in problems))
    if (
        "@" in line.right and not line.product and not line.keyword
    ):  # products inside an expression pass, what stands around them is checked
        tree = tree_of(line.right)
        try:
            if tree is None:
                raise ExpressionProblem(
                    "syntax", "This is not a complete expression.", "Write h = W @ x on a line of its own."
                )
            read_expression(ast.unparse(without_products(tree)).replace(HOLE, "x"))
        except ExpressionProblem as p:
            raise EditError(Diagnostic(p.code, p.message, p.hint, names=line.defines)) from None


def number_of(value: object) -> float | None:
    """The number that a field holds, None for an expression."""
    if hasattr(value, "item"):
        value = value.item()  # a numpy scalar
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(value) if isinstance(value, str) and "_" not in value else None
    except ValueError:
        return None


def shown(value: object) -> str:
    """A number or expression as it is written into the text."""
    if hasattr(value, "item"):
        value = value.item()  # a numpy scalar
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        refuse("number", f"A number or an expression is needed here, got {type(value).__name__}.")
    if isinstance(value, str):
        return plain(value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        refuse("number", f"A finite number is needed here, got {value}.", "Write a number such as 0.5.")
    return repr(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)


def set_span(line: Line, span: tuple[int, int], text: str) -> Line:
    return line.with_code(line.code[: span[0]] + text + line.code[span[1] :])
