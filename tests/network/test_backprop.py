"""The backward program: its lines, and its vectors against derivatives of a dense forward pass taken coordinate by coordinate."""

import math

import numpy as np
import pytest

import tpviz as tp
from tests.network.dense import Dense, Dual, value
from tpviz.language import instructions as line
from tpviz.network import backprop

HEAD = """input xi = [1.0, -0.5, 0.7]
embedding U ~ N(0, 1/d)
matrix W ~ N(0, 1.5/n)
matrix V ~ N(0, 0.8/n)
readout v ~ N(0, 1)
"""
TAIL = "output f = v.T @ x / sqrt(n)\n"

PROGRAMS = {
    "one layer": HEAD + "x = U @ xi\n" + TAIL,
    "several uses of a vector": HEAD
    + "h1 = U @ xi\nx1 = tanh(h1)\nh2 = W @ x1\nx2 = erf(h2)\nh3 = V @ x2\nh4 = W @ x2\nx = sin(h3) + h4*x1 + x2\n"
    + TAIL,
    "one product used twice by itself": HEAD + "h1 = U @ xi\ng = W @ h1\nh = W @ g\nk = W @ h\nx = g*h*k + h1\n" + TAIL,
    "W and its transpose": HEAD
    + "h1 = U @ xi\nx1 = tanh(h1)\nh2 = W @ x1\ny = W.T @ h2\nz = relu(y) + x1\nw = W.T @ z\nx = w*h2 + w\n"
    + TAIL,
    "linear combinations": HEAD
    + "constant a = 0.3\nvector b ~ N(0.2, 0.5)\n"
    + "h1 = U @ xi\ng = 2*h1 - b\nl = a*g + b/3 + h1\nm = l\nx1 = tanh(l)\nh2 = W @ x1\nk = h2 - 3*x1 + a*m\nx = k + h2*g\n"
    + TAIL,
    "nonlins of several inputs": HEAD
    + "h1 = U @ xi\nh2 = W @ h1\nh3 = V @ h2\nx1 = tanh(h1)*sigmoid(h2) + h3**2*h1\ny = W @ x1\nx = y*x1/(1 + h2**2)\n"
    + TAIL,
    "declared functions of several arguments": HEAD
    + "function phi(z, s) = tanh(z)*s + z**2\nfunction psi(a, b, c) = phi(a*b, c) - relu(a)\nscalar eps = 0.3\n"
    + "h1 = U @ xi\nx1 = phi(h1, eps)\nh2 = W @ x1\nx2 = psi(h1, x1, h2)\nh3 = V @ x2\nx4 = phi(h3, h2)\nx5 = phi(h2 - h3, 2)\nx = x4 + x5\n"
    + TAIL,
    "a function of one vector twice": HEAD
    + "function phi(z, s) = z*s**2\nh1 = U @ xi\nx1 = phi(h1, h1)\nh2 = W @ x1\nx = phi(h2, 1 + h2)\n"
    + TAIL,
    "moments and scalars": HEAD
    + "scalar eps = 0.01 -> 0\nscalar r = n**-0.5 -> 0\nh1 = U @ xi\nx1 = relu(h1)\nnu = mean(x1)\ns = mean((x1 - nu)**2)\n"
    + "t = sqrt(s + eps)\ny = (x1 - nu)/t\nh2 = W @ y\nq = mean(h2*h1)\nk = exp(q)/(1 + exp(q))\nx = k*tanh(h2) + r*h1 + q*y\n"
    + TAIL,
    "widths": """width m = 2*n
width k = 0.75*m
input xi = [0.4, 1.1]
embedding U : m x d ~ N(0, 1/d)
matrix A : n x m ~ N(0, 1/m)
matrix B : k x n ~ N(0, 2/n)
vector b : k ~ N(0, 0.3)
readout v : m ~ N(0, 1)
h1 = U @ xi
x1 = tanh(h1)
g = A @ x1
x2 = erf(g)
h = B @ x2
z = tanh(h + b)*h
p = B.T @ z
y = p*x2
t = A.T @ y
s = A @ t
w = A.T @ s
x = t*x1 + w
output f = v.T @ x / sqrt(m)
""",
    "readout terms": HEAD
    + "width m = 3*n\nmatrix A : m x n ~ N(0, 1/n)\nreadout w : m ~ N(0, 0.5)\nbias c0 ~ N(0, 0.1)\nconstant a = 0.7\n"
    + "h1 = U @ xi\nx1 = tanh(h1)\nh2 = W @ x1\nx = sin(h2)\ny = A @ x\nz = relu(y)\n"
    + "output f = v.T @ x / sqrt(n) + 2*v.T @ h1 / sqrt(n) - a*w.T @ z / sqrt(m) + w.T @ y / sqrt(m) + c0\n",
    "a readout in the body": HEAD
    + "h1 = U @ xi\nx1 = tanh(h1)*v\nh2 = W @ x1\nh3 = V @ v\nx = h2*h3 + v + x1\n"
    + TAIL,
    "no use of a part": HEAD + "h1 = U @ xi\nx = tanh(h1)\nh2 = W @ x\ny = relu(h2)\nq = mean(y)\n" + TAIL,
    "every function": HEAD
    + "h1 = U @ xi\nx1 = relu(h1) + abs(h1)*0.1 + leaky_relu(h1, 0.2)\nh2 = W @ x1\n"
    + "x2 = erf(h2) + tanh(h2) + sigmoid(h1) + softplus(h2)\nh3 = W @ x2\nx3 = gelu(h3) + silu(h2) + exp(-h3**2) + log(1 + h3**2)\n"
    + "h4 = V @ x3\nx4 = sqrt(1 + h4**2) + sin(h4) + cos(h3) + maximum(h4, h3) - minimum(h4, 0.3) + clip(h4, -1, 0.5)\n"
    + "h5 = V @ x4\nx = step(h5)*h4 + sign(h5)*h3 + h5**3/(1 + e**h4) + pi*h5\n"
    + TAIL,
    "a quotient": HEAD
    + "function phi(z) = tanh(z)\nscalar eps = 0.2\nh1 = U @ xi\nh2 = W @ h1\nx1 = quotient(phi, h1, h2, eps)\nh3 = W @ x1\nx = h3*x1\n"
    + TAIL,
    "a quotient at 0": HEAD
    + "function phi(z) = tanh(z)\nscalar eps = 0.0\nh1 = U @ xi\nh2 = W @ h1\nx1 = quotient(phi, h1, h2, eps)\nh3 = W @ x1\nx = h3*x1\n"
    + TAIL,
    "a quotient of two arguments": HEAD
    + "function phi(z, t) = tanh(z)*t + t**2\nscalar eps = n**-0.5 -> 0\nh1 = U @ xi\nh2 = W @ h1\nh3 = W @ h2\nx1 = quotient(phi, h1, h2, h3, h2, eps)\n"
    + "h4 = V @ x1\nx = h4*h3 + quotient(phi, h4, h2, h3, h1, 0)\n"
    + TAIL,
    "initial vectors": HEAD
    + "vector b ~ N(0, 1)\nvector s, t ~ N([0, 1], [[1, 0.5], [0.5, 1]])\n"
    + "h1 = U @ xi\nx1 = tanh(h1 + b)*s\nh2 = W @ t\nh3 = V @ b\nx = relu(h2 + b)*x1 + h3\n"
    + TAIL,
    "inputs and ties": """input xi1 = [1.0, -0.5, 0.7]
input xi2 = [0.2, 0.1, -1.7]
embedding U ~ N(0, 2/d)
matrix W ~ N(0, 1.5/n)
vector b ~ N(0, 0.1)
readout v ~ N(0, 1)
u1 = U @ xi1
h1 = u1 + b
x1 = tanh(h1)
w1 = W @ x1
u2 = U @ xi2
h2 = u2 + w1 + b
x2 = tanh(h2)
w2 = W @ x2
u3 = U @ xi1
h3 = u3 + w2 + b
x3 = tanh(h3)
x = x1 + x2 + x3
output f = v.T @ x / sqrt(n)
""",
    "names that are taken": HEAD
    + "function dphi(z) = z**2\nfunction phi(z) = tanh(z)\nvector dh1 ~ N(0, 1)\nvector dx ~ N(0, 1)\n"
    + "h1 = U @ xi\nx1 = phi(h1)*dphi(dh1)\ndx1 = W @ x1\nx = phi(dx1)*dx\n"
    + TAIL,
}


