"""Ids that sort by time and are short enough to type."""

from __future__ import annotations

import secrets
from datetime import datetime

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str, now: datetime) -> str:
    """Return `prefix-` and 12 characters: 8 of the time in milliseconds, 4 at random."""
    stamp, text = int(now.timestamp() * 1000), ""
    for _ in range(8):
        stamp, digit = divmod(stamp, 32)
        text = _DIGITS[digit] + text
    return f"{prefix}-{text}{''.join(secrets.choice(_DIGITS) for _ in range(4))}"
