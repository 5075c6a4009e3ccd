"""A backward pass on the canvas, and the first-start page that shows it, in the browser."""

import pytest
from playwright.sync_api import expect


def test_a_backward_pass_is_mirrored_and_stays_so_while_it_is_dragged(editor):
    editor.open_example("backprop")
    gate, under = editor.node("gate:x2"), editor.node("gate:dh2")
    assert gate.locator(".s").get_attribute("d").startswith("M-16-18")
    assert under.locator(".s").get_attribute("d").startswith("M16 18")
    a, b = gate.bounding_box(), under.bounding_box()
    assert abs(a["x"] - b["x"]) < 3
    assert b["y"] > a["y"] + 60
    expect(editor.edge("dh2>dx1:0")).to_have_attribute("data-kind", "matmul")
    wire = editor.edge("h2>gate:dh2:0").locator(".line")
    before = wire.get_attribute("d")
    assert "C" in before
    mouse = editor.page.mouse
    mouse.move(b["x"] + b["width"] / 2, b["y"] + b["height"] / 2)
    mouse.down()
    mouse.move(b["x"] + b["width"] / 2 - 24, b["y"] + b["height"] / 2 + 40, steps=4)
    expect(wire).not_to_have_attribute("d", before)
    during = wire.get_attribute("d")
    mouse.up()
    editor.settled()
    start = before.split("C")[0]
    assert during.startswith(start)  # it leaves h2 at its bottom all the time
    assert wire.get_attribute("d").startswith(start)
    assert under.locator(".s").get_attribute("d").startswith("M16 18")


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900)], ids=["1280", "1440"])
def test_cards_of_the_first_page_fit_without_scrolling(editor, size):
    cards = editor.page.locator(".card:visible")
    assert cards.count() == (8 if size[1] == 720 else 10)
    last = cards.last.bounding_box()
    assert last["y"] + last["height"] < size[1]
    gallery = editor.page.locator(".gallery")
    assert gallery.evaluate("e => e.scrollHeight <= e.clientHeight")
    expect(editor.page.locator(".gallery .more")).to_be_visible(visible=size[1] == 720)
