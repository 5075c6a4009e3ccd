"""tpviz: an interactive visual editor and a library for Tensor Programs.

    >>> import tpviz as tp
    >>> p = tp.parse('''
    ... matrix W ~ N(0, 1/n)
    ... vector x ~ N(0, 1)
    ... y = W.T @ x
    ... a = relu(y)
    ... h = W @ a
    ... ''')
    >>> lim = tp.limit(p)
    >>> lim.zdot("h")                              # Z^h = Ẑ^h + ½ Z^x
    {'x': 0.5}
    >>> round(lim.second_moment("h"), 12)
    0.75

Glossary
    program      a list of instructions over matrices, vectors and scalars (Netsor, Netsor⊤, Netsor⊤⁺)
    vector       x ∈ R^n; a G-var (initial vectors, products, their linear combinations) or an X-var (made by a Nonlin)
    MatMul       Wx or Wᵀx;  Nonlin: ψ(x¹, …; θ) coordinate by coordinate;  LinComb: Σ aᵢ xᵢ;  Moment: (1/n) Σ_α ψ
    Z^x          the random variable that coordinates of x follow as n → ∞;  θ̊ the limit of a scalar θ
    Ẑ, Ż         z_hat, z_dot: Z^{Wx} = Ẑ^{Wx} + Ż^{Wx}, the Gaussian part and the part that earlier products with Wᵀ leave
    base         the Gaussians that everything is a function of: initial vectors and Ẑ's
    width class  vectors of one length; class m is a fixed multiple of the base width n
    variance     σ² of a matrix with entries N(0, σ²/n)
    network      a program with an output f = v·x/√n; its parameters are matrices, embeddings, readouts, biases, vectors declared alone
    dx           √n ∂f/∂x, a vector of the backward pass;  NNGP Σ and NTK Θ: the limits of E f f' and ⟨∇f, ∇f'⟩
    path, word   a path runs from an input, a parameter or the argument of a matrix to the readout; its word is the matrices on the way;
                 paths with equal words are isomorphic
"""

from .drawing import Document, Figure, figure, from_link, lecture, load, load_document, save, save_html, to_link
from .finite import Simulation, simulate
from .language import (
    Diagnostic,
    DivergentMomentError,
    DocumentError,
    InputError,
    LimitError,
    Program,
    ProgramError,
    TpvizError,
    parse,
    untie,
)
from .limit import Comparison, Limit, compare, limit
from .network import (
    GiaReport,
    Path,
    Paths,
    backprop,
    empirical_ntk,
    gia_check,
    instantiate,
    kernels,
    nngp,
    ntk,
    ntk_by_paths,
    ntk_parts,
    path_product,
    paths,
)
from .showing import view

__version__ = "0.1.0"

__all__ = [
    "Comparison",
    "Diagnostic",
    "DivergentMomentError",
    "Document",
    "DocumentError",
    "Figure",
    "GiaReport",
    "InputError",
    "Limit",
    "LimitError",
    "Path",
    "Paths",
    "Program",
    "ProgramError",
    "Simulation",
    "TpvizError",
    "__version__",
    "backprop",
    "compare",
    "empirical_ntk",
    "figure",
    "from_link",
    "gia_check",
    "instantiate",
    "kernels",
    "lecture",
    "limit",
    "load",
    "load_document",
    "nngp",
    "ntk",
    "ntk_by_paths",
    "ntk_parts",
    "parse",
    "path_product",
    "paths",
    "save",
    "save_html",
    "simulate",
    "to_link",
    "untie",
    "view",
]
