"""No work is lost: a reload, a second tab, a killed server, a closed tab."""

import pytest
from playwright.sync_api import expect

from tests.browser.app_server import AppServer
from tests.browser.editor_page import EditorPage


def saved(page):
    return page.locator("[data-testid='saved']")


def kept(page) -> None:
    """The browser has written what is on the screen."""
    expect(page.locator("[data-testid='saved'][data-kept='kept']")).to_be_visible(timeout=10_000)
    page.wait_for_function(
        """() => new Promise((resolve) => {
            const open = indexedDB.open("tpviz")
            open.onsuccess = () => {
                const all = open.result.transaction("tabs").objectStore("tabs").getAll()
                all.onsuccess = () => {
                    open.result.close()
                    const text = document.querySelector("*")
                    resolve(all.result.some((row) => row.id === sessionStorage.getItem("tpviz-tab")))
                }
            }
        })"""
    )


def viewport(page) -> str:
    return page.locator(".react-flow__viewport").evaluate("v => v.style.transform")


def reload(page) -> EditorPage:
    page.reload()
    editor = EditorPage(page)
    editor.wait_ready()
    return editor


def test_a_reload_brings_back_drawing_history_selection_and_view(editor):
    page = editor.page
    editor.open_example("rnn")
    start = editor.source()
    editor.node("x2").click()
    editor.draw(w="h1 = W @ x2")
    page.locator("[data-action='zoom-in']").first.click()
    page.locator("[data-tab='distribution']").click()
    expect(saved(page)).to_contain_text("Kept in this browser")
    kept(page)
    page.wait_for_timeout(900)  # the view is told when it rests
    text, view, place = editor.source(), viewport(page), editor.centre("h1")
    editor = reload(page)
    assert editor.wait_source("h1 = W @ x2") == text
    expect(editor.node("h1")).to_have_attribute("data-selected", "true")
    expect(page.locator("[data-tab='distribution']")).to_have_attribute("aria-selected", "true")
    assert viewport(page) == view
    assert editor.centre("h1") == pytest.approx(place, abs=1)
    editor.press("Control+z")
    editor.wait_source("x2", without=("h1",))
    assert editor.source() == start
    editor.press("Control+Shift+z")
    assert editor.wait_source("h1 = W @ x2") == text
    editor.press("Control+z", "Control+z")
    expect(page.locator("[data-action='redo']").first).to_be_enabled()
    editor = reload(page)
    editor.press("Control+Shift+z")
    assert editor.wait_source("h1 = W @ x2") == text


def test_killing_the_server_loses_nothing(page, tmp_path):
    server = AppServer(tmp_path / "log.txt")
    server.start()
    try:
        page.goto(server.url)
        editor = EditorPage(page)
        editor.wait_ready()
        editor.open_example("rnn")
        editor.node("x1").click()
        editor.draw(n="x4")
        area = page.locator("[data-testid='text']")
        area.click()
        page.keyboard.press("Control+End")
        page.keyboard.type("y9 = tanh(x1)")
        server.kill()  # before the last keys are sent
        page.keyboard.type(" + x2")
        expect(page.locator("[data-testid='lost']")).to_contain_text("Connection lost")
        page.keyboard.type(" + x3")
        assert editor.source().endswith("y9 = tanh(x1) + x2 + x3")
        server.start()
        expect(page.locator("[data-testid='lost']")).to_have_count(0, timeout=20_000)
        editor.wait_ready()
        text = editor.wait_source("y9 = tanh(x1) + x2 + x3", "x4")
        expect(editor.node("y9")).to_be_visible()
        editor.press("Control+z", "Control+z", "Control+z")
        editor.wait_source("u1", without=("x4", "y9"))
        assert text.splitlines()[0] == editor.source().splitlines()[0]
    finally:
        server.kill()
