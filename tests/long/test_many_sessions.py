"""Fifty sessions at once, and three hundred one after the other, on a real server: run by name, with -n 0 -s to see the figures."""

import asyncio
import statistics

from tests.editor.load import edits_under_load, many_lives
from tests.editor.server import serving


def test_fifty_sessions_of_which_ten_edit(capsys):
    """An edit is at the plots within a second, 95 times of a hundred."""
    with serving() as server:
        alone = asyncio.run(edits_under_load(server.url, 1, 1, 10))
        crowd = asyncio.run(edits_under_load(server.url, 50, 10, 30))
        threads = server.threads
    with capsys.disabled():
        print(f"\nedit to plots: one session median {statistics.median(alone.edits):.3f} s; ten of fifty edit: median {statistics.median(crowd.edits):.3f}, p95 {crowd.quantile(0.95):.3f} s, {len(crowd.edits)} edits, {threads} threads")  # fmt: skip
    assert crowd.quantile(0.95) < 1.0


def test_three_hundred_sessions_leave_nothing_behind(capsys):
    """After the first fifty, which fill caches, 250 more add less than 0.2 MB each, and no thread."""
    with serving() as server:
        asyncio.run(many_lives(server.url, 50))
        first, threads = server.settled_memory(), server.threads
        asyncio.run(many_lives(server.url, 250))
        last = server.settled_memory()
        with capsys.disabled():
            print(f"\nmemory of the server after 50 sessions {first:.0f} MB, after 300 {last:.0f} MB; {server.threads} threads")  # fmt: skip
        assert server.threads <= max(threads, 10)
        assert last - first < 50
