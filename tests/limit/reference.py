"""Expectations by quadrature that shares nothing with tpviz, the known results of theory.md, and random programs."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
REACH = 14.0  # standard deviations: the Gaussian weight there is 1e-43


def panels(breakpoints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Composite Gauss–Legendre nodes and weights between sorted breakpoints, (..., k+1) -> (..., k*24) twice."""
    half = np.diff(breakpoints)[..., None] / 2
    middle = (breakpoints[..., 1:] + breakpoints[..., :-1])[..., None] / 2
    shape = (*breakpoints.shape[:-1], -1)
    return (middle + half * NODES).reshape(shape), (half * WEIGHTS).reshape(shape)


def normal_density(z):
    return np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def mean_of(f: Callable, mean: float = 0.0, variance: float = 1.0, kinks: Sequence[float] = (0.0,)) -> float:
    """E f(u), u ~ N(mean, variance); `kinks` are the points where f is not smooth."""
    if variance == 0:
        return float(f(np.array([mean]))[0])
    sd = math.sqrt(variance)
    inner = [(kink - mean) / sd for kink in kinks if abs(kink - mean) < REACH * sd]
    z, w = panels(np.sort(np.concatenate([np.linspace(-REACH, REACH, 113), inner])))
    return float(np.sum(w * normal_density(z) * f(mean + sd * z)))


def mean_of_pair(
    f: Callable, mean: Sequence[float], covariance, kinks: tuple[Sequence[float], Sequence[float]] = ((0.0,), (0.0,))
) -> float:
    """E f(u, v), a Gaussian pair: v given u inside, panels cut at the kinks in both, finer where v's passes."""
    (a2, c), (_, b2) = covariance
    if a2 == 0:
        return mean_of(lambda v: f(np.full_like(v, mean[0]), v), mean[1], b2, kinks[1])
    a, slope = math.sqrt(a2), c / a2
    # Var(v | u), exact: near correlation 1 the difference of the floats has no correct digit
    rest = float((Fraction(a2) * Fraction(b2) - Fraction(c) ** 2) / Fraction(a2))
    if rest <= 0:
        crossings = [mean[0] + (kink - mean[1]) / slope for kink in kinks[1]]
        return mean_of(lambda u: f(u, mean[1] + slope * (u - mean[0])), mean[0], a2, [*kinks[0], *crossings])
    s = math.sqrt(rest)
    cuts = [(kink - mean[0]) / a for kink in kinks[0]]
    for kink in kinks[1]:
        if slope:
            centre = (kink - mean[1]) / (slope * a)  # where v's conditional mean meets the kink
            width = s / abs(slope * a)
            steps = width * 1.6 ** np.arange(-2, 60)
            cuts += [centre, *(centre + steps), *(centre - steps)]
            cuts += list(centre + width * np.linspace(-10, 10, 21))
    outer = np.unique(np.clip(np.concatenate([np.linspace(-REACH, REACH, 57), cuts]), -REACH, REACH))
    z, w = panels(outer)
    u = mean[0] + a * z
    conditional = mean[1] + slope * (u - mean[0])
    marks = np.broadcast_to(np.linspace(-REACH, REACH, 43), (len(u), 43))
    inside = [np.clip((kink - conditional) / s, -REACH, REACH)[:, None] for kink in kinks[1]]
    y, wy = panels(np.sort(np.concatenate([marks, *inside], axis=1), axis=1))
    values = f(np.broadcast_to(u[:, None], y.shape), conditional[:, None] + s * y)
    return float(np.sum(w * normal_density(z) * np.sum(wy * normal_density(y) * values, axis=1)))


CATALAN = (1, 2, 5, 14)

HEAD = "matrix W ~ N(0, 1/n)\nvector x ~ N(0, 1)\n"

