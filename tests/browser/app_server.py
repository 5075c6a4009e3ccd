"""A server that a test may kill and start again on the same port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

__all__ = ["AppServer"]

ROOT = Path(__file__).resolve().parents[2]


class AppServer:
    """`panel serve apps/editor.py`, on a port of its own."""

    def __init__(self, log: Path, **environment: str):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.url = f"http://localhost:{self.port}/editor"
        self._log, self._environment = log, {**os.environ, **environment}
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "panel", "serve", str(ROOT / "apps" / "editor.py"), "--port", str(self.port)]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT, env=self._environment
            )
        end = time.monotonic() + 150
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise AssertionError(f"the server ended: {self._log.read_text()[-2000:]}")
            try:  # a page would start a session
                socket.create_connection(("127.0.0.1", self.port), 5).close()
                return
            except OSError:
                time.sleep(0.2)
        raise AssertionError("the server did not answer")

    def kill(self) -> None:
        """As a crash ends it: no goodbye to anyone."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
