"""Captured talks: as conversations, as recordings to replay, and their spans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from reenact import codec
from reenact.domain.conversation import ConversationKind
from reenact.domain.recording import Recording
from reenact.domain.span import StoredSpan
from reenact.domain.span_view import SpanView, span_view
from reenact.domain.view import ConversationView, view_of
from reenact.errors import UnknownId, UsageError
from reenact.runs.workspace import Workspace
from reenact.server.api.callers import Asking
from reenact.server.api.observe import Filtering, ProjectId, seen
from reenact.server.api.paging import Cursor, Limit, Page, Place, page, place_of
from reenact.server.api.routes import routes_of

_SESSION = "sess:"
ConversationId = Annotated[str, Query(max_length=600)]
_LINES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A recording as JSON on each line.",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    }
}


def router(workspace: Workspace) -> APIRouter:
    """Return the routes of captured talks."""
    routes = routes_of("observe")

    @routes.get("/conversation")
    def get_conversation(
        who: Asking, project_id: ProjectId, id: ConversationId
    ) -> ConversationView:
        """Return the conversation `sess:<session id>` or `trace:<trace id>` of a project."""
        recording = _recorded(workspace, seen(who, project_id), id)
        return view_of(recording.conversation, recording.fidelity)

    @routes.get("/recording")
    def get_recording(who: Asking, project_id: ProjectId, id: ConversationId) -> Recording:
        """Return the same as it is replayed: every item, its fidelity, and their hash."""
        return _recorded(workspace, seen(who, project_id), id)

    @routes.get("/recordings", response_class=StreamingResponse, responses=_LINES)
    def stream_recordings(
        who: Asking,
        project_id: ProjectId,
        filter: Filtering,
        kind: ConversationKind | None = None,
    ) -> StreamingResponse:
        """Return all conversations that match, newest first: a recording on each line."""
        found = workspace.conversations.list(seen(who, project_id), kind=kind, filter=filter)
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
        named = seen(who, project_id)
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


def _recorded(workspace: Workspace, project: str, id: str) -> Recording:
    try:
        return workspace.conversations.get(project, id)
    except UnknownId:  # said alike of what is nowhere and of what is another project's
        raise UnknownId(
            "conversation", [id], next_step="GET /api/v1/sessions lists those of a project"
        ) from None


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
