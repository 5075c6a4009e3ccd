"""Programs that tests run beside tpviz: a browser, pdflatex, Node.js. On Debian as root a missing one is installed; elsewhere a test
that needs it is skipped with the reason, but never under CI=true."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

__all__ = ["find_tool", "need_pdflatex", "need_tool"]

_LATEX = ("texlive-latex-base", "texlive-pictures", "texlive-latex-recommended")  # TikZ, beamer


@lru_cache
def find_tool(names: tuple[str, ...], packages: tuple[str, ...]) -> str | None:
    """The path of the first of `names`, after installing Debian `packages` where that is possible and needed."""

    def found() -> str | None:
        return next((path for n in names if (path := shutil.which(n))), None)

    if found() is None and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        quiet = {"check": False, "capture_output": True, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        with _alone():
            if found() is None:
                subprocess.run(["apt-get", "update"], **quiet)
                subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", *packages], **quiet)
    return found()


@contextmanager
def _alone() -> Iterator[None]:
    """One worker at a time installs: apt-get does not wait for another one."""
    import fcntl  # not on Windows, where nothing is installed

    with open(Path(tempfile.gettempdir()) / "tpviz-tests-apt.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def need_tool(*names: str, packages: tuple[str, ...]) -> str:
    """As `find_tool`; a missing tool skips the test, or fails it under CI=true."""
    path = find_tool(names, packages)
    if path is None:
        reason = f"needs {names[0]} (Debian: apt-get install {' '.join(packages)})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def need_pdflatex() -> str:
    """pdflatex with TikZ and beamer, as `need_tool`. `kpsewhich` says whether beamer is there; pdflatex alone may be without it."""
    path = need_tool("pdflatex", packages=_LATEX)
    if not _has_beamer():
        find_tool(("tpviz-no-such-program",), _LATEX)  # installs what is missing beside pdflatex
    if not _has_beamer():
        reason = f"needs LaTeX's beamer (Debian: apt-get install {' '.join(_LATEX)})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def _has_beamer() -> bool:
    return subprocess.run(["kpsewhich", "beamer.cls"], check=False, capture_output=True).returncode == 0


def in_a_thread(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end in a thread of its own: the main thread may hold the loop of Playwright."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
