"""The script of a row: the user's recorded turns, and what was said before the first of them."""

from __future__ import annotations

from dataclasses import dataclass

from reenact.domain.conversation import Conversation, Item
from reenact.domain.scenario import Row
from reenact.domain.turn import Turn, turns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The turns to replay, in order, after the items `before`."""

    before: tuple[Item, ...]
    system: str | None = None
    """A system prompt to tell the agent; None where its own is left alone."""
    turns: tuple[Turn, ...]

    def words_after(self, turn: Turn) -> str | None:
        """Return the user's words of the turn that follows `turn`, if one does."""
        later = (t for t in self.turns if t.index > turn.index)
        return next((t.user for t in later), None)


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
    )
