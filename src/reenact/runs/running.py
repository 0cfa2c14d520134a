"""Run tests and runs: make them, run them, go on with one that was interrupted."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from reenact.agents.port import Agent
from reenact.domain.agent import AgentDefinition, AgentTarget
from reenact.domain.run import CallExecution, Run, RunOptions, RunTest
from reenact.domain.scenario import Scenario
from reenact.errors import UnguardedTools, UsageError
from reenact.replay.conversation import Talk, with_attempt
from reenact.replay.executor import run_talks
from reenact.replay.preflight import check_tools
from reenact.replay.served import serving
from reenact.runs.ids import new_id
from reenact.runs.served_tools import noted_if_silent, offered_tools
from reenact.runs.workspace import Workspace
from reenact.scenario.rows import agent_tools
from reenact.tools.desk import replaying
from reenact.tools.served.running import ServerUrls

OnEnd = Callable[[CallExecution], Any]
OnServing = Callable[[ServerUrls], Any]
_SWITCH_S = 0.002
_COLLECT_AFTER = 10_000
_READ_AT_ONCE = 32
"""Recordings read by one query: enough to make it cheap, few enough to hold."""


def create_run_test(
    workspace: Workspace,
    *,
    agent: AgentDefinition,
    version: int,
    target: AgentTarget,
    scenarios: Sequence[Scenario],
    options: RunOptions,
    name: str | None = None,
    replay_session_id: str | None = None,
) -> RunTest:
    """Make a run test; with `replay_session_id` the two are linked both ways."""
    now = datetime.now(UTC)
    test = RunTest(
        id=new_id("test", now),
        project_id=agent.project_id,
        name=name or scenarios[0].name,
        agent_id=agent.id,
        agent_version=version,
        target=target,
        scenario_ids=tuple(scenario.id for scenario in scenarios),
        options=options,
        replay_session_id=replay_session_id,
        created_at=now,
    )
    workspace.records.save_run_test(test)
    if replay_session_id is not None:
        session = workspace.records.replay_session(replay_session_id)
        workspace.records.save_replay_session(replace(session, run_test_id=test.id))
    return test


def create_run(workspace: Workspace, test: RunTest) -> Run:
    """Make a run of `test`: one call execution per row and repeat, all pending."""
    now = datetime.now(UTC)
    run = Run(
        id=new_id("run", now), run_test_id=test.id, project_id=test.project_id, created_at=now
    )
    workspace.records.save_run(run)
    calls = [
        # Attempt and trace key are known from the start: spans of the agent may come at once.
        with_attempt(
            CallExecution(
                id=f"{run.id}/{row.id}/{repeat}",
                run_id=run.id,
                scenario_id=scenario_id,
                row_id=row.id,
                mode=test.options.mode,
                repeat=repeat,
            ),
            1,
        )
        for scenario_id in test.scenario_ids
        for row in workspace.records.scenario(scenario_id).rows
        for repeat in range(test.options.repeats)
    ]
    workspace.records.add_calls(calls)
    return run


def execute(
    workspace: Workspace,
    run: Run,
    *,
    agent: Agent,
    on_end: OnEnd = lambda call: None,
    on_serving: OnServing = lambda urls: None,
) -> Run:
    """Run what is not finished of `run`; return it as it ended.

    Interrupted by Ctrl-C the run is `cancelled` and can go on: its finished turns are kept.
    Where the agent's tools are served, `on_serving` hears where.

    Raises:
        UnguardedTools: when tools would run for real and the user did not allow it.
        UsageError: when the tools cannot be served at the address that was asked for.
    """
    test = workspace.records.run_test(run.run_test_id)
    scenarios = {id: workspace.records.scenario(id) for id in test.scenario_ids}
    called = _called_tools(workspace, scenarios)
    with serving(
        agent,
        test.options,
        recorded=called,
        tools=partial(offered_tools, workspace, scenarios),
        token=workspace.settings.tools_token,
        on_serving=on_serving,
    ) as reached:
        ended = _execute(
            workspace, run, test, scenarios, agent=reached, called=called, on_end=on_end
        )
        return noted_if_silent(workspace, ended, reached)


def _execute(
    workspace: Workspace,
    run: Run,
    test: RunTest,
    scenarios: dict[str, Scenario],
    *,
    agent: Agent,
    called: set[str],
    on_end: OnEnd,
) -> Run:
    try:
        check_tools(called, agent=agent, options=test.options)
    except UnguardedTools as error:
        workspace.records.save_run(replace(run, status="failed", reason=error.what))
        raise
    pending = [call for call in workspace.records.calls(run.id) if not _ended(call)]
    started = replace(run, status="running", reason=None, started_at=run.started_at or _now())
    workspace.records.save_run(started)
    talks = _talks(workspace, pending, scenarios, test.options, fresh=run.started_at is None)
    try:
        with _tuned_process(), replaying():
            _complete(_run(workspace, talks, agent, test.options, on_end))
    except KeyboardInterrupt:
        reason = f"interrupted; go on with: reenact runs resume {run.id}"
        cancelled = replace(started, status="cancelled", reason=reason, ended_at=_now())
        workspace.records.save_run(cancelled)
        raise
    except BaseException as error:
        failed = replace(started, status="failed", reason=f"{type(error).__name__}: {error}")
        workspace.records.save_run(replace(failed, ended_at=_now()))
        raise
    ended = replace(started, status="completed", ended_at=_now())
    workspace.records.save_run(ended)
    return ended


def _complete(run: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end; in a thread of its own where a loop runs here already.

    A notebook, or an async test, calls us from inside its loop. It is blocked meanwhile.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(run)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="reenact-run") as thread:
        thread.submit(contextvars.copy_context().run, asyncio.run, run).result()


@contextmanager
def _tuned_process() -> Iterator[None]:
    """Tune the interpreter for a run, and set it back.

    What was loaded before stays anyway; walking it again and again took a third of a run's
    processor time. And the journal's thread must not wait 5 ms for its turn: every talk waits
    with it.
    """
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, *thresholds[1:])
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def resumable(run: Run) -> Run:
    """Return `run` if it can go on.

    Raises:
        UsageError: when it ended by itself.
    """
    if run.status == "completed":
        raise UsageError(f"run {run.id} is {run.status}; nothing is left to run")
    return run


async def _run(
    workspace: Workspace,
    talks: Iterator[Talk],
    agent: Agent,
    options: RunOptions,
    on_end: OnEnd,
) -> None:
    try:
        await run_talks(
            talks,
            agent=agent,
            journal=workspace.journal,
            concurrency=options.concurrency,
            on_end=on_end,
        )
    finally:
        await agent.aclose()


def _talks(
    workspace: Workspace,
    calls: Sequence[CallExecution],
    scenarios: dict[str, Scenario],
    options: RunOptions,
    *,
    fresh: bool,
) -> Iterator[Talk]:
    rows = {(s.id, row.id): row for s in scenarios.values() for row in s.rows}
    for some in _in_groups(calls, _READ_AT_ONCE):
        chosen = [(call, rows[call.scenario_id, call.row_id]) for call in some]
        hashes = {row.recording_hash for _, row in chosen if row.recording_hash is not None}
        found = {r.hash: r for r in workspace.records.recordings(hashes)}
        for call, row in chosen:
            if row.recording_hash is None:
                raise UsageError(f"row {row.id} has no recording; only exact rows can be run")
            recording = found[row.recording_hash]
            yield Talk(call=call, row=row, recording=recording, options=options, fresh=fresh)


def _in_groups(calls: Sequence[CallExecution], size: int) -> Iterator[Sequence[CallExecution]]:
    for start in range(0, len(calls), size):
        yield calls[start : start + size]


def _called_tools(workspace: Workspace, scenarios: dict[str, Scenario]) -> set[str]:
    called: set[str] = set()
    for row in (row for scenario in scenarios.values() for row in scenario.rows):
        if row.tools is not None:
            called.update(row.tools)
        elif row.recording_hash is not None:
            recording = workspace.records.recording(row.recording_hash)
            called.update(agent_tools(recording.conversation))
    return called


def _ended(call: CallExecution) -> bool:
    return call.status in ("completed", "failed")


def _now() -> datetime:
    return datetime.now(UTC)
