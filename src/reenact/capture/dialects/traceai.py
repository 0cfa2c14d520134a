"""traceAI: OpenInference's shapes under `gen_ai.*`, kinds in `gen_ai.span.kind`.

A streamed model call has no output messages, and its tool calls are lost; they come back
from the next call's input. `gen_ai.request.model` holds the model that answered.
"""

from __future__ import annotations

from typing import Any

from reenact.capture.dialects import common, genai, openinference
from reenact.capture.reading import Dialect, Reading, WireMessage
from reenact.capture.wire.agent_text import words_in, words_out
from reenact.capture.wire.chat import split_system, tools_of
from reenact.capture.wire.flattened import flattened_answer, flattened_messages
from reenact.capture.wire.json_text import content, parsed
from reenact.domain.span import Span


def claims(span: Span) -> bool:
    """Claim spans with traceAI's own kind."""
    return "gen_ai.span.kind" in span.attributes


def read(span: Span, brief: bool) -> Reading:
    """Read a traceAI span."""
    attributes = span.attributes
    kind = openinference.KINDS.get(str(attributes["gen_ai.span.kind"]).upper(), "other")
    facts: dict[str, Any] = {"error": common.failure(span)}
    if kind == "model":
        facts |= _model(span, brief)
    elif kind == "tool":
        facts |= _tool(span)
    elif kind == "agent" or span.parent_span_id is None:
        facts["input_text"] = words_in(attributes.get("input.value"))
        facts["output_text"] = words_out(attributes.get("output.value"))
    if kind == "agent":
        facts["agent_name"] = common.text(attributes, "gen_ai.agent.name") or span.name
    facts["tags"] = common.names(attributes.get("tag.tags"))
    facts["metadata"] = common.mapping(attributes.get("metadata"))
    if not brief:
        facts["truncated"] = common.truncated(span)
    return Reading(
        reader="traceai",
        kind=kind,
        session_id=common.identity(attributes, *common.SESSION_KEYS),
        user_id=common.identity(attributes, *common.USER_KEYS),
        agent_version=common.text(attributes, "gen_ai.prompt.template.version"),
        **facts,
    )


def _model(span: Span, brief: bool) -> dict[str, Any]:
    attributes = span.attributes
    messages = flattened_messages(attributes, "gen_ai.input.messages", brief=brief)
    system, told = split_system(messages)
    whole = flattened_answer if brief else flattened_messages
    answer = whole(attributes, "gen_ai.output.messages")
    said = common.text(attributes, "output.value")
    if not answer and said:
        answer = (WireMessage(role="assistant", text=said),)
    settings = common.mapping(attributes.get("gen_ai.request.parameters"))
    facts: dict[str, Any] = {
        "messages_in": told,
        "messages_out": answer,
        "model": common.text(settings, "model"),
        "model_response": common.text(attributes, "gen_ai.request.model"),
        "usage": genai.usage(attributes),
    }
    if brief:
        return facts
    first = common.first_token_ms(span)
    return facts | {
        "system_prompt": system,
        "tools": tools_of(attributes.get("gen_ai.tool.definitions")),
        "provider": common.text(attributes, "gen_ai.provider.name"),
        "cost": common.number(attributes, "gen_ai.cost.total"),
        "streamed": True if first is not None else common.flag(settings, "stream"),
        "time_to_first_token_ms": first,
    }


def _tool(span: Span) -> dict[str, Any]:
    attributes = span.attributes
    arguments, raw = common.named_arguments(_unwrapped(attributes.get("input.value")))
    given = attributes.get("output.value")
    error = common.failure(span)
    return {
        "tool_name": common.text(attributes, "gen_ai.tool.name") or span.name,
        "tool_call_id": common.text(attributes, "gen_ai.tool.call.id"),
        "tool_arguments": arguments,
        "tool_arguments_raw": raw,
        "tool_answered": given is not None and error is None,
        "tool_result": None if error else content(given),
        "error": error,
    }


def _unwrapped(value: Any) -> Any:
    """Return what a decorated function that takes its arguments as `args` was given."""
    data = parsed(value)
    if isinstance(data, dict) and set(data) == {"args"} and isinstance(data["args"], dict):
        return data["args"]
    return value


DIALECT = Dialect(name="traceai", claims=claims, read=read)
