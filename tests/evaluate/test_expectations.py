from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reenact.domain.conversation import Conversation, Failure, Message, Served, words
from reenact.domain.expectation import Expectation, ExpectationKind
from reenact.domain.run import EndReason, TurnRecord
from reenact.evaluate.expectations import judge, judge_recording, statement
from support.replays import record, replay_of
from support.talks import REFUND, agent, call, model, talk, user

CHECK = {"order_id": "A-1003"}
MUST_CHECK = Expectation(kind="must_call", turn=2, tool="check_status", arguments=CHECK)
NO_REFUND = Expectation(kind="must_not_call", turn=2, tool="issue_refund")


def refused(name: str, arguments: Any = None, *, group: int | None = None) -> Any:
    return replace(
        call(name, arguments, error="refused", answered=False),
        provenance="refused",
        served=Served(miss="nothing recorded"),
        group=group,
    )


def outcome(
    expectation: Expectation, *turns: TurnRecord, ended: EndReason | None = None
) -> tuple[str, str]:
    (found,) = judge([expectation], turns, ended=ended)
    assert found.expectation is expectation
    return found.outcome, found.reason


def on(kind: ExpectationKind, text: str, turn: int | None = None) -> Expectation:
    return Expectation(kind=kind, text=text, turn=turn)


def test_the_recorded_bug_fails_on_the_recording_and_on_its_faithful_replay() -> None:
    for found in (
        judge_recording([MUST_CHECK, NO_REFUND], REFUND),
        judge([MUST_CHECK, NO_REFUND], replay_of(REFUND)),
    ):
        assert [j.outcome for j in found] == ["fail", "fail"]
        assert found[0].reason == (
            "check_status was not called on turn 2; "
            "called issue_refund(order_id='A-1003', amount=49.9)"
        )
        assert found[1].reason.startswith("issue_refund(order_id='A-1003', amount=49.9) was called")


def test_the_fix_passes() -> None:
    fixed = record(2, user("where?"), call("check_status", CHECK, {}), agent("In transit."))
    assert outcome(MUST_CHECK, fixed)[0] == "pass"
    assert outcome(NO_REFUND, fixed)[0] == "pass"


def test_a_refused_call_counts_as_asked_for_but_what_follows_it_is_not_known() -> None:
    turn = record(2, user("where?"), refused("check_status", CHECK), agent("I cannot."))
    assert outcome(MUST_CHECK, turn) == (
        "pass",
        "check_status(order_id='A-1003') was called (and refused) on turn 2",
    )
    found, why = outcome(NO_REFUND, turn)
    assert (found, why) == (
        "no_evidence",
        "what follows cannot be judged: on turn 2 nobody answered check_status",
    )
    assert outcome(on("text_contains", "I cannot", 2), turn)[0] == "no_evidence"
    assert outcome(replace(MUST_CHECK, turn=3), turn, replay_of(REFUND)[2])[0] == "no_evidence"


def test_what_went_wrong_before_the_refusal_is_a_fail_and_after_it_is_none() -> None:
    wrong = call("issue_refund", {"order_id": "A-1003"}, {})
    assert outcome(NO_REFUND, record(2, wrong, refused("check_status")))[0] == "fail"
    assert outcome(NO_REFUND, record(2, refused("issue_refund")))[0] == "fail"
    assert outcome(NO_REFUND, record(2, refused("check_status"), wrong))[0] == "no_evidence"


def test_calls_asked_for_in_one_breath_with_a_refused_one_are_evidence() -> None:
    wrong = replace(call("issue_refund", {}, {}), group=1)
    later = replace(call("issue_refund", {}, {}), group=2)
    assert outcome(NO_REFUND, record(2, refused("find", group=1), wrong))[0] == "fail"
    assert outcome(NO_REFUND, record(2, refused("find", group=1), later))[0] == "no_evidence"


def test_turns_after_the_parting_give_no_evidence_even_of_what_is_wrong() -> None:
    parted = replace(record(1, user("hi"), agent("Hello?")), misfit="asked: Hello?")
    wrong = record(2, call("issue_refund", {}, {}), after_divergence=True)
    found, why = outcome(NO_REFUND, parted, wrong)
    assert found == "no_evidence"
    assert why == (
        "turn 2 cannot be judged: the talk parted from the recording after turn 1 (asked: Hello?)"
    )
    assert outcome(replace(NO_REFUND, turn=None), parted, wrong)[0] == "no_evidence"


def test_a_turn_that_was_never_run_gives_no_evidence_with_the_reason() -> None:
    stopped = replace(record(1, user("hi"), call("other")), misfit="called other")
    assert outcome(MUST_CHECK, stopped, ended="diverged") == (
        "no_evidence",
        "turn 2 cannot be judged: the talk parted from the recording and stopped after turn 1 "
        "(called other)",
    )
    assert outcome(MUST_CHECK)[0] == "no_evidence"
    assert "no such turn" in outcome(MUST_CHECK, record(1, agent("hi")), ended="finished")[1]
    assert "not replayed" in outcome(replace(MUST_CHECK, turn=0), record(1, agent("hi")))[1]


def test_anywhere_is_judged_once_the_whole_talk_ran() -> None:
    anywhere = replace(MUST_CHECK, turn=None, arguments={"order_id": "A-9"})
    whole = replay_of(REFUND)
    assert outcome(anywhere, *whole)[0] == "fail"
    assert outcome(replace(anywhere, arguments=CHECK), *whole)[0] == "pass"
    last = replace(whole[-1], misfit="asked: what?")
    assert outcome(anywhere, *whole[:-1], last, ended="finished")[0] == "fail"
    assert outcome(anywhere, *whole[:-1], last)[0] == "no_evidence"
    assert outcome(anywhere, *whole[:1], ended="cancelled")[0] == "no_evidence"


