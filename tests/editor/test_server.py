"""A real server at the level of its protocol: some sessions at once, closed sessions freed, strangers turned away. The load of fifty and
the soak of three hundred are in tests/long."""

import urllib.error
import urllib.request

import pytest
from tornado.httpclient import HTTPClientError

from tests.editor.load import edits_under_load, many_lives
from tests.editor.protocol_tab import ProtocolTab
from tests.editor.server import serving
from tests.tools import in_a_thread


@pytest.fixture(scope="module")
def server():
    with serving() as started:
        yield started


def test_sessions_at_once_all_get_their_numbers(server):
    waits = in_a_thread(edits_under_load(server.url, 4, 2, 2))
    assert len(waits.edits) >= 2


def test_closed_sessions_leave_no_memory_and_no_thread(server):
    in_a_thread(many_lives(server.url, 4))
    first = server.settled_memory(4)
    in_a_thread(many_lives(server.url, 6))
    assert server.settled_memory(4) - first < 40  # a session that stays costs about 5 MB, caches still fill
    assert server.threads < 12


def test_a_page_of_another_site_cannot_connect(server):
    async def visit():
        with pytest.raises(HTTPClientError, match="403"):
            await ProtocolTab.open(server.url, origin="https://evil.example")

    in_a_thread(visit())


def test_junk_is_refused_with_a_sentence_and_the_session_lives_on(server):
    async def visit():
        tab = await ProtocolTab.open(server.url)
        await tab.send(type="rm -rf")
        await tab.until(lambda t: any("does not understand" in n for n in t.notices))
        await tab.send(type="example", id="rnn")
        await tab.settled()
        await tab.close()

    in_a_thread(visit())


def test_no_path_leads_out_of_the_static_files(server):
    for path in ("../../../../etc/passwd", "%2e%2e/%2e%2e/%2e%2e/etc/passwd", "..%2f..%2f..%2fetc/passwd"):
        base = server.url.rsplit("/", 1)[0]
        with pytest.raises(urllib.error.HTTPError, match=r"40[034]"):
            urllib.request.urlopen(f"{base}/static/{path}", timeout=10)
