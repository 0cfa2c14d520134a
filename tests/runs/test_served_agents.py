"""Agents whose tools are served: over MCP and over HTTP, from this process and from others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import reenact
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.served import mcp_call
from support.story import put, refund


def status_of(url: str, order_id: str) -> str:
    return mcp_call(url, "check_status", order_id=order_id).text


def mcp_agent(messages: list[dict[str, Any]], message: str) -> str:
    """Calls its tools at an MCP server whose address it asks for."""
    url = reenact.mcp_url("http://127.0.0.1:1/production")
    if "A-1001" in message:
        return f"It has {status_of(url, 'A-1001')}."
    if "A-1003" in message:
        said = mcp_call(url, "issue_refund", order_id="A-1003", amount=49.9)
        return "I have refunded $49.90." if not said.failed else said.text
    return f"I am sorry. A-1003 is {status_of(url, 'A-1003')}."


def test_an_mcp_client_of_this_process_is_replayed(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, *(refund(f"s{number}") for number in range(4)))
    run = reenact.replay(
        mcp_agent, project="shop", all=True, tools="served", concurrency=4, settings=settings
    )
    for call in run.calls:
        assert call.error is None
        asked = [one for turn in call.turns for one in turn.tool_calls]
        assert [(one.name, one.provenance) for one in asked] == [
            ("check_status", "recorded"),
            ("issue_refund", "recorded"),
            ("check_status", "recorded"),
        ]
