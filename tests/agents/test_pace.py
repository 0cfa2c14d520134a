"""Agents asked no faster than they may be, on a clock that a test turns."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from typing import Any

import pytest

from reenact.agents.callable import CallableAgent
from reenact.agents.pace import PacedAgent, paced
from reenact.agents.port import AgentReply
from reenact.domain.agent import CallableTarget
from reenact.domain.conversation import Usage
from reenact.domain.run import RunOptions
from reenact.errors import UsageError
from support.http_agent import question


class Time:
    """A clock that jumps to whoever is to wake next."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._numbers = itertools.count()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), woken))
        await woken.wait()

    async def run(self, *tasks: Any) -> None:
        working = asyncio.gather(*tasks)
        while not working.done():
            for _ in range(50):
                await asyncio.sleep(0)
            if self._sleepers:
                self.now, _, woken = heapq.heappop(self._sleepers)
                woken.set()
        await working


def agent_of(function: Any) -> CallableAgent:
    return CallableAgent(CallableTarget(path="a:b"), intercepted=frozenset, function=function)


def begun(
    turns: int,
    *,
    at_once: int = 8,
    rounds: int = 1,
    takes_s: float = 0.0,
    usage: Usage | None = None,
    **rates: Any,
) -> list[float]:
    """Return when each of `turns` began."""
    time = Time()
    times: list[float] = []

    async def answer(messages: list[dict[str, Any]], message: str) -> AgentReply:
        await time.sleep(takes_s)
        return AgentReply(text="Yes.", usage=usage)

    async def go() -> None:
        rated = {"requests_per_minute": None, "tokens_per_minute": None, **rates}
        agent = PacedAgent(agent_of(answer), clock=time.clock, sleep=time.sleep, **rated)
        left = iter(range(turns))

        async def work() -> None:
            for _ in left:
                await agent.ready()
                times.append(round(time.now, 3))
                for number in range(rounds):
                    await agent.reply(question("" if number else "hi"))

        await time.run(*(work() for _ in range(at_once)))

    asyncio.run(go())
    return times


def test_turns_begin_as_far_apart_as_requests_may_come() -> None:
    assert begun(5, requests_per_minute=30) == [0, 2, 4, 6, 8]


def test_a_second_s_worth_may_come_at_once() -> None:
    assert begun(5, requests_per_minute=120) == [0, 0, 0.5, 1, 1.5]


def test_more_rounds_are_owed_and_waited_for_by_the_next_turn() -> None:
    assert begun(3, rounds=3, requests_per_minute=60) == [0, 3, 6]


def test_tokens_are_owed_once_they_are_known() -> None:
    usage = Usage(input_tokens=900, output_tokens=101)
    first, second, third = begun(3, at_once=1, usage=usage, tokens_per_minute=6000)
    assert first == 0
    assert second == pytest.approx(9.02)  # 100 were there, 1001 were used, 1 must be there again
    assert third - second == pytest.approx(10.01)


def test_unknown_tokens_are_estimated_from_the_words() -> None:
    first, second = begun(2, at_once=1, tokens_per_minute=60)
    assert second - first > 5


def test_what_is_slow_by_itself_is_not_held_back() -> None:
    assert begun(16, takes_s=10, requests_per_minute=60000) == [0] * 8 + [10] * 8


def test_an_agent_without_rates_is_left_as_it_is() -> None:
    agent = agent_of(lambda messages, message: "Yes.")
    assert paced(agent, requests_per_minute=None, tokens_per_minute=None) is agent
    slow = paced(agent, requests_per_minute=1, tokens_per_minute=None)
    assert (slow.tools, slow.stateless, slow.in_process, slow.intercepted) == (
        agent.tools,
        agent.stateless,
        agent.in_process,
        agent.intercepted,
    )


@pytest.mark.parametrize("rate", [0, -1, float("inf"), float("nan")])
@pytest.mark.parametrize("name", ["requests_per_minute", "tokens_per_minute"])
def test_a_rate_that_nothing_could_keep_is_refused(name: str, rate: float) -> None:
    with pytest.raises(UsageError, match=name):
        RunOptions(**{name: rate})
