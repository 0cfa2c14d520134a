"""What was captured: projects, sessions, traces, users, conversations and their spans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, Field

from reenact.domain.selection import (
    Choices,
    Filter,
    ProjectSummary,
    SessionSummary,
    UserSummary,
)
from reenact.runs.deleting import delete_conversation
from reenact.runs.workspace import Workspace
from reenact.server.api.asked import Asked, Flag, Id
from reenact.server.api.callers import Asking, Caller
from reenact.server.api.paging import Cursor, Limit, Page, Place, page, place_of
from reenact.server.api.routes import routes_of
from reenact.store.documents import microseconds

_MOST_DELETED = 1000
_Value = Annotated[str | None, Query(min_length=1, max_length=500)]
ProjectId = Annotated[str, Query(min_length=1, max_length=500)]


class DeletionAsked(Asked):
    """Conversations to delete, for good."""

    project_id: Annotated[Id, Field(examples=["northlight"])]
    conversations: Annotated[
        tuple[Id, ...],
        Field(min_length=1, max_length=_MOST_DELETED, examples=[["sess:chat-1180"]]),
    ]
    recordings: Flag = False
    """Delete their recordings as well: scenarios that were made of them can no longer run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionDone:
    """What was removed."""

    conversations: int
    traces: int
    spans: int
    recordings: int
    scenarios: tuple[str, ...]
    """Names of scenarios with a row that can no longer be run."""


def filter_of(
    since: Annotated[AwareDatetime | None, Query()] = None,
    until: Annotated[AwareDatetime | None, Query()] = None,
    text: Annotated[str | None, Query(max_length=1000)] = None,
    tool: _Value = None,
    user: _Value = None,
    error: Annotated[bool | None, Query()] = None,
    agent: _Value = None,
    agent_version: _Value = None,
    model: _Value = None,
    tag: _Value = None,
    label: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006  (read, never changed)
) -> Filter:
    """Return the filter that the query describes."""
    return Filter(
        since=since,
        until=until,
        text=text,
        tool=tool,
        user=user,
        error=error,
        agent=agent,
        agent_version=agent_version,
        model=model,
        tag=tag,
        labels=tuple(label),
    )


Filtering = Annotated[Filter, Depends(filter_of)]
Counting = Annotated[bool, Query(description="Whether to count all that match")]


def router(workspace: Workspace) -> APIRouter:
    """Return the routes that read, and delete, captured talks."""
    routes = routes_of("observe")
    for part in (_lists, _people, _keeping):
        part(routes, workspace)
    return routes


def _lists(routes: APIRouter, workspace: Workspace) -> None:
    spans = workspace.spans

    @routes.get("/projects")
    def list_projects(
        who: Asking, limit: Limit = 100, cursor: Cursor = None
    ) -> Page[ProjectSummary]:
        """List the projects that hold production traces, by name."""
        who.must("read")
        after = place_of(cursor, str)
        found = [
            project
            for project in spans.projects()
            if who.sees(project.id) and (after is None or (project.id,) > after)
        ]
        return page(found, limit=limit, place=lambda project: (project.id,))

    @routes.get("/sessions")
    def list_sessions(
        who: Asking,
        project_id: ProjectId,
        filter: Filtering,
        limit: Limit = 50,
        cursor: Cursor = None,
        count: Counting = False,
    ) -> Page[SessionSummary]:
        """List the sessions that match, latest start first."""
        named = seen(who, project_id)
        after = place_of(cursor, int, str)
        found = spans.sessions(named, filter, limit=limit + 1, after=after)  # type: ignore[arg-type]
        total = spans.count_sessions(named, filter) if count else None
        return page(found, limit=limit, place=_place, total=total)

    @routes.get("/traces")
    def list_traces(
        who: Asking,
        project_id: ProjectId,
        filter: Filtering,
        limit: Limit = 50,
        cursor: Cursor = None,
        count: Counting = False,
    ) -> Page[SessionSummary]:
        """List every trace that matches, latest start first."""
        named = seen(who, project_id)
        after = place_of(cursor, int, str)
        found = spans.traces(named, filter, limit=limit + 1, after=after)  # type: ignore[arg-type]
        total = spans.count_traces(named, filter) if count else None
        return page(found, limit=limit, place=_place, total=total)


def _people(routes: APIRouter, workspace: Workspace) -> None:

    @routes.get("/users")
    def list_users(
        who: Asking,
        project_id: ProjectId,
        text: Annotated[str | None, Query(max_length=200)] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[UserSummary]:
        """List the users of the agent whose id holds `text`, last seen first."""
        named = seen(who, project_id)
        after = place_of(cursor, int, str)
        found = workspace.spans.users(named, text=text, limit=limit + 1, after=after)  # type: ignore[arg-type]
        return page(
            found, limit=limit, place=lambda user: (microseconds(user.last_at), user.user_id)
        )

    @routes.get("/facets")
    def list_choices(who: Asking, project_id: ProjectId) -> Choices:
        """List what filters can choose from in a project."""
        return workspace.spans.choices(seen(who, project_id))


def _keeping(routes: APIRouter, workspace: Workspace) -> None:

    @routes.post("/deletions")
    def delete(who: Asking, asked: DeletionAsked) -> DeletionDone:
        """Delete conversations with all their spans, for good; all of them or none."""
        who.must_be_person()
        talks = [
            workspace.conversations.get(asked.project_id, id).conversation
            for id in dict.fromkeys(asked.conversations)
        ]
        done = [delete_conversation(workspace, talk, recordings=asked.recordings) for talk in talks]
        return DeletionDone(
            conversations=len(done),
            traces=sum(one.traces for one in done),
            spans=sum(one.spans for one in done),
            recordings=sum(one.recordings for one in done),
            scenarios=tuple(sorted({name for one in done for name in one.scenarios})),
        )


def seen(who: Caller, project_id: str) -> str:
    """Return the project to look into; one that holds nothing where it is another's."""
    who.must("read")
    return project_id if who.sees(project_id) else ""


def _place(summary: SessionSummary) -> Place:
    bare = summary.id.partition(":")[2]
    return microseconds(summary.started_at), bare
