"""Drawing programs in the browser: by mouse alone, by keyboard alone, and everything that can be undone."""

import numpy as np
from playwright.sync_api import expect

from tpviz.language import parse
from tpviz.limit import limit

MLP = ("matrix W ~ N(0, 1/n)", "matrix W2 ~ N(0, 1/n)", "vector x ~ N(0, 1)", "function phi(z) = relu(z)",
       "h1 = W @ x", "x1 = phi(h1)", "h2 = W2 @ x1", "x2 = phi(h2)")  # fmt: skip


def program_lines(editor) -> list[str]:
    return [line for line in (x.strip() for x in editor.source().splitlines()) if line]


def expect_kernel_of_text(editor) -> None:
    """The heatmap comes to show what tp.limit gives for the text on the screen."""
    editor.settled()
    for _ in range(50):
        names, shown = editor.heatmap()
        expected = limit(parse(editor.source())).gram(names)
        if np.allclose(shown, expected, rtol=1e-5, atol=1e-9):
            return
        editor.page.wait_for_timeout(100)
    np.testing.assert_allclose(shown, expected, rtol=1e-5, atol=1e-9)


def test_two_layer_mlp_by_mouse(editor):
    page = editor.page
    editor.tool("vector")
    strip = page.locator("[data-testid='strip']").bounding_box()
    page.mouse.click(strip["x"] + 60, strip["y"] + 200)
    expect(editor.nodes()).to_have_count(1)
    editor.tool("matmul")
    x = editor.centre("x")
    editor.drag(x, (x[0] + 90, x[1]))
    expect(editor.nodes()).to_have_count(2)
    h = page.locator(".tp-node[data-kind='vector']").first.get_attribute("data-id")
    editor.tool("nonlin")
    at = editor.centre(h)
    editor.drag(at, (at[0] + 70, at[1]))
    expect(page.locator(".tp-node[data-kind='gate']")).to_have_count(1)
    first = next(n for n in node_ids(editor) if n.startswith("x") and n != "x")
    editor.tool("matmul")
    at = editor.centre(first)
    editor.drag(at, (at[0] + 90, at[1]))
    second = next(n for n in node_ids(editor) if n.startswith("h") and n != h)
    editor.tool("select")
    editor.node(second).click()
    editor.field("matrix").select_option("new")
    page.wait_for_timeout(400)
    editor.tool("nonlin")
    at = editor.centre(second)
    editor.drag(at, (at[0] + 70, at[1]))
    expect(page.locator(".tp-node[data-kind='gate']")).to_have_count(2)
    assert sorted(program_lines(editor)) == sorted(MLP)
    expect_kernel_of_text(editor)


def node_ids(editor) -> list[str]:
    return [n.get_attribute("data-id") for n in editor.nodes().all()]


def test_two_layer_mlp_by_keyboard(editor):
    editor.draw(x="vector x", w="h1 = W @ x", n="x1 = phi(h1)", Alt_w="h2 = W2 @ x1", n_2="x2 = phi(h2)")
    expect(editor.nodes()).to_have_count(7)
    assert sorted(program_lines(editor)) == sorted(MLP)
    expect_kernel_of_text(editor)


def test_every_shape_by_keyboard(editor):
    for key, piece in (
        ("i", "input xi"),
        ("w", "= U @ xi"),
        ("n", "= phi("),
        ("l", " = x1"),
        ("m", "= mean("),
        ("s", "scalar "),
    ):
        editor.press(key)
        editor.wait_source(piece)
    kinds = {n.get_attribute("data-kind") for n in editor.nodes().all()}
    assert {"input", "gate", "moment", "scalar", "lincomb", "vector"} <= kinds


def test_readout_and_output(editor):
    editor.draw(x="vector x", w="h1 = W @ x")
    editor.press("r")
    editor.wait_source("readout v ~ N(0, 1)")
    editor.wait_source("output f = v.T @ h1 / sqrt(n)")
    expect(editor.page.locator(".tp-edge[data-kind='readout']")).to_have_count(1)


def test_undo_and_redo_of_everything(editor):
    keys = ("x", "w", "n", "Alt+w", "n")
    marks = ("vector x", "h1 = W @ x", "x1 = phi(h1)", "h2 = W2 @ x1", "x2 = phi(h2)")
    texts = []
    for key, mark in zip(keys, marks, strict=True):
        editor.press(key)
        texts.append(editor.wait_source(mark))
    for mark in reversed(marks[1:]):
        editor.press("Control+z")
        editor.wait_source(without=(mark,))
    editor.press("Control+z")
    expect(editor.page.locator("[data-testid='first-start']")).to_be_visible()
    for mark, text in zip(marks, texts, strict=True):
        editor.press("Control+Shift+z")
        assert editor.wait_source(mark) == text


