"""A program run over dense matrices of one's own, in forward-mode differentiation: what backward passes, gradients and kernels
at finite width are measured against. It reads the instructions and the text of their expressions, and shares no code with tpviz."""

from __future__ import annotations

import ast
import math
import operator

import numpy as np
from scipy import special

from tpviz.language import Program
from tpviz.language import instructions as line


class Dual:
    """value + ε tangent with ε² = 0; either part may be a Dual of another ε."""

    __array_ufunc__ = None  # numpy arrays leave arithmetic to it

    def __init__(self, value, tangent):
        self.value, self.tangent = value, tangent

    @staticmethod
    def parts(other):
        return (other.value, other.tangent) if isinstance(other, Dual) else (other, 0.0)

    def __add__(self, other):
        v, t = Dual.parts(other)
        return Dual(self.value + v, self.tangent + t)

    def __mul__(self, other):
        v, t = Dual.parts(other)
        return Dual(self.value * v, self.tangent * v + self.value * t)

    def __neg__(self):
        return Dual(-self.value, -self.tangent)

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * power(other, -1)

    def __rtruediv__(self, other):
        return power(self, -1) * other

    def __pow__(self, other):
        return power(self, other)

    def __rpow__(self, other):
        return power(other, self)

    __radd__, __rmul__ = __add__, __mul__


def power(x, y):
    if isinstance(y, Dual):
        return apply("exp", apply("log", x) * y)
    if isinstance(x, Dual):
        return Dual(power(x.value, y), y * power(x.value, y - 1) * x.tangent)
    return np.asarray(x, dtype=float) ** y


def smooth_step(z):
    """Φ(z)"""
    return (apply("erf", z * 0.5**0.5) + 1) * 0.5


VALUE = {
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "step": lambda z: np.where(z > 0, 1.0, 0.0),
    "abs": np.abs,
    "sign": np.sign,
    "erf": special.erf,
    "tanh": np.tanh,
    "sigmoid": special.expit,
    "softplus": lambda z: np.logaddexp(0.0, z),
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
}
SLOPE = {
    "relu": lambda z: apply("step", z),
    "step": lambda z: z * 0.0,
    "abs": lambda z: apply("sign", z),
    "sign": lambda z: z * 0.0,
    "erf": lambda z: apply("exp", -(z * z)) * (2 / math.sqrt(math.pi)),
    "tanh": lambda z: 1 - apply("tanh", z) * apply("tanh", z),
    "sigmoid": lambda z: apply("sigmoid", z) * apply("sigmoid", -z),
    "softplus": lambda z: apply("sigmoid", z),
    "exp": lambda z: apply("exp", z),
    "log": lambda z: 1 / z,
    "sqrt": lambda z: 0.5 / apply("sqrt", z),
    "sin": lambda z: apply("cos", z),
    "cos": lambda z: -apply("sin", z),
}
COMPOSED = {
    "gelu": lambda z: z * smooth_step(z),
    "silu": lambda z: z * apply("sigmoid", z),
    "leaky_relu": lambda z, a: a * z + (1 - a) * apply("relu", z),
    "maximum": lambda a, b: b + apply("relu", a - b),
    "minimum": lambda a, b: b - apply("relu", b - a),
    "clip": lambda z, low, high: COMPOSED["minimum"](COMPOSED["maximum"](z, low), high),
}


def apply(name: str, *z):
    if name in COMPOSED:
        return COMPOSED[name](*z)
    (z,) = z
    if isinstance(z, Dual):
        return Dual(apply(name, z.value), SLOPE[name](z.value) * z.tangent)
    return VALUE[name](np.asarray(z, dtype=float))


OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: power,
}


