"""What was captured: projects, sessions, traces, users, conversations and their spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, Field

from reenact import codec
from reenact.domain.conversation import ConversationKind
from reenact.domain.recording import Recording
from reenact.domain.selection import (
    Choices,
    Filter,
    ProjectSummary,
    SessionSummary,
    UserSummary,
)
from reenact.domain.span import StoredSpan
from reenact.domain.span_view import SpanView, span_view
from reenact.domain.view import ConversationView, view_of
from reenact.errors import UnknownId, UsageError
from reenact.runs.deleting import delete_conversation
from reenact.runs.workspace import Workspace
from reenact.server.api.asked import Asked, Flag, Id
from reenact.server.api.callers import Asking, Caller
from reenact.server.api.paging import Cursor, Limit, Page, Place, page, place_of
from reenact.store.documents import microseconds

_SESSION = "sess:"
_MOST_DELETED = 1000
_Value = Annotated[str | None, Query(min_length=1, max_length=500)]
ProjectId = Annotated[
    str, Query(min_length=1, max_length=500, openapi_examples={"demo": {"value": "northlight"}})
]
ConversationId = Annotated[
    str,
    Query(max_length=600, openapi_examples={"refund": {"value": "sess:chat-1188"}}),
]


_LINES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A recording as JSON on each line.",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    }
}


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
    routes = APIRouter(tags=["observe"])
    for part in (_lists, _people, _talks, _keeping):
        routes.include_router(part(workspace))
    return routes


def _lists(workspace: Workspace) -> APIRouter:
    routes = APIRouter()
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
        named = _seen(who, project_id)
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
        named = _seen(who, project_id)
        after = place_of(cursor, int, str)
        found = spans.traces(named, filter, limit=limit + 1, after=after)  # type: ignore[arg-type]
        total = spans.count_traces(named, filter) if count else None
        return page(found, limit=limit, place=_place, total=total)

    return routes


def _people(workspace: Workspace) -> APIRouter:
    routes = APIRouter()

    @routes.get("/users")
    def list_users(
        who: Asking,
        project_id: ProjectId,
        text: Annotated[str | None, Query(max_length=200)] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[UserSummary]:
        """List the users of the agent whose id holds `text`, by id."""
        named = _seen(who, project_id)
        (after,) = place_of(cursor, str) or (None,)
        found = workspace.spans.users(
            named, text=text, limit=limit + 1, after=None if after is None else str(after)
        )
        return page(found, limit=limit, place=lambda user: (user.user_id,))

    @routes.get("/facets")
    def list_choices(who: Asking, project_id: ProjectId) -> Choices:
        """List what filters can choose from in a project."""
        return workspace.spans.choices(_seen(who, project_id))

    return routes


def _talks(workspace: Workspace) -> APIRouter:
    routes = APIRouter()

    @routes.get("/conversation")
    def get_conversation(
        who: Asking, project_id: ProjectId, id: ConversationId
    ) -> ConversationView:
        """Return the conversation `sess:<session id>` or `trace:<trace id>` of a project."""
        recording = _recorded(workspace, _seen(who, project_id), id)
        return view_of(recording.conversation, recording.fidelity)

    @routes.get("/recording")
    def get_recording(who: Asking, project_id: ProjectId, id: ConversationId) -> Recording:
        """Return the same as it is replayed: every item, its fidelity, and their hash."""
        return _recorded(workspace, _seen(who, project_id), id)

    @routes.get("/recordings", response_class=StreamingResponse, responses=_LINES)
    def stream_recordings(
        who: Asking,
        project_id: ProjectId,
        filter: Filtering,
        kind: ConversationKind | None = None,
    ) -> StreamingResponse:
        """Return all conversations that match, newest first: a recording on each line."""
        found = workspace.conversations.list(_seen(who, project_id), kind=kind, filter=filter)
        lines = (codec.to_json(recording) + b"\n" for recording in found)
        return StreamingResponse(lines, media_type="application/x-ndjson")

    @routes.get("/spans")
    def list_spans(
        who: Asking,
        project_id: ProjectId,
        conversation: Annotated[str | None, Query(max_length=600)] = None,
        trace_id: Annotated[str | None, Query(max_length=100)] = None,
        limit: Limit = 200,
        cursor: Cursor = None,
    ) -> Page[SpanView]:
        """List the spans of a conversation or of a trace, by start; long attributes are cut."""
        named = _seen(who, project_id)
        after = place_of(cursor, int, str, str)
        if (conversation is None) == (trace_id is None):
            raise UsageError("name a conversation or a trace", where="conversation, trace_id")
        held = _spans(workspace, named, conversation, trace_id)
        later = [one for one in held if after is None or _place_of_span(one) > after]
        shown = page(later[: limit + 1], limit=limit, place=_place_of_span)
        return Page(
            items=tuple(span_view(one) for one in shown.items),
            next_cursor=shown.next_cursor,
            total=len(held),
        )

    return routes


def _keeping(workspace: Workspace) -> APIRouter:
    routes = APIRouter()

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

    return routes


def _seen(who: Caller, project_id: str) -> str:
    """Return the project to look into; one that holds nothing where it is another's."""
    who.must("read")
    return project_id if who.sees(project_id) else ""


def _recorded(workspace: Workspace, project: str, id: str) -> Recording:
    try:
        return workspace.conversations.get(project, id)
    except UnknownId:  # said alike of what is nowhere and of what is another project's
        raise UnknownId(
            "conversation", [id], next_step="GET /api/v1/sessions lists those of a project"
        ) from None


def _place(summary: SessionSummary) -> Place:
    bare = summary.id.partition(":")[2]
    return microseconds(summary.started_at), bare


def _place_of_span(stored: StoredSpan) -> Place:
    span = stored.span
    return span.start_ns, span.span_id, span.trace_id


def _spans(
    workspace: Workspace, project: str, conversation: str | None, trace_id: str | None
) -> Sequence[StoredSpan]:
    if trace_id is not None:
        return workspace.spans.spans_of_traces(project, [trace_id])
    id = conversation or ""
    if id.startswith(_SESSION):
        return workspace.spans.spans_of_session(project, id.removeprefix(_SESSION))
    try:
        talk = workspace.conversations.get(project, id).conversation
    except UnknownId:
        return ()
    return workspace.spans.spans_of_traces(project, talk.trace_ids)
