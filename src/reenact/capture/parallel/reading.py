"""Posts in, what they held out, in their order: read by the helper once it is there."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Self, TypeVar, cast

import msgspec

from reenact.capture.captured import Post
from reenact.capture.limits import Limits
from reenact.capture.parallel.shapes import Order, PostRead, read_frame, read_post, write_frame

LEAST_BYTES = 2**20
"""Bodies below this are read before a helper has started."""
_MOST_AHEAD = 8
_MOST_BYTES_AHEAD = 32 * 2**20
_LAST_WORDS_S = 5
_PIPE_BYTES = 2**20

Other = TypeVar("Other")
unpacked = msgspec.msgpack.Decoder(PostRead).decode
"""Gives what a frame of the helper's holds."""


def possible() -> bool:
    """Tell whether a helper has a core of its own to run on."""
    return bool(sys.executable) and _cores() > 1


def worthwhile(size: int) -> bool:
    """Tell whether bodies of `size` bytes together are read faster with a helper."""
    return size >= LEAST_BYTES and possible()


def read_posts(
    items: Iterable[Post | Other], *, project: str | None, limits: Limits, helped: bool
) -> Iterator[tuple[Post, PostRead] | Other]:
    """Yield every post with what it held, in order; what is no post comes back in its place.

    With `helped` a helper process reads ahead, a few posts and `_MOST_BYTES_AHEAD` at most. While
    it starts, and where it cannot start or dies, posts are read here.
    """
    order = Order(project, limits)
    if not helped:
        for item in items:
            yield (item, read_post(item, order)) if isinstance(item, Post) else item
        return
    with Helper(order) as helper:
        yield from read_ahead(items, order, helper)


def read_ahead(
    items: Iterable[Post | Other], order: Order, helper: Helper
) -> Iterator[tuple[Post, PostRead] | Other]:
    """Yield as `read_posts`, with what `helper` reads; the posts that it does not are read here."""
    waiting: deque[tuple[Post | Other, bool]] = deque()
    # What was taken and not given yet, and whether the helper has it.
    size = 0

    def given() -> tuple[Post, PostRead] | Other:
        nonlocal size
        item, sent = waiting.popleft()
        if not isinstance(item, Post):
            return item
        size -= len(item.body)
        found = helper.answer() if sent else None
        return item, found or read_post(item, order)

    for item in items:
        sent = False
        if isinstance(item, Post):
            size += len(item.body)
            sent = helper.send(item)
        waiting.append((item, sent))
        while waiting and (not sent or len(waiting) > _MOST_AHEAD or size > _MOST_BYTES_AHEAD):
            yield given()
    while waiting:
        yield given()


class Helper:
    """The helper process, as far as it goes: `send` and `answer` say so where it does not.

    One thread may send while another takes answers; they come in the order of the posts.
    """

    def __init__(self, order: Order) -> None:
        self._ready = threading.Event()
        self._gone = False
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "reenact.capture.parallel.helper"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what goes wrong there goes wrong here as well
            )
        except OSError:
            self._gone = True
            return
        self._to = cast("BinaryIO", self._process.stdin)
        self._from = cast("BinaryIO", self._process.stdout)
        for pipe in (self._to, self._from):
            _widen(pipe)
        threading.Thread(target=self._begin, args=(order,), daemon=True).start()

    def _begin(self, order: Order) -> None:
        try:
            write_frame(self._to, msgspec.msgpack.encode(order))
        except (OSError, ValueError):
            return
        if read_frame(self._from) is not None:
            self._ready.set()

    @property
    def process_id(self) -> int | None:
        """The number of its process; None where none could be started."""
        return self._process.pid if self._process else None

    def wait(self, seconds: float) -> bool:
        """Wait until the helper is ready; False where it is not after so long."""
        return self._ready.wait(seconds)

    def send(self, post: Post) -> bool:
        """Have `post` read; False where the helper is not ready, or gone."""
        if self._gone or not self._ready.is_set():
            return False
        try:
            write_frame(self._to, msgspec.msgpack.encode(post))
        except OSError:
            self._gone = True
        return not self._gone

    def answer(self) -> PostRead | None:
        """Return what the oldest post held that was sent; None where it was not read there."""
        frame = self.frame()
        return None if frame is None else unpacked(frame)

    def frame(self) -> bytes | None:
        """As `answer`, packed."""
        frame = None if self._gone else read_frame(self._from)
        self._gone = self._gone or frame is None
        return frame

    def end(self) -> None:
        """End the process; what it still had to say is of no use, and who waits for it is told."""
        self._gone = True
        if self._process is not None:
            self._process.kill()
            self._process.wait(_LAST_WORDS_S)

    def close(self) -> None:
        """End the process and let go of its pipes; nobody may be sending or waiting any more."""
        self.end()
        if self._process is not None:
            for pipe in (self._to, self._from):
                with contextlib.suppress(OSError):  # its end is gone already
                    pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _widen(pipe: BinaryIO) -> None:
    """Let a pipe hold a whole post, where the system can: each handover costs a wait."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):  # this user may have no more pages for pipes
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
