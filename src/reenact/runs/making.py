"""Run tests and their runs, made and not yet run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from reenact.domain.agent import AgentDefinition, AgentTarget
from reenact.domain.run import CallExecution, Run, RunOptions, RunTest
from reenact.domain.scenario import Scenario
from reenact.runs.calls import calls_of, check_history
from reenact.runs.ids import new_id
from reenact.runs.workspace import Workspace


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
    """Make a run test; with `replay_session_id` the two are linked both ways.

    Raises:
        UsageError: where the agent cannot be told the history that the mode needs.
    """
    check_history(target, options, scenarios)
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


def create_run(
    workspace: Workspace, test: RunTest, *, like: Collection[CallExecution] | None = None
) -> Run:
    """Make a run of `test`, with all of its call executions pending; or those `like` others."""
    now = datetime.now(UTC)
    run = Run(
        id=new_id("run", now), run_test_id=test.id, project_id=test.project_id, created_at=now
    )
    scenarios = [workspace.records.scenario(id) for id in test.scenario_ids]
    calls = calls_of(workspace, run, scenarios, test.options)
    if like is not None:
        wanted = {_place(call) for call in like}
        calls = (call for call in calls if _place(call) in wanted)
    workspace.records.save_run(run)
    workspace.records.add_calls(calls)
    return run


def _place(call: CallExecution) -> tuple[object, ...]:
    return call.scenario_id, call.row_id, call.mode, call.turn, call.repeat
