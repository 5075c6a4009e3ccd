"""What an edit changed, for the eye: where in the drawing, and on which lines of the text."""

from __future__ import annotations

from ..drawing.scene import Scene
from .history import splice

__all__ = ["changed_lines", "changed_points"]

_MOST = 200


def changed_points(before: Scene, after: Scene) -> list[list[float]]:
    """Places of the nodes that came, went, moved or look different, and of both ends of such edges."""
    places: dict[tuple[float, float], None] = {}
    old, new = {n.id: n for n in before.nodes}, {n.id: n for n in after.nodes}
    for id in {**old, **new}:
        if old.get(id) != new.get(id):
            places.update({(n.x, n.y): None for n in (old.get(id), new.get(id)) if n is not None})
    first, second = {e.id: e for e in before.edges}, {e.id: e for e in after.edges}
    for id in {**first, **second}:
        a, b = first.get(id), second.get(id)
        if a is None or b is None or (a.tex, a.coefficient) != (b.tex, b.coefficient):
            ends = [n for e in (a, b) if e is not None for n in (new.get(e.source), new.get(e.target))]
            places.update({(n.x, n.y): None for n in ends if n is not None})
    return [list(place) for place in places][:_MOST]


def changed_lines(old: str, new: str) -> str:
    """An edit of the text in words: which lines of the new text it touched."""
    piece = splice(old, new)
    if piece is None:
        return "Edit the text"
    inside = piece.new.strip("\n")
    start = piece.at + (len(piece.new) - len(piece.new.lstrip("\n")) if inside or not piece.old else 0)
    first = new.count("\n", 0, start) + 1
    last = first + inside.count("\n")
    return f"Edit line {first}" if last == first else f"Edit lines {first} to {last}"
