"""Random commands on random small documents: whatever is clicked, the text stays a text of the language."""

import re
from collections import Counter

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tpviz.drawing import edits
from tpviz.drawing.edits import EditError, State
from tpviz.drawing.marks import groups_of, pinned
from tpviz.drawing.scene import Plan
from tpviz.drawing.sketch import sketch
from tpviz.language import parse, parse_partial

STARTS = [
    "",
    "vector x ~ N(0, 1)  # only x\n",
    """\
# a recurrent network
constant sw2 = 2          # c1
matrix W ~ N(0, sw2/n)    # c2
vector u1, u2 ~ N([0, 0], [[1, 0.5], [0.5, 2]])  # c3
vector b ~ N(0, 0.1)      # c4
function phi(z) = relu(z) # c5
readout v ~ N(0, 1)       # c6

x1 = phi(u1 + b)          # c7
h2 = W @ x1               # c8
x2 = phi(h2 + u2)         # c9
output f = v.T @ x2 / sqrt(n)   # c10
""",
    """\
width m = 2*n             # c1
input xi = [1, 2]         # c2
embedding U : m x d ~ N(0, 1/d)  # c3
matrix A : m x n ~ N(0, 1/n)     # c4
vector x ~ N(0, 1)        # c5
scalar eps = 0.1          # c6
function psi(z, s) = z*s  # c7
y = A @ x                 # c8
h = U @ xi                # c9
g = y - 2*h               # c10
q = mean(g*y)             # c11
k = q/(1 + eps)           # c12
z = psi(g, k) + eps*y     # c13
bias c0 ~ N(0, 1)         # c14
readout v : m ~ N(0, 1)   # c15
output f = c0 - v.T @ z / sqrt(m)  # c16
""",
    """\
vector x ~ N(0, 1)   # c1
matrix W ~ N(0, 1/n) # c2
h = W @ ?            # c3
y = tanh(?)          # c4
w = phi(W @ x)       # c5
z = W @ relu(x)      # c6
q = mean(?)          # c7
output f = ?         # c8
not a line           # c9
r = x +              # c10
""",
]
NAMES = st.sampled_from(["x", "x1", "h1", "y", "W", "q", "n", "a b", "new", "phi", "v", "T"])
TEXTS = st.sampled_from(
    [
        "x",
        "relu(x)",
        "?",
        "x + ?",
        "W @ x",
        "phi(W @ x)",
        "mean(x)",
        "2*x1",
        "h1 # no",
        "",
        "x +",
        "1/0",
        "-1",
        "0.5",
        "[1, 2]",
        "a\nb",
        "x.T",
        "sw2",
        "n**-0.5",
        "exp(q)",
        "v.T @ x / sqrt(n)",
        "c0",
        "e",
        "pi*x",
    ]
)
NUMBERS = st.sampled_from([0, 1, 0.5, -1, 2.0, 1e-9, float("nan"), float("inf"), "sw2", "2*sw2", "x"])
TOOLS = st.sampled_from(["select", "wire", "matmul"])
HOLES = {"hole", "no-inputs", "nested-product"}


def comments(source):
    return Counter(line.split("#", 1)[1].strip() for line in source.splitlines() if "#" in line)


def real_problems(source):
    """Problems that are no mere holes."""
    rows = source.splitlines()
    found = parse_partial(source).diagnostics
    return [
        d for d in found if d.code not in HOLES and not (d.code == "syntax" and "?" in rows[d.line - 1].split("#")[0])
    ]


