"""Runs many talks at once in this process's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from reenact.agents.port import Agent
from reenact.domain.run import CallExecution
from reenact.replay.conversation import Ended, Journal, Talk, run_conversation
from reenact.replay.deadlines import Deadlines
from reenact.replay.gate import TalkPaused

OnEnd = Callable[[CallExecution], Any]
_APART_S = 0.0005
_SPREAD_S = 0.05
"""Workers start this far apart, all of them within the spread. A herd that starts together
stays together, because a grouped commit lets it go together; then everyone waits for the
processor time of everyone. The agent is not stormed either."""


async def run_talks(
    talks: Iterable[Talk],
    *,
    agent: Agent,
    journal: Journal,
    concurrency: int,
    on_end: OnEnd = lambda call: None,
) -> None:
    """Run `talks`, `concurrency` at a time, each to its end; `on_end` hears of every one.

    Talks are drawn as workers become free, so that a long list is never held in memory.
    A talk that is paused at the gate is left as it is, and its worker draws no further one.
    Cancelling leaves every started talk resumable: its finished turns are in the journal.
    An error of the engine or the journal itself (never of the agent) ends all talks and is
    raised as it was.
    """
    drawn = iter(talks)
    shared: dict[float, Deadlines] = {}

    async def work(place: int) -> None:
        await asyncio.sleep(place * min(_APART_S, _SPREAD_S / concurrency))
        keeping: asyncio.Task[None] | None = None
        for talk in _shared(drawn):
            try:
                seconds = talk.options.turn_timeout_s
                deadlines = shared.get(seconds) or shared.setdefault(seconds, Deadlines(seconds))
                ended = await run_conversation(
                    talk, agent=agent, journal=journal, deadlines=deadlines
                )
            except TalkPaused:
                break  # it goes on when the run does
            await agent.forget(ended.call.session_id or "")
            if keeping is not None:
                await keeping
            keeping = asyncio.create_task(_kept(ended, on_end))
        if keeping is not None:
            await keeping

    workers = [asyncio.create_task(work(place)) for place in range(max(1, concurrency))]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


async def _kept(ended: Ended, on_end: OnEnd) -> None:
    await ended.keep()
    on_end(ended.call)


def _shared(drawn: Iterator[Talk]) -> Iterator[Talk]:
    """Draw from an iterator that other workers draw from too."""
    while (talk := next(drawn, None)) is not None:
        yield talk
