"""The steps of a lecture: which line each shows, what of the drawing is there by then, and what is lit.

Every line that draws something is a step, in the program's order. Declarations that draw nothing (matrices, functions,
constants, …) stand over the line of the step that first uses them. The speaker's own steps stand between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from tpviz.language import Statement
from tpviz.language.instructions import LinComb, Moment, Nonlin
from tpviz.language.labels import label
from tpviz.language.line_forms import code_of
from tpviz.language.typeset import safe_tex, tex_width

from .. import geometry
from ..document import Document
from ..edits.state import base_name
from ..scene import Group, Node, Scene, draw
from ..step_marks import StepMark, marks_of
from .rules import WHAT, rule_of

__all__ = ["Lecture", "LectureStep", "lecture_of"]

_WORD = re.compile(r"[^\W\d]\w*")
DECLARED = 4  # lines that stand over the step's own; more are counted


@dataclass(frozen=True)
class LectureStep:
    """One step. `names` are the vectors or scalars of its line (none for a speaker's own step); `nodes` and `edges` are
    those that come with it. `general` is its rule as TeX, `full` the expression of its gate (id, TeX); `highlight[k]`
    is lit in style k + 1. `problem` is what is wrong with the line, and what to do.
    """

    id: str
    title: str
    name: str = ""
    note: str = ""
    line: int = 0
    code: str = ""
    declared: tuple[str, ...] = ()
    rule: str = ""
    general: str = ""
    names: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()
    full: tuple[str, str] | None = None
    highlight: tuple[Group, ...] = ()
    problem: tuple[str, str] | None = None

    @property
    def own(self) -> bool:
        return self.id.startswith("own:")


@dataclass(frozen=True)
class Lecture:
    """The steps that are shown, the ids and titles of those that are hidden, and in which step each part of the drawing
    is first there (`appear`, by id of the node or edge)."""

    title: str
    steps: tuple[LectureStep, ...]
    scene: Scene
    hidden: tuple[tuple[str, str], ...] = ()
    appear: dict[str, int] = field(default_factory=dict)

    def state(self, id: str, k: int) -> str:
        """How a node or an edge is drawn in step k: "current", "there" or "later"."""
        step = self.steps[k]
        if id in step.nodes or id in step.edges:
            return "current"
        lit = any(id in g.nodes or id in g.edges for g in step.highlight)
        return "there" if lit or self.appear.get(id, 0) <= k else "later"

    @cached_property
    def place(self) -> dict[str, int]:
        """id of a step -> its index."""
        return {s.id: k for k, s in enumerate(self.steps)}

    @cached_property
    def layered(self) -> Scene:
        """The scene with what comes first on top, so that nothing faint crosses what is there."""
        return replace(self.scene, edges=tuple(sorted(self.scene.edges, key=lambda e: -self.appear.get(e.id, 0))))

    def step_of(self, node: str) -> int:
        """The step with which a node comes, the first where it is not known."""
        return min(self.appear.get(node, 0), max(0, len(self.steps) - 1))


def lecture_of(document: Document, scene: Scene | None = None) -> Lecture:
    """The lecture of a document; `scene` is its drawing where there is one already."""
    parsed = document.parsed
    if scene is None:
        scene = draw(parsed, document.layout, document.labels, document.view)
    marks = marks_of(document.marks)
    lines = list(_lines(parsed.statements, scene, document))
    first = {node: k for k, s in enumerate(lines) for node in s.nodes}
    for e in scene.edges:  # an edge comes with the later of its ends
        k = max(first.get(e.source, 0), first.get(e.target, 0))
        if lines:
            lines[k] = replace(lines[k], edges=(*lines[k].edges, e.id))
    shown: list[LectureStep] = []
    hidden: list[tuple[str, str]] = []
    appear: dict[str, int] = {}
    waiting: list[str] = []
    for s in _with_own(lines, marks, {n.id for n in scene.nodes} | {e.id for e in scene.edges}):
        mark = marks.get(s.id, StepMark())
        if mark.hidden and not s.own:
            hidden.append((s.id, s.title))
            waiting += [*s.nodes, *s.edges]
            continue
        if not s.own:
            waiting += [*s.nodes, *s.edges]
            appear.update(dict.fromkeys(waiting, len(shown)))
            waiting = []
        shown.append(s)
    appear.update(dict.fromkeys(waiting, max(0, len(shown) - 1)))
    return Lecture(_title(document), tuple(shown), scene, tuple(hidden), appear)


def _title(document: Document) -> str:
    first = document.source.lstrip().split("\n", 1)[0]
    return (first.lstrip("# ").strip() if first.startswith("#") else "") or "Tensor Program"


def _lines(statements: Sequence[Statement], scene: Scene, document: Document) -> Iterable[LectureStep]:
    """A step for every line that draws something or that is wrong."""
    drawn: dict[str, list[str]] = {}
    for n in scene.nodes:
        drawn.setdefault(base_name(n.id), []).append(n.id)
    declared: dict[str, str] = {}
    taken: set[str] = set()
    for s in statements:
        code = code_of(s.text).strip()
        mine = [n for n in s.names if n in drawn and n not in taken]
        problem = _problem(s)
        if not mine and (problem is None or _declares(s)):
            declared.update(dict.fromkeys(s.names, code))
            continue
        taken.update(mine)
        kind, rule, general = rule_of(s.instruction, s.partial)
        nodes = tuple(id for n in mine for id in drawn[n])
        id = f"line:{mine[0]}" if mine else f"line:#{s.line}"
        title = f"{WHAT.get(kind, 'Line')} {', '.join(s.names)}".strip()
        yield LectureStep(
            id,
            title,
            note=_comment(s),
            line=s.line,
            code=code,
            declared=tuple(_first_used(code, declared)),
            rule=rule,
            general=general,
            names=tuple(mine),
            nodes=nodes,
            full=_full(s, scene, document),
            problem=problem,
        )


def _declares(s: Statement) -> bool:
    """A line that is wrong, but draws nothing because it only declares: the lines that use it say so."""
    return bool(s.names) and s.partial is None and s.instruction is not None


def _problem(s: Statement) -> tuple[str, str] | None:
    first = next((d for d in s.diagnostics if d.severity == "error"), None)
    if first is not None:
        return first.message, first.hint
    return ("This line reads a name whose own line has a problem.", "Correct that one first.") if s.blocked else None


def _comment(s: Statement) -> str:
    """What stands behind # on the line: the author's own words for the step."""
    return s.text.split("#", 1)[1].strip()[:600] if "#" in s.text else ""


def _first_used(code: str, declared: dict[str, str]) -> list[str]:
    """The declarations that the line reads, with those that they read, each once in the lecture."""
    found: list[str] = []
    for name in _WORD.findall(code):
        if name in declared:
            line = declared.pop(name)
            found += [*_first_used(line, declared), line]
    return list(dict.fromkeys(found))


def _full(s: Statement, scene: Scene, document: Document) -> tuple[str, str] | None:
    """ψ(x, ν) = (x − ν)² for a gate that is labelled ψ and has room under it."""
    i = s.instruction
    if not isinstance(i, Nonlin | Moment | LinComb):
        return None
    gate = scene.by_id.get(f"gate:{i.name}")
    if gate is None or not gate.note:
        return None
    if gate.tex != r"\psi":
        return gate.id, gate.note
    arguments = document.program.arguments(i.name) if i.name in document.program.definitions else ()
    labels = [safe_tex(document.labels[a]) if a in document.labels else label(a) for a in arguments]
    full = rf"\psi({','.join(labels)})={gate.note}"
    return gate.id, gate.note if _crossed(scene, gate, full) else full


def _crossed(scene: Scene, gate: Node, caption: str) -> bool:
    """Whether an edge or a shape is in the way of a caption under a gate, in a lecture's size."""
    half = 1.35 * tex_width(caption) * 17 / 2  # with the spaces around its signs
    left, top, right, bottom = gate.x - half, gate.y + 34, gate.x + half, gate.y + 58
    points = (p for e in scene.edges for p in geometry.sample(e.d))
    boxes = (geometry.box(n, 2) for n in scene.nodes)
    return any(left < x < right and top < y < bottom for x, y in points) or any(
        b[0] < right and b[2] > left and b[1] < bottom and b[3] > top for b in boxes
    )


def _with_own(lines: list[LectureStep], marks: dict[str, StepMark], known: set[str]) -> Iterable[LectureStep]:
    """Lines with the speaker's own steps between, each with what the speaker set for it."""
    behind: dict[str, list[tuple[float, str]]] = {}
    names = {n for s in lines for n in s.names}
    last = lines[-1].id.removeprefix("line:") if lines else ""
    for id, mark in marks.items():
        if id.startswith("own:"):
            after = mark.after if mark.after in names or not mark.after else last
            behind.setdefault(after, []).append((mark.order, id))

    def own(after: str) -> Iterable[LectureStep]:
        for _, id in sorted(behind.pop(after, ())):
            yield _set(LectureStep(id, marks[id].name or "Step"), marks[id], known)

    yield from own("")
    for s in lines:
        yield _set(s, marks.get(s.id, StepMark()), known)
        for name in s.names or (s.id.removeprefix("line:"),):
            yield from own(name)


def _set(s: LectureStep, mark: StepMark, known: set[str]) -> LectureStep:
    groups = tuple(
        Group(tuple(n for n in g.nodes if n in known), tuple(e for e in g.edges if e in known)) for g in mark.highlight
    )
    return replace(
        s,
        title=mark.name or s.title,
        name=mark.name,
        note=mark.note or s.note,
        highlight=groups if any(g.nodes or g.edges for g in groups) else (),
    )
