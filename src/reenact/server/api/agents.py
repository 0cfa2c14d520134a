"""Agents and their versions, and what changed between two of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from reenact.agents.folder import chosen_target
from reenact.compare.versions import version_diff, version_of
from reenact.domain.agent import AgentDefinition, AgentSnapshot, AgentVersion
from reenact.domain.version_diff import VersionDiff
from reenact.runs.agent_definitions import with_snapshot
from reenact.runs.workspace import Workspace
from reenact.server.api.asked import Asked, Id, Name, Target, Words
from reenact.server.api.callers import Asking
from reenact.server.api.owned import Owned
from reenact.server.api.paging import Cursor, Limit, Page, page, place_of
from reenact.server.api.routes import routes_of
from reenact.server.options import ServerOptions


class AgentAsked(Asked):
    """An agent to define, or to give a new version."""

    project_id: Annotated[Id, Field(examples=["northlight"])]
    name: Annotated[Name, Field(examples=["support"])]
    description: Words = ""
    target_name: Id | None = None
    target: Target | None = None


def router(workspace: Workspace, options: ServerOptions) -> APIRouter:
    """Return the routes of agents."""
    routes = routes_of("agents")
    records, owned = workspace.records, Owned(workspace)

    @routes.get("/agents")
    def list_agents(
        who: Asking, project_id: str, limit: Limit = 50, cursor: Cursor = None
    ) -> Page[AgentDefinition]:
        """List the agents of a project, by name."""
        who.must("read")
        after = place_of(cursor, str)
        found = records.agents(project_id) if who.sees(project_id) else ()
        later = [agent for agent in found if after is None or (agent.name,) > after]
        return page(later, limit=limit, place=lambda agent: (agent.name,))

    @routes.post("/agents", status_code=201)
    def define_agent(who: Asking, asked: AgentAsked) -> AgentDefinition:
        """Define an agent, or give the one of that name a version where something changed."""
        who.may("run", of=asked.project_id)
        target = None
        if asked.target_name is not None or asked.target is not None:
            target = chosen_target(options.agents, name=asked.target_name, target=asked.target)
        known = records.agent_named(asked.project_id, asked.name)
        before = known.latest.snapshot if known else AgentSnapshot()
        snapshot = replace(before, description=asked.description, target=target or before.target)
        made = with_snapshot(
            known,
            snapshot,
            project_id=asked.project_id,
            name=asked.name,
            now=datetime.now(UTC),
        )
        if made.agent != known:
            records.save_agent(made.agent)
        return made.agent

    @routes.get("/agents/{id}")
    def get_agent(who: Asking, id: str) -> AgentDefinition:
        """Return an agent with all its versions."""
        return owned.agent(who, id)

    @routes.get("/agents/{id}/versions")
    def list_versions(
        who: Asking, id: str, limit: Limit = 50, cursor: Cursor = None
    ) -> Page[AgentVersion]:
        """List the versions of an agent, newest first."""
        before = place_of(cursor, int)
        versions = sorted(owned.agent(who, id).versions, key=lambda one: -one.number)
        later = [one for one in versions if before is None or (one.number,) < before]
        return page(later, limit=limit, place=lambda one: (one.number,))

    @routes.get("/agents/{id}/versions/{number}")
    def get_version(who: Asking, id: str, number: int) -> AgentVersion:
        """Return a version of an agent."""
        return version_of(owned.agent(who, id), number)

    @routes.get("/agents/{id}/diff")
    def compare_versions(who: Asking, id: str, before: int, after: int) -> VersionDiff:
        """Say what changed between two versions of an agent, field by field."""
        return version_diff(owned.agent(who, id), before=before, after=after)

    return routes
