"""The window's text and the document's: nothing that is typed is lost, reordered or overwritten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpviz.editor.text_link import TextLink, changed_line, merge, spans

TEXTS = st.lists(st.sampled_from(["a", "b", "\n", "\n\n", "cd"]), max_size=12).map("".join)


@given(TEXTS, TEXTS)
def test_spans_lead_from_one_text_to_the_other(old, new):
    out, last = [], 0
    for start, end, text in spans(old, new):
        assert last <= start <= end <= len(old)
        out += [old[last:start], text]
        last = end
    assert "".join([*out, old[last:]]) == new


@given(TEXTS, TEXTS)
def test_merge_with_nothing_is_the_other(old, new):
    assert merge(old, new, old) == new
    assert merge(old, old, new) == new


@pytest.mark.parametrize(
    ("old", "mine", "theirs", "both"),
    [
        ("a\nb\nc\n", "a1\nb\nc\n", "a\nb\nc\nd\n", "a1\nb\nc\nd\n"),
        ("a\nb\n", "a\nb = x\n", "W\na\nb\nh\n", "W\na\nb = x\nh\n"),
        ("a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n", "a\nc\nd\n"),
        ("x ~ N(0, 1)", "x ~ N(0, 12)", "y ~ N(0, 1)", "y ~ N(0, 12)"),
        ("h = a", "h = ab", "h = aX", "h = aXb"),
    ],
)
def test_merge_keeps_both(old, mine, theirs, both):
    assert merge(old, mine, theirs) == both


def test_typing_on_an_older_version_is_put_into_the_newer_one():
    link = TextLink()
    link.show("a\nb\n")
    base = link.version
    assert link.typed("a1\nb\n", base, 1) == "a1\nb\n"
    link.show("a1\nb\nc\n")  # an edit of the drawing, which the window does not know yet
    assert link.typed("a12\nb\n", base, 2) == "a12\nb\nc\n"
    assert link.typed("a123\nb\n", base, 3) == "a123\nb\nc\n"
    assert link.version == base + 1
    assert link.typed("a123\nb\nc4\n", base + 1, 4) == "a123\nb\nc4\n"
    assert link.stamp == 4


def test_typing_on_one_of_two_versions_is_not_put_in_twice():
    link = TextLink()
    link.show("a\n")
    base = link.version
    link.show("a\nb\n")
    link.show("a\nb\nc\n")
    assert link.typed("a1\n", base, 1) == "a1\nb\nc\n"
    assert link.typed("a12\nb\n", base + 1, 2) == "a12\nb\nc\n"  # the window has read of b meanwhile, not of c


def test_line_of_the_last_change():
    assert changed_line("a\nb\n", "a\nbc\n") == 2
    assert changed_line("a\n", "a\nb") == 2
    assert changed_line("", "x") == 1
