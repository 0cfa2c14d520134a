"""MLflow's own spans: inputs and outputs as JSON, kinds in `mlflow.spanType`.

Spans that another library wrote, and MLflow only kept, are read as that library's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.capture.dialects import common
from reenact.capture.reading import Dialect, Reading
from reenact.capture.wire.agent_text import words_in, words_out
from reenact.capture.wire.answer import answer_of
from reenact.capture.wire.chat import tools_of
from reenact.capture.wire.json_text import content, parsed
from reenact.capture.wire.langchain import tool_message
from reenact.capture.wire.python_text import python_data
from reenact.capture.wire.request import answering_model, request_of
from reenact.domain.span import Span, SpanKind

_TYPE = "mlflow.spanType"
_INPUTS = "mlflow.spanInputs"
_OUTPUTS = "mlflow.spanOutputs"
_CHUNK = "mlflow.chunk.item."
_KINDS: dict[str, SpanKind] = {
    "LLM": "model", "CHAT_MODEL": "model", "TOOL": "tool", "AGENT": "agent",
    "RETRIEVER": "retrieval",
}  # fmt: skip


def claims(span: Span) -> bool:
    """Claim spans with MLflow's own inputs, outputs or kind."""
    attributes = span.attributes
    return _TYPE in attributes or _INPUTS in attributes or _OUTPUTS in attributes


def read(span: Span, brief: bool) -> Reading:
    """Read a span of MLflow."""
    attributes = span.attributes
    kind = _KINDS.get(str(attributes.get(_TYPE)).upper(), "other")
    error = common.failure(span)
    facts: dict[str, Any] = {"error": error}
    if kind == "model":
        facts |= _model(span, brief)
    elif kind == "tool":
        facts |= _tool(span, error)
    elif kind == "retrieval":
        facts["query"] = words_in(attributes.get(_INPUTS))
        found = parsed(attributes.get(_OUTPUTS))
        facts["documents"] = tuple(found) if isinstance(found, list) and not brief else ()
    elif kind == "agent" or span.parent_span_id is None:
        facts["input_text"] = words_in(attributes.get(_INPUTS))
        facts["output_text"] = words_out(attributes.get(_OUTPUTS))
    if not brief:
        facts["metadata"] = common.mapping(attributes.get("mlflow.trace.tags"))
        facts["truncated"] = common.truncated(span)
    return Reading(
        reader="mlflow",
        kind=kind,
        session_id=common.identity(attributes, *common.SESSION_KEYS),
        user_id=common.identity(attributes, *common.USER_KEYS),
        agent_name=span.name if kind == "agent" else None,
        agent_version=common.text(span.resource, "service.version"),
        **facts,
    )


def _model(span: Span, brief: bool) -> dict[str, Any]:
    attributes = span.attributes
    told = request_of(attributes.get(_INPUTS), brief=brief)
    used = common.mapping(attributes.get("mlflow.chat.tokenUsage"))
    used["reasoning_tokens"] = _reasoning(attributes.get(_OUTPUTS))
    named = common.text(attributes, "mlflow.llm.model")
    facts: dict[str, Any] = {
        "messages_in": told.messages,
        "messages_out": answer_of(attributes.get(_OUTPUTS)),
        "model": told.model or named,
        "model_response": answering_model(attributes.get(_OUTPUTS)),
        "usage": common.usage(
            used,
            input_tokens=("input_tokens",),
            output_tokens=("output_tokens",),
            cached=("cache_read_input_tokens",),
            reasoning=("reasoning_tokens",),
        ),
    }
    if brief:
        return facts
    first = _first_chunk_ms(span)
    request = parsed(attributes.get(_INPUTS))
    streamed = common.flag(request, "stream") if isinstance(request, dict) else None
    return facts | {
        "system_prompt": told.system,
        "tools": tools_of(attributes.get("mlflow.chat.tools") or told.tools),
        "provider": common.text(attributes, "mlflow.llm.provider"),
        "cost": common.number(common.mapping(attributes.get("mlflow.llm.cost")), "total_cost"),
        "streamed": True if first is not None else streamed,
        "time_to_first_token_ms": first,
    }


def _reasoning(response: Any) -> Any:
    """Return the reasoning tokens as OpenAI's response counts them; MLflow itself does not."""
    told = parsed(response)
    used = common.mapping(told.get("usage")) if isinstance(told, dict) else {}
    details = used.get("completion_tokens_details", used.get("output_tokens_details"))
    return common.mapping(details).get("reasoning_tokens")


def _tool(span: Span, error: str | None) -> dict[str, Any]:
    arguments, raw = common.named_arguments(_arguments(span.attributes))
    answer = content(span.attributes.get(_OUTPUTS))
    call_id = common.text(span.attributes, "tool_call_id")
    message = tool_message(answer)
    if message is not None:
        call_id = call_id or common.text(message, "tool_call_id")
        answer = content(message.get("content"))
        if message.get("status") == "error":
            error = error or str(answer)
    return {
        "tool_name": span.name,
        "tool_call_id": call_id,
        "tool_arguments": arguments,
        "tool_arguments_raw": raw,
        "tool_answered": _OUTPUTS in span.attributes and error is None,
        "tool_result": None if error else answer,
        "error": error,
    }


def _arguments(attributes: Mapping[str, Any]) -> Any:
    """Return a tool's arguments; LangChain writes them as the text of a Python dict."""
    given = attributes.get(_INPUTS)
    found = python_data(given) if parsed(given) is None else None
    return given if found is None else found


def _first_chunk_ms(span: Span) -> float | None:
    times = [event.time_ns for event in span.events if event.name.startswith(_CHUNK)]
    if not times or min(times) < span.start_ns:
        return None
    return (min(times) - span.start_ns) / 1e6


DIALECT = Dialect(name="mlflow", claims=claims, read=read)
