"""What the customers of the demo said, and when: four talks of one week.

The people and the shop are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

PROJECT = "northlight"
TUESDAY = "chat-1184"
"""The session in which the agent paid where it should have looked."""
WORDS = "money back"
"""What the engineer remembers of the complaint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One session: who, when, and the customer's words."""

    session_id: str
    user_id: str
    started_at: datetime
    lines: tuple[str, ...]


TALKS = (
    Talk(
        session_id="chat-1180",
        user_id="rider-204",
        started_at=datetime(2026, 11, 16, 14, 5, tzinfo=UTC),
        lines=("Do you sell tubeless tyres?", "When are you open?"),
    ),
    Talk(
        session_id="chat-1183",
        user_id="rider-117",
        started_at=datetime(2026, 11, 17, 8, 40, tzinfo=UTC),
        lines=("Good morning, where is my order NB-5519?", "Thank you!"),
    ),
    Talk(
        session_id=TUESDAY,
        user_id="rider-311",
        started_at=datetime(2026, 11, 17, 10, 26, tzinfo=UTC),
        lines=(
            "Hello, my pannier bag has not arrived.",
            "It is NB-5528.",
            "Where is it right now?",
            "If it is late again, can I get my money back? But look first where it is, please.",
            "Stop! I want the bag, not the money.",
        ),
    ),
    Talk(
        session_id="chat-1191",
        user_id="rider-089",
        started_at=datetime(2026, 11, 18, 16, 52, tzinfo=UTC),
        lines=(
            "The strap of my bag is broken, order NB-5507.",
            "Please refund me.",
            "Thank you.",
        ),
    ),
)
