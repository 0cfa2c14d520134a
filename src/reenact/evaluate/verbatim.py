"""How much of what the user said in a replay was recorded, by turns and by words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reenact.domain.conversation import Message
from reenact.domain.run import TurnRecord
from reenact.matching.text import terms


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbatimShare:
    """The share of recorded words in a replay, from 0 to 1; None where nothing was said."""

    turns: float | None
    words: float | None

    @property
    def least(self) -> float | None:
        """The smaller of the two."""
        return min((s for s in (self.turns, self.words) if s is not None), default=None)


def verbatim_share(turns: Sequence[TurnRecord]) -> VerbatimShare:
    """Return how much of what the user said in `turns` was recorded."""
    spoken = [turn for turn in turns if turn.spoken]
    recorded = [turn for turn in spoken if turn.user_provenance == "recorded"]
    words = _words(spoken)
    return VerbatimShare(
        turns=len(recorded) / len(spoken) if spoken else None,
        words=_words(recorded) / words if words else None,
    )


def _words(turns: Iterable[TurnRecord]) -> int:
    said = (i for turn in turns for i in turn.items if isinstance(i, Message) and i.role == "user")
    return sum(len(terms(message.text)) for message in said)
