"""Grouped writes: many conversations wait for one transaction, and so for one fsync.

One thread writes whatever has been queued meanwhile, in one transaction at a time. Who queued
a write hears of it only once it is durable.
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

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import OperationalError

from reenact.errors import StoreError
from reenact.store.database import Database

Step = tuple[Executable, dict[str, Any]]
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
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    async def durable(self, write: Write) -> Any:
        """Return what `write` gave once it is durable; raise what it raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._put(_Waiting(write, future, loop))
        return await future

    def durable_now(self, write: Write) -> Any:
        """As `durable`, for a caller that has no event loop; blocks."""
        future: Future[Any] = Future()
        self._put(_Waiting(write, future, None))
        return future.result()

    def close(self) -> None:
        """Write what is queued, then stop."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _put(self, waiting: _Waiting) -> None:
        with self._lock:
            if self._closed:
                raise StoreError("the journal is closed", where=self._where)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="reenact-journal", daemon=True
                )
                self._thread.start()
            self._queue.put(waiting)

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, last = self._drained(first)
            try:
                outcomes = self._written([waiting.write for waiting in batch])
            except BaseException as error:
                # Whatever it is, those who wait must hear of it; the thread goes on for others.
                outcomes = [(None, error)] * len(batch)
            _tell(batch, outcomes)
            if last:
                return

    def _drained(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        batch = [first]
        while True:
            try:
                waiting = self._queue.get_nowait()
            except Empty:
                return batch, False
            if waiting is None:
                return batch, True
            batch.append(waiting)

    def _written(self, writes: Sequence[Write]) -> list[Outcome]:
        try:
            return [(result, None) for result in self._together(writes)]
        except Exception as error:
            if isinstance(error.__cause__, OperationalError):
                return [(None, error)] * len(writes)  # a lock, a full disk: nobody's own fault
        return [self._alone(write) for write in writes]

    def _together(self, writes: Sequence[Write]) -> list[Any]:
        results: list[Any] = [None] * len(writes)
        steps: dict[Executable, list[dict[str, Any]]] = {}
        for write in writes:
            for statement, values in write.steps:
                steps.setdefault(statement, []).append(values)
        with self._database.writing() as connection:
            for statement, values_of_all in steps.items():
                changed = connection.execute(statement, values_of_all).rowcount
                if changed != len(values_of_all):
                    raise _DoesNotFit
            for place, write in enumerate(writes):
                if not write.steps:
                    results[place] = write.apply(connection)
        return results

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
