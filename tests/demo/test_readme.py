"""The refund story on the front page: its commands work, and its output is what they print."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import pytest
from rich.console import Console

from reenact.cli.app import run
from reenact.demo.story import run_demo

README = Path(__file__).resolve().parents[2] / "README.md"


def blocks_of_the_story() -> list[str]:
    story = README.read_text(encoding="utf-8").split("## One bug")[1].split("\n## ")[0]
    return re.findall(r"^```\n(.*?)^```", story, re.MULTILINE | re.DOTALL)


@pytest.fixture
def _in_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_demo(tmp_path / "demo", out=Console(file=io.StringIO())) == 0
    monkeypatch.chdir(tmp_path / "demo")
    monkeypatch.setenv("REENACT_HOME", "home")


@pytest.mark.usefixtures("_in_the_demo")
def test_the_story_on_the_front_page_is_what_happens(capfd: pytest.CaptureFixture[str]) -> None:
    printed, codes = "", []
    for block in blocks_of_the_story():
        commands = [c for c in block.splitlines() if c.startswith("reenact ")]
        for command in commands:
            words = shlex.split(command, comments=True)[1:]
            if words[0] == "keep":
                words[1:] = ["latest", "--name", "from-the-readme"]
            codes.append(run(words))
            out, err = capfd.readouterr()
            assert codes[-1] in (0, 1), err
            printed += out
        if not commands:
            missing = [line for line in block.splitlines() if line.strip() not in printed]
            assert missing == []
    assert codes == [0, 0, 0, 0, 0, 0, 1, 0]
