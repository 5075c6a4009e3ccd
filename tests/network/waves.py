"""Random reduced programs whose every expectation has a closed form of its own here: vectors are sums of waves c·∏ g^k·exp(i a·g) over
G-vars, closed under sums, products and derivatives, and Gaussian means of waves follow from Stein's lemma. Paths are enumerated
from the definition. Nothing is shared with tpviz."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

Monomial = tuple[tuple[str, int], ...]
Frequency = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Wave:
    terms: dict[tuple[Monomial, Frequency], complex]

    @staticmethod
    def of(name: str) -> Wave:
        return Wave({(((name, 1),), ()): 1.0})

    @staticmethod
    def constant(c: float) -> Wave:
        return Wave({((), ()): c})

    def __add__(self, other: Wave) -> Wave:
        out = defaultdict(complex, self.terms)
        for k, c in other.terms.items():
            out[k] += c
        return Wave(dict(out))

    def __mul__(self, other: Wave) -> Wave:
        out: dict = defaultdict(complex)
        for (m1, f1), c1 in self.terms.items():
            for (m2, f2), c2 in other.terms.items():
                out[_sum(m1, m2), _sum(f1, f2)] += c1 * c2
        return Wave(dict(out))

    def times(self, c: complex) -> Wave:
        return Wave({k: c * x for k, x in self.terms.items()})

    def turned(self, sign: int) -> Wave:
        """exp(± i self) of a linear one."""
        return Wave({((), tuple(sorted((m[0][0], sign * c.real) for (m, _), c in _complex(self.terms)))): 1.0})

    def sin(self) -> Wave:
        return self.turned(1).times(-0.5j) + self.turned(-1).times(0.5j)

    def cos(self) -> Wave:
        return self.turned(1).times(0.5) + self.turned(-1).times(0.5)

    def slope(self, g: str) -> Wave:
        out: dict = defaultdict(complex)
        for (m, f), c in self.terms.items():
            if k := dict(m).get(g):
                out[_sum(m, ((g, -1),)), f] += c * k
            if a := dict(f).get(g):
                out[m, f] += c * 1j * a
        return Wave(dict(out))

    @property
    def linear(self) -> bool:
        return all(f == () and len(m) == 1 and m[0][1] == 1 for m, f in self.terms)

    @property
    def degree(self) -> int:
        return max(sum(k for _, k in m) for m, _ in self.terms)

    def renamed(self, suffix: int) -> Wave:
        def name(pairs):
            return tuple((f"{x}@{suffix}", k) for x, k in pairs)

        return Wave({(name(m), name(f)): c for (m, f), c in self.terms.items()})


def _complex(terms):
    return [(k, complex(c)) for k, c in terms.items()]


def _sum(a, b):
    out: dict = defaultdict(int)
    for x, k in (*a, *b):
        out[x] += k
    return tuple(sorted((x, k) for x, k in out.items() if k))


@dataclass
class Vector:
    name: str
    text: str  # the line
    width: str
    wave: Wave | None = None  # of a Nonlin or LinComb, over G-vars; None for a G-var of its own
    source: tuple = ()  # ("embed", U, xi) | ("bias", b) | ("product", W, transposed, x)
    reads: frozenset[str] = frozenset()  # the G-vars it depends on inside its layer


@dataclass
class RandomProgram:
    """Two classes, shared matrices, skips through Nonlins of several vectors, chains in between, biases, inputs, readout terms."""

    seed: int
    both_ways: bool = False
    size: tuple[int, int] = (8, 24)
    lines: list[str] = field(default_factory=list)
    vectors: dict[str, Vector] = field(default_factory=dict)

    def __post_init__(self):
        rng = self.rng = np.random.default_rng([self.seed, 17])
        self.ratio = float(rng.choice([1.0, 2.0, 0.5]))
        self.variance = {k: float(v) for k, v in zip(["U", "T", "W", "V", "A", "b", "c", "v", "c0"],
                                                   rng.choice([0.5, 0.8, 1.0, 1.3], 9), strict=True)}  # fmt: skip
        self.mean = {"b": float(rng.choice([0, 0.3])), "c": 0.0}
        s = self.variance
        self.shape = {"W": ("n", "n"), "V": ("n", "n"), "A": ("m", "n")}
        self.inputs = ["xi1", "xi2"][: rng.integers(1, 3)]
        self.lines = [f"width m = {self.ratio}*n", *[f"input {x}" for x in self.inputs]]
        self.lines += [f"embedding {u} ~ N(0, {s[u]}/d)" for u in "UT"]
        self.lines += [f"matrix {a} : {r} x {c} ~ N(0, {s[a]}/{c})" for a, (r, c) in self.shape.items()]
        self.lines += [f"vector b ~ N({self.mean['b']}, {s['b']})", f"vector c : m ~ N(0, {s['c']})", f"readout v ~ N(0, {s['v']})",
                       f"bias c0 ~ N(0, {s['c0']})"]  # fmt: skip
        # a matrix goes one way, unless both ways are asked for
        self.ways = {a: [False, True] if self.both_ways else [bool(rng.integers(2))] for a in self.shape}
        for k, x in enumerate(self.inputs):
            u = str(rng.choice(["U", "T"]))
            self.add(Vector(f"u{k}", f"u{k} = {u} @ {x}", "n", source=("embed", u, x)))
        for name, width in (("b", "n"), ("c", "m")):
            self.add(Vector(name, "", width, source=("bias", name)))
        for k in range(int(rng.integers(*self.size))):
            self.add(self.product(f"h{k}") if rng.random() < 0.45 else self.nonlin(f"x{k}"))
        n = [x for x in self.vectors.values() if x.width == "n"]
        last = n[-1]
        self.terms = [(last.name, 1.0)]
        if rng.random() < 0.6:
            self.terms.append((str(rng.choice([x.name for x in n[:-1]])), 0.7))
        self.bias = 2.0 if rng.random() < 0.5 else 0.0
        text = " + ".join(f"{c}*v.T @ {x} / sqrt(n)" for x, c in self.terms) + (" + 2*c0" if self.bias else "")
        self.lines.append(f"output f = {text}")

    def add(self, x: Vector) -> None:
        if x.source:
            x.wave, x.reads = Wave.of(x.name), frozenset([x.name])
        self.vectors[x.name] = x
        if x.text:
            self.lines.append(x.text)

    def choose(self, width: str, fits=lambda x: True) -> Vector:
        have = [x for x in self.vectors.values() if x.width == width and fits(x)]
        weights = 0.4 ** np.arange(len(have))[::-1]  # recent ones more often: depth
        return have[self.rng.choice(len(have), p=weights / weights.sum())]

    def product(self, name: str) -> Vector:
        matrix = str(self.rng.choice(list(self.shape), p=[0.45, 0.4, 0.15]))
        flip = bool(self.rng.choice(self.ways[matrix]))
        rows, columns = self.shape[matrix]
        out, into = (columns, rows) if flip else (rows, columns)
        x = self.choose(into)
        return Vector(name, f"{name} = {matrix}{'.T' * flip} @ {x.name}", out, source=("product", matrix, flip, x.name))

    def nonlin(self, name: str) -> Vector:
        width = str(self.rng.choice(["n", "m"], p=[0.85, 0.15]))
        small = self.choose(width, lambda x: x.wave.degree <= 2 and len(x.wave.terms) <= 4)
        linear = self.choose(width, lambda x: x.wave.linear)
        any_ = self.choose(width, lambda x: len(x.wave.terms) <= 6)
        form = int(self.rng.choice(7, p=[0.1, 0.1, 0.1, 0.2, 0.15, 0.1, 0.25]))
        a = linear if form in (0, 1, 6) else small
        b = self.choose(
            width, lambda x: x.wave.degree <= 1 and len(x.wave.terms) <= 4 and (x is not a or x.name in "bc")
        )
        if form == 0:
            text, wave, read = f"sin({a.name})", a.wave.sin(), [a]
        elif form == 1:
            text, wave, read = f"cos({a.name}) + 0.5*{a.name}", a.wave.cos() + a.wave.times(0.5), [a]
        elif form == 2:
            text, wave, read = f"0.4*{a.name}**2 + 0.3", (a.wave * a.wave).times(0.4) + Wave.constant(0.3), [a]
        elif form == 3:
            text, wave, read = f"0.6*{a.name}*{b.name}", (a.wave * b.wave).times(0.6), [a, b]
        elif form == 4:
            text, wave, read = f"0.9*{a.name} - 1.1*{b.name}", a.wave.times(0.9) + b.wave.times(-1.1), [a, b]
        elif form == 5:
            text, wave, read = f"{any_.name}", any_.wave, [any_]  # an alias
        else:
            text, wave, read = f"sin(0.7*{a.name}) + 0.8*{b.name}", a.wave.times(0.7).sin() + b.wave.times(0.8), [a, b]
        return Vector(name, f"{name} = {text}", width, wave, reads=frozenset().union(*(x.reads for x in read)))

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    # paths, from the definition

    def paths(self) -> list[tuple[tuple[str, ...], tuple[str, ...], str]]:
        """(word, vertices, readout) of every path that ends at the readout."""
        products = defaultdict(list)  # x -> [(matrix as written, g)]
        out, open_ = [], []
        for g in self.vectors.values():
            match g.source:
                case ("embed", U, xi):
                    open_.append(((U,), (xi, g.name)))
                case ("bias", b):
                    open_.append(((b,), (b,)))
                case ("product", W, flip, x):
                    written = W + ".T" * flip
                    products[x].append((written, g.name))
                    open_.append(((written,), (x, g.name)))
        readouts = dict(self.terms)
        out += [((), (x,), "v") for x in readouts]
        if self.bias:
            out.append((("c0",), ("c0",), ""))
        while open_:
            word, vertices = open_.pop()
            for x in self.vectors.values():
                if vertices[-1] in x.reads:
                    if x.name in readouts:
                        out.append((word, (*vertices, x.name), "v"))
                    open_ += [((*word, W), (*vertices, x.name, g)) for W, g in products[x.name]]
            if len(out) > 4000:
                break
        return out

    # expectations, forward passes without W and Wᵀ both: every G-var is Gaussian

    def factor(self, matrix: str) -> float:
        """σ², and r σ² of a transpose."""
        base, flip = matrix.removesuffix(".T"), matrix.endswith(".T")
        rows, columns = self.shape[base]
        r = {"n": 1.0, "m": self.ratio}
        return self.variance[base] * (r[rows] / r[columns] if flip else 1.0)

    def at(self, points: list[dict[str, np.ndarray]]) -> Expectations:
        return Expectations(self, points)


class Expectations:
    """E of products of waves, `x@i` the vector x on input i."""

    def __init__(self, program: RandomProgram, points):
        self.program, self.points = program, points

    @cache  # noqa: B019
    def covariance(self, a: str, b: str) -> float:
        (g, i), (h, j) = a.split("@"), b.split("@")
        p = self.program
        match p.vectors[g].source, p.vectors[h].source:
            case ("embed", U, x), ("embed", T, y) if U == T:
                xi, eta = self.points[int(i)][x], self.points[int(j)][y]
                return p.variance[U] * float(xi @ eta) / xi.size
            case ("bias", b1), ("bias", b2) if b1 == b2:
                return p.variance[b1]
            case ("product", W, f1, x), ("product", V, f2, y) if (W, f1) == (V, f2):
                return p.factor(W + ".T" * f1) * self.second(x, int(i), y, int(j))
        return 0.0

    def mean_of(self, a: str) -> float:
        return self.program.mean.get(a.split("@")[0], 0.0)

    @cache  # noqa: B019
    def second(self, x: str, i: int, y: str, j: int) -> float:
        p = self.program.vectors
        return self.expectation(p[x].wave.renamed(i) * p[y].wave.renamed(j))

    @cache  # noqa: B019
    def slopes(self, x: str, g: str, i: int, y: str, h: str, j: int) -> float:
        p = self.program.vectors
        return self.expectation(p[x].wave.slope(g).renamed(i) * p[y].wave.slope(h).renamed(j))

    def expectation(self, wave: Wave) -> float:
        total = 0j
        for (m, f), c in wave.terms.items():
            turn = sum(1j * a * self.mean_of(x) for x, a in f)
            turn -= 0.5 * sum(a * b * self.covariance(x, y) for x, a in f for y, b in f)
            shift = {x: self.mean_of(x) + 1j * sum(a * self.covariance(x, y) for y, a in f) for x, _ in m}
            total += c * np.exp(turn) * self.wick(m, shift)
        assert abs(total.imag) < 1e-10 * (1 + abs(total.real))
        return total.real

    def wick(self, m: Monomial, shift: dict[str, complex]) -> complex:
        """E ∏ (g + shift)^k, g centred."""
        if not m:
            return 1.0
        x = m[0][0]
        rest = _sum(m, ((x, -1),))
        out = shift[x] * self.wick(rest, shift)
        for y, k in rest:
            if s := self.covariance(x, y):
                out += s * k * self.wick(_sum(rest, ((y, -1),)), shift)
        return out

    def product_of(self, p, q, i: int, j: int) -> float:
        """⟨p, q⟩ on inputs i and j, (95) with its variances."""
        (word, a, v), (other, b, w) = p, q
        prog = self.program
        if word != other or v != w:
            return 0.0
        if word == ("c0",) and v == "":
            return prog.variance["c0"] * prog.bias**2
        if word == ():
            out = self.second(a[0], i, b[0], j)
        elif word[0] in ("b", "c"):
            out = prog.variance[word[0]]
        elif word[0] in ("U", "T"):
            out = self.covariance(f"{a[1]}@{i}", f"{b[1]}@{j}")
        else:
            out = self.covariance(f"{a[1]}@{i}", f"{b[1]}@{j}")  # σ² E[x x']
        start = 0 if word and word[0] in ("b", "c") else 1
        if word:
            for k in range(start, len(a) - 1, 2):
                out *= self.slopes(a[k + 1], a[k], i, b[k + 1], b[k], j)
            for matrix in word[1:]:
                out *= prog.factor(matrix)
        terms = dict(prog.terms)
        return out * prog.variance["v"] * terms[a[-1]] * terms[b[-1]]


@dataclass
class Enumerated:
    """The paths of a program by word."""

    program: RandomProgram

    @cached_property
    def words(self) -> dict[tuple[str, ...], list]:
        out = defaultdict(list)
        for p in self.program.paths():
            out[p[0]].append(p)
        return dict(out)

    @property
    def count(self) -> int:
        return sum(len(x) for x in self.words.values())

    @property
    def pairs(self) -> int:
        return sum(len(x) ** 2 for x in self.words.values())

    def kernel(self, points) -> np.ndarray:
        at = self.program.at(points)
        N = len(points)
        return np.array([
            [sum(at.product_of(p, q, i, j) for ps in self.words.values() for p in ps for q in ps) for j in range(N)] for i in range(N)
        ])  # fmt: skip
