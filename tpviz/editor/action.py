"""One row of the table of actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .session import Session

__all__ = ["Action"]

#: where the help lists an action of that menu
_GROUPS = {"tool": "Draw", "undo": "Edit", "bar": "View", "look": "Look"}


def _always(session: Session) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """`local` actions (no `perform`) are done by the window itself; the others call `perform`.

    `menu`: "File", "Edit", "View", "Export" are menus of the bar; "bar" is a button in it; "tool" stands in the palette of shapes, "undo" beside the
    document's name, "look" in the theme's menu; None in no menu. The command palette and the help have all of them."""

    name: str
    label: str
    keys: tuple[str, ...] = ()
    menu: str | None = None
    perform: Callable[[Session], None] | None = None
    enabled: Callable[[Session], bool] = _always
    separator: bool = False  # a rule above it in its menu
    keywords: str = ""  # other words a person may search for
    help: str = ""  # one short sentence
    needs: str = ""  # what is missing while it is not enabled; its `enabled` may carry that as an attribute `needs`
    group: str = ""  # heading in the help and the command palette; by default its menu's
    checked: Callable[[Session], bool] | None = None  # for what is switched on or chosen

    @property
    def local(self) -> bool:
        return self.perform is None

    @property
    def heading(self) -> str:
        return self.group or _GROUPS.get(self.menu or "", self.menu or "More")

    def to_dict(self, session: Session) -> dict[str, Any]:
        enabled = self.enabled(session)
        row = {"name": self.name, "label": self.label, "keys": list(self.keys), "menu": self.menu, "enabled": enabled, "local": self.local,
               "separator": self.separator, "keywords": self.keywords, "help": self.help, "group": self.heading}  # fmt: skip
        if not enabled:
            row["needs"] = self.needs or getattr(self.enabled, "needs", "Not possible now")
        if self.checked is not None:
            row["checked"] = self.checked(session)
        return row
