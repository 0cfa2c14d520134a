"""The demo shows what it says, leaves commands that work, and breaks loudly where it cannot."""

from __future__ import annotations

import io
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from reenact.cli.app import run
from reenact.demo import shop
from reenact.demo.stage import MARKER
from reenact.demo.story import FIXED, OLD, run_demo
from reenact.errors import UsageError


@dataclass(frozen=True, slots=True)
class Told:
    code: int
    text: str
    folder: Path

    @property
    def commands(self) -> list[str]:
        shown = re.findall(r"^ +\$ (reenact .+)$", self.text, re.MULTILINE)
        return [command.partition(";")[0] for command in shown]


def tell(folder: Path, **agents: str) -> Told:
    out = io.StringIO()
    code = run_demo(folder, out=Console(file=out, width=100), **agents)
    return Told(code, out.getvalue(), folder)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return tell(tmp_path_factory.mktemp("demo") / "reenact-demo")


def test_the_story_holds_from_capture_to_green(told: Told) -> None:
    assert told.code == 0, told.text
    assert "The demo broke" not in told.text
    steps = re.findall(r"^\d\. (.+)$", told.text, re.MULTILINE)
    assert steps == [
        "Capture",
        "Select",
        "How good is the recording?",
        "Replay the agent as it was",
        "Replay the agent as it is now",
        "Keep",
        "Test",
    ]
    assert "check_status(order_id='NB-5528')" in told.text


def test_a_shell_that_does_not_find_the_command_is_told_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = str(Path(sys.executable).absolute().parent)
    monkeypatch.setenv("PATH", here)
    assert "export PATH" not in tell(tmp_path / "found").text
    monkeypatch.setenv("PATH", str(tmp_path))
    assert f'$ export PATH="{here}:$PATH"' in tell(tmp_path / "lost").text.replace("\n", "")


def test_it_leaves_a_report_and_a_kept_case(told: Told) -> None:
    report = (told.folder / "report.html").read_text(encoding="utf-8")
    kept = (told.folder / "tests/replays/tuesday-refund.reenact.yaml").read_text(encoding="utf-8")

    assert "issue_refund" in report
    assert "must_not_call: issue_refund" in kept


def test_no_replay_of_the_demo_pays_anything(told: Told) -> None:
    assert told.code == 0
    assert shop.LEDGER == []


def test_the_commands_it_shows_can_be_typed_along(
    told: Told, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(told.folder)
    monkeypatch.setenv("REENACT_HOME", "home")
    typed = [c for c in told.commands if not c.startswith("reenact keep")]

    codes = [run(shlex.split(command)[1:]) for command in typed]

    assert len(typed) == 8, typed
    assert codes == [0, 0, 0, 0, 0, 0, 1, 0], capfd.readouterr().err


def test_keeping_what_it_kept_can_be_typed_along_under_another_name(
    told: Told, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(told.folder)
    monkeypatch.setenv("REENACT_HOME", "home")
    (keep,) = [c for c in told.commands if c.startswith("reenact keep")]

    code = run(shlex.split(keep.replace("tuesday-refund", "again"))[1:])

    assert code == 0, capfd.readouterr().err
    assert (told.folder / "tests/replays/again.reenact.yaml").is_file()
    (told.folder / "tests/replays/again.reenact.yaml").unlink()


def test_it_can_be_told_again_in_the_same_folder(tmp_path: Path) -> None:
    assert [tell(tmp_path / "demo").code, tell(tmp_path / "demo").code] == [0, 0]


def test_it_removes_no_folder_that_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(UsageError, match="did not make"):
        tell(tmp_path)

    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert not (tmp_path / MARKER).exists()


@pytest.mark.parametrize(
    ("agents", "broken"),
    [
        ({"old": FIXED}, "the turns compare as"),
        ({"fixed": OLD}, "the turns compare as"),
    ],
)
def test_a_demo_that_shows_something_else_fails(
    tmp_path: Path, agents: dict[str, str], broken: str
) -> None:
    told = tell(tmp_path / "demo", **agents)

    assert told.code == 1
    assert f"The demo broke: {broken}" in told.text
