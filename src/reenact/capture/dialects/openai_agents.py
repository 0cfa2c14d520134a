"""The OpenAI Agents SDK's own spans, as `capture.openai_agents` writes them.

A model reached through the Responses API leaves a `response` span: tokens, and no word of what
was said. One reached through Chat Completions leaves a `generation` span with its messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.capture.dialects import common
from reenact.capture.openai_agents import PREFIX, SCOPE
from reenact.capture.reading import Dialect, Reading
from reenact.capture.wire.chat import messages_of, split_system
from reenact.capture.wire.json_text import content
from reenact.capture.wire.python_text import python_data
from reenact.domain.conversation import ToolDefinition, Usage
from reenact.domain.fidelity import AxisName
from reenact.domain.span import Span, SpanKind

KINDS: dict[str, SpanKind] = {
    "response": "model", "generation": "model", "function": "tool", "agent": "agent",
    "handoff": "handoff",
}  # fmt: skip
_USERS = ("user_id", "userId", "user.id", "user")
_BRIDGE = (
    "the Agents SDK's own traces leave it out: instrument the SDK for OpenTelemetry "
    "(openinference-instrumentation-openai-agents) and send that"
)
_GAPS: dict[AxisName, str] = {
    "user_turns": _BRIDGE,
    "assistant_text": _BRIDGE,
    "system_prompt": _BRIDGE,
    "model": _BRIDGE,
}


def claims(span: Span) -> bool:
    """Claim the spans that were made of the SDK's own JSON."""
    return span.scope_name == SCOPE


def read(span: Span, brief: bool) -> Reading:
    """Read an object of the SDK: a trace, or one of its spans."""
    told = {
        key.removeprefix(PREFIX): value
        for key, value in span.attributes.items()
        if key.startswith(PREFIX)
    }
    type = told.get("type")
    kind = KINDS.get(type, "other") if isinstance(type, str) else "other"
    facts: dict[str, Any] = {}
    if type == "trace":
        facts = _trace_facts(told)
    elif kind == "model":
        facts = _model_facts(told, brief)
    elif kind == "tool":
        facts = _tool_facts(span, told)
    elif kind == "agent":
        facts = {"agent_name": common.text(told, "name"), "tools": _tools(told)}
    elif kind == "handoff":
        facts = {
            "handoff_source": common.text(told, "from_agent"),
            "handoff_target": common.text(told, "to_agent"),
        }
    if not brief:
        facts["truncated"] = common.truncated(span)
    return Reading(reader="openai_agents", kind=kind, error=common.failure(span), **facts)


def _trace_facts(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a trace says of its session. The SDK knows no users: they are metadata."""
    metadata = told.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return {
        "session_id": common.identity(told, "group_id"),
        "user_id": common.identity(metadata, *_USERS),
        "metadata": {key: value for key, value in metadata.items() if key not in _USERS},
    }


def _model_facts(told: Mapping[str, Any], brief: bool) -> dict[str, Any]:
    system, messages = split_system(messages_of(told.get("input"), brief=brief))
    answer = messages_of(told.get("output"))
    facts: dict[str, Any] = {
        "messages_in": messages,
        "messages_out": answer,
        "model": common.text(told, "model"),
        "usage": _usage(told.get("usage")),
    }
    if not brief:
        facts["system_prompt"] = system
        facts["gaps"] = {} if messages or answer else _GAPS
    return facts


def _usage(found: Any) -> Usage:
    used = found if isinstance(found, dict) else {}
    given, made = (used.get(f"{side}_tokens_details") for side in ("input", "output"))
    return Usage(
        input_tokens=common.count(used, "input_tokens", "prompt_tokens"),
        output_tokens=common.count(used, "output_tokens", "completion_tokens"),
        cached_input_tokens=common.count(given if isinstance(given, dict) else {}, "cached_tokens"),
        reasoning_tokens=common.count(made if isinstance(made, dict) else {}, "reasoning_tokens"),
    )


def _tool_facts(span: Span, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a tool's run.

    Without an output it is not known what came back: some versions send none for every empty
    result, all of them where sensitive data is switched off.
    """
    arguments, raw = common.named_arguments(told.get("input"))
    output = told.get("output")
    answered = output is not None and span.status != "error"
    return {
        "tool_name": common.text(told, "name") or span.name,
        "tool_arguments": arguments,
        "tool_arguments_raw": raw,
        "tool_answered": answered,
        "tool_result": _output(output) if answered else None,
    }


def _output(text: Any) -> Any:
    """Return what a tool gave; the SDK writes it with `str`, so it is JSON or Python's way."""
    found = content(text)
    if not isinstance(found, str):
        return found
    if found in ("True", "False"):
        return found == "True"
    data = python_data(found)
    return found if data is None else data


def _tools(told: Mapping[str, Any]) -> tuple[ToolDefinition, ...]:
    """Return the agent's tools, of which only the names are told."""
    return tuple(ToolDefinition(name=name) for name in common.names(told.get("tools")) if name)


DIALECT = Dialect(name="openai_agents", claims=claims, read=read)
