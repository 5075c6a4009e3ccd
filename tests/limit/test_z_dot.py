"""Ż in both of its forms, the traps of theory.md §2, repeated vectors, unequal widths."""

import math

import numpy as np
import pytest

from tpviz.language import TpvizError, parse
from tpviz.limit import limit

from .reference import mean_of, mean_of_pair, random_program

W = "matrix W ~ N(0, {}/n)\n"


@pytest.mark.parametrize("variance", [0.5, 1.0, 2.0])
def test_the_example_of_the_contract(variance):
    # language.md: lim.zdot("h3") is {"x1": 2.0} for sigma_W^2 = 2
    lim = limit(parse(W.format(variance) + "vector b ~ N(0, 1)\nx1 = tanh(b)\nh2 = W @ x1\nh3 = W.T @ h2\n"))
    assert lim.zdot("h3") == pytest.approx({"x1": variance}, rel=1e-12)
    assert lim.zdot("h2") == {}


def test_z_dot_of_what_is_no_product_is_an_error():
    lim = limit(parse(W.format(1) + "vector b ~ N(0, 1)\nx = tanh(b)\nh = W @ x\n"))
    for name in ("x", "b"):
        with pytest.raises(TpvizError, match=name):
            lim.zdot(name)
    with pytest.raises(TpvizError, match="nowhere"):
        lim.zdot("nowhere")


@pytest.mark.parametrize(
    ("phi", "derivative"),
    [("tanh", lambda z: 1 - np.tanh(z) ** 2), ("relu", lambda z: (z > 0) * 1.0), ("sin", np.cos), ("abs", np.sign)],
)
@pytest.mark.parametrize("mean", [0.0, 0.6])
def test_derivative_form(phi, derivative, mean):
    # y = W.T x + b: Ż^{W φ(y)} = σ² E φ'(Z^y) Z^x with Z^y ~ N(mean, σ² + 0.5)
    lim = limit(
        parse(
            W.format(1.5)
            + f"vector x ~ N(0, 1)\nvector b ~ N({mean}, 0.5)\ng = W.T @ x\ny = g + b\na = {phi}(y)\nh = W @ a\n"
        )
    )
    expected = 1.5 * mean_of(derivative, mean, 2.0)
    assert lim.zdot("h") == pytest.approx({"x": expected} if abs(expected) > 1e-12 else {}, abs=1e-11)


def test_z_dot_hidden_inside_a_vector_counts():
    # By hand: x1 = W W^T x, y2 = W^T x1 with Z^{y2} = Ẑ^{y2} + Z^{y1}, so x2 = W y2 has
    # Ż = x1·1 + x·E[∂Z^{y2}/∂Ẑ^{y1}]: both coefficients are 1.
    text = W.format(1) + "vector x ~ N(0, 1)\ny1 = W.T @ x\nx1 = W @ y1\ny2 = W.T @ x1\nx2 = W @ y2\n"
    lim = limit(parse(text))
    assert lim.zdot("y2") == pytest.approx({"y1": 1}, abs=1e-12)
    assert lim.zdot("x2") == pytest.approx({"x1": 1, "x": 1}, abs=1e-12)


def test_z_dot_hidden_inside_a_nonlinear_vector_counts():
    # Z^h = Ẑ + x/2 for h = W relu(y), y = W^T x. p = tanh(h), q = W^T p = Ẑ^q + E[tanh'(h)] relu(y): the relu(y) hidden
    # in q makes ∂/∂Ẑ^y of tanh(q) equal to tanh'(q) c step(y), c = E tanh'(Z^h), Z^h ~ N(0, 3/4).
    text = (
        W.format(1)
        + "vector x ~ N(0, 1)\ny = W.T @ x\na = relu(y)\nh = W @ a\np = tanh(h)\nq = W.T @ p\nr = tanh(q)\ns = W @ r\n"
    )
    lim = limit(parse(text))
    sech2 = lambda z: 1 - np.tanh(z) ** 2  # noqa: E731
    c = mean_of(sech2, 0, 0.75)
    assert lim.zdot("q") == pytest.approx({"a": c}, abs=1e-10)
    variance = mean_of(lambda z: np.tanh(z) ** 2, 0, 0.75)
    # Ẑ^q ~ N(0, E tanh(h)²) is correlated with Ẑ^y: Cov = E[Z^p Z^x]
    k = mean_of(sech2, 0, 0.75) * 0.5  # E[tanh(h) x] = E[tanh'(h)] Cov(h, x)
    covariance = ((variance, k), (k, 1.0))
    direct = mean_of_pair(lambda q, y: sech2(q + c * np.maximum(y, 0)), (0, 0), covariance)
    hidden = mean_of_pair(lambda q, y: sech2(q + c * np.maximum(y, 0)) * c * (y > 0), (0, 0), covariance)
    assert lim.zdot("s") == pytest.approx({"p": direct, "x": hidden}, abs=1e-9)