def test_an_agent_that_fails_did_not_do_what_it_had_to_and_proves_nothing_else() -> None:
    died = record(2, user("where?"), Failure(error="ValueError: boom"))
    found, why = outcome(MUST_CHECK, died, ended="agent_error")
    assert (found, "ValueError: boom" in why) == ("fail", True)
    assert outcome(NO_REFUND, died, ended="agent_error")[0] == "no_evidence"
    assert outcome(replace(MUST_CHECK, turn=3), died, ended="agent_error")[0] == "no_evidence"


@pytest.mark.parametrize("reason", ["timeout", "unreachable"])
def test_an_agent_that_was_not_heard_gives_no_evidence(reason: Any) -> None:
    silent = record(2, user("where?"), Failure(error="no answer within 1 s", reason=reason))
    assert outcome(MUST_CHECK, silent, ended=reason)[0] == "no_evidence"
    assert outcome(NO_REFUND, silent, ended=reason)[0] == "no_evidence"


def test_named_arguments_must_be_equal_and_others_are_free() -> None:
    turn = record(1, call("pay", {"amount": 12, "to": {"id": 1}, "note": "x"}, {}))

    def asked(**arguments: Any) -> str:
        wanted = Expectation(kind="must_call", turn=1, tool="pay", arguments=arguments)
        return outcome(wanted, turn)[0]

    assert asked(amount=12.0) == "pass"
    assert asked(amount=12, to={"id": 1}) == "pass"
    assert asked() == "pass"
    assert asked(amount="12") == "fail"
    assert asked(amount=12, to={"id": 1, "more": 2}) == "fail"
    assert asked(missing=None) == "fail"


def test_other_arguments_are_shown() -> None:
    turn = record(2, call("check_status", {"order_id": "A-1"}, {}))
    assert outcome(MUST_CHECK, turn) == (
        "fail",
        "called with other arguments on turn 2: check_status(order_id='A-1')",
    )


def test_what_the_user_side_called_is_not_the_agents_doing() -> None:
    theirs = replace(call("issue_refund", {}, {}), requestor="user")
    assert outcome(NO_REFUND, record(2, theirs))[0] == "pass"


def test_a_result_that_a_turn_was_started_with_was_not_asked_for() -> None:
    given = replace(call("issue_refund", {}, {}), provenance="recorded")
    asked = replace(given, served=Served(rung=1, recorded_call=0))
    assert outcome(NO_REFUND, record(2, user("?"), given, agent("Done.")))[0] == "pass"
    assert outcome(NO_REFUND, record(2, user("?"), asked, agent("Done.")))[0] == "fail"
    fragment = talk(user("?"), call("issue_refund", {}, {}), model(), agent("Done."))
    (found,) = judge_recording([replace(NO_REFUND, turn=1)], fragment)
    assert found.outcome == "pass"


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("text_contains", "is  In\ntransit", "pass"),
        ("text_contains", "delivered", "fail"),
        ("text_not_contains", "refunded", "pass"),
        ("text_not_contains", "TRANSIT", "fail"),
        ("text_equals", "I looked.\nA-1003 is in transit.", "pass"),
        ("text_equals", "i looked. A-1003 is in transit.", "fail"),
    ],
)
def test_words_are_compared_without_white_space(
    kind: ExpectationKind, text: str, expected: str
) -> None:
    turn = record(
        1, user("Refunded? Delivered?"), agent("I looked."), agent("A-1003 is in transit.")
    )
    assert outcome(on(kind, text, 1), turn)[0] == expected
    assert outcome(on(kind, text), turn)[0] == expected


def test_an_operators_words_are_not_the_agents() -> None:
    operator = Message(role="operator", parts=words("I refunded it."))
    assert outcome(on("text_not_contains", "refunded", 1), record(1, operator))[0] == "pass"


def judged(expectation: Expectation, conversation: Conversation, **only: Any) -> str:
    (found,) = judge_recording([expectation], conversation, **only)
    return found.outcome


def test_a_recording_that_lacks_what_is_asked_about_gives_no_evidence() -> None:
    lost = replace(call("check_status"), arguments=None, arguments_raw="{order")
    thin = talk(user("where?"), lost, user("hello?"), agent("Yes?"))
    assert judged(replace(MUST_CHECK, turn=1), thin) == "no_evidence"
    assert judged(replace(MUST_CHECK, turn=1, arguments=None), thin) == "pass"
    assert judged(on("text_contains", "transit", 1), thin) == "no_evidence"
    assert judged(on("text_contains", "transit", 9), thin) == "no_evidence"


def test_a_recorded_failure_happened_and_is_judged() -> None:
    crashed = talk(user("where?"), Failure(error="boom"), user("hello?"), agent("Yes?"))
    assert judged(on("text_contains", "transit", 1), crashed) == "fail"
    assert judged(replace(NO_REFUND, turn=1), crashed) == "pass"


def test_only_the_turn_that_is_replayed_is_judged_on_the_recording() -> None:
    anywhere = replace(NO_REFUND, turn=None)
    assert judged(anywhere, REFUND) == "fail"
    assert judged(anywhere, REFUND, only_turn=3) == "pass"


def test_an_expectation_is_said_in_words() -> None:
    assert statement(MUST_CHECK) == "must call check_status(order_id='A-1003') on turn 2"
    assert statement(on("text_not_contains", "refunded")) == "text not contains 'refunded'"
