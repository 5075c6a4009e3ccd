"""Where numbers are sampled, the 99 % interval (Student's t over the scramblings) covers the truth in at least 98 of 100 cases.

Equicorrelated Gaussians u_i = √ρ t + √(1−ρ) e_i have E Π f(u_i) = E_t (E_e f)^k, which is two nested one-dimensional integrals. Run by
name: pytest tests/long.
"""

import numpy as np
import pytest
from scipy import special, stats

import tpviz
from tpviz.gaussian import REPLICATES

T = stats.t.ppf(0.995, REPLICATES - 1)
X, H = np.linspace(-9, 9, 1201, retstep=True)
PHI = H * np.exp(-X * X / 2) / np.sqrt(2 * np.pi)
FUNCTIONS = {
    "tanh({} + 0.3)": lambda z: np.tanh(z + 0.3),
    "sigmoid({})": special.expit,
    "softplus({})": lambda z: np.logaddexp(0, z),
    "silu({})": lambda z: z * special.expit(z),
    "sin({} + 1)": lambda z: np.sin(z + 1),
    "sqrt(1 + {}**2)": lambda z: np.sqrt(1 + z * z),
    "tanh({})*tanh({}) + {}": lambda z: np.tanh(z) ** 2 + z,
}


def cases():
    rng = np.random.default_rng(3)
    for k in (5, 6, 7):
        for f in FUNCTIONS:
            for _ in range(6):
                yield k, f, round(float(rng.uniform(0.1, 0.9)), 3), round(float(rng.uniform(0.3, 2.0)), 3)


def truth(k, f, rho, variance):
    s = np.sqrt(variance)
    inner = FUNCTIONS[f](s * (np.sqrt(rho) * X[:, None] + np.sqrt(1 - rho) * X)) @ PHI
    return float(inner**k @ PHI)


def test_intervals_cover():
    missed, total = [], 0
    for k, f, rho, variance in cases():
        names = [f"u{i}" for i in range(k)]
        K = [[variance if i == j else rho * variance for j in range(k)] for i in range(k)]
        product = "*".join(f"({f.replace('{}', n)})" for n in names)
        text = f"vector {', '.join(names)} ~ N({[0] * k}, {K})\nx = {product}\none = 1 + 0*tanh(u0)\n"
        lim = tpviz.limit(tpviz.parse(text))
        if lim.method("x", "one") != "sampled":
            continue
        total += 1
        if abs(lim.second_moment("x", "one") - truth(k, f, rho, variance)) > T * lim.error("x", "one"):
            missed.append((k, f, rho, variance))
    assert total >= 60
    assert len(missed) <= 0.02 * total, f"{len(missed)} of {total}: {missed}"


@pytest.mark.parametrize("k", [5, 7])
def test_the_reference_is_right(k):
    # E Π u_i of an even number of equicorrelated normals is known: E u1 … u6 = 15 ρ³
    z = np.sqrt(0.4) * X
    assert float(z ** (k - 1) @ PHI) == pytest.approx({5: 3 * 0.4**2, 7: 15 * 0.4**3}[k], rel=1e-10)
