"""Limits of random programs against runs at width 20 000."""

import math

import numpy as np
import pytest

from tests.limit.reference import random_program
from tpviz.finite import simulate
from tpviz.language import parse
from tpviz.limit import limit

WIDTH, SEEDS = 20_000, 8


@pytest.mark.parametrize("seed", range(32))
def test_second_moments_of_a_random_program(seed):
    """Within 5 standard errors and 20/n, relative to the size of the vectors, for the O(1/n) bias (and rounding).

    The standard error is the larger of that over the seeds and that over the coordinates: 8 seeds alone
    now and then agree by luck.
    """
    text = random_program(seed)
    program = parse(text)
    lim = limit(program)
    runs = [simulate(program, width=WIDTH, seed=1000 + s) for s in range(SEEDS)]
    names = list(program.vectors)
    for i, x in enumerate(names):
        for y in names[i:]:
            values = np.array([run.second_moment(x, y) for run in runs])
            coordinates = np.concatenate([run[x] * run[y] for run in runs])
            standard_error = max(values.std(ddof=1) / math.sqrt(SEEDS), coordinates.std() / math.sqrt(SEEDS * WIDTH))
            scale = math.sqrt(lim.second_moment(x) * lim.second_moment(y))
            sampled = lim.error(x, y) if lim.method(x, y) == "sampled" else 0
            assert (
                abs(lim.second_moment(x, y) - values.mean())
                <= 5 * math.hypot(standard_error, sampled) + 20 / WIDTH * scale + 1e-12
            ), (x, y, text)


@pytest.mark.parametrize("seed", range(32))
def test_the_limit_passes_its_own_checks(seed):
    limit(parse(random_program(seed)), check=True)


def test_the_random_programs_hold_what_they_should():
    texts = [random_program(seed) for seed in range(32)]
    for piece in ("W @", "W.T @", "relu(", "tanh(", "step(", "**2", "mean("):
        assert sum(piece in text for text in texts) >= 5, piece
