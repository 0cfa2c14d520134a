"""Reading posts: here, or under load by a helper process on a second core, beside the store.

A client that sends one post after another gains nothing from a helper, and a server that hears
little should not be two processes. So the helper starts when posts come while others are being
read, and ends when none has come for a while.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Self

from reenact.capture.captured import Post
from reenact.capture.parallel import Order, PostRead, possible
from reenact.capture.parallel.reading import Helper, unpacked
from reenact.capture.parallel.shapes import decoded_post
from reenact.server.inbox import PATIENCE_S, Inbox

IDLE_S = 30.0
"""The helper ends when it has had nothing to read for so long."""
_CROWD_BYTES = 256 * 2**10
"""So many bytes of posts that came while others were being read are a crowd."""
_LEAST_BODY = 16 * 2**10
"""A smaller body is read here sooner than it has gone to the helper and come back."""


class Reader:
    """Reads posts as `order` says. Use as an async context manager, inside that of `inbox`."""

    def __init__(self, inbox: Inbox, order: Order, *, idle_s: float = IDLE_S) -> None:
        self.order = order
        self._inbox = inbox
        self._idle_s = idle_s
        self._reading = 0
        self._crowded = 0
        self._helped: _Helped | None = None
        self._ending: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def helper_process(self) -> int | None:
        """The process that reads at this time; None where all is read here."""
        return self._helped.process_id if self._helped else None

    async def read(self, post: Post) -> PostRead:
        """Return what `post` held.

        Raises:
            DecodeError: nothing of it can be read, or it is beyond the limits.
            Overloaded: more is waiting than may wait.
        """
        with self._inbox.holding(len(post.body)):
            self._reading += 1
            try:
                return await self._read(post)
            finally:
                self._reading -= 1

    async def _read(self, post: Post) -> PostRead:
        if len(post.body) >= _LEAST_BODY:
            self._consider(post)
            frame = await self._helped.frame_of(post) if self._helped else None
            if frame is not None:
                read = await self._inbox.in_turn(partial(unpacked, frame))
                if read.refused is None:
                    return read
        # What is wrong with a post is said by reading it here, with all that an error knows.
        return await self._inbox.in_turn(partial(decoded_post, post, self.order))

    def _consider(self, post: Post) -> None:
        """Start the helper where it is worth it, and put off its end."""
        self._crowded += len(post.body) if self._reading > 1 else 0
        if self._helped is None and self._crowded >= _CROWD_BYTES and possible():
            self._helped = _Helped(self.order)
        if self._helped is not None:
            if self._ending is not None:
                self._ending.cancel()
            loop = asyncio.get_running_loop()
            self._ending = loop.call_later(self._idle_s, self._end)

    def _end(self) -> None:
        """Let go of the helper; the next crowd gets a new one."""
        helped, self._helped, self._crowded = self._helped, None, 0
        if helped is not None:
            task = asyncio.create_task(asyncio.to_thread(helped.close))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ending is not None:
            self._ending.cancel()
        self._end()
        await asyncio.gather(*self._tasks)


class _Helped:
    """One helper process, asked by an event loop: frames come back in the order of the posts."""

    def __init__(self, order: Order) -> None:
        self._helper = Helper(order)
        self._sending = asyncio.Lock()
        self._exchanges: set[asyncio.Future[bytes | None]] = set()
        self._threads = [ThreadPoolExecutor(1, f"reenact-helper-{way}") for way in ("to", "from")]

    @property
    def process_id(self) -> int | None:
        return self._helper.process_id

    async def frame_of(self, post: Post) -> bytes | None:
        """Return what `post` held, packed; None where the helper has not read it."""
        # Whoever asks may leave: each frame is taken all the same, or the next would be mistaken.
        exchange = asyncio.ensure_future(self._exchange(post))
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._exchanges.discard)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await asyncio.shield(exchange)
        except TimeoutError:
            # It hangs. All posts are read here from now on, those too that wait for it.
            await asyncio.to_thread(self._helper.end)
            return None

    async def _exchange(self, post: Post) -> bytes | None:
        loop = asyncio.get_running_loop()
        to, back = self._threads
        async with self._sending:
            if not await loop.run_in_executor(to, self._helper.send, post):
                return None
            coming = loop.run_in_executor(back, self._helper.frame)
        return await coming

    def close(self) -> None:
        """End the process."""
        self._helper.end()
        for thread in self._threads:
            thread.shutdown()
        self._helper.close()
