"""What the session knows, in the words of the protocol: the dictionaries that the window shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..drawing.edits import fix_label
from ..drawing.edits.lines import Sheet
from ..drawing.histogram import DistributionResult
from ..drawing.sketch import transpose
from ..language import Diagnostic, Parsed, TpvizError
from ..language.instructions import (
    Bias,
    Embed,
    Embedding,
    Input,
    LinComb,
    MatMul,
    Matrix,
    Moment,
    Nonlin,
    Output,
    Readout,
    Scalar,
    Vectors,
)
from ..language.labels import label
from ..language.line_forms import defined_names
from ..language.scope import KEYWORDS
from ..network import GiaReport
from .plots import Scale, cell_size
from .results import KernelResult

__all__ = [
    "KernelView",
    "distribution_dict",
    "gia_chips",
    "input_chips",
    "kernel_dict",
    "names_of",
    "power_tex",
    "seconds_text",
    "short_reason",
    "status_dict",
    "text_dict",
    "width_dict",
]

_INSTRUCTION = {Vectors: "Initial", Readout: "Readout", Scalar: "Initial", Embed: "Embed", MatMul: "MatMul", LinComb: "LinComb", Nonlin: "Nonlin", Moment: "Moment",
                Output: "Output", Bias: "Bias"}  # fmt: skip


def short_reason(error: TpvizError) -> str:
    """Why something has no limit, in a few words for its gate."""
    reasons = {
        "divergent": "its moment does not exist",
        "domain": "not defined everywhere",
        "overflow": "too large a number",
    }
    return reasons.get(error.diagnostics[0].code, "no limit") if error.diagnostics else "no limit"


def text_dict(
    parsed: Parsed,
    moments: dict[str, str],
    current: set[str],
    failed: dict[str, TpvizError],
    warnings: Sequence[Diagnostic] = (),
) -> dict[str, Any]:
    """The program pane: a line of margin for each line of the source, and the problems."""
    by_line = {s.line: s for s in parsed.statements}
    lines = []
    for number in range(1, len(parsed.source.splitlines()) + 1):
        s = by_line.get(number)
        row = {"instruction": "", "kind": "", "moment": "", "node": None, "state": ""}
        if s is not None:
            i, names = s.instruction, s.names
            bad = any(d.severity == "error" for d in s.diagnostics)
            shown = names and not isinstance(i, Matrix | Embedding)
            row["node"] = names[0] if shown else None
            row["state"] = "bad" if bad else "current" if current & set(names) else ""
            if bad or s.blocked:
                row["instruction"] = "—"
            elif type(i) in _INSTRUCTION:
                row["instruction"] = _INSTRUCTION[type(i)]
                if names[0] in parsed.program.vectors:
                    row["kind"] = parsed.program.kind(names[0])
                row["moment"] = ", ".join(moments[n] for n in names if n in moments)
            elif isinstance(i, Input):
                row["node"] = names[0]
        lines.append(row)
    problems = []
    sheet = Sheet.of(parsed.source)
    for d in parsed.diagnostics:
        at = by_line.get(d.line or 0)
        node = at.names[0] if at and at.names else None
        problems.append({"line": d.line or 1, "column": d.column or 1, "end": d.end or (d.column or 1) + 1, "severity": d.severity, "message": d.message, "hint": d.hint,
                         "node": node, "fix": fix_label(d, sheet)})  # fmt: skip
    of_limit = [(name, error.diagnostics[0]) for name, error in failed.items()]
    of_limit += [(d.names[0], d) for d in warnings if d.names[0] not in failed]
    for name, d in of_limit:
        at = next((x for x in parsed.statements if name in x.names), None)
        code = at.text.split("#", 1)[0].rstrip() if at else ""
        problems.append({"line": at.line if at else 1, "column": 1, "end": len(code) + 1, "severity": "warning", "message": d.message, "hint": d.hint, "node": name,
                         "fix": None})  # fmt: skip
    return {"source": parsed.source, "lines": lines, "problems": problems, "names": names_of(parsed)}


def names_of(parsed: Parsed) -> list[dict[str, Any]]:
    """The names of the text for its completion: the part each plays, its line, and the width class of a vector."""
    symbols, out, seen = parsed.program.scope.symbols, [], set()
    for s in parsed.statements:
        first = s.text.split("#", 1)[0].split()[:1]
        declared = first[0] if first and first[0] in KEYWORDS else ""
        for name in s.names or defined_names(s.text.split("#", 1)[0]):
            if name in seen:
                continue
            seen.add(name)
            symbol = symbols.get(name)
            form = {"moment": "scalar"}.get(s.partial.form, "vector") if s.partial else "vector"
            role = "readout" if symbol and symbol.readout else symbol.type if symbol else declared or form
            out.append({"name": name, "role": role, "line": s.line, "width": symbol.width if symbol and role in ("vector", "readout") else ""})  # fmt: skip
    return out


def gia_chips(report: GiaReport | None) -> list[dict[str, Any]]:
    """Whether the simple GIA check holds, for the chips on the canvas; the reasons are its title."""
    if report is None:
        return []
    if report.passes:
        passes = {"text": "GIA check passes", "ok": True, "title": "The readout is zero-mean, independent, and used nowhere inside the body."}  # fmt: skip
        title = "The forward pass uses the matrix and its transpose, so the backward pass has Ż that do not vanish."
        meets = [{"text": [{"tex": tex}, {"text": " meets "}, {"tex": transpose(tex)}], "ok": False, "title": title} for tex in map(label, report.both_ways)]  # fmt: skip
        return [passes, *meets[:2]]
    return [{"text": "GIA check fails", "ok": False, "title": "\n".join(d.message for d in report.reasons)}]


def input_chips(free: Sequence[str]) -> list[dict[str, Any]]:
    """Inputs that the text gives no value, for the chips on the canvas."""
    if not free:
        return []
    names = [{"tex": label(name)} for name in free[:3]]
    spaced = [part for name in names for part in ({"text": ", "}, name)][1:]
    title = "The text gives them no value: the first row of the batch stands for them in the limit and in the run."
    return [
        {
            "text": [*spaced, {"text": " … from the batch" if len(free) > 3 else " from the batch"}],
            "ok": False,
            "title": title,
        }
    ]


def power_tex(n: int) -> str:
    """A width in TeX: 10^{5}, or 4\\,096."""
    k = math.log10(n)
    return f"10^{{{round(k)}}}" if n > 100 and abs(k - round(k)) < 1e-12 else f"{n:,}".replace(",", r"\,")


def width_dict(width: int, seed: int) -> dict[str, Any]:
    return {"log10": math.log10(width), "text": f"{width:,}", "tex": power_tex(width), "seed": seed}


@dataclass(frozen=True)
class KernelView:
    """What the kernel pane is set to: the chosen vectors, the kind of kernel, the width, the column's width in px."""

    chosen: tuple[str, ...]
    mode: str
    width: int
    column: int


