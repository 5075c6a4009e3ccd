"""The comparison of a session: how it begins, follows the edits, is kept, undone and ended."""

import base64
import csv
import io

import pytest

WTW = "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\nh = W @ x\ng = W.T @ h\n"
NET = "input xi = [1, 1]\nembedding U ~ N(0, 1/d)\nmatrix W ~ N(0, 1/n)\nreadout v ~ N(0, 1)\nx = U @ xi\ny = relu(x)\nh = W @ y\nz = relu(h)\noutput f = v.T @ z / sqrt(n)\n"


def pane(window) -> dict:
    """The comparison, once both versions are computed."""
    window.settle()
    window.session.comparing.worker.wait(60)
    return window.session.view.compare


def lines(window) -> dict[str, tuple]:
    return {row["id"]: tuple(row["numbers"] or (row["first"], row["second"])) for row in pane(window)["lines"]}


def start(window, text=WTW, select="g"):
    window.send(type="text", source=text)
    if select:
        window.send(type="select", nodes=[select], edges=[])


def words(parts) -> str:
    return "".join(p.get("text", p.get("tex", "")) for p in parts)


def test_tied_and_untied_by_one_key(window):
    start(window)
    window.act("compare-tied")
    found = lines(window)
    assert found["g"] == pytest.approx((2, 1))
    assert found["g:zdot"] == ("Z^{x}", "0")
    assert found["x,g"] == pytest.approx((1, 0))
    shown = pane(window)
    assert words(shown["unchanged"]).startswith("Unchanged: x, h")
    assert [v["document"] for v in shown["versions"]] == [True, False]
    assert shown["versions"][1]["edited"]["edges"] == ["h>g:0"]
    assert shown["versions"][0]["affected"] == ["g"]
    assert any(e["tex"] == r"\tilde{W}^{\top}" for e in shown["versions"][1]["scene"]["edges"])
    assert window.source == WTW  # the document stays as it is


def test_where_nothing_changes_it_says_so(window):
    start(window, WTW.replace("W.T @", "W @"))
    window.act("compare-tied")
    assert lines(window) == {}
    assert (
        words(pane(window)["unchanged"]) == "Nothing changes in the limit: the same for x, h, g, and 3 of their pairs"
    )


def test_the_untied_version_follows_the_edits(window):
    start(window)
    window.act("compare-tied")
    window.send(type="edit", key="g", field="parameter", value="2")
    assert lines(window)["g"] == pytest.approx((8, 4))
    window.send(type="text", source=WTW.replace("g = W.T @ h\n", ""))
    broken = pane(window)["versions"]
    assert broken[0]["error"] is None
    assert "is not a product" in broken[1]["error"]
    window.act("undo")
    assert lines(window)["g"] == pytest.approx((8, 4))


def test_keep_swap_undo_redo_and_close(window):
    start(window)
    window.act("compare-tied")
    assert pane(window)["keep"] == "B"
    window.act("compare-swap")
    assert lines(window)["g"] == pytest.approx((1, 2))
    window.act("compare-swap", "compare-keep")
    untied = window.source
    assert "g = W_tilde.T @ h" in untied
    assert lines(window)["g"] == pytest.approx((2, 1))
    assert [v["document"] for v in pane(window)["versions"]] == [False, True]
    window.act("undo")
    assert window.source == WTW
    assert lines(window)["g"] == pytest.approx((2, 1))
    assert [v["document"] for v in pane(window)["versions"]] == [True, False]
    window.act("redo")
    assert window.source == untied
    assert lines(window)["g"] == pytest.approx((2, 1))
    window.act("compare-keep")  # back to what was there
    assert window.source == WTW
    window.act("compare-close")
    assert pane(window)["held"] is False
    assert window.source == WTW


def test_before_and_after_an_edit(window):
    start(window)
    window.act("compare")
    assert lines(window) == {}
    window.act("untie")
    assert lines(window)["g"] == pytest.approx((2, 1))
    assert [v["document"] for v in pane(window)["versions"]] == [False, True]
    window.act("compare-step")
    assert lines(window)["g"] == pytest.approx((2, 1))


