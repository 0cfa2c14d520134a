"""Events of runs on their way to whoever watches: never waiting, bounded for slow readers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from reenact.domain.progress import Event

MOST_WAITING = 1000
"""Events that wait for one reader; the oldest are dropped: where a run stands is told anyway."""


class Broadcast:
    """A `Listener` with subscribers on event loops. Any thread may tell it of events."""

    def __init__(self) -> None:
        self._queues: dict[str, dict[asyncio.Queue[Event], asyncio.AbstractEventLoop]] = {}
        self._lock = threading.Lock()
        self.ended = False
        """Whether nobody is to watch any longer: the server stops."""

    def end(self) -> None:
        """Let everybody who watches stop within a second."""
        self.ended = True

    def __call__(self, event: Event, /) -> None:
        """Pass `event` to everybody who watches its run."""
        with self._lock:
            watching = list(self._queues.get(event.run_id, {}).items())
        for queue, loop in watching:
            try:
                loop.call_soon_threadsafe(_put, queue, event)
            except RuntimeError:
                if not loop.is_closed():  # a closed loop has nobody left who watches
                    raise

    @contextmanager
    def watching(self, run_id: str) -> Iterator[asyncio.Queue[Event]]:
        """Give the queue of a run's events from now on, for this event loop."""
        queue: asyncio.Queue[Event] = asyncio.Queue(MOST_WAITING)
        with self._lock:
            self._queues.setdefault(run_id, {})[queue] = asyncio.get_running_loop()
        try:
            yield queue
        finally:
            with self._lock:
                self._queues[run_id].pop(queue)
                if not self._queues[run_id]:
                    del self._queues[run_id]


def _put(queue: asyncio.Queue[Event], event: Event) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(event)
