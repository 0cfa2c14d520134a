"""Pipecat: one trace a conversation, a span a turn, and in it speech, model and voice.

Tools have no spans, and a model call's span never says which it asked for: the next call's
input does. Who the user is and which session it is stands on the root alone, and comes last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.capture.dialects import common, genai
from reenact.capture.reading import Dialect, Reading, WireMessage
from reenact.capture.wire.chat import messages_of, split_system, tools_of
from reenact.capture.wire.json_text import parsed
from reenact.capture.wire.results import own_failure, with_results
from reenact.domain.span import Span, SpanKind

_KINDS: dict[str, SpanKind] = {
    "conversation": "agent", "turn": "agent", "llm": "model", "llm_response": "model",
}  # fmt: skip
_OWN = ("conversation.", "turn.", "langfuse.", "session.", "user.", "gen_ai.")
_ABSENT = ("NOT_GIVEN", "unknown")
_RUNNING = "IN_PROGRESS"
_NOTHING = "COMPLETED"
_CANCELLED = "CANCELLED"
_ASYNC = "async_tool"


def claims(span: Span) -> bool:
    """Claim spans of the library's own scopes."""
    return span.scope_name in ("pipecat", "pipecat.turn")


def read(span: Span, brief: bool) -> Reading:
    """Read a span of Pipecat."""
    attributes = {k: v for k, v in span.attributes.items() if v not in _ABSENT}
    kind = _KINDS.get(span.name, "other")
    facts: dict[str, Any] = {}
    if kind == "model":
        facts = _model(attributes, brief)
    elif span.name == "stt":
        facts = {"input_text": common.text(attributes, "transcript")}
    elif span.name == "tts":
        facts = {"output_text": common.text(attributes, "text")}
    elif span.name == "conversation" and not brief:
        facts = {"metadata": common.others(attributes, *_OWN)}
    if not brief:
        facts["truncated"] = common.truncated(span)
    return Reading(
        reader="pipecat",
        kind=kind,
        session_id=common.identity(
            attributes, "session.id", "langfuse.session.id", "conversation.id"
        ),
        user_id=common.identity(attributes, *common.USER_KEYS, "langfuse.user.id"),
        agent_version=common.text(span.resource, "service.version"),
        error=common.failure(span),
        turn=span.name == "turn",
        # A turn begins where the one before ended, long before the user speaks.
        waits=kind == "agent",
        **facts,
    )


def _model(attributes: Mapping[str, Any], brief: bool) -> dict[str, Any]:
    history = _settled(parsed(attributes.get("input")))
    system, told = split_system(messages_of(history, brief=brief))
    said = common.text(attributes, "output")
    asked = common.text(attributes, "param.model")
    named = common.text(attributes, "gen_ai.request.model")
    first = common.number(attributes, "metrics.ttfb")
    facts: dict[str, Any] = {
        "messages_in": with_results(told, own_failure),
        "messages_out": (WireMessage(role="assistant", text=said),) if said else (),
        "calls_told": False,
        "tool_name": _answered(history),
        "model": asked or named,
        # Once the service has answered, the request's model is the one that did.
        "model_response": named if asked and named != asked else None,
        "usage": genai.usage(attributes),
    }
    if brief:
        return facts
    return facts | {
        "system_prompt": common.text(attributes, "gen_ai.system_instructions") or system,
        "tools": tools_of(attributes.get("tools")),
        "provider": common.text(attributes, "gen_ai.provider.name"),
        "streamed": common.flag(attributes, "stream"),
        "time_to_first_token_ms": first * 1000 if first is not None else None,
    }


def _answered(history: Any) -> str | None:
    """Return the tool whose result a call was given, the last of several: lists filter by it."""
    found = messages_of(history[-2:]) if isinstance(history, list) else ()
    if not found or found[-1].role != "tool" or not found[0].calls:
        return None
    return found[0].calls[-1].name or None


def _settled(messages: Any) -> Any:
    """Return a history without the words that stand in for a tool's result."""
    if not isinstance(messages, list):
        return messages
    return [done for message in messages if (done := _done(message)) is not None]


def _done(message: Any) -> Any:
    """Return a message with what its tool returned, None where the tool still runs.

    One that returned nothing has null; one that was cancelled failed. The late result of a tool
    that ran beside the talk comes from a developer.
    """
    given = message.get("content") if isinstance(message, dict) else None
    late = common.mapping(given) if isinstance(given, str) and _ASYNC in given else {}
    if late.get("type") == _ASYNC:
        if late.get("status") != "finished":
            return None
        given = late.get("result")
        message = {"role": "tool", "tool_call_id": late.get("tool_call_id"), "content": given}
    if not isinstance(message, dict) or message.get("role") != "tool":
        return message
    if given == _RUNNING:
        return None
    if given == _NOTHING:
        return {**message, "content": None}
    cancelled = isinstance(given, str) and given.startswith(_CANCELLED)
    return {**message, "status": "error"} if cancelled else message


DIALECT = Dialect(name="pipecat", claims=claims, read=read)
