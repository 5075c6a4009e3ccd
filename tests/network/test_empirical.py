"""Limits of kernels against runs at finite width, and runs at tiny width against gradients of a dense network."""

import math

import numpy as np
import pytest

import tpviz as tp
from tests.network import networks
from tests.network.dense import Dense
from tpviz import network

RNG = np.random.default_rng(7)


def sequences(inputs: int, samples: int, d: int = 3) -> dict[str, np.ndarray]:
    return {f"xi{t}": RNG.standard_normal((samples, d)) for t in range(1, inputs + 1)}


ROWS = RNG.standard_normal((3, 4))
NETWORKS = {
    "MLP": (networks.mlp(3, "relu", bias=0.2, output_bias=0.1), ROWS),
    "MLP, erf, one bias for all layers": (networks.mlp(4, "erf", bias=0.3, shared_bias=True), ROWS),
    "tied RNN": (networks.rnn(3), sequences(3, 3)),
    "tied RNN, read at every step": (networks.rnn(3, "relu", "sum"), sequences(3, 3)),
    "residual": (networks.resnet(3), ROWS),
    "1-D CNN": (networks.cnn(4), {f"xi{p}": x for p, x in zip(range(4), sequences(4, 2).values(), strict=True)}),
    "layer norm": (networks.layer_norm(), ROWS),
    "batch norm": (networks.batch_norm(), sequences(3, 2)),
    "weight-tied autoencoder": (networks.autoencoder(), ROWS),
    "weight-tied autoencoder, relu": (networks.autoencoder("relu"), ROWS),
    "attention": (networks.attention(), sequences(2, 3)),
    "unequal widths, both ways": (
        """width m = 2*n
input xi
embedding U ~ N(0, 1/d)
matrix A : m x n ~ N(0, 1.3/n)
vector b : m ~ N(0, 0.2)
readout v ~ N(0, 1)
x0 = U @ xi
h1 = A @ x0
x1 = tanh(h1 + b)
h2 = A.T @ x1
x2 = tanh(h2)
h3 = A @ x2
x3 = tanh(h3)
h4 = A.T @ x3
x = tanh(h4)
output f = v.T @ x / sqrt(n)
""",
        ROWS[:2],
    ),
}
WIDTH, SEEDS = 2048, 16


def assert_within_four_standard_errors(runs: np.ndarray, exact: np.ndarray, bias: float = 0.0) -> None:
    """The mean over runs, (seeds, N, N); `bias` allows for O(1/n), on the scale of the diagonal."""
    error = runs.std(axis=0, ddof=1) / math.sqrt(len(runs))
    scale = np.sqrt(np.abs(np.outer(np.diag(exact), np.diag(exact))))
    away = np.abs(runs.mean(axis=0) - exact) / (4 * error + bias * scale + 1e-12 * scale)
    assert (away <= 1).all(), (away, runs.mean(axis=0), exact, error)
    assert (4 * error + bias * scale <= 0.2 * scale).all(), error / scale  # or the comparison says little


@pytest.mark.parametrize("name", NETWORKS)
def test_the_limits_of_both_kernels(name):
    text, X = NETWORKS[name]
    program = tp.parse(text)
    nngp, ntk = tp.kernels(program, X)
    runs = [network.empirical_kernels(program, X, width=WIDTH, seed=100 + s) for s in range(SEEDS)]
    assert_within_four_standard_errors(np.array([r[0] for r in runs]), nngp, bias=4 / WIDTH)
    assert_within_four_standard_errors(np.array([r[1] for r in runs]), ntk, bias=4 / WIDTH)
    np.testing.assert_array_equal(runs[0][1], tp.empirical_ntk(program, X, width=WIDTH, seed=100))


def test_the_nngp_kernel_is_the_covariance_of_outputs():
    """Of a tied RNN on two sequences: 1500 networks of width 64, each output f itself."""
    program, X = tp.parse(networks.rnn(2)), sequences(2, 2)
    both = tp.instantiate(program, [{k: x[i] for k, x in X.items()} for i in (0, 1)])
    f = np.array(
        [[run.output("f_0"), run.output("f_1")] for s in range(1500) for run in [tp.simulate(both, 64, seed=s)]]
    )
    assert_within_four_standard_errors(f[:, :, None] * f[:, None, :], tp.nngp(program, X), bias=1 / 64)


