"""The port to an agent under test: what it is asked, what it may answer, how it may fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from reenact.domain.agent import ToolsMode
from reenact.domain.conversation import Usage

FailureKind = Literal["exception", "nonsense", "status", "unreachable", "timeout"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRequest:
    """One question to the agent.

    `messages` are OpenAI-style dicts: what was said before `message`. When the agent asked
    for tools, it is asked again with its calls and their results as the last of `messages`,
    and `message` is then empty.
    """

    messages: list[dict[str, Any]]
    message: str
    session_id: str
    """Fresh for every replayed conversation, so that production memory is never touched."""
    turn: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """`traceparent`, `baggage` and `idempotency-key`: an HTTP agent gets them as they are."""
    mcp_url: str | None = None
    """Where this turn's tools are served over MCP; None where they are not served."""
    tools_url: str | None = None
    """The same as a plain HTTP endpoint."""


@dataclass(frozen=True, slots=True)
class RequestedTool:
    """A tool call that the agent hands back to be answered."""

    name: str
    arguments: Any = field(default_factory=dict)
    id: str | None = None


@dataclass(frozen=True, slots=True)
class AgentReply:
    """What the agent answered: words, or tool calls it wants answered, or both."""

    text: str | None = None
    tool_calls: Sequence[RequestedTool | Mapping[str, Any]] = ()
    usage: Usage | None = None
    model: str | None = None
    time_to_first_token_ms: float | None = None
    streamed: bool | None = None


class AgentFailed(Exception):
    """Raised by an agent adapter when the agent gave no usable answer; says how and why.

    The engine turns it into a failed turn. Only `unreachable` is tried again, and only where
    the connection was never made: anything else may already have had an effect.
    """

    def __init__(self, kind: FailureKind, message: str):
        self.kind = kind
        super().__init__(message)


class Agent(Protocol):
    """A way to reach one agent. Used from one event loop, by many conversations at once."""

    @property
    def tools(self) -> ToolsMode:
        """Who runs this agent's tools in a replay."""

    @property
    def stateless(self) -> bool:
        """True where every request carries the whole talk, so that a resume can go on."""

    @property
    def in_process(self) -> bool:
        """True where the agent runs here, so that its instrumentation needs our trace context."""

    @property
    def intercepted(self) -> frozenset[str]:
        """Names of the tools whose calls the replay answers (empty unless `intercepted`)."""

    async def ready(self) -> None:
        """Wait until a turn may begin; the agent is not asked faster than it may be."""

    async def reply(self, request: AgentRequest) -> AgentReply:
        """Ask the agent once; who asks bounds the time, and cancels what is late.

        Raises:
            AgentFailed: when there is no usable answer.
        """

    async def forget(self, session_id: str) -> None:
        """Let go of what was kept for a talk that has ended."""

    async def aclose(self) -> None:
        """Let go of connections."""
