"""Speed of kernels and paths: run by name, `pytest tests/benchmarks`. Figures are printed, none decides a test."""

import numpy as np
import pytest

import tpviz as tp
from tests.network import networks

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("phi", ["relu", "tanh"])
def test_ntk_of_a_recurrent_network(benchmark, phi):
    """10 steps, 50 sequences: 1275 pairs."""
    program = tp.parse(networks.rnn(10, phi))
    X = {f"xi{t}": RNG.standard_normal((50, 3)) for t in range(1, 11)}
    K = benchmark.pedantic(tp.ntk, (program, X), rounds=3)
    assert K.shape == (50, 50)


@pytest.mark.parametrize("phi", ["relu", "erf", "tanh"])
def test_ntk_of_an_mlp(benchmark, phi):
    """Depth 10, 100 inputs: 5050 pairs."""
    program, X = tp.parse(networks.mlp(10, phi, bias=0.1)), RNG.standard_normal((100, 10))
    K = benchmark.pedantic(tp.ntk, (program, X), rounds=3)
    assert K.shape == (100, 100)


def test_paths_of_a_residual_network(benchmark):
    """30 layers, 2³¹ paths: counted, the heaviest words, the sum at one input. Target 1 s."""
    program, X = tp.parse(networks.resnet(30)), np.array([[1.0, 0.5, -0.2]])

    def run():
        paths = tp.paths(program)
        return paths.count, list(paths.words(limit=5)), tp.ntk_by_paths(program, X)

    count, _, _ = benchmark.pedantic(run, rounds=3)
    assert count == 2**31


def test_an_empirical_kernel(benchmark):
    """A tied RNN of 10 steps on 4 sequences at width 4096."""
    program = tp.parse(networks.rnn(10))
    X = {f"xi{t}": RNG.standard_normal((4, 3)) for t in range(1, 11)}
    K = benchmark.pedantic(tp.empirical_ntk, (program, X), {"width": 4096, "seed": 0}, rounds=2)
    assert K.shape == (4, 4)
