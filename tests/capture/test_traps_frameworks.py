"""The traps of agent frameworks and gateways, each with the capture that shows it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from reenact.capture.assembly import assemble
from reenact.capture.dialects import dialects, read
from reenact.capture.facts import facts_of
from reenact.capture.reading import Reading
from reenact.domain.conversation import Conversation, Usage
from reenact.domain.span import Span
from reenact.domain.turn import Turn, total_usage, turns_of
from support.captures import spans_of_capture
from support.conformance import captured

Told = dict[str | None, Conversation]


@pytest.fixture
def capture(shared: Path) -> Callable[[str], Told]:
    """A capture's conversations, by session id."""

    def of(name: str) -> Told:
        found = captured(shared / "data" / "otlp" / name, "shop")
        return {conversation.session_id: conversation for conversation in found}

    return of


def spans_in(shared: Path, name: str) -> list[Span]:
    return spans_of_capture(shared / "data" / "otlp" / name)


def talk(spans: Sequence[Span], session: str, read: Callable[[Span], Reading] = read) -> list[Turn]:
    traces = {s.trace_id for s in spans if read(s).session_id == session}
    chosen = [s for s in spans if s.trace_id in traces]
    found = assemble(chosen, project="shop", kind="session", session_id=session, read=read)
    return list(turns_of(found))


def user_texts(conversation: Conversation) -> list[str | None]:
    return [turn.user for turn in turns_of(conversation)]


def without_tools(spans: Sequence[Span]) -> list[Span]:
    return [s for s in spans if read(s).kind != "tool"]


# LlamaIndex


def test_a_span_that_only_prepares_a_model_call_is_none(shared: Path, capture):
    kinds = [read(s).kind for s in spans_in(shared, "llamaindex_oi")]
    counted = [c for found in capture("llamaindex_oi").values() for c in found.model_calls]

    assert kinds.count("model") == 46
    assert len(counted) == 23


def test_the_repr_of_an_object_is_not_what_was_said(capture):
    [first, *_] = turns_of(capture("llamaindex_oi")["sess-tue-4711"])

    assert first.assistant == "Your blue kettle (A-1001) has shipped and should arrive on March 5."
    assert capture("llamaindex_oi")["sess-tue-4711"].agent_name == "shop-support"


def test_a_python_dict_in_a_history_is_a_result(shared: Path):
    [first, *_] = talk(without_tools(spans_in(shared, "llamaindex_oi")), "sess-tue-4711")

    [call] = first.tool_calls
    assert call.result == {
        "order_id": "A-1001",
        "item": "blue kettle",
        "status": "shipped",
        "eta": "2026-03-05",
        "total": 34.5,
    }


@pytest.mark.parametrize("name", ["llamaindex_oi", "traceloop_openai_0_40"])
def test_streamed_calls_without_tokens_have_none(capture, name: str):
    calls = capture(name)["sess-stream-02"].model_calls

    assert [call.usage for call in calls] == [Usage()] * 3
    assert all(call.streamed and call.time_to_first_token_ms for call in calls)
    assert capture(name)["sess-tue-4711"].model_calls[0].streamed is False


# smolagents


def test_a_final_answer_is_said_and_is_no_tool(capture):
    found = capture("smolagents_oi")["sess-tue-4711"]
    turns = turns_of(found)

    assert turns[1].assistant == (
        "I can't redirect a parcel that has left the warehouse, sorry. The courier's app can."
    )
    assert [[call.name for call in turn.tool_calls] for turn in turns] == [
        ["check_status"], [], ["check_status"], ["issue_refund"], ["check_status"],
    ]  # fmt: skip
    assert [tool.name for tool in found.tools] == ["check_status", "issue_refund"]


