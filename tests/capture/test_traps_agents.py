"""The traps of agent and voice frameworks, each with the capture that shows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reenact.capture.assembly import assemble
from reenact.capture.dialects import read
from reenact.capture.fidelity import judge
from reenact.domain.conversation import Conversation
from reenact.domain.span import Span
from reenact.domain.turn import total_usage, turns_of
from support.captures import spans_of_capture
from support.conformance import captured

Capture = Callable[[str], dict[str | None, Conversation]]

ALL = (
    "google_adk", "google_adk_latest", "strands", "strands_latest", "livekit", "livekit_1_2",
    "pipecat",
)  # fmt: skip
TUESDAY = "sess-tue-4711"


@pytest.fixture
def capture(shared: Path) -> Capture:
    """A capture's conversations, by session id."""

    def of(name: str) -> dict[str | None, Conversation]:
        found = captured(shared / "data" / "otlp" / name, "shop")
        return {conversation.session_id: conversation for conversation in found}

    return of


def spans_in(shared: Path, name: str, session: str = TUESDAY) -> list[Span]:
    """The spans of the traces that name a session."""
    spans = spans_of_capture(shared / "data" / "otlp" / name)
    traces = {s.trace_id for s in spans if read(s).session_id == session}
    return [s for s in spans if s.trace_id in traces]


def told(spans: list[Span]) -> Conversation:
    return assemble(spans, project="shop", kind="session", session_id=TUESDAY)


def words(conversation: Conversation) -> list[tuple[str | None, str | None]]:
    return [(turn.user, turn.assistant) for turn in turns_of(conversation)]


def readers(shared: Path, name: str) -> set[str]:
    return {read(s).reader for s in spans_of_capture(shared / "data" / "otlp" / name)}


@pytest.mark.parametrize("name", ALL)
def test_old_and_new_versions_of_a_library_have_one_reader(shared: Path, name: str):
    stem = name.removesuffix("_latest").removesuffix("_1_2")

    assert readers(shared, name) == {stem}


def test_a_capture_without_content_has_null_and_says_what_that_limits(capture: Capture):
    found = capture("google_adk")[TUESDAY]
    turns = turns_of(found)

    assert len(turns) == 5
    assert {(t.user, t.assistant, t.user_id, t.error) for t in turns} == {(None, None, None, None)}
    assert {(c.arguments, c.arguments_raw, c.result, c.error) for c in found.tool_calls} == {
        (None, None, None, None)
    }
    assert [c.name for c in found.tool_calls][-2:] == ["issue_refund", "check_status"]
    assert all(c.requested and c.id for c in found.tool_calls)
    assert found.system_prompt is None
    assert total_usage(found.model_calls).output_tokens == 185
    fidelity = judge(found)
    missing = {axis.name for axis in fidelity.axes if axis.status == "missing"}
    assert missing == {
        "user_turns", "assistant_text", "tool_calls", "tool_results", "tool_effects",
        "system_prompt",
    }  # fmt: skip
    assert "CAPTURE_MESSAGE_CONTENT" in fidelity.axis("user_turns").detail


@pytest.mark.parametrize("name", ["google_adk", "google_adk_latest"])
def test_a_span_for_merged_tools_is_no_tool_call(capture: Capture, name: str):
    calls = capture(name)["sess-err-01"].tool_calls

    assert [c.name for c in calls] == ["check_status"] * 3
    assert [c.id for c in calls][1:] == ["call_tool_error_2_1_1", "call_tool_error_2_1_2"]


@pytest.mark.parametrize("name", ["google_adk", "google_adk_latest"])
def test_a_model_that_is_named_with_its_provider_has_its_own_name(capture: Capture, name: str):
    found = capture(name)[TUESDAY]

    assert {call.model for call in found.model_calls} == {"gpt-4o-mini"}
    assert found.model_calls[0].cost is not None


