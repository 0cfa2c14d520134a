"""What a model answered, out of the whole response of its API."""

from __future__ import annotations

from typing import Any

from reenact.capture.reading import WireMessage
from reenact.capture.wire.chat import messages_of
from reenact.capture.wire.json_text import parsed


def answer_of(data: Any) -> tuple[WireMessage, ...]:
    """Return the messages of a response; none where it is not clear what was said.

    The first of several choices counts. OpenAI's chat and responses APIs, Anthropic's messages
    and LangChain's generations are understood, and plain messages.
    """
    found = parsed(data)
    if isinstance(found, dict):
        found = _inside(found)
        if isinstance(found, str):
            found = {"role": "assistant", "content": found}
    if isinstance(found, dict):
        found = [found if "type" in found else {"role": "assistant"} | found]
    messages = messages_of(found) if isinstance(found, list) else ()
    return tuple(m for m in messages if m.role == "assistant" and (m.text or m.calls))


def _inside(data: dict[str, Any]) -> Any:
    """Return the message, or the text, that a response holds; itself where it is one."""
    choices = data.get("choices", data.get("generations"))
    while isinstance(choices, list) and choices:
        choices = choices[0]
    if isinstance(choices, dict):
        return choices.get("message") or choices.get("text")
    output = data.get("output")
    if isinstance(output, (list, dict)):
        return output
    inner = data.get("message")
    return inner if isinstance(inner, dict) else data
