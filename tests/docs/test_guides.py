"""Guides are executed: their commands in order, on the shipped capture, with what they print."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from reenact.cli.app import run

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = ("turn-mode.md", "forks.md", "budgets.md")
ENDS = {"--max-turns 5": 4}
"""Commands that do not end with 0, by what they hold."""


def steps_of(page: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of each block that is a command or an output."""
    for kind, text in BLOCK.findall((GUIDE / page).read_text(encoding="utf-8")):
        if kind in ("", "text"):
            yield kind, text


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REENACT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    with as_file(files("reenact.demo") / "captured") as captured:
        assert run(["import", str(captured), "--json"]) == 0


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_guide_do_what_it_says(page: str, capsys) -> None:
    printed = ""
    ran = 0
    for kind, text in steps_of(page):
        if kind == "text":
            lines = {" ".join(line.split()) for line in printed.splitlines()}
            for line in filter(None, text.splitlines()):
                wanted = " ".join(line.split())
                assert any(wanted in one for one in lines), f"{page}: {line}\n\n{printed}"
            continue
        capsys.readouterr()
        printed = ""
        for command in text.splitlines():
            if "RUN" in command:
                continue
            code = run(shlex.split(command)[1:])
            said = capsys.readouterr()
            printed += said.out + said.err
            ends = next((end for part, end in ENDS.items() if command.endswith(part)), 0)
            assert code == ends, f"{command}\n{said.err}"
            ran += 1
    assert ran >= 3
