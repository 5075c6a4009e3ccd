"""Messages from the browser are untrusted: what is not as the protocol says is refused, whole."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpviz.editor.intents import IntentError, read_intent

NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "place", "tool": "vector", "x": 1, "y": 2},
        {"type": "connect", "tool": "matmul", "source": "x", "target": "h", "slot": 0},
        {"type": "connect", "tool": "matmul", "source": "x", "x": 0, "y": 0, "target": None},
        {"type": "move", "positions": {"x": [1, 2.5]}},
        {"type": "edit", "key": "h", "field": "parameter", "value": 1.5},
        {"type": "select", "nodes": [], "edges": []},
        {"type": "width", "log10": 3.2},
        {"type": "tab", "tab": "paths"},
        {"type": "kernel", "kind": "network"},
        {"type": "network", "view": "angle"},
        {"type": "batch", "kind": "typed", "text": "1 2\n3 4"},
        {"type": "batch", "count": 7, "seed": 3, "dimension": 4, "angle": 12.5},
        {"type": "batch-file", "name": "x.npy", "base64": "AAAA"},
        {"type": "paths", "word": ["U", "W.T"]},
        {"type": "paths", "word": []},
        {"type": "paths", "partner": ["U"], "pair": -1, "angle": 180},
    ],
)
def test_messages_of_the_protocol_pass(message):
    assert read_intent(message)["type"] == message["type"]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (None, "object"),
        ([], "object"),
        ({"type": "rm -rf"}, "unknown message"),
        ({"type": ["place"]}, "unknown message"),
        ({"type": "place", "tool": "bomb", "x": 0, "y": 0}, "one of"),
        ({"type": "place", "tool": "vector", "x": float("nan"), "y": 0}, "number"),
        ({"type": "place", "tool": "vector", "x": 1e9, "y": 0}, "number"),
        ({"type": "place", "tool": "vector", "x": True, "y": 0}, "number"),
        ({"type": "place", "tool": "vector", "x": 0}, "missing"),
        ({"type": "place", "tool": "vector", "x": 0, "y": 0, "z": 0}, "unknown field"),
        ({"type": "move", "positions": {"x": [1]}}, "position"),
        ({"type": "move", "positions": {"x" * 300: [1, 2]}}, "characters"),
        ({"type": "text", "source": "x" * 1_000_001}, "limit"),
        ({"type": "open", "name": "a", "text": 5}, "text expected"),
        ({"type": "width", "log10": 12}, "number between"),
        ({"type": "seed", "seed": 1.5}, "whole"),
        ({"type": "seed", "seed": -1}, "number between"),
        ({"type": "select", "nodes": "x", "edges": []}, "list"),
        ({"type": "pin", "on": 1}, "true or false"),
        ({"type": "kernel", "kind": "everything"}, "one of"),
        ({"type": "network", "view": "3d"}, "one of"),
        ({"type": "network"}, "missing"),
        ({"type": "batch", "kind": "pickle"}, "one of"),
        ({"type": "batch", "count": 10**6}, "number between"),
        ({"type": "batch", "angle": 181}, "number between"),
        ({"type": "batch", "dimension": 0}, "number between"),
        ({"type": "batch", "text": "x" * 1_000_001}, "limit"),
        ({"type": "batch", "rows": [[1]]}, "unknown field"),
        ({"type": "batch-file", "name": "x.npy", "base64": "A" * 2_800_001}, "limit"),
        ({"type": "paths", "word": "U W"}, "list"),
        ({"type": "paths", "pair": 1.5}, "whole"),
        ({"type": "paths", "angle": float("inf")}, "number between"),
    ],
)
def test_everything_else_is_refused(message, reason):
    with pytest.raises(IntentError, match=reason):
        read_intent(message)


@given(
    NESTED
    | st.fixed_dictionaries(
        {
            "type": st.sampled_from(
                ["place", "move", "text", "connect", "edit", "select", "batch", "batch-file", "paths"]
            )
        },
        optional={"x": NESTED, "positions": NESTED, "source": NESTED, "word": NESTED, "rows": NESTED, "angle": NESTED},
    )
)
def test_nothing_but_an_intent_error_comes_of_junk(message):
    with contextlib.suppress(IntentError):
        assert isinstance(read_intent(message), dict)
