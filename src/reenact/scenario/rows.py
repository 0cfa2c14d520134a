"""Rows: the conversations to run. Every selected recording gives at least one, in its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reenact.domain.conversation import Conversation
from reenact.domain.recording import Recording
from reenact.domain.scenario import Row
from reenact.domain.selection import ReplayType
from reenact.domain.turn import turns_of

ID_CHARS = 100
"""Longest row id before a number is put behind it."""

_UNFIT = re.compile(r"[^A-Za-z0-9._]+")
"""What becomes one hyphen, hyphens side by side included."""


def rows_for(recordings: Sequence[Recording], *, replay_type: ReplayType) -> tuple[Row, ...]:
    """Return the exact rows of `recordings`, in their order.

    A session is one row. A trace is one row too, but with several user turns it gives a row for
    each of them (`Row.turn`), with what came before as history. Ids are made of session and
    trace ids, fit for file names, and differ in more than letter case.
    """
    taken: set[str] = set()
    return tuple(
        Row(
            id=_unique(id, taken),
            recording_hash=recording.hash,
            turn=turn,
            tools=agent_tools(recording.conversation),
        )
        for recording in recordings
        for id, turn in _runs(recording.conversation, replay_type)
    )


def agent_tools(conversation: Conversation) -> tuple[str, ...]:
    """Return the names of the tools that the agent itself called, sorted."""
    calls = conversation.tool_calls
    return tuple(sorted({call.name for call in calls if call.requestor == "agent"}))


def _runs(conversation: Conversation, replay_type: ReplayType) -> Iterator[tuple[str, int | None]]:
    """Yield the id and the only turn (None for all) of each row that a conversation gives."""
    id = _fit(conversation.session_id or conversation.id.partition(":")[2])
    turns = [turn.index for turn in turns_of(conversation) if turn.user_messages]
    if replay_type == "session" or len(turns) <= 1:
        yield id, None
        return
    for turn in turns:
        yield f"{id}-turn-{turn}", turn


def _fit(text: str) -> str:
    return _UNFIT.sub("-", text)[:ID_CHARS].strip("-.") or "talk"


def _unique(id: str, taken: set[str]) -> str:
    number, free = 1, id
    while free.lower() in taken:
        number += 1
        free = f"{id}-{number}"
    taken.add(free.lower())
    return free
