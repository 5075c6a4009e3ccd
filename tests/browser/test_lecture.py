"""Lecture mode: a program revealed step by step, with the speaker's own steps, and its slides."""

import re

import pytest
from playwright.sync_api import Page, expect

import tpviz as tp
from tests.browser.editor_page import EditorPage
from tpviz.drawing import load_document
from tpviz.editor.examples import find_examples

SIZE = pytest.mark.parametrize("size", [(1280, 720)], ids=["720"])


def lecture(page: Page):
    return page.locator("[data-testid='lecture']")


def begin(editor: EditorPage, example: str) -> Page:
    editor.open_example(example)
    editor.page.keyboard.press("p")
    expect(lecture(editor.page)).to_be_visible()
    return editor.page


def at(page: Page, step: int) -> None:
    expect(lecture(page)).to_have_attribute("data-step", str(step))


def state(page: Page, id: str, name: str) -> None:
    expect(page.locator(f"[data-testid='lecture-drawing'] g[data-id='{id}']")).to_have_attribute("data-state", name)


def finished(page: Page) -> None:
    expect(page.locator("[data-testid='lecture'][data-done]")).to_be_visible(timeout=60_000)


@SIZE
def test_steps_forth_and_back_by_keys(editor):
    page = begin(editor, "layernorm")
    at(page, 1)
    state(page, "x", "later")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageDown")
    at(page, 3)
    state(page, "g", "there")
    state(page, "gate:x", "current")
    state(page, "gate:x>x:0", "current")
    state(page, "s", "later")
    expect(page.locator("[data-testid='lecture-code']")).to_have_text("x = relu(g)")
    expect(page.locator("[data-testid='lecture-rule'] b")).to_have_text("ZNonlin")
    page.keyboard.press("PageUp")
    at(page, 2)
    state(page, "gate:x", "later")
    page.keyboard.press("End")
    at(page, 9)
    page.keyboard.press("Home")
    at(page, 1)
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    at(page, 5)
    page.locator("[data-segment='7']").click()
    at(page, 7)
    page.keyboard.press("Space")
    at(page, 8)
    page.keyboard.press("b")
    expect(page.locator("[data-testid='lecture-blank']")).to_be_visible()
    page.keyboard.press("ArrowRight")  # any key brings the picture back, where it was
    expect(page.locator("[data-testid='lecture-blank']")).to_have_count(0)
    at(page, 8)
    page.keyboard.press("?")
    expect(page.locator("[data-testid='lecture-help']")).to_contain_text("blank the screen")
    page.keyboard.press("Escape")
    expect(page.locator("[data-testid='lecture-help']")).to_have_count(0)
    page.keyboard.press("d")
    expect(lecture(page)).to_have_attribute("data-look", "dark")


@SIZE
def test_numbers_are_those_of_the_limit(editor):
    page = begin(editor, "layernorm")
    finished(page)
    program = next(e for e in find_examples() if e.id == "layernorm").document.program
    limit = tp.limit(program)
    for step, value in ((4, limit.scalar("nu")), (5, limit.scalar("s")), (8, limit.second_moment("z"))):
        page.keyboard.press(str(step))
        page.keyboard.press("Enter")
        number = page.locator("[data-testid='lecture-number']")
        assert float(number.get_attribute("data-value")) == pytest.approx(value, rel=1e-9)
        expect(number.locator(".value .katex")).to_contain_text(f"{value:.4f}")
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    plot = page.locator("[data-testid='lecture-plot']")
    assert plot.locator(".m-dot").count() >= 15
    expect(plot).to_have_attribute("aria-label", re.compile(r"the limit is 0\.282"))
    page.keyboard.press("End")
    expect(page.locator("[data-testid='lecture-plot'] .m-bar").first).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("k")
    expect(page.locator("[data-testid='lecture-plot'] rect")).to_have_count(2 * 25)


@SIZE
def test_it_begins_at_the_selected_node_and_leaves_the_selection(editor):
    editor.open_example("rnn")
    editor.node("x2").click()
    editor.inspected()
    page = editor.page
    page.locator("[data-action='lecture']").first.click()
    expect(lecture(page)).to_be_visible()
    at(page, 5)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("p")
    expect(lecture(page)).to_have_count(0)
    expect(editor.node("x2")).to_have_attribute("data-selected", "true")
    page.keyboard.press("p")
    at(page, 5)
    page.keyboard.press("Escape")
    expect(lecture(page)).to_have_count(0)


