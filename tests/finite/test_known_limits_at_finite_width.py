"""The table of theory.md §2 at n = 4096: within 4 standard errors over 16 seeds, matrix-free and dense."""

import math

import numpy as np
import pytest

from tests.limit.reference import EVERY_ROW, EVERY_VALUE, KNOWN
from tpviz.finite import simulate
from tpviz.language import parse

WIDTH, SEEDS = 4096, 16


def assert_within_four_standard_errors(runs, moments) -> None:
    for (x, y), value in moments.items():
        values = np.array([run[x, y] for run in runs])
        standard_error = values.std(ddof=1) / math.sqrt(len(values))
        assert abs(values.mean() - value) < 4 * standard_error, (x, y, values.mean(), value, standard_error)


def moments_of_runs(text: str, pairs, method: str) -> list[dict]:
    """Only the numbers are kept: a dense run holds its matrices."""
    program, runs = parse(text), []
    for seed in range(SEEDS):
        run = simulate(program, width=WIDTH, seed=seed, method=method)
        runs.append({pair: run.second_moment(*pair) for pair in pairs})
    return runs


@pytest.mark.parametrize("row", KNOWN)
def test_matrix_free_runs_agree_with_the_table(row):
    text, moments, _ = KNOWN[row]
    assert_within_four_standard_errors(moments_of_runs(text, moments, "matrix-free"), moments)


def test_dense_runs_agree_with_the_table():
    """Every row in one program, so that a seed costs two matrices of 128 MB."""
    assert_within_four_standard_errors(moments_of_runs(EVERY_ROW, EVERY_VALUE, "dense"), EVERY_VALUE)


def test_matrix_free_runs_agree_with_the_table_in_one_program():
    assert_within_four_standard_errors(moments_of_runs(EVERY_ROW, EVERY_VALUE, "matrix-free"), EVERY_VALUE)
