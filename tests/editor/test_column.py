"""The results column of a network: paths, kernels over a batch, the backward pass, without a browser."""

import base64
import io

import numpy as np
import pytest

import tpviz as tp
from tpviz.language import parse

TURN = 60.0


def rnn(window):
    window.send(type="example", id="rnn")
    window.settle()
    return window.session.program


def paths(window) -> dict:
    window.settle()
    return window.session.view.results["paths"]


def network(window) -> dict:
    window.settle()
    return window.session.view.results["network"]


# paths


def test_without_an_output_the_paths_say_what_is_missing(window):
    window.send(type="example", id="there_and_back")
    window.send(type="tab", tab="paths")
    assert paths(window)["network"] is False
    assert window.session.view.highlight == {}


def test_words_and_their_contributions(window):
    program = rnn(window)
    window.send(type="tab", tab="paths")
    shown = paths(window)
    batch = window.session.column.network
    assert batch.result is None  # the kernels are computed when their pane is open
    found = tp.paths(program)
    assert shown["counts"] == f"{found.count} paths, 6 words, {found.pairs} pairs"
    assert shown["counts"].startswith("12 paths, 6 words, 28 pairs")
    assert sum(r["number"] for r in shown["rows"]) == pytest.approx(shown["number"], rel=1e-9)
    assert shown["sum"]["agrees"]
    sizes = [abs(r["number"]) for r in shown["rows"]]
    assert sizes == sorted(sizes, reverse=True)
    assert max(r["bar"] for r in shown["rows"]) == 1


def test_the_headline_is_the_ntk(window):
    program = rnn(window)
    window.send(type="tab", tab="paths")
    window.send(type="paths", angle=0)
    own = {name: np.array([[float(str(v)) for v in program[name].value]]) for name in program.inputs}
    assert paths(window)["number"] == pytest.approx(float(tp.ntk(program, own)[0, 0]), rel=1e-12)


def test_pairs_step_round_and_light_both_paths(window):
    program = rnn(window)
    window.send(type="tab", tab="paths")
    window.send(type="paths", word=["U", "W"])
    seen = []
    for _ in range(4):
        shown = paths(window)["pair"]
        lit = window.session.view.highlight
        assert set(lit) == {"1", "2"}
        seen.append((shown["index"], tuple(shown["p"]), tuple(shown["q"])))
        assert shown["number"] == pytest.approx(np.prod([float(f["value"]) for f in shown["factors"]]), rel=5e-3)
        window.act("next-pair")
    assert [k for k, *_ in seen] == [1, 2, 3, 0]
    assert len({x[1:] for x in seen}) == 4
    window.act("previous-pair")
    assert paths(window)["pair"]["index"] == 0
    matrix = paths(window)["matrix"]
    cells = [c["number"] for row in matrix["cells"] for c in row]
    row = next(r for r in paths(window)["rows"] if r["chosen"])
    assert sum(cells) == pytest.approx(row["number"], rel=1e-9)
    assert row["id"] == "U W"
    assert set(program.vectors) & set(window.session.view.highlight["1"]["nodes"])


def test_words_step_up_and_down(window):
    rnn(window)
    window.send(type="tab", tab="paths")
    order = [r["id"] for r in paths(window)["rows"]]
    window.send(type="paths", word=[])
    for word in order[1:]:
        window.act("next-word")
        assert next(r["id"] for r in paths(window)["rows"] if r["chosen"]) == word
    window.act("next-word")  # the last one stays
    assert next(r["id"] for r in paths(window)["rows"] if r["chosen"]) == order[-1]
    window.act("previous-word", "previous-word")  # faster than the worker
    assert next(r["id"] for r in paths(window)["rows"] if r["chosen"]) == order[-3]


def test_shared_edges_are_lit_as_shared(window):
    rnn(window)
    window.send(type="tab", tab="paths")
    window.send(type="paths", word=["U", "W"])
    paths(window)
    one, two = (set(window.session.view.highlight[k]["edges"]) for k in "12")
    assert one & two == {"gate:x2>x2:0"}
    window.send(type="export", format="svg")
    window.send(type="tab", tab="kernel")  # the pair stays, and is explained on the canvas
    window.settle()
    assert [r.get("style") for r in window.session.view.legend] == [1, 2, None]
    window.act("clear-path")
    assert window.session.view.highlight == {}


