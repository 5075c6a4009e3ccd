"""Speed of the library: run by name, `pytest tests/benchmarks`. Figures are printed, none decides a test."""

import subprocess
import sys

import pytest

from tpviz.drawing import load
from tpviz.finite import simulate
from tpviz.limit import limit

EXAMPLES = ["mlp", "rnn", "there_and_back", "nonlinear_there_and_back", "autoencoder", "layernorm"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_limit_from_text_to_all_second_moments(benchmark, name):
    program = load(f"examples/{name}.tp")

    def run():
        lim = limit(program)
        return [lim.second_moment(v) for v in program.vectors]

    benchmark(run)


@pytest.mark.parametrize("name", ["rnn", "autoencoder"])
def test_a_slider_against_planning_again(benchmark, name):
    """The same numbers from the old plan with a new variance."""
    program = load(f"examples/{name}.tp")
    lim = limit(program)
    values = iter(1 + k / 1000 for k in range(100_000))

    def run():
        moved = lim.at(parameters={"W": next(values)})
        return [moved.second_moment(v) for v in program.vectors]

    benchmark(run)


@pytest.mark.parametrize("width", [4096, 100_000, 1_000_000])
@pytest.mark.parametrize("name", ["autoencoder", "rnn"])
def test_simulation(benchmark, name, width):
    program = load(f"examples/{name}.tp")
    benchmark.pedantic(lambda: simulate(program, width), rounds=3, warmup_rounds=1)


def test_memory_of_a_million_wide_autoencoder():
    """Peak memory of a fresh process, printed."""
    code = (
        "import time, resource, tpviz as tp; p = tp.load('examples/autoencoder.tp'); t = time.perf_counter(); tp.simulate(p, 10**6);"
        "print(f'{time.perf_counter() - t:.2f} s, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB')"
    )
    print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
