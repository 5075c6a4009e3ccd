"""The engine against the corpus: every value within its accuracy, every error a true bound."""

from decimal import Decimal

import pytest

import tpviz
from tests.limit.corpus import CASES


def ask(lim, query):
    """The engine's answer to a query of the corpus."""
    kind, *names = query
    if kind == "second_moment":
        return lim.second_moment(*names)
    if kind == "mean":
        return lim.mean(*names)
    if kind == "scalar":
        return lim.scalar(*names)
    if kind == "expect":
        return lim.expect(*names)
    if kind == "hat_covariance":
        return lim.hat_covariance(*names)
    product, vector = names
    return lim.zdot(product).get(vector, 0.0)


def natural_size(lim, case, query, reference):
    """What the accuracy is relative to; a reference of 0 whose vectors have no spread is measured against 1."""
    if case.relative:
        return abs(reference)
    if query[0] != "second_moment":
        return max(abs(reference), 1.0)
    deviations = [max(lim.second_moment(x, x) - lim.mean(x) ** 2, 0.0) ** 0.5 for x in query[1:]]
    size = max(abs(reference), deviations[0] * deviations[1])
    return size if size > 1e-6 else 1.0


def last_digit(reference):
    """One unit in the last place of the decimal string (0 stands for the exact 0)."""
    number = Decimal(reference)
    return Decimal(1).scaleb(number.as_tuple().exponent) if number else Decimal(0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_reference_values(case):
    lim = tpviz.limit(tpviz.parse(case.text), check=True)
    wrong = []
    for query, reference in case.values:
        value = float(ask(lim, query))
        size = natural_size(lim, case, query, float(reference))
        distance = abs(Decimal(value) - Decimal(reference)) - last_digit(reference)
        report = f"{query}: {value!r} instead of {reference}"
        if query[0] != "second_moment":
            # the other queries state no method: a sampled case allows them a standard error's size
            allowed = 4e-3 if case.sampled else case.accuracy
            if distance > Decimal(allowed * size):
                wrong.append(f"{report}, off by {float(distance):.1e}")
            continue
        error, method = float(lim.error(*query[1:])), lim.method(*query[1:])
        if method == "sampled":
            if not case.sampled:
                wrong.append(f"{report}, sampled")
            if distance > Decimal(4 * error) or error > 1e-3 * size:
                wrong.append(f"{report}, off by {float(distance):.1e} at a standard error of {error:.1e}")
            continue
        if distance > Decimal(case.accuracy * size):
            wrong.append(f"{report}, off by {float(distance):.1e} ({method})")
        if distance > Decimal(error):
            wrong.append(f"{report}, off by {float(distance):.1e} beyond the bound {error:.1e} ({method})")
        if error > (case.bound or 10 * case.accuracy) * size:
            wrong.append(f"{report}, bound {error:.1e} is loose ({method})")
    assert not wrong, "\n".join(wrong)