def test_a_final_answer_is_said_also_before_its_root_comes(shared: Path):
    early = [s for s in spans_in(shared, "smolagents_oi") if s.parent_span_id is not None]
    turns = talk(early, "sess-tue-4711")

    assert turns[3].user == "And what is happening with A-1003? I only want to know where it is."
    assert turns[3].assistant == "I have refunded $49.90 for order A-1003."


def test_what_a_memory_observed_was_not_said_by_the_user(shared: Path, capture):
    told = [
        message
        for s in spans_in(shared, "smolagents_oi")
        for message in read(s).messages_in
        if message.role == "user"
    ]

    truth = {words for found in capture("smolagents_oi").values() for words in user_texts(found)}
    listed = {facts_of(s).user_text for s in spans_in(shared, "smolagents_oi")} - {None}

    assert len(told) > 40
    assert listed == truth
    assert not any((m.text or "").startswith(("Observation", "New task", "Error")) for m in told)


def test_tokens_that_a_run_sums_up_are_counted_once(shared: Path, capture):
    found = capture("smolagents_oi").values()
    runs = [s for s in spans_in(shared, "smolagents_oi") if read(s).kind == "agent"]

    assert sum(total_usage(c.model_calls).input_tokens for c in found) == 30_381
    assert sum(s.attributes["llm.token_count.prompt"] for s in runs) > 60_000


def test_a_failed_call_is_known_from_a_memory_alone(shared: Path):
    turns = talk(without_tools(spans_in(shared, "smolagents_oi")), "sess-err-01")

    [failed] = turns[0].tool_calls
    assert (failed.name, failed.arguments) == ("check_status", {"order_id": "Z-9999"})
    assert failed.error == "OrderNotFound: no order 'Z-9999' in the shop database"
    assert [call.result["status"] for call in turns[1].tool_calls] == ["processing", "shipped"]


def test_cached_tokens_and_the_answering_model_stand_in_a_repr(capture):
    call = capture("smolagents_oi")["sess-stream-02"].model_calls[-1]

    assert (call.model, call.model_response) == ("gpt-4o-mini", "gpt-4o-mini-2024-07-18")
    assert (call.usage.cached_input_tokens, call.usage.reasoning_tokens) == (624, 0)


# LiteLLM


def test_a_gateway_that_knows_no_session_is_joined_by_histories(shared: Path):
    found = captured(shared / "data" / "otlp" / "litellm_otel", "shop")

    # The three turns of two users are kept apart: only calls of one user are joined.
    assert sorted((len(c.trace_ids), len(turns_of(c))) for c in found) == [
        (1, 1), (2, 1), (2, 1), (2, 1), (3, 2), (4, 2), (9, 5),
    ]  # fmt: skip
    assert {c.session_id for c in found} == {None}


def test_calls_without_ids_are_told_theirs_by_the_next_input(shared: Path):
    found = captured(shared / "data" / "otlp" / "litellm_otel", "shop")
    [turn] = [
        t for c in found for t in turns_of(c) if t.user == "Sorry, I meant C-3001 and C-3002."
    ]

    assert [(call.id, call.arguments, call.result["status"]) for call in turn.tool_calls] == [
        ("call_tool_error_2_1_1", {"order_id": "C-3001"}, "processing"),
        ("call_tool_error_2_1_2", {"order_id": "C-3002"}, "shipped"),
    ]
    assert len({call.group for call in turn.tool_calls} - {None}) == 1


def test_a_raw_request_repeats_a_call_and_is_none(shared: Path):
    raw = [s for s in spans_in(shared, "litellm_otel") if s.name == "raw_gen_ai_request"]

    assert len(raw) == 23
    assert all(read(s).phantom for s in raw)


def test_a_gateway_states_cost_cache_and_streaming(shared: Path):
    found = captured(shared / "data" / "otlp" / "litellm_otel", "shop")
    [streamed] = [c for c in found if c.items[0].author == "user-dora"]
    call = streamed.model_calls[-1]

    assert (call.cost.amount, call.cost.source) == (3.1349999999999996e-05, "telemetry")
    assert (call.usage.cached_input_tokens, call.streamed) == (96, True)
    assert [tool.name for tool in streamed.tools] == ["check_status", "issue_refund"]


