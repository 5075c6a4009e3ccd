"""Networks as program texts, built line by line for the tests of kernels."""

from __future__ import annotations


def mlp(depth: int, phi: str = "relu", *, variance: float = 2.0, bias: float = 0.0, shared_bias: bool = False,
        output_bias: float = 0.0, readout: float = 1.0) -> str:  # fmt: skip
    """`depth` hidden layers; `bias` is the variance β² of vector biases, one for all layers or one for each."""
    lines = ["input xi", "embedding U ~ N(0, 1.5/d)", f"readout v ~ N(0, {readout})"]
    lines += [f"matrix W{k} ~ N(0, {variance}/n)" for k in range(2, depth + 1)]
    if bias:
        lines += [f"vector b{k} ~ N(0, {bias})" for k in range(1, 2 if shared_bias else depth + 1)]
    if output_bias:
        lines.append(f"bias c0 ~ N(0, {output_bias})")
    for k in range(1, depth + 1):
        lines.append(f"u{k} = " + ("U @ xi" if k == 1 else f"W{k} @ x{k - 1}"))
        h = f"u{k}"
        if bias:
            h = f"h{k}"
            lines.append(f"h{k} = u{k} + b{1 if shared_bias else k}")
        lines.append(f"x{k} = {phi}({h})")
    lines.append(f"output f = v.T @ x{depth} / sqrt(n)" + (" + c0" if output_bias else ""))
    return "\n".join(lines) + "\n"


def rnn(steps: int, phi: str = "tanh", output: str = "last") -> str:
    """W, U and b tied over the steps; inputs xi1, xi2, …; read out at the last step, or at every one ("sum")."""
    lines = ["embedding U ~ N(0, 1/d)", "matrix W ~ N(0, 1.5/n)", "vector b ~ N(0, 0.1)", "readout v ~ N(0, 1.2)"]
    lines += [f"input xi{t}" for t in range(1, steps + 1)]
    lines += ["u1 = U @ xi1", "h1 = u1 + b", f"x1 = {phi}(h1)"]
    for t in range(2, steps + 1):
        lines += [f"u{t} = U @ xi{t}", f"w{t} = W @ x{t - 1}", f"h{t} = u{t} + w{t} + b", f"x{t} = {phi}(h{t})"]
    terms = [f"v.T @ x{t} / sqrt(n)" for t in (range(1, steps + 1) if output == "sum" else [steps])]
    return "\n".join([*lines, "output f = " + " + ".join(terms)]) + "\n"


def resnet(layers: int, phi: str = "tanh", variance: float = 1.0) -> str:
    """x_{l+1} = x_l + φ(W_l x_l), untied."""
    lines = ["input xi", "embedding U ~ N(0, 1/d)", "readout v ~ N(0, 1)"]
    lines += [f"matrix W{k} ~ N(0, {variance}/n)" for k in range(1, layers + 1)]
    lines.append("x0 = U @ xi")
    for k in range(1, layers + 1):
        lines += [f"h{k} = W{k} @ x{k - 1}", f"x{k} = x{k - 1} + {phi}(h{k})"]
    return "\n".join([*lines, f"output f = v.T @ x{layers} / sqrt(n)"]) + "\n"


def cnn(pixels: int, phi: str = "relu", layers: int = 2) -> str:
    """One dimension, circular padding, filters of 3 pixels with one matrix for each offset, average pooling."""
    lines = [f"input xi{p}" for p in range(pixels)]
    lines += [f"embedding U{o} ~ N(0, {1 / 3}/d)" for o in "abc"]
    lines += [f"matrix W{k}{o} ~ N(0, {2 / 3}/n)" for k in range(2, layers + 1) for o in "abc"]
    lines.append("readout v ~ N(0, 1)")
    for p in range(pixels):
        lines += [f"u{p}{o} = U{o} @ xi{(p + s) % pixels}" for o, s in zip("abc", (-1, 0, 1), strict=True)]
        lines += [f"h1p{p} = u{p}a + u{p}b + u{p}c", f"x1p{p} = {phi}(h1p{p})"]
    for k in range(2, layers + 1):
        for p in range(pixels):
            lines += [
                f"w{k}p{p}{o} = W{k}{o} @ x{k - 1}p{(p + s) % pixels}" for o, s in zip("abc", (-1, 0, 1), strict=True)
            ]
            lines += [f"h{k}p{p} = w{k}p{p}a + w{k}p{p}b + w{k}p{p}c", f"x{k}p{p} = {phi}(h{k}p{p})"]
    lines.append("z = " + " + ".join(f"{1 / pixels}*x{layers}p{p}" for p in range(pixels)))
    return "\n".join([*lines, "output f = v.T @ z / sqrt(n)"]) + "\n"


def layer_norm(phi: str = "tanh") -> str:
    return f"""input xi
embedding U ~ N(0, 1/d)
matrix W ~ N(0, 1.3/n)
vector b ~ N(0.2, 0.4)
readout v ~ N(0, 1)
scalar eps = 0.01
g = U @ xi
h1 = g + b
x = relu(h1)
nu = mean(x)
s = mean((x - nu)**2)
y = (x - nu)/sqrt(s + eps)
h = W @ y
z = {phi}(h)
output f = v.T @ z / sqrt(n)
"""


def batch_norm(batch: int = 3) -> str:
    """The output at the first of `batch` samples, preactivations normalized over the batch."""
    names = [f"h{k}" for k in range(1, batch + 1)]
    lines = [f"input xi{k}" for k in range(1, batch + 1)]
    lines += ["embedding U ~ N(0, 1/d)", "matrix W ~ N(0, 1.4/n)", "readout v ~ N(0, 1)"]
    for k in range(1, batch + 1):
        lines += [f"u{k} = U @ xi{k}", f"x{k} = tanh(u{k})", f"h{k} = W @ x{k}"]
    centre = f"({' + '.join(names)})/{batch}"
    spread = " + ".join(f"({h} - {centre})**2" for h in names)
    lines.append(f"z = (h1 - {centre})/sqrt(0.1 + ({spread})/{batch})")
    return "\n".join([*lines, "output f = v.T @ z / sqrt(n)"]) + "\n"


def autoencoder(phi: str = "tanh") -> str:
    """W on the way in, its transpose on the way out."""
    return f"""input xi
embedding U ~ N(0, 1/d)
matrix W ~ N(0, 1.2/n)
readout v ~ N(0, 1)
x0 = U @ xi
h1 = W @ x0
x1 = {phi}(h1)
h2 = W.T @ x1
x2 = {phi}(h2)
output f = v.T @ x2 / sqrt(n)
"""


def attention() -> str:
    """One query token among two, keys and queries tied, 1/n scaling."""
    return """input xi1
input xi2
embedding U ~ N(0, 1/d)
matrix Q ~ N(0, 1/n)
matrix O ~ N(0, 1.5/n)
readout v ~ N(0, 1)
u1 = U @ xi1
u2 = U @ xi2
x1 = relu(u1)
x2 = relu(u2)
q1 = Q @ x1
k1 = Q @ x1
k2 = Q @ x2
o1 = O @ x1
o2 = O @ x2
s1 = mean(q1*k1)
s2 = mean(q1*k2)
a1 = exp(s1)/(exp(s1) + exp(s2))
a2 = exp(s2)/(exp(s1) + exp(s2))
y = a1*o1 + a2*o2
z = tanh(y)
output f = v.T @ z / sqrt(n)
"""
