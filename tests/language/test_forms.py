"""Every form of line, read from the example of language.md, and what a program says about itself."""

import pytest

from tpviz.language import Program, TpvizError, parse

# The listing of language.md, "once every form of line".
EVERY_FORM = """
# every form of line once
constant sw2 = 2                     # a number with a name
width m = 2*n                        # class m is twice as wide as the base class n
input xi                             # a network input
input xj = [1.0, -0.5]               # ... or with its value in the text
embedding U ~ N(0, 1/d)
matrix W ~ N(0, sw2/n)
matrix A : m x n ~ N(0, 1/n)
vector b ~ N(0, 0.1)
vector c : m ~ N(1, 4)
vector u, w ~ N([0, 0], [[1, 0.5], [0.5, 1]])
scalar eps = 0.01
scalar r = n**-0.5 -> 0
function phi(z, s) = relu(z) + s*tanh(z)

h1 = U @ xi
g1 = h1 + b
x1 = phi(g1, eps)
h2 = W @ x1
h3 = W.T @ h2
y = A @ x1
q = mean(h2 * x1)
k = exp(q)/(1 + exp(q))
z = k*h2 + relu(h3)*u
readout v ~ N(0, 1)
bias c0 ~ N(0, 0.1)
output f = v.T @ z / sqrt(n) + c0
"""


@pytest.fixture(scope="module")
def program() -> Program:
    return parse(EVERY_FORM)


def test_names_are_listed_in_program_order(program):
    assert tuple(program.vectors) == ("b", "c", "u", "w", "h1", "g1", "x1", "h2", "h3", "y", "z", "v")
    assert tuple(program.scalars) == ("eps", "r", "q", "k")
    assert tuple(program.matrices) == ("W", "A")
    assert tuple(program.inputs) == ("xi", "xj")
    assert tuple(program.outputs) == ("f",)


def test_every_form_survives_printing(program):
    assert parse(program.to_text()) == program


def test_printed_text_is_a_fixed_point(program):
    assert parse(program.to_text()).to_text() == program.to_text()


def test_comments_and_blank_lines_do_not_change_the_program():
    plain = "vector x ~ N(0, 1)\ny = relu(x)\n"
    spaced = "\n\n# a comment\nvector x ~ N(0, 1)# close\n   \n  # another = one\ny = relu(x)   # y = tanh(x)\n\n"
    assert parse(spaced) == parse(plain)


def test_spaces_do_not_change_the_program():
    assert parse("vector  x~N( 0,1 )\ny=relu( x )+2*x") == parse("vector x ~ N(0, 1)\ny = relu(x) + 2 * x")


def test_windows_line_ends_do_not_change_the_program():
    assert parse("vector x ~ N(0, 1)\r\ny = relu(x)\r\n") == parse("vector x ~ N(0, 1)\ny = relu(x)\n")


def test_the_order_of_lines_is_part_of_the_program():
    first, second = "vector a ~ N(0, 1)\nvector b ~ N(0, 1)", "vector b ~ N(0, 1)\nvector a ~ N(0, 1)"
    assert parse(first) != parse(second)
    assert tuple(parse(second).vectors) == ("b", "a")


def test_programs_that_differ_in_a_number_are_different():
    assert parse("vector a ~ N(0, 1)") != parse("vector a ~ N(0, 2)")


def test_the_empty_text_is_an_empty_program():
    assert tuple(parse("# nothing\n").vectors) == ()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("b", "G"),
        ("u", "G"),
        ("v", "G"),  # initial vectors, the readout among them
        ("h1", "G"),  # an embedded input
        ("g1", "G"),  # LinComb of G-vars
        ("x1", "X"),
        ("z", "X"),  # Nonlins
        ("h2", "G"),
        ("h3", "G"),
        ("y", "G"),  # products
    ],
)
def test_kind(program, name, kind):
    assert program.kind(name) == kind


def test_a_lincomb_with_one_x_var_is_an_x_var():
    p = parse("vector a ~ N(0, 1)\nx = relu(a)\ny = a + 2*x\nz = a - 3*a\n")
    assert (p.kind("y"), p.kind("z")) == ("X", "G")


def test_an_alias_is_a_lincomb_and_keeps_the_kind():
    p = parse("vector a ~ N(0, 1)\nb = a\nx = tanh(a)\ny = x\n")
    assert (p.kind("b"), p.kind("y")) == ("G", "X")


def test_a_declared_identity_is_a_nonlin():
    p = parse("function same(z) = z\nvector a ~ N(0, 1)\nb = same(a)\n")
    assert p.kind("b") == "X"


def test_an_affine_expression_is_a_nonlin():
    # "a homogeneous linear expression": a + 1 is not homogeneous
    assert parse("vector a ~ N(0, 1)\nb = a + 1\n").kind("b") == "X"


