"""LangChain's messages, as plain data, to what was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from reenact.capture.dialects.common import count
from reenact.capture.importers.fields import below, optional
from reenact.capture.importers.json_places import Unusable
from reenact.capture.importers.langgraph_story import Entry, role_of
from reenact.capture.importers.said import Said, call_asked
from reenact.capture.reading import WireMessage
from reenact.capture.wire.chat import messages_of
from reenact.domain.conversation import Usage
from reenact.domain.fidelity import AxisName
from reenact.pricing import cost_of

_GAPS: dict[AxisName, str] = {
    "system_prompt": "a prompt that is given to the model is no part of the state that LangGraph "
    "keeps: capture traces too (openinference-instrumentation-langchain)",
    "usage": "these messages have no usage_metadata: with streaming, set stream_usage=True on "
    "the model",
    "model": "the response_metadata of these messages names no model",
    "timing": "several messages share one checkpoint, so when they were said is not known: "
    'durability="sync" writes one a step',
}


def said_in(entries: Sequence[Entry]) -> list[Said]:
    """Return what the messages of a thread say."""
    return [one for place, entry in enumerate(entries) for one in _said(entry, place)]


def gaps_of(said: Sequence[Said], prompt: str | None) -> dict[AxisName, str]:
    """Return the reasons for what a thread lacks."""
    answers = [one for one in said if one.message.role == "assistant"]
    lacking: dict[AxisName, bool] = {
        "system_prompt": prompt is None,
        "usage": any(one.usage.input_tokens is None for one in answers),
        "model": any(one.model is None for one in answers),
        "timing": any(one.at is None for one in said),
    }
    return {name: _GAPS[name] for name, lacks in lacking.items() if lacks and said}


def _said(entry: Entry, place: int) -> list[Said]:
    message = entry.message
    role = role_of(message)
    found = messages_of([_chat_message(message, role)])
    if role == "user" and not any(one.text or one.results for one in found):
        raise Unusable(f"message {place} of the user holds no words")
    if role != "assistant":
        return [Said(message=one, at=entry.at) for one in found]
    return [_by_model(_with_broken_calls(one, message), entry) for one in found]


def _by_model(said: WireMessage, entry: Entry) -> Said:
    told = entry.message.get("response_metadata")
    model = optional(told, "model_name") or optional(told, "model")
    usage = _usage(entry.message.get("usage_metadata"))
    return Said(
        message=said,
        at=entry.at,
        usage=usage,
        cost=cost_of(usage, model=model, provider=optional(told, "model_provider"), at=entry.at),
        agent=optional(entry.message, "name"),
        model=model,
    )


def _chat_message(message: dict[str, Any], role: str | None) -> dict[str, Any]:
    """Return a message in the shape of chat APIs."""
    kept = {key: message.get(key) for key in ("content", "tool_call_id", "name", "status")}
    calls = message.get("tool_calls")
    return {**kept, "role": role, "tool_calls": calls if isinstance(calls, list) else []}


def _with_broken_calls(said: WireMessage, message: dict[str, Any]) -> WireMessage:
    """Return `said` with the calls whose arguments the model wrote as no JSON."""
    broken = message.get("invalid_tool_calls")
    calls = tuple(
        call_asked(name, call.get("args"), id=optional(call, "id"))
        for call in (broken if isinstance(broken, list) else [])
        if (name := optional(call, "name"))
    )
    return structs.replace(said, calls=(*said.calls, *calls)) if calls else said


def _usage(found: Any) -> Usage:
    used = found if isinstance(found, dict) else {}
    given, made = below(used, "input_token_details"), below(used, "output_token_details")
    return Usage(
        input_tokens=count(used, "input_tokens"),
        output_tokens=count(used, "output_tokens"),
        cached_input_tokens=count(given if isinstance(given, dict) else {}, "cache_read"),
        reasoning_tokens=count(made if isinstance(made, dict) else {}, "reasoning"),
    )
