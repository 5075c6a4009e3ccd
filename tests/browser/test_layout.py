"""Arranging the drawing by hand: pins, groups, box selection, guides and the grid, small moves, fitting."""

from playwright.sync_api import expect

STEP = ("h2", "gate:x2", "x2", "u2")


def select(editor, *ids):
    editor.page.keyboard.press("Escape")
    for k, id in enumerate(ids):
        editor.node(id).click(modifiers=["Shift"] if k else [])
        expect(editor.page.locator(".tp-node[data-selected]")).to_have_count(k + 1)


def world(editor, id):
    """Where the node stands in world units."""
    return editor.page.evaluate(
        "id => document.querySelector('*') && (() => { const find = (root) => { for (const e of root.querySelectorAll('*')) {"
        " if (e.dataset?.id === id && e.classList.contains('react-flow__node')) return e; if (e.shadowRoot) { const f = find(e.shadowRoot); if (f) return f } } };"
        " const n = find(document), m = new DOMMatrix(getComputedStyle(n).transform); return [m.e + n.offsetWidth / 2, m.f + n.offsetHeight / 2] })()",
        id,
    )


def wait_world(editor, id, x=None, y=None):
    for _ in range(60):
        at = world(editor, id)
        if (x is None or abs(at[0] - x) < 0.6) and (y is None or abs(at[1] - y) < 0.6):
            return
        editor.page.wait_for_timeout(50)
    raise AssertionError(f"{id} stands at {at}, expected {x}, {y}")


def test_a_pinned_node_stays_when_the_layout_is_tidied(editor):
    editor.open_example("rnn")
    at = editor.centre("x3")
    editor.drag(at, (at[0] + 37, at[1] + 61))
    editor.node("x3").click()
    editor.page.keyboard.press("Alt+p")
    expect(editor.node("x3").locator("[data-pin='x3']")).to_have_count(1)
    pinned, other = world(editor, "x3"), world(editor, "x1")
    at = editor.centre("x1")
    editor.drag(at, (at[0] + 5, at[1] + 90))
    editor.page.keyboard.press("Shift+l")
    wait_world(editor, "x1", y=other[1] + (pinned[1] - other[1]))  # its row follows the pin
    wait_world(editor, "x3", *pinned)


def test_a_group_by_keyboard_and_double_click(editor):
    page = editor.page
    editor.open_example("rnn")
    places = {id: world(editor, id) for id in STEP}
    select(editor, *STEP)
    page.keyboard.press("Control+g")
    expect(editor.node("group:1")).to_be_visible()
    expect(editor.node("h2")).to_have_count(0)
    expect(editor.edge("x1>h2:0")).to_have_count(1)
    name = editor.field("name")
    expect(name).to_be_focused()
    name.fill("step 2")
    name.press("Enter")
    expect(editor.node("group:1")).to_contain_text("step 2")
    name.evaluate("e => e.blur()")
    editor.node("group:1").dblclick()
    expect(page.locator("[data-frame='1'] .group-name")).to_have_text("step 2")
    for id, (x, y) in places.items():
        wait_world(editor, id, x, y)
    page.keyboard.press("Escape")
    expect(page.locator(".tp-node[data-selected]")).to_have_count(0)
    page.locator("[data-frame='1'] .group-name").click()
    expect(page.locator(".tp-node[data-selected]")).to_have_count(4)
    page.keyboard.press("Shift+g")
    expect(editor.node("group:1")).to_be_visible()
    at = editor.centre("group:1")
    editor.drag(at, (at[0], at[1] + 70))
    moved = world(editor, "group:1")
    page.keyboard.press("Shift+g")
    expect(editor.node("h2")).to_be_visible()
    wait_world(editor, "h2", y=moved[1])
    page.keyboard.press("Control+Shift+g")
    expect(page.locator("[data-frame]")).to_have_count(0)
    expect(page.locator("[data-testid='problems']")).to_contain_text("No problems")


