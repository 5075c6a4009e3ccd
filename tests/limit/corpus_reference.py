"""Independent references for `corpus.py`: every value from a hand derivation or from mpmath, never from tpviz.

`python -m tests.limit.corpus_reference [name ...]` prints the values and compares them with the strings in `corpus.py`.

How a value is made. The limits of each program were derived by hand with the Z rules (the formula stands in the code); what is
left is a Gaussian integral of one of these kinds:

* a closed form;
* `line`, `product`, `plane`: trapezoidal sums in mpmath for smooth integrands (they converge exponentially);
* `kinked`: mp.quad split at the kinks, the other variable integrated by a conditional moment in closed form;
* `grid`: trapezoidal sums over 2 to 5 variables in long double (64-bit mantissa): at most 16 digits;
* `sphere`, `simplex`: homogeneous functions in polar coordinates, Gauss-Legendre nodes in mpmath.

`DIGITS` says how many digits of a value are claimed where it is not 30.
"""

import itertools
import sys
from functools import cache

import numpy as np
from mpmath import acos, asin, atan2, cosh, e1, erf, erfc, exp, log, mp, mpf, ncdf, pi, quad, sin, sinh, sqrt, tanh

mp.dps = 45
FINENESS = mpf(1)  # a smaller number refines every trapezoidal step: the check that the digits are converged

DIGITS = {}  # (case, query) or case -> digits claimed; 30 where absent

HALF = mpf(1) / 2


def second(x, y):
    return ("second_moment", x, y)


def mean(x):
    return ("mean", x)


def scalar(q):
    return ("scalar", q)


def zdot(product, vector):
    return ("zdot", product, vector)


def hat(x, y):
    return ("hat_covariance", x, y)


def expect(expression):
    return ("expect", expression)


# Integrals ------------------------------------------------------------------------------------------------------------

RANGE = 15  # standard deviations: exp(-15**2/2) = 1e-49


def trapezoid(center, deviation, step):
    """Nodes and weights of the trapezoidal rule for N(center, deviation**2); step in standard deviations."""
    step = mpf(step) * FINENESS
    count = int(RANGE / step)
    ticks = [step * i for i in range(-count, count + 1)]
    return [center + deviation * t for t in ticks], [step * exp(-t * t / 2) / sqrt(2 * pi) for t in ticks]


def line(f, variance, center=0, step="0.1"):
    """E f(u), u ~ N(center, variance), f analytic near the real line."""
    if variance == 0:
        return f(mpf(center))
    nodes, weights = trapezoid(mpf(center), sqrt(variance), step)
    return mp.fsum(w * f(t) for t, w in zip(nodes, weights, strict=True))


def product(f, g, covariance, centers=(0, 0), step="0.1"):
    """E f(u) g(v), both analytic, on the lattice of u and v: 2 n function values and n**2 multiplications."""
    (a, b), (_, c) = covariance
    step = mpf(step) * FINENESS
    determinant = a * c - b * b
    count = int(RANGE / step)
    du, dv = step * sqrt(a), step * sqrt(c)
    left = [f(centers[0] + du * i) * exp(-((du * i) ** 2) * c / determinant / 2) for i in range(-count, count + 1)]
    right = [g(centers[1] + dv * j) * exp(-((dv * j) ** 2) * a / determinant / 2) for j in range(-count, count + 1)]
    coupling = du * dv * b / determinant
    total = mpf(0)
    for i in range(-count, count + 1):
        ratio, power, row = exp(coupling * i), exp(-coupling * i * count), mpf(0)
        for value in right:
            row += value * power
            power *= ratio
        total += left[i + count] * row
    return total * du * dv / (2 * pi * sqrt(determinant))


def plane(f, covariance, centers=(0, 0), step="0.15"):
    """E f(u, v), f analytic in both."""
    (a, b), (_, c) = covariance
    slope, rest = b / a, c - b * b / a

    def inner(u):
        return line(lambda v: f(u, v), rest, centers[1] + slope * (u - centers[0]), step)

    return line(inner, a, centers[0], step)


def kinked(f, variance, center=0, kinks=(0,)):
    """E f(u) where f is analytic between the kinks."""
    deviation = sqrt(mpf(variance))
    low, high = center - RANGE * deviation, center + RANGE * deviation
    points = sorted({low, high, *(mpf(k) for k in kinks), *(center + deviation * k for k in range(-12, 13, 3))})
    return quad(lambda t: f(t) * density(t, variance, center), points)


def conditional(moment, g, covariance, centers=(0, 0), kinks=(0,)):
    """E f(u) g(v) where moment(m, s2) = E f(N(m, s2)) is known: u given v is Gaussian, one integral over v is left."""
    (a, b), (_, c) = covariance
    rest = a - b * b / c
    return kinked(lambda v: g(v) * moment(centers[0] + b / c * (v - centers[1]), rest), c, centers[1], kinks)


def density(t, variance, center=0):
    return exp(-((t - center) ** 2) / (2 * mpf(variance))) / sqrt(2 * pi * variance)


def grid(f, deviations, steps, reach=9.0):
    """E f(z1, ..., zk) over independent z_i ~ N(0, deviations[i]**2), long double: about 16 digits."""
    rules = []
    for deviation, step in zip(deviations, steps, strict=True):
        width = step * float(FINENESS)
        ticks = np.arange(-int(reach / width), int(reach / width) + 1).astype(np.longdouble) * np.longdouble(width)
        weights = np.exp(-(ticks**2) / 2)
        rules.append((ticks * np.longdouble(deviation), weights / weights.sum()))
    (first, first_weights), *others = rules
    k = len(others)
    nodes = [z.reshape([-1 if i == j else 1 for i in range(k)]) for j, (z, _) in enumerate(others)]
    total = np.longdouble(0)
    for z, w in zip(first, first_weights, strict=True):  # a slice at a time keeps the memory small
        values = np.broadcast_to(f(z, *nodes), [len(z) for z, _ in others])
        for _, weights in reversed(others):
            values = values @ weights
        total += w * values
    return mpf(np.format_float_scientific(total, precision=20))


def numbers(matrix):
    """An mpmath or nested-list matrix as long doubles."""
    return np.array([[np.longdouble(mp.nstr(x, 25)) for x in row] for row in matrix])


@cache
def legendre(count):
    """Gauss-Legendre nodes and weights on [-1, 1]: numpy's nodes, polished by Newton's method."""
    nodes, weights = [], []
    for start in np.polynomial.legendre.leggauss(count)[0]:
        x = mpf(float(start))
        for _ in range(3):
            before, value = mpf(1), x
            for k in range(2, count + 1):
                before, value = value, ((2 * k - 1) * x * value - (k - 1) * before) / k
            slope = count * (x * value - before) / (x * x - 1)
            x -= value / slope
        nodes.append(x)
        weights.append(2 / ((1 - x * x) * slope * slope))
    return nodes, weights


def interval(low, high, count):
    nodes, weights = legendre(count)
    middle, half = (low + high) / 2, (high - low) / 2
    return [middle + half * x for x in nodes], [half * w for w in weights]


# Functions and their moments ------------------------------------------------------------------------------------------


def relu(z):
    return z if z > 0 else mpf(0)


def step(z):
    return mpf(1) if z > 0 else mpf(0)


def sign(z):
    return mpf(int(z > 0) - int(z < 0))


def sigmoid(z):
    return 1 / (1 + exp(-z))


def dsigmoid(z):
    return sigmoid(z) * sigmoid(-z)


def softplus(z):
    return log(1 + exp(z))


def silu(z):
    return z * sigmoid(z)


def gelu(z):
    return z * ncdf(z)


def dtanh(z):
    return 1 - tanh(z) ** 2


def rectified(power, m, s2):
    """E relu(N(m, s2))**power, by the recursion of truncated moments."""
    s = sqrt(s2)
    values = [ncdf(m / s), m * ncdf(m / s) + s * exp(-m * m / s2 / 2) / sqrt(2 * pi)]
    for k in range(2, power + 1):
        values.append(m * values[-1] + (k - 1) * s2 * values[-2])
    return values[power]


def sech_density(variance):
    """E tanh'(N(0, variance))."""
    return line(dtanh, variance, step=tanh_step(variance))


def tanh_step(variance):
    """A step that leaves 40 digits: the pole of tanh lies pi/2 off the line, the error is exp(-2 pi distance/step)."""
    return min(mpf("0.1"), (pi / 2 / sqrt(variance)) / 16)


def angle(a, b, c):
    """The angle between two vectors with squared lengths a, c and inner product b."""
    return atan2(sqrt(a * c - b * b), b)


def relu_relu(a, b, c):
    """E relu(u) relu(v), zero means, variances a and c, covariance b."""
    t = angle(a, b, c)
    return sqrt(a * c) * (sin(t) + (pi - t) * mp.cos(t)) / (2 * pi)


def step_step(a, b, c):
    return (pi - angle(a, b, c)) / (2 * pi)


def erf_erf(a, b, c):
    return 2 / pi * asin(2 * b / sqrt((1 + 2 * a) * (1 + 2 * c)))


def relu_abs(a, b, c):
    """E |u| |v|: |u| = relu(u) + relu(-u)."""
    return 2 * relu_relu(a, b, c) + 2 * relu_relu(a, -b, c)


def tanh_square(variance, center=0):
    return line(lambda z: tanh(z) ** 2, variance, center, tanh_step(variance))


def tanh_tanh(a, b, c):
    return product(tanh, tanh, ((a, b), (b, c)), step=min(tanh_step(a), tanh_step(c), mpf("0.1")))


# One nonlinearity at a time -------------------------------------------------------------------------------------------

# (u, v, w) of the "..._triple" programs: variances 1.5, 0.8 and 6.25, correlations 0.55, -0.13 and 0.
UU, VV, WW, UV, VW = mpf("1.5"), mpf("0.8"), mpf("6.25"), mpf("0.6"), mpf("-0.3")


def triple(diagonal, cross, average=None):
    """The queries of a "..._triple" program: diagonal(variance), cross(a, b, c), and the mean of c = phi(w)."""
    values = {
        second("a", "a"): diagonal(UU),
        second("b", "b"): diagonal(VV),
        second("c", "c"): diagonal(WW),
        second("a", "b"): cross(UU, UV, VV),
        second("b", "c"): cross(VV, VW, WW),
    }
    if average is not None:
        values[mean("c")] = average(WW)
    return values


def smooth_triple(f, step="0.06"):
    return triple(
        lambda a: line(lambda z: f(z) ** 2, a, step=step),
        lambda a, b, c: product(f, f, ((a, b), (b, c)), step=step),
        lambda a: line(f, a, step=step),
    )


def kinked_triple(f, moment, kinks):
    return triple(
        lambda a: kinked(lambda z: f(z) ** 2, a, 0, kinks),
        lambda a, b, c: conditional(moment, f, ((a, b), (b, c)), kinks=kinks),
        lambda a: moment(mpf(0), a),
    )


def leaky(slope):
    """leaky relu = slope z + (1 - slope) relu: E z relu(z') = half the covariance."""

    def cross(a, b, c):
        return slope * slope * b + slope * (1 - slope) * b + (1 - slope) ** 2 * relu_relu(a, b, c)

    return triple(lambda a: (1 + slope * slope) * a / 2, cross, lambda a: (1 - slope) * sqrt(a / (2 * pi)))


def clipped(m, s2):
    """E clip(N(m, s2), -1, 0.5) = -1 + E relu(z + 1) - E relu(z - 1/2)."""
    return -1 + rectified(1, m + 1, s2) - rectified(1, m - HALF, s2)


