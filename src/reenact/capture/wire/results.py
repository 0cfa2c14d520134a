"""What tools answered, where single libraries write it in a way of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import structs

from reenact.capture.reading import WireMessage, WireResult
from reenact.capture.wire.json_text import content
from reenact.capture.wire.python_text import python_data
from reenact.codec import canonical


def with_results(
    messages: Sequence[WireMessage], change: Callable[[WireResult], WireResult]
) -> tuple[WireMessage, ...]:
    """Return `messages` with every tool result in them changed."""
    return tuple(
        structs.replace(message, results=tuple(map(change, message.results)))
        if message.results
        else message
        for message in messages
    )


def python_result(result: WireResult) -> WireResult:
    """Return a result with Python's `repr` of data read as that data."""
    return structs.replace(result, content=python_content(result.content))


def python_content(value: Any) -> Any:
    """Return a tool's answer: JSON or Python data where it is some, else its text."""
    found = content(value)
    data = python_data(found)
    return found if data is None else data


def own_failure(result: WireResult) -> WireResult:
    """Return a result as a failure where it says that it is one (see `failure_in`)."""
    said = failure_in(result.content)
    return result if said is None else structs.replace(result, content=said, failed=True)


def failure_in(answer: Any) -> str | None:
    """Return what went wrong by an answer that is an error in the conventions of some libraries.

    They pass exceptions on as `{"error": ...}` alone, or as an object with `"status": "error"`.
    Only their readers may ask: elsewhere such an object may be a plain result.
    """
    if not isinstance(answer, dict):
        return None
    if answer.get("status") == "error":
        said = next(
            (answer[k] for k in ("error_message", "error", "message") if answer.get(k)), None
        )
    elif set(answer) == {"error"} and answer["error"]:
        said = answer["error"]
    else:
        return None
    return said if isinstance(said, str) else canonical(answer)
