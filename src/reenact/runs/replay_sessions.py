"""Replay sessions: a selection frozen to recordings, then made into a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from reenact.domain.agent import AgentDefinition, AgentTarget
from reenact.domain.recording import Recording
from reenact.domain.scenario import DeclaredResult, Row, Scenario
from reenact.domain.selection import Filter, ReplaySession, ReplayType
from reenact.domain.tool_rules import ToolRules
from reenact.errors import ReenactError, UsageError
from reenact.runs.agent_definitions import (
    Versioned,
    agent_name_of,
    snapshot_of,
    with_snapshot,
)
from reenact.runs.ids import new_id
from reenact.runs.sizes import size_of
from reenact.runs.workspace import Workspace
from reenact.scenario.generate import scenario_from
from reenact.select.selection import select
from reenact.tools.learning import learnt_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What generating made: the finished replay session, its scenario and its agent."""

    session: ReplaySession
    scenario: Scenario
    agent: AgentDefinition
    agent_version: int
    scores: tuple[int, ...] = ()
    """The fidelity of each recording that has a score."""

    @property
    def fidelity(self) -> str:
        """How much of the originals the captures hold, in words."""
        return fidelity_words(self.scores)

    @property
    def made(self) -> str:
        """How many rows were asked and made, in words."""
        asked, made = self.scenario.asked, len(self.scenario.rows)
        exact = sum(not row.variant for row in self.scenario.rows)
        return f"{asked} rows asked, {made} made: {exact} exact, {made - exact} variants"


def fidelity_words(scores: Sequence[int]) -> str:
    """Return how much of the originals captures of these scores hold, in words."""
    if not scores:
        return "fidelity unknown"
    least, most = min(scores), max(scores)
    return f"fidelity {least if least == most else f'{least} to {most}'} of 100"


def create_replay_session(
    workspace: Workspace,
    *,
    project_id: str,
    replay_type: ReplayType = "session",
    ids: Sequence[str] = (),
    select_all: bool = False,
    filter: Filter | None = None,
    exclude_ids: Sequence[str] = (),
) -> ReplaySession:
    """Freeze a selection to recordings; step `init`.

    Raises:
        UsageError: when nothing is chosen or nothing matches.
        UnknownId: naming every id that the project does not hold.
    """
    recordings = select(
        workspace.conversations,
        listing=workspace.spans,
        project=project_id,
        replay_type=replay_type,
        ids=ids,
        select_all=select_all,
        filter=filter,
        exclude_ids=exclude_ids,
    )
    now = datetime.now(UTC)
    workspace.records.save_recordings(recordings)
    session = ReplaySession(
        id=new_id("replay", now),
        project_id=project_id,
        replay_type=replay_type,
        ids=tuple(_source_id(recording, replay_type) for recording in recordings),
        select_all=select_all,
        filter=filter,
        exclude_ids=tuple(exclude_ids),
        recordings=tuple(recording.hash for recording in recordings),
        created_at=now,
    )
    workspace.records.save_replay_session(session)
    return session


def generate_scenario(
    workspace: Workspace,
    session: ReplaySession,
    *,
    agent_name: str | None = None,
    agent_description: str = "",
    scenario_name: str | None = None,
    agent_type: str = "text",
    no_of_rows: int = 20,
    declared: Sequence[DeclaredResult] = (),
    tool_rules: Sequence[ToolRules] = (),
    target: AgentTarget | None = None,
) -> Generated:
    """Make the scenario and the agent version of `session`; it ends `completed` or `failed`.

    `declared` are results for calls that the recordings lack, `tool_rules` what is known of the
    tools; every row gets them, and the volatile fields that comparing the recordings shows.

    Raises:
        UsageError: when the session is not new, or an argument is out of bounds; the session
            is then `failed` with the reason.
    """
    if session.scenario_id is not None:  # one cut off while generating may be made again
        raise UsageError(
            f"replay session {session.id} is {session.step}, so it has a scenario already",
            next_step="make a new replay session from the same ids",
        )
    records = workspace.records
    records.save_replay_session(replace(session, step="generating", reason=None))
    try:
        if agent_type != "text":
            raise UsageError(f"agent_type {agent_type!r} is not known; text is")
        recordings = records.recordings(session.recordings)
        now = datetime.now(UTC)
        agent, version = _agent_for(
            workspace, session, recordings, agent_name, agent_description, target, now
        )
        scenario = scenario_from(
            recordings,
            id=new_id("scenario", now),
            project_id=session.project_id,
            name=scenario_name or scenario_name_for(workspace, session, now),
            replay_type=session.replay_type,
            no_of_rows=no_of_rows,
            description=f"Generated from replay session for {agent.name}",
            created_at=now,
        )
        rules = (*learnt_rules(r.conversation for r in recordings), *tool_rules)
        rows = _noted(scenario.rows, recordings, declared, rules)
        scenario = replace(scenario, rows=rows)
        records.save_scenario(scenario)
    except ReenactError as error:
        records.save_replay_session(replace(session, step="failed", reason=error.render()))
        raise
    done = replace(
        session,
        step="completed",
        reason=None,
        agent_id=agent.id,
        agent_version=version,
        scenario_id=scenario.id,
    )
    records.save_replay_session(done)
    return Generated(
        session=done,
        scenario=scenario,
        agent=agent,
        agent_version=version,
        scores=tuple(r.fidelity.score for r in recordings if r.fidelity.score is not None),
    )


def _noted(
    rows: Sequence[Row],
    recordings: Sequence[Recording],
    declared: Sequence[DeclaredResult],
    rules: tuple[ToolRules, ...],
) -> tuple[Row, ...]:
    """Return `rows` with what they declare, and with the size that their recordings have."""
    talks = {recording.hash: recording.conversation for recording in recordings}
    return tuple(
        replace(
            row,
            declared=tuple(declared) or row.declared,
            tool_rules=rules or row.tool_rules,
            size=size_of(talks[row.recording_hash], row) if row.recording_hash in talks else None,
        )
        for row in rows
    )


def _agent_for(
    workspace: Workspace,
    session: ReplaySession,
    recordings: Sequence[Recording],
    agent_name: str | None,
    description: str,
    target: AgentTarget | None,
    now: datetime,
) -> Versioned:
    name = agent_name or agent_name_of(recordings, session.project_id)
    known = workspace.records.agent_named(session.project_id, name)
    versioned = with_snapshot(
        known,
        snapshot_of(recordings, target=target, description=description),
        project_id=session.project_id,
        name=name,
        now=now,
    )
    if versioned.agent != known:
        workspace.records.save_agent(versioned.agent)
    return versioned


def scenario_name_for(workspace: Workspace, session: ReplaySession, now: datetime) -> str:
    """Return the name of the next scenario that is made of a replay session."""
    number = len(workspace.records.scenarios(session.project_id)) + 1
    return f"{session.project_id}_replay_{now:%Y-%m-%d}_v{number}"


def _source_id(recording: Recording, replay_type: ReplayType) -> str:
    conversation = recording.conversation
    if replay_type == "session":
        return conversation.session_id or conversation.id
    return next(iter(conversation.trace_ids), conversation.id)
