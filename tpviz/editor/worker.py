"""Work off the UI thread: only the newest request of a session counts, older ones are cancelled, results come back in the document's
thread. Sessions take turns after each part of a result."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from functools import partial
from threading import Condition
from typing import Any

from .pool import POOL, Pool

__all__ = ["Worker"]

_log = logging.getLogger(__name__)
Work = Callable[[Callable[[], bool]], Iterator[Any]]


class _Job:
    """One request, in the parts that it yields."""

    def __init__(self, worker: Worker, number: int, work: Work, deliver, failed, done):
        self.worker, self.number = worker, number
        self.work: Work = work
        self.parts: Iterator[Any] | None = None
        self.deliver, self.failed, self.done = deliver, failed, done

    def cancelled(self) -> bool:
        return self.number != self.worker._newest

    def unless_cancelled(self, call: Callable[[Any], None], value: Any) -> None:
        if not self.cancelled():
            call(value)

    def post(self, call: Callable[[Any], None], value: Any = None) -> None:
        self.worker._post(partial(self.unless_cancelled, call, value))

    def step(self) -> bool:
        """Compute the next part; whether there may be more."""
        if self.cancelled():
            self.stop()
            return False
        try:
            if self.parts is None:
                self.parts = iter(self.work(self.cancelled))
            part = next(self.parts)
        except StopIteration:
            self.post(lambda _: self.done())
            return False
        except Exception as error:
            if not self.cancelled():
                if not _expected(error):
                    _log.exception("a computation failed")
                self.post(self.failed, error)
            return False
        if self.cancelled():
            self.stop()
            return False
        self.post(self.deliver, part)
        return True

    def stop(self) -> None:
        if isinstance(self.parts, Generator):
            self.parts.close()


class Worker:
    """Runs one computation at a time, in threads that all workers share. `post` brings a call into the UI thread."""

    def __init__(self, post: Callable[[Callable[[], None]], None], pool: Pool = POOL):
        self._post, self._pool = post, pool
        self._changed = Condition()
        self._newest = 0
        self._waiting: _Job | None = None
        self._running: _Job | None = None
        self._closed = False

    def submit(
        self,
        work: Work,
        deliver: Callable[[Any], None],
        failed: Callable[[Exception], None],
        done: Callable[[], None] = lambda: None,
    ) -> None:
        """Start `work(cancelled)`, an iterator of partial results; each is delivered unless a newer request has come, and the end is told
        by `done`."""
        with self._changed:
            if self._closed:
                return
            self._newest += 1
            self._waiting = _Job(self, self._newest, work, deliver, failed, done)
            if self._running is None:
                self._start()

    def _start(self) -> None:
        self._running, self._waiting = self._waiting, None
        self._changed.notify_all()
        if self._running is not None:
            self._pool.submit(self._step, first=True)

    def _step(self) -> None:
        job = self._running
        assert job is not None
        more = False
        try:
            more = job.step()
        finally:
            with self._changed:
                if more and not job.cancelled():
                    self._pool.submit(self._step, first=False)
                else:
                    job.stop()
                    self._start()

    def cancel(self) -> None:
        """Drop what is running and waiting."""
        with self._changed:
            self._newest += 1
            self._waiting = None

    def wait(self, seconds: float) -> None:
        """Until nothing runs or waits; for tests."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._running is None, seconds):
                raise TimeoutError(f"a computation still runs after {seconds:g} s")

    def close(self) -> None:
        self.cancel()
        self._closed = True


def _expected(error: Exception) -> bool:
    from ..finite import Cancelled
    from ..language import TpvizError

    return isinstance(error, TpvizError | Cancelled)
