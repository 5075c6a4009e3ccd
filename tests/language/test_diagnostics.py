"""What a wrong program is told: which line, which column, what is wrong, what to write instead; all at once."""

import pytest

from tpviz.language import Diagnostic, ProgramError, TpvizError, parse, parse_partial


def problems(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(ProgramError) as caught:
        parse(text)
    return tuple(caught.value.diagnostics)


def only_problem(text: str) -> Diagnostic:
    found = problems(text)
    assert len(found) == 1, [problem.render() for problem in found]
    return found[0]


def place(text: str, line: int, piece: str) -> tuple[int, int]:
    """(line, column) of a piece of the text, both from 1."""
    return line, text.split("\n")[line - 1].index(piece) + 1


def test_a_product_inside_a_nonlin_names_the_two_lines_to_write():
    text = "matrix W ~ N(0, 1/n)\nvector h ~ N(0, 1)\nz = W @ relu(h)"
    problem = only_problem(text)
    assert (problem.line, problem.column) == place(text, 3, "relu")
    said = problem.message + problem.hint
    assert "x = relu(h)" in said
    assert "z = W @ x" in said


@pytest.mark.parametrize(
    "line",
    ["z = relu(W @ h)", "z = 2*(W.T @ h)", "z = h + W @ h", "z = -(W @ h)", "q = mean(W @ h)", "z = W @ (h + h)"],
)
def test_the_hint_of_a_nested_product_is_itself_a_program(line):
    """The two lines that the hint shows, put in place of the wrong one, parse."""
    head = "matrix W ~ N(0, 1/n)\nvector h ~ N(0, 1)\n"
    problem = only_problem(head + line)
    assert problem.line == 3
    first, second = problem.hint.split("Write two lines: ")[1].rstrip(".").split("  and  ")
    assert parse(head + first + "\n" + second + "\n").definitions[line.split(" = ")[0]]


@pytest.mark.parametrize(
    "line", ["z = W @ W @ h", "z = W.T @ W @ h", "z = W @ (W.T @ h)", "z = relu(W @ W @ h)", "z = W @ W.T @ relu(h)"]
)
def test_the_hint_of_a_chain_of_products_does_not_repeat_the_mistake(line):
    """Only products of a matrix with a vector: neither W @ W nor a transposed transpose may be advised."""
    head = "matrix W ~ N(0, 1/n)\nvector h ~ N(0, 1)\n"
    for problem in problems(head + line):
        assert problem.line == 3
        assert "W @ W" not in problem.hint
        assert "W.T @ W" not in problem.hint
        assert "T.T" not in problem.hint


def test_use_before_definition_names_the_later_line():
    text = "vector x ~ N(0, 1)\ny = x + z\nz = relu(x)"
    problem = only_problem(text)
    assert (problem.line, problem.column) == place(text, 2, "z")
    assert "z" in problem.names
    assert "line 3" in problem.render()


def test_a_name_that_is_nowhere_is_one_error_not_two():
    text = "vector x ~ N(0, 1)\ny = relu(lost)"
    problem = only_problem(text)
    assert (problem.line, problem.column) == place(text, 2, "lost")
    assert "lost" in problem.message


def test_a_cycle_is_named_as_one():
    text = "vector x ~ N(0, 1)\ny = x + z\nz = relu(y)"
    found = problems(text)
    assert (found[0].line, found[0].column) == place(text, 2, "z")
    assert "cycle" in found[0].render()


def test_a_vector_defined_by_itself_is_a_cycle():
    text = "vector x ~ N(0, 1)\ny = x + relu(y)"
    problem = only_problem(text)
    assert (problem.line, problem.column) == place(text, 2, "y)")
    assert "cycle" in problem.render()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("vector a ~ N(0, 1)", "vector a ~ N(0, 1)"),
        ("vector a ~ N(0, 1)", "a = 2*x"),
        ("matrix a ~ N(0, 1/n)", "scalar a = 1"),
        ("function a(z) = z", "a = 2*x"),
        ("constant a = 1", "input a"),
        ("width a = 2*n", "vector a ~ N(0, 1)"),
        ("vector b, a ~ N([0, 0], [[1, 0], [0, 1]])", "a = relu(x)"),
        ("readout a ~ N(0, 1)", "bias a ~ N(0, 1)"),
    ],
)
def test_a_name_is_defined_once(first, second):
    problem = only_problem(f"vector x ~ N(0, 1)\n{first}\n{second}")
    assert (problem.line, problem.names) == (3, ("a",))
    assert "already" in problem.message


