"""Grouped writes: many conversations wait for one transaction.

One thread writes whatever waits by then, in one transaction at a time. Who asked for a write
hears of it only once a kill of this process cannot undo it. Transactions begin a few milliseconds
apart, so that more talks share each of them: beginning, committing and telling cost more than
most writes.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, NamedTuple

from sqlalchemy import Connection

from reenact.errors import StoreError
from reenact.store.database import Database, Rows

Step = tuple[Rows, dict[str, Any]]
"""A statement that changes exactly one row, with its values."""


class Write(NamedTuple):
    """One thing to write.

    `apply` writes it by itself, with whatever questions it has to ask. `steps` do the same for
    the usual case, when nothing of it is there yet: they are sent together with those of other
    writes that share the statement, and undone if they do not fit. Both may be repeated.
    What has no steps goes alone, and a power cut cannot undo it either (`Database.writing`).
    """

    apply: Callable[[Connection], Any]
    steps: tuple[Step, ...] = ()


class _Waiting(NamedTuple):
    write: Write
    future: asyncio.Future[Any] | Future[Any]
    loop: asyncio.AbstractEventLoop | None


class _DoesNotFit(Exception):
    """Raised where a step found another number of rows than one."""


_APART_S = 0.003
"""Where the disk takes longer than this, no transaction waits for another."""

Outcome = tuple[Any, BaseException | None]


class GroupedWrites:
    """What waits to be written, and the thread that writes it."""

    def __init__(self, database: Database, *, where: str):
        self._database = database
        self._where = where
        self._waiting: list[_Waiting] = []
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._asleep = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    async def durable(self, write: Write) -> Any:
        """Return what `write` gave once it is durable; raise what it raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        if self._sleeps_on(_Waiting(write, future, loop)):
            loop.call_soon(self._wake)  # behind all that is to be done now
        try:
            return await future
        except asyncio.CancelledError:
            self._wake()  # the loop may stop now; what was asked for is written anyway
            raise

    def durable_now(self, write: Write) -> Any:
        """As `durable`, for a caller that has no event loop; blocks."""
        future: Future[Any] = Future()
        self._sleeps_on(_Waiting(write, future, None))
        self._wake()  # also where a loop was to do it: it may be the one that is blocked here
        return future.result()

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._wake()
            thread.join()

    def _sleeps_on(self, waiting: _Waiting) -> bool:
        """Queue a write; True where the thread sleeps and has to be woken."""
        with self._lock:
            if self._closed:
                raise StoreError("the journal is closed", where=self._where)
            self._waiting.append(waiting)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="reenact-journal", daemon=True
                )
                self._thread.start()
            return self._asleep

    def _wake(self) -> None:
        """Wake the thread where it sleeps; where it does not, it looks again by itself."""
        with self._lock:
            asleep, self._asleep = self._asleep, False
        if asleep:
            self._bell.put(None)

    def _work(self) -> None:
        while batch := self._next():
            began = time.monotonic()
            try:
                outcomes = self._written([waiting.write for waiting in batch])
            except BaseException as error:
                # Whatever it is, those who wait must hear of it; the thread goes on for others.
                outcomes = [(None, error)] * len(batch)
            _tell(batch, outcomes)
            time.sleep(max(0.0, began + _APART_S - time.monotonic()))

    def _next(self) -> list[_Waiting]:
        """Return all that waits, once there is something; nothing after the end."""
        while True:
            with self._lock:
                batch, self._waiting = self._waiting, []
                self._asleep = not batch
                if batch or self._closed:
                    return batch
            self._bell.get()

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
