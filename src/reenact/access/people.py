"""People: one password for all of them, and a login for each browser."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from reenact.access import passwords
from reenact.access.attempts import Attempts
from reenact.errors import NotSignedIn
from reenact.store.access import AccessRecords

LOGIN_LASTS = timedelta(days=7)
_FRESH_S = 1.0
"""How long it is believed whether a password is set: another process may change it."""

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time that it is."""
    return datetime.now(UTC)


class People:
    """Signs people in and out. `always` asks for a login even while no password is set."""

    def __init__(
        self, records: AccessRecords, *, always: bool = False, clock: Clock = utc_now
    ) -> None:
        self._records = records
        self._always = always
        self._clock = clock
        self._attempts = Attempts(lambda: clock().timestamp())
        self._known: tuple[float, bool] | None = None

    @property
    def known_to_need_login(self) -> bool | None:
        """As `need_login`, where that need not be looked up; None where it must."""
        if self._always:
            return True
        if self._known is None or time.monotonic() - self._known[0] > _FRESH_S:
            return None
        return self._known[1]

    def need_login(self) -> bool:
        """Tell whether people must sign in."""
        known = self.known_to_need_login
        return self._look() if known is None else known

    def has_password(self) -> bool:
        """Tell whether a password is set."""
        return self._records.password_hash() is not None

    def set_password(self, password: str, *, where: str = "password") -> None:
        """Set the password for all; every login ends.

        Raises:
            UsageError: where it is too short or too long; `where` says where it came from.
        """
        self._records.set_password_hash(passwords.hash_of(passwords.checked(password, where=where)))
        self._look()

    def keep_password(self, password: str, *, where: str) -> None:
        """As `set_password`, but logins go on where it is the same as before."""
        form = passwords.checked(password, where=where)
        kept = self._records.password_hash()
        if kept is None or not passwords.is_right(form, hash=kept):
            self.set_password(form, where=where)

    def clear_password(self) -> None:
        """Take the password away; every login ends."""
        self._records.set_password_hash(None)
        self._look()

    def sign_in(self, password: str, *, client: str) -> str:
        """Return the token of a new login, for who knows the password.

        Raises:
            NotSignedIn: where it is wrong, or none is set.
            TooManyAttempts: where `client`, an address, has failed too often.
        """
        with self._attempts.one_of(client):
            hash = self._records.password_hash()
            token, now = secrets.token_urlsafe(32), self._clock()
            if (
                hash is None
                or not passwords.is_right(password, hash=hash)
                or not self._records.add_login(
                    _hash(token), under=hash, created_at=now, expires_at=now + LOGIN_LASTS
                )
            ):
                raise NotSignedIn("wrong password", next_step="reenact password set sets another")
        self._attempts.forgive(client)
        return token

    def is_signed_in(self, token: str) -> bool:
        """Tell whether `token` is of a login that has not ended."""
        return self._records.has_login(_hash(token), now=self._clock())

    def sign_out(self, token: str) -> None:
        """End a login."""
        self._records.remove_login(_hash(token))

    def _look(self) -> bool:
        found = self._always or self.has_password()
        self._known = time.monotonic(), found
        return found


def csrf_of(token: str) -> str:
    """Return what our own pages send with every change that they make under a login.

    Only they can read it, and nobody can make it without the token, which no page can read.
    """
    return hmac.new(token.encode(), b"reenact csrf", hashlib.sha256).hexdigest()


def _hash(token: str) -> str:
    """Return what is kept of a token: 256 random bits cannot be guessed, so a fast hash will do."""
    return hashlib.sha256(token.encode()).hexdigest()
