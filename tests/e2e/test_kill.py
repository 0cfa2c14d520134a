"""kill -9 at any moment loses no finished turn and doubles none: ten times, a real process."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from reenact.domain.run import CallExecution
from reenact.runs.workspace import Workspace
from reenact.settings import Settings

TALKS, TURNS, KILLS = 100, 6, 10
AGENT = """
import asyncio, os

async def answer(messages, message):
    with open("asked.log", "a") as log:
        log.write(message + "\\n")
    await asyncio.sleep(0.04)
    return "answer to " + message
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "slow_desk.py").write_text(AGENT)
    (tmp_path / "asked.log").touch()
    with (tmp_path / "talks.jsonl").open("w") as lines:
        for talk in range(TALKS):
            messages = []
            for turn in range(TURNS):
                said = f"talk {talk} turn {turn}"
                messages.append({"role": "user", "content": said})
                messages.append({"role": "assistant", "content": f"answer to {said}"})
            lines.write(json.dumps({"session_id": f"s{talk}", "messages": messages}) + "\n")
    reenact(tmp_path, "import", "talks.jsonl", "--format", "messages", "--project", "shop")
    return tmp_path


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    home = folder / "home"
    settings = Settings(
        home=home,
        spans_url=f"sqlite:///{home / 'spans.db'}",
        database_url=f"sqlite:///{home / 'reenact.db'}",
        blobs_url=home.as_uri(),
    )
    with Workspace(settings) as opened:
        yield opened


def start(folder: Path, *argv: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "reenact", *argv],
        cwd=folder,
        env={**os.environ, "REENACT_HOME": str(folder / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def reenact(folder: Path, *argv: str) -> str:
    process = start(folder, *argv)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    return out.decode()


def finished(workspace: Workspace, calls: tuple[CallExecution, ...]) -> Counter[str]:
    """Return how often each user's line is in the journal."""
    return Counter(
        item.text
        for call in calls
        for turn in workspace.journal.turns(call.id, call.attempt)
        for item in turn.items
        if item.kind == "message" and item.role == "user"
    )


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("mode", "kills"), [("conversation", KILLS), ("turn", 4)])
def test_kills_lose_no_finished_turn_and_double_none(
    folder: Path,
    workspace: Workspace,
    record_property: pytest.RecordProperty,
    mode: str,
    kills: int,
) -> None:
    chance = random.Random(4711)
    replay = ("replay", "--all", "--agent", "slow_desk:answer", "--concurrency", "4")
    argv: tuple[str, ...] = (*replay, "--mode", mode)
    asked_after_finish = 0
    for _ in range(kills):
        asked_before = (folder / "asked.log").read_text().count("\n")
        process = start(folder, *argv)
        while (folder / "asked.log").read_text().count("\n") < asked_before + 2:
            assert process.poll() is None, process.communicate()[1].decode()
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.15))
        process.kill()
        process.communicate(timeout=30)
        run = workspace.records.latest_run()
        assert run is not None
        calls = workspace.records.calls(run.id)
        kept = finished(workspace, calls)
        assert not [said for said, times in kept.items() if times != 1]
        # Whatever is finished now must never be asked again.
        asked = Counter((folder / "asked.log").read_text().splitlines())
        known = {said: asked[said] for said in kept}
        (folder / "known.json").write_text(json.dumps(known))
        argv = ("runs", "resume", run.id)
        asked_after_finish += _asked_again(folder, known, argv, chance)
    reenact(folder, *argv)
    run = workspace.records.latest_run()
    assert run is not None
    assert run.status == "completed"
    calls = workspace.records.calls(run.id)
    kept = finished(workspace, calls)
    assert set(kept.values()) == {1}
    assert len(kept) == TALKS * TURNS
    assert asked_after_finish == 0
    asked = Counter((folder / "asked.log").read_text().splitlines())
    in_flight = sum(asked.values()) - TALKS * TURNS
    assert 0 <= in_flight <= kills * 4 * (2 if mode == "conversation" else 4)
    record_property("kills", kills)
    record_property("turns", TALKS * TURNS)
    record_property("asked twice because they were in flight", in_flight)


def _asked_again(
    folder: Path, known: dict[str, int], argv: tuple[str, ...], chance: random.Random
) -> int:
    """Go on for a moment, kill again, and count finished turns that were asked once more."""
    process = start(folder, *argv)
    time.sleep(chance.uniform(0.3, 0.9))
    process.kill()
    process.communicate(timeout=30)
    asked = Counter((folder / "asked.log").read_text().splitlines())
    return sum(asked[said] - times for said, times in known.items())
