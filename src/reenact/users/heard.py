"""What was said in a replay so far, as models are told it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reenact.domain.conversation import Item, Message
from reenact.domain.run import TurnRecord


def agents_words(items: Iterable[Item]) -> str:
    """Return what the agent said in `items`, joined by newlines."""
    return _words(items, ("assistant", "operator"))


def replayed(records: Iterable[TurnRecord]) -> list[dict[str, str | None]]:
    """Return the turns of a replay as what the user and the agent said."""
    return [
        {
            "user": _words(record.items, ("user",)) or None,
            "agent": agents_words(record.items) or None,
        }
        for record in records
    ]


def _words(items: Iterable[Item], roles: Sequence[str]) -> str:
    return "\n".join(i.text for i in items if isinstance(i, Message) and i.role in roles)
