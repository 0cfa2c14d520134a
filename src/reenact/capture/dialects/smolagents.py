"""smolagents through OpenInference: runs, steps, model calls, tools by their class's name.

A run's tokens are those of all runs so far, so only model calls count. `final_answer` is what
the user was told, and no tool.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from msgspec import structs

from reenact.capture.dialects import common, openinference
from reenact.capture.reading import Dialect, Reading, WireMessage
from reenact.capture.wire.chat import message_of
from reenact.capture.wire.flattened import flattened_messages
from reenact.capture.wire.json_text import parsed
from reenact.capture.wire.smolagents import FINAL, memory, spoken
from reenact.domain.span import Span

_MODEL = re.compile(r"created=\d+, model='([^'\\]+)', object='chat")
_COUNTS = {
    "cached_input_tokens": re.compile(r"\bcached_tokens=(\d{1,15})\b"),
    "reasoning_tokens": re.compile(r"\breasoning_tokens=(\d{1,15})\b"),
}
_USAGE = "usage=CompletionUsage("


def claims(span: Span) -> bool:
    """Claim spans of OpenInference's instrumentation of smolagents."""
    return span.scope_name == "openinference.instrumentation.smolagents"


def read(span: Span, brief: bool) -> Reading:
    """Read a span of smolagents."""
    found = openinference.read(span, brief)
    facts: dict[str, Any] = {"reader": "smolagents"}
    if found.kind == "model":
        facts |= _model(span, found, brief)
    elif found.kind == "agent":
        facts["agent_name"] = (found.agent_name or "").removesuffix(".run") or None
    elif found.kind == "tool" and found.tool_name == FINAL:
        facts |= {
            "kind": "other",
            "tool_name": None,
            "tool_arguments": None,
            "tool_arguments_raw": None,
            "tool_answered": False,
            "tool_result": None,
        }
    elif found.kind == "tool":
        facts |= _arguments(span)
    return structs.replace(found, **facts)


def _model(span: Span, found: Reading, brief: bool) -> dict[str, Any]:
    attributes = span.attributes
    response = parsed(attributes.get("output.value"))
    response = response if isinstance(response, dict) else {}
    facts: dict[str, Any] = {
        "messages_in": _told(span, found, brief),
        "messages_out": _answer(response, found),
        "model": common.text(attributes, "llm.model_name"),
        "model_response": None,
    }
    if brief:
        return facts
    raw = response.get("raw")
    if isinstance(raw, str):
        facts |= _raw_facts(raw, found)
    if found.streamed is None:
        facts["streamed"] = span.name.endswith("stream")
    facts["tools"] = tuple(tool for tool in found.tools if tool.name != FINAL)
    return facts


def _told(span: Span, found: Reading, brief: bool) -> tuple[WireMessage, ...]:
    """Return what the model was told; in brief, only the last words of the user."""
    if not brief:
        return memory(found.messages_in)
    whole = flattened_messages(span.attributes, "llm.input_messages")
    return memory(message for message in whole if message.role == "user")[-1:]


def _answer(response: dict[str, Any], found: Reading) -> tuple[WireMessage, ...]:
    """Return the answer out of the whole response: it has arguments that are no text."""
    whole = message_of(response) if response.get("role") else None
    answers = (whole,) if whole and (whole.text or whole.calls) else found.messages_out
    return tuple(map(spoken, answers))


def _raw_facts(raw: str, found: Reading) -> dict[str, Any]:
    """Return what only the `repr` of the provider's response tells; its usage comes last."""
    before, mark, used = raw.rpartition(_USAGE)
    if not mark:
        return {}
    named = _MODEL.findall(before)
    counts: dict[str, Any] = {}
    for name, pattern in _COUNTS.items():
        if match := pattern.search(used):
            counts[name] = int(match[1])
    usage = replace(found.usage, **counts)
    return {"model_response": named[-1] if named else None, "usage": usage}


def _arguments(span: Span) -> dict[str, Any]:
    """Return a tool's arguments without smolagents' own switch among them."""
    given = parsed(span.attributes.get("input.value"))
    if not isinstance(given, dict) or "sanitize_inputs_outputs" not in given:
        return {}
    own = {key: value for key, value in given.items() if key != "sanitize_inputs_outputs"}
    arguments, raw = common.named_arguments(own)
    return {"tool_arguments": arguments, "tool_arguments_raw": raw}


DIALECT = Dialect(name="smolagents", claims=claims, read=read)
