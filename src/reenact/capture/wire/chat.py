"""Chat messages as JSON: OpenAI, Anthropic, Bedrock, Gemini, OTel GenAI `parts`, Vercel AI.

The families differ in names, not in shape, so one tolerant reader serves them all. What it
does not know it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reenact.capture.reading import WireCall, WireMessage, WireResult, WireRole
from reenact.capture.wire.json_text import content, parsed
from reenact.capture.wire.keyed_blocks import typed
from reenact.capture.wire.langchain import plain_message
from reenact.domain.conversation import ToolDefinition

ROLES: dict[str, WireRole] = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user",
    "assistant": "assistant", "ai": "assistant", "model": "assistant",
    "tool": "tool", "function": "tool",
    "tool-call": "assistant", "tool-response": "tool",
}  # fmt: skip

_TEXT = frozenset({"text", "input_text", "output_text"})
_CALL = frozenset({"tool_call", "tool-call", "tool_use", "function_call", "function"})
_RESULT = frozenset({"tool_call_response", "tool-result", "tool_result", "function_call_output"})


def messages_of(data: Any, *, brief: bool = False) -> tuple[WireMessage, ...]:
    """Return the messages of `data`: a list of them, or an object that holds `messages`.

    With `brief`, only the last one of the user.
    """
    if isinstance(data, dict):
        data = data.get("messages", data.get("input", [data] if "role" in data else ()))
    if isinstance(data, str):
        return (WireMessage(role="user", text=data),) if data else ()
    if not isinstance(data, list):
        return ()
    if len(data) == 1 and isinstance(data[0], list):
        data = data[0]
    if brief:
        data = _last_user(data)
    return joined_messages(message for raw in data for message in _messages(raw))


def message_of(data: Any, role: WireRole = "assistant") -> WireMessage | None:
    """Return the message that the object or text `data` stands for."""
    if isinstance(data, str):
        return WireMessage(role=role, text=data) if data else None
    found = messages_of([data]) if isinstance(data, dict) else ()
    return found[0] if found else None


def split_system(
    messages: Sequence[WireMessage],
) -> tuple[str | None, tuple[WireMessage, ...]]:
    """Return the system prompt (texts joined by newlines) and the other messages."""
    system = [m.text for m in messages if m.role == "system" and m.text]
    return "\n".join(system) or None, tuple(m for m in messages if m.role != "system")


def call_of(name: str | None, arguments: Any, call_id: str | None = None) -> WireCall:
    """Return a requested call; arguments may be an object or JSON in a string."""
    found = {} if arguments in (None, "") else parsed(arguments)
    raw = arguments if found is None and isinstance(arguments, str) else None
    return WireCall(name=name or "", id=call_id or None, arguments=found, raw=raw)


def tools_of(data: Any) -> tuple[ToolDefinition, ...]:
    """Return tool definitions, in any of the shapes that model APIs take them."""
    entries = parsed(data)
    if isinstance(entries, dict):
        entries = [entries]
    if not isinstance(entries, list):
        return ()
    return tuple(tool for entry in entries if (tool := _tool(parsed(entry))))


def text_of(value: Any) -> str | None:
    """Return the words of a content: a string, or a list of text blocks; None where empty."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        return None
    texts = [text for block in value if (text := _block_text(block))]
    return "\n".join(texts) or None


def tool_answer(given: Any) -> Any:
    """Return a tool's answer: JSON where it is some, also as text blocks or a `json` block."""
    if isinstance(given, list) and given:
        if all(_is_text_block(block) for block in given):
            return content(text_of(given))
        if len(given) == 1 and isinstance(given[0], dict) and set(given[0]) == {"json"}:
            return given[0]["json"]
    return content(given)


def _last_user(raw: list[Any]) -> list[Any]:
    for entry in reversed(raw):
        if any(message.role == "user" and message.text for message in _messages(entry)):
            return [entry]
    return []


def _messages(raw: Any) -> Iterable[WireMessage]:
    if not isinstance(raw, dict):
        return
    raw = plain_message(raw)
    given = raw.get("role")
    if given is None:
        role: WireRole | None = _item_role(raw)
        blocks: list[Any] = [raw]
    else:
        role = ROLES.get(given) if isinstance(given, str) else None
        body = raw.get("parts", raw.get("content"))
        blocks = body if isinstance(body, list) else [body]
    if role is None:
        return
    texts, calls, results = _blocks(blocks)
    for call in _list(raw.get("tool_calls")):
        calls.append(_openai_call(call))
    if role == "tool" and not results:
        results.append(_tool_answer(raw))
        texts = []
    if results:
        yield WireMessage(role="tool", results=tuple(results))
        if not texts and not calls:
            return
    yield WireMessage(role=role, text="\n".join(texts) or None, calls=_distinct(calls))


