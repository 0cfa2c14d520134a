"""What all agents in other processes have in common, and all that stand before another agent."""

from __future__ import annotations

from reenact.agents.port import Agent
from reenact.domain.agent import CommandTarget, HttpTarget, ToolsMode


class OutsideAgent:
    """An agent in another process: its trace context goes with each request."""

    def __init__(self, target: HttpTarget | CommandTarget) -> None:
        self._outside = target

    @property
    def tools(self) -> ToolsMode:
        """Who runs its tools, as the target declares."""
        return self._outside.tools

    @property
    def stateless(self) -> bool:
        """True unless the target says that the agent keeps the talk on its side."""
        return self._outside.stateless

    @property
    def in_process(self) -> bool:
        """It runs elsewhere."""
        return False

    @property
    def intercepted(self) -> frozenset[str]:
        """None: tools in another process cannot be intercepted from here."""
        return frozenset()

    async def ready(self) -> None:
        """It may be asked at any time."""


class AgentBefore:
    """Stands before another agent and passes on all that is not its own business."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        # Plain attributes: the loop reads them on every turn.
        self.tools: ToolsMode = agent.tools
        self.stateless: bool = agent.stateless
        self.in_process: bool = agent.in_process

    @property
    def intercepted(self) -> frozenset[str]:
        """The tools whose calls the replay answers; they may be found late."""
        return self._agent.intercepted

    async def ready(self) -> None:
        """Wait until a turn may begin."""
        await self._agent.ready()

    async def forget(self, session_id: str) -> None:
        """Let go of what was kept for a talk that has ended."""
        await self._agent.forget(session_id)

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._agent.aclose()
