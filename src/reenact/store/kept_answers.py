"""What callers were answered, for when they ask the same again because they did not hear it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from reenact.store.database import Database
from reenact.store.documents import microseconds
from reenact.store.record_tables import KEPT_ANSWERS

KEPT_FOR = timedelta(hours=24)
MOST_ANSWERS = 1_000
"""Answers of one caller; the oldest go first."""
MOST_BYTES = 16 * 2**20
"""Bytes of one caller's answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer, and what it answered."""

    request_hash: str
    status: int
    media_type: str | None
    body: bytes | None
    """None where it holds a secret, or was too long to be kept."""


class KeptAnswers:
    """Answers by caller and the key that the caller gave."""

    def __init__(self, database: Database):
        self._database = database

    def find(self, caller: str, key: str, *, now: datetime) -> KeptAnswer | None:
        """Return the answer to what `caller` calls `key`; None where none is kept (any more)."""
        mine = (
            KEPT_ANSWERS.c.caller == caller,
            KEPT_ANSWERS.c.key == key,
            KEPT_ANSWERS.c.created_us > microseconds(now - KEPT_FOR),
        )
        with self._database.reading() as connection:
            row = connection.execute(select(KEPT_ANSWERS).where(*mine)).first()
        if row is None:
            return None
        return KeptAnswer(
            request_hash=row.request_hash,
            status=row.status,
            media_type=row.media_type,
            body=row.body,
        )

    def keep(self, caller: str, key: str, answer: KeptAnswer, *, now: datetime) -> None:
        """Keep `answer`; what is too old, or too much of this caller's, goes."""
        row = {
            "caller": caller,
            "key": key,
            "request_hash": answer.request_hash,
            "status": answer.status,
            "media_type": answer.media_type,
            "body": answer.body,
            "size": len(answer.body or b""),
            "created_us": microseconds(now),
        }
        old = KEPT_ANSWERS.c.created_us <= microseconds(now - KEPT_FOR)
        again = (KEPT_ANSWERS.c.caller == caller) & (KEPT_ANSWERS.c.key == key)
        with self._database.writing() as connection:
            connection.execute(delete(KEPT_ANSWERS).where(old | again))
            connection.execute(insert(KEPT_ANSWERS).values(row))
            _drop_surplus(connection, caller)


def _drop_surplus(connection: Connection, caller: str) -> None:
    mine = KEPT_ANSWERS.c.caller == caller
    newest = KEPT_ANSWERS.c.created_us.desc(), KEPT_ANSWERS.c.key
    rows = connection.execute(
        select(KEPT_ANSWERS.c.key, KEPT_ANSWERS.c.size).where(mine).order_by(*newest)
    ).all()
    total, surplus = 0, []
    for place, (key, size) in enumerate(rows):
        total += size
        if place >= MOST_ANSWERS or total > MOST_BYTES:
            surplus.append(key)
    if surplus:
        connection.execute(delete(KEPT_ANSWERS).where(mine, KEPT_ANSWERS.c.key.in_(surplus)))
