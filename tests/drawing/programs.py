"""Programs that the drawing tests share."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = {p.stem: p.read_text(encoding="utf-8") for p in sorted((ROOT / "examples").glob("*.tp"))}

ATTENTION = """
vector q ~ N(0, 1)
vector k1 ~ N(0, 1)
vector k2 ~ N(0, 1)
matrix V ~ N(0, 1/n)
v1 = V @ k1
v2 = V @ k2
a1 = mean(q*k1)
a2 = mean(q*k2)
b1 = exp(a1)/(exp(a1) + exp(a2))
b2 = exp(a2)/(exp(a1) + exp(a2))
y = b1*v1 + b2*v2
readout v ~ N(0, 1)
output f = v.T @ y / sqrt(n)
"""
CONVOLUTION = """
input xi1
input xi2
input xi3
embedding U ~ N(0, 1/d)
matrix A ~ N(0, 1/n)
matrix B ~ N(0, 1/n)
matrix C ~ N(0, 1/n)
h1 = U @ xi1
h2 = U @ xi2
h3 = U @ xi3
x1 = relu(h1)
x2 = relu(h2)
x3 = relu(h3)
p1 = B @ x1
p2 = C @ x2
q1 = A @ x1
q2 = B @ x2
q3 = C @ x3
r2 = A @ x2
r3 = B @ x3
y1 = relu(p1 + p2)
y2 = relu(q1 + q2 + q3)
y3 = relu(r2 + r3)
readout v ~ N(0, 1)
output f = v.T @ y1 / sqrt(n) + v.T @ y2 / sqrt(n) + v.T @ y3 / sqrt(n)
"""
RESNET = """
input xi
embedding U ~ N(0, 1/d)
matrix W1 ~ N(0, 1/n)
matrix W2 ~ N(0, 1/n)
vector b1 ~ N(0, 0.1)
vector b2 ~ N(0, 0.1)
x0 = U @ xi
h1 = W1 @ x0
g1 = h1 + b1
y1 = relu(g1)
x1 = x0 + 0.5*y1
h2 = W2 @ x1
g2 = h2 + b2
y2 = relu(g2)
x2 = x1 + 0.5*y2
readout v ~ N(0, 1)
bias c0 ~ N(0, 1)
output f = v.T @ x2 / sqrt(n) + c0
output g = v.T @ x1 / sqrt(n) + 2*c0
"""
BACKWARD = """
input xi
embedding U ~ N(0, 1/d)
matrix W2 ~ N(0, 1/n)
matrix W3 ~ N(0, 1/n)
vector dx3 ~ N(0, 1)
function dphi(z) = 1 - tanh(z)**2
h1 = U @ xi
x1 = tanh(h1)
h2 = W2 @ x1
x2 = tanh(h2)
h3 = W3 @ x2
x3 = tanh(h3)
dh3 = dx3*dphi(h3)
dx2 = W3.T @ dh3
dh2 = dx2*dphi(h2)
dx1 = W2.T @ dh2
dh1 = dx1*dphi(h1)
"""
MORE = {"attention": ATTENTION, "convolution": CONVOLUTION, "resnet": RESNET, "backward": BACKWARD}
ALL = {**EXAMPLES, **MORE}
BROKEN = EXAMPLES["rnn"] + "y = phi(W @ x3)\nk = W @ ?\nl = phi()\nj = phi(?, h2)\nu1 = W @ x1\nw = Q @ x1\n"


def long_rnn(steps: int) -> str:
    """A recurrent network over many steps."""
    lines = ["embedding U ~ N(0, 1/d)", "matrix W ~ N(0, 2/n)", "input xi1", "u1 = U @ xi1", "x1 = tanh(u1)"]
    for t in range(2, steps + 1):
        lines += [f"input xi{t}", f"u{t} = U @ xi{t}", f"h{t} = W @ x{t - 1}", f"x{t} = tanh(h{t} + u{t})"]
    return "\n".join(lines) + "\n"
