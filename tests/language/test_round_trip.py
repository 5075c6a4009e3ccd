"""parse∘print over random programs, and that an expression means what Python's own arithmetic makes of it."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import special

from tpviz.finite import simulate
from tpviz.language import ProgramError, parse

from .programs import expressions, program_texts

RANDOM = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@RANDOM
@given(program_texts())
def test_printing_and_parsing_gives_the_program_back(text):
    program = parse(text)
    printed = program.to_text()
    assert parse(printed) == program
    assert parse(printed).to_text() == printed


@settings(RANDOM, max_examples=60)
@given(program_texts())
def test_the_order_of_lines_is_kept(text):
    defined = []
    for line in text.splitlines():
        head = line.split("=")[0].split("~")[0].split("(")[0].split(":")[0].split()
        words = (
            head[1:]
            if head[0]
            in (
                "constant",
                "width",
                "scalar",
                "vector",
                "matrix",
                "function",
                "embedding",
                "input",
                "readout",
                "bias",
                "output",
            )
            else head
        )
        defined += [word.strip(",") for word in words]
    program = parse(text)
    assert list(program.definitions) == defined
    assert list(program.vectors) == [name for name in defined if name in program.vectors]


def _quotient(f, mu, nu, eps):
    return (f(mu + eps * nu) - f(mu)) / eps


# The functions of the language in numpy, for Python's own reading of the same text.
NUMPY = {
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z, a: np.where(z > 0, z, a * z),
    "abs": np.abs,
    "sign": np.sign,
    "step": lambda z: np.where(z > 0, 1.0, 0.0),
    "erf": special.erf,
    "tanh": np.tanh,
    "sigmoid": special.expit,
    "softplus": lambda z: np.logaddexp(0, z),
    "gelu": lambda z: z * special.ndtr(z),
    "silu": lambda z: z * special.expit(z),
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "clip": np.clip,
    "pi": math.pi,
    "e": math.e,
    "f": lambda z: z * np.tanh(z),
    "quotient": _quotient,
    "__builtins__": {},
}
HEAD = "vector x ~ N(0, 1)\nvector y ~ N(1, 2)\nscalar s = 0.5\nfunction f(z) = z*tanh(z)\n"


@RANDOM
@given(expressions(["x", "y", "s", "pi", "e"], {"f": 1}, 4).filter(lambda text: "s0" not in text))
def test_an_expression_means_what_python_makes_of_it(text):
    run = simulate(parse(f"{HEAD}z = ({text}) + 0*x*tanh(x)"), width=6, seed=1)
    with np.errstate(all="ignore"):
        expected = eval(text, dict(NUMPY), {"x": run["x"], "y": run["y"], "s": 0.5})
    np.testing.assert_allclose(run["z"], np.broadcast_to(expected, 6), rtol=1e-9, atol=1e-9)


PRECEDENCE = [
    "-x**2",
    "2**-x**2",
    "-x*y",
    "x - y - s",
    "x - (y - s)",
    "x/(y/s)",
    "x/y/s",
    "x/y*s",
    "x*(y/s)",
    "(-x)**2",
    "-(x + y)",
    "(x**2)**s",
    "- -x",
    "x - -y",
    "+x",
    "1 - x/2 - 1",
    "2*-x",
    "x*-y",
    "exp(-x**2/2)/sqrt(2*pi)",
    "(x + y)*(x - y)",
    "s*x + y*s - x*y",
    "1/(1 + x**2)**2",
]


def test_precedence_is_that_of_python():
    text = HEAD + "".join(f"z{i} = ({e}) + 0*tanh(x)\n" for i, e in enumerate(PRECEDENCE))
    for program in (parse(text), parse(parse(text).to_text())):
        run = simulate(program, width=50, seed=3)
        for i, expression in enumerate(PRECEDENCE):
            expected = eval(expression, dict(NUMPY), {"x": run["x"], "y": run["y"], "s": 0.5})
            np.testing.assert_allclose(run[f"z{i}"], expected, rtol=1e-12, err_msg=expression)


CALLS = [
    "relu(x)",
    "leaky_relu(x, 0.1)",
    "abs(x)",
    "step(x)",
    "sign(x)",
    "erf(x)",
    "tanh(x)",
    "sigmoid(x)",
    "softplus(x)",
    "gelu(x)",
    "silu(x)",
    "exp(x)",
    "log(1 + x**2)",
    "sqrt(abs(x))",
    "sin(x)",
    "cos(x)",
    "maximum(x, y)",
    "minimum(x, y)",
    "clip(x, -0.5, 1)",
    "f(x)",
    "quotient(f, x, y, s)",
]


def test_every_function_has_its_value():
    run = simulate(parse(HEAD + "".join(f"z{i} = {call}\n" for i, call in enumerate(CALLS))), width=200, seed=4)
    for i, call in enumerate(CALLS):
        expected = eval(call, dict(NUMPY), {"x": run["x"], "y": run["y"], "s": 0.5})
        np.testing.assert_allclose(run[f"z{i}"], expected, rtol=1e-12, atol=1e-300, err_msg=call)


def test_step_and_sign_are_zero_at_zero():
    run = simulate(parse("vector x ~ N(0, 0)\na = step(x)\nb = sign(x)\nc = relu(x)\n"), width=3)
    assert [run[name].tolist() for name in "abc"] == [[0.0] * 3] * 3


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet="xyW.T@=~N(0,1)/n +-*vectormatrixrelu\n#[]", max_size=60))
def test_random_characters_are_a_program_or_a_program_error(text):
    problem = None
    try:
        program = parse(text)
    except ProgramError as error:
        problem = error
    if problem is None:
        assert parse(program.to_text()) == program
    else:
        assert all(found.line and found.column for found in problem.diagnostics)


CONSTANT_CALLS = [
    "relu(0.5)",
    "leaky_relu(-0.5, 0.1)",
    "abs(-0.5)",
    "sign(0.5)",
    "sign(-2)",
    "sign(0)",
    "step(0.5)",
    "step(0)",
    "erf(0.5)",
    "tanh(0.5)",
    "sigmoid(0.5)",
    "softplus(0.5)",
    "gelu(0.5)",
    "silu(0.5)",
    "maximum(1, 2)",
    "clip(2, -1, 0.5)",
    "clip(pi, -1, 1)",
    "maximum(pi, 3)",
    "minimum(pi, e)",
    "relu(pi - e)",
    "step(pi - 3)",
    "sign(pi - 3)",
    "abs(pi - 4)",
    "leaky_relu(pi, 0.1)",
    "gelu(pi)",
    "f(0.5)",
    "quotient(f, 0.5, 1, 0.5)",
    "softplus(1000)",
    "sigmoid(-1000)",
]


@pytest.mark.parametrize("call", CONSTANT_CALLS)
def test_functions_of_constants_have_their_value(call):
    expected = float(eval(call, dict(NUMPY), {}))
    program = parse(f"{HEAD}z = ({call})*x\nq = {call}\nfunction g(t) = t + {call}\nk = g(x)\n")
    assert parse(program.to_text()) == program
    run = simulate(program, width=4, seed=1)
    assert run.scalar("q") == pytest.approx(expected, rel=1e-12, abs=1e-300)
    np.testing.assert_allclose(run["z"], expected * run["x"], rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(run["k"], expected + run["x"], rtol=1e-12)


@pytest.mark.parametrize("call", CONSTANT_CALLS)
def test_constants_and_scalars_may_be_declared_by_a_call(call):
    expected = float(eval(call, dict(NUMPY), {}))
    program = parse(f"function f(z) = z*tanh(z)\nconstant c = {call}\nscalar t = {call}\nq = t + c\n")
    assert parse(program.to_text()) == program
    assert program.constants()["c"] == pytest.approx(expected, rel=1e-12, abs=1e-300)
    assert simulate(program, width=4).scalar("q") == pytest.approx(2 * expected, rel=1e-12, abs=1e-300)
