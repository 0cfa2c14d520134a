"""One talk run through the loop, with a journal in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from reenact.agents.callable import CallableAgent
from reenact.domain.agent import CallableTarget, ToolsMode
from reenact.domain.run import CallExecution
from reenact.replay.conversation import Talk, run_conversation
from reenact.tools.interceptor import interceptors
from support.memory_journal import MemoryJournal


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
