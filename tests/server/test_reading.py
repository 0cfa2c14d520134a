"""Reading under load: what a helper process reads is what is read here, whatever happens to it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import pytest

from reenact.capture.captured import PROTOBUF, Post
from reenact.capture.limits import Limits
from reenact.capture.parallel import Order, PostRead, possible
from reenact.capture.parallel.shapes import decoded_post
from reenact.errors import DecodeError
from reenact.server.inbox import Inbox
from reenact.server.reading import Reader
from support.posts import protobuf_body

ORDER = Order(None, Limits())
pytestmark = pytest.mark.skipif(
    not possible(), reason="a helper is only used where there are two cores"
)


def post(number: int, *, body: bytes | None = None, project: str | None = None) -> Post:
    """A post of some 60 kB."""
    written = body or protobuf_body(spans=100, trace=number, first=1, said="word " * 100)
    return Post(
        file="request", where="request", body=written, content_type=PROTOBUF, project=project
    )


class Watched(Inbox):
    """An inbox that stores nothing, and counts what was read in this process."""

    def __init__(self) -> None:
        super().__init__(lambda group: None)
        self.read_here = 0

    async def in_turn(self, call: Callable[[], Any]) -> Any:
        self.read_here += getattr(call, "func", None) is decoded_post
        return await super().in_turn(call)


Scene = Callable[[Watched, Reader], Awaitable[None]]


def play(scene: Scene, *, idle_s: float = 30.0) -> None:
    async def whole() -> None:
        async with Watched() as inbox, Reader(inbox, ORDER, idle_s=idle_s) as reader:
            async with asyncio.timeout(60):
                await scene(inbox, reader)

    asyncio.run(whole())


async def crowd(reader: Reader, posts: Sequence[Post]) -> list[PostRead]:
    return await asyncio.gather(*map(reader.read, posts))


async def with_a_helper(inbox: Watched, reader: Reader) -> None:
    """Send until a helper reads all of a crowd."""
    while True:
        before = inbox.read_here
        await crowd(reader, [post(number) for number in range(1, 25)])
        if inbox.read_here == before:
            return


def plain(read: PostRead) -> bytes:
    return msgspec.msgpack.encode(read)


def test_one_post_after_another_is_read_here() -> None:
    async def scene(inbox: Watched, reader: Reader) -> None:
        for number in range(1, 40):
            await reader.read(post(number))
        assert reader.helper_process is None
        assert inbox.read_here == 39

    play(scene)


def test_a_crowd_is_read_by_a_helper_and_nothing_is_different() -> None:
    async def scene(inbox: Watched, reader: Reader) -> None:
        await with_a_helper(inbox, reader)
        posts = [post(number, project="of the key" if number % 2 else None) for number in (1, 2, 3)]
        there = await crowd(reader, posts)
        assert [plain(read) for read in there] == [plain(decoded_post(p, ORDER)) for p in posts]
        assert {span.project for span in there[0].spans} == {"of the key"}
        assert {span.project for span in there[1].spans} == {"shop"}

    play(scene)


def test_what_cannot_be_read_is_refused_in_the_same_words() -> None:
    bad = post(1, body=b"\xff" * 20_000)

    async def scene(inbox: Watched, reader: Reader) -> None:
        with pytest.raises(DecodeError) as here:
            await reader.read(bad)
        await with_a_helper(inbox, reader)
        with pytest.raises(DecodeError) as there:
            await reader.read(bad)
        assert there.value.render() == here.value.render()

    play(scene)


def test_a_client_that_leaves_does_not_give_its_spans_to_the_next() -> None:
    async def scene(inbox: Watched, reader: Reader) -> None:
        await with_a_helper(inbox, reader)
        leaving = [asyncio.create_task(reader.read(post(number))) for number in range(1, 9)]
        await asyncio.sleep(0)
        for task in leaving[::2]:
            task.cancel()
        staying = await crowd(reader, [post(number) for number in range(9, 17)])
        gone = await asyncio.gather(*leaving, return_exceptions=True)
        found = {int(read.spans[0].span.trace_id, 16) for read in staying}
        kept = {int(r.spans[0].span.trace_id, 16) for r in gone if isinstance(r, PostRead)}
        assert (found, kept) == (set(range(9, 17)), {2, 4, 6, 8})

    play(scene)


def test_nothing_is_lost_when_the_helper_is_killed() -> None:
    async def scene(inbox: Watched, reader: Reader) -> None:
        await with_a_helper(inbox, reader)
        process = reader.helper_process
        assert process is not None
        under_way = asyncio.create_task(crowd(reader, [post(number) for number in range(1, 60)]))
        await asyncio.sleep(0.005)
        os.kill(process, signal.SIGKILL)
        found = await under_way
        assert [int(read.spans[0].span.trace_id, 16) for read in found] == list(range(1, 60))
        assert inbox.read_here > 0

    play(scene)


def test_a_helper_with_nothing_to_do_ends_and_another_crowd_gets_a_new_one() -> None:
    async def scene(inbox: Watched, reader: Reader) -> None:
        await with_a_helper(inbox, reader)
        first = reader.helper_process
        while reader.helper_process is not None:  # noqa: ASYNC110 (it ends by itself)
            await asyncio.sleep(0.05)
        await with_a_helper(inbox, reader)
        assert reader.helper_process not in (None, first)

    play(scene, idle_s=0.3)
