"""The token of a tool server: who does not know it is not answered."""

from __future__ import annotations

import re
import secrets

from reenact.errors import UsageError

TOKEN_VARIABLE = "REENACT_TOOLS_TOKEN"  # noqa: S105 (the name of one)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}")


def new_token() -> str:
    """Return a fresh token: 192 bits, fit for an address."""
    return secrets.token_urlsafe(24)


def checked_token(text: str) -> str:
    """Return `text` if it can be a token.

    Raises:
        UsageError: never with the token itself.
    """
    if not _TOKEN.fullmatch(text):
        raise UsageError(
            "a token has 16 to 200 letters, digits, - or _",
            where=TOKEN_VARIABLE,
            next_step=f"unset {TOKEN_VARIABLE} to get a fresh one for each run",
        )
    return text
