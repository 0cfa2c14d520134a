"""Spans of one kind to the item they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from reenact.capture.assembly.loops import is_silent
from reenact.capture.assembly.tools import Asked, error_in, is_cut
from reenact.capture.assembly.trees import Node
from reenact.capture.reading import WireCall, WireMessage, WireResult
from reenact.domain.conversation import (
    Cost,
    Failure,
    Handoff,
    Item,
    Message,
    ModelCall,
    Retrieval,
    Role,
    ToolCall,
    words,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(nanoseconds: int) -> datetime | None:
    """Return Unix nanoseconds as a UTC time, to the microsecond; None for 0 (unknown)."""
    if nanoseconds <= 0:
        return None
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def message_item(
    role: Role, text: str, node: Node, *, author: str | None, began: Node | None = None
) -> Message:
    """Return something said in `node`; it began with the model call, where that is another."""
    span = node.span
    return Message(
        role=role,
        parts=words(text),
        author=author,
        started_at=moment((began or node).span.start_ns),
        ended_at=moment(max(span.start_ns, span.end_ns)),
        trace_id=span.trace_id,
        span_id=span.span_id,
    )


def model_call_item(node: Node) -> ModelCall:
    """Return a model call; its cost is computed where the telemetry states none."""
    reading, span = node.reading, node.span
    model = reading.model or reading.model_response
    cost = Cost(amount=reading.cost) if reading.cost is not None else None
    if cost is None and reading.error is None:
        from reenact.pricing import cost_of

        cost = cost_of(
            reading.usage,
            model=reading.model_response or model,
            provider=reading.provider,
            at=moment(span.start_ns),
        )
    return ModelCall(
        agent=_agent(node),
        model=model,
        model_response=reading.model_response,
        system_prompt=reading.system_prompt,
        usage=reading.usage,
        cost=cost,
        streamed=reading.streamed,
        time_to_first_token_ms=reading.time_to_first_token_ms,
        error=reading.error,
        started_at=moment(span.start_ns),
        ended_at=moment(max(span.start_ns, span.end_ns)),
        trace_id=span.trace_id,
        span_id=span.span_id,
    )


def _agent(node: Node) -> str | None:
    return next((n.reading.agent_name for n in (node, *node.above) if n.reading.agent_name), None)


def tool_call_item(asked: Asked) -> ToolCall:
    """Return a call that a model asked for, with its span's or the wire's result."""
    node, told, error = asked.ran, asked.told, asked.error
    result = None
    if error is None and node is not None and node.reading.tool_answered:
        result = node.reading.tool_result
    elif error is None and told is not None:
        result = told.content
    answered = node is not None or told is not None
    at = asked.by or asked.before
    return ToolCall(
        name=asked.wire.name,
        arguments=asked.wire.arguments,
        arguments_raw=asked.wire.raw,
        result=result,
        error=error,
        id=asked.wire.id or (node.reading.tool_call_id if node else None),
        agent=_agent(at) if at else None,
        group=asked.group,
        answered=answered,
        truncated=answered and error is None and is_cut(asked, node.reading if node else None),
        started_at=moment(node.span.start_ns) if node else None,
        ended_at=moment(max(node.span.start_ns, node.span.end_ns)) if node else None,
        trace_id=(node or at).span.trace_id if node or at else None,  # type: ignore[union-attr]
        span_id=node.span.span_id if node else None,
    )


def loose_item(node: Node, former: Node | None) -> Item:
    """Return a retrieval, a handoff, or a tool's run that no model is known to have asked for.

    `former` is the model call before it: where its output is not there, it may have.
    """
    reading, span = node.reading, node.span
    times: dict[str, Any] = {
        "started_at": moment(span.start_ns),
        "ended_at": moment(max(span.start_ns, span.end_ns)),
        "trace_id": span.trace_id,
        "span_id": span.span_id,
    }
    if reading.kind == "handoff":
        del times["ended_at"]
        return Handoff(source=reading.handoff_source, target=reading.handoff_target, **times)
    if reading.kind != "tool":
        return Retrieval(query=reading.query, documents=reading.documents, **times)
    return ToolCall(
        name=reading.tool_name or span.name,
        arguments=reading.tool_arguments,
        arguments_raw=reading.tool_arguments_raw,
        result=reading.tool_result,
        error=reading.error,
        id=reading.tool_call_id,
        requested=former is not None and is_silent(former),
        truncated=reading.error is None and is_cut(None, reading),
        **times,
    )


def said_items(messages: Sequence[WireMessage]) -> Iterator[Item]:
    """Yield the agent's words out of a history (its tool calls are asked calls already)."""
    for message in messages:
        if message.role == "assistant" and message.text:
            yield Message(role="assistant", parts=words(message.text))


def earlier_items(messages: Sequence[WireMessage]) -> Iterator[Item]:
    """Yield the messages and tool calls of an earlier history; they have no times."""
    for place, message in enumerate(messages):
        if message.text and message.role in ("user", "assistant"):
            role: Role = "user" if message.role == "user" else "assistant"
            yield Message(role=role, parts=words(message.text))
        if message.calls:
            after = messages[place + 1] if place + 1 < len(messages) else None
            yield from _earlier_calls(message.calls, after.results if after else ())


def _earlier_calls(calls: Sequence[WireCall], results: Sequence[WireResult]) -> Iterator[Item]:
    left = list(results)
    for wire in calls:
        call = ToolCall(
            name=wire.name,
            arguments=wire.arguments,
            arguments_raw=wire.raw,
            id=wire.id,
            answered=False,
        )
        same = [result for result in left if result.id and result.id == wire.id]
        found = same or [result for result in left if not (result.id and wire.id)]
        if found:
            left.remove(found[0])
            error = error_in(found[0])
            result = None if error else found[0].content
            call = replace(call, answered=True, result=result, error=error)
        yield call


def failure_item(node: Node) -> Failure:
    """Return the failure of a turn that nobody answered."""
    span = node.span
    return Failure(
        error=node.reading.error or "failed",
        started_at=moment(span.start_ns),
        ended_at=moment(max(span.start_ns, span.end_ns)),
        trace_id=span.trace_id,
        span_id=span.span_id,
    )
