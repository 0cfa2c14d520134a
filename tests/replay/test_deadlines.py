"""Deadlines: one timer for many waits, with the manners of `asyncio.timeout`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from reenact.replay.deadlines import Deadlines


def run(scene: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await scene()

    asyncio.run(bounded())


def test_a_wait_that_ends_in_time_is_left_alone() -> None:
    async def scene() -> None:
        deadlines = Deadlines(0.05)
        with deadlines.bound():
            await asyncio.sleep(0)
        await asyncio.sleep(0.1)

    run(scene)


def test_a_wait_that_is_late_ends_in_a_timeout_and_the_task_goes_on() -> None:
    async def scene() -> None:
        deadlines = Deadlines(0.02)
        for _ in range(2):
            with pytest.raises(TimeoutError), deadlines.bound():
                await asyncio.sleep(30)
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0

    run(scene)


def test_of_many_waits_only_those_that_are_late_end() -> None:
    async def scene() -> None:
        deadlines = Deadlines(0.1)

        async def wait(number: int) -> str:
            await asyncio.sleep(number * 0.001)
            try:
                with deadlines.bound():
                    await asyncio.sleep(30 if number % 3 == 0 else 0.001)
            except TimeoutError:
                return "late"
            return "in time"

        found = await asyncio.gather(*map(wait, range(30)))
        assert found == ["late" if number % 3 == 0 else "in time" for number in range(30)]

    run(scene)


def test_a_later_wait_gets_its_own_time() -> None:
    async def scene() -> None:
        deadlines = Deadlines(0.2)
        loop = asyncio.get_running_loop()
        with deadlines.bound():
            await asyncio.sleep(0.15)
        began = loop.time()
        with pytest.raises(TimeoutError), deadlines.bound():
            await asyncio.sleep(30)
        assert loop.time() - began >= 0.19

    run(scene)


def test_a_task_that_others_cancel_stays_cancelled() -> None:
    async def scene() -> None:
        deadlines = Deadlines(0.02)

        async def stubborn() -> None:
            with deadlines.bound():
                try:
                    await asyncio.sleep(30)
                except asyncio.CancelledError:
                    asyncio.current_task().cancel()  # somebody cancels at the same moment
                    raise

        task = asyncio.create_task(stubborn())
        with pytest.raises(asyncio.CancelledError):
            await task
        early = asyncio.create_task(stubborn())
        await asyncio.sleep(0)
        early.cancel()
        with pytest.raises(asyncio.CancelledError):
            await early

    run(scene)


def test_of_two_around_one_another_the_one_that_is_late_is_told() -> None:
    async def scene() -> None:
        short, long = Deadlines(0.02), Deadlines(30)
        with pytest.raises(TimeoutError), short.bound(), long.bound():
            await asyncio.sleep(30)
        with long.bound(), pytest.raises(TimeoutError), short.bound():
            await asyncio.sleep(30)

    run(scene)


def test_an_error_of_the_block_stays_what_it_is() -> None:
    async def scene() -> None:
        with pytest.raises(ValueError, match="mine"), Deadlines(30).bound():
            raise ValueError("mine")

    run(scene)
