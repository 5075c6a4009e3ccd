"""Fixes to click: what a diagnostic's hint says, done. Which problem has which fix stands in the tables of `fix_names`, `fix_products` and
`fix_numbers`, by the diagnostic's code; the first that fits is offered.
"""

from __future__ import annotations

from tpviz.language.diagnostics import Diagnostic
from tpviz.language.parser import parse_partial

from .fix import Fix, Fixer
from .fix_names import NAME_FIXES
from .fix_numbers import NUMBER_FIXES
from .fix_products import PRODUCT_FIXES
from .lines import Sheet
from .state import Change, EditError, State, finish, refuse

__all__ = ["fix", "fix_label"]

_TABLES: tuple[dict[str, list[Fixer]], ...] = (PRODUCT_FIXES, NAME_FIXES, NUMBER_FIXES)


def _found(sheet: Sheet, d: Diagnostic) -> Fix | None:
    index = (d.line or 0) - 1
    if not 0 <= index < len(sheet.lines):
        return None
    for table in _TABLES:
        for fixer in table.get(d.code, ()):
            if (d.names or d.code == "syntax" or table is not NAME_FIXES) and (found := fixer(sheet, index, d)):
                return found
    return None


def fix_label(diagnostic: Diagnostic, source: str | Sheet) -> str | None:
    """What the button of the problem says, None where there is nothing to click."""
    sheet = source if isinstance(source, Sheet) else Sheet.of(source)
    try:
        found = _found(sheet, diagnostic)
    except EditError:
        return None
    return None if found is None else found.label


def fix(state: State, diagnostic: Diagnostic) -> Change:
    """The document with the problem fixed. Raises `EditError` where there is no fix, or the problem is gone
    meanwhile."""
    sheet = Sheet.of(state.source)
    same = next((d for d in parse_partial(state.source).diagnostics if d == diagnostic), None)
    found = _found(sheet, same) if same is not None else None
    if found is None:
        refuse(
            "fix",
            "This problem cannot be fixed by a click, or it is gone already.",
            "Correct the line in the text.",
            diagnostic.names,
        )
    if found.sheet == sheet:
        refuse(
            "cycle",
            f"{diagnostic.names[0]} and what it reads depend on each other.",
            "A program has no cycles: break it with a new vector.",
            diagnostic.names,
        )
    layout = dict(found.place(state.layout))
    return finish(state, found.sheet, found.label, found.selection, layout)
