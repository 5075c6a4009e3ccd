"""Definitions precede uses: a line that reads a name defined further down moves below it, and what depends on the
line moves along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .lines import Sheet
from .state import refuse

__all__ = ["path_between", "refuse_cycle", "settle"]


def path_between(sheet: Sheet, start: str, end: str) -> list[str]:
    """Names on a shortest way along which `end` depends on `start`, both included; empty when it does not."""
    before: dict[str, str] = {start: ""}
    queue = [start]
    for name in queue:
        if name == end:
            path = [name]
            while before[path[0]]:
                path.insert(0, before[path[0]])
            return path
        for index in sheet.readers(name):
            for new in sheet.lines[index].defines:
                if new not in before:
                    before[new] = name
                    queue.append(new)
    return []


def refuse_cycle(sheet: Sheet, source: str, target: str) -> None:
    """Raises `EditError` when target → source would close a cycle, and names the way round."""
    if source == target:
        refuse(
            "cycle",
            f"{source} cannot be its own input.",
            "A program has no cycles: connect it to a new vector.",
            (source,),
        )
    if path := path_between(sheet, target, source):
        refuse(
            "cycle",
            f"{source} depends on {target} already: {' → '.join(path)}.",
            "A program has no cycles: connect it to a new vector, or delete an edge on this way.",
            (source, target),
        )


def settle(sheet: Sheet, names: Iterable[str]) -> Sheet:
    """The sheet in which the lines of these names stand below what they read, moved as little as possible; lines
    keep their order among themselves. A cycle is left as it is."""
    for name in names:
        sheet = _settle_one(sheet, name)
    return sheet


def _settle_one(sheet: Sheet, name: str) -> Sheet:
    index = sheet.where.get(name)
    if index is None:
        return sheet
    needed = max((sheet.where[n] for n in sheet.lines[index].reads if n in sheet.where), default=-1)
    if needed <= index:
        return sheet
    moving, queue = {index}, [index]
    for i in queue:
        for new in sheet.lines[i].defines:
            for reader in sheet.readers(new):
                if reader < needed and reader not in moving and sheet.lines[reader].defines:
                    moving.add(reader)
                    queue.append(reader)
                if reader == needed:
                    return sheet  # a cycle
    lines = [line for i, line in enumerate(sheet.lines) if i not in moving]
    at = needed + 1 - len(moving)
    return replace(sheet, lines=(*lines[:at], *(sheet.lines[i] for i in sorted(moving)), *lines[at:]))
