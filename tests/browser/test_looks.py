"""Looks: themes, monochrome highlights, size of type, gallery, tour; what is chosen is remembered in the browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.editor_page import EditorPage

FIGURES = """name => { for (const doc of Bokeh.documents) for (const m of doc.all_models) if (m.type === 'Figure' && m.name === name) return {
    tick: m.below[0].major_label_text_color, size: m.below[0].major_label_text_font_size, curve: m.renderers[1].glyph.line_color.value ?? m.renderers[1].glyph.line_color } }"""


@pytest.fixture
def size() -> tuple[int, int]:
    return 1280, 720


def colour(editor, selector: str, name: str = "color") -> str:
    return editor.page.locator(selector).first.evaluate(f"e => getComputedStyle(e).{name}")


def wait_figure(editor, **expected: str) -> None:
    for _ in range(60):
        found = editor.page.evaluate(FIGURES, "distribution")
        if found and all(found[k].lower() == v.lower() for k, v in expected.items()):
            return
        editor.page.wait_for_timeout(100)
    raise AssertionError(f"{found} is not {expected}")


def test_themes_are_followed_by_the_plots_and_remembered(editor, app_url):
    page = editor.page
    editor.open_example("mlp")
    editor.press("2")
    editor.theme("dark")
    wait_figure(editor, tick="#A9AFBA", curve="#6CCBC1", size="12px")
    editor.theme("projector")
    assert colour(editor, ".tp-root") == "rgb(0, 0, 0)"
    wait_figure(editor, tick="#33373F", curve="#00534E", size="13.8px")  # type is larger on a projector
    editor.press("Shift+d")
    expect(page.locator(".tp-root[data-theme='light']")).to_be_visible()
    editor.theme("dark")
    page.goto(app_url)
    EditorPage(page).wait_ready()
    expect(page.locator(".tp-root[data-theme='dark']")).to_be_visible()


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
def test_at_first_the_theme_is_the_systems(strict_page, app_url, dark):
    strict_page.emulate_media(color_scheme="dark" if dark else "light")
    strict_page.goto(app_url)
    EditorPage(strict_page).wait_ready()
    root = strict_page.locator(".tp-root")
    expect(root).to_have_attribute("data-theme", "dark" if dark else "light")
    strict_page.emulate_media(color_scheme="light" if dark else "dark")  # it follows while it is not chosen
    expect(root).to_have_attribute("data-theme", "light" if dark else "dark")


def test_monochrome_holds_on_the_screen_and_in_exports(editor):
    page = editor.page
    editor.open_example("rnn")
    editor.node("x1").click()
    editor.press("h")
    editor.node("x2").click()
    expect(editor.node("x2")).to_have_attribute("data-highlight", "1")
    editor.command("monochrome", "monochrome")
    assert colour(editor, ".under .band", "stroke") == "rgb(217, 217, 217)"
    with page.expect_download() as download:
        editor.command("export svg", "export:svg")
    with open(download.value.path(), encoding="utf-8") as file:
        drawn = file.read().lower()
    used = {c for c in re.findall(r"#[0-9a-f]{6}", drawn) if len(set(re.findall("..", c[1:]))) > 1}
    assert not used, f"colours in a black and white figure: {used}"
    page.locator("[data-menu='Look']").click()
    expect(page.locator("[role='menu'] [data-action='monochrome']")).to_have_attribute("aria-checked", "true")


def test_the_size_of_type_is_chosen(editor):
    page = editor.page
    editor.open_example("mlp")
    editor.press("2")
    assert colour(editor, ".tab.on", "fontSize") == "13px"
    editor.command("font size 130", "font:130")
    assert colour(editor, ".tab.on", "fontSize") == "16.9px"
    wait_figure(editor, size="15.6px")
    label = editor.node("x1").locator(".lb").first.evaluate("e => getComputedStyle(e).fontSize")
    assert float(label[:-2]) == pytest.approx(17 * 1.15)  # labels grow as far as their shapes have room
    for part in ("canvas", "program", "results"):
        box = page.locator(f"[data-testid='{part}']").bounding_box()
        assert box["x"] + box["width"] <= 1281
        assert box["y"] + box["height"] <= 721


def test_the_gallery_opens_at_any_time_and_undo_brings_the_drawing_back(editor):
    page = editor.page
    assert page.locator(".card").count() >= 10  # all of them, on the first page too
    editor.open_example("there_and_back")
    page.locator("[data-menu='Examples']").click()
    page.locator("[role='menu'] [data-action='overlay:gallery']").click()
    gallery = page.locator("[data-testid='gallery']")
    assert gallery.locator(".card svg .node").count() > 30
    page.locator("[data-testid='gallery-query']").fill("recur")
    expect(gallery.locator(".card")).to_have_count(1)
    gallery.locator(".card").click()
    expect(editor.node("x3")).to_be_visible()
    expect(gallery).to_have_count(0)
    editor.press("Control+z")
    expect(page.locator("[data-testid='document']")).to_contain_text("there_and_back")


def test_the_tour_goes_round_the_real_window(editor):
    page = editor.page
    page.locator("[data-testid='first-start'] [data-action='overlay:tour']").click()
    tour = page.locator("[data-testid='tour']")
    expect(editor.node("x3")).to_be_visible()  # an example is opened, so that there is something to show
    for step, part in enumerate(("canvas", None, "program", "results", "search"), 1):
        expect(tour).to_have_attribute("data-step", str(step))
        if part:
            lit, real = (page.locator(f"[data-testid='{name}']").first for name in ("tour-lit", part))
            page.wait_for_timeout(250)  # the light moves there
            assert lit.bounding_box() == pytest.approx(real.bounding_box(), abs=2)
        box = tour.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1280
        assert box["y"] + box["height"] <= 720
        if step == 2:
            page.keyboard.press("ArrowLeft")
            expect(tour).to_have_attribute("data-step", "1")
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
    expect(tour).to_have_count(0)
    editor.command("tour", "overlay:tour")
    editor.node("x2").click()  # what is lit can be used
    expect(editor.node("x2")).to_have_attribute("data-selected", "true")
    page.keyboard.press("Escape")
    expect(tour).to_have_count(0)
    editor.press("Alt+n")
    expect(page.locator("[data-testid='first-start'] [data-action='overlay:tour'].fresh")).to_have_count(0)
