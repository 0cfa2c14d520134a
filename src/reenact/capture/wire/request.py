"""What a model was asked, out of the whole request of its API; `answer` reads the response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reenact.capture.reading import WireMessage
from reenact.capture.wire.chat import messages_of, split_system, text_of
from reenact.capture.wire.json_text import parsed

_MESSAGES = ("messages", "input", "prompts", "prompt", "contents")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a model was given."""

    system: str | None
    messages: tuple[WireMessage, ...]
    tools: Any = None
    """Tool definitions as they were logged."""
    model: str | None = None


def request_of(inputs: Any, *, brief: bool = False) -> Request:
    """Return what the arguments of a model call hold.

    OpenAI's chat and responses APIs, Anthropic's messages and LangChain's models are understood,
    and plain messages or words.
    """
    data = _data(inputs)
    if not isinstance(data, dict):
        system, told = split_system(_told(data, brief))
        return Request(system=system, messages=told)
    given = next((data[name] for name in _MESSAGES if data.get(name)), None)
    if given is None and ("role" in data or "type" in data):
        given = [data]
    system, told = split_system(_told(given, brief))
    own = text_of(data.get("system")) or text_of(data.get("instructions"))
    model = data.get("model")
    return Request(
        system="\n".join(text for text in (own, system) if text) or None,
        messages=told,
        tools=data.get("tools") or data.get("functions"),
        model=model if isinstance(model, str) and model else None,
    )


def answering_model(response: Any) -> str | None:
    """Return the model that a response names: of its own, or LangChain's beside or inside it."""
    data = _data(response)
    if not isinstance(data, dict):
        return None
    message: Any = data.get("generations")
    while isinstance(message, list) and message:
        message = message[0]
    message = message.get("message") if isinstance(message, dict) else None
    inner = message.get("kwargs", message) if isinstance(message, dict) else {}
    told = inner.get("response_metadata") if isinstance(inner, dict) else None
    for place in (data, data.get("llm_output"), told):
        found = _named(place) if isinstance(place, dict) else None
        if found:
            return found
    return None


def _named(place: Mapping[str, Any]) -> str | None:
    found = place.get("model") or place.get("model_name")
    return found if isinstance(found, str) and found else None


def _told(given: Any, brief: bool) -> tuple[WireMessage, ...]:
    if isinstance(given, list) and given and all(isinstance(text, str) for text in given):
        given = "\n".join(given)
    if isinstance(given, dict):
        given = [given]
    return messages_of(given, brief=brief)


def _data(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "[", '"'):
        return parsed(value, value)
    return value
