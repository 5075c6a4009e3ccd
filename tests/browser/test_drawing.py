"""Drawing programs in the browser: by mouse alone, by keyboard alone, and everything that can be undone."""

import pytest
from playwright.sync_api import expect

from tpviz.language import parse
from tpviz.limit import limit

MLP = ("matrix W ~ N(0, 1/n)", "matrix W2 ~ N(0, 1/n)", "vector x ~ N(0, 1)", "function phi(z) = relu(z)",
       "h1 = W @ x", "x1 = phi(h1)", "h2 = W2 @ x1", "x2 = phi(h2)")  # fmt: skip


def program_lines(editor) -> list[str]:
    return [line for line in (x.strip() for x in editor.source().splitlines()) if line]


def expect_kernel_of_text(editor) -> None:
    """The heatmap shows what tp.limit gives for the text on the screen."""
    editor.settled()
    program = parse(editor.source())
    shown = editor.heatmap()
    names = editor.page.evaluate("() => { for (const d of Bokeh.documents) for (const m of d.all_models) if (m.type === 'Figure' && m.name === 'kernel_limit') return [...m.renderers[0].data_source.data.column] }")  # noqa: E501
    k = len(shown)
    expected = limit(program).gram(list(names)[:k])
    for i in range(k):
        for j in range(k):
            assert shown[i][j] == pytest.approx(expected[i, j], rel=1e-5, abs=1e-9)


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
    first = [n for n in node_ids(editor) if n.startswith("x") and n != "x"][0]
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
    editor.press("x", "w", "n", "Alt+w", "n")
    expect(editor.nodes()).to_have_count(7)
    assert sorted(program_lines(editor)) == sorted(MLP)
    expect_kernel_of_text(editor)


def test_every_shape_by_keyboard(editor):
    editor.press("i", "w", "n", "m", "s", "l")
    text = editor.source()
    for piece in ("input ", "embedding U", "mean(", "scalar ", "phi("):
        assert piece in text
    editor.press("Control+z", "Control+z")
    editor.press("r")


def test_readout_and_output(editor):
    editor.press("x", "w", "r")
    assert "readout v ~ N(0, 1)" in editor.source()
    assert "output f = v.T @ h1 / sqrt(n)" in editor.source()
    expect(editor.page.locator(".tp-edge[data-kind='readout']")).to_have_count(1)


def test_undo_and_redo_of_everything(editor):
    editor.press("x", "w", "n", "Alt+w", "n")
    final = editor.source()
    steps = [final]
    for _ in range(5):
        editor.press("Control+z")
        steps.append(editor.source() if editor.page.locator("[data-testid='text']").count() else "")
    assert steps[-1].strip() == ""
    for expected in reversed(steps[:-1]):
        editor.press("Control+Shift+z")
        assert editor.source() == expected


def test_delete_leaves_a_hole_and_says_so(editor):
    editor.press("x", "w", "n")
    editor.node("h1").click()
    editor.press("Delete")
    assert "phi(?)" in editor.source()
    expect(editor.page.locator(".tp-node[data-error]").first).to_be_visible()
    expect(editor.page.locator("[data-testid='problems']")).to_contain_text("Line")
    editor.press("Control+z")
    expect(editor.page.locator(".tp-node[data-error]")).to_have_count(0)


def test_move_keeps_the_text_and_undoes(editor):
    editor.open_example("there_and_back")
    before, text = editor.centre("h"), editor.source()
    editor.drag(before, (before[0] + 40, before[1] + 80))
    after = editor.centre("h")
    assert after[1] - before[1] > 60
    assert editor.source() == text
    editor.press("Control+z")
    assert abs(editor.centre("h")[1] - before[1]) < 3


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
    assert "phi(h + x)" in editor.source()


def test_cycle_is_refused_and_nothing_changes(editor):
    editor.open_example("nonlinear_there_and_back")
    text = editor.source()
    editor.tool("wire")
    gate = editor.page.locator(".tp-node[data-kind='gate']").first.get_attribute("data-id")
    editor.drag(editor.centre("z"), editor.centre(gate))
    expect(editor.page.locator("[data-testid='notices'] [data-severity='error']")).to_contain_text("depends on")
    assert editor.source() == text


def test_rename_everywhere(editor):
    editor.press("x", "w", "n")
    editor.node("h1").click()
    editor.press("F2")
    editor.page.keyboard.type("g")
    editor.page.keyboard.press("Enter")
    editor.page.wait_for_timeout(400)
    assert "g = W @ x" in editor.source()
    assert "phi(g)" in editor.source()
    expect(editor.node("g")).to_be_visible()


def test_edit_psi_and_variance(editor):
    editor.press("x", "w", "n")
    editor.page.locator(".tp-node[data-kind='gate']").first.click()
    editor.fill("function", "tanh(2*z)")
    assert "function phi(z) = tanh(2*z)" in editor.source()
    editor.node("h1").click()
    editor.fill("parameter", "1.7")
    assert "matrix W ~ N(0, 1.7/n)" in editor.source()
    expect_kernel_of_text(editor)


def test_transpose_by_inspector_and_key(editor):
    editor.press("x", "w")
    editor.field("transposed").select_option("T")
    editor.page.wait_for_timeout(300)
    assert "h1 = W.T @ x" in editor.source()
    editor.node("h1").click()
    editor.press("Shift+t")
    assert "h1 = W @ x" in editor.source()


def test_typing_the_text_draws_it(editor):
    editor.press("t")
    box = editor.page.locator("[data-testid='text']")
    box.click()
    box.type("matrix W ~ N(0, 2/n)\nvector x ~ N(0, 1)\ny = W.T @ x\nh = W @ y\n", delay=4)
    expect(editor.nodes()).to_have_count(3, timeout=10_000)
    expect_kernel_of_text(editor)


def test_keys_in_a_field_do_not_draw(editor):
    editor.press("x")
    editor.press("F2")
    editor.page.keyboard.type("xwn")
    editor.page.keyboard.press("Enter")
    editor.page.wait_for_timeout(300)
    expect(editor.nodes()).to_have_count(1)
    expect(editor.node("xwn")).to_be_visible()
