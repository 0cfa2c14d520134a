"""Calls of Retell: a call as the API gives it, and every quirk of real ones."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reenact.capture.fidelity import judge
from reenact.capture.importers.retell import conversation_of, conversations_in
from reenact.capture.importing import import_paths
from reenact.capture.items import conversation_from, spans_of
from reenact.domain.conversation import Conversation, Message
from reenact.domain.turn import turns_of
from reenact.domain.view import view_of
from reenact.store.spans import open_span_store
from support.calls import RETELL_CALL, retell_row, retell_tool

ID = RETELL_CALL["call_id"]


def a_call(*rows: Any, **more: Any) -> dict[str, Any]:
    """The call with other rows, or other fields; a field that is `...` is left out."""
    call = copy.deepcopy(RETELL_CALL) | more
    if rows:
        call["transcript_with_tool_calls"] = list(rows)
    return {key: value for key, value in call.items() if value is not ...}


def talk_of(call: Any) -> Conversation:
    talk = conversation_of(call, project="p")
    assert conversation_from(spans_of(talk)) == talk
    return talk


def said(talk: Conversation) -> list[tuple[str, str]]:
    return [(item.role, item.text) for item in talk.items if isinstance(item, Message)]


def taken(path: Path) -> tuple[list[str | None], list[str]]:
    rejected: list[str] = []
    found = conversations_in(path, project="p", on_reject=rejected.append)
    return [talk.session_id for talk in found], rejected


HELLO = (retell_row("agent", "Hello.", (0.5, 1.0)), retell_row("user", "Hi.", (2.0, 2.5)))


def test_a_call_is_a_talk_in_text_with_the_times_of_its_words():
    talk = talk_of(RETELL_CALL)
    greeting, first, second = turns_of(talk)
    assert (greeting.user, greeting.assistant) == (None, "Kettle and Co, how can I help?")
    assert first.user == "Where is order A one thousand three?"
    assert (second.user, second.assistant) == ("Then refund it.", "I could not refund it.")
    assert (talk.id, talk.agent_name, talk.agent_version) == (f"sess:{ID}", "Kettle desk", "12")
    assert first.user_id == "+15550100"
    asked = first.user_messages[0]
    assert asked.started_at == datetime(2026, 11, 24, 12, 0, 3, 400_000, UTC)
    assert asked.ended_at == datetime(2026, 11, 24, 12, 0, 8, 200_000, UTC)
    assert talk.started_at == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert talk.ended_at == datetime(2026, 11, 24, 12, 0, 41, 500_000, UTC)


def test_a_tool_call_has_its_answer():
    call = talk_of(RETELL_CALL).tool_calls[0]
    assert (call.id, call.name, call.arguments) == ("t1", "check_status", {"order_id": "A-1003"})
    assert (call.result, call.error) == ({"status": "lost"}, None)


@pytest.mark.parametrize(
    ("content", "failed"),
    [
        ('{"success": false}', True),
        ('{"data": {"success": false, "reason": "too late"}}', True),
        ('{"success": true, "data": {"success": true}}', False),
        ('{"data": {"order": {"success": false}}}', False),
        ('{"success": null}', False),
        ("[false]", False),
        ("success: false", False),
    ],
)
def test_quirk_a_successful_request_whose_answer_says_no_success_is_a_failed_call(
    content: str, failed: bool
):
    rows = [*HELLO, *retell_tool("t", "refund", "{}", content, successful=True)]
    (call,) = talk_of(a_call(*rows)).tool_calls
    assert (call.error is not None) == failed
    assert (call.result is None) == failed
    if failed:
        assert call.error == content


def test_a_request_that_was_not_successful_is_a_failed_call():
    rows = [*HELLO, *retell_tool("t", "refund", "{}", "timed out", successful=False)]
    (call,) = talk_of(a_call(*rows)).tool_calls
    assert (call.result, call.error) == (None, "timed out")


def test_quirk_speech_that_is_cut_around_tools_is_joined_by_its_response():
    talk = talk_of(RETELL_CALL)
    first = turns_of(talk)[1]
    assert first.assistant == "Let me look that up for you. It is lost."
    assert [item.kind for item in first.items] == [
        "message", "model_call", "tool_call", "model_call", "message",
    ]  # fmt: skip
    answer = first.answers[0]
    assert answer.started_at == datetime(2026, 11, 24, 12, 0, 9, 400_000, UTC)
    assert answer.ended_at == datetime(2026, 11, 24, 12, 0, 15, 400_000, UTC)


def test_an_answer_that_went_on_while_the_caller_spoke_stands_where_it_began():
    rows = [
        retell_row("user", "Where is it?", (0, 1)),
        retell_row("agent", "Your order", (2, 3), response_id=4),
        retell_row("user", "Yes?", (3, 3.2)),
        retell_row("agent", "has shipped.", (3.3, 4), response_id=4),
        retell_row("agent", "Anything else?", (5, 6), response_id=5),
    ]
    assert said(talk_of(a_call(*rows))) == [
        ("user", "Where is it?"),
        ("assistant", "Your order has shipped."),
        ("user", "Yes?"),
        ("assistant", "Anything else?"),
    ]


def test_quirk_there_is_no_prompt_and_fidelity_says_where_it_is():
    talk = talk_of(RETELL_CALL)
    assert talk.system_prompt is None
    fidelity = judge(talk)
    for name in ("system_prompt", "model"):
        axis = fidelity.axis(name)
        assert axis is not None
        assert axis.status == "missing"
        assert "get-retell-llm" in axis.detail


def test_quirk_the_cost_of_a_call_is_in_cents():
    talk = talk_of(RETELL_CALL)
    view = view_of(talk, judge(talk))
    assert view.cost is not None
    assert (view.cost.amount, view.cost.currency, view.cost.source) == (0.142, "USD", "telemetry")


@pytest.mark.parametrize(
    "words", [None, [], [{"word": "Hi"}], [{"start": None, "end": "x"}], [7], [{"start": -1}]]
)
def test_quirk_times_of_words_are_not_guaranteed(words: Any):
    row = {"role": "user", "content": "Hi.", "words": words}
    talk = talk_of(a_call(row, retell_row("agent", "Hello.")))
    first = turns_of(talk)[0]
    assert (first.user_messages[0].started_at, first.latency_ms) == (None, None)
    axis = judge(talk).axis("timing")
    assert axis is not None
    assert (axis.status, "no times for these words" in axis.detail) == ("missing", True)


def test_times_of_words_that_run_backwards_are_not_taken():
    row = retell_row("user", "Hi.", (9.0, 9.5), (3.0, 2.0))
    (message, *_) = talk_of(a_call(row)).items
    assert isinstance(message, Message)
    assert message.started_at == datetime(2026, 11, 24, 12, 0, 9, tzinfo=UTC)
    assert message.ended_at == message.started_at


def test_tokens_by_request_are_kept_and_not_split_by_a_guess():
    talk = talk_of(RETELL_CALL)
    assert {call.usage.input_tokens for call in talk.model_calls} == {None}
    assert talk.metadata["llm_token_usage"]["values"] == [700, 900, 1100]
    axis = judge(talk).axis("usage")
    assert axis is not None
    assert "in and out together" in axis.detail


def test_sounds_of_listening_are_no_answers_and_no_turns():
    rows = [
        retell_row("user", "I bought a kettle", (0, 2)),
        retell_row("agent", "Uh huh.", (2, 2.2), is_backchannel=True),
        retell_row("user", "and it leaks.", (2.5, 4)),
        retell_row("agent", "I am sorry.", (5, 6), response_id=1),
    ]
    talk = talk_of(a_call(*rows))
    assert said(talk) == [
        ("user", "I bought a kettle and it leaks."),
        ("assistant", "I am sorry."),
    ]
    assert talk.metadata["backchannels"] == ["agent: Uh huh."]


def test_keys_steps_and_words_put_in_are_told_for_what_they_are():
    rows = [
        *HELLO,
        {"role": "dtmf", "digit": "1"},
        {"role": "injected", "content": "The line is bad.", "time_sec": 4},
        {"role": "node_transition", "new_node_id": "n2", "new_node_name": "Refund"},
        retell_row("transfer_target", "This is Ben.", (6, 7)),
        {"role": "sms", "content": "x", "time_sec": 8},
    ]
    talk = talk_of(a_call(*rows))
    assert said(talk) == [
        ("assistant", "Hello."),
        ("user", "Hi. [pressed 1]"),
        ("system", "The line is bad."),
        ("operator", "This is Ben."),
    ]
    assert talk.metadata["nodes"] == ["Refund"]
    assert talk.metadata["left_out"] == ["transcript.6: role 'sms'"]


def test_what_came_before_the_call_is_history():
    before = [retell_row("user", "I wrote you."), retell_row("agent", "Call us.")]
    talk = talk_of(a_call(pre_session_transcript_with_tool_calls=before))
    told = [item.text for item in talk.history if isinstance(item, Message)]
    assert told == ["I wrote you.", "Call us."]
    assert len(turns_of(talk)) == 3


def test_addresses_of_recordings_are_kept_without_what_lets_anyone_in():
    talk = talk_of(RETELL_CALL)
    assert talk.metadata["recordings"] == {
        "recording_url": "https://storage.example/call.wav",
        "public_log_url": "https://storage.example/log.txt",
    }
    assert (talk.metadata["platform"], talk.metadata["analysis"]["call_summary"]) == (
        "retell", "The user was refunded.",
    )  # fmt: skip
    assert [(score.name, score.value) for score in talk.scores] == [("call_successful", 0.0)]


def test_a_web_call_and_a_scrubbed_one_are_read():
    scrubbed = a_call(
        transcript_with_tool_calls=...,
        scrubbed_transcript_with_tool_calls=list(HELLO),
        call_type="web_call",
        from_number=...,
        metadata={"user_id": "ana"},
    )
    talk = talk_of(scrubbed)
    assert said(talk) == [("assistant", "Hello."), ("user", "Hi.")]
    assert turns_of(talk)[1].user_id == "ana"
    outbound = talk_of(a_call(*HELLO, direction="outbound"))
    assert turns_of(outbound)[1].user_id == "+15550199"


def test_a_call_that_broke_while_the_caller_waited_has_failed():
    talk = talk_of(a_call(*HELLO, disconnection_reason="error_llm_websocket_open"))
    assert turns_of(talk)[-1].error == "error_llm_websocket_open"


def test_the_file_is_told_by_its_looks_and_importing_twice_doubles_nothing(tmp_path: Path):
    other = {**RETELL_CALL, "call_id": "call-2"}
    (tmp_path / "one.json").write_text(json.dumps(RETELL_CALL))
    (tmp_path / "more.jsonl").write_text(f"{json.dumps(RETELL_CALL)}\n{json.dumps(other)}\n")
    store = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    first = import_paths([tmp_path / "one.json"], store=store, project="p")
    more = import_paths([tmp_path / "more.jsonl"], store=store, project="p")
    store.close()
    assert first.conversations == {"p": 1}
    assert (more.conversations, more.duplicates) == ({"p": 2}, first.taken)


def test_pages_and_events_of_the_api_are_unwrapped(tmp_path: Path):
    path = tmp_path / "x.json"
    page = {"items": [RETELL_CALL, {**RETELL_CALL, "call_id": "c2"}], "pagination_key": "k"}
    path.write_text(json.dumps(page))
    assert taken(path) == ([ID, "c2"], [])
    path.write_text(json.dumps({"event": "call_ended", "call": RETELL_CALL}))
    assert taken(path) == ([ID], [])


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (7, "call 1: the call is no object"),
        ({"agent_id": "a", "transcript_object": [1]}, "call 1: key call_id is missing"),
        (
            a_call(transcript_with_tool_calls=..., disconnection_reason="dial_no_answer"),
            "call 1: holds no transcript (dial_no_answer)",
        ),
        (a_call(7), "call 1: key transcript.0 is no object"),
        (a_call({"role": "sms"}), "call 1: no one says anything in it (user_hangup)"),
        (a_call({"role": "tool_call_invocation"}), "call 1: key transcript.0.name is missing"),
        (
            a_call({"role": "tool_call_result", "content": "x"}),
            "call 1: key transcript.0.tool_call_id is missing",
        ),
        (
            a_call(transcript_with_tool_calls={"a": 1}),
            "call 1: key transcript_with_tool_calls is missing or no list",
        ),
        (RETELL_CALL, "call 1: the same session as call 0"),
    ],
)
def test_a_bad_call_is_named_and_the_others_are_taken(broken: Any, reason: str, tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps([RETELL_CALL, broken, {**RETELL_CALL, "call_id": "c3"}]))
    found, rejected = taken(path)
    assert (found, rejected) == ([ID, "c3"], [reason])
