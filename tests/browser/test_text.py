"""The program text: typing draws and moves nothing that stays, one undo for text and drawing, fixes, completion, numbers that are dragged."""

import re

import numpy as np
from playwright.sync_api import expect

from tpviz.language import parse
from tpviz.limit import limit


def line_of(editor, piece: str) -> int:
    return next(k for k, line in enumerate(editor.source().split("\n"), 1) if piece in line)


def places(editor) -> dict[str, str]:
    return dict(
        editor.page.locator(".react-flow__node").evaluate_all("all => all.map(n => [n.dataset.id, n.style.transform])")
    )


def at_end(editor) -> None:
    editor.page.locator("[data-testid='text']").focus()
    editor.page.keyboard.press("ControlOrMeta+End")


def number(editor, line: int, which: int):
    found = editor.page.locator(f"[data-line='{line}'] .number").nth(which)
    found.scroll_into_view_if_needed()
    return found


def middle(locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_typing_draws_without_moving_what_stays(editor):
    editor.open_example("rnn")
    before = places(editor)
    at_end(editor)
    editor.page.keyboard.type("\ny = W @ x3\nz = phi(y)", delay=25)
    expect(editor.node("gate:z")).to_be_visible()
    expect(editor.edge("x3>y:0")).to_have_count(1)
    after = places(editor)
    assert {k: after[k] for k in before} == before
    assert (
        abs(editor.centre("y")[1] - editor.centre("x3")[1]) < 3
    )  # beside the vector it is made of, not where its half line was


def test_a_line_that_is_typed_anew_keeps_the_place_of_its_node(editor):
    editor.open_example("rnn")
    before = places(editor)
    editor.caret(line_of(editor, "x2 = phi"), 1)
    keyboard = editor.page.keyboard
    keyboard.press("End")
    for _ in range(len("phi(h2 + u2)")):
        keyboard.press("Backspace")
    expect(editor.page.locator(".tp-node[data-error]").first).to_be_visible()
    keyboard.type("phi(h2 + u2)", delay=10)
    expect(editor.page.locator(".tp-node[data-error]")).to_have_count(0)
    assert places(editor) == before
    keyboard.press("Home")
    keyboard.press("Delete")
    keyboard.type("s")  # x2 becomes s2
    expect(editor.node("s2")).to_be_visible()
    assert places(editor)["s2"] == before["x2"]


def test_undo_in_the_text_undoes_the_drawing_too(editor):
    editor.open_example("there_and_back")
    text = editor.source()
    at_end(editor)
    editor.page.keyboard.type("a = relu(z)", delay=5)
    typed = editor.wait_source("a = relu(z)")
    editor.node("a").click()
    editor.press("w")
    editor.wait_source("= W @ a")
    at_end(editor)
    editor.press("Control+z")
    editor.wait_source(without=("= W @ a",))
    assert editor.source() == typed
    expect(editor.node("a")).to_be_visible()
    editor.press("Control+z")
    editor.wait_source(without=("a = relu(z)",))
    assert editor.source() == text
    expect(editor.node("a")).to_have_count(0)
    editor.press("Control+Shift+z")
    assert editor.wait_source("a = relu(z)") == typed


def test_keys_that_follow_each_other_fast_arrive_whole_and_in_order(editor):
    editor.press("t")
    text = "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\n" + "".join(f"h{k} = W @ x\n" for k in range(12))
    editor.page.locator("[data-testid='text']").press_sequentially(text)
    expect(editor.node("h11")).to_be_visible(timeout=15_000)
    assert editor.source() == text
    editor.settled()
    assert editor.source() == text


def test_an_edit_of_the_drawing_changes_only_its_line_and_leaves_the_caret(editor):
    editor.open_example("there_and_back")
    editor.node("z").click()
    editor.fill("parameter", "1.7")
    editor.wait_source("1.7/n")
    editor.caret(line_of(editor, "vector x"), 4)
    editor.page.keyboard.press("End")
    editor.node("y").click()
    editor.fill("parameter", "1.123456")
    editor.wait_source("1.123456/n")
    editor.page.locator("[data-testid='text']").focus()
    editor.page.keyboard.type("  # here")
    assert re.search(r"vector x[^\n]*  # here", editor.wait_source("# here"))


def test_fix_by_the_key_and_on_hover(editor):
    editor.open_example("there_and_back")
    at_end(editor)
    editor.page.keyboard.type("b = tahn(y)", delay=5)
    expect(editor.page.locator(".cm-lintRange-error").first).to_be_visible()
    expect(editor.page.locator("[data-fix='0']")).to_have_text("Write tanh")
    editor.page.keyboard.press("Control+.")
    editor.wait_source("b = tanh(y)")
    expect(editor.page.locator("[data-fix]")).to_have_count(0)
    expect(editor.page.locator(".cm-lintRange-error")).to_have_count(0)
    at_end(editor)
    editor.page.keyboard.type("\ny2 = relu(W @ b)", delay=5)
    expect(editor.page.locator("[data-fix='0']")).to_have_text("Split into two lines")
    editor.page.mouse.move(5, 5)
    editor.page.locator(".cm-lintRange-error").first.hover()
    tip = editor.page.locator(".cm-tooltip-lint")
    expect(tip).to_contain_text("A product cannot stand inside a Nonlin")
    tip.locator(".cm-diagnosticAction").click()
    editor.wait_source("h1 = W @ b", "y2 = relu(h1)")
    editor.press("Control+z")
    editor.wait_source("y2 = relu(W @ b)")


def test_completion_by_the_keyboard(editor):
    editor.open_example("rnn")
    at_end(editor)
    keyboard, popup = editor.page.keyboard, editor.page.locator(".cm-tooltip-autocomplete")
    keyboard.type("\nmat", delay=20)
    expect(popup).to_be_visible()
    editor.page.wait_for_timeout(120)  # it takes no key in its first moment, so that fast typing goes on
    keyboard.press("Tab")
    editor.wait_source("matrix W2 ~ N(0, 1/n)")
    keyboard.press("Escape")
    at_end(editor)
    keyboard.type("\ny = W2 @ ", delay=20)
    expect(popup).to_contain_text("x3")
    expect(popup.locator("ul")).not_to_contain_text("phi")
    keyboard.type("h", delay=20)
    expect(popup.locator("[aria-selected]")).to_contain_text("h3")
    expect(editor.page.locator(".cm-completionInfo")).to_contain_text("h3 = W @ x2")
    editor.page.wait_for_timeout(120)
    keyboard.press("Enter")
    editor.wait_source("y = W2 @ h3")
    keyboard.press("Control+Space")
    expect(popup).to_be_visible()
    keyboard.press("Escape")
    expect(popup).to_have_count(0)
    keyboard.press("Enter")  # belongs to the text again
    keyboard.type("q = mean(y*y)")
    editor.wait_source("y = W2 @ h3\nq = mean(y*y)")


def test_a_dragged_number_moves_the_plots_and_is_one_step(editor):
    editor.open_example("rnn")
    text, line = editor.source(), line_of(editor, "matrix W")
    _, before = editor.heatmap()
    found = number(editor, line, 1)
    x, y = middle(found)
    mouse = editor.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 10, y, steps=4)
    mouse.move(x + 50, y, steps=6)
    expect(editor.page.locator(".dragged")).to_be_visible()
    value = float(re.search(r"matrix W ~ N\(0, ([\d.]+)/n\)", editor.source())[1])
    assert 2.4 < value < 3.6
    editor.page.wait_for_timeout(1400)  # longer than what makes two steps of typing
    mouse.move(x + 70, y, steps=3)
    mouse.up()
    editor.settled()
    for _ in range(50):
        names, shown = editor.heatmap()
        expected = limit(parse(editor.source())).gram(names)
        if np.allclose(shown, expected, rtol=1e-5, atol=1e-9):
            break
        editor.page.wait_for_timeout(100)
    np.testing.assert_allclose(shown, expected, rtol=1e-5, atol=1e-9)
    assert not np.allclose(shown, before)
    editor.page.locator("[data-testid='text']").focus()
    editor.press("Control+z")
    editor.wait_source("N(0, 2/n)")
    assert editor.source() == text


