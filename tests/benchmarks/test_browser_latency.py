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
