"""A user who does anything: random sequences of intents and actions on one session, with what must hold after each.

The actions come from the table, the intents from the protocol; one that is added joins by itself (an intent without a maker here fails
`test_every_intent_is_made`). Numbers come back at random moments between two intents, as they do from a server's threads.
"""

from __future__ import annotations

import base64
import io
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.editor.session_window import Window
from tpviz.drawing import document_from_text, document_to_text, figure, to_link
from tpviz.drawing.edits import State
from tpviz.editor import compare_results
from tpviz.editor.actions import ACTIONS
from tpviz.editor.examples import find_examples
from tpviz.editor.intents import FUNCTIONS, LECTURE_OPS, TOOLS
from tpviz.editor.session import Session
from tpviz.editor.worker import Worker
from tpviz.language import parse, parse_partial

__all__ = ["INTENTS", "User"]

Pick = Callable[[Sequence[Any]], Any]
STARTS = (
    "",
    "vector x ~ N(0, 1)\nmatrix W ~ N(0, 1/n)\nh = W @ x\ny = relu(h)\ng = W.T @ y\n",
    "input xi = [1, 2]\nembedding U : n x d ~ N(0, 1/d)\nreadout v ~ N(0, 1)\nu = U @ xi\ny = tanh(u)\nz = y + 0.5*u\noutput f = v.T @ z / sqrt(n)\n",
    "matrix W ~ N(0, 1/n)\nh = W @ ?\ny = phi(W @ x)\nnot a line\nq = mean(y\n",
)
TYPED = ("", "?", "x", "W @ relu(x)", "vector x ~ N(0, 1)", "y = ", "# note", "zz = tanh(x)", "output f = ?", "é = 1", "q = mean(x*x)", "x = x", "\t", "matrix W ~ N(0, 2/n)")  # fmt: skip
VALUES = ("", "0", "1", "0.5", "-1", "1e-9", "1e300", "x", "W", "new", "relu(z)", "tanh(2*x)", "1/0", "?", "a b", "n", "m", r"\tilde x", "[1, 2]", "2*x - y", "z\ny", "v.T @ x / sqrt(n)")  # fmt: skip
#: what ends or starts elsewhere
LEFT_OUT = {"undo", "redo"}