def test_a_variance_stops_at_0_and_a_covariance_at_its_bound(editor):
    editor.press("t")
    editor.set_text("vector u, w ~ N([0, 0], [[1, 0.5], [0.5, 1]])\nvector x ~ N(0, 1)\ny = u + w + x**2\n")
    expect(editor.node("y")).to_be_visible()
    for line, which, by, then in (
        (1, 3, 400, "[[1, 1], [1, 1]]"),
        (2, 1, -400, "vector x ~ N(0, 0)"),
        (3, 0, -400, "x**0"),
    ):
        x, y = middle(number(editor, line, which))
        editor.drag((x, y), (x + by / 2, y))
        x, y = middle(number(editor, line, which))
        editor.drag((x, y), (x + by / 2, y))
        text = editor.source()
        if line > 1:
            assert then in text
        else:
            c = float(re.search(r"\[\[1, ([\d.]+)\], \[([\d.]+), 1\]\]", text)[1])
            assert 0.9 <= c <= 1
    expect(editor.page.locator("[data-testid='problems']")).to_contain_text("No problems")


def test_a_click_on_a_number_places_the_caret_and_keys_change_it(editor):
    editor.open_example("rnn")
    line = line_of(editor, "matrix W")
    number(editor, line, 1).click()
    editor.press("Alt+ArrowUp", "Alt+ArrowUp", "Alt+ArrowDown")
    editor.wait_source("N(0, 2.1/n)")
    editor.page.keyboard.type("5")
    assert re.search(r"matrix W ~ N\(0, [\d.]*5[\d.]*/n\)", editor.wait_source("5"))