def _item_role(raw: dict[str, Any]) -> WireRole | None:
    """Say who speaks in an item that has no role, as the OpenAI Responses API writes calls."""
    kind = str(raw.get("type"))
    if kind in _CALL:
        return "assistant"
    return "tool" if kind in _RESULT else None


def _blocks(blocks: list[Any]) -> tuple[list[str], list[WireCall], list[WireResult]]:
    texts: list[str] = []
    calls: list[WireCall] = []
    results: list[WireResult] = []
    for block in map(typed, blocks):
        kind = str(block.get("type")) if isinstance(block, dict) else None
        if kind in _CALL:
            calls.append(_block_call(block))
        elif kind in _RESULT:
            results.append(_block_result(block))
        elif text := _block_text(block):
            texts.append(text)
    return texts, calls, results


def _block_text(block: Any) -> str | None:
    if isinstance(block, str):
        return block
    if not isinstance(block, dict) or str(block.get("type", "text")) not in _TEXT:
        return None
    text = block.get("text", block.get("content"))
    return text if isinstance(text, str) else None


def _is_text_block(block: Any) -> bool:
    """Tell a block of words from an entry of a tool's own answer that has a text among others."""
    if not isinstance(block, dict) or not _block_text(block):
        return False
    return "type" in block or set(block) == {"text"}


def _block_call(block: dict[str, Any]) -> WireCall:
    if isinstance(block.get("function"), dict):
        return _openai_call(block)
    identity = _name(block, "call_id", "id", "toolCallId")
    arguments = _first(block, "arguments", "input", "args")
    return call_of(_name(block, "name", "toolName"), arguments, identity)


def _block_result(block: dict[str, Any]) -> WireResult:
    given = _first(block, "response", "result", "output", "content")
    failed = block.get("is_error") is True
    if isinstance(given, dict) and isinstance(given.get("type"), str) and "value" in given:
        failed = failed or given["type"].startswith("error")
        given = given["value"]
    return WireResult(
        id=_name(block, "call_id", "id", "toolCallId", "tool_use_id", "tool_call_id"),
        name=_name(block, "name", "toolName"),
        content=tool_answer(given),
        failed=failed,
    )


def _tool_answer(raw: dict[str, Any]) -> WireResult:
    return WireResult(
        id=_name(raw, "tool_call_id", "id"),
        name=_name(raw, "name"),
        content=tool_answer(raw.get("parts", raw.get("content"))),
        failed=raw.get("status") == "error",
    )


def _openai_call(call: Any) -> WireCall:
    call = call if isinstance(call, dict) else {}
    function = call.get("function")
    if not isinstance(function, dict):
        function = call
    arguments = _first(function, "arguments", "args", "input")
    return call_of(_name(function, "name"), arguments, _name(call, "id"))


def _tool(entry: Any) -> ToolDefinition | None:
    if not isinstance(entry, dict):
        return None
    inner = entry.get("function")
    entry = inner if isinstance(inner, dict) else entry
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        return None
    schema = parsed(_first(entry, "parameters", "input_schema", "inputSchema", "json_schema"))
    if isinstance(schema, dict) and set(schema) == {"json"}:
        schema = schema["json"]
    described = entry.get("description")
    return ToolDefinition(
        name=name,
        description=described if isinstance(described, str) else None,
        parameters=schema if isinstance(schema, dict) else None,
    )


def joined_messages(messages: Iterable[WireMessage]) -> tuple[WireMessage, ...]:
    """Join tool messages that follow each other, and calls written as single messages."""
    found: list[WireMessage] = []
    for message in messages:
        last = found[-1] if found else None
        if last and last.role == message.role == "tool":
            found[-1] = WireMessage(role="tool", results=last.results + message.results)
        elif (
            last and last.role == message.role == "assistant" and message.calls and not message.text
        ):
            calls = last.calls + message.calls
            found[-1] = WireMessage(role="assistant", text=last.text, calls=calls)
        else:
            found.append(message)
    return tuple(found)


def _distinct(calls: list[WireCall]) -> tuple[WireCall, ...]:
    """Drop calls that a library wrote twice under one id."""
    seen: set[str] = set()
    kept: list[WireCall] = []
    for call in calls:
        if call.id is None or call.id not in seen:
            kept.append(call)
        if call.id is not None:
            seen.add(call.id)
    return tuple(kept)


def _first(data: dict[str, Any], *names: str) -> Any:
    return next((data[name] for name in names if data.get(name) is not None), None)


def _name(data: dict[str, Any], *names: str) -> str | None:
    found = _first(data, *names)
    return found or None if isinstance(found, str) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
