"""Matrix-free and dense runs have the same law at every width, not only in the limit (theory.md §6)."""

import math

import numpy as np
import pytest

from tpviz.finite import simulate
from tpviz.language import parse

TEXT = """
width m = n/2
matrix W ~ N(0, 1.2/n)
matrix A : m x n ~ N(0, 1/n)
vector x ~ N(0.3, 1)
g = W @ x
a = tanh(g)
h = W.T @ a
b = relu(h) - x
k = W @ b
y = A @ b
c = tanh(y)
z = A.T @ c
s = z + k
l = W.T @ s
"""

STATISTICS = {
    "x·l/n": lambda run: run.second_moment("x", "l"),
    "k·k/n": lambda run: run.second_moment("k"),
    "l·z/n": lambda run: run.second_moment("l", "z"),
    "first coordinate of l": lambda run: float(run["l"][0]),
    "mean of tanh(k) h": lambda run: run.average("tanh(k)*h"),
}


@pytest.mark.parametrize(("width", "runs"), [(64, 4000), (4, 1500)])
def test_three_moments_of_five_statistics_agree(width, runs):
    program = parse(TEXT)
    values = {}
    for offset, method in ((0, "matrix-free"), (runs, "dense")):  # different seeds: independent runs
        made = (simulate(program, width=width, seed=offset + seed, method=method) for seed in range(runs))
        values[method] = np.array([[statistic(run) for statistic in STATISTICS.values()] for run in made])
    for power in (1, 2, 3):
        free, dense = values["matrix-free"] ** power, values["dense"] ** power
        combined = np.sqrt((free.var(axis=0, ddof=1) + dense.var(axis=0, ddof=1)) / runs)
        excess = np.abs(free.mean(axis=0) - dense.mean(axis=0)) / combined
        assert (excess < 4).all(), (power, dict(zip(STATISTICS, excess, strict=True)))


def test_the_entries_of_a_product_are_gaussian_with_the_exact_variance():
    # W x given x is N(0, σ² |x|²/n) in each coordinate, at any width
    program = parse("matrix W ~ N(0, 2/n)\nvector x ~ N(1, 1)\nh = W @ x\n")
    for method in ("matrix-free", "dense"):
        ratios = []
        for seed in range(2000):
            run = simulate(program, width=3, seed=seed, method=method)
            ratios.append(run["h"] / math.sqrt(2 * run.second_moment("x")))
        ratios = np.concatenate(ratios)
        assert abs(ratios.mean()) < 4 / math.sqrt(6000)
        assert abs((ratios**2).mean() - 1) < 4 * math.sqrt(2 / 6000)
        assert abs((ratios**4).mean() - 3) < 4 * math.sqrt(96 / 6000)
