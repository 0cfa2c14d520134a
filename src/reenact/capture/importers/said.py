"""From the messages of an export to the items of a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from reenact.capture.importers.json_places import Unusable, parsed
from reenact.capture.reading import WireCall, WireMessage, WireResult
from reenact.capture.wire.chat import split_system
from reenact.codec import canonical
from reenact.domain.conversation import (
    Cost,
    Item,
    Message,
    ModelCall,
    Role,
    ToolCall,
    Usage,
    words,
)

SYNTHETIC_START = datetime(2000, 1, 1, tzinfo=UTC)
"""When a talk without a clock is said to begin; its messages follow one second apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of an export: what was said or asked for, when, and what it took."""

    message: WireMessage
    at: datetime | None
    """When it was there: for an answer, the moment it was complete. None where not known."""
    began: datetime | None = None
    """When its speaker began to say it, for spoken words."""
    usage: Usage = field(default_factory=Usage)
    cost: Cost | None = None
    by_model: bool = True
    """False for an agent's words that no model wrote, such as a fixed greeting."""
    by_person: bool = False
    """True for the words and calls of a person who answers in the agent's place."""
    agent: str | None = None
    """The agent that says it, where the talk has several."""
    model: str | None = None
    """The model that wrote it, where the talk has several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speakers:
    """Who speaks in a talk, and what the agent's model was told first."""

    prompt: str | None = None
    model: str | None = None
    agent: str | None = None
    user_id: str | None = None


def items_of(said: Iterable[Said], *, speakers: Speakers, by_order: bool) -> tuple[Item, ...]:
    """Return the items that the messages of a talk make, in their order.

    A tool's answer goes to the first call still waiting that has its id. Where none has, with
    `by_order` to the first one waiting (exports in which ids repeat or lie); without it only
    where one of the two has no id, and else it is a call whose request was not captured.

    A model call runs from the message before it to its own; a tool call likewise.

    Raises:
        Unusable: for an answer that belongs to no call and does not name its tool.
    """
    talk = _Talk(speakers, by_order)
    for one in said:
        talk.add(one)
    return tuple(talk.items)


class _Talk:
    """The items so far, and which of them are calls still waiting for their answer."""

    def __init__(self, speakers: Speakers, by_order: bool):
        self.items: list[Item] = []
        self._speakers = speakers
        self._by_order = by_order
        self._waiting: list[int] = []
        self._before: datetime | None = None
        self._groups = 0

    def add(self, said: Said) -> None:
        """Append what one message says."""
        role = said.message.role
        if role == "tool":
            for result in said.message.results:
                self._answer(result, said.at)
        else:
            if role == "assistant" and said.by_model and not said.by_person:
                self.items.append(self._model_call(said))
            if said.message.text:
                self.items.append(self._message(said))
            self._ask(said)
        self._before = said.at

    def _model_call(self, said: Said) -> ModelCall:
        ended = said.began or said.at
        return ModelCall(
            agent=said.agent or self._speakers.agent,
            model=said.model or self._speakers.model,
            system_prompt=self._speakers.prompt,
            usage=said.usage,
            cost=said.cost,
            started_at=self._before if self.items else ended,
            ended_at=ended,
        )

    def _message(self, said: Said) -> Message:
        role = said.message.role
        agent = said.agent or self._speakers.agent
        authors = {"user": self._speakers.user_id, "assistant": agent}
        answers: Role = "operator" if said.by_person else "assistant"
        return Message(
            role=answers if role == "assistant" else "user" if role == "user" else "system",
            parts=words(said.message.text or ""),
            author=authors.get(role),
            started_at=said.began or said.at,
            ended_at=said.at,
        )

    def _ask(self, said: Said) -> None:
        calls = said.message.calls
        by_user = said.message.role == "user"
        self._groups += len(calls) > 1
        for call in calls:
            self._waiting.append(len(self.items))
            self.items.append(
                ToolCall(
                    name=call.name,
                    arguments=call.arguments,
                    arguments_raw=call.raw,
                    id=call.id,
                    requestor="user" if by_user else "agent",
                    agent=None if by_user else said.agent or self._speakers.agent,
                    group=self._groups if len(calls) > 1 else None,
                    answered=False,
                    started_at=said.at,
                )
            )

    def _answer(self, result: WireResult, at: datetime | None) -> None:
        place = self._waiting_for(result)
        if place is None:
            self.items.append(_unasked(result, at))
            return
        self._waiting.remove(place)
        call = self.items[place]
        if isinstance(call, ToolCall):
            # Answers that came together were not worked on one after the other.
            before = [time for time in (call.started_at, self._before) if time and time != at]
            started = max(before, default=at)
            self.items[place] = replace(
                call, answered=True, **_outcome(result), started_at=started, ended_at=at
            )

    def _waiting_for(self, result: WireResult) -> int | None:
        calls = {place: self.items[place] for place in self._waiting}
        ids = {place: call.id for place, call in calls.items() if isinstance(call, ToolCall)}
        if result.id is not None:
            for place, id in ids.items():
                if id == result.id:
                    return place
        free = [p for p in ids if self._by_order or ids[p] is None or result.id is None]
        named = [p for p in free if result.name and getattr(calls[p], "name", "") == result.name]
        return next(iter(free if self._by_order else named or free), None)


def call_asked(name: str, arguments: Any, *, id: str | None) -> WireCall:
    """Return a requested call; arguments that are no object, nor JSON of one, are kept `raw`."""
    if arguments in (None, ""):
        return WireCall(name=name, id=id, arguments={})
    found = parsed(arguments) if isinstance(arguments, str) else arguments
    if isinstance(found, dict):
        return WireCall(name=name, id=id, arguments=found)
    raw = arguments if isinstance(arguments, str) else canonical(arguments)
    return WireCall(name=name, id=id, raw=raw)


def without_prompt(said: Sequence[Said]) -> tuple[str | None, Sequence[Said]]:
    """Return the system prompt that a talk begins with (None without one), and the rest."""
    first = next((n for n, s in enumerate(said) if s.message.role != "system"), len(said))
    prompt, _ = split_system([one.message for one in said[:first]])
    return prompt, said[first:]


def _unasked(result: WireResult, at: datetime | None) -> ToolCall:
    if result.name is None:
        raise Unusable(
            f"the tool answer {result.id or 'without an id'} belongs to no call before it"
        )
    outcome = _outcome(result)
    return ToolCall(
        name=result.name, id=result.id, requested=False, **outcome, started_at=at, ended_at=at
    )


def _outcome(result: WireResult) -> dict[str, Any]:
    if not result.failed:
        return {"result": result.content}
    content = result.content
    return {"error": content if isinstance(content, str) else canonical(content)}
