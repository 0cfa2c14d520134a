"""An agent that is asked no faster than it may be: requests and tokens a minute.

A turn begins when there is room for it and nothing is owed. What it uses after its first request
(more rounds of tools, its tokens, which nobody knows before) is charged as it is used: waiting in
the middle of a turn would count as the agent's own time. So the rates hold over a run, and turns
that are in flight at once may exceed them for a moment.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from reenact.agents.outside import AgentBefore
from reenact.agents.port import Agent, AgentReply, AgentRequest

_CHARACTERS_PER_TOKEN = 4

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[Any]]


def paced(
    agent: Agent, *, requests_per_minute: float | None, tokens_per_minute: float | None
) -> Agent:
    """Return `agent`, or one that keeps to the rates that are given."""
    if requests_per_minute is None and tokens_per_minute is None:
        return agent
    return PacedAgent(
        agent, requests_per_minute=requests_per_minute, tokens_per_minute=tokens_per_minute
    )


class _Bucket:
    """Fills at a steady rate up to a second's worth, and may be in debt."""

    def __init__(self, per_minute: float, *, room: float, now: float):
        self._rate = per_minute / 60
        self._most = max(room, self._rate)
        self._level = self._most
        self._at = now

    def wait_s(self, room: float, *, now: float) -> float:
        """Return the seconds until there is `room`."""
        self._level = min(self._most, self._level + (now - self._at) * self._rate)
        self._at = now
        return max(0.0, room - self._level) / self._rate

    def take(self, used: float) -> None:
        self._level -= used


class PacedAgent(AgentBefore):
    """Passes everything on to `agent`, at the pace of all talks that share it."""

    def __init__(
        self,
        agent: Agent,
        *,
        requests_per_minute: float | None,
        tokens_per_minute: float | None,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ):
        super().__init__(agent)
        self._clock = clock
        self._sleep = sleep
        now = clock()
        self._requests = (
            _Bucket(requests_per_minute, room=1, now=now) if requests_per_minute else None
        )
        self._tokens = _Bucket(tokens_per_minute, room=1, now=now) if tokens_per_minute else None
        self._first_come = asyncio.Lock()

    def __repr__(self) -> str:
        return f"PacedAgent({self._agent!r})"

    async def ready(self) -> None:
        """Wait until a turn may begin, in the order of asking, and take its first request."""
        async with self._first_come:
            while (wait_s := self._wait_s()) > 0:
                await self._sleep(wait_s)
            if self._requests is not None:
                self._requests.take(1)
        await super().ready()

    async def reply(self, request: AgentRequest) -> AgentReply:
        """Ask, and charge what it took; raises AgentFailed as the agent does."""
        if self._requests is not None and not request.message:
            self._requests.take(1)  # asked again with the results of its tools
        reply = await self._agent.reply(request)
        if self._tokens is not None:
            self._tokens.take(_tokens(request, reply))
        return reply

    def _wait_s(self) -> float:
        now = self._clock()
        asked = (self._requests, self._tokens)
        return max(bucket.wait_s(1, now=now) if bucket else 0.0 for bucket in asked)


def _tokens(request: AgentRequest, reply: AgentReply) -> float:
    """Return the tokens that the reply states; else about as many as its words have."""
    usage = reply.usage
    if usage is not None and usage.input_tokens is not None and usage.output_tokens is not None:
        return usage.input_tokens + usage.output_tokens
    words = [request.message, reply.text or ""]
    words += [str(message.get("content") or "") for message in request.messages]
    return sum(map(len, words)) / _CHARACTERS_PER_TOKEN
