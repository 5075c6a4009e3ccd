import pytest

from tpviz.drawing import sketch
from tpviz.drawing.sketch import transpose
from tpviz.language import parse, parse_partial

from .programs import ALL, BROKEN, EXAMPLES


def test_recurrent_network():
    s = sketch(parse(EXAMPLES["rnn"]))
    assert [(n.id, n.kind, n.tex) for n in s.nodes[:4]] == [
        ("u1", "initial", r"U\xi^{1}"),
        ("gate:x1", "gate", r"\phi"),
        ("x1", "vector", "x^{1}"),
        ("h2", "vector", "h^{2}"),
    ]
    assert s.by_id["gate:x2"].ports == 2
    edges = {e.id: e for e in s.edges}
    assert (edges["x1>h2:0"].kind, edges["x1>h2:0"].tex) == ("matmul", "W")
    assert edges["u2>gate:x2:1"].slot == 1
    assert [e.tex for e in s.edges if e.kind == "readout"] == [r"v^{\top}"] * 3


def test_inputs_are_shown_on_request_and_where_nothing_embeds_them():
    program = parse("input xi\ninput eta\nembedding U ~ N(0, 1/d)\nh = U @ xi\n")
    assert {n.id: n.kind for n in sketch(program).nodes} == {"eta": "input", "h": "initial"}
    shown = sketch(program, {"inputs": True})
    assert {n.id: n.kind for n in shown.nodes} == {"xi": "input", "eta": "input", "h": "vector"}
    assert [(e.id, e.kind, e.tex) for e in shown.edges] == [("xi>h:0", "matmul", "U")]


def test_moments_scalars_and_coefficients():
    text = """
constant c = 2
vector x ~ N(0, 1)
vector y ~ N(0, 1)
scalar eps = 0.1
nu = mean(x)
s = mean((x - nu)**2)
z = 2*x - 0.5*y
w = c*x + y
a = x + y
"""
    s = sketch(parse(text))
    assert (s.by_id["gate:nu"].kind, s.by_id["gate:nu"].tex, s.by_id["nu"].kind) == ("moment", r"\mathrm{id}", "scalar")
    assert s.by_id["gate:s"].note == r"(x - \nu)^{2}"
    assert s.by_id["eps"].kind == "scalar"
    assert {e.id: e.coefficient for e in s.edges if e.target.startswith("gate:") and e.coefficient} == {
        "x>gate:z:0": "2",
        "y>gate:z:1": "-0.5",
        "x>gate:w:0": "c",
    }
    assert s.by_id["gate:a"].kind == "lincomb"


def test_what_is_wrong_is_drawn_and_marked():
    s = sketch(parse_partial(BROKEN))
    assert s.by_id["ghost:y:0"].kind == "ghost"
    assert s.by_id["gate:y"].error == "A product cannot stand inside a Nonlin."
    assert {"x3>ghost:y:0:0", "ghost:y:0>gate:y:0", "gate:y>y:0"} <= {e.id for e in s.edges}
    assert s.by_id["k"].error
    assert s.by_id["gate:l"].ports == 0
    assert [e.source for e in s.edges if e.target == "gate:j"] == ["ghost:j:0", "h2"]
    assert s.by_id["u1"].error  # defined twice: the first stays
    assert s.by_id["u1"].kind == "initial"
    assert s.by_id["w"].error


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
def test_edges_join_nodes_and_ids_are_unique(text):
    for view in ({}, {"inputs": True}):
        s = sketch(parse(text), view)
        assert len({e.id for e in s.edges}) == len(s.edges)
        assert all(e.source in s.by_id and e.target in s.by_id for e in s.edges)
        for n in s.nodes:
            slots = [e.slot for e in s.edges if e.target == n.id]
            if n.kind in ("gate", "lincomb", "moment"):
                assert slots == list(range(n.ports))


def test_program_and_text_give_the_same_sketch():
    assert sketch(parse(EXAMPLES["layernorm"])) == sketch(parse_partial(EXAMPLES["layernorm"]))


def test_labels_can_be_replaced():
    s = sketch(
        parse(EXAMPLES["rnn"]),
        labels={"W": r"\Omega", "x1": "s_{1}", "gate:x1": r"\sigma", "x2": r"\input{/etc/passwd}"},
    )
    assert next(e.tex for e in s.edges if e.kind == "matmul") == r"\Omega"
    assert s.by_id["x1"].tex == "s_{1}"
    assert s.by_id["gate:x1"].tex == r"\sigma"
    assert s.by_id["x2"].tex == r"\mathrm{inputetcpasswd}"


@pytest.mark.parametrize(
    ("tex", "expected"),
    [("W", r"W^{\top}"), ("W^{2}", r"W^{2\top}"), ("W_{0}", r"W_{0}^{\top}"), ("W^{1}_{0}", r"W^{1\top}_{0}")],
)
def test_transposes(tex, expected):
    assert transpose(tex) == expected
