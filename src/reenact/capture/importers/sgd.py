"""Dialogues of Schema-Guided Dialogue (dstc8): a JSON list of dialogues a file.

Session `sgd-{split}-{dialogue id}`: ids repeat over the splits, so the split is taken from the
file's name (`dev_dialogues_001.json`) or its folder (`dev/dialogues_001.json`), else left out.
A frame's `service_call` is a tool call and its `service_results` are the result. The schema of
the services, where it lies beside the dialogues, gives the tools and tells reads from writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from reenact.capture.importers.fields import list_of, name_of, object_of, optional
from reenact.capture.importers.json_places import Unusable
from reenact.capture.importers.listed import conversations_of, values_in
from reenact.capture.importers.said import SYNTHETIC_START, Said, Speakers, items_of
from reenact.capture.importers.sgd_schema import Service, services_beside
from reenact.capture.items import identified
from reenact.capture.reading import WireCall, WireMessage, WireResult
from reenact.domain.conversation import Conversation, Effect, Item, ToolCall
from reenact.domain.fidelity import AxisName
from reenact.errors import DecodeError

MAX_TURNS = 20_000
"""Turns of one dialogue at most."""

_SPLIT = re.compile(r"(train|dev|test)(?=_|$)")
_SPEAKERS = {"USER": "user", "SYSTEM": "assistant"}
_NO_MODEL = "the dialogues were simulated and put into words by people: no model answered"
_GAPS: dict[AxisName, str] = {
    "system_prompt": _NO_MODEL,
    "model": _NO_MODEL,
    "usage": _NO_MODEL,
    "timing": "the dialogues have no clock; latency has no baseline",
    "tool_effects": "put the dataset's schema.json beside the dialogues: it says which services "
    "change something",
}


def conversations_in(
    path: Path, *, project: str, on_reject: Callable[[str], None]
) -> Iterator[Conversation]:
    """Yield the dialogues of a file. Their times are made up, one second apart.

    Raises:
        DecodeError: where the file is no list of dialogues.
        UsageError: where it cannot be read or is too large.
    """
    services = services_beside(path, on_reject)
    make = partial(_conversation, project=project, split=_split(path), services=services)
    listed = values_in(path, "dialogue", on_reject)
    first = next(listed, None)
    if first is not None:
        _check(first[1], path)
        yield from conversations_of(chain([first], listed), make, on_reject)


def _check(read: Callable[[], Any], path: Path) -> None:
    """Raise DecodeError where the first value of a file is no dialogue."""
    try:
        first = read()
    except Unusable as error:
        raise DecodeError(str(error), where=str(path), next_step="give the whole file") from error
    if isinstance(first, dict) and "service_name" in first:
        raise DecodeError(
            "the services' schema: it is read along with the dialogues beside it",
            where=str(path),
            next_step="import the files of dialogues",
        )
    if not isinstance(first, dict) or "dialogue_id" not in first:
        raise DecodeError(
            "not a list of dialogues",
            where=str(path),
            next_step="give a dialogues_*.json file as the dataset has it",
        )


def _split(path: Path) -> str | None:
    found = _SPLIT.match(path.stem) or _SPLIT.fullmatch(path.resolve().parent.name)
    return found.group(1) if found else None


def _conversation(
    data: Any, *, project: str, split: str | None, services: Mapping[str, Service]
) -> Conversation:
    told = object_of(data, "the dialogue")
    id = name_of(told, "dialogue_id")
    turns = list_of(told.get("turns"), "key turns")
    if len(turns) > MAX_TURNS:
        raise Unusable(f"key turns holds more than {MAX_TURNS:,} turns")
    said: list[Said] = []
    effects: list[Effect] = []
    for place, raw in enumerate(turns):
        turn = object_of(raw, f"key turns.{place}")
        for message in _messages(turn, f"turns.{place}"):
            at = SYNTHETIC_START + timedelta(seconds=len(said))
            said.append(Said(message=message, at=at, by_model=False))
        effects.extend(_effects(turn, services))
    items = items_of(said, speakers=Speakers(), by_order=False)
    if not items:
        raise Unusable("key turns holds nothing that was said")
    session = "-".join(part for part in ("sgd", split, id) if part)
    listed = list_of(told.get("services") or [], "key services")
    names = [name for name in listed if isinstance(name, str)]
    return identified(
        Conversation(
            id=f"sess:{session}",
            project=project,
            kind="session",
            session_id=session,
            items=_finished(items, effects),
            tools=tuple(
                tool for name in names if name in services for tool in services[name].tools
            ),
            metadata={"dialogue_id": id, "services": names},
            started_at=said[0].at,
            ended_at=said[-1].at,
            time_synthetic=True,
            gaps=_GAPS,
        )
    )


def _messages(turn: dict[str, Any], place: str) -> Iterator[WireMessage]:
    """Yield the calls of a turn, their results, and what was said then."""
    role = _SPEAKERS.get(str(turn.get("speaker")))
    if role is None:
        raise Unusable(f"key {place}.speaker is {turn.get('speaker')!r}, not USER or SYSTEM")
    calls: list[WireCall] = []
    results: list[WireResult] = []
    for number, frame in enumerate(list_of(turn.get("frames") or [], f"key {place}.frames")):
        frame_place = f"{place}.frames.{number}"
        found = object_of(frame, f"key {frame_place}")
        if found.get("service_call") is None:
            continue
        calls.append(_call(found["service_call"], frame_place))
        if "service_results" in found:
            results.append(WireResult(id=frame_place, content=found["service_results"]))
    if calls:
        yield WireMessage(role="user" if role == "user" else "assistant", calls=tuple(calls))
    if results:
        yield WireMessage(role="tool", results=tuple(results))
    text = optional(turn, "utterance")
    if text is None and not calls:
        raise Unusable(f"key {place}.utterance is missing")
    if text is not None:
        yield WireMessage(role="user" if role == "user" else "assistant", text=text)


def _call(raw: Any, frame: str) -> WireCall:
    """Return a call; the place of its frame stands in for an id until its result is found."""
    call = object_of(raw, f"key {frame}.service_call")
    name = optional(call, "method")
    if name is None:
        raise Unusable(f"key {frame}.service_call.method is missing")
    given = object_of(call.get("parameters"), f"key {frame}.service_call.parameters")
    return WireCall(name=name, id=frame, arguments=given)


def _effects(turn: dict[str, Any], services: Mapping[str, Service]) -> Iterator[Effect]:
    """Yield the effect of each call of a turn, as the schema of its service tells it."""
    for frame in turn.get("frames") or ():
        if frame.get("service_call") is not None:
            service = services.get(str(frame.get("service")))
            method = frame["service_call"]["method"]
            yield service.effects.get(method, "unknown") if service else "unknown"


def _finished(items: tuple[Item, ...], effects: list[Effect]) -> tuple[Item, ...]:
    """Return `items` with the calls' effects, and without the ids that only paired them."""
    left = iter(effects)
    return tuple(
        replace(item, id=None, effect=next(left)) if isinstance(item, ToolCall) else item
        for item in items
    )
