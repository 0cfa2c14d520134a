"""LangSmith over OpenTelemetry: the whole request and response as JSON, runs as spans.

`langsmith.trace.session_name` is the project, not the session. The process's own settings
(`LANGSMITH_ENDPOINT`, ...) stand among the metadata of every span; they are left out, because
they say nothing of the talk and may hold secrets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reenact.capture.dialects import common
from reenact.capture.reading import Dialect, Reading
from reenact.capture.wire.agent_text import words_in, words_out
from reenact.capture.wire.answer import answer_of
from reenact.capture.wire.chat import tools_of
from reenact.capture.wire.json_text import content, parsed
from reenact.capture.wire.langchain import own_metadata, own_tags
from reenact.capture.wire.python_text import mapping, python_data
from reenact.capture.wire.request import request_of
from reenact.domain.conversation import Usage
from reenact.domain.span import Span, SpanKind

_KIND = "langsmith.span.kind"
_INPUT = "gen_ai.prompt"
_OUTPUT = "gen_ai.completion"
_METADATA = "langsmith.metadata."
_KINDS: dict[str, SpanKind] = {"llm": "model", "tool": "tool", "retriever": "retrieval"}
_SESSIONS = ("session_id", "thread_id", "conversation_id")
_SETTINGS = ("langsmith_", "langchain_")
_RAISED = re.compile(r"(\w+)\(((?:'|\").*)\)", re.DOTALL)
"""The `repr` of an exception with one text: ValueError('no such order')."""
_NOT_METADATA = frozenset(
    {"user_id", "conversation_id", "usage_metadata", "revision_id", "agent_version", "_type",
     "invocation_params"}
)  # fmt: skip


def claims(span: Span) -> bool:
    """Claim spans with a run's kind."""
    return _KIND in span.attributes


def read(span: Span, brief: bool) -> Reading:
    """Read a LangSmith run."""
    attributes = span.attributes
    metadata = {
        key.removeprefix(_METADATA): value
        for key, value in attributes.items()
        if key.startswith(_METADATA)
    }
    kind = _KINDS.get(str(attributes[_KIND]).lower(), "other")
    error = _failure(span)
    facts: dict[str, Any] = {"error": error}
    if kind == "model":
        facts |= _model(span, metadata, brief)
    elif kind == "tool":
        facts |= _tool(span, error)
    elif kind == "retrieval":
        facts |= _retrieval(attributes, brief)
    elif span.parent_span_id is None:
        kind = "agent"
        facts["input_text"] = words_in(attributes.get(_INPUT))
        facts["output_text"] = words_out(attributes.get(_OUTPUT))
    facts["tags"] = own_tags(_tags(attributes.get("langsmith.span.tags")))
    facts["metadata"] = _own_metadata(metadata)
    if not brief:
        facts["truncated"] = common.truncated(span)
    named = common.text(metadata, "lc_agent_name") or common.text(attributes, "gen_ai.agent.name")
    return Reading(
        reader="langsmith",
        kind=kind,
        session_id=common.identity(metadata, *_SESSIONS)
        or common.identity(attributes, *common.SESSION_KEYS),
        user_id=common.identity(metadata, "user_id")
        or common.identity(attributes, *common.USER_KEYS),
        agent_name=named or (span.name if kind == "agent" else None),
        agent_version=common.text(metadata, "agent_version", "prompt_version", "revision_id")
        or common.text(span.resource, "service.version"),
        **facts,
    )


