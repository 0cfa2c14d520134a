"""Traceloop (OpenLLMetry): workflows and tools as entities, model calls as GenAI spans.

Before the GenAI conventions held messages, model calls had them in numbered keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.capture.dialects import common, genai
from reenact.capture.reading import Dialect, Reading
from reenact.capture.wire.agent_text import words_in, words_out
from reenact.capture.wire.chat import split_system
from reenact.capture.wire.json_text import content, parsed
from reenact.capture.wire.langchain import own_metadata
from reenact.capture.wire.numbered import numbered_answer, numbered_messages, numbered_tools
from reenact.capture.wire.python_text import python_data
from reenact.domain.span import Span, SpanKind

_PROPERTIES = "traceloop.association.properties."
_SCOPES = "opentelemetry.instrumentation."
_KINDS: dict[str, SpanKind] = {"workflow": "agent", "agent": "agent", "tool": "tool"}
_REQUESTS = frozenset({"chat", "completion"})
_NOT_METADATA = ("user_id", "conversation_id", "tags", "checkpoint_ns")


def claims(span: Span) -> bool:
    """Claim spans with keys of Traceloop's own, also where only its instrumentation runs."""
    attributes = span.attributes
    return (
        "traceloop.workflow.name" in attributes
        or "traceloop.span.kind" in attributes
        or f"{_PROPERTIES}session_id" in attributes
        or ("llm.request.type" in attributes and span.scope_name.startswith(_SCOPES))
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
    own["tags"] = common.names(properties.get("tags"))
    kept = own_metadata(properties)
    own["metadata"] = {k: v for k, v in kept.items() if k not in _NOT_METADATA}
    kind = _KINDS.get(str(attributes.get("traceloop.span.kind")))
    if kind == "tool":
        own |= _tool(span)
    elif kind == "agent":
        own |= {
            "kind": "agent",
            "agent_name": common.text(attributes, "traceloop.entity.name"),
            "input_text": words_in(_inside(attributes.get("traceloop.entity.input"), "inputs")),
            "output_text": words_out(_inside(attributes.get("traceloop.entity.output"), "outputs")),
        }
    elif str(attributes.get("llm.request.type")) in _REQUESTS:
        own |= _request(attributes, brief)
    return genai.reading(span, brief, reader="traceloop", **own)


def _request(attributes: Mapping[str, Any], brief: bool) -> dict[str, Any]:
    """Return the facts of a model call that has its messages in numbered keys."""
    if "gen_ai.input.messages" in attributes:
        return {"kind": "model"}
    messages = numbered_messages(attributes, "gen_ai.prompt", brief=brief)
    system, told = split_system(messages)
    own: dict[str, Any] = {
        "kind": "model",
        "messages_in": told,
        "messages_out": numbered_answer(attributes, "gen_ai.completion"),
    }
    if not brief:
        own["system_prompt"] = system
        own["tools"] = numbered_tools(attributes, "llm.request.functions")
    return own


def _tool(span: Span) -> dict[str, Any]:
    attributes = span.attributes
    given = attributes.get("traceloop.entity.input")
    call_id = common.text(attributes, "gen_ai.tool.call.id")
    asked = parsed(given)
    if isinstance(asked, dict) and "input_str" in asked:
        # LangChain's callbacks: the arguments, and once more as a Python `repr`.
        call_id = call_id or common.text(common.mapping(asked.get("kwargs")), "tool_call_id")
        given = asked.get("inputs") or python_data(asked["input_str"]) or asked["input_str"]
    answer = attributes.get("traceloop.entity.output")
    facts = common.tool_facts(
        name=common.text(attributes, "gen_ai.tool.name", "traceloop.entity.name"),
        call_id=call_id,
        given=given,
        answer=content(_inside(answer, "output")),
        answered=answer is not None,
        error=common.failure(span),
    )
    return {"kind": "tool", **facts}


def _inside(value: Any, name: str) -> Any:
    """Return what LangChain's callbacks wrap: {"output": ..., "kwargs": ...}."""
    data = parsed(value)
    if isinstance(data, dict) and name in data and "kwargs" in data:
        return data[name]
    return value


_CONTENT = "set TRACELOOP_TRACE_CONTENT=true"
DIALECT = Dialect(name="traceloop", claims=claims, read=read, content=_CONTENT)
