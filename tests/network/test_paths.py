"""Paths: counts, words, isomorphic pairs and their sum against enumeration from the definition on 200 random programs."""

import itertools
import math

import numpy as np
import pytest

import tpviz as tp
from tests.network import networks
from tests.network.waves import Enumerated, RandomProgram
from tpviz import network

RANDOM = [RandomProgram(seed, both_ways=seed % 4 == 3) for seed in range(140)]
LONG = [RandomProgram(seed, both_ways=seed % 2 == 1, size=(25, 45)) for seed in range(1000, 1060)]
MOST_PATHS, MOST_PAIRS = 3000, 1200


def points_of(random: RandomProgram, count: int = 2):
    rng = np.random.default_rng(random.seed)
    return [{x: rng.standard_normal(3) for x in random.inputs} for _ in range(count)]


def stacked(points) -> dict[str, np.ndarray]:
    return {x: np.array([p[x] for p in points]) for x in points[0]}


def listed(paths) -> list[tuple]:
    return sorted((p.word, p.vertices, p.readout) for p in paths)


def enumerated(programs, most_pairs=math.inf):
    for random in programs:
        exact = Enumerated(random)
        if exact.count <= MOST_PATHS and exact.pairs <= most_pairs:
            yield random, exact


def test_the_random_programs_hold_what_they_should():
    texts = [r.text for r in RANDOM]
    for piece in ("xi2", ".T @", "sin(", "**2", "= 2.0*n", "= 0.5*n", "+ 2*c0", "0.7*v.T @", "W @", "A @", "A.T @"):
        assert sum(piece in t for t in texts) >= 20, piece
    counts = sorted(e.count for _, e in enumerated(RANDOM + LONG))
    assert len(counts) > 180
    assert counts[len(counts) // 2] > 12
    assert counts[-5] > 100
    assert sum(e.pairs > e.count for _, e in enumerated(RANDOM)) > 60


@pytest.mark.parametrize("group", [RANDOM, LONG], ids=["short", "long"])
def test_counts_words_and_pairs(group):
    for random, exact in enumerated(group):
        paths = tp.paths(tp.parse(random.text))
        assert paths.count == exact.count, random.text
        assert dict(paths.words()) == {w: len(p) for w, p in exact.words.items()}, random.text
        assert paths.pairs == exact.pairs, random.text
        counts = [c for _, c in paths.words()]
        assert counts == sorted(counts, reverse=True)  # heaviest first


@pytest.mark.parametrize("group", [RANDOM[:60], LONG[:15]], ids=["short", "long"])
def test_every_path_is_listed_once(group):
    for random, exact in enumerated(group):
        paths = tp.paths(tp.parse(random.text))
        assert listed(paths) == sorted(random.paths()), random.text
        for word, same in list(exact.words.items())[:4]:
            assert listed(paths.of_word(word)) == sorted(same), word
            path = next(iter(paths.of_word(word)))
            assert listed(paths.isomorphic(path)) == sorted(same)


@pytest.mark.parametrize("start", range(0, 140, 35))
def test_the_sum_over_isomorphic_pairs(start):
    """The kernel by paths is the enumerated sum, and the NTK itself, where no matrix goes both ways."""
    compared = 0
    for random, exact in enumerated(RANDOM[start : start + 35], MOST_PAIRS):
        if random.both_ways:
            continue
        program, points = tp.parse(random.text), points_of(random)
        kernel = exact.kernel(points)
        scale = np.sqrt(np.outer(np.diag(kernel), np.diag(kernel)))
        X = stacked(points)
        assert (np.abs(tp.ntk_by_paths(program, X) - kernel) <= 1e-9 * scale).all(), random.text
        assert (np.abs(tp.ntk(program, X) - kernel) <= 1e-9 * scale).all(), random.text
        compared += 1
    assert compared > 20


def test_a_sum_over_trainable_parameters():
    """Only words that start with the parameter: the matrix itself, its transpose, an input's embedding, a bias; () for the readout."""
    for random, exact in itertools.islice(enumerated(RANDOM, 300), 0, 60, 5):
        if random.both_ways:
            continue
        program, points = tp.parse(random.text), points_of(random)
        X, at = stacked(points), random.at(points)
        total = tp.ntk_by_paths(program, X)
        first = {w[0].removesuffix(".T") if w else "v" for w in exact.words}
        parts = {p: tp.ntk_by_paths(program, X, trainable=[p]) for p in first}
        for p, part in parts.items():
            chosen = [ps for w, ps in exact.words.items() if (w[0].removesuffix(".T") if w else "v") == p]
            value = sum(at.product_of(a, b, 0, 1) for ps in chosen for a in ps for b in ps)
            assert part[0, 1] == pytest.approx(value, rel=1e-9, abs=1e-9 * np.abs(total).max()), (p, random.text)
        np.testing.assert_allclose(sum(parts.values()), total, rtol=1e-9, atol=1e-12)


def test_products_of_two_paths():
    """Every pair of some programs, isomorphic or not, and the sum of all is the kernel."""
    compared = 0
    for random, _ in enumerated(RANDOM, 40):
        if random.both_ways or len(random.inputs) != 1 + compared % 2 or compared >= 4:
            continue
        program, points = tp.parse(random.text), points_of(random)
        at = random.at(points)
        paths = list(tp.paths(program))
        products = network.PathProducts(program, *points)
        total = 0.0
        for k, (p, q) in enumerate(itertools.product(paths, paths)):
            value = at.product_of((p.word, p.vertices, p.readout), (q.word, q.vertices, q.readout), 0, 1)
            got = products.product(p, q)
            assert got == pytest.approx(value, rel=1e-9, abs=1e-11), (p, q, random.text)
            if p.word != q.word:
                assert got == 0.0
            if k % 11 == 0:  # the same by functions that plan anew each time
                assert tp.path_product(program, p, q, *points) == got
                factors = network.path_factors(program, p, q, *points)
                assert math.prod(f.value for f in factors) == pytest.approx(got, rel=1e-12, abs=1e-300)
            total += got
        assert total == pytest.approx(tp.ntk_by_paths(program, stacked(points))[0, 1], rel=1e-9)
        compared += 1
    assert compared == 4


def test_contributions_of_words():
    compared = 0
    for random, exact in enumerated(RANDOM, 300):
        if random.both_ways or exact.count < 12 or compared == 6:
            continue
        program, points = tp.parse(random.text), points_of(random)
        at = random.at(points)
        shares = list(tp.paths(program).contributions(*points))
        assert {s.word for s in shares} == set(exact.words)
        for s in shares:
            same = exact.words[s.word]
            assert (s.paths, s.pairs) == (len(same), len(same) ** 2)
            value = sum(at.product_of(p, q, 0, 1) for p in same for q in same)
            assert s.value == pytest.approx(value, rel=1e-9, abs=1e-11)
        sizes = [abs(s.value) for s in shares]
        assert all(a >= b * (1 - 1e-9) - 1e-12 for a, b in itertools.pairwise(sizes))  # largest first
        assert [s.word for s in tp.paths(program).contributions(*points, limit=3)] == [s.word for s in shares[:3]]
        compared += 1
    assert compared == 6


# networks whose paths are counted by hand

MLP = networks.mlp(2, "relu", bias=0.1, output_bias=0.2)


def test_the_paths_of_an_mlp():
    paths = tp.paths(tp.parse(MLP))
    assert listed(paths) == sorted([
        (("U", "W2"), ("xi", "u1", "x1", "u2", "x2"), "v"),
        (("W2",), ("x1", "u2", "x2"), "v"),
        (("b1", "W2"), ("b1", "x1", "u2", "x2"), "v"),
        (("b2",), ("b2", "x2"), "v"),
        ((), ("x2",), "v"),
        (("c0",), ("c0",), ""),
    ])  # fmt: skip
    assert (paths.count, paths.pairs) == (6, 6)
    path = next(iter(paths))
    assert hash(path) == hash(next(iter(paths)))
    assert path in set(paths)


def test_the_paths_of_a_tied_rnn():
    """From step t on W is passed T − t times, after U, after b, or in its own right: one path for each word."""
    T = 6
    paths = tp.paths(tp.parse(networks.rnn(T)))
    assert dict(paths.words()) == {
        (): 1,
        **{("U", *["W"] * k): 1 for k in range(T)},
        **{("b", *["W"] * k): 1 for k in range(T)},
        **{("W",) * k: 1 for k in range(1, T)},
    }
    paths = tp.paths(tp.parse(networks.rnn(T, output="sum")))  # read out at every step: T − k of each
    assert dict(paths.words()) == {
        (): T,
        **{("U", *["W"] * k): T - k for k in range(T)},
        **{("b", *["W"] * k): T - k for k in range(T)},
        **{("W",) * k: T - k for k in range(1, T)},
    }


def test_a_residual_network_of_30_layers():
    """A subset of the layers is passed: 2³⁰ paths from U, 2^{30−l} from W_l, and the readout's own: 2³¹, no two isomorphic."""
    program = tp.parse(networks.resnet(30, "relu"))
    paths = tp.paths(program)
    assert paths.count == paths.pairs == 2**31
    first = list(paths.words(limit=5))
    assert len(first) == 5
    assert {c for _, c in first} == {1}
    assert len(list(itertools.islice(paths, 7))) == 7
    # at ξ = ξ': m = E x, K = E x², E relu(h) = √(K/2π), E relu² = K/2, E step² = 1/2, h independent of x
    X = np.array([[1.0, -2.0, 0.5]])
    m, K = 0.0, float((X @ X.T)[0, 0]) / 3
    T = K
    for _ in range(30):
        r = math.sqrt(K / (2 * math.pi))
        m, K, T = m + r, 1.5 * K + 2 * m * r, 1.5 * T + 0.5 * K
    assert tp.ntk_by_paths(program, X)[0, 0] == pytest.approx(K + T, rel=1e-10)
    assert tp.ntk(program, X)[0, 0] == pytest.approx(K + T, rel=1e-10)


def test_a_tied_residual_network():
    """x_{l+1} = x_l + φ(W x_l), one W: words are (U, W^k) with C(L, k) paths, W^k with C(L, k) too; (): 1."""
    L = 40
    lines = ["input xi", "embedding U ~ N(0, 1/d)", "matrix W ~ N(0, 0.5/n)", "readout v ~ N(0, 1)", "x0 = U @ xi"]
    for k in range(1, L + 1):
        lines += [f"h{k} = W @ x{k - 1}", f"x{k} = x{k - 1} + tanh(h{k})"]
    program = tp.parse("\n".join([*lines, f"output f = v.T @ x{L} / sqrt(n)"]))
    paths = tp.paths(program)
    exact = {
        (): 1,
        **{("U", *["W"] * k): math.comb(L, k) for k in range(L + 1)},
        **{("W",) * k: math.comb(L, k) for k in range(1, L + 1)},
    }
    assert dict(paths.words()) == exact
    assert paths.count == 2 ** (L + 1) == sum(exact.values())
    assert paths.pairs == sum(c * c for c in exact.values()) == 2 * math.comb(2 * L, L)
    heaviest = list(paths.words(limit=2))
    assert {w for w, _ in heaviest} == {("U", *["W"] * (L // 2)), ("W",) * (L // 2)}
    assert [c for _, c in heaviest] == [math.comb(L, L // 2)] * 2


def test_words_and_paths_are_lazy():
    """Words of 2⁶⁰ paths: a few of them cost nothing."""
    paths = tp.paths(tp.parse(networks.resnet(60)))
    assert paths.count == 2**61
    words = paths.words(limit=5)
    assert iter(words) is iter(words)
    assert len(list(words)) == 5
    assert len(list(itertools.islice(paths.words(), 3))) == 3
    path = next(iter(paths))
    assert list(paths.isomorphic(path)) == [path]
    assert list(paths.of_word(("W60",))) == [p for p in paths.of_word(("W60",)) if p.word == ("W60",)]


def test_words_of_a_limit():
    paths = tp.paths(tp.parse(networks.rnn(5, output="sum")))
    every = list(paths.words())
    for limit in (0, 1, 4, len(every), 1000):
        assert list(paths.words(limit=limit)) == every[:limit]
    assert list(paths.words(None)) == every


def test_the_kernel_of_a_tied_rnn_by_paths():
    """No transposes: path sum and NTK agree for several sequences."""
    rng = np.random.default_rng(0)
    X = {f"xi{t}": rng.standard_normal((3, 2)) for t in (1, 2, 3, 4)}
    for phi, output in (("relu", "sum"), ("erf", "last"), ("tanh", "sum")):
        program = tp.parse(networks.rnn(4, phi, output))
        np.testing.assert_allclose(tp.ntk_by_paths(program, X), tp.ntk(program, X), rtol=1e-9)
        np.testing.assert_allclose(
            tp.ntk_by_paths(program, half(X, slice(0, 2)), half(X, slice(1, 3))), tp.ntk(program, X)[:2, 1:], rtol=1e-9
        )


def half(X, rows):
    return {k: x[rows] for k, x in X.items()}


def test_a_convolution_by_paths():
    rng = np.random.default_rng(1)
    X = {f"xi{p}": rng.standard_normal((2, 3)) for p in range(4)}
    program = tp.parse(networks.cnn(4, "relu", layers=3))
    np.testing.assert_allclose(tp.ntk_by_paths(program, X), tp.ntk(program, X), rtol=1e-9)
    # 3 offsets at each of 3 layers, 4 pixels pooled into z
    paths = tp.paths(program)
    assert sum(c for w, c in paths.words() if len(w) == 3 and w[0].startswith("U")) == 4 * 27
    # W2's paths: 3 offsets, then 3 of W3, 4 pixels; W3's: 3 offsets, 4 pixels
    assert sum(c for w, c in paths.words() if w and w[0].startswith("W2")) == 4 * 9
    assert sum(c for w, c in paths.words() if w and w[0].startswith("W3")) == 4 * 3
    assert paths.count == 108 + 36 + 12 + 1
    # a word fixes the offsets, not the pixel: 4 paths each
    assert {c for w, c in paths.words() if w} == {4}


TWO_READOUTS = """input xi
embedding U ~ N(0, 1/d)
matrix W ~ N(0, 1.3/n)
readout v ~ N(0, 1)
readout w ~ N(0, 0.7)
u = U @ xi
x1 = erf(u)
h2 = W @ x1
x2 = erf(h2)
h3 = W @ x2
x3 = erf(h3)
output f = v.T @ x3 / sqrt(n) + w.T @ x2 / sqrt(n) - 0.5*v.T @ x1 / sqrt(n)
output g = w.T @ x3 / sqrt(n)
"""


def test_paths_to_different_readouts_do_not_meet():
    rng = np.random.default_rng(2)
    X = rng.standard_normal((2, 3))
    program = tp.parse(TWO_READOUTS)
    np.testing.assert_allclose(tp.ntk_by_paths(program, X), tp.ntk(program, X), rtol=1e-10)
    assert (
        tp.paths(program).count == 3 + 3 + 1 + 2
    )  # (U…) to x3, x2, x1; readouts; W from h3; W from h2 to x2 and, through h3, x3
    last = [p for p in tp.paths(program) if p.word == ("W",)]
    assert {(p.vertices, p.readout) for p in last} == {(("x2", "h3", "x3"), "v"), (("x1", "h2", "x2"), "w")}
    a, b = {"xi": X[0]}, {"xi": X[1]}
    assert tp.path_product(program, *last, a, b) == 0.0
    np.testing.assert_allclose(tp.ntk_by_paths(program, X, output="g"), tp.ntk(program, X, output="g"), rtol=1e-10)
    assert {p.readout for p in tp.paths(program, "g")} == {"w"}


def test_a_product_of_two_paths_at_finite_width():
    """⟨J^p, J^q⟩ of a tied network: isomorphic pairs near their limit, others near 0, 4 standard errors over 16 seeds."""
    program = tp.parse(
        networks.resnet(2, "tanh").replace("W1", "W").replace("W2", "W").replace("matrix W ~ N(0, 1.0/n)\n", "", 1)
    )
    points = [{"xi": np.array([1.0, 0.5, -0.3])}, {"xi": np.array([0.4, 0.9, 0.2])}]
    paths = [p for p in tp.paths(program) if p.word and p.word[0] == "U"]
    assert len(paths) == 4
    for p, q in itertools.product(paths, paths):
        runs = [network.empirical_path_product(program, p, q, *points, width=1500, seed=s) for s in range(16)]
        error = np.std(runs, ddof=1) / math.sqrt(16)
        exact = tp.path_product(program, p, q, *points)
        assert abs(np.mean(runs) - exact) <= 4 * error + 4 / 1500 + 1e-12, (p, q, np.mean(runs), exact, error)
        assert error < 0.05


def test_a_path_product_by_hand():
    """(95) for relu at two layers: σ_U² ξ·ξ'/d ½ σ_W² ½ σ_v² at equal inputs, without inputs given from those of the text."""
    text = networks.mlp(2, "relu", variance=3).replace("input xi", "input xi = [2.0, 0.0]")
    program = tp.parse(text)
    path = next(iter(tp.paths(program).of_word(("U", "W2"))))
    assert tp.path_product(program, path, path, {}, {}) == pytest.approx(1.5 * 2 * 0.5 * 3 * 0.5, rel=1e-12)
    hidden = next(iter(tp.paths(program).of_word(("W2",))))
    assert tp.path_product(program, hidden, hidden, {}, {}) == pytest.approx(1.5 * 3 * 0.5 * 0.5 * 2, rel=1e-12)
    empty = next(iter(tp.paths(program).of_word(())))
    assert tp.path_product(program, empty, empty, {}, {}) == pytest.approx(1.5 * 2 * 0.5 * 3 * 0.5, rel=1e-12)
    assert tp.path_product(program, path, hidden, {}, {}) == 0.0
    factors = network.path_factors(program, path, path, {}, {})
    assert all(isinstance(f.tex, str) and f.tex for f in factors)
    assert math.prod(f.value for f in factors) == pytest.approx(4.5 / 2, rel=1e-12)


def test_paths_of_layer_norm_hold_moments_fixed():
    rng = np.random.default_rng(4)
    X = rng.standard_normal((3, 4))
    program = tp.parse(networks.layer_norm())
    assert dict(tp.paths(program).words()) == {("U", "W"): 1, ("b", "W"): 1, ("W",): 1, (): 1}
    np.testing.assert_allclose(tp.ntk_by_paths(program, X), tp.ntk(program, X), rtol=1e-7)


def test_unknown_names_are_told():
    program = tp.parse(TWO_READOUTS)
    with pytest.raises(tp.InputError, match="h9"):
        tp.paths(program, "h9")
    with pytest.raises(tp.InputError, match="Q"):
        tp.ntk_by_paths(program, np.ones((1, 2)), trainable=["Q"])
    with pytest.raises(tp.TpvizError, match="output"):
        tp.paths(tp.parse("vector x ~ N(0, 1)\n"))
    path = next(iter(tp.paths(tp.parse(MLP))))
    with pytest.raises(tp.TpvizError):
        tp.path_product(program, path, path, {"xi": np.ones(3)}, {"xi": np.ones(3)})
    own = next(iter(tp.paths(program)))
    with pytest.raises(tp.TpvizError, match="xi"):
        tp.path_product(program, own, own, {}, {})
