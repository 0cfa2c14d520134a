"""Vercel AI SDK: `ai.operationId`; roots repeat their steps' usage, so only steps count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.capture.dialects import common
from reenact.capture.reading import Dialect, Reading, WireCall, WireMessage
from reenact.capture.wire.agent_text import words_in
from reenact.capture.wire.chat import call_of, messages_of, split_system, tools_of
from reenact.capture.wire.json_text import content, parsed
from reenact.domain.conversation import Usage
from reenact.domain.span import Span, SpanKind

_METADATA = "ai.telemetry.metadata."
_KINDS: dict[str, SpanKind] = {
    "ai.generateText": "agent", "ai.streamText": "agent",
    "ai.generateObject": "agent", "ai.streamObject": "agent",
    "ai.generateText.doGenerate": "model", "ai.streamText.doStream": "model",
    "ai.generateObject.doGenerate": "model", "ai.streamObject.doStream": "model",
    "ai.toolCall": "tool",
}  # fmt: skip
_NOT_METADATA = ("sessionId", "userId", "tags", "promptVersion")


def claims(span: Span) -> bool:
    """Claim spans with an operation of the SDK."""
    return "ai.operationId" in span.attributes


def read(span: Span, brief: bool) -> Reading:
    """Read a span of the Vercel AI SDK."""
    attributes = span.attributes
    kind = _KINDS.get(str(attributes["ai.operationId"]), "other")
    metadata = {
        key.removeprefix(_METADATA): value
        for key, value in attributes.items()
        if key.startswith(_METADATA)
    }
    facts: dict[str, Any] = {"error": common.failure(span)}
    if kind == "model":
        facts |= _model(span, brief)
    elif kind == "tool":
        facts |= _tool(span)
    elif kind == "agent":
        facts["input_text"] = words_in(attributes.get("ai.prompt"))
        facts["output_text"] = common.text(attributes, "ai.response.text", "ai.response.object")
    facts["tags"] = common.names(metadata.get("tags"))
    facts["metadata"] = {k: v for k, v in metadata.items() if k not in _NOT_METADATA}
    if not brief:
        facts["truncated"] = common.truncated(span)
    return Reading(
        reader="vercel_ai",
        kind=kind,
        session_id=common.identity(metadata, "sessionId", "session_id", "conversationId")
        or common.identity(attributes, *common.SESSION_KEYS),
        user_id=common.identity(metadata, "userId", "user_id")
        or common.identity(attributes, *common.USER_KEYS),
        agent_name=common.text(attributes, "ai.telemetry.functionId"),
        agent_version=common.text(metadata, "agentVersion", "promptVersion")
        or common.text(span.resource, "service.version"),
        **facts,
    )


def _model(span: Span, brief: bool) -> dict[str, Any]:
    attributes = span.attributes
    messages = messages_of(parsed(attributes.get("ai.prompt.messages")), brief=brief)
    system, told = split_system(messages)
    answer = _answer(attributes)
    facts: dict[str, Any] = {
        "messages_in": told,
        "messages_out": (answer,) if answer.text or answer.calls else (),
        "model": common.text(attributes, "gen_ai.request.model", "ai.model.id"),
        "model_response": common.text(attributes, "gen_ai.response.model", "ai.response.model"),
        "usage": _usage(attributes),
    }
    if brief:
        return facts
    first = common.number(attributes, "ai.response.msToFirstChunk")
    return facts | {
        "system_prompt": system,
        "tools": tools_of(attributes.get("ai.prompt.tools")),
        "provider": common.text(attributes, "gen_ai.system", "ai.model.provider"),
        "streamed": str(attributes["ai.operationId"]).endswith("doStream"),
        "time_to_first_token_ms": first if first is not None else common.first_token_ms(span),
    }


def _answer(attributes: Mapping[str, Any]) -> WireMessage:
    calls = parsed(attributes.get("ai.response.toolCalls"))
    return WireMessage(
        role="assistant",
        text=common.text(attributes, "ai.response.text", "ai.response.object"),
        calls=tuple(map(_call, calls)) if isinstance(calls, list) else (),
    )


def _call(raw: Any) -> WireCall:
    fields = raw if isinstance(raw, dict) else {}
    arguments = fields.get("input", fields.get("args"))
    name = common.text(fields, "toolName")
    return call_of(name, arguments, common.text(fields, "toolCallId"))


def _tool(span: Span) -> dict[str, Any]:
    attributes = span.attributes
    arguments, raw = common.named_arguments(attributes.get("ai.toolCall.args"))
    given = attributes.get("ai.toolCall.result")
    error = common.failure(span)
    return {
        "tool_name": common.text(attributes, "ai.toolCall.name"),
        "tool_call_id": common.text(attributes, "ai.toolCall.id"),
        "tool_arguments": arguments,
        "tool_arguments_raw": raw,
        "tool_answered": given is not None and error is None,
        "tool_result": None if error else content(given),
    }


def _usage(attributes: Mapping[str, Any]) -> Usage:
    return common.usage(
        attributes,
        input_tokens=("gen_ai.usage.input_tokens", "ai.usage.inputTokens"),
        output_tokens=("gen_ai.usage.output_tokens", "ai.usage.outputTokens"),
        cached=("ai.usage.cachedInputTokens",),
        reasoning=("ai.usage.reasoningTokens",),
    )


_CONTENT = "set recordInputs and recordOutputs to true in experimental_telemetry"
DIALECT = Dialect(name="vercel_ai", claims=claims, read=read, content=_CONTENT)
