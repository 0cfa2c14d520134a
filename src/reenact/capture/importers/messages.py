"""Lists of chat messages, for people without telemetry: one conversation a line, or a JSON file.

A conversation is `{"messages": [...]}` with optional `session_id`, `user_id`, `model`,
`agent_name`, `tools`, `metadata`, `tags` and `started_at`, or a bare list of messages. Messages
are OpenAI's (also the legacy `function_call`) or hold Anthropic's blocks (`text`, `tool_use`,
`tool_result`); a `timestamp` or `created_at` on them is read. A file whose name ends in `.json`
holds one conversation or a list of them; every other file holds one a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import structs

from reenact.capture.importers.fields import list_of, object_of, optional, time_of
from reenact.capture.importers.json_places import Unusable, safe
from reenact.capture.importers.listed import values_in
from reenact.capture.importers.said import SYNTHETIC_START, Said, Speakers, items_of, without_prompt
from reenact.capture.items import identified, trace_id_of
from reenact.capture.reading import WireMessage
from reenact.capture.wire.chat import ROLES, call_of, messages_of, tools_of
from reenact.codec import content_hash
from reenact.domain.conversation import Conversation

MAX_MESSAGES = 20_000
"""Messages of one conversation at most."""

_TAKEN = frozenset({"text", "input_text", "output_text", "tool_use", "tool_result"})
"""Blocks of a message that become part of the conversation; others (images) are named."""
_TIME_KEYS = ("timestamp", "created_at")


def conversations_in(
    path: Path, *, project: str, on_reject: Callable[[str], None]
) -> Iterator[Conversation]:
    """Yield the conversations of a file of message lists.

    One without a session id is of the kind `trace`, with an id made of its content; a second
    one of the same id is rejected. Without any time of its own, its messages are one second
    apart, from `started_at` where that is given, and marked as synthetic. Parts that are
    neither words nor tool calls (images) are named in `metadata["left_out"]`.

    Raises:
        DecodeError: where a `.json` file is not JSON from its first value on, or not UTF-8.
        UsageError: where it cannot be read or is too large.
    """
    seen: dict[str, str] = {}
    for place, read in values_in(path, "conversation", on_reject, is_part=_is_message):
        try:
            conversation = _conversation(safe(read()), project=project)
            earlier = seen.setdefault(conversation.id, place)
            if earlier != place:
                what = f"session {conversation.session_id}" if conversation.session_id else "talk"
                raise Unusable(f"the same {what} as {earlier}")
            yield conversation
        except Unusable as error:
            on_reject(f"{place}: {error}")


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and "role" in value


def _conversation(data: Any, *, project: str) -> Conversation:
    told = {"messages": data} if isinstance(data, list) else object_of(data, "the conversation")
    raws = list_of(told.get("messages"), "key messages")
    if len(raws) > MAX_MESSAGES:
        raise Unusable(f"key messages holds more than {MAX_MESSAGES} messages")
    messages = [_messages(raw, f"messages.{place}") for place, raw in enumerate(raws)]
    times, synthetic = _times(raws, told)
    prompt, said = without_prompt(
        [Said(message=m, at=at) for ms, at in zip(messages, times, strict=True) for m in ms]
    )
    agent, user_id = optional(told, "agent_name"), optional(told, "user_id")
    speakers = Speakers(prompt=prompt, model=optional(told, "model"), agent=agent, user_id=user_id)
    items = items_of(said, speakers=speakers, by_order=False)
    if not items:
        raise Unusable("key messages holds nothing that was said")
    session = _session_id(told)
    trace_id = trace_id_of(project, f"sess:{session}" if session else content_hash(told))
    return identified(
        Conversation(
            id=f"sess:{session}" if session else f"trace:{trace_id}",
            project=project,
            kind="session" if session else "trace",
            session_id=session,
            trace_ids=(trace_id,),
            agent_name=agent,
            items=items,
            tools=tools_of(told.get("tools")),
            tags=tuple(str(tag) for tag in list_of(told.get("tags") or [], "key tags")),
            metadata=_metadata(told, raws),
            started_at=said[0].at,
            ended_at=said[-1].at,
            time_synthetic=synthetic,
        )
    )


def _messages(raw: Any, place: str) -> tuple[WireMessage, ...]:
    """Return what one message says: Anthropic's user message may hold tool answers and words."""
    message = object_of(raw, f"key {place}")
    role = ROLES.get(str(message.get("role")))
    if role is None:
        raise Unusable(f"key {place}.role is {message.get('role')!r}: no one that speaks in a chat")
    if not isinstance(message.get("content"), (str, list, type(None))):
        raise Unusable(f"key {place}.content is no text and no list of parts")
    found = messages_of([message])
    legacy = message.get("function_call")
    if isinstance(legacy, dict) and found:
        call = call_of(optional(legacy, "name"), legacy.get("arguments"))
        found = (*found[:-1], structs.replace(found[-1], calls=(*found[-1].calls, call)))
    if any(not call.name for m in found for call in m.calls):
        raise Unusable(f"key {place} asks for a tool without a name")
    if role == "user" and not any(m.text or m.results for m in found):
        raise Unusable(f"key {place}.content holds no words")
    return found


def _metadata(told: dict[str, Any], raws: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the conversation's own metadata, and what of its messages could not be taken."""
    metadata = object_of(told.get("metadata") or {}, "key metadata")
    left_out = [
        f"messages.{place}: {block['type']}"
        for place, raw in enumerate(raws)
        if isinstance(raw.get("content"), list)
        for block in raw["content"]
        if isinstance(block, dict) and str(block.get("type", "text")) not in _TAKEN
    ]
    return {**metadata, "left_out": left_out} if left_out else metadata


def _times(raws: list[dict[str, Any]], told: dict[str, Any]) -> tuple[list[datetime], bool]:
    """Return when each message was said, and whether that is made up.

    A message without a time, among others that have one, is of the time of the one before it
    (at the beginning: after it).
    """
    given = [_time(raw, place) for place, raw in enumerate(raws)]
    known = next((time for time in given if time), None)
    if known is None:
        start = told.get("started_at")
        begin = SYNTHETIC_START if start is None else time_of(start, "key started_at")
        return [begin + timedelta(seconds=place) for place in range(len(raws))], True
    times = []
    for time in given:
        known = time or known
        times.append(known)
    return times, False


def _time(raw: dict[str, Any], place: int) -> datetime | None:
    for key in _TIME_KEYS:
        if raw.get(key) is not None:
            return time_of(raw[key], f"key messages.{place}.{key}")
    return None


def _session_id(told: dict[str, Any]) -> str | None:
    found = told.get("session_id")
    if found is None or found == "":
        return None
    if isinstance(found, bool) or not isinstance(found, (str, int)):
        raise Unusable("key session_id is no text")
    return str(found)