def test_two_vectors_of_one_joint_declaration_differ():
    assert "twice" in only_problem("vector u, u ~ N([0, 0], [[1, 0], [0, 1]])").message


RESERVED = [
    "n",
    "d",
    "pi",
    "e",
    "mean",
    "N",
    "relu",
    "leaky_relu",
    "abs",
    "sign",
    "step",
    "erf",
    "tanh",
    "sigmoid",
    "softplus",
    "gelu",
    "silu",
    "exp",
    "log",
    "sqrt",
    "sin",
    "cos",
    "maximum",
    "minimum",
    "clip",
    "quotient",
    "constant",
    "width",
    "input",
    "embedding",
    "matrix",
    "vector",
    "scalar",
    "function",
    "readout",
    "bias",
    "output",
]


@pytest.mark.parametrize("name", RESERVED)
@pytest.mark.parametrize(
    "form",
    [
        "vector {} ~ N(0, 1)",
        "matrix {} ~ N(0, 1/n)",
        "scalar {} = 1",
        "function {}(z) = z",
        "input {}",
        "constant {} = 1",
    ],
)
def test_reserved_names_are_refused(name, form):
    found = problems(form.format(name))
    assert found[0].line == 1
    assert name in found[0].render()


@pytest.mark.parametrize("name", RESERVED)
def test_reserved_names_cannot_be_assigned(name):
    found = problems(f"vector x ~ N(0, 1)\n{name} = 2*x")
    assert found[0].line == 2


@pytest.mark.parametrize("parameter", ["n", "relu", "pi", "mean"])
def test_a_function_cannot_shadow_reserved_names_with_its_arguments(parameter):
    assert problems(f"function f({parameter}) = {parameter}*2")[0].line == 1


@pytest.mark.parametrize(
    ("call", "takes", "got"),
    [
        ("relu(x, x)", 1, 2),
        ("leaky_relu(x)", 2, 1),
        ("phi(x)", 2, 1),
        ("phi(x, x, x)", 2, 3),
        ("clip(x, 1)", 3, 2),
        ("maximum(x)", 2, 1),
    ],
)
def test_wrong_arity_says_how_many_arguments(call, takes, got):
    text = f"function phi(z, s) = z*s\nvector x ~ N(0, 1)\ny = {call}"
    problem = only_problem(text)
    assert (problem.line, problem.column) == (3, 5)
    assert f"{takes} argument" in problem.message
    assert f"got {got}" in problem.message


@pytest.mark.parametrize(
    "call",
    [
        "quotient(tanh)",
        "quotient(tanh, x, x)",
        "quotient(phi, x, x, 0.1)",
        "quotient(x, x, x, 0.1)",
        "quotient(nothing, x, x, 1)",
    ],
)
def test_quotient_needs_a_function_and_twice_its_arguments(call):
    problem = problems(f"function phi(z, s) = z*s\nvector x ~ N(0, 1)\ny = {call}")[0]
    assert problem.line == 3
    assert "quotient" in problem.render() or "nothing" in problem.render()


CLASSES = "width m = 2*n\nmatrix A : m x n ~ N(0, 1/n)\nvector x ~ N(0, 1)\nvector c : m ~ N(0, 1)\n"


@pytest.mark.parametrize(
    ("line", "what"),
    [("z = x + c", "LinComb"), ("z = tanh(x)*c", "Nonlin"), ("q = mean(x*c)", "Moment")],
)
def test_mixed_width_classes_name_both_vectors_and_both_classes(line, what):
    problem = only_problem(CLASSES + line)
    assert problem.line == 5
    assert line[problem.column - 1] in "xc"
    assert {"x", "c"} <= set(problem.names)
    for words in ("x is of class n", "c ", "class m", what):
        assert words in problem.message
    assert problem.hint