class Canvas(RuleBasedStateMachine):
    @initialize(source=st.sampled_from(STARTS), inputs=st.booleans())
    def start(self, source, inputs):
        drawn = sketch(parse_partial(source), {"inputs": True})
        self.state = State(source, {n.id: (90 * k, 40 * (k % 3)) for k, n in enumerate(drawn.nodes)}, {})
        self.inputs = inputs

    def drawn(self):
        return sketch(parse_partial(self.state.source), {"inputs": self.inputs})

    def node(self, data):
        return data.draw(st.sampled_from([n.id for n in self.drawn().nodes] or ["nothing"]))

    def name(self, data):
        return data.draw(st.sampled_from([*parse_partial(self.state.source).lines, "nothing"]))

    def do(self, command, *args, sound=True, moves=False, **kwargs):
        """Runs a command; a `sound` one makes no problem where there was none. Unless it `moves`, what stays keeps its
        place, also once the layout has placed what is new."""
        before = self.state
        refused: tuple = ()
        try:
            change = command(before, *args, **kwargs)
        except EditError as error:
            refused = error.diagnostics
        if refused:
            assert all(d.message for d in refused)
            return None
        drawn = Plan.of(sketch(parse_partial(change.source), {"inputs": self.inputs}), change.layout, change.marks)
        self.state = State(change.source, {**change.layout, **drawn.places}, change.labels, change.marks)
        drawn.scene()
        if not moves:
            kept = {id: at for id, at in before.layout.items() if id in self.state.layout}
            assert {id: self.state.layout[id] for id in kept} == kept
        lost = comments(before.source) - comments(change.source)
        assert sum(lost.values()) <= max(0, len(before.source.splitlines()) - len(change.source.splitlines())), lost
        assert change.description
        drawn = {n.id for n in sketch(parse_partial(change.source), {"inputs": True}).nodes}
        for declared in re.findall(r"^\s*(?:input|bias|vector) ([\w, ]+)", change.source, re.M):
            drawn |= set(re.findall(r"\w+", declared))  # drawn or not, while the line is wrong
        drawn |= {g.node for g in groups_of(change.marks)}
        assert {n for n in change.selection if not n.startswith("ghost:")} <= drawn
        assert {n for n in change.layout if not n.startswith("ghost:")} <= drawn
        marked = pinned(change.marks) | {m for g in groups_of(change.marks) for m in g.members}
        assert {n for n in marked if not n.startswith("ghost:")} <= drawn
        if sound and not real_problems(before.source):
            assert not real_problems(change.source), (before.source, change.source)
        return change

    @rule(data=st.data(), what=st.sampled_from(["add_vector", "add_scalar", "add_input"]), at=st.booleans())
    def add(self, data, what, at):
        self.do(getattr(edits, what), at=(12.3, 45.6) if at else None)

    @rule(
        data=st.data(),
        what=st.sampled_from(["add_nonlin", "add_lincomb", "add_moment", "add_output"]),
        count=st.integers(0, 3),
    )
    def add_gate(self, data, what, count):
        change = self.do(getattr(edits, what), [self.node(data) for _ in range(count)])
        if change:
            assert change.selection[0] in change.layout

    @rule(data=st.data(), matrix=st.sampled_from([None, None, "new", "W", "A", "nope"]), transposed=st.booleans())
    def add_product(self, data, matrix, transposed):
        self.do(edits.add_product, self.node(data), matrix, transposed)

    @rule(data=st.data(), slot=st.sampled_from([None, 0, 1, 7]), tool=TOOLS)
    def connect(self, data, slot, tool):
        self.do(edits.connect, self.node(data), self.node(data), slot, tool)

    @rule(data=st.data(), nodes=st.integers(0, 3), edges=st.integers(0, 2))
    def delete(self, data, nodes, edges):
        ids = [e.id for e in self.drawn().edges] or ["a>b:0"]
        chosen = [self.node(data) for _ in range(nodes)]
        change = self.do(edits.delete, chosen, [data.draw(st.sampled_from(ids)) for _ in range(edges)])
        if change:
            gone = {n for n in chosen if ":" not in n}
            left = {n.id for n in sketch(parse_partial(change.source), {"inputs": True}).nodes}
            assert not gone & left or "readout" in change.source

    @rule(data=st.data(), new=NAMES)
    def rename(self, data, new):
        old = self.name(data)
        before = self.state
        if self.do(edits.rename, old, new) and old != new:
            assert (
                re.sub(rf"\b{new}\b", old, self.state.source).split() == before.source.split() or new in before.source
            )

    @rule(data=st.data(), text=TEXTS)
    def type_expression(self, data, text):
        self.do(edits.set_expression, self.name(data), text, sound=False)

    @rule(data=st.data(), text=TEXTS)
    def type_function(self, data, text):
        self.do(edits.set_function, self.name(data), text, sound=False)

    @rule(data=st.data(), text=TEXTS)
    def type_input(self, data, text):
        self.do(edits.set_input, self.name(data), text, sound=False)

    @rule(data=st.data(), mean=st.none() | NUMBERS, variance=st.none() | NUMBERS)
    def slide(self, data, mean, variance):
        self.do(edits.set_distribution, self.name(data), mean, variance, sound=False)

    @rule(data=st.data(), value=NUMBERS, limit=st.none() | NUMBERS)
    def number(self, data, value, limit):
        self.do(edits.set_scalar, self.name(data), value, limit, sound=False)
        self.do(edits.set_constant, self.name(data), value, sound=False)

    @rule(
        data=st.data(),
        matrix=st.sampled_from([None, "new", "W", "nope"]),
        transposed=st.sampled_from([None, True, False]),
    )
    def product(self, data, matrix, transposed):
        self.do(edits.set_product, self.name(data), matrix, transposed)

    @rule(data=st.data(), width=st.sampled_from(["n", "m", "m x n", "n x n", "k"]))
    def width(self, data, width):
        self.do(edits.set_width, self.name(data), width, sound=False)

    @rule(data=st.data(), x=st.floats(), y=st.floats())
    def move(self, data, x, y):
        self.do(edits.move, {self.node(data): (x, y)}, moves=True)

    @rule(data=st.data(), count=st.integers(1, 3))
    def pin(self, data, count):
        self.do(edits.pin, [self.node(data) for _ in range(count)])

    @rule(data=st.data(), count=st.integers(1, 4), closed=st.booleans())
    def group(self, data, count, closed):
        self.do(edits.group, [self.node(data) for _ in range(count)], closed=closed)

    @rule(data=st.data(), what=st.sampled_from(["open", "close", "ungroup", "rename", "move"]))
    def change_a_group(self, data, what):
        groups = groups_of(self.state.marks)
        if not groups:
            return
        g = data.draw(st.sampled_from(groups))
        match what:
            case "ungroup":
                self.do(edits.ungroup, [g.id])
            case "rename":
                self.do(edits.rename_group, g.id, data.draw(TEXTS))
            case "move":
                self.do(edits.move, {g.node: (3, 4)}, moves=True)
            case _:
                self.do(edits.toggle_groups, [g.id], what == "close")

    @rule(data=st.data(), tex=st.sampled_from([None, "", r"\tilde x", "a\nb"]))
    def label(self, data, tex):
        self.do(edits.set_label, self.name(data), tex)

    @rule(data=st.data())
    def fix(self, data):
        if problems := [
            d for d in parse_partial(self.state.source).diagnostics if edits.fix_label(d, self.state.source)
        ]:
            self.do(edits.fix, data.draw(st.sampled_from(problems)), sound=False)

    @rule(data=st.data())
    def type_in_the_text(self, data):
        source = self.state.source
        a = data.draw(st.integers(0, len(source)))
        b = data.draw(st.integers(a, min(len(source), a + 5)))
        text = source[:a] + data.draw(st.sampled_from(["", "x", "?", "\n", "= ", "#"])) + source[b:]
        self.state = edits.set_source(self.state, text).state
        assert self.state.source == text
        self.state = State(
            source, self.state.layout, self.state.labels, self.state.marks
        )  # undo: the old state is all there is to it

    @invariant()
    def the_valid_part_is_a_program(self):
        program = parse_partial(self.state.source).program
        assert parse(program.to_text()) == program


Canvas.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
TestCanvas = Canvas.TestCase
