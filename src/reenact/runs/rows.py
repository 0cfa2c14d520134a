"""Run rows that come from files rather than from a selection: kept cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from reenact.domain.agent import AgentTarget
from reenact.domain.recording import Recording
from reenact.domain.run import RunOptions
from reenact.domain.run_view import RunView
from reenact.domain.scenario import Row, Scenario
from reenact.llm.port import LanguageModel
from reenact.runs.agent_definitions import agent_name_of, snapshot_of, with_snapshot
from reenact.runs.ids import new_id
from reenact.runs.making import create_run, create_run_test
from reenact.runs.replay import AgentFunction, reach
from reenact.runs.running import OnEnd, execute
from reenact.runs.views import run_view
from reenact.runs.workspace import Workspace
from reenact.scenario.graph import mine


def run_rows(
    workspace: Workspace,
    rows: Sequence[Row],
    *,
    recordings: Sequence[Recording],
    target: AgentTarget,
    options: RunOptions,
    name: str,
    function: AgentFunction | None = None,
    model: LanguageModel | None = None,
    on_end: OnEnd = lambda call: None,
) -> RunView:
    """Run `rows` over `recordings` against `target`; return the run, compared and judged.

    Raises:
        UnguardedTools: tools would run for real and that was not allowed.
        AgentNotLoaded: the target does not import or parse.
    """
    now = datetime.now(UTC)
    project = recordings[0].conversation.project
    workspace.records.save_recordings(recordings)
    agent_name = agent_name_of(recordings, project)
    agent, version = with_snapshot(
        workspace.records.agent_named(project, agent_name),
        snapshot_of(recordings, target=target),
        project_id=project,
        name=agent_name,
        now=now,
    )
    workspace.records.save_agent(agent)
    scenario = Scenario(
        id=new_id("scenario", now),
        project_id=project,
        name=name,
        source="script",
        rows=tuple(rows),
        graph=mine([recording.conversation for recording in recordings]),
        asked=len(rows),
        created_at=now,
    )
    workspace.records.save_scenario(scenario)
    test = create_run_test(
        workspace,
        agent=agent,
        version=version,
        target=target,
        scenarios=[scenario],
        options=options,
    )
    reached = reach(target, options, function=function)
    made = create_run(workspace, test)
    run = execute(workspace, made, agent=reached, model=model, on_end=on_end)
    return run_view(workspace, run)
