"""Agents: how to reach one (a target), and the numbered versions of its definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from reenact.domain.conversation import ByKind, ToolDefinition

ToolsMode = Literal["intercepted", "returned", "served", "own"]
"""Who runs the agent's tools in a replay: our interceptors answer (`intercepted`), the agent
hands its calls back to us (`returned`), it asks our tool server (`served`), or it runs them
itself (`own`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallableTarget:
    """A Python function of this machine, named `module:function`."""

    path: str
    tools: ToolsMode = "intercepted"
    stateless: bool = True
    kind: Literal["callable"] = "callable"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTarget:
    """An HTTP endpoint that takes JSON.

    `request` is the body with placeholders such as `{{message}}`; `headers` may hold
    `${NAME}` for an environment variable, filled in when a request is sent and never stored.
    """

    url: str
    method: Literal["POST", "PUT"] = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    request: Any = None
    response: Mapping[str, str] = field(default_factory=dict)
    """Where the answer holds what: `text`, `tool_calls`, `input_tokens`, `output_tokens`,
    `model` -> a path such as `choices.0.message.content`."""
    stream: Literal["none", "sse", "jsonl", "text"] = "none"
    template: Literal["json", "openai", "responses"] = "json"
    model: str | None = None
    tools: ToolsMode = "own"
    stateless: bool = True
    kind: Literal["http"] = "http"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandTarget:
    """A program of this machine that speaks JSON lines. No shell reads its command."""

    command: tuple[str, ...]
    folder: str | None = None
    """Where it is started; None for the working folder."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Set beside what the environment holds; `${NAME}` is filled in when it is started."""
    lifetime: Literal["answer", "talk", "run"] = "talk"
    """How long a process lives: for one answer (its stdin ends after the question), for one talk
    (nothing goes from talk to talk), or for the run (for programs that are slow to start; as many
    as there are talks at once)."""
    tools: ToolsMode = "own"
    stateless: bool = True
    kind: Literal["command"] = "command"


AgentTarget = Annotated[CallableTarget | HttpTarget | CommandTarget, ByKind()]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSnapshot:
    """The configuration that one version stands for."""

    system_prompt: str | None = None
    model: str | None = None
    tools: tuple[ToolDefinition, ...] = ()
    provider_settings: Mapping[str, Any] = field(default_factory=dict)
    agent_type: Literal["text"] = "text"
    description: str = ""
    target: AgentTarget | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentVersion:
    """An immutable, numbered version of an agent definition."""

    number: int
    snapshot: AgentSnapshot
    created_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDefinition:
    """A named agent with its versions, oldest first."""

    id: str
    project_id: str
    name: str
    versions: tuple[AgentVersion, ...]

    @property
    def latest(self) -> AgentVersion:
        """The newest version."""
        return self.versions[-1]
