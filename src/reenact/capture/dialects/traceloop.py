"""Traceloop (OpenLLMetry): workflows and tools as entities, model calls as GenAI spans."""

from __future__ import annotations

from typing import Any

from reenact.capture.dialects import common, genai
from reenact.capture.reading import Dialect, Reading
from reenact.capture.wire.agent_text import words_in, words_out
from reenact.capture.wire.json_text import content
from reenact.domain.span import Span, SpanKind

_PROPERTIES = "traceloop.association.properties."
_KINDS: dict[str, SpanKind] = {"workflow": "agent", "agent": "agent", "tool": "tool"}
_NOT_METADATA = ("session_id", "user_id", "tags", "prompt_version")


def claims(span: Span) -> bool:
    """Claim spans with keys of Traceloop's own."""
    attributes = span.attributes
    return (
        "traceloop.workflow.name" in attributes
        or "traceloop.span.kind" in attributes
        or f"{_PROPERTIES}session_id" in attributes
    )


def read(span: Span, brief: bool) -> Reading:
    """Read a Traceloop span."""
    attributes = span.attributes
    properties = {
        key.removeprefix(_PROPERTIES): value
        for key, value in attributes.items()
        if key.startswith(_PROPERTIES)
    }
    own: dict[str, Any] = {
        "session_id": common.identity(properties, "session_id", "thread_id", "conversation_id")
        or common.identity(attributes, *common.SESSION_KEYS),
        "user_id": common.identity(properties, "user_id")
        or common.identity(attributes, *common.USER_KEYS),
        "agent_version": common.text(properties, "prompt_version")
        or common.text(span.resource, "service.version"),
    }
    if not brief:
        own["tags"] = common.names(properties.get("tags"))
        own["metadata"] = {k: v for k, v in properties.items() if k not in _NOT_METADATA}
    kind = _KINDS.get(str(attributes.get("traceloop.span.kind")))
    if kind == "tool":
        own |= _tool(span)
    elif kind == "agent":
        own |= {
            "kind": "agent",
            "agent_name": common.text(attributes, "traceloop.entity.name"),
            "input_text": words_in(attributes.get("traceloop.entity.input")),
            "output_text": words_out(attributes.get("traceloop.entity.output")),
        }
    return genai.reading(span, brief, reader="traceloop", **own)


def _tool(span: Span) -> dict[str, Any]:
    attributes = span.attributes
    arguments, raw = common.named_arguments(attributes.get("traceloop.entity.input"))
    given = attributes.get("traceloop.entity.output")
    error = common.failure(span)
    return {
        "kind": "tool",
        "tool_name": common.text(attributes, "gen_ai.tool.name", "traceloop.entity.name"),
        "tool_call_id": common.text(attributes, "gen_ai.tool.call.id"),
        "tool_arguments": arguments,
        "tool_arguments_raw": raw,
        "tool_answered": given is not None and error is None,
        "tool_result": None if error else content(given),
    }


DIALECT = Dialect(name="traceloop", claims=claims, read=read)