@pytest.mark.parametrize(("line", "needs"), [("y = A @ c", "n"), ("y = A.T @ x", "m")])
def test_a_product_in_the_wrong_class_names_both_classes(line, needs):
    problem = only_problem(CLASSES + line)
    assert (problem.line, problem.column) == (5, 5 + line[4:].index("@") + 2)
    assert f"class {needs}" in problem.message
    assert "class m" in problem.message
    assert "class n" in problem.message


def test_an_output_of_class_m_is_divided_by_the_root_of_m():
    text = CLASSES + "y = A @ x\nreadout v : m ~ N(0, 1)\noutput f = v.T @ y / sqrt(m)"
    assert tuple(parse(text).outputs) == ("f",)
    problem = only_problem(text.replace("sqrt(m)", "sqrt(n)"))
    assert problem.line == 7
    assert "sqrt(m)" in problem.render()


def test_a_readout_and_its_vector_are_of_one_class():
    assert problems(CLASSES + "y = A @ x\nreadout v ~ N(0, 1)\noutput f = v.T @ y / sqrt(n)")[0].line == 7


@pytest.mark.parametrize(
    ("covariance", "says"),
    [
        ("[[1, 2], [2, 1]]", "positive semidefinite"),
        ("[[1, 0.5], [0.4, 1]]", "symmetric"),
        ("[[1, 0.1], [0.1, -1]]", "positive|variance"),
    ],
)
def test_a_matrix_that_is_no_covariance_is_refused(covariance, says):
    text = f"vector u, w ~ N([0, 0], {covariance})"
    with pytest.raises(ProgramError, match=says):
        parse(text)
    problem = only_problem(text)
    assert problem.line == 1
    assert set(problem.names) >= {"u", "w"}


def test_a_singular_covariance_is_allowed():
    assert tuple(parse("vector u, w ~ N([0, 0], [[1, 1], [1, 1]])").vectors) == ("u", "w")
    assert tuple(parse("vector u, w, t ~ N([0, 0, 0], [[1, 2, 3], [2, 4, 6], [3, 6, 9]])").vectors) == ("u", "w", "t")


@pytest.mark.parametrize(
    "text",
    [
        "vector u, w ~ N([0], [[1, 0], [0, 1]])",
        "vector u, w ~ N([0, 0], [[1, 0]])",
        "vector u, w ~ N([0, 0], [[1], [1]])",
        "vector u, w ~ N(0, 1)",
        "vector u ~ N([0, 0], [[1, 0], [0, 1]])",
    ],
)
def test_joint_declarations_of_the_wrong_shape_are_refused(text):
    assert only_problem(text).line == 1


@pytest.mark.parametrize(
    "line",
    [
        "vector u ~ N(0, -1)",
        "matrix M ~ N(0, -1/n)",
        "readout v ~ N(0, -0.1)",
        "bias c ~ N(0, -2)",
        "embedding U ~ N(0, -1/d)",
        "vector u ~ N(0, 1 - 2)",
    ],
)
def test_a_negative_variance_is_refused(line):
    problem = only_problem("constant one = 1\n" + line)
    assert problem.line == 2
    assert "variance" in problem.message


def test_a_negative_variance_through_a_constant_is_refused():
    assert "variance" in only_problem("constant s = -1\nvector u ~ N(0, s)").message


def test_a_variance_of_zero_is_allowed():
    assert tuple(parse("vector u ~ N(1, 0)\nmatrix W ~ N(0, 0/n)").vectors) == ("u",)


@pytest.mark.parametrize("scaling", ["1", "1/m", "1/n**2", "1/sqrt(n)", "n", "1/d", "1/2*n"])
def test_a_matrix_variance_is_divided_by_the_column_class(scaling):
    problem = only_problem(f"width m = 2*n\nmatrix A : m x n ~ N(0, {scaling})")
    assert problem.line == 2
    assert "/n" in problem.hint


def test_the_column_class_of_a_rectangular_matrix_scales_it():
    assert "/m" in only_problem("width m = 2*n\nmatrix A : n x m ~ N(0, 1/n)").hint


