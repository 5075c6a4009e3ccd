"""One run: seeds, widths, exact linear algebra between products, embeddings, and what is refused."""

import math

import numpy as np
import pytest

from tpviz.finite import simulate
from tpviz.language import InputError, LimitError, TpvizError, parse

METHODS = ("matrix-free", "dense")
TEXT = """
constant sw2 = 1.5
matrix W ~ N(0, sw2/n)
vector x ~ N(0, 1)
vector z ~ N(1, 2)
g = W @ x
a = relu(g)
h = W.T @ a
q = mean(h*x)
k = tanh(h) + q*z
"""


@pytest.mark.parametrize("method", METHODS)
def test_a_seed_reproduces_a_run(method):
    one, two, other = (simulate(parse(TEXT), width=50, seed=seed, method=method) for seed in (5, 5, 6))
    for name in ("x", "g", "h", "k"):
        np.testing.assert_array_equal(one[name], two[name])
        assert not np.allclose(one[name], other[name])
    assert one.scalar("q") == two.scalar("q") != other.scalar("q")


@pytest.mark.parametrize("method", METHODS)
def test_a_seed_gives_the_same_initial_vectors_whatever_stands_around_them(method):
    alone = simulate(parse("vector x ~ N(0, 1)\n"), width=20, seed=3, method=method)
    np.testing.assert_array_equal(simulate(parse(TEXT), width=20, seed=3, method=method)["x"], alone["x"])


def test_declarations_are_independent():
    run = simulate(
        parse(
            "vector x ~ N(0, 1)\nvector y ~ N(0, 1)\nmatrix W ~ N(0, 1/n)\nmatrix V ~ N(0, 1/n)\ng = W @ x\nh = V @ x\n"
        ),
        width=40_000,
        seed=1,
    )
    for pair in (("x", "y"), ("g", "h"), ("x", "g")):
        assert abs(run.second_moment(*pair)) < 5 / math.sqrt(40_000), pair


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("width", [1, 2, 3, 100])
def test_every_width_runs(width, method):
    run = simulate(parse(TEXT), width=width, seed=0, method=method)
    for name in ("x", "z", "g", "a", "h", "k"):
        assert run[name].shape == (width,)
        assert run[name].dtype == np.float64
        assert np.isfinite(run[name]).all()
    np.testing.assert_array_equal(run["a"], np.maximum(run["g"], 0))
    assert run.scalar("q") == pytest.approx(run["h"] @ run["x"] / width, rel=1e-12)
    np.testing.assert_allclose(run["k"], np.tanh(run["h"]) + run.scalar("q") * run["z"], rtol=1e-12)
    assert run.second_moment("g", "x") == pytest.approx(run["g"] @ run["x"] / width, rel=1e-12)
    assert run.average("relu(h)*x + q") == pytest.approx(
        np.mean(np.maximum(run["h"], 0) * run["x"]) + run.scalar("q"), rel=1e-12
    )


def test_more_products_than_the_width():
    # after n products W is known entirely: the later ones are determined
    text = "matrix W ~ N(0, 1/n)\nvector x0 ~ N(0, 1)\n" + "".join(f"x{k} = W @ x{k - 1}\n" for k in range(1, 9))
    for method in METHODS:
        run = simulate(parse(text), width=3, seed=2, method=method)
        columns = np.array([run[f"x{k}"] for k in range(3)]).T
        matrix = np.linalg.solve(columns.T, np.array([run[f"x{k}"] for k in range(1, 4)])).T
        for k in range(1, 9):
            np.testing.assert_allclose(matrix @ run[f"x{k - 1}"], run[f"x{k}"], rtol=1e-6, atol=1e-9)


def test_a_width_of_a_million_runs():
    # E h·x/n = ½ σ² with fluctuations of order 1/√n = 1e-3
    run = simulate(parse(TEXT), width=1_000_000, seed=0)
    assert run["h"].shape == (1_000_000,)
    assert run.scalar("q") == pytest.approx(0.75, abs=5e-3 * 3)


