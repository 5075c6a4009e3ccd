"""The simple check of gradient independence and BP-like programs, on programs whose answer is known (theory.md §4)."""

import re

import pytest

import tpviz as tp
from tests.network import networks
from tests.network.test_paths import points_of
from tests.network.waves import RandomProgram
from tpviz.language.instructions import MatMul

MLP = networks.mlp(2, "tanh", bias=0.1, output_bias=0.1)
# 001: φ(z) = z²/2 with a readout of nonzero mean
COUNTEREXAMPLE = """input xi = [1.0, -1.0]
embedding U ~ N(0, 1/d)
matrix W ~ N(0, 1/n)
readout v ~ N(1, 1)
function phi(z) = z**2/2
h1 = U @ xi
x1 = phi(h1)
h2 = W @ x1
x2 = phi(h2)
output f = v.T @ x2 / sqrt(n)
"""
IN_THE_BODY = networks.mlp(2, "tanh").replace("x2 = tanh(u2)", "x2 = tanh(u2)*v")

#: name -> (text, passes, both ways)
SIMPLE = {
    "MLP": (MLP, True, ()),
    "MLP without biases": (networks.mlp(3), True, ()),
    "tied RNN": (networks.rnn(3), True, ()),
    "residual": (networks.resnet(3), True, ()),
    "convolution": (networks.cnn(3), True, ()),
    "layer norm": (networks.layer_norm(), True, ()),
    "batch norm": (networks.batch_norm(), True, ()),
    "attention": (networks.attention(), True, ()),
    "weight-tied autoencoder": (networks.autoencoder(), True, ("W",)),
    "only the transpose": (networks.mlp(2).replace("W2 @", "W2.T @"), True, ()),
    "001's counterexample": (COUNTEREXAMPLE, False, ()),
    "the same with mean 0": (COUNTEREXAMPLE.replace("N(1, 1)", "N(0, 1)"), True, ()),
    "a readout in the body": (IN_THE_BODY, False, ()),
    "a readout that is multiplied": (networks.mlp(1) + "matrix Q ~ N(0, 1/n)\ny = Q @ v\nz = y*x1\noutput g = v.T @ z / sqrt(n)\n", False, ()),
    "a readout in a moment": (networks.mlp(1).replace("output f", "q = mean(v*x1)\ny = q*x1\noutput f").replace("v.T @ x1", "v.T @ y"), False, ()),
    "two matrices both ways": (networks.autoencoder().replace("output f", "matrix V ~ N(0, 1/n)\nh3 = V @ x2\nx3 = tanh(h3)\nh4 = V.T @ x3\noutput f").replace("v.T @ x2", "v.T @ h4"),
                               True, ("W", "V")),
}  # fmt: skip


@pytest.mark.parametrize("name", SIMPLE)
def test_the_simple_check(name):
    text, passes, both_ways = SIMPLE[name]
    report = tp.gia_check(tp.parse(text))
    assert report.passes is passes
    assert bool(report.reasons) is not passes
    assert set(report.both_ways) == set(both_ways)
    assert str(report).strip()
    assert str(report).strip()[0].isupper()
    for d in (*report.reasons, *report.warnings):
        assert isinstance(d, tp.Diagnostic)
        assert d.message.endswith(".")


def test_a_nonzero_mean_is_the_reason():
    report = tp.gia_check(tp.parse(COUNTEREXAMPLE))
    assert any("v" in d.names for d in report.reasons)
    assert any("mean" in d.message for d in report.reasons)
    assert re.search(r"\bv\b", str(report))


def test_a_use_in_the_body_is_the_reason():
    report = tp.gia_check(tp.parse(IN_THE_BODY))
    assert any("v" in d.names and "x2" in d.message + " ".join(d.names) for d in report.reasons)


def test_both_reasons_at_once():
    text = IN_THE_BODY.replace("readout v ~ N(0, 1.0)", "readout v ~ N(0.5, 1)")
    assert len(tp.gia_check(tp.parse(text)).reasons) == 2


