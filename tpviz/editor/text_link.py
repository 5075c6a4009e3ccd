"""The text that the window edits, kept in step with the document: what is typed is never lost, reordered or overwritten.

Python numbers its own changes of the text (`version`) and names the last message of the window that it has read (`stamp`). A text that was
typed before the window knew of Python's newest change is merged into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

__all__ = ["TextLink", "changed_line", "merge", "spans"]

_KEPT = 30  # versions that a message may be behind
Span = tuple[int, int, str]


class TextLink:
    """`text` is what the window has, or will have once it has read what was sent to it."""

    def __init__(self) -> None:
        self.version = 0
        self.stamp: int | None = None
        self.text = ""
        self._older: dict[int, str] = {}  # version -> the window's text while it knew no newer version
        self._drag: tuple[int, float] | None = None

    def show(self, source: str) -> None:
        """The document's text is shown to the window; where it is not what the window has, it is a new version."""
        if source != self.text:
            self._older[self.version] = self.text
            self._older.pop(self.version - _KEPT, None)
            self.version += 1
            self.text = source

    def typed(self, source: str, base: int | None, stamp: int | None) -> str:
        """The document's new text, given the window's, which knew of version `base`."""
        self.stamp = stamp
        old = None if base is None or base >= self.version else self._older.get(base)
        if old is None:
            self.text = source
            return source
        assert base is not None
        for k in range(base + 1, self.version):
            if k in self._older:
                self._older[k] = merge(old, source, self._older[k])
        self._older[base] = source
        self.text = merge(old, source, self.text)
        return self.text

    def since(self, drag: int, now: float) -> float:
        """When this drag began: its edits are one step, however long it takes."""
        if self._drag is None or self._drag[0] != drag:
            self._drag = (drag, now)
        return self._drag[1]


def changed_line(old: str, new: str) -> int:
    """The line, from 1, in which the last change of `new` ends."""
    end = 0
    while end < min(len(old), len(new)) and old[-1 - end] == new[-1 - end]:
        end += 1
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    return new.count("\n", 0, max(start, len(new) - end)) + 1


def spans(old: str, new: str) -> Iterator[Span]:
    """Changes (start, end, text) that turn `old` into `new`, in order: whole lines that stay are kept, and of a changed line only its
    middle is replaced."""
    a, b = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in a:
        starts.append(starts[-1] + len(line))
    for tag, i, j, k, l in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():  # noqa: E741
        if tag == "equal":
            continue
        blocks = [(i + t, i + t + 1, k + t, k + t + 1) for t in range(j - i)] if j - i == l - k else [(i, j, k, l)]
        for p, q, r, s in blocks:
            yield _trimmed(old, starts[p], starts[q], "".join(b[r:s]))


def _trimmed(old: str, start: int, end: int, text: str) -> Span:
    while start < end and text and old[start] == text[0]:
        start, text = start + 1, text[1:]
    while end > start and text and old[end - 1] == text[-1]:
        end, text = end - 1, text[:-1]
    return start, end, text


def merge(old: str, mine: str, theirs: str) -> str:
    """`theirs` with the changes from `old` to `mine` made in it, too; where both changed the same place, mine stands behind theirs."""
    other = list(spans(old, theirs))

    def moved(at: int, after: bool) -> int:
        shift = 0
        for start, end, text in other:
            if end < at or (end == at and (after or start < end)):
                shift += len(text) - (end - start)
            elif start < at:
                return start + shift + (len(text) if after else 0)
            else:
                break
        return at + shift

    out, last = [], 0
    for start, end, text in spans(old, mine):
        a = max(last, moved(start, True))
        b = max(a, moved(end, end == start))
        out += [theirs[last:a], text]
        last = b
    return "".join([*out, theirs[last:]])
