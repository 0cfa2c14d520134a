"""The inbox: posts that wait are stored together, and each learns its own fate."""

from __future__ import annotations

import asyncio
import threading

import pytest

from reenact.capture.parallel import PostRead
from reenact.domain.span import LogRecord, Span, SpanEvent
from reenact.errors import Overloaded, StoreError
from reenact.server.inbox import Inbox
from support.spans import a_span


def post(*numbers: int, name: str = "step") -> PostRead:
    """A post of that many spans, each of one byte."""
    found = [a_span(number, name=name) for number in numbers]
    return PostRead(spans=found, size=len(found))


def spans_in(group) -> list[Span]:
    return [stored.span for read in group for stored in read.spans]


class Gate:
    """A store whose first call waits until it is let go."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.entered, self.open = threading.Event(), threading.Event()

    def __call__(self, group) -> None:
        self.groups.append(len(spans_in(group)))
        self.entered.set()
        assert self.open.wait(10)


def test_posts_that_come_while_one_is_written_are_stored_in_one_commit():
    gate = Gate()

    async def scene() -> None:
        async with Inbox(gate) as inbox:
            first = asyncio.create_task(inbox.put(post(1)))
            await asyncio.to_thread(gate.entered.wait, 10)
            rest = [asyncio.create_task(inbox.put(post(n, n + 1))) for n in (2, 4, 6)]
            await asyncio.sleep(0)
            assert not first.done(), "nothing is answered before it is durable"
            gate.open.set()
            await asyncio.gather(first, *rest)

    asyncio.run(scene())
    assert gate.groups == [1, 6]


def test_one_post_that_breaks_the_writer_does_not_harm_its_neighbours():
    gate = Gate()
    kept: list[str] = []

    def store(group) -> None:
        gate(group)
        if any(span.name == "poison" for span in spans_in(group)):
            raise ValueError("poison")
        kept.extend(span.span_id for span in spans_in(group))

    async def scene() -> list[object]:
        async with Inbox(store) as inbox:
            first = asyncio.create_task(inbox.put(post(1)))
            await asyncio.to_thread(gate.entered.wait, 10)
            bad = post(2, name="poison")
            rest = [asyncio.create_task(inbox.put(some)) for some in (bad, post(3), post(4))]
            await asyncio.sleep(0)
            gate.open.set()
            return await asyncio.gather(first, *rest, return_exceptions=True)

    fates = asyncio.run(scene())
    assert isinstance(fates[1], ValueError)
    assert [fates[0], *fates[2:]] == [None, None, None]
    assert kept == [f"{number:016x}" for number in (1, 3, 4)]


def test_a_locked_store_fails_every_post_of_its_group_once():
    calls: list[int] = []

    def locked(group) -> None:
        calls.append(len(spans_in(group)))
        raise StoreError("locked")

    async def scene() -> list[object]:
        async with Inbox(locked) as inbox:
            puts = [inbox.put(post(number)) for number in (1, 2, 3)]
            return await asyncio.gather(*puts, return_exceptions=True)

    assert all(isinstance(fate, StoreError) for fate in asyncio.run(scene()))
    assert calls == [3]


def test_too_much_that_waits_is_refused_and_room_comes_back():
    gate = Gate()

    async def scene() -> None:
        async with Inbox(gate, most_waiting=3) as inbox:
            first = asyncio.create_task(inbox.put(post(1, 2)))
            await asyncio.to_thread(gate.entered.wait, 10)
            with pytest.raises(Overloaded, match=r"2 bytes in \d posts are waiting"):
                await inbox.put(post(3, 4))
            gate.open.set()
            await first
            await inbox.put(post(3, 4))

    asyncio.run(scene())
    assert gate.groups == [2, 2]


def test_one_post_larger_than_all_that_may_wait_is_still_taken():
    gate = Gate()
    gate.open.set()

    async def scene() -> None:
        async with Inbox(gate, most_waiting=1) as inbox:
            await inbox.put(post(1, 2, 3))

    asyncio.run(scene())
    assert gate.groups == [3]


def test_a_client_is_not_kept_waiting_for_ever_and_its_spans_stay_in_line():
    gate = Gate()

    async def scene() -> None:
        async with Inbox(gate, most_waiting=2, patience_s=0.01) as inbox:
            with pytest.raises(StoreError, match="not stored after"):
                await inbox.put(post(1))
            with pytest.raises(StoreError, match="not stored after"):
                await inbox.put(post(2))
            with pytest.raises(Overloaded, match=r"2 bytes in \d posts are waiting"):
                await inbox.put(post(3))
            gate.open.set()

    asyncio.run(scene())
    assert gate.groups[0] == 1


def test_the_depth_says_what_waits_and_for_how_long():
    gate = Gate()

    async def scene() -> None:
        async with Inbox(gate) as inbox:
            assert (inbox.depth.posts, inbox.depth.bytes, inbox.depth.lag_s) == (0, 0, 0.0)
            first = asyncio.create_task(inbox.put(post(1, 2)))
            await asyncio.to_thread(gate.entered.wait, 10)
            depth = inbox.depth
            assert (depth.posts, depth.bytes) == (1, 2)
            assert depth.lag_s > 0
            gate.open.set()
            await first
            await asyncio.sleep(0)
            assert inbox.depth.posts == 0

    asyncio.run(scene())


def test_log_records_alone_are_stored_too():
    stored: list[PostRead] = []
    record = LogRecord(trace_id="a" * 32, span_id="b" * 16, event=SpanEvent(name="x", time_ns=1))

    async def scene() -> None:
        async with Inbox(stored.extend) as inbox:
            await inbox.put(PostRead(logs=[record], size=1))

    asyncio.run(scene())
    assert [one.logs for one in stored] == [[record]]
