"""Saving, opening, exporting, and files that are not what they seem."""

import json
import time

from playwright.sync_api import expect


def menu(editor, name: str, action: str) -> None:
    editor.page.locator(f"[data-menu='{name}']").click()
    editor.page.locator(f"[role='menu'] [data-action='{action}']").click()


def open_file(editor, path) -> None:
    with editor.page.expect_file_chooser() as chooser:
        menu(editor, "File", "open")
    chooser.value.set_files(path)


def test_save_open_and_new(editor, tmp_path):
    editor.open_example("layernorm")
    text = editor.source()
    with editor.page.expect_download() as download:
        editor.press("Control+s")
    path = tmp_path / "saved.tpviz"
    download.value.save_as(path)
    document = json.loads(path.read_text())
    assert document["format"] == "tpviz"
    assert document["program"] == text
    menu(editor, "File", "new")
    expect(editor.page.locator("[data-testid='first-start']")).to_be_visible()
    open_file(editor, path)
    editor.wait_source("mean(")
    assert editor.source() == text
    expect(editor.page.locator("[data-testid='document']")).to_contain_text("saved.tpviz")


def test_exports_hold_the_highlight(editor, tmp_path):
    editor.open_example("rnn")
    plain = {}
    for lit in (False, True):
        if lit:
            editor.page.mouse.click(*editor.canvas_point(0.5, 0.85))
            editor.press("h")
            editor.node("u1").click()
            editor.page.wait_for_timeout(300)
            editor.node("x2").click()
            expect(editor.page.locator("[data-testid='legend']")).to_be_visible()
        for suffix, head in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG"), ("tex", b"")):
            with editor.page.expect_download() as download:
                menu(editor, "Export", f"export:{suffix}")
            path = tmp_path / f"{lit}.{suffix}"
            download.value.save_as(path)
            content = path.read_bytes()
            assert content.startswith(head)
            if lit:
                assert content != plain[suffix]
            plain[suffix] = content


def test_truncated_and_hostile_files_are_refused(editor, tmp_path):
    editor.open_example("rnn")
    text = editor.source()
    for k, content in enumerate(
        [
            '{"format": "tpviz", "version": 1, "prog',
            '{"format": "tpviz", "version": 99, "program": ""}',
            "[" * 50_000,
            '{"format": "tpviz", "version": 1, "program": 3}',
        ]
    ):
        path = tmp_path / f"bad{k}.tpviz"
        path.write_text(content)
        open_file(editor, path)
        expect(editor.page.locator("[data-testid='notices'] [data-severity='error']").first).to_be_visible(
            timeout=10_000
        )
        assert editor.source() == text


def test_fifty_megabytes_are_refused_by_the_window(editor, tmp_path):
    editor.open_example("there_and_back")
    text = editor.source()
    path = tmp_path / "big.tpviz"
    path.write_bytes(b"x" * 50_000_000)
    open_file(editor, path)
    expect(editor.page.locator("[data-testid='notices'] [data-severity='error']").first).to_contain_text("MB")
    assert editor.source() == text
    editor.press("Control+a")
    expect(editor.page.locator(".tp-node[data-selected]")).to_have_count(editor.nodes().count())


def test_edit_a_file_and_save_it_there(strict_page, start_server, tmp_path):
    from tests.browser.editor_page import EditorPage

    path = tmp_path / "lecture.tp"
    path.write_text("# kept\nvector x ~ N(0, 1)  # also kept\n")
    strict_page.goto(start_server(TPVIZ_FILE=str(path)))
    editor = EditorPage(strict_page)
    editor.wait_ready()
    expect(editor.node("x")).to_be_visible(timeout=10_000)
    editor.node("x").click()
    editor.press("w")
    editor.wait_source("h1 = W @ x")
    editor.press("Control+s")
    expect(strict_page.locator("[data-testid='document']")).to_contain_text("Saved in")
    end = time.monotonic() + 10
    while "h1 = W @ x" not in path.read_text() and time.monotonic() < end:  # the sentence may be that of opening it
        time.sleep(0.05)
    saved = path.read_text()
    assert "# kept" in saved
    assert "# also kept" in saved
    assert "h1 = W @ x" in saved
