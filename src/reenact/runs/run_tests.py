"""Run tests as they are asked for: by a replay session, or by scenarios and an agent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from reenact.domain.agent import AgentTarget
from reenact.domain.run import CallExecution, Run, RunOptions, RunTest
from reenact.domain.scenario import Scenario
from reenact.domain.selection import ReplaySession
from reenact.errors import UnknownId, UsageError
from reenact.runs.agent_definitions import latest_with
from reenact.runs.making import create_run, create_run_test
from reenact.runs.replayed import as_one, contents_of
from reenact.runs.workspace import Workspace

Sees = Callable[[str], bool]
"""Tells whether somebody sees a project."""


def run_test_of_session(
    workspace: Workspace,
    session: ReplaySession,
    *,
    target: AgentTarget,
    options: RunOptions,
    name: str | None = None,
) -> RunTest:
    """Make the run test of a replay session, linked to it; the agent's version has `target`.

    Raises:
        UsageError: where the session has no scenario, saying why.
    """
    if session.scenario_id is None or session.agent_id is None:
        why = f": {session.reason}" if session.reason else ""
        raise UsageError(
            f"replay session {session.id} is {session.step} and has no scenario{why}",
            next_step=f"POST /api/v1/replay-sessions/{session.id}/generate-scenario",
        )
    agent, version = latest_with(
        workspace, session.agent_id, number=session.agent_version, target=target
    )
    return create_run_test(
        workspace,
        agent=agent,
        version=version,
        target=target,
        scenarios=[workspace.records.scenario(session.scenario_id)],
        options=options,
        name=name,
        replay_session_id=session.id,
    )


def run_test_of_scenarios(
    workspace: Workspace,
    scenario_ids: Sequence[str],
    *,
    agent_id: str,
    agent_version: int | None,
    target: AgentTarget,
    options: RunOptions,
    sees: Sees,
    name: str | None = None,
) -> RunTest:
    """Make a run test of scenarios of one project, and an agent of it.

    Raises:
        UsageError: where a scenario is empty, or they are of several projects.
        UnknownId: naming all that are not there, or not for whoever asks.
    """
    scenarios = _scenarios(workspace, scenario_ids, sees)
    named = workspace.records.agent(agent_id)
    if not sees(named.project_id):
        raise UnknownId("agent", [agent_id])
    if {scenario.project_id for scenario in scenarios} != {named.project_id}:
        raise UsageError(
            "scenarios and agent are of several projects",
            where="scenario_ids, agent_id",
            next_step="name those of one project",
        )
    agent, version = latest_with(workspace, agent_id, number=agent_version, target=target)
    return create_run_test(
        workspace,
        agent=agent,
        version=version,
        target=target,
        scenarios=scenarios,
        options=options,
        name=name,
    )


def check_runnable(workspace: Workspace, test: RunTest) -> None:
    """Make sure that every row of `test` can be run.

    Raises:
        UsageError: naming every scenario that is empty, or holds a row whose recording is gone.
    """
    problems = []
    for id in test.scenario_ids:
        scenario = workspace.records.scenario(id)
        hashes = [row.recording_hash for row in scenario.rows if row.recording_hash is not None]
        if not scenario.rows:
            problems.append(f"{scenario.name} has no rows")
            continue
        try:
            workspace.records.recordings(list(dict.fromkeys(hashes)))
        except UnknownId as gone:
            problems.append(f"{scenario.name} lost {len(gone.ids)} of its recordings")
    if problems:
        raise UsageError(
            f"this cannot be run: {'; '.join(problems)}",
            where=f"run test {test.id}",
            next_step="make a scenario of conversations that are there",
        )


def run_again(
    workspace: Workspace,
    run: Run,
    *,
    call_ids: Collection[str],
    select_all: bool,
    exclude_ids: Collection[str],
) -> Run:
    """Make another run of the same test with the chosen calls; the earlier run stays as it is.

    Raises:
        UsageError: where nothing is chosen, or both ids and all are.
        UnknownId: naming every id that the run does not have.
    """
    if bool(call_ids) == select_all:
        raise UsageError("name calls or take all, one of the two", where="call_ids, select_all")
    talks = {as_one(talk).id: talk for talk in contents_of(workspace, run).talks}
    if unknown := [id for id in (*call_ids, *exclude_ids) if id not in talks]:
        raise UnknownId("call execution", unknown)
    chosen = [id for id in (talks if select_all else call_ids) if id not in set(exclude_ids)]
    if not chosen:
        raise UsageError("nothing is left to run", where="exclude_ids")
    like: list[CallExecution] = [call for id in chosen for call in talks[id]]
    test = workspace.records.run_test(run.run_test_id)
    return create_run(workspace, test, like=like)


def _scenarios(workspace: Workspace, ids: Sequence[str], sees: Sees) -> list[Scenario]:
    if not ids:
        raise UsageError("no scenario is named", where="scenario_ids")
    found: list[Scenario] = []
    unknown: list[str] = []
    for id in dict.fromkeys(ids):
        scenario = _scenario(workspace, id)
        if scenario is None or not sees(scenario.project_id):
            unknown.append(id)
        else:
            found.append(scenario)
    if unknown:
        raise UnknownId("scenario", unknown)
    empty = [scenario.name for scenario in found if not scenario.rows]
    if empty:
        raise UsageError(
            f"there is nothing to run in {', '.join(empty)}: no rows", where="scenario_ids"
        )
    return found


def _scenario(workspace: Workspace, id: str) -> Scenario | None:
    try:
        return workspace.records.scenario(id)
    except UnknownId:
        return None
