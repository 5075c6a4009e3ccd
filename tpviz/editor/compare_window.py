"""The comparison in the words of the protocol: `compare` of assets/canvas/PROTOCOL.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..drawing.differences import nearby
from ..gaussian import Estimate
from ..language import TpvizError
from ..language.labels import label
from ..limit import Row, Side
from ..limit.comparison import differ
from ..limit.derivation import number_tex
from .compare_plots import heat_dict, plot_dict
from .compare_results import CompareResult, Gram
from .network_window import network_labels
from .results import number_text
from .theme import theme
from .versions import FUNCTIONS, current_function, past_steps
from .window import power_tex

if TYPE_CHECKING:
    from .comparing import Comparing

__all__ = ["compare_dict", "lines_of"]

_MOST = 24  # lines of the table
_NAMED = 14  # names in a sentence
Labels = Mapping[str, str]
Rich = list[dict[str, str]]


def compare_dict(comparing: Comparing) -> dict[str, Any]:
    """The pane, or what it can start from while nothing is held."""
    version, both = comparing.version, comparing.versions()
    if version is None or both is None:
        return {"held": False, **_beginnings(comparing)}
    session, result = comparing.session, comparing.result
    look, marks = theme(session.theme_name), comparing.marks()
    names = (version.name, version.document) if version.first else (version.document, version.name)
    other = 0 if version.first else 1
    sides = []
    for k, (letter, drawn, name, marked) in enumerate(zip("AB", both, names, marks, strict=True)):
        problem = drawn.error or (result.problems[k] if result else None)
        empty = problem is None and not drawn.parsed.program.vectors
        d = problem.diagnostics[0] if problem is not None else None
        sides.append({
            "letter": letter, "name": name, "document": drawn.document, "scene": nearby(drawn.scene, marked).to_dict(), "edited": {"nodes": list(marked.nodes), "edges": list(marked.edges)},
            "affected": _affected(result, k), "error": d.message if d else "This version has no vector." if empty else None, "hint": d.hint if d else "",
        })  # fmt: skip
    labels = both[0].state.labels
    ready = result is not None and not any(result.problems) and comparing.problem is None
    lines = lines_of(result, labels, both[1].state.labels) if ready and result else []
    vector = result.vector if ready and result else None
    failed = comparing.problem if comparing.problem is not None and all(d.error is None for d in both) else None
    return {
        "held": True,
        "versions": sides,
        "keep": "AB"[other],
        "keep_help": version.description,
        "view": comparing.set.view,
        "kind": comparing.set.kind,
        "network": bool(both[0].parsed.program.outputs and both[1].parsed.program.outputs),
        "ready": ready,
        "error": failed.diagnostics[0].message if failed else None,
        "hint": failed.diagnostics[0].hint if failed else "",
        "lines": lines[:_MOST],
        "more": f"{len(lines) - _MOST} more changes" if len(lines) > _MOST else "",
        "unchanged": _unchanged(result, labels) if ready and result else [],
        "only": _only(result, labels, both[1].state.labels) if ready and result else [],
        "vector": None if vector is None else {"name": vector, "tex": _tex(vector, labels)},
        "options": [{"name": v, "tex": _tex(v, labels)} for v in both[0].parsed.program.vectors if not ready or (result and v in result.twins)],
        "formulas": [[{"left": s.left, "right": s.right, "tag": s.rule} for s in steps] for steps in result.steps] if ready and result else [[], []],
        "heat": _heat(comparing, result, labels, look) if ready and result else None,
        "plot": plot_dict(*result.distributions) if ready and result and result.request.view == "distribution" else None,
        "plot_errors": [_reason(e) if d is None else None for d, e in zip(result.distributions, result.unseen, strict=True)] if ready and result and result.request.view == "distribution" else [None, None],
        "n": power_tex(session.column.set.width),
        "busy": comparing.busy,
        "stale": comparing.slow and comparing.busy and result is not None,
    }  # fmt: skip


def _beginnings(comparing: Comparing) -> dict[str, Any]:
    session = comparing.session
    return {
        "function": current_function(session.program, session.subject()),
        "functions": list(FUNCTIONS),
        "steps": [{"back": k, "text": text} for k, text in past_steps(session.history)],
    }


def _tex(name: str, labels: Labels) -> str:
    return labels.get(name, label(name))


def _reason(error: TpvizError | None) -> str:
    return error.diagnostics[0].message if error is not None and error.diagnostics else "no distribution"


def _affected(result: CompareResult | None, k: int) -> list[str]:
    """Names whose numbers change, by the names of version `k`."""
    if result is None:
        return []
    return [r.twins[0] if k else r.name for r in result.rows if r.kind != "pair" and r.changes]


# the table


def lines_of(result: CompareResult, labels: Labels, other: Labels) -> list[dict[str, Any]]:
    """What changes, a line for each number: the kernels of the network, E Z², E Z and Ż of vectors, limits of scalars, then pairs, the largest
    difference first."""
    single = [line for r in result.rows if r.kind != "pair" and r.changes for line in _lines(r, result, labels, other)]
    pairs = sorted((r for r in result.rows if r.kind == "pair" and r.changes), key=lambda r: -abs(r.difference or 0.0))
    return _network_lines(result) + single + [line for r in pairs for line in _lines(r, result, labels, other)]


def _lines(r: Row, result: CompareResult, labels: Labels, other: Labels) -> list[dict[str, Any]]:
    a, b, name = r.first, r.second, _tex(r.name, labels)
    head = {
        "vector": rf"\mathbb E(Z^{{{name}}})^2",
        "scalar": rf"\mathring{{{name}}}",
        "pair": rf"\mathbb E Z^{{{name}}}Z^{{{_tex(r.partner, labels)}}}",
    }[r.kind]
    id_ = f"{r.name},{r.partner}" if r.partner else r.name
    out = []
    if differ(a.value, b.value):
        out.append(_number_line(id_, r.name, head, a, b, a.value, b.value))
    if differ(a.mean, b.mean):
        out.append(_number_line(f"{id_}:mean", r.name, rf"\mathbb E Z^{{{name}}}", a, b, a.mean, b.mean))
    if not r.same_zdot:
        line = {"id": f"{id_}:zdot", "vector": r.name, "head": rf"\dot Z^{{{name}}}", "first": _dot_tex(a, labels), "second": _dot_tex(b, other), "tex": True,
                "difference": "", "numbers": None, "problem": ""}  # fmt: skip
        out.append(line)
    return out


def _number_line(id_: str, vector: str, head: str, a: Side, b: Side, x: Estimate | None, y: Estimate | None) -> dict[str, Any]:  # fmt: skip
    gap = None if x is None or y is None else Estimate(y.value - x.value, x.error + y.error)
    problem = a.problem or b.problem
    return {
        "id": id_,
        "vector": vector,
        "head": head,
        "first": _signed(x),
        "second": _signed(y),
        "tex": False,
        "difference": "" if gap is None else ("+" if gap.value > 0 else "") + _signed(gap),
        "numbers": [None if e is None else float(e.value) for e in (x, y)],
        "problem": _reason(problem) if problem else "",
    }


def _signed(e: Estimate | None) -> str:
    return "none" if e is None else number_text(e, 4).replace("-", "−")


def _dot_tex(side: Side, labels: Labels) -> str:
    parts = []
    for v, c in list((side.zdot or {}).items())[:3]:
        factor = number_tex(c)
        shown = {"1": "", "-1": "-"}.get(factor, factor + r"\,")
        parts.append(f"{shown}Z^{{{_tex(v, labels)}}}")
    more = r" + \cdots" if len(side.zdot or {}) > 3 else ""
    return " + ".join(parts).replace("+ -", "- ") + more or "0"


def _network_lines(result: CompareResult) -> list[dict[str, Any]]:
    if result.network is None:
        return []
    (batch, *first), (_, *second) = result.network
    what = network_labels(batch)[0] if batch.inputs else ""
    point = r"(\xi,\xi)" if what else ""
    out = []
    for tex, key, a, b in ((r"\Sigma", "nngp", first[0], second[0]), (r"\mathring\Theta", "ntk", first[1], second[1])):
        x, y = Estimate(float(a[0, 0]), 1e-9 * abs(float(a[0, 0]))), Estimate(float(b[0, 0]), 1e-9 * abs(float(b[0, 0])))  # fmt: skip
        if differ(x, y):
            out.append(_number_line(key, "", tex + point, Side(x), Side(y), x, y))
    return out


def _unchanged(result: CompareResult, labels: Labels) -> Rich:
    """What does not change, in a sentence."""
    same = [r for r in result.rows if r.kind != "pair" and not r.changes]
    pairs = sum(r.kind == "pair" and not r.changes for r in result.rows)
    everything = result.whole and result.paired
    nothing = everything and not any(r.changes for r in result.rows)
    out: Rich = [{"text": "Nothing changes in the limit: the same for " if nothing else "Unchanged: "}] if same else [{"text": "Every number changes."}]  # fmt: skip
    out += _listed([_tex(r.name, labels) for r in same])
    if same and pairs:
        out.append({"text": f", and {pairs} of their pairs" if nothing else f", and {pairs} pair{'s' * (pairs > 1)}"})
    if result.network is not None:
        (_, *first), (_, *second) = result.network
        kept = [n for n, a, b in zip(("NNGP", "NTK"), first, second, strict=True) if np.allclose(a, b, rtol=1e-8, atol=1e-12)]  # fmt: skip
        out.append({"text": f"; {' and '.join(kept)} unchanged" if kept else "; NNGP and NTK change"})
    if not result.whole:
        out.append({"text": " (the rest was not compared: the program is large)"})
    elif not result.paired:
        out.append({"text": " (pairs were not compared: the program is large)"})
    return out


def _only(result: CompareResult, labels: Labels, other: Labels) -> list[Rich]:
    out = []
    for letter, names, known in zip("AB", result.only, (labels, other), strict=True):
        if names:
            out.append([{"text": f"Only in {letter}: "}, *_listed([_tex(n, known) for n in names])])
    return out


def _listed(names: Iterable[str]) -> Rich:
    names = list(names)
    out: Rich = []
    for k, name in enumerate(names[:_NAMED]):
        out += [{"text": ", "}] if k else []
        out.append({"tex": name})
    if len(names) > _NAMED:
        out.append({"text": f" and {len(names) - _NAMED} more"})
    return out


# kernels


def _heat(comparing: Comparing, result: CompareResult, labels: Labels, look) -> dict[str, Any] | None:
    if comparing.set.view != "kernel":
        return None
    if comparing.set.kind == "vectors":
        if result.gram is None:
            return {"error": "These vectors have no kernel in both versions.", "hint": "Choose others."} if result.request.view == "kernel" and not comparing.busy else None  # fmt: skip
        return heat_dict(result.gram, [_tex(n, labels) for n in result.gram.labels], look) | {"chosen": list(result.gram.labels)}  # fmt: skip
    if result.network is None:
        problem = result.network_problem
        return {"error": _reason(problem), "hint": problem.diagnostics[0].hint} if problem is not None else None
    (batch, *first), (_, *second) = result.network
    k = ("nngp", "ntk").index(comparing.set.kind)
    a, b = np.asarray(first[k]), np.asarray(second[k])
    names = network_labels(batch)
    error = 1e-9 * np.maximum(np.abs(a), np.abs(b))
    return heat_dict(Gram(tuple(names), (a, b), (error, error)), names, look) | {"chosen": []}