def gelu_gelu(a, b, c):
    return product(gelu, gelu, ((a, b), (b, c)), step="0.06")


def nonlinearities():
    closed = {
        "relu_triple": triple(lambda a: a / 2, relu_relu, lambda a: sqrt(a / (2 * pi))),
        "normalized_relu_triple": triple(lambda a: a, lambda a, b, c: 2 * relu_relu(a, b, c), lambda a: sqrt(a / pi)),
        "leaky_relu_triple": leaky(mpf("0.1")),
        "abs_triple": triple(lambda a: a, relu_abs, lambda a: sqrt(2 * a / pi)),
        "sign_triple": triple(lambda a: mpf(1), lambda a, b, c: 1 - 2 * angle(a, b, c) / pi, lambda a: mpf(0)),
        "step_triple": triple(lambda a: HALF, step_step, lambda a: HALF),
        "erf_triple": triple(lambda a: erf_erf(a, a, a), erf_erf, lambda a: mpf(0)),
        # E cos u cos v = e^{-(a+c)/2} cosh b, E sin u sin v the same with sinh
        "sin_triple": triple(lambda a: exp(-a) * sinh(a), lambda a, b, c: exp(-(a + c) / 2) * sinh(b)),
        "cos_triple": triple(
            lambda a: exp(-a) * cosh(a), lambda a, b, c: exp(-(a + c) / 2) * cosh(b), lambda a: exp(-a / 2)
        ),
        # exp(u/4) exp(v/4): variances divided by 16
        "exp_triple": triple(lambda a: exp(a / 8), lambda a, b, c: exp((a + c) / 32 + b / 16), lambda a: exp(a / 32)),
        # Wick: E u^2 v^2 = ac + 2 b^2, E u^3 v^3 = 9 abc + 6 b^3
        "square_triple": triple(lambda a: 3 * a * a, lambda a, b, c: a * c + 2 * b * b, lambda a: a),
        "cube_triple": triple(lambda a: 15 * a**3, lambda a, b, c: 9 * a * b * c + 6 * b**3, lambda a: mpf(0)),
        "relu_square_triple": kinked_triple(lambda z: relu(z) ** 2, lambda m, s: rectified(2, m, s), (0,)),
        "relu_cube_triple": kinked_triple(lambda z: relu(z) ** 3, lambda m, s: rectified(3, m, s), (0,)),
        "maximum_triple": kinked_triple(lambda z: max(z, HALF), lambda m, s: HALF + rectified(1, m - HALF, s), (HALF,)),
        "minimum_triple": kinked_triple(
            lambda z: min(z, -HALF / 2), lambda m, s: -HALF / 2 - rectified(1, -HALF / 2 - m, s), (-HALF / 2,)
        ),
        "clip_triple": kinked_triple(lambda z: min(max(z, mpf(-1)), HALF), clipped, (-1, HALF)),
    }
    smooth = {
        "tanh_triple": smooth_triple(tanh, "0.04"),
        "sigmoid_triple": smooth_triple(sigmoid),
        "softplus_triple": smooth_triple(softplus),
        "silu_triple": smooth_triple(silu),
        "gelu_triple": smooth_triple(gelu),
        "log_triple": smooth_triple(lambda z: log(1 + z * z), "0.02"),  # branch points at +-i: 0.4 deviations of w
        "sqrt_triple": smooth_triple(lambda z: sqrt(1 + z * z), "0.03"),
        "gaussian_bump_triple": triple(
            # E exp(-u^2 - v^2) = det(1 + 2 K)^{-1/2}; on the diagonal E exp(-2 u^2) = (1 + 4 a)^{-1/2}
            lambda a: 1 / sqrt(1 + 4 * a),
            lambda a, b, c: 1 / sqrt((1 + 2 * a) * (1 + 2 * c) - 4 * b * b),
            lambda a: 1 / sqrt(1 + 2 * a),
        ),
    }
    return closed | smooth


def variances():
    """E phi(u)^2 at variances 0.01, 1 and 25: one-dimensional integrals."""
    levels = {"a": mpf("0.01"), "b": mpf(1), "c": mpf(25)}
    functions = {"tanh": tanh, "sigmoid": sigmoid, "softplus": softplus, "silu": silu, "gelu": gelu}
    result = {}
    for name, f in functions.items():
        values = {second(x, x): line(lambda z, f=f: f(z) ** 2, level, step="0.015") for x, level in levels.items()}
        if name != "tanh":
            values |= {mean(x): line(f, level, step="0.015") for x, level in levels.items()}
        result[f"{name}_at_three_variances"] = values
    return result


MEANS = (HALF, mpf("-0.75"))
MEAN_COVARIANCE = ((mpf("1.5"), mpf("0.6")), (mpf("0.6"), mpf("0.8")))


def with_means(f, cross, one):
    """(u, v) ~ N((0.5, -0.75), ((1.5, 0.6), (0.6, 0.8))): `one(g, center, variance)` integrates in one dimension."""
    (m, k), ((a, _), (_, c)) = MEANS, MEAN_COVARIANCE
    return {
        second("a", "a"): one(lambda z: f(z) ** 2, m, a),
        second("b", "b"): one(lambda z: f(z) ** 2, k, c),
        second("a", "b"): cross,
        mean("a"): one(f, m, a),
        mean("b"): one(f, k, c),
    }


def nonzero_means():
    (m, k), ((a, b), (_, c)) = MEANS, MEAN_COVARIANCE

    def smooth(f, width="0.06"):
        return with_means(
            f,
            product(f, f, MEAN_COVARIANCE, MEANS, width),
            lambda g, center, variance: line(g, variance, center, width),
        )

    def broken(f, moment):
        return with_means(
            f,
            conditional(moment, f, MEAN_COVARIANCE, MEANS),
            lambda g, center, variance: kinked(g, variance, center),
        )

    def trigonometric(f, same):
        """E f(u) f(v) = (E cos(u - v) -+ E cos(u + v))/2, E cos(x) = cos(mean) e^{-variance/2}."""

        def cross(m1, m2, v1, v12, v2):
            minus = mp.cos(m1 - m2) * exp(-(v1 - 2 * v12 + v2) / 2)
            plus = mp.cos(m1 + m2) * exp(-(v1 + 2 * v12 + v2) / 2)
            return (minus + same * plus) / 2

        return {
            second("a", "a"): cross(m, m, a, a, a),
            second("b", "b"): cross(k, k, c, c, c),
            second("a", "b"): cross(m, k, a, b, c),
            mean("a"): f(m) * exp(-a / 2),
            mean("b"): f(k) * exp(-c / 2),
        }

    return {
        "relu_means": broken(relu, lambda m, s: rectified(1, m, s)),
        "step_means": broken(step, lambda m, s: rectified(0, m, s)),
        "abs_means": broken(abs, lambda m, s: rectified(1, m, s) + rectified(1, -m, s)),
        "erf_means": smooth(erf),
        "gelu_means": smooth(gelu),
        "tanh_means": smooth(tanh, "0.05"),
        "polynomial_means": smooth(lambda z: z**3 - 2 * z**2 + z, "0.1"),
        "exp_means": {  # exp(z/2): E = exp(mean/2 + variance/8)
            second("a", "a"): exp(m + a / 2),
            second("b", "b"): exp(k + c / 2),
            second("a", "b"): exp((m + k) / 2 + (a + c) / 8 + b / 4),
            mean("a"): exp(m / 2 + a / 8),
            mean("b"): exp(k / 2 + c / 8),
        },
        "sin_means": trigonometric(sin, -1),
        "cos_means": trigonometric(mp.cos, 1),
    }


def near_degenerate():
    """Correlation 1 - 1e-12 and 1e-12 - 1, in the float64 numbers that Python reads."""
    result = {}
    for word, text in (("equal", "0.999999999999"), ("opposite", "-0.999999999999")):
        b = mpf(float(text))
        for shape, a, c in (("", mpf(1), mpf(1)), ("_unequal_variances", mpf(2), HALF)):
            with mp.workdps(90):  # near -1 relu relu is (pi - theta)^3/(6 pi): 18 digits cancel
                result[f"nearly_{word}_relu{shape}"] = {second("a", "b"): +relu_relu(a, b, c)}
                result[f"nearly_{word}_step{shape}"] = {second("a", "b"): +step_step(a, b, c)}
                result[f"nearly_{word}_erf{shape}"] = {second("a", "b"): +erf_erf(a, b, c)}
    return result


def hermite():
    """He2 and He3 at unit variances, correlation 0.375: E He_k He_l = k! rho^k delta_kl."""
    r = mpf("0.375")
    return {
        "hermite_polynomials": {
            second("a2", "b2"): 2 * r**2,
            second("a3", "b3"): 6 * r**3,
            second("a2", "b3"): mpf(0),
            second("a3", "a3"): mpf(6),
            mean("a2"): mpf(0),
        }
    }


def quotients():
    """quotient(phi, u, w, eps) at eps = 0 is phi'(u) w; u ~ N(0, 1.5), w ~ N(0, 0.8), covariance 0.6."""
    a, b, c = UU, UV, VV
    slope, rest = b / a, c - b * b / a

    # given u, E w^2 = rest + (slope u)^2
    def squared(f):
        return line(lambda u: f(u) ** 2 * (rest + (slope * u) ** 2), a, step="0.04")

    return {
        "quotient_tanh": {
            second("q", "q"): squared(dtanh),
            second("q", "u"): slope * line(lambda u: dtanh(u) * u * u, a, step="0.04"),
            second("q", "w"): line(lambda u: dtanh(u) * (rest + (slope * u) ** 2), a, step="0.04"),
        },
        "quotient_relu": {  # step(u) w: half of each second moment, by the symmetry (u, w) -> (-u, -w)
            second("q", "q"): c / 2,
            second("q", "u"): b / 2,
            second("q", "w"): c / 2,
            mean("q"): slope * sqrt(a / (2 * pi)),
        },
        # product(u, v) = u v; direction (v, u): E (v^2 + u^2)^2 = 3 c^2 + 2 (ac + 2 b^2) + 3 a^2
        "quotient_product": {
            second("q", "q"): 3 * c * c + 2 * (a * c + 2 * b * b) + 3 * a * a,
            mean("q"): a + c,
        },
    }


# Integrands of rank 2 and 3 -------------------------------------------------------------------------------------------


