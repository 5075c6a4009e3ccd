"""Actions that change the look; the window does them itself and tells Python (intents `theme` and `look`)."""

from __future__ import annotations

from .action import Action

__all__ = ["LOOK_ACTIONS"]

LOOK_ACTIONS: tuple[Action, ...] = (
    Action("theme:system", "Theme: as the system", (), "look", keywords="automatic colours light dark", help="Light or dark, as this computer is set."),
    Action("theme:light", "Theme: Light", (), "look", keywords="bright white day colours"),
    Action("theme:dark", "Theme: Dark", (), "look", keywords="black night colours"),
    Action("theme:projector", "Theme: Projector", (), "look", keywords="beamer lecture hall high contrast white large", help="White, black ink, no dots, larger type."),
    Action("next-theme", "Next theme", ("Shift+d",), None, group="Look", keywords="switch dark light projector"),
    Action("monochrome", "Monochrome highlights", (), "look", keywords="black white grey colour blind print", separator=True, help="Paths keep apart by dash and width alone, on the screen and in exports."),
    Action("font:90", "Font size 90 %", (), "look", separator=True, keywords="small type text scale"),
    Action("font:100", "Font size 100 %", (), "look", keywords="normal type text scale"),
    Action("font:115", "Font size 115 %", (), "look", keywords="large type text scale"),
    Action("font:130", "Font size 130 %", (), "look", keywords="larger type text scale accessible"),
)  # fmt: skip