def test_a_step_of_the_history_the_last_saved_and_an_example(window):
    start(window)
    window.send(type="edit", key="g", field="parameter", value="3")
    window.act("untie")
    window.act("tab:compare")
    assert pane(window)["steps"][0] == {"back": 1, "text": "Untie g"}
    window.send(type="compare", back=2)
    assert lines(window)["g"] == pytest.approx((2, 9))
    window.send(type="compare", back=500)
    assert "no step 500" in window.errors[-1]
    window.act("save")
    window.send(type="edit", key="h", field="parameter", value="2")
    window.act("compare-saved")
    assert lines(window)["h"] == pytest.approx((3, 2))
    window.send(type="compare", example="there_and_back")
    assert words(pane(window)["versions"][0]["name"])
    window.send(type="compare", example="nowhere")
    assert "no example" in window.errors[-1]


def test_another_nonlinearity_of_a_gate_and_of_a_declared_function(window):
    start(
        window,
        NET.replace("y = relu(x)", "y = phi(x)").replace("readout v", "function phi(u) = relu(u)\nreadout v"),
        "gate:z",
    )
    window.send(type="compare", function="erf")
    names = [words(v["name"]) for v in pane(window)["versions"]]
    assert names == ["relu", "erf"]
    assert lines(window)["z"] == pytest.approx(
        (0.25, 1 / 3), rel=1e-5
    )  # E erf(u)² = (2/π) arcsin(2s/(1 + 2s)), s = 1/2
    window.send(type="select", nodes=["gate:y"], edges=[])
    window.send(type="compare", function="tanh")
    assert pane(window)["versions"][1]["edited"]["nodes"] == ["gate:y"]
    window.act("compare-keep")
    assert "function phi(u) = tanh(u)" in window.source
    window.send(type="compare", function="tanh")
    assert "tanh already" in window.errors[-1]


def test_kernels_distributions_formulas_and_the_network(window):
    start(window, NET, "gate:z")
    window.send(type="compare", function="erf")
    rows = lines(window)
    assert rows["nngp"][0] == pytest.approx(0.25)
    assert {"nngp", "ntk"} <= set(rows)
    window.send(type="compare", view="kernel")
    heat = pane(window)["heat"]
    assert len(heat["maps"]) == 3
    k = heat["labels"].index("z")
    a, b, gap = (m[k][k]["number"] for m in heat["maps"])
    assert gap == pytest.approx(b - a)
    window.send(type="compare", chosen=["z"])
    assert pane(window)["heat"]["labels"] == ["z"]
    window.send(type="compare", kind="ntk")
    heat = pane(window)["heat"]
    assert heat["maps"][0][0][0]["number"] == pytest.approx(rows["ntk"][0])
    window.send(type="compare", view="distribution", vector="z")
    shown = pane(window)
    relu, erf = shown["plot"]["versions"]
    assert relu["atoms"][0]["mass"] == pytest.approx(0.5)
    assert erf["atoms"] == []
    assert r"\mathrm{relu}" in shown["formulas"][0][0]["right"]
    assert r"\mathrm{erf}" in shown["formulas"][1][0]["right"]


def test_a_version_without_a_limit_says_so_and_the_other_stays(window):
    start(window, "vector x ~ N(0, 1)\ny = tanh(x)\n", None)
    window.act("compare")
    window.send(type="text", source="vector x ~ N(0, 1)\ny = exp(x**2)\n")
    row = pane(window)["lines"][0]
    assert (row["id"], row["second"]) == ("y", "none")
    assert "not exist" in row["problem"]
    window.send(type="compare", view="distribution", vector="y")
    shown = pane(window)
    assert shown["plot"]["versions"][0]["curve"]
    assert shown["plot"]["versions"][1] is None
    assert shown["plot_errors"][1]


def test_a_file_is_read_and_a_wrong_one_refused(window):
    start(window)
    window.send(type="compare", name="other.tp", text=WTW.replace("1/n", "4/n"))
    assert lines(window)["h"] == pytest.approx((4, 1))
    assert words(pane(window)["versions"][0]["name"]) == "other.tp"
    window.send(type="compare", name="wrong.tpviz", text="{")
    window.send(type="compare", name="empty.tp", text="# nothing\n")
    window.send(type="compare", view="elsewhere")
    assert len(window.errors) == 3
    assert lines(window)["h"] == pytest.approx((4, 1))  # what was held stays


