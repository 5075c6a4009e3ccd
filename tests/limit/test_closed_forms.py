"""E f(u) g(v) for Gaussian pairs against quadrature and, for some, against mpmath; theory.md §3."""

import math

import mpmath as mp
import numpy as np
import pytest
from scipy import integrate, special

from tpviz.language import parse
from tpviz.limit import limit

from .reference import mean_of, mean_of_pair

FUNCTIONS = {
    "relu({})": (lambda z: np.maximum(z, 0), (0.0,)),
    "step({})": (lambda z: (z > 0) * 1.0, (0.0,)),
    "abs({})": (np.abs, (0.0,)),
    "leaky_relu({}, 0.1)": (lambda z: np.where(z > 0, z, 0.1 * z), (0.0,)),
    "sign({})": (np.sign, (0.0,)),
    "erf({})": (special.erf, ()),
    "sin({})": (np.sin, ()),
    "cos({})": (np.cos, ()),
    "exp({}/2)": (lambda z: np.exp(z / 2), ()),
    "tanh({})": (np.tanh, ()),
    "gelu({})": (lambda z: z * special.ndtr(z), ()),
    "{}**3 - 2*{}": (lambda z: z**3 - 2 * z, ()),
    "{}**4 - {}**2 + 1": (lambda z: z**4 - z**2 + 1, ()),
    "exp(-{}**2)": (lambda z: np.exp(-(z**2)), ()),
    "sigmoid({})": (special.expit, ()),
    "softplus({})": (lambda z: np.logaddexp(0, z), ()),
    "silu({})": (lambda z: z * special.expit(z), ()),
    "clip({}, -0.5, 1)": (lambda z: np.clip(z, -0.5, 1), (-0.5, 1.0)),
}

MEAN, SD = (0.4, -0.7), (1.2, 0.8)


def cases():
    for rho in (1.0, -1.0, 1 - 1e-9, -1 + 1e-9, 0.999, 0.0, 0.6, -0.35):
        yield f"centred, correlation {rho}", (0.0, 0.0), rho
    for rho in (1.0, 1 - 1e-9, 0.0, 0.6, -0.35):
        yield f"means {MEAN}, correlation {rho}", MEAN, rho


@pytest.mark.parametrize(("mean", "rho"), [pytest.param(mean, rho, id=name) for name, mean, rho in cases()])
def test_second_moments_of_pairs(mean, rho):
    a, b = SD
    covariance = ((a * a, rho * a * b), (rho * a * b, b * b))
    names = list(FUNCTIONS)
    declared = f"vector u, v ~ N({list(mean)}, {[list(row) for row in covariance]})\n"
    lines = [f"{side}{i} = {f.replace('{}', w)}" for side, w in (("x", "u"), ("y", "v")) for i, f in enumerate(names)]
    lim = limit(parse(declared + "\n".join(lines) + "\n"))
    for i, name in enumerate(names):
        f, kinks = FUNCTIONS[name]
        expected = mean_of_pair(lambda s, t, f=f: f(s) * f(t), mean, covariance, (kinks, kinks))
        assert lim.method(f"x{i}", f"y{i}") != "sampled", name
        assert lim.second_moment(f"x{i}", f"y{i}") == pytest.approx(expected, abs=1e-10 * max(1, abs(expected))), name