# LangSmith


def test_settings_of_the_process_never_become_metadata(shared: Path, capture):
    spans = spans_in(shared, "langsmith_otel")
    kept = [read(s).metadata for s in spans]

    assert all("langsmith.metadata.LANGSMITH_ENDPOINT" in s.attributes for s in spans)
    assert {key for one in kept for key in one} == {"channel", "plan"}
    assert capture("langsmith_otel")["sess-tue-4711"].tags == ("prod", "tuesday")


def test_a_session_name_that_is_a_project_is_no_session(capture):
    found = capture("langsmith_otel")

    assert "shop" not in found
    assert found[None].agent_name == "shop-support"


def test_token_details_that_are_python_dicts_are_read(capture):
    call = capture("langsmith_otel")["sess-err-01"].model_calls[-1]

    assert call.usage == Usage(
        input_tokens=385, output_tokens=20, cached_input_tokens=192, reasoning_tokens=0
    )


def test_an_error_is_told_without_its_traceback(capture):
    [failed] = turns_of(capture("langsmith_otel")["sess-err-01"])[0].tool_calls

    assert failed.error == "OrderNotFound: no order 'Z-9999' in the shop database"


# Traceloop and Langfuse, old and new


def test_two_agents_one_inside_of_the_other_are_one_turn(capture):
    found = capture("traceloop_langchain")["sess-tue-4711"]

    assert len(turns_of(found)) == len(found.trace_ids) == 5
    assert found.metadata == {"channel": "web", "plan": "gold"}


def test_a_constructor_that_holds_a_message_gives_its_content(shared: Path):
    tools = [r for s in spans_in(shared, "traceloop_langchain") if (r := read(s)).kind == "tool"]

    assert [r.tool_arguments for r in tools][:2] == [{"order_id": "A-1001"}, {"order_id": "A-1002"}]
    assert [r.tool_call_id for r in tools][:1] == ["call_refund_bug_1_1_1"]
    assert tools[0].tool_result["item"] == "blue kettle"


def test_a_streamed_call_without_an_id_is_told_it_by_the_next_call(capture):
    [call] = turns_of(capture("langfuse_3")["sess-stream-02"])[0].tool_calls

    assert call.id == "call_streaming_1_1_1"
    assert call.span_id is not None


# Unknown libraries


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("smolagents_oi", {"smolagents"}),
        ("smolagents_oi", {"smolagents", "openinference"}),
        ("llamaindex_oi", {"llamaindex", "openinference"}),
        ("langsmith_otel", {"langsmith", "otel_genai"}),
        ("traceloop_openai_0_40", {"traceloop", "otel_genai"}),
        ("traceai_openai", {"traceai"}),
        ("litellm_otel", {"litellm"}),
    ],
)
def test_a_library_without_a_reader_still_gives_what_was_said(
    shared: Path, name: str, hidden: set[str]
):
    among = [dialect for dialect in dialects() if dialect.name not in hidden]
    assert len(among) == len(dialects()) - len(hidden)
    known = partial(read, among=among)
    truth = json.loads((shared / "data" / "otlp" / name / "expected.json").read_text())
    spans = [_with_trace_as_session(s) for s in spans_in(shared, name)]
    sessions = {known(s).session_id for s in spans} - {None}
    said = [(t.user, t.assistant) for session in sessions for t in talk(spans, session, known)]

    for session in truth["sessions"]:
        for turn in session["turns"]:
            assert (turn["user"], turn["assistant"]) in said


def _with_trace_as_session(span: Span) -> Span:
    """Return `span` in a session of its trace: so each is read alone, its words all its own."""
    return replace(span, attributes={**span.attributes, "session.id": span.trace_id})
