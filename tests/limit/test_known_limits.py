"""The table "Checks worth keeping at hand" of theory.md §2, to 1e-9."""

import pytest

from tpviz.language import parse
from tpviz.limit import limit

from .reference import EVERY_ROW, EVERY_VALUE, KNOWN


@pytest.mark.parametrize("row", KNOWN)
def test_second_moments_of_the_table(row):
    text, moments, _ = KNOWN[row]
    lim = limit(parse(text), check=True)
    for (x, y), value in moments.items():
        assert lim.second_moment(x, y) == pytest.approx(value, abs=1e-9), (x, y)
        assert lim.second_moment(y, x) == lim.second_moment(x, y)


@pytest.mark.parametrize("row", KNOWN)
def test_z_dot_of_the_table(row):
    text, _, dots = KNOWN[row]
    lim = limit(parse(text))
    for product, coefficients in dots.items():
        assert lim.zdot(product) == pytest.approx(coefficients, abs=1e-9), product


def test_other_products_with_the_same_matrix_change_nothing():
    lim = limit(parse(EVERY_ROW))
    for (x, y), value in EVERY_VALUE.items():
        assert lim.second_moment(x, y) == pytest.approx(value, abs=1e-9), (x, y)


def test_there_and_back_is_z_hat_plus_z_x():
    lim = limit(parse(KNOWN["W WT x"][0]))
    assert lim.hat_covariance("h") == pytest.approx(1, abs=1e-12)
    assert lim.hat_covariance("h", "y") == 0  # W and W.T count as different matrices


@pytest.mark.parametrize(("row", "variance"), [("W relu(WT x)", 0.5), ("W step(WT x)", 0.5), ("W (WT x)**3", 15)])
def test_variance_of_z_hat(row, variance):
    assert limit(parse(KNOWN[row][0])).hat_covariance("h") == pytest.approx(variance, abs=1e-9)


def test_higher_powers_follow_the_catalan_numbers():
    # k = 5, 6: 42 and 132; E (Z^{x_k})² = C_2k
    text = "matrix W ~ N(0, 1/n)\nvector x0 ~ N(0, 1)\n" + "".join(
        f"y{k} = W.T @ x{k - 1}\nx{k} = W @ y{k}\n" for k in range(1, 7)
    )
    lim = limit(parse(text))
    catalan = [1, 1, 2, 5, 14, 42, 132, 429, 1430, 4862, 16796, 58786, 208012]
    for k in range(7):
        assert lim.second_moment("x0", f"x{k}") == pytest.approx(catalan[k], rel=1e-10)
        assert lim.second_moment(f"x{k}") == pytest.approx(catalan[2 * k], rel=1e-10)


def test_unequal_widths_give_the_moments_of_marchenko_pastur():
    # W in R^{m x n}, entries N(0, 1/n), r = m/n: (1/n) tr (W^T W)^k -> the sum of Narayana numbers N(k, j) r^j
    for ratio, width in [(2.0, "2*n"), (0.5, "n/2"), (3.0, "3*n")]:
        text = f"width m = {width}\nmatrix W : m x n ~ N(0, 1/n)\nvector x0 ~ N(0, 1)\n"
        lim = limit(parse(text + "".join(f"y{k} = W @ x{k - 1}\nx{k} = W.T @ y{k}\n" for k in range(1, 4))))
        expected = [ratio, ratio + ratio**2, ratio + 3 * ratio**2 + ratio**3]
        for k, value in enumerate(expected, 1):
            assert lim.second_moment("x0", f"x{k}") == pytest.approx(value, rel=1e-10)
