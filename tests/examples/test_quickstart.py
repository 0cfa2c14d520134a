"""The quickstart's commands run as its page shows them, and give what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "quickstart"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def reenact(command: str, *, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from reenact.cli import main; main()", *command.split()],
        cwd=FOLDER,
        env={**os.environ, "REENACT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_commands_of_the_page_run(home: Path) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^reenact (.+)$", page, re.MULTILINE)

    for command in commands:
        done = reenact(command, home=home)
        assert done.returncode == 0, (command, done.stderr)
    assert len(commands) == 3


def test_the_first_talk_is_the_same_and_the_second_parts(home: Path) -> None:
    reenact("import talks.jsonl --format messages --project quickstart", home=home)
    done = reenact("replay --project quickstart --all --agent agent.py:answer --json", home=home)

    run: dict[str, Any] = json.loads(done.stdout)
    turns = {
        call["baseline"]["session_id"]: [turn["status"] for turn in call["comparison"]["turns"]]
        for call in run["calls"]
    }
    assert turns["monday-1"] == ["same", "same"]
    assert turns["monday-2"] != ["same"]
    second = next(c for c in run["calls"] if c["baseline"]["session_id"] == "monday-2")
    (asked,) = second["turns"][0]["tool_calls"]
    assert asked["provenance"] == "refused"