@pytest.mark.parametrize("rho", [0.6, 1 - 1e-9, 0.0])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("relu({})", "step({})"),
        ("relu({})", "tanh({})"),
        ("step({})", "exp({}/2)"),
        ("sign({})", "{}**3 - 2*{}"),
        ("abs({})", "sin({})"),
        ("erf({})", "gelu({})"),
        ("clip({}, -0.5, 1)", "relu({})"),
    ],
)
def test_second_moments_of_two_different_functions(left, right, rho):
    covariance = ((1.44, rho * 0.96), (rho * 0.96, 0.64))
    lim = limit(
        parse(
            f"vector u, v ~ N([0.3, 0], [[1.44, {rho * 0.96!r}], [{rho * 0.96!r}, 0.64]])\n"
            f"x = {left.replace('{}', 'u')}\ny = {right.replace('{}', 'v')}\n"
        )
    )
    (f, kf), (g, kg) = FUNCTIONS[left], FUNCTIONS[right]
    expected = mean_of_pair(lambda s, t: f(s) * g(t), (0.3, 0.0), covariance, (kf, kg))
    assert lim.second_moment("x", "y") == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    ("mean", "variance"), [(0.0, 1.0), (0.0, 4.0), (0.7, 0.3), (-2.0, 0.01), (0.5, 0.0), (3.0, 1e-8)]
)
def test_mean_and_second_moment_of_one_vector(name, mean, variance):
    f, kinks = FUNCTIONS[name]
    lim = limit(parse(f"vector u ~ N({mean}, {variance})\nx = {name.replace('{}', 'u')}\n"))
    for got, g in ((lim.mean("x"), f), (lim.second_moment("x"), lambda z: f(z) ** 2)):
        expected = mean_of(g, mean, variance, kinks)
        assert got == pytest.approx(expected, abs=1e-10, rel=1e-10)


# The closed forms as theory.md states them, with θ by mpmath: variances a² = 1.44, b² = 0.64, correlation cos θ.
def angle(c: float) -> mp.mpf:
    return mp.acos(mp.mpf(c) / mp.sqrt(mp.mpf(1.44) * mp.mpf(0.64)))


CLOSED = {
    "relu({})": lambda c: (
        mp.sqrt(mp.mpf(1.44) * mp.mpf(0.64)) * (mp.sin(angle(c)) + (mp.pi - angle(c)) * mp.cos(angle(c))) / (2 * mp.pi)
    ),
    "step({})": lambda c: (mp.pi - angle(c)) / (2 * mp.pi),
    "sign({})": lambda c: 1 - 2 * angle(c) / mp.pi,
    "erf({})": lambda c: 2 / mp.pi * mp.asin(2 * mp.mpf(c) / mp.sqrt((1 + 2 * mp.mpf(1.44)) * (1 + 2 * mp.mpf(0.64)))),
    "2*exp(-{}**2)/sqrt(pi)": lambda c: (
        4 / mp.pi / mp.sqrt((1 + 2 * mp.mpf(1.44)) * (1 + 2 * mp.mpf(0.64)) - 4 * mp.mpf(c) ** 2)
    ),
    "sin({})": lambda c: mp.exp(-(mp.mpf(1.44) + mp.mpf(0.64)) / 2) * mp.sinh(c),
    "cos({})": lambda c: mp.exp(-(mp.mpf(1.44) + mp.mpf(0.64)) / 2) * mp.cosh(c),
    "exp({})": lambda c: mp.exp((mp.mpf(1.44) + mp.mpf(0.64)) / 2 + mp.mpf(c)),
    "{}": lambda c: mp.mpf(c),
    "{}**2": lambda c: mp.mpf(1.44) * mp.mpf(0.64) + 2 * mp.mpf(c) ** 2,
    "{}**3": lambda c: 9 * mp.mpf(1.44) * mp.mpf(0.64) * mp.mpf(c) + 6 * mp.mpf(c) ** 3,
}


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("rho", [0.0, 0.5, -0.9, 1 - 1e-6, 1 - 1e-9, 1 - 1e-12, -1 + 1e-9])
def test_closed_forms_of_the_theory(name, rho):
    with mp.workdps(40):
        c = rho * 0.96
        lim = limit(
            parse(
                f"vector u, v ~ N([0, 0], [[1.44, {c!r}], [{c!r}, 0.64]])\n"
                f"x = {name.replace('{}', 'u')}\ny = {name.replace('{}', 'v')}\n"
            )
        )
        assert lim.second_moment("x", "y") == pytest.approx(float(CLOSED[name](c)), abs=1e-10, rel=1e-10)
        assert lim.method("x", "y") == "closed"


