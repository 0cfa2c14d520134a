"""Everything else: the standard keys of several families, so that talk is not lost.

An unknown library still gives the user's and the agent's words where it uses keys that others
use; its spans count as model calls only where a model or tokens are named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.capture.dialects import common, genai
from reenact.capture.reading import Dialect, Reading, WireMessage
from reenact.capture.wire.agent_text import words_in, words_out
from reenact.capture.wire.answer import answer_of
from reenact.capture.wire.chat import message_of, messages_of, split_system, tools_of
from reenact.capture.wire.flattened import flattened_messages
from reenact.capture.wire.json_text import content, parsed
from reenact.capture.wire.numbered import numbered_answer, numbered_messages
from reenact.domain.span import Span, SpanKind

_SESSIONS = (
    *common.SESSION_KEYS, "langfuse.session.id", "langsmith.metadata.session_id",
    "langsmith.metadata.thread_id", "conversation.id", "session_id", "thread_id",
)  # fmt: skip
_USERS = (*common.USER_KEYS, "langfuse.user.id", "langsmith.metadata.user_id", "llm.user")
_INPUT_JSON = ("gen_ai.input.messages", "gen_ai.prompt", "llm.prompts", "input.value", "input")
_OUTPUT_JSON = ("gen_ai.output.messages", "gen_ai.completion", "output.value", "output")
_MODELS = ("gen_ai.request.model", "llm.request.model", "llm.model_name", "gen_ai.response.model")
_KINDS: dict[str, SpanKind] = {
    "llm": "model", "chat": "model", "generation": "model", "completion": "model",
    "tool": "tool", "agent": "agent", "workflow": "agent", "chain": "other",
}  # fmt: skip
_KIND_KEYS = ("langsmith.span.kind", "span.kind", "llm.request.type", "span.type")


def claims(span: Span) -> bool:
    """Claim every span."""
    return True


def read(span: Span, brief: bool) -> Reading:
    """Read whatever standard keys the span has."""
    attributes = span.attributes
    kind = _kind(attributes)
    facts: dict[str, Any] = {"error": common.failure(span)}
    if kind == "model":
        facts |= _model(span, brief)
    elif kind == "tool":
        facts |= _tool(span)
    elif kind == "agent" or span.parent_span_id is None:
        facts["input_text"] = words_in(_first(attributes, _INPUT_JSON))
        facts["output_text"] = words_out(_first(attributes, _OUTPUT_JSON))
    if not brief:
        facts["truncated"] = common.truncated(span)
    return Reading(
        reader="generic",
        kind=kind,
        session_id=common.identity(attributes, *_SESSIONS),
        user_id=common.identity(attributes, *_USERS),
        agent_name=common.text(attributes, "gen_ai.agent.name", "agent.name"),
        agent_version=common.text(span.resource, "service.version"),
        **facts,
    )


def _kind(attributes: Mapping[str, Any]) -> SpanKind:
    named = common.text(attributes, *_KIND_KEYS)
    if named and named.lower() in _KINDS:
        return _KINDS[named.lower()]
    if common.text(attributes, "gen_ai.tool.name", "tool.name"):
        return "tool"
    if common.text(attributes, *_MODELS):
        return "model"
    return "other"


def _model(span: Span, brief: bool) -> dict[str, Any]:
    attributes = span.attributes
    messages = _messages_in(attributes, brief)
    system, told = split_system(messages)
    answer = _messages_out(attributes)
    used = genai.usage(attributes)
    silent = not messages and not answer and used.input_tokens is None
    return {
        "messages_in": told,
        "messages_out": answer,
        "phantom": silent and span.status != "error",
        "system_prompt": system,
        "tools": () if brief else tools_of(attributes.get("gen_ai.tool.definitions")),
        "model": common.text(attributes, *_MODELS[:2]),
        "model_response": common.text(attributes, "gen_ai.response.model", "llm.model_name"),
        "usage": used,
        "cost": common.number(attributes, "operation.cost", "gen_ai.cost.total_cost"),
        "time_to_first_token_ms": genai.first_token_ms(span),
    }


def _messages_in(attributes: Mapping[str, Any], brief: bool) -> tuple[WireMessage, ...]:
    for prefix in ("llm.input_messages", "gen_ai.input.messages"):
        if found := flattened_messages(attributes, prefix, brief=brief):
            return found
    given = _first(attributes, _INPUT_JSON)
    found = messages_of(parsed(given, given), brief=brief)
    return found or numbered_messages(attributes, "gen_ai.prompt", brief=brief)


def _messages_out(attributes: Mapping[str, Any]) -> tuple[WireMessage, ...]:
    for prefix in ("llm.output_messages", "gen_ai.output.messages"):
        if found := flattened_messages(attributes, prefix):
            return found
    given = _first(attributes, _OUTPUT_JSON)
    if found := answer_of(given) or numbered_answer(attributes, "gen_ai.completion"):
        return found
    said = message_of(words_out(given))
    return (said,) if said else ()


def _tool(span: Span) -> dict[str, Any]:
    attributes = span.attributes
    given = _first(attributes, (*genai.ARGUMENTS, *_INPUT_JSON))
    arguments, raw = common.named_arguments(given)
    answer = _first(attributes, (*genai.RESULTS, *_OUTPUT_JSON))
    error = common.failure(span)
    return {
        "tool_name": common.text(attributes, "gen_ai.tool.name", "tool.name") or span.name,
        "tool_call_id": common.text(attributes, "gen_ai.tool.call.id", "tool_call.id"),
        "tool_arguments": arguments,
        "tool_arguments_raw": raw,
        "tool_answered": answer is not None and error is None,
        "tool_result": None if error else content(answer),
    }


def _first(attributes: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((attributes[k] for k in keys if attributes.get(k) not in (None, "")), None)


DIALECT = Dialect(name="generic", claims=claims, read=read)