def kinks_in_the_plane():
    a, b, c = mpf("1.25"), mpf("-0.5"), mpf("0.75")
    given_v = (b / c, a - b * b / c)
    wide = "0.04"

    def over_v(f):
        """E over v of f(v, mean of u given v, variance of u given v)."""
        return line(lambda v: f(v, given_v[0] * v, given_v[1]), c, step=wide)

    (m, k), ((e, g), (_, h)) = (mpf("0.25"), mpf("-0.5")), ((a, b), (b, c))
    spread = sqrt(e - 2 * g + h)
    alpha = (m - k) / spread
    bell = exp(-alpha * alpha / 2) / sqrt(2 * pi)

    return {
        "relu_times_tanh": {
            second("z", "z"): over_v(lambda v, m, s: rectified(2, m, s) * tanh(v) ** 2),
            mean("z"): over_v(lambda v, m, s: rectified(1, m, s) * tanh(v)),
            second("z", "u"): over_v(lambda v, m, s: rectified(2, m, s) * tanh(v)),
        },
        # Clark's formulas; (u, v) with means 0.25 and -0.5
        "maximum_of_two": {
            mean("z"): m * ncdf(alpha) + k * ncdf(-alpha) + spread * bell,
            second("z", "z"): (m * m + e) * ncdf(alpha) + (k * k + h) * ncdf(-alpha) + (m + k) * spread * bell,
        },
        "relu_of_sum_with_tanh": {
            mean("z"): over_v(lambda v, m, s: rectified(1, m + tanh(v), s)),
            second("z", "z"): over_v(lambda v, m, s: rectified(2, m + tanh(v), s)),
            # v relu: given v
            second("z", "v"): over_v(lambda v, m, s: v * rectified(1, m + tanh(v), s)),
        },
        "relu_times_relu_times_relu_of_sum": {
            # u, v > 0 imply u + v > 0
            second("z", "z"): sum(
                factor * simplex(((a, b), (b, c)), powers) for factor, powers in ((1, (4, 2)), (2, (3, 3)), (1, (2, 4)))
            ),
            mean("z"): simplex(((a, b), (b, c)), (2, 1)) + simplex(((a, b), (b, c)), (1, 2)),
        },
    }


def inverse(matrix):
    return mp.matrix(matrix) ** -1, mp.det(mp.matrix(matrix))


def simplex(covariance, powers, count=90):
    """E prod relu(u_i)**p_i for zero-mean u: x = r s with s on the simplex; the radius gives a Gamma function.

    integral r^{N-1} e^{-r^2 q/2} dr = Gamma(N/2) (2/q)^{N/2} / 2 with N = sum p_i + dimension.
    """
    precision, determinant = inverse(covariance)
    dimension = len(powers)
    total = mpf(sum(powers) + dimension)

    def value(s):
        q = sum(precision[i, j] * s[i] * s[j] for i in range(dimension) for j in range(dimension))
        return mp.fprod(x**p for x, p in zip(s, powers, strict=True)) * q ** (-total / 2)

    if dimension == 2:
        surface = mp.fsum(w * value((t, 1 - t)) for t, w in zip(*interval(mpf(0), mpf(1), count), strict=True))
    else:  # s = (t, (1 - t) r, (1 - t)(1 - r)), ds = (1 - t) dt dr
        nodes = list(zip(*interval(mpf(0), mpf(1), count), strict=True))
        surface = mp.fsum(
            w * y * (1 - t) * value((t, (1 - t) * r, (1 - t) * (1 - r))) for t, w in nodes for r, y in nodes
        )
    radius = mp.gamma(total / 2) * 2 ** (total / 2) / 2
    return radius * surface / sqrt((2 * pi) ** dimension * determinant)


TRIPLET = (
    (mpf("0.8"), mpf("0.3"), mpf("-0.2")),
    (mpf("0.3"), mpf("1.25"), mpf("0.4")),
    (mpf("-0.2"), mpf("0.4"), mpf("0.6")),
)


def in_space(f, step_width, covariance=TRIPLET):
    root = numbers(mp.cholesky(mp.matrix(covariance)).tolist())

    def rotated(x, y, z):
        return f(
            root[0, 0] * x,
            root[1, 0] * x + root[1, 1] * y,
            root[2, 0] * x + root[2, 1] * y + root[2, 2] * z,
        )

    return grid(rotated, (1, 1, 1), (step_width,) * 3)


def rank_three():
    def s(z):
        return 1 / (1 + np.exp(-z))

    (a, b, c), (_, e, g), (_, _, h) = TRIPLET

    # tanh(u) v w: given u, (v, w) is Gaussian with means proportional to u; E v^2 w^2 by Wick
    def given(u):
        mv, mw = b / a * u, c / a * u
        vv, ww, vw = e - b * b / a, h - c * c / a, g - b * c / a
        square = (mv * mv + vv) * (mw * mw + ww) + 2 * vw * vw + 4 * vw * mv * mw
        return square, mv * mw + vw

    for name in ("tanh_tanh_tanh", "sigmoid_tanh_sigmoid", "tanh_of_sum_and_product"):
        DIGITS[name] = 15
    return {
        "relu_relu_relu": {
            second("z", "z"): simplex(TRIPLET, (2, 2, 2)),
            mean("z"): simplex(TRIPLET, (1, 1, 1)),
        },
        "tanh_tanh_tanh": {
            second("z", "z"): in_space(lambda u, v, w: (np.tanh(u) * np.tanh(v) * np.tanh(w)) ** 2, 0.14),
            second("z", "u"): in_space(lambda u, v, w: u * np.tanh(u) * np.tanh(v) * np.tanh(w), 0.14),
        },
        "sigmoid_tanh_sigmoid": {
            second("z", "z"): in_space(lambda u, v, w: (s(u) * np.tanh(v) * s(w)) ** 2, 0.14),
            mean("z"): in_space(lambda u, v, w: s(u) * np.tanh(v) * s(w), 0.14),
        },
        "tanh_of_sum_and_product": {
            second("z", "z"): in_space(lambda u, v, w: np.tanh(u + np.sin(v) * s(w)) ** 2, 0.14),
            mean("z"): in_space(lambda u, v, w: np.tanh(u + np.sin(v) * s(w)), 0.14),
        },
        "tanh_times_polynomial": {
            second("z", "z"): line(lambda u: tanh(u) ** 2 * given(u)[0], a, step="0.05"),
            second("z", "u"): line(lambda u: u * tanh(u) * given(u)[1], a, step="0.05"),
        },
    }


# Matrices: there and back ---------------------------------------------------------------------------------------------


def catalan(k):
    return mpf(mp.binomial(2 * k, k)) / (k + 1)


def marchenko_pastur(k, ratio):
    """k-th moment of A A^T, A of shape m x n with entries N(0, 1/n), ratio = m/n."""
    return (
        mp.fsum(mpf(ratio) ** j / (j + 1) * mp.binomial(k, j) * mp.binomial(k - 1, j) for j in range(k))
        if k
        else mpf(1)
    )


def there_and_back():
    s, square, average = mpf("1.25"), mpf("0.75"), HALF  # sigma_W^2; x ~ N(0.5, 0.5): E x^2 = 0.75
    names = ["x", "x1", "x2", "x3", "x4"]
    # (1/n) x^T (W W^T)^{j+k} x -> E x^2 s^{j+k} Catalan(j+k): W is independent of x, Marchenko-Pastur
    powers = {
        second(names[j], names[k]): square * s ** (j + k) * catalan(j + k)
        for j, k in itertools.combinations_with_replacement(range(5), 2)
        if (j, k) != (0, 0)
    }
    powers |= {mean(names[k]): average * s**k * catalan(k) for k in range(1, 5)}
    # Z-dot of x_k: Catalan(j) s^{j+1} on x_{k-1-j}, by the derivative rule
    powers |= {zdot(names[k], names[k - 1 - j]): s ** (j + 1) * catalan(j) for k in range(1, 5) for j in range(k)}

    result = {"powers_of_w_wt": powers}
    for word, r in (("twice", mpf(2)), ("half", HALF)):
        # rows in class m = r n, columns in class n. x in m: A A^T; p in n: A^T A with moments r * (those of A A^T)
        x = {
            second(names[j], names[k]): square * s ** (j + k) * marchenko_pastur(j + k, r)
            for j, k in ((0, 1), (1, 1), (0, 2), (1, 2), (2, 2))
        }
        x |= {
            zdot("x1", "x"): s,
            zdot("x2", "x1"): s,
            zdot("x2", "x"): r * s * s,  # d y2/d Z-hat(A^T x) = r s
            zdot("y2", "y1"): r * s,
        }
        result[f"powers_of_a_at_{word}_as_wide"] = x
        p = {
            second(f"p{j}" if j else "p", f"p{k}"): square * s ** (j + k) * r * marchenko_pastur(j + k, r)
            for j, k in ((0, 1), (1, 1), (0, 2), (1, 2), (2, 2))
        }
        p |= {zdot("p1", "p"): r * s, zdot("p2", "p1"): r * s, zdot("p2", "p"): r * s * s}
        p |= {zdot("q2", "q1"): s}
        result[f"powers_of_at_a_{word}_as_wide"] = p
    return result


CUBIC = {
    # function: (E phi(g)^2, E phi'(g)) for g ~ N(0, a)
    "relu": lambda a: (a / 2, HALF),
    "tanh": lambda a: (tanh_square(a), sech_density(a)),
    "cube": lambda a: (15 * a**3, 3 * a),
    "step": lambda a: (HALF, 1 / sqrt(2 * pi * a)),
}


def transpose_of_nonlinearity():
    """g = W x, p = phi(g), h = W^T p: Z^h = Z-hat + s E phi'(g) x, Var Z-hat = s E phi(g)^2."""
    s, average, square = mpf("1.5"), mpf("0.5"), mpf("0.75")
    result = {}
    for name, moments in CUBIC.items():
        power, slope = moments(s * square)
        result[f"wt_{name}_w"] = {
            second("h", "h"): s * power + (s * slope) ** 2 * square,
            second("h", "x"): s * slope * square,
            mean("h"): s * slope * average,
            zdot("h", "x"): s * slope,
            hat("h", "h"): s * power,
        }
        for word, r in (("twice", mpf(2)), ("half", HALF)):
            if name in ("relu", "step"):
                # A is m x n, m = r n. x in n, g = A x and p in m, h = A^T p in n
                result[f"at_{name}_a_{word}_as_wide"] = {
                    second("h", "h"): r * s * power + (r * s * slope) ** 2 * square,
                    second("h", "x"): r * s * slope * square,
                    zdot("h", "x"): r * s * slope,
                    hat("h", "h"): r * s * power,
                }
            if name in ("relu", "tanh"):
                # z in m, y = A^T z in n with variance r s E z^2, p = phi(y), h = A p in m
                power_y, slope_y = moments(r * s * square)
                result[f"a_{name}_at_{word}_as_wide"] = {
                    second("y", "y"): r * s * square,
                    second("h", "h"): s * power_y + (s * slope_y) ** 2 * square,
                    second("h", "z"): s * slope_y * square,
                    zdot("h", "z"): s * slope_y,
                    hat("h", "h"): s * power_y,
                }
    return result