def test_hermite_polynomials_are_orthogonal():
    # He_k He_l = k! rho^k delta_kl at unit variances
    hermite = {2: "{}**2 - 1", 3: "{}**3 - 3*{}", 4: "{}**4 - 6*{}**2 + 3", 5: "{}**5 - 10*{}**3 + 15*{}"}
    lines = [f"{side}{k} = {p.replace('{}', w)}\n" for side, w in (("x", "u"), ("y", "v")) for k, p in hermite.items()]
    lim = limit(parse("vector u, v ~ N([0, 0], [[1, 0.7], [0.7, 1]])\n" + "".join(lines)))
    for k in hermite:
        for j in hermite:
            assert lim.second_moment(f"x{k}", f"y{j}") == pytest.approx(
                math.factorial(k) * 0.7**k if j == k else 0, abs=1e-10
            )


def test_the_diagonal_is_exact():
    for f in ("relu", "step", "sign", "abs"):
        lim = limit(parse(f"vector u ~ N(0, 1)\nx = {f}(u)\n"))
        assert lim.second_moment("x") == pytest.approx(1 if f in ("sign", "abs") else 0.5, rel=1e-15)


def test_equal_products_have_an_exact_diagonal():
    lim = limit(
        parse(
            "matrix W ~ N(0, 2/n)\nvector u ~ N(0, 1)\na = W @ u\nb = W @ u\nx = relu(a)\n"
            "y = relu(b)\nz = step(a)\nw = step(b)\n"
        )
    )
    assert lim.second_moment("x", "y") == pytest.approx(1, rel=1e-15)
    assert lim.second_moment("z", "w") == pytest.approx(0.5, rel=1e-15)
    assert lim.correlation("x", "y") == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("variance", [0.1, 1, 4, 25, 400])
def test_error_bounds_hold_for_tanh(variance):
    # theory.md §3.6: E tanh² at variance 4 defeats Gauss–Hermite
    lim = limit(parse(f"vector u ~ N(0, {variance})\nx = tanh(u)\n"))
    with mp.workdps(25):
        sd = mp.sqrt(variance)
        exact = 2 * mp.quad(lambda z: mp.tanh(sd * z) ** 2 * mp.npdf(z), [0, 0.1, 0.5, 1, 2, 4, 8, 16])
    assert abs(lim.second_moment("x") - float(exact)) <= lim.error("x")
    assert lim.error("x") < 1e-10
    assert lim.method("x") == "quadrature"


ONE_DIMENSIONAL = {
    "tanh(u)*relu(u)": lambda z: mp.tanh(z) * max(z, 0),
    "sigmoid(3*u)": lambda z: 1 / (1 + mp.exp(-3 * z)),
    "softplus(u)*u": lambda z: mp.log1p(mp.exp(z)) * z,
    "abs(sin(u))": lambda z: abs(mp.sin(z)),
    "exp(u)*step(u)": lambda z: mp.exp(z) if z > 0 else mp.mpf(0),
    "1/(1 + u**2)": lambda z: 1 / (1 + z**2),
    "sqrt(1 + u**2)": lambda z: mp.sqrt(1 + z**2),
    "log(2 + cos(u))": lambda z: mp.log(2 + mp.cos(z)),
    "exp(-abs(u))": lambda z: mp.exp(-abs(z)),
    "maximum(u, 0.5*u + 0.2)": lambda z: max(z, z / 2 + mp.mpf("0.2")),
    "clip(u, -1, 1)*tanh(u)": lambda z: max(-1, min(1, z)) * mp.tanh(z),
    "gelu(u)*silu(u)": lambda z: z * mp.ncdf(z) * z / (1 + mp.exp(-z)),
    "relu(relu(u) - 0.5)": lambda z: max(max(z, 0) - mp.mpf("0.5"), 0),
    "tanh(u)**2/(u**2 + 0.01)": lambda z: mp.tanh(z) ** 2 / (z**2 + mp.mpf("0.01")),
}


