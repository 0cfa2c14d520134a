"""The size of a row: what its turns took when they were recorded."""

from __future__ import annotations

from collections.abc import Sequence

from reenact.compare.metrics import cost, input_tokens, output_tokens, working_ms
from reenact.domain.conversation import Conversation
from reenact.domain.scenario import RecordedSize, Row
from reenact.domain.turn import Turn
from reenact.replay.script import script_of


def size_of(conversation: Conversation, row: Row) -> RecordedSize:
    """Return what the turns that `row` runs took in `conversation`.

    A time that was made up, or that of speech, is none.
    """
    turns = script_of(conversation, row).turns
    spent = cost(turns)
    times = [] if conversation.time_synthetic or conversation.spoken else _times(turns)
    return RecordedSize(
        turns=len(turns),
        input_tokens=_count(input_tokens(turns)),
        output_tokens=_count(output_tokens(turns)),
        cost_usd=None if spent is None else spent.amount,
        working_ms=round(sum(times), 3) if times else None,
        longest_turn_ms=max(times, default=None),
    )


def turns_to_run(conversation: Conversation, row: Row) -> tuple[int, ...]:
    """Return the numbers of the turns that `row` runs of `conversation`."""
    return tuple(turn.index for turn in script_of(conversation, row).turns)


def _times(turns: Sequence[Turn]) -> list[float]:
    """Return the turns' times in milliseconds; none at all where one is not known."""
    known = [taken for turn in turns if (taken := working_ms(turn)) is not None]
    return known if len(known) == len(turns) else []


def _count(number: float | None) -> int | None:
    return None if number is None else int(number)
