"""The rows of a Retell transcript: speech with its words, tools, keys, and steps of the flow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reenact.capture.importers.fields import below, object_of, optional
from reenact.capture.importers.json_places import Unusable
from reenact.capture.importers.said import call_asked
from reenact.capture.importers.voice import Act, Row, Speaker, Spoken, is_number, moment, result_of
from reenact.capture.wire.json_text import parsed

_SPEAKERS: dict[str, Speaker] = {
    "user": "user", "agent": "assistant", "transfer_target": "person",
}  # fmt: skip


@dataclass(slots=True)
class Rows:
    """What the rows of a call hold."""

    rows: list[Row] = field(default_factory=list)
    backchannels: list[str] = field(default_factory=list)
    """Sounds of listening ("uh huh"): they answer nothing and ask for no answer."""
    nodes: list[str] = field(default_factory=list)
    """The steps that a conversation flow went through."""
    left_out: list[str] = field(default_factory=list)


def rows_of(transcript: Iterable[Any], start: datetime | None) -> Rows:
    """Return the rows of a transcript in their order; roles that are not known are named."""
    found = Rows()
    for place, raw in enumerate(transcript):
        where = f"transcript.{place}"
        row = object_of(raw, f"key {where}")
        role = str(row.get("role"))
        if role in _SPEAKERS:
            _speech(found, row, _SPEAKERS[role], start)
        elif role == "tool_call_invocation":
            found.rows.append(_asked(row, where, start))
        elif role == "tool_call_result":
            found.rows.append(_answered(row, where, start))
        elif role == "dtmf":
            found.rows.append(Spoken(speaker="user", text=f"[pressed {row.get('digit')}]"))
        elif role == "injected" and (text := optional(row, "content")):
            at = moment(start, row.get("time_sec"))
            found.rows.append(Spoken(speaker="note", text=text, began=at))
        elif role == "node_transition":
            found.nodes.append(str(row.get("new_node_name") or row.get("new_node_id")))
        else:
            found.left_out.append(f"{where}: role {role[:40]!r}")
    return found


def _speech(found: Rows, row: dict[str, Any], speaker: Speaker, start: datetime | None) -> None:
    text = (optional(row, "content") or "").strip()
    if not text:
        return
    if below(row, "metadata", "is_backchannel") is True:
        found.backchannels.append(f"{row['role']}: {text}")
        return
    began, ended = _times(row.get("words"), start)
    answer = below(row, "metadata", "response_id")
    whole = isinstance(answer, int) and not isinstance(answer, bool)
    found.rows.append(
        Spoken(
            speaker=speaker,
            text=text,
            began=began,
            ended=ended,
            answer=answer if speaker == "assistant" and whole else None,
        )
    )


def _times(words: Any, start: datetime | None) -> tuple[datetime | None, datetime | None]:
    """Return when the first word began and the last one ended.

    The times of words may be missing or odd: what does not run forward is not taken.
    """
    listed = [word for word in words if isinstance(word, dict)] if isinstance(words, list) else []
    begin = next((w["start"] for w in listed if is_number(w.get("start"))), None)
    end = next((w["end"] for w in reversed(listed) if is_number(w.get("end"))), None)
    if begin is not None and begin < 0:
        begin = None
    if begin is not None and end is not None and end < begin:
        end = None
    return moment(start, begin), moment(start, end)


def _asked(row: dict[str, Any], where: str, start: datetime | None) -> Act:
    name = optional(row, "name")
    if name is None:
        raise Unusable(f"key {where}.name is missing")
    call = call_asked(name, row.get("arguments"), id=optional(row, "tool_call_id"))
    return Act(calls=(call,), at=moment(start, row.get("time_sec")))


def _answered(row: dict[str, Any], where: str, start: datetime | None) -> Act:
    id = optional(row, "tool_call_id")
    if id is None:
        raise Unusable(f"key {where}.tool_call_id is missing")
    told = row.get("content")
    failed = row.get("successful") is False or _says_failed(told)
    result = result_of(id, optional(row, "name"), told, failed=failed)
    return Act(result=result, at=moment(start, row.get("time_sec")))


def _says_failed(told: Any) -> bool:
    """Tell whether an answer says itself that it failed, at its top or in `data`.

    Retell calls a request successful that came back, whatever came back.
    """
    found = parsed(told)
    return below(found, "success") is False or below(found, "data", "success") is False
