"""The script of a row: the user's recorded turns, and what was said before the first of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from reenact.domain.conversation import Conversation, Item, Message, ToolCall
from reenact.domain.scenario import Graph, Row
from reenact.domain.turn import Turn, turns_of
from reenact.users.policy import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The turns to replay, in order, after the items `before`."""

    before: tuple[Item, ...]
    system: str | None = None
    """A system prompt to tell the agent; None where its own is left alone."""
    turns: tuple[Turn, ...]
    calls: Mapping[int, tuple[ToolCall, ...]] = field(default_factory=dict)
    """What the user's side did with tools of its own before it spoke, by turn."""

    @property
    def first(self) -> int:
        """The number of the first turn."""
        return self.turns[0].index if self.turns else 1

    def turn_after(self, turn: Turn) -> Turn | None:
        """Return the turn that follows `turn`, if one does."""
        after = bisect_right(self.turns, turn.index, key=attrgetter("index"))
        return self.turns[after] if after < len(self.turns) else None


def script_of(conversation: Conversation, row: Row) -> Script:
    """Return what `row` replays of `conversation`: all user turns, or only `row.turn`.

    The history seen on the wire, a greeting, and the turns before the row's first one are told
    to the agent as they were. A fork's edits are in `conversation` already.
    """
    turns = turns_of(conversation)
    first = 1 if row.first_turn is None else row.first_turn
    before = [item for turn in turns if turn.index < first for item in turn.items]
    chosen = [t for t in turns if t.index == first or (row.turn is None and t.index > first)]
    return Script(
        before=(*conversation.history, *before),
        system=row.fork.system if row.fork else None,
        turns=tuple(chosen),
        calls=_users_calls(turns),
    )


def part_of(script: Script, row: Row, *, graph: Graph | None, calls_seen: bool) -> Part:
    """Return what the user's side is given to speak from."""
    return Part(
        turns=script.turns,
        before=script.before,
        calls=script.calls,
        calls_seen=calls_seen,
        persona=row.persona,
        situation=row.situation,
        outcome=row.outcome,
        graph=graph,
    )


def _users_calls(turns: Sequence[Turn]) -> Mapping[int, tuple[ToolCall, ...]]:
    """Return the calls of the user's side by the turn whose words they go with.

    Those behind the agent's answer lead to the next turn's words. The agent never saw them.
    """
    calls: dict[int, tuple[ToolCall, ...]] = {}
    for turn in turns:
        due = turn.index
        for item in turn.items:
            if isinstance(item, ToolCall) and item.requestor == "user":
                calls[due] = (*calls.get(due, ()), item)
            elif not (isinstance(item, Message) and item.role == "user"):
                due = turn.index + 1
    return calls
