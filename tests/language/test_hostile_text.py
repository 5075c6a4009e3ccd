"""Text typed by anybody: every one of these is an error, found quickly, and nothing in it runs."""

import time

import pytest

from tpviz.language import ProgramError, TpvizError, parse

HEAD = "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\n"

HOSTILE = {
    "import": "__import__('os').system('touch {path}')",
    "import in a call": "relu(__import__('os').system('touch {path}'))",
    "eval": "eval('1')",
    "getattr": "getattr(x, x)",
    "attribute": "x.real",
    "dunder attribute": "x.__class__.__mro__",
    "dunder name": "__builtins__",
    "power tower": "9**9**9",
    "power tower of x": "x**9**9**9",
    "big power": "x*10**10000000000",
    "big polynomial": "(x + 1)**100000",
    "tower of twos": "2**2**2**2**2**2*x",
    "lambda": "(lambda: 1)()",
    "comprehension": "[y for y in x]",
    "generator": "relu(y for y in x)",
    "string": "'abc'",
    "f-string": "f'{{x}}'",
    "bytes": "b'1'",
    "subscript": "x[0]",
    "slice": "x[:]",
    "comparison": "x < 1",
    "equality": "x == x",
    "chained comparison": "0 < x < 1",
    "conditional": "x if x else x",
    "and": "x and x",
    "not": "not x",
    "walrus": "(y := x)",
    "starred argument": "relu(*x)",
    "keyword argument": "relu(z=x)",
    "dictionary": "{{x: x}}",
    "set": "{{x}}",
    "tuple": "(x, x)",
    "ellipsis": "...",
    "None": "None",
    "True": "True",
    "imaginary number": "1j*x",
    "infinite number": "1e999*x",
    "huge integer": "9" * 400 + "*x",
    "integer of 5000 digits": "9" * 5000 + "*x",
    "10 000 nested brackets": "(" * 10_000 + "x" + ")" * 10_000,
    "10 000 open brackets": "(" * 10_000,
    "2000 nested brackets": "(" * 1900 + "x" + ")" * 1900,
    "1000 nested calls": "relu(" * 700 + "x" + ")" * 700,
    "deep unary chain": "-" * 10_000 + "x",
    "deep unary chain of 3000": "-" * 3000 + "x",
    "deep power chain": "2**" * 1200 + "x",
    "megabyte line": "x+" * 500_000 + "x",
    "megabyte name": "x" * 1_000_000,
    "megabyte number": "9" * 1_000_000 + "*x",
    "10 000 arguments": "maximum(" + "x," * 10_000 + "x)",
    "null byte": "relu(x)\0",
    "lone surrogate": "relu(\ud800)",
    "right-to-left override": "x\u202e",
    "zero-width joiner": "x\u200d",
    "superscript two": "x²",
    "unicode minus": "x − 1",
    "two statements": "x; import os",
    "integer division": "x//2",
    "remainder": "x % 2",
    "shift": "x << 2",
    "bitwise and": "x & x",
    "xor": "x^2",
    "invert": "~x",
    "division by zero": "1/0*x",
    "x over zero": "x/0",
    "power of zero": "0**-1*x",
    "root of a negative": "sqrt(-1)*x",
    "complex power": "(-8)**(1/3)*x",
    "logarithm of zero": "log(0)*x",
    "exponential tower": "exp(exp(exp(exp(exp(1000)))))*x",
    "not a number": "nan*x",
    "infinity": "inf*x",
    "sympy's imaginary unit": "I*x",
    "sympy's infinity": "oo*x",
    "await": "await x",
    "yield": "(yield x)",
    "nothing": "",
    "empty brackets": "()",
    "trailing comma": "x,",
}


def assert_refused_quickly(text: str) -> ProgramError:
    start = time.process_time()
    with pytest.raises(ProgramError) as caught:
        parse(text)
    assert time.process_time() - start < 1.0
    return caught.value


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_expression_is_refused_with_a_place(name, tmp_path):
    trap = tmp_path / "trap"
    error = assert_refused_quickly(
        HEAD + "y = " + HOSTILE[name].replace("{path}", str(trap)).replace("{{", "{").replace("}}", "}")
    )
    assert not trap.exists()
    if "megabyte" not in name:  # a text of that size is refused as a whole
        assert all(problem.line == 3 and problem.column >= 1 for problem in error.diagnostics)
    assert len(str(error)) < 2000


