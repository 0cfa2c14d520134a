"""API keys: made for one project, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from reenact.access.people import Clock, utc_now
from reenact.domain.access import SCOPES, KeyMade, KeyView, Scope
from reenact.errors import NotSignedIn, StoreError, UsageError
from reenact.store.access import AccessRecords

PREFIX = "rnk_"
"""How every key begins, so that people and scanners of secrets know one when they see it."""
MOST_KEYS = 1_000
"""Keys of one project."""
_LONGEST_NAME = 200
_HINT = 4


class Keys:
    """Makes, checks and revokes keys. A key reads `rnk_<id>_<secret>`."""

    def __init__(self, records: AccessRecords, *, clock: Clock = utc_now) -> None:
        self._records = records
        self._clock = clock

    def make(
        self,
        project: str,
        *,
        name: str,
        scopes: Collection[Scope],
        expires_at: datetime | None = None,
    ) -> KeyMade:
        """Make a key of `project`, which need not hold anything yet.

        Raises:
            UsageError: where a name is missing or too long, the time has passed or has no zone,
                no scope is named, or the project has too many keys.
        """
        now = self._clock()
        _check_time(expires_at, now)
        if not scopes:
            raise UsageError("a key without a scope may do nothing", where="scopes")
        if self._records.count_keys(project) >= MOST_KEYS:
            raise UsageError(
                f"the project has {MOST_KEYS:,} keys", next_step="revoke some of them first"
            )
        id, secret = secrets.token_hex(6), secrets.token_hex(32)
        key = KeyView(
            id=id,
            project_id=_named(project, "project_id"),
            name=_named(name, "name"),
            scopes=tuple(scope for scope in SCOPES if scope in scopes),
            hint=secret[-_HINT:],
            created_at=now,
            expires_at=expires_at,
        )
        self._records.add_key(key, secret_hash=_hash(secret))
        return KeyMade(key=key, secret=f"{PREFIX}{id}_{secret}")

    def check(self, text: str) -> KeyView:
        """Return the key that `text` is, and note that it was used.

        Raises:
            NotSignedIn: where it is none, was revoked, or has expired.
        """
        id, _, secret = text.removeprefix(PREFIX).partition("_")
        kept = self._records.key(id) if text.startswith(PREFIX) else None
        if kept is None or not hmac.compare_digest(_hash(secret), kept.secret_hash):
            raise NotSignedIn(
                "this key is not known here, or was revoked", next_step="make another in Settings"
            )
        key, now = kept.view, self._clock()
        if key.expires_at is not None and key.expires_at <= now:
            raise NotSignedIn(
                f"this key expired at {key.expires_at:%Y-%m-%d %H:%M} UTC",
                next_step="make another in Settings",
            )
        # Who shows a good key is not turned away because the store is busy for a while.
        with suppress(StoreError):
            self._records.note_use(key, now=now)
        return key

    def of(
        self, project: str, *, limit: int | None = None, after: tuple[int, str] | None = None
    ) -> tuple[KeyView, ...]:
        """Return the keys of `project`, newest first."""
        return self._records.keys(project, limit=limit, after=after)

    def revoke(self, id: str) -> None:
        """Let the key called `id` open nothing from now on. Raises UnknownId."""
        self._records.remove_key(id)


def _check_time(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is None:
        return
    if expires_at.tzinfo is None:
        raise UsageError(
            "this time has no zone", where="expires_at", next_step="write it with Z at its end"
        )
    if expires_at <= now:
        raise UsageError(
            "this time has passed", where="expires_at", next_step="name a later one, or none"
        )


def _named(text: str, where: str) -> str:
    if not text.strip() or text != text.strip() or len(text) > _LONGEST_NAME:
        raise UsageError(
            f"a name has 1 to {_LONGEST_NAME} characters and no spaces around it", where=where
        )
    return text


def _hash(secret: str) -> str:
    """Return what is kept of a secret.

    Slow hashes make it dear to guess what people think up. There are 2**256 of these: nobody
    guesses one, and the hash is made for every request.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
