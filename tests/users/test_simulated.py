"""The simulated user: a model in the role of one."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from reenact.domain.conversation import Message
from reenact.domain.run import TurnRecord
from reenact.domain.scenario import Graph, GraphEdge, GraphNode
from reenact.errors import UsageError
from reenact.llm.scripted import ScriptedModel
from reenact.users.policy import Part, Say, Stop, User, user_of
from support.guided import part_of
from support.talks import REFUND, agent

GRAPH = Graph(
    nodes=(
        GraphNode(id="start", label="start", kind="start", count=1),
        GraphNode(id="tools-1", label="check_status", kind="tools", count=3),
    ),
    edges=(GraphEdge(source="start", target="tools-1", label="Where is it?", count=3),),
    paths={},
)


def said(words: str | None = None, *, done: bool = False, reached: Any = None) -> str:
    return json.dumps({"words": words, "done": done, "reached": reached, "reason": "because"})


def spoken(user: User, answers: list[str], *, most: int = 100) -> tuple[list[Say], Stop | None]:
    async def talk() -> tuple[list[Say], Stop | None]:
        said: list[Say] = []
        for index in range(1, most + 1):
            step = user.next(misfit=None)
            if not isinstance(step, (Say, Stop)):
                step = await step
            if isinstance(step, Stop):
                return said, step
            said.append(step)
            answer = answers[min(index, len(answers)) - 1]
            items = (*step.messages, agent(answer))
            user.hear(
                TurnRecord(call_id="c", attempt=1, index=index, items=items, choice=step.choice)
            )
        return said, None

    return asyncio.run(talk())


def test_without_a_model_it_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="the simulated user is a language model") as raised:
        user_of("simulated", Part(turns=()))
    assert "guided goes far without one" in (raised.value.next_step or "")


def test_it_speaks_until_the_outcome_is_reached() -> None:
    model = ScriptedModel([said("Where is A-1003?"), said(done=True, reached=True)], name="small")
    steps, stop = spoken(user_of("simulated", part_of(REFUND), model=model), ["In transit."])
    assert [step.messages[0].text for step in steps] == ["Where is A-1003?"]
    assert steps[0].provenance == "simulated"
    choice = steps[0].choice
    assert choice is not None
    assert (choice.kind, choice.decided_by, choice.reason) == ("improvise", "small", "because")
    assert stop == Stop(reason="the outcome was reached: because", ended="finished")


def test_an_outcome_that_is_out_of_reach_ends_the_talk_too() -> None:
    model = ScriptedModel([said(done=True, reached=False)])
    _, stop = spoken(user_of("simulated", part_of(REFUND), model=model), [])
    assert stop == Stop(reason="the outcome was not reached: because", ended="finished")


def test_the_model_is_told_persona_situation_outcome_graph_and_facts() -> None:
    model = ScriptedModel([said(done=True)])
    part = Part(
        turns=part_of(REFUND).turns,
        persona="Ana, short of time",
        situation="a parcel is late",
        outcome="knows where it is",
        graph=GRAPH,
    )
    spoken(user_of("simulated", part, model=model), [])
    told = json.loads(model.asked[0].messages[1]["content"])
    assert told["persona"] == "Ana, short of time"
    assert told["outcome"] == "knows where it is"
    assert told["graph"] == [
        {"agent": "start", "user": "Where is it?", "then": "check_status", "count": 3}
    ]
    assert "A-1003" in [fact["fact"] for fact in told["facts"]]


def test_an_invented_id_is_refused_but_one_that_the_agent_told_may_be_named() -> None:
    model = ScriptedModel(
        [said("Where is B-77?"), said("Where is A-1003?"), said("So T-5 it is."), said(done=True)]
    )
    steps, stop = spoken(user_of("simulated", part_of(REFUND), model=model), ["It has number T-5."])
    assert [step.messages[0].text for step in steps] == ["Where is A-1003?", "So T-5 it is."]
    assert steps[0].choice is not None
    assert steps[0].choice.tries == 2
    assert stop is not None
    assert stop.ended == "finished"


def test_a_model_that_never_ends_is_ended() -> None:
    model = ScriptedModel([said("And now?")] * 100)
    steps, stop = spoken(user_of("simulated", part_of(REFUND), model=model), ["Wait."])
    assert len(steps) == 12
    assert stop == Stop(reason="the outcome was not reached in 12 turns")


def test_three_bad_answers_are_a_failure_of_the_users_side() -> None:
    model = ScriptedModel(["{}", said(""), said("Where is B-77?")])
    _, stop = spoken(user_of("simulated", part_of(REFUND), model=model), [])
    assert stop is not None
    assert stop.ended == "user_failed"
    assert stop.mark is not None


def test_nothing_but_messages_of_the_user_is_said() -> None:
    model = ScriptedModel([said("Hello"), said(done=True)])
    steps, _ = spoken(user_of("simulated", Part(turns=()), model=model), ["Hi."])
    assert isinstance(steps[0].messages[0], Message)
    assert steps[0].messages[0].role == "user"