def tied_rounds():
    result = {}

    # k = A tanh(A^T relu(A x + b)): x ~ N(0.5, 0.5), b ~ N(-0.25, 0.4), s = 1.25
    s, ex, exx, mb, vb = mpf("1.25"), HALF, mpf("0.75"), mpf("-0.25"), mpf("0.4")
    vx = exx - ex * ex
    total = s * exx + vb  # variance of g + b, mean mb
    a1, a2, p = rectified(1, mb, total), rectified(2, mb, total), rectified(0, mb, total)
    # h = A^T a: Z-hat of variance s E a^2, plus s p x: one Gaussian
    vh = s * a2 + (s * p) ** 2 * vx
    mh = s * p * ex
    width = tanh_step(vh)
    t2 = line(lambda z: tanh(z) ** 2, vh, mh, width)
    tau = line(dtanh, vh, mh, width)
    t1 = line(tanh, vh, mh, width)
    tx = ex * t1 + s * p * vx * tau  # E t x, Stein
    # k = A t: Cov(Z-hat^k, Z-hat^g) = s E t x; Z-dot = s tau a; E Z-hat^k a = s tx p
    result["a_tanh_at_relu_a"] = {
        second("h", "h"): vh + mh * mh,
        second("k", "k"): s * t2 + 2 * s * tau * s * tx * p + (s * tau) ** 2 * a2,
        second("k", "a"): s * tx * p + s * tau * a2,
        second("k", "x"): s * tau * a1 * ex,  # x independent of Z-hat^k and of a
        second("k", "g"): s * tx + s * tau * p * s * exx,
        mean("k"): s * tau * a1,
        zdot("k", "a"): s * tau,
        zdot("h", "x"): s * p,
        hat("k", "g"): s * tx,
    }

    # two rounds of the tied autoencoder: g1 = W x, a1 = tanh g1, h1 = W^T a1, x1 = tanh h1, and again
    s, ex, exx = mpf("1.75"), mpf("0.5"), mpf("1.0")
    vx = exx - ex * ex
    vg1 = s * exx
    c1 = s * sech_density(vg1)  # Z^h1 = H1 + c1 x
    vh1 = s * tanh_square(vg1)
    mh, var_h = c1 * ex, vh1 + c1 * c1 * vx
    width = min(mpf("0.06"), tanh_step(var_h))
    x11 = line(lambda z: tanh(z) ** 2, var_h, mh, width)
    slope_h1 = line(dtanh, var_h, mh, width)
    mean_x1 = line(tanh, var_h, mh, width)
    xx1 = ex * mean_x1 + c1 * vx * slope_h1  # E x x1
    # g2 = G2 + d tanh(G1), d = s E tanh'(h1); (G1, G2) with covariance s (E x^2, E x x1, E x1^2)
    d = s * slope_h1
    cov = ((s * exx, s * xx1), (s * xx1, s * x11))
    fine = "0.08"

    def of_round(f):
        return plane(lambda u, v: f(u, v + d * tanh(u)), cov, step=fine)

    a22 = of_round(lambda u, z: tanh(z) ** 2)
    a12 = of_round(lambda u, z: tanh(u) * tanh(z))
    slope2 = of_round(lambda u, z: dtanh(z))
    slope1 = of_round(lambda u, z: dtanh(z) * d * dtanh(u))
    # h2 = H2 + s slope1 x + s slope2 x1; Cov(H1, H2) = s E a1 a2, Var H2 = s E a2^2; x1 = tanh(H1 + c1 x)
    alpha, beta = s * slope1, s * slope2
    h12 = s * a12
    hat_x1 = h12 * slope_h1  # E H2 x1, Stein
    # P = H2 + alpha x, Q = H1 + c1 x
    pq = (
        (s * a22 + alpha * alpha * vx, h12 + alpha * c1 * vx),
        (h12 + alpha * c1 * vx, var_h),
    )
    centers = (alpha * ex, mh)
    DIGITS["two_rounds_of_a_tied_autoencoder"] = 27
    result["two_rounds_of_a_tied_autoencoder"] = {
        second("x1", "x1"): x11,
        second("x1", "x"): xx1,
        second("g2", "g2"): s * x11 + 2 * d * s * xx1 * sech_density(vg1) + d * d * tanh_square(vg1),
        second("a2", "a2"): a22,
        second("a1", "a2"): a12,
        second("h2", "h2"): s * a22 + alpha**2 * exx + beta**2 * x11 + 2 * beta * hat_x1 + 2 * alpha * beta * xx1,
        second("h2", "x1"): hat_x1 + alpha * xx1 + beta * x11,
        second("x2", "x2"): plane(lambda p, q: tanh(p + beta * tanh(q)) ** 2, pq, centers, fine),
        zdot("g2", "a1"): d,
        zdot("h2", "x"): alpha,
        zdot("h2", "x1"): beta,
    }
    return result


def same_matrix():
    result = {}

    # g1 = W x, g2 = W relu(g1), g3 = W tanh(g2): no transpose, every Z-dot is 0. x ~ N(0.75, 0.5), s = 1.5
    s, ex, exx = mpf("1.5"), mpf("0.75"), mpf("0.5") + mpf("0.5625")
    v1 = s * exx
    v2 = s * v1 / 2
    v12 = s * ex * sqrt(v1 / (2 * pi))  # s E[x relu(g1)], x and g1 independent
    root = tanh_step(v2)

    def relu_given(power, f, f_variance=v2, covariance=v12):
        """E relu(g1)^power f(g2)."""
        return line(
            lambda z: rectified(power, covariance / f_variance * z, v1 - covariance**2 / f_variance) * f(z),
            f_variance,
            step=root,
        )

    t = relu_given(1, tanh)
    result["w_tanh_w_relu_w"] = {
        second("g1", "g2"): v12,
        second("g2", "g2"): v2,
        second("g3", "g3"): s * tanh_square(v2),
        second("g1", "g3"): mpf(0),  # s E[x tanh(g2)]: x is independent of g2
        second("g2", "g3"): s * t,
        second("x2", "x1"): t,
        hat("g2", "g3"): s * t,
        expect("x1*x1*x2*x2"): relu_given(2, lambda z: tanh(z) ** 2),
    }
    # the same with sigmoid in place of tanh: E sigmoid(g2) = 1/2, so g1 and g3 correlate
    q = relu_given(1, sigmoid)
    result["w_sigmoid_w_relu_w"] = {
        second("g1", "g3"): s * ex * HALF,
        second("g2", "g3"): s * q,
        second("g3", "g3"): s * line(lambda z: sigmoid(z) ** 2, v2, step="0.05"),
        # g1 + g2 + g3 is one Gaussian
        second("total", "total"): v1
        + v2
        + s * line(lambda z: sigmoid(z) ** 2, v2, step="0.05")
        + 2 * (v12 + s * ex * HALF + s * q),
    }

    # W W x and W x do not correlate, W relu(W x) and W x do iff E x != 0
    s, m, v = mpf("0.75"), mpf("1.25"), mpf("0.6")
    square = m * m + v
    v1 = s * square
    result["w_w_x"] = {
        second("g", "h"): mpf(0),
        second("h", "h"): s * s * square,
        second("g", "k"): s * m * sqrt(v1 / (2 * pi)),
        second("h", "k"): s * v1 / 2,  # s E[g relu(g)]
        second("k", "k"): s * v1 / 2,
    }

    # correlated arguments with means; s = 1.6. x, y ~ N((0.5, -0.25), ((1, 0.4), (0.4, 0.5)))
    s = mpf("1.6")
    raw = {
        "xx": mpf(1) + mpf("0.25"),
        "xy": mpf("0.4") - mpf("0.125"),
        "yy": mpf("0.5") + mpf("0.0625"),
    }
    a, b, c = s * raw["xx"], s * raw["xy"], s * raw["yy"]
    j = relu_relu(a, b, c)
    result["products_on_correlated_arguments"] = {
        second("g", "h"): b,
        second("p", "q"): j,
        second("k", "k"): s * a / 2,
        second("k", "l"): s * j,
        second("k", "g"): s * mpf("0.5") * sqrt(a / (2 * pi)),  # s E[x relu(g)]
        second("k", "h"): s * mpf("-0.25") * sqrt(a / (2 * pi)),  # s E[y relu(g)]
        second("r", "r"): relu_relu(s * a / 2, s * j, s * c / 2) * 2 + s * a / 4 + s * c / 4,
        expect("relu(g)*h"): b / 2,
    }
    # relu(g - h), sign(g) sign(h)
    result["nonlinearity_of_a_difference"] = {
        second("z", "z"): (a - 2 * b + c) / 2,
        second("z", "g"): (a - b) / 2,
        second("w1", "w1"): s * (a - 2 * b + c) / 2,
        mean("m1"): 1 - 2 * angle(a, b, c) / pi,
        second("same", "same"): a,  # the product written twice
        second("g", "same"): a,
        second("zero", "zero"): mpf(0),
    }
    return result


def several_y():
    """y_i = W^T x_i, z = f(y1, y2), h = W z: Z-dot = s sum x_i E d_i f."""
    result = {}
    s = mpf("1.2")
    # x1, x2 ~ N((0.5, 1), ((1, 0.25), (0.25, 0.75))): raw second moments
    x = {"11": mpf(1) + mpf("0.25"), "12": mpf("0.25") + mpf("0.5"), "22": mpf("0.75") + mpf(1)}
    averages = (HALF, mpf(1))

    def outcome(zz, d1, d2, z_hat_factor, x=x):
        """h h, h x1, h x2 from E z^2 and the two slopes; z_hat_factor = s or r s; Z-hat^h independent of x."""
        f1, f2 = z_hat_factor * d1, z_hat_factor * d2
        return {
            second("h", "h"): z_hat_factor * zz + f1 * f1 * x["11"] + 2 * f1 * f2 * x["12"] + f2 * f2 * x["22"],
            second("h", "x1"): f1 * x["11"] + f2 * x["12"],
            second("h", "x2"): f1 * x["12"] + f2 * x["22"],
            mean("h"): f1 * averages[0] + f2 * averages[1],
            zdot("h", "x1"): f1,
            zdot("h", "x2"): f2,
        }

    def gaussian(scale):
        return scale * x["11"], scale * x["12"], scale * x["22"]

    a, b, c = gaussian(s)
    # tanh(y1) + relu(y2) + y1 y2
    # E z^2: tanh^2 + relu^2 + (y1 y2)^2 + 2 tanh relu + 2 tanh y1 y2 (0, odd) + 2 relu(y2) y1 y2
    cross = line(lambda t: tanh(t) * rectified(1, b / a * t, c - b * b / a), a, step=tanh_step(a))
    # relu(y2) y1 y2 = y1 relu(y2)^2: E y1 g(y2) = b/c E y2 g(y2) = b/c * E relu^3 = b/c * c^{3/2} sqrt(2/pi)
    cubic = b * sqrt(c) * sqrt(2 / pi)
    zz = tanh_square(a) + c / 2 + a * c + 2 * b * b + 2 * cross + 2 * cubic
    result["tanh_plus_relu_plus_product_of_two_y"] = outcome(zz, sech_density(a), HALF, s)
    # step(y1 - y2/2): Stein form; Z-dot = s (x1 - x2/2) density of y1 - y2/2 at 0
    v = a - b + c / 4
    peak = 1 / sqrt(2 * pi * v)
    result["step_of_two_y"] = outcome(HALF, peak, -peak / 2, s)
    # step(y1) sigmoid(y2): d1 = density(y1 = 0) E[sigmoid(y2) | y1 = 0] = density/2; d2 = E step(y1) sigmoid'(y2)
    given = line(lambda t: rectified(0, b / c * t, a - b * b / c) * dsigmoid(t), c, step="0.05")
    both = line(lambda t: rectified(0, b / c * t, a - b * b / c) * sigmoid(t) ** 2, c, step="0.05")
    result["step_times_sigmoid_of_two_y"] = outcome(both, 1 / sqrt(2 * pi * a) / 2, given, s)

    # unequal widths. A is m x n with variance s/n, m = r n.
    for word, r in (("twice", mpf(2)), ("half", HALF)):
        # x_i in m, y_i = A^T x_i in n with covariance r s R, z = step(y1 - y2/2), h = A z in m: factor s
        a, b, c = gaussian(r * s)
        v = a - b + c / 4
        peak = 1 / sqrt(2 * pi * v)
        result[f"step_of_two_y_{word}_as_wide"] = outcome(HALF, peak, -peak / 2, s) | {second("y1", "y2"): b}
        # x_i in n, y_i = A x_i in m with covariance s R, z = relu(y1) y2, h = A^T z in n: factor r s
        # d1 = E step(y1) y2 = b/sqrt(2 pi a); d2 = E relu(y1) = sqrt(a/2 pi); E z^2 = half of E y1^2 y2^2
        a, b, c = gaussian(s)
        result[f"relu_times_y_{word}_as_wide"] = outcome(
            (a * c + 2 * b * b) / 2, b / sqrt(2 * pi * a), sqrt(a / (2 * pi)), r * s
        )

    # singular C: xa is another name of x, xs = x + u; s = 1.2, x ~ N(0.5, 1), u ~ N(0, 0.5) independent
    exx, exu, euu = mpf("1.25"), mpf(0), HALF
    k = s * exx
    # z = relu(y + ya) = 2 relu(y): Z-dot = s x
    result["two_equal_y"] = {
        second("y", "ya"): k,
        second("h", "h"): s * 2 * k + s * s * exx,
        second("h", "x"): s * exx,
        mean("h"): s * HALF,
        hat("h", "h"): s * 2 * k,
    }
    # ys = y + yu: z = step(y + yu + ys/2) = step(1.5 ys); w = y + yu and ys agree; Z-dot = s density(ys = 0) xs
    ss = exx + 2 * exu + euu
    peak = 1 / sqrt(2 * pi * s * ss)
    result["dependent_y"] = {
        second("h", "h"): s * HALF + (s * peak) ** 2 * ss,
        second("h", "xs"): s * peak * ss,
        second("h", "x"): s * peak * exx,
        second("h", "u"): s * peak * euu,
        second("difference", "difference"): mpf(0),
    }
    return result


