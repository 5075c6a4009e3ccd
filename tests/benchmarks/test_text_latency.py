"""From a key in the program text to the drawing, in the browser: run by name. Figures are printed, none decides a test."""

import statistics

import pytest

from tests.browser.conftest import *  # noqa: F403

RUNS = 20
# the first change inside the drawing after each key, by the browser's own clock
WATCH = """() => {
    window.changed = 0
    let all = [document]
    for (let i = 0; i < all.length; i++) for (const e of all[i].querySelectorAll("*")) if (e.shadowRoot) all.push(e.shadowRoot)
    const drawing = all.map(r => r.querySelector(".react-flow__viewport")).find(Boolean)
    new MutationObserver(() => { window.changed ||= performance.now() }).observe(drawing, {subtree: true, childList: true, attributes: true, characterData: true})
    document.addEventListener("keydown", () => { window.pressed = performance.now(); window.changed = 0 }, true)
}"""


def chain(layers: int) -> str:
    """A network of 3·layers lines."""
    lines = ["matrix W ~ N(0, 2/n)", "vector x0 ~ N(0, 1)", "vector b ~ N(0, 0.1)"]
    for k in range(1, layers):
        lines += [f"h{k} = W @ x{k - 1}", f"g{k} = h{k} + b", f"x{k} = tanh(g{k})"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", ["rnn", "300 lines"])
def test_key_to_graph(editor, name, capsys):
    page = editor.page
    if name == "rnn":
        editor.open_example("rnn")
    else:
        editor.press("t")
        editor.set_text(chain(100))
        editor.node("x99").wait_for(state="attached", timeout=60_000)
    page.locator("[data-testid='text']").focus()
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.insert_text("\nvector zz ~ N(0, 1)\nq = relu(zz)")
    editor.node("q").wait_for(state="attached", timeout=60_000)
    page.keyboard.press("Home")
    page.wait_for_timeout(3000)
    page.evaluate(WATCH)
    waits = []
    for _ in range(RUNS):
        page.keyboard.press("a")  # the name of a node, letter by letter
        page.wait_for_function("changed > 0", polling=5, timeout=60_000)
        waits.append(page.evaluate("changed - pressed"))
        page.wait_for_timeout(400)
    with capsys.disabled():
        print(f"\n{name}: key to graph, median {statistics.median(waits):.0f} ms, worst {max(waits):.0f} ms of {RUNS}")
