"""A server of the editor in a process of its own, with what the system says of it. Closed sessions are freed after a second."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Server", "serving"]

ROOT = Path(__file__).resolve().parents[2]
#: milliseconds; Bokeh's own are 15 and 17 seconds
FREED = ["--unused-session-lifetime", "1000", "--check-unused-sessions", "500"]


@dataclass(frozen=True)
class Server:
    url: str
    pid: int

    def _status(self, field: str) -> int:
        rows = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(r for r in rows if r.startswith(field)).split()[1])

    @property
    def threads(self) -> int:
        return self._status("Threads:")

    def settled_memory(self, seconds: float = 8) -> float:
        """Resident megabytes once closed sessions are freed: the least of some looks."""
        found = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found.append(self._status("VmRSS:") / 1024)
            time.sleep(0.5)
        return min(found)


@contextmanager
def serving() -> Iterator[Server]:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", "panel", "serve", str(ROOT / "apps" / "editor.py"), "--port", str(port), "--address", "localhost", *FREED]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://localhost:{port}/editor"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(url, timeout=30).close()
                break
            except OSError:
                assert process.poll() is None, "the server ended"
                time.sleep(0.25)
        yield Server(url, process.pid)
    finally:
        process.terminate()
        process.wait(20)
