"""Calls of Vapi: a call as the API gives it, and every quirk of real ones."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reenact.capture.fidelity import judge
from reenact.capture.importers.json_places import Unusable
from reenact.capture.importers.vapi import conversation_of, conversations_in
from reenact.capture.importing import import_paths
from reenact.capture.items import conversation_from, spans_of
from reenact.compare.compare import compare
from reenact.domain.conversation import Conversation, Failure, Message
from reenact.domain.turn import turns_of
from reenact.domain.view import view_of
from reenact.errors import DecodeError
from reenact.store.spans import open_span_store
from support.calls import VAPI_CALL, VAPI_START, vapi_row
from support.replays import replay_of

ID = VAPI_CALL["id"]


def a_call(*rows: Any, **more: Any) -> dict[str, Any]:
    """The call with other rows, or other fields; a field that is `...` is left out."""
    call = copy.deepcopy(VAPI_CALL) | more
    if rows:
        call["artifact"]["messages"] = list(rows)
    return {key: value for key, value in call.items() if value is not ...}


def talk_of(call: Any) -> Conversation:
    talk = conversation_of(call, project="p")
    assert conversation_from(spans_of(talk)) == talk
    return talk


def taken(path: Path) -> tuple[list[str | None], list[str]]:
    rejected: list[str] = []
    found = conversations_in(path, project="p", on_reject=rejected.append)
    return [talk.session_id for talk in found], rejected


HELLO = (vapi_row("bot", "Hello.", 0.5, 1.0), vapi_row("user", "Hi.", 2.0, 2.5))


def test_a_call_is_a_talk_in_text_with_the_times_of_its_speech():
    talk = talk_of(VAPI_CALL)
    greeting, first, second = turns_of(talk)
    assert (greeting.user, greeting.assistant) == (None, "Kettle and Co, how can I help?")
    assert first.user == "Hi, I want to know where order A one thousand three is."
    assert first.assistant == "Let me look.\nIt is on its way, and due on Friday."
    assert (second.user, second.assistant) == ("Thank you, bye.", None)
    assert (talk.id, talk.agent_name, first.user_id) == (f"sess:{ID}", "Kettle desk", "+15550100")
    said = [item for item in talk.items if isinstance(item, Message)]
    assert said[1].started_at == datetime(2026, 11, 24, 12, 0, 3, 400_000, UTC)
    assert said[1].ended_at == datetime(2026, 11, 24, 12, 0, 8, 200_000, UTC)
    assert talk.started_at == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert talk.ended_at == datetime(2026, 11, 24, 12, 0, 41, 500_000, UTC)


def test_a_tool_call_has_its_answer_and_its_times():
    (call,) = talk_of(VAPI_CALL).tool_calls
    assert (call.id, call.name, call.arguments) == (
        "call_1", "check_status", {"order_id": "A-1003"},
    )  # fmt: skip
    assert call.result == {"status": "in transit", "eta": "2026-11-27"}
    assert call.ended_at is not None
    assert call.started_at is not None
    assert (call.ended_at - call.started_at).total_seconds() == 1.6


def test_the_assistants_prompt_model_and_tools_are_there():
    talk = talk_of(VAPI_CALL)
    assert talk.system_prompt == "You help Ana."
    assert {call.model for call in talk.model_calls} == {"gpt-4o"}
    assert [tool.name for tool in talk.tools] == ["check_status", "endCall", "refund"]
    assert talk.tools[0].parameters is not None


def test_without_a_system_row_the_prompt_is_the_template_of_the_settings():
    assert talk_of(a_call(*HELLO, vapi_row("bot", "So?", 3, 4))).system_prompt == (
        "You help {{customer.name}}."
    )
    told = a_call(*HELLO, vapi_row("bot", "So?", 3, 4))
    told["assistantOverrides"] = {"model": {"model": "gpt-5", "messages": []}}
    assert {call.model for call in talk_of(told).model_calls} == {"gpt-5"}


def test_the_greeting_is_no_work_of_a_model_unless_the_settings_say_so():
    talk = talk_of(a_call(*HELLO))
    assert talk.model_calls == ()
    told = a_call(*HELLO)
    told["assistant"]["firstMessageMode"] = "assistant-speaks-first-with-model-generated-message"
    assert len(talk_of(told).model_calls) == 1


def test_cost_and_tokens_are_those_of_the_whole_call():
    talk = talk_of(VAPI_CALL)
    view = view_of(talk, judge(talk))
    assert view.cost is not None
    assert (view.cost.amount, view.cost.currency, view.cost.source) == (0.0581, "USD", "telemetry")
    assert (view.usage.input_tokens, view.usage.output_tokens) == (1480, 96)
    assert (view.usage.cached_input_tokens, view.usage.reasoning_tokens) == (512, None)
    assert {turn.cost for turn in view.turns} == {None}
    older = a_call(costs=..., costBreakdown={"llmPromptTokens": 70, "llmCompletionTokens": 9})
    assert talk_of(older).usage.input_tokens == 70


def test_quirk_fields_that_the_schema_lacks_stand_at_the_top_as_well_as_in_the_artifact():
    """The rows of `artifact` win over an older copy at the top, which is read without one."""
    assert "an older copy" not in [
        item.text for item in talk_of(VAPI_CALL).items if isinstance(item, Message)
    ]
    top = a_call(artifact=..., messages=list(HELLO))
    talk = talk_of(top)
    assert [(turn.user, turn.assistant) for turn in turns_of(talk)] == [
        (None, "Hello."), ("Hi.", None),
    ]  # fmt: skip
    assert talk.metadata["recordings"] == {"recordingUrl": "https://storage.example/mono.wav"}


def test_quirk_the_assistant_may_be_absent_and_only_its_id_there():
    told = a_call(*HELLO, vapi_row("bot", "So?", 3, 4), assistant=...)
    talk = talk_of(told)
    assert (talk.agent_name, talk.system_prompt, talk.tools) == (None, None, ())
    assert talk.metadata["assistant_id"] == "asst-7"
    assert {call.model for call in talk.model_calls} == {"gpt-4o"}, "the one that was paid for"
    axis = judge(talk).axis("system_prompt")
    assert axis is not None
    assert (axis.status, "GET /assistant/{id}" in axis.detail) == ("missing", True)
    bare = talk_of({**told, "costs": []})
    assert {call.model for call in bare.model_calls} == {None}


def test_quirk_the_duration_of_a_row_is_shorter_than_its_span_and_is_the_time_of_talk():
    """Durations are added; 240 ms of each span are no speech."""
    assert talk_of(VAPI_CALL).metadata["talk_seconds"] == {"assistant": 4.24, "user": 4.28}


def test_durations_in_seconds_as_the_documentation_has_them_are_read_too():
    row = vapi_row("user", "Hi.", 2.0, 4.5) | {"duration": 2.1}
    odd = vapi_row("bot", "Hello.", 5.0, 6.0) | {"duration": 90_000}
    assert talk_of(a_call(row, odd)).metadata["talk_seconds"] == {"user": 2.1}


def test_quirk_rows_of_one_speaker_come_split_and_are_joined():
    rows = [
        vapi_row("user", "I would like", 1.0, 2.0),
        vapi_row("user", "a kettle.", 2.5, 3.0),
        vapi_row("bot", "A blue", 4.0, 4.5, assistantName="Sales"),
        vapi_row("bot", "one?", 4.6, 5.0, assistantName="Sales"),
        vapi_row("bot", "This is Ben.", 6.0, 7.0, assistantName="Returns"),
    ]
    talk = talk_of(a_call(*rows))
    said = [(i.text, i.author) for i in talk.items if isinstance(i, Message)]
    assert said == [
        ("I would like a kettle.", "+15550100"),
        ("A blue one?", "Sales"),
        ("This is Ben.", "Returns"),
    ]


def test_quirk_the_summary_may_be_invention_and_is_never_said_by_anyone():
    talk = talk_of(VAPI_CALL)
    words = " ".join(item.text for item in talk.items if isinstance(item, Message))
    assert "refund" not in words
    assert talk.metadata["analysis"]["summary"].startswith("The user asked for a refund")


def test_quirk_the_phone_call_provider_is_the_carrier_and_not_the_platform():
    metadata = talk_of(VAPI_CALL).metadata
    assert (metadata["platform"], metadata["carrier"]) == ("vapi", "twilio")


def test_addresses_of_recordings_are_kept_without_what_lets_anyone_in():
    talk = talk_of(VAPI_CALL)
    assert talk.metadata["recordings"] == {
        "recordingUrl": "https://storage.example/mono.wav",
        "stereoRecordingUrl": "https://storage.example/stereo.wav",
        "recording": {"mono": {"customerUrl": "https://storage.example/customer.wav"}},
    }
    assert "secret" not in json.dumps(view_of(talk, judge(talk)).metadata)


def test_fidelity_says_that_it_was_spoken_and_that_turns_have_no_tokens():
    fidelity = judge(talk_of(VAPI_CALL))
    audio, usage, timing = (fidelity.axis(name) for name in ("audio", "usage", "timing"))
    assert audio is not None
    assert usage is not None
    assert timing is not None
    assert (audio.status, audio.score) == ("missing", 0)
    assert "taken as text" in audio.detail
    assert (usage.status, "whole call only" in usage.detail) == ("missing", True)
    assert (timing.status, "times of speech" in timing.detail) == ("present", True)


def test_times_of_speech_are_no_baseline_for_an_answer_in_text():
    talk = talk_of(VAPI_CALL)
    turns = view_of(talk, judge(talk)).turns
    assert {turn.latency_ms for turn in turns} == {None}
    assert all(turn.started_at for turn in turns)

    def latency(baseline: Conversation) -> float | None:
        found = compare(baseline, replay_of(talk), ended="finished")
        return next(m.baseline for m in found.metrics if m.name == "latency_ms")

    assert latency(talk) is None
    assert latency(replace(talk, spoken=False)) is not None


def test_a_success_that_the_platform_judged_is_a_score():
    def score(found: Any) -> list[float]:
        told = a_call(analysis={"successEvaluation": found})
        return [score.value for score in talk_of(told).scores]

    assert [score(found) for found in ("true", "false", "7", 8, True)] == [
        [1.0], [0.0], [7.0], [8.0], [1.0],
    ]  # fmt: skip
    assert [score(found) for found in ("nan", "Good", None, [])] == [[], [], [], []]


def test_a_call_that_broke_while_the_caller_waited_has_failed():
    reason = "pipeline-error-openai-llm-failed"
    talk = talk_of(a_call(*HELLO, endedReason=reason, endedMessage="status 503"))
    assert isinstance(talk.items[-1], Failure)
    assert turns_of(talk)[-1].error == f"{reason} status 503"
    answered = talk_of(a_call(*HELLO, vapi_row("bot", "Bye.", 3, 4), endedReason=reason))
    assert turns_of(answered)[-1].error is None


def test_a_tool_that_gave_an_error_has_failed():
    asked = {"id": "c", "function": {"name": "look", "arguments": {"at": 1}}}
    rows = [
        *HELLO,
        {"role": "tool_calls", "toolCalls": [asked], "time": VAPI_START + 3000},
        {"role": "tool_call_result", "toolCallId": "c", "error": "timed out", "result": None},
    ]
    (call,) = talk_of(a_call(*rows)).tool_calls
    assert (call.arguments, call.result, call.error) == ({"at": 1}, None, "timed out")


def test_rows_without_times_are_taken_without_times():
    rows = [{"role": "user", "message": "Hi."}, {"role": "bot", "message": "Hello.", "time": "x"}]
    talk = talk_of(a_call(*rows, startedAt=..., endedAt=...))
    assert [item.started_at for item in talk.items] == [None, None, None]
    assert (talk.started_at, talk.ended_at) == (None, None)


def test_rows_of_a_role_that_is_not_known_are_named():
    talk = talk_of(a_call(*HELLO, {"role": "weather", "message": "rain"}))
    assert talk.metadata["left_out"] == ["messages.2: role 'weather'"]


def test_the_file_is_told_by_its_looks_and_importing_twice_doubles_nothing(tmp_path: Path):
    other = {**VAPI_CALL, "id": "call-2"}
    (tmp_path / "one.json").write_text(json.dumps(VAPI_CALL))
    (tmp_path / "more.jsonl").write_text(f"{json.dumps(VAPI_CALL)}\n{json.dumps(other)}\n")
    store = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    first = import_paths([tmp_path / "one.json"], store=store, project="p")
    more = import_paths([tmp_path / "more.jsonl"], store=store, project="p")
    store.close()
    assert first.conversations == {"p": 1}
    assert (more.conversations, more.duplicates) == ({"p": 2}, first.taken)


def test_pages_and_reports_of_the_api_are_unwrapped(tmp_path: Path):
    path = tmp_path / "x.json"
    page = {"results": [VAPI_CALL, {**VAPI_CALL, "id": "c2"}], "metadata": {"currentPage": 1}}
    path.write_text(json.dumps(page))
    assert taken(path) == ([ID, "c2"], [])
    call = {key: VAPI_CALL[key] for key in ("id", "orgId", "assistantId", "createdAt")}
    report = {
        "type": "end-of-call-report",
        "call": {**call, "status": "in-progress"},
        "artifact": VAPI_CALL["artifact"],
        "analysis": VAPI_CALL["analysis"],
        "endedReason": "assistant-ended-call",
        "cost": 0.2,
    }
    path.write_text(json.dumps({"message": report}))
    found, rejected = taken(path)
    assert (found, rejected) == ([ID], [])
    (talk,) = conversations_in(path, project="p", on_reject=rejected.append)
    assert (talk.cost and talk.cost.amount, talk.metadata["ended_reason"]) == (
        0.2, "assistant-ended-call",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (7, "call 1: the call is no object"),
        ({"orgId": "o"}, "call 1: key id is missing"),
        (
            a_call(artifact={}, messages=[], endedReason="customer-did-not-answer"),
            "call 1: holds no messages (customer-did-not-answer)",
        ),
        (
            a_call({"role": "system", "message": "You help."}),
            "call 1: no one says anything in it (customer-ended-call)",
        ),
        (a_call(7), "call 1: key messages.0 is no object"),
        (
            a_call({"role": "tool_calls", "toolCalls": None}),
            "call 1: key messages.0.toolCalls is missing or no list",
        ),
        (
            a_call({"role": "tool_calls", "toolCalls": [{"function": {}}]}),
            "call 1: key messages.0.toolCalls.0.function.name is missing",
        ),
        (
            a_call({"role": "tool_call_result", "result": "x"}),
            "call 1: key messages.0 answers no tool: it has no toolCallId and no name",
        ),
        (a_call(startedAt="soon"), "call 1: key startedAt is no time: 'soon'"),
        (VAPI_CALL, "call 1: the same session as call 0"),
    ],
)
def test_a_bad_call_is_named_and_the_others_are_taken(broken: Any, reason: str, tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps([VAPI_CALL, broken, {**VAPI_CALL, "id": "c3"}]))
    found, rejected = taken(path)
    assert (found, rejected) == ([ID, "c3"], [reason])


def test_json_that_is_none_is_an_error_that_names_the_file(tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_text('[{"id": ')
    with pytest.raises(DecodeError) as caught:
        taken(path)
    assert caught.value.where == str(path)


def test_a_parsed_call_that_is_none_says_why():
    with pytest.raises(Unusable, match="key id is missing"):
        conversation_of({}, project="p")