@dataclass
class User:
    """`pick` chooses one of several: hypothesis' choice, so that a failure is made small."""

    pick: Pick
    window: Window = field(init=False)
    log: list[Any] = field(default_factory=list)
    first: State = field(init=False)

    def __post_init__(self) -> None:
        self.window = Window(Session(find_examples()))
        self.posts: deque[Callable[[], None]] = deque()
        for worker in self.workers():
            worker._post = self.posts.append
        self.session.column.set.width = 100

    def workers(self) -> list[Worker]:
        session = self.session
        return [session.column.worker, session.comparing.worker, session.lecture._worker, session.lecture._exporter]

    @property
    def session(self) -> Session:
        return self.window.session

    def live(self, steps: int) -> None:
        """A whole life: `steps` intents, undo to the start, redo to the end, and once more half of it."""
        self.window.send(type="text", source=self.pick(STARTS))
        self.first = self.session.state
        self.session.history.reset(self.first)  # the life begins here
        self.session.show()
        for _ in range(steps):
            self.step()
        self.travel("redo")  # what was undone last
        last = self.session.state
        self.travel("undo")
        self.same(self.first, self.session.state)
        self.travel("redo")
        self.same(last, self.session.state)
        self.document_survives()

    def step(self) -> None:
        kind = self.pick((*("action",) * 8, *("undo", "redo") * 2, *INTENTS))
        intent = {"type": "action", "name": kind} if kind in ("undo", "redo") else INTENTS[kind](self)
        self.log.append(intent)
        before = self.places()
        self.window.patches.clear()
        fresh = self.session.history.undo_label is None and not self.window.source.strip()
        self.window.send(**intent)
        if fresh and self.session.history.undo_label is None:
            self.first = self.session.state  # what is opened in an empty window begins its history
        self.told()
        self.consistent()
        if intent["type"] in ("edit", "select", "place", "connect", "text", "fix") and kind != "action":
            self.stayed(before)
        if intent["type"] == "move":
            self.stayed(before, moved=set(intent["positions"]))
        self.numbers(wait=self.pick((False,) * 12 + (True,)))

    def numbers(self, wait: bool) -> None:
        """What was computed meanwhile comes in."""
        if wait:
            for worker in self.workers():
                worker.wait(60)
        while self.posts:
            self.posts.popleft()()
        self.told()

    # what must hold

    def told(self) -> None:
        strange = [m for m in self.window.errors if "does not know why" in m or "does not understand" in m]
        assert not strange, (strange, self.log)
        failed = self.session.column.results and self.session.column.results.error
        assert not failed or "does not know why" not in str(failed), (failed, self.log)

    def places(self) -> dict[str, tuple[float, float]]:
        return dict(self.session.scene.positions)

    def stayed(self, before: dict[str, tuple[float, float]], moved: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        """No node moves by itself."""
        after = self.places()
        wandered = {n: (before[n], after[n]) for n in before if n in after and n not in moved and before[n] != after[n]}
        assert not wandered, (wandered, self.log)

    def consistent(self) -> None:
        session = self.session
        ids = [n.id for n in session.scene.nodes]
        assert len(ids) == len(set(ids)), self.log
        assert set(session.scene.positions) == set(ids), self.log
        assert all(math.isfinite(v) for at in session.scene.positions.values() for v in at), self.log
        assert set(session.selected_nodes) <= set(ids), (session.selected_nodes, self.log)
        assert set(session.selected_edges) <= {e.id for e in session.scene.edges}, self.log
        for e in session.scene.edges:
            assert {e.source, e.target} <= set(ids), (e, self.log)
        parsed = parse_partial(session.state.source)
        assert parsed.program == session.program, self.log
        assert parse(session.program.to_text()) == session.program, self.log
        view = session.view
        assert view.text["source"] == session.state.source, self.log
        assert {n["id"] for n in view.scene["nodes"]} == set(ids), self.log
        assert view.selection["nodes"] == list(session.selected_nodes), self.log
        stale = [a["name"] for a, b in zip(view.actions, session.actions(), strict=True) if a != b]
        assert not stale, (stale, self.log)
        assert view.frame == session.frame(), self.log
        if not session.selected_edges:
            assert view.inspector == session.inspector(), self.log

    def document_survives(self) -> None:
        document = self.session.document
        assert document_from_text(document_to_text(document)) == document, self.log

    def travel(self, way: str) -> None:
        history, count = self.session.history, 0
        label = (lambda: history.undo_label) if way == "undo" else (lambda: history.redo_label)
        while label() is not None:
            self.window.act(way)
            count += 1
            assert count < 2000, self.log
            if count % 16 == 0:
                self.consistent()
        self.consistent()
        self.numbers(wait=False)

    def same(self, expected: State, found: State) -> None:
        """The same text, labels and marks, and every node where it was. A place of a node that is not drawn (a hidden input) may have
        been learnt in between."""
        assert found.source == expected.source, self.log
        assert dict(found.labels) == dict(expected.labels), self.log
        assert dict(found.marks) == dict(expected.marks), self.log
        lost = {n: (at, found.layout.get(n)) for n, at in expected.layout.items() if found.layout.get(n) != at}
        assert not lost, (lost, self.log)

    # what is there to choose from

    def node(self) -> str:
        return self.pick([*(n.id for n in self.session.scene.nodes), "nothing"])

    def name(self) -> str:
        return self.pick([*self.session.parsed.lines, "nothing"])

    def several(self, options: Sequence[str], most: int) -> list[str]:
        return list(dict.fromkeys(self.pick(options) for _ in range(self.pick(range(most + 1))))) if options else []


def _action(u: User) -> dict:
    return {
        "type": "action",
        "name": u.pick([a.name for a in ACTIONS if not a.local and a.name not in LEFT_OUT and a.enabled(u.session)]),
    }


def _connect(u: User) -> dict:
    to = {"target": u.node()} if u.pick((True, True, False)) else {"x": 300, "y": 10}
    return {"type": "connect", "tool": u.pick(TOOLS), "source": u.node(), "slot": u.pick((None, 0, 1, 7)), **to}


def _select(u: User) -> dict:
    nodes = [n.id for n in u.session.scene.nodes]
    edges = [e.id for e in u.session.scene.edges]
    stamp = u.pick((None, u.session.stamp, u.session.stamp, 0))
    return {
        "type": "select",
        "nodes": u.several(nodes, 3),
        "edges": u.several(edges, u.pick((0, 0, 2))),
        "stamp": stamp,
    }


def _edit(u: User) -> dict:
    shown = u.session.inspector()
    value = u.pick(VALUES)
    if shown and shown["fields"] and u.pick((True, True, True, False)):
        f = u.pick(shown["fields"])
        options = [o["value"] for o in f.get("options") or ()]
        return {"type": "edit", "key": shown["key"], "field": f["id"], "value": u.pick([value, value, *options])}
    known = (
        "name",
        "label",
        "expression",
        "function",
        "parameter",
        "variance",
        "mean",
        "value",
        "matrix",
        "width",
        "x",
    )
    return {"type": "edit", "key": u.pick((u.node(), u.name())), "field": u.pick(known), "value": value}


def _text(u: User) -> dict:
    """A line is written over, added, taken away, or broken in the middle."""
    lines = u.session.state.source.split("\n")
    at = u.pick(range(len(lines)))
    match u.pick(("over", "add", "cut", "break", "all")):
        case "over":
            lines[at] = u.pick(TYPED)
        case "add":
            lines.insert(at, u.pick(TYPED))
        case "cut":
            del lines[at]
        case "break":
            lines[at] = lines[at][: len(lines[at]) // 2]
        case "all" if u.pick((False, False, True)):
            lines = u.pick(STARTS).split("\n")
    return {"type": "text", "source": "\n".join(lines)}


def _open(u: User) -> dict:
    text = u.pick(
        (document_to_text(u.session.document), *STARTS, "{", '{"format": "tpviz", "version": 99, "program": ""}')
    )
    return {"type": "open", "name": u.pick(("a.tpviz", "b.tp")), "text": text}


def _batch(u: User) -> dict:
    changes = {"kind": ("turned", "angle", "sphere", "typed", "file"), "count": (1, 2, 5), "seed": (0, 3), "angle": (0, 60, 180), "dimension": (1, 3), "text": ("", "1 2\n3 4", "1, x", "1\n2 3")}  # fmt: skip
    return {"type": "batch", **{k: u.pick(changes[k]) for k in u.several(list(changes), 2)}}


def _paths(u: User) -> dict:
    words = (["U", "W"], ["U"], [], ["nothing"])
    changes = {"word": words, "partner": words, "pair": (0, 1, -3, 99), "angle": (0, 60, 180)}
    return {"type": "paths", **{k: u.pick(changes[k]) for k in u.several(list(changes), 2)}}


def _kernel(u: User) -> dict:
    changes = {
        "mode": lambda: u.pick(("second_moment", "covariance", "correlation")),
        "chosen": lambda: u.several([*u.session.program.vectors, "nothing"], 4),
        "kind": lambda: u.pick(("vectors", "network")),
    }
    return {"type": "kernel", **{k: changes[k]() for k in u.several(list(changes), 2)}}


def _encoded(rows: Any) -> str:
    out = io.BytesIO()
    np.save(out, np.array(rows))
    return base64.b64encode(out.getvalue()).decode()


FILES = (_encoded([[1.0, 2.0], [3.0, 4.0]]), _encoded([math.nan]), _encoded(["text"]), "AAAA", "not base64")


def _compare(u: User) -> dict:
    changes = {
        "view": lambda: u.pick(compare_results.VIEWS),
        "kind": lambda: u.pick(compare_results.KINDS),
        "chosen": lambda: u.several([*u.session.program.vectors, "nothing"], 3),
        "vector": u.name,
        "function": lambda: u.pick(FUNCTIONS),
        "back": lambda: u.pick((1, 2)),
        "example": lambda: u.pick((*u.session.examples, "nothing")),
    }
    return {"type": "compare", **{k: changes[k]() for k in u.several(list(changes), 2)}}


def _lecture(u: User) -> dict:
    nodes = [n.id for n in u.session.scene.nodes]
    fields = {
        "step": lambda: u.pick((*(key.removeprefix("step:") for key in u.session.state.marks), "0", "x1")),
        "name": lambda: u.pick(("", "First")),
        "note": lambda: u.pick(("", "say it")),
        "style": lambda: u.pick((1, 2)),
        "nodes": lambda: u.several(nodes, 2),
        "by": lambda: u.pick((1, -1)),
    }
    return {"type": "lecture", "op": u.pick(LECTURE_OPS), **{k: fields[k]() for k in u.several(list(fields), 4)}}


SNAPSHOTS = ({"program": STARTS[1], "layout": {"x": [0, 0]}}, {"program": 3}, {})
FIGURES = (base64.b64encode(figure(parse(STARTS[1])).to_bytes(".svg")).decode(), "AAAA", "not base64")


def _paste(u: User) -> dict:
    text = u.pick((*STARTS, *TYPED, document_to_text(u.session.document)))
    extra = u.pick(({}, {"layout": {"x": [5, 5], "nothing": [0, 0]}}, {"view": [0, 0, 400, 300], "untied": True}))
    return {"type": "paste", "text": text, **extra}


#: type of an intent -> how the user makes one
INTENTS: dict[str, Callable[[User], dict]] = {
    "action": _action,
    "place": lambda u: {
        "type": "place",
        "tool": u.pick(TOOLS),
        "x": u.pick((0, -80, 240.5)),
        "y": u.pick((0, 92, 1e6)),
    },
    "connect": _connect,
    "move": lambda u: {"type": "move", "positions": {n: [u.pick((0, 10.5, -300)), 46] for n in {u.node(), u.node()}}},
    "select": _select,
    "pick": lambda u: {"type": "pick", "id": u.node()},
    "edit": _edit,
    "text": _text,
    "fix": lambda u: {"type": "fix", "index": u.pick((0, 0, 1, 5))},
    "open": _open,
    "example": lambda u: {"type": "example", "id": u.pick((*u.session.examples, "nothing"))},
    "export": lambda u: {"type": "export", "format": u.pick(("svg", "tex", "png"))},
    "tab": lambda u: {"type": "tab", "tab": u.pick(("kernel", "distribution", "paths", "compare"))},
    "pin": lambda u: {"type": "pin", "on": u.pick((True, False))},
    "theme": lambda u: {"type": "theme", "theme": u.pick(("light", "dark", "projector"))},
    "look": lambda u: {"type": "look", "monochrome": u.pick((True, False)), "scale": u.pick((1, 1.25))},
    "kernel": _kernel,
    "network": lambda u: {"type": "network", "view": u.pick(("heatmaps", "angle", "convergence"))},
    "batch": _batch,
    "batch-file": lambda u: {"type": "batch-file", "name": u.pick(("x.npy", "x.csv")), "base64": u.pick(FILES)},
    "paths": _paths,
    "distribution": lambda u: {"type": "distribution", "vector": u.name()},
    "width": lambda u: {"type": "width", "log10": u.pick((2, 2.3))},
    "seed": lambda u: {"type": "seed", "seed": u.pick((0, 7))},
    "room": lambda u: {"type": "room", "width": 1440, "height": 900, "column": u.pick((400, 440, 0))},
    "cancel": lambda u: {"type": "cancel"},
    "mode-cancel": lambda u: {"type": "mode-cancel"},
    "compare": _compare,
    "lecture": _lecture,
    "viewport": lambda u: {"type": "viewport", "x": u.pick((0, 50.5)), "y": 3, "zoom": u.pick((0.5, 1))},
    "travel": lambda u: {"type": "travel", "by": u.pick((0, 1, -1, -5))},
    "recover": lambda u: {"type": "recover", "key": "nothing"},
    "discard": lambda u: {"type": "discard", "key": "nothing"},
    "snapshot-open": lambda u: {"type": "snapshot-open", "name": "before", "document": u.pick(SNAPSHOTS)},
    "snapshot-compare": lambda u: {"type": "snapshot-compare", "name": "before", "document": u.pick(SNAPSHOTS)},
    "paste": _paste,
    "link": lambda u: {"type": "link", "text": u.pick((to_link(u.session.document), "#p=1.", "#p=2.abcd", ""))},
    "open-file": lambda u: {
        "type": "open-file",
        "name": u.pick(("a.svg", "a.pdf", "a.png")),
        "base64": u.pick(FIGURES),
    },
}
