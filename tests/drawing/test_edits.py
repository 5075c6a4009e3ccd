"""One test for each command of the canvas and each way in which it is refused."""

import re

import pytest

from tpviz.drawing import edits
from tpviz.drawing.edits import EditError, State
from tpviz.language import parse, parse_partial

RNN = """\
# a recurrent network
constant sw2 = 2          # shared
matrix W ~ N(0, sw2/n)    # hidden to hidden
vector u1, u2 ~ N([0, 0], [[1, 0.5], [0.5, 2]])  # two tokens
vector b ~ N(0, 0.1)
function phi(z) = relu(z)
readout v ~ N(0, 1)

x1 = phi(u1 + b)          # first state
h2 = W @ x1
x2 = phi(h2 + u2)
output f = v.T @ x2 / sqrt(n)   # read out
"""
TWO = """\
width m = 2*n
matrix W ~ N(0, 1/n)
matrix A : m x n ~ N(0, 1/n)
vector x ~ N(0, 1)
vector c : m ~ N(0, 1)
y = A @ x
"""


def state(source, **layout):
    return State(source, {k.replace("gate_", "gate:"): v for k, v in layout.items()}, {})


def lines(change):
    return [line for line in change.source.splitlines() if line.strip()]


def last(change):
    return lines(change)[-1]


def line_of(change, name):
    code = (line.split("#")[0].rstrip() for line in lines(change))
    return next(c for c in code if re.match(rf"(\w+ )?{re.escape(name)}(?!\w)", c))


# adding


def test_add_vectors_take_the_names_of_the_field():
    s, names = State(""), []
    for _ in range(8):
        change = edits.add_vector(s)
        names += change.selection
        s = change.state
    assert names == ["x", "y", "z", "u", "w", "x1", "x2", "x3"]
    assert lines(change)[0] == "vector x ~ N(0, 1)"
    assert parse(change.source).vectors == tuple(names)
    assert change.description == "Add vector x3"


def test_add_vector_at_a_place_uses_it_exactly():
    change = edits.add_vector(state("vector x ~ N(0, 1)\n", x=(10, 20)), at=(10.4, 19.6))
    assert change.layout == {"x": (10, 20), "y": (10, 20)}


def test_add_vector_without_a_place_starts_a_row_below():
    change = edits.add_vector(state("vector x ~ N(0, 1)\n", x=(10, 20)))
    assert change.layout["y"] == (10, 112)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("n", "cannot be a name"),
        ("a b", "cannot be a name"),
        ("x", "defined already on line 1"),
        ("a__", "cannot be a name"),
        ("relu", "cannot be a name"),
        ("x\ny", "cannot be a name"),
    ],
)
def test_add_vector_refuses_a_name(name, message):
    with pytest.raises(EditError, match=message) as error:
        edits.add_vector(state("vector x ~ N(0, 1)\n"), name=name)
    assert error.value.diagnostics[0].hint


def test_add_scalar_and_input():
    assert lines(edits.add_scalar(State(""))) == ["scalar theta = 1"]
    change = edits.add_input(State(""))
    assert lines(change) == ["input xi = [1, 0]"]
    assert lines(edits.add_input(change.state))[1] == "input xi1 = [1, 0]"


def test_declarations_go_after_the_last_of_their_kind():
    change = edits.add_vector(State(RNN))
    assert lines(change)[5] == "vector x ~ N(0, 1)"
    change = edits.add_scalar(State(RNN))
    at = lines(change).index("scalar theta = 1")
    assert lines(change)[at + 1].startswith("x1 = phi")


def test_add_nonlin_declares_phi():
    change = edits.add_nonlin(state("vector x ~ N(0, 1)\n", x=(0, 0)), ["x"])
    assert lines(change) == ["vector x ~ N(0, 1)", "function phi(z) = relu(z)", "x1 = phi(x)"]
    assert change.layout == {"x": (0, 0), "gate:x1": (64, 0), "x1": (128, 0)}
    assert change.selection == ("x1",)


def test_add_nonlin_of_several_stands_at_their_mean_height():
    change = edits.add_nonlin(state(RNN, h2=(0, 0), u2=(10, 100)), ["h2", "u2"])
    assert last(change) == "x3 = phi(h2 + u2)"
    assert change.layout["gate:x3"] == (78, 50)
    assert change.layout["x3"] == (142, 50)


def test_new_nodes_move_down_until_nothing_is_near():
    source = "vector x ~ N(0, 1)\nvector y ~ N(0, 1)\n"
    change = edits.add_nonlin(state(source, x=(0, 0), y=(120, 10)), ["x"])
    assert change.layout["gate:x1"] == (64, 92)
    assert change.layout["x1"] == (128, 92)


def test_add_nonlin_without_inputs_has_a_hole():
    change = edits.add_nonlin(State(RNN), at=(5, 6))
    assert last(change) == "x3 = phi(?)"
    assert change.layout["gate:x3"] == (5, 6)
    assert parse_partial(change.source).program == parse(RNN)


