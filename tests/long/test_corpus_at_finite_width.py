"""The corpus at width 100,000: its references must be what a network does. Run by name: pytest tests/long."""

import numpy as np
import pytest

import tpviz
from tests.limit.corpus import CASES

WIDTH = 100_000
SEEDS = 16
# What 4 standard errors are for a known deviation (two-sided 6e-5), Student's t asks with 15 degrees of freedom:
# the deviation is estimated from the 16 seeds.
STANDARD_ERRORS = 4.0
BIAS = 20 / WIDTH  # the O(1/n) part of the difference, relative to the natural size
ROUNDING = 1e-12  # of vectors that cancel to 0

ASKED = ("second_moment", "mean", "scalar", "expect")  # Z-dot and Cov(Z-hat) have no finite-width counterpart


def ask(sim, query):
    kind, *names = query
    if kind == "second_moment":
        return sim.second_moment(*names)
    if kind == "scalar":
        return sim.scalar(*names)
    return sim.average(*names)


def natural_size(sim, query, reference):
    """The product of the root mean squares of a second moment, the root mean square under a mean."""
    names = {"second_moment": query[1:], "mean": query[1:]}.get(query[0], ())
    return max(abs(reference), float(np.prod([sim.second_moment(x, x) ** 0.5 for x in names])))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_average_over_the_width(case):
    queries = [(query, float(reference)) for query, reference in case.values if query[0] in ASKED]
    program = tpviz.parse(case.text)
    measured = []
    for seed in range(SEEDS):
        sim = tpviz.simulate(program, width=WIDTH, seed=seed)
        measured.append([float(ask(sim, query)) for query, _ in queries])
        sizes = [natural_size(sim, query, reference) for query, reference in queries]
    averages = np.mean(measured, axis=0)
    errors = np.std(measured, axis=0, ddof=1) / SEEDS**0.5
    wrong = [
        f"{query}: {average:.6g} +- {error:.1g} instead of {reference:.6g}"
        for (query, reference), average, error, size in zip(queries, averages, errors, sizes, strict=True)
        if abs(average - reference) > STANDARD_ERRORS * error + BIAS * size + ROUNDING
    ]
    assert not wrong, "\n".join(wrong)
