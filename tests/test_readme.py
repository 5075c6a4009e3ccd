"""What README says, runs."""

import re
import subprocess
import sys
from pathlib import Path

from tpviz.language import parse

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


def test_the_library_in_ten_lines(tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    code = "".join(blocks("python")) + "assert (paths.count, paths.pairs) == (12, 28)"
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "there-and-back.tex").stat().st_size > 500
    assert (tmp_path / "lecture.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "page.html").stat().st_size > 5000


def test_every_form_of_line():
    program = parse(next(b for b in re.findall(r"```\w*\n(.*?)```", README, re.S) if b.startswith("constant sw2")))
    assert program.language == "Netsor⊤+"
    assert program.outputs == ("f",)


def test_ci_reads_the_test_command():
    after = README[README.index("<!-- test command") :]
    assert "-m pytest" in re.search(r"```bash\n(.*?)```", after, re.S)[1]


def test_the_screenshot_is_there():
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).stat().st_size > 20_000