def kernel_dict(
    kernel: KernelResult | None, scale: Scale | None, parsed: Parsed, labels: dict[str, str], shown: KernelView
) -> dict[str, Any]:
    names = kernel.names if kernel else ()
    tex = {v: labels.get(v, label(v)) for v in (*parsed.program.vectors, *names)}
    symbols = {
        "second_moment": (r"\mathbb E\,Z^xZ^y", r"x^{\top}y/n"),
        "covariance": (r"\mathrm{Cov}(Z^x,Z^y)", r"\text{of the coordinates}"),
        "correlation": (r"\mathrm{Corr}(Z^x,Z^y)", r"\text{of the coordinates}"),
    }[shown.mode]
    note: list[dict[str, str]] = []
    if kernel is not None and kernel.limit.size:
        gap = np.abs(kernel.limit - kernel.width)
        if np.isfinite(gap).any():
            i, j = divmod(int(np.nanargmax(gap)), len(names))
            i, j = min(i, j), max(i, j)
            note = [
                {"text": f"Largest difference {gap[i, j]:.2g} at "},
                {"tex": f"({tex[names[i]]},\\,{tex[names[j]]})"},
            ]
    return {"mode": shown.mode, "labels": [tex[n] for n in names], "chosen": list(names or shown.chosen), "options": [{"name": v, "tex": tex[v]} for v in parsed.program.vectors],
            "cell": cell_size(len(names), shown.column), "limit": symbols[0], "width": f"n={power_tex(shown.width)}", "width_what": symbols[1],
            "bar": scale.bar() if scale else {"stops": [], "ticks": []}, "note": note}  # fmt: skip


def distribution_dict(
    result: DistributionResult | None, parsed: Parsed, labels: dict[str, str], vector: str | None
) -> dict[str, Any]:
    name = result.name if result else vector
    tex = {v: labels.get(v, label(v)) for v in (*parsed.program.vectors, *([name] if name else []))}
    how = {"exact": "", "mixture": "", "cells": "density on a grid of 720 × 720 cells"}[result.method] if result else ""
    if result is None:
        how = "No vector yet." if not parsed.program.vectors else "Nothing to show for this vector."
    return {"vector": name, "tex": tex.get(name or "", ""), "atom": bool(result and result.atoms), "note": [{"text": how}] if how else [],
            "options": [{"name": v, "tex": tex[v]} for v in parsed.program.vectors]}  # fmt: skip


def status_dict(
    kernel: KernelResult | None, seconds: float | None, busy: bool, error: TpvizError | None
) -> dict[str, Any]:
    limit, simulation = "", ""
    if kernel is not None:
        worst = float(kernel.errors.max(initial=0.0))
        limit = {
            "closed": "Limit exact",
            "quadrature": f"Limit to {_size(worst)}",
            "sampled": f"Limit sampled, ± {_size(worst)}",
        }[kernel.method]
    if seconds is not None:
        simulation = f"Simulated in {seconds_text(seconds)}"
    problem = error.diagnostics[0] if error is not None and error.diagnostics else None
    return {
        "limit": limit,
        "simulation": simulation,
        "busy": busy,
        "stale": busy,
        "error": problem.message if problem else None,
        "hint": problem.hint if problem else "",
    }


def seconds_text(seconds: float) -> str:
    return f"{seconds * 1e3:.0f} ms" if seconds < 2 else f"{seconds:.1f} s"


def _size(x: float) -> str:
    """An error as one digit and a power: 3·10⁻¹⁴"""
    if x <= 0:
        return "0"
    k = math.floor(math.log10(x))
    digit = math.ceil(x / 10.0**k - 1e-9)
    digit, k = (1, k + 1) if digit == 10 else (digit, k)
    raised = str(k).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digit}·10{raised}" if k not in (0, -1, -2) else f"{x:.2g}"
