"""The law of turn mode: a talk against itself is the same on every turn."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reenact import codec
from reenact.agents.callable import CallableAgent
from reenact.agents.port import AgentReply, RequestedTool
from reenact.compare.compare import compare
from reenact.domain.agent import CallableTarget
from reenact.domain.conversation import Conversation, Item
from reenact.domain.fidelity import Fidelity
from reenact.domain.run import CallExecution, RunOptions, TurnRecord
from reenact.domain.scenario import Row
from reenact.domain.turn import turns_of
from reenact.replay.conversation import Talk, run_conversation
from support.memory_journal import MemoryJournal
from support.replays import tau2_talks
from support.talks import agent, call, talk, user

CALLS = st.lists(
    st.builds(
        lambda name, number, result: call(name, {"n": number}, result),
        st.sampled_from(["find", "pay", "book"]),
        st.integers(0, 2),
        st.one_of(st.none(), st.text(max_size=5), st.integers()),
    ),
    max_size=4,
)
TURNS: st.SearchStrategy[list[Item]] = st.builds(
    lambda asked, calls, answer: [user(asked), *calls, agent(answer)],
    st.text(min_size=1, max_size=20),
    CALLS,
    st.text(min_size=1, max_size=20),
)
TALKS = st.lists(TURNS, min_size=1, max_size=5).map(
    lambda turns: talk(*(item for turn in turns for item in turn))
)


def as_recorded(conversation: Conversation, index: int) -> CallableAgent:
    """Return an agent that does on turn `index` what was recorded there, call by call."""
    recorded = next(turn for turn in turns_of(conversation) if turn.index == index)
    calls = [c for c in recorded.tool_calls if c.requestor == "agent"]
    asked = iter(calls)

    def answer(messages: list[dict[str, Any]], message: str) -> AgentReply:
        following = next(asked, None)
        if following is None:
            return AgentReply(text=recorded.assistant or "")
        return AgentReply(tool_calls=[RequestedTool(following.name, following.arguments)])

    target = CallableTarget(path="tests:answer", tools="returned")
    return CallableAgent(target, function=answer, intercepted=frozenset)


def turn_by_turn(conversation: Conversation) -> list[TurnRecord]:
    recording = codec.record(conversation, Fidelity(score=None, axes=()))
    journal = MemoryJournal()

    async def run(index: int) -> None:
        call_ = CallExecution(id=f"r/{index}", run_id="r", scenario_id="s", row_id="row")
        row = Row(id="row", recording_hash=recording.hash, turn=index)
        talk_ = Talk(call=call_, row=row, recording=recording, options=RunOptions())
        ended = await run_conversation(
            talk_, agent=as_recorded(conversation, index), journal=journal
        )
        await ended.keep()

    async def run_all() -> None:
        # Last turn first: no turn may rest on another one that was run.
        for turn in reversed(turns_of(conversation)):
            if turn.index > 0:
                await run(turn.index)

    asyncio.run(run_all())
    return journal.committed


@settings(max_examples=60, deadline=None)
@given(TALKS)
def test_every_turn_of_a_talk_against_itself_is_the_same(conversation: Conversation) -> None:
    found = compare(conversation, turn_by_turn(conversation), ended="finished", apart=True)
    assert {turn.status for turn in found.turns} == {"same"}
    assert [turn.index for turn in found.turns] == [t.index for t in turns_of(conversation)]


@settings(max_examples=60, deadline=None)
@given(TALKS)
def test_every_recorded_call_is_answered_on_its_own_turn_with_its_own_result(
    conversation: Conversation,
) -> None:
    before = {turn.index: turn for turn in turns_of(conversation)}
    for record in turn_by_turn(conversation):
        served = [item for item in record.items if item.kind == "tool_call"]
        recorded = before[record.index].tool_calls
        assert [c.provenance for c in served] == ["recorded"] * len(recorded)
        # A read that is repeated on one turn may be given any of its answers there.
        for one in served:
            alike = [
                c.result for c in recorded if (c.name, c.arguments) == (one.name, one.arguments)
            ]
            assert one.result in alike


@pytest.mark.timeout(120)
@pytest.mark.parametrize("domain", ["retail", "airline"])
def test_real_talks_against_themselves_are_the_same_on_every_turn(
    shared: Path, domain: str
) -> None:
    folder = shared / "data" / "conversations" / "tau2_runs"
    talks = list(tau2_talks(folder / f"{domain}_gpt-4.1_baseline.json").values())[:25]
    assert talks
    for conversation in talks:
        plain = replace(conversation, items=tuple(map(_alone, conversation.items)))
        found = compare(plain, turn_by_turn(plain), ended="finished", apart=True)
        odd = [(t.index, t.note) for t in found.turns if t.status != "same"]
        assert not odd, conversation.id


def _alone(item: Item) -> Item:
    return replace(item, group=None) if item.kind == "tool_call" else item