def test_a_library_that_adds_to_the_system_prompt_is_quoted_as_it_is(capture: Capture):
    prompt = capture("google_adk_latest")[TUESDAY].system_prompt or ""

    assert prompt.startswith("You are the support agent of Kettle & Co.")
    assert prompt.endswith('Your internal name is "shop_support".')


@pytest.mark.parametrize(
    "name", ["google_adk_latest", "strands", "strands_latest", "livekit", "livekit_1_2", "pipecat"]
)
def test_an_error_that_the_agent_handled_is_an_error_whatever_its_span_says(
    capture: Capture, name: str
):
    [first, second] = turns_of(capture(name)["sess-err-01"])

    [call] = first.tool_calls
    expected = "internal error" if name.startswith("livekit") else "no order 'Z-9999'"
    assert expected in (call.error or "")
    assert (call.result, call.answered) == (None, True)
    assert (first.had_errors, first.error) == (True, None)
    assert (second.had_errors, len(second.tool_calls)) == (False, 2)


def test_chunks_of_a_stream_are_one_answer(capture: Capture):
    first, last = turns_of(capture("google_adk_latest")["sess-stream-02"])

    assert first.assistant == "C-3002 has shipped; it is due on March 9 ✅"
    assert [call.arguments for call in first.tool_calls] == [{"order_id": "C-3002"}]
    assert last.assistant == "Thank you for the 5 stars!"
    assert [call.streamed for call in first.model_calls] == [True, True]


@pytest.mark.parametrize("name", ["strands", "strands_latest"])
def test_usage_of_an_agents_whole_life_is_not_the_turns(capture: Capture, name: str):
    found = capture(name)

    total = [total_usage(conversation.model_calls) for conversation in found.values()]
    assert sum(usage.input_tokens for usage in total) == 6_650
    assert [t.usage.input_tokens for t in turns_of(found[TUESDAY])] == [305, 257, 735, 1040, 1336]


@pytest.mark.parametrize("name", ["strands", "strands_latest"])
def test_a_line_end_that_the_library_adds_is_not_part_of_the_answer(capture: Capture, name: str):
    answers = [turn.assistant or "" for turn in turns_of(capture(name)[TUESDAY])]

    assert not any(answer.endswith("\n") for answer in answers)
    assert "cannot be undone.\nA colleague" in answers[4]


@pytest.mark.parametrize("name", ["strands", "strands_latest"])
def test_a_librarys_version_is_not_the_agents(capture: Capture, name: str):
    found = capture(name)[TUESDAY]

    assert (found.agent_name, found.agent_version) == ("shop-support", None)
    assert {call.agent for call in found.tool_calls} == {"shop-support"}
    assert found.tags == ("prod", "tuesday")
    assert [tool.name for tool in found.tools] == ["check_status", "issue_refund"]
    assert all(tool.parameters and tool.description for tool in found.tools)


@pytest.mark.parametrize(
    ("old", "new"),
    [("strands", "strands_latest"), ("livekit_1_2", "livekit")],
)
def test_content_in_events_and_in_attributes_tells_the_same(capture: Capture, old: str, new: str):
    one, other = capture(old), capture(new)

    for session in (TUESDAY, "sess-err-01", "sess-stream-02", "sess-shared-03"):
        assert words(one[session]) == words(other[session])
        assert [(c.id, c.arguments, c.result) for c in one[session].tool_calls] == [
            (c.id, c.arguments, c.result) for c in other[session].tool_calls
        ]


@pytest.mark.parametrize("name", ["livekit", "livekit_1_2", "pipecat"])
def test_one_trace_a_talk_has_its_turns(capture: Capture, name: str):
    found = capture(name)

    assert [len(c.trace_ids) for c in found.values()] == [1] * 5
    assert len(turns_of(found[TUESDAY])) == 5
    assert {t.usage.output_tokens is None for t in turns_of(found[TUESDAY])} == {False}