def test_delete_leaves_a_hole_and_says_so(editor):
    editor.draw(x="vector x", w="h1 = W @ x", n="x1 = phi(h1)")
    editor.node("h1").click()
    editor.press("Delete")
    editor.wait_source("phi(?)")
    expect(editor.page.locator(".tp-node[data-error]").first).to_be_visible()
    expect(editor.page.locator("[data-testid='problems']")).to_contain_text("Line")
    editor.press("Control+z")
    expect(editor.page.locator(".tp-node[data-error]")).to_have_count(0)


def test_move_keeps_the_text_and_undoes(editor):
    editor.open_example("there_and_back")
    before, text = editor.centre("y"), editor.source()
    editor.drag(before, (before[0] + 40, before[1] + 80))
    after = editor.centre("y")
    assert after[1] - before[1] > 60
    assert editor.source() == text
    editor.press("Control+z")
    assert abs(editor.centre("y")[1] - before[1]) < 3


def test_box_selection_moves_several(editor):
    editor.open_example("mlp")
    a, b = editor.canvas_point(0.02, 0.12), editor.canvas_point(0.98, 0.9)
    editor.drag(a, b)
    assert editor.page.locator(".tp-node[data-selected]").count() == editor.nodes().count()
    first, last = editor.centre("x1"), editor.centre("x2")
    editor.drag(first, (first[0], first[1] + 60))
    moved = editor.centre("x2")
    assert moved[1] - last[1] > 40


def test_connect_by_dragging_an_anchor(editor):
    editor.open_example("nonlinear_there_and_back")
    gates = editor.page.locator(".tp-node[data-kind='gate']")
    gate = gates.first.get_attribute("data-id")
    editor.tool("wire")
    editor.drag(editor.centre("x"), editor.centre(gate))
    editor.wait_source("phi(h + x)")


def test_cycle_is_refused_and_nothing_changes(editor):
    editor.open_example("nonlinear_there_and_back")
    text = editor.source()
    editor.tool("wire")
    gate = editor.page.locator(".tp-node[data-kind='gate']").first.get_attribute("data-id")
    editor.drag(editor.centre("z"), editor.centre(gate))
    expect(editor.page.locator("[data-testid='notices'] [data-severity='error']")).to_contain_text("depends on")
    assert editor.source() == text


def test_rename_everywhere(editor):
    editor.draw(x="vector x", w="h1 = W @ x", n="x1 = phi(h1)")
    editor.node("h1").click()
    expect(editor.field("name")).to_have_value("h1")  # the inspector has come
    editor.press("F2")
    expect(editor.field("name")).to_be_focused()
    editor.page.keyboard.type("g")
    editor.page.keyboard.press("Enter")
    editor.page.wait_for_timeout(400)
    editor.wait_source("g = W @ x")
    editor.wait_source("phi(g)")
    expect(editor.node("g")).to_be_visible()


def test_edit_psi_and_variance(editor):
    editor.draw(x="vector x", w="h1 = W @ x", n="x1 = phi(h1)")
    editor.page.locator(".tp-node[data-kind='gate']").first.click()
    editor.fill("function", "tanh(2*z)")
    editor.wait_source("function phi(z) = tanh(2*z)")
    editor.node("h1").click()
    editor.fill("parameter", "1.7")
    editor.wait_source("matrix W ~ N(0, 1.7/n)")
    expect_kernel_of_text(editor)


def test_transpose_by_inspector_and_key(editor):
    editor.draw(x="vector x", w="h1 = W @ x")
    editor.field("transposed").select_option("T")
    editor.page.wait_for_timeout(300)
    editor.wait_source("h1 = W.T @ x")
    editor.node("h1").click()
    editor.press("Shift+t")
    editor.wait_source("h1 = W @ x")


def test_typing_the_text_draws_it(editor):
    editor.press("t")
    box = editor.page.locator("[data-testid='text']")
    box.click()
    box.type("matrix W ~ N(0, 2/n)\nvector x ~ N(0, 1)\ny = W.T @ x\nh = W @ y\n", delay=4)
    expect(editor.nodes()).to_have_count(3, timeout=10_000)
    expect_kernel_of_text(editor)


def test_keys_in_a_field_do_not_draw(editor):
    editor.press("x")
    expect(editor.nodes()).to_have_count(1)
    editor.press("F2")
    expect(editor.field("name")).to_be_focused()
    editor.page.keyboard.type("xwn")
    editor.page.keyboard.press("Enter")
    editor.page.wait_for_timeout(300)
    expect(editor.nodes()).to_have_count(1)
    expect(editor.node("xwn")).to_be_visible()
