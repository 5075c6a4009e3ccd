"""The programs that the speed of limits is measured on."""

from __future__ import annotations

import numpy as np


def mlp(depth: int = 10, phi: str = "relu") -> str:
    """An MLP with biases on two inputs."""
    lines = ["input a = [1.0, 0.5, -0.3]", "input b = [0.2, -0.7, 0.9]", "embedding U ~ N(0, 2/d)"]
    lines += [f"matrix W{k} ~ N(0, 2/n)" for k in range(2, depth + 1)]
    lines += [f"vector b{k} ~ N(0, 0.1)" for k in range(1, depth + 1)]
    for s in "ab":
        lines += [f"h1_{s} = U @ {s}", f"g1_{s} = h1_{s} + b1", f"x1_{s} = {phi}(g1_{s})"]
        for k in range(2, depth + 1):
            lines += [f"h{k}_{s} = W{k} @ x{k - 1}_{s}", f"g{k}_{s} = h{k}_{s} + b{k}", f"x{k}_{s} = {phi}(g{k}_{s})"]
    return "\n".join(lines) + "\n"


def rnn(steps: int = 10, phi: str = "tanh") -> str:
    """A recurrent network on two sequences, W, U and b tied."""
    rng = np.random.default_rng(0)
    lines = ["embedding U ~ N(0, 1/d)", "matrix W ~ N(0, 1.5/n)", "vector b ~ N(0, 0.1)"]
    for s in "ab":
        for k in range(1, steps + 1):
            lines.append(f"input xi{k}_{s} = {rng.standard_normal(3).round(3).tolist()}")
    for s in "ab":
        lines += [f"u1_{s} = U @ xi1_{s}", f"h1_{s} = u1_{s} + b", f"x1_{s} = {phi}(h1_{s})"]
        for k in range(2, steps + 1):
            lines += [f"u{k}_{s} = U @ xi{k}_{s}", f"w{k}_{s} = W @ x{k - 1}_{s}"]
            lines += [f"h{k}_{s} = u{k}_{s} + w{k}_{s} + b", f"x{k}_{s} = {phi}(h{k}_{s})"]
    return "\n".join(lines) + "\n"


def gru(steps: int = 2) -> str:
    """A gated recurrent unit with an initial state."""
    rng = np.random.default_rng(1)
    lines = [
        f"{kind}{g} ~ N(0, {v})"
        for g in "zrc"
        for kind, v in (("embedding U", "1/d"), ("matrix W", "1/n"), ("vector b", "0.1"))
    ]
    lines += ["vector h0 ~ N(0, 1)"]
    lines += [f"input xi{k} = {rng.standard_normal(3).round(3).tolist()}" for k in range(1, steps + 1)]
    for k in range(1, steps + 1):
        lines += [f"u{g}{k} = U{g} @ xi{k}" for g in "zrc"]
        lines += [f"w{g}{k} = W{g} @ h{k - 1}" for g in "zr"]
        lines += [f"{g}{k} = sigmoid(u{g}{k} + w{g}{k} + b{g})" for g in "zr"]
        lines += [f"rh{k} = r{k}*h{k - 1}", f"wc{k} = Wc @ rh{k}", f"c{k} = tanh(uc{k} + wc{k} + bc)"]
        lines += [f"h{k} = (1 - z{k})*h{k - 1} + z{k}*c{k}"]
    return "\n".join(lines) + "\n"


def chain(instructions: int = 1000) -> str:
    """A long chain of tanh layers with two matrices in turn."""
    lines = ["matrix W ~ N(0, 1.2/n)", "matrix V ~ N(0, 1/n)", "vector x0 ~ N(0, 1)"]
    k = 0
    while len(lines) < instructions:
        lines += [f"h{k} = {'WV'[k % 2]} @ x{k}", f"x{k + 1} = tanh(h{k})"]
        k += 1
    return "\n".join(lines[:instructions]) + "\n"
