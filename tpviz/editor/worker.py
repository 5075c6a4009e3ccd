"""Work off the UI thread: only the newest request counts, older ones are cancelled, results come back in the document's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any

__all__ = ["Worker"]

_log = logging.getLogger(__name__)


class Worker:
    """Runs one computation at a time. `post` brings a call into the UI thread."""

    def __init__(self, post: Callable[[Callable[[], None]], None]):
        self._post = post
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tpviz")
        self._lock = Lock()
        self._newest = 0
        self._closed = False

    def submit(
        self,
        work: Callable[[Callable[[], bool]], Iterator[Any]],
        deliver: Callable[[Any], None],
        failed: Callable[[Exception], None],
        done: Callable[[], None] = lambda: None,
    ) -> None:
        """Start `work(cancelled)`, an iterator of partial results; each is delivered unless a newer request has come, and the end is told
        by `done`."""
        with self._lock:
            if self._closed:
                return
            self._newest += 1
            number = self._newest

        def cancelled() -> bool:
            return number != self._newest

        def run() -> None:
            if cancelled():
                return
            try:
                for part in work(cancelled):
                    if cancelled():
                        return
                    self._post(partial(self._unless, cancelled, deliver, part))
                self._post(partial(self._unless, cancelled, lambda _: done(), None))
            except Exception as error:
                if not cancelled():
                    if not _expected(error):
                        _log.exception("a computation failed")
                    self._post(partial(self._unless, cancelled, failed, error))

        self._pool.submit(run)

    @staticmethod
    def _unless(cancelled: Callable[[], bool], call: Callable[[Any], None], value: Any) -> None:
        if not cancelled():
            call(value)

    def cancel(self) -> None:
        """Drop what is running and waiting."""
        with self._lock:
            self._newest += 1

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._newest += 1
        self._pool.shutdown(wait=False, cancel_futures=True)


def _expected(error: Exception) -> bool:
    from ..finite import Cancelled
    from ..language import TpvizError

    return isinstance(error, TpvizError | Cancelled)
