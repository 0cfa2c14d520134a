"""Chat messages in numbered keys, as OpenLLMetry wrote them before the GenAI conventions.

`gen_ai.prompt.2.tool_calls.0.name`: N is the message's place, M the call's. LiteLLM puts each
call of an answer under a number of its own (`gen_ai.completion.1.function_call.name`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.capture.reading import WireMessage
from reenact.capture.wire.chat import messages_of, tools_of
from reenact.capture.wire.flattened import Fields, by_place
from reenact.capture.wire.json_text import parsed
from reenact.domain.conversation import ToolDefinition

_BLOCKS = frozenset(
    {"text", "image", "image_url", "input_text", "input_image", "input_audio", "file",
     "tool_use", "tool_result", "thinking"}
)  # fmt: skip


def numbered_messages(
    attributes: Mapping[str, Any], prefix: str, *, brief: bool = False
) -> tuple[WireMessage, ...]:
    """Return the messages under `prefix`; with `brief` only the last one of the user."""
    places = by_place(attributes, f"{prefix}.")
    return messages_of([_raw(places[place]) for place in sorted(places)], brief=brief)


def numbered_answer(attributes: Mapping[str, Any], prefix: str) -> tuple[WireMessage, ...]:
    """Return the answer under `prefix`: the first choice, with the calls of all numbers."""
    places = by_place(attributes, f"{prefix}.")
    raws = [_raw(places[place], role="assistant") for place in sorted(places)]
    spoke = [raw for raw in raws if raw["role"] == "assistant"]
    single = [_single_call(places[place]) for place in sorted(places)]
    calls = [call for call in single if call]
    if calls:
        text = next((raw["content"] for raw in spoke if raw["content"]), None)
        return messages_of([{"role": "assistant", "content": text, "tool_calls": calls}])
    found = messages_of(spoke[:1])
    return tuple(message for message in found if message.text or message.calls)


def numbered_tools(attributes: Mapping[str, Any], prefix: str) -> tuple[ToolDefinition, ...]:
    """Return the tool definitions under `prefix.N.{name,description,parameters}`."""
    places = by_place(attributes, f"{prefix}.")
    return tools_of([places[place] for place in sorted(places)])


def _raw(fields: Fields, role: str | None = None) -> dict[str, Any]:
    """Return one message as chat APIs write it."""
    given = fields.get("role", role)
    calls = by_place(fields, "tool_calls.")
    raw = {
        "role": given,
        "content": fields.get("content") if given == "tool" else _content(fields.get("content")),
        "tool_calls": [calls[place] for place in sorted(calls)],
    }
    if "tool_call_id" in fields:
        raw["tool_call_id"] = fields["tool_call_id"]
    return raw


def _content(value: Any) -> Any:
    """Return blocks that were written as JSON, else the text as it is."""
    if not isinstance(value, str) or not value.startswith("[{"):
        return value
    data = parsed(value)
    known = isinstance(data, list) and all(
        isinstance(block, dict) and str(block.get("type")) in _BLOCKS for block in data
    )
    return data if known else value


def _single_call(fields: Fields) -> dict[str, Any] | None:
    name = fields.get("function_call.name")
    if not name:
        return None
    return {"name": name, "arguments": fields.get("function_call.arguments")}