CONSISTENT = """
width m = 2*n
matrix W ~ N(0, 1.3/n)
matrix A : m x n ~ N(0, 0.7/n)
vector x ~ N(0, 1)
vector t ~ N(1, 2)
vector p : m ~ N(0, 1)
x2 = 2*x
w1 = W @ x
w2 = W @ x2
v = W.T @ t
r = relu(v) - 3*x + t
w3 = W @ r
w4 = W @ t
rr = relu(v)
w5 = W @ rr
aw1 = W.T @ w1
aw3 = W.T @ w3
zero = x2 - 2*x
w0 = W @ zero
ax = A @ x
atp = A.T @ p
atax = A.T @ ax
atanh = tanh(atp)
aat = A @ atanh
"""


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("width", [1, 2, 5, 200])
def test_products_of_linearly_dependent_vectors_are_exactly_consistent(width, method):
    run = simulate(parse(CONSISTENT), width=width, seed=4, method=method)
    np.testing.assert_allclose(run["w2"], 2 * run["w1"], rtol=1e-12)
    np.testing.assert_array_equal(run["w0"], 0)
    np.testing.assert_allclose(run["w3"], run["w5"] - 3 * run["w1"] + run["w4"], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("width", [1, 2, 5, 200])
def test_products_are_adjoint(width, method):
    run = simulate(parse(CONSISTENT), width=width, seed=4, method=method)

    def assert_adjoint(x, wx, y, wty):  # y·(Wx) = (Wᵀy)·x
        assert run[y] @ run[wx] == pytest.approx(run[wty] @ run[x], rel=1e-9, abs=1e-9 * width)

    for y, wty in (("t", "v"), ("w1", "aw1"), ("w3", "aw3")):
        for x, wx in (("x", "w1"), ("x2", "w2"), ("r", "w3"), ("t", "w4"), ("rr", "w5")):
            assert_adjoint(x, wx, y, wty)
    for y, aty in (("p", "atp"), ("ax", "atax")):
        for x, ax in (("x", "ax"), ("atanh", "aat")):
            assert_adjoint(x, ax, y, aty)


def test_classes_have_their_own_widths_and_fractional_ones_are_rounded():
    text = (
        "width m = 2*n\nwidth k = n/3\nwidth t = 0.01*n\nvector x : m ~ N(0, 1)\n"
        "vector y : k ~ N(0, 1)\nvector z : t ~ N(0, 1)\nvector u ~ N(0, 1)\n"
    )
    run = simulate(parse(text), width=100, seed=0)
    assert [len(run[name]) for name in "xyzu"] == [200, 33, 1, 100]
    tiny = simulate(parse(text), width=10, seed=0)
    assert len(tiny["y"]) == 3
    assert len(tiny["z"]) >= 1  # 0.1 rounds to nothing: a class keeps one coordinate


def test_a_rounded_width_scales_its_matrix_by_the_true_number_of_columns():
    # A : n x k with k = n/3 -> 3 columns at n = 10 (3.33): entries N(0, 1/3)
    program = parse("width k = n/3\nmatrix A : n x k ~ N(0, 1/k)\nvector y : k ~ N(0, 1)\nh = A @ y\n")
    for method in METHODS:
        ratios = np.concatenate(
            [
                (r := simulate(program, width=10, seed=s, method=method))["h"] / math.sqrt(r["y"] @ r["y"] / 3)
                for s in range(600)
            ]
        )
        assert abs((ratios**2).mean() - 1) < 4 * math.sqrt(2 / 6000)


@pytest.mark.parametrize("method", METHODS)
def test_a_width_that_does_not_fit_is_refused_with_one_that_does(method):
    program = parse(TEXT)
    with pytest.raises(InputError, match="width") as caught:
        simulate(program, width=10**12, method=method)
    numbers = [
        int(word.replace(",", "").rstrip("."))
        for word in str(caught.value).split()
        if word.replace(",", "").rstrip(".").isdigit()
    ]
    fitting = [number for number in numbers if 1000 <= number < 10**12]
    assert fitting, str(caught.value)


@pytest.mark.parametrize("width", [0, -1, 2.5, "ten", None, float("nan"), float("inf"), True, [3]])
def test_a_width_is_a_positive_integer(width):
    with pytest.raises(InputError, match="width"):
        simulate(parse(TEXT), width=width)


@pytest.mark.parametrize("seed", ["text", -1, 0.5, None])
def test_a_bad_seed_is_refused(seed):
    with pytest.raises(InputError, match="seed"):
        simulate(parse(TEXT), width=3, seed=seed)


def test_an_unknown_method_is_refused():
    with pytest.raises(InputError, match="sparse"):
        simulate(parse(TEXT), width=3, method="sparse")


EMBEDDED = (
    "input a\ninput b\ninput c = [3, 4]\nembedding U ~ N(0, 0.8/d)\n"
    "embedding V ~ N(0, 1/d)\nx = U @ a\ny = U @ b\nz = V @ c\nx2 = U @ a\n"
)


def test_embedded_inputs_have_the_inner_product_of_the_inputs():
    # σ_U² ξ·ξ'/d up to 1/√n
    a, b = np.array([1.0, 2.0, -1.0]), np.array([0.5, 0.0, 2.0])
    runs = [simulate(parse(EMBEDDED), width=4096, inputs={"a": a, "b": b}, seed=seed) for seed in range(16)]
    for x, y, value in (
        ("x", "y", 0.8 * (a @ b) / 3),
        ("x", "x", 0.8 * (a @ a) / 3),
        ("z", "z", 25 / 2),
        ("x", "z", 0),
    ):
        values = np.array([run.second_moment(x, y) for run in runs])
        assert abs(values.mean() - value) < 4 * values.std(ddof=1) / 4, (x, y)
    np.testing.assert_allclose(runs[0]["x"], runs[0]["x2"], rtol=1e-14)


def test_an_embedding_is_linear_in_its_input():
    a, b = np.array([1.0, 2.0]), np.array([-0.5, 1.0])
    program = parse("input a\ninput b\ninput c\nembedding U ~ N(0, 1/d)\nx = U @ a\ny = U @ b\nz = U @ c\n")
    run = simulate(program, width=30, inputs={"a": a, "b": b, "c": 2 * a - b}, seed=9)
    np.testing.assert_allclose(run["z"], 2 * run["x"] - run["y"], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({}, "a"),
        ({"a": np.ones(2)}, "b"),
        ({"a": np.ones(2), "b": np.ones(3)}, "a|b|U"),
        ({"a": np.ones(2), "b": [1, np.nan]}, "b"),
        ({"a": np.ones(2), "b": np.ones(2), "k": np.ones(2)}, "k"),
        ({"a": np.ones((2, 1)), "b": np.ones(2)}, "a"),
    ],
)
def test_bad_inputs_are_named(inputs, says):
    with pytest.raises(InputError, match=rf"\b({says})\b"):
        simulate(parse(EMBEDDED), width=4, inputs=inputs)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [({"nowhere": 1.0}, "nowhere"), ({"W": -1.0}, "W"), ({"sw2": float("nan")}, "sw2"), ({"x": "big"}, "x")],
)
def test_bad_parameters_are_named(parameters, says):
    with pytest.raises(InputError, match=says):
        simulate(parse(TEXT), width=4, parameters=parameters)


