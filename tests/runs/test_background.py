"""Runs in processes of their own: whatever an agent does there, its run ends and says how."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE

import pytest

from reenact.agents.folder import chosen_target
from reenact.domain.budget import Budget
from reenact.domain.progress import Event
from reenact.domain.run import Run, RunOptions
from reenact.errors import UsageError
from reenact.runs.background import BackgroundExecutor
from reenact.runs.choosing import Selection
from reenact.runs.process_marks import ProcessMarks
from reenact.runs.replay import prepare
from reenact.runs.workspace import Workspace
from support.story import put, refund
from support.workspaces import workspace_in

AGENTS = """
import os, sys, time

SAID = "first"

def good(messages, message):
    print("a word on stdout")
    return "I am sorry."

def says(messages, message):
    return SAID

def dies(messages, message):
    print("my last words", file=sys.stderr)
    os._exit(7)

def slow(messages, message):
    time.sleep(0.4)
    return "I am sorry."
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def agents(tmp_path: Path) -> Path:
    folder = tmp_path / "agents"
    folder.mkdir()
    (folder / "shop.py").write_text(AGENTS)
    return folder


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def executor(
    workspace: Workspace, agents: Path, events: list[Event]
) -> Iterator[BackgroundExecutor]:
    made = BackgroundExecutor(workspace, listener=events.append, folder=agents, at_once=1)
    yield made
    made.close()


def a_run(workspace: Workspace, agents: Path, name: str, *, talks: int = 1) -> Run:
    ids = [f"s-{number}" for number in range(talks)]
    put(workspace, *(refund(id) for id in ids))
    target = chosen_target(agents, name=f"shop.py:{name}", target=None)
    options = RunOptions(allow_live_tools=True, concurrency=1)
    chosen = Selection(project="shop", ids=tuple(ids))
    return prepare(workspace, chosen, target=target, options=options).run


def ended(workspace: Workspace, run: Run, executor: BackgroundExecutor) -> Run:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        now = workspace.records.run(run.id)
        if now.status not in ("pending", "running") and not executor.runs_here(run.id):
            return now
        time.sleep(0.05)
    raise AssertionError("it did not end")


def test_a_run_ends_and_its_events_are_heard(
    workspace: Workspace, agents: Path, executor: BackgroundExecutor, events: list[Event]
) -> None:
    run = executor.submit(a_run(workspace, agents, "good").id)
    assert run.status == "pending"
    assert ended(workspace, run, executor).status == "completed"
    kinds = [event.kind for event in events]
    assert kinds[0] == "run_began"
    assert kinds[-2:] == ["call_ended", "run_ended"]
    assert "turn_kept" in kinds


def test_an_agent_that_ends_its_process_fails_its_run_alone(
    workspace: Workspace, agents: Path, executor: BackgroundExecutor, events: list[Event]
) -> None:
    dead = executor.submit(a_run(workspace, agents, "dies").id)
    failed = ended(workspace, dead, executor)
    assert failed.status == "failed"
    assert "exit code 7" in str(failed.reason)
    assert "my last words" in str(failed.reason)
    assert events[-1].kind == "run_ended"
    alive = executor.submit(a_run(workspace, agents, "good").id)
    assert ended(workspace, alive, executor).status == "completed"


def test_an_agent_that_is_not_there_fails_its_run_with_the_reason(
    workspace: Workspace, agents: Path, executor: BackgroundExecutor
) -> None:
    run = a_run(workspace, agents, "good")
    (agents / "shop.py").write_text("import nothing_of_this_name\n")
    failed = ended(workspace, executor.submit(run.id), executor)
    assert failed.status == "failed"
    assert "nothing_of_this_name" in str(failed.reason)


def test_the_code_of_an_agent_is_read_anew_for_each_run(
    workspace: Workspace, agents: Path, executor: BackgroundExecutor
) -> None:
    heard = []
    for words in ("first", "second"):
        (agents / "shop.py").write_text(AGENTS.replace('SAID = "first"', f'SAID = "{words}"'))
        run = a_run(workspace, agents, "says")
        ended(workspace, executor.submit(run.id), executor)
        (call,) = workspace.records.calls(run.id)
        turn = workspace.journal.turns(call.id, call.attempt)[0]
        heard.append(words in str(turn.items))
    assert heard == [True, True]