def test_a_matrix_has_mean_zero():
    assert only_problem("matrix W ~ N(1, 1/n)").line == 1


@pytest.mark.parametrize(
    "line",
    [
        "vector c : k ~ N(0, 1)",
        "matrix A : k x n ~ N(0, 1/n)",
        "matrix A : n x k ~ N(0, 1/k)",
        "embedding U : k x d ~ N(0, 1/d)",
    ],
)
def test_an_unknown_width_class_is_named(line):
    problem = problems("vector x ~ N(0, 1)\n" + line)[0]
    assert problem.line == 2
    assert "k" in problem.render()
    assert "width k" in problem.render()


@pytest.mark.parametrize(
    "line", ["width m = 0*n", "width m = -2*n", "width m = n - n", "width m = n**2", "width m = 5", "width m = 2*k"]
)
def test_a_width_is_a_positive_multiple_of_the_base_width(line):
    assert only_problem(line).line == 1


def test_a_width_can_be_a_fraction_of_the_base_width():
    assert parse("width m = n/3").width_ratios()["m"] == pytest.approx(1 / 3, abs=1e-15)


@pytest.mark.parametrize("line", ["y = relu(xi)", "y = xi + x", "y = W @ xi", "q = mean(xi)"])
def test_an_input_must_be_embedded(line):
    text = "matrix W ~ N(0, 1/n)\ninput xi\nvector x ~ N(0, 1)\n" + line
    problem = only_problem(text)
    assert (problem.line, problem.column) == place(text, 4, "xi")
    assert "input" in problem.message


@pytest.mark.parametrize("line", ["y = U @ x", "y = U.T @ x", "y = relu(U)", "y = U"])
def test_an_embedding_takes_an_input_only(line):
    assert problems("embedding U ~ N(0, 1/d)\nvector x ~ N(0, 1)\n" + line)[0].line == 3


@pytest.mark.parametrize(
    ("line", "says"),
    [("scalar r = n**-0.5", "limit"), ("scalar r = 1 -> n", "limit"), ("scalar r = n -> 1/n", "limit")],
)
def test_a_scalar_that_depends_on_the_width_needs_a_constant_limit(line, says):
    assert says in only_problem(line).render()


@pytest.mark.parametrize(
    "line",
    ["y = n*x", "y = x/sqrt(n)", "q = mean(n*x)", "constant c = n", "function f(z) = n*z", "vector z ~ N(0, 1/n)"],
)
def test_the_width_stands_only_in_a_scalars_value(line):
    assert problems("vector x ~ N(0, 1)\n" + line)[0].line == 2


@pytest.mark.parametrize("line", ["q = 1 + mean(x)", "q = 2*mean(x)", "z = relu(mean(x))", "z = x - mean(x)"])
def test_a_moment_stands_alone(line):
    text = "vector x ~ N(0, 1)\n" + line
    problem = problems(text)[0]
    assert (problem.line, problem.column) == place(text, 2, "mean")
    assert "alone" in problem.render()


def test_several_errors_are_reported_at_once_in_the_order_of_the_lines():
    text = "\n".join(
        [
            "vector x ~ N(0, -1)",  # negative variance
            "# vector lost ~ N(0, 1)",
            "y = tanh(x) + lost",  # unknown name
            "matrix W ~ N(0, 1)",  # bad scaling
            "x = relu(y",  # incomplete
            "vector u, w ~ N([0, 0], [[1, 2], [2, 1]])",  # not a covariance
            "k = relu(u, w)",  # arity
        ]
    )
    found = problems(text)
    assert [problem.line for problem in found] == [1, 3, 4, 5, 6, 7]
    for problem in found:
        assert problem.column >= 1
        assert problem.message
        assert problem.severity == "error"


def test_a_wrong_line_does_not_make_the_lines_that_use_it_wrong():
    text = "vector x ~ N(0, 1)\ny = relu(x, x)\nz = tanh(y)\nq = mean(z*y)\n"
    assert [problem.line for problem in problems(text)] == [2]