def steps_of_y_with_z_dot():
    """h = W phi(y2) for a step or a sign, where Z^{y2} has a Z-dot of its own: Stein's b needs Z-hat, not Z."""
    result = {}
    s, ex, exx = mpf("1.4"), HALF, mpf("0.75")

    # y1 = W^T x, x1 = W y1 = H1 + s x, y2 = W^T x1 = Y2 + s y1, one Gaussian of variance 5 s^3 E x^2 (Catalan)
    p = 1 / sqrt(2 * pi * 5 * s**3 * exx)  # density of y2 at 0
    # Z-dot = s p x1 + s^2 p x, E y1 y2 = 2 s^2 E x^2, Cov(H, H1) = s p E y1 y2, E x1^2 = 2 s^2 E x^2, E x x1 = s E x^2
    result["step_of_y_with_z_dot"] = {
        second("h", "h"): s * HALF + s**4 * p**2 * exx * (4 + 2 + 2 + 1),
        second("h", "x"): 2 * s**2 * p * exx,
        second("h", "x1"): 5 * s**3 * p * exx,
        mean("h"): 2 * s**2 * p * ex,
        zdot("h", "x1"): s * p,
        zdot("h", "x"): s**2 * p,
    }
    # the same with sign and A of shape m x n, m = 2 n, x in class m: y2 = Y2 + r s y1
    r = mpf(2)
    p = 2 / sqrt(2 * pi * r * s**3 * exx * marchenko_pastur(3, r))
    hat_hat = s * p * r * s**2 * exx * (1 + r)  # Cov(H, H1) = s E sign(y2) y1
    x11, x01 = s**2 * exx * (1 + r), s * exx
    alpha, beta = s * p, r * s**2 * p
    result["sign_of_y_with_z_dot_twice_as_wide"] = {
        second("h", "h"): s + 2 * alpha * hat_hat + alpha**2 * x11 + 2 * alpha * beta * x01 + beta**2 * exx,
        second("h", "x"): p * s**2 * exx * (1 + r),
        second("h", "x1"): hat_hat + alpha * x11 + beta * x01,
        mean("h"): p * s**2 * ex * (1 + r),
        zdot("h", "x1"): alpha,
        zdot("h", "x"): beta,
    }
    # y1 = W^T x, a = relu(y1), g = W a = G + s/2 x, y2 = W^T g = Y2 + s relu(y1), z = step(y2)
    v1, v2, v12 = s * exx, s * mpf("0.75") * s**2 * exx, s * s / 2 * exx
    slope, rest = v12 / v1, v2 - v12**2 / v1

    def level(t):
        """Mean of y2 given y1 = t."""
        return slope * t + s * relu(t)

    at_zero = kinked(lambda t: density(0, rest, level(t)), v1)
    through_relu = kinked(lambda t: density(0, rest, level(t)) * s * step(t), v1)
    positive = kinked(lambda t: ncdf(level(t) / sqrt(rest)), v1)
    za = kinked(lambda t: ncdf(level(t) / sqrt(rest)) * relu(t), v1)  # E z a
    alpha, beta = s * at_zero, s * through_relu  # on g and on x
    g2, gx = mpf("0.75") * s**2 * exx, s / 2 * exx
    result["step_of_y_with_nonlinear_z_dot"] = {
        second("z", "z"): positive,
        second("h", "h"): s * positive + 2 * alpha * s * za + alpha**2 * g2 + 2 * alpha * beta * gx + beta**2 * exx,
        second("h", "x"): alpha * gx + beta * exx,
        second("h", "g"): s * za + alpha * g2 + beta * gx,
        mean("h"): (alpha * s / 2 + beta) * ex,
        zdot("h", "g"): alpha,
        zdot("h", "x"): beta,
        zdot("y2", "a"): s,
    }
    return result


def distributed():
    """W(y + z) against W y + W z; phi of each, then W^T."""
    s = mpf("1.3")
    yy, yz, zz = mpf(1) + mpf("0.25"), mpf("0.3") + mpf("0.5") * mpf("-0.25"), mpf("0.6") + mpf("0.0625")
    total = yy + 2 * yz + zz
    v = s * total
    power, slope = tanh_square(v), sech_density(v)
    common = {
        second("k", "k"): s * power + (s * slope) ** 2 * total,
        second("k", "y"): s * slope * (yy + yz),
        second("k", "z"): s * slope * (yz + zz),
        mean("k"): s * slope * mpf("0.25"),
    }
    return {
        "phi_of_w_of_sum": common | {zdot("k", "t"): s * slope},
        "phi_of_sum_of_w": common | {zdot("k", "y"): s * slope, zdot("k", "z"): s * slope},
        "sum_inside_and_outside": {
            second("h", "g"): v,
            second("h", "h"): v,
            second("gap", "gap"): mpf(0),
            second("k", "l"): s * power + (s * slope) ** 2 * total,
            second("k", "k"): s * power + (s * slope) ** 2 * total,
            second("l", "l"): s * power + (s * slope) ** 2 * total,
            second("l", "y"): s * slope * (yy + yz),
        },
    }


# Networks -------------------------------------------------------------------------------------------------------------


def embedded():
    """Embedded inputs: Cov(U xi, U xj) = s_U xi.xj/d."""

    def dot(x, y, factor):
        return factor * mp.fsum(mpf(a) * mpf(b) for a, b in zip(x, y, strict=True)) / len(x)

    xi, xj = ("1", "-0.5", "0.25"), ("0.5", "0.75", "-1")
    u, s = mpf("1.5"), mpf("1.25")
    a, b, c = dot(xi, xi, u), dot(xi, xj, u), dot(xj, xj, u)
    result = {}

    first = tuple(s * erf_erf(*k) for k in ((a, a, a), (a, b, c), (c, c, c)))
    result["embedded_erf_relu"] = {
        second("h1", "k1"): b,
        second("h2", "k2"): first[1],
        second("x2", "x2"): first[0] / 2,
        second("y2", "y2"): first[2] / 2,
        second("x2", "y2"): relu_relu(*first),
    }
    # three relu layers with biases of variance 0.1 (shared by both inputs), s = 2
    level, s2, beta = (a, b, c), mpf(2), mpf("0.1")
    level = tuple(k + beta for k in level)
    for _ in range(2):
        level = (s2 * level[0] / 2 + beta, s2 * relu_relu(*level) + beta, s2 * level[2] / 2 + beta)
    result["embedded_relu_with_biases"] = {
        second("g3", "e3"): level[1],
        second("x3", "x3"): level[0] / 2,
        second("x3", "y3"): relu_relu(*level),
    }
    # tanh, tanh
    inner = (s * tanh_square(a), s * tanh_tanh(a, b, c), s * tanh_square(c))
    result["embedded_tanh_tanh"] = {
        second("h2", "k2"): inner[1],
        second("x2", "x2"): tanh_square(inner[0]),
        second("x2", "y2"): tanh_tanh(*inner),
        mean("x2"): mpf(0),
    }
    # an RNN: h2 = W relu(u1) + u2, h3 = W relu(h2) + u3, with one input repeated (u3 = u1)
    x1 = relu_relu(a, a, a)
    v2 = s * x1 + c
    # cov(h2, u1) = b; E relu(u1) relu(h2); h3 = W relu(h2) + u1
    x12 = relu_relu(a, b, v2)
    v3 = s * v2 / 2 + a
    h23 = s * x12 + b
    result["recurrent_relu_with_repeated_input"] = {
        second("h2", "h3"): h23,
        second("x3", "x3"): v3 / 2,
        second("x2", "x3"): relu_relu(v2, h23, v3),
        second("x1", "x3"): relu_relu(a, a, v3),  # Cov(h3, u1) = a: u3 is u1 again
        second("u3", "u1"): a,
    }
    return result


def raw_moments():
    """E Z != 0 before a product: second moments, not covariances."""
    s, m, v = mpf("1.4"), mpf("1.5"), mpf("0.5")
    k = s * (m * m + v)
    result = {
        "mean_before_product": {
            second("h", "h"): k,
            mean("h"): mpf(0),
            second("r", "r"): k / 2,
            mean("r"): sqrt(k / (2 * pi)),
            second("h2", "h2"): s * k / 2,
            second("x3", "x3"): erf_erf(s * k / 2, s * k / 2, s * k / 2),
        }
    }
    # sigmoid activations have mean 1/2: W sigmoid(h1), two inputs
    a, b, c = mpf(1), mpf("-0.5"), mpf("1.5")
    first = (
        s * line(lambda z: sigmoid(z) ** 2, a, step="0.05"),
        s * product(sigmoid, sigmoid, ((a, b), (b, c)), step="0.05"),
        s * line(lambda z: sigmoid(z) ** 2, c, step="0.05"),
    )
    result["sigmoid_before_product"] = {
        second("h", "g"): first[1],
        second("p", "p"): HALF,
        second("p", "q"): step_step(*first),
        second("h", "h"): first[0],
    }
    # a vector of variance 0: x = 1 + 0.5 u
    k1 = s * (1 + mpf("0.25") * a)
    result["constant_plus_noise"] = {
        second("h", "h"): k1,
        mean("x"): mpf(1),
        second("z", "z"): exp(-k1) * cosh(k1),
        mean("z"): exp(-k1 / 2),
        second("h", "two"): mpf(0),
        second("w1", "w1"): s * 4,  # two = 2, variance 0
    }
    return result


