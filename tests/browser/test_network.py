"""Networks in the window: paths by keyboard, the highlighted figure, kernels of typed inputs, where the paths are not the kernel."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

import tpviz as tp

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SLOW = 30_000  # ms; the first kernel of a program is planned


def open_paths(editor) -> None:
    editor.page.locator("[data-tab='paths']").click()
    expect(editor.page.locator("[data-testid='pair']")).to_be_visible(timeout=SLOW)


def chosen(editor) -> str:
    return editor.page.locator("[data-testid='words'] [aria-selected='true']").get_attribute("data-word")


def lit(editor, style: str) -> set[str]:
    nodes = editor.page.locator(".tp-node[data-highlight]").evaluate_all(
        "found => found.map(n => [n.dataset.id, n.dataset.highlight])"
    )
    return {id for id, styles in nodes if style in styles}


def index(editor, k: int):
    expect(editor.page.locator(f"[data-testid='pair'][data-index='{k}']")).to_be_visible(timeout=SLOW)


def test_isomorphic_pairs_step_by_keyboard(editor):
    editor.open_example("rnn")
    open_paths(editor)
    editor.page.locator("[data-word='U W']").click()
    index(editor, 1)
    seen = {(frozenset(lit(editor, "1")), frozenset(lit(editor, "2")))}
    for k in (2, 3, 0):
        editor.page.keyboard.press("ArrowRight")
        index(editor, k)
        editor.page.wait_for_timeout(100)
        seen.add((frozenset(lit(editor, "1")), frozenset(lit(editor, "2"))))
    assert len(seen) == 4
    assert chosen(editor) == "U W"
    editor.page.keyboard.press("ArrowLeft")
    index(editor, 3)
    editor.page.keyboard.press("ArrowDown")
    expect(editor.page.locator("[data-word='W W'][aria-selected='true']")).to_be_visible(timeout=SLOW)
    expect(editor.page.locator("[data-testid='pair'][data-count='1']")).to_be_visible()
    editor.page.keyboard.press("ArrowUp")
    expect(editor.page.locator("[data-word='U W'][aria-selected='true']")).to_be_visible(timeout=SLOW)
    assert editor.page.locator(".tp-node[data-selected]").count() == 0  # the arrows did not walk the graph
    # on another tab they walk the graph again, and the pair stays lit and is explained
    editor.page.locator("[data-tab='kernel']").click()
    expect(editor.page.locator("[data-testid='legend'] [data-style='2']")).to_be_visible()
    editor.page.keyboard.press("ArrowRight")
    expect(editor.page.locator(".tp-node[data-selected]")).to_have_count(1)


def test_p_q_and_what_they_share(editor):
    editor.open_example("rnn")
    open_paths(editor)
    editor.page.locator("[data-word='U W']").click()
    index(editor, 1)
    expect(editor.node("x2")).to_have_attribute("data-highlight", "12")
    expect(editor.edge("gate:x2>x2:0")).to_have_attribute("data-highlight", "12")
    expect(editor.node("x1")).to_have_attribute("data-highlight", "1")
    expect(editor.node("x3")).to_have_attribute("data-highlight", "2")
    product = float(editor.page.locator("[data-testid='product']").get_attribute("data-value"))
    cells = editor.page.locator("[data-cell]").evaluate_all("found => found.map(c => Number(c.dataset.value))")
    assert len(cells) == 4
    assert cells[1] == pytest.approx(product)
    share = float(editor.page.locator("[data-word='U W']").get_attribute("data-value"))
    assert sum(cells) == pytest.approx(share)
    editor.page.locator("[data-cell='1,1']").click()
    index(editor, 3)


def test_the_highlighted_figure_is_exported(editor, tmp_path):
    editor.open_example("rnn")
    open_paths(editor)
    editor.page.locator("[data-word='U W']").click()
    index(editor, 1)
    editor.page.locator("[data-menu='export-paths']").click()
    with editor.page.expect_download() as download:
        editor.page.locator("[role='menu'] [data-export='export:svg']").click()
    path = tmp_path / "figure.svg"
    download.value.save_as(path)
    figure = path.read_text().lower()
    assert "#b8dcef" in figure  # the band of p
    assert "#b84a00" in figure  # the dashed rim of q


def test_a_path_is_picked_by_its_start_and_end(editor):
    editor.open_example("rnn")
    open_paths(editor)
    editor.press("h")
    editor.node("u1").click()
    editor.node("x3").click()
    expect(editor.page.locator("[data-word='U W W'][aria-selected='true']")).to_be_visible(timeout=SLOW)
    expect(editor.page.locator("[data-testid='path-p']")).to_have_attribute("data-vertices", "7")


def test_paths_of_other_words_vanish(editor):
    editor.open_example("rnn")
    open_paths(editor)
    editor.page.locator("[data-word='U W']").click()
    index(editor, 1)
    editor.page.locator("[data-testid='partner']").click()
    editor.page.locator("[data-option='U W W']").click()
    expect(editor.page.locator("[data-testid='vanishing']")).to_be_visible(timeout=SLOW)
    expect(editor.page.locator("[data-testid='finite'] [data-width='4096']")).to_be_visible(timeout=60_000)
    found = editor.page.locator("[data-testid='finite'] [data-width]").evaluate_all(
        "found => found.map(c => [Number(c.dataset.width), Number(c.dataset.value)])"
    )
    sizes = dict(found)
    assert sizes[4096] < sizes[64] / 2


def test_where_the_paths_are_not_the_kernel_both_numbers_and_the_reason(editor):
    editor.open_example("autoencoder")
    expect(editor.page.locator("[data-testid='problems']")).to_contain_text("W", timeout=SLOW)
    open_paths(editor)
    told = editor.page.locator("[data-testid='paths-sum']")
    expect(told).to_have_attribute("data-agrees", "false")
    kernel, paths = float(told.get_attribute("data-kernel")), float(told.get_attribute("data-paths"))
    assert kernel > paths + 0.05
    expect(told).to_contain_text(f"{kernel:.4g}")
    expect(told).to_contain_text(f"{paths:.4g}")
    expect(told).to_contain_text("occurs with its transpose")


def test_typed_inputs_give_the_ntk(editor):
    editor.open_example("mlp")
    editor.page.locator(".kinds [data-kind='network']").click()
    editor.page.locator("[data-testid='batch-kind']").select_option("typed")
    editor.page.locator("[data-testid='batch-text']").fill("1, -0.5, 0.5\n0 1 1\n[2, 0, -1]")
    editor.page.keyboard.press("Control+Enter")
    expect(editor.page.locator("[data-testid='batch-what']")).to_contain_text("3 inputs", timeout=SLOW)
    program = tp.load(EXAMPLES / "mlp.tp")
    expected = tp.kernels(program, np.array([[1, -0.5, 0.5], [0, 1, 1], [2, 0, -1]]))
    for name, values in zip(("nngp", "ntk"), expected, strict=True):
        row = editor.page.locator(f"[data-testid='kernel-{name}']")
        assert np.array(json.loads(row.get_attribute("data-limit"))) == pytest.approx(values, rel=1e-6)
        _, plotted = editor.heatmap(f"{name}_limit")
        assert np.array(plotted) == pytest.approx(values, rel=1e-4)
        expect(row).not_to_have_attribute("data-found", "null", timeout=SLOW)
        _, found = editor.heatmap(f"{name}_width")
        assert np.array(found) == pytest.approx(values, rel=0.4, abs=0.2)


def test_a_file_of_inputs_and_one_that_is_refused(editor, tmp_path):
    editor.open_example("mlp")
    editor.page.locator(".kinds [data-kind='network']").click()
    good, bad = tmp_path / "batch.npy", tmp_path / "bad.npy"
    np.save(good, np.eye(3))
    bad.write_bytes(b"\x80\x04cos\nsystem\n")
    with editor.page.expect_file_chooser() as chooser:
        editor.page.locator("[data-testid='batch-kind']").select_option("file")
    chooser.value.set_files(good)
    expect(editor.page.locator("[data-testid='batch-what']")).to_contain_text("3 inputs", timeout=SLOW)
    with editor.page.expect_file_chooser() as chooser:
        editor.page.locator("[data-testid='batch-file']").click()
    chooser.value.set_files(bad)
    expect(editor.page.locator("[data-testid='notices'] [data-severity='error']")).to_contain_text("not a .npy file")
    expect(editor.page.locator("[data-testid='batch-file']")).to_contain_text("batch.npy")


def test_kernels_over_the_angle_and_against_the_width(editor):
    editor.open_example("mlp")
    editor.page.locator(".kinds [data-kind='network']").click()
    editor.page.locator("[data-view='angle']").click()
    holder = editor.page.locator("[data-testid='curve']")
    expect(holder).not_to_have_attribute("data-curve", "null", timeout=SLOW)
    curve = json.loads(holder.get_attribute("data-curve"))
    assert curve["angles"][-1] == 180
    x = np.array([[1.0, -0.5, 0.5]])
    program = tp.load(EXAMPLES / "mlp.tp")
    assert curve["ntk"][0] == pytest.approx(float(tp.ntk(program, x)[0, 0]), rel=1e-6)
    assert curve["nngp"][60] == pytest.approx(float(tp.nngp(program, x, -x)[0, 0]), rel=1e-6)
    editor.page.locator("[data-testid='batch-kind']").select_option("angle")
    editor.page.locator("[data-testid='batch-angle']").fill("90")
    editor.page.keyboard.press("Enter")
    expect(holder).to_have_attribute("data-curve", re.compile('"angle":90'), timeout=SLOW)
    editor.page.locator("[data-view='convergence']").click()
    expect(editor.page.locator("[data-testid='convergence']")).to_have_attribute(
        "data-found", re.compile("4096"), timeout=60_000
    )


def test_one_key_shows_the_backward_pass(editor):
    editor.open_example("mlp")
    text = editor.source()
    editor.press("Shift+b")
    after = editor.wait_source("dx1")
    assert after.startswith(text.rstrip())
    expect(editor.node("dx1")).to_be_visible()
    editor.press("Control+z")
    editor.wait_source("output f", without=("dx1",))


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)], ids=["1440x900", "1280x720"])
def test_nothing_is_cut_off(editor, size):
    page = editor.page
    editor.open_example("rnn")
    page.locator(".kinds [data-kind='network']").click()
    for view in ("heatmaps", "angle", "convergence"):
        page.locator(f"[data-view='{view}']").first.click()
        page.wait_for_timeout(1500)
        nothing_is_cut_off(page)
    open_paths(editor)
    nothing_is_cut_off(page)


def nothing_is_cut_off(page):
    assert page.evaluate(
        "document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight"
    )
    column = page.locator("[data-testid='results'] .column")
    assert column.evaluate("c => c.scrollWidth <= c.clientWidth")
    wide = column.evaluate(
        """c => [...c.querySelectorAll('button, .seg, .row, .pq, .wr, .key, .caption')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().right > c.getBoundingClientRect().right + 0.5)
            .map(e => e.className + ': ' + e.textContent)"""
    )
    assert wide == []
