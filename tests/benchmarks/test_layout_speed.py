"""How long "Tidy the layout" takes at about 300 nodes: run by name with -n 0. Figures are printed, none decides a test."""

import random
import time

import pytest

from tests.drawing.programs import long_rnn
from tpviz.drawing import layout, make_scene, sketch
from tpviz.language import parse, parse_partial
from tpviz.language.printer import to_text
from tpviz.network import backprop


def deep(depth: int) -> str:
    lines = ["input xi", "embedding U ~ N(0, 1/d)", "h1 = U @ xi", "x1 = tanh(h1)"]
    for k in range(2, depth + 1):
        lines += [f"matrix W{k} ~ N(0, 1/n)", f"h{k} = W{k} @ x{k - 1}", f"x{k} = tanh(h{k})"]
    return "\n".join([*lines, "readout v ~ N(0, 1)", f"output f = v.T @ x{depth} / sqrt(n)"]) + "\n"


def recurrent(steps: int) -> str:
    return long_rnn(steps) + f"readout v ~ N(0, 1)\noutput f = v.T @ x{steps} / sqrt(n)\n"


def convolution(layers: int, pixels: int) -> str:
    lines = [*(f"input xi{p}" for p in range(pixels)), "embedding U ~ N(0, 1/d)"]
    lines += [f"x0_{p} = U @ xi{p}" for p in range(pixels)]
    for k in range(1, layers + 1):
        lines += [f"matrix {m}{k} ~ N(0, 1/n)" for m in "ABC"]
        for p in range(pixels):
            read = [(m, q) for m, q in (("A", p - 1), ("B", p), ("C", p + 1)) if 0 <= q < pixels]
            lines += [f"{m.lower()}{k}_{p} = {m}{k} @ x{k - 1}_{q}" for m, q in read]
            lines.append(f"x{k}_{p} = relu({' + '.join(f'{m.lower()}{k}_{p}' for m, _ in read)})")
    out = " + ".join(f"v.T @ x{layers}_{p} / sqrt(n)" for p in range(pixels))
    return "\n".join([*lines, "readout v ~ N(0, 1)", f"output f = {out}"]) + "\n"


def woven(count: int) -> str:
    """A program without a plan: everything reads what came shortly before."""
    chance = random.Random(0)
    lines = ["matrix W ~ N(0, 1/n)", "matrix V ~ N(0, 1/n)", *(f"vector a{k} ~ N(0, 1)" for k in range(5))]
    vectors = [f"a{k}" for k in range(5)]
    for k in range(count):
        which, recent = chance.random(), vectors[-12:]
        if which < 0.45:
            lines.append(f"h{k} = {chance.choice(['W', 'V', 'W.T', 'V.T'])} @ {chance.choice(recent)}")
            vectors.append(f"h{k}")
        elif which < 0.9:
            lines.append(f"y{k} = relu({' + '.join(chance.sample(recent, chance.choice([1, 2, 2, 3])))})")
            vectors.append(f"y{k}")
        else:
            lines.append(f"s{k} = mean({chance.choice(recent)}*{chance.choice(recent)})")
    return "\n".join(lines) + "\n"


def with_backward(text: str) -> str:
    program = parse(text)
    return text + to_text(backprop(program).instructions[len(program.instructions) :])


PROGRAMS = {
    "rnn, 75 steps": long_rnn(75),
    "mlp, 100 layers": deep(100),
    "convolution, 12 pixels, 4 layers": convolution(4, 12),
    "woven": woven(200),
    "rnn, 30 steps, with backward": with_backward(recurrent(30)),
    "mlp, 50 layers, with backward": with_backward(deep(50)),
    "convolution, 7 pixels, 3 layers, with backward": with_backward(convolution(3, 7)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_tidy(name, capsys):
    drawn = sketch(parse_partial(PROGRAMS[name]))
    layout(sketch(parse("vector x ~ N(0, 1)\n")))  # slow imports come with the first use
    start = time.process_time()
    positions = layout(drawn)
    middle = time.process_time()
    scene = make_scene(drawn, positions)
    end = time.process_time()
    assert len(scene.nodes) > 200
    with capsys.disabled():
        print(f"\n{name}: {len(scene.nodes)} nodes, layout {middle - start:.2f} s, routes {end - middle:.2f} s")