def normalizations():
    result = {}
    s, exx, mb, vb, eps = mpf("1.25"), mpf("1.0"), mpf("0.75"), mpf("0.5"), mpf("0.25")
    v = s * exx + vb  # g = W x + b ~ N(0.75, v)
    shrink = v / (v + eps)
    result["layer_norm"] = {
        scalar("nu"): mb,
        scalar("var"): v,
        second("y", "y"): shrink,
        mean("y"): mpf(0),
        second("y", "g"): v / sqrt(v + eps),
        second("r", "r"): shrink / 2,
        second("t", "t"): tanh_square(shrink),
        second("k", "k"): s * shrink,
        second("k", "h"): mpf(0),  # s E[x y] = s Cov(x, y)/...: x is independent of g
    }
    # layer norm of relu(g)
    r1, r2 = rectified(1, mb, v), rectified(2, mb, v)
    spread = r2 - r1 * r1
    result["layer_norm_of_relu"] = {
        scalar("nu"): r1,
        scalar("var"): spread,
        second("y", "y"): mpf(1),
        second("y", "a"): spread / sqrt(spread),
        second("k", "k"): s,
        second("q", "q"): s / 2,
    }
    square = mb * mb + v
    result["rms_norm"] = {
        scalar("ms"): square,
        second("y", "y"): square / (square + eps),
        mean("y"): mb / sqrt(square + eps),
        second("r", "r"): rectified(2, mb / sqrt(square + eps), v / (square + eps)),
        second("k", "k"): s * square / (square + eps),
    }
    # scalar of scalar
    q = s * exx
    logistic = exp(-q) / (1 + exp(-q))
    root = sqrt(logistic + q)
    result["scalar_of_scalar"] = {
        scalar("q"): q,
        scalar("k"): logistic,
        scalar("l"): root,
        # z = k h + relu(l h)
        second("z", "z"): logistic**2 * q + logistic * root * q + root**2 * q / 2,
        mean("z"): root * sqrt(q / (2 * pi)),
        scalar("t"): logistic**2 * q + logistic * root * q + root**2 * q / 2,
        scalar("w"): 2 * logistic,  # eps -> 0
    }
    # Moments of correlated factors; x1, x2 ~ N((0.5, 1), ((1, 0.25), (0.25, 0.75))), s = 1.25
    a, b, c = s * mpf("1.25"), s * mpf("0.75"), s * mpf("1.75")
    p, q = relu_relu(a, b, c), b / 2
    result["moment_of_correlated_factors"] = {
        scalar("q"): q,
        scalar("p"): p,
        scalar("r"): mpf("0.25") + mpf("0.5"),
        second("z", "z"): (q * q * a + 2 * p * q * b + p * p * c) / 2,
        second("z", "h1"): (q * a + p * b) / 2,
        scalar("w"): p / q,
    }
    # y = W^T x, a = relu(y), h = W a: q = mean(x h) = s/2 E x^2, and by adjointness mean(y a) too
    result["moment_with_z_dot"] = {
        scalar("q"): s * HALF * exx,
        scalar("t"): s * s * exx / 2 + (s * HALF) ** 2 * exx,
        second("z", "z"): (s * s * exx / 2 + (s / 2) ** 2 * exx) * (s * HALF * exx) ** 2,
        scalar("adjoint"): s * HALF * exx,
    }
    return result


def attention():
    """Three tokens x_i ~ N((0.5, -0.5, 0.25), K); W x_i have covariance s R, R raw second moments."""
    means = (mpf("0.5"), mpf("-0.5"), mpf("0.25"))
    cov = (
        (mpf(1), mpf("0.3"), mpf("-0.2")),
        (mpf("0.3"), mpf("0.8"), mpf("0.1")),
        (mpf("-0.2"), mpf("0.1"), mpf("0.6")),
    )
    raw = [[cov[i][j] + means[i] * means[j] for j in range(3)] for i in range(3)]
    s = mpf("1.5")
    g = [[s * raw[i][j] for j in range(3)] for i in range(3)]

    def weights(row):
        values = [exp(x) for x in row]
        return [x / mp.fsum(values) for x in values]

    def form(a, b, matrix):
        return mp.fsum(a[i] * matrix[i][j] * b[j] for i in range(3) for j in range(3))

    w1, w2 = weights(g[0]), weights(g[1])
    tied = {
        scalar("q12"): g[0][1],
        scalar("a12"): w1[1],
        second("o1", "o1"): form(w1, w1, g),
        second("o1", "o2"): form(w1, w2, g),
        second("r1", "r2"): relu_relu(form(w1, w1, g), form(w1, w2, g), form(w2, w2, g)),
    }
    # queries and keys by one matrix (s = 1.5), values by another (0.8)
    values = [[mpf("0.8") * x for x in row] for row in raw]
    shared = {
        scalar("q12"): g[0][1],
        second("o1", "o1"): form(w1, w1, values),
        second("o1", "o2"): form(w1, w2, values),
        second("r1", "r2"): relu_relu(form(w1, w1, values), form(w1, w2, values), form(w2, w2, values)),
        second("o1", "k1"): mpf(0),
    }
    third = [mpf(1) / 3] * 3  # separate matrices: every score tends to 0
    separate = {
        scalar("q12"): mpf(0),
        scalar("a12"): mpf(1) / 3,
        second("o1", "o1"): form(third, third, values),
        second("o1", "o2"): form(third, third, values),
        second("r1", "r1"): form(third, third, values) / 2,
    }
    return {
        "attention_tied": tied,
        "attention_shared_query_key": shared,
        "attention_separate": separate,
    }


# Batch norm -----------------------------------------------------------------------------------------------------------


def centered(samples):
    """Orthonormal basis of the vectors that sum to 0, as rows (one for each sample)."""
    basis = mp.zeros(samples, samples - 1)
    for k in range(1, samples):  # Helmert
        for i in range(k):
            basis[i, k - 1] = 1 / sqrt(mpf(k * (k + 1)))
        basis[k, k - 1] = -k / sqrt(mpf(k * (k + 1)))
    return basis


