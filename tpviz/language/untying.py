"""Untying: products that share a matrix get independent copies of it, W x → W̃ x."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .diagnostics import InputError
from .instructions import Embed, Embedding, Instruction, MatMul, Matrix
from .program import Program

__all__ = ["Use", "copies", "copy_name", "untie", "uses_of"]


@dataclass(frozen=True)
class Use:
    """The product `name` uses `matrix`, or an embedding of that name."""

    name: str
    matrix: str
    transposed: bool
    embedded: bool = False


def copy_name(matrix: str, taken: Collection[str]) -> str:
    """The name of a copy, which is drawn with a tilde: W → W_tilde, then W_tilde_2, W_tilde_3; W2 → W2_tilde."""
    stem = re.sub(r"_tilde(_\d+)?$", "", matrix) + "_tilde"
    name, k = stem, 1
    while name in taken:
        k += 1
        name = f"{stem}_{k}"
    return name


def copies(
    uses: Sequence[Use], taken: Collection[str], product: str | Iterable[str] | None = None, gia: bool = False
) -> dict[str, str]:
    """The copy that each product is to use: {product: name of the copy}. See `untie`; raises `InputError` where nothing is tied."""
    by_name = {u.name: u for u in uses}
    sharing: dict[str, list[Use]] = {}
    for u in uses:
        sharing.setdefault(u.matrix, []).append(u)
    if gia:
        wanted = [u for u in uses if u.transposed and not all(v.transposed for v in sharing[u.matrix])]
        nothing = "No matrix is used together with its transpose."
    elif product is None:
        wanted = [u for u in uses if sharing[u.matrix][0] is not u and not u.embedded]
        nothing = "No matrix is used twice."
    else:
        names = [product] if isinstance(product, str) else list(product)
        for name in names:
            if name not in by_name:
                raise InputError(f"{str(name)[:60]} is not a product, so it has no matrix to untie.",
                                 hint=f"Products are {', '.join(by_name) or 'none'}.", names=[str(name)[:60]])  # fmt: skip
        wanted, nothing = [by_name[n] for n in names], ""
        alone = next((u for u in wanted if len(sharing[u.matrix]) == 1), None)
        if alone is not None:
            nothing = f"{alone.matrix} is used by {alone.name} alone: it is independent already."
            wanted = []
    if not wanted:
        raise InputError(nothing, hint="Use one matrix in two products first, as h = W @ x and g = W.T @ h.")
    used, out = set(taken), {}
    shared: dict[str, str] = {}
    for u in wanted:
        if not gia or u.matrix not in shared:
            shared[u.matrix] = copy_name(u.matrix, used)
            used.add(shared[u.matrix])
        out[u.name] = shared[u.matrix]
    return out


def untie(program: Program, product: str | Iterable[str] | None = None, gia: bool = False) -> Program:
    """The program in which products that share a matrix use independent copies of it, of the same law: `W @ h` becomes `W_tilde @ h`.

    `product`: a product, or several, which get a copy each, embedded inputs too; without it every product with a matrix but the first does. `gia=True`
    gives all products with Wᵀ one copy W̃ᵀ together: the gradient independence assumption, that the backward pass may be computed with a matrix that
    is independent of the forward pass. Raises `InputError` where there is nothing to untie.
    """
    if not isinstance(program, Program):
        raise InputError(f"tp.untie takes a Program, got {type(program).__name__}.", hint="Read one with tp.parse(text).")  # fmt: skip
    new = copies(uses_of(program), program.scope.symbols, product, gia)
    wanted: dict[str, list[str]] = {}
    for u in uses_of(program):
        if u.name in new and new[u.name] not in wanted.setdefault(u.matrix, []):
            wanted[u.matrix].append(new[u.name])
    out: list[Instruction] = []
    for i in program.instructions:
        out.append(_untied(i, new))
        if isinstance(i, Matrix | Embedding):
            out += [replace(i, name=name) for name in wanted.get(i.name, ())]
    return Program(tuple(out))


def uses_of(program: Program) -> list[Use]:
    """The products of a program with their matrices and embeddings."""
    return [
        Use(i.name, i.matrix, i.transposed) if isinstance(i, MatMul) else Use(i.name, i.embedding, False, embedded=True)
        for i in program.instructions
        if isinstance(i, MatMul | Embed)
    ]


def _untied(i: Instruction, new: Mapping[str, str]) -> Instruction:
    if isinstance(i, MatMul) and i.name in new:
        return replace(i, matrix=new[i.name])
    if isinstance(i, Embed) and i.name in new:
        return replace(i, embedding=new[i.name])
    return i