# The table "Checks worth keeping at hand" of theory.md §2: name -> (program, {(vector, vector): E Z Z'}, {product: Ż}).
KNOWN = {
    "W W x": (
        HEAD + "g = W @ x\nh = W @ g\n",
        {("g", "g"): 1, ("g", "h"): 0, ("h", "h"): 1, ("h", "x"): 0},
        {"g": {}, "h": {}},
    ),
    "W' W x with an independent copy": (
        HEAD + "matrix V ~ N(0, 1/n)\ng = W @ x\nh = V @ g\n",
        {("g", "g"): 1, ("g", "h"): 0, ("h", "h"): 1, ("h", "x"): 0},
        {"g": {}, "h": {}},
    ),
    "W WT x": (
        HEAD + "y = W.T @ x\nh = W @ y\n",
        {("h", "h"): 2, ("h", "x"): 1},
        {"h": {"x": 1}},
    ),
    "W relu(WT x)": (
        HEAD + "y = W.T @ x\na = relu(y)\nh = W @ a\n",
        {("a", "a"): 0.5, ("h", "h"): 0.75, ("h", "x"): 0.5},
        {"h": {"x": 0.5}},
    ),
    "W step(WT x)": (
        HEAD + "y = W.T @ x\na = step(y)\nh = W @ a\n",
        {("h", "h"): 0.5 + 1 / (2 * math.pi), ("h", "x"): 1 / math.sqrt(2 * math.pi)},
        {"h": {"x": 1 / math.sqrt(2 * math.pi)}},
    ),
    "W (WT x)**3": (
        HEAD + "y = W.T @ x\na = y**3\nh = W @ a\n",
        {("h", "h"): 24, ("h", "x"): 3},
        {"h": {"x": 3}},
    ),
    "(W WT)**k x": (
        HEAD
        + (
            "y1 = W.T @ x\nx1 = W @ y1\ny2 = W.T @ x1\nx2 = W @ y2\ny3 = W.T @ x2\nx3 = W @ y3\n"
            "y4 = W.T @ x3\nx4 = W @ y4\n"
        ),
        {("x", f"x{k}"): CATALAN[k - 1] for k in (1, 2, 3, 4)},
        {"x1": {"x": 1}},
    ),
    "AT A v": (
        "matrix A ~ N(0, 1/n)\nvector v ~ N(0, 1)\ny = A @ v\nx = A.T @ y\n",
        {("x", "v"): 1, ("x", "x"): 2},
        {"x": {"v": 1}},
    ),
    "W relu(W x), mean 0": (
        HEAD + "g = W @ x\na = relu(g)\nh = W @ a\n",
        {("g", "h"): 0, ("x", "a"): 0, ("h", "h"): 0.5},
        {"h": {}},
    ),
    # E Z^x Z^{relu(g)} = 1 * E relu(sqrt(5) N) = sqrt(5/(2π)) for x ~ N(1, 4)
    "W relu(W x), mean 1": (
        "matrix W ~ N(0, 1/n)\nvector x ~ N(1, 4)\ng = W @ x\na = relu(g)\nh = W @ a\n",
        {("g", "h"): math.sqrt(5 / (2 * math.pi)), ("g", "g"): 5, ("h", "h"): 2.5},
        {"h": {}},
    ),
}

# Every row at once, with one matrix W (and one copy), for runs in which a matrix is expensive; x1, …, x4 are
# (W WT)**k x.
EVERY_ROW = (
    HEAD
    + (
        "matrix V ~ N(0, 1/n)\ng = W @ x\nh = W @ g\nc = V @ g\ny1 = W.T @ x\nx1 = W @ y1\n"
        "a1 = relu(y1)\nh1 = W @ a1\na2 = step(y1)\nh2 = W @ a2\n"
    )
    + (
        "a3 = y1**3\nh3 = W @ a3\ny2 = W.T @ x1\nx2 = W @ y2\ny3 = W.T @ x2\nx3 = W @ y3\n"
        "y4 = W.T @ x3\nx4 = W @ y4\nv1 = W.T @ g\na4 = relu(g)\nh4 = W @ a4\n"
    )
    + "m = 1 + 2*x\nk = W @ m\na5 = relu(k)\nh5 = W @ a5\n"
)
EVERY_VALUE = {
    ("g", "h"): 0,
    ("h", "h"): 1,
    ("g", "c"): 0,
    ("c", "c"): 1,
    ("x1", "x1"): 2,
    ("x1", "x"): 1,
    ("h1", "h1"): 0.75,
    ("h1", "x"): 0.5,
    ("h2", "h2"): 0.5 + 1 / (2 * math.pi),
    ("h2", "x"): 1 / math.sqrt(2 * math.pi),
    ("h3", "h3"): 24,
    ("h3", "x"): 3,
    ("x", "x2"): 2,
    ("x", "x3"): 5,
    ("x", "x4"): 14,
    ("v1", "x"): 1,
    ("v1", "v1"): 2,
    ("g", "h4"): 0,
    ("x", "a4"): 0,
    ("k", "h5"): math.sqrt(5 / (2 * math.pi)),
}


def random_program(seed: int, products_only: bool = False) -> str:
    """4–8 instructions with W, W.T, relu, tanh, step, square, LinComb, Moment.

    At most one square on a path, so that moments stay moderate.
    """
    rng = np.random.default_rng(seed)
    variance = rng.choice([0.5, 1.0, 1.5])
    lines = [
        f"matrix W ~ N(0, {variance}/n)",
        f"vector x0 ~ N({rng.choice([0.0, 0.0, 0.5])}, 1)",
        "vector x1 ~ N(0, 1)",
    ]
    squares = {"x0": 0, "x1": 0}
    scalars: list[str] = []
    count = int(rng.integers(4, 9))
    for i in range(2, 2 + count):
        x = str(rng.choice(list(squares)))
        y = str(rng.choice(list(squares)))
        form = rng.choice(["W", "W", "W.T", "W.T", "relu", "tanh", "step", "square", "sum", "mean", "scaled"])
        name, made = f"x{i}", squares[x]
        if form in ("W", "W.T"):
            lines.append(f"{name} = {form} @ {x}")
        elif form in ("relu", "tanh", "step"):
            lines.append(f"{name} = {form}({x})")
            made = 0 if form != "relu" else made
        elif form == "square" and made == 0:
            lines.append(f"{name} = {x}**2 - 0.5*{x}")
            made = 1
        elif form == "mean" and not products_only:
            lines.append(f"q{i} = mean({x}*{y})")
            scalars.append(f"q{i}")
            continue
        elif form == "scaled" and scalars and not products_only:
            lines.append(f"{name} = tanh({scalars[-1]}*{x})")
            made = 0
        else:
            lines.append(f"{name} = 0.5*{x} - {y}" if x != y else f"{name} = -{x}")
            made = max(made, squares[y])
        squares[name] = made
    return "\n".join(lines) + "\n"