class BatchNorm:
    """z_i = (Q y)_i/sqrt(|y|^2/B + eps), y = Q^T h ~ N(0, S): expectations of phi(z_i) phi(z_j)."""

    def __init__(self, covariance, eps):
        self.size = len(covariance)
        self.basis = centered(self.size)
        self.spread = self.basis.T * mp.matrix(covariance) * self.basis
        self.precision, self.determinant = inverse(self.spread.tolist())
        self.eps = mpf(eps)

    def form(self, direction):
        k = self.size - 1
        return mp.fsum(direction[i] * self.precision[i, j] * direction[j] for i in range(k) for j in range(k))

    def row(self, i):
        return [self.basis[i, j] for j in range(self.size - 1)]

    def relu_radius(self, q):
        """integral of r^{d-1} e^{-r^2 q/2} r^2/(r^2/B + eps) dr, d = B - 1 = 2 or 3."""
        c = self.eps * self.size
        if self.size == 3:
            return self.size / mpf(2) * (2 / q - (c * exp(c * q / 2) * e1(c * q / 2) if c else 0))
        plain, flat = sqrt(pi / 2) * q ** (-mpf(3) / 2), sqrt(pi / (2 * q))
        tail = pi / (2 * sqrt(c)) * exp(c * q / 2) * erfc(sqrt(c * q / 2)) if c else 0
        return self.size * (plain - c * flat + c * c * tail)

    def directions(self, i, j, count=96):
        """Nodes (direction, weight) of the cone where both linear forms z_i and z_j are positive, and the forms."""
        p, q = self.row(i), self.row(j)
        length = [sqrt(mp.fsum(x * x for x in v)) for v in (p, q)]
        p, q = [x / length[0] for x in p], [x / length[1] for x in q]
        cosine = mp.fsum(x * y for x, y in zip(p, q, strict=True))
        omega = acos(min(cosine, mpf(1))) if i != j else mpf(0)
        if i == j:  # any second axis
            k = min(range(len(p)), key=lambda n: abs(p[n]))
            other = [(mpf(n == k)) - p[k] * x for n, x in enumerate(p)]
        else:
            other = [y - cosine * x for x, y in zip(p, q, strict=True)]
        norm = sqrt(mp.fsum(x * x for x in other))
        other = [x / norm for x in other]
        nodes = []
        turns = list(zip(*interval(omega - pi / 2, pi / 2, count), strict=True))
        if self.size == 3:
            for t, w in turns:
                a = [mp.cos(t) * x + sin(t) * y for x, y in zip(p, other, strict=True)]
                nodes.append((a, w, length[0] * mp.cos(t) * length[1] * mp.cos(t - omega)))
            return nodes
        axis = [
            p[1] * other[2] - p[2] * other[1],
            p[2] * other[0] - p[0] * other[2],
            p[0] * other[1] - p[1] * other[0],
        ]
        for h, v in zip(*interval(mpf(0), pi, count), strict=True):
            for t, w in turns:
                a = [
                    sin(h) * (mp.cos(t) * x + sin(t) * y) + mp.cos(h) * z
                    for x, y, z in zip(p, other, axis, strict=True)
                ]
                forms = length[0] * length[1] * sin(h) ** 2 * mp.cos(t) * mp.cos(t - omega)
                nodes.append((a, w * v * sin(h), forms))
        return nodes

    def relu(self, i, j):
        """E relu(z_i) relu(z_j): degree 2 in the direction, the radius in closed form."""
        total = mp.fsum(w * forms * self.relu_radius(self.form(a)) for a, w, forms in self.directions(i, j))
        return total / sqrt((2 * pi) ** (self.size - 1) * self.determinant)

    def smooth(self, f, i, j, count=120):
        """E f(z_i, z_j) for analytic f."""
        p, q = self.row(i), self.row(j)
        d = self.size - 1
        if self.eps == 0:  # z = sqrt(B) Q a, the direction a has density Gamma(d/2)/(2 pi^{d/2}) det^{-1/2} form^{-d/2}
            count = int(count / FINENESS)
            turn = [(2 * pi * k / count, 2 * pi / count) for k in range(count)]
            if d == 2:
                nodes = [((mp.cos(t), sin(t)), w) for t, w in turn]
            else:
                nodes = [
                    ((sqrt(1 - h * h) * mp.cos(t), sqrt(1 - h * h) * sin(t), h), w * v)
                    for h, v in zip(*interval(mpf(-1), mpf(1), count // 2), strict=True)
                    for t, w in turn
                ]
            total = mpf(0)
            for a, w in nodes:
                zi = sqrt(self.size) * mp.fsum(x * y for x, y in zip(p, a, strict=True))
                zj = sqrt(self.size) * mp.fsum(x * y for x, y in zip(q, a, strict=True))
                total += w * self.form(a) ** (-mpf(d) / 2) * f(zi, zj)
            return total * mp.gamma(mpf(d) / 2) / (2 * pi ** (mpf(d) / 2) * sqrt(self.determinant))
        root = numbers(mp.cholesky(self.spread).tolist())
        left, right, eps = numbers([p])[0], numbers([q])[0], np.longdouble(mp.nstr(self.eps, 25))

        def of_normals(*z):
            y = [sum(root[k, m] * z[m] for m in range(k + 1)) for k in range(d)]
            scale = np.sqrt(sum(t * t for t in y) / self.size + eps)
            return f(
                sum(a * t for a, t in zip(left, y, strict=True)) / scale,
                sum(a * t for a, t in zip(right, y, strict=True)) / scale,
            )

        return grid(of_normals, (1,) * d, (0.05 if d == 2 else 0.09,) * d, 8.5)


BATCHES = {
    # sigma_W^2 E x_i x_j for samples x_i with the means and covariances written in the programs
    "three": (
        mpf("1.5"),
        (mpf("0.5"), mpf("-0.25"), mpf("1")),
        (
            (mpf(1), mpf("0.3"), mpf("-0.2")),
            (mpf("0.3"), mpf("0.8"), mpf("0.1")),
            (mpf("-0.2"), mpf("0.1"), mpf("0.6")),
        ),
    ),
    "four": (
        mpf("1.25"),
        (mpf("0.5"), mpf("0"), mpf("-0.5"), mpf("0.25")),
        (
            (mpf(1), mpf("0.3"), mpf("-0.2"), mpf("0.1")),
            (mpf("0.3"), mpf("0.8"), mpf("0.1"), mpf("0")),
            (mpf("-0.2"), mpf("0.1"), mpf("0.6"), mpf("0.2")),
            (mpf("0.1"), mpf("0"), mpf("0.2"), mpf("1.2")),
        ),
    ),
}


def batch_norm():
    result = {}
    mtanh = tanh

    def tanh_product(eps):
        return (lambda x, y: mtanh(x) * mtanh(y)) if eps == 0 else (lambda x, y: np.tanh(x) * np.tanh(y))

    for word, (s, means, cov) in BATCHES.items():
        size = len(means)
        correlated = [[s * (cov[i][j] + means[i] * means[j]) for j in range(size)] for i in range(size)]
        plain = [[s * mpf(i == j) for j in range(size)] for i in range(size)]
        for kind, covariance in (("independent", plain), ("correlated", correlated)):
            for eps in ("0", "0.1"):
                norm = BatchNorm(covariance, eps)
                label = f"batch_norm_{word}_{kind}_eps_{eps.replace('.', '_')}"
                relu_values = {second("r1", "r1"): norm.relu(0, 0), second("r1", "r2"): norm.relu(0, 1)}
                relu_values[second("k", "k")] = s * relu_values[second("r1", "r1")]
                f = tanh_product(mpf(eps))
                tanh_values = {
                    second("t1", "t1"): norm.smooth(f, 0, 0),
                    second("t1", "t2"): norm.smooth(f, 0, 1),
                }
                if kind == "correlated":
                    relu_values[second("r2", "r3")] = norm.relu(1, 2)
                    tanh_values[second("t2", "t3")] = norm.smooth(f, 1, 2)
                result[f"{label}_relu"] = relu_values
                result[f"{label}_tanh"] = tanh_values
                if eps != "0":
                    DIGITS[f"{label}_tanh"] = 13
    return result


# Gates ----------------------------------------------------------------------------------------------------------------


def pair(f, g, covariance):
    return product(f, g, covariance, step="0.06")


def gru():
    """z, r = sigmoid(W h + U xi), c = tanh(Wc (r h) + Uc xi), h' = (1 - z) h + z c; separate matrices for every gate."""
    result = {}
    s, u = mpf("1.2"), mpf("1.5")
    x1, x2 = (mpf(1), mpf("-0.5")), (mpf("0.25"), mpf("0.75"))
    u11, u12, u22 = (u * (a[0] * b[0] + a[1] * b[1]) / 2 for a, b in ((x1, x1), (x1, x2), (x2, x2)))
    for word, eh, ehh in (("zero", mpf(0), mpf(0)), ("nonzero", mpf("0.5"), mpf("0.85"))):
        # step 1: gates have variance s E h0^2 + u11, the candidate s E r^2 E h0^2 + u11
        v1 = s * ehh + u11
        r1 = line(lambda z: sigmoid(z) ** 2, v1, step="0.05")  # also E z1^2 and E (1 - z1)^2
        w1 = s * r1 * ehh + u11
        c11 = tanh_square(w1)
        h11 = r1 * ehh + r1 * c11  # cross term has E c1 = 0
        h01 = ehh / 2  # E (1 - z1) = 1/2
        eh1 = eh / 2
        # step 2
        v2, v12 = s * h11 + u22, s * h01 + u12
        gates = ((v1, v12), (v12, v2))
        r2 = line(lambda z: sigmoid(z) ** 2, v2, step="0.05")
        r12 = pair(sigmoid, sigmoid, gates)
        w2, w12 = s * r2 * h11 + u22, s * r12 * h01 + u12
        c22, c12 = tanh_square(w2), tanh_tanh(w1, w12, w2)
        # h2 = (1 - z2)(1 - z1) h0 + (1 - z2) z1 c1 + z2 c2
        keep = pair(lambda a: sigmoid(-a) ** 2, lambda b: sigmoid(-b) ** 2, gates)
        passed = pair(lambda a: sigmoid(a) ** 2, lambda b: sigmoid(-b) ** 2, gates)
        mixed = pair(sigmoid, lambda b: sigmoid(-b) * sigmoid(b), gates)
        h22 = keep * ehh + passed * c11 + r2 * c22 + 2 * mixed * c12
        both = pair(lambda a: sigmoid(-a), lambda b: sigmoid(-b), gates)
        h12 = (
            pair(lambda a: sigmoid(-a) ** 2, lambda b: sigmoid(-b), gates) * ehh
            + pair(lambda a: sigmoid(a) ** 2, lambda b: sigmoid(-b), gates) * c11
            + pair(sigmoid, sigmoid, gates) * c12
        )
        values = {
            second("h1", "h1"): h11,
            second("c1", "c2"): c12,
            second("h1", "h2"): h12,
            second("h2", "h2"): h22,
        }
        if ehh:
            values |= {mean("h1"): eh1, second("h0", "h1"): h01, second("h0", "h2"): both * ehh, mean("h2"): both * eh}
        result[f"gru_two_steps_{word}_state"] = values
    return result


def lstm():
    """i, f, o = sigmoid, t = tanh of W h + U xi; c' = f c + i t, h' = o tanh(c'); separate matrices for every gate."""
    result = {}
    s, u = mpf("1.2"), mpf("1.5")
    x1, x2 = (mpf(1), mpf("-0.5")), (mpf("0.25"), mpf("0.75"))
    u11, u12, u22 = (u * (a[0] * b[0] + a[1] * b[1]) / 2 for a, b in ((x1, x1), (x1, x2), (x2, x2)))

    # zero state: c1 = i1 t1, h1 = o1 tanh(c1)
    gate1 = ((u11, mpf(0)), (mpf(0), u11))
    i11 = line(lambda z: sigmoid(z) ** 2, u11, step="0.05")
    t11 = tanh_square(u11)
    squash = plane(lambda a, b: tanh(sigmoid(a) * tanh(b)) ** 2, gate1, step="0.08")
    linear = plane(lambda a, b: tanh(sigmoid(a) * tanh(b)) * sigmoid(a) * tanh(b), gate1, step="0.08")
    h11 = i11 * squash  # o1 has the law of i1 and is independent
    v2 = s * h11 + u22
    gates = ((u11, u12), (u12, v2))
    i22 = line(lambda z: sigmoid(z) ** 2, v2, step="0.05")
    t22, t12, i12 = tanh_square(v2), tanh_tanh(u11, u12, v2), pair(sigmoid, sigmoid, gates)
    result["lstm_two_steps_zero_state"] = {
        second("c1", "c1"): i11 * t11,
        second("h1", "h1"): h11,
        second("h1", "c1"): linear / 2,
        second("c2", "c2"): i22 * i11 * t11 + 2 * HALF * i12 * t12 + i22 * t22,
        second("c1", "c2"): HALF * i11 * t11 + i12 * t12,
        second("go2", "go2"): v2,
    }

    def logistic(z):
        return 1 / (1 + np.exp(-z))

    DIGITS["lstm_hidden_zero_state"] = 10
    result["lstm_hidden_zero_state"] = {second("h2", "h2"): i22 * squashed_cell(u11, u12, v2, mpf(0), mpf(0))}

    # state h0 ~ N(0.25, 0.5), c0 ~ N(-0.5, 0.75)
    eh, ehh, mc, vc = mpf("0.25"), mpf("0.5625"), mpf("-0.5"), mpf("0.75")
    ecc = mc * mc + vc
    v1 = s * ehh + u11
    i11, t11 = line(lambda z: sigmoid(z) ** 2, v1, step="0.05"), tanh_square(v1)
    g, root_c, center = numbers([[sqrt(v1), sqrt(vc), mc]])[0]

    def first_cell(f1, i1, t1, c0):
        return np.tanh(logistic(g * f1) * (center + root_c * c0) + logistic(g * i1) * np.tanh(g * t1))

    # tanh(tanh(g t)) is singular at arctan(pi/2)/g = 0.8 deviations of t, tanh(sigmoid(g f) c) nearer for larger c
    steps = (0.3, 0.3, 0.15, 0.25)
    h11 = i11 * grid(lambda *z: first_cell(*z) ** 2, (1,) * 4, steps, 7.5)
    # E h0 h1 = E h0 E o1 E tanh(c1)
    h01 = eh * HALF * grid(first_cell, (1,) * 4, steps, 7.5)
    v2, v12 = s * h11 + u22, s * h01 + u12
    gates = ((v1, v12), (v12, v2))
    i22, i12 = line(lambda z: sigmoid(z) ** 2, v2, step="0.05"), pair(sigmoid, sigmoid, gates)
    t22, t12 = tanh_square(v2), tanh_tanh(v1, v12, v2)
    squares = pair(lambda a: sigmoid(a) ** 2, lambda b: sigmoid(b) ** 2, gates)
    DIGITS["lstm_two_steps_nonzero_state"] = 11
    result["lstm_two_steps_nonzero_state"] = {
        second("c1", "c1"): i11 * ecc + i11 * t11,
        second("h1", "h1"): h11,
        second("h0", "h1"): h01,
        # c2 = f2 f1 c0 + f2 i1 t1 + i2 t2; E f2 = 1/2; every tanh is odd and independent of the gates
        second("c2", "c2"): squares * ecc + i22 * i11 * t11 + i12 * t12 + i22 * t22,
        second("c1", "c2"): pair(lambda a: sigmoid(a) ** 2, sigmoid, gates) * ecc + HALF * i11 * t11 + i12 * t12,
        mean("c2"): i12 * mc,
    }

    DIGITS["lstm_hidden_nonzero_state"] = 10
    result["lstm_hidden_nonzero_state"] = {second("h2", "h2"): i22 * squashed_cell(v1, v12, v2, mc, vc)}
    return result


def squashed_cell(v1, v12, v2, center, variance, degree=14):
    """E tanh(f2 (f1 c0 + i1 t1) + i2 t2)^2, rank 5 or 7, in float64.

    F(A, B, S) = E tanh(A t1 + B t2 + S c0)^2 is entire enough on the unit cube (nearest singularity at pi/2) for a
    Chebyshev interpolant; the gates A = f2 i1, B = i2, S = f2 f1 are integrated over it by trapezoidal sums.
    """
    v1, v12, v2, center, variance = (float(x) for x in (v1, v12, v2, center, variance))
    d1, slope, d2 = v1**0.5, v12 / v1**0.5, (v2 - v12**2 / v1) ** 0.5

    def rule(step, reach):
        step *= float(FINENESS)
        ticks = step * np.arange(-int(reach / step), int(reach / step) + 1)
        weights = np.exp(-(ticks**2) / 2)
        return ticks, weights / weights.sum()

    waves, wave_weights = rule(0.17, 7.0)
    t1 = np.tanh(d1 * waves)[:, None]
    t2 = np.tanh(slope * waves[:, None] + d2 * waves)
    tanh_weights = np.outer(wave_weights, wave_weights).ravel()
    noise, noise_weights = rule(0.3, 7.0) if variance else (np.zeros(1), np.ones(1))
    state = center + variance**0.5 * noise

    def moment(a, b, c):
        inner = (a * t1 + b * t2).ravel()
        return sum(w * (tanh_weights @ np.tanh(inner + c * z) ** 2) for z, w in zip(state, noise_weights, strict=True))

    # Chebyshev nodes on [0, 1]; the coefficients by the discrete cosine sums
    count = degree + 1
    angles = (np.arange(count) + 0.5) * np.pi / count
    nodes = (np.cos(angles) + 1) / 2
    transform = 2 / count * np.cos(np.outer(np.arange(count), angles))
    transform[0] /= 2
    flat = not (variance or center)
    values = np.array([[[moment(a, b, c) for c in (nodes[:1] if flat else nodes)] for a in nodes] for b in nodes])
    coefficients = np.einsum("pb,qa,bac->qpc", transform, transform, values)
    coefficients = coefficients if flat else np.einsum("rc,qpc->qpr", transform, coefficients)

    gates, gate_weights = rule(0.3, 7.0)
    one = 1 / (1 + np.exp(-d1 * gates))
    two = 1 / (1 + np.exp(-(slope * gates[:, None] + d2 * gates)))  # given the first
    f1, f2 = np.broadcast_to(one[:, None], two.shape).ravel(), two.ravel()
    weights = np.outer(gate_weights, gate_weights).ravel()
    total = 0.0
    for forget1, forget2, w in zip(f1, f2, weights, strict=True):  # i1, i2 have the law of f1, f2
        if flat:
            at = np.polynomial.chebyshev.chebval2d(2 * forget2 * f1 - 1, 2 * f2 - 1, coefficients[:, :, 0])
        else:
            reduced = np.polynomial.chebyshev.chebval(2 * forget1 * forget2 - 1, np.moveaxis(coefficients, 2, 0))
            at = np.polynomial.chebyshev.chebval2d(2 * forget2 * f1 - 1, 2 * f2 - 1, reduced)
        total += w * (weights @ at)
    return mpf(float(total))


# Backward passes ------------------------------------------------------------------------------------------------------


def backward():
    result = {}
    s, s3 = mpf("1.5"), mpf("0.8")
    mh, vh = mpf("0.25"), mpf("0.8")

    # h1 -> tanh -> W -> h2 -> relu -> W3 -> h3 -> erf, readout v ~ N(0, 0.75)
    vv = mpf("0.75")
    width = tanh_step(vh)
    x1 = line(lambda z: tanh(z) ** 2, vh, mh, width)
    k2 = s * x1
    k3 = s3 * k2 / 2
    d3 = vv * 4 / pi / sqrt(1 + 4 * k3)  # erf'^2 = (4/pi) exp(-2 z^2), E = (4/pi)(1 + 4 k)^{-1/2}
    dx2 = s3 * d3
    dh2 = dx2 / 2
    dx1 = s * dh2
    result["backward_mlp"] = {
        second("dh3", "dh3"): d3,
        second("dx2", "dx2"): dx2,
        second("dh2", "dh2"): dh2,
        second("dx1", "dx1"): dx1,
        second("dx1", "x1"): mpf(0),
        second("dh1", "dh1"): dx1 * line(lambda z: dtanh(z) ** 2, vh, mh, width),
        zdot("dx1", "x1"): mpf(0),
        zdot("dx2", "x2"): mpf(0),
    }

    # x1 = h1^2/2, h2 = W x1, readout v of mean 0.5 on h2^2/2: dh2 = v h2, Z-dot(dx1) = s E v x1
    mv, vv = HALF, mpf("0.75")
    evv = mv * mv + vv
    v = mpf("0.8")  # h1 ~ N(0, 0.8)
    x11 = 3 * v * v / 4
    k2 = s * x11
    naive = s * evv * k2
    result["backward_square_with_mean_readout"] = {
        second("dh2", "dh2"): evv * k2,
        second("dx1", "dx1"): naive + (s * mv) ** 2 * x11,
        second("dx1", "x1"): s * mv * x11,
        # dh1 = dx1 h1: Z-hat independent of h1, Z-dot = s mv h1^2/2
        second("dh1", "dh1"): naive * v + (s * mv) ** 2 * 15 * v**3 / 4,
        second("dh1", "h1"): s * mv * 3 * v * v / 2,
        mean("dx1"): s * mv * v / 2,
        zdot("dx1", "x1"): s * mv,
        hat("dx1", "dx1"): naive,
    }
    # three layers: h3 = W3 h2^2/2, dh3 = v h3, dx2 = W3^T dh3 = Z-hat + s3 mv x2, dh2 = dx2 h2, dx1 = W^T dh2
    x22 = 3 * k2 * k2 / 4
    k3 = s3 * x22
    d3 = evv * k3
    hat2 = s3 * d3
    dh2 = hat2 * k2 + (s3 * mv) ** 2 * 15 * k2**3 / 4
    slope = s3 * mv * 3 * k2 / 2  # E d(dx2 h2)/d h2 = E[hat2 + s3 mv (h2^2/2 + h2^2)]
    result["backward_square_three_layers"] = {
        second("dx2", "dx2"): hat2 + (s3 * mv) ** 2 * x22,
        second("dh2", "dh2"): dh2,
        second("dx1", "dx1"): s * dh2 + (s * slope) ** 2 * x11,
        second("dx1", "x1"): s * slope * x11,
        zdot("dx2", "x2"): s3 * mv,
        zdot("dx1", "x1"): s * slope,
    }

    # W and W^T forward: h1 = W x0, x1 = tanh(h1), h2 = W^T x1, f = v.h2: dx1 = W v, dh1 = dx1 tanh'(h1), dx0 = W^T dh1
    mx, vx = HALF, HALF
    exx = mx * mx + vx
    k1 = s * exx
    width = tanh_step(k1)
    slope = line(dtanh, k1, step=width)
    slope2 = line(lambda z: dtanh(z) ** 2, k1, step=width)
    slope2h = line(lambda z: dtanh(z) ** 2 * z * z, k1, step=width)
    third = line(lambda z: dtanh(z) * (4 * tanh(z) ** 2 - 2 * dtanh(z)), k1, step=width)  # E tanh'''
    odd = line(lambda z: dtanh(z) * tanh(z) * z, k1, step=width)
    for word, mv in (("zero", mpf(0)), ("nonzero", mpf("0.75"))):
        vv = mpf("0.6")
        evv = mv * mv + vv
        c = s * mv * mx  # Cov(dx1, h1) = s E v x0
        d11 = s * evv
        alpha, beta = s * c * third, s * slope  # on x0 and on v
        gamma = s * slope  # Z^h2 = Z-hat + gamma x0
        dh11 = (c / k1) ** 2 * slope2h + (d11 - c * c / k1) * slope2
        dotted = alpha**2 * exx + 2 * alpha * beta * mx * mv + beta**2 * evv
        result[f"backward_of_tied_pair_{word}_mean_readout"] = {
            second("dx1", "dx1"): d11,
            second("dx1", "h1"): c,
            second("dh1", "dh1"): dh11,
            second("dx0", "dx0"): s * dh11 + dotted,
            second("dx0", "v"): alpha * mx * mv + beta * evv,
            second("dx0", "x0"): alpha * exx + beta * mx * mv,
            # Cov(Z-hat^dx0, Z-hat^h2) = s E[dh1 x1] = s (c/k1) E[h1 tanh' tanh]
            second("dx0", "h2"): s * (c / k1) * odd + gamma * (alpha * exx + beta * mv * mx),
            zdot("dx0", "v"): beta,
            zdot("dx0", "x0"): alpha,
        }

    # linear tied autoencoder: h1 = W x0, h2 = W^T h1, dx1 = W v, dx0 = W^T dx1 = W^T W v: Marchenko-Pastur
    vx, vv = mpf("0.6"), mpf("0.75")
    result["backward_of_linear_tied_autoencoder"] = {
        second("dx0", "dx0"): 2 * s * s * vv,
        second("dx0", "v"): s * vv,
        second("h2", "x0"): s * vx,
        second("h2", "h2"): 2 * s * s * vx,
        second("dx0", "h2"): mpf(0),
        zdot("dx0", "v"): s,
        zdot("dx0", "x0"): mpf(0),
    }

    # relu, then erf: dh2 = v erf'(h2) on two samples h1, e1 ~ N(0, ((1, 0.4), (0.4, 0.7)))
    a, b, c = mpf(1), mpf("0.4"), mpf("0.7")
    second_layer = (s * a / 2, s * relu_relu(a, b, c), s * c / 2)
    p, q, r = second_layer
    vv = mpf("0.75")
    cross = vv * 4 / pi / sqrt((1 + 2 * p) * (1 + 2 * r) - 4 * q * q)  # E erf'(u) erf'(v)
    own = vv * 4 / pi / sqrt(1 + 4 * p)
    result["backward_two_samples"] = {
        second("x2", "y2"): erf_erf(p, q, r),
        second("dh2", "eh2"): cross,
        second("dx1", "ex1"): s * cross,
        second("dx1", "dx1"): s * own,
        second("dh1", "eh1"): s * cross * step_step(a, b, c),
        second("dh1", "dh1"): s * own / 2,
    }
    # h1 = A x0 in class m = 2 n, h2 = A^T relu(h1) in n, f = v.h2. Each gradient is scaled by the root of its own width:
    # dx1 = sqrt(m/n) A v, dh1 = dx1 step(h1), p = A^T dh1, dx0 = sqrt(n/m) p
    width_ratio, s = mpf(2), mpf("1.5")
    # dx1: variance 2 s E v^2; Z-dot(A^T dh1) = r s v E[step sqrt 2] = r s sqrt(2)/2 v; times sqrt(1/2): r s/2 v
    d11 = width_ratio * s * vv
    result["backward_of_tied_pair_twice_as_wide"] = {
        second("dx1", "dx1"): d11,
        second("dx0", "dx0"): HALF * width_ratio * s * d11 / 2 + (width_ratio * s / 2) ** 2 * vv,
        second("dx0", "v"): width_ratio * s / 2 * vv,
        zdot("p", "v"): width_ratio * s * sqrt(mpf(2)) / 2,
    }
    return result


# All ------------------------------------------------------------------------------------------------------------------

FAMILIES = (
    nonlinearities,
    variances,
    nonzero_means,
    near_degenerate,
    hermite,
    quotients,
    kinks_in_the_plane,
    rank_three,
    there_and_back,
    transpose_of_nonlinearity,
    tied_rounds,
    same_matrix,
    several_y,
    steps_of_y_with_z_dot,
    distributed,
    embedded,
    raw_moments,
    normalizations,
    attention,
    batch_norm,
    gru,
    lstm,
    backward,
)


def references():
    """{case name: {query: value}} of the whole corpus; a few minutes."""
    result = {}
    for family in FAMILIES:
        for name, values in family().items():
            assert name not in result, name
            result[name] = values
    return result


def main(names):
    """Print the values of the named cases (all without names) and whether corpus.py states the same digits."""
    from tests.limit.corpus import CASES

    stated = {case.name: dict(case.values) for case in CASES}
    computed = references()
    assert stated.keys() == computed.keys(), stated.keys() ^ computed.keys()
    different = 0
    for name in names or computed:
        print(name)
        assert stated[name].keys() == computed[name].keys(), name
        for query, value in computed[name].items():
            digits = DIGITS.get((name, query), DIGITS.get(name, 30))
            text = stated[name][query]
            # one unit of the last digit claimed; zeros are exact
            same = abs(mpf(text) - value) <= abs(value) * mpf(10) ** (1 - digits)
            different += not same
            print(f"    {query}: {mp.nstr(value, digits)}" + ("" if same else f"   corpus.py says {text}"))
    print(f"{different} values differ")
    return different


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
