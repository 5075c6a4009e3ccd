"""The kernel pane of a network and the editor of its batch, in the words of the protocol."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..language import Program, TpvizError
from .batches import Batch, BatchSpec, free_inputs
from .network_results import NetworkResult
from .plots import Scale, cell_size, matrix_scale
from .theme import Theme
from .window import power_tex

__all__ = ["batch_dict", "network_dict", "network_labels", "network_scales"]

_SHOWN = 30  # inputs up to which the window gets every number

_KIND_NAMES = {
    "turned": "Turned",
    "angle": "At an angle",
    "sphere": "On the sphere",
    "typed": "Typed",
    "file": "File",
}


def batch_dict(spec: BatchSpec, program: Program, batch: Batch | None) -> dict[str, Any]:
    """The batch as its editor shows it."""
    sizes = {name: x.shape[1] for name, x in batch.inputs.items()} if batch else {}
    what = ""
    if batch is not None:
        d = (
            " + ".join(f"{v}" for v in sizes.values())
            if len(sizes) <= 4
            else f"{sum(sizes.values())} in {len(sizes)} parts"
        )
        what = f"{len(batch)} input{'s' * (len(batch) > 1)}, d = {d}" if sizes else "no inputs"
    return {
        "kind": spec.kind,
        "options": [{"name": k, "label": v} for k, v in _KIND_NAMES.items()],
        "count": spec.count,
        "seed": spec.seed,
        "angle": spec.angle,
        "dimension": spec.dimension,
        "free": bool(free_inputs(program)),
        "text": spec.text,
        "name": spec.name,
        "what": what,
    }


def network_labels(batch: Batch) -> list[str]:
    """Names of the rows: ξ₁, ξ₂, …; angles where the rows are one input turned."""
    if batch.angles is not None:
        return [f"{a:.3g}^{{\\circ}}" for a in batch.angles]
    return [rf"\xi_{{{k}}}" for k in range(1, len(batch) + 1)]


def network_scales(result: NetworkResult, look: Theme) -> tuple[Scale, Scale]:
    """The colour scales of NNGP and NTK, each shared by limit and width."""
    return matrix_scale(result.limit[0], look), matrix_scale(result.limit[1], look)


def network_dict(
    result: NetworkResult | None, view: str, width: int, column: int, look: Theme, error: TpvizError | None
) -> dict[str, Any]:
    problem = error.diagnostics[0] if error is not None and error.diagnostics else None
    out: dict[str, Any] = {
        "view": view,
        "labels": [],
        "cell": 36,
        "width": f"n={power_tex(width)}",
        "kernels": [],
        "curve": None,
        "convergence": None,
        "error": problem.message if problem else None,
        "hint": problem.hint if problem else "",
    }
    if result is None or problem is not None:
        return out
    out["labels"] = network_labels(result.batch)
    out["cell"] = cell_size(len(result.batch), column)
    names = (("nngp", r"\Sigma", "NNGP"), ("ntk", r"\Theta", "NTK"))
    for k, (name, tex, text) in enumerate(names):
        limit = result.limit[k]
        at_width = result.width[k] if result.width else None
        note = f"Largest difference {np.abs(at_width - limit).max():.2g}" if at_width is not None else ""
        kernel = {"name": name, "tex": tex, "text": text, "bar": network_scales(result, look)[k].bar(), "note": note,
                  "limit": _numbers(limit), "found": None if at_width is None else _numbers(at_width)}  # fmt: skip
        out["kernels"].append(kernel)
    if result.curve is not None:
        c = result.curve
        out["curve"] = {"angles": c.angles.tolist(), "nngp": _list(c.nngp), "ntk": _list(c.ntk), "at": _marked(result)}
    if result.convergence is not None:
        found = result.convergence
        out["convergence"] = {"widths": list(found.widths), "nngp": _list(found.nngp), "ntk": _list(found.ntk)}
    return out


def _marked(result: NetworkResult) -> dict[str, float] | None:
    """The two inputs at an angle, on the curve."""
    if result.request.batch.kind != "angle":
        return None
    return {"angle": result.request.batch.angle, "nngp": _digits(result.limit[0][0, 1]), "ntk": _digits(result.limit[1][0, 1])}  # fmt: skip


def _digits(x: float) -> float:
    return float(f"{x:.9g}")


def _list(values) -> list[float]:
    return [_digits(v) for v in values]


def _numbers(matrix: np.ndarray) -> list[list[float]] | None:
    return [_list(row) for row in matrix] if len(matrix) <= _SHOWN else None
