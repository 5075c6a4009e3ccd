"""The rows of the table of actions that arrange the drawing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..drawing.marks import groups_of
from . import arranging
from .action import Action

if TYPE_CHECKING:
    from .session import Session

__all__ = ["ARRANGE_ACTIONS"]

_STEPS = {"Left": (-1, 0), "Right": (1, 0), "Up": (0, -1), "Down": (0, 1)}
GRID = 8


def _nodes(count: int) -> Callable[[Session], bool]:
    def test(session: Session) -> bool:
        return len(session.selected_nodes) >= count

    words = {1: "a node", 2: "two nodes", 3: "three nodes"}
    test.needs = f"Select {words[count]} first"  # type: ignore[attr-defined]
    return test


def _grouped(session: Session) -> bool:
    return bool(arranging.chosen_groups(session))


_grouped.needs = "Select a group, or one of its members"  # type: ignore[attr-defined]


def _any_group(session: Session) -> bool:
    return bool(groups_of(session.state.marks))


_any_group.needs = "There is no group yet"  # type: ignore[attr-defined]


def _drawn(session: Session) -> bool:
    return not session.is_empty


_drawn.needs = "Nothing is drawn yet"  # type: ignore[attr-defined]


def _align(side: str, label: str) -> Action:
    return Action(f"align:{side}", label, (), None, lambda s: arranging.align(s, side), _nodes(2), group="Arrange",
                  keywords=f"line up arrange {side} straight", help="Of the selected nodes.")  # fmt: skip


def _distribute(axis: str) -> Action:
    return Action(f"distribute:{axis}", f"Distribute {axis}", (), None, lambda s: arranging.distribute(s, axis), _nodes(3), group="Arrange",
                  keywords="spread space evenly equal gaps", help="Equal distances between the outermost of the selected nodes.")  # fmt: skip


def _nudge(name: str, by: int) -> Action:
    dx, dy = (by * v for v in _STEPS[name])
    keys = (f"Control+Shift+Arrow{name}",) if by == 1 else (f"Control+Arrow{name}",)
    small = " by 1" if by == 1 else ""
    return Action(f"nudge{small.replace(' ', '-')}:{name.lower()}", f"Move {name.lower()}{small}", keys, None,
                  lambda s: arranging.nudge(s, dx, dy), _nodes(1), group="Arrange", keywords="nudge shift position")  # fmt: skip


ARRANGE_ACTIONS: tuple[Action, ...] = (
    Action("pin", "Pin", ("Alt+p",), "Edit", arranging.pin, _nodes(1), group="Arrange", keywords="fix hold lock place unpin", help="Tidying leaves pinned nodes where they are.", checked=arranging.is_pinned),
    Action("group", "Group", ("Control+g",), "Edit", arranging.group, _nodes(1), group="Arrange", keywords="collapse fold step layer head block one node", help="The selected nodes as one node.", separator=True),
    Action("toggle-group", "Collapse or open the group", ("Shift+g",), "Edit", arranging.toggle_groups, _grouped, group="Arrange", keywords="fold unfold expand"),
    Action("ungroup", "Ungroup", ("Control+Shift+g",), "Edit", arranging.ungroup, _grouped, group="Arrange", keywords="dissolve take apart"),
    Action("toggle-groups", "Collapse or open all groups", (), None, arranging.toggle_all, _any_group, group="Arrange", keywords="fold unfold expand every"),
    Action("group-steps", "Group the steps", (), None, arranging.group_steps, _drawn, group="Arrange", keywords="repeat recurrent rnn layer automatic collapse", help="Finds blocks that repeat, such as the steps of an RNN, and collapses each."),
    _align("left", "Align left edges"), _align("centre", "Align centres in a column"), _align("right", "Align right edges"),
    _align("top", "Align upper edges"), _align("middle", "Align middles in a row"), _align("bottom", "Align lower edges"),
    _distribute("horizontally"), _distribute("vertically"),
    *(_nudge(name, GRID) for name in _STEPS), *(_nudge(name, 1) for name in _STEPS),
    Action("snap", "Snap to the grid", (), "View", arranging.toggle_snap, _drawn, keywords="grid align magnet", help="While dragging, in steps of 8; Alt leaves it off.", checked=lambda s: bool(s.view_state.get("snap", False))),
    Action("fit-selection", "Fit the selection", ("Shift+f",), "View", None, _drawn, keywords="zoom to selected", help="The whole drawing where nothing is selected."),
)  # fmt: skip