def test_a_run_is_cancelled_between_turns_and_goes_on_without_losing_one(
    workspace: Workspace, agents: Path, executor: BackgroundExecutor, events: list[Event]
) -> None:
    run = executor.submit(a_run(workspace, agents, "slow", talks=4).id)
    until = time.monotonic() + 30
    while not any(event.kind == "turn_kept" for event in events):
        assert time.monotonic() < until
        time.sleep(0.02)
    executor.cancel(run.id)
    stopped = ended(workspace, run, executor)
    assert (stopped.status, stopped.stopped_by) == ("cancelled", "user")
    kept = executor.progress(run.id).turns
    assert 0 < kept < 12
    executor.resume(run.id)
    assert ended(workspace, run, executor).status == "completed"
    turns = [event for event in events if event.kind == "turn_kept"]
    assert len(turns) == executor.progress(run.id).turns
    assert len({(turn.call_id, turn.turn) for turn in turns}) == len(turns)


def test_a_run_goes_on_though_the_process_that_stopped_has_not_ended_yet(
    workspace: Workspace, agents: Path, executor: BackgroundExecutor
) -> None:
    run = executor.submit(a_run(workspace, agents, "slow", talks=4).id)
    executor.cancel(run.id)
    until = time.monotonic() + 30
    while workspace.records.run(run.id).status != "cancelled":
        assert time.monotonic() < until
        time.sleep(0.005)
    assert executor.resume(run.id).status == "pending"
    assert ended(workspace, run, executor).status == "completed"


def test_a_run_that_waits_for_its_turn_can_be_cancelled(
    workspace: Workspace, agents: Path, executor: BackgroundExecutor, events: list[Event]
) -> None:
    first = executor.submit(a_run(workspace, agents, "slow", talks=2).id)
    waits = executor.submit(a_run(workspace, agents, "good").id)
    assert executor.cancel(waits.id).status == "cancelled"
    assert ended(workspace, first, executor).status == "completed"
    assert workspace.records.run(waits.id).status == "cancelled"
    assert not any(event.run_id == waits.id for event in events)


def test_a_run_that_is_cancelled_while_its_process_starts_stops(
    workspace: Workspace, agents: Path, executor: BackgroundExecutor
) -> None:
    run = executor.submit(a_run(workspace, agents, "slow", talks=4).id)
    executor.cancel(run.id)
    assert ended(workspace, run, executor).status == "cancelled"


def test_closing_stops_runs_that_can_go_on_later(
    workspace: Workspace, agents: Path, executor: BackgroundExecutor, events: list[Event]
) -> None:
    run = executor.submit(a_run(workspace, agents, "slow", talks=4).id)
    executor.close()
    assert workspace.records.run(run.id).status == "cancelled"
    again = BackgroundExecutor(workspace, listener=events.append, folder=agents)
    again.resume(run.id)
    assert ended(workspace, run, again).status == "completed"
    again.close()


def test_a_run_that_is_through_does_not_go_on(
    workspace: Workspace, agents: Path, executor: BackgroundExecutor
) -> None:
    run = executor.submit(a_run(workspace, agents, "good").id)
    ended(workspace, run, executor)
    with pytest.raises(UsageError, match="nothing is left"):
        executor.resume(run.id, budget=Budget(max_turns=1))


def test_a_run_whose_process_died_with_the_server_says_so_to_the_next_one(
    workspace: Workspace, agents: Path, executor: BackgroundExecutor, events: list[Event]
) -> None:
    run = a_run(workspace, agents, "good")
    workspace.records.save_run(replace(run, status="running"))
    marks = ProcessMarks(workspace.settings.home / "workers")
    marks.put(run.id, 2**22 + 1)  # no process has such a number
    again = BackgroundExecutor(workspace, listener=events.append, folder=agents)
    found = workspace.records.run(run.id)
    assert found.status == "failed"
    assert "ended with the server" in str(found.reason)
    again.resume(run.id)
    assert ended(workspace, run, again).status == "completed"
    assert marks.orphans() == ()
    again.close()


def test_a_run_whose_process_goes_on_is_left_alone(tmp_path: Path) -> None:
    marks = ProcessMarks(tmp_path)
    command = [sys.executable, "-c", "print(flush=True); input()", "run-1"]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun: before, the system does not tell its command
        marks.put("run-1", process.pid)
        assert marks.orphans() == ()
        marks.put("run-2", process.pid)
        assert marks.orphans() == ("run-2",)  # that number is another run's by now
        process.communicate(b"\n")
    assert marks.orphans() == ("run-1",)