@pytest.mark.parametrize("name", ["livekit", "livekit_1_2", "pipecat"])
def test_a_talk_stands_while_its_root_is_still_to_come(shared: Path, name: str):
    spans = spans_in(shared, name)
    early = told([s for s in spans if s.parent_span_id is not None])

    assert words(early) == words(told(spans))
    assert [c.result for c in early.tool_calls] == [c.result for c in told(spans).tool_calls]


@pytest.mark.parametrize("name", ["livekit", "livekit_1_2", "pipecat"])
def test_a_turn_begins_with_its_words_not_with_the_wait_for_them(capture: Capture, name: str):
    for conversation in capture(name).values():
        for turn in turns_of(conversation):
            first = turn.model_calls[0]
            assert (first.started_at - turn.started_at).total_seconds() < 0.1


@pytest.mark.parametrize("name", ["livekit", "livekit_1_2"])
def test_results_that_python_wrote_are_data(capture: Capture, name: str):
    third = turns_of(capture(name)[TUESDAY])[2]

    assert third.tool_calls[0].result == {
        "order_id": "A-1002", "item": "desk lamp", "status": "packed", "eta": None,
        "total": 19.99,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["livekit", "livekit_1_2", "pipecat"])
def test_a_user_that_is_named_for_the_session_stands_for_all_its_turns(capture: Capture, name: str):
    turns = turns_of(capture(name)["sess-shared-03"])

    assert [turn.user_id for turn in turns] == ["user-eva"] * 3


def test_a_talk_without_a_session_of_its_own_has_its_librarys(capture: Capture):
    [alone] = [c for c in capture("livekit").values() if c.session_id is None]
    named = set(capture("pipecat")) - {TUESDAY, "sess-err-01", "sess-stream-02", "sess-shared-03"}

    assert (alone.kind, len(turns_of(alone))) == ("trace", 1)
    assert len(named) == 1


def test_tools_without_spans_are_told_by_the_next_call(shared: Path, capture: Capture):
    found = capture("pipecat")["sess-err-01"]
    spans = spans_in(shared, "pipecat", "sess-err-01")

    assert not [s for s in spans if read(s).kind == "tool"]
    assert [(c.id, c.arguments) for c in found.tool_calls] == [
        ("call_tool_error_1_1_1", {"order_id": "Z-9999"}),
        ("call_tool_error_2_1_1", {"order_id": "C-3001"}),
        ("call_tool_error_2_1_2", {"order_id": "C-3002"}),
    ]
    assert all(call.requested and call.span_id is None for call in found.tool_calls)


@pytest.mark.parametrize("name", [n for n in ALL if n != "google_adk"])
def test_parallel_calls_are_one_group(capture: Capture, name: str):
    turn = turns_of(capture(name)["sess-err-01"])[1]

    assert [call.arguments["order_id"] for call in turn.tool_calls] == ["C-3001", "C-3002"]
    assert len({call.group for call in turn.tool_calls}) == 1
    assert turn.tool_calls[0].group is not None


def test_the_model_that_answered_is_not_the_one_asked_for(capture: Capture):
    calls = capture("pipecat")[TUESDAY].model_calls

    assert {call.model for call in calls} == {"gpt-4o-mini"}
    assert [call.model_response for call in calls][:2] == [None, "gpt-4o-mini-2024-07-18"]


@pytest.mark.parametrize("name", ["strands", "strands_latest", "livekit", "livekit_1_2", "pipecat"])
def test_first_tokens_are_in_milliseconds_whatever_the_unit(capture: Capture, name: str):
    for call in capture(name)[TUESDAY].model_calls:
        whole = (call.ended_at - call.started_at).total_seconds() * 1000
        assert 50 < call.time_to_first_token_ms < whole
        assert call.streamed is True


@pytest.mark.parametrize("name", ALL)
def test_cached_tokens_are_there(capture: Capture, name: str):
    calls = capture(name)[TUESDAY].model_calls

    assert calls[0].usage.cached_input_tokens == 0
    assert 90 < calls[2].usage.cached_input_tokens < 150
