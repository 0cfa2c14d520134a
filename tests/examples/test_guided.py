"""The page on user policies shows what its example prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "guided"
PAGE = ROOT / "docs" / "guide" / "user-policies.md"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the last of the example's commands prints."""
    home = tmp_path_factory.mktemp("home")
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^reenact (.+)$", page, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["import", "replay", "runs"]
    out = ""
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", "reenact", *command.split()],
            cwd=FOLDER,
            env={**os.environ, "REENACT_HOME": str(home), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
        out = done.stdout
    return out


def test_the_transcript_of_the_page_is_what_the_example_prints(printed: str) -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert shown in printed


def test_the_page_shows_the_command_that_the_example_runs() -> None:
    example = (FOLDER / "README.md").read_text("utf-8")
    (command,) = re.findall(r"^reenact replay .+$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert command in example