def test_a_picked_path_is_p(window):
    rnn(window)
    window.send(type="tab", tab="paths")
    window.act("highlight-path")
    window.send(type="pick", id="u1")
    window.send(type="pick", id="x3")
    shown = paths(window)
    assert next(r["id"] for r in shown["rows"] if r["chosen"]) == "U W W"
    assert len(shown["pair"]["p"]) == 7
    window.act("highlight-path")
    window.send(type="pick", id="u1")
    window.send(type="pick", id="h3")
    assert paths(window)["missed"]


def test_paths_of_different_words_vanish_like_one_over_root_n(window):
    rnn(window)
    window.send(type="tab", tab="paths")
    window.send(type="paths", word=["U", "W"])
    window.settle()
    window.send(type="paths", partner=["U", "W", "W"])
    shown = paths(window)["pair"]
    assert shown["isomorphic"] is False
    assert shown["number"] == 0
    sizes = {r["n"]: r["number"] for r in shown["finite"]}
    assert list(sizes) == [64, 256, 1024, 4096]
    assert sizes[4096] < sizes[64] / 2  # 1/8 is expected, from 16 seeds each
    assert shown["count"] == 2


def test_an_input_of_one_number_and_no_input_at_all(window):
    tail = "readout v ~ N(0, 1)\noutput f = v.T @ y / sqrt(n)\n"
    window.send(type="text", source="input xi = [2]\nembedding U ~ N(0, 1/d)\nx = U @ xi\ny = tanh(x)\n" + tail)
    window.send(type="tab", tab="paths")
    assert paths(window)["snapped"].startswith("0°")
    window.send(type="paths", angle=120)
    assert paths(window)["snapped"].startswith("180°")
    assert paths(window)["number"] < 0
    window.send(type="text", source="vector x ~ N(0, 1)\ny = tanh(x)\n" + tail)
    assert paths(window)["number"] > 0
    window.send(type="tab", tab="kernel")
    window.send(type="kernel", kind="network")
    assert np.array(network(window)["kernels"][1]["limit"]).shape == (1, 1)
    window.send(type="network", view="angle")
    assert "no input" in network(window)["error"]


def test_a_network_without_a_kernel_says_why(window):
    rnn(window)
    window.send(type="tab", tab="paths")
    window.send(type="text", source=window.source.replace("readout v ~ N(0, 1)", "readout v ~ N(1, 1)"))
    assert "mean" in paths(window)["error"]
    window.act("undo")
    assert paths(window)["error"] is None


def test_an_edit_keeps_what_still_is_a_path(window):
    rnn(window)
    window.send(type="tab", tab="paths")
    paths(window)
    window.send(type="edit", key="h2", field="parameter", value=1.0)
    assert paths(window)["pair"]["number"] > 0
    window.send(type="text", source=window.source.replace("output f", "# output f"))
    assert paths(window)["network"] is False
    window.act("undo")
    assert paths(window)["ready"]


def test_where_the_words_are_not_the_kernel_both_numbers_and_the_reason(window):
    window.send(
        type="text",
        source="input xi = [1, 1]\nembedding U ~ N(0, 1/d)\nmatrix W ~ N(0, 1/n)\nx = U @ xi\nh = W @ x\ng = W.T @ h\nreadout v ~ N(0, 1)\noutput f = v.T @ g / sqrt(n)\n",
    )
    window.send(type="tab", tab="paths")
    window.send(type="paths", angle=0)
    told = paths(window)["sum"]
    assert told["agrees"] is False
    assert told["kernel"] == pytest.approx(6)
    assert told["paths"] == pytest.approx(5)
    words = "".join(part.get("text", part.get("tex", "")) for part in told["text"])
    assert "5" in words
    assert "6" in words
    assert "W occurs with its transpose" in words


# kernels over a batch