@pytest.mark.parametrize("expression", ONE_DIMENSIONAL)
def test_error_bounds_hold_against_mpmath(expression):
    lim = limit(
        parse(f"vector t ~ N(0.3, 1.7)\nfunction same(z) = z\nu = same(t)\nx = {expression}\none = 1 + 0*tanh(u)\n")
    )
    with mp.workdps(25):
        m, sd = mp.mpf(0.3), mp.sqrt(mp.mpf(1.7))
        points = sorted({mp.mpf(k) / 4 for k in range(-64, 65)} | {mp.pi * k for k in range(-5, 6)} | {mp.mpf("0.4")})
        exact = mp.quad(lambda z: ONE_DIMENSIONAL[expression](z) * mp.npdf(z, m, sd), points)
    assert lim.method("x", "one") in ("closed", "quadrature")
    assert abs(lim.second_moment("x", "one") - float(exact)) <= lim.error("x", "one")
    assert lim.error("x", "one") < 1e-9
    assert lim.mean("x") == pytest.approx(float(exact), abs=1e-9)


def test_error_bounds_hold_for_closed_forms():
    lim = limit(
        parse("vector u, v ~ N([0, 0], [[1.44, 0.5], [0.5, 0.64]])\nx = relu(u)\ny = relu(v)\nz = erf(u)\nw = erf(v)\n")
    )
    with mp.workdps(40):
        assert abs(lim.second_moment("x", "y") - float(CLOSED["relu({})"](0.5))) <= lim.error("x", "y") < 1e-13
        assert abs(lim.second_moment("z", "w") - float(CLOSED["erf({})"](0.5))) <= lim.error("z", "w") < 1e-13


def test_the_reference_agrees_with_mpmath():
    exact, _ = integrate.dblquad(
        lambda v, u: np.tanh(u) * np.tanh(v) * np.exp(-(u * u - u * v + v * v) / 1.5) / (2 * np.pi * 0.75**0.5),
        -9,
        9,
        -9,
        9,
        epsabs=1e-12,
    )
    assert mean_of_pair(lambda s, t: np.tanh(s) * np.tanh(t), (0, 0), ((1, 0.5), (0.5, 1))) == pytest.approx(
        exact, abs=1e-11
    )
    with mp.workdps(40):
        for c in (0.5, 0.96 * (1 - 1e-9)):
            relu = mean_of_pair(lambda s, t: np.maximum(s, 0) * np.maximum(t, 0), (0, 0), ((1.44, c), (c, 0.64)))
            assert relu == pytest.approx(float(CLOSED["relu({})"](c)), abs=1e-13)
            step = mean_of_pair(lambda s, t: (s > 0) * (t > 0), (0, 0), ((1.44, c), (c, 0.64)))
            assert step == pytest.approx(float(CLOSED["step({})"](c)), abs=1e-12)


# Kinks inside the argument of a kink: z + c·g(x), so that the inner kink's place jumps or bends with x.
NESTED = {
    "relu(z + 0.6*step(x))": lambda x, z: np.maximum(z + 0.6 * (x > 0), 0),
    "step(z + 0.6*step(x))": lambda x, z: (z + 0.6 * (x > 0) > 0) * 1.0,
    "step(z + relu(x))": lambda x, z: (z + np.maximum(x, 0) > 0) * 1.0,
    "relu(z + relu(x))": lambda x, z: np.maximum(z + np.maximum(x, 0), 0),
    "abs(z - sign(x))": lambda x, z: np.abs(z - np.sign(x)),
    "relu(z - 2*abs(x))*x": lambda x, z: np.maximum(z - 2 * np.abs(x), 0) * x,
    "tanh(z + clip(x, -1, 1))*step(z)": lambda x, z: np.tanh(z + np.clip(x, -1, 1)) * (z > 0),
    "maximum(z, step(x))": lambda x, z: np.maximum(z, x > 0),
}
SHIFTS = {
    "relu(z + 0.6*step(x))": lambda x: -0.6 * (x > 0),
    "step(z + 0.6*step(x))": lambda x: -0.6 * (x > 0),
    "step(z + relu(x))": lambda x: -np.maximum(x, 0),
    "relu(z + relu(x))": lambda x: -np.maximum(x, 0),
    "abs(z - sign(x))": np.sign,
    "relu(z - 2*abs(x))*x": lambda x: 2 * np.abs(x),
    "tanh(z + clip(x, -1, 1))*step(z)": np.zeros_like,
    "maximum(z, step(x))": lambda x: (x > 0) * 1.0,
}


