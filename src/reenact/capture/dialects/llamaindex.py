"""LlamaIndex through OpenInference: workflow steps as spans, their values as Python `repr`s.

The preparation of a model call is a span of kind LLM too, and stands for no call. What a
workflow's root says went in and out is a cut `repr`; the model calls hold the words.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import structs

from reenact.capture.dialects import common, openinference
from reenact.capture.reading import Dialect, Reading, WireMessage
from reenact.capture.wire.json_text import content, parsed
from reenact.capture.wire.python_text import python_data
from reenact.domain.span import Span

_AGENT = re.compile(r"current_agent_name='([^'\\]+)'\)\"\}\Z")
"""The agent at the end of the event that a step was given."""


def claims(span: Span) -> bool:
    """Claim spans of OpenInference's instrumentation of LlamaIndex."""
    return span.scope_name == "openinference.instrumentation.llama_index"


def read(span: Span, brief: bool) -> Reading:
    """Read a span of LlamaIndex."""
    found = openinference.read(span, brief)
    facts: dict[str, Any] = {"reader": "llamaindex"}
    if found.kind == "model":
        facts |= _model(span, found, brief)
    elif found.kind == "tool":
        facts |= _tool(span, found)
    else:
        facts["agent_name"] = found.agent_name or _agent(span)
    return structs.replace(found, **facts)


def _model(span: Span, found: Reading, brief: bool) -> dict[str, Any]:
    """Return what differs: the model's name is the one that was asked for."""
    facts: dict[str, Any] = {"model": found.model_response, "model_response": None}
    if brief:
        return facts
    streamed = found.streamed
    if streamed is None:
        streamed = "stream" in span.name.rpartition(".")[2]
    return facts | {"messages_in": tuple(map(_read_results, found.messages_in)),
                    "streamed": streamed}  # fmt: skip


def _read_results(message: WireMessage) -> WireMessage:
    results = [structs.replace(r, content=_data(r.content)) for r in message.results]
    return structs.replace(message, results=tuple(results)) if results else message


def _tool(span: Span, found: Reading) -> dict[str, Any]:
    """Return a tool's arguments and answer; the answer is wrapped with what went in."""
    given = parsed(span.attributes.get("input.value"))
    facts: dict[str, Any] = {}
    if isinstance(given, dict) and set(given) == {"kwargs"}:
        arguments, raw = common.named_arguments(given["kwargs"])
        facts = {"tool_arguments": arguments, "tool_arguments_raw": raw}
    answer = parsed(span.attributes.get("output.value"))
    if not isinstance(answer, dict) or "raw_output" not in answer:
        return facts | {"tool_result": _data(found.tool_result)}
    result = _data(content(answer["raw_output"]))
    error = found.error
    if answer.get("is_error") is True:
        error = error or str(result or "failed")
    return facts | {
        "tool_answered": error is None,
        "tool_result": None if error else result,
        "error": error,
    }


def _data(value: Any) -> Any:
    found = python_data(value)
    return value if found is None else found


def _agent(span: Span) -> str | None:
    given = span.attributes.get("input.value")
    named = _AGENT.search(given[-400:]) if isinstance(given, str) else None
    return named[1] if named else None


DIALECT = Dialect(name="llamaindex", claims=claims, read=read)
