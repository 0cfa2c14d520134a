"""The memory of a smolagents agent, as its model is told it: every message is text.

"New task:" begins the user's words, "Calling tools:" a Python list of calls, "Observation:" and
"Error:" what came of them. The answer to the user is a call of `final_answer`. Other user
messages are the framework's own ("Now proceed and carry out this plan.").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from reenact.capture.reading import WireCall, WireMessage, WireResult
from reenact.capture.wire.json_text import content
from reenact.capture.wire.python_text import python_data
from reenact.codec import canonical

FINAL = "final_answer"
TASK = "New task:\n"
_CALLING = "Calling tools:\n"
_OBSERVED = "Observation:\n"
_FAILED = "Error:\n"
_FAILED_CALL = "Error executing tool '"
_WITH = "' with arguments "
_ADVICE = "\nPlease try again or use another tool"
_TRIES = 50


def memory(messages: Iterable[WireMessage]) -> tuple[WireMessage, ...]:
    """Return the talk that a memory tells: words, calls and results.

    Messages without any task are no memory, and stay as they are.
    """
    messages = tuple(messages)
    if not any(message.role == "user" and TASK in (message.text or "") for message in messages):
        return messages
    found: list[WireMessage] = []
    asked: tuple[WireCall, ...] = ()
    for message in messages:
        if message.role == "user":
            found.extend(_from_user(message.text or ""))
        elif message.role == "tool":
            for result in message.results:
                found.extend(_outcome(result.content, asked))
            asked = ()
        elif (message.text or "").startswith(_CALLING):
            asked = tuple(_calls((message.text or "").removeprefix(_CALLING)))
            found.extend(_real(spoken(WireMessage(role="assistant", calls=asked))))
        else:
            found.append(spoken(message))
    return tuple(found)


def spoken(message: WireMessage) -> WireMessage:
    """Return an answer with the text of `final_answer` as its text, and without that call."""
    final = [call for call in message.calls if call.name == FINAL]
    if not final:
        return message
    calls = tuple(call for call in message.calls if call.name != FINAL)
    return WireMessage(role="assistant", text=_answer(final[0]) or message.text, calls=calls)


def _answer(call: WireCall) -> str | None:
    given = call.arguments
    if isinstance(given, dict):
        given = given.get("answer")
    if given is None or isinstance(given, str):
        return given or call.raw
    return canonical(given)


def _from_user(text: str) -> Iterator[WireMessage]:
    """Yield the newest task; a text that holds several messages begins with an older one."""
    if text.startswith(TASK):
        words = text.removeprefix(TASK)
    else:
        _, begins, words = text.rpartition(f"\n{TASK}")
        words = words if begins else ""
    if words:
        yield WireMessage(role="user", text=words)


def _calls(text: str) -> Iterator[WireCall]:
    for entry in python_data(text) or ():
        function = entry.get("function") if isinstance(entry, dict) else None
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            arguments = function.get("arguments")
            call_id = entry.get("id")
            yield WireCall(
                name=function["name"],
                id=call_id if isinstance(call_id, str) else None,
                arguments=None if isinstance(arguments, str) else arguments,
                raw=arguments if isinstance(arguments, str) else None,
            )


def _real(message: WireMessage) -> Iterator[WireMessage]:
    """Yield a message without the step in which an agent that writes code runs it."""
    calls = tuple(call for call in message.calls if not _runs_code(call))
    if message.text or calls:
        yield WireMessage(role="assistant", text=message.text, calls=calls)


def _runs_code(call: WireCall) -> bool:
    return call.name == "python_interpreter" and call.raw is not None


def _outcome(told: Any, asked: Sequence[WireCall]) -> Iterator[WireMessage]:
    """Yield the results of the calls just asked; those of `final_answer` were said already."""
    if not isinstance(told, str):
        return
    if told.startswith(_FAILED):
        yield from _failure(told.removeprefix(_FAILED))
        return
    said = told.removeprefix(_OBSERVED)
    parts = [said] if len(asked) == 1 else said.strip("\n").split("\n")
    if len(parts) != len(asked):
        return
    results = tuple(
        WireResult(id=call.id, name=call.name, content=_data(part))
        for call, part in zip(asked, parts, strict=True)
        if call.name != FINAL and not _runs_code(call)
    )
    if results:
        yield WireMessage(role="tool", results=results)


def _failure(told: str) -> Iterator[WireMessage]:
    """Yield a call that failed and its error: the memory does not tell such a call elsewhere."""
    name, _, rest = told.removeprefix(_FAILED_CALL).partition(_WITH)
    if not told.startswith(_FAILED_CALL) or not rest:
        return
    for mark in islice(re.finditer(r"\}: ", rest), _TRIES):
        arguments = python_data(rest[: mark.start() + 1])
        if isinstance(arguments, dict):
            error = rest[mark.end() :].partition(_ADVICE)[0]
            yield WireMessage(role="assistant", calls=(WireCall(name=name, arguments=arguments),))
            result = WireResult(name=name, content=error.strip(), failed=True)
            yield WireMessage(role="tool", results=(result,))
            return


def _data(text: str) -> Any:
    found = python_data(text)
    return content(text) if found is None else found
