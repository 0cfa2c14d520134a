"""Misfit: how a replayed turn parted from the recording, so that the next words may not fit.

Told without a model: the agent's tool names or arguments differ, or it asked something that
the recorded words do not answer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from reenact.domain.conversation import Item, Message, ToolCall
from reenact.domain.turn import Turn
from reenact.matching.arguments import normalised
from reenact.matching.text import similarity

ALIKE = 0.5
"""Questions at least this similar ask the same thing."""

_SHORT_ANSWER_WORDS = 3
_OFFER = re.compile(
    r"(any|some)thing else|(help|assist) you (with|further|today)|how (can|may|else) |"
    r"let me know|further assistance",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]?")


def misfit(recorded: Turn, replayed: Sequence[Item], *, next_turn: Turn | None) -> str | None:
    """Say how `replayed` parted from `recorded`; None while it fits.

    `next_turn` is the recorded turn in which the user goes on; None after the last.
    """
    return _tools_differ(recorded, replayed) or _asks_else(recorded, replayed, next_turn)


def _tools_differ(recorded: Turn, replayed: Sequence[Item]) -> str | None:
    before = [call for call in recorded.tool_calls if call.requestor == "agent"]
    after = [i for i in replayed if isinstance(i, ToolCall) and i.requestor == "agent"]
    # Most turns have no tool calls at all, which needs no counting.
    if (not before and not after) or _calls(before) == _calls(after):
        return None
    was = ", ".join(call.name for call in before) or "no tool"
    now = ", ".join(call.name for call in after) or "no tool"
    if was == now:
        return f"other arguments for {now}"
    return f"called {now} where the recording called {was}"


def _calls(calls: Sequence[ToolCall]) -> Counter[tuple[str, str]]:
    return Counter((call.name, normalised(call.arguments)) for call in calls)


def _asks_else(recorded: Turn, replayed: Sequence[Item], next_turn: Turn | None) -> str | None:
    if next_turn is None:
        return None
    said = "\n".join(i.text for i in replayed if isinstance(i, Message) and i.role == "assistant")
    asked_now = questions(said)
    asked_then = questions(recorded.assistant or "")
    new = [q for q in asked_now if not any(similarity(q, old) >= ALIKE for old in asked_then)]
    if new and not (asked_then and len(asked_now) > len(new)):
        return f"asked: {new[-1]}"
    if asked_then and not asked_now and _is_short(next_turn.user):
        return f"did not ask: {asked_then[-1]}"
    return None


def _is_short(words: str | None) -> bool:
    return words is not None and len(words.split()) <= _SHORT_ANSWER_WORDS


def questions(text: str) -> list[str]:
    """Return the questions in `text` that want an answer; offers of more help are none."""
    if "?" not in text:
        return []
    sentences = (match.group().strip() for match in _SENTENCE.finditer(text))
    return [s for s in sentences if s.endswith("?") and s != "?" and not _OFFER.search(s)]
