"""Nodes of a line that is being typed: they are placed anew, beside their neighbours, as long as what they are joined to changes with every key.
Once another line is typed they stay where they are, but for those that are joined to nothing yet. What a person has moved stays. A drawing that
is typed from nothing floats as a whole: it is laid out anew each time that nodes are joined.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from tpviz.language.late import Late

from .edits.state import base_name
from .sketch import Sketch

__all__ = ["floating_after", "without_rejoined"]

nx = Late("networkx")
Position = tuple[float, float]
Places = Mapping[str, Position]


def without_rejoined(old: Sketch, new: Sketch, fixed: Places, floating: Places) -> dict[str, Position]:
    """The places without those of floating nodes that are joined to others than before, and of the nodes between them."""
    loose = _loose(fixed, floating).intersection(new.by_id)
    if not loose:
        return dict(fixed)
    if loose.issuperset(id for id in fixed if id in new.by_id):
        return {} if _pairs(new) - _pairs(old) else dict(fixed)
    left = _left_by_joining(old, new, loose)
    if left:
        return {k: p for k, p in fixed.items() if k not in left}
    if _outward(old, loose) == _outward(new, loose):
        return dict(fixed)
    joined = {id for ids in _components(new) if not ids <= loose for id in ids & loose}
    return {k: p for k, p in fixed.items() if k not in joined}


def floating_after(
    new: Sketch, fixed: Places, floating: Places, positions: Places, names: Iterable[str]
) -> dict[str, Position]:
    """Which nodes float now: those that the typed line made, `names`, and those that are joined to nothing yet."""
    loose = _loose(fixed, floating).intersection(new.by_id)
    mine, fresh = set(names), {id for id in positions if id not in fixed}
    kept = {id for id in loose | fresh if base_name(id) in mine}
    kept |= {id for ids in _components(new) if ids <= loose | fresh for id in ids}
    return {id: positions[id] for id in kept}


def _left_by_joining(old: Sketch, new: Sketch, loose: set[str]) -> set[str]:
    """Where parts that float are joined to one: the nodes of all of them but the largest, which stays where it is."""
    was = {id: k for k, ids in enumerate(_components(old)) for id in ids}
    left: set[str] = set()
    for ids in _components(new):
        if not all(id in loose for id in ids if id in was):
            continue
        sizes = Counter(was[id] for id in new.by_id if id in ids and id in was)
        if len(sizes) > 1:
            stays = sizes.most_common(1)[0][0]
            left |= {id for id in ids if id in was and was[id] != stays}
    return left


def _loose(fixed: Places, floating: Places) -> set[str]:
    return {k for k, p in floating.items() if fixed.get(k) == p}


def _outward(sketch: Sketch, loose: set[str]) -> set[tuple[str, str]]:
    """Edges that join the loose nodes to others."""
    return {(a, b) for a, b in _pairs(sketch) if (a in loose) != (b in loose)}


def _pairs(sketch: Sketch) -> set[tuple[str, str]]:
    return {(e.source, e.target) for e in sketch.edges}


def _components(sketch: Sketch) -> Iterable[set[str]]:
    return nx.weakly_connected_components(sketch.graph)
