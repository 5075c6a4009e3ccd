"""What has no limit, or is asked for wrongly, is told so by name."""

import numpy as np
import pytest

from tpviz.language import DivergentMomentError, InputError, LimitError, TpvizError, parse
from tpviz.limit import limit


def test_a_divergent_moment_names_its_expression():
    lim = limit(parse("vector x ~ N(0, 1)\ny = exp(x**2)\n"))
    with pytest.raises(DivergentMomentError, match=r"exp\(2\*x\*\*2\)"):  # the square of exp(x**2)
        lim.second_moment("y")
    with pytest.raises(DivergentMomentError, match=r"exp\(x\*\*2\)"):
        lim.mean("y")


@pytest.mark.parametrize(("variance", "diverges"), [(0.24, False), (0.25, True), (0.3, True)])
def test_exp_of_a_square_has_a_second_moment_below_a_quarter(variance, diverges):
    lim = limit(parse(f"vector x ~ N(0, {variance})\ny = exp(x**2)\n"))
    if diverges:
        with pytest.raises(DivergentMomentError):
            lim.second_moment("y")
    else:
        assert lim.second_moment("y") == pytest.approx((1 - 4 * variance) ** -0.5, rel=1e-8)
    assert lim.mean("y") == pytest.approx((1 - 2 * variance) ** -0.5, rel=1e-8)


def test_a_divergent_moment_is_an_error_only_where_it_is_needed():
    lim = limit(parse("vector x ~ N(0, 1)\ny = exp(x**2)\nz = tanh(x)\n"))
    assert 0 < lim.second_moment("z") < 1


def test_a_divergent_moment_scalar_names_its_line():
    with pytest.raises(DivergentMomentError, match=r"q|x"):
        limit(parse("vector x ~ N(0, 1)\nq = mean(exp(x**2))\ny = q*x\n")).scalar("q")


@pytest.mark.parametrize("expression", ["1/x", "1/x**2", "abs(x)**-1", "1/(x - 0.5)", "1/tanh(x)"])
def test_a_pole_without_second_moment_diverges(expression):
    lim = limit(parse(f"vector x ~ N(0, 1)\ny = {expression}\n"))
    with pytest.raises(LimitError, match=r"y|x"):
        lim.second_moment("y")


@pytest.mark.parametrize("expression", ["log(x)", "sqrt(x)", "x**0.5", "x**x", "log(relu(x) - 1)"])
def test_what_is_not_real_for_a_gaussian_is_refused(expression):
    lim = limit(parse(f"vector x ~ N(0, 1)\ny = {expression}\n"))
    with pytest.raises(LimitError, match=r"log|sqrt|x"):
        lim.second_moment("y")


def test_gaussian_decay_is_fine():
    # E exp(-x²)² = 1/√5
    assert limit(parse("vector x ~ N(0, 1)\ny = exp(-x**2)\n")).second_moment("y") == pytest.approx(5**-0.5, rel=1e-12)


def test_log_of_the_absolute_value_exists():
    # E log|x| = -(γ + log 2)/2
    lim = limit(parse("vector x ~ N(0, 1)\ny = log(abs(x))\n"))
    assert lim.mean("y") == pytest.approx(-(np.euler_gamma + np.log(2)) / 2, abs=1e-8)


PROGRAM = (
    "constant c = 2\ninput xi\nembedding U ~ N(0, 1/d)\nvector b ~ N(0, 1)\nh = U @ xi\n"
    "g = h + c*b\nq = mean(g*g)\nk = relu(g)\n"
)
XI = np.array([1.0, 2.0])


@pytest.fixture(scope="module")
def lim():
    return limit(parse(PROGRAM), inputs={"xi": XI})


ASKS = {
    "mean": lambda lim: lim.mean("nowhere"),
    "second_moment": lambda lim: lim.second_moment("nowhere"),
    "second_moment of two": lambda lim: lim.second_moment("g", "nowhere"),
    "covariance": lambda lim: lim.covariance("g", "nowhere"),
    "correlation": lambda lim: lim.correlation("nowhere", "g"),
    "scalar": lambda lim: lim.scalar("nowhere"),
    "expect": lambda lim: lim.expect("relu(nowhere)"),
    "zdot": lambda lim: lim.zdot("nowhere"),
    "hat_covariance": lambda lim: lim.hat_covariance("nowhere"),
    "gram": lambda lim: lim.gram(["g", "nowhere"]),
    "error": lambda lim: lim.error("nowhere"),
    "method": lambda lim: lim.method("nowhere"),
    "sample": lambda lim: lim.sample(["nowhere"], size=3),
    "density": lambda lim: lim.density("nowhere", np.zeros(2)),
    "atoms": lambda lim: lim.atoms("nowhere"),
    "formula": lambda lim: lim.formula("nowhere"),
    "derivation": lambda lim: lim.derivation("nowhere"),
}


