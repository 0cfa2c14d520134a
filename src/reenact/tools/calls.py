"""The recorded calls of a talk, each with its place, its turn and what the tool does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reenact.domain.conversation import Conversation, Effect, ToolCall
from reenact.domain.turn import turns_of
from reenact.tools.rulebook import Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """A tool call of the recording, with its place among all calls and its turn."""

    place: int
    turn: int
    call: ToolCall
    effect: Effect

    @property
    def servable(self) -> bool:
        """Whether the capture holds what the call gave, whole."""
        return self.call.answered and not self.call.truncated


def recorded_calls(
    conversation: Conversation,
    *,
    effects: Mapping[str, Effect] | None = None,
    rules: Rulebook | None = None,
) -> Iterable[RecordedCall]:
    """Yield the agent's tool calls of `conversation` with their turns, in recorded order.

    Calls of the user's side are left out: they are replayed with the user, never answered
    for the agent.
    """
    rules = rules or Rulebook(effects=effects)
    place = 0
    for turn in turns_of(conversation):
        for item in turn.items:
            if isinstance(item, ToolCall) and item.requestor == "agent":
                effect = rules.effect(item.name, item.effect)
                yield RecordedCall(place=place, turn=turn.index, call=item, effect=effect)
                place += 1