def test_a_scalar_coefficient_makes_a_nonlin():
    # LinComb coefficients are constants; theta*a is Nonlin+
    p = parse("constant c = 3\nscalar theta = 2\nvector a ~ N(0, 1)\nx = theta*a\ny = c*a\n")
    assert (p.kind("x"), p.kind("y")) == ("X", "G")


def test_kind_of_an_unknown_name_is_an_error_that_names_it(program):
    with pytest.raises(TpvizError, match="nowhere"):
        program.kind("nowhere")


@pytest.mark.parametrize(("name", "expected"), [("y", "m"), ("c", "m"), ("h3", "n"), ("v", "n")])
def test_width_class(program, name, expected):
    assert program.width_class(name) == expected


def test_the_transpose_leads_back_to_the_column_class():
    p = parse("width m = n/2\nmatrix A : m x n ~ N(0, 1/n)\nvector c : m ~ N(0, 1)\nx = A.T @ c\ny = A @ x\n")
    assert (p.width_class("x"), p.width_class("y")) == ("n", "m")


def test_a_matrix_between_two_classes_is_scaled_by_its_columns():
    text = "width m = 2*n\nwidth k = 3*n\nmatrix A : m x k ~ N(0, 2/k)\nvector c : k ~ N(0, 1)\ny = A @ c\n"
    p = parse(text)
    assert p.width_class("y") == "m"
    assert parse(p.to_text()) == p


def test_width_ratios_are_multiples_of_the_base_width():
    assert parse("width m = 2*n\nwidth k = n/2\n").width_ratios() == {"n": 1.0, "m": 2.0, "k": 0.5}


NETSOR = "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\ny = tanh(x)\nh = W @ y\n"


@pytest.mark.parametrize(
    ("more", "language"),
    [
        ("", "Netsor"),
        ("k = W.T @ h\n", "Netsor⊤"),
        ("q = mean(h*x)\n", "Netsor⊤+"),
        ("scalar s = 2\nz = s*h\n", "Netsor⊤+"),
        ("k = W.T @ h\nq = mean(k)\nz = q*k\n", "Netsor⊤+"),
    ],
)
def test_language_is_the_smallest_that_holds_the_program(more, language):
    assert parse(NETSOR + more).language == language


def test_graph_is_a_view_with_labelled_edges(program):
    graph = program.graph()
    assert graph.nodes["h2"]["kind"]
    assert graph.nodes["h2"]["label"]
    products = [data for _, target, data in graph.in_edges("h3", data=True)]
    assert [(data["matrix"], data["transposed"]) for data in products] == [("W", True)]


def test_to_text_keeps_numbers_exactly():
    p = parse("vector b ~ N(0.1, 1e-17)\nconstant c = 0.30000000000000004\nmatrix W ~ N(0, 1.1/n)")
    assert parse(p.to_text()) == p
    assert p.constants()["c"] == 0.30000000000000004
    assert "0.30000000000000004" in p.to_text()


@pytest.mark.parametrize(
    "line",
    [
        "y = -x**2",
        "y = (-x)**2",
        "y = x - (x - tanh(x))",
        "y = x/(tanh(x)/x)",
        "y = 2**-(x**2)",
        "y = (2**x)**2",
        "y = -(x*x)",
        "y = (-x)*x",
        "y = x - -x",
        "y = +x",
        "y = -(-x)",
        "y = 2**x**2",
        "y = 1/(1 + exp(-x))",
        "y = x*(x/x)",
        "y = (x*x)/x",
        "y = 1e-5*x + 1e5*tanh(x)",
        "y = 0.1*x - 0.3*x + 2*x",
        "y = pi*x + e*x",
        "y = maximum(x, minimum(1, -x))",
        "y = clip(x, -1, 1)*leaky_relu(x, 0.1)",
        "y = abs(sign(x) - step(x))",
        "y = sigmoid(x)*softplus(x) + gelu(x)*silu(x) + erf(x)",
        "y = sqrt(1 + x**2) + log(2 + cos(x)*sin(x))",
        "y = quotient(tanh, x, relu(x), eps)",
        "y = quotient(phi, x, 1, relu(x), 0.5, eps)",
        "y = -2*x",
        "y = x/3",
    ],
)
def test_expressions_survive_printing(line):
    p = parse(f"scalar eps = 0.1 -> 0\nfunction phi(z, s) = z + s*tanh(z)\nvector x ~ N(0, 1)\n{line}\n")
    assert parse(p.to_text()) == p


def test_parse_refuses_what_is_not_text():
    for wrong in (None, 3, b"vector x ~ N(0, 1)"):
        with pytest.raises((TpvizError, TypeError)):
            parse(wrong)
