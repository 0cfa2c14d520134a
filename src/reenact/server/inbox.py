"""The inbox: posts wait here for the store, and all that wait are stored in one commit.

A durable commit costs the same for one span as for a thousand. While one group is being
written the next one gathers, so the more clients send, the cheaper each span becomes.

What is read in this process takes turns with storing, in one thread. In two they would take the
interpreter from each other at every row, which makes both of them dearer and neither faster.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from reenact.capture.parallel import PostRead
from reenact.errors import Overloaded, StoreError

GROUP_BYTES = 12 * 2**20
"""Bytes after which a group takes no more posts: about 5,000 spans."""
WAITING_BYTES = 32 * 2**20
"""Bytes of inflated bodies that may wait; beyond that clients are asked to come back. What was
decoded takes three to four times as much memory."""
PATIENCE_S = 8.0
"""How long a client waits for its answer: exporters hang up after 10 s and learn nothing then."""

T = TypeVar("T")
Store = Callable[[Sequence[PostRead]], Any]
"""Stores what several posts held; it is durable when it returns."""


@dataclass(frozen=True, slots=True)
class _Post:
    read: PostRead
    stored: asyncio.Future[None]
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How much waits to be stored."""

    posts: int
    bytes: int
    lag_s: float
    """How long the oldest of it has waited."""


class Inbox:
    """Takes what was decoded from many tasks to one writer. Use as an async context manager.

    `store` is called in the inbox's own thread, one call at a time.
    """

    def __init__(
        self,
        store: Store,
        *,
        most_waiting: int = WAITING_BYTES,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._store = store
        self._most_waiting = most_waiting
        self._patience_s = patience_s
        self._bytes = 0
        self._waiting: deque[_Post] = deque()
        self._under_way: dict[int, _Post] = {}

    @property
    def depth(self) -> Depth:
        """What waits now, with what is being written."""
        oldest = next(iter(self._under_way.values()), None)
        return Depth(
            posts=len(self._under_way),
            bytes=self._bytes,
            lag_s=time.monotonic() - oldest.since if oldest else 0.0,
        )

    def refuse_if_full(self, size: int = 0) -> None:
        """Raise Overloaded where so much waits that `size` bytes more are too many."""
        if self._bytes and self._bytes + size > self._most_waiting:
            raise Overloaded(
                f"{self._bytes:,} bytes in {len(self._under_way)} posts are waiting to be stored",
                next_step="send again later",
            )

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """Count `size` bytes as waiting meanwhile.

        Raises:
            Overloaded: too much is waiting already.
        """
        self.refuse_if_full(size)
        self._bytes += size
        try:
            yield
        finally:
            self._bytes -= size

    async def in_turn(self, call: Callable[[], T]) -> T:
        """Return what `call` gives, called in the inbox's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def put(self, read: PostRead) -> None:
        """Return when what was read is durable.

        Raises:
            Overloaded: too much is waiting already.
            StoreError: it is not stored, or not yet, and may be sent again.
        """
        if not read.spans and not read.logs:
            return
        self.refuse_if_full(read.size)
        loop = asyncio.get_running_loop()
        post = _Post(read, loop.create_future(), time.monotonic())
        self._bytes += read.size
        self._under_way[id(post)] = post
        self._waiting.append(post)
        self._some.set()
        try:
            async with asyncio.timeout(self._patience_s):
                await post.stored
        except TimeoutError:
            # They stay in line: sent again, they are stored once all the same.
            raise StoreError(
                f"the spans are not stored after {self._patience_s:g} s",
                next_step="another process may hold the store; send again later",
            ) from None

    async def __aenter__(self) -> Self:
        self._some = asyncio.Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reenact-store")
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
        self._thread.shutdown()

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._some.wait()
            self._some.clear()
            while self._waiting:
                group, error = await loop.run_in_executor(self._thread, self._store_waiting)
                await self._tell(group, error)
                for post in group:
                    self._bytes -= post.read.size
                    del self._under_way[id(post)]

    def _store_waiting(self) -> tuple[list[_Post], Exception | None]:
        """Store what waits when the thread comes to it; return that, and why it could not."""
        group = [self._waiting.popleft()]
        size = group[0].read.size
        while size < GROUP_BYTES and self._waiting:
            group.append(self._waiting.popleft())
            size += group[-1].read.size
        return group, self._failure([post.read for post in group])

    def _failure(self, group: Sequence[PostRead]) -> Exception | None:
        try:
            self._store(group)
        except Exception as error:
            return error
        return None

    async def _tell(self, group: Sequence[_Post], error: Exception | None) -> None:
        if error is None or len(group) == 1 or isinstance(error, StoreError):
            for post in group:
                _settle(post.stored, error)
            return
        # One post may be to blame: the others shall not suffer for it.
        loop = asyncio.get_running_loop()
        for post in group:
            alone = await loop.run_in_executor(self._thread, self._failure, [post.read])
            _settle(post.stored, alone)


def _settle(stored: asyncio.Future[None], error: Exception | None) -> None:
    if stored.done():  # the client went away
        return
    if error is None:
        stored.set_result(None)
    else:
        stored.set_exception(error)