def test_parameters_replace_constants_and_variances():
    one = simulate(parse(TEXT), width=30, seed=2, parameters={"sw2": 6.0, "x": 4.0})
    base = simulate(parse(TEXT), width=30, seed=2)
    np.testing.assert_allclose(one["x"], 2 * base["x"], rtol=1e-12)
    changed = simulate(
        parse(TEXT.replace("sw2 = 1.5", "sw2 = 6").replace("vector x ~ N(0, 1)", "vector x ~ N(0, 4)")),
        width=30,
        seed=2,
    )
    np.testing.assert_allclose(one["k"], changed["k"], rtol=1e-12)


def test_a_scalar_has_its_value_not_its_limit():
    run = simulate(parse("scalar eps = 0.25 -> 0\nscalar r = n**-0.5 -> 0\nvector x ~ N(0, 1)\ny = eps*x\n"), width=16)
    assert (run.scalar("eps"), run.scalar("r")) == (0.25, 0.25)
    np.testing.assert_allclose(run["y"], run["x"] / 4, rtol=1e-15)


def test_outputs_are_the_readout_over_the_root_of_the_width():
    text = (
        "width m = 4*n\nmatrix A : m x n ~ N(0, 1/n)\nvector x ~ N(0, 1)\ny = A @ x\n"
        "readout v ~ N(0, 1)\nreadout w : m ~ N(0, 2)\nbias c ~ N(0, 0.5)\n"
    )
    text += "output f = v.T @ x / sqrt(n)\noutput g = 2*v.T @ x / sqrt(n) - w.T @ y / sqrt(m) + c\noutput k = c\n"
    run = simulate(parse(text), width=25, seed=1)
    assert run.output("f") == pytest.approx(run["v"] @ run["x"] / 5, rel=1e-12)
    assert run.output("g") == pytest.approx(2 * run.output("f") - run["w"] @ run["y"] / 10 + run.output("k"), rel=1e-12)


