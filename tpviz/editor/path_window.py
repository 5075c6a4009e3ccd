"""The path pane, in the words of the protocol."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..language import TpvizError
from ..network import Path, WordShare
from .batches import BatchSpec
from .path_results import PathPair, PathsResult
from .paths import path_tex, vertex_tex, word_tex
from .theme import Theme, colours, contrast

__all__ = ["paths_dict", "word_id"]

Labels = Mapping[str, str]


def word_id(word: tuple[str, ...]) -> str:
    """A word as the window names it: "U W", "" for the readout's."""
    return " ".join(word)


def paths_dict(
    result: PathsResult | None, batch: BatchSpec, labels: Labels, look: Theme, network: bool, error: TpvizError | None
) -> dict[str, Any]:
    """`network`: the program has an output."""
    problem = error.diagnostics[0] if error is not None and error.diagnostics else None
    out: dict[str, Any] = {
        "network": network,
        "angle": batch.angle,
        "error": problem.message if problem else None,
        "hint": problem.hint if problem else "",
        "ready": False,
    }
    if result is None or problem is not None or not network:
        return out
    exact = "" if result.words_counted else "more than "
    out |= {
        "ready": True,
        "left": r"\mathring\Theta(\xi,\bar\xi)",
        "snapped": f"{result.angle:.0f}°, as an input is one number" if result.angle != batch.angle else "",
        "kernel": f"{result.kernel:.5g}",
        "number": result.kernel,
        "counts": f"{_count(result.paths, 'path')}, {exact}{_count(result.words, 'word')}, {_count(result.pairs, 'pair')}",
        "rows": _rows(result, labels),
        "more": _more(result),
        "sum": _sum(result, labels),
        "missed": _missed(result, labels),
        "pair": _pair(result, labels) if result.pair else None,
        "matrix": _matrix(result, labels, look) if result.matrix is not None else None,
    }
    return out


def _count(n: int, what: str) -> str:
    if n < 10**6:
        return f"{n:,} {what}{'s' * (n != 1)}"
    power = len(str(n)) - 1
    return f"{n / 10**power:.3g}·10{str(power).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))} {what}s"


def _places(values: Iterable[float]) -> int:
    """Decimals for a column of numbers: four digits of the largest."""
    top = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    return 3 if top <= 0 else min(9, max(0, 3 - math.floor(math.log10(top))))


def _fixed(v: float, places: int) -> str:
    return f"{v:.{places}f}".replace("-", "−")


def _rows(result: PathsResult, labels: Labels) -> list[dict[str, Any]]:
    top = max((abs(s.value) for s in result.rows), default=0.0)
    places = _places(s.value for s in result.rows)
    return [_row(s, k == result.rank - result.first, top, places, labels) for k, s in enumerate(result.rows)]


def _row(s: WordShare, chosen: bool, top: float, places: int, labels: Labels) -> dict[str, Any]:
    note = "readout" if not s.word else ""
    return {"word": list(s.word), "id": word_id(s.word), "tex": word_tex(s.word, labels), "note": note, "paths": f"{s.paths:,}", "pairs": f"{s.pairs:,}",
            "bar": abs(s.value) / top if top else 0.0, "negative": s.value < 0, "value": _fixed(s.value, places), "number": s.value, "chosen": chosen}  # fmt: skip


def _more(result: PathsResult) -> str:
    before, after = result.first, result.words - result.first - len(result.rows)
    parts = []
    if before:
        parts.append(f"{before:,} larger above")
    if after > 0:
        parts.append(f"{'' if result.words_counted else 'over '}{after:,} smaller below")
    return " · ".join(parts)


def _sum(result: PathsResult, labels: Labels) -> dict[str, Any]:
    """Whether the words add up to the kernel, and why not."""
    gap = result.kernel - result.sum
    agrees = abs(gap) <= 1e-6 * max(abs(result.kernel), abs(result.sum), 1e-12)
    both = result.report.both_ways
    names = [{"tex": labels.get(m, word_tex((m,), labels))} for m in both]
    which: list[dict[str, str]] = []
    for k, name in enumerate(names):
        which += [{"text": ", " if k else ""}, name]
    if agrees and not both:
        text = [{"text": "The words add up to the kernel: no matrix occurs with its transpose."}]
    elif agrees:
        text = [{"text": "The words add up to the kernel, although "}, *which, {"text": " occurs with its transpose."}]
    else:
        digits = max(4, 2 - math.floor(math.log10(abs(gap) / max(abs(result.kernel), 1e-300))))
        text = [
            {"text": f"The words add up to {result.sum:.{digits}g}, the kernel is {result.kernel:.{digits}g}: "},
            *(which or [{"text": "the simple GIA check fails"}]),
            {"text": " occurs with its transpose, so " if both else ", so "},
        ]
        text += _dots(result, labels)
    return {"agrees": agrees, "paths": result.sum, "kernel": result.kernel, "difference": gap, "text": text}