@pytest.mark.parametrize("expression", NESTED)
def test_error_bounds_hold_for_kinks_inside_kinks(expression):
    def inside(points: np.ndarray) -> np.ndarray:
        """E over z ~ N(0, 0.45) of the expression at each x, cut at the kink."""
        return np.array(
            [
                mean_of(lambda z, x=x: NESTED[expression](x, z), 0, 0.45, (float(SHIFTS[expression](np.array(x))),))
                for x in points
            ]
        )

    lim = limit(parse(f"vector x ~ N(0.3, 1)\nvector z ~ N(0, 0.45)\ny = {expression}\n"))
    exact = mean_of(inside, 0.3, 1, (-1.0, 0.0, 1.0))
    estimate = limit(parse(f"vector x ~ N(0.3, 1)\nvector z ~ N(0, 0.45)\ny = {expression}\none = 1 + 0*tanh(x)\n"))
    assert abs(lim.mean("y") - exact) <= max(estimate.error("y", "one"), 1e-14)
    assert lim.mean("y") == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("variance", [1e6, 1e8, 1e10, 1e12, 1e16])
def test_a_narrow_step_of_a_wide_gaussian_is_not_missed(variance):
    # E tanh(u)² = 1 - E sech² = 1 - (2/σ) φ(0) (1 + O(σ⁻²)) and E exp(-u²) = (1 + 2σ²)^(-1/2)
    lim = limit(parse(f"vector u ~ N(0, {variance!r})\nx = tanh(u)\ny = exp(-u**2)\nz = 1/(1 + u**2)\n"))
    sd = math.sqrt(variance)
    assert lim.second_moment("x") == pytest.approx(
        1 - 2 / sd / math.sqrt(2 * math.pi) * (1 - math.pi**2 / 24 / variance), abs=1e-11
    )
    assert lim.mean("y") == pytest.approx((1 + 2 * variance) ** -0.5, abs=1e-11)
    # E 1/(1 + u²) = √(π/2)/σ · erfcx(1/(√2 σ))
    assert lim.mean("z") == pytest.approx(
        math.sqrt(math.pi / 2) / sd * special.erfcx(1 / (math.sqrt(2) * sd)), abs=1e-11
    )


@pytest.mark.parametrize("place", [3.0, 6.0, 8.0])
def test_a_narrow_peak_far_from_the_mean_is_not_missed(place):
    # E exp(-(s(u - a))²) = (1 + 2s²)^(-1/2) exp(-s² a²/(1 + 2s²))
    s = 1000.0
    lim = limit(parse(f"vector u ~ N(0, 1)\ny = exp(-({s}*(u - {place}))**2)\n"))
    assert lim.mean("y") == pytest.approx(
        (1 + 2 * s * s) ** -0.5 * math.exp(-s * s * place**2 / (1 + 2 * s * s)), rel=1e-8
    )


def test_a_second_moment_beyond_floating_point_is_an_error():
    from tpviz.language import TpvizError

    with pytest.raises(TpvizError, match=r"large|overflow|floating"):
        limit(parse("vector u ~ N(0, 1e200)\ny = u**2\n")).second_moment("y")
