"""The inbox: posts wait here for the store, and all that wait are stored in one commit.

A durable commit costs the same for one span as for a thousand. While one group is being
written the next one gathers, so the more clients send, the cheaper each span becomes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from reenact.domain.span import Span
from reenact.errors import StoreError

GROUP_SPANS = 5_000
"""Spans after which a group takes no more posts."""
WAITING_SPANS = 200_000
"""Spans that may wait; beyond that clients are asked to come back."""
PATIENCE_S = 8.0
"""How long a client waits for its answer: exporters hang up after 10 s and learn nothing then."""


@dataclass(frozen=True, slots=True)
class _Post:
    spans: Sequence[Span]
    stored: asyncio.Future[None]


class Inbox:
    """Takes spans from many tasks to one writer. Use as an async context manager.

    `store` is called in a thread of its own, one call at a time; what it was given is durable
    when it returns.
    """

    def __init__(
        self,
        store: Callable[[list[Span]], Any],
        *,
        most_waiting: int = WAITING_SPANS,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._store = store
        self._most_waiting = most_waiting
        self._patience_s = patience_s
        self._waiting = 0

    async def put(self, spans: Sequence[Span]) -> None:
        """Return when `spans` are durable.

        Raises:
            StoreError: they are not, or not yet, and may be sent again.
        """
        if not spans:
            return
        if self._waiting and self._waiting + len(spans) > self._most_waiting:
            raise StoreError(
                f"{self._waiting:,} spans are waiting to be stored", next_step="send again later"
            )
        post = _Post(spans, asyncio.get_running_loop().create_future())
        self._waiting += len(spans)
        self._posts.put_nowait(post)
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
        self._posts: asyncio.Queue[_Post] = asyncio.Queue()
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
        while True:
            group = [await self._posts.get()]
            count = len(group[0].spans)
            while count < GROUP_SPANS and not self._posts.empty():
                group.append(self._posts.get_nowait())
                count += len(group[-1].spans)
            await self._write_group(group)
            self._waiting -= count

    async def _write_group(self, group: Sequence[_Post]) -> None:
        loop = asyncio.get_running_loop()
        spans = [span for post in group for span in post.spans]
        try:
            await loop.run_in_executor(self._thread, self._store, spans)
        except Exception as error:
            if len(group) > 1 and not isinstance(error, StoreError):
                # One post may be to blame: the others shall not suffer for it.
                for post in group:
                    await self._write_group([post])
                return
            for post in group:
                _settle(post.stored, error)
        else:
            for post in group:
                _settle(post.stored, None)


def _settle(stored: asyncio.Future[None], error: Exception | None) -> None:
    if stored.done():  # the client went away
        return
    if error is None:
        stored.set_result(None)
    else:
        stored.set_exception(error)
