"""Every version of the `.tpviz` format that was ever written opens for ever.

`MIGRATIONS[k]` turns the fields of version k into those of version k + 1. To change the format: raise `VERSION`, add
the function here, and keep a file of the old version as tests/data/v<k>.tpviz.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tpviz.language import DocumentError

__all__ = ["MIGRATIONS", "VERSION", "migrate"]

VERSION = 1
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def migrate(
    fields: dict[str, Any],
    version: int,
    migrations: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] | None = None,
    current: int = VERSION,
) -> dict[str, Any]:
    """The fields of a document of `version` in the current form."""
    steps = MIGRATIONS if migrations is None else migrations
    for k in range(version, current):
        if k not in steps:
            raise DocumentError(
                f"This document has version {k}, which was never written.",
                hint="Open it in a text editor: its program is in the field program.",
            )
        fields = steps[k](dict(fields))
    return {**fields, "version": current}
