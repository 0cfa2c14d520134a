"""Messages of a model call that came as events: span events, or log records of the span.

Three generations of the GenAI conventions: one event a message (`gen_ai.user.message`, ...,
`gen_ai.choice`), with the content in the body of a log record or in the attributes of a span
event; and one event with everything (`gen_ai.client.inference.operation.details`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reenact.capture.reading import WireMessage
from reenact.capture.wire.chat import joined_messages, messages_of
from reenact.capture.wire.json_text import parsed
from reenact.capture.wire.keyed_blocks import are_blocks
from reenact.domain.span import Span, SpanEvent

DETAILS = "gen_ai.client.inference.operation.details"
_CHOICE = "gen_ai.choice"
_MESSAGE = frozenset({"role", "content", "tool_calls"})
_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}


@dataclass(frozen=True, slots=True)
class EventMessages:
    """What the events of a span say that a model was told and answered."""

    told: tuple[WireMessage, ...] = ()
    """With the system messages."""
    answer: tuple[WireMessage, ...] = ()


def event_messages(span: Span) -> EventMessages:
    """Return the messages in the events and log records of `span`; empty where there are none."""
    told: list[WireMessage] = []
    answer: list[WireMessage] = []
    for event in (*span.events, *span.logs):
        if event.name == _CHOICE:
            answer.extend(messages_of([_choice(event)]))
        elif event.name in _ROLES:
            told.extend(messages_of([{"role": _ROLES[event.name], **_content(event)}]))
    return EventMessages(told=joined_messages(told), answer=tuple(answer[:1]))


def details(span: Span) -> Mapping[str, Any]:
    """Return the attributes of the event that says everything; empty where there is none.

    Some libraries write one such event for what went in and one for what came out.
    """
    found: dict[str, Any] = {}
    for event in (*span.events, *span.logs):
        if event.name == DETAILS:
            found.update(event.attributes)
    return found


def _content(event: SpanEvent) -> dict[str, Any]:
    """Return the fields of a message: the body of a log record, else the event's attributes."""
    given = parsed(event.body, event.body)
    if isinstance(given, dict):
        return {"content": None} | given
    if given is not None:
        return {"content": given}
    fields = dict(event.attributes)
    asked = fields.get("tool_calls")
    if isinstance(asked, list):
        fields["tool_calls"] = [parsed(call, call) for call in asked]
    return {**fields, "content": _blocks(fields.get("content"))}


def _blocks(text: Any) -> Any:
    """Return content blocks out of their JSON; words stay words, also where they look like JSON."""
    found = parsed(text)
    return found if are_blocks(found) else text


def _choice(event: SpanEvent) -> dict[str, Any]:
    fields = _content(event)
    given = fields.get("message")
    message = parsed(given, given)
    if isinstance(message, dict) and not _MESSAGE.isdisjoint(message):
        return {"role": "assistant", **message}
    return {"role": "assistant", **fields, "content": _blocks(given) or fields["content"]}
