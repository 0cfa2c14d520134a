"""Facts that many dialects write alike: ids, errors, first tokens, truncation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reenact.capture.limits import TRUNCATED
from reenact.capture.wire.json_text import content, parsed
from reenact.capture.wire.langchain import tool_message
from reenact.domain.conversation import Usage
from reenact.domain.span import Span

SESSION_KEYS = ("session.id", "gen_ai.conversation.id")
USER_KEYS = ("user.id", "enduser.id")
FIRST_TOKEN_EVENTS = frozenset(
    {
        "First Token Stream Event",
        "gen_ai.content.completion.chunk",
        "ai.stream.firstChunk",
        "llm.content.completion.chunk",
    }
)
_SCRUBBED = "[Scrubbed"


def text(attributes: Mapping[str, Any], *keys: str) -> str | None:
    """Return the first of `keys` that holds a text that is not empty."""
    for key in keys:
        value = attributes.get(key)
        if isinstance(value, str) and value:
            return value
    return None


def identity(attributes: Mapping[str, Any], *keys: str) -> str | None:
    """Return the first of `keys` that holds an id; a scrubber's stand-in is none."""
    for key in keys:
        value = attributes.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value.strip() and not value.startswith(_SCRUBBED):
            return value
    return None


def count(attributes: Mapping[str, Any], *keys: str) -> int | None:
    """Return the first of `keys` that holds a number of tokens; JavaScript may send 12.0."""
    for key in keys:
        value = attributes.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        if 0 <= value < 2**53 and value == int(value):
            return int(value)
    return None


def number(attributes: Mapping[str, Any], *keys: str) -> float | None:
    """Return the first of `keys` that holds a number."""
    for key in keys:
        value = attributes.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    return None


def flag(attributes: Mapping[str, Any], *keys: str) -> bool | None:
    """Return the first of `keys` that holds a boolean, or the name of one."""
    for key in keys:
        value = attributes.get(key)
        if isinstance(value, str):
            value = {"true": True, "false": False}.get(value.lower())
        if isinstance(value, bool):
            return value
    return None


def usage(
    attributes: Mapping[str, Any],
    *,
    input_tokens: Iterable[str],
    output_tokens: Iterable[str],
    cached: Iterable[str] = (),
    reasoning: Iterable[str] = (),
) -> Usage:
    """Return the tokens of a model call, each from the first key that holds a number."""
    return Usage(
        input_tokens=count(attributes, *input_tokens),
        output_tokens=count(attributes, *output_tokens),
        cached_input_tokens=count(attributes, *cached),
        reasoning_tokens=count(attributes, *reasoning),
    )


def failure(span: Span) -> str | None:
    """Return why a span failed, None where it did not.

    The exception event knows best, then the status message; a failure without any words is
    still a failure.
    """
    if span.status != "error":
        return None
    for event in reversed(span.events):
        if event.name == "exception" and (said := _exception(event.attributes)):
            return said
    found = text(span.attributes, "error.message", "exception.message")
    return span.status_message or found or text(span.attributes, "error.type") or "failed"


def _exception(attributes: Mapping[str, Any]) -> str | None:
    """Return `Type: message`; the type is left out where the message says it already."""
    kind = (text(attributes, "exception.type") or "").rpartition(".")[2]
    message = text(attributes, "exception.message")
    if not message or not kind or kind in message:
        return message or kind or None
    return f"{kind}: {message}"


def first_token_ms(span: Span) -> float | None:
    """Return the time from a span's start to its first-token event."""
    times = [event.time_ns for event in span.events if event.name in FIRST_TOKEN_EVENTS]
    if not times or min(times) < span.start_ns:
        return None
    return (min(times) - span.start_ns) / 1e6


def names(value: Any) -> tuple[str, ...]:
    """Return tags: a list of texts, perhaps as JSON in a string."""
    found = parsed(value)
    if not isinstance(found, list):
        return ()
    return tuple(str(tag) for tag in found if isinstance(tag, (str, int)))


def mapping(value: Any) -> dict[str, Any]:
    """Return an object, perhaps as JSON in a string; empty where it is none."""
    found = parsed(value)
    return found if isinstance(found, dict) else {}


def others(attributes: Mapping[str, Any], *prefixes: str) -> dict[str, Any]:
    """Return the attributes that a library did not write itself: its keys have `prefixes`."""
    return {key: value for key, value in attributes.items() if not key.startswith(prefixes)}


def truncated(span: Span) -> tuple[str, ...]:
    """Return the attributes that the decoder cut."""
    cut = span.attributes.get(TRUNCATED)
    return tuple(str(key) for key in cut) if isinstance(cut, list) else ()


def named_arguments(value: Any) -> tuple[Any, str | None]:
    """Return a tool's arguments as an object of names, else None and the text there was.

    A decorated Python function logs {"args": [...], "kwargs": {...}}: positional values have
    lost their names, so they stay raw.
    """
    if value is None or value == "":
        return None, None
    data = parsed(value)
    if isinstance(data, dict):
        if set(data) == {"args", "kwargs"} and isinstance(data["kwargs"], dict):
            if not data["args"]:
                return data["kwargs"], None
        else:
            return data, None
    return None, value if isinstance(value, str) else str(value)


def tool_facts(
    *,
    name: str | None,
    call_id: str | None,
    given: Any,
    answer: Any,
    answered: bool,
    error: str | None,
) -> dict[str, Any]:
    """Return the facts of a tool's run that was `given` arguments and gave an `answer`.

    LangChain's tools answer with a message, which knows the call's id and whether it failed.
    """
    arguments, raw = named_arguments(given)
    message = tool_message(answer)
    if message is not None:
        call_id = call_id or text(message, "tool_call_id")
        answer = content(message.get("content"))
        if message.get("status") == "error":
            error = error or str(answer)
    return {
        "tool_name": name,
        "tool_call_id": call_id,
        "tool_arguments": arguments,
        "tool_arguments_raw": raw,
        "tool_answered": answered and error is None,
        "tool_result": None if error else answer,
        "error": error,
    }
