"""Small talks to test on: items in a line each, with times that make sense."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from reenact.domain.conversation import (
    Conversation,
    Effect,
    Item,
    Message,
    ModelCall,
    ToolCall,
    Usage,
    words,
)
from reenact.domain.turn import turns_of

START = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)


def user(text: str, *, author: str | None = None) -> Message:
    return Message(role="user", parts=words(text), author=author)


def agent(text: str) -> Message:
    return Message(role="assistant", parts=words(text))


def call(
    name: str,
    arguments: Any = None,
    result: Any = None,
    *,
    error: str | None = None,
    effect: Effect = "unknown",
    answered: bool = True,
) -> ToolCall:
    return ToolCall(
        name=name,
        arguments={} if arguments is None else arguments,
        result=result,
        error=error,
        effect=effect,
        answered=answered,
    )


def model(input_tokens: int = 100, output_tokens: int = 10) -> ModelCall:
    return ModelCall(
        model="gpt-4o-mini",
        usage=Usage(input_tokens=input_tokens, output_tokens=output_tokens),
    )


def talk(*items: Item, id: str = "sess:s1", project: str = "shop") -> Conversation:
    """Return a conversation whose items begin a second apart and take half of one."""
    from dataclasses import replace

    timed: list[Item] = []
    for place, item in enumerate(items):
        started = START + timedelta(seconds=place)
        timed.append(
            replace(item, started_at=started, ended_at=started + timedelta(milliseconds=500))  # type: ignore[call-arg]
        )
    return Conversation(
        id=id,
        project=project,
        kind="session",
        session_id=id.partition(":")[2],
        agent_name="shop-support",
        items=tuple(timed),
        started_at=START,
        ended_at=START + timedelta(seconds=len(items)),
    )


REFUND = talk(
    user("Hi, my order is A-1001."),
    call("check_status", {"order_id": "A-1001"}, {"status": "shipped"}),
    agent("It has shipped."),
    user("Thanks. And what is happening with A-1003? I only want to know where it is."),
    call("issue_refund", {"order_id": "A-1003", "amount": 49.9}, {"ok": True}),
    agent("I have refunded $49.90."),
    user("What?! I did not ask for a refund."),
    call("check_status", {"order_id": "A-1003"}, {"status": "in transit"}),
    agent("I am sorry. A-1003 is in transit."),
)
"""The refund story: on turn 2 the agent refunds an order that it should have looked up."""


def turn(conversation: Conversation, index: int) -> Any:
    """Return one turn of a conversation."""
    return next(t for t in turns_of(conversation) if t.index == index)
