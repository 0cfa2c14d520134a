"""The refund story in a store, and two agents to replay it against."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reenact.capture.ingest import ingest
from reenact.capture.items import spans_of
from reenact.domain.conversation import Conversation
from reenact.runs.workspace import Workspace
from reenact.tools.interceptor import tool
from support.talks import REFUND


@tool(effect="read")
def check_status(order_id: str) -> dict[str, str]:
    raise AssertionError("a tool ran for real")


@tool(effect="write")
def issue_refund(order_id: str, amount: float) -> dict[str, bool]:
    raise AssertionError("a tool ran for real")


def old(messages: list[dict[str, Any]], message: str) -> str:
    """The agent of the recording, which refunds where it was asked for the status."""
    if "A-1001" in message:
        return f"It has {check_status('A-1001')['status']}."
    if "A-1003" in message:
        issue_refund("A-1003", 49.9)
        return "I have refunded $49.90."
    return f"I am sorry. A-1003 is {check_status('A-1003')['status']}."


def fixed(messages: list[dict[str, Any]], message: str) -> str:
    """The agent that looks the order up."""
    if "A-1003" in message:
        return f"A-1003 is {check_status('A-1003')['status']}."
    return old(messages, message)


def put(workspace: Workspace, *conversations: Conversation) -> None:
    """Store conversations as an import would."""
    for conversation in conversations:
        ingest(spans_of(conversation), store=workspace.spans, project=conversation.project)


def refund(id: str) -> Conversation:
    """Return the refund story under another session id."""
    return replace(REFUND, id=f"sess:{id}", session_id=id)