def test_add_nonlin_takes_the_last_used_function():
    functions = "function psi(z) = tanh(z)\nfunction phi(z) = relu(z)\nfunction two(z, s) = z*s\n"
    source = functions + "vector x ~ N(0, 1)\ny = psi(x)\n"
    assert last(edits.add_nonlin(State(source), ["y"])) == "x1 = psi(y)"
    assert last(edits.add_nonlin(State(source), ["y"], function="two")) == "x1 = two(y, ?)"
    assert last(edits.add_nonlin(State(source), ["y"], function="tanh")) == "x1 = tanh(y)"
    with pytest.raises(EditError, match="no function nope"):
        edits.add_nonlin(State(source), ["y"], function="nope")


def test_add_nonlin_of_a_scalar_alone_waits_for_a_vector():
    assert last(edits.add_nonlin(State("scalar q = 1\n"), ["q"])) == "x1 = phi(q + ?)"


def test_add_nonlin_refuses_mixed_classes_inputs_and_unknown_names():
    with pytest.raises(EditError, match="x is of class n and c of class m"):
        edits.add_nonlin(State(TWO), ["x", "c"])
    with pytest.raises(EditError, match="must be embedded first"):
        edits.add_nonlin(State("input xi\n"), ["xi"])
    with pytest.raises(EditError, match="There is no q"):
        edits.add_nonlin(State(TWO), ["q"])


def test_add_lincomb():
    change = edits.add_lincomb(State(RNN), ["gate:x1", "h2"])
    assert last(change) == "g = x1 + h2"
    assert last(edits.add_lincomb(change.state)) == "g1 = ?"
    with pytest.raises(EditError, match="q is a scalar"):
        edits.add_lincomb(State("scalar q = 1\n"), ["q"])


def test_add_moment():
    change = edits.add_moment(State(RNN), ["x1", "x2"])
    assert last(change) == "q = mean(x1*x2)"
    assert last(edits.add_moment(change.state, ["x1"])) == "r = mean(x1)"
    assert last(edits.add_moment(change.state)) == "r = mean(?)"
    parse(change.source)


def test_add_product_takes_the_last_used_matrix():
    change = edits.add_product(state(RNN, x2=(0, 0)), "x2")
    assert last(change) == "h1 = W @ x2"
    assert change.layout["h1"] == (88, 0)
    assert last(edits.add_product(State(RNN), "x2", transposed=True)) == "h1 = W.T @ x2"


def test_add_product_declares_matrices():
    change = edits.add_product(State("vector x ~ N(0, 1)\n"), "x")
    assert lines(change)[1:] == ["matrix W ~ N(0, 1/n)", "h1 = W @ x"]
    change = edits.add_product(change.state, "x", matrix="new")
    assert lines(change)[1:] == ["matrix W ~ N(0, 1/n)", "matrix W2 ~ N(0, 1/n)", "h1 = W @ x", "h2 = W2 @ x"]


def test_add_product_minds_width_classes():
    change = edits.add_product(State(TWO), "c")
    assert "matrix W2 : m x m ~ N(0, 1/m)" in lines(change)
    assert last(change) == "h1 = W2 @ c"
    assert last(edits.add_product(State(TWO), "c", transposed=True)) == "h1 = A.T @ c"
    with pytest.raises(EditError, match="W takes class n to class n, but class m"):
        edits.add_product(State(TWO), "c", matrix="W")
    parse(change.source)


def test_add_product_of_an_input_is_an_embedding():
    change = edits.add_product(State("input xi = [1, 2]\ninput xj = [1, 2, 3]\ninput xk = [0, 1]\n"), "xi")
    assert lines(change)[-2:] == ["embedding U ~ N(0, 1/d)", "h1 = U @ xi"]
    assert last(edits.add_product(change.state, "xk")) == "h2 = U @ xk"
    assert last(edits.add_product(change.state, "xj")) == "h2 = U2 @ xj"  # another number of entries
    with pytest.raises(EditError, match="no transpose"):
        edits.add_product(change.state, "xi", transposed=True)


def test_add_product_refuses_what_is_no_vector():
    with pytest.raises(EditError, match="q is a scalar"):
        edits.add_product(State("scalar q = 1\n"), "q")
    with pytest.raises(EditError, match="v2 is not a matrix"):
        edits.add_product(State(RNN), "x1", matrix="v2")


def test_add_product_without_a_source_has_a_hole():
    assert last(edits.add_product(State(RNN))) == "h1 = W @ ?"


def test_add_output():
    change = edits.add_output(State("vector x ~ N(0, 1)\nvector y ~ N(0, 1)\n"), ["x", "y"])
    assert lines(change)[-2:] == ["readout v ~ N(0, 1)", "output f = v.T @ x / sqrt(n) + v.T @ y / sqrt(n)"]
    assert last(edits.add_output(change.state)) == "output f2 = ?"
    change = edits.add_output(State(TWO), ["y"])
    assert lines(change)[-1] == "output f = v.T @ y / sqrt(m)"
    assert "readout v : m ~ N(0, 1)" in lines(change)
    parse(change.source)
    with pytest.raises(EditError, match="q is a scalar") as error:
        edits.add_output(State("scalar q = 1\n"), ["q"])
    assert "Nonlin" in error.value.diagnostics[0].hint


# connecting