def evaluate(text: str, names: dict, functions: dict):
    """The expression's value; `names` maps names to numbers, arrays or Duals, `functions` declared names to (parameters, text)."""

    def call(name, arguments):
        if name in functions:
            parameters, body = functions[name]
            return evaluate(body, dict(zip(parameters, arguments, strict=True)), functions)
        return apply(name, *arguments)

    def quotient(phi, arguments):
        *vectors, eps = arguments
        k = len(vectors) // 2
        mu, nu = vectors[:k], vectors[k:]
        if isinstance(eps, Dual) or np.any(eps != 0):
            moved = [m + eps * d for m, d in zip(mu, nu, strict=True)]
            return (call(phi, moved) - call(phi, mu)) / eps
        slope = call(phi, [Dual(m, d) for m, d in zip(mu, nu, strict=True)])
        return slope.tangent

    def walk(node):
        match node:
            case ast.Constant(value=value):
                return float(value)
            case ast.Name(id="pi") if "pi" not in names:
                return math.pi
            case ast.Name(id="e") if "e" not in names:
                return math.e
            case ast.Name(id=name):
                return names[name]
            case ast.UnaryOp(op=op, operand=x):
                return -walk(x) if isinstance(op, ast.USub) else walk(x)
            case ast.BinOp(left=a, op=op, right=b):
                return OPERATORS[type(op)](walk(a), walk(b))
            case ast.Call(func=ast.Name(id="quotient"), args=[ast.Name(id=phi), *rest]):
                return quotient(phi, [walk(a) for a in rest])
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return call(name, [walk(a) for a in arguments])
        raise AssertionError(ast.dump(node))

    return walk(ast.parse(text, mode="eval").body)


def value(x) -> np.ndarray:
    return np.asarray(x.value if isinstance(x, Dual) else x, dtype=float)


