"""The parts of a kernel add up; what is asked wrongly is told in a sentence."""

import numpy as np
import pytest

import tpviz as tp
from tests.network import networks

RNG = np.random.default_rng(3)
X = RNG.standard_normal((4, 3))
SEQUENCES = {f"xi{t}": RNG.standard_normal((3, 2)) for t in (1, 2, 3)}
PROGRAMS = {
    "MLP": (networks.mlp(3, bias=0.1, output_bias=0.2), X, {"U", "W2", "W3", "b1", "b2", "b3", "v", "c0"}),
    "RNN": (networks.rnn(3, "relu", "sum"), SEQUENCES, {"U", "W", "b", "v"}),
    "autoencoder": (networks.autoencoder(), X, {"U", "W", "v"}),
    "layer norm": (networks.layer_norm(), X, {"U", "W", "b", "v"}),
}


def half(inputs, rows):
    return {k: x[rows] for k, x in inputs.items()} if isinstance(inputs, dict) else inputs[rows]


@pytest.mark.parametrize("name", PROGRAMS)
def test_parts_add_up(name):
    text, inputs, parameters = PROGRAMS[name]
    program = tp.parse(text)
    parts, ntk = tp.ntk_parts(program, inputs), tp.ntk(program, inputs)
    assert set(parts) == parameters
    np.testing.assert_allclose(sum(parts.values()), ntk, rtol=1e-12)
    for part in parts.values():
        assert part.shape == ntk.shape
        np.testing.assert_allclose(part, part.T, rtol=1e-12)
        assert np.linalg.eigvalsh(part).min() > -1e-10 * np.trace(ntk)
    np.testing.assert_allclose(tp.kernels(program, inputs)[1], ntk, rtol=1e-13)
    np.testing.assert_allclose(tp.kernels(program, inputs)[0], tp.nngp(program, inputs), rtol=1e-13)


@pytest.mark.parametrize("name", PROGRAMS)
def test_trainable_parameters(name):
    text, inputs, parameters = PROGRAMS[name]
    program = tp.parse(text)
    parts = tp.ntk_parts(program, inputs)
    ordered = sorted(parameters)
    for subset in (ordered[:1], ordered[1:3], ordered):
        exact = sum(parts[p] for p in subset)
        np.testing.assert_allclose(tp.ntk(program, inputs, trainable=subset), exact, rtol=1e-12)
    np.testing.assert_array_equal(tp.ntk(program, inputs, trainable=[]), 0 * parts[ordered[0]])


