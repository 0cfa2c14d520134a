"""A conversation: the ordered items of what was said and done. The truth of a replay.

Times are timezone-aware UTC datetimes; an unknown value is None, never 0 or "".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from reenact.domain.fidelity import AxisName
from reenact.domain.span import Origin

Role = Literal["user", "assistant", "operator", "system"]
Requestor = Literal["agent", "user"]
Effect = Literal["read", "write", "unknown"]
ConversationKind = Literal["session", "trace"]
Provenance = Literal["recorded", "declared", "simulated", "live", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """Words."""

    text: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobPart:
    """Bytes kept elsewhere: an image, a recording. `ref` is the address in the blob store."""

    media_type: str
    ref: str
    kind: Literal["blob"] = "blob"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPart:
    """Structured content of a message (a form, a card)."""

    data: Any
    kind: Literal["data"] = "data"


@dataclass(frozen=True, slots=True)
class ByKind:
    """Marks a union whose members are told apart by their field `kind`.

    pydantic asks annotations for a schema by this method's name. With it a reader looks at
    `kind` and reads one member, instead of trying them all.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> dict[str, Any]:
        """Return the union's schema with its members keyed by their kind."""
        choices = handler(source)["choices"]
        kinds = (member.__dataclass_fields__["kind"].default for member in get_args(source))
        keyed = dict(zip(kinds, choices, strict=True))
        return {"type": "tagged-union", "discriminator": "kind", "choices": keyed}


Part = Annotated[TextPart | BlobPart | DataPart, ByKind()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one or several model calls."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Money: as the telemetry stated it, or computed from tokens and a price list."""

    amount: float
    currency: str = "USD"
    source: Literal["telemetry", "computed"] = "telemetry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something said. `author` is the user's id for a user, the agent's name for an agent."""

    role: Role
    parts: tuple[Part, ...]
    author: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    trace_id: str | None = None
    span_id: str | None = None
    provenance: Provenance | None = None
    """Set on the messages of a replay, None in a recording."""
    kind: Literal["message"] = "message"

    @property
    def text(self) -> str:
        """The words of all text parts, joined by newlines."""
        if len(self.parts) == 1 and isinstance(only := self.parts[0], TextPart):
            return only.text
        return "\n".join(part.text for part in self.parts if isinstance(part, TextPart))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One request to a language model."""

    agent: str | None = None
    model: str | None = None
    """The model that was asked for, else the one that answered."""
    model_response: str | None = None
    system_prompt: str | None = None
    usage: Usage = field(default_factory=Usage)
    cost: Cost | None = None
    streamed: bool | None = None
    time_to_first_token_ms: float | None = None
    error: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    trace_id: str | None = None
    span_id: str | None = None
    kind: Literal["model_call"] = "model_call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """How a tool call of a replay was answered, or why it was not."""

    rung: int | None = None
    """The rung of the matching ladder: 1 same arguments, 2 same after normalising, 3 same key
    fields, 4 clearly nearest, 5 the same thing seen in another result."""
    score: float | None = None
    """On rung 4, how alike the calls are, from 0 to 1."""
    recorded_call: int | None = None
    """Which recorded call answered: its place among the recording's tool calls, from 0. On rung 5
    the call whose result showed the thing."""
    model: str | None = None
    """The model that made up a simulated result."""
    miss: str | None = None
    """Why no recorded answer fitted, with the nearest call and the field that differs."""
    declare: str | None = None
    """The lines to paste into the scenario to declare a result for this call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call of a tool: what was asked and what came back.

    `answered` with `error` None means that `result` is what came back (it may be JSON null).
    `arguments` is None where they could not be recovered; `arguments_raw` then holds what
    was there.
    """

    name: str
    arguments: Any = None
    arguments_raw: str | None = None
    result: Any = None
    error: str | None = None
    id: str | None = None
    requestor: Requestor = "agent"
    agent: str | None = None
    group: int | None = None
    """Calls that the model asked for in one answer share a number; they have no order."""
    requested: bool = True
    answered: bool = True
    truncated: bool = False
    """True where the capture cut the result short."""
    effect: Effect = "unknown"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    trace_id: str | None = None
    span_id: str | None = None
    provenance: Provenance | None = None
    served: Served | None = None
    kind: Literal["tool_call"] = "tool_call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """A look-up in a knowledge base."""

    query: str | None = None
    documents: tuple[Any, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    trace_id: str | None = None
    span_id: str | None = None
    kind: Literal["retrieval"] = "retrieval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """One agent passing the talk to another, or to a person."""

    source: str | None = None
    target: str | None = None
    started_at: datetime | None = None
    trace_id: str | None = None
    span_id: str | None = None
    kind: Literal["handoff"] = "handoff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The agent gave no answer: an exception, a timeout, nonsense."""

    error: str
    reason: Literal["agent_error", "timeout", "unreachable"] = "agent_error"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    trace_id: str | None = None
    span_id: str | None = None
    kind: Literal["failure"] = "failure"


Item = Annotated[Message | ModelCall | ToolCall | Retrieval | Handoff | Failure, ByKind()]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDefinition:
    """A tool as the model saw it; `parameters` is its JSON schema."""

    name: str
    description: str | None = None
    parameters: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionScore:
    """A score that came with the capture, such as a benchmark's reward."""

    name: str
    value: float
    source: str = "capture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What was said and done in one session, or in one trace that has no session."""

    id: str
    """`sess:<session id>` or `trace:<trace id>` (of joined traces the first one's)."""
    project: str
    kind: ConversationKind
    session_id: str | None = None
    trace_ids: tuple[str, ...] = ()
    agent_name: str | None = None
    agent_version: str | None = None
    items: tuple[Item, ...] = ()
    history: tuple[Item, ...] = ()
    """Messages and tool calls seen on the wire that came before the first item."""
    tools: tuple[ToolDefinition, ...] = ()
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    scores: tuple[SessionScore, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    time_synthetic: bool = False
    """True where the source has no clock and the times were made up one second apart."""
    origin: Origin = "production"
    spoken: bool = False
    """True for a call of which this is the transcript: its times hold speech, so that they
    are no measure for an answer in text."""
    cost: Cost | None = None
    """What the source says that the whole talk cost, where it does not say it by model call."""
    usage: Usage = field(default_factory=Usage)
    """The tokens of the whole talk, where the source does not say them by model call."""
    gaps: Mapping[AxisName, str] = field(default_factory=dict)
    """Why the source lacks a kind of fact, and what to do about it; fidelity says it."""

    @property
    def system_prompt(self) -> str | None:
        """The first system prompt that a model call was given."""
        return next((c.system_prompt for c in self.model_calls if c.system_prompt), None)

    @property
    def model_calls(self) -> tuple[ModelCall, ...]:
        """All model calls, in order."""
        return tuple(item for item in self.items if isinstance(item, ModelCall))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """All tool calls, in order, unanswered ones included."""
        return tuple(item for item in self.items if isinstance(item, ToolCall))


def words(text: str) -> tuple[Part, ...]:
    """Return `text` as the parts of a message."""
    return (TextPart(text=text),)
