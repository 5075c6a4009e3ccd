"""How long a person waits, measured in the browser: run by name. Figures are printed, none decides a test."""

import statistics
import time

import pytest

from tests.browser.conftest import *  # noqa: F403

WATCH = """() => {
    window.stamps = []
    for (const doc of Bokeh.documents)
        for (const model of doc.all_models)
            if (model.type === 'Figure' && ['kernel_limit', 'kernel_width', 'distribution'].includes(model.name))
                model.renderers[0].data_source.properties.data.change.connect(() => requestAnimationFrame(() => stamps.push([model.name, performance.now()])))
}"""


def test_example_to_both_plots(strict_page, app_url, capsys):
    times = []
    for _ in range(5):
        strict_page.goto("about:blank")
        start = time.perf_counter()
        strict_page.goto(app_url)
        strict_page.locator("[data-example='rnn']").first.click()
        strict_page.wait_for_function(
            "() => Bokeh.documents.some(d => [...d.all_models].some(m => m.type === 'Figure' && m.name === 'distribution' && m.renderers[0].data_source.data.top.length > 5))"
        )
        times.append(time.perf_counter() - start)
    with capsys.disabled():
        print(
            f"\nnavigation, a click on the example, canvas and both plots: median {statistics.median(times):.2f} s of {[round(t, 2) for t in times]}"
        )


@pytest.mark.parametrize("name", ["rnn", "mlp"])
def test_moving_a_variance(editor, name, capsys):
    editor.open_example(name)
    editor.node("h2").click()
    editor.settled()
    page = editor.page
    page.evaluate(WATCH)
    field = editor.field("parameter")
    waits = []
    for k in range(30):
        page.evaluate("stamps.length = 0")
        field.fill(str(1 + k / 50))
        start = page.evaluate("performance.now()")
        field.press("Enter")
        page.wait_for_function("() => new Set(stamps.map(s => s[0])).size >= 3", polling=10)
        waits.append(page.evaluate("Math.max(...stamps.map(s => s[1]))") - start)
        page.wait_for_timeout(150)
    with capsys.disabled():
        print(
            f"\n{name}: variance moved to all three plots drawn, n = 4096: median {statistics.median(waits):.0f} ms, worst {max(waits):.0f} ms"
        )


STEP = """async () => {
    const root = [...document.querySelectorAll('*')].map(e => e.shadowRoot).find(r => r && r.querySelector('[data-testid="lecture"]'))
    const lecture = root.querySelector('[data-testid="lecture"]'), times = []
    for (let k = 0; k < 20; k++) {
        const before = lecture.dataset.step, key = k < 10 ? 'ArrowRight' : 'ArrowLeft', start = performance.now()
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true }))
        while (lecture.dataset.step === before) await new Promise(requestAnimationFrame)
        await new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))
        times.push(performance.now() - start)
    }
    return times
}"""


@pytest.mark.parametrize("name", ["attention", "convolution"])
def test_a_step_of_a_lecture(editor, name, capsys):
    editor.open_example(name)
    page = editor.page
    page.keyboard.press("p")
    page.wait_for_selector("[data-testid='lecture'][data-done]", timeout=60_000)
    times = page.evaluate(STEP)
    assert len(times) == 20
    with capsys.disabled():
        print(f"\n{name}: key to step drawn: median {statistics.median(times):.0f} ms, worst {max(times):.0f} ms")
