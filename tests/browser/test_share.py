"""Sharing: a link opens the same drawing in another window, exported files bring their program back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.editor_page import EditorPage
from tests.browser.test_files import menu, open_file


@pytest.fixture
def size() -> tuple[int, int]:
    return 1280, 720


def positions(page) -> dict[str, str]:
    """Where every node stands, in world units."""
    return page.evaluate(
        "() => Object.fromEntries([...Bokeh.documents[0].all_models].find(m => m.data?.scene).data.scene.nodes.map(n => [n.id, `${n.x} ${n.y}`]))"
    )


def drop(page, path, mime: str) -> None:
    """Drop a file on the window."""
    page.evaluate(
        """async ([name, mime, bytes]) => {
            const transfer = new DataTransfer()
            transfer.items.add(new File([new Uint8Array(bytes)], name, { type: mime }))
            const find = root => root.querySelector(".tp-root") || [...root.querySelectorAll("*")].map(e => e.shadowRoot && find(e.shadowRoot)).find(Boolean)
            const root = find(document)
            for (const type of ["dragover", "drop"]) root.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, composed: true, dataTransfer: transfer }))
        }""",
        [path.name, mime, list(path.read_bytes())],
    )


def test_a_link_opens_the_same_drawing_elsewhere(editor, browser, app_url):
    page = editor.page
    editor.open_example("there_and_back")
    start = editor.centre("x")
    editor.drag(start, (start[0] - 40, start[1] + 60))
    moved, text = positions(page), editor.source()
    page.locator(".top [data-action='share']").click()
    link = page.locator("[data-testid='share-link']")
    expect(page.locator("[data-testid='copy-link']")).to_be_focused()
    address = link.input_value()
    assert address.startswith(f"{app_url}#p=1.")
    expect(page.locator("[data-testid='share-length']")).to_have_attribute("data-length", str(len(address)))
    page.locator("[data-testid='copy-link']").click()
    expect(page.locator("[data-testid='copy-link']")).to_contain_text(re.compile("Copied|Ctrl C"))
    page.keyboard.press("Escape")
    expect(page.locator("[data-testid='share']")).to_have_count(0)

    context = browser.new_context(viewport={"width": 1280, "height": 720})
    other = context.new_page()
    asked: list[str] = []
    other.on("request", lambda r: asked.append(r.url))
    other.goto(address)
    second = EditorPage(other)
    second.wait_ready()
    expect(second.node("x")).to_be_visible(timeout=10_000)
    assert second.source() == text
    assert positions(other) == moved
    assert not any("1." in url.split("editor")[-1] and "p=" in url for url in asked)  # the program stayed behind the #
    assert "#" not in other.url
    expect(other.locator("[data-testid='document']")).to_contain_text("From a link")
    context.close()


def test_a_link_in_an_open_window_can_be_undone(editor):
    page = editor.page
    editor.open_example("there_and_back")
    page.locator(".top [data-action='share']").click()
    address = page.locator("[data-testid='share-link']").input_value()
    text = editor.source()
    page.keyboard.press("Escape")
    _example(editor, "layernorm")
    other = editor.wait_source("mean(")
    page.evaluate("hash => { location.hash = hash }", address.split("#")[1])
    editor.wait_source("its Ż is x", without=("mean(",))
    assert editor.source() == text
    editor.press("Control+z")
    assert editor.wait_source("mean(") == other
    menu(editor, "File", "overlay:open-link")
    page.locator("[data-testid='open-link-text']").fill("http://elsewhere.example/x" + address[address.index("#") :])
    page.keyboard.press("Enter")
    editor.wait_source("its Ż is x", without=("mean(",))


def _example(editor, name: str) -> None:
    editor.page.locator("[data-menu='Examples']").click()
    editor.page.locator(f"[role='menu'] [data-example='{name}']").click()


def test_hostile_links_leave_the_drawing(editor):
    page = editor.page
    editor.open_example("there_and_back")
    text = editor.source()
    for hash in ("#p=1.abcdefg", "#p=9.abc", "#p=<img src=x onerror=alert(1)>", "#p=1." + "A" * 120_000):
        page.evaluate("hash => { location.hash = hash }", hash)
        expect(page.locator("[data-testid='notices'] [data-severity='error']")).to_be_visible()
        page.locator("[data-testid='notices'] [aria-label='Dismiss']").click()
        assert editor.source() == text


def test_exported_figures_open_again_by_dropping_and_by_the_menu(editor, tmp_path):
    page = editor.page
    editor.open_example("there_and_back")
    start = editor.centre("x")
    editor.drag(start, (start[0] - 30, start[1] + 50))
    text, moved, mimes = (
        editor.source(),
        positions(page),
        {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png", "tex": "text/x-tex"},
    )
    for suffix in mimes:
        with page.expect_download() as download:
            menu(editor, "Export", f"export:{suffix}")
        download.value.save_as(tmp_path / f"figure.{suffix}")
    for suffix, mime in mimes.items():
        menu(editor, "File", "new")
        expect(page.locator("[data-testid='first-start']")).to_be_visible()
        if suffix == "pdf":
            open_file(editor, tmp_path / "figure.pdf")
        else:
            drop(page, tmp_path / f"figure.{suffix}", mime)
        expect(page.locator("[data-testid='document']")).to_contain_text("figure.tpviz")
        expect(page.locator("[data-testid='document']")).to_contain_text(f"From figure.{suffix}")
        assert editor.wait_source("its Ż is x") == text
        assert positions(page) == moved
    plain = tmp_path / "plain.svg"
    plain.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    drop(page, plain, "image/svg+xml")
    expect(page.locator("[data-testid='notices'] [data-severity='error']")).to_contain_text("does not carry a program")
    assert editor.source() == text


def test_a_page_is_read_without_any_request(editor, browser, tmp_path):
    page = editor.page
    editor.open_example("there_and_back")
    with page.expect_download() as download:
        menu(editor, "Export", "export:html")
    path, text = tmp_path / "page.html", editor.source()
    download.value.save_as(path)
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    reader = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    reader.on("request", lambda r: asked.append(r.url))
    reader.on("console", lambda m: said.append(m.text))
    reader.on("pageerror", lambda e: said.append(str(e)))
    reader.goto(path.as_uri())
    reader.locator("#drawing .node[aria-label='vector z']").click()
    shown = reader.locator(".fact:visible")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("E Z²2")
    expect(reader.locator(".code .chosen")).to_contain_text("z = W @ y")
    reader.locator(".code li", has_text="y = W.T @ x").press("Enter")
    expect(reader.locator(".fact:visible")).to_contain_text("Line 6")
    before = reader.locator("#drawing").get_attribute("viewBox")
    reader.locator("[data-zoom='in']").click()
    assert reader.locator("#drawing").get_attribute("viewBox") != before
    reader.locator("[data-zoom='fit']").click()
    assert reader.locator("#drawing").get_attribute("viewBox") == before
    assert (asked, said) == ([path.as_uri()], [])
    context.close()
    menu(editor, "File", "new")
    drop(page, path, "text/html")
    expect(page.locator("[data-testid='document']")).to_contain_text("From page.html")
    assert editor.wait_source("its Ż is x") == text