@pytest.mark.parametrize("name", PROGRAMS)
def test_two_sets_of_inputs(name):
    text, inputs, _ = PROGRAMS[name]
    program = tp.parse(text)
    parts = tp.ntk_parts(program, inputs)
    some, others = half(inputs, slice(0, 2)), half(inputs, slice(1, None))
    between = tp.ntk_parts(program, some, others)
    for p, part in parts.items():
        np.testing.assert_allclose(between[p], part[:2, 1:], rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(tp.ntk(program, some, others), sum(parts.values())[:2, 1:], rtol=1e-10)
    np.testing.assert_allclose(tp.nngp(program, others, Y=some), tp.nngp(program, inputs)[1:, :2], rtol=1e-10)


def test_an_input_named_in_a_mapping_is_the_same_as_an_array():
    program = tp.parse(networks.mlp(2))
    np.testing.assert_array_equal(tp.ntk(program, {"xi": X}), tp.ntk(program, X))
    np.testing.assert_array_equal(tp.ntk(program, X.tolist()), tp.ntk(program, X))


def test_a_value_of_the_text_stands_for_an_input_that_is_not_given():
    text = networks.rnn(2)
    fixed = tp.parse(text.replace("input xi2", "input xi2 = [0.3, -0.4]"))
    free = {"xi1": SEQUENCES["xi1"], "xi2": np.tile([0.3, -0.4], (3, 1))}
    np.testing.assert_allclose(tp.ntk(fixed, {"xi1": free["xi1"]}), tp.ntk(tp.parse(text), free), rtol=1e-12)


def test_data_declared_jointly_is_not_trained():
    """u, w stand for two embedded inputs: only v and W have parts, and their values are the MLP's."""
    text = """vector u, w ~ N([0, 0], [[1, 0.5], [0.5, 2]])
matrix W ~ N(0, 2/n)
readout v ~ N(0, 1)
x1 = relu(u)
h2 = W @ x1
x2 = relu(h2)
output f = v.T @ x2 / sqrt(n)
input xi
embedding U ~ N(0, 1/d)
h = U @ xi
y = h*w
output g = v.T @ y / sqrt(n)
"""
    program = tp.parse(text)
    parts = tp.ntk_parts(program, X[:1])
    assert set(parts) >= {"W", "v"}
    assert not {"u", "w"} & set(parts)
    assert parts["W"][0, 0] == pytest.approx(0.5, rel=1e-12)  # σ_W² E[dh dh] E[x x] = 2·½·½
    assert parts["v"][0, 0] == pytest.approx(0.5, rel=1e-12)
    for name in ("u", "w"):
        with pytest.raises(tp.InputError, match=name):
            tp.ntk(program, X, trainable=[name])


def test_a_parameter_of_variance_0_adds_nothing():
    program = tp.parse(networks.mlp(2).replace("x1 = relu(u1)", "vector b ~ N(0.3, 0)\nx1 = relu(u1 + b)"))
    np.testing.assert_array_equal(tp.ntk_parts(program, X)["b"], np.zeros((4, 4)))


def test_an_output_of_several():
    text = networks.mlp(2, output_bias=0.3) + "readout w ~ N(0, 1)\noutput g = 2*w.T @ x1 / sqrt(n)\n"
    program = tp.parse(text)
    alone = tp.parse("\n".join(x for x in text.splitlines() if not x.startswith("output f")))
    np.testing.assert_allclose(tp.ntk(program, X, output="g"), tp.ntk(alone, X), rtol=1e-12)
    np.testing.assert_allclose(tp.nngp(program, X, output="g"), tp.nngp(alone, X), rtol=1e-12)
    np.testing.assert_allclose(tp.ntk(program, X), tp.ntk(tp.parse(networks.mlp(2, output_bias=0.3)), X), rtol=1e-12)
    with pytest.raises(tp.InputError, match="h9"):
        tp.ntk(program, X, output="h9")


def test_coefficients_of_readout_terms():
    """f = 2 v·x − 3 w·x + v·y: NNGP 4 E xx' + 2·2·E xy' … by hand from second moments of the instances."""
    base = networks.mlp(2, "erf").replace("output f = v.T @ x2 / sqrt(n)", "")
    program = tp.parse(base + "readout w ~ N(0, 0.5)\nbias c0 ~ N(0, 0.1)\n"
                       "output f = 2*v.T @ x2 / sqrt(n) - 3*w.T @ x2 / sqrt(n) + v.T @ x1 / sqrt(n) + 4*c0\n")  # fmt: skip
    lim = tp.limit(tp.instantiate(program, [{"xi": X[0]}, {"xi": X[1]}]))
    m = {(a, b): lim.second_moment(f"{a}_0", f"{b}_1") for a in ("x1", "x2") for b in ("x1", "x2")}
    exact = 4 * m["x2", "x2"] + 2 * (m["x2", "x1"] + m["x1", "x2"]) + m["x1", "x1"] + 9 * 0.5 * m["x2", "x2"] + 1.6
    assert tp.nngp(program, X[:1], X[1:2])[0, 0] == pytest.approx(exact, rel=1e-12)
    assert tp.ntk_parts(program, X[:1], X[1:2])["c0"][0, 0] == pytest.approx(1.6, rel=1e-14)


def refused(match, text, *args, kind=tp.InputError, **settings):
    program = tp.parse(text)
    for kernel in (tp.ntk, tp.nngp, tp.kernels, tp.ntk_parts):
        with pytest.raises(kind, match=match) as caught:
            kernel(program, *args, **{k: x for k, x in settings.items() if k != "trainable" or kernel is tp.ntk})
        assert str(caught.value).strip().endswith(".")


NAN = np.array([[1.0, float("nan"), 0.0]])


@pytest.mark.parametrize(("X", "match"), [
    (NAN, "xi"), (np.array([[1.0, np.inf, 0.0]]), "xi"), (X[0], "xi|shape"), (X[None], "xi|shape"), (np.zeros((0, 3)), "xi|X"),
    (np.zeros((2, 0)), "xi|X"), ({"xj": X}, "xj"), ({"xi": X, "xj": X}, "xj"), ({}, "xi"), ("abc", "xi|X"), (None, "xi|X"),
    ([["a", "b"]], "xi|X"), (X + 1j, "xi|X"),
])  # fmt: skip
def test_inputs_that_are_wrong(X, match):
    refused(match, networks.mlp(2), X)


def test_inputs_of_several_that_are_wrong():
    text = networks.rnn(3)
    refused("xi", text, X)  # an array where there are three inputs
    refused("xi3", text, {k: SEQUENCES[k] for k in ("xi1", "xi2")})
    refused("xi2|samples|rows", text, {**SEQUENCES, "xi2": SEQUENCES["xi2"][:2]})
    refused("U", text, {**SEQUENCES, "xi2": np.ones((3, 5))})  # one embedding, one d


def test_a_second_set_that_is_wrong():
    refused("d|entries|columns|xi", networks.mlp(2), X, X[:, :2])
    refused("xi", networks.mlp(2), X, NAN)


def test_trainable_names_that_are_wrong():
    program = tp.parse(networks.mlp(2, bias=0.1))
    for name in ("Q", "x1", "xi", "f"):
        with pytest.raises(tp.InputError, match=name) as caught:
            tp.ntk(program, X, trainable=["W2", name])
        assert "b1" in str(caught.value)  # the parameters there are
    with pytest.raises(tp.InputError):
        tp.ntk(program, X, trainable="Q")


def test_a_readout_of_nonzero_mean_is_refused():
    text = networks.mlp(2).replace("readout v ~ N(0, 1.0)", "readout v ~ N(0.5, 1)")
    refused(r"v", text, X, kind=tp.TpvizError)
    with pytest.raises(tp.TpvizError, match="mean"):
        tp.ntk(tp.parse(text), X)


def test_a_program_without_an_output_is_refused():
    refused("output", "input xi\nembedding U ~ N(0, 1/d)\nx = U @ xi\n", X, kind=tp.TpvizError)


def test_what_is_not_a_program_is_refused():
    for kernel in (tp.ntk, tp.nngp, tp.kernels, tp.ntk_parts, tp.empirical_ntk):
        with pytest.raises(tp.InputError, match="Program"):
            kernel("output f", X)
