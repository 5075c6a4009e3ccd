"""The backward pass in a program: which vectors are gradients, and of which vectors of the forward pass.

Nothing in a program says that it backpropagates. It is told by names and by structure, so that a pass typed by hand
and one written by `backprop` are read alike: dx (or d_x, where dx was taken) is the gradient of an earlier vector x if
it is computed the way gradients are, from dy for a y that is computed from x: `dx = W.T @ dy` for `y = W @ x`, or
by a gate that reads dy for a gate that reads x.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from tpviz.language import Program
from tpviz.language.instructions import LinComb, MatMul, Moment, Nonlin, Output

__all__ = ["Backward", "backward_of"]


@dataclass(frozen=True)
class Backward:
    """A backward pass by names.

    `gradients` {dx: x}; `names` all that belongs to the pass: gradients, the helpers between them, and initial vectors
    that only the pass reads; `mirrors` {node of the drawing: the forward node that it mirrors}.
    """

    gradients: dict[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    mirrors: dict[str, str] = field(default_factory=dict)


def backward_of(program: Program) -> Backward:
    """The backward pass of a program; empty where there is none."""
    reads = {n: program.arguments(n) for i in program.instructions for n in _made(i)}
    made = {n: i for i in program.instructions for n in _made(i)}
    candidates = _candidates(program, made)
    gradients = _linked(candidates, made, reads)
    if not gradients:
        return Backward()
    readers: dict[str, list[str]] = {}
    for name, sources in reads.items():
        for source in sources:
            readers.setdefault(source, []).append(name)
    helpers = {
        n
        for n in reads
        if n not in gradients
        and any(x in gradients for x in reads[n])
        and readers.get(n)
        and all(r in gradients for r in readers[n])
    }
    inside = {*gradients, *helpers}
    fed = [*program.vectors, *program.scalars, *program.scope.symbols]
    seeds = {x for x in fed if x not in reads and readers.get(x) and all(r in inside for r in readers[x])}
    seeds -= {t.vector for i in program.instructions if isinstance(i, Output) for t in i.terms if t.vector}
    names = frozenset(inside | seeds)
    return Backward(gradients, names, _mirrors(program, gradients, names, made, reads))


def _made(instruction: object) -> tuple[str, ...]:
    return (instruction.name,) if isinstance(instruction, MatMul | LinComb | Nonlin | Moment) else ()


def _candidates(program: Program, computed: Container[str]) -> dict[str, str]:
    """dx → x by name alone. A dx that is computed comes after its x, which is not a gradient itself."""
    order = {x: k for k, x in enumerate(program.vectors)}
    out: dict[str, str] = {}
    for name in program.vectors:
        if name.startswith("d"):
            x = next((x for x in (name[1:], name[1:].lstrip("_")) if x in order), None)
            if x is not None and x not in out and (name not in computed or order[x] < order[name]):
                out[name] = x
    return out


def _linked(
    candidates: dict[str, str], made: Mapping[str, object], reads: dict[str, tuple[str, ...]]
) -> dict[str, str]:
    """The candidates that are computed from, or give, the gradient of what their vector is an input of."""
    linked: set[str] = set()
    for name, x in candidates.items():
        for source in reads.get(name, ()):
            steps = [(name, source)]
            if source not in candidates and source in made:  # through a helper: dx = dx_h2 + dx_h3
                steps = [(source, s) for s in reads[source]]
            for maker, dy in steps:
                if dy not in candidates:
                    continue
                y = candidates[dy]
                together = _same(made[maker], dy) and _read_together(x, y, reads)
                if together or _transposes(made[maker], made.get(y), x):
                    linked |= {name, dy}
    return {name: x for name, x in candidates.items() if name in linked}


def _same(instruction: object, dy: str) -> bool:
    """Whether the instruction is `dx = dy`, the gradient of two vectors that one gate adds up."""
    return isinstance(instruction, LinComb) and instruction.expression.text == dy


def _read_together(x: str, y: str, reads: Mapping[str, tuple[str, ...]]) -> bool:
    return any(x in sources and y in sources for sources in reads.values())


def _transposes(back: object, forward: object, x: str) -> bool:
    """Whether `back` takes a gradient through the instruction `forward`, which reads x."""
    match back, forward:
        case MatMul(), MatMul():
            return forward.vector == x and back.matrix == forward.matrix and back.transposed != forward.transposed
        case ((LinComb() | Nonlin()), (LinComb() | Nonlin() | Moment())):
            return x in forward.expression.names
    return False


def _mirrors(
    program: Program,
    gradients: dict[str, str],
    names: frozenset[str],
    made: Mapping[str, object],
    reads: dict[str, tuple[str, ...]],
) -> dict[str, str]:
    """dx stands under x, the gate that takes dy through y's gate under that gate, the readout v under the output."""
    out = dict(gradients)
    for name in reads:
        if name not in names or isinstance(made[name], MatMul):
            continue
        through = [
            y
            for y in (gradients[s] for s in reads[name] if s in gradients)
            if isinstance(made.get(y), LinComb | Nonlin)
        ]
        if name in gradients:
            through = [y for y in through if gradients[name] in reads[y]]
        if len(through) == 1 and not any(s in names and s not in gradients and s in made for s in reads[name]):
            out[f"gate:{name}"] = f"gate:{through[0]}"
    for i in program.instructions:
        if isinstance(i, Output):
            for t in i.terms:
                if t.readout in names and t.vector in gradients.values():
                    out.setdefault(t.readout, i.name)
    return out
