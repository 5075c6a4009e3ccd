"""The threads that all sessions share: everyone's first numbers come before anyone's later ones, and no long computation keeps the
others waiting."""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread, current_thread

__all__ = ["POOL", "Pool"]

_log = logging.getLogger(__name__)
_LONG = 1.0  # seconds after which a step no longer counts as one of those that share the cores
Step = Callable[[], None]


class Pool:
    """Runs steps of computations, at most `cores` at a time. A step that runs longer than a second goes on beside the others, in one
    of the `spare` threads. Steps marked `first` are taken before the rest."""

    def __init__(self, cores: int | None = None, spare: int = 6):
        self._cores = max(2, cores or os.cpu_count() or 2)
        self._most = self._cores + spare
        self._first: deque[Step] = deque()
        self._rest: deque[Step] = deque()
        self._running: dict[Thread, float] = {}  # when its step began
        self._threads = 0
        self._changed = Condition()

    def submit(self, step: Step, first: bool = True) -> None:
        with self._changed:
            (self._first if first else self._rest).append(step)
            if self._threads == len(self._running) and self._threads < self._most:
                self._threads += 1
                # daemons: a computation that cannot be stopped must not keep the server from ending
                Thread(target=self._work, name=f"tpviz-{self._threads}", daemon=True).start()
            self._changed.notify()

    def _work(self) -> None:
        while True:
            step = self._next()
            try:
                step()
            except Exception:  # a step says itself what is wrong with it; this is one that could not
                _log.exception("a computation ended without an answer")
            del step  # or it would keep its session until the next one
            with self._changed:
                del self._running[current_thread()]
                self._changed.notify()

    def _next(self) -> Step:
        with self._changed:
            while True:
                waiting = self._first or self._rest
                now = time.monotonic()
                quick = sum(now - began < _LONG for began in self._running.values())
                if waiting and quick < self._cores:
                    self._running[current_thread()] = now
                    step = waiting.popleft()
                    if (self._first or self._rest) and self._threads == len(self._running) < self._most:
                        self._threads += 1
                        Thread(target=self._work, name=f"tpviz-{self._threads}", daemon=True).start()
                    return step
                # somebody has to look again when a running step becomes a long one
                self._changed.wait(_LONG / 4 if waiting else None)


#: the pool of the process
POOL = Pool()
