from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

import reenact
from reenact import codec
from reenact.agents.callable import CallableAgent
from reenact.domain.agent import CallableTarget
from reenact.domain.conversation import Message
from reenact.domain.fidelity import Fidelity
from reenact.domain.run import CallExecution, RunOptions
from reenact.domain.scenario import Row
from reenact.errors import UsageError
from reenact.replay.conversation import Talk, run_conversation
from support.memory_journal import MemoryJournal
from support.talks import agent, talk, user

SHORT = talk(user("Hello."), agent("Hi."), user("Bye."), agent("Bye."))


class Slow(CallableAgent):
    """Lets every turn wait, and notes when it may begin."""

    def __init__(self) -> None:
        target = CallableTarget(path="a:b")
        super().__init__(target, intercepted=frozenset, function=lambda messages, message: "Hi.")
        self.began: list[datetime] = []

    async def ready(self) -> None:
        self.began.append(datetime.now(UTC))


def test_a_turn_begins_when_the_agent_may_be_asked() -> None:
    recording = codec.record(SHORT, Fidelity(score=None, axes=()))
    one = Talk(
        call=CallExecution(id="run/row/0", run_id="run", scenario_id="s", row_id="row"),
        row=Row(id="row", recording_hash=recording.hash),
        recording=recording,
        options=RunOptions(),
    )
    slow, journal = Slow(), MemoryJournal()

    async def go() -> None:
        await (await run_conversation(one, agent=slow, journal=journal)).keep()

    asyncio.run(go())
    words = [turn.items[0] for turn in journal.committed]
    assert len(slow.began) == 2
    for began, first in zip(slow.began, words, strict=True):
        assert isinstance(first, Message)
        assert first.started_at is not None
        assert began <= first.started_at


@pytest.mark.parametrize("rate", [0, -1])
def test_a_rate_that_nothing_could_keep_is_told_before_a_run(rate: Any) -> None:
    with pytest.raises(UsageError, match="requests_per_minute is"):
        reenact.replay("a:b", project="shop", sessions="s1", requests_per_minute=rate)
