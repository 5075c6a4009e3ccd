"""Where nodes stood whose lines are broken or gone while the text is typed: when a name comes back, or the same line comes back with another
name, its node returns to its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..marks import base_name
from .lines import Sheet
from .state import State

__all__ = ["Lost", "Remembered", "near"]

_KEPT = 200  # names that are remembered
_NEAR = 40.0  # world units: a place this near to another node is taken
Position = tuple[float, float]


@dataclass(frozen=True)
class Lost:
    """What a name was: the right side of its line, where its nodes stood, its display name."""

    right: str
    places: Mapping[str, Position]
    label: str | None = None


@dataclass(frozen=True)
class Remembered:
    """Names that went while typing, the newest last."""

    names: Mapping[str, Lost] = field(default_factory=dict)

    def after(self, old: State, sheet: Sheet, new: Sheet) -> Remembered:
        """What is remembered once the text `sheet` of `old` has become `new`."""
        gone = {n: i for n, i in sheet.where.items() if n not in new.where}
        names = {n: lost for n, lost in self.names.items() if n not in new.where}
        for name, index in gone.items():
            places = {k: v for k, v in old.layout.items() if base_name(k) == name}
            if places:
                names.pop(name, None)
                names[name] = Lost(sheet.lines[index].right, places, old.labels.get(name))
        return Remembered(dict(list(names.items())[-_KEPT:]))

    def returning(self, come: Iterable[str], new: Sheet, layout: Mapping[str, Position]) -> dict[str, tuple[str, Lost]]:
        """Which remembered name each new name takes the place of: its own, else that of the only one with the same right side. Places
        that are taken meanwhile are left out."""
        out: dict[str, tuple[str, Lost]] = {}
        used: set[str] = set()
        for name in come:
            right = new.lines[new.where[name]].right
            same = [n for n, lost in self.names.items() if right.strip("? ") and lost.right == right]
            was = name if name in self.names else same[0] if len(same) == 1 else None
            if was is None or was in used:
                continue
            lost = self.names[was]
            free = {
                k: p
                for k, p in lost.places.items()
                if not near(p, [q for m, q in layout.items() if base_name(m) != was])
            }
            if free:
                used.add(was)
                out[name] = (was, Lost(lost.right, free, lost.label))
        return out


def near(place: Position, others: Iterable[Position]) -> bool:
    """A node at the place would stand on one of the others."""
    return any(abs(x - place[0]) < _NEAR and abs(y - place[1]) < _NEAR for x, y in others)
