"""Whether a replay can be judged beside its recording at all."""

from __future__ import annotations

from collections.abc import Sequence

from reenact.domain.conversation import Conversation
from reenact.domain.turn import turns_of

LEAST_VERBATIM = 0.5
"""Below this share of recorded words, the user of a replay held another talk."""
_NAMED = 5


def why_not_comparable(
    recording: Conversation, *, verbatim: Sequence[float | None], only_turn: int | None = None
) -> str | None:
    """Return why a verdict on these repeats would say nothing of the agent; None where it does.

    `verbatim` holds the share of recorded words of each repeat; None where no turn was run.
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
    least = min((share for share in verbatim if share is not None), default=1.0)
    if least < LEAST_VERBATIM:
        return f"only {least:.0%} of what the user said in the replay was recorded"
    return None
