from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reenact.compare.compare import compare
from reenact.domain.conversation import Conversation, Item
from reenact.domain.expectation import Expectation
from reenact.domain.run import TurnRecord
from reenact.domain.turn import turns_of
from reenact.evaluate.expectations import judge, judge_recording, statement
from reenact.keep.proposals import propose
from support.replays import record, replay_of, tau2_talks
from support.talks import REFUND, agent, call, talk, user


def proposed(baseline: Conversation, turns: tuple[TurnRecord, ...]) -> tuple[Expectation, ...]:
    found = propose(baseline, turns, compare(baseline, turns, ended="finished"))
    for expectation in found:
        (before,) = judge_recording([expectation], baseline)
        (after,) = judge([expectation], turns)
        assert before.outcome == "fail"
        assert after.outcome != "fail"
        assert expectation.reason
    return found


def said(baseline: Conversation, *items: Item) -> list[str]:
    """Return what is proposed where turn 1 of the replay holds `items`."""
    return [statement(e) for e in proposed(baseline, (record(1, user("?"), *items),))]


def test_a_replaced_tool_must_not_come_back_and_the_new_one_must_be_called() -> None:
    turns = list(replay_of(REFUND))
    fixed = call("check_status", {"order_id": "A-1003"}, {})
    turns[1] = replace(turns[1], items=(turns[1].items[0], fixed, agent("In transit.")))
    turns[2] = replace(turns[2], after_divergence=True)
    found = proposed(REFUND, tuple(turns))
    assert [statement(e) for e in found] == [
        "must not call issue_refund on turn 2",
        "must call check_status(order_id='A-1003') on turn 2",
    ]
    assert found[0].reason == ("the recording called it on turn 2; the replay called check_status")


def test_a_removed_call_must_not_come_back() -> None:
    assert said(talk(user("?"), call("pay", {"n": 1}), agent("Ok.")), agent("Ok.")) == [
        "must not call pay on turn 1"
    ]


def test_an_added_call_must_be_made() -> None:
    assert said(talk(user("?"), agent("Ok.")), call("pay", {"n": 1}), agent("Ok.")) == [
        "must call pay(n=1) on turn 1"
    ]


def test_a_changed_argument_is_named_alone() -> None:
    before = talk(user("?"), call("pay", {"n": 1, "to": "x"}), agent("Ok."))
    assert said(before, call("pay", {"n": 2, "to": "x"}), agent("Ok.")) == [
        "must call pay(n=2) on turn 1",
        "must not call pay(n=1) on turn 1",
    ]


def test_a_tool_that_the_replay_calls_too_is_forbidden_with_its_arguments_only() -> None:
    before = talk(user("?"), call("pay", {"n": 1}), call("pay", {"n": 2}), agent("Ok."))
    assert said(before, call("pay", {"n": 1}), agent("Ok.")) == ["must not call pay(n=2) on turn 1"]


def test_calls_in_another_order_propose_nothing() -> None:
    before = talk(user("?"), call("a", {"n": 1}), call("b", {"n": 2}), agent("Ok."))
    assert said(before, call("b", {"n": 2}), call("a", {"n": 1}), agent("Ok.")) == []


def test_wording_among_the_arguments_is_not_demanded() -> None:
    before = talk(user("?"), agent("Ok."))
    found = proposed(
        before,
        (
            record(
                1,
                user("?"),
                call("mail", {"to": "x", "body": "Dear customer, " * 20}),
                agent("Ok."),
            ),
        ),
    )
    assert found[0].arguments == {"to": "x"}
    assert "any wording of body will do" in (found[0].reason or "")


def test_after_a_refused_call_the_old_tool_is_still_proposed() -> None:
    refused = replace(call("check_status", {}, answered=False), provenance="refused")
    before = talk(user("?"), call("pay", {}), agent("Ok."))
    assert said(before, refused, agent("I cannot.")) == [
        "must not call pay on turn 1",
        "must call check_status on turn 1",
    ]


def test_words_that_went_away_must_not_come_back_where_nothing_else_differs() -> None:
    before = talk(user("?"), agent("Hello Ana. It costs $49.90 today. Bye."))
    (found,) = proposed(before, (record(1, user("?"), agent("Hello Ana. It is free. Bye.")),))
    assert statement(found) == "text not contains 'It costs $49.90 today.' on turn 1"
    assert "only the words" in (found.reason or "")


def test_two_reworded_turns_propose_nothing() -> None:
    before = talk(user("?"), agent("Hello."), user("!"), agent("Bye."))
    turns = (record(1, user("?"), agent("Hi.")), record(2, user("!"), agent("Ciao.")))
    assert proposed(before, turns) == ()


@pytest.mark.parametrize("items", [[], [agent("")]])
def test_a_missing_answer_proposes_no_words(items: list[Item]) -> None:
    assert said(talk(user("?"), agent("Hello.")), *items) == []


def test_a_faithful_replay_proposes_nothing() -> None:
    assert proposed(REFUND, replay_of(REFUND)) == ()


def test_turns_after_the_parting_propose_nothing() -> None:
    turns = [replace(t, after_divergence=True, items=(t.items[0],)) for t in replay_of(REFUND)]
    assert proposed(REFUND, tuple(turns)) == ()


@pytest.mark.parametrize("domain", ["retail", "airline"])
def test_what_real_before_and_after_talks_propose_tells_them_apart(
    shared: Path, domain: str
) -> None:
    folder = shared / "data/conversations/tau2_runs"
    before = tau2_talks(folder / f"{domain}_gpt-4.1_baseline.json")
    after = tau2_talks(folder / f"{domain}_gpt-4.1_sft_changed.json")
    counts = [
        len(proposed(before[task], _until_parted(before[task], after[task])))
        for task in sorted(before.keys() & after.keys())
    ]
    assert len(counts) >= 20
    assert sum(count > 0 for count in counts) > len(counts) // 2


def _until_parted(before: Conversation, after: Conversation) -> tuple[TurnRecord, ...]:
    """Return `after` as a replay of `before` that parts at its first differing tool call."""
    recorded = {turn.index: turn for turn in turns_of(before)}
    turns: list[TurnRecord] = []
    parted = False
    for turn in replay_of(after):
        turns.append(replace(turn, after_divergence=parted))
        same = turn.index in recorded and _calls(turn.items) == _calls(recorded[turn.index].items)
        parted = parted or not same
    return tuple(turns)


def _calls(items: tuple[Item, ...]) -> list[tuple[str, Any]]:
    return [(i.name, i.arguments) for i in items if i.kind == "tool_call"]
