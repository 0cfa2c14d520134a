"""The refund story's agents, and one talk run through the loop with a journal in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from reenact.agents.callable import CallableAgent
from reenact.domain.agent import CallableTarget, ToolsMode
from reenact.domain.run import CallExecution
from reenact.replay.conversation import Talk, run_conversation
from reenact.tools.interceptor import interceptors, tool
from support.memory_journal import MemoryJournal


@tool
def check_status(order_id: str) -> dict[str, str]:
    raise AssertionError("a tool ran for real")


@tool
def issue_refund(order_id: str, amount: float) -> dict[str, bool]:
    raise AssertionError("a tool ran for real")


def old(messages: list[dict[str, Any]], message: str) -> str:
    """The agent of the recording: refunds where it was asked for the status."""
    if "A-1001" in message:
        return "It has shipped." if check_status("A-1001")["status"] == "shipped" else "No."
    if "A-1003" in message:
        issue_refund("A-1003", 49.9)
        return "I have refunded $49.90."
    check_status("A-1003")
    return "I am sorry. A-1003 is in transit."


def fixed(messages: list[dict[str, Any]], message: str) -> str:
    """The agent after the bug was found: looks where it was asked to look."""
    if "A-1003" in message:
        return f"A-1003 is {check_status('A-1003')['status']}."
    return old(messages, message)


def run(
    function: Callable[..., Any],
    it: Talk,
    *,
    journal: MemoryJournal | None = None,
    tools: ToolsMode = "intercepted",
) -> tuple[CallExecution, MemoryJournal]:
    """Run a talk to its end; return the call as it ended, and its journal."""
    journal = journal or MemoryJournal()
    target = CallableTarget(path="tests:agent", tools=tools, stateless=True)
    agent = CallableAgent(target, function=function, intercepted=lambda: frozenset(interceptors()))

    async def to_the_end() -> CallExecution:
        ended = await run_conversation(it, agent=agent, journal=journal)
        await ended.keep()
        return ended.call

    return asyncio.run(to_the_end()), journal