def test_opening_another_document_ends_a_variant_but_not_a_held_version(window):
    start(window)
    window.act("compare-tied")
    window.send(type="example", id="rnn")
    assert pane(window)["held"] is False
    window.act("compare")
    window.send(type="example", id="mlp")
    assert pane(window)["held"] is True


def test_gia_leaves_the_kernels_of_a_recurrent_network(window):
    window.send(type="example", id="rnn")
    window.act("backprop", "compare-gia")
    assert lines(window) == {}
    assert "NNGP and NTK unchanged" in words(pane(window)["unchanged"])


def test_the_numbers_and_both_drawings_are_exported(window):
    start(window)
    window.act("compare-tied")
    pane(window)
    window.act("compare:csv", "compare:svg", "compare:pdf", "compare:png")
    assert window.errors == []
    files = {
        p["name"].rsplit(".", 1)[1]: base64.b64decode(p["base64"]) for p in window.patches if p["type"] == "download"
    }
    table = list(csv.DictReader(io.StringIO(files["csv"].decode())))
    row = next(r for r in table if r["name"] == "g" and r["quantity"] == "E Z^2")
    assert (float(row["A"]), float(row["B"]), row["changes"]) == (pytest.approx(2), pytest.approx(1), "yes")
    assert any(r["quantity"] == "Zdot coefficient" and float(r["A"]) == pytest.approx(1) for r in table)
    assert files["svg"].startswith(b"<?xml")
    assert files["pdf"].startswith(b"%PDF")
    assert files["png"].startswith(b"\x89PNG")


def test_untying_is_an_edit_that_can_be_undone(window):
    start(window)
    window.act("untie")
    assert "matrix W_tilde ~ N(0, 1/n)" in window.source
    rows = {r["name"]: r for r in window.session.view.actions}
    assert not rows["untie"]["enabled"]
    assert "used twice" in rows["untie"]["needs"]
    window.act("undo", "untie-transposes")
    assert "g = W_tilde.T @ h" in window.source
    window.act("undo")
    assert window.source == WTW


def test_nothing_is_computed_while_the_pane_is_closed(window):
    start(window)
    window.act("compare-tied")
    pane(window)
    window.send(type="tab", tab="kernel")
    assert window.session.view.compare is None
    before = window.session.comparing.result
    window.send(type="edit", key="g", field="parameter", value="2")
    pane(window)
    assert window.session.comparing.result is before
    window.send(type="tab", tab="compare")
    assert lines(window)["g"] == pytest.approx((8, 4))


def test_the_edit_is_lit_on_the_canvas_while_the_pane_is_open(window):
    start(window)
    window.act("compare-tied")
    pane(window)
    view = window.session.view
    assert view.highlight["2"] == {"nodes": [], "edges": ["h>g:0"]}
    assert view.legend[0]["style"] == 2
    window.act("export:svg")
    assert (
        b"B84A00".lower() in base64.b64decode(window.patches[-1]["base64"]).lower()
    )  # what is exported is what is seen
    window.send(type="tab", tab="kernel")
    assert view.highlight == {}
    assert view.legend == []
    window.send(type="tab", tab="compare")
    window.act("compare-close")
    assert view.highlight == {}


def test_a_declared_function_stands_under_its_formula(window):
    start(window, "function phi(u) = relu(u)\nvector x ~ N(0, 1)\ny = phi(x)\n", "gate:y")
    window.send(type="compare", function="erf")
    a, b = (steps[-1] for steps in pane(window)["formulas"])
    assert a["left"] == b["left"] == r"\phi(u)"
    assert (r"\mathrm{relu}" in a["right"], r"\mathrm{erf}" in b["right"]) == (True, True)


def test_a_large_program_says_what_was_not_compared(window):
    layers = "".join(f"h{k} = W @ x{k - 1}\nx{k} = relu(h{k})\n" for k in range(1, 33))
    start(window, "matrix W ~ N(0, 2/n)\nvector x0 ~ N(0, 1)\n" + layers, "h20")
    window.act("compare-tied")
    told = words(pane(window)["unchanged"])
    assert told.startswith("Unchanged: ")
    assert told.endswith("(pairs were not compared: the program is large)")
    assert len(pane(window)["versions"][0]["scene"]["nodes"]) == 24
