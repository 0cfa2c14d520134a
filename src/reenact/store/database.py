"""The database of the records: opened, brought up to date, and its errors made clear."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ClauseElement, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from reenact.errors import StoreError
from reenact.store.sqlite.locks import BUSY_SECONDS, is_busy, when_free

HEAD = "0003"
"""The newest step under `migrations/versions`: what the tables must be at."""

VERSION_TABLE = "reenact_version"
_WRITES = "reenact_writes"
_BEGIN_WRITE = "BEGIN IMMEDIATE"


class Database:
    """An engine with its tables at `HEAD`, and transactions that raise StoreError alone."""

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS):
        self.url = _parsed(url)
        self._busy_seconds = busy_seconds
        self.engine = self._engine()
        self._rows: Any = None
        # Two processes that both read and then write would each wait for the other; so who is
        # going to write takes the lock at once.
        self._writer = self.engine.execution_options(**{_WRITES: True})
        try:
            self._bring_up_to_date()
        except BaseException:
            self.engine.dispose()
            raise

    @property
    def where(self) -> str:
        """The address as it may be shown: without a password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one unchanging state."""
        with self._clear_errors(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection inside a transaction; durable when it ends well."""
        with self._clear_errors(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def writing_rows(self) -> Iterator[Any]:
        """As `writing`, but give a cursor of the driver itself, for `Rows`; for one thread only.

        It costs a fifth of `writing`, which counts where there is a transaction every few
        milliseconds. What was written outlives this process from then on, however it ends. SQLite
        flushes it to the disk with the next `writing`, or a few megabytes later, so that a power
        cut may take the last of it.
        """
        with self._clear_errors():
            if self._rows is None:
                self._rows = self.engine.raw_connection()
                if self.engine.dialect.name == "sqlite":
                    self._rows.cursor().execute("PRAGMA synchronous = NORMAL")
            cursor = self._rows.cursor()
            try:
                if self.engine.dialect.name == "sqlite":
                    cursor.execute(_BEGIN_WRITE)
                yield cursor
                self._rows.commit()
            except BaseException:
                self._rows.rollback()
                raise
            finally:
                cursor.close()

    def close(self) -> None:
        """Close every connection."""
        if self._rows is not None:
            self._rows.close()
            self._rows = None
        self.engine.dispose()

    def _engine(self) -> Engine:
        sqlite = self.url.get_backend_name() == "sqlite"
        if sqlite:
            if self.url.database in (None, "", ":memory:"):
                raise StoreError(
                    "records in memory would be lost, and could not be shared by two threads",
                    where=self.where,
                    next_step="name a file: sqlite:////folder/reenact.db",
                )
            try:
                Path(self.url.database or "").parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise self.described(error) from error
        options: dict[str, Any] = (
            {"connect_args": {"timeout": self._busy_seconds}} if sqlite else {}
        )
        try:
            engine = create_engine(self.url, **options)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreError(
                f"no driver for this kind of database: {error}",
                where=self.where,
                next_step="use sqlite:////folder/reenact.db in REENACT_DATABASE_URL",
            ) from error
        if sqlite:
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _bring_up_to_date(self) -> None:
        with self.reading() as connection:
            if self._version(connection) == HEAD:
                return
        self._switch_log_on()
        with self.writing() as connection:
            # Another process may have done it while this one waited for the lock.
            if self._version(connection) != HEAD:
                _upgrade(connection)

    def _switch_log_on(self) -> None:
        """Let SQLite's readers and a writer work at once. The file remembers it."""
        if self.url.get_backend_name() != "sqlite":
            return
        with self.engine.connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            try:
                when_free(
                    lambda: raw.execute("PRAGMA journal_mode = WAL"), seconds=self._busy_seconds
                )
            except sqlite3.Error as error:
                raise self.described(error) from error

    def _version(self, connection: Connection) -> str | None:
        tables = inspect(connection).get_table_names()
        if VERSION_TABLE in tables:
            found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
            if found is not None and str(found) > HEAD:
                raise StoreError(
                    f"the records are of version {found}, this Reenact knows up to {HEAD}",
                    where=self.where,
                    next_step="install the newer Reenact, or name another database in "
                    "REENACT_DATABASE_URL",
                )
            return found
        if tables and connection.dialect.name == "sqlite":
            raise StoreError(
                "the file is a database, but not of Reenact's records",
                where=self.where,
                next_step="name another file in REENACT_DATABASE_URL; this one was left as it is",
            )
        return None

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self.described(error.orig or error) from (error.orig or error)
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise self.described(error) from error

    def described(self, error: BaseException) -> StoreError:
        """Return `error` of the driver as what is wrong and what to do."""
        if is_busy(error):
            return StoreError(
                f"another process has kept the records locked for {self._busy_seconds:g} s",
                where=self.where,
                next_step="let it finish, or stop it, and try again",
            )
        if isinstance(error, sqlite3.IntegrityError):
            return StoreError(f"this does not fit what is kept: {error}", where=self.where)
        return StoreError(
            f"the records cannot be used: {error}",
            where=self.where,
            next_step="check REENACT_DATABASE_URL, that it may be written, and the free space",
        )


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise StoreError(
            "this is not the URL of a database",
            where="REENACT_DATABASE_URL",
            next_step="use sqlite:///reenact.db (beside you) or sqlite:////folder/reenact.db",
        ) from None


def _upgrade(connection: Connection) -> None:
    # Imported here: alembic costs more than opening a database that is up to date.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option(
        "script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%")
    )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite` alone
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql(_BEGIN_WRITE if writes else "BEGIN")


class Rows:
    """A statement that is written for many rows at once, past SQLAlchemy's execution."""

    def __init__(self, engine: Engine, statement: ClauseElement, names: Sequence[str]):
        compiled: Any = statement.compile(dialect=engine.dialect, column_keys=list(names))
        self._sql = str(compiled)
        self._places: tuple[str, ...] | None = (
            tuple(compiled.positiontup) if compiled.positional else None
        )

    def write(self, cursor: Any, values: Sequence[Mapping[str, Any]]) -> int:
        """Execute the statement for each of `values`; return how many rows changed."""
        places = self._places
        given = values if places is None else [[row[name] for name in places] for row in values]
        cursor.executemany(self._sql, given)
        return int(cursor.rowcount)
