"""Content blocks that are named by their key, as Bedrock and Gemini write them.

`{"toolUse": {...}}`, `{"function_call": {...}}`: the key says what other APIs say in `type`.
"""

from __future__ import annotations

from typing import Any

_CALLS = ("toolUse", "function_call", "functionCall")
_RESULTS = ("toolResult", "function_response", "functionResponse")
_BLOCKS = frozenset(
    {*_CALLS, *_RESULTS, "type", "text", "json", "image", "document", "video", "audio",
     "reasoningContent", "cachePoint", "guardContent", "inline_data", "file_data"}
)  # fmt: skip


def typed(block: Any) -> Any:
    """Return a block that is named by its key with a `type` instead; any other as it is."""
    if not isinstance(block, dict) or "type" in block:
        return block
    if block.get("thought") is True:
        return {"type": "thinking"}
    for key in _CALLS:
        if isinstance(asked := block.get(key), dict):
            return {
                "type": "tool_use",
                "id": asked.get("toolUseId", asked.get("id")),
                "name": asked.get("name"),
                "input": asked.get("input", asked.get("args")),
            }
    for key in _RESULTS:
        if isinstance(given := block.get(key), dict):
            return {
                "type": "tool_result",
                "id": given.get("toolUseId", given.get("id")),
                "name": given.get("name"),
                "content": given.get("content", given.get("response")),
                "is_error": given.get("status") == "error",
            }
    return block


def are_blocks(data: Any) -> bool:
    """Tell whether `data` is a list of content blocks, and not just any JSON."""
    return (
        isinstance(data, list)
        and bool(data)
        and all(isinstance(block, dict) and not _BLOCKS.isdisjoint(block) for block in data)
    )
