"""LangChain's serialised messages, in any of the three ways in which it writes them.

{"lc": 1, "type": "constructor", "kwargs": {...}}, {"type": "ai", "data": {...}}, or the fields
themselves with the kind of message as their `type`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_METADATA = (
    "ls_", "lc_", "langgraph_", "checkpoint_", "thread_id", "session_id", "prompt_version",
)  # fmt: skip
_KINDS = {
    "human": "user", "HumanMessage": "user", "HumanMessageChunk": "user",
    "ai": "assistant", "AIMessage": "assistant", "AIMessageChunk": "assistant",
    "system": "system", "SystemMessage": "system",
    "tool": "tool", "ToolMessage": "tool", "ToolMessageChunk": "tool",
}  # fmt: skip
_KEPT = ("content", "tool_calls", "tool_call_id", "name", "status")


def plain_message(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a serialised message as a chat message with a role; anything else as it is."""
    if "role" in raw:
        return raw
    fields = _fields(raw)
    role = _role(raw, fields)
    if role is None or "content" not in fields:
        return raw
    return {"role": role, **{k: fields[k] for k in _KEPT if fields.get(k) is not None}}


def tool_message(answer: Any) -> Mapping[str, Any] | None:
    """Return the fields of a serialised ToolMessage, None where it is none."""
    if not isinstance(answer, dict):
        return None
    fields = _fields(answer)
    if _role(answer, fields) != "tool" or "content" not in fields:
        return None
    return fields if fields is not answer or "tool_call_id" in fields else None


def own_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata without what LangChain and LangGraph add, and what is a fact already."""
    return {k: v for k, v in metadata.items() if not k.startswith(NOT_METADATA)}


def own_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Return tags without the step counters that LangChain and LangGraph add."""
    return tuple(tag for tag in tags if not tag.startswith(("graph:step:", "seq:step:")))


def _fields(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a message's own fields, which may be one level down."""
    inner = raw.get("kwargs", raw.get("data"))
    return inner if isinstance(inner, dict) and "content" in inner else raw


def _role(raw: dict[str, Any], fields: dict[str, Any]) -> str | None:
    """Say who speaks: by the `type` within, else without, else by the name of the class."""
    place = raw.get("id")
    name = place[-1] if raw.get("lc") and isinstance(place, list) and place else None
    kinds = (fields.get("type"), raw.get("type"), name)
    return next((_KINDS[kind] for kind in kinds if isinstance(kind, str) and kind in _KINDS), None)