@pytest.mark.parametrize("phi", ["tanh", "relu", "step"])
def test_the_law_does_not_depend_on_how_a_sum_is_written(phi):
    # B.5: φ(W(y + z)) and φ(Wy + Wz)
    head = W.format(1.3) + "vector y, z ~ N([0.2, 0], [[1, 0.4], [0.4, 2]])\n"
    one = limit(parse(head + f"s = y + z\ng = W @ s\na = {phi}(g)\nh = W.T @ a\n"))
    two = limit(parse(head + f"g1 = W @ y\ng2 = W @ z\ng = g1 + g2\na = {phi}(g)\nh = W.T @ a\n"))
    assert set(one.zdot("h")) <= {"s", "y", "z"}
    for pair in [("h", "h"), ("h", "y"), ("h", "z"), ("h", "g"), ("a", "a"), ("h", "a")]:
        assert one.second_moment(*pair) == pytest.approx(two.second_moment(*pair), abs=1e-10), pair
    assert one.mean("h") == pytest.approx(two.mean("h"), abs=1e-12)


def test_repeated_vectors_use_the_pseudo_inverse():
    # y1 = y2: C is singular. Minimum norm shares the coefficient; the law is that of the single product.
    head = W.format(1) + "vector x ~ N(0, 1)\ny1 = W.T @ x\n"
    once = limit(parse(head + "a = relu(y1)\nh = W @ a\n"))
    twice = limit(parse(head + "z = x\ny2 = W.T @ z\ns = 0.3*y1 + 0.7*y2\na = relu(s)\nh = W @ a\n"))
    for pair in [("h", "h"), ("h", "x"), ("a", "a")]:
        assert twice.second_moment(*pair) == pytest.approx(once.second_moment(*pair), abs=1e-12)
    dots = twice.zdot("h")
    assert sum(dots.values()) == pytest.approx(0.5, abs=1e-12)
    assert set(dots) <= {"x", "z"}


def test_the_same_product_written_twice_is_the_same_vector():
    lim = limit(
        parse(
            W.format(2)
            + "vector x ~ N(1, 1)\na = W @ x\nb = W @ x\nc = a - b\nr = relu(c)\nk = W.T @ a\nl = W.T @ b\nm = k - l\n"
        )
    )
    for name in ("c", "r", "m"):
        assert lim.second_moment(name) == pytest.approx(0, abs=1e-14)


def test_linearly_dependent_vectors_give_dependent_products():
    text = W.format(1) + (
        "vector x, z ~ N([0, 0], [[1, 0.5], [0.5, 1]])\na = relu(x)\nb = tanh(z)\n"
        "c = 2*a - 3*b\np = W @ a\nq = W @ b\nr = W @ c\ns = r - 2*p + 3*q\n"
    )
    assert limit(parse(text)).second_moment("s") == pytest.approx(0, abs=1e-12)


def stein(
    lim,
    matrix: str,
    transposed: bool,
    x: str,
    ratio: float,
    products: dict[str, tuple[str, bool, str]],
    order: list[str],
    name: str,
) -> dict[str, float]:
    """Coefficients of Ż^{Wx} in Stein form (67), from second moments of the limit alone."""
    earlier = [
        p
        for p in order[: order.index(name)]
        if p in products and products[p][0] == matrix and products[p][1] != transposed
    ]
    if not earlier:
        return {}
    ys = [products[p][2] for p in earlier]
    c = lim.gram(ys)
    b = []
    for p in earlier:  # E[Ẑ^{p} Z^x] = E[Z^p Z^x] - E[Ż^p Z^x]
        b.append(lim.second_moment(p, x) - sum(a * lim.second_moment(y, x) for y, a in lim.zdot(p).items()))
    scale = ratio if transposed else 1 / ratio
    return (
        dict(zip(ys, np.linalg.pinv(c, rcond=1e-9) @ np.array(b) * scale, strict=True))
        if len(set(ys)) == len(ys)
        else {}
    )


