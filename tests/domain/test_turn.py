from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reenact.domain.conversation import Message, ModelCall, Role, ToolCall, Usage, words
from reenact.domain.turn import split_turns, total_usage

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def say(role: Role, text: str, at: int = 0, took: int = 0) -> Message:
    start = NOON + timedelta(milliseconds=at)
    return Message(
        role=role,
        parts=words(text),
        started_at=start,
        ended_at=start + timedelta(milliseconds=took),
    )


def test_a_greeting_is_turn_zero_and_has_no_user() -> None:
    turns = split_turns([say("assistant", "Hello"), say("user", "Hi"), say("assistant", "Yes?")])
    assert [(t.index, t.user, t.assistant) for t in turns] == [
        (0, None, "Hello"),
        (1, "Hi", "Yes?"),
    ]


def test_a_talk_that_starts_with_the_user_has_no_turn_zero() -> None:
    assert [t.index for t in split_turns([say("user", "Hi"), say("assistant", "Yes?")])] == [1]


def test_user_messages_that_follow_each_other_are_items_of_one_turn() -> None:
    (turn,) = split_turns([say("user", "Hi"), say("user", "Anyone?"), say("assistant", "Yes")])
    assert turn.user == "Hi\nAnyone?"
    assert len(turn.user_messages) == 2


def test_a_turn_without_an_answer_has_none_and_says_why() -> None:
    (turn,) = split_turns([say("user", "Hi"), ModelCall(error="400 Bad Request")])
    assert turn.assistant is None
    assert turn.error == "400 Bad Request"


def test_a_failed_tool_that_the_agent_recovered_from_is_no_error_of_the_turn() -> None:
    items = [say("user", "Hi"), ToolCall(name="find", error="not found"), say("assistant", "No.")]
    (turn,) = split_turns(items)
    assert (turn.error, turn.had_errors) == (None, True)


def test_a_call_that_was_asked_for_but_never_run_is_not_listed() -> None:
    (turn,) = split_turns([say("user", "Hi"), ToolCall(name="find", answered=False)])
    assert turn.tool_calls == ()


def test_a_refused_call_of_a_replay_is_listed() -> None:
    refused = ToolCall(name="refund", answered=False, provenance="refused")
    (turn,) = split_turns([say("user", "Hi"), refused])
    assert turn.tool_calls == (refused,)


def test_latency_runs_from_the_user_to_the_end_of_the_answer() -> None:
    (turn,) = split_turns([say("user", "Hi"), say("assistant", "Yes", at=100, took=20)])
    assert turn.latency_ms == 120.0


def test_an_unknown_token_count_makes_the_sum_unknown_not_smaller() -> None:
    known = ModelCall(usage=Usage(input_tokens=10, output_tokens=2))
    assert total_usage([known, ModelCall()]).input_tokens is None


def test_a_failed_model_call_counts_as_nothing_in_the_sum() -> None:
    known = ModelCall(usage=Usage(input_tokens=10, output_tokens=2))
    assert total_usage([known, ModelCall(error="400")]).input_tokens == 10
