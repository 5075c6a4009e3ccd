"""The instructions of a program: one frozen dataclass for each form of line, in the order of `language.md`.

Declarations say what is sampled or given; assignments are the instructions of Tensor Programs (MatMul, LinComb, Nonlin,
Moment). Numbers are kept as `Expression`s over constants, so that a slider can move a constant.
"""

from __future__ import annotations

from dataclasses import dataclass

from .expressions import Expression

__all__ = ["Assignment", "Bias", "Constant", "Declaration", "Embed", "Embedding", "Function", "Input", "Instruction", "LinComb", "MatMul",
           "Matrix", "Moment", "Nonlin", "Output", "Readout", "Scalar", "Vectors", "WidthClass"]  # fmt: skip

BASE = "n"  # the base width class, which always exists


@dataclass(frozen=True)
class Constant:
    """`constant sw2 = 2`"""

    name: str
    value: Expression


@dataclass(frozen=True)
class WidthClass:
    """`width m = 2*n`: class m is `ratio` times as wide as the class named in the expression."""

    name: str
    ratio: Expression


@dataclass(frozen=True)
class Input:
    """`input xi` or `input xj = [1.0, -0.5]`, a vector of R^d."""

    name: str
    value: tuple[Expression, ...] | None = None


@dataclass(frozen=True)
class Embedding:
    """`embedding U : m x d ~ N(0, s/d)`: U ∈ R^{m×d} with entries of variance s/d; `variance` is s = σ_U²."""

    name: str
    variance: Expression
    rows: str = BASE


@dataclass(frozen=True)
class Matrix:
    """`matrix A : m x n ~ N(0, s/n)`: A ∈ R^{m×n} with entries of variance s/n; `variance` is s = σ_A²."""

    name: str
    variance: Expression
    rows: str = BASE
    columns: str = BASE


@dataclass(frozen=True)
class Vectors:
    """`vector b ~ N(mean, variance)` or `vector u, w ~ N([..], [[..], ..])`: initial vectors, jointly Gaussian coordinate by coordinate."""

    names: tuple[str, ...]
    mean: tuple[Expression, ...]
    covariance: tuple[tuple[Expression, ...], ...]
    width: str = BASE


@dataclass(frozen=True)
class Scalar:
    """`scalar eps = 0.01 -> 0`: initial scalar; the value may depend on the base width n, the limit may not."""

    name: str
    value: Expression
    limit: Expression | None = None


@dataclass(frozen=True)
class Function:
    """`function phi(z, s) = relu(z) + s*tanh(z)`"""

    name: str
    parameters: tuple[str, ...]
    body: Expression


@dataclass(frozen=True)
class Readout:
    """`readout v ~ N(0, 1)`: V ∈ R^n, a vector whose entries read the network out."""

    name: str
    mean: Expression
    variance: Expression
    width: str = BASE


@dataclass(frozen=True)
class Bias:
    """`bias c0 ~ N(0, 0.1)`: an output bias, one number."""

    name: str
    mean: Expression
    variance: Expression


@dataclass(frozen=True)
class Embed:
    """`h1 = U @ xi`: an embedded input, an initial vector of the Tensor Program."""

    name: str
    embedding: str
    input: str


@dataclass(frozen=True)
class MatMul:
    """`h2 = W @ x1` or `h3 = W.T @ h2`"""

    name: str
    matrix: str
    vector: str
    transposed: bool = False


@dataclass(frozen=True)
class LinComb:
    """`g1 = h1 + 2*b`: Σ aᵢ xᵢ with constant coefficients."""

    name: str
    expression: Expression


@dataclass(frozen=True)
class Nonlin:
    """`x1 = phi(g1, eps)`: ψ(x¹, …, x^k; θ₁, …, θ_l) coordinate by coordinate."""

    name: str
    expression: Expression


@dataclass(frozen=True)
class Moment:
    """`q = mean(h2*x1)`: (1/n) Σ_α ψ(x¹_α, …; θ), or a scalar expression of scalars alone (`average` is False: k = 0)."""

    name: str
    expression: Expression
    average: bool = True


@dataclass(frozen=True)
class OutputTerm:
    """`coefficient * v.T @ x / sqrt(n)`, or `coefficient * bias` where `vector` is None and `readout` names the bias."""

    readout: str
    vector: str | None
    coefficient: Expression
    width: str = BASE


@dataclass(frozen=True)
class Output:
    """`output f = v.T @ z / sqrt(n) + c0`: a scalar output of the network."""

    name: str
    terms: tuple[OutputTerm, ...]


Declaration = Constant | WidthClass | Input | Embedding | Matrix | Vectors | Scalar | Function | Readout | Bias
Assignment = Embed | MatMul | LinComb | Nonlin | Moment | Output
Instruction = Declaration | Assignment
