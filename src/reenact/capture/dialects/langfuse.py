"""Langfuse: observations with input and output as JSON, or as plain text that is not quoted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reenact.capture.dialects import common
from reenact.capture.reading import Dialect, Reading, WireMessage
from reenact.capture.wire.agent_text import words_in, words_out
from reenact.capture.wire.answer import answer_of
from reenact.capture.wire.chat import message_of, tools_of
from reenact.capture.wire.json_text import content, parsed
from reenact.capture.wire.request import answering_model, request_of
from reenact.domain.conversation import Usage
from reenact.domain.span import Span, SpanKind

_KINDS: dict[str, SpanKind] = {
    "agent": "agent", "generation": "model", "tool": "tool", "retriever": "retrieval",
}  # fmt: skip
_TYPE = "langfuse.observation.type"
_INPUT = "langfuse.observation.input"
_OUTPUT = "langfuse.observation.output"
_METADATA = "langfuse.trace.metadata."
_ROOT_MARKS = ("langfuse.internal.as_root", "langfuse.internal.is_app_root")
_ANSWER_MARKS = frozenset({"role", "tool_calls", "choices", "generations", "output"})


def claims(span: Span) -> bool:
    """Claim spans with an observation type."""
    return _TYPE in span.attributes


def read(span: Span, brief: bool) -> Reading:
    """Read a Langfuse observation."""
    attributes = span.attributes
    kind = _KINDS.get(str(attributes[_TYPE]).lower(), "other")
    error = _failure(span)
    facts: dict[str, Any] = {}
    if kind == "model":
        facts = _model(span, brief)
    elif kind == "tool":
        facts = _tool(span, error)
    elif kind == "retrieval":
        found = parsed(attributes.get(_OUTPUT))
        facts = {
            "query": words_in(attributes.get(_INPUT)),
            "documents": tuple(found) if isinstance(found, list) and not brief else (),
        }
    elif kind == "agent" or _is_root(span):
        facts = {
            "input_text": words_in(attributes.get(_INPUT)),
            "output_text": words_out(attributes.get(_OUTPUT)),
        }
    if kind == "agent":
        facts["agent_name"] = span.name
    facts["tags"] = common.names(attributes.get("langfuse.trace.tags"))
    facts["metadata"] = _metadata(attributes)
    if not brief:
        facts["truncated"] = common.truncated(span)
    return Reading(
        reader="langfuse",
        kind=kind,
        session_id=common.identity(attributes, "session.id", "langfuse.session.id"),
        user_id=common.identity(attributes, "user.id", "langfuse.user.id"),
        agent_version=common.text(attributes, "langfuse.version", "langfuse.release"),
        error=error,
        **facts,
    )


def _is_root(span: Span) -> bool:
    """Tell whether it is a root, or is marked as one for all that stands above it."""
    marks = (str(span.attributes.get(mark)).lower() for mark in _ROOT_MARKS)
    return span.parent_span_id is None or "true" in marks


def _model(span: Span, brief: bool) -> dict[str, Any]:
    attributes = span.attributes
    told = request_of(attributes.get(_INPUT), brief=brief)
    named = common.text(attributes, "langfuse.observation.model.name")
    facts: dict[str, Any] = {
        "messages_in": told.messages,
        "messages_out": _answer(attributes.get(_OUTPUT)),
        "model_response": answering_model(attributes.get(_OUTPUT)) or named,
        "usage": _usage(attributes),
    }
    if brief:
        return facts
    first = _first_token_ms(span)
    return facts | {
        "system_prompt": told.system,
        "tools": tools_of(told.tools),
        "cost": _cost(attributes),
        "streamed": first is not None or None,
        "time_to_first_token_ms": first,
    }


def _answer(given: Any) -> tuple[WireMessage, ...]:
    """Return the answer: a message, a model's whole answer, or text that may look like JSON."""
    data = parsed(given)
    if isinstance(data, list) or (isinstance(data, dict) and _ANSWER_MARKS.intersection(data)):
        found = answer_of(data)
        if found:
            return found
    said = message_of(given) if isinstance(given, str) else None
    return (said,) if said else ()


def _tool(span: Span, error: str | None) -> dict[str, Any]:
    attributes = span.attributes
    arguments, raw = common.named_arguments(attributes.get(_INPUT))
    given = attributes.get(_OUTPUT)
    return {
        "tool_name": span.name,
        "tool_arguments": arguments,
        "tool_arguments_raw": raw,
        "tool_answered": given is not None and error is None,
        "tool_result": None if error else content(given),
    }


def _failure(span: Span) -> str | None:
    """Return the status message of an observation at level ERROR."""
    attributes = span.attributes
    failed = str(attributes.get("langfuse.observation.level")).upper() == "ERROR"
    said = common.text(attributes, "langfuse.observation.status_message")
    if failed and said and not any(event.name == "exception" for event in span.events):
        return said
    return common.failure(span) or ("failed" if failed else None)


def _usage(attributes: Mapping[str, Any]) -> Usage:
    """Return the tokens. Langfuse itself counts in `input` and `output` what no detail counts."""
    details = common.mapping(attributes.get("langfuse.observation.usage_details"))
    flat = dict(details)
    for name in ("prompt_tokens_details", "completion_tokens_details"):
        flat |= common.mapping(details.get(name))
    for name in ("input", "output"):
        if name in details:
            parts = [common.count(details, key) for key in details if name in key]
            known = [part for part in parts if part is not None]
            flat[name] = sum(known) if known else None
    return common.usage(
        flat,
        input_tokens=("prompt_tokens", "input", "input_tokens"),
        output_tokens=("completion_tokens", "output", "output_tokens"),
        cached=(
            "cached_tokens", "input_cached_tokens", "input_cache_read", "cache_read_input_tokens",
        ),
        reasoning=("reasoning_tokens", "output_reasoning_tokens", "output_reasoning"),
    )  # fmt: skip


def _cost(attributes: Mapping[str, Any]) -> float | None:
    return common.number(
        common.mapping(attributes.get("langfuse.observation.cost_details")), "total"
    )


def _first_token_ms(span: Span) -> float | None:
    """Return the time to `completion_start_time`, a timestamp that may stand in JSON quotes."""
    told = span.attributes.get("langfuse.observation.completion_start_time")
    stamp = parsed(told, told)
    if not isinstance(stamp, str):
        return None
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    passed = at.timestamp() * 1000 - span.start_ns / 1e6
    return round(passed, 3) if passed >= 0 else None


def _metadata(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key.removeprefix(_METADATA): parsed(value, value)
        for key, value in attributes.items()
        if key.startswith(_METADATA)
    }


_CONTENT = "let observations capture their input and output, without a mask"
DIALECT = Dialect(name="langfuse", claims=claims, read=read, content=_CONTENT)