@pytest.mark.parametrize("ask", ASKS)
def test_an_unknown_name_is_named(lim, ask):
    with pytest.raises(TpvizError, match="nowhere"):
        ASKS[ask](lim)


def test_a_scalar_is_not_a_vector_and_the_other_way_round(lim):
    with pytest.raises(TpvizError, match="q"):
        lim.second_moment("q")
    with pytest.raises(TpvizError, match="g"):
        lim.scalar("g")


def test_a_missing_input_is_named():
    with pytest.raises(InputError, match="xi"):
        limit(parse(PROGRAM)).second_moment("h")


def test_an_input_that_is_not_in_the_program_is_named():
    with pytest.raises(InputError, match="other"):
        limit(parse(PROGRAM), inputs={"xi": XI, "other": XI})


@pytest.mark.parametrize(
    "value",
    [
        np.array([1.0, np.nan]),
        np.array([np.inf, 1.0]),
        np.zeros((2, 2)),
        np.array(3.0),
        np.array([]),
        "text",
        None,
        ["a", "b"],
        [1 + 2j, 0],
        {"a": 1},
        [[1], [2, 3]],
    ],
    ids=repr,
)
def test_a_bad_input_is_named(value):
    with pytest.raises(InputError, match="xi"):
        limit(parse(PROGRAM), inputs={"xi": value})


def test_inputs_of_one_embedding_have_one_length():
    text = "input a\ninput b\nembedding U ~ N(0, 1/d)\nx = U @ a\ny = U @ b\n"
    with pytest.raises(InputError, match=r"a|b|U"):
        limit(parse(text), inputs={"a": np.ones(2), "b": np.ones(3)}).second_moment("x", "y")


def test_inputs_of_different_embeddings_may_differ_in_length():
    text = "input a\ninput b\nembedding U ~ N(0, 1/d)\nembedding V ~ N(0, 1/d)\nx = U @ a\ny = V @ b\n"
    lim = limit(parse(text), inputs={"a": np.ones(2), "b": 2 * np.ones(3)})
    assert (lim.second_moment("x"), lim.second_moment("y")) == pytest.approx((1, 4), abs=1e-14)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"nowhere": 1.0}, "nowhere"),
        ({"b": -1.0}, "b"),
        ({"c": float("nan")}, "c"),
        ({"b": float("inf")}, "b"),
        ({"b": "text"}, "b"),
        ({"g": 1.0}, "g"),
        ({"xi": 1.0}, "xi"),
        ({"b": None}, "b"),
    ],
)
def test_a_bad_parameter_is_named(lim, parameters, says):
    with pytest.raises(InputError, match=says):
        limit(parse(PROGRAM), inputs={"xi": XI}, parameters=parameters)
    with pytest.raises(InputError, match=says):
        lim.at(parameters=parameters)


def test_a_constant_that_makes_a_variance_negative_is_refused():
    program = parse("constant s = 1\nvector x ~ N(0, s)\n")
    with pytest.raises(TpvizError, match=r"variance|s"):
        limit(program, parameters={"s": -1.0}).second_moment("x")


def test_a_constant_that_makes_a_covariance_indefinite_is_refused():
    program = parse("constant r = 0.5\nvector x, y ~ N([0, 0], [[1, r], [r, 1]])\n")
    with pytest.raises(TpvizError, match="positive semidefinite"):
        limit(program, parameters={"r": 1.5}).second_moment("x", "y")


def test_expect_refuses_two_width_classes():
    lim = limit(parse("width m = 2*n\nvector x ~ N(0, 1)\nvector y : m ~ N(0, 1)\n"))
    with pytest.raises(TpvizError, match=r"(?s)class.*m|m.*class"):
        lim.expect("x*y")


@pytest.mark.parametrize(
    "expression", ["", "x y", "relu(", "b[0]", "b.real", "relu(b, b)", "W @ b", "mean(b)", "b < 1", 3, None]
)
def test_expect_refuses_what_is_no_expression(lim, expression):
    with pytest.raises(TpvizError):
        lim.expect(expression)


def test_expect_of_a_divergent_expression(lim):
    with pytest.raises(DivergentMomentError, match="exp"):
        lim.expect("exp(g**2)")


@pytest.mark.parametrize("size", [-1, 0.5, "many", None])
def test_sample_refuses_a_bad_size(lim, size):
    with pytest.raises(InputError, match="size"):
        lim.sample(["g"], size=size)


@pytest.mark.parametrize("grid", [np.array([0.0, np.nan]), "text", None])
def test_density_refuses_a_bad_grid(lim, grid):
    with pytest.raises(InputError, match="grid"):
        lim.density("g", grid)


def test_gram_refuses_an_unknown_kind(lim):
    with pytest.raises(InputError, match=r"kind|cosine"):
        lim.gram(["g"], "cosine")


def test_limit_refuses_what_is_no_program():
    for wrong in ("vector x ~ N(0, 1)", None, 3):
        with pytest.raises(TpvizError, match=r"parse|Program|program"):
            limit(wrong)
