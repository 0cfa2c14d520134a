"""From what a request shows, a key or a login, to who asks. For HTTP and gRPC alike."""

from __future__ import annotations

import asyncio

from reenact.access.keys import PREFIX, Keys
from reenact.access.people import People
from reenact.domain.access import KeyView
from reenact.errors import NotSignedIn
from reenact.server.api.callers import EVERYBODY, NOBODY, SIGNED_IN, Caller


class Checks:
    """Looks up keys and logins, away from the event loop."""

    def __init__(self, people: People, keys: Keys) -> None:
        self._people = people
        self._keys = keys

    async def caller(self, *, authorization: str | None, login: str | None) -> Caller:
        """Return who asks; `NOBODY` for who shows nothing where something must be shown.

        A key limits who shows it, also where nobody needs one. Where nobody does, other products'
        keys are passed over: an exporter that was made for one of them may still send its own.

        Raises:
            NotSignedIn: where what is shown is not good.
        """
        need_login = await self._need_login()
        shown = _bearer(authorization)
        if shown is not None and (need_login or shown.startswith(PREFIX)):
            return _caller_with(await asyncio.to_thread(self._keys.check, shown))
        if not need_login:
            return EVERYBODY
        if login is not None and await asyncio.to_thread(self._people.is_signed_in, login):
            return SIGNED_IN
        return NOBODY

    async def _need_login(self) -> bool:
        known = self._people.known_to_need_login
        return await asyncio.to_thread(self._people.need_login) if known is None else known


def somebody(caller: Caller) -> Caller:
    """Return `caller`, or raise NotSignedIn where it is nobody."""
    if caller is NOBODY:
        raise NotSignedIn(
            "this server wants to know who asks",
            next_step="sign in, or send a key: Authorization: Bearer rnk_...",
        )
    return caller


def _bearer(authorization: str | None) -> str | None:
    """Return the key in an `Authorization` header; None where there is none."""
    scheme, _, shown = (authorization or "").strip().partition(" ")
    return shown.strip() if scheme.lower() == "bearer" else None


def _caller_with(key: KeyView) -> Caller:
    return Caller(project=key.project_id, scopes=frozenset(key.scopes), person=False, key=key.id)
