"""Answers on the wire: what the recording holds as MCP content, and as plain JSON."""

from __future__ import annotations

import json
from typing import Any

from reenact.tools.answer import ToolAnswer
from reenact.tools.served.definitions import ServedTool

_BLOCKS = frozenset({"text", "image", "audio", "resource", "resource_link"})


def mcp_result(answer: ToolAnswer) -> dict[str, Any]:
    """Return the answer as MCP's `CallToolResult`; a failure or refusal is a tool's error.

    A recorded result that is itself MCP content goes out as it was. Anything else is one text,
    JSON unless it was text: what the model read.
    """
    if answer.error is not None:
        return {"content": [_text(answer.error)], "isError": True}
    if (recorded := _recorded_content(answer.result)) is not None:
        return recorded
    return mcp_text(answer)


def mcp_text(answer: ToolAnswer) -> dict[str, Any]:
    """Return a result as one text, whatever it looks like."""
    return {"content": [_text(_as_text(answer.result))], "isError": False}


def mcp_tool(tool: ServedTool) -> dict[str, Any]:
    """Return a tool as MCP lists it. An effect that is not known gives no hints."""
    listed: dict[str, Any] = {"name": tool.name, "inputSchema": dict(tool.parameters)}
    if tool.description is not None:
        listed["description"] = tool.description
    if tool.effect != "unknown":
        writes = tool.effect == "write"
        hints: dict[str, Any] = {"readOnlyHint": not writes}
        listed["annotations"] = {**hints, "destructiveHint": True} if writes else hints
    return listed


def json_answer(answer: ToolAnswer) -> dict[str, Any]:
    """Return the answer as the HTTP endpoint gives it."""
    return {
        "result": answer.result,
        "error": answer.error,
        "provenance": answer.provenance,
    }


def json_tool(tool: ServedTool) -> dict[str, Any]:
    """Return a tool as the HTTP endpoint lists it."""
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
        "effect": tool.effect,
        "schema_from": "recorded calls" if tool.mined else "recording",
    }


def _recorded_content(result: Any) -> dict[str, Any] | None:
    """Return a recorded `CallToolResult`, or content of one, as a result; None for others."""
    if isinstance(result, dict):
        if _is_block(result):
            return {"content": [result], "isError": False}
        if _are_blocks(result.get("content")):
            known = ("content", "structuredContent", "isError")
            return {"isError": False, **{key: result[key] for key in known if key in result}}
    if _are_blocks(result):
        return {"content": result, "isError": False}
    return None


def _are_blocks(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_block, value))


def _is_block(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("type") not in _BLOCKS:
        return False
    return value["type"] != "text" or isinstance(value.get("text"), str)


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
