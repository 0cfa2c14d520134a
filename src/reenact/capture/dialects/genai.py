"""OpenTelemetry GenAI semantic conventions: messages as JSON in `gen_ai.*.messages`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.capture.dialects import common
from reenact.capture.reading import Dialect, Reading
from reenact.capture.wire.agent_text import words_in, words_out
from reenact.capture.wire.chat import messages_of, split_system, text_of, tools_of
from reenact.capture.wire.event_messages import details, event_messages
from reenact.capture.wire.json_text import content, parsed
from reenact.domain.conversation import Usage
from reenact.domain.span import Span, SpanKind

OPERATIONS: dict[str, SpanKind] = {
    "chat": "model", "text_completion": "model", "generate_content": "model",
    "execute_tool": "tool", "invoke_agent": "agent", "invoke_workflow": "agent",
}  # fmt: skip
FIRST_CHUNK_SECONDS = (
    "gen_ai.client.operation.time_to_first_chunk", "gen_ai.response.time_to_first_chunk",
)  # fmt: skip
ARGUMENTS = ("gen_ai.tool.call.arguments", "tool_arguments")
_STREAMING = ("gen_ai.is_streaming", "gen_ai.request.stream", "llm.is_streaming")
_TOLD = "gen_ai.input.messages"
_ANSWER = "gen_ai.output.messages"
RESULTS = ("gen_ai.tool.call.result", "tool_response")


def claims(span: Span) -> bool:
    """Claim spans that name a GenAI operation."""
    return "gen_ai.operation.name" in span.attributes


def read(span: Span, brief: bool) -> Reading:
    """Read a GenAI span."""
    return reading(span, brief, reader="otel_genai")


def reading(span: Span, brief: bool, *, reader: str, **own: Any) -> Reading:
    """Return the standard facts of a span under a reader's name; `own` facts win."""
    attributes = span.attributes
    kind = own.get("kind") or OPERATIONS.get(str(attributes.get("gen_ai.operation.name")), "other")
    facts: dict[str, Any] = {
        "kind": kind,
        "session_id": common.identity(attributes, *common.SESSION_KEYS),
        "user_id": common.identity(attributes, *common.USER_KEYS),
        "agent_name": common.text(attributes, "gen_ai.agent.name"),
        "agent_version": common.text(attributes, "gen_ai.agent.version")
        or common.text(span.resource, "service.version"),
        "error": common.failure(span),
    }
    if kind == "model":
        facts |= model_facts(span, brief)
    elif kind == "tool":
        facts |= tool_facts(span)
    elif kind == "agent":
        facts["input_text"] = words_in(attributes.get("gen_ai.input.messages"))
        facts["output_text"] = words_out(attributes.get("gen_ai.output.messages"))
    if not brief:
        # Some libraries say only on the agent's span which tools the model was offered.
        facts.setdefault("tools", tools_of(attributes.get("gen_ai.tool.definitions")))
        facts["truncated"] = common.truncated(span)
    return Reading(reader=reader, **(facts | own))


def model_facts(span: Span, brief: bool) -> dict[str, Any]:
    """Return the facts of a model call."""
    attributes = _with_content(span)
    messages = messages_of(parsed(attributes.get(_TOLD)), brief=brief)
    answer = messages_of(parsed(attributes.get(_ANSWER)))
    if _TOLD not in attributes and _ANSWER not in attributes:
        found = event_messages(span)
        messages, answer = found.told, found.answer
    system, told = split_system(messages)
    facts: dict[str, Any] = {
        "messages_in": told,
        "messages_out": answer,
        "model": common.text(attributes, "gen_ai.request.model"),
        "model_response": common.text(attributes, "gen_ai.response.model"),
        "usage": usage(attributes),
    }
    if brief:
        return facts
    first = first_token_ms(span)
    given = attributes.get("gen_ai.system_instructions")
    instructions = text_of(parsed(given, given))
    streaming = common.flag(attributes, *_STREAMING)
    return facts | {
        "system_prompt": instructions or system,
        "tools": tools_of(attributes.get("gen_ai.tool.definitions")),
        "provider": common.text(attributes, "gen_ai.provider.name", "gen_ai.system"),
        "cost": common.number(attributes, "operation.cost", "gen_ai.cost.total_cost"),
        "streamed": streaming if streaming is not None else (first is not None) or None,
        "time_to_first_token_ms": first,
    }


def tool_facts(span: Span) -> dict[str, Any]:
    """Return the facts of a tool's span; some libraries leave arguments and result out."""
    attributes = span.attributes
    arguments, raw = common.named_arguments(_first(attributes, ARGUMENTS))
    given = _first(attributes, RESULTS)
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


def usage(attributes: Mapping[str, Any]) -> Usage:
    """Return the tokens of a model call."""
    return common.usage(
        attributes,
        input_tokens=("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
        output_tokens=("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
        cached=(
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_read_input_tokens",
            "gen_ai.usage.details.cache_read_tokens",
            "gen_ai.usage.input_cached_tokens",
        ),
        reasoning=(
            "gen_ai.usage.reasoning_tokens",
            "gen_ai.usage.details.reasoning_tokens",
            "gen_ai.usage.reasoning.output_tokens",
        ),
    )


def first_token_ms(span: Span) -> float | None:
    """Return the time to the first chunk, from the event or the attribute (in seconds)."""
    seconds = common.number(span.attributes, *FIRST_CHUNK_SECONDS)
    return seconds * 1000 if seconds is not None else common.first_token_ms(span)


def _with_content(span: Span) -> Mapping[str, Any]:
    """Return the attributes, with those of the event that holds the content, where one does.

    Some libraries write the same content on the span and into a log record: the span's counts.
    """
    if _TOLD in span.attributes or _ANSWER in span.attributes:
        return span.attributes
    return {**details(span), **span.attributes}


def _first(attributes: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((attributes[key] for key in keys if key in attributes), None)


_CONTENT = (
    "set OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental and "
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY, or send its log records too "
    "(OTEL_LOGS_EXPORTER=otlp)"
)
DIALECT = Dialect(name="otel_genai", claims=claims, read=read, content=_CONTENT)
