"""Who may ask: the password's hash, logins and API keys. Secrets are kept as hashes alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row, delete, func, insert, literal, select, tuple_, update

from reenact.domain.access import KeyView, Scope
from reenact.errors import UnknownId
from reenact.store.database import Database
from reenact.store.documents import microseconds
from reenact.store.record_tables import API_KEYS, LOGINS, PASSWORDS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_THE_PASSWORD = "owner"  # noqa: S105 (the id of its row)
MOST_LOGINS = 1_000
"""Logins at once; the oldest ends when there is one more."""
USED_AGAIN = timedelta(minutes=1)
"""The last use of a key is not written more often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """A key with the hash of its secret."""

    view: KeyView
    secret_hash: str


class AccessRecords:
    """The password, the logins under it, and the keys."""

    def __init__(self, database: Database):
        self._database = database

    # The password, and logins

    def password_hash(self) -> str | None:
        """Return the hash of the password; None where none is set."""
        with self._database.reading() as connection:
            return connection.execute(select(PASSWORDS.c.hash)).scalar()

    def set_password_hash(self, hash: str | None) -> None:
        """Set the password, or none; every login ends."""
        with self._database.writing() as connection:
            connection.execute(delete(PASSWORDS))
            connection.execute(delete(LOGINS))
            if hash is not None:
                connection.execute(insert(PASSWORDS).values(id=_THE_PASSWORD, hash=hash))

    def add_login(
        self, token_hash: str, *, under: str, created_at: datetime, expires_at: datetime
    ) -> bool:
        """Keep a login that was made with the password of hash `under`.

        False, and none is kept, where the password is another by now.
        """
        times = {"created_us": microseconds(created_at), "expires_us": microseconds(expires_at)}
        keep = select(LOGINS.c.token_hash).order_by(LOGINS.c.created_us.desc())
        with self._database.writing() as connection:
            if connection.execute(select(PASSWORDS.c.hash)).scalar() != under:
                return False
            connection.execute(delete(LOGINS).where(LOGINS.c.expires_us <= times["created_us"]))
            surplus = connection.execute(keep.offset(MOST_LOGINS - 1)).scalars().all()
            connection.execute(delete(LOGINS).where(LOGINS.c.token_hash.in_(surplus)))
            connection.execute(insert(LOGINS).values(token_hash=token_hash, **times))
        return True

    def has_login(self, token_hash: str, *, now: datetime) -> bool:
        """Tell whether there is such a login that has not expired."""
        mine = (LOGINS.c.token_hash == token_hash, LOGINS.c.expires_us > microseconds(now))
        with self._database.reading() as connection:
            return connection.execute(select(LOGINS.c.token_hash).where(*mine)).first() is not None

    def remove_login(self, token_hash: str) -> None:
        """End a login, if there is such a one."""
        with self._database.writing() as connection:
            connection.execute(delete(LOGINS).where(LOGINS.c.token_hash == token_hash))

    # Keys

    def add_key(self, key: KeyView, *, secret_hash: str) -> None:
        """Keep a new key."""
        row = {
            "id": key.id,
            "project": key.project_id,
            "name": key.name,
            "scopes": " ".join(key.scopes),
            "secret_hash": secret_hash,
            "hint": key.hint,
            "created_us": microseconds(key.created_at),
            "expires_us": microseconds(key.expires_at) if key.expires_at else None,
        }
        with self._database.writing() as connection:
            connection.execute(insert(API_KEYS).values(row))

    def key(self, id: str) -> KeptKey | None:
        """Return the key called `id`; None where there is none."""
        with self._database.reading() as connection:
            row = connection.execute(select(API_KEYS).where(API_KEYS.c.id == id)).first()
        return None if row is None else KeptKey(view=_view(row), secret_hash=row.secret_hash)

    def keys(
        self, project: str, *, limit: int | None = None, after: tuple[int, str] | None = None
    ) -> tuple[KeyView, ...]:
        """Return the keys of `project`, newest first, then by id."""
        made, id = API_KEYS.c.created_us, API_KEYS.c.id
        asked = select(API_KEYS).where(API_KEYS.c.project == project)
        if after is not None:
            asked = asked.where(tuple_(made, id) < tuple_(*map(literal, after)))
        with self._database.reading() as connection:
            rows = connection.execute(asked.order_by(made.desc(), id.desc()).limit(limit)).all()
        return tuple(_view(row) for row in rows)

    def count_keys(self, project: str) -> int:
        """Return how many keys `project` has."""
        mine = select(func.count()).where(API_KEYS.c.project == project)
        with self._database.reading() as connection:
            return connection.execute(mine).scalar_one()

    def remove_key(self, id: str) -> None:
        """Delete the key called `id`, or raise UnknownId."""
        with self._database.writing() as connection:
            gone = connection.execute(delete(API_KEYS).where(API_KEYS.c.id == id))
            if gone.rowcount == 0:
                raise UnknownId("key", [id])

    def note_use(self, key: KeyView, *, now: datetime) -> None:
        """Write down that `key` was used, if that was not written within the last minute."""
        if key.last_used_at is not None and now - key.last_used_at < USED_AGAIN:
            return
        used = update(API_KEYS).where(API_KEYS.c.id == key.id)
        with self._database.writing() as connection:
            connection.execute(used.values(last_used_us=microseconds(now)))


def _view(row: Row[Any]) -> KeyView:
    return KeyView(
        id=row.id,
        project_id=row.project,
        name=row.name,
        scopes=cast("tuple[Scope, ...]", tuple(row.scopes.split())),
        hint=row.hint,
        created_at=_time(row.created_us),
        expires_at=None if row.expires_us is None else _time(row.expires_us),
        last_used_at=None if row.last_used_us is None else _time(row.last_used_us),
    )


def _time(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)
