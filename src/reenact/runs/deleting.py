"""Deletion of conversations: their spans, and their recordings where that is asked."""

from __future__ import annotations

from dataclasses import dataclass

from reenact.domain.conversation import Conversation
from reenact.runs.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedConversation:
    """What was removed of a conversation."""

    id: str
    project: str
    traces: int
    spans: int
    recordings: int
    scenarios: tuple[str, ...] = ()
    """Scenarios with a row that can no longer be run, because its recording is gone."""


def delete_conversation(
    workspace: Workspace, conversation: Conversation, *, recordings: bool = False
) -> DeletedConversation:
    """Delete the spans and log records of `conversation`, and with `recordings` its recordings.

    Recordings stay unless asked: they were chosen to be kept, and tests rest on them. Runs that
    were made of it stay too, and so do kept files.
    """
    project = conversation.project
    session = conversation.session_id
    deleted = workspace.spans.delete(
        project,
        sessions=[session] if session is not None else [],
        traces=[] if session is not None else conversation.trace_ids,
    )
    gone = workspace.records.delete_recordings(project, conversation.id) if recordings else None
    return DeletedConversation(
        id=conversation.id,
        project=project,
        traces=deleted.traces,
        spans=deleted.spans,
        recordings=len(gone.hashes) if gone else 0,
        scenarios=gone.scenarios if gone else (),
    )