def read_products(text: str) -> tuple[dict[str, tuple[str, bool, str]], list[str]]:
    products, order = {}, []
    for line in text.splitlines():
        if " @ " in line:
            name, rest = line.split(" = ")
            matrix, x = rest.split(" @ ")
            products[name] = (matrix.removesuffix(".T"), matrix.endswith(".T"), x)
            order.append(name)
    return products, order


def assert_same_vector(lim, one: dict[str, float], other: dict[str, float], where) -> None:
    """Σ aᵢ Z^{yᵢ} = Σ bᵢ Z^{yᵢ} as random variables."""
    names = sorted(set(one) | set(other))
    if not names:
        return
    difference = np.array([one.get(y, 0) - other.get(y, 0) for y in names])
    assert difference @ lim.gram(names) @ difference == pytest.approx(0, abs=1e-14), (where, one, other)


@pytest.mark.parametrize("seed", range(25))
def test_stein_form_agrees_with_the_derivative_form(seed):
    text = random_program(seed)
    lim = limit(parse(text))
    products, order = read_products(text)
    for name in order:
        matrix, transposed, x = products[name]
        if any(lim.method(p, x) == "sampled" for p in order):
            continue
        ys = [products[p][2] for p in order[: order.index(name)] if products[p][1] != transposed]
        if len(set(ys)) == len(ys):
            assert_same_vector(
                lim, lim.zdot(name), stein(lim, matrix, transposed, x, 1.0, products, order, name), (name, text)
            )


RATIOS = [("2*n", 2.0), ("n/4", 0.25)]


@pytest.mark.parametrize(("width", "ratio"), RATIOS)
def test_unequal_widths_scale_z_hat_and_z_dot(width, ratio):
    # theory.md §2 "Unequal widths", s = 1.5
    text = f"width m = {width}\nmatrix A : m x n ~ N(0, 1.5/n)\nvector x ~ N(0, 1)\nvector u : m ~ N(0, 2)\n"
    lim = limit(parse(text + "y = A @ x\na = relu(y)\nz = A.T @ a\nt = A.T @ u\nb = tanh(t)\nw = A @ b\n"))
    assert lim.second_moment("y") == pytest.approx(1.5, rel=1e-12)
    assert lim.hat_covariance("z") == pytest.approx(ratio * 1.5 * 0.75, rel=1e-12)
    assert lim.zdot("z") == pytest.approx({"x": ratio * 1.5 * 0.5}, rel=1e-12)
    assert lim.hat_covariance("t") == pytest.approx(ratio * 1.5 * 2, rel=1e-12)
    variance = ratio * 1.5 * 2
    assert lim.zdot("w") == pytest.approx({"u": 1.5 * mean_of(lambda s: 1 - np.tanh(s) ** 2, 0, variance)}, rel=1e-10)
    assert lim.hat_covariance("w") == pytest.approx(1.5 * mean_of(lambda s: np.tanh(s) ** 2, 0, variance), rel=1e-10)


@pytest.mark.parametrize(("width", "ratio"), [*RATIOS, ("n", 1.0)])
@pytest.mark.parametrize("seed", range(8))
def test_adjointness_on_random_programs(seed, width, ratio):
    """E[Z^x Z^{Aᵀp}] = r E[Z^{Ax} Z^p] for every x of class n and p of class m of a random program with A and A.T."""
    rng = np.random.default_rng(100 + seed)
    classes = {"n": ["x0"], "m": ["p0"]}
    lines = [
        f"width m = {width}",
        "matrix A : m x n ~ N(0, 1.2/n)",
        "vector x0 ~ N(0.3, 1)",
        "vector p0 : m ~ N(0, 0.5)",
    ]
    pairs = []
    for i in range(1, 6):
        here = str(rng.choice(["n", "m"]))
        phi, source = (
            str(rng.choice(["relu({})", "tanh({})", "{} - relu({})", "step({})", "2*{}"])),
            str(rng.choice(classes[here])),
        )
        lines.append(f"a{i} = {phi.replace('{}', source)}")
        there = "m" if here == "n" else "n"
        lines.append(f"g{i} = {'A' if here == 'n' else 'A.T'} @ a{i}")
        classes[here].append(f"a{i}")
        classes[there].append(f"g{i}")
        pairs.append((here, f"a{i}", f"g{i}"))
    lim = limit(parse("\n".join(lines) + "\n"))
    checked = 0
    for here, x, ax in pairs:
        for there, p, atp in pairs:
            if here == "n" and there == "m" and "sampled" not in (lim.method(x, atp), lim.method(ax, p)):
                assert lim.second_moment(x, atp) == pytest.approx(ratio * lim.second_moment(ax, p), abs=1e-9), lines
                checked += 1
    assert checked, lines


