"""What a model call's input tells of the tools that the call before it asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reenact.capture.assembly.trees import Node, user_words
from reenact.capture.reading import WireCall, WireMessage, WireResult


@dataclass(frozen=True, slots=True)
class Loop:
    """Requests for tools, and what came back. Without requests: results that came late."""

    calls: tuple[WireCall, ...]
    results: tuple[WireResult, ...]


def loops_told(call: Node, former: Node | None) -> list[Loop]:
    """Return the requests and results that the input of `call` adds to that of `former`.

    Where it does not go on from there, only those at its very end are sure to be new.
    """
    told = call.reading.messages_in
    told = told[: len(told) - len(user_words(told))]
    if former is None or not _goes_on(call, former):
        return _loops(told[-2:]) if told and told[-1].role == "tool" and told[-2:][0].calls else []
    found = _loops(told[len(former.links) :])
    if len(found) > 1 and is_silent(former):
        # One answer asked for them all; some libraries write each with its result after it.
        calls = tuple(wire for loop in found for wire in loop.calls)
        return [Loop(calls, tuple(result for loop in found for result in loop.results))]
    return found


def is_silent(call: Node) -> bool:
    """Tell whether a call may have asked for tools without its span saying so."""
    reading = call.reading
    return reading.error is None and not (reading.messages_out and reading.calls_told)


def _goes_on(call: Node, former: Node) -> bool:
    known = len(former.links)
    return 0 < known < len(call.links) and call.links[known - 1] == former.links[-1]


def _loops(told: Sequence[WireMessage]) -> list[Loop]:
    found: list[Loop] = []
    for place, message in enumerate(told):
        after = told[place + 1] if place + 1 < len(told) else None
        if message.calls:
            found.append(Loop(message.calls, after.results if after is not None else ()))
        elif message.results and not (place and told[place - 1].calls):
            found.append(Loop((), message.results))
    return found