def test_a_number_inside_a_field_of_the_inspector_is_dragged(editor):
    editor.press("t")
    text = "function phi(z) = tanh(2*z)\nvector x ~ N(0, 1)\ny = phi(x)\n"
    editor.set_text(text)
    expect(editor.node("gate:y")).to_be_visible()
    editor.node("gate:y").click()
    digit = editor.page.locator("[data-field='function'] ~ .digits [data-digit='0']")
    expect(digit).to_be_visible()
    x, y = middle(digit)
    editor.drag((x, y), (x + 40, y))
    found = editor.wait_source("function phi(z) = tanh(", without=("tanh(2*z)",))
    assert 2.3 < float(re.search(r"tanh\(([\d.]+)\*z", found)[1]) < 3.3
    editor.press("Control+z")
    editor.wait_source("tanh(2*z)")
    digit.click()
    expect(editor.field("function")).to_be_focused()


def test_find_comment_move_and_leave(editor):
    editor.open_example("rnn")
    editor.page.locator("[data-testid='text']").focus()
    keyboard = editor.page.keyboard
    keyboard.press("Control+f")
    keyboard.type("h3 =")
    expect(editor.page.locator(".cm-searchMatch").first).to_be_visible()
    keyboard.press("Enter")
    keyboard.press("Escape")
    keyboard.press("Control+/")
    editor.wait_source("# h3 = W @ x2")
    expect(editor.node("x3")).to_be_visible()
    keyboard.press("Control+/")
    editor.wait_source("\nh3 = W @ x2")
    keyboard.press("Alt+Shift+ArrowDown")
    editor.wait_source("u3 = U @ xi3\nh3 = W @ x2")
    keyboard.press("Escape")
    keyboard.press("Tab")
    expect(editor.page.locator("[data-testid='text']")).not_to_be_focused()


def test_the_caret_and_the_number_of_a_line_select_its_node(editor):
    editor.open_example("rnn")
    line = line_of(editor, "h2 =")
    editor.caret(line, 2)
    expect(editor.page.locator(".tp-node[data-id='h2'][data-selected]")).to_be_visible()
    expect(editor.page.locator(f"[data-line='{line}']")).to_have_attribute("data-state", "current")
    shown = editor.page.locator(".cm-lineNumbers .cm-gutterElement", has_text=re.compile(rf"^{line + 1}$"))
    shown.click()
    expect(editor.page.locator(".tp-node[data-id='u2'][data-selected]")).to_be_visible()


def test_what_is_typed_from_nothing_stays_in_sight(editor):
    editor.page.locator("[data-testid='first-start'] [data-action='type-text']").click()
    expect(editor.page.locator("[data-testid='text']")).to_be_focused()
    lines = ["matrix W ~ N(0, 1/n)", "vector x0 ~ N(0, 1)"]
    lines += [line for k in range(1, 6) for line in (f"h{k} = W @ x{k - 1}", f"x{k} = tanh(h{k})")]
    for line in lines:
        editor.page.keyboard.insert_text(line + "\n")
    canvas = editor.page.locator("[data-testid='canvas']").bounding_box()
    expect(editor.node("x5")).to_be_visible()
    for _ in range(50):
        box = editor.node("x5").bounding_box()
        if (
            box["x"] + box["width"] < canvas["x"] + canvas["width"]
            and box["y"] + box["height"] < canvas["y"] + canvas["height"]
        ):
            break
        editor.page.wait_for_timeout(100)
    else:
        raise AssertionError(f"{box} is not inside {canvas}")


def test_what_is_typed_before_the_pane_is_there_is_text(editor):
    editor.page.keyboard.press("t")
    for letter in "matrix W ~ N(0, 1/n)":
        editor.page.keyboard.press(letter)
    editor.expect_source("matrix W ~ N(0, 1/n)")