def test_products_have_mean_zero_without_z_dot_and_lincombs_add_means():
    lim = limit(parse(W.format(1) + "vector x ~ N(2, 1)\nvector b ~ N(-1, 1)\nh = W @ x\ns = 3*h + 2*b - x\n"))
    assert lim.mean("h") == 0
    assert lim.mean("s") == pytest.approx(-4, abs=1e-14)
    assert lim.second_moment("h") == pytest.approx(5, abs=1e-12)  # raw second moment, mean included


def test_z_dot_carries_a_mean():
    # Z^h = Ẑ + ½ x', x ~ N(2, 1): y = W^T x ~ N(0, 5)
    lim = limit(parse(W.format(1) + "vector x ~ N(2, 1)\ny = W.T @ x\na = relu(y)\nh = W @ a\n"))
    assert lim.zdot("h") == pytest.approx({"x": 0.5}, abs=1e-12)
    assert lim.mean("h") == pytest.approx(1, abs=1e-12)
    assert lim.second_moment("h") == pytest.approx(2.5 + 0.25 * 5, abs=1e-12)


def test_correlated_initial_vectors():
    lim = limit(parse("vector u, w ~ N([1, -2], [[2, 0.5], [0.5, 1]])\ns = u - w\n"))
    assert lim.covariance("u", "w") == pytest.approx(0.5, abs=1e-14)
    assert lim.second_moment("u", "w") == pytest.approx(0.5 - 2, abs=1e-14)
    assert lim.second_moment("s") == pytest.approx(2 + 1 - 1 + 9, abs=1e-13)
    assert lim.correlation("u", "w") == pytest.approx(0.5 / math.sqrt(2), abs=1e-14)


def test_stein_only_functions_have_a_z_dot():
    # sign: E sign'(y) = 2 φ(0) = √(2/π) at variance 1, at variance 4 half of it
    lim = limit(
        parse(W.format(1) + "vector x ~ N(0, 4)\ny = W.T @ x\na = sign(y)\nh = W @ a\nb = step(y)*y**2\nk = W @ b\n")
    )
    assert lim.zdot("h")["x"] == pytest.approx(math.sqrt(2 / math.pi) / 2, abs=1e-12)
    # E[y · y² step(y)]/4 = E|y|³/8 = (2√(2/π)·8)/8
    assert lim.zdot("k")["x"] == pytest.approx(2 * math.sqrt(2 / math.pi), abs=1e-11)


def test_a_declared_derivative_has_the_right_z_dot():
    # theory.md §4's remark: Ż^{W relu'(y)} through the Stein form of step
    lim = limit(
        parse(
            "function drelu(z) = step(z)\n" + W.format(1) + "vector x ~ N(0, 1)\ny = W.T @ x\na = drelu(y)\nh = W @ a\n"
        )
    )
    assert lim.zdot("h")["x"] == pytest.approx(1 / math.sqrt(2 * math.pi), abs=1e-12)


def test_hat_covariance_of_two_products_and_of_different_matrices():
    lim = limit(
        parse(
            W.format(2)
            + "matrix V ~ N(0, 1/n)\nvector x ~ N(1, 1)\na = relu(x)\np = W @ x\nq = W @ a\nr = V @ x\ns = W.T @ x\n"
        )
    )
    assert lim.hat_covariance("p", "q") == pytest.approx(2 * lim.second_moment("x", "a"), abs=1e-12)
    assert lim.hat_covariance("p", "r") == 0
    assert lim.hat_covariance("p", "s") == 0
    assert lim.hat_covariance("x") == pytest.approx(1, abs=1e-14)
