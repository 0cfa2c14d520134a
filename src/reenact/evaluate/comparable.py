"""Whether a replay can be judged beside its recording at all."""

from __future__ import annotations

from collections.abc import Sequence

from reenact.domain.conversation import Conversation
from reenact.domain.turn import turns_of
from reenact.evaluate.verbatim import VerbatimShare

LEAST_VERBATIM = 0.5
"""Below this share of recorded words, the user of a replay held another talk."""
MOST_APART = 0.34
"""Repeats whose shares are further apart than this held different talks."""
_NAMED = 5


def why_not_comparable(
    recording: Conversation, *, verbatim: Sequence[VerbatimShare], only_turn: int | None = None
) -> str | None:
    """Return why a verdict on these repeats would say nothing of the agent; None where it does.

    `verbatim` holds the share of recorded words of each repeat.
    """
    unheard = [
        str(turn.index)
        for turn in turns_of(recording)
        if turn.index > 0 and turn.user is None and only_turn in (None, turn.index)
    ]
    if unheard:
        more = f" and {len(unheard) - _NAMED} more" if len(unheard) > _NAMED else ""
        named = f"turn{'s' * (len(unheard) > 1)} {', '.join(unheard[:_NAMED])}{more}"
        return f"the capture lacks what the user said on {named}"
    shares = [share.least for share in verbatim if share.least is not None]
    if shares and min(shares) < LEAST_VERBATIM:
        return f"only {min(shares):.0%} of what the user said in the replay was recorded"
    if shares and max(shares) - min(shares) > MOST_APART:
        apart = f"from {min(shares):.0%} to {max(shares):.0%}"
        return f"the repeats' users said other things: {apart} of it was recorded"
    return None