def _dots(result: PathsResult, labels: Labels) -> list[dict[str, str]]:
    """The Ż of the backward pass that the paths do not see."""
    found = [(vector, c) for dots in result.dots.values() for vector, c in dots.items()]
    missing = _fixed(result.kernel - result.sum, _places([result.kernel]))
    what = f"products of the backward pass have a Ż that no path counts: {missing} of the kernel."
    shown = [{"text": what}]
    if found:
        name = next(iter(result.dots))
        terms = list(result.dots[name].items())[:2]
        tex = "+".join(rf"{c:.3g}\,Z^{{{vertex_tex(result.program, v, labels)}}}" for v, c in terms).replace("+-", "-")
        shown += [
            {"text": " Such as "},
            {"tex": rf"\dot Z^{{{vertex_tex(result.program, name, labels)}}}={tex}"},
            {"text": "."},
        ]
    return shown


def _missed(result: PathsResult, labels: Labels) -> list[dict[str, str]]:
    if not result.missed:
        return []
    ends = [vertex_tex(result.program, x, labels) for x in (result.missed[0], result.missed[-1])]
    return [
        {"text": "What leads from "},
        {"tex": ends[0]},
        {"text": " to "},
        {"tex": ends[1]},
        {
            "text": " is no path of the network: one runs from an input, a parameter or an X-var to a vector that is read out."
        },
    ]


def _pair(result: PathsResult, labels: Labels) -> dict[str, Any]:
    pair = result.pair
    assert pair is not None
    out: dict[str, Any] = {
        "index": pair.index,
        "count": pair.count,
        "head": f"Pair {pair.index + 1:,} of {pair.count:,}",
        "isomorphic": pair.isomorphic,
        "word": word_tex(pair.p.word, labels),
        "partner": word_id(pair.q.word),
        "partner_tex": word_tex(pair.q.word, labels),
        "partners": [{"name": word_id(w), "tex": word_tex(w, labels), "word": list(w)} for w in result.partners],
        "p": path_tex(result.program, pair.p, labels),
        "q": path_tex(result.program, pair.q, labels, bar=True),
        "same": pair.p == pair.q,
        "value": f"{pair.value:.4g}",
        "number": pair.value,
        "factors": [{"tex": f.tex, "value": f"{f.value:.4g}"} for f in pair.factors],
        "finite": _finite(pair),
    }
    return out


def _finite(pair: PathPair) -> list[dict[str, Any]]:
    """Rows n, ⟨J^p, J^q⟩ and that times √n, which stays where the first falls like 1/√n."""
    return [
        {
            "n": n,
            "tex": f"{n:,}".replace(",", r"\,"),
            "value": f"{v:.2g}",
            "number": v,
            "scaled": f"{v * math.sqrt(n):.2g}",
        }
        for n, v in pair.finite
    ]


def _matrix(result: PathsResult, labels: Labels, look: Theme) -> dict[str, Any]:
    matrix, pair = result.matrix, result.pair
    assert matrix is not None
    assert pair is not None
    flat = matrix.values.ravel()
    top = float(np.abs(flat).max()) or 1.0
    fills = colours(look.sequential, flat / top) if (flat >= 0).all() else colours(look.diverging, (flat / top + 1) / 2)
    places, k = min(3, _places(flat)), len(matrix.paths)
    cells = [
        [
            {
                "text": _fixed(v, places),
                "number": v,
                "fill": fills[i * k + j],
                "ink": contrast(fills[i * k + j]),
                "index": matrix.index[i][j],
            }
            for j, v in enumerate(row)
        ]
        for i, row in enumerate(matrix.values.tolist())
    ]
    return {
        "rows": _names(result, matrix.paths, labels, False),
        "columns": _names(result, matrix.paths, labels, True),
        "cells": cells,
        "word": word_tex(pair.p.word, labels),
        "total": f"{flat.sum():.4g}".replace("-", "−"),
    }


def _names(result: PathsResult, found: Sequence[Path], labels: Labels, bar: bool) -> list[str]:
    """What tells the paths of one word apart: their ends or, where these agree, the first place at which all of them differ."""
    ends = [(path.vertices[0], path.vertices[-1]) for path in found]
    place = None
    if len(set(ends)) < len(found):
        length = min(len(path.vertices) for path in found)
        place = next((k for k in range(length) if len({p.vertices[k] for p in found}) == len(found)), None)
    out = []
    for k, path in enumerate(found):
        first, middle, last = (vertex_tex(result.program, path.vertices[j], labels, bar) for j in (0, place or 0, -1))
        if len(path.vertices) == 1:
            out.append(first)
        elif place is not None:
            out.append(rf"\cdots {middle}\cdots")
        else:
            out.append(rf"{first}\!\to {last}" + (f"_{{({k + 1})}}" if len(set(ends)) < len(found) else ""))
    return out