TINY = {
    "MLP": (networks.mlp(2, "tanh", bias=0.2, output_bias=0.1), 5),
    "residual": (networks.resnet(2), 6),
    "layer norm": (networks.layer_norm(), 7),
    "weight-tied autoencoder": (networks.autoencoder(), 6),
    "unequal widths, both ways": (NETWORKS["unequal widths, both ways"][0], 5),
    "Moments of the backward kind": (
        networks.mlp(1, "tanh").replace("output f = v.T @ x1", "q = mean(x1**2)\ny = exp(q)*x1\noutput f = v.T @ y"),
        6,
    ),
    "a readout of nonzero mean": (
        networks.mlp(2, "tanh").replace("readout v ~ N(0, 1.0)", "readout v ~ N(0.7, 0.5)"),
        6,
    ),
    "a readout in the body": (
        networks.mlp(2, "tanh").replace("output f = v.T @ x2", "y = x2*v + x1\noutput f = v.T @ y"),
        6,
    ),
}


@pytest.mark.parametrize("name", TINY)
def test_gradients_at_tiny_width(name):
    """Width 5 to 7, where 1/n is far from 0: the law of the Gram matrix of gradients is that of dense networks, Moments included."""
    text, width = TINY[name]
    program, X = tp.parse(text), ROWS[:2]
    seeds = 250
    mine = np.array(
        [Dense(program, width, s, {"U": 4}).ntk(program, [{"xi": x} for x in X], "f") for s in range(seeds)]
    )
    theirs = np.array([tp.empirical_ntk(program, X, width=width, seed=s) for s in range(seeds)])
    for moment in (lambda K: K, lambda K: np.log1p(np.abs(K))):
        a, b = moment(mine), moment(theirs)
        error = np.sqrt((a.var(axis=0, ddof=1) + b.var(axis=0, ddof=1)) / seeds)
        assert (np.abs(a.mean(axis=0) - b.mean(axis=0)) <= 4 * error).all(), (a.mean(axis=0), b.mean(axis=0), error)


@pytest.mark.parametrize("name", ["MLP", "tied RNN", "weight-tied autoencoder", "attention", "layer norm"])
def test_laws_of_an_empirical_kernel(name):
    """Symmetric, positive semidefinite, a sum over parameters, one run for a seed, a block of a larger kernel."""
    text, X = NETWORKS[name]
    program = tp.parse(text)
    K = tp.empirical_ntk(program, X, width=9, seed=4)
    np.testing.assert_allclose(K, K.T, rtol=1e-12)
    assert np.linalg.eigvalsh(K).min() > -1e-12 * np.trace(K)
    np.testing.assert_array_equal(K, tp.empirical_ntk(program, X, width=9, seed=4))
    assert not np.allclose(K, tp.empirical_ntk(program, X, width=9, seed=5))
    parameters = list(tp.ntk_parts(program, X))
    parts = [tp.empirical_ntk(program, X, width=9, seed=4, trainable=[p]) for p in parameters]
    np.testing.assert_allclose(sum(parts), K, rtol=1e-10)
    for part in parts:
        assert np.linalg.eigvalsh(part).min() > -1e-12 * np.trace(K)
    two = tp.empirical_ntk(program, X, width=9, seed=4, trainable=parameters[:2])
    np.testing.assert_allclose(two, parts[0] + parts[1], rtol=1e-10)


def test_an_empirical_kernel_between_two_sets_is_one_network():
    program = tp.parse(networks.mlp(2, "tanh", bias=0.1))
    K = tp.empirical_ntk(program, ROWS, width=50, seed=2)
    half = tp.empirical_ntk(program, ROWS, ROWS[1:], width=50, seed=2)
    np.testing.assert_allclose(half, K[:, 1:], rtol=1e-10)


def test_the_gradient_of_a_linear_network_is_known():
    """f = v·Uξ/√n at every width: Θ(ξ, ξ) = |Uξ|²/n + ξ·ξ'/d |v|²/n, so E Θ = 2 ξ·ξ'/d and its variance over seeds is 2·2(ξ·ξ/d)²/n."""
    program = tp.parse(
        "input xi\nembedding U ~ N(0, 1/d)\nreadout v ~ N(0, 1)\nx = U @ xi\noutput f = v.T @ x / sqrt(n)\n"
    )
    X = np.array([[1.0, 1.0]])
    K = np.array([tp.empirical_ntk(program, X, width=8, seed=s)[0, 0] for s in range(2000)])
    assert abs(K.mean() - 2) < 4 * K.std() / math.sqrt(2000)
    assert K.var() == pytest.approx(2 * 2 / 8, rel=0.15)


@pytest.mark.parametrize(("setting", "match"), [
    ({"width": 0}, "width"), ({"width": 2.5}, "width"), ({"seed": -1}, "seed"), ({"trainable": ["Q"]}, "Q"), ({"output": "g"}, "g"),
])  # fmt: skip
def test_settings_that_are_wrong(setting, match):
    with pytest.raises(tp.InputError, match=match):
        tp.empirical_ntk(tp.parse(networks.mlp(2)), ROWS, **{"width": 8, **setting})
