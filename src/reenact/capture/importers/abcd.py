"""Chats of ABCD, the Action-Based Conversations Dataset: support talks between two people.

Session `abcd-{convo id}`. A file is a list of chats, or an object with a list a split. The words
are those of `original`; what an action row did, and with which values, stands at the same place
in `delexed`. An action is a tool call of the operator: the names of its arguments are not in the
data, only their values; its result is the text that the operator was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from reenact.capture.importers.fields import list_of, name_of, object_of
from reenact.capture.importers.json_places import (
    Unusable,
    elements,
    file_text,
    first_place,
    member_places,
)
from reenact.capture.importers.listed import Listed, conversations_of
from reenact.capture.importers.said import SYNTHETIC_START, Said, Speakers, items_of
from reenact.capture.items import identified
from reenact.capture.reading import WireCall, WireMessage, WireResult
from reenact.codec import canonical
from reenact.domain.conversation import Conversation
from reenact.domain.fidelity import AxisName
from reenact.errors import DecodeError

MAX_ROWS = 20_000
"""Rows of one chat at most."""

_NO_MODEL = "a person answered, and no model"
_GAPS: dict[AxisName, str] = {
    "system_prompt": _NO_MODEL,
    "model": _NO_MODEL,
    "usage": _NO_MODEL,
    "timing": "the chats have no clock; latency has no baseline",
    "tool_calls": "the data holds the values of an action's arguments, not their names: calls "
    "cannot be matched with a replay's",
}


def conversations_in(
    path: Path, *, project: str, on_reject: Callable[[str], None]
) -> Iterator[Conversation]:
    """Yield the chats of a file. Their times are made up, one second apart.

    Raises:
        DecodeError: where the file holds no lists of chats.
        UsageError: where it cannot be read or is too large.
    """
    text = file_text(path)
    at = first_place(text)
    places = {"chat": at} if text[at : at + 1] == "[" else {}
    if text[at : at + 1] == "{":
        members = member_places(text, at)
        places = {name: place for name, place in members.items() if text[place : place + 1] == "["}
    if not places:
        raise DecodeError(
            "not a list of chats, nor an object with lists of them",
            where=str(path),
            next_step="give abcd_sample.json or abcd_v1.1.json as the dataset has it",
        )
    listed = chain.from_iterable(
        _listed(elements(text, place), name, on_reject) for name, place in places.items()
    )
    yield from conversations_of(listed, partial(_conversation, project=project), on_reject)


def _listed(found: Iterator[Any], noun: str, on_reject: Callable[[str], None]) -> Listed:
    number = -1
    try:
        for number, value in enumerate(found):
            yield f"{noun} {number}", partial(_given, value)
    except Unusable as error:
        on_reject(f"{noun} {number + 1}: {error}; nothing after it in its list is read")


def _given(value: Any) -> Any:
    return value


def _conversation(data: Any, *, project: str) -> Conversation:
    chat = object_of(data, "the chat")
    session = f"abcd-{name_of(chat, 'convo_id')}"
    rows = list_of(chat.get("original"), "key original")
    if len(rows) > MAX_ROWS:
        raise Unusable(f"key original holds more than {MAX_ROWS:,} rows")
    said: list[Said] = []
    for place, row in enumerate(rows):
        for message in _messages(row, chat, place):
            at = SYNTHETIC_START + timedelta(seconds=len(said))
            said.append(Said(message=message, at=at, by_person=message.role == "assistant"))
    items = items_of(said, speakers=Speakers(), by_order=True)
    if not items:
        raise Unusable("key original holds nothing that was said")
    scenario = chat.get("scenario")
    return identified(
        Conversation(
            id=f"sess:{session}",
            project=project,
            kind="session",
            session_id=session,
            items=items,
            metadata={"scenario": scenario} if scenario is not None else {},
            started_at=said[0].at,
            ended_at=said[-1].at,
            time_synthetic=True,
            gaps=_GAPS,
        )
    )


def _messages(row: Any, chat: dict[str, Any], place: int) -> Iterator[WireMessage]:
    found = list_of(row, f"key original.{place}")
    if len(found) != 2 or not all(isinstance(part, str) for part in found):
        raise Unusable(f"key original.{place} is no pair of speaker and text")
    speaker, text = found
    if speaker == "customer":
        yield WireMessage(role="user", text=text)
    elif speaker == "agent":
        yield WireMessage(role="assistant", text=text)
    elif speaker == "action":
        name, values = _action(chat, place)
        yield WireMessage(role="assistant", calls=(_call(name, values),))
        yield WireMessage(role="tool", results=(WireResult(name=name, content=text),))
    else:
        raise Unusable(f"key original.{place} is said by {speaker!r}: no customer, agent or action")


def _call(name: str, values: list[Any]) -> WireCall:
    if not values:
        return WireCall(name=name, arguments={})
    return WireCall(name=name, raw=canonical(values))


def _action(chat: dict[str, Any], place: int) -> tuple[str, list[Any]]:
    """Return the name and the values of the action in a row, as the row's targets tell them."""
    rows = list_of(chat.get("delexed"), "key delexed")
    row = rows[place] if place < len(rows) else None
    targets = row.get("targets") if isinstance(row, dict) else None
    if isinstance(targets, list) and len(targets) > 3 and isinstance(targets[2], str):
        return targets[2], targets[3] if isinstance(targets[3], list) else [targets[3]]
    raise Unusable(f"key delexed.{place}.targets does not name the action of original.{place}")
