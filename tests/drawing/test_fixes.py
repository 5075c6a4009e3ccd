"""Fixes to click: each is offered with its words, does away with its problem and breaks nothing else."""

import pytest

from tpviz.drawing import edits
from tpviz.drawing.edits import EditError, State
from tpviz.language import parse_partial

HEAD = """width m = 2*n
input xi = [1, 0]
embedding U ~ N(0, 1/d)
matrix W ~ N(0, 2/n)
matrix A : m x n ~ N(0, 1/n)
function phi(z) = tanh(z)
vector x ~ N(0, 1)
vector y : m ~ N(0, 1)
scalar eps = 0.1
readout v ~ N(0, 1)
h = W @ x
g = A @ h
q = mean(h*x)
"""

#: id, lines, label, what must stand in the text then
CASES = [
    ("split", "z = W @ relu(h)", "Split into two lines", ["x1 = relu(h)", "z = W @ x1"]),
    ("split inside", "z = phi(W.T @ h) + x", "Split into two lines", ["h1 = W.T @ h", "z = phi(h1) + x"]),
    ("split a chain", "z = phi(W @ W.T @ x)", "Split into three lines", ["h1 = W.T @ x", "h2 = W @ h1", "z = phi(h2)"]),
    ("mean inside", "z = h - mean(h)", "Split into two lines", ["r = mean(h)", "z = h - r"]),
    ("product by a blank", "z = W x", "Write W @ x", ["z = W @ x"]),
    ("product by a star", "z = W*x", "Write W @ x", ["z = W @ x"]),
    ("product by a call", "z = W(x)", "Write W @ x", ["z = W @ x"]),
    ("transpose by a star", "z = W.T * x", "Write W.T @ x", ["z = W.T @ x"]),
    ("product missing inside", "z = phi(W*x) + h", "Insert W @ x", ["h1 = W @ x", "z = phi(h1) + h"]),
    ("embedding by a star", "z = U*xi", "Write U @ xi", ["z = U @ xi"]),
    ("input in a gate", "z = phi(xi)", "Insert h1 = U @ xi", ["h1 = U @ xi", "z = phi(h1)"]),
    ("input under a matrix", "z = W @ xi", "Insert h1 = U @ xi", ["h1 = U @ xi", "z = W @ h1"]),
    ("input embedded above", "u = U @ xi\nz = phi(xi) + x", "Use u", ["z = phi(u) + x"]),
    ("vector under an embedding", "z = U @ x", "Write W @ x", ["z = W @ x"]),
    ("vector times vector", "z = h @ x", "Write h*x", ["z = h*x"]),
    ("vector called", "z = x(h + x)", "Write x*(…)", ["z = x*(h + x)"]),
    ("readout in the body", "z = v.T @ x", "Make it an output", ["output z = v.T @ x / sqrt(n)"]),
    ("class: transpose", "z = A @ g", "Write A.T @ g", ["z = A.T @ g"]),
    ("class: no transpose", "z = A.T @ h", "Write A @ h", ["z = A @ h"]),
    ("class: of the vector", "z = W @ y", "Make y of class n", ["vector y ~ N(0, 1)", "z = W @ y"]),
    ("class: of the matrix", "matrix B ~ N(0, 1/n)\nz = B @ g", "Make B n x m", ["matrix B : n x m ~ N(0, 1/m)"]),
    ("class: another matrix", "z = W @ g", "Write W2 @ g", ["matrix W2 : n x m ~ N(0, 1/m)", "z = W2 @ g"]),
    ("class: mixed, initial", "z = h + y", "Make y of class n", ["vector y ~ N(0, 1)"]),
    ("class: mixed, product", "z = phi(h + g)", "Insert h1 = W2 @ g", ["matrix W2 : n x m ~ N(0, 1/m)", "h1 = W2 @ g", "z = phi(h + h1)"]),
    ("class: readout", "output f = v.T @ g / sqrt(m)", "Make v of class m", ["readout v : m ~ N(0, 1)"]),
    ("class: another readout", "output e1 = v.T @ x / sqrt(n)\noutput f = v.T @ g / sqrt(m)", "Read g with v2", ["readout v2 : m ~ N(0, 1)", "output f = v2.T @ g / sqrt(m)"]),
    ("class: sqrt", "output f = v.T @ x / sqrt(m)", "Divide by sqrt(n)", ["v.T @ x / sqrt(n)"]),
    ("output without root", "output f = v.T @ x", "Write v.T @ x / sqrt(n)", ["output f = v.T @ x / sqrt(n)"]),
    ("output without transpose", "output f = 2*v @ x / sqrt(n)", "Write v.T @ x / sqrt(n)", ["2*v.T @ x / sqrt(n)"]),
    ("output with a vector", "vector w ~ N(0, 1)\noutput f = w.T @ x / sqrt(n)", "Declare w as a readout", ["readout w ~ N(0, 1)"]),
    ("unknown vector", "z = phi(lost)", "Declare lost", ["vector lost ~ N(0, 1)"]),
    ("unknown number, misspelt no name", "z = phi(x3)", "Declare x3", ["vector x3 ~ N(0, 1)"]),
    ("misspelt function", "z = tahn(x)", "Write tanh", ["z = tanh(x)"]),
    ("misspelt declared function", "function activation(z) = relu(z)\nz = activaton(x)", "Write activation", ["z = activation(x)"]),
    ("misspelt by its case", "z = w @ x", "Write W", ["z = W @ x"]),
    ("misspelt vector", "hidden = W @ x\nz = phi(hiden)", "Write hidden", ["phi(hidden)"]),
    ("misspelt keyword", "vectr u ~ N(0, 1)", "Write vector", ["vector u ~ N(0, 1)"]),
    ("misspelt class", "width wide = 3*n\nvector u : wid ~ N(0, 1)", "Write wide", ["vector u : wide ~"]),
    ("twice", "x = W @ h", "Rename to x2", ["x2 = W @ h"]),
    ("twice in a line", "vector a, a ~ N([0, 0], [[1, 0], [0, 1]])", "Rename to a2", ["vector a, a2 ~"]),
    ("reserved", "e = W @ x", "Rename to e1", ["e1 = W @ x"]),
    ("underscores", "__z = W @ x", "Rename to z", ["z = W @ x"]),
    ("too late", "z = phi(t)\nt = W @ x", "Move the line down", ["z = phi(t)"]),
    ("scaling", "matrix B ~ N(0, 2)", "Divide by n", ["matrix B ~ N(0, 2/n)"]),
    ("scaling of a sum", "constant s = 1\nmatrix B ~ N(0, s + 1)", "Divide by n", ["N(0, (s + 1)/n)"]),
    ("scaling by another class", "matrix B : n x m ~ N(0, 2/n)", "Divide by m", ["N(0, 2/m)"]),
    ("scaling of an embedding", "embedding V ~ N(0, 1/n)", "Divide by d", ["embedding V ~ N(0, 1/d)"]),
    ("columns of an embedding", "embedding V : m x n ~ N(0, 1/n)", "Write x d", ["embedding V : m x d ~ N(0, 1/d)"]),
    ("mean of a matrix", "matrix B ~ N(1, 2/n)", "Set the mean to 0", ["N(0, 2/n)"]),
    ("one argument", "vector u ~ N(3)", "Write N(0, 3)", ["vector u ~ N(0, 3)"]),
    ("only a number", "vector u ~ 3", "Write N(0, 3)", ["vector u ~ N(0, 3)"]),
    ("only a number, of a matrix", "matrix B ~ 3", "Write N(0, 3/n)", ["matrix B ~ N(0, 3/n)"]),
    ("= for ~", "vector u = N(0, 1)", "Write ~", ["vector u ~ N(0, 1)"]),
    ("nothing after the name", "matrix B", "Write ~ N(0, 1/n)", ["matrix B ~ N(0, 1/n)"]),
    ("scalar without a value", "scalar s", "Write = 1", ["scalar s = 1"]),
    ("constant without =", "constant s 2", "Write =", ["constant s = 2"]),
    ("open bracket", "z = phi(x", "Close with )", ["z = phi(x)"]),
    ("bracket too many", "z = phi(x))", "Remove )", ["z = phi(x)"]),
    ("^", "z = x^2 + h", "Write ** for ^", ["z = x**2 + h"]),
    ("input without brackets", "input xj = 1, 2", "Write [1, 2]", ["input xj = [1, 2]"]),
    ("input without entries", "input xj = []", "Write [1, 0]", ["input xj = [1, 0]"]),
    ("no limit", "scalar r = n**-0.5", "Write -> 0", ["scalar r = n**-0.5 -> 0"]),
    ("constant of n", "constant r = n**-0.5", "Make it a scalar", ["scalar r = n**-0.5 -> 0"]),
    ("n in an expression", "z = x / sqrt(n) + h", "Declare r = n**-0.5", ["scalar r = n**-0.5 -> 0", "z = x*r + h"]),
    ("arguments", "z = leaky_relu(x)", "Add 0.01", ["leaky_relu(x, 0.01)"]),
    ("exponent", "z = x**99", "Write 64", ["z = x**64"]),
    ("negative variance", "vector u ~ N(0, -2)", "Write 2", ["vector u ~ N(0, 2)"]),
    ("not symmetric", "vector a, b ~ N([0, 0], [[1, 0.5], [0.4, 1]])", "Mirror the upper entries", ["[[1, 0.5], [0.5, 1]]"]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "label", "then"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_fix(lines, label, then):
    source = HEAD + lines + "  # note\n"
    assert not parse_partial(HEAD).diagnostics
    (d,) = parse_partial(source).diagnostics[:1]
    assert edits.fix_label(d, source) == label
    change = edits.fix(State(source, {"z": (200, 0), "gate:z": (136, 0)}), d)
    for piece in then:
        assert piece in change.source
    assert "# note" in change.source
    assert not [x.render() for x in parse_partial(change.source).diagnostics], change.source
    for line in HEAD.splitlines():
        kept = line in change.source or line.split(" ~")[0].split(" :")[0] in label + change.description
        assert kept or line.startswith(("vector y", "readout v")), line


@pytest.mark.parametrize(
    "line",
    ["z = phi(?)", "z = y + 1/0", "z = W", "a = relu(b)\nb = relu(a)", "z = x < h", "z = ", "vector u ~ N(0, 1, 2)[", "z = x[0]"],
)  # fmt: skip
def test_what_has_no_obvious_fix_offers_none_or_a_whole_one(line):
    source = HEAD + line + "\n"
    for d in parse_partial(source).diagnostics:
        if edits.fix_label(d, source) is None:
            with pytest.raises(EditError, match="cannot be fixed by a click"):
                edits.fix(State(source), d)


def test_labels_are_short_enough_for_a_button():
    for _, lines, label, _ in CASES:
        assert len(label) < 40, lines
