"""The user's words and the answer, out of what an agent span says went in and out."""

from __future__ import annotations

import re
from typing import Any

from reenact.capture.reading import WireMessage
from reenact.capture.wire.chat import messages_of
from reenact.capture.wire.json_text import parsed

_SAID = (
    "user",
    "message",
    "user_message",
    "user_input",
    "input",
    "query",
    "question",
    "prompt",
    "task",
)
_OBJECT = re.compile(r"<?[A-Z]\w*(?:\.\w+)*\(\w+=.*(?:\)>?|\.\.\.)", re.DOTALL)
"""The `repr` of an object, perhaps cut: StopEvent(result=... Nobody said that."""
_ANSWERED = ("output", "answer", "response", "content", "text", "final_output")


def words_in(value: Any) -> str | None:
    """Return the user's words that an agent was called with; None where they are not clear.

    Plain text is the words. Of JSON: the last user message of a history, the argument of a
    usual name, else the first text among a decorated function's arguments.
    """
    data = _data(value)
    if not isinstance(data, (dict, list)):
        return _words(data)
    if said := _last(messages_of(data), "user"):
        return said
    if not isinstance(data, dict):
        return None
    named = data.get("kwargs")
    if said := _named(named if isinstance(named, dict) else data, _SAID):
        return said
    listed = data.get("args")
    if isinstance(listed, list):
        return next((text for value in listed if (text := _words(value))), None)
    return None


def words_out(value: Any) -> str | None:
    """Return an agent's answer; None where it is not clear which part of JSON it is."""
    data = _data(value)
    if not isinstance(data, (dict, list)):
        return _words(data)
    if isinstance(data, dict) and (said := _named(data, _ANSWERED)):
        return said
    return _last(messages_of(data), "assistant")


def _data(value: Any) -> Any:
    """Return JSON objects, arrays and quoted strings parsed; other text is just text."""
    if isinstance(value, str) and value[:1] in ("{", "[", '"'):
        return parsed(value, value)
    return value


def _named(data: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((text for name in names if (text := _words(data.get(name)))), None)


def _words(value: Any) -> str | None:
    return value if isinstance(value, str) and value and not _OBJECT.fullmatch(value) else None


def _last(messages: tuple[WireMessage, ...], role: str) -> str | None:
    if not messages or messages[-1].role == "tool":
        return None
    return next((m.text for m in reversed(messages) if m.role == role and m.text), None)
