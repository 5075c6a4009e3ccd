"""Many sessions at once on one server: ten of them edit each second, the others are open."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.editor.protocol_tab import ProtocolTab

__all__ = ["Waits", "edits_under_load", "many_lives"]

NAMES = ("rnn", "mlp")


@dataclass(frozen=True)
class Waits:
    """Seconds from an edit to the plots' new data at the browser's door, and to open a session."""

    edits: tuple[float, ...]
    opened: tuple[float, ...]

    def quantile(self, q: float) -> float:
        ordered = sorted(self.edits)
        return ordered[min(len(ordered) - 1, math.ceil(q * len(ordered)) - 1)]


async def edits_under_load(
    url: str, sessions: int, editing: int, seconds: float, names: Sequence[str] = NAMES
) -> Waits:
    """Open the sessions, each with an example; then `editing` of them change a variance each second, at moments of their own."""
    rng = random.Random(0)
    tabs, opened = [], []
    for k in range(sessions):
        start = time.perf_counter()
        tab = await ProtocolTab.open(url)
        await tab.send(type="example", id=names[k % len(names)])
        await tab.settled()
        opened.append(time.perf_counter() - start)
        tabs.append(tab)
    waits: list[float] = []

    async def work(tab: ProtocolTab, product: str) -> None:
        end = time.perf_counter() + seconds
        await asyncio.sleep(rng.random())
        while (now := time.perf_counter()) < end:
            waits.append(
                await tab.edit_until_drawn(type="edit", key=product, field="parameter", value=1 + rng.random())
            )
            await asyncio.sleep(max(0.0, now + 1 - time.perf_counter()))

    await asyncio.gather(*(work(tab, "h2") for k, tab in enumerate(tabs[:editing])))
    for tab in tabs:
        await tab.close()
    return Waits(tuple(waits), tuple(opened))


async def many_lives(url: str, count: int) -> None:
    """Sessions one after the other: opened, edited, closed."""
    for k in range(count):
        tab = await ProtocolTab.open(url)
        await tab.send(type="example", id=NAMES[k % len(NAMES)])
        await tab.settled()
        await tab.edit_until_drawn(type="edit", key="h2", field="parameter", value=1.5 + k % 7 / 10)
        await tab.close()
