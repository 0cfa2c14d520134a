"""Conversations in a store. Apart from the story, whose tools are decorated when it is imported."""

from __future__ import annotations

from reenact.capture.items import spans_of
from reenact.domain.conversation import Conversation
from reenact.runs.workspace import Workspace
from support.ingesting import ingest


def put(workspace: Workspace, *conversations: Conversation) -> None:
    """Store conversations as an import would."""
    for conversation in conversations:
        ingest(spans_of(conversation), store=workspace.spans, project=conversation.project)