@pytest.mark.parametrize(
    "form",
    [
        "q = mean(%)",
        "scalar s = %",
        "scalar s = 1 -> %",
        "vector z ~ N(0, %)",
        "vector z ~ N(%, 1)",
        "function f(z) = %",
        "output o = %",
        "input a = [%]",
        "constant c = %",
        "width m = %",
        "matrix M ~ N(0, %/n)",
        "y = W @ %",
        "vector a, b ~ N([0, %], [[1, 0], [0, 1]])",
        "readout v ~ N(0, %)",
        "bias c0 ~ N(0, %)",
        "embedding U ~ N(0, %/d)",
    ],
)
def test_hostile_text_is_refused_in_every_form_of_line(form, tmp_path):
    trap = tmp_path / "trap"
    for name, text in HOSTILE.items():
        if name in ("nothing", "x over zero", "trailing comma") or "megabyte" in name:
            continue
        hostile = text.replace("{path}", str(trap)).replace("{{", "{").replace("}}", "}")
        error = assert_refused_quickly(HEAD + form.replace("%", hostile))
        assert len(str(error)) < 2000, name
    assert not trap.exists()


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "from os import system",
        "del x",
        "x",
        "x = ",
        "= x",
        "y == x",
        "y, z = x",
        "y: int = x",
        "y += x",
        "def f(): pass",
        "~",
        "@",
        "vector",
        "matrix",
        "vector ~ N(0, 1)",
        "vector x1",
        "vector x1 ~",
        "vector x1 ~ N",
        "vector x1 ~ N(",
        "vector x1 ~ N()",
        "vector x1 ~ N(0)",
        "vector x1 ~ N(0, 1, 2)",
        "vector x1 ~ U(0, 1)",
        "vector x1 ~ N(0, 1) y = x",
        "vector 1x ~ N(0, 1)",
        "vector a b ~ N(0, 1)",
        "width m",
        "width = 2*n",
        "input",
        "input a = 1",
        "input a = []",
        "input a = [1, 'a']",
        "input a = [x]",
        "function",
        "function f",
        "function f(z)",
        "function f() = 1",
        "function f(z, z) = z",
        "function f(z) = x + z",
        "function f(z) = f(z)",
        "function f(1) = 1",
        "output",
        "output o",
        "readout",
        "bias",
        "scalar",
        "scalar s",
        "constant",
        "constant c = x",
        "embedding E",
        "y = W",
        "y = W.T",
        "y = @ x",
        "y = W @",
        "y = W.T.T @ x",
        "y = W @ W @ x",
        "y = 2*W @ x",
        "y = W.S @ x",
        "y = x.T @ x",
        "y = W**2 @ x",
        "y = mean(x",
        "y = mean()",
        "y = mean(x, x)",
        "y = 2*mean(x)",
        "y = relu(mean(x))",
        "y = mean(mean(x))",
        "y = x.mean()",
        "\t",
        "\u00a0=\u00a0",
        "y \u2028= x[0]",
        "\x00",
        "\x1b[31m",
        "💥 = x",
        "y = 💥",
    ],
)
def test_malformed_line_is_an_error_or_nothing(line):
    if not line.strip():
        assert tuple(parse(HEAD + line).vectors) == ("x",)
        return
    error = assert_refused_quickly(HEAD + line)
    assert all(problem.message and problem.line and problem.column for problem in error.diagnostics)


def test_an_output_with_thousands_of_terms_is_refused_quickly_and_briefly():
    error = assert_refused_quickly(HEAD + "output f = " + "+".join(["x"] * 3000))
    assert len(str(error)) < 5000


def test_many_errors_are_found_quickly():
    start = time.process_time()
    with pytest.raises(ProgramError) as caught:
        parse("\n".join(f"y{i} = relu(undefined{i})" for i in range(2000)))
    assert time.process_time() - start < 2.0
    assert {problem.line for problem in caught.value.diagnostics} == set(range(1, 2001))


def test_a_coefficient_that_overflows_is_refused():
    # e**e**e**e > 1e308, as exp(exp(exp(e))) is, which has a message of its own
    assert_refused_quickly(HEAD + "y = e**e**e**e*x")


def test_hostile_text_in_expect_and_average_is_refused(tmp_path):
    from tpviz.finite import simulate
    from tpviz.limit import limit

    program = parse(HEAD + "y = relu(x)")
    lim, sim, trap = limit(program), simulate(program, width=4), tmp_path / "trap"
    for name, text in HOSTILE.items():
        hostile = text.replace("{path}", str(trap)).replace("{{", "{").replace("}}", "}")
        start = time.process_time()
        for ask in (lim.expect, sim.average):
            with pytest.raises(TpvizError):
                print(name, ask(hostile))
        assert time.process_time() - start < 1.0, name
    assert not trap.exists()