def run_both(program, output=None, width=6, seed=3):
    dense = Dense(program, width, seed, {"U": 2 if "m x d" in program.to_text() else 3})
    return dense, dense.run(program, {}), backprop(program, output)


def used_in_the_body(program, name: str) -> bool:
    return any(name in program.arguments(i.name) for i in program.instructions
               if isinstance(i, line.MatMul | line.LinComb | line.Nonlin))  # fmt: skip


def assert_gradients(program, output: str | None = None, names=lambda x: f"d{x}", width=6, seed=3) -> int:
    """Every dx of the backward program, run over the same matrices, is √n_x ∂f/∂x; what f does not depend on has none."""
    dense, forward, back = run_both(program, output, width, seed)
    assert back.instructions[: len(program)] == program.instructions
    assert tp.parse(back.to_text()) == back
    backward = dense.run(back, {})
    f = output or program.outputs[0]
    scalars = {i.name: forward[i.name] for i in program.instructions if isinstance(i, line.Moment)}
    readouts = {i.name for i in program.instructions if isinstance(i, line.Readout)}
    compared = 0
    for x in program.vectors:
        moved = dense.run(program, {}, at=x, scalars=scalars)[f]
        if x in readouts and not used_in_the_body(program, x):
            continue
        if not isinstance(moved, Dual):
            assert names(x) not in back.vectors or names(x) in program.vectors, x
            continue
        size = len(value(forward[x]))
        exact = math.sqrt(size) * moved.tangent[0]
        got = backward[names(x)][:, 0]
        scale = np.abs(exact).max() or 1.0
        assert np.abs(got - exact).max() <= 1e-12 * scale, (x, got, exact, back.to_text())
        compared += 1
    return compared


