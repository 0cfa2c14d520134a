"""Strands Agents: GenAI spans with their content in span events, in Bedrock's blocks.

The agent's span repeats the usage of its whole life so far, so only model calls count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import structs
from msgspec.structs import replace

from reenact.capture.dialects import common, genai
from reenact.capture.reading import Dialect, Reading, WireMessage
from reenact.capture.wire.agent_text import words_in, words_out
from reenact.capture.wire.chat import tool_answer, tools_of
from reenact.capture.wire.event_messages import details, event_messages
from reenact.capture.wire.json_text import parsed
from reenact.domain.conversation import ToolDefinition
from reenact.domain.span import Span, SpanKind

_NAME = "strands-agents"
_REDACTED = "[REDACTED]"
_OWN = (
    "gen_ai.", "session.", "user.", "tag.", "langfuse.", "event_loop.", "system_prompt", "server.",
)  # fmt: skip


def claims(span: Span) -> bool:
    """Claim spans of the library's own scope, or that name it as their system."""
    if span.scope_name.startswith("strands."):
        return True
    return _NAME in (
        span.attributes.get("gen_ai.system"),
        span.attributes.get("gen_ai.provider.name"),
    )


def read(span: Span, brief: bool) -> Reading:
    """Read a span of Strands, whichever of its two conventions it follows."""
    span = _whole(span)
    attributes = span.attributes
    operation = str(attributes.get("gen_ai.operation.name"))
    kind: SpanKind = genai.OPERATIONS.get(operation, "other")
    if operation.startswith("invoke_"):
        kind = "agent"
    own: dict[str, Any] = {
        "kind": kind,
        # The resource's `service.version` is the library's own.
        "agent_version": common.text(attributes, "gen_ai.agent.version"),
    }
    if kind == "agent":
        own |= _agent(span, brief)
    elif kind == "tool":
        own |= _tool(span, brief)
    own["tags"] = common.names(attributes.get("tag.tags", attributes.get("langfuse.tags")))
    own["metadata"] = common.others(attributes, *_OWN) if kind == "agent" else {}
    found = genai.reading(span, brief, reader="strands", **own)
    if brief or kind != "model":
        return found
    first = common.number(attributes, "gen_ai.server.time_to_first_token")
    return structs.replace(
        found,
        provider=None,
        time_to_first_token_ms=first,
        streamed=True if first is not None else None,
    )


def _whole(span: Span) -> Span:
    """Return the span with what its events hold among its attributes, and nothing redacted."""
    kept = {k: v for k, v in {**details(span), **span.attributes}.items() if v != _REDACTED}
    told = tuple(event for event in span.events if _REDACTED not in event.attributes.values())
    return replace(span, attributes=kept, events=told)


def _agent(span: Span, brief: bool) -> dict[str, Any]:
    """Return the facts of an agent's span; its answer has a line end more than was said."""
    attributes = span.attributes
    found = event_messages(span)
    facts = {
        "input_text": _last(found.told) or words_in(attributes.get("gen_ai.input.messages")),
        "output_text": _last(found.answer) or words_out(attributes.get("gen_ai.output.messages")),
    }
    if facts["output_text"]:
        facts["output_text"] = facts["output_text"].removesuffix("\n")
    return facts if brief else facts | {"tools": _offered(attributes)}


def _last(messages: tuple[WireMessage, ...]) -> str | None:
    return messages[-1].text if messages else None


def _offered(attributes: Mapping[str, Any]) -> tuple[ToolDefinition, ...]:
    defined = tools_of(attributes.get("gen_ai.tool.definitions"))
    names = common.names(attributes.get("gen_ai.agent.tools"))
    return defined or tools_of([{"name": name} for name in names])


def _tool(span: Span, brief: bool) -> dict[str, Any]:
    """Return the facts of a tool's span; older spans have arguments and result in their events."""
    attributes = span.attributes
    events = {event.name: event.attributes for event in span.events}
    facts = genai.tool_facts(span)
    asked = events.get("gen_ai.tool.message", {}).get("content")
    if asked is not None:
        facts["tool_arguments"], facts["tool_arguments_raw"] = common.named_arguments(asked)
    given = attributes.get(
        "gen_ai.tool.call.result", events.get("gen_ai.choice", {}).get("message")
    )
    answer = tool_answer(parsed(given, given))
    failed = attributes.get("gen_ai.tool.status") == "error"
    error = facts["error"] or (str(answer or "failed") if failed else None)
    facts |= {
        "error": error,
        "tool_answered": given is not None and error is None,
        "tool_result": None if error else answer,
    }
    if not brief:
        facts["tools"] = tools_of(
            [
                {
                    "name": attributes.get("gen_ai.tool.name"),
                    "description": attributes.get("gen_ai.tool.description"),
                    "parameters": attributes.get("gen_ai.tool.json_schema"),
                }
            ]
        )
    return facts


DIALECT = Dialect(name="strands", claims=claims, read=read)