class Dense:
    """Matrices, embeddings, initial vectors, readouts and biases of a program at one width, drawn once."""

    def __init__(self, program: Program, width: int, seed: int, dimensions: dict[str, int]):
        """`dimensions`: the d of each embedding."""
        self.rng = np.random.default_rng(seed)
        self.width, self.functions, self.numbers = width, {}, {"n": float(width)}
        self.sizes, self.drawn, self.scale = {"n": width}, {}, {}
        ratios = {"n": 1.0}
        for i in program.instructions:
            match i:
                case line.Function():
                    self.functions[i.name] = (i.parameters, str(i.body))
                case line.Constant():
                    self.numbers[i.name] = self.number(i.value)
                case line.WidthClass():
                    ratios[i.name] = float(evaluate(str(i.ratio), {**self.numbers, **ratios}, self.functions))
                    self.sizes[i.name] = max(1, round(width * ratios[i.name]))
                case line.Matrix():
                    self.draw(i.name, i.variance, (self.sizes[i.rows], self.sizes[i.columns]), self.sizes[i.columns])
                case line.Embedding():
                    d = dimensions[i.name]
                    self.draw(i.name, i.variance, (self.sizes[i.rows], d), d)
                case line.Vectors(names=(name,)):
                    self.draw(name, i.covariance[0][0], (self.sizes[i.width], 1), 1, i.mean[0])
                case line.Vectors():
                    K = np.array([[self.number(c) for c in row] for row in i.covariance])
                    mean = np.array([self.number(m) for m in i.mean])
                    draws = self.rng.multivariate_normal(mean, K, size=self.sizes[i.width], method="eigh")
                    self.drawn.update({x: draws[:, [k]] for k, x in enumerate(i.names)})
                case line.Readout():
                    self.draw(i.name, i.variance, (self.sizes[i.width], 1), 1, i.mean)
                case line.Bias():
                    self.draw(i.name, i.variance, (1, 1), 1, i.mean)

    def number(self, expression) -> float:
        return float(evaluate(str(expression), self.numbers, self.functions))

    def draw(self, name, variance, shape, over, mean=None) -> None:
        self.scale[name] = math.sqrt(self.number(variance) / over)
        self.drawn[name] = self.scale[name] * self.rng.standard_normal(shape)
        if mean is not None:
            self.drawn[name] = self.drawn[name] + self.number(mean)

    def run(self, program: Program, inputs: dict, *, at: str = "", parameter: str = "", scalars: dict | None = None):
        """name -> value of every vector, scalar and output, vectors of shape (n, 1).

        `at`: differentiate with respect to that vector, from where it is made on. `parameter`: with respect to the
        standard normal entries of a parameter. Then values are Duals with tangents (n, number of directions).
        `scalars`: values that Moments keep, whatever is moved.
        """
        functions = dict(self.functions)
        env = dict(self.numbers)

        def initial(name):
            x = self.drawn[name]
            if name == parameter and name in self.vectors_of(program):
                x = Dual(x, self.scale[name] * np.eye(len(x)))
            return x

        def keep(name, x):
            if name == at:
                size = len(value(x))
                x = x + Dual(np.zeros((size, 1)), np.eye(size))
            env[name] = x

        for i in program.instructions:
            match i:
                case line.Function():
                    functions[i.name] = (i.parameters, str(i.body))
                case line.Vectors():
                    for name in i.names:
                        keep(name, initial(name))
                case line.Readout() | line.Bias():
                    keep(i.name, initial(i.name))
                case line.Scalar():
                    env[i.name] = float(evaluate(str(i.value), env, functions))
                case line.Input():
                    x = inputs[i.name] if i.name in inputs else [self.number(c) for c in i.value]
                    env[i.name] = np.asarray(x, dtype=float)[:, None]
                case line.Embed():
                    keep(i.name, self.multiply(i.embedding, False, env[i.input], parameter))
                case line.MatMul():
                    keep(i.name, self.multiply(i.matrix, i.transposed, env[i.vector], parameter))
                case line.LinComb() | line.Nonlin():
                    x = evaluate(str(i.expression), env, functions)
                    zero = np.zeros((self.sizes[program.width_class(i.name)], 1))
                    keep(i.name, x + (Dual(zero, zero) if isinstance(x, Dual) else zero))
                case line.Moment():
                    if scalars is not None:
                        env[i.name] = scalars[i.name]
                    else:
                        env[i.name] = evaluate(str(i.expression), env, functions)
                        if i.average:
                            env[i.name] = mean(env[i.name])
                case line.Output():
                    env[i.name] = sum((self.term(t, env, functions) for t in i.terms), start=np.zeros((1, 1)))
        return env

    @staticmethod
    def vectors_of(program: Program) -> set[str]:
        kinds = (line.Vectors, line.Readout, line.Bias)
        return {x for i in program.instructions if isinstance(i, kinds) for x in getattr(i, "names", None) or (i.name,)}

    def multiply(self, matrix: str, transposed: bool, x, parameter: str):
        W = self.drawn[matrix].T if transposed else self.drawn[matrix]
        out = Dual(W @ x.value, W @ x.tangent) if isinstance(x, Dual) else W @ x
        if matrix != parameter:
            return out
        rows, columns = self.drawn[matrix].shape
        moved, v = np.zeros((len(W), rows, columns)), value(x)[:, 0]
        every = np.arange(len(W))
        if transposed:
            moved[every, :, every] = self.scale[matrix] * v
        else:
            moved[every, every, :] = self.scale[matrix] * v
        return out + Dual(np.zeros_like(value(out)), moved.reshape(len(W), -1))

    def term(self, t, env, functions):
        coefficient = float(evaluate(str(t.coefficient), env, functions))
        if t.vector is None:
            return coefficient * env[t.readout]
        product = env[t.readout] * env[t.vector]
        size = len(value(product))
        return mean(product) * (coefficient * math.sqrt(size))

    def gradient(self, program: Program, inputs: dict, parameter: str, output: str) -> np.ndarray:
        """∂f/∂(the standard normal entries of a parameter), through Moments too."""
        f = self.run(program, inputs, parameter=parameter)[output]
        return f.tangent[0] if isinstance(f, Dual) else np.zeros(1)

    def ntk(self, program: Program, inputs: list[dict], output: str, trainable=None) -> np.ndarray:
        """The Gram matrix of the gradients."""
        K = np.zeros((len(inputs), len(inputs)))
        for parameter in self.scale if trainable is None else trainable:
            G = np.array([self.gradient(program, x, parameter, output) for x in inputs])
            K += G @ G.T
        return K


def mean(x):
    """The mean over coordinates."""
    if isinstance(x, Dual):
        return Dual(mean(x.value), np.mean(x.tangent, axis=0, keepdims=True))
    return np.mean(x, axis=0, keepdims=True)
