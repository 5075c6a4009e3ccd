"""The version that is held beside the document: where it comes from, and what the two are called.

`hold(state, name)` is the way in for anything that has a `State`: the present one, one of the history, a snapshot, a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..drawing import Document, edits
from ..drawing.edits import EditError, State
from ..language import Parsed, Program, TpvizError, parse_partial
from ..language.instructions import Embed, Function, MatMul, Nonlin
from ..language.labels import label
from ..language.untying import copies, uses_of
from .history import History

__all__ = ["FUNCTIONS", "Version", "current_function", "hold", "is_tied", "of_document", "other_function", "past_steps", "saved", "step_back",
           "tied_pair"]  # fmt: skip

Rich = list[dict[str, str]]

#: what a nonlinearity can be compared with: functions of one argument
FUNCTIONS = ("relu", "erf", "tanh", "gelu", "silu", "sigmoid", "softplus", "sin", "abs", "step", "sign")


@dataclass(frozen=True)
class Version:
    """One version beside the document. `make` gives its state from the document's (so that a variant follows the edits) and raises
    `EditError` where it cannot be made any more. `first`: it stands at A and the document at B, else the other way round.
    `name` and `document` are what the two are called; `description` names the edit that keeps it."""

    make: Callable[[State], State]
    name: Rich
    document: Rich
    first: bool
    description: str
    follows: bool = False  # it is made from the document, and changes with it


def hold(state: State, name: str, document: str = "now") -> Version:
    """A state as it is, at A; the document stands at B."""
    return Version(lambda _: state, [{"text": name}], [{"text": document}], True, f"Go back to {name}")


def of_document(document: Document, name: str) -> Version:
    """A file or an example."""
    state = State(document.source, dict(document.layout), dict(document.labels), dict(document.marks))
    return Version(lambda _: state, [{"text": name}], [{"text": "now"}], True, f"Take over {name}")


def saved(history: History) -> Version | None:
    """The document as it was saved or opened, where that is known."""
    state = history.saved_state
    return None if state is None else hold(state, "last saved")


def step_back(history: History, steps: int) -> Version | None:
    """The document `steps` edits ago."""
    states = history.back(steps)
    return None if states is None else hold(states, f"{steps} step{'s' * (steps > 1)} back")


def tied_pair(state: State, product: str | None, gia: bool = False) -> Version:
    """The document, tied, at A; its untied variant at B. `product` gets its own copy of the matrix, without one every use does; `gia` unties Wᵀ from W."""
    edits.untie(state, product, gia)  # says at once where nothing is tied

    def make(now: State) -> State:
        return edits.untie(now, product, gia).state

    tex = state.labels.get(product or "", label(product)) if product else ""
    name: Rich = (
        [{"text": "untied, "}, {"tex": tex}] if product else [{"text": "GIA, Wᵀ untied" if gia else "all untied"}]
    )
    what = f"Untie {product}" if product else "Untie Wᵀ from W" if gia else "Untie every use"
    return Version(make, name, [{"text": "tied"}], False, what, follows=True)


def other_function(parsed: Parsed, subject: str | None, function: str) -> Version:
    """The document at A; at B the nonlinearity of `subject` (else the first one) is `function`. A declared function is changed for all its
    gates. Raises `EditError` where there is none."""
    if function not in FUNCTIONS:
        raise EditError(f"There is no function {function[:40]!r} to compare with.", hint=f"Choose one of {', '.join(FUNCTIONS)}.")  # fmt: skip
    name = _gate(parsed.program, subject)
    if name is None:
        raise EditError(
            "There is no nonlinearity of one vector to exchange.", hint="Select a gate such as y = relu(x)."
        )
    now = _written(parsed.program, name)
    if now == function:
        raise EditError(f"{name} is {function} already.", hint="Choose another function.")

    def make(state: State) -> State:
        return _exchanged(state, name, function).state

    return Version(make, [{"text": function}], [{"text": now}], False, f"Make it {function}", follows=True)


def current_function(program: Program, subject: str | None) -> str | None:
    """What `other_function` would exchange, None where there is none."""
    name = _gate(program, subject)
    return None if name is None else _written(program, name)


def _gate(program: Program, subject: str | None) -> str | None:
    gates = [v for v in program.vectors if isinstance(program[v], Nonlin) and _one_call(program, v)]
    return subject if subject in gates else gates[0] if gates else None


def _one_call(program: Program, name: str) -> bool:
    """A function of one argument, applied to something: relu(h), phi(h + b)."""
    i = program[name]
    assert isinstance(i, Nonlin)
    call = i.expression.call
    if call is None:
        return False
    declared = program.function_table.get(call)
    return len(declared[0]) == 1 if declared else call in FUNCTIONS


def _written(program: Program, name: str) -> str:
    """The nonlinearity as it is written: relu for y = relu(h), and for y = phi(h) with phi(z) = relu(z)."""
    i = program[name]
    assert isinstance(i, Nonlin)
    call = i.expression.call
    assert call is not None
    declared = program.function_table.get(call)
    if declared is None:
        return call
    inner = declared[1].call
    return inner if inner and str(declared[1]) == f"{inner}({declared[0][0]})" else call


def _exchanged(state: State, name: str, function: str) -> edits.Change:
    program = parse_partial(state.source).program
    i = program.definitions.get(name)
    call = i.expression.call if isinstance(i, Nonlin) else None
    if not isinstance(i, Nonlin) or call is None:
        raise EditError(f"{name} is no nonlinearity of one vector any more.", hint="Close the comparison and start another.")  # fmt: skip
    declared = program.definitions.get(call)
    if isinstance(declared, Function):
        return edits.set_function(state, call, f"{function}({declared.parameters[0]})")
    text = str(i.expression)
    return edits.set_expression(state, name, re.sub(rf"^\s*{re.escape(call)}\b", function, text, count=1))


def is_tied(program: Program, product: str | None = None, gia: bool = False) -> bool:
    """Whether `untie` has something to do."""
    if product is not None and not isinstance(program.definitions.get(product), MatMul | Embed):
        return False
    try:
        return bool(copies(uses_of(program), (), product, gia))
    except TpvizError:
        return False


def past_steps(history: History, most: int = 12) -> Sequence[tuple[int, str]]:
    """(steps back, the edit that was made then) of the newest edits."""
    return [(k, text) for k, text in enumerate(history.descriptions[:most], 1)]
