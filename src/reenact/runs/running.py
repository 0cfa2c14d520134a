"""Runs: run them, and go on with one that was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from reenact.agents.pace import paced
from reenact.agents.port import Agent
from reenact.domain.progress import Listener, RunBegan, RunEnded
from reenact.domain.run import CallExecution, Run, RunOptions
from reenact.domain.scenario import Scenario
from reenact.errors import UnguardedTools, UsageError
from reenact.llm.port import LanguageModel
from reenact.replay.conversation import Talk
from reenact.replay.executor import run_talks
from reenact.replay.preflight import check_tools
from reenact.replay.served import serving
from reenact.runs.budgets import budget_of, through
from reenact.runs.process import complete, tuned_process
from reenact.runs.served_tools import noted_if_silent, offered_tools
from reenact.runs.watching import Watch
from reenact.runs.workspace import Workspace
from reenact.scenario.rows import agent_tools
from reenact.tools.desk import replaying
from reenact.tools.recorded import check_model as check_simulation
from reenact.tools.served.running import ServerUrls
from reenact.users.policy import check_model as check_user

OnEnd = Callable[[CallExecution], Any]
OnServing = Callable[[ServerUrls], Any]
_READ_AT_ONCE = 32
"""Recordings read by one query: enough to make it cheap, few enough to hold."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What is not finished of a run."""

    calls: int
    talks: Iterator[Talk]


def execute(
    workspace: Workspace,
    run: Run,
    *,
    agent: Agent,
    model: LanguageModel | None = None,
    on_end: OnEnd = lambda call: None,
    listener: Listener | None = None,
    on_serving: OnServing = lambda urls: None,
) -> Run:
    """Run what is not finished of `run`; return it as it ended.

    Interrupted by Ctrl-C, asked to stop, or out of its budget, the run is `cancelled` and can
    go on: its finished turns are kept. `model` is what the user's side may ask, and what makes
    up results that the recordings lack, where the options ask for it. Where the agent's tools
    are served, `on_serving` hears where.

    Raises:
        UsageError: where the options need a model and there is none, the settings name one that
            cannot be asked, or the tools cannot be served at the address that was asked for.
        UnguardedTools: when tools would run for real and the user did not allow it.
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
        try:
            model = model or workspace.model
            check_models(test.options, model)
            check_tools(called, agent=reached, options=test.options)
        except (UnguardedTools, UsageError) as error:
            workspace.records.save_run(replace(run, status="failed", reason=error.render()))
            raise
        watch = Watch(
            workspace, run, budget=budget_of(run, test), target=test.target, listener=listener
        )
        talks = _pending_talks(workspace, run, test.options, scenarios, model)
        ended = _execute(workspace, run, talks, reached, test.options, on_end, watch)
        return noted_if_silent(workspace, ended, reached)


def _pending_talks(
    workspace: Workspace,
    run: Run,
    options: RunOptions,
    scenarios: dict[str, Scenario],
    model: LanguageModel | None,
) -> Pending:
    calls = [call for call in workspace.records.calls(run.id) if not _ended(call)]
    fresh = run.started_at is None
    talks = _talks(workspace, calls, scenarios, options, model=model, fresh=fresh)
    return Pending(calls=len(calls), talks=talks)


def _execute(
    workspace: Workspace,
    run: Run,
    pending: Pending,
    agent: Agent,
    options: RunOptions,
    on_end: OnEnd,
    watch: Watch,
) -> Run:
    workspace.control.forget_request(run.id)
    started = replace(
        run, status="running", reason=None, stopped_by=None, started_at=run.started_at or _now()
    )
    workspace.records.save_run(started)
    watch.tell(lambda: RunBegan(at=_now(), run_id=run.id, calls=pending.calls))
    ended = replace(started, status="failed", reason="it did not end")
    try:
        with tuned_process(), replaying():
            complete(_run(workspace, pending.talks, agent, options, on_end, watch))
        ended = through(started, watch.stopped_by, watch.gate.reason)
    except KeyboardInterrupt:
        reason = f"interrupted; go on with: reenact runs resume {run.id}"
        ended = replace(started, status="cancelled", reason=reason, stopped_by="user")
        raise
    except BaseException as error:
        ended = replace(started, status="failed", reason=f"{type(error).__name__}: {error}")
        raise
    finally:
        ended = replace(ended, ended_at=_now(), spent=watch.spent())
        workspace.records.save_run(ended)
        watch.tell(
            lambda: RunEnded(
                at=_now(), run_id=run.id, status=ended.status, stopped_by=ended.stopped_by
            )
        )
    return ended


def check_models(options: RunOptions, model: LanguageModel | None) -> None:
    """Raise UsageError where `options` need a model and there is none."""
    check_user(options.user_policy, model)
    check_simulation(options.on_miss, model)


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
    watch: Watch,
) -> None:
    def ended(call: CallExecution) -> None:
        watch.ended(call)
        on_end(call)

    try:
        async with watch.listening():
            await run_talks(
                talks,
                agent=watch.agent(_at_pace(agent, options)),
                journal=watch.journal(workspace.journal),
                concurrency=options.concurrency,
                on_end=ended,
            )
    finally:
        await agent.aclose()


def _at_pace(agent: Agent, options: RunOptions) -> Agent:
    return paced(
        agent,
        requests_per_minute=options.requests_per_minute,
        tokens_per_minute=options.tokens_per_minute,
    )


def _talks(
    workspace: Workspace,
    calls: Sequence[CallExecution],
    scenarios: dict[str, Scenario],
    options: RunOptions,
    *,
    model: LanguageModel | None,
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
            if call.turn is not None:
                row = replace(row, turn=call.turn)
            yield Talk(
                call=call,
                row=row,
                recording=recording,
                options=options,
                graph=scenarios[call.scenario_id].graph,
                model=model,
                fresh=fresh,
            )


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
