"""A run is stopped from another process, with its budget and its log, and goes on later."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

AGENT = """
import asyncio

async def answer(messages, message):
    with open("asked.log", "a") as log:
        log.write(message + "\\n")
    await asyncio.sleep(0.3)
    return "answer to " + message
"""
SECRET = "my card is 4111"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "slow_desk.py").write_text(AGENT)
    (tmp_path / "asked.log").touch()
    with (tmp_path / "talks.jsonl").open("w") as lines:
        for talk in range(40):
            said = [f"{SECRET}, talk {talk} turn {turn}" for turn in range(5)]
            messages = [
                one
                for words in said
                for one in (
                    {"role": "user", "content": words},
                    {"role": "assistant", "content": f"answer to {words}"},
                )
            ]
            lines.write(json.dumps({"session_id": f"s{talk}", "messages": messages}) + "\n")
    assert reenact(tmp_path, "import", "talks.jsonl", "--project", "shop").returncode == 0
    return tmp_path


def start(folder: Path, *argv: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "reenact", *argv],
        cwd=folder,
        env={**os.environ, "REENACT_HOME": str(folder / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def reenact(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    process = start(folder, *argv)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(argv, process.returncode, out, err)


def asked(folder: Path) -> list[str]:
    return (folder / "asked.log").read_text().splitlines()


@pytest.mark.timeout(180)
def test_a_run_is_cancelled_from_another_terminal_and_resumed(folder: Path) -> None:
    argv = ("replay", "--all", "--agent", "slow_desk:answer", "--concurrency", "4", "--json")
    process = start(folder, *argv, "--mode", "turn", "--log-json", "log.jsonl")
    while len(asked(folder)) < 4:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    cancelled = reenact(folder, "runs", "cancel", "latest", "--wait", "60", "--json")
    assert cancelled.returncode == 0, cancelled.stderr
    stands: dict[str, Any] = json.loads(cancelled.stdout)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 4, err
    run = json.loads(out)
    assert (run["status"], run["stopped_by"]) == ("cancelled", "user")
    assert f"reenact runs resume {run['id']}" in err
    # Whatever was asked was answered and kept: nothing was cut off.
    assert stands["turns"] == len(asked(folder)) < 200
    log = (folder / "log.jsonl").read_text()
    events = [json.loads(line) for line in log.splitlines()]
    assert [events[0]["kind"], events[-1]["kind"]] == ["run_began", "run_ended"]
    assert sum(event["kind"] == "turn_kept" for event in events) == stands["turns"]
    assert SECRET not in log

    more = str(stands["turns"] + 6)
    bounded = reenact(folder, "runs", "resume", "latest", "--max-turns", more)
    assert bounded.returncode == 4, bounded.stderr
    assert f"budget: {more} of {more} turns are run" in bounded.stderr
    assert len(asked(folder)) == int(more)
    whole = reenact(folder, "runs", "resume", "latest", "--max-turns", "500", "--json")
    assert whole.returncode == 0, whole.stderr
    assert json.loads(whole.stdout)["summary"]["turn_status"]["same"] == 200
    assert len(asked(folder)) == len(set(asked(folder))) == 200
    late = reenact(folder, "runs", "cancel", "latest")
    assert late.returncode == 2
    assert "nothing is left to run" in late.stderr
