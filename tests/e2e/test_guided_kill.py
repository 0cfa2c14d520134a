"""kill -9 in a guided run: it goes on alike, and no finished turn is asked again."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from reenact.domain.run import UserChoice
from reenact.runs.workspace import Workspace
from reenact.settings import Settings

TALKS, KILLS = 24, 4
AGENT = """
import asyncio

async def answer(messages, message):
    with open("asked.log", "a") as log:
        log.write(message + "\\n")
    await asyncio.sleep(0.03)
    if "order number is" in message:
        again = any(m["content"].startswith("Sorry") for m in messages)
        return "It is on its way." if again else "Sorry, what was the order number?"
    if "Thank" in message:
        return "You are welcome."
    return "Which order number is it?"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "asking_desk.py").write_text(AGENT)
    (tmp_path / "asked.log").touch()
    with (tmp_path / "talks.jsonl").open("w") as lines:
        for talk in range(TALKS):
            said = [
                (f"Where is my parcel? ({talk})", "Which order number is it?"),
                (f"The order number is A-{1000 + talk}.", "It is on its way."),
                (f"Thank you. ({talk})", "You are welcome."),
            ]
            messages = [
                message
                for user, agent in said
                for message in (
                    {"role": "user", "content": user},
                    {"role": "assistant", "content": agent},
                )
            ]
            lines.write(json.dumps({"session_id": f"s{talk}", "messages": messages}) + "\n")
    finish(start(tmp_path, "import", "talks.jsonl", "--format", "messages", "--project", "shop"))
    return tmp_path


def start(folder: Path, *argv: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "reenact", *argv],
        cwd=folder,
        env={**os.environ, "REENACT_HOME": str(folder / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[bytes]) -> None:
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()


def journal(folder: Path) -> tuple[str, str, dict[str, list[tuple[str, UserChoice | None]]]]:
    """Return the run's id and status, and what the user said and chose in each talk."""
    home = folder / "home"
    settings = Settings(
        home=home,
        spans_url=f"sqlite:///{home / 'spans.db'}",
        database_url=f"sqlite:///{home / 'reenact.db'}",
        blobs_url=home.as_uri(),
    )
    with Workspace(settings) as workspace:
        run = workspace.records.latest_run()
        assert run is not None
        kept = {
            call.row_id: [
                (next(i.text for i in turn.items if i.kind == "message"), turn.choice)
                for turn in workspace.journal.turns(call.id, call.attempt)
            ]
            for call in workspace.records.calls(run.id)
        }
        return run.id, run.status, kept


@pytest.mark.timeout(180)
def test_a_killed_guided_run_says_what_it_would_have_said_and_repeats_no_finished_turn(
    folder: Path,
) -> None:
    chance = random.Random(4711)
    replay = ("replay", "--all", "--agent", "asking_desk:answer", "--user-policy", "guided")
    argv: tuple[str, ...] = (*replay, "--concurrency", "4")
    for _ in range(KILLS):
        before = (folder / "asked.log").read_text().count("\n")
        process = start(folder, *argv)
        while (folder / "asked.log").read_text().count("\n") < before + 4:
            assert process.poll() is None, process.communicate()[1].decode()
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.15))
        process.kill()
        process.communicate(timeout=30)
        run_id, _, kept = journal(folder)
        finished = Counter(said for turns in kept.values() for said, _ in turns)
        asked = Counter((folder / "asked.log").read_text().splitlines())
        argv = ("runs", "resume", run_id)
        again = start(folder, *argv)
        time.sleep(chance.uniform(0.2, 0.6))
        again.kill()
        again.communicate(timeout=30)
        later = Counter((folder / "asked.log").read_text().splitlines())
        # The number is said twice in every talk, everything else once.
        over = [said for said, times in finished.items() if times == 1 + ("number is" in said)]
        assert {said: later[said] for said in over} == {said: asked[said] for said in over}
    finish(start(folder, *argv))
    _, status, kept = journal(folder)
    assert status == "completed"
    for talk in range(TALKS):
        turns = kept[f"s{talk}"]
        assert [said for said, _ in turns] == [
            f"Where is my parcel? ({talk})",
            f"The order number is A-{1000 + talk}.",
            f"The order number is A-{1000 + talk}.",
            f"Thank you. ({talk})",
        ]
        assert [choice.kind for _, choice in turns if choice] == ["next", "next", "repeat", "next"]
