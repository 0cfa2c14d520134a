"""Passwords: what is long enough, and hashes that are dear to guess (argon2id)."""

from __future__ import annotations

import unicodedata

from reenact.errors import UsageError

SHORTEST = 12
LONGEST = 1024
"""Characters. A longer text would only cost time."""


def checked(password: str, *, where: str) -> str:
    """Return `password` in one form for all keyboards.

    Raises:
        UsageError: where it is shorter than `SHORTEST` or longer than `LONGEST` characters.
    """
    form = unicodedata.normalize("NFC", password)
    if not SHORTEST <= len(form) <= LONGEST:
        raise UsageError(
            f"the password has {len(form)} characters",
            where=where,
            next_step=f"choose one of {SHORTEST} to {LONGEST:,} characters",
        )
    return form


def hash_of(password: str) -> str:
    """Return what is kept of `password`: argon2id with a salt, at the library's own cost."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(unicodedata.normalize("NFC", password))


def is_right(password: str, *, hash: str) -> bool:
    """Tell whether `hash` was made of `password`. Takes tens of milliseconds and 64 MiB."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(hash, unicodedata.normalize("NFC", password))
    except (VerificationError, InvalidHashError):
        return False
