"""Conversations from foreign exports as spans, and back: one store and one path for everything.

A conversation becomes one trace. Its first span carries everything but the items as JSON in
`reenact.conversation`, and how many items follow; each item is a span with its JSON in
`reenact.item` and its place in `reenact.index`. All ids are digests of project, conversation
id and place, so that importing the same talk twice stores it once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from msgspec import structs

from reenact.capture.facts import facts_of
from reenact.capture.reading import Dialect, Reading
from reenact.capture.values import MAX_TIME_NS
from reenact.codec import from_json, to_json
from reenact.domain.conversation import (
    Conversation,
    Handoff,
    Item,
    Message,
    ModelCall,
    Retrieval,
    ToolCall,
)
from reenact.domain.span import Span, SpanFacts
from reenact.errors import DecodeError

CONVERSATION = "reenact.conversation"
ITEM = "reenact.item"
INDEX = "reenact.index"
COUNT = "reenact.items"
PROMPT = "reenact.system_prompt"
"""On the first span the talk's system prompt; on a model call true where its prompt is that
one. It may be long, and most calls of a talk share it, so it is stored once."""

SCOPE = "reenact.import"
READER = "reenact"

_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def trace_id_of(project: str, conversation_id: str) -> str:
    """Return the trace id that a conversation without one of its own is stored under."""
    return _digest(project, conversation_id)[:32]


def identified(conversation: Conversation) -> Conversation:
    """Return `conversation` with the trace and span ids that its spans will have.

    An item that names a trace already keeps its ids.
    """
    trace_id = _trace_id(conversation)
    items = tuple(
        item
        if item.trace_id
        else replace(item, trace_id=trace_id, span_id=_span_id(conversation, place))
        for place, item in enumerate(conversation.items)
    )
    return replace(conversation, items=items, trace_ids=conversation.trace_ids or (trace_id,))


def spans_of(conversation: Conversation) -> tuple[Span, ...]:
    """Return `conversation` as spans; `conversation_from` gives it back exactly."""
    prompt = conversation.system_prompt
    first = _span(
        conversation,
        place=None,
        name="conversation",
        times=(conversation.started_at, conversation.ended_at),
        error=None,
        attributes={
            CONVERSATION: _json(replace(conversation, items=()), Conversation),
            COUNT: len(conversation.items),
            **({} if prompt is None else {PROMPT: prompt}),
        },
    )
    spans = [first]
    for place, item in enumerate(conversation.items):
        started = item.started_at
        ended = None if isinstance(item, Handoff) else item.ended_at
        span = _span(
            conversation,
            place=place,
            name=_name(item),
            times=(started or ended, ended or started),
            error=getattr(item, "error", None),
            attributes={INDEX: place, **_packed(item, prompt)},
        )
        # An item without a clock stands where the one before it ended, for lists by time.
        spans.append(span if started or ended else _at(span, spans[-1].end_ns))
    return tuple(spans)


def conversation_from(spans: Sequence[Span]) -> Conversation:
    """Return the conversation that `spans_of` made into `spans`, given in any order.

    Items beyond the number that the first span names are of another, later version of the
    same talk, and are left out: the first import stands.

    Raises:
        DecodeError: where the first span or an item is missing, or does not read.
    """
    first = next((span for span in spans if CONVERSATION in span.attributes), None)
    if first is None:
        raise DecodeError(
            "the spans of an imported conversation lack the first one",
            where=f"trace {spans[0].trace_id}" if spans else None,
            next_step="import its file again",
        )
    where = f"imported conversation, trace {first.trace_id}"
    conversation = from_json(Conversation, str(first.attributes[CONVERSATION]), where=where)
    count = first.attributes.get(COUNT)
    found = {s.attributes.get(INDEX): s for s in spans if s.trace_id == first.trace_id}
    wanted = range(count if isinstance(count, int) else len(found) - 1)
    missing = [place for place in wanted if place not in found]
    if missing:
        raise DecodeError(
            f"{len(missing)} of {len(wanted)} items are not stored, the first is item {missing[0]}",
            where=f"{conversation.id}, trace {first.trace_id}",
            next_step="import its file again: what is there is not doubled",
        )
    prompt = first.attributes.get(PROMPT)
    items = tuple(_item(found[place], where, prompt) for place in wanted)
    return replace(conversation, items=items)


def claims(span: Span) -> bool:
    """Tell whether `span` was made by `spans_of`."""
    return span.scope_name == SCOPE and (ITEM in span.attributes or CONVERSATION in span.attributes)


def read(span: Span, brief: bool) -> Reading:
    """Return the facts of a span that `spans_of` made."""
    where = f"imported span {span.span_id}"
    session = span.attributes.get("session.id")
    common: dict[str, Any] = {"reader": READER, "session_id": session if session else None}
    if CONVERSATION in span.attributes:
        told = from_json(Conversation, str(span.attributes[CONVERSATION]), where=where)
        return Reading(
            kind="agent",
            agent_name=told.agent_name,
            agent_version=told.agent_version,
            tags=told.tags,
            metadata={} if brief else told.metadata,
            tools=told.tools,
            **common,
        )
    return Reading(**common, **_facts(_item(span, where)))


def facts_of_item_span(span: Span) -> SpanFacts:
    """Return what filters and lists need of a span that `spans_of` made."""
    return facts_of(span)


DIALECT = Dialect(name=READER, claims=claims, read=read)


def _facts(item: Item) -> dict[str, Any]:
    if isinstance(item, Message):
        return _message_facts(item)
    if isinstance(item, ModelCall):
        return {
            "kind": "model",
            "agent_name": item.agent,
            "system_prompt": item.system_prompt,
            "model": item.model,
            "model_response": item.model_response,
            "usage": item.usage,
            "cost": item.cost.amount if item.cost else None,
            "streamed": item.streamed,
            "time_to_first_token_ms": item.time_to_first_token_ms,
            "error": item.error,
        }
    if isinstance(item, ToolCall):
        return {
            "kind": "tool",
            "agent_name": item.agent,
            "tool_name": item.name,
            "tool_call_id": item.id,
            "tool_arguments": item.arguments,
            "tool_arguments_raw": item.arguments_raw,
            "tool_answered": item.answered,
            "tool_result": item.result,
            "error": item.error,
        }
    if isinstance(item, Retrieval):
        return {"kind": "retrieval", "query": item.query, "documents": item.documents}
    if isinstance(item, Handoff):
        return {"kind": "handoff"}
    return {"kind": "agent", "error": item.error}


def _message_facts(message: Message) -> dict[str, Any]:
    if message.role == "user":
        return {"user_id": message.author, "input_text": message.text or None}
    if message.role in ("assistant", "operator"):
        return {"output_text": message.text or None}
    return {}


def _span(
    conversation: Conversation,
    *,
    place: int | None,
    name: str,
    times: tuple[datetime | None, datetime | None],
    error: str | None,
    attributes: Mapping[str, Any],
) -> Span:
    start, end = (_nanoseconds(time or conversation.started_at) for time in times)
    session = {"session.id": conversation.session_id} if conversation.session_id else {}
    return Span(
        trace_id=_trace_id(conversation),
        span_id=_span_id(conversation, place),
        parent_span_id=None if place is None else _span_id(conversation, None),
        name=name,
        start_ns=start,
        end_ns=max(start, end),
        status="unset" if error is None else "error",
        status_message=error or "",
        otel_kind=1,
        attributes={**session, **attributes},
        scope_name=SCOPE,
        resource={"openinference.project.name": conversation.project},
    )


def _at(span: Span, time_ns: int) -> Span:
    return structs.replace(span, start_ns=time_ns, end_ns=time_ns)


def _name(item: Item) -> str:
    if isinstance(item, Message):
        return f"{item.role} message"
    if isinstance(item, ModelCall):
        return f"chat {item.model}" if item.model else "chat"
    if isinstance(item, ToolCall):
        return f"execute_tool {item.name}"
    return item.kind


def _packed(item: Item, prompt: str | None) -> dict[str, Any]:
    """Return the attributes that hold `item`, without the talk's own system prompt."""
    if isinstance(item, ModelCall) and prompt is not None and item.system_prompt == prompt:
        return {ITEM: _json(replace(item, system_prompt=None), Item), PROMPT: True}
    return {ITEM: _json(item, Item)}


def _item(span: Span, where: str, prompt: Any = None) -> Item:
    kind = cast("type[Item]", Item)
    item = from_json(kind, str(span.attributes.get(ITEM)), where=where)
    if isinstance(item, ModelCall) and span.attributes.get(PROMPT) is True:
        return replace(item, system_prompt=prompt)
    return item


def _json(value: Any, kind: Any) -> str:
    return to_json(value, kind=kind).decode()


def _trace_id(conversation: Conversation) -> str:
    own = conversation.trace_ids[0] if conversation.trace_ids else ""
    if _TRACE_ID.fullmatch(own):
        return own
    return trace_id_of(conversation.project, conversation.id)


def _span_id(conversation: Conversation, place: int | None) -> str:
    """Return the id of the item at `place`, or of the first span for None."""
    mark = "conversation" if place is None else str(place)
    return _digest(conversation.project, conversation.id, mark)[:16]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _nanoseconds(time: datetime | None) -> int:
    """Return Unix nanoseconds within what a span can hold; 0 where no time is known at all."""
    if time is None:
        return 0
    return min(max((time - _EPOCH) // timedelta(microseconds=1) * 1000, 0), MAX_TIME_NS)
