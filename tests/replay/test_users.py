"""Guided and simulated users in the one conversation loop: journal, resume, calls of their own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reenact import codec
from reenact.compare.compare import compare
from reenact.domain.conversation import Conversation, Message, ToolCall
from reenact.domain.expectation import Expectation
from reenact.domain.fidelity import Fidelity
from reenact.domain.run import CallExecution, RunOptions, TurnRecord
from reenact.domain.scenario import Row
from reenact.domain.turn import turns_of
from reenact.evaluate.expectations import judge
from reenact.evaluate.verbatim import verbatim_share
from reenact.llm.port import LanguageModel
from reenact.llm.scripted import ScriptedModel
from reenact.replay.conversation import Talk
from support.loop import run
from support.memory_journal import MemoryJournal
from support.replays import tau2_talks
from support.story import check_status, fixed, old
from support.talks import REFUND, agent, call, talk, user

CALL = CallExecution(id="run-1/row/0", run_id="run-1", scenario_id="s", row_id="row")


def talk_of(
    conversation: Conversation,
    *,
    policy: str = "guided",
    model: LanguageModel | None = None,
    call_: CallExecution = CALL,
) -> Talk:
    recording = codec.record(conversation, Fidelity(score=None, axes=()))
    return Talk(
        call=call_,
        row=Row(id="row", recording_hash=recording.hash),
        recording=recording,
        options=RunOptions(user_policy=policy),  # type: ignore[arg-type]
        model=model,
    )


def one_more_question(messages: list[dict[str, Any]], message: str) -> str:
    """The fixed agent, but it asks which order is meant before it looks."""
    asked = any("Which order number" in str(m["content"]) for m in messages)
    if "A-1003" in message and not asked:
        return "I can look that up. Which order number is it?"
    return fixed(messages, message)


def users_words(record: TurnRecord) -> str | None:
    return next((i.text for i in record.items if isinstance(i, Message) and i.role == "user"), None)


def kinds(journal: MemoryJournal) -> list[tuple[str, int | None]]:
    return [(t.choice.kind, t.choice.recorded_turn) for t in journal.committed if t.choice]


def test_a_guided_talk_that_keeps_to_the_recording_is_a_verbatim_one() -> None:
    guided_call, guided = run(old, talk_of(REFUND))
    _, verbatim = run(old, talk_of(REFUND, policy="verbatim"))
    assert (guided_call.status, guided_call.ended_reason) == ("completed", "finished")
    assert kinds(guided) == [("next", 1), ("next", 2), ("next", 3)]
    assert [users_words(t) for t in guided.committed] == [
        users_words(t) for t in verbatim.committed
    ]
    assert [t.choice for t in verbatim.committed] == [None, None, None]


def test_an_extra_question_is_a_turn_of_its_own_and_counts_for_the_turn_it_came_from() -> None:
    call_, journal = run(one_more_question, talk_of(REFUND))
    assert kinds(journal) == [("next", 1), ("next", 2), ("repeat", 2)]
    assert (call_.status, call_.ended_reason) == ("completed", "finished")
    assert call_.error == (
        "turn 3 was not said: it reacts to issue_refund, which was not called here"
    )
    assert not any(t.after_divergence for t in journal.committed)
    looked = Expectation(kind="must_call", turn=2, tool="check_status", reason="")
    paid = Expectation(kind="must_not_call", turn=2, tool="issue_refund", reason="")
    judged = judge([looked, paid], journal.committed, ended=call_.ended_reason)
    assert [judgement.outcome for judgement in judged] == ["pass", "pass"]


def test_the_comparison_pairs_turns_by_what_the_user_said() -> None:
    call_, journal = run(one_more_question, talk_of(REFUND))
    found = compare(REFUND, journal.committed, ended=call_.ended_reason, error=call_.error)
    assert [(t.recorded_turn, t.replayed_turn, t.status) for t in found.turns] == [
        (1, 1, "same"),
        (2, 2, "tools_changed"),
        (None, 3, "extra"),
        (3, None, "missing"),
    ]
    assert found.turns[2].note == (
        "only in the replay, turn 2 once more: asked again, and it was said just before: "
        "Which order number is it?"
    )
    assert "it reacts to issue_refund" in (found.turns[3].note or "")
    count = next(m for m in found.metrics if m.name == "turn_count")
    assert (count.baseline, count.replay) == (3, 3)


SWAPPED = talk(
    user("I would like to return my kettle."),
    agent("What is the e-mail address of your account?"),
    user("It is ana@example.com."),
    agent("And which order number is it?"),
    user("The order number is A-1003."),
    agent("It is returned."),
)


def test_swapped_turns_are_compared_with_their_own() -> None:
    def other_order(messages: list[dict[str, Any]], message: str) -> str:
        if "kettle" in message:
            return "Which order number is it?"
        return "What is the e-mail address of your account?" if "A-1003" in message else "Returned."

    call_, journal = run(other_order, talk_of(SWAPPED))
    found = compare(SWAPPED, journal.committed, ended=call_.ended_reason)
    assert [(t.recorded_turn, t.replayed_turn) for t in found.turns] == [(1, 1), (3, 2), (2, 3)]


def test_a_turn_out_of_its_order_gets_the_tool_results_of_its_own_turn() -> None:
    twice = talk(
        user("I would like to return my kettle."),
        agent("What is the e-mail address of your account?"),
        user("It is ana@example.com."),
        call("check_status", {"order_id": "A-1003"}, {"status": "packed"}),
        agent("And which order number is it?"),
        user("The order number is A-1003."),
        call("check_status", {"order_id": "A-1003"}, {"status": "in transit"}),
        agent("It is returned."),
    )

    def other_order(messages: list[dict[str, Any]], message: str) -> str:
        if "kettle" in message:
            return "Which order number is it?"
        status = check_status("A-1003")["status"]
        return f"It is {status}. What is the e-mail address of your account?"

    _, journal = run(other_order, talk_of(twice))
    results = [i.result for t in journal.committed for i in t.items if isinstance(i, ToolCall)]
    assert kinds(journal)[:3] == [("next", 1), ("other", 3), ("next", 2)]
    assert results[:2] == [{"status": "in transit"}, {"status": "packed"}]


def test_where_no_one_answers_the_turn_is_not_over_and_nothing_is_held_against_the_agent() -> None:
    def asking(messages: list[dict[str, Any]], message: str) -> str:
        return "Sure. What is your date of birth?" if "A-1003" in message else "It has shipped."

    call_, journal = run(asking, talk_of(REFUND))
    assert (call_.status, call_.ended_reason) == ("completed", "diverged")
    looked = Expectation(kind="must_call", turn=2, tool="check_status", reason="")
    (judged,) = judge([looked], journal.committed, ended=call_.ended_reason)
    assert judged.outcome == "no_evidence"


def test_a_failure_of_the_users_side_is_marked_and_never_charged_to_the_agent() -> None:
    def asking(messages: list[dict[str, Any]], message: str) -> str:
        return "Sure. What is your date of birth?" if "A-1003" in message else "It has shipped."

    invented = json.dumps(
        {"choice": "improvise", "turn": None, "words": "3 May 1999", "reason": "so"}
    )
    model = ScriptedModel([invented] * 3)
    call_, journal = run(asking, talk_of(REFUND, model=model))
    assert (call_.status, call_.ended_reason) == ("failed", "user_failed")
    mark = journal.committed[-1]
    assert (mark.index, mark.items) == (3, ())
    assert mark.choice is not None
    assert mark.choice.kind == "failed"
    wanted = Expectation(kind="must_call", turn=None, tool="check_status", reason="")
    (judged,) = judge([wanted], journal.committed, ended=call_.ended_reason)
    assert judged.outcome == "no_evidence"
    assert "the user's side failed" in judged.reason
    found = compare(REFUND, journal.committed, ended=call_.ended_reason, error=call_.error)
    extra = next(t for t in found.turns if t.status == "extra")
    assert (extra.note or "").startswith("the user's side failed, the agent was not asked")
    share = verbatim_share(journal.committed)
    assert (share.turns, share.words) == (1.0, 1.0)


def test_improvised_words_lower_the_verbatim_share_by_turns_and_by_words() -> None:
    def asking(messages: list[dict[str, Any]], message: str) -> str:
        return "What colour is it?" if "A-1003" in message else "It has shipped."

    red = json.dumps({"choice": "improvise", "turn": None, "words": "It is red.", "reason": "so"})
    _, journal = run(asking, talk_of(REFUND, model=ScriptedModel([red])))
    assert [t.user_provenance for t in journal.committed] == ["recorded", "recorded", "simulated"]
    share = verbatim_share(journal.committed)
    assert share.turns == pytest.approx(2 / 3)
    assert share.words is not None
    assert share.turns < share.words < 1


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_guided_talk_that_was_cut_goes_on_alike_and_repeats_no_finished_turn(after: int) -> None:
    heard: list[str] = []

    def listening(messages: list[dict[str, Any]], message: str) -> str:
        heard.append(message)
        return one_more_question(messages, message)

    whole_call, whole = run(listening, talk_of(REFUND))
    once = list(heard)
    journal = MemoryJournal()
    journal.begun, journal.committed = whole.begun[:1], whole.committed[:after]
    heard.clear()
    begun = replace(journal.begun[0], status="running")
    again_call, _ = run(listening, talk_of(REFUND, call_=begun), journal=journal)
    assert heard == once[after:]
    assert [t.choice for t in journal.committed] == [t.choice for t in whole.committed]
    assert (again_call.ended_reason, again_call.error) == (
        whole_call.ended_reason,
        whole_call.error,
    )


def test_a_talk_cut_after_its_users_side_failed_ends_as_it_did() -> None:
    bad = ScriptedModel(["{}"] * 3)
    call_, journal = run(lambda messages, message: "Which year?", talk_of(REFUND, model=bad))
    assert call_.ended_reason == "user_failed"
    unused = ScriptedModel([])
    begun = replace(journal.begun[0], status="running")
    again, _ = run(
        lambda messages, message: "Which year?",
        talk_of(REFUND, model=unused, call_=begun),
        journal=journal,
    )
    assert (again.ended_reason, again.error) == (call_.ended_reason, call_.error)
    assert not unused.asked
    assert len(journal.committed) == 2


def test_a_simulated_talk_goes_through_the_same_loop() -> None:
    lines = [
        {"words": "Where is A-1003?", "done": False, "reached": None, "reason": "asks"},
        {"words": None, "done": True, "reached": True, "reason": "it is known"},
    ]
    model = ScriptedModel([json.dumps(line) for line in lines])
    call_, journal = run(fixed, talk_of(REFUND, policy="simulated", model=model))
    assert (call_.status, call_.ended_reason) == ("completed", "finished")
    assert call_.error == "the outcome was reached: it is known"
    assert [users_words(t) for t in journal.committed] == ["Where is A-1003?"]
    (looked,) = [i for i in journal.committed[0].items if isinstance(i, ToolCall)]
    assert looked.result == {"status": "in transit"}
    assert verbatim_share(journal.committed).turns == 0.0


def test_turns_that_are_run_apart_have_their_recorded_words_whatever_the_policy() -> None:
    apart = replace(CALL, mode="turn")
    row = Row(id="row", recording_hash=None, turn=2)
    it = replace(talk_of(REFUND, call_=apart), row=row)
    call_, journal = run(lambda messages, message: "What is your date of birth?", it)
    assert (call_.ended_reason, [t.index for t in journal.committed]) == ("finished", [2])
    assert journal.committed[0].choice is None


PHONE = talk(
    user("My phone has no signal."),
    agent("Please look at the status bar. What does it say?"),
    replace(call("check_status_bar", {}, "Airplane mode is on"), requestor="user"),
    user("It says airplane mode."),
    agent("Please turn it off."),
)


@pytest.mark.parametrize("policy", ["verbatim", "strict", "guided"])
def test_calls_of_the_users_side_are_replayed_with_its_words_and_hidden_from_the_agent(
    policy: str,
) -> None:
    heard: list[Any] = []

    def listening(messages: list[dict[str, Any]], message: str) -> str:
        heard.append([*messages, message])
        return "Please look at the status bar. What does it say?"

    _, journal = run(listening, talk_of(PHONE, policy=policy), tools="returned")
    theirs = [
        (t.index, i.name, i.result, i.provenance)
        for t in journal.committed
        for i in t.items
        if isinstance(i, ToolCall)
    ]
    assert theirs == [(2, "check_status_bar", "Airplane mode is on", "recorded")]
    assert "check_status_bar" not in str(heard)
    assert "Airplane mode is on" not in str(heard)


def test_a_users_tool_is_never_answered_for_the_agent() -> None:
    from reenact.agents.port import AgentReply, RequestedTool

    def asking(messages: list[dict[str, Any]], message: str) -> Any:
        if not messages or messages[-1]["role"] != "tool":
            return AgentReply(tool_calls=[RequestedTool("check_status_bar")])
        return "What does it say?"

    _, journal = run(asking, talk_of(PHONE, policy="verbatim"), tools="returned")
    asked = [
        i
        for t in journal.committed
        for i in t.items
        if isinstance(i, ToolCall) and i.requestor == "agent"
    ]
    assert {call_.provenance for call_ in asked} == {"refused"}


def test_real_user_calls_are_all_replayed_in_their_place(shared: Path) -> None:
    runs = shared / "data" / "conversations" / "tau2_runs" / "telecom_gpt-4o.json"
    replayed = 0
    for recording in tau2_talks(runs).values():
        turns = [turn for turn in turns_of(recording) if turn.index > 0]
        answers = {turn.user: turn.assistant or "-" for turn in turns}
        _, journal = run(
            lambda messages, message, answers=answers: answers.get(message, "-"),
            talk_of(recording, policy="verbatim"),
        )
        last = max(
            i for i, item in enumerate(recording.items) if getattr(item, "role", "") == "user"
        )
        expected = [_call(i) for i in recording.items[:last] if _is_users(i)]
        found = [_call(i) for t in journal.committed for i in t.items if _is_users(i)]
        assert found == expected
        replayed += len(found)
    assert replayed > 50


def _is_said(item: Any) -> bool:
    return isinstance(item, Message) and item.role == "user"


def _is_users(item: Any) -> bool:
    return isinstance(item, ToolCall) and item.requestor == "user"


def _call(call_: Any) -> tuple[str, Any]:
    return call_.name, call_.result
