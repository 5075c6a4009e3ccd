"""Sessions share their threads fairly, cancelled work ends, and nothing is kept of what is over."""

import gc
import threading
import time
import weakref
from collections import defaultdict

import pytest

from tpviz.editor.pool import Pool
from tpviz.editor.session import Session
from tpviz.editor.worker import Worker
from tpviz.language import LimitError


class Told:
    """What a worker posts, at once."""

    def __init__(self, pool):
        self.parts, self.errors, self.ends = [], [], 0
        self.worker = Worker(lambda call: call(), pool)

    def ask(self, work):
        self.worker.submit(work, self.parts.append, self.errors.append, self._ended)

    def _ended(self):
        self.ends += 1


@pytest.fixture
def pool():
    return Pool(cores=2, spare=2)


def until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_parts_come_in_order_then_the_end(pool):
    told = Told(pool)
    told.ask(lambda cancelled: iter("abc"))
    told.worker.wait(10)
    assert (told.parts, told.errors, told.ends) == (["a", "b", "c"], [], 1)


def test_only_the_newest_request_counts(pool):
    told, go = Told(pool), threading.Event()

    def slow(cancelled):
        go.wait(10)
        yield "old"

    told.ask(slow)
    told.ask(lambda cancelled: iter(["never started"]))
    told.ask(lambda cancelled: iter(["new"]))
    go.set()
    told.worker.wait(10)
    assert told.parts == ["new"]


def test_cancel_ends_a_running_computation(pool):
    told, began, closed = Told(pool), threading.Event(), threading.Event()

    def work(cancelled):
        try:
            began.set()
            while not cancelled():
                time.sleep(0.001)
            yield "too late"
        finally:
            closed.set()

    told.ask(work)
    assert began.wait(10)
    told.worker.cancel()
    told.worker.wait(10)
    assert closed.wait(10)
    assert (told.parts, told.ends) == ([], 0)


def test_an_error_is_told_and_the_worker_goes_on(pool):
    told = Told(pool)

    def bad(cancelled):
        yield 1
        raise LimitError("There is no limit.")

    told.ask(bad)
    told.worker.wait(10)
    told.ask(lambda cancelled: iter([2]))
    told.worker.wait(10)
    assert told.parts == [1, 2]
    assert [str(e) for e in told.errors] == ["There is no limit."]


def test_long_computations_do_not_keep_the_others_waiting(pool):
    """As many sessions as there are cores compute for long; another one still gets its numbers."""
    stop = threading.Event()
    long = [Told(pool) for _ in range(2)]
    for told in long:
        told.ask(lambda cancelled: iter([stop.wait(20)]))
    other = Told(pool)
    other.ask(lambda cancelled: iter(["here"]))
    try:
        until(lambda: other.parts == ["here"], 5)
        assert not long[0].parts
    finally:
        stop.set()


def test_first_numbers_come_before_the_later_ones_of_others():
    pool, order, gate = Pool(cores=2, spare=0), [], threading.Event()
    told = [Told(pool) for _ in range(6)]

    def work(k):
        def parts(cancelled):
            gate.wait(10)
            for part in range(3):
                order.append((k, part))
                time.sleep(0.01)
                yield part

        return parts

    for k, t in enumerate(told):
        t.ask(work(k))
    gate.set()
    for t in told:
        t.worker.wait(20)
    place = defaultdict(list)
    for at, (_, part) in enumerate(order):
        place[part].append(at)
    assert max(place[0]) < sum(place[2]) / 6, order  # everyone has the first part before most have the last


def test_many_workers_share_few_threads(pool):
    told = [Told(pool) for _ in range(60)]
    for t in told:
        t.ask(lambda cancelled: iter([0.0]))
    for t in told:
        t.worker.wait(20)
    assert all(t.parts == [0.0] for t in told)
    assert pool._threads <= 4


def test_nothing_is_kept_of_a_worker(pool):
    told = Told(pool)
    told.ask(lambda cancelled: iter([1, 2]))
    told.worker.wait(10)
    gone = weakref.ref(told.worker)
    told.worker.close()
    del told
    until(lambda: gc.collect() is not None and gone() is None)


def test_a_closed_session_is_freed_with_its_window_and_workers():
    session = Session()
    session.receive({"type": "text", "source": "vector x ~ N(0, 1)\nmatrix W ~ N(0, 1/n)\nh = W @ x\n"})
    session.column.worker.wait(60)
    gone = [weakref.ref(x) for x in (session, session.column, session.column.worker, session.view)]
    session.close()
    del session
    until(lambda: gc.collect() is not None and all(g() is None for g in gone))