@pytest.mark.parametrize(("name", "matrix"), [("weight-tied autoencoder", "W"), ("two matrices both ways", "V")])
def test_a_matrix_both_ways_is_named_in_a_warning(name, matrix):
    report = tp.gia_check(tp.parse(SIMPLE[name][0]))
    assert any(matrix in d.names for d in report.warnings)
    assert re.search(rf"\b{matrix}\b", str(report))


def test_no_warning_without_cause():
    assert tp.gia_check(tp.parse(MLP)).warnings == ()
    assert tp.gia_check(tp.parse(MLP)).nonzero == {}


def test_nonzero_products_of_the_backward_pass():
    """h1 = Wx0, h2 = Wᵀφ(h1): Wᵀ(φ'(h1) ⊙ W dh2) has Ż = σ_W² dh2 E φ'(h1)."""
    text = networks.autoencoder("relu").replace("input xi", "input xi = [1.0, -0.5, 2.0]")
    report = tp.gia_check(tp.parse(text))
    assert set(report.nonzero) == {"dx0"}
    ((vector, coefficient),) = report.nonzero["dx0"].items()
    assert vector == "dh2"
    assert coefficient == pytest.approx(1.2 * 0.5, rel=1e-10)
    assert "dx0" in str(report)


def test_without_values_of_inputs_nothing_is_computed():
    assert tp.gia_check(tp.parse(networks.autoencoder())).nonzero == {}


# BP-like: programs that hold a backward pass themselves

FORWARD = """vector x0 ~ N(0, 1)
matrix W ~ N(0, 1/n)
matrix V ~ N(0, 1/n)
vector v ~ N(0, 1)
h1 = W @ x0
x1 = tanh(h1)
h2 = V @ x1
"""
#: name -> (lines after FORWARD, BP-like)
BACKWARD = {
    "backward of a network": ("dh2 = v*step(h2)\ndx1 = V.T @ dh2\ndh1 = (1 - x1**2)*dx1\ndx0 = W.T @ dh1\n", True),
    "an odd function": ("z = tanh(v)*h2**2\ny = V.T @ z\n", True),
    "odd through two": ("z = sin(v)*v**2\ny = V.T @ z\nw = y*step(h1)\nu = W.T @ w\n", True),
    "the cube": ("z = v**3*relu(h2)\ny = V.T @ z\n", True),
    "an even function": ("z = v**2*step(h2)\ny = V.T @ z\n", False),
    "relu is not odd": ("z = relu(v)*step(h2)\ny = V.T @ z\n", False),
    "no v at all": ("z = relu(h2)\ny = V.T @ z\n", False),
    "an odd part and a rest": ("z = v*step(h2) + x1\ny = V.T @ z\n", False),
    "a moving forward pass": ("g = W @ v\nz = v*step(h2)\ny = V.T @ z\nu = W.T @ y\n", False),
    "no transposes": ("y = relu(h2)\n", True),
}


@pytest.mark.parametrize("name", BACKWARD)
def test_bp_like_programs(name):
    lines, bp_like = BACKWARD[name]
    report = tp.gia_check(tp.parse(FORWARD + lines))
    assert report.bp_like is bp_like
    if bp_like and name != "no transposes":
        assert report.odd == ("v",)
    if not bp_like:
        assert report.odd is None


def test_a_vector_that_is_not_centred_or_not_independent_does_not_count():
    lines = BACKWARD["backward of a network"][0]
    assert not tp.gia_check(tp.parse(FORWARD.replace("vector v ~ N(0, 1)", "vector v ~ N(0.5, 1)") + lines)).bp_like
    joint = FORWARD.replace("vector x0 ~ N(0, 1)\n", "").replace("vector v ~ N(0, 1)\n", "")
    assert not tp.gia_check(tp.parse("vector x0, v ~ N([0, 0], [[1, 0.5], [0.5, 1]])\n" + joint + lines)).bp_like
    assert tp.gia_check(
        tp.parse(
            "vector w, v ~ N([0, 0], [[1, 0.5], [0.5, 1]])\n" + FORWARD.replace("vector v ~ N(0, 1)\n", "") + lines
        )
    ).bp_like


