"""Deadlines: many waits that may take equally long, watched by one timer.

`asyncio.timeout` makes a timer for each wait. Nearly all are cancelled again, and keeping them in
order took an eighth of the processor time of a replay over HTTP. Waits that may take equally long
end in the order in which they began, so that looking at the oldest is enough.
"""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType


class Deadlines:
    """Bounds each wait by the same number of seconds; for the tasks of one event loop."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._open: deque[_Wait] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def bound(self) -> _Wait:
        """Return what bounds the block of one `with`: it raises TimeoutError where it is late.

        As with `asyncio.timeout`, the task is cancelled inside the block.
        """
        return _Wait(self)

    def _begin(self, wait: _Wait, loop: asyncio.AbstractEventLoop) -> None:
        wait.until = loop.time() + self._seconds
        self._open.append(wait)
        if self._timer is None:
            self._timer = loop.call_at(wait.until, self._look, loop)

    def _drop_ended(self) -> None:
        while self._open and self._open[0].over:
            self._open.popleft()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel what is late, and look again when the next may be."""
        self._drop_ended()
        while self._open and self._open[0].until <= loop.time():
            self._open.popleft().cancel()
            self._drop_ended()
        self._timer = loop.call_at(self._open[0].until, self._look, loop) if self._open else None


class _Wait:
    """One wait, as a context manager."""

    __slots__ = ("_before", "_deadlines", "_late", "_task", "over", "until")

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._late = False
        self.over = False
        self.until = 0.0

    def cancel(self) -> None:
        """Cancel the task that waits: its time is up."""
        self._late = True
        self._task.cancel()

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("only a task can be bounded")
        self._task = task
        self._before = task.cancelling()
        self._deadlines._begin(self, loop)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.over = True
        self._deadlines._drop_ended()
        # Somebody else may have cancelled the task too: then that is not ours to undo.
        if self._late and self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise TimeoutError from error
