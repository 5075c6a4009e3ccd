"""A real browser on a real server. Every page is strict: an error on the console, a failed response or a request that leaves this
machine fails the test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.editor_page import EditorPage
from tests.tools import find_tool

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
LOCAL = ("http://localhost:", "http://127.0.0.1:", "ws://localhost:", "ws://127.0.0.1:", "data:", "blob:", "about:")


def _chromium() -> str | None:
    """An installed Chromium (on Debian as root installed when it is missing); None means Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("TPVIZ_CHROMIUM") or find_tool(names, ("chromium",))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def size() -> tuple[int, int]:
    """Window size; a test may override it by parametrizing."""
    return 1440, 900


@pytest.fixture
def page(browser: Browser, size: tuple[int, int]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, accept_downloads=True)
    yield context.new_page()
    context.close()


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="session")
def start_server(tmp_path_factory) -> Iterator[Callable[..., str]]:
    """Starts `panel serve apps/editor.py` and gives its address."""
    started: list[tuple[subprocess.Popen, IO]] = []

    def start(**environment: str) -> str:
        if "TPVIZ_FILE" in environment:  # recovery files are for this test only
            environment.setdefault("TPVIZ_STATE", str(tmp_path_factory.mktemp("state")))
        port = _free_port()
        log = (tmp_path_factory.mktemp("server") / "log.txt").open("w")
        command = [sys.executable, "-m", "panel", "serve", str(ROOT / "apps" / "editor.py"), "--port", str(port)]
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT, env={**os.environ, **environment}
        )
        started.append((process, log))
        url = f"http://localhost:{port}/editor"
        for _ in range(240):
            if process.poll() is not None:
                pytest.fail(f"the server ended: {Path(log.name).read_text()[-2000:]}")
            try:
                urllib.request.urlopen(url, timeout=10).close()
                return url
            except OSError:
                time.sleep(0.25)
        pytest.fail("the server did not answer within a minute")

    yield start
    for process, log in started:
        process.terminate()
        process.wait(10)
        log.close()


@pytest.fixture(scope="session")
def app_url(start_server) -> str:
    return start_server()


@pytest.fixture
def strict_page(page):
    """The page of every browser test: nothing leaves this machine, nothing fails quietly."""
    bad: list[str] = []

    def route(r) -> None:
        if r.request.url.startswith(LOCAL):
            r.continue_()
        else:
            bad.append(f"left localhost: {r.request.url}")
            r.abort()

    page.route("**/*", route)
    page.on("websocket", lambda ws: None if ws.url.startswith(LOCAL) else bad.append(f"left localhost: {ws.url}"))
    page.on("pageerror", lambda e: bad.append(f"page error: {e}"))
    page.on("console", lambda m: bad.append(f"console {m.type}: {m.text}") if m.type in ("error", "warning") else None)
    page.on(
        "response", lambda r: bad.append(f"{r.status} {r.url}") if r.status >= 400 and "favicon" not in r.url else None
    )
    yield page
    assert not bad, bad


@pytest.fixture
def editor(strict_page, app_url):
    """The editor on its first-start page."""
    strict_page.goto(app_url)
    e = EditorPage(strict_page)
    e.wait_ready()
    return e


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in str(item.path).replace(os.sep, "/"):
            item.add_marker(pytest.mark.browser)
            if os.environ.get(
                "CI"
            ):  # a second try on a loaded machine, reported as a rerun: find out why, it was a real race each time
                item.add_marker(pytest.mark.flaky(reruns=1))