def test_the_error_renders_every_place():
    with pytest.raises(ProgramError) as caught:
        parse("vector x ~ N(0, -1)\nvector y ~ N(0, -1)")
    assert "line 1, column 12" in str(caught.value)
    assert "line 2, column 12" in str(caught.value)
    assert isinstance(caught.value, TpvizError)


def test_columns_count_from_the_start_of_an_indented_line():
    problem = only_problem("vector x ~ N(0, 1)\n    y = x + lost")
    assert (problem.line, problem.column) == (2, 13)


@pytest.mark.parametrize("name", ["ξ", "ℎ", "x\u0301", "ｘ1"])
def test_columns_are_right_for_names_that_unicode_normalizes(name):
    assert only_problem(f"vector x ~ N(0, 1)\ny = x + {name}").column == 9


def test_division_by_zero_has_its_column():
    text = "vector x ~ N(0, 1)\ny = x/0"
    problem = only_problem(text)
    assert problem.line == 2
    assert problem.column >= 5


@pytest.mark.parametrize(
    "line",
    [
        "y = W + x",
        "y = relu(W)",
        "y = x @ x",
        "y = x.T @ x",
        "y = q @ x",
        "y = W @ q",
        "y = W @ W",
        "y = f + x",
        "y = V @ x",
    ],
)
def test_the_wrong_type_of_name_is_named(line):
    text = "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\nscalar q = 1\nfunction f(z) = z\n" + line
    found = problems(text)
    assert found[0].line == 5
    assert found[0].message


@pytest.mark.parametrize(
    "line",
    [
        "output f = x",
        "output f = v.T @ x",
        "output f = v.T @ x / sqrt(n) + x",
        "output f = x.T @ v / sqrt(n)",
        "output f = v.T @ relu(x) / sqrt(n)",
        "output f = tanh(v.T @ x / sqrt(n))",
        "output f = v.T @ x / n",
        "output f = q",
        "output f = v @ x / sqrt(n)",
        "output f = w.T @ x / sqrt(n)",
    ],
)
def test_an_output_is_a_sum_of_readout_terms(line):
    text = "vector x, w ~ N([0, 0], [[1, 0], [0, 1]])\nscalar q = 1\nreadout v ~ N(0, 1)\n" + line
    problem = problems(text)[0]
    assert problem.line == 4
    assert problem.hint or problem.message


def test_an_output_may_sum_terms_with_constant_coefficients():
    text = "constant c = 2\nvector x ~ N(0, 1)\nreadout v ~ N(0, 1)\nreadout w ~ N(0, 1)\nbias k ~ N(0, 1)\n"
    p = parse(text + "output f = c*(v.T @ x) / sqrt(n) - 0.5*w.T @ x / sqrt(n) + 3*k\noutput g = w.T @ x / sqrt(n)\n")
    assert tuple(p.outputs) == ("f", "g")
    assert parse(p.to_text()) == p


@pytest.mark.parametrize("line", ["z = W @ relu", "z = x + tanh", "q = mean(relu)"])
def test_a_function_without_its_argument_is_told_to_be_applied_not_to_be_declared(line):
    found = parse_partial(f"matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\n{line}\n").diagnostics
    assert [d.line for d in found] == [3]
    assert "is a function, not a vector." in found[0].message
    assert "Declare" not in found[0].hint
    assert "(x)" in found[0].hint


@pytest.mark.parametrize(
    "line",
    [
        "matrix W ~ N(0, ?/n)",
        "embedding U ~ N(0, ?/d)",
        "vector x ~ N(0, ?)",
        "vector x ~ N(?, 1)",
        "vector x, y ~ N([0, 0], [[1, ?], [?, 1]])",
        "readout v ~ N(0, ?)",
        "bias b ~ N(0, ?)",
        "constant c = 2*?",
        "scalar s = 1 -> ?",
        "width m = ?*n",
        "input xi = [1, ?]",
        "function phi(z) = z + ?",
    ],
)
def test_a_declaration_waits_for_its_number(line):
    parsed = parse_partial(line)
    assert {d.code for d in parsed.diagnostics} == {"hole"}
    assert "not written yet" in parsed.diagnostics[0].message
    assert not parsed.program.instructions
