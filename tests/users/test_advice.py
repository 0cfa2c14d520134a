"""The guided user with a model: what it may decide, and what it must not say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reenact.errors import ModelFailed
from reenact.llm.scripted import ScriptedModel
from support.guided import guided
from support.talks import agent, call, talk, user

ORDER = talk(
    user("Please return my kettle, the order is A-1003."),
    call(
        "get_user",
        {"order_id": "A-1003"},
        {"name": "Ana Silva", "address": {"zip": "28236"}, "loyalty": "GOLD77"},
    ),
    agent("Your refund reference is R-9."),
    user("Thanks. When do I get the $35.50?"),
    agent("Shall I send you a mail when it is paid?"),
    user("Yes."),
    agent("Done."),
)
ASKS = "What is your zip code?"


def answer(choice: str, *, turn: Any = None, words: Any = None, reason: str = "so") -> str:
    return json.dumps({"choice": choice, "turn": turn, "words": words, "reason": reason})


def test_the_model_improvises_from_facts_and_the_talk_returns_to_the_recording() -> None:
    model = ScriptedModel([answer("improvise", words="It is 28236.")], name="small")
    done = guided(
        ORDER,
        [ASKS, "Your refund reference is R-9.", "Shall I send you a mail when it is paid?", "Ok."],
        model=model,
    )
    assert done.kinds == ["next 1", "improvise", "next 2", "next 3"]
    assert done.said[1] == "It is 28236."
    assert done.records[1].user_provenance == "simulated"
    choice = done.records[1].choice
    assert choice is not None
    assert (choice.decided_by, choice.tries, choice.reason) == ("small", 1, "so")


def test_the_model_is_told_the_recording_the_replay_and_the_facts_with_their_sources() -> None:
    model = ScriptedModel([answer("stop")])
    guided(ORDER, [ASKS], model=model)
    system, told = model.asked[0].messages
    assert "Never put an unused turn into your own words" in system["content"]
    data = json.loads(told["content"])
    assert [turn["status"] for turn in data["recording"]] == ["said", "unused", "unused"]
    assert data["replay"] == [
        {"user": "Please return my kettle, the order is A-1003.", "agent": ASKS}
    ]
    assert data["undecided"] == f"nothing recorded answers it: {ASKS}"
    facts = {fact["fact"]: fact["from"] for fact in data["facts"]}
    assert facts["28236"] == "the result of get_user"
    assert facts["A-1003"] == "the user on turn 1"
    assert model.asked[0].shape is not None


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("My zip code is 99999.", "99999"),
        ("It is 28236, and my e-mail is ana@example.com.", "ana@example.com"),
        ("It is on order A-2000.", "A-2000"),
        ("Bob lives there.", "Bob"),
        ("Since 3 May.", "3 May"),
        ("I have three kettles.", "three"),
        ("My status is GOLD77.", "GOLD77"),
    ],
)
def test_an_entity_outside_the_ledger_is_refused_and_the_model_is_asked_again(
    words: str, named: str
) -> None:
    model = ScriptedModel([answer("improvise", words=words), answer("improvise", words="28236")])
    done = guided(ORDER, [ASKS, None], model=model)  # type: ignore[list-item]
    refusal = model.asked[1].messages[-1]["content"]
    assert refusal == (
        f"Refused: the user cannot know {named}; name only what is in `facts`. Choose again."
    )
    assert done.stop.reason is None


def test_three_refusals_mark_a_failure_of_the_users_side() -> None:
    model = ScriptedModel([answer("improvise", words="12345")] * 3)
    done = guided(ORDER, [ASKS], model=model)
    assert done.stop.ended == "user_failed"
    assert done.stop.mark is not None
    assert (done.stop.mark.kind, done.stop.mark.tries) == ("failed", 3)
    assert "the user cannot know 12345" in (done.stop.reason or "")
    assert len(model.asked) == 3


def test_a_model_that_fails_is_a_failure_of_the_users_side() -> None:
    model = ScriptedModel([ModelFailed("no connection")] * 3)
    done = guided(ORDER, [ASKS], model=model)
    assert done.stop.ended == "user_failed"
    assert "no connection" in (done.stop.reason or "")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (
            answer("improvise", words="When do I get the 35.50, thanks?"),
            "unused turn 2 says that: say it as it is, or wait",
        ),
        (answer("other", turn=3), "turn 3 is 'Yes.', to another question"),
        (answer("other", turn=1), "there is no unused turn for the choice 'other' of turn 1"),
        (answer("other", turn="two"), "there is no unused turn for the choice 'other' of turn"),
        (answer("repeat", turn=2), "turn 2 was not said yet, so it cannot be repeated"),
        (answer("improvise"), "words are missing"),
        (answer("improvise", words="x" * 2000), "the words are longer than 1000 characters"),
        ("[1, 2]", "the answer must be an object with choice, turn, words and reason"),
        (answer("dance"), "there is no unused turn for the choice 'dance'"),
    ],
)
def test_what_must_not_be_said_is_refused_with_the_reason(wrong: str, why: str) -> None:
    model = ScriptedModel([wrong, answer("stop", reason="cannot answer")])
    done = guided(ORDER, [ASKS], model=model)
    assert why in model.asked[1].messages[-1]["content"]
    assert (done.stop.ended, done.stop.reason) == ("diverged", "cannot answer")


def test_the_model_may_choose_another_turn_or_say_one_again() -> None:
    model = ScriptedModel([answer("repeat", turn=1), answer("other", turn=2)])
    done = guided(ORDER, [ASKS, "Which city do you live in?", "It is paid."], model=model)
    assert done.kinds == ["next 1", "repeat 1", "next 2"]
    assert [r.choice.decided_by for r in done.records if r.choice] == [
        "rules",
        "scripted",
        "scripted",
    ]


def test_what_the_agent_told_only_later_in_the_recording_is_not_known_yet() -> None:
    model = ScriptedModel([answer("improvise", words="The reference is R-9.")] * 3)
    early = talk(
        user("Hello, I want my money."),
        agent("Wait a moment."),
        user("I wait, take your time."),
        agent("Your refund reference is R-9."),
    )
    done = guided(early, ["What is the reference?"], model=model)
    assert done.stop.ended == "user_failed"


def test_too_many_detours_end_the_talk() -> None:
    model = ScriptedModel([answer("improvise", words="28236")] * 20)
    done = guided(ORDER, lambda words, turn: f"{ASKS} ({turn})", model=model)
    assert done.kinds.count("improvise") == 6
    assert done.stop.ended == "diverged"