def test_layer_norm_holds_exactly_at_every_width():
    text = (
        "vector b ~ N(0.8, 0.4)\nx = relu(b)\nnu = mean(x)\ns = mean((x - nu)**2)\n"
        "y = (x - nu)/sqrt(s)\nm1 = mean(y)\nm2 = mean(y**2)\n"
    )
    for width in (5, 1000):
        run = simulate(parse(text), width=width, seed=3)
        assert run.scalar("m1") == pytest.approx(0, abs=1e-12)
        assert run.scalar("m2") == pytest.approx(1, abs=1e-12)


def test_jointly_gaussian_vectors_have_their_mean_and_covariance():
    run = simulate(
        parse("vector u, w, t ~ N([1, -2, 0], [[2, 0.5, 0], [0.5, 1, 0], [0, 0, 0]])\n"), width=200_000, seed=5
    )
    u, w = run["u"], run["w"]
    root = math.sqrt(200_000)
    assert abs(u.mean() - 1) < 5 * math.sqrt(2) / root
    assert abs(w.mean() + 2) < 5 / root
    assert abs(np.mean((u - 1) * (w + 2)) - 0.5) < 5 * math.sqrt(2 + 0.25) / root
    np.testing.assert_array_equal(run["t"], 0)


def test_singular_covariances_are_sampled_exactly():
    run = simulate(parse("vector u, w ~ N([0, 0], [[1, 2], [2, 4]])\n"), width=100, seed=5)
    np.testing.assert_allclose(run["w"], 2 * run["u"], rtol=1e-12, atol=1e-12)


def test_quotient_at_finite_width_is_the_difference():
    run = simulate(
        parse(
            "scalar eps = 0.5 -> 0\nscalar zero = 0\nvector u, v ~ N([0, 0], [[1, 0], [0, 1]])\n"
            "y = quotient(tanh, u, v, eps)\nz = quotient(tanh, u, v, zero)\n"
        ),
        width=20,
    )
    u, v = run["u"], run["v"]
    np.testing.assert_allclose(run["y"], 2 * (np.tanh(u + v / 2) - np.tanh(u)), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(run["z"], (1 - np.tanh(u) ** 2) * v, rtol=1e-10, atol=1e-13)


def test_quotient_of_a_tiny_epsilon_does_not_cancel_to_noise():
    run = simulate(
        parse("scalar eps = 1e-9 -> 0\nvector u, v ~ N([0, 0], [[1, 0], [0, 1]])\ny = quotient(tanh, u, v, eps)\n"),
        width=50,
    )
    u, v = run["u"], run["v"]
    np.testing.assert_allclose(run["y"], (1 - np.tanh(u) ** 2) * v, atol=1e-6)


@pytest.mark.parametrize("line", ["y = log(x)", "y = sqrt(x)", "y = x**0.5", "q = mean(log(x))"])
def test_a_coordinate_that_is_not_a_number_is_an_error_that_names_the_line(line):
    with pytest.raises(LimitError, match=line[0]):
        simulate(parse("vector x ~ N(0, 1)\n" + line + "\n"), width=50, seed=0)


def test_an_overflow_is_an_error_that_names_the_vector():
    with pytest.raises(LimitError, match="y"):
        simulate(parse("vector x ~ N(0, 1e8)\ny = exp(x)\n"), width=50, seed=0)


@pytest.mark.parametrize(
    "ask",
    [
        lambda run: run["nowhere"],
        lambda run: run.scalar("nowhere"),
        lambda run: run.second_moment("x", "nowhere"),
        lambda run: run.output("nowhere"),
        lambda run: run.average("x*nowhere"),
        lambda run: run.gram(["nowhere"]),
    ],
)
def test_an_unknown_name_is_named(ask):
    run = simulate(parse(TEXT), width=4)
    with pytest.raises(TpvizError, match="nowhere"):
        ask(run)


def test_gram_and_average():
    run = simulate(parse(TEXT), width=500, seed=8)
    names = ["x", "g", "h"]
    stacked = np.array([run[name] for name in names])
    np.testing.assert_allclose(run.gram(names), stacked @ stacked.T / 500, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(run.gram(names, "covariance"), np.cov(stacked, bias=True), rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(run.gram(names, "correlation"), np.corrcoef(stacked), rtol=1e-10, atol=1e-14)


def test_second_moments_across_classes_are_refused():
    run = simulate(parse("width m = 2*n\nvector x ~ N(0, 1)\nvector y : m ~ N(0, 1)\n"), width=4)
    with pytest.raises(TpvizError, match=r"class|m"):
        run.second_moment("x", "y")
    with pytest.raises(TpvizError, match=r"class|m"):
        run.average("x*y")
