"""LiveKit Agents: one trace a session, a span a turn, and a `llm_request` a model call.

Its own keys begin with `lk.`; since 1.3 those that hold content have a `pii` in them, since 1.8
the GenAI keys stand beside them. What a tool returned is there as Python's `str` of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from msgspec import structs

from reenact.capture.dialects import common, genai
from reenact.capture.reading import Dialect, Reading, WireMessage
from reenact.capture.wire.chat import tools_of
from reenact.capture.wire.results import python_content, python_result, with_results
from reenact.domain.conversation import Usage
from reenact.domain.span import Span, SpanKind

_KINDS: dict[str, SpanKind] = {
    "agent_session": "agent", "agent_turn": "agent", "assistant_turn": "agent",
    "llm_request": "model", "function_tool": "tool",
}  # fmt: skip
_TURNS = ("agent_turn", "assistant_turn")
_REALTIME = "lk.realtime_model_metrics"
_OWN = ("lk.", "gen_ai.", "langfuse.", "session.", "user.", "service.", "error.", "exception.")


def claims(span: Span) -> bool:
    """Claim spans of the library's own scope."""
    return span.scope_name == "livekit-agents"


def read(span: Span, brief: bool) -> Reading:
    """Read a span of LiveKit Agents."""
    attributes = span.attributes
    kind = _kind(span)
    own: dict[str, Any] = {
        "kind": kind,
        "session_id": common.identity(
            attributes, "session.id", "langfuse.session.id", "gen_ai.conversation.id"
        ),
        "user_id": common.identity(attributes, *common.USER_KEYS, "langfuse.user.id"),
        "agent_name": common.text(
            attributes, "gen_ai.agent.name", "lk.agent_name", "lk.agent_label"
        ),
        "turn": span.name in _TURNS,
        "waits": span.name == "agent_session",
    }
    if span.name in _TURNS:
        own["input_text"] = _content(attributes, "user_input")
        own["output_text"] = _content(attributes, "response.text")
    if kind == "tool":
        own |= _tool(span)
    if span.name == "agent_session":
        own["metadata"] = common.others(attributes, *_OWN)
    if not brief:
        own["tools"] = tools_of([{"name": name} for name in _offered(attributes)])
    if kind == "model":
        return _model(span, brief, own)
    return genai.reading(span, brief, reader="livekit", **own)


def _kind(span: Span) -> SpanKind:
    """Say what a span is by its name; some nodes and turns are the model call themselves."""
    if _REALTIME in span.attributes:
        return "model"
    if span.name == "llm_node" and "gen_ai.operation.name" in span.attributes:
        return "model"
    return _KINDS.get(span.name, "other")


def _content(attributes: Mapping[str, Any], name: str) -> str | None:
    return common.text(attributes, f"lk.pii.{name}", f"lk.{name}")


def _offered(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    return common.names(attributes.get("lk.function_tools"))


def _model(span: Span, brief: bool, own: dict[str, Any]) -> Reading:
    attributes = span.attributes
    if _REALTIME in attributes:
        own |= _spoken(own)
    if not brief and attributes.get("gen_ai.tool.definitions"):
        del own["tools"]
    found = genai.reading(span, brief, reader="livekit", **own)
    metrics = common.mapping(attributes.get("lk.llm_metrics"))
    first = found.time_to_first_token_ms
    if first is None and (seconds := common.number(metrics, "ttft")) and seconds > 0:
        first = seconds * 1000
    return structs.replace(
        found,
        messages_in=with_results(found.messages_in, python_result),
        # It writes the model that was asked for here, whichever answered.
        model_response=None,
        usage=_usage(found.usage, metrics),
        time_to_first_token_ms=first,
        streamed=found.streamed if found.streamed is not None else (first is not None) or None,
    )


def _spoken(own: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was said in the turn of a speech model, which has no other messages."""
    asked, answered = own.get("input_text"), own.get("output_text")
    return {
        "messages_in": (WireMessage(role="user", text=asked),) if asked else (),
        "messages_out": (WireMessage(role="assistant", text=answered),) if answered else (),
        "calls_told": False,
    }


def _usage(found: Usage, metrics: Mapping[str, Any]) -> Usage:
    """Return the tokens; both numbers are 0 where the model told none, and that is unknown."""
    if not found.input_tokens and not found.output_tokens:
        return Usage()
    cached = common.count(metrics, "prompt_cached_tokens")
    reasoning = common.count(metrics, "reasoning_tokens")
    return replace(
        found,
        cached_input_tokens=found.cached_input_tokens
        if found.cached_input_tokens is not None
        else cached,
        reasoning_tokens=found.reasoning_tokens
        if found.reasoning_tokens is not None
        else reasoning,
    )


def _tool(span: Span) -> dict[str, Any]:
    attributes = span.attributes
    asked = _first(attributes, "gen_ai.tool.call.arguments", "function_tool.arguments")
    arguments, raw = common.named_arguments(asked)
    given = _first(attributes, "gen_ai.tool.call.result", "function_tool.output")
    error = common.failure(span)
    if attributes.get("lk.function_tool.is_error") is True:
        # The text of an exception that is no ToolError is withheld; the failure is not.
        told = given if isinstance(given, str) and given else common.text(attributes, "error.type")
        error = error or told or "failed"
    return {
        "tool_name": common.text(attributes, "gen_ai.tool.name", "lk.function_tool.name"),
        "tool_call_id": common.text(attributes, "gen_ai.tool.call.id", "lk.function_tool.id"),
        "tool_arguments": arguments,
        "tool_arguments_raw": raw,
        "tool_answered": given is not None and error is None,
        "tool_result": None if error else python_content(given),
        "error": error,
    }


def _first(attributes: Mapping[str, Any], standard: str, name: str) -> Any:
    keys = (f"lk.pii.{name}", f"lk.{name}", standard)
    return next((attributes[key] for key in keys if key in attributes), None)


DIALECT = Dialect(name="livekit", claims=claims, read=read)