def test_a_box_selects_what_it_touches(editor):
    page = editor.page
    editor.open_example("rnn")
    a, b = editor.centre("u1"), editor.centre("x1")
    zoom = (editor.centre("x2")[0] - b[0]) / 220

    def box(x1, y1, x2, y2, key=None):
        if key:
            page.keyboard.down(key)
        page.mouse.move(x1, y1)
        page.mouse.down()
        page.mouse.move((x1 + x2) / 2, (y1 + y2) / 2, steps=3)
        page.mouse.move(x2, y2, steps=3)
        page.mouse.up()
        if key:
            page.keyboard.up(key)

    box(a[0] - 40 * zoom, b[1] - 40 * zoom, b[0] + 30 * zoom, a[1] + 40 * zoom)
    expect(page.locator(".tp-node[data-selected]")).to_have_count(3)
    for id in ("u1", "gate:x1", "x1"):
        expect(editor.node(id)).to_have_attribute("data-selected", "true")
    editor.node("x2").click(modifiers=["Shift"])
    expect(page.locator(".tp-node[data-selected]")).to_have_count(4)
    editor.node("x1").click(modifiers=["Control"])
    expect(editor.node("x1")).not_to_have_attribute("data-selected", "true")
    expect(page.locator(".tp-node[data-selected]")).to_have_count(3)


def test_guides_line_up_and_alt_leaves_them_off(editor):
    page = editor.page
    editor.open_example("mlp")
    row = world(editor, "x1")[1]
    at = editor.centre("h2")
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0] + 10, at[1] + 40, steps=30)  # the first pixels of a drag are lost
    page.mouse.move(at[0] + 20, at[1] + 3, steps=4)
    expect(page.locator("[data-testid='guides']")).to_have_count(1)
    page.mouse.up()
    expect(page.locator("[data-testid='guides']")).to_have_count(0)
    wait_world(editor, "h2", y=row)
    at = editor.centre("h2")
    page.keyboard.down("Alt")
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0] + 20, at[1] + 40, steps=30)
    page.mouse.move(at[0], at[1] + 5, steps=4)
    page.mouse.up()
    page.keyboard.up("Alt")
    assert 0 < abs(world(editor, "h2")[1] - row) < 5


def test_the_grid(editor):
    page = editor.page
    editor.open_example("mlp")
    page.locator("[data-menu='View']").click()
    page.locator("[role='menu'] [data-action='snap']").click()
    page.locator("[data-menu='View']").click()
    expect(page.locator("[role='menu'] [data-action='snap']")).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Escape")
    at = editor.centre("h2")
    editor.drag(at, (at[0] + 31, at[1] + 47))
    x, y = world(editor, "h2")
    assert y % 8 == 0
    assert y != 0
    assert x % 8 == 0 or x in [world(editor, n)[0] for n in ("x1", "x2", "h3")]


def test_small_moves_by_keyboard(editor):
    page = editor.page
    editor.open_example("rnn")
    x, y = world(editor, "x2")
    editor.node("x2").click()
    for _ in range(3):
        page.keyboard.press("Control+ArrowDown")
    page.keyboard.press("Control+Shift+ArrowRight")
    wait_world(editor, "x2", x + 1, y + 24)
    page.keyboard.press("Control+z")
    wait_world(editor, "x2", x, y)


def test_fit_the_selection_and_the_drawing(editor):
    page = editor.page
    editor.open_example("rnn")
    editor.node("x2").click()
    whole = page.locator("[data-testid='zoom']").inner_text()
    editor.node("h2").click(modifiers=["Shift"])
    page.keyboard.press("Shift+f")
    expect(page.locator("[data-testid='zoom']")).to_have_text("128 %")
    expect(page.locator("[data-testid='overview']")).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator("[data-testid='zoom']")).to_have_text(whole)
    expect(page.locator("[data-testid='overview']")).to_have_count(0)
