"""A second place for unsaved work, beside the browser: files in the user's state folder, where the app runs on the user's own machine.

The browser's storage belongs to an address with its port, and `tpviz edit` takes a free port each time; what a crashed run left is found
here. A server for others writes no such files: the browsers of its users keep their work.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..drawing.document import write_atomically
from ..language import DocumentError

__all__ = ["STATE_VARIABLE", "Entry", "Shelf", "fresh_key", "is_key", "state_folder"]

#: environment variable that names the folder
STATE_VARIABLE = "TPVIZ_STATE"
_MOST_FILES, _MOST_BYTES = 20, 6_000_000
_OLD = 30 * 24 * 3600.0
_KEY = re.compile(r"[0-9a-f]{24}")


def state_folder() -> Path:
    """`TPVIZ_STATE`, else `tpviz` in the folder for state of this user."""
    if given := os.environ.get(STATE_VARIABLE):
        return Path(given)
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "tpviz"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "tpviz"


def fresh_key() -> str:
    return secrets.token_hex(12)


def is_key(value: Any) -> bool:
    return isinstance(value, str) and _KEY.fullmatch(value) is not None


@dataclass(frozen=True)
class Entry:
    """A drawing that was left unsaved: its key, name, and when it was last edited (seconds since 1970)."""

    key: str
    name: str
    at: float


class Shelf:
    """The recovery files. Each says which process and which session of it writes it, so that only what was left behind is offered."""

    def __init__(self, folder: Path, owner: str):
        self.folder, self.owner = folder, owner

    def keep(self, key: str, name: str, record: Mapping[str, Any], open: bool = True) -> None:
        """Write the record, whole or not at all. `open`: its session still runs."""
        fields = {
            "at": time.time(),
            "name": name,
            "pid": os.getpid() if open else 0,
            "owner": self.owner,
            "record": record,
        }
        data = json.dumps(fields, ensure_ascii=False).encode()
        if len(data) > _MOST_BYTES:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise DocumentError(
                f"{self.folder} cannot be made: {(error.strerror or 'refused').lower()}.",
                hint=f"Set {STATE_VARIABLE} to another folder.",
            ) from None
        write_atomically(self._file(key), data)

    def leave(self, key: str, unsaved: bool) -> None:
        """The session ends: its file is dropped, or, with unsaved work, is offered from now on. Another session may have taken it over."""
        found = self._load(self._file(key))
        if found is None or found.get("owner") != self.owner:
            return
        if unsaved:
            self.keep(key, str(found.get("name")), found["record"], open=False)
        else:
            self.discard(key)

    def entries(self) -> list[Entry]:
        """What was left unsaved, newest first. Old files, and those beyond twenty, are removed."""
        found = []
        try:
            files = sorted(
                (f for f in self.folder.glob("*.json") if is_key(f.stem)), key=lambda f: f.stat().st_mtime, reverse=True
            )
        except OSError:
            return []
        for k, file in enumerate(files):
            fields = self._load(file)
            if fields is not None and _runs(fields.get("pid")):
                continue
            at = fields.get("at") if fields else None
            if fields is None or k >= _MOST_FILES or not isinstance(at, float) or time.time() - at > _OLD:
                if k >= _MOST_FILES or fields is not None:
                    file.unlink(missing_ok=True)
                continue
            found.append(Entry(file.stem, str(fields.get("name"))[:200], at))
        return found

    def read(self, key: str) -> Any:
        """The record of a file, None where there is none."""
        fields = self._load(self._file(key)) if is_key(key) else None
        return fields["record"] if fields else None

    def discard(self, key: str) -> None:
        if is_key(key):
            self._file(key).unlink(missing_ok=True)

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    @staticmethod
    def _load(file: Path) -> dict[str, Any] | None:
        try:
            if file.stat().st_size > _MOST_BYTES:
                return None
            fields = json.loads(file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return fields if isinstance(fields, dict) and isinstance(fields.get("record"), dict) else None


def _runs(pid: Any) -> bool:
    """The process is there."""
    if not isinstance(pid, int) or isinstance(pid, bool) or pid <= 0:
        return False
    if pid == os.getpid():
        return True
    if os.name == "nt":
        return False  # a signal would end it there
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