def test_typed_inputs_give_the_kernels_of_the_library(window):
    program = rnn(window)
    window.send(type="kernel", kind="network")
    window.send(type="batch", kind="typed", text="1 0 1 .5 -1 .5 -.5 1 1\n0 1 0 1 1 1 0 0 2\n")
    shown = network(window)
    rows = np.array([[1, 0, 1, 0.5, -1, 0.5, -0.5, 1, 1], [0, 1, 0, 1, 1, 1, 0, 0, 2]])
    X = {name: rows[:, 3 * k : 3 * k + 3] for k, name in enumerate(program.inputs)}
    for kernel, values in zip(shown["kernels"], tp.kernels(program, X), strict=True):
        assert np.array(kernel["limit"]) == pytest.approx(values, rel=1e-7)
        assert np.array(kernel["found"]) == pytest.approx(values, rel=0.5)
    assert len(shown["labels"]) == 2


def test_the_curve_and_the_errors(window):
    rnn(window)
    window.send(type="kernel", kind="network")
    window.send(type="network", view="angle")
    curve = network(window)["curve"]
    assert len(curve["angles"]) == len(curve["ntk"]) == 61
    assert curve["ntk"][0] == max(curve["ntk"])
    window.send(type="network", view="convergence")
    found = network(window)["convergence"]
    assert found["widths"][0] == 64
    assert found["ntk"][-1] < found["ntk"][0]


def test_a_npy_file_and_one_that_is_none(window):
    rnn(window)
    window.send(type="kernel", kind="network")
    stream = io.BytesIO()
    np.save(stream, np.eye(9)[:4])
    window.send(type="batch-file", name="x.npy", base64=base64.b64encode(stream.getvalue()).decode())
    assert len(network(window)["labels"]) == 4
    assert window.session.view.results["batch"]["name"] == "x.npy"
    window.send(type="batch-file", name="y.npy", base64="AAAA")
    window.send(type="batch-file", name="z.npy", base64="not base64!")
    assert len(window.errors) == 2
    assert len(network(window)["labels"]) == 4


def test_a_batch_that_does_not_fit_is_said_in_its_pane(window):
    rnn(window)
    window.send(type="kernel", kind="network")
    window.send(type="batch", kind="typed", text="1 2")
    assert "A row has 2 numbers" in network(window)["error"]
    assert window.session.view.results["status"]["error"] is None  # the kernel of the vectors is as it was


def test_inputs_without_a_value_come_from_the_batch(window):
    text = "input xi\nembedding U ~ N(0, 1/d)\nx = U @ xi\ny = tanh(x)\nreadout v ~ N(0, 1)\noutput f = v.T @ y / sqrt(n)\n"
    window.send(type="text", source=text)
    window.settle()
    results = window.session.view.results
    assert results["status"]["error"] is None
    assert results["batch"]["free"]
    assert results["batch"]["kind"] == "sphere"
    chips = window.session.view.frame["chips"]
    assert {"tex": r"\xi"} in chips[-1]["text"]
    window.send(type="kernel", kind="network")
    window.send(type="batch", dimension=7, count=3)
    assert len(network(window)["labels"]) == 3
    assert window.session.view.results["batch"]["what"] == "3 inputs, d = 7"
    window.send(type="tab", tab="paths")
    assert paths(window)["sum"]["agrees"]
    assert window.source == text


# the backward pass


def test_one_action_shows_the_backward_pass(window):
    program = rnn(window)
    before = window.source
    assert action(window, "backprop")["enabled"]
    window.act("backprop")
    assert window.source.startswith(before.rstrip())
    assert parse(window.source) == tp.backprop(program)
    assert not action(window, "backprop")["enabled"]
    window.send(type="tab", tab="paths")  # the kernel, its paths and the check are those of the network as before
    assert paths(window)["counts"].startswith("12 paths")
    assert window.session.view.frame["chips"][1]["ok"]
    window.act("undo")
    assert window.source == before
    window.send(type="example", id="there_and_back")
    assert not action(window, "backprop")["enabled"]


def action(window, name: str) -> dict:
    return next(a for a in window.session.view.actions if a["name"] == name)


def test_the_gia_check_is_a_chip_and_its_reasons_are_problems(window):
    rnn(window)
    assert {k: window.session.view.frame["chips"][1][k] for k in ("text", "ok")} == {
        "text": "GIA check passes",
        "ok": True,
    }
    window.send(type="text", source=window.source.replace("readout v ~ N(0, 1)", "readout v ~ N(1, 1)"))
    window.settle()
    chip = window.session.view.frame["chips"][1]
    assert chip["text"] == "GIA check fails"
    assert any("v" in p["message"] and p["severity"] == "warning" for p in window.session.view.text["problems"])
