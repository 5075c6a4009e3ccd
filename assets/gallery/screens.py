"""Takes the screenshots of this folder's `screens/`: every pane in every theme at both sizes.

    python assets/gallery/screens.py [PANE …]

It needs the test extra and a Chromium (`TPVIZ_CHROMIUM`, or `chromium` on the path). Numbers of milliseconds differ from run to
run, so the pictures are looked at, not compared.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.browser.editor_page import EditorPage  # noqa: E402

FOLDER = Path(__file__).parent / "screens"
THEMES = ("light", "dark", "projector")
SIZES = ((1280, 720), (1440, 900))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SLOW = 30_000


def first_start(e: EditorPage) -> None:
    e.page.wait_for_timeout(200)


def kernel(e: EditorPage) -> None:
    e.open_example("rnn")


def distribution(e: EditorPage) -> None:
    e.open_example("rnn")
    e.node("x3").click()
    e.page.locator("[data-tab='distribution']").click()
    e.settled()


def selection(e: EditorPage) -> None:
    e.open_example("there_and_back")
    e.page.locator(".tp-node[data-kind='vector']").last.click()
    e.settled()


def network(e: EditorPage) -> None:
    e.open_example("autoencoder")
    e.page.locator("[data-kind='network']").click()
    expect(e.page.locator("[data-testid='status']")).to_contain_text("Simulated", timeout=SLOW)
    e.settled()


def angle(e: EditorPage) -> None:
    e.open_example("rnn")
    e.page.locator("[data-kind='network']").click()
    e.page.locator("[data-view='angle']").click()
    expect(e.page.locator("[data-testid='curve']")).to_be_visible(timeout=SLOW)
    expect(e.page.locator("[data-testid='status'][data-busy='true']")).to_have_count(0, timeout=SLOW)


def paths(e: EditorPage) -> None:
    e.open_example("rnn")
    e.page.locator("[data-tab='paths']").click()
    e.page.locator("[data-word='U W']").click(timeout=SLOW)
    expect(e.page.locator("[data-testid='pair'][data-index='1']")).to_be_visible(timeout=SLOW)


def problem(e: EditorPage) -> None:
    e.open_example("rnn")
    e.set_text(e.source().replace("x3 = phi(h3 + u3)", "x3 = phi(W @ x2 + u3)"))
    expect(e.page.locator("[data-problem='0']")).to_be_visible()
    e.settled()


def backward(e: EditorPage) -> None:
    e.open_example("rnn")
    e.press("Shift+B")
    e.wait_source("backward pass")
    e.settled()


def compare(e: EditorPage) -> None:
    e.open_example("nonlinear_there_and_back")
    e.page.locator(".tp-node[data-kind='vector']").last.click()
    e.press("u")
    e.page.locator("[data-tab='compare']").click()
    e.page.wait_for_timeout(2500)


def lecture(e: EditorPage) -> None:
    e.open_example("layernorm")
    e.press("p")
    expect(e.page.locator("[data-testid='lecture']")).to_be_visible(timeout=SLOW)
    for _ in range(4):
        e.press("ArrowRight")
    e.page.wait_for_timeout(2500)


def palette(e: EditorPage) -> None:
    e.open_example("rnn")
    e.press("Control+k")
    e.page.keyboard.type("theme")
    e.page.wait_for_timeout(300)


def keys(e: EditorPage) -> None:
    e.open_example("rnn")
    e.press("?")


def gallery(e: EditorPage) -> None:
    e.open_example("rnn")
    e.press("Control+k")
    e.page.keyboard.type("gallery")
    e.press("Enter")


def tour(e: EditorPage) -> None:
    e.page.get_by_text("Five-step tour").first.click()
    e.page.wait_for_timeout(1500)
    e.press("ArrowRight")
    e.page.wait_for_timeout(700)


def history(e: EditorPage) -> None:
    e.open_example("rnn")
    e.node("x3").click()
    e.press("n", "w", "Alt+h")


def snapshots(e: EditorPage) -> None:
    e.open_example("rnn")
    e.press("Alt+s")


def share(e: EditorPage) -> None:
    e.open_example("rnn")
    e.press("Control+Shift+s")
    e.page.wait_for_timeout(500)


def groups(e: EditorPage) -> None:
    e.open_example("rnn")
    e.press("Control+k")
    e.page.keyboard.type("group the steps")
    e.press("Enter")
    e.settled()


PANES: dict[str, Callable[[EditorPage], None]] = {
    f.__name__: f
    for f in (
        first_start,
        kernel,
        distribution,
        selection,
        network,
        angle,
        paths,
        problem,
        backward,
        compare,
        lecture,
        palette,
        keys,
        gallery,
        tour,
        history,
        snapshots,
        share,
        groups,
    )
}


@contextmanager
def served() -> Iterator[str]:
    """The app on a free port, with a state of its own."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with tempfile.TemporaryDirectory() as state:
        process = subprocess.Popen(
            [sys.executable, "-m", "panel", "serve", "apps/editor.py", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "TPVIZ_STATE": state},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        url = f"http://localhost:{port}/editor"
        try:
            for _ in range(240):
                try:
                    urllib.request.urlopen(url, timeout=10).close()
                    break
                except OSError:
                    time.sleep(0.25)
            yield url
        finally:
            process.terminate()
            process.wait(10)


def shot(browser: Browser, url: str, pane: str, theme: str, size: tuple[int, int]) -> Path:
    """One picture, in 128 colours: a window is flat."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    context.add_init_script(f"try {{ localStorage.setItem('tpviz-theme', {theme!r}) }} catch {{}}")
    try:
        page = context.new_page()
        page.goto(url)
        e = EditorPage(page)
        e.wait_ready()
        PANES[pane](e)
        page.mouse.move(4, size[1] - 4)
        page.wait_for_timeout(500)
        picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    finally:
        context.close()
    path = FOLDER / f"{pane}-{theme}-{size[0]}.png"
    picture.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


def main(panes: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    chromium = os.environ.get("TPVIZ_CHROMIUM") or shutil.which("chromium")
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for pane in panes or PANES:
            for theme in THEMES:
                for size in SIZES:
                    print(shot(browser, url, pane, theme, size).relative_to(ROOT), flush=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
