"""What an HTTP agent is sent and how its answers are read: its shape, chosen by its target."""

from __future__ import annotations

from typing import Any, Protocol

from reenact.agents.answers import answer_paths, read_answer
from reenact.agents.port import AgentReply, AgentRequest
from reenact.agents.streams import StreamForm, StreamReader
from reenact.agents.templates import request_template
from reenact.domain.agent import HttpTarget
from reenact.event_stream import Chunks


class Shape(Protocol):
    """How to speak with one HTTP agent."""

    @property
    def streams(self) -> StreamForm | None:
        """The form of its streamed answers; None where they come whole."""

    def fill(self, request: AgentRequest) -> bytes:
        """Return the JSON body for `request`."""

    def whole(self, data: Any) -> AgentReply:
        """Return the reply that a whole JSON answer holds; raises AgentFailed."""

    async def streamed(self, chunks: Chunks, *, started: float) -> AgentReply:
        """Return the reply that a stream makes up; raises AgentFailed."""

    def settle(self, request: AgentRequest, reply: AgentReply) -> None:
        """Note what the next request of the talk needs to know of `reply`."""

    def forget(self, session_id: str) -> None:
        """Let go of what was noted of a talk."""


class JsonShape:
    """A body with placeholders, and answers with the facts at known paths."""

    def __init__(self, target: HttpTarget):
        self.streams: StreamForm | None = None if target.stream == "none" else target.stream
        self.fill = request_template(target).fill
        self._places = answer_paths(target, streamed=False)
        self._reader = StreamReader(
            form=self.streams or "sse",
            places=answer_paths(target, streamed=True),
            strict_end=target.template == "openai" and target.stream == "sse",
        )

    def whole(self, data: Any) -> AgentReply:
        """Return the reply that a whole JSON answer holds; raises AgentFailed."""
        return read_answer(data, self._places)

    async def streamed(self, chunks: Chunks, *, started: float) -> AgentReply:
        """Return the reply that a stream makes up; raises AgentFailed."""
        return await self._reader.read(chunks, started=started)

    def settle(self, request: AgentRequest, reply: AgentReply) -> None:
        """Nothing is kept from one request to the next."""

    def forget(self, session_id: str) -> None:
        """Nothing was kept."""


def shape_of(target: HttpTarget) -> Shape:
    """Return how to speak with the agent behind `target`.

    Raises:
        AgentNotLoaded: for a placeholder, a path or a stream that cannot work.
    """
    if target.template == "responses":
        from reenact.agents.responses import ResponsesShape

        return ResponsesShape(target)
    return JsonShape(target)
