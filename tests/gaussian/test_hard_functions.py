"""One-dimensional expectations that a careless rule gets wrong: found by a fuzzer, each against mpmath."""

import mpmath as mp
import pytest

from tpviz.language import DivergentMomentError, parse
from tpviz.limit import limit

CASES = {
    "a root that touches 0": ("0.02, 2", "abs(u - 1.7)**0.5*softplus(u)", lambda u: abs(u - mp.mpf("1.7")) ** 0.5 * mp.log1p(mp.exp(u)), ["1.7"]),
    "a narrow valley": ("0.11, 100", "relu(u)/sqrt(u**2 + 1e-5)*erf(u)", lambda u: max(u, 0) / mp.sqrt(u * u + mp.mpf("1e-5")) * mp.erf(u), ["0", "0.001", "0.01", "0.1", "1", "4"]),
    "a valley of a wide Gaussian": ("0, 10000", "tanh(u)/(1 + u**2)*u/sqrt(u**2 + 1e-5)", lambda u: mp.tanh(u) / (1 + u * u) * u / mp.sqrt(u * u + mp.mpf("1e-5")), ["-10", "-1", "-0.1", "-0.01", "0", "0.01", "0.1", "1", "10", "50"]),
    "two jumps close together": ("0, 100", "step((u - 0.4)*(0.77*u - 0.209))*tanh(u)", lambda u: mp.tanh(u) * ((u - mp.mpf("0.4")) * (mp.mpf("0.77") * u - mp.mpf("0.209")) > 0), [mp.mpf("0.209") / mp.mpf("0.77"), "0", "0.4", "3", "-3"]),
    "a difference that is 0 on a half line": ("0.08, 1", "sigmoid(u)*sign(abs(u) - u)*relu(u + 1)", lambda u: (1 / (1 + mp.exp(-u))) * (u < 0) * max(u + 1, 0), ["-1", "0"]),
    "a kink inside a kink": ("-0.3, 1", "tanh(u)*erf(u - 0.99)*minimum(u, relu(u))", lambda u: mp.tanh(u) * mp.erf(u - mp.mpf("0.99")) * u, ["0"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_value_and_bound(name):
    law, text, f, cuts = CASES[name]
    lim = limit(parse(f"vector u ~ N({law})\none = 1 + 0*tanh(u)\nx = {text}\n"))
    with mp.workdps(25):
        mean, variance = (mp.mpf(x.strip()) for x in law.split(","))
        sd = mp.sqrt(variance)
        places = [mean + k * sd for k in (-12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12)]
        exact = mp.quad(lambda u: f(u) * mp.npdf(u, mean, sd), sorted([*places, *(mp.mpf(c) for c in cuts)]))
    value, error = lim.second_moment("x", "one"), lim.error("x", "one")
    assert abs(mp.mpf(value) - exact) <= error
    assert error < 1e-9
    assert lim.mean("x") == value


def test_softplus_and_sigmoid_are_known_when_spelled_out():
    for spelled, short in (("log(1 + exp(u))", "softplus(u)"), ("1/(1 + exp(-u))", "sigmoid(u)")):
        lim = limit(parse(f"vector u ~ N(0, 1e6)\nx = {spelled}\ny = {short}\n"))
        assert lim.second_moment("x") == lim.second_moment("y")


def test_an_exponential_that_moves_the_gaussian_far():
    # E e^{au} 1{u < 0} = e^{a²s²/2} Φ(−a s): the mass is far from where the exponential alone would put it
    lim = limit(parse("vector u ~ N(0, 100)\nx = exp(u)*step(-u)\n"))
    assert lim.mean("x") == pytest.approx(float(mp.exp(50) * mp.ncdf(-10)), rel=1e-10)


@pytest.mark.parametrize(
    ("covariance", "text", "exact"),
    [
        # E r² cos²θ over the wedge cos θ > 0, by elliptic integrals and by mpmath
        ("[[1, 0], [0, 1e-6]]", "u*relu(u)/sqrt(u**2 + v**2)", 0.39894092518),
        ("[[1, 0], [0, 1]]", "1/sqrt(u**2 + v**2)", 1.25331413731550),
        ("[[1, 0.999999], [0.999999, 1]]", "relu(u)/sqrt(u**2 + v**2)", 0.353468674),
        ("[[1, 0.9999], [0.9999, 1]]", "relu(u)/sqrt(u**2 + v**2)", 0.352714109),
        ("[[1, 0], [0, 1]]", "log(u**2 + v**2)", 0.1159315156584124),
        ("[[1, 0], [0, 1]]", "log((u - v - 0.3)**2)", -0.5325511496),
        ("[[1, 0], [0, 1]]", "tanh(u)/u", 0.82199856438),
    ],
)
def test_poles_and_thin_directions(covariance, text, exact):
    lim = limit(parse(f"vector u, v ~ N([0, 0], {covariance})\none = 1 + 0*tanh(u)\nx = {text}\n"))
    digits = 10.0 ** -len(repr(exact).split(".")[1])
    assert abs(lim.second_moment("x", "one") - exact) <= lim.error("x", "one") + digits
    assert lim.error("x", "one") < 2e-6


@pytest.mark.parametrize("text", ["u/v", "u*v**-2", "1/(u - 0.5)", "v/u", "relu(u)/v"])
def test_what_has_a_pole_is_refused_beside_anything(text):
    lim = limit(parse(f"vector u, v ~ N([0, 0], [[1, 0.25], [0.25, 1]])\nx = {text}\n"))
    with pytest.raises(DivergentMomentError, match="does not exist"):
        lim.mean("x")


def test_a_shifted_power_beside_a_function_keeps_its_digits():
    lim = limit(parse("vector u ~ N(1.5, 1)\none = 1 + 0*tanh(u)\nx = (u - 1)*tanh(u)\n"))
    assert lim.error("x", "one") < 1e-13
