"""The rows of a Vapi call: `system`, `user`, `bot`, `tool_calls` and `tool_call_result`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from reenact.capture.importers.fields import list_of, object_of, optional
from reenact.capture.importers.json_places import Unusable
from reenact.capture.importers.said import call_asked
from reenact.capture.importers.voice import (
    Act,
    Row,
    Spoken,
    from_milliseconds,
    is_number,
    result_of,
)
from reenact.capture.reading import WireCall

_SPEAKERS = {"user": "user", "bot": "assistant", "assistant": "assistant"}


@dataclass(slots=True)
class Rows:
    """What the rows of a call hold."""

    rows: list[Row] = field(default_factory=list)
    prompt: str | None = None
    """The system prompt as the call used it, with its variables filled in."""
    talk_seconds: dict[str, float] = field(default_factory=dict)
    """How long each side spoke: the sum of `duration`, which leaves out the pauses that lie
    between `time` and `endTime`."""
    left_out: list[str] = field(default_factory=list)


def rows_of(messages: Iterable[Any]) -> Rows:
    """Return the rows of a call in their order; roles that are not known are named."""
    found = Rows()
    for place, raw in enumerate(messages):
        where = f"messages.{place}"
        row = object_of(raw, f"key {where}")
        role = row.get("role")
        if role == "system":
            _system(found, row, where)
        elif role in _SPEAKERS:
            _speech(found, row, _SPEAKERS[role])
        elif role == "tool_calls":
            found.rows.append(_asked(row, where))
        elif role == "tool_call_result":
            found.rows.append(_answered(row, where))
        else:
            found.left_out.append(f"{where}: role {str(role)[:40]!r}")
    return found


def _system(found: Rows, row: dict[str, Any], where: str) -> None:
    text = optional(row, "message")
    if text is None:
        return
    if found.prompt is None and not found.rows:
        found.prompt = text
    else:
        found.rows.append(
            Spoken(speaker="note", text=text, began=from_milliseconds(row.get("time")))
        )


def _speech(found: Rows, row: dict[str, Any], side: str) -> None:
    text = optional(row, "message")
    seconds = _seconds(row)
    if seconds is not None:
        found.talk_seconds[side] = round(found.talk_seconds.get(side, 0.0) + seconds, 3)
    if text is None or not text.strip():
        return
    began = from_milliseconds(row.get("time"))
    ended = from_milliseconds(row.get("endTime"))
    found.rows.append(
        Spoken(
            speaker="user" if side == "user" else "assistant",
            text=text.strip(),
            began=began,
            ended=ended if began is None or ended is None or ended >= began else None,
            agent=optional(row, "assistantName"),
        )
    )


def _seconds(row: dict[str, Any]) -> float | None:
    """Return how long a row was spoken.

    The documentation says seconds, payloads hold milliseconds: a number that is longer than the
    row is no number of seconds. One that fits neither way is not taken.
    """
    duration, begin, end = (row.get(key) for key in ("duration", "time", "endTime"))
    if not (is_number(duration) and is_number(begin) and is_number(end)):
        return None
    span = (float(end or 0) - float(begin or 0)) / 1000
    length = float(duration or 0)
    fitting = [seconds for seconds in (length, length / 1000) if 0 <= seconds <= span + 0.05]
    return fitting[0] if fitting else None


def _asked(row: dict[str, Any], where: str) -> Act:
    calls = list_of(row.get("toolCalls"), f"key {where}.toolCalls")
    return Act(
        calls=tuple(_call(call, f"{where}.toolCalls.{place}") for place, call in enumerate(calls)),
        at=from_milliseconds(row.get("time")),
    )


def _call(raw: Any, where: str) -> WireCall:
    call = object_of(raw, f"key {where}")
    function = object_of(call.get("function", call), f"key {where}.function")
    name = optional(function, "name")
    if name is None:
        raise Unusable(f"key {where}.function.name is missing")
    return call_asked(name, function.get("arguments"), id=optional(call, "id"))


def _answered(row: dict[str, Any], where: str) -> Act:
    id, name = optional(row, "toolCallId"), optional(row, "name")
    if id is None and name is None:
        raise Unusable(f"key {where} answers no tool: it has no toolCallId and no name")
    error = row.get("error")
    told = row.get("result") if error is None else error
    return Act(
        result=result_of(id, name, told, failed=error is not None),
        at=from_milliseconds(row.get("time")),
    )
