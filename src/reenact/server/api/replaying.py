"""Replay sessions: a selection, frozen, and the scenario that is made of it; and dry runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from reenact.agents.folder import chosen_target
from reenact.domain.agent import AgentDefinition
from reenact.domain.scenario import DeclaredResult
from reenact.domain.selection import ReplaySession, ReplayType
from reenact.domain.tool_rules import ToolRules
from reenact.errors import UnknownId, UsageError
from reenact.runs.replay_sessions import Generated, create_replay_session, generate_scenario
from reenact.runs.suggesting import Suggestions, suggestions_for
from reenact.runs.workspace import Workspace
from reenact.server.api.asked import Asked, Filtered, Flag, Id, Ids, Name, Words
from reenact.server.api.callers import Asking
from reenact.server.api.owned import Owned
from reenact.server.api.paging import Cursor, Limit, Page, page, place_of
from reenact.server.api.routes import routes_of
from reenact.server.api.scenarios import ScenarioSummary, summary_of
from reenact.server.options import ServerOptions
from reenact.store.documents import microseconds

_NOUN = "replay session"


class ReplaySessionAsked(Asked):
    """A selection: ids of one kind, or all that match."""

    project_id: Annotated[Id, Field(examples=["northlight"])]
    replay_type: ReplayType = "session"
    ids: Annotated[Ids, Field(examples=[["chat-1184"]])] = ()
    select_all: Flag = False
    filter: Filtered | None = None
    exclude_ids: Ids = ()


class ScenarioAsked(Asked):
    """What the scenario and the agent shall be called, and hold."""

    agent_name: Name | None = None
    agent_description: Words = ""
    scenario_name: Name | None = None
    agent_type: Annotated[str, Field(max_length=20, examples=["text"])] = "text"
    no_of_rows: Annotated[int, Field(ge=1, le=1000)] = 20
    graph: Flag = True
    """Whether the answer's scenario is to have its graph; it is mined in any case."""
    declared: Annotated[tuple[DeclaredResult, ...], Field(max_length=1000)] = ()
    tool_rules: Annotated[tuple[ToolRules, ...], Field(max_length=1000)] = ()
    target_name: Id | None = None
    """An agent of this server, noted in the agent's version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySessionMade:
    """A replay session, and what may be made of it."""

    session: ReplaySession
    exists: bool
    """Whether the agent that is suggested was there before."""
    suggestions: Suggestions | None
    """None where a recording of it was deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioGenerated:
    """What was made of a replay session."""

    session: ReplaySession
    scenario: ScenarioSummary
    agent: AgentDefinition
    agent_version: int
    asked: int
    """Rows that were wanted."""
    made: int
    exact: int
    """Rows that are a recording, word by word."""
    variants: int
    made_words: str
    scores: tuple[int, ...]
    """The fidelity of each recording that has a score."""


def router(workspace: Workspace, options: ServerOptions) -> APIRouter:
    """Return the routes from a selection to a scenario."""
    routes = routes_of("replay")
    _sessions(routes, workspace)
    _generating(routes, workspace, options)
    return routes


def _sessions(routes: APIRouter, workspace: Workspace) -> None:
    records, owned = workspace.records, Owned(workspace)

    @routes.post("/replay-sessions", status_code=201)
    def select_talks(asked: ReplaySessionAsked, who: Asking) -> ReplaySessionMade:
        """Freeze a selection to recordings; step `init`, with what may be made of it."""
        who.must("run")
        if not who.sees(asked.project_id) or not _is_project(workspace, asked.project_id):
            raise UsageError(
                f"no such project: {asked.project_id}",
                where="project_id",
                next_step="GET /api/v1/projects lists them",
            )
        session = create_replay_session(
            workspace,
            project_id=asked.project_id,
            replay_type=asked.replay_type,
            ids=asked.ids,
            select_all=asked.select_all,
            filter=asked.filter,
            exclude_ids=asked.exclude_ids,
        )
        return _told(workspace, session)

    @routes.get("/replay-sessions")
    def list_replay_sessions(
        who: Asking, project_id: str, limit: Limit = 50, cursor: Cursor = None
    ) -> Page[ReplaySession]:
        """List the replay sessions of a project, newest first; none for one that is not there."""
        who.must("read")
        if not who.sees(project_id):
            return page((), limit=limit, place=_place)
        after = place_of(cursor, int, str)
        found = records.replay_sessions(project_id, limit=limit + 1, after=after)  # type: ignore[arg-type]
        return page(found, limit=limit, place=_place)

    @routes.get("/replay-sessions/{id}")
    def get_replay_session(who: Asking, id: str) -> ReplaySessionMade:
        """Return a replay session; one that has failed says why."""
        who.must("read")
        return _told(workspace, owned.replay_session(who, id))

    @routes.delete("/replay-sessions/{id}", status_code=204)
    def delete_replay_session(who: Asking, id: str) -> Response:
        """Delete a replay session. Its recordings, its scenario and the runs of it stay."""
        who.must("run")
        records.delete_replay_session(owned.replay_session(who, id).id)
        return Response(status_code=204)


def _generating(routes: APIRouter, workspace: Workspace, options: ServerOptions) -> None:
    owned = Owned(workspace)

    @routes.post("/replay-sessions/{id}/generate-scenario", status_code=201)
    def generate_of_session(who: Asking, id: str, asked: ScenarioAsked) -> ScenarioGenerated:
        """Make the scenario and the agent's version; the session ends completed or failed."""
        who.must("run")
        session = owned.replay_session(who, id)
        target = None
        if asked.target_name is not None:
            target = chosen_target(options.agents, name=asked.target_name, target=None)
        made = generate_scenario(
            workspace,
            session,
            agent_name=asked.agent_name,
            agent_description=asked.agent_description,
            scenario_name=asked.scenario_name,
            agent_type=asked.agent_type,
            no_of_rows=asked.no_of_rows,
            declared=asked.declared,
            tool_rules=asked.tool_rules,
            target=target,
        )
        return _generated(made)


def _is_project(workspace: Workspace, id: str) -> bool:
    return any(project.id == id for project in workspace.spans.projects())


def _place(session: ReplaySession) -> tuple[int, str]:
    return microseconds(session.created_at), session.id


def _told(workspace: Workspace, session: ReplaySession) -> ReplaySessionMade:
    try:
        suggestions = suggestions_for(workspace, session)
    except UnknownId:
        suggestions = None
    return ReplaySessionMade(
        session=session,
        exists=suggestions is not None and suggestions.agent_exists,
        suggestions=suggestions,
    )


def _generated(made: Generated) -> ScenarioGenerated:
    rows = made.scenario.rows
    exact = sum(not row.variant for row in rows)
    return ScenarioGenerated(
        session=made.session,
        scenario=summary_of(made.scenario),
        agent=made.agent,
        agent_version=made.agent_version,
        asked=made.scenario.asked,
        made=len(rows),
        exact=exact,
        variants=len(rows) - exact,
        made_words=made.made,
        scores=made.scores,
    )