def test_two_readouts_are_odd_together():
    lines = "vector w ~ N(0, 1)\nz = v*step(h2) + w*h2\ny = V.T @ z\nu = W.T @ y\n"
    report = tp.gia_check(tp.parse(FORWARD + lines))
    assert report.bp_like
    assert set(report.odd) == {"v", "w"}
    # vw is odd in one of them and even in both, so no choice fits all three terms
    assert not tp.gia_check(
        tp.parse(FORWARD + lines.replace("z = v*step(h2) + w*h2", "z = (v*w + v + w)*step(h2)"))
    ).bp_like


@pytest.mark.parametrize("name", ["MLP", "tied RNN", "residual", "layer norm"])
def test_networks_that_pass_are_bp_like_with_their_backward_pass(name):
    report = tp.gia_check(tp.backprop(tp.parse(SIMPLE[name][0])))
    assert report.bp_like
    assert "v" in report.odd


def test_an_autoencoder_is_not_bp_like():
    assert not tp.gia_check(tp.parse(networks.autoencoder())).bp_like
    assert not tp.gia_check(tp.backprop(tp.parse(networks.autoencoder()))).bp_like


def test_where_the_check_fails_the_full_rules_hold():
    """001 (15): the mean of dx1 is σ_W² E[x1] E[dh2-slope]: dh2 = h2 v, Ż = x1 E[v] = x1, so E dx1 = E x1 = ½ ‖ξ‖²/d."""
    back = tp.backprop(tp.parse(COUNTEREXAMPLE))
    lim = tp.limit(back)
    assert lim.zdot("dx1") == {"x1": pytest.approx(1.0, rel=1e-12)}
    assert lim.mean("dx1") == pytest.approx(0.5, rel=1e-12)
    run = tp.simulate(back, width=200_000, seed=0)
    assert run["dx1"].mean() == pytest.approx(0.5, abs=0.02)


def test_a_program_without_an_output():
    """Nothing to read out: the simple check has nothing to say against it, or says so in a sentence."""
    report = tp.gia_check(tp.parse("vector x ~ N(0, 1)\ny = relu(x)\n"))
    assert isinstance(str(report), str)


def test_what_is_not_a_program():
    with pytest.raises(tp.InputError, match="Program"):
        tp.gia_check("output f = v.T @ x / sqrt(n)")


def nonzero_products(program, inputs) -> list[str]:
    lim = tp.limit(program, inputs=inputs)
    return [i.name for i in program if isinstance(i, MatMul) and lim.zdot(i.name)]


def test_bp_like_means_that_every_z_dot_is_0():
    """002, Theorem A.6, on random programs with W and its transpose, and on backward passes of random networks."""
    bp_like = [0, 0]
    for seed in range(40):
        random = RandomProgram(seed, both_ways=True, size=(4, 9))
        program, (inputs,) = tp.parse(random.text), points_of(random, 1)
        if tp.gia_check(program).bp_like:
            bp_like[0] += 1
            assert nonzero_products(program, inputs) == [], random.text
    for seed in range(8):
        random = RandomProgram(seed, size=(8, 14))
        program, (inputs,) = tp.parse(random.text), points_of(random, 1)
        report, back = tp.gia_check(program), tp.backprop(program)
        assert report.passes
        assert report.both_ways == ()
        if tp.gia_check(back).bp_like:
            bp_like[1] += 1
        assert nonzero_products(back, inputs) == [], random.text
    assert bp_like[0] >= 5
    assert bp_like[1] >= 5


def test_nonzero_products_are_those_of_the_full_rules():
    """On random programs with W and its transpose: the names and coefficients of the report are the limit's own, in the backward pass."""
    found = 0
    for seed in range(30):
        random = RandomProgram(seed, both_ways=True, size=(4, 9))
        program, (inputs,) = tp.parse(random.text), points_of(random, 1)
        lines = [
            f"{x} = {inputs[x.split()[1]].tolist()}" if x.startswith("input") else x for x in random.text.splitlines()
        ]
        report, back = tp.gia_check(tp.parse("\n".join(lines))), tp.backprop(program)
        backward = {x for x in back.vectors if x not in program.vectors}
        assert report.both_ways or not report.nonzero
        if report.both_ways:
            exact = [x for x in nonzero_products(back, inputs) if x in backward]
            assert sorted(report.nonzero) == sorted(exact), random.text
            found += bool(exact)
    assert found >= 3
