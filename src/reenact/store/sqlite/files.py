"""One SQLite file used by several threads and processes: connections, locks, clear errors."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from reenact.domain.span import StoredLog, StoredSpan
from reenact.errors import StoreError
from reenact.store.sqlite.locks import BUSY_SECONDS, is_busy, when_free
from reenact.store.sqlite.parts import check, check_log
from reenact.store.sqlite.schema import migrate

_PAGE = 8192
_CHECKPOINT_PAGES = 4096  # 32 MiB of log: fewer, larger moves into the main file
_WRITER_CACHE_KIB = 32 * 1024
_READER_CACHE_KIB = 8 * 1024


class SqliteFile:
    """The span store's file. Writers take turns; each reader has a connection of its own."""

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS):
        self._path = path
        self._busy_seconds = busy_seconds
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        with self._clear_errors():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._writer = self._connect(_WRITER_CACHE_KIB)
            try:
                when_free(self._set_up, seconds=busy_seconds)
            except BaseException:
                self._writer.close()
                raise

    @contextmanager
    def writing(
        self, spans: Sequence[StoredSpan] = (), logs: Sequence[StoredLog] = ()
    ) -> Iterator[sqlite3.Connection]:
        """Hold the write lock for one transaction; committed and durable when it ends well.

        `spans` and `logs` are those being written: what cannot be kept is reported by its span.
        """
        with self._lock, self._clear_errors(spans, logs):
            self._refuse_closed()
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one unchanging state of the store."""
        with self._clear_errors():
            connection = self._reader()
            try:
                connection.execute("BEGIN")
                try:
                    yield connection
                finally:
                    connection.execute("ROLLBACK")
            except BaseException:
                connection.close()
                raise
            self._give_back(connection)

    def compact(self) -> None:
        """Write the file anew without the room of what was deleted."""
        with self._lock, self._clear_errors():
            self._refuse_closed()
            self._writer.execute("VACUUM")
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection that is not in use; those in use close when given back."""
        with self._lock:
            self._closed = True
            for connection in (*self._idle, self._writer):
                connection.close()
            self._idle.clear()

    def _set_up(self) -> None:
        migrate(self._writer, where=str(self._path))
        self._writer.execute("PRAGMA journal_mode = WAL")

    def _reader(self) -> sqlite3.Connection:
        with self._lock:
            self._refuse_closed()
            if self._idle:
                return self._idle.pop()
        connection = self._connect(_READER_CACHE_KIB)
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)

    def _connect(self, cache_kib: int) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        connection.execute(f"PRAGMA page_size = {_PAGE}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{cache_kib}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        return connection

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StoreError("the span store is closed", where=str(self._path))

    @contextmanager
    def _clear_errors(
        self, spans: Sequence[StoredSpan] = (), logs: Sequence[StoredLog] = ()
    ) -> Iterator[None]:
        try:
            yield
        except (TypeError, ValueError, OverflowError, RecursionError):
            for stored in spans:
                check(stored)
            for log in logs:
                check_log(log)
            raise
        except (sqlite3.Error, OSError) as error:
            raise self._described(error) from error

    def _described(self, error: Exception) -> StoreError:
        if is_busy(error):
            return StoreError(
                f"another process has kept the span store locked for {self._busy_seconds:g} s",
                where=str(self._path),
                next_step="let it finish, or stop it, and try again",
            )
        return StoreError(
            f"the span store cannot be used: {error}",
            where=str(self._path),
            next_step="check that it is a span store, that it may be written, and the free space",
        )
