"""What a dialect reader makes of one span: typed facts and messages in one normal form.

One reading is made for every span that comes in, so these are structs: frozen like dataclasses,
and made in a fifth of the time. `msgspec.structs.replace` gives a changed one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from reenact.domain.conversation import ToolDefinition, Usage
from reenact.domain.fidelity import AxisName
from reenact.domain.span import Span, SpanKind

WireRole = Literal["system", "user", "assistant", "tool"]
_UNKNOWN = Usage()


class WireCall(msgspec.Struct, frozen=True, kw_only=True):
    """A tool call that a model asked for, as its message says it."""

    name: str
    id: str | None = None
    arguments: Any = None
    """Parsed; None where they do not parse, and then `raw` holds what was there."""
    raw: str | None = None


class WireResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a tool answered, as the next model call's input says it."""

    id: str | None = None
    name: str | None = None
    content: Any = None
    """Parsed JSON, or the text where it is not JSON."""
    failed: bool = False


class WireMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a model call's input or output, in one form for all dialects."""

    role: WireRole
    text: str | None = None
    calls: tuple[WireCall, ...] = ()
    results: tuple[WireResult, ...] = ()


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of one span. What the span does not say is None or empty, never a guess."""

    reader: str
    kind: SpanKind = "other"
    session_id: str | None = None
    user_id: str | None = None
    agent_name: str | None = None
    agent_version: str | None = None
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = MappingProxyType({})
    input_text: str | None = None
    """Agents and roots: the user's words they were given."""
    output_text: str | None = None
    """Agents and roots: what they answered."""
    error: str | None = None
    phantom: bool = False
    """True for spans that libraries add and that stand for nothing that happened."""
    turn: bool = False
    """True for a span that holds one turn, in libraries that trace a whole talk at once."""
    waits: bool = False
    """True for a span that begins before the user has spoken: its start is not the turn's."""
    truncated: tuple[str, ...] = ()
    """The attributes that were cut."""
    gaps: Mapping[AxisName, str] = MappingProxyType({})
    """Why this source lacks a kind of fact, and what to do; see `Conversation.gaps`."""
    handoff_source: str | None = None
    handoff_target: str | None = None
    # model calls
    system_prompt: str | None = None
    messages_in: tuple[WireMessage, ...] = ()
    """Without system messages. In a brief reading only the last one of the user."""
    messages_out: tuple[WireMessage, ...] = ()
    calls_told: bool = True
    """False where a model call's span never holds its tool calls; the next one's input does."""
    tools: tuple[ToolDefinition, ...] = ()
    model: str | None = None
    """The model that was asked for."""
    model_response: str | None = None
    provider: str | None = None
    usage: Usage = _UNKNOWN
    cost: float | None = None
    """In USD, where the telemetry states it."""
    streamed: bool | None = None
    time_to_first_token_ms: float | None = None
    # tool spans
    tool_name: str | None = None
    tool_call_id: str | None = None
    tool_arguments: Any = None
    tool_arguments_raw: str | None = None
    """The text of arguments that are not an object of named values."""
    tool_answered: bool = False
    tool_result: Any = None
    # retrieval spans
    query: str | None = None
    documents: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One way of writing agent telemetry into spans.

    `claims` says cheaply whether a span is of this dialect. `read(span, brief)` gives its
    facts; a brief reading is for filters and lists and leaves out what they do not need
    (tool definitions, the system prompt, all messages but the last one of the user).
    """

    name: str
    claims: Callable[[Span], bool]
    read: Callable[[Span, bool], Reading]
    content: str | None = None
    """What to set so that the library sends what was said; many send it only when asked."""
