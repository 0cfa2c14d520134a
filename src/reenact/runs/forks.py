"""Forks: made, run, and shown as the tree that they grow into."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from reenact import codec
from reenact.domain.agent import AgentTarget
from reenact.domain.conversation import ToolCall
from reenact.domain.fork import Fork
from reenact.domain.recording import Recording
from reenact.domain.run import Run, RunOptions
from reenact.domain.scenario import Row, Scenario
from reenact.errors import UsageError
from reenact.replay.conversation import Talk, recorded_tools
from reenact.runs.agent_definitions import agent_name_of, snapshot_of, with_snapshot
from reenact.runs.calls import check_history
from reenact.runs.fork_edits import Edits, fork_point
from reenact.runs.ids import new_id
from reenact.runs.making import create_run, create_run_test
from reenact.runs.replayed import replayed_rows
from reenact.runs.workspace import Workspace
from reenact.scenario.forking import come_to
from reenact.scenario.graph import mine
from reenact.scenario.rows import agent_tools

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9_-])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What a fork leaves: a recorded talk, or what another fork of it came to."""

    recording: Recording
    root_hash: str
    parent: Fork | None = None
    spare: tuple[ToolCall, ...] = ()
    """Recorded calls that the parent never asked for; its own forks may."""


@dataclass(frozen=True, slots=True)
class MadeFork:
    """A fork, and its run, which may be executed."""

    fork: Fork
    run: Run


def base_of_talk(recording: Recording) -> Base:
    """Return a recorded talk as what is forked."""
    return Base(recording=recording, root_hash=recording.hash)


def base_of_fork(workspace: Workspace, parent: Fork) -> Base:
    """Return what `parent` came to as what is forked: frozen, as a recording of its own.

    Of several repeats the first one is taken.
    """
    (item, *_) = replayed_rows(workspace, workspace.records.run(parent.run_id))
    live = [one for turn in item.turns for one in turn.items]
    test = workspace.records.run_test(workspace.records.run(parent.run_id).run_test_id)
    options = replace(test.options, on_miss="refuse")  # nothing is asked, so no model is needed
    tools = recorded_tools(
        Talk(call=item.call, row=item.row, recording=item.recording, options=options)
    )
    tools.restore([one for one in live if isinstance(one, ToolCall)])
    came_to = come_to(item.recording.conversation, parent.point, live)
    return Base(
        recording=codec.record(came_to, item.recording.fidelity),
        root_hash=parent.recording_hash,
        parent=parent,
        spare=tuple(unused.call for unused in tools.unused() if unused.call.answered),
    )


def make_fork(
    workspace: Workspace,
    base: Base,
    *,
    at: int,
    edits: Edits,
    target: AgentTarget,
    options: RunOptions,
    name: str | None = None,
) -> MadeFork:
    """Fork `base` at turn `at`; nothing that is there already is changed.

    Raises:
        UsageError: for a turn or a call that the talk does not have, a name that is taken, or
            an agent that cannot be told a history.
    """
    conversation = base.recording.conversation
    inherited = base.parent.point if base.parent else None
    point = fork_point(conversation, turn=at, edits=edits, inherited=inherited)
    project = conversation.project
    chosen = _name(workspace, project, name)
    row = Row(
        id=chosen,
        recording_hash=base.recording.hash,
        fork=point,
        spare=base.spare,
        tools=tuple(sorted({*agent_tools(conversation), *(call.name for call in base.spare)})),
    )
    now = datetime.now(UTC)
    scenario = Scenario(
        id=new_id("scenario", now),
        project_id=project,
        name=chosen,
        source="script",
        rows=(row,),
        graph=mine([conversation]),
        asked=1,
        description=f"A fork at turn {at}",
        created_at=now,
    )
    check_history(target, options, [scenario])
    run = _run_of(workspace, base, scenario, target=target, options=options, now=now)
    fork = Fork(
        id=new_id("fork", now),
        project_id=project,
        name=chosen,
        conversation_id=conversation.id,
        recording_hash=base.root_hash,
        base_hash=base.recording.hash,
        parent_id=base.parent.id if base.parent else None,
        point=point,
        run_id=run.id,
        created_at=now,
    )
    workspace.forks.save(fork)
    return MadeFork(fork, run)


def _run_of(
    workspace: Workspace,
    base: Base,
    scenario: Scenario,
    *,
    target: AgentTarget,
    options: RunOptions,
    now: datetime,
) -> Run:
    records, project = workspace.records, scenario.project_id
    records.save_recording(base.recording)
    # Of the talk that the tree grows from: what a fork came to is no other configuration.
    root = records.recording(base.root_hash)
    named = agent_name_of([root], project)
    agent, version = with_snapshot(
        records.agent_named(project, named),
        snapshot_of([root], target=target),
        project_id=project,
        name=named,
        now=now,
    )
    records.save_agent(agent)
    records.save_scenario(scenario)
    test = create_run_test(
        workspace,
        agent=agent,
        version=version,
        target=target,
        scenarios=[scenario],
        options=replace(options, mode="conversation"),
    )
    return create_run(workspace, test)


def _name(workspace: Workspace, project: str, name: str | None) -> str:
    if name is None:
        taken = {fork.name for fork in workspace.forks.list(project)}
        return next(f"fork-{n}" for n in range(1, len(taken) + 2) if f"fork-{n}" not in taken)
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name[:100]!r} is no name for a fork",
            where="--name",
            next_step="use up to 80 letters, digits, dots, dashes and underscores",
        )
    if workspace.forks.is_taken(project, name):
        raise UsageError(
            f"there is a fork called {name} in project {project}",
            where="--name",
            next_step="choose another name; forks are never changed",
        )
    return name
