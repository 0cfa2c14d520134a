"""Shelves: one kind of thing, kept as JSON documents beside the columns that are looked for."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    bindparam,
    delete,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from reenact import codec
from reenact.domain.run import CallExecution
from reenact.errors import UnknownId, UsageError
from reenact.store.database import Database
from reenact.store.record_tables import CALLS

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AT_ONCE = 500  # ids in one query: databases bound the number of parameters


class Shelf(Generic[T]):
    """Things of one type under their ids. `columns` are always given with all but the document."""

    def __init__(
        self,
        database: Database,
        table: Table,
        kind: type[T],
        noun: str,
        *,
        key: str = "id",
        next_step: str | None = None,
    ):
        self._database = database
        self._table = table
        self._kind = kind
        self._noun = noun
        self._key = table.c[key]
        self._next_step = next_step

    def add(self, thing: T, **columns: Any) -> None:
        """Keep a thing that never changes.

        Raises:
            UsageError: where its id names other content already.
        """
        self.add_all([(thing, columns)])

    def add_all(self, things: Iterable[tuple[T, dict[str, Any]]]) -> None:
        """Keep things that never change, all of them or none, each with its columns.

        Raises:
            UsageError: where an id names other content already.
        """
        rows = {
            columns[self._key.name]: {**columns, "document": document(thing)}
            for thing, columns in things
        }
        with self._database.writing() as connection:
            kept = self._documents(connection, list(rows))
            for id in kept:
                if not same_content(self._kind, kept[id], rows[id]["document"]):
                    raise UsageError(
                        f"this {self._noun} is kept already with other content; it cannot change",
                        where=f"{self._noun} {id}",
                        next_step="save it under a new id",
                    )
            if new := [row for id, row in rows.items() if id not in kept]:
                connection.execute(insert(self._table), new)

    def put(self, thing: T, **columns: Any) -> None:
        """Keep a thing, in place of what its id named before."""
        values = {**columns, "document": document(thing)}
        id = columns[self._key.name]
        with self._database.writing() as connection:
            changed = connection.execute(update(self._table).where(self._key == id).values(values))
            if changed.rowcount == 0:
                connection.execute(insert(self._table).values(values))

    def get(self, id: str) -> T:
        """Return the thing called `id`, or raise UnknownId."""
        return self.get_all([id])[0]

    def get_all(self, ids: Collection[str]) -> tuple[T, ...]:
        """Return the things in the order of `ids`, or raise UnknownId with all that are missing."""
        wanted = list(ids)
        with self._database.reading() as connection:
            found = self._documents(connection, wanted)
        if missing := [id for id in dict.fromkeys(wanted) if id not in found]:
            raise UnknownId(self._noun, missing, next_step=self._next_step)
        return tuple(self.read(found[id], id) for id in wanted)

    def list(
        self,
        *where: ColumnElement[bool],
        order: Sequence[ColumnElement[Any]],
        limit: int | None = None,
    ) -> tuple[T, ...]:
        """Return the things for which all of `where` hold, in `order`."""
        statement = select(self._key, self._table.c.document).where(*where).order_by(*order)
        with self._database.reading() as connection:
            rows = connection.execute(statement.limit(limit)).all()
        return tuple(self.read(written, id) for id, written in rows)

    def keys(self, *where: ColumnElement[bool]) -> tuple[str, ...]:
        """Return the ids of the things for which all of `where` hold, in order."""
        statement = select(self._key).where(*where).order_by(self._key)
        with self._database.reading() as connection:
            return tuple(connection.execute(statement).scalars())

    def newest(
        self,
        *where: ColumnElement[bool],
        limit: int | None = None,
        after: tuple[int, str] | None = None,
    ) -> tuple[T, ...]:
        """Return the things for which all of `where` hold, newest first, then by id.

        `after` is `created_us` and the id of the last one seen: only those behind it are given.
        """
        made = self._table.c.created_us
        if after is not None:
            where = (*where, tuple_(made, self._key) < tuple_(*map(literal, after)))
        return self.list(*where, order=(made.desc(), self._key.desc()), limit=limit)

    def remove(self, id: str) -> None:
        """Delete the thing called `id`, or raise UnknownId."""
        with self._database.writing() as connection:
            gone = connection.execute(delete(self._table).where(self._key == id))
            if gone.rowcount == 0:
                raise UnknownId(self._noun, [id], next_step=self._next_step)

    def read(self, written: str, id: str) -> T:
        """Return the thing that a document holds."""
        return codec.from_json(self._kind, written, where=f"{self._noun} {id}")

    def _documents(self, connection: Connection, ids: Sequence[str]) -> dict[str, str]:
        """Return the documents of those of `ids` that are there."""
        found: dict[str, str] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = self._key.in_(ids[start : start + _AT_ONCE])
            rows = connection.execute(select(self._key, self._table.c.document).where(some))
            found.update((id, written) for id, written in rows)
        return found


def call_columns(call: CallExecution) -> dict[str, Any]:
    """Return the columns of a call execution that change while it runs, and its id."""
    return {
        "id": call.id,
        "status": call.status,
        "attempt": call.attempt,
        "document": document(call),
    }


def attempt_columns(call: CallExecution) -> dict[str, Any]:
    """Return the columns of the attempt that `call` is at."""
    return {
        "call_id": call.id,
        "attempt": call.attempt,
        "trace_key": call.trace_key,
        "session_id": call.session_id,
        "status": call.status,
    }


UPDATE_CALL = (
    update(CALLS)
    .where(CALLS.c.id == bindparam("of_call"))
    .values(
        status=bindparam("new_status"),
        attempt=bindparam("new_attempt"),
        document=bindparam("new_document"),
    )
)
"""Writes a call execution as it is now, with `call_values`."""


def call_values(call: CallExecution) -> dict[str, Any]:
    """Return the values of `UPDATE_CALL`."""
    return {
        "of_call": call.id,
        "new_status": call.status,
        "new_attempt": call.attempt,
        "new_document": document(call),
    }


def update_call(connection: Connection, call: CallExecution) -> bool:
    """Write a call execution as it is now; False where it was never added."""
    return bool(connection.execute(UPDATE_CALL, call_values(call)).rowcount)


def document(thing: Any) -> str:
    """Return `thing` as the text that a row holds."""
    return codec.to_json(thing).decode()


def same_content(kind: type[Any], kept: str, written: str) -> bool:
    """Say whether a document that was kept holds the same `kind` of thing as one written now.

    In whatever order its keys are; and a field that did not exist yet is at its default.
    """
    if kept == written:
        return True
    now = codec.canonical(json.loads(written))
    if codec.canonical(json.loads(kept)) == now:
        return True
    read = codec.from_json(kind, kept, where="a document that was kept")
    return codec.canonical(json.loads(document(read))) == now


def microseconds(when: datetime) -> int:
    """Return `when` as microseconds since 1970."""
    return (when - _EPOCH) // timedelta(microseconds=1)
