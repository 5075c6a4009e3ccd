"""Two versions side by side: tied and untied by one key, before and after an edit, kept, undone, ended."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessible import Checked

WTW = "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\nh = W @ x\ng = W.T @ h\n"


def typed(editor, text):
    editor.press("t")
    editor.page.locator("[data-testid='text']").fill(text)
    expect(editor.node("x")).to_be_visible()
    editor.settled()


def compared(editor):
    expect(editor.page.locator("[data-testid='compare'][data-ready]")).to_be_visible(timeout=15_000)


def numbers(editor, row):
    """A and B of one row of the table, once both versions are there."""
    compared(editor)
    value = editor.page.locator(f"[data-row='{row}']").get_attribute("data-numbers")
    return tuple(json.loads(value))


def test_tied_and_untied_by_one_key_on_a_selected_matmul(editor):
    page = editor.page
    typed(editor, WTW)
    editor.node("g").click()
    editor.press("u")
    assert numbers(editor, "g") == pytest.approx((2, 1))
    assert numbers(editor, "x,g") == pytest.approx((1, 0))
    expect(page.locator("[data-row='g:zdot'] [data-side='B']")).to_have_text("0")
    expect(page.locator("[data-testid='compare-unchanged']")).to_contain_text("Unchanged")
    expect(editor.edge("h>g:0")).to_have_attribute("data-highlight", "2")
    expect(page.locator("[data-testid='legend']")).to_contain_text("differs between A and B")
    for side in "ab":
        edited = page.locator(f"[data-testid='drawing-{side}'] [data-edited]")
        expect(edited).to_have_attribute("data-edge", "h>g:0")
        expect(page.locator(f"[data-testid='drawing-{side}'] [data-affected]")).to_have_attribute("data-node", "g")
    expect(page.locator("[data-testid='compare-formulas'] [data-side='A'] .def")).to_have_count(3)
    expect(page.locator("[data-testid='compare-formulas'] [data-side='B'] .def")).to_have_count(2)
    editor.expect_source(*WTW.splitlines())

    page.locator("[data-compare-view='kernel']").click()
    expect(page.locator("[data-testid='compare-heat-note']")).to_have_text("2 of 6 entries change")
    values = json.loads(page.locator("[data-testid='compare-heat-2'] svg").get_attribute("data-values"))
    assert values == [[0, 0, -1], [0, 0, 0], [-1, 0, -1]]

    page.locator("[data-compare-view='distribution']").click()
    plot = page.locator("[data-testid='compare-distribution']")
    expect(plot).to_be_visible()
    peaks = json.loads(plot.get_attribute("data-peaks"))
    assert peaks == pytest.approx([0.2821, 0.3989], abs=2e-3)  # 1/√(4π) and 1/√(2π)
    expect(plot.locator(".curve-b")).to_have_css("stroke-dasharray", re.compile("6px, 4px|6, 4"))

    page.locator("[data-action='compare-keep']").click()
    editor.wait_source("matrix W_tilde ~ N(0, 1/n)", "g = W_tilde.T @ h")
    expect(page.locator("[data-testid='compare-b']")).to_contain_text("the document")
    page.locator("[data-action='undo']").click()
    editor.wait_source("g = W.T @ h", without=("W_tilde",))
    expect(page.locator("[data-testid='compare-a']")).to_contain_text("the document")
    page.locator("[data-action='compare-close']").click()
    expect(page.locator("[data-testid='compare-start']")).to_be_visible()
    editor.expect_source(*WTW.splitlines())


def test_before_and_after_an_edit_live(editor):
    page = editor.page
    typed(editor, WTW)
    editor.node("g").click()
    editor.press("b")
    expect(page.locator("[data-testid='compare-unchanged']")).to_contain_text("Nothing changes")
    editor.fill("parameter", "2")
    expect(page.locator("[data-row='g'][data-numbers]")).to_be_visible()
    for _ in range(50):
        if numbers(editor, "g") == pytest.approx((2, 8)):
            break
        page.wait_for_timeout(100)
    assert numbers(editor, "g") == pytest.approx((2, 8))
    page.locator("[data-action='compare-swap']").click()
    expect(page.locator("[data-row='g'] [data-side='A']")).to_have_text("8")
    page.locator("[data-row='h'] th button").click()  # look at h: it is selected on the canvas
    expect(page.locator(".tp-node[data-id='h'][data-selected]")).to_be_visible()
    with page.expect_download() as download:
        page.locator("[data-menu='export-compare']").click()
        page.locator("[data-export='compare:csv']").click()
    assert download.value.suggested_filename == "untitled-compared.csv"


def test_beginnings_of_the_empty_pane(editor):
    page = editor.page
    editor.open_example("rnn")
    page.locator("[data-tab='compare']").click()
    start = page.locator("[data-testid='compare-start']")
    expect(start).to_contain_text("Two versions side by side")
    page.locator("[data-menu='compare-functions']").click()
    page.locator("[data-function='erf']").click()
    compared(editor)
    expect(page.locator("[data-testid='compare-b']")).to_contain_text("erf")
    assert numbers(editor, "ntk")[0] != numbers(editor, "ntk")[1]
    page.locator("[data-compare-view='kernel']").click()
    page.locator("[data-compare-kind='nngp']").click()
    expect(page.locator("[data-testid='compare-heat-note']")).to_contain_text("entries change", timeout=15_000)
    page.locator("[data-action='compare-close']").click()
    page.locator("[data-menu='compare-others']").click()
    page.locator("[data-other='mlp']").click()
    compared(editor)
    expect(page.locator("[data-testid='compare-only']").first).to_contain_text("Only in A")


@pytest.mark.parametrize("size", [(1280, 720)], ids=["1280x720"])
def test_nothing_is_cut_off_and_axe_finds_nothing(editor, size):
    page = editor.page
    editor.open_example("rnn")
    axe = Checked(editor)
    page.keyboard.press("u")
    compared(editor)
    for view in ("changes", "kernel", "distribution"):
        page.locator(f"[data-compare-view='{view}']").click()
        expect(page.locator(f"[data-testid='compare'][data-view='{view}'][data-ready]")).to_be_visible(timeout=15_000)
        cut = page.evaluate(
            """() => {
                const root = document.querySelector('.bk-panel-models-esm-ReactComponent').shadowRoot, pane = root.querySelector('[data-testid=compare]')
                const limit = root.querySelector('.column').getBoundingClientRect().right
                return [...pane.querySelectorAll('*')].filter(e => !e.closest('.katex') && !e.closest('.compare-drawing') && e.getBoundingClientRect().right > limit + 1)
                    .map(e => e.tagName + '.' + e.className)
            }"""
        )
        assert cut == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        axe.check(view)
    assert axe.bad == []