def _model(span: Span, metadata: Mapping[str, Any], brief: bool) -> dict[str, Any]:
    attributes = span.attributes
    told = request_of(attributes.get(_INPUT), brief=brief)
    used = mapping(metadata.get("usage_metadata"))
    facts: dict[str, Any] = {
        "messages_in": told.messages,
        "messages_out": answer_of(attributes.get(_OUTPUT)),
        "model": common.text(attributes, "gen_ai.request.model")
        or common.text(metadata, "ls_model_name"),
        "model_response": common.text(attributes, "gen_ai.response.model"),
        "usage": _usage(attributes, used),
    }
    if brief:
        return facts
    first = common.first_token_ms(span)
    streamed = common.flag(attributes, "langsmith.request.streaming")
    return facts | {
        "system_prompt": told.system,
        "tools": tools_of(told.tools or attributes.get("gen_ai.tool.definitions")),
        "provider": common.text(metadata, "ls_provider")
        or common.text(attributes, "gen_ai.provider.name", "gen_ai.system"),
        "cost": common.number(used, "total_cost")
        or common.number(attributes, "gen_ai.cost.total_cost"),
        "streamed": True if first is not None else streamed,
        "time_to_first_token_ms": first,
    }


def _usage(attributes: Mapping[str, Any], used: Mapping[str, Any]) -> Usage:
    """Return the tokens; the details are dicts, some as JSON, some as a Python `repr`."""
    flat = dict(attributes) | {key: used[key] for key in used if key.endswith("_tokens")}
    for side in ("input", "output"):
        found = mapping(attributes.get(f"gen_ai.usage.{side}_token_details"))
        flat |= found or common.mapping(used.get(f"{side}_token_details"))
    return common.usage(
        flat,
        input_tokens=("gen_ai.usage.input_tokens", "input_tokens"),
        output_tokens=("gen_ai.usage.output_tokens", "output_tokens"),
        cached=("cache_read",),
        reasoning=("reasoning",),
    )


def _tool(span: Span, error: str | None) -> dict[str, Any]:
    attributes = span.attributes
    return common.tool_facts(
        name=common.text(attributes, "gen_ai.tool.name") or span.name,
        call_id=common.text(attributes, "gen_ai.tool.call.id"),
        given=_unwrapped(attributes.get(_INPUT), "input"),
        answer=content(_unwrapped(attributes.get(_OUTPUT), "output")),
        answered=_OUTPUT in attributes,
        error=error,
    )


def _unwrapped(value: Any, name: str) -> Any:
    """Return the value in {"input": ...} or {"output": ...}, which wrap whatever is no object.

    An input that is a dict in a string is a Python `repr`.
    """
    data = parsed(value, value)
    if isinstance(data, dict) and set(data) == {name}:
        inner = data[name]
        found = python_data(inner) if name == "input" else None
        return inner if found is None else found
    return data


def _retrieval(attributes: Mapping[str, Any], brief: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {"query": words_in(attributes.get(_INPUT))}
    if not brief:
        found = parsed(attributes.get(_OUTPUT))
        found = found.get("documents", found.get("output")) if isinstance(found, dict) else found
        facts["documents"] = tuple(found) if isinstance(found, list) else ()
    return facts


def _failure(span: Span) -> str | None:
    """Return why a run failed, without the traceback that stands in the message."""
    said = common.failure(span)
    if said is None:
        return None
    said = said.partition("\n\nTraceback (most recent call last)")[0]
    said = said.removeprefix("Exception: ").strip()
    raised = _RAISED.fullmatch(said)
    words = python_data(f"[{raised[2]}]") if raised else None
    if raised and words and len(words) == 1:
        return f"{raised[1]}: {words[0]}"
    return said or "failed"


def _tags(value: Any) -> tuple[str, ...]:
    """Return tags that stand in one text, apart by commas."""
    if isinstance(value, str) and not value.startswith("["):
        return tuple(tag for part in value.split(",") if (tag := part.strip()))
    return common.names(value)


def _own_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: parsed(value, value) if str(value).startswith(("{", "[")) else value
        for key, value in own_metadata(metadata).items()
        if key not in _NOT_METADATA and not key.lower().startswith(_SETTINGS)
    }


_CONTENT = "unset LANGSMITH_HIDE_INPUTS and LANGSMITH_HIDE_OUTPUTS"
DIALECT = Dialect(name="langsmith", claims=claims, read=read, content=_CONTENT)
