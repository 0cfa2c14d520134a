"""The gate before each turn: where a run is stopped cleanly, for its budget or because asked.

Turns that are under way are finished and kept. A talk whose next turn may not begin is put
aside; it goes on with that turn when the run does.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from reenact.agents.outside import AgentBefore
from reenact.agents.port import Agent, AgentReply, AgentRequest


class TalkPaused(Exception):
    """Raised where a turn may not begin, through the loop and up to whoever runs the talk."""


class Gate:
    """Open until it is closed, once, by whoever has a reason."""

    def __init__(self) -> None:
        self.reason: str | None = None
        """Why no further turn begins; None while they do."""
        self.held = 0
        """How many talks were put aside."""

    def close(self, reason: str) -> None:
        """Let no further turn begin."""
        self.reason = self.reason or reason


class GatedAgent(AgentBefore):
    """An agent that is asked only while the gate is open; a turn that has begun may end."""

    def __init__(self, agent: Agent, gate: Gate, *, begins: Callable[[], None] | None = None):
        super().__init__(agent)
        self._gate = gate
        self._begins = begins
        self._ready, self._reply = agent.ready, agent.reply

    async def ready(self) -> None:
        """Wait until a turn may begin; a closed gate is told by `reply`, and at once."""
        if self._gate.reason is None:
            await self._ready()

    def reply(self, request: AgentRequest) -> Coroutine[Any, Any, AgentReply]:
        """Ask the agent once; raises TalkPaused where a turn would begin at a closed gate."""
        gate = self._gate
        if (self._begins is not None or gate.reason is not None) and _begins_a_turn(request):
            if self._begins is not None and gate.reason is None:
                self._begins()
            if gate.reason is not None:
                gate.held += 1
                raise TalkPaused(gate.reason)
        return self._reply(request)


def _begins_a_turn(request: AgentRequest) -> bool:
    """Tell the first question of a turn from one that brings the results of tools."""
    return request.headers.get("idempotency-key", "").endswith(":0")
