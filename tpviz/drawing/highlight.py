"""What a `highlight=` argument covers, and the paths between two nodes.

A highlight is a path (names of vectors in order: the gates and edges between neighbours in the list come with it), or
any list of node and edge ids; or a list of up to four such lists, drawn in four styles.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from tpviz.language import InputError
from tpviz.language.late import Late

from .scene import Group, Scene
from .sketch import Sketch

if TYPE_CHECKING:
    import networkx as nx
else:
    nx = Late("networkx")

__all__ = ["STYLES", "count_paths", "highlight_groups", "paths_between"]

STYLES = 4
Drawing = Sketch | Scene


def highlight_groups(drawing: Drawing, highlight: object, skip: Iterable[str] = ()) -> tuple[Group, ...]:
    """The groups of a `highlight=` argument. Names in `skip` are left out silently (inputs that the drawing does not
    show).

    Raises `InputError` for an unknown name, for more than four groups, and for anything that is not a list of names.
    """
    if highlight is None:
        return ()
    if isinstance(highlight, Group):
        highlight = [highlight]
    if isinstance(highlight, str) or not isinstance(highlight, Iterable):
        raise InputError(
            f"A highlight is a list of names, got {type(highlight).__name__}.",
            hint='Write highlight=["x1", "h2", "x2"].',
        )
    items = list(highlight)
    if not items:
        return ()
    if all(isinstance(i, str) for i in items):
        items = [items]
    if len(items) > STYLES:
        raise InputError(
            f"There are {STYLES} highlight styles, got {len(items)} groups.",
            hint="Draw a second figure for the others.",
        )
    return tuple(_group(drawing, i, frozenset(skip)) for i in items)


def _group(drawing: Drawing, item: object, skip: frozenset[str]) -> Group:
    if isinstance(item, Group):
        names: list[object] = [*item.nodes, *item.edges]
    elif isinstance(item, Iterable) and not isinstance(item, str):
        names = list(item)
    else:
        raise InputError(
            f"A group of a highlight is a list of names, got {item!r}.",
            hint='Write highlight=[["x1", "h2"], ["x2", "h3"]].',
        )
    edges = {e.id: e for e in drawing.edges}
    between: dict[tuple[str, str], list[str]] = {}
    for e in drawing.edges:
        between.setdefault((e.source, e.target), []).append(e.id)
    kept: dict[str, None] = {}
    covered: dict[str, None] = {}
    for name in names:
        if name in skip and name not in drawing.by_id:
            continue
        if not isinstance(name, str) or (name not in drawing.by_id and name not in edges):
            raise _unknown(drawing, name)
        (covered if name in edges else kept)[name] = None
    if not isinstance(item, Group):
        for a, b in pairwise(n for n in names if isinstance(n, str) and n in drawing.by_id):
            gate = f"gate:{b}"
            covered.update(dict.fromkeys(between.get((a, b), ())))
            if (a, gate) in between and (gate, b) in between:
                kept[gate] = None
                covered.update(dict.fromkeys([*between[a, gate], *between[gate, b]]))
    return Group(tuple(kept), tuple(covered))


def _unknown(drawing: Drawing, name: object) -> InputError:
    names = [n.id for n in drawing.nodes if ":" not in n.id]
    close = difflib.get_close_matches(str(name), [*names, *(n.id for n in drawing.nodes)], n=1)
    hint = (
        f"Did you mean {close[0]}?"
        if close
        else f"It has {', '.join(names[:12]) or 'nothing'}{', …' * (len(names) > 12)}."
    )
    return InputError(f"The drawing has no {name!r}.", hint=hint, names=[str(name)])


# paths


def paths_between(
    drawing: Drawing, start: str, end: str, limit: int | None = 100
) -> Iterator[tuple[list[str], list[str]]]:
    """The directed paths from `start` to `end`, lazily, at most `limit`: each as its node ids and its edge ids, in
    order.
    """
    graph = _between(drawing, start, end)
    if start == end:
        return iter([([start], [])])
    found = nx.all_simple_edge_paths(graph, start, end) if graph.has_node(start) and graph.has_node(end) else iter(())
    return islice((([start, *(v for _, v, _ in p)], [key for *_, key in p]) for p in found), limit)


def count_paths(drawing: Drawing, start: str, end: str) -> int:
    """How many directed paths there are from `start` to `end`, exactly, without listing them."""
    graph = _between(drawing, start, end)
    if not (graph.has_node(start) and graph.has_node(end)):
        return 0
    count = {start: 1}
    for node in nx.topological_sort(graph):
        if node != start:
            count[node] = sum(count.get(a, 0) for a, _, _ in graph.in_edges(node, keys=True))
    return count[end]


def _between(drawing: Drawing, start: str, end: str) -> nx.MultiDiGraph:
    """The part of the graph that lies on paths from `start` to `end`."""
    for name in (start, end):
        if name not in drawing.by_id:
            raise _unknown(drawing, name)
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    graph.add_nodes_from(n.id for n in drawing.nodes)
    for e in drawing.edges:
        graph.add_edge(e.source, e.target, key=e.id)
    inside = ({start} | nx.descendants(graph, start)) & ({end} | nx.ancestors(graph, end))
    return graph.subgraph(n for n in graph if n in inside)
