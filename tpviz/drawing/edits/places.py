"""Where new nodes go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

__all__ = ["DASHED", "WIRE", "WIRE_MANY", "below", "free_place", "right_of", "rounded"]

WIRE, WIRE_MANY, DASHED, ROW, NEAR = 64, 68, 88, 92, 40
Position = tuple[float, float]


def rounded(at: Sequence[float]) -> Position:
    return (round(at[0]), round(at[1]))


def _taken(layout: Mapping[str, Position], x: float, y: float) -> bool:
    return any(
        abs(x - a) < NEAR and abs(y - b) < NEAR and (x - a) ** 2 + (y - b) ** 2 < NEAR**2 for a, b in layout.values()
    )


def below(layout: Mapping[str, Position], at: Position, offsets: Iterable[float] = (0,)) -> Position:
    """The place, moved down row by row until nothing is near it nor near its neighbours at the horizontal offsets."""
    offsets = tuple(offsets)
    x, y = rounded(at)
    while any(_taken(layout, x + dx, y) for dx in offsets):
        y += ROW
    return (x, y)


def free_place(layout: Mapping[str, Position], offsets: Iterable[float] = (0,)) -> Position:
    """The start of a new row below the drawing."""
    if not layout:
        return (0, 0)
    return below(layout, (min(x for x, _ in layout.values()), max(y for _, y in layout.values()) + ROW), offsets)


def right_of(
    layout: Mapping[str, Position], sources: Iterable[str], step: float, offsets: Iterable[float] = (0,)
) -> Position:
    """A place to the right of the sources, at their mean height."""
    known = [layout[s] for s in sources if s in layout]
    if not known:
        return free_place(layout, offsets)
    return below(layout, (max(x for x, _ in known) + step, sum(y for _, y in known) / len(known)), offsets)
