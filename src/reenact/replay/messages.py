"""What the agent is told of the talk so far: items as OpenAI-style messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from reenact.domain.conversation import Item, Message, ToolCall
from reenact.replay.script import Script


def messages_of(items: Iterable[Item], *, with_tools: bool) -> list[dict[str, Any]]:
    """Return `items` as messages; tool calls and their results only `with_tools`.

    An agent whose tools run inside it never saw its tool calls as messages of the caller; an
    agent that hands its calls back did.
    """
    told: list[dict[str, Any]] = []
    waiting: list[ToolCall] = []
    for item in items:
        if isinstance(item, ToolCall):
            if with_tools and item.requestor == "agent":
                waiting.append(item)
            continue
        if isinstance(item, Message) and item.role in ("user", "assistant", "operator"):
            if waiting:
                told.extend(_flushed(waiting))
            told.append({"role": _ROLE[item.role], "content": item.text})
    if waiting:
        told.extend(_flushed(waiting))
    return told


def told_before(script: Script, *, with_tools: bool) -> list[dict[str, Any]]:
    """Return what the agent is told before the first turn of `script`."""
    told = messages_of(script.before, with_tools=with_tools)
    if script.system is not None:
        return [{"role": "system", "content": script.system}, *told]
    return told


def tool_messages(calls: Sequence[ToolCall], *, said: str | None = None) -> list[dict[str, Any]]:
    """Return one assistant message that asks for `calls`, and a tool message for each result."""
    if not calls:
        return []
    ids = [call.id or f"call_{place}" for place, call in enumerate(calls)]
    asked = {
        "role": "assistant",
        "content": said,
        "tool_calls": [
            {
                "id": id,
                "type": "function",
                "function": {"name": call.name, "arguments": _text(call.arguments)},
            }
            for id, call in zip(ids, calls, strict=True)
        ],
    }
    results = [
        {"role": "tool", "tool_call_id": id, "name": call.name, "content": result_text(call)}
        for id, call in zip(ids, calls, strict=True)
    ]
    return [asked, *results]


def result_text(call: ToolCall) -> str:
    """Return what the model would have read as the call's result."""
    if call.error is not None:
        return call.error if call.error.lower().startswith("error") else f"Error: {call.error}"
    return call.result if isinstance(call.result, str) else _text(call.result)


def _flushed(waiting: list[ToolCall]) -> list[dict[str, Any]]:
    told = tool_messages(waiting)
    waiting.clear()
    return told


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


_ROLE = {"user": "user", "assistant": "assistant", "operator": "assistant"}
