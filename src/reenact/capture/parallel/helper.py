"""The helper: reads posts from stdin, writes what they held to stdout, until stdin ends.

    python -P -m reenact.capture.parallel.helper

Where anything unforeseen goes wrong the helper ends, and whoever asked reads the posts itself.
"""

from __future__ import annotations

import queue
import signal
import sys
import threading
from typing import BinaryIO

import msgspec

from reenact.capture.captured import Post
from reenact.capture.parallel.shapes import Order, read_frame, read_post, write_frame


def main() -> None:
    """Serve one import."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the importer's; it ends our stdin
    source, to = sys.stdin.buffer, sys.stdout.buffer
    first = read_frame(source)
    if first is None:
        return
    order = msgspec.msgpack.decode(first, type=Order)
    write_frame(to, b"")  # ready
    # Both pipes are served at all times, so that neither side ever waits for the other's pipe.
    posts: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    threading.Thread(target=_take, args=(source, posts), daemon=True).start()
    giving = threading.Thread(target=_give, args=(answers, to), daemon=True)
    giving.start()
    while (frame := posts.get()) is not None:
        answers.put(_answer(frame, order))
    answers.put(None)
    giving.join()


def _answer(frame: bytes, order: Order) -> bytes:
    post = msgspec.msgpack.decode(frame, type=Post)
    return msgspec.msgpack.encode(read_post(post, order))


def _take(source: BinaryIO, posts: queue.SimpleQueue[bytes | None]) -> None:
    while (frame := read_frame(source)) is not None:
        posts.put(frame)
    posts.put(None)


def _give(answers: queue.SimpleQueue[bytes | None], to: BinaryIO) -> None:
    try:
        while (answer := answers.get()) is not None:
            write_frame(to, answer)
    except BrokenPipeError:
        pass  # the importer has ended; stdin ends as well


if __name__ == "__main__":
    main()
