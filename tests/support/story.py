"""The refund story in a store, and two agents to replay it against."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reenact.domain.conversation import Conversation
from reenact.tools.interceptor import tool
from support.stored import put
from support.talks import REFUND

__all__ = ["check_status", "fixed", "issue_refund", "old", "put", "refund"]


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


def refund(id: str) -> Conversation:
    """Return the refund story under another session id."""
    return replace(REFUND, id=f"sess:{id}", session_id=id)
