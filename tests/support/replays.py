"""Replays to compare: turn records made of talks, and the real before/after pairs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from reenact.domain.conversation import (
    Conversation,
    Item,
    Message,
    ModelCall,
    ToolCall,
    Usage,
    words,
)
from reenact.domain.run import TurnRecord
from reenact.domain.turn import turns_of


def record(index: int, *items: Item, after_divergence: bool = False) -> TurnRecord:
    """Return a journalled turn that holds `items`."""
    return TurnRecord(
        call_id="call-1",
        attempt=1,
        index=index,
        items=items,
        after_divergence=after_divergence,
    )


def replay_of(conversation: Conversation) -> tuple[TurnRecord, ...]:
    """Return the turns of a replay in which the agent did exactly what was recorded."""
    return tuple(
        record(turn.index, *map(_live, turn.items))
        for turn in turns_of(conversation)
        if turn.index > 0
    )


def _live(item: Item) -> Item:
    if isinstance(item, ToolCall):
        return replace(item, provenance="recorded", id=None)
    if isinstance(item, Message):
        return replace(item, provenance="recorded" if item.role == "user" else "live")
    return item


@cache
def tau2_talks(path: Path) -> dict[str, Conversation]:
    """Return the talks of a tau2 result file by task; each file has one trial a task."""
    data = json.loads(path.read_text())
    return {sim["task_id"]: _tau2_talk(sim) for sim in data["simulations"]}


def _tau2_talk(simulation: dict[str, Any]) -> Conversation:
    answers = {m["id"]: m for m in simulation["messages"] if m["role"] == "tool"}
    items: list[Item] = []
    for group, message in enumerate(simulation["messages"]):
        if "###" not in (message["content"] or ""):
            items += _tau2_items(message, group, answers)
    return Conversation(
        id=f"sess:{simulation['id']}",
        project="tau2",
        kind="session",
        items=tuple(items),
    )


def _tau2_items(
    message: dict[str, Any], group: int, answers: dict[str, dict[str, Any]]
) -> list[Item]:
    at = datetime.fromisoformat(message["timestamp"] + "+00:00")
    items: list[Item] = []
    if message["role"] == "assistant" and message["usage"]:
        used = message["usage"]
        usage = Usage(input_tokens=used["prompt_tokens"], output_tokens=used["completion_tokens"])
        items.append(ModelCall(usage=usage, started_at=at, ended_at=at))
    if message["role"] != "tool" and message["content"]:
        items.append(
            Message(
                role=message["role"],
                parts=words(message["content"]),
                started_at=at,
                ended_at=at,
            )
        )
    for call in message.get("tool_calls") or ():
        answer = answers.get(call["id"])
        failed = answer is not None and answer["error"]
        items.append(
            ToolCall(
                name=call["name"],
                arguments=call["arguments"],
                result=answer["content"] if answer and not failed else None,
                error=answer["content"] if answer and failed else None,
                answered=answer is not None,
                requestor="agent" if call["requestor"] == "assistant" else "user",
                group=group,
                started_at=at,
                ended_at=at,
            )
        )
    return items
