"""The shape of conversations that other tools read: `conversations --json`.

A stable contract (docs/reference/contract.md); times are RFC 3339 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from reenact.domain.conversation import (
    Conversation,
    ConversationKind,
    Cost,
    ModelCall,
    Provenance,
    Requestor,
    Served,
    SessionScore,
    ToolCall,
    Usage,
)
from reenact.domain.fidelity import Fidelity
from reenact.domain.run import UserChoice
from reenact.domain.span import Origin
from reenact.domain.turn import Turn, turns_of, whole_cost, whole_usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallView:
    """A tool call of a turn."""

    id: str | None
    name: str
    arguments: Any
    arguments_raw: str | None
    result: Any
    error: str | None
    requestor: Requestor
    span_id: str | None
    started_at: datetime | None
    provenance: Provenance | None = None
    served: Served | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCallView:
    """A model call of a turn."""

    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    cached_input_tokens: int | None
    reasoning_tokens: int | None
    streamed: bool | None
    span_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnView:
    """A turn; the provenance fields are set in a replay only."""

    index: int
    user: str | None
    user_id: str | None
    assistant: str | None
    error: str | None
    had_errors: bool
    trace_id: str | None
    started_at: datetime | None
    latency_ms: float | None
    time_to_first_token_ms: float | None
    tool_calls: tuple[ToolCallView, ...]
    model_calls: tuple[ModelCallView, ...]
    usage: Usage
    cost: Cost | None
    provenance: Provenance | None = None
    after_divergence: bool | None = None
    misfit: str | None = None
    choice: UserChoice | None = None
    """In a replay with a guided or simulated user: what the user's side chose to say, and why."""
    spans: tuple[str, ...] = ()
    """In a replay: ids of the spans that the agent itself sent while it answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationView:
    """A conversation as the contract shows it."""

    id: str
    project: str
    kind: ConversationKind
    session_id: str | None
    trace_ids: tuple[str, ...]
    user_ids: tuple[str, ...]
    agent_name: str | None
    agent_version: str | None
    model: str | None
    model_response: str | None
    system_prompt: str | None
    started_at: datetime | None
    ended_at: datetime | None
    time_synthetic: bool
    origin: Origin
    turns: tuple[TurnView, ...]
    usage: Usage
    cost: Cost | None
    metadata: Mapping[str, Any]
    tags: tuple[str, ...]
    scores: tuple[SessionScore, ...]
    fidelity: Fidelity


def view_of(conversation: Conversation, fidelity: Fidelity) -> ConversationView:
    """Return `conversation` in the shape of the contract."""
    turns = turns_of(conversation)
    calls = conversation.model_calls
    users = dict.fromkeys(turn.user_id for turn in turns if turn.user_id)
    return ConversationView(
        id=conversation.id,
        project=conversation.project,
        kind=conversation.kind,
        session_id=conversation.session_id,
        trace_ids=conversation.trace_ids,
        user_ids=tuple(users),
        agent_name=conversation.agent_name,
        agent_version=conversation.agent_version,
        model=next((call.model for call in calls if call.model), None),
        model_response=next((call.model_response for call in calls if call.model_response), None),
        system_prompt=conversation.system_prompt,
        started_at=conversation.started_at,
        ended_at=conversation.ended_at,
        time_synthetic=conversation.time_synthetic,
        origin=conversation.origin,
        turns=tuple(
            _timed(turn_view(turn), conversation.time_synthetic or conversation.spoken)
            for turn in turns
        ),
        usage=whole_usage(conversation),
        cost=whole_cost(conversation),
        metadata=conversation.metadata,
        tags=conversation.tags,
        scores=conversation.scores,
        fidelity=fidelity,
    )


def _timed(turn: TurnView, not_alike: bool) -> TurnView:
    """Return `turn` without durations where its times were made up, or hold speech."""
    if not not_alike:
        return turn
    return replace(turn, latency_ms=None, time_to_first_token_ms=None)


def turn_view(turn: Turn) -> TurnView:
    """Return `turn` in the shape of the contract."""
    spoken = next((m.provenance for m in turn.user_messages if m.provenance), None)
    return TurnView(
        index=turn.index,
        user=turn.user,
        user_id=turn.user_id,
        assistant=turn.assistant,
        error=turn.error,
        had_errors=turn.had_errors,
        trace_id=turn.trace_id,
        started_at=turn.started_at,
        latency_ms=turn.latency_ms,
        time_to_first_token_ms=turn.time_to_first_token_ms,
        tool_calls=tuple(tool_call_view(call) for call in turn.tool_calls),
        model_calls=tuple(_model_call(call) for call in turn.model_calls),
        usage=turn.usage,
        cost=turn.cost,
        provenance=spoken,
    )


def tool_call_view(call: ToolCall) -> ToolCallView:
    """Return `call` in the shape of the contract."""
    return ToolCallView(
        id=call.id,
        name=call.name,
        arguments=call.arguments,
        arguments_raw=call.arguments_raw,
        result=call.result,
        error=call.error,
        requestor=call.requestor,
        span_id=call.span_id,
        started_at=call.started_at,
        provenance=call.provenance,
        served=call.served,
    )


def _model_call(call: ModelCall) -> ModelCallView:
    return ModelCallView(
        model=call.model or call.model_response,
        input_tokens=call.usage.input_tokens,
        output_tokens=call.usage.output_tokens,
        cached_input_tokens=call.usage.cached_input_tokens,
        reasoning_tokens=call.usage.reasoning_tokens,
        streamed=call.streamed,
        span_id=call.span_id,
    )
