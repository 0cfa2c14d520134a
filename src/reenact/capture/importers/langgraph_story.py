"""What the messages of a thread tell over its checkpoints: each once, in the order it came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from reenact.capture.importers.json_places import Unusable
from reenact.capture.importers.langgraph_file import Checkpoint, CheckpointFile
from reenact.codec import canonical

SPEAKERS = {
    "human": "user", "user": "user",
    "ai": "assistant", "AIMessageChunk": "assistant", "assistant": "assistant",
    "tool": "tool", "function": "tool",
    "system": "system", "developer": "system",
}  # fmt: skip
MAX_MESSAGES = 20_000
"""Messages of one thread at most."""

_USUAL = "messages"
_Key = str | tuple[int, str]


def role_of(message: Any) -> str | None:
    """Return who speaks in a message of LangChain, or in a plain one; None where it is none."""
    if not isinstance(message, dict) or "content" not in message:
        return None
    named = message.get("type")
    if named in ("chat", None):
        named = message.get("role")
    return SPEAKERS.get(named) if isinstance(named, str) else None


def channel_of(file: CheckpointFile, checkpoints: Sequence[Checkpoint]) -> str:
    """Return the channel that holds the messages: `messages`, else the only one that has any.

    Raises:
        Unusable: where there is none, or several are possible.
    """
    for checkpoint in reversed(checkpoints):
        values = file.state(checkpoint).values
        found = sorted(name for name, value in values.items() if _holds_messages(value))
        if _USUAL in found:
            return _USUAL
        if len(found) > 1:
            raise Unusable(f"several channels hold messages: {', '.join(found)[:200]}")
        if found:
            return found[0]
    if any(True for one in checkpoints for _ in file.writes(one, _USUAL)):
        return _USUAL
    names = ", ".join(sorted(file.state(checkpoints[-1]).values))
    raise Unusable(f"no channel holds messages; it has {names[:200] or 'none at all'}")


@dataclass(slots=True)
class Entry:
    """A message, and when it was first there; its content is the newest that it had."""

    message: dict[str, Any]
    at: datetime | None


class Story:
    """The messages so far.

    A message is known by its id. One without an id is known by its content and by how many of
    the same content came before it; a step may write one that gets its id in the state only.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.left_out: list[str] = []
        """What stood in the state and was not said: summaries put before kept messages."""
        self.times: list[datetime] = []
        """When something new was there."""
        self._places: dict[_Key, int] = {}
        self._nameless: Counter[str] = Counter()

    def take_state(self, value: Any, at: datetime | None) -> None:
        """Take the whole list of messages that a checkpoint holds."""
        seen: Counter[str] = Counter()
        found = [(message, self._key(message, seen)) for message in _messages(value)]
        known = [number for number, (_, key) in enumerate(found) if key in self._places]
        last = max(known, default=-1)
        fresh = []
        for number, (message, key) in enumerate(found):
            if key in self._places:
                self.entries[self._places[key]].message = message
            elif number < last or _is_summary(message):
                self._leave_out(message)
            else:
                fresh.append((message, key))
        self._append(fresh, at)

    def take_written(self, value: Any, at: datetime | None) -> None:
        """Take the messages that one step wrote."""
        seen = Counter(self._nameless)
        found = [(message, self._key(message, seen)) for message in _messages(value)]
        self._append([one for one in found if one[1] not in self._places], at)

    def told(self) -> list[Entry]:
        """Return the messages; those of several sides that share a time have none.

        One step wrote what one side says. Where several steps share a checkpoint, its time says
        nothing of when each was there.
        """
        found: list[Entry] = []
        for _, group in groupby(self.entries, key=lambda entry: entry.at):
            entries = list(group)
            sides = {role_of(entry.message) for entry in entries} - {"system"}
            found.extend(entries if len(sides) < 2 else [replace(e, at=None) for e in entries])
        return found

    def _append(self, fresh: list[tuple[dict[str, Any], _Key]], at: datetime | None) -> None:
        if fresh and at is not None:
            self.times.append(at)
        for message, key in fresh:
            self._places[key] = len(self.entries)
            self._nameless.update([key[1]] if isinstance(key, tuple) else [])
            self.entries.append(Entry(message, at))
        if len(self.entries) > MAX_MESSAGES:
            raise Unusable(f"holds more than {MAX_MESSAGES:,} messages")

    def _key(self, message: dict[str, Any], seen: Counter[str]) -> _Key:
        """Return what a message is known by; `seen` counts those without an id before it."""
        id = message.get("id")
        named = isinstance(id, str) and id != ""
        if named and (id in self._places or not self._nameless):
            return str(id)
        content = _content(message)
        key = (seen[content], content)
        if named and key not in self._places:
            return str(id)
        seen[content] += 1
        return key

    def _leave_out(self, message: dict[str, Any]) -> None:
        words = message["content"]
        shown = words if isinstance(words, str) else canonical(words)
        note = f"{role_of(message)}: {shown[:200]}"
        if note not in self.left_out:
            self.left_out.append(note)


def _holds_messages(value: Any) -> bool:
    return isinstance(value, list) and any(role_of(one) is not None for one in value)


def _messages(value: Any) -> list[dict[str, Any]]:
    listed = value if isinstance(value, list) else [value]
    return [message for message in listed if role_of(message) is not None]


def _is_summary(message: dict[str, Any]) -> bool:
    more = message.get("additional_kwargs")
    return isinstance(more, dict) and more.get("lc_source") == "summarization"


def _content(message: dict[str, Any]) -> str:
    keys = ("content", "tool_calls", "tool_call_id")
    return canonical([role_of(message), [message.get(key) for key in keys]])
