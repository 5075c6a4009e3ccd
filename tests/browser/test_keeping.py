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


def select_and(editor, id: str, *keys: str) -> None:
    editor.node(id).click()
    expect(editor.node(id)).to_have_attribute("data-selected", "true")
    editor.press(*keys)


def test_copy_and_paste_within_and_between_windows_and_into_the_text(editor, page, app_url):
    editor.open_example("rnn")
    select_and(editor, "h2", "Control+c", "Control+v")
    editor.wait_source("h4 = W @ x1")  # tied, and reading the same
    expect(editor.node("h4")).to_have_attribute("data-selected", "true")
    select_and(editor, "h2", "Control+c", "Control+Shift+v")
    editor.wait_source("matrix W2 ~ N(0, 2/n)", "h5 = W2 @ x1")
    select_and(editor, "x2", "Control+d")
    editor.wait_source("x4 = phi(h2 + u2)")
    editor.node("x2").click()
    editor.page.wait_for_timeout(800)  # the window knows what is selected
    editor.press("Control+c")

    second = page.context.new_page()
    second.goto(app_url)
    other = EditorPage(second)
    other.wait_ready()
    other.press("x", "Control+v")
    pasted = other.wait_source("x2 = phi(h2 + u2)", "function phi(z) = relu(z)", "vector h2 ~ N(0, 1)")
    assert "from outside" not in pasted
    other.press("Control+z")
    other.wait_source("vector x", without=("phi",))
    second.locator("[data-testid='text']").click()
    second.keyboard.press("Control+End")
    other.press("Control+v")  # into the text pane: the text as it was copied
    other.wait_source("# from outside the copied part", "x2 = phi(h2 + u2)")
    second.close()

    select_and(editor, "u3", "Control+x")
    editor.wait_source("x4", without=("u3 = U",))
    editor.press("Control+z")
    editor.wait_source("u3 = U")


def test_what_is_no_program_is_refused_with_a_sentence(editor):
    editor.open_example("mlp")
    before = editor.source()
    paste = """text => {
        const data = new DataTransfer()
        data.setData("text/plain", text)
        document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}))
    }"""
    editor.page.evaluate(paste, "Dear colleague,\nsee you tomorrow")
    expect(editor.page.locator("[data-testid='notices'] [data-severity='error']")).to_contain_text("no program text")
    assert editor.source() == before
    editor.page.evaluate(paste, "vector fresh ~ N(0, 4)\nq = tanh(fresh)")
    editor.wait_source("q = tanh(fresh)")


def test_two_tabs_keep_two_drawings(editor, page, app_url):
    editor.open_example("rnn")
    select_and(editor, "x2", "w")
    kept(page)
    second = page.context.new_page()
    second.goto(app_url)
    other = EditorPage(second)
    other.wait_ready()
    expect(second.locator("[data-testid='recover']")).to_have_count(0)  # the first tab is open
    other.press("x")
    other.wait_source("vector x ~")
    kept(second)
    assert "h1 = W @ x2" in reload(page).wait_source("h1 = W @ x2")
    assert reload(second).wait_source("vector x ~").strip() == "vector x ~ N(0, 1)"


def test_a_closed_tab_is_offered_again(editor, page, app_url):
    editor.open_example("rnn")
    select_and(editor, "x2", "w")
    text = editor.wait_source("h1 = W @ x2")
    kept(page)
    second = page.context.new_page()
    page.close()
    second.goto(app_url)
    other = EditorPage(second)
    other.wait_ready()
    offer = second.locator("[data-testid='recover']")
    expect(offer).to_contain_text("rnn.tpviz")
    offer.locator("[data-action='recover']").click()
    assert other.wait_source("h1 = W @ x2") == text
    expect(offer).to_have_count(0)
    other.press("Control+z")  # its history came along
    other.wait_source("x2", without=("h1",))


def test_snapshots_are_saved_restored_renamed_and_deleted(editor):
    page = editor.page
    editor.open_example("mlp")
    start = editor.source()
    editor.press("Alt+s")
    dialog = page.locator("[data-testid='snapshots']")
    dialog.locator("[data-testid='snapshot-name']").fill("before")
    page.keyboard.press("Enter")
    row = dialog.locator("[data-snapshot='before']")
    expect(row.locator("svg")).to_be_visible()
    page.keyboard.press("Escape")
    editor.press("Alt+n")
    expect(page.locator("[data-testid='first-start']")).to_be_visible()
    editor = reload(page)  # it outlives the page
    editor.press("Alt+s")
    row.locator("[data-action='restore']").click()
    assert editor.wait_source(start.strip().splitlines()[-1]) == start
    editor.press("Control+z")
    expect(page.locator("[data-testid='first-start']")).to_be_visible()
    editor.press("Alt+s")
    row.locator("[data-action='rename-snapshot']").wait_for()
    expect(row.locator("[data-action='compare-with']")).to_have_count(0)  # nothing is drawn that it could stand beside
    row.locator("[data-action='rename-snapshot']").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("after")
    page.keyboard.press("Enter")
    row = dialog.locator("[data-snapshot='after']")
    row.locator("[data-action='delete-snapshot']").click()
    expect(row).to_have_count(0)
    dialog.get_by_text("Bring it back").click()
    expect(row).to_be_visible()


def test_the_history_is_a_list_to_walk(editor):
    page = editor.page
    editor.open_example("rnn")
    start = editor.source()
    select_and(editor, "x2", "w", "n")
    end = editor.wait_source("h1 = W @ x2", "x4 = phi(h1)")
    editor.press("Alt+h")
    steps = page.locator("[data-testid='history'] .step")
    expect(steps).to_have_count(3)
    steps.nth(0).click()
    expect(steps.nth(0)).to_have_attribute("aria-current", "step")
    editor.wait_source("x2", without=("h1",))
    assert editor.source() == start
    steps.nth(2).click()
    editor.wait_source("x4 = phi(h1)")
    assert editor.source() == end


def test_undo_brings_what_it_changed_into_sight(editor):
    page = editor.page
    editor.open_example("rnn")
    select_and(editor, "x2", "w")
    editor.wait_source("h1 = W @ x2")
    still = viewport(page)
    editor.press("Control+z")  # it is in sight: nothing moves
    expect(editor.node("h1")).to_have_count(0)
    page.wait_for_timeout(300)
    assert viewport(page) == still
    editor.press("Control+Shift+z")
    page.mouse.move(*editor.canvas_point(0.5, 0.5))
    page.mouse.wheel(0, 6000)
    expect(editor.node("x2")).not_to_be_in_viewport()
    editor.press("Control+z")
    expect(editor.node("x2")).to_be_in_viewport()


def test_a_browser_that_refuses_storage_is_said_so(page, app_url):
    page.add_init_script(
        "Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('no', 'SecurityError') } })"
    )
    page.goto(app_url)
    editor = EditorPage(page)
    editor.wait_ready()
    editor.press("x")
    editor.wait_source("vector x ~")
    expect(saved(page)).to_contain_text("Not kept: this browser refuses storage")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
