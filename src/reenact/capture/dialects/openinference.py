"""OpenInference: `openinference.span.kind`, messages flattened into keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.capture.dialects import common
from reenact.capture.reading import Dialect, Reading
from reenact.capture.wire.agent_text import words_in, words_out
from reenact.capture.wire.chat import split_system, tools_of
from reenact.capture.wire.flattened import (
    flattened_answer,
    flattened_messages,
    flattened_tools,
)
from reenact.capture.wire.json_text import content, parsed
from reenact.capture.wire.langchain import own_metadata
from reenact.domain.conversation import ToolDefinition
from reenact.domain.span import Span, SpanKind

KINDS: dict[str, SpanKind] = {
    "LLM": "model", "TOOL": "tool", "AGENT": "agent", "RETRIEVER": "retrieval",
}  # fmt: skip
_VERSIONS = ("agent.version", "llm.prompt_template.version")


def claims(span: Span) -> bool:
    """Claim spans with OpenInference's own kind."""
    return "openinference.span.kind" in span.attributes


def read(span: Span, brief: bool) -> Reading:
    """Read an OpenInference span."""
    attributes = span.attributes
    kind = KINDS.get(str(attributes.get("openinference.span.kind")).upper(), "other")
    facts: dict[str, Any] = {}
    if kind == "model":
        facts = model_facts(span, brief)
    elif kind == "tool":
        facts = tool_facts(span)
    elif kind == "retrieval":
        facts = {"query": common.text(attributes, "input.value")}
        if not brief:
            facts["documents"] = _documents(attributes)
    elif kind == "agent" or span.parent_span_id is None:
        facts = {
            "input_text": words_in(attributes.get("input.value")),
            "output_text": words_out(attributes.get("output.value")),
        }
    if kind == "agent":
        facts["agent_name"] = common.text(attributes, "agent.name") or span.name
    facts.setdefault("error", common.failure(span))
    facts["tags"] = common.names(attributes.get("tag.tags"))
    facts["metadata"] = own_metadata(common.mapping(attributes.get("metadata")))
    if not brief:
        facts["truncated"] = common.truncated(span)
    return Reading(
        reader="openinference",
        kind=kind,
        session_id=common.identity(attributes, *common.SESSION_KEYS),
        user_id=common.identity(attributes, *common.USER_KEYS),
        agent_version=_version(span),
        **facts,
    )


def model_facts(span: Span, brief: bool) -> dict[str, Any]:
    """Return the facts of an LLM span. It is a phantom where it neither asked nor answered."""
    attributes = span.attributes
    messages = flattened_messages(attributes, "llm.input_messages", brief=brief)
    system, told = split_system(messages)
    whole = flattened_answer if brief else flattened_messages
    answer = whole(attributes, "llm.output_messages")
    response = common.text(attributes, "llm.response.model_name", "llm.model_name")
    settings = common.mapping(attributes.get("llm.invocation_parameters"))
    asked = common.text(attributes, "llm.request.model_name") or common.text(settings, "model")
    facts: dict[str, Any] = {
        "messages_in": told,
        "messages_out": answer,
        "model": asked,
        "model_response": response,
        "usage": common.usage(
            attributes,
            input_tokens=("llm.token_count.prompt",),
            output_tokens=("llm.token_count.completion",),
            cached=("llm.token_count.prompt_details.cache_read",),
            reasoning=("llm.token_count.completion_details.reasoning",),
        ),
    }
    if brief:
        return facts
    first = common.first_token_ms(span)
    used = facts["usage"]
    return facts | {
        "system_prompt": system,
        "tools": _tools(attributes),
        "provider": common.text(attributes, "llm.provider", "llm.system"),
        "cost": common.number(attributes, "llm.cost.total"),
        # LangChain says false of streamed calls too: only a true one is certain.
        "streamed": first is not None or common.flag(settings, "stream") or None,
        "time_to_first_token_ms": first,
        "phantom": not messages
        and not answer
        and used.input_tokens is None
        and span.status != "error",
    }


def tool_facts(span: Span) -> dict[str, Any]:
    """Return the facts of a TOOL span.

    LangChain's spans hold a single argument bare, and the answer as a serialised message.
    """
    attributes = span.attributes
    answer = attributes.get("output.value")
    return common.tool_facts(
        name=common.text(attributes, "tool.name") or span.name,
        call_id=common.text(attributes, "tool_call.id", "tool.id"),
        given=attributes.get("input.value"),
        answer=content(answer),
        answered=answer is not None,
        error=common.failure(span),
    )


def _tools(attributes: Mapping[str, Any]) -> tuple[ToolDefinition, ...]:
    return tools_of(list(flattened_tools(attributes, "llm.tools")))


def _documents(attributes: Mapping[str, Any]) -> tuple[Any, ...]:
    found: dict[str, dict[str, Any]] = {}
    for key, value in attributes.items():
        if key.startswith("retrieval.documents."):
            place, _, name = key.removeprefix("retrieval.documents.").partition(".")
            found.setdefault(place, {})[name.removeprefix("document.")] = value
    order = sorted(found, key=lambda place: int(place) if place.isdecimal() else 0)
    return tuple(found[place] for place in order)


def _version(span: Span) -> str | None:
    found = common.text(span.attributes, *_VERSIONS)
    found = found or common.text(span.resource, "service.version")
    if found is None and "prompt_version" in str(span.attributes.get("metadata", "")):
        metadata = parsed(span.attributes["metadata"])
        found = common.text(metadata, "prompt_version") if isinstance(metadata, dict) else None
    return found


_CONTENT = "unset OPENINFERENCE_HIDE_INPUTS, OPENINFERENCE_HIDE_OUTPUTS and the like"
DIALECT = Dialect(name="openinference", claims=claims, read=read, content=_CONTENT)
