"""Accessible: axe on every pane and overlay, an outline and announcements, usable at a zoom of 200 %."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.editor_page import EditorPage

OPTIONS = {"resultTypes": ["violations", "passes"], "rules": {"target-size": {"enabled": True}}}
#: the rules whose answer depends on the theme, by its colours and its size of type
OF_THEME = {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size", "link-in-text-block"]}}


class Checked:
    """Collects what axe finds serious, pane by pane. The script is put into the page once: it is large."""

    def __init__(self, editor: EditorPage, whole: bool = True):
        self.options = OPTIONS if whole else {**OPTIONS, **OF_THEME}
        self.page, self.bad, self.contrasts = editor.page, [], 0
        self.page.evaluate(Axe().axe_script)

    def check(self, pane: str, without: tuple[str, ...] = ()) -> None:
        expect(self.page.locator("[data-testid='plots'][data-stale]")).to_have_count(
            0, timeout=10_000
        )  # what is dimmed is not to be read
        found = self.page.evaluate(f"axe.run(document, {json.dumps(self.options)})")
        self.contrasts += sum(len(rule["nodes"]) for rule in found["passes"] if rule["id"] == "color-contrast")
        for rule in found["violations"]:
            if rule["id"] not in without and rule["impact"] in ("serious", "critical"):
                self.bad += [f"{pane}: {rule['id']} at {n['html'][:120]}" for n in rule["nodes"]]


def test_axe_finds_nothing_serious(editor):
    """The other themes: tests/long/test_axe_in_every_theme.py."""
    walk_with_axe(editor, "light")


def walk_with_axe(editor, theme):
    page = editor.page
    editor.theme(theme)
    axe = Checked(editor, whole=theme == "light")
    axe.check("first start")
    for key, overlay in (("Control+k", "command-palette"), ("?", "help"), ("Shift+e", "gallery")):
        page.keyboard.press(key)
        expect(page.locator(f"[data-testid='{overlay}']")).to_be_visible()
        axe.check(overlay)
        page.keyboard.press("Escape")
        expect(page.locator(f"[data-testid='{overlay}']")).to_have_count(0)
    editor.open_example("rnn")
    axe.check("kernel")
    editor.command("x2", "node:x2")
    editor.inspected()
    axe.check("inspector")
    editor.press("2")
    editor.settled()
    axe.check("distribution")
    editor.press("3")
    expect(page.locator("[data-testid='pair']")).to_be_visible(timeout=10_000)
    axe.check("paths")
    for view, shown in (("network:heatmaps", "kernel-ntk"), ("network:angle", "curve")):
        editor.command(view.replace("heatmaps", "nngp ntk").replace(":", " "), view)
        expect(page.locator(f"[data-testid='{shown}']")).to_be_visible(timeout=10_000)
        axe.check(view)
    page.locator("[data-menu='Edit']").click()
    axe.check("menu", without=("target-size",))  # the menu covers a part of what is under it
    page.keyboard.press("Escape")
    editor.command("tour", "overlay:tour")
    axe.check("tour")
    page.keyboard.press("Escape")
    if theme == "light":
        overlays = (("Alt+s", "snapshots"), ("Alt+h", "history"), ("Control+Shift+s", "share"), ("p", "lecture"))
        for key, overlay in overlays:
            page.keyboard.press(key)
            expect(page.locator(f"[data-testid='{overlay}']")).to_be_visible()
            axe.check(overlay)
            page.keyboard.press("Escape")
            expect(page.locator(f"[data-testid='{overlay}']")).to_have_count(0)
    assert axe.bad == []
    assert axe.contrasts > 200, "axe saw nothing of the window"


def test_empty_panes_teach_and_have_one_thing_to_do(editor):
    page = editor.page
    editor.press("t")
    expect(page.locator("[data-testid='program']")).to_be_visible()
    axe = Checked(editor)
    page.locator("[data-tab='distribution']").click()
    expect(page.locator("[data-testid='distribution-empty']")).to_contain_text("No vector yet")
    axe.check("distribution")
    page.locator("[data-tab='kernel']").click()
    empty = page.locator("[data-testid='kernel-empty']")
    expect(empty).to_contain_text("No vector yet")
    axe.check("kernel")
    empty.locator("button").click()
    editor.wait_source("vector x")
    expect(empty).to_have_count(0)
    page.locator("[data-tab='paths']").click()
    paths = page.locator("[data-testid='paths-empty']")
    expect(paths).to_contain_text("Paths belong to a network")
    axe.check("paths")
    paths.locator("[data-action='readout-last']").click()
    editor.wait_source("output")
    expect(paths).to_have_count(0)
    assert axe.bad == []


def test_the_outline_keeps_step_with_the_drawing(editor):
    page = editor.page
    editor.open_example("rnn")
    line = page.locator("[data-testid='outline'] [data-node='h2']")
    expect(line).to_have_text("h2: MatMul of W with x1, goes to gate phi of x2; E Z² = 0.667.")
    expect(page.locator("[data-testid='outline'] [data-node='f']")).to_have_text("f: output, reads out x1, x2 and x3.")
    editor.command("h2", "node:h2")
    editor.press("Shift+t")
    expect(line).to_contain_text("MatMul of WT with x1")
    assert page.locator("[data-testid='outline'] li").count() == len(
        [n for n in page.locator(".tp-node").all() if not n.get_attribute("data-id").startswith("gate:")]
    )


def test_selection_results_and_problems_are_announced(editor):
    page = editor.page
    editor.open_example("there_and_back")
    said = page.locator("[data-testid='announcer'][aria-live='polite']")
    expect(said).to_contain_text("Limit updated: exact.")
    editor.command("select all", "select-all")
    expect(said).to_have_text("3 nodes selected")
    editor.press("Escape")
    expect(said).to_have_text("Nothing is selected")
    editor.press("ArrowRight")
    expect(said).to_contain_text("initial vector")
    editor.command("width 10^5", "width:5")
    expect(said).to_contain_text("Width 100,000", timeout=10_000)
    editor.press("Escape", "m")
    expect(said).to_contain_text("Problem in line", timeout=10_000)


@pytest.mark.parametrize("size", [(640, 360), (720, 450)], ids=["1280x720", "1440x900"])
def test_at_a_zoom_of_200_percent_everything_can_be_reached(editor, size):
    page = editor.page
    width, height = size
    editor.command("recurrent", "example:rnn")
    editor.settled()
    app = page.locator("[data-testid='editor'].small")
    assert app.evaluate("a => a.scrollWidth <= a.clientWidth")
    tops = []
    for part in ("canvas", "program", "results", "width"):
        shown = page.locator(f"[data-testid='{part}']").first
        shown.scroll_into_view_if_needed()
        box = shown.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["width"] > 200
        tops.append(box["y"] + app.evaluate("a => a.scrollTop"))
    assert tops == sorted(tops), "the panes stand one below the other"
    page.locator("[data-tool='readout']").scroll_into_view_if_needed()
    expect(page.locator("[data-tool='readout']")).to_be_in_viewport()
    for button in page.locator(".top button").all():
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    for key in ("?", "Control+k", "Shift+e"):
        page.keyboard.press(key)
        box = page.locator("[role='dialog']").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height
        page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    editor.command("tour", "overlay:tour")
    for _ in range(5):
        box = page.locator("[data-testid='tour']").bounding_box()
        assert box["y"] + box["height"] <= height
        page.keyboard.press("Enter")
        page.wait_for_timeout(50)
    expect(page.locator("[data-testid='tour']")).to_have_count(0)


def test_every_control_says_what_it_is_and_shows_the_focus(editor):
    page = editor.page
    editor.open_example("rnn")
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => { let e = document.activeElement; while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement
                if (!e || e === document.body) return null
                const s = getComputedStyle(e), label = e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || e.title
                return [e.outerHTML.slice(0, 90), label || '', s.outlineStyle !== 'none' || s.boxShadow !== 'none' || getComputedStyle(e, '::after').content !== 'none' || e.tagName === 'svg' || e.isContentEditable || /INPUT|TEXTAREA/.test(e.tagName)] }"""
        )
        if found is None:
            continue
        html, label, visible = found
        assert label.strip(), f"no name: {html}"
        assert visible, f"the focus is not seen: {html}"
        seen.add(html)
    assert len(seen) > 20
