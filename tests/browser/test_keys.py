"""Keyboard first: the command palette, the sheet of keys, and drawing without a mouse."""

import re

import pytest
from playwright.sync_api import expect

PALETTE = "[data-testid='command-palette']"


@pytest.fixture
def size() -> tuple[int, int]:
    return 1280, 720


def test_the_palette_runs_actions_and_remembers_them(editor):
    page = editor.page
    page.locator("[data-testid='search']").click()
    query = page.locator("[data-testid='command-query']")
    expect(query).to_be_focused()
    query.fill("recurent net")  # a letter is missing
    expect(page.locator(f"{PALETTE} [aria-selected='true']")).to_have_attribute("data-command", "example:rnn")
    page.keyboard.press("Enter")
    expect(editor.node("x3")).to_be_visible()
    editor.settled()
    editor.command("covariance", "kernel:covariance")
    expect(page.locator("[data-mode='covariance'][aria-pressed='true']")).to_be_visible()
    editor.command("width 10^5", "width:5")
    expect(page.locator("[data-testid='width']")).to_have_attribute("aria-valuetext", "n = 100000")
    page.keyboard.press("Control+k")
    options = page.locator(f"{PALETTE} [role='option']")
    expect(options.nth(0)).to_have_attribute("data-command", "width:5")
    expect(options.nth(1)).to_have_attribute("data-command", "kernel:covariance")
    expect(options.nth(0)).to_contain_text("Recent")
    expect(query).to_have_attribute("aria-activedescendant", options.nth(0).get_attribute("id"))
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator(PALETTE)).to_have_count(0)


def test_the_palette_finds_what_is_drawn(editor):
    editor.open_example("rnn")
    editor.command("x2", "node:x2")
    expect(editor.node("x2")).to_have_attribute("data-selected", "true")
    editor.command("gate of x3", "node:gate:x3")
    expect(editor.node("gate:x3")).to_have_attribute("data-selected", "true")
    editor.command("distribution of h2", "distribution:h2")
    expect(editor.page.locator("[data-testid='distribution-vector'] .tex")).to_contain_text("h")
    editor.command("W", "edges:W")
    expect(editor.page.locator(".tp-edge[data-selected]")).to_have_count(2)


def test_what_is_not_possible_is_shown_with_its_reason_and_not_run(editor):
    page = editor.page
    page.keyboard.press("Control+k")
    page.locator("[data-testid='command-query']").fill("undo")
    row = page.locator(f"{PALETTE} [data-command='undo']")
    expect(row).to_have_attribute("aria-disabled", "true")
    expect(row).to_contain_text("Nothing to undo")
    expect(row).to_have_attribute("aria-selected", "false")
    page.locator("[data-testid='command-query']").fill("qqzx")
    expect(page.locator(PALETTE)).to_contain_text("Nothing is called like that")
    page.keyboard.press("Enter")
    expect(page.locator(PALETTE)).to_be_visible()


def test_every_action_can_be_reached_by_the_palette(editor):
    page = editor.page
    rows = page.evaluate(
        "Bokeh.documents[0].all_models.size && [...Bokeh.documents[0].all_models].find(m => m.data?.actions).data.actions"
    )
    editor.page.keyboard.press("Control+k")
    listed = set(page.locator(f"{PALETTE} [role='option']").evaluate_all("all => all.map(o => o.dataset.command)"))
    assert {r["name"] for r in rows} - listed - {"overlay:palette"} == set()


def test_the_sheet_lists_every_key(editor):
    page = editor.page
    page.keyboard.press("?")
    sheet = page.locator("[data-testid='help']")
    expect(sheet).to_be_visible()
    box = sheet.bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 720
    assert sheet.locator("[data-row='tool:matmul'] kbd").inner_text() == "W"
    assert sheet.locator("[data-row='redo'] kbd").all_inner_texts() == ["Ctrl Shift Z", "Ctrl Y"]
    expect(sheet.locator("section[aria-label='Mouse']")).to_contain_text("drag from a diamond")
    page.locator("[data-testid='help-query']").fill("transpose")
    expect(sheet.locator("[data-row='transpose']")).to_be_visible()
    expect(sheet.locator("[data-row='zoom-in']")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if "=" in line or line.startswith("output")]


def test_a_recurrent_network_is_drawn_without_a_mouse(editor):
    """One W for both steps, a gate of a sum, a readout of both states."""
    page = editor.page
    editor.draw(x="vector x", n="x1 = phi(x)", w="h1 = W @ x1")
    editor.press("Escape")
    editor.draw(x="vector y", n="x2 = phi(y)")
    editor.command("h1", "node:h1")
    page.keyboard.press("c")  # a wire to a gate that is there: walk to it, Enter
    mode = page.locator("[data-testid='mode']")
    expect(mode).to_contain_text("Wire from h1: choose its end")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(editor.node("gate:x2")).to_have_attribute("data-selected", "true")
    page.keyboard.press("Enter")
    editor.wait_source("x2 = phi(y + h1)")
    expect(mode).to_have_count(0)
    editor.command("x2", "node:x2")
    editor.draw(w="h2 = W @ x2", n="x3 = phi(h2)")
    editor.command("x2", "node:x2")
    for count, name in enumerate(("x2", "h2", "gate:x3", "x3"), 1):
        if count > 1:
            page.keyboard.press("Shift+ArrowRight")
        expect(editor.node(name)).to_have_attribute("data-selected", "true")
        expect(page.locator(".tp-node[data-selected]")).to_have_count(count)
    editor.command("x3", "node:x3")
    text = editor.draw(r="output")
    assert "x3" in lines(text)[-1]
    editor.command("x2", "node:x2")
    page.keyboard.press("c")
    expect(mode).to_be_visible()
    output = page.locator(".tp-node[data-kind='output']").get_attribute("data-id")
    editor.command(output, f"node:{output}")
    page.keyboard.press("Enter")
    editor.wait_source("x3", " + ")
    expect(page.locator("[data-testid='problems']")).to_contain_text("No problems")


def test_a_tied_autoencoder_and_a_mean_are_drawn_without_a_mouse(editor):
    """W and its transpose, a Moment whose scalar goes into a gate together with its vector."""
    page = editor.page
    editor.draw(x="vector x", w="h1 = W @ x", n="x1 = phi(h1)", Shift_w="W.T @ x1", m="mean(")
    moment, decoded = re.search(r"(\w+) = mean\((\w+)\)", editor.source()).groups()
    editor.command(decoded, f"node:{decoded}")
    for count, name in enumerate((decoded, f"gate:{moment}", moment), 1):
        if count > 1:
            page.keyboard.press("Shift+ArrowRight")
        expect(editor.node(name)).to_have_attribute("data-selected", "true")
        expect(page.locator(".tp-node[data-selected]")).to_have_count(count)
    page.keyboard.press("n")
    editor.wait_source(f"phi({decoded} + {moment})")
    editor.draw(r="output")
    expect(page.locator("[data-testid='problems'] [data-severity='error']")).to_have_count(0)
    editor.settled()
