"""Actions of the program text; the window does them itself, with the caret where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .action import Action

if TYPE_CHECKING:
    from .session import Session

__all__ = ["TEXT_ACTIONS"]


def _fixable(session: Session) -> bool:
    return any(p["fix"] for p in session.view.text["problems"])


def _written(session: Session) -> bool:
    return not session.is_empty


_NEEDS = "Nothing is drawn yet"

TEXT_ACTIONS: tuple[Action, ...] = (
    Action("fix", "Fix the problem at the caret", ("Control+.",), None, None, _fixable, group="Text", needs="No problem has a fix", keywords="repair quick error declare split", help="Else the first problem that has one."),
    Action("find", "Find in the text", ("Control+f",), None, None, _written, group="Text", needs=_NEEDS, keywords="search replace"),
    Action("next-problem", "Next problem", ("F8",), None, None, _written, group="Text", needs=_NEEDS, keywords="error warning go"),
    Action("complete", "Complete the word", ("Control+Space",), None, None, _written, group="Text", needs=_NEEDS, keywords="suggest names functions templates"),
    Action("number-up", "Number up", ("Alt+ArrowUp",), None, None, _written, group="Text", needs=_NEEDS, keywords="increase scrub variance constant", help="The number at the caret; every number can also be dragged sideways."),
    Action("number-down", "Number down", ("Alt+ArrowDown",), None, None, _written, group="Text", needs=_NEEDS, keywords="decrease scrub variance constant"),
    Action("toggle-comment", "Comment or uncomment", ("Control+/",), None, None, _written, group="Text", needs=_NEEDS, keywords="hash disable line"),
    Action("line-up", "Move the line up", ("Alt+Shift+ArrowUp",), None, None, _written, group="Text", needs=_NEEDS),
    Action("line-down", "Move the line down", ("Alt+Shift+ArrowDown",), None, None, _written, group="Text", needs=_NEEDS),
)  # fmt: skip
