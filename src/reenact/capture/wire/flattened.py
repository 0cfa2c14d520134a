"""Chat messages flattened into keys, one attribute a field, as OpenInference writes them.

`llm.input_messages.3.message.tool_calls.0.tool_call.function.name`: the numbers are places,
sparse and in any order (10 comes after 9, not after 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.capture.reading import WireCall, WireMessage, WireResult
from reenact.capture.wire.chat import ROLES, call_of, joined_messages
from reenact.capture.wire.json_text import content

Fields = dict[str, Any]
"""What one place holds: the rest of each key, and its value."""
_ROLE = ".message.role"
_USER = ("user", "human")


def flattened_messages(
    attributes: Mapping[str, Any], prefix: str, *, brief: bool = False
) -> tuple[WireMessage, ...]:
    """Return the messages under `prefix`; with `brief` only the last one of the user."""
    if brief:
        return _last_user_message(attributes, f"{prefix}.")
    places = by_place(attributes, f"{prefix}.")
    messages = (_message(places[place]) for place in sorted(places))
    return joined_messages(m for m in messages if m is not None)


def flattened_answer(attributes: Mapping[str, Any], prefix: str) -> tuple[WireMessage, ...]:
    """Return what an output says in words, for a brief reading; its tool calls are left out."""
    own = f"{prefix}.0.message."
    said = attributes.get(f"{own}content")
    if isinstance(said, str) and said:
        return (WireMessage(role="assistant", text=said),)
    blocks = f"{own}contents."
    if f"{own}role" in attributes and not any(key.startswith(blocks) for key in attributes):
        return ()
    return flattened_messages(attributes, prefix)


def flattened_tools(attributes: Mapping[str, Any], prefix: str) -> tuple[Any, ...]:
    """Return the JSON schemas under `prefix.N.tool.json_schema`, in order, not parsed.

    Where name and description have keys of their own, the schema holds the parameters only.
    """
    places = by_place(attributes, f"{prefix}.")
    found: list[Any] = []
    for place in sorted(places):
        fields = places[place]
        schema = fields.get("tool.json_schema")
        if "tool.name" in fields:
            found.append(
                {
                    "name": fields["tool.name"],
                    "description": fields.get("tool.description"),
                    "parameters": schema,
                }
            )
        elif schema is not None:
            found.append(schema)
    return tuple(found)


def _last_user_message(attributes: Mapping[str, Any], prefix: str) -> tuple[WireMessage, ...]:
    last = -1
    start, end = len(prefix), len(_ROLE)
    for key, value in attributes.items():
        if value in _USER and key.endswith(_ROLE) and key.startswith(prefix):
            place = key[start:-end]
            if place.isdecimal() and len(place) < 9:
                last = max(last, int(place))
    if last < 0:
        return ()
    said = attributes.get(f"{prefix}{last}.message.content")
    if isinstance(said, str) and said:
        return (WireMessage(role="user", text=said),)
    own = f"{prefix}{last}."
    found = _message({k[len(own) :]: v for k, v in attributes.items() if k.startswith(own)})
    return (found,) if found else ()


def by_place(attributes: Mapping[str, Any], prefix: str) -> dict[int, Fields]:
    """Return the fields under `prefix`, by the number that follows it."""
    places: dict[int, Fields] = {}
    start = len(prefix)
    for key, value in attributes.items():
        if key.startswith(prefix):
            place, _, path = key[start:].partition(".")
            if place.isdecimal() and len(place) < 9:
                places.setdefault(int(place), {})[path] = value
    return places


def _message(fields: Fields) -> WireMessage | None:
    role = ROLES.get(str(fields.get("message.role")))
    if role is None:
        return None
    if len(fields) == 2 and isinstance(fields.get("message.content"), str) and role != "tool":
        return WireMessage(role=role, text=fields["message.content"] or None)
    text = _text(fields)
    if role == "tool":
        result = WireResult(
            id=_string(fields.get("message.tool_call_id")),
            name=_string(fields.get("message.name")),
            content=content(text),
        )
        return WireMessage(role="tool", results=(result,))
    calls = _calls(fields, "message.tool_calls.") or _calls(fields, "message.contents.")
    return WireMessage(role=role, text=text, calls=calls)


def _text(fields: Fields) -> str | None:
    whole = fields.get("message.content")
    if isinstance(whole, str) and whole:
        return whole
    parts = by_place(fields, "message.contents.")
    texts = [parts[place].get("message_content.text") for place in sorted(parts)]
    return "\n".join(text for text in texts if isinstance(text, str)) or None


def _calls(fields: Fields, prefix: str) -> tuple[WireCall, ...]:
    places = by_place(fields, prefix)
    return tuple(
        call_of(
            name,
            found.get("tool_call.function.arguments"),
            _string(found.get("tool_call.id")),
        )
        for place in sorted(places)
        if (found := places[place]) and (name := _string(found.get("tool_call.function.name")))
    )


def _string(value: Any) -> str | None:
    return value or None if isinstance(value, str) else None
