"""Blocks of a drawing that repeat: the steps of a recurrent network, the layers of a deep one.

Two vectors that a dashed edge leads to are alike when what computes them, up to the next dashed edges, has the same
shape. A block is such a product with everything that comes after it, up to the next product of the chain, and the
initial vectors and inputs that are read nowhere else.
"""

from __future__ import annotations

from collections import Counter

from .sketch import Sketch

__all__ = ["repeated_blocks"]

_MOST = 400  # nodes of a block


def repeated_blocks(sketch: Sketch) -> list[tuple[str, ...]]:
    """The blocks that occur at least twice, in program order; each with at least three nodes."""
    into: dict[str, list] = {n.id: [] for n in sketch.nodes}
    out_of: dict[str, list] = {n.id: [] for n in sketch.nodes}
    for e in sketch.edges:
        into[e.target].append(e)
        out_of[e.source].append(e)
    kinds = {n.id: n.kind for n in sketch.nodes}
    heads = [
        n.id
        for n in sketch.nodes
        if any(e.kind == "matmul" for e in into[n.id]) and kinds[into[n.id][0].source] not in ("input", "initial")
    ]
    order = {n.id: k for k, n in enumerate(sketch.nodes)}
    blocks: list[tuple[str, ...]] = []
    taken: set[str] = set()
    for head in heads:
        if head in taken:
            continue
        found = _forward(head, into, out_of, kinds, taken)
        taken |= found
        blocks.append(tuple(sorted(found, key=order.__getitem__)))
    shapes = [_shape(b, into, kinds) for b in blocks]
    often = Counter(shapes)
    return [b for b, s in zip(blocks, shapes, strict=True) if often[s] > 1 and len(b) >= 3]


def _forward(head: str, into: dict, out_of: dict, kinds: dict, taken: set[str]) -> set[str]:
    """The head and what its wires lead to, with the sources that nothing else reads."""
    found, waiting = {head}, [head]
    while waiting and len(found) < _MOST:
        for e in out_of[waiting.pop()]:
            if e.kind == "wire" and kinds[e.target] != "output" and e.target not in found | taken:
                found.add(e.target)
                waiting.append(e.target)
    while True:  # initial vectors, embedded inputs, sibling products that feed nothing but this block
        fresh = {
            e.source
            for id in found
            for e in into[id]
            if e.source not in found | taken
            and all(o.target in found for o in out_of[e.source])
            and (e.kind == "wire" or kinds[e.source] == "input")
        }
        if not fresh:
            return found
        found |= fresh


def _shape(block: tuple[str, ...], into: dict, kinds: dict) -> tuple:
    """What two blocks have in common when they are alike: kinds, and how their nodes are joined."""
    at = {id: k for k, id in enumerate(block)}
    return tuple((kinds[id], tuple((e.kind, e.slot, at.get(e.source, -1)) for e in into[id])) for id in block)
