"""Speed of the library: run by name, `pytest tests/benchmarks`. Figures are printed, none decides a test."""

import statistics
import subprocess
import sys
import time

import pytest

from tests.benchmarks import programs
from tpviz.drawing import load
from tpviz.finite import simulate
from tpviz.language import parse
from tpviz.limit import limit

EXAMPLES = ["mlp", "rnn", "there_and_back", "nonlinear_there_and_back", "autoencoder", "layernorm"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_limit_from_text_to_all_second_moments(benchmark, name):
    program = load(f"examples/{name}.tp")

    def run():
        lim = limit(program)
        return [lim.second_moment(v) for v in program.vectors]

    benchmark(run)


ASKED = {
    "MLP, depth 10, 2 inputs": (programs.mlp(), lambda p: [v for v in p.vectors if v[0] == "x"][-2:], 0.030),
    "RNN, 10 steps, 2 sequences": (programs.rnn(), lambda p: [v for v in p.vectors if v[0] == "x"], 0.150),
    "GRU, 2 steps": (programs.gru(), lambda p: ["h1", "h2", "c2", "rh2"], 1.0),
    "1,000 instructions": (programs.chain(), lambda p: [p.vectors[-1]], 3.0),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_limit_and_the_same_with_a_changed_variance(name):
    """Every second moment and the kernel of some vectors, from a parsed program: planned and evaluated, then evaluated again. Medians of 5,
    in one run; the target is printed beside them."""
    text, chosen, target = ASKED[name]
    program = parse(text)
    kernel, last = chosen(program), program.matrices[-1]

    def ask(lim):
        lim.gram(kernel)
        for v in program.vectors:
            lim.second_moment(v)

    first, again = [], []
    for k in range(5):
        start = time.perf_counter()
        lim = limit(program)
        ask(lim)
        first.append(time.perf_counter() - start)
        start = time.perf_counter()
        ask(lim.at(parameters={last: 1.05 + k / 100}))
        again.append(time.perf_counter() - start)
    a, b = statistics.median(first), statistics.median(again)
    print(
        f"{name}: {a * 1e3:.1f} ms (target {target * 1e3:.0f}), again {b * 1e3:.1f} ms (target {target * 200:.0f}), {a / b:.1f} times faster"
    )


def test_import():
    """Seconds of a fresh `import tpviz`, beside those of numpy alone; target 0.6 s."""
    for module in ("numpy", "tpviz"):
        times = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
            times.append(time.perf_counter() - start)
        print(f"import {module}: {statistics.median(times):.2f} s")


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