@pytest.mark.parametrize("name", [k for k in PROGRAMS if k != "names that are taken"])
def test_gradients_of_a_dense_run(name):
    program = tp.parse(PROGRAMS[name])
    assert assert_gradients(program) >= min(2, len(program.vectors) - 1)


def test_names_that_are_taken():
    program = tp.parse(PROGRAMS["names that are taken"])
    taken = {"h1": "d_h1", "x": "d_x", "x1": "d_x1"}
    assert assert_gradients(program, names=lambda x: taken.get(x, f"d{x}")) == 6


def test_a_value_given_at_run_time_needs_no_value_in_the_text():
    program = tp.parse(PROGRAMS["several uses of a vector"].replace(" = [1.0, -0.5, 0.7]", ""))
    assert backprop(program).inputs == ("xi",)


SEVERAL = (
    HEAD
    + "readout w ~ N(0, 2)\nbias c0 ~ N(0, 1)\nh1 = U @ xi\nx1 = tanh(h1)\nh2 = W @ x1\nx = sin(h2)\ny = W.T @ x\nz = y*x1\n"
    + TAIL
    + "output f2 = w.T @ z / sqrt(n) - v.T @ x1 / sqrt(n) + c0\noutput f3 = 3*w.T @ x1 / sqrt(n)\n"
)


@pytest.mark.parametrize("output", ["f", "f2", "f3"])
def test_gradients_of_one_of_several_outputs(output):
    assert assert_gradients(tp.parse(SEVERAL), output) >= 2


def test_the_first_output_is_the_default():
    program = tp.parse(SEVERAL)
    assert backprop(program) == backprop(program, "f") == backprop(program, output="f")
    assert backprop(program, "f3") != backprop(program)


def test_an_unknown_output_is_told_by_name():
    with pytest.raises(tp.InputError, match="f4"):
        backprop(tp.parse(SEVERAL), "f4")
    with pytest.raises(tp.TpvizError, match="output"):
        backprop(tp.parse("vector x ~ N(0, 1)\ny = relu(x)\n"))


def backward_lines(text: str) -> list[str]:
    program = tp.parse(text)
    return backprop(program).to_text().splitlines()[len(program) :]


def test_the_lines_of_an_mlp():
    text = """input xi
embedding U ~ N(0, 1/d)
matrix W ~ N(0, 2/n)
readout v ~ N(0, 1)
function phi(z) = relu(z)
h1 = U @ xi
x1 = phi(h1)
h2 = W @ x1
x2 = phi(h2)
output f = v.T @ x2 / sqrt(n)
"""
    assert backward_lines(text) == [
        "function dphi(z) = step(z)",
        "dx2 = v",
        "dh2 = dphi(h2)*dx2",
        "dx1 = W.T @ dh2",
        "dh1 = dphi(h1)*dx1",
    ]


