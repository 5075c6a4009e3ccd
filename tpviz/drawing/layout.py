"""Automatic layout, deterministic: connected parts in layers, stacked; a backward pass mirrored below its forward pass.

What has a position keeps it: new nodes are placed beside their neighbours, and a new backward pass below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

from .geometry import facing, sides
from .layers import Part, parts, stack
from .mirror import Mirrored
from .sketch import Sketch
from .spacing import BETWEEN, INNER_ROW, RAIL, ROW, SINGLE, Positions

__all__ = ["free_spot", "layout", "room_for_backward", "tidied"]


def layout(sketch: Sketch, fixed: Mapping[str, tuple[float, float]] | None = None) -> Positions:
    """A position for every node. Nodes in `fixed` stay where they are; new ones are placed beside their neighbours, a
    new backward pass below its forward pass."""
    kept = {id: (float(x), float(y)) for id, (x, y) in (fixed or {}).items() if id in sketch.by_id}
    groups = parts(sketch)
    if not kept:
        return _ordered(sketch, stack([_part(sketch, ids) for ids in groups], sketch))
    out = dict(kept)
    fresh = []
    for ids in groups:
        if any(id in kept for id in ids):
            (_complete if Part(sketch, ids).edges else _line_up)(sketch, ids, out)
        else:
            fresh.append(ids)
    if fresh:
        bottom = max(y for _, y in out.values()) + 18 + 42
        left = min(x for x, _ in out.values())
        for id, (x, y) in stack([_part(sketch, ids) for ids in fresh], sketch).items():
            out[id] = (x + left, y)
        low = min(out[id][1] for ids in fresh for id in ids)
        for ids in fresh:
            for id in ids:
                out[id] = (out[id][0], out[id][1] - low + bottom + BETWEEN)
    return _ordered(sketch, out)


def tidied(sketch: Sketch, pins: Mapping[str, tuple[float, float]]) -> Positions:
    """A new position for every node but those in `pins`, which stay there: the layers of their part are moved to them,
    columns between two pins are spread or drawn together, and what would stand on a pin gives way."""
    held = {id: (float(x), float(y)) for id, (x, y) in pins.items() if id in sketch.by_id}
    if not held:
        return layout(sketch)
    out: Positions = dict(held)
    loose = []
    for ids in parts(sketch):
        fixed = [id for id in ids if id in held]
        if not fixed:
            loose.append(ids)
            continue
        places = _part(sketch, ids).place()
        dy = sorted(held[id][1] - places[id][1] for id in fixed)[len(fixed) // 2]
        columns = _columns_through([(places[id][0], held[id][0]) for id in fixed])
        for id in sorted((id for id in ids if id not in held), key=lambda id: (places[id][0], ids.index(id))):
            out[id] = free_spot(sketch, id, columns(places[id][0]), places[id][1] + dy, out)
    if loose:
        placed = stack([_part(sketch, ids) for ids in loose], sketch)
        down = max(y for _, y in out.values()) + 60 + BETWEEN - min(y for _, y in placed.values())
        left = min(x for x, _ in out.values()) - min(x for x, _ in placed.values())
        out.update({id: (x + left, y + down) for id, (x, y) in placed.items()})
    return _ordered(sketch, out)


def _columns_through(pins: list[tuple[float, float]]) -> Callable[[float], float]:
    """Where columns go so that those of the pins (from, to) meet them; their order stays, where that of the pins does."""
    shifts: dict[float, list[float]] = {}
    for old, new in pins:
        shifts.setdefault(old, []).append(new - old)
    known = [(old, sorted(s)[len(s) // 2]) for old, s in sorted(shifts.items())]
    kept = [known[0]]
    for old, shift in known[1:]:
        if old + shift > kept[-1][0] + kept[-1][1] + 1:  # a pin on the wrong side of another moves nothing
            kept.append((old, shift))

    def column(x: float) -> float:
        if x <= kept[0][0]:
            return x + kept[0][1]
        for (a, s), (b, t) in pairwise(kept):
            if x <= b:
                return x + s + (t - s) * (x - a) / (b - a)
        return x + kept[-1][1]

    return column


def room_for_backward(sketch: Sketch, positions: Mapping[str, tuple[float, float]]) -> Positions:
    """Positions of a forward pass to which a backward pass was just added: its columns are moved apart as far as the
    new nodes need, and no further; rows, and what has no backward pass, stay."""
    out = {id: (float(x), float(y)) for id, (x, y) in positions.items() if id in sketch.by_id}
    for ids in parts(sketch):
        part = _part(sketch, ids)
        if not isinstance(part, Mirrored) or any(id in out for id in part.backward):
            continue
        if all(id in out for id in part.forward):
            out.update(part.widened({id: out[id] for id in part.forward}))
    return out


def _part(sketch: Sketch, ids: list[str]) -> Part | Mirrored:
    """A part that is only a backward pass has nothing to be mirrored under."""
    mixed = len({sketch.by_id[id].flip for id in ids}) == 2
    return Mirrored(sketch, ids) if mixed else Part(sketch, ids)


def _ordered(sketch: Sketch, positions: Positions) -> Positions:
    return {n.id: positions[n.id] for n in sketch.nodes}


# beside what is already there


def _line_up(sketch: Sketch, ids: list[str], out: Positions) -> None:
    """Place new single nodes to the right of the rightmost of those that are there."""
    x, y = max(out[id] for id in ids if id in out)
    for id in ids:
        if id not in out:
            x, y = out[id] = free_spot(sketch, id, x + SINGLE, y, out)


def _complete(sketch: Sketch, ids: list[str], out: Positions) -> None:
    """Place the nodes of a part whose position is not known yet."""
    part = _part(sketch, ids)
    if not isinstance(part, Mirrored) or any(id in out for id in part.backward):
        _insert(sketch, Part(sketch, ids), ids, out)
        return
    _insert(sketch, Part(sketch, ids), part.forward, out)
    mirrored = part.below({id: out[id] for id in part.forward})
    others = [y for id, (_, y) in out.items() if id not in mirrored]
    top = min(mirrored[id][1] for id in part.backward)
    low = max((y for y in others if y > top - INNER_ROW), default=None)
    shift = 0.0 if low is None else low + INNER_ROW - top  # below the other parts, where they are in the way
    out.update({id: (mirrored[id][0], mirrored[id][1] + shift) for id in part.backward})


def _insert(sketch: Sketch, part: Part, ids: list[str], out: Positions) -> None:
    """Place those of `ids` whose position is not known yet, next to nodes of their part whose position is."""
    wanted = set(ids)
    waiting = [id for id in part.sorted if id in wanted and id not in out]
    while waiting:
        for id in waiting:
            before = [e for e in part.into[id] if e.source in out]
            after = [e for e in part.from_[id] if e.target in out]
            if before or after:
                break
        else:  # joined to what is placed only by way of nodes that are not placed here
            id = waiting[0]
            out[id] = free_spot(sketch, id, *max(out.values(), key=lambda p: p[1]), out)
            waiting.remove(id)
            continue
        w = facing(sketch.by_id[id])
        before = [e for e in before if facing(sketch.by_id[e.source]) == w] or before
        if before:
            first = before[0]
            x = w * max(w * out[e.source][0] + part.gap(e) for e in before)
            y = out[first.source][1]
        else:
            first = after[0]
            x = w * min(w * out[e.target][0] - part.gap(e) for e in after)
            y = out[first.target][1] + (
                ROW if any(e.target == first.target and e.source in out for e in part.edges) else 0
            )
        if sketch.by_id[id].kind == "output" and len(part.into[id]) > 1:
            y -= RAIL
        out[id] = free_spot(sketch, id, x, y, out)
        waiting.remove(id)


def free_spot(
    sketch: Sketch, id: str, x: float, y: float, out: Mapping[str, tuple[float, float]]
) -> tuple[float, float]:
    """The nearest place to (x, y), in its column first, where a node of this kind overlaps nothing."""
    node = sketch.by_id[id]
    left, right = sides(node)[0] - 16, sides(node)[1] + 16

    def free(px: float, py: float) -> bool:
        for other, (ox, oy) in out.items():
            n = sketch.by_id[other]
            if abs(oy - py) < 56 and ox + sides(n)[1] > px + left and ox + sides(n)[0] < px + right:
                return False
        return True

    for k in range(400):
        step = (k + 1) // 2 * (1 if k % 2 else -1)
        if free(x, y + step * ROW / 2):
            return x, y + step * ROW / 2
    return x, max(py for _, py in out.values()) + ROW