LOOSE = """\
vector x ~ N(0, 1)
vector y ~ N(0, 1)   # free
function phi(z) = relu(z)
function two(z, s) = z*s
scalar eps = 0.1
a = phi(x)
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("g = phi(?)", "g = phi(y)"),
        ("g = ?", "g = y"),
        ("g = phi(x)", "g = phi(x + y)"),
        ("g = phi(x)  # note", "g = phi(x + y)  # note"),
        ("g = two(x, ?)", "g = two(x, y)"),
        ("g = two(x)", "g = two(x, y)"),
        ("g = x", "g = x + y"),
        ("g = 2*x - a", "g = 2*x - a + y"),
        ("g = mean(x)", "g = mean(x*y)"),
        ("g = mean(x + a)", "g = mean((x + a)*y)"),
        ("g = mean(phi(x))", "g = mean(phi(x)*y)"),
        ("g = mean(y)", "g = mean(y*y)"),
        ("g = mean(?)", "g = mean(y)"),
        ("g = x*a + 1", "g = x*a + 1 + y"),
        ("g = two(x, eps)", "g = two(x, eps) + y"),
        ("g = phi()", "g = phi(y)"),
        ("g = tanh(x)", "g = tanh(x + y)"),
        ("g = clip(x, -1, 1)", "g = clip(x, -1, 1) + y"),
    ],
)
def test_connect_into_a_gate(before, after):
    change = edits.connect(State(LOOSE + before + "\n"), "y", "gate:g")
    assert last(change) == after
    assert not parse_partial(change.source).diagnostics


def test_connect_fills_the_hole_of_the_slot():
    source = LOOSE + "g = two(?, ?)\n"
    assert last(edits.connect(State(source), "y", "gate:g", slot=1)) == "g = two(?, y)"
    assert last(edits.connect(State(source), "y", "ghost:g:1")) == "g = two(?, y)"
    assert last(edits.connect(State(source), "y", "gate:g")) == "g = two(y, ?)"


def test_connect_a_scalar():
    assert last(edits.connect(State(LOOSE), "eps", "gate:a")) == "a = phi(x + eps)"
    assert last(edits.connect(State(LOOSE + "g = phi(?)\n"), "eps", "gate:g")) == "g = phi(eps + ?)"
    assert last(edits.connect(State(LOOSE + "g = ?\n"), "eps", "gate:g")) == "g = eps + ?"
    with pytest.raises(EditError, match="needs a vector here"):
        edits.connect(State(LOOSE + "g = 2*?\n"), "eps", "gate:g")
    with pytest.raises(EditError, match="eps is a scalar: an output is"):
        edits.connect(State(RNN + "scalar eps = 1\n"), "eps", "f")
    with pytest.raises(EditError, match="eps is a scalar, y a vector"):
        edits.connect(State(LOOSE), "eps", "y", tool="wire")
    change = edits.connect(State(LOOSE + "scalar k = 1\nq = mean(x)\n"), "q", "k", tool="wire")
    assert lines(change)[-2:] == ["q = mean(x)", "k = q"]
    change = edits.connect(State(LOOSE), "x", "eps")
    assert line_of(change, "eps") == "eps = mean(x)"


def test_connect_refuses_a_second_time_and_other_classes():
    with pytest.raises(EditError, match="x is an input of this gate already"):
        edits.connect(State(LOOSE), "x", "gate:a")
    with pytest.raises(EditError, match="x is of class n and c of class m"):
        edits.connect(State(TWO + "g = x\n"), "c", "gate:g")
    with pytest.raises(EditError, match="v is of class n, but g is of class m"):
        edits.connect(State(TWO + "readout v ~ N(0, 1)\ng = ?\noutput f = v.T @ g / sqrt(n)\n"), "c", "gate:g")
    with pytest.raises(EditError, match="k is a scalar made of scalars"):
        edits.connect(State(LOOSE + "k = eps\n"), "x", "gate:k")
    with pytest.raises(EditError, match="There is no node nope"):
        edits.connect(State(LOOSE), "nope", "gate:a")


def test_wire_into_an_initial_vector_is_an_alias():
    change = edits.connect(state(LOOSE, y=(200, 0)), "x", "y", tool="wire")
    assert lines(change)[1] == "y = x                # free"
    assert change.layout["gate:y"] == (136, 0)
    assert parse(change.source).kind("y") == "G"


def test_wire_into_a_result_adds_the_input_at_its_gate():
    assert last(edits.connect(State(LOOSE), "y", "a", tool="wire")) == "a = phi(x + y)"


def test_matmul_into_an_initial_vector_makes_a_product():
    change = edits.connect(State(LOOSE), "a", "y")
    assert lines(change) == [
        "vector x ~ N(0, 1)",
        "function phi(z) = relu(z)",
        "function two(z, s) = z*s",
        "scalar eps = 0.1",
        "matrix W ~ N(0, 1/n)",
        "a = phi(x)",
        "y = W @ a            # free",
    ]
    parse(change.source)


def test_matmul_fills_the_hole_of_a_product():
    assert last(edits.connect(State(RNN + "h3 = W.T @ ?\n"), "x2", "h3")) == "h3 = W.T @ x2"
    assert last(edits.connect(State(RNN + "h3 = ? @ ?\n"), "x2", "ghost:h3:0", tool="wire")) == "h3 = W @ x2"
    assert last(edits.connect(State(RNN + "h3 = W @ nope\n"), "x2", "ghost:h3:0")) == "h3 = W @ x2"


def test_what_is_computed_is_not_computed_twice():
    with pytest.raises(EditError, match="h2 is computed already, on line 10") as error:
        edits.connect(State(RNN), "b", "h2")
    assert "Delete the edge into h2" in error.value.diagnostics[0].hint
    with pytest.raises(EditError, match="x2 is a result of a gate already, on line 11"):
        edits.connect(State(RNN), "b", "x2")
    with pytest.raises(EditError, match="v is a readout"):
        edits.connect(State(RNN + "z = phi(v)\n"), "b", "v")


def test_connect_out_of_a_joint_declaration():
    change = edits.connect(State(RNN), "b", "u2")
    assert "vector u1 ~ N(0, 1)                              # two tokens" in lines(change)
    assert line_of(change, "u2") == "u2 = W @ b"
    parse(change.source)


def test_connect_an_input_embeds_it():
    source = "input xi = [1, 2]\nvector y ~ N(0, 1)\n"
    change = edits.connect(State(source), "xi", "y")
    assert lines(change) == ["input xi = [1, 2]", "embedding U ~ N(0, 1/d)", "y = U @ xi"]
    with pytest.raises(EditError, match="must be embedded first"):
        edits.connect(State(RNN + "input xi\n"), "xi", "gate:x1")
    with pytest.raises(EditError, match="W is a matrix and takes a vector"):
        edits.connect(State(RNN + "input xi\nh3 = W @ ?\n"), "xi", "h3")
    with pytest.raises(EditError, match="has no incoming edges"):
        edits.connect(State(RNN + "input xi\n"), "x1", "xi")


def test_matmul_into_a_gate_goes_through_a_product():
    change = edits.connect(State(RNN), "b", "gate:x2", tool="matmul")
    assert "h1 = W @ b" in lines(change)
    assert line_of(change, "x2") == "x2 = phi(h2 + u2 + h1)"
    parse(change.source)


def test_connect_into_an_output_adds_a_term():
    change = edits.connect(State(RNN), "x1", "f")
    assert last(change) == "output f = v.T @ x2 / sqrt(n) + v.T @ x1 / sqrt(n)  # read out"
    assert last(edits.connect(State(RNN + "output k = ?\n"), "x1", "k")) == "output k = v.T @ x1 / sqrt(n)"
    assert last(edits.connect(State(RNN + "bias c ~ N(0, 1)\noutput k = ?\n"), "c", "k")) == "output k = c"
    with pytest.raises(EditError, match="f reads x2 already"):
        edits.connect(State(RNN), "x2", "f")
    with pytest.raises(EditError, match="nothing reads it"):
        edits.connect(State(RNN), "f", "gate:x1")


def test_a_gate_takes_an_initial_vector_as_its_result():
    vectors = "vector x ~ N(0, 1)\nvector y ~ N(0, 1)\n"
    source = "function phi(z) = relu(z)\n" + vectors + "matrix W ~ N(0, 1/n)\nh = W @ y\nx1 = phi(x)\n"
    s = State(source, {"x1": (100, 0), "gate:x1": (50, 0), "y": (200, 30)}, {})
    change = edits.connect(s, "gate:x1", "y")
    assert lines(change) == [
        "function phi(z) = relu(z)",
        "vector x ~ N(0, 1)",
        "matrix W ~ N(0, 1/n)",
        "y = phi(x)",
        "h = W @ y",
    ]
    assert change.layout == {"gate:y": (50, 0), "y": (200, 30)}
    with pytest.raises(EditError, match="The gate gives a scalar, x is a vector"):
        edits.connect(State(source + "q = mean(h)\n"), "gate:q", "x")


def test_lines_move_below_what_they_read():
    source = (
        "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\ng = x      # first\nh = W @ g  # second\n"
        "z = W @ x  # stays\ny = relu(x)  # source\n"
    )
    change = edits.connect(State(source), "y", "gate:g")
    assert lines(change)[2:] == [
        "z = W @ x  # stays",
        "y = relu(x)  # source",
        "g = x + y  # first",
        "h = W @ g  # second",
    ]
    parse(change.source)


def test_a_cycle_is_refused_with_the_way_round():
    with pytest.raises(EditError, match="x2 depends on x1 already: x1 → h2 → x2"):
        edits.connect(State(RNN), "x2", "gate:x1")
    with pytest.raises(EditError, match="cannot be its own input"):
        edits.connect(State(RNN), "x1", "gate:x1")


# deleting


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("g = phi(x + y)", "g = phi(x)"),
        ("g = phi(y)", "g = phi(?)"),
        ("g = y", "g = ?"),
        ("g = 2*y", "g = 2*?"),
        ("g = x - y", "g = x"),
        ("g = y - x", "g = -x"),
        ("g = x + 2*y", "g = x"),
        ("g = eps*y + x", "g = eps + x"),
        ("g = eps*y", "g = eps*?"),
        ("g = two(x, y)", "g = two(x, ?)"),
        ("g = two(y, eps)", "g = two(?, eps)"),
        ("g = relu(y)*y", "g = ?"),
        ("g = relu(y) + x", "g = x"),
        ("g = x/y", "g = x"),
        ("g = y/x", "g = 1/x"),
        ("g = (x + 1)*y**2", "g = x + 1"),
        ("g = mean(x*y)", "g = mean(x)"),
        ("g = mean(y)", "g = mean(?)"),
        ("g = mean(eps*y)", "g = mean(eps)"),
        ("g = phi(y + 1)", "g = phi(? + 1)"),
        ("g = phi(y*y)", "g = phi(?)"),
    ],
)
def test_delete_an_edge_into_a_gate(before, after):
    change = edits.delete(State(LOOSE + before + "\n"), edges=["y>gate:g:0"])
    assert last(change) == after
    assert "y" not in parse_partial(change.source).statements[-1].text


def test_delete_the_last_scalar_of_a_scalar():
    assert last(edits.delete(State(LOOSE + "k = exp(eps)\n"), edges=["eps>gate:k:0"])) == "k = mean(?)"


def test_delete_a_matmul_edge_leaves_an_initial_vector():
    change = edits.delete(State(RNN), edges=["x1>h2:0"])
    assert line_of(change, "h2") == "vector h2 ~ N(0, 1)"
    assert "matrix W ~" not in change.source  # nothing uses it any more
    assert "constant sw2 = 2" in change.source
    assert "vector y : m ~ N(0, 1)" in lines(edits.delete(State(TWO), edges=["x>y:0"]))


def test_delete_a_readout_edge_removes_its_term():
    s = edits.connect(State(RNN), "x1", "f").state
    change = edits.delete(s, edges=["x2>f:0"])
    assert last(change).split("#")[0].rstrip() == "output f = v.T @ x1 / sqrt(n)"
    change = edits.delete(change.state, edges=["x1>f:0"])
    assert last(change).split("#") == ["output f = ?".ljust(last(change).index("#")), " read out"]
    assert "readout v" not in change.source


def test_delete_the_edge_from_a_gate_leaves_an_initial_vector():
    assert line_of(edits.delete(State(RNN), edges=["gate:x1>x1:0"]), "x1") == "vector x1 ~ N(0, 1)"


def test_delete_a_vector():
    change = edits.delete(State(RNN, {"x1": (0, 0), "gate:x1": (1, 1), "b": (5, 5)}, {"x1": "s"}), ["x1"])
    assert [line.split("#")[0].strip() for line in lines(change)][-4:] == [
        "readout v ~ N(0, 1)",
        "vector h2 ~ N(0, 1)",
        "x2 = phi(h2 + u2)",
        "output f = v.T @ x2 / sqrt(n)",
    ]
    assert change.layout == {"b": (5, 5)}
    assert change.labels == {}
    parse(change.source)


def test_delete_one_of_joint_vectors():
    change = edits.delete(State(RNN), ["u1"])
    assert "vector u2 ~ N(0, 2)                              # two tokens" in lines(change)
    assert line_of(change, "x1") == "x1 = phi(b)"
    three = "vector a, b, c : m ~ N([1, 2, 3], [[1, 0, 0.5], [0, 2, 0], [0.5, 0, 3]])\n"
    assert (
        lines(edits.delete(State("width m = 2*n\n" + three), ["b"]))[1]
        == "vector a, c : m ~ N([1, 3], [[1, 0.5], [0.5, 3]])"
    )
    assert lines(edits.delete(State("width m = 2*n\n" + three), ["a", "b", "c"])) == ["width m = 2*n"]


def test_delete_a_gate():
    change = edits.delete(State(RNN), ["gate:x1"])
    assert line_of(change, "x1") == "vector x1 ~ N(0, 1)"
    change = edits.delete(State(RNN), ["gate:x1", "x1"])
    assert "x1" not in change.source
    unused = edits.delete(State(LOOSE), ["gate:a"])
    assert "a = " not in unused.source
    assert "function phi" not in unused.source
    assert "function two" in unused.source  # it was not in use before


def test_delete_inputs_outputs_scalars_and_biases():
    source = (
        "input xi\nembedding U ~ N(0, 1/d)\nbias c ~ N(0, 1)\nscalar eps = 1\nreadout v ~ N(0, 1)\nh = U @ xi\n"
        "x = tanh(h) + eps*h\noutput f = v.T @ x / sqrt(n) - c\n"
    )
    assert lines(edits.delete(State(source), ["xi"]))[3] == "vector h ~ N(0, 1)"
    assert lines(edits.delete(State(source), ["c"]))[-1] == "output f = v.T @ x / sqrt(n)"
    assert line_of(edits.delete(State(source), ["eps"]), "x") == "x = tanh(h) + h"
    change = edits.delete(State(source), ["f"])
    assert "readout" not in change.source
    everything = edits.delete(State(source), ["f", "xi", "c", "eps", "x", "h"])
    assert everything.source == ""


def test_delete_a_missing_vector():
    assert lines(edits.delete(State(RNN + "h3 = W @ ?\n"), ["ghost:h3:0"]))[-1] == "vector h3 ~ N(0, 1)"
    assert last(edits.delete(State(RNN + "x3 = phi(x2 + ?)\n"), ["ghost:x3:0"])) == "x3 = phi(x2)"
    assert last(edits.delete(State(RNN + "x3 = phi(W @ x2 + b)\n"), ["ghost:x3:0"])) == "x3 = phi(b)"
    with pytest.raises(EditError, match="needs an input here"):
        edits.delete(State(RNN + "scalar s = 1\nx3 = phi(s + ?)\n"), ["ghost:x3:0"])
    with pytest.raises(EditError, match="needs an input here"):
        edits.delete(State(RNN + "x3 = phi(?)\n"), ["ghost:x3:0"])


def test_delete_refuses_what_is_not_there():
    with pytest.raises(EditError, match="no node nope"):
        edits.delete(State(RNN), ["nope"])
    with pytest.raises(EditError, match="no edge b → h2"):
        edits.delete(State(RNN), edges=["b>h2:0"])
    with pytest.raises(EditError, match="no edge"):
        edits.delete(State(RNN), edges=["what"])
    with pytest.raises(EditError, match="Nothing is selected"):
        edits.delete(State(RNN))


def test_a_half_drawn_vector_keeps_the_class_that_is_needed_of_it():
    source = TWO + "readout v : m ~ N(0, 1)\ng = ?\nz = relu(g)\noutput f = v.T @ z / sqrt(m)\n"
    change = edits.delete(State(source), ["gate:g"])
    assert line_of(change, "g") == "vector g : m ~ N(0, 1)"
    parse(change.source)


# renaming


def test_rename_is_whole_word_and_leaves_comments():
    s = State(
        "vector x ~ N(0, 1)  # x is x\nwidth m = 2*n\nmatrix A : m x n ~ N(0, 1/n)\n"
        "function f(x) = x + 1\ny = f(x) + 1e2*x\n",
        {"x": (0, 0), "gate:y": (1, 1)},
        {"x": "X"},
    )
    change = edits.rename(s, "x", "h1")
    assert lines(change) == [
        "vector h1 ~ N(0, 1)  # x is x",
        "width m = 2*n",
        "matrix A : m x n ~ N(0, 1/n)",
        "function f(x) = x + 1",
        "y = f(h1) + 1e2*h1",
    ]
    assert change.layout == {"h1": (0, 0), "gate:y": (1, 1)}
    assert change.labels == {"h1": "X"}
    assert change.selection == ("h1",)
    assert edits.rename(change.state, "y", "z").layout == {"h1": (0, 0), "gate:z": (1, 1)}


def test_rename_keeps_the_column_of_a_comment():
    change = edits.rename(State("vector x ~ N(0, 1)   # c\n"), "x", "xx")
    assert change.source == "vector xx ~ N(0, 1)  # c\n"


@pytest.mark.parametrize("name", ["W", "phi", "sw2", "v", "f", "u1", "x1"])
def test_rename_anything(name):
    change = edits.rename(State(RNN), name, "other")
    assert parse(edits.rename(change.state, "other", name).source) == parse(RNN)
    assert len(parse(change.source)) == len(parse(RNN))


@pytest.mark.parametrize(
    ("name", "new", "message"),
    [
        ("x1", "x2", "defined already"),
        ("x1", "n", "cannot be a name"),
        ("x1", "1x", "cannot be a name"),
        ("nope", "a", "no nope"),
        ("x1", "a # b", "holds no comment"),
        ("x1", "a\nb", "one line"),
    ],
)
def test_rename_refuses(name, new, message):
    with pytest.raises(EditError, match=message):
        edits.rename(State(RNN), name, new)


def test_rename_refuses_to_be_captured_by_a_parameter():
    with pytest.raises(EditError, match="z is a parameter of g"):
        edits.rename(State("constant c = 2\nfunction g(z) = c*z\n"), "c", "z")


# expressions and numbers


def test_set_expression():
    change = edits.set_expression(State(RNN), "x1", "tanh(u1)")
    assert "x1 = tanh(u1)             # first state" in lines(change)
    assert line_of(edits.set_expression(State(RNN), "x1", "nope + u1"), "x1") == "x1 = nope + u1"  # half-drawn
    assert line_of(edits.set_expression(State(RNN), "x1", "?"), "x1") == "x1 = ?"
    assert (
        line_of(edits.set_expression(State(RNN), "f", "2*v.T @ x1 / sqrt(n)"), "f") == "output f = 2*v.T @ x1 / sqrt(n)"
    )
    declared = State("vector b ~ N(0, 1)  # kept\nscalar t = 1\n")
    assert lines(edits.set_expression(declared, "b", "N(0, 2)"))[0].startswith("vector b ~ N(0, 2)")
    with pytest.raises(EditError, match="is declared, not computed"):
        edits.set_expression(declared, "t", "2")


def test_set_expression_moves_the_line_where_it_must():
    change = edits.set_expression(State("vector x ~ N(0, 1)\ny = relu(x)\nz = tanh(x)\n"), "y", "relu(z)")
    assert lines(change)[1:] == ["z = tanh(x)", "y = relu(z)"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "relu(",
        "x1 if x1 else x1",
        "__import__('os')",
        "u1.T",
        "u1[0]",
        "a\nb = u1",
        "u1 # hi",
        "u1 < 2",
        "2**9999*u1",
        "'s'",
        "hole__",
        "(" * 100 + "u1" + ")" * 100,
        "x" * 5000,
        "lambda: 1",
        "1e999*u1",
        "f(x=u1)",
        "u1 @ u1 @ u1 @",
        "phi(W @ __import__('os'))",
        "phi(W[0] @ u1)",
    ],
)
def test_hostile_expressions_are_refused(text):
    with pytest.raises(EditError) as error:
        edits.set_expression(State(RNN), "x1", text)
    assert all(d.message and d.line is None for d in error.value.diagnostics)


def test_set_function():
    change = edits.set_function(State(RNN), "phi", "tanh(z)**2")
    assert line_of(change, "phi(z)") == "function phi(z) = tanh(z)**2"
    with pytest.raises(EditError, match="not a complete expression"):
        edits.set_function(State(RNN), "phi", "tanh(")
    with pytest.raises(EditError, match="no function W"):
        edits.set_function(State(RNN), "W", "z")


def test_set_distribution():
    assert line_of(edits.set_distribution(State(RNN), "b", variance=0.25), "b") == "vector b ~ N(0, 0.25)"
    assert line_of(edits.set_distribution(State(RNN), "b", mean=-1.0), "b") == "vector b ~ N(-1, 0.1)"
    change = edits.set_distribution(State(RNN), "u2", mean=3, variance="7")
    assert "vector u1, u2 ~ N([0, 3], [[1, 0.5], [0.5, 7]])  # two tokens" in lines(change)
    assert line_of(edits.set_distribution(State(RNN), "b", variance="sw2/2"), "b") == "vector b ~ N(0, sw2/2)"
    assert line_of(edits.set_distribution(State(RNN), "b", variance="new_c"), "b") == "vector b ~ N(0, new_c)"


def test_set_distribution_of_a_matrix_is_s():
    source = "matrix W ~ N(0, 1/n)\nembedding U ~ N(0, (1 + 1)/d)\n"
    assert line_of(edits.set_distribution(State(source), "W", variance=1.5), "W") == "matrix W ~ N(0, 1.5/n)"
    assert line_of(edits.set_distribution(State(source), "W", variance="1 + 2"), "W") == "matrix W ~ N(0, (1 + 2)/n)"
    assert line_of(edits.set_distribution(State(source), "U", variance=3), "U") == "embedding U ~ N(0, 3/d)"
    with pytest.raises(EditError, match="have mean 0"):
        edits.set_distribution(State(source), "W", mean=1)


def test_set_distribution_moves_a_shared_constant():
    change = edits.set_distribution(State(RNN), "W", variance=1.75)
    assert "constant sw2 = 1.75       # shared" in lines(change)
    assert "matrix W ~ N(0, sw2/n)    # hidden to hidden" in lines(change)


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "1, 2", "1) + (2", "", "1 # x", True, "2 +"])
def test_set_distribution_refuses(value):
    with pytest.raises(EditError):
        edits.set_distribution(State(RNN), "b", variance=value)
    with pytest.raises(EditError):
        edits.set_distribution(State(RNN), "x1", variance=1)
    with pytest.raises(EditError, match="not positive semidefinite"):
        edits.set_distribution(State(RNN), "u1", variance=0.01)


def test_set_scalar_and_constant():
    s = State("constant c = 1  # a\nscalar eps = 0.01 -> 0\n")
    assert lines(edits.set_scalar(s, "eps", value="n**-0.5"))[1] == "scalar eps = n**-0.5 -> 0"
    assert lines(edits.set_scalar(s, "eps", limit=0.5))[1] == "scalar eps = 0.01 -> 0.5"
    assert lines(edits.set_scalar(s, "eps", limit=""))[1] == "scalar eps = 0.01"
    assert lines(edits.set_constant(s, "c", 2.5))[0] == "constant c = 2.5  # a"
    with pytest.raises(EditError, match="not a complete expression"):
        edits.set_constant(s, "c", "2*")
    with pytest.raises(EditError, match="not declared as constant"):
        edits.set_constant(s, "eps", 2)


def test_set_input():
    s = State("input xi = [1, 0]\n")
    assert lines(edits.set_input(s, "xi", "[0.5, 1]")) == ["input xi = [0.5, 1]"]
    assert lines(edits.set_input(s, "xi", "1, 2, 3")) == ["input xi = [1, 2, 3]"]
    assert lines(edits.set_input(s, "xi", "")) == ["input xi"]
    for bad in ("[1, 2", "1, , 2", "[]", "[1]]"):
        with pytest.raises(EditError):
            edits.set_input(s, "xi", bad)


def test_set_product():
    assert line_of(edits.set_product(State(RNN), "h2", transposed=True), "h2") == "h2 = W.T @ x1"
    change = edits.set_product(State(RNN), "h2", matrix="new")
    assert line_of(change, "h2") == "h2 = W2 @ x1"
    parse(change.source)
    with pytest.raises(EditError, match="x1 is not a product"):
        edits.set_product(State(RNN), "x1", transposed=True)
    with pytest.raises(EditError, match=r"A\.T takes class m to class n"):
        edits.set_product(State(TWO), "y", transposed=True)


def test_set_width():
    change = edits.set_width(State(TWO), "x", "m")
    assert line_of(change, "x") == "vector x : m ~ N(0, 1)"
    assert line_of(edits.set_width(change.state, "x", "n"), "x") == "vector x ~ N(0, 1)"
    assert line_of(edits.set_width(State(TWO), "W", "n x m"), "W") == "matrix W : n x m ~ N(0, 1/m)"
    s = State(RNN.replace("constant", "width m = 2*n\nconstant"))
    change = edits.set_width(s, "v", "m")
    assert line_of(change, "f") == "output f = v.T @ x2 / sqrt(m)"
    with pytest.raises(EditError, match="no width class k"):
        edits.set_width(State(TWO), "x", "k")
    with pytest.raises(EditError, match="not declared as"):
        edits.set_width(State(TWO), "y", "n")


def test_set_label():
    s = State(RNN, {}, {"b": "B"})
    change = edits.set_label(s, "x1", r"\tilde x")
    assert change.labels == {"b": "B", "x1": r"\tilde x"}
    assert change.source == RNN
    assert edits.set_label(s, "b", None).labels == {}
    with pytest.raises(EditError, match="at most 200"):
        edits.set_label(s, "b", "x" * 300)


def test_move():
    change = edits.move(State(RNN), {"x1": (1.6, 2), "gate:x1": (3, 4), "gone": (0, 0)})
    assert change.layout == {"x1": (2, 2), "gate:x1": (3, 4)}
    assert change.source == RNN
    for bad in [(1,), ("a", 2), (float("nan"), 0), (1e99, 0), None]:
        with pytest.raises(EditError):
            edits.move(State(RNN), {"x1": bad})


def test_set_source_keeps_positions_and_sees_a_rename():
    s = State(RNN, {"x1": (1, 2), "gate:x1": (3, 4), "b": (5, 6)}, {"x1": "s"})
    change = edits.set_source(s, RNN.replace("x1", "s1"))
    assert change.layout == {"s1": (1, 2), "gate:s1": (3, 4), "b": (5, 6)}
    assert change.labels == {"s1": "s"}
    assert edits.set_source(s, "vector b ~ N(0, 1)").layout == {"b": (5, 6)}
    typing = edits.set_source(s, RNN.replace("vector b ~", "vecto b ~"))
    assert typing.layout["b"] == (5, 6)  # a word in the middle of being typed loses nothing
    assert edits.set_source(typing.state, RNN).layout == s.layout
    with pytest.raises(EditError, match="1,000,001 characters"):
        edits.set_source(s, "x" * 1_000_001)


# fixes


def fixed(source, code):
    d = next(d for d in parse_partial(source).diagnostics if d.code == code)
    return edits.fix_label(d, source), edits.fix(State(source, {"y": (200, 0), "gate:y": (136, 0)}), d)


def test_fix_splits_nested_products():
    label, change = fixed(RNN + "y = W @ relu(x2)  # note\n", "nested-product")
    assert label == "Split into two lines"
    assert lines(change)[-2:] == ["x3 = relu(x2)", "y = W @ x3        # note"]
    label, change = fixed(RNN + "y = phi(W.T @ x2) + b\n", "nested-product")
    assert lines(change)[-2:] == ["h1 = W.T @ x2", "y = phi(h1) + b"]
    assert change.layout["h1"] == (72, 0)
    parse(change.source)


@pytest.mark.parametrize(
    ("line", "declared"),
    [
        ("y = W2 @ x2", "matrix W2 ~ N(0, 1/n)"),
        ("y = phi(nope)", "vector nope ~ N(0, 1)"),
        ("y = psi(x2, x1)", "function psi(z, s) = relu(z + s)"),
        ("vector y ~ N(0, s)", "constant s = 1"),
        ("vector y : m ~ N(0, 1)", "width m = 2*n"),
        ("output y = v2.T @ x2 / sqrt(n)", "readout v2 ~ N(0, 1)"),
    ],
)
def test_fix_declares_what_is_unknown(line, declared):
    label, change = fixed(RNN + line + "\n", "unknown")
    assert label is not None
    assert label.startswith("Declare ")
    assert declared in lines(change)
    parse(change.source)


def test_fix_moves_a_line_down():
    label, change = fixed("y = relu(x)\nvector x ~ N(0, 1)\n", "order")
    assert label == "Move the line down"
    assert lines(change) == ["vector x ~ N(0, 1)", "y = relu(x)"]
    with pytest.raises(EditError, match="depend on each other"):
        fixed("y = relu(x)\nx = relu(y)\n", "order")


def test_fix_refuses_what_is_gone_or_has_no_fix():
    d = parse_partial("y = phi(").diagnostics[0]
    assert edits.fix_label(d, "y = phi(") is None
    with pytest.raises(EditError, match="cannot be fixed by a click"):
        edits.fix(State("y = phi("), d)
    d = parse_partial(RNN + "y = phi(W @ x2)\n").diagnostics[0]
    with pytest.raises(EditError, match="gone already"):
        edits.fix(State(RNN), d)