def test_products_of_a_vector_with_several_uses_have_names_of_their_own():
    text = """input xi
embedding U ~ N(0, 1/d)
matrix W ~ N(0, 1/n)
matrix V ~ N(0, 1/n)
readout v ~ N(0, 1)
x1 = U @ xi
h2 = W @ x1
h3 = V @ x1
x = h2*h3
output f = v.T @ x / sqrt(n) + v.T @ x1 / sqrt(n)
"""
    lines = backward_lines(text)
    assert "dx1_h2 = W.T @ dh2" in lines
    assert "dx1_h3 = V.T @ dh3" in lines
    (total,) = [x for x in lines if x.startswith("dx1 =")]
    assert sorted(total.removeprefix("dx1 = ").split(" + ")) == ["dx1_h2", "dx1_h3", "v"]


def test_the_backward_pass_is_simulated_and_has_a_limit():
    """E (Z^dx)² of a 2-layer relu network by hand: σ_v² ½ σ_W² at dx1, half of that at dh1; and at width 10⁵."""
    program = tp.parse("""input xi = [1.0, -1.0]
embedding U ~ N(0, 1/d)
matrix W ~ N(0, 3/n)
readout v ~ N(0, 2)
h1 = U @ xi
x1 = relu(h1)
h2 = W @ x1
x2 = relu(h2)
output f = v.T @ x2 / sqrt(n)
""")
    back = backprop(program)
    lim = tp.limit(back)
    run = tp.simulate(back, width=100_000, seed=1)
    for x, exact in {"dx2": 2, "dh2": 1, "dx1": 3, "dh1": 1.5}.items():
        assert lim.second_moment(x) == pytest.approx(exact, rel=1e-12)
        assert run.second_moment(x, x) == pytest.approx(exact, rel=0.03)
    assert lim.zdot("dx1") == {}


RANDOM_FUNCTIONS = ("tanh({})", "relu({})", "erf({})", "sin({})", "{}*{}", "{} + {}", "2*{} - {}", "sigmoid({})*{}",
                    "{}**2/(1 + {}**2)", "maximum({}, {})", "q*{} + {}", "{} - q", "exp(-{}**2)")  # fmt: skip


def random_text(seed: int) -> str:
    """Two width classes, matrices used both ways, Moments in between, several readout terms."""
    rng = np.random.default_rng(seed)
    lines = ["width m = 1.5*n", "input xi = [0.3, -1.2, 0.8]", "embedding U ~ N(0, 1/d)", "matrix W ~ N(0, 1.2/n)",
             "matrix A : m x n ~ N(0, 0.9/n)", "vector b ~ N(0, 0.5)", "vector c : m ~ N(0.3, 0.5)", "readout v ~ N(0, 1)",
             "readout w : m ~ N(0, 2)", "scalar s0 = 0.4", "x0 = U @ xi", "q = mean(x0*b)"]  # fmt: skip
    have = {"n": ["x0", "b"], "m": ["c"]}
    scalars = ["q", "s0"]
    for k in range(1, int(rng.integers(5, 13))):
        kind = rng.integers(0, 6)
        if kind <= 1:
            matrix, flip, into, out = [
                ("W", "", "n", "n"),
                ("W", ".T", "n", "n"),
                ("A", "", "n", "m"),
                ("A", ".T", "m", "n"),
            ][rng.integers(4)]
            lines.append(f"x{k} = {matrix}{flip} @ {rng.choice(have[into])}")
        elif kind == 5:
            into = str(rng.choice(["n", "m"]))
            a, b = rng.choice(have[into], 2)
            lines.append(f"q{k} = mean({a}*{b} + {rng.choice(scalars)})")
            scalars.append(f"q{k}")
            continue
        else:
            out = str(rng.choice(["n", "m"]))
            form = str(rng.choice(RANDOM_FUNCTIONS))
            text = form.format(*rng.choice(have[out], form.count("{}")))
            lines.append(f"x{k} = {text.replace('q', rng.choice(scalars))}")
        have[out].append(f"x{k}")
    lines.append(
        f"output f = v.T @ {have['n'][-1]} / sqrt(n) + 2*v.T @ {rng.choice(have['n'])} / sqrt(n) - w.T @ {have['m'][-1]} / sqrt(m)"
    )
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(60))
def test_gradients_of_a_random_program(seed):
    program = tp.parse(random_text(seed))
    assert assert_gradients(program, seed=seed) >= 2
