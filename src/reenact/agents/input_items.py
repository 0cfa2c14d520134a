"""The messages of a talk as input items of OpenAI's Responses API.

https://platform.openai.com/docs/api-reference/responses/create: words are messages, a call that
the agent handed back is a `function_call`, its result a `function_call_output`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def input_items(messages: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return OpenAI-style chat `messages` as input items."""
    items: list[dict[str, Any]] = []
    for message in messages:
        if message.get("role") == "tool":
            items.append(
                {
                    "type": "function_call_output",
                    "call_id": message.get("tool_call_id"),
                    "output": message.get("content") or "",
                }
            )
            continue
        calls = message.get("tool_calls") or ()
        if message.get("content") or not calls:
            items.append({"role": message.get("role"), "content": message.get("content") or ""})
        items += [
            {
                "type": "function_call",
                "call_id": call.get("id"),
                "name": call["function"]["name"],
                "arguments": call["function"]["arguments"],
            }
            for call in calls
        ]
    return items


def unseen(messages: Sequence[dict[str, Any]], *, asked: frozenset[str]) -> list[dict[str, Any]]:
    """Return the end of `messages` that an agent which keeps the talk has not seen yet.

    That is what follows the last words or calls of its own. `asked` are the ids of the calls
    that it made last: calls with other ids were put into the talk from the recording.
    """
    start = len(messages)
    while start:
        before = messages[start - 1]
        if before.get("role") == "assistant":
            ids = {call.get("id") for call in before.get("tool_calls") or ()}
            if ids <= asked:
                break
        start -= 1
    return list(messages[start:])