@SIZE
def test_a_step_of_the_speaker_with_what_is_picked(editor):
    page = begin(editor, "rnn")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    drawing = page.locator("[data-testid='lecture-drawing']")
    for id in ("x1", "h2"):
        drawing.locator(f"g[data-id='{id}']").click()
    page.keyboard.press("n")
    page.keyboard.press("h")  # of the new step, though it is still on its way
    at(page, 4)
    expect(drawing.locator("g[data-id='h2']")).to_have_attribute("data-highlight", "1", timeout=20_000)
    expect(page.locator("[data-testid='lecture-name']")).to_have_text("New step")
    page.keyboard.press("e")
    page.locator("[data-testid='step-name']").fill("The first product")
    page.locator("[data-testid='step-note']").fill("W meets the state")
    page.locator("[data-testid='step-done']").click()
    expect(page.locator("[data-testid='lecture-name']")).to_have_text("The first product")
    expect(page.locator("[data-testid='lecture-note']")).to_have_text("W meets the state")
    page.keyboard.press("e")
    page.locator("[data-testid='step-later']").click()
    at(page, 5)
    expect(page.locator("[data-testid='lecture-name']")).to_have_text("The first product")
    page.keyboard.press("Control+z")
    at(page, 4)
    page.keyboard.press("e")
    page.locator("[data-testid='step-remove']").click()
    expect(page.locator("[data-testid='lecture-count']")).to_contain_text("of 9")
    page.keyboard.press("e")
    page.locator("[data-testid='step-remove']").click()  # of a line: it is hidden
    expect(page.locator("[data-testid='lecture-count']")).to_contain_text("of 8")
    page.keyboard.press("e")
    page.locator("[data-testid='show-all']").click()
    expect(page.locator("[data-testid='lecture-count']")).to_contain_text("of 9")


@SIZE
def test_a_step_of_the_highlighted_path_and_slides(editor, tmp_path):
    editor.open_example("there_and_back")
    page = editor.page
    page.keyboard.press("h")
    editor.node("x").click()
    editor.node("z").click()
    expect(editor.node("y")).to_have_attribute("data-highlight", "1")
    page.keyboard.press("Shift+p")
    expect(page.locator("[data-testid='notices']")).to_contain_text("new step")
    page.locator("[data-menu='Export']").click()
    with page.expect_download(timeout=60_000) as download:
        page.locator("[role='menu'] [data-action='export:lecture-pdf']").click()
    content = download.value.path().read_bytes()
    assert len(re.findall(rb"/Type /Page\b", content)) == 4
    page.locator("[data-menu='Export']").click()
    with page.expect_download(timeout=60_000) as download:
        page.locator("[role='menu'] [data-action='export:lecture-tex']").click()
    assert r"\begin{frame}<1-4>" in download.value.path().read_text()
    page.locator("[data-menu='File']").click()
    with page.expect_download() as download:
        page.locator("[role='menu'] [data-action='save']").click()
    path = tmp_path / "a.tpviz"
    download.value.save_as(path)
    assert load_document(path).marks["step:own:1"]["name"] == "Highlighted path"


@SIZE
def test_a_half_drawn_program_is_shown_calmly(editor, tmp_path):
    text = "vector x ~ N(0, 1)\ny = relu(?)\nz = tanh(x)\n"
    path = tmp_path / "half.tp"
    path.write_text(text)
    page = editor.page
    with page.expect_file_chooser() as chooser:
        page.locator("[data-testid='first-start'] [data-action='open']").click()
    chooser.value.set_files(path)
    expect(editor.node("z")).to_be_visible()
    page.keyboard.press("p")
    at(page, 1)
    page.keyboard.press("ArrowRight")
    at(page, 2)
    expect(page.locator("[data-testid='lecture-problem']")).to_be_visible()
    page.keyboard.press("ArrowRight")
    finished(page)
    expect(page.locator("[data-testid='lecture-number']")).to_be_visible()


@SIZE
def test_a_long_note_stays_on_the_slide(editor):
    page = begin(editor, "autoencoder")
    for key, note in (("e", "the code " * 60), ("n", "")):
        page.keyboard.press(key)
        if key == "n":
            expect(page.locator("[data-testid='lecture-name']")).to_have_text("New step")
            page.keyboard.press("e")
        page.locator("[data-testid='step-note']").fill(note or "a step of mine " * 39)
        page.locator("[data-testid='step-done']").click()
        text = page.locator("[data-testid='lecture-note']")
        expect(text).to_contain_text("the code" if note else "of mine")
        finished(page)
        bar = page.locator(".lec-steps").bounding_box()
        expect(text).to_be_in_viewport(ratio=1)
        box = text.bounding_box()
        assert bar is not None
        assert box is not None
        assert box["y"] + box["height"] < bar["y"] + 4
