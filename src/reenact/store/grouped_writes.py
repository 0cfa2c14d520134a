"""Grouped writes: many conversations wait for one transaction, and so for one fsync.

One thread writes whatever has been queued meanwhile, in one transaction at a time. Who queued
a write hears of it only once it is durable. The writes of an event loop are gathered there for
a moment and handed to the thread together: waking it costs more than most writes.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection

from reenact.errors import StoreError
from reenact.store.database import Database, Rows

Step = tuple[Rows, dict[str, Any]]
"""A statement that changes exactly one row, with its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One thing to write.

    `apply` writes it by itself, with whatever questions it has to ask. `steps` do the same for
    the usual case, when nothing of it is there yet: they are sent together with those of other
    writes that share the statement, and undone if they do not fit. Both may be repeated.
    """

    apply: Callable[[Connection], Any]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class _Waiting:
    write: Write
    future: asyncio.Future[Any] | Future[Any]
    loop: asyncio.AbstractEventLoop | None


class _DoesNotFit(Exception):
    """Raised where a step found another number of rows than one."""


Outcome = tuple[Any, BaseException | None]


class GroupedWrites:
    """A queue and the thread that empties it."""

    def __init__(self, database: Database, *, where: str):
        self._database = database
        self._where = where
        self._queue: SimpleQueue[list[_Waiting] | None] = SimpleQueue()
        self._gathered: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    async def durable(self, write: Write) -> Any:
        """Return what `write` gave once it is durable; raise what it raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._gather(_Waiting(write, future, loop), loop)
        try:
            return await future
        except asyncio.CancelledError:
            self._hand_over(loop)  # the loop may stop now; what was asked for is written anyway
            raise

    def durable_now(self, write: Write) -> Any:
        """As `durable`, for a caller that has no event loop; blocks."""
        future: Future[Any] = Future()
        with self._lock:
            self._check_open()
            self._put([_Waiting(write, future, None)])
        return future.result()

    def close(self) -> None:
        """Write what is queued, then stop."""
        with self._lock:
            self._closed = True
            for gathered in self._gathered.values():
                self._put(gathered)
            self._gathered.clear()
            thread = self._thread
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("the journal is closed", where=self._where)

    def _gather(self, waiting: _Waiting, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._check_open()
            gathered = self._gathered.setdefault(loop, [])
            gathered.append(waiting)
            if len(gathered) == 1:
                loop.call_soon(self._hand_over, loop)  # behind all that is to be done now

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            if gathered := self._gathered.pop(loop, None):
                self._put(gathered)

    def _put(self, waiting: list[_Waiting]) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="reenact-journal", daemon=True)
            self._thread.start()
        self._queue.put(waiting)

    def _work(self) -> None:
        while (batch := self._queue.get()) is not None:
            last = self._drain(batch)
            try:
                outcomes = self._written([waiting.write for waiting in batch])
            except BaseException as error:
                # Whatever it is, those who wait must hear of it; the thread goes on for others.
                outcomes = [(None, error)] * len(batch)
            _tell(batch, outcomes)
            if last:
                return

    def _drain(self, batch: list[_Waiting]) -> bool:
        """Add to `batch` what came meanwhile; True where nothing will come after it."""
        while True:
            try:
                more = self._queue.get_nowait()
            except Empty:
                return False
            if more is None:
                return True
            batch += more

    def _written(self, writes: Sequence[Write]) -> list[Outcome]:
        usual = [write for write in writes if write.steps]
        try:
            self._together(usual)
        except Exception as error:
            if isinstance(
                error.__cause__, self._database.engine.dialect.loaded_dbapi.OperationalError
            ):
                return [(None, error)] * len(writes)  # a lock, a full disk: nobody's own fault
            usual = []
        written = {id(write) for write in usual}
        return [(None, None) if id(write) in written else self._alone(write) for write in writes]

    def _together(self, writes: Sequence[Write]) -> None:
        rows: dict[Rows, list[dict[str, Any]]] = {}
        for write in writes:
            for statement, values in write.steps:
                rows.setdefault(statement, []).append(values)
        if not rows:
            return
        with self._database.writing_rows() as cursor:
            for statement, values_of_all in rows.items():
                if statement.write(cursor, values_of_all) != len(values_of_all):
                    raise _DoesNotFit

    def _alone(self, write: Write) -> Outcome:
        """Write in a transaction of its own, so that only whose fault it is hears of it."""
        try:
            with self._database.writing() as connection:
                return write.apply(connection), None
        except Exception as error:
            return None, error


def _tell(batch: Sequence[_Waiting], outcomes: Sequence[Outcome]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Any, Outcome]]] = defaultdict(list)
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if waiting.loop is None:
            _settle([(waiting.future, outcome)])
        else:
            by_loop[waiting.loop].append((waiting.future, outcome))
    for loop, settled in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, settled)
        except RuntimeError:
            if not loop.is_closed():  # a closed loop has nobody left who waits
                raise


def _settle(settled: Sequence[tuple[Any, Outcome]]) -> None:
    for future, (result, error) in settled:
        if future.cancelled():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
