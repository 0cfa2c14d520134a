"""A talk with a fork's edits in it, and the talk that a fork came to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reenact.domain.conversation import Conversation, Item, Message, ToolCall, words
from reenact.domain.fork import ForkPoint, ToolResultEdit, UserEdit
from reenact.domain.turn import turns_of


def edited(conversation: Conversation, point: ForkPoint) -> Conversation:
    """Return `conversation` with the edits of `point`; what was edited is marked `declared`.

    Words for the turn after the last one are added behind it.
    """
    items: Sequence[Item] = conversation.items
    for edit in point.edits:
        if isinstance(edit, UserEdit):
            items = _with_words(replace(conversation, items=tuple(items)), point.turn, edit.text)
        elif isinstance(edit, ToolResultEdit):
            items = list(_with_result(items, edit))
    return replace(conversation, items=tuple(items))


def come_to(base: Conversation, point: ForkPoint, live: Iterable[Item]) -> Conversation:
    """Return the talk that a fork of `base` came to: edited history, then its live items.

    It reads like a recording: nothing in it says where an answer came from.
    """
    before = [
        item
        for turn in turns_of(edited(base, point))
        if turn.index < point.turn
        for item in turn.items
    ]
    return replace(
        base,
        items=tuple(_as_recorded(item) for item in (*before, *live)),
        origin="replay",
        cost=None,
        usage=type(base.usage)(),
    )


def agent_calls(conversation: Conversation) -> list[ToolCall]:
    """Return the agent's tool calls; an edit names one by its place among them."""
    return [call for call in conversation.tool_calls if call.requestor == "agent"]


def _with_words(conversation: Conversation, index: int, text: str) -> list[Item]:
    turns = turns_of(conversation)
    items: list[Item] = []
    said = Message(role="user", parts=words(text), provenance="declared")
    for turn in turns:
        if turn.index != index:
            items += turn.items
            continue
        first = turn.user_messages[0]
        spoken = replace(
            said, author=first.author, started_at=first.started_at, ended_at=first.ended_at
        )
        rest = [i for i in turn.items if not (isinstance(i, Message) and i.role == "user")]
        items += [spoken, *rest]
    if all(turn.index < index for turn in turns):
        items.append(said)
    return items


def _with_result(items: Iterable[Item], edit: ToolResultEdit) -> Iterable[Item]:
    place = 0
    for item in items:
        if isinstance(item, ToolCall) and item.requestor == "agent":
            if place == edit.place:
                item = replace(
                    item,
                    result=edit.result,
                    error=edit.error,
                    answered=True,
                    truncated=False,
                    provenance="declared",
                )
            place += 1
        yield item


def _as_recorded(item: Item) -> Item:
    if isinstance(item, ToolCall):
        return replace(item, provenance=None, served=None)
    return replace(item, provenance=None) if isinstance(item, Message) else item
