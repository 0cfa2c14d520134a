"""Turns: a view of a conversation's items, from one user message to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from reenact.domain.conversation import (
    Conversation,
    Cost,
    Item,
    Message,
    ModelCall,
    ToolCall,
    Usage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The items from one user message up to the next.

    Turn 0 holds what precedes the first user message (a greeting) and has no user.
    """

    index: int
    items: tuple[Item, ...]

    @property
    def user_messages(self) -> tuple[Message, ...]:
        """The user's messages; more than one where the user wrote twice in a row."""
        return tuple(i for i in self.items if isinstance(i, Message) and i.role == "user")

    @property
    def answers(self) -> tuple[Message, ...]:
        """What the agent (or an operator) said."""
        return tuple(
            i for i in self.items if isinstance(i, Message) and i.role in ("assistant", "operator")
        )

    @property
    def user(self) -> str | None:
        """The user's words, several messages joined by a newline."""
        return _joined(self.user_messages)

    @property
    def user_id(self) -> str | None:
        """Who spoke for the user, where the capture says so."""
        return next((m.author for m in self.user_messages if m.author), None)

    @property
    def assistant(self) -> str | None:
        """The agent's words, several messages joined by a newline; None without an answer."""
        return _joined(self.answers)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls that were run (or, in a replay, asked for), parallel ones as requested."""
        return tuple(
            i
            for i in self.items
            if isinstance(i, ToolCall) and (i.answered or i.provenance is not None)
        )

    @property
    def model_calls(self) -> tuple[ModelCall, ...]:
        """The model calls of the turn, in order."""
        return tuple(i for i in self.items if isinstance(i, ModelCall))

    @property
    def error(self) -> str | None:
        """Why the turn has no answer; None where it has one."""
        if self.assistant is not None:
            return None
        return next((e for e in map(_error, reversed(self.items)) if e), None)

    @property
    def had_errors(self) -> bool:
        """True where anything in the turn failed, also where the agent recovered."""
        return any(_error(item) is not None for item in self.items)

    @property
    def trace_id(self) -> str | None:
        """The first trace that the turn's items name."""
        return next((i.trace_id for i in self.items if i.trace_id), None)

    @property
    def started_at(self) -> datetime | None:
        """When the first item began."""
        return min(_times(self.items, "started_at"), default=None)

    @property
    def ended_at(self) -> datetime | None:
        """When the last answer ended; without an answer, when the last item did."""
        answered = max(_times(self.answers, "ended_at"), default=None)
        return answered or max(_times(self.items, "ended_at"), default=None)

    @property
    def latency_ms(self) -> float | None:
        """From the turn's first item to the end of its answer, in milliseconds."""
        if self.started_at is None or self.ended_at is None:
            return None
        return round((self.ended_at - self.started_at).total_seconds() * 1000, 3)

    @property
    def time_to_first_token_ms(self) -> float | None:
        """From the turn's first item to the first token of the last streamed model call."""
        calls = [c for c in self.model_calls if c.time_to_first_token_ms is not None]
        if not calls or calls[-1].started_at is None or self.started_at is None:
            return None
        before = (calls[-1].started_at - self.started_at).total_seconds() * 1000
        return round(before + (calls[-1].time_to_first_token_ms or 0.0), 3)

    @property
    def usage(self) -> Usage:
        """The tokens of the turn's model calls."""
        return total_usage(self.model_calls)

    @property
    def cost(self) -> Cost | None:
        """The money of the turn's model calls; None where one of them is unknown."""
        return total_cost(self.model_calls)


def turns_of(conversation: Conversation) -> tuple[Turn, ...]:
    """Return the turns of `conversation`; a turn 0 only where something precedes the user."""
    return split_turns(conversation.items)


def split_turns(items: Sequence[Item]) -> tuple[Turn, ...]:
    """Cut `items` into turns. A user message opens one unless it follows another directly."""
    groups: list[list[Item]] = [[]]
    for item in items:
        opens = isinstance(item, Message) and item.role == "user"
        if opens and not _only_user_words(groups[-1]):
            groups.append([])
        groups[-1].append(item)
    return tuple(
        Turn(index=number, items=tuple(group)) for number, group in enumerate(groups) if group
    )


def total_usage(calls: Iterable[ModelCall]) -> Usage:
    """Sum the tokens of `calls`; a kind is None where a call that answered lacks it.

    A failed call used what it says it used, and nothing where it says nothing.
    """
    calls = list(calls)

    def total(kind: str) -> int | None:
        found = [(getattr(call.usage, kind), call.error) for call in calls]
        if not found or any(count is None and error is None for count, error in found):
            return None
        return sum(count or 0 for count, _ in found)

    return Usage(
        input_tokens=total("input_tokens"),
        output_tokens=total("output_tokens"),
        cached_input_tokens=total("cached_input_tokens"),
        reasoning_tokens=total("reasoning_tokens"),
    )


def total_cost(calls: Iterable[ModelCall]) -> Cost | None:
    """Sum the money of `calls`; None where a call that answered has no price."""
    counted = [call for call in calls if call.error is None or call.cost is not None]
    costs = [call.cost for call in counted]
    if not costs or any(cost is None for cost in costs):
        return None
    known = [cost for cost in costs if cost is not None]
    if len({cost.currency for cost in known}) > 1:
        return None
    computed = any(cost.source == "computed" for cost in known)
    return Cost(
        amount=round(sum(cost.amount for cost in known), 10),
        currency=known[0].currency,
        source="computed" if computed else "telemetry",
    )


def whole_usage(conversation: Conversation) -> Usage:
    """Return the tokens of a talk: those of its model calls, else what its source states."""
    summed = total_usage(conversation.model_calls)
    return conversation.usage if summed == Usage() else summed


def whole_cost(conversation: Conversation) -> Cost | None:
    """Return the money of a talk: that of its model calls, else what its source states."""
    return total_cost(conversation.model_calls) or conversation.cost


def _only_user_words(group: Sequence[Item]) -> bool:
    return bool(group) and all(isinstance(i, Message) and i.role == "user" for i in group)


def _joined(messages: Sequence[Message]) -> str | None:
    texts = [message.text for message in messages if message.text]
    return "\n".join(texts) if texts else None


def _error(item: Item) -> str | None:
    return getattr(item, "error", None)


def _times(items: Iterable[Item], name: str) -> list[datetime]:
    return [time for item in items if (time := getattr(item, name, None)) is not None]
