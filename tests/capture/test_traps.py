"""The traps of real telemetry, each with the capture that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from reenact.capture.assembly import assemble
from reenact.capture.conversations import Conversations
from reenact.capture.dialects import read
from reenact.domain.conversation import Conversation, Message
from reenact.domain.span import Span
from reenact.domain.turn import total_usage, turns_of
from reenact.store.spans import SpanStore, open_span_store
from support.captures import spans_of_capture
from support.conformance import captured
from support.ingesting import ingest
from support.telling import root, span


@pytest.fixture
def store(tmp_path: Path):
    found = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    yield found
    found.close()


@pytest.fixture
def capture(shared: Path):
    """A capture's conversations, by session id."""

    def of(name: str) -> dict[str | None, Conversation]:
        found = captured(shared / "data" / "otlp" / name, "shop")
        return {conversation.session_id: conversation for conversation in found}

    return of


def spans_in(shared: Path, name: str) -> list[Span]:
    return spans_of_capture(shared / "data" / "otlp" / name)


def talk(spans: list[Span], session: str = "sess-tue-4711") -> Conversation:
    traces = {s.trace_id for s in spans if read(s).session_id == session}
    chosen = [s for s in spans if s.trace_id in traces]
    return assemble(chosen, project="shop", kind="session", session_id=session)


def user_texts(conversation: Conversation) -> list[str | None]:
    return [turn.user for turn in turns_of(conversation)]


@pytest.mark.parametrize("name", ["vercel_ai", "pydantic_ai_logfire", "oi_pydantic_ai"])
def test_usage_that_a_parent_repeats_is_counted_once(capture, name: str):
    found = capture(name).values()

    total = [total_usage(conversation.model_calls) for conversation in found]
    assert sum(usage.input_tokens for usage in total) < 6_600
    assert sum(len(conversation.model_calls) for conversation in found) == 23


def test_a_history_that_every_call_repeats_is_told_once(capture):
    found = capture("oi_openai_bare")["sess-tue-4711"]

    said = [i.text for i in found.items if isinstance(i, Message) and i.role == "user"]
    assert len(said) == len(set(said)) == 5


def test_a_scrubbed_session_id_is_no_session_id(capture):
    alone = span(1, session=None, session__id="[Scrubbed due to 'session']")

    assert read(alone).session_id is None
    assert set(capture("pydantic_ai_logfire")) >= {"sess-tue-4711", "sess-shared-03"}


def test_one_trace_a_call_and_one_trace_a_turn_tell_the_same(capture):
    bare = capture("oi_openai_bare")["sess-tue-4711"]
    rooted = capture("oi_openai_rooted")["sess-tue-4711"]

    assert (len(bare.trace_ids), len(rooted.trace_ids)) == (9, 5)
    assert [(t.user, t.assistant) for t in turns_of(bare)] == [
        (t.user, t.assistant) for t in turns_of(rooted)
    ]
    assert [c.arguments for c in bare.tool_calls] == [c.arguments for c in rooted.tool_calls]


@pytest.mark.parametrize("name", ["oi_openai_rooted", "langfuse", "vercel_ai", "oi_langgraph"])
def test_turns_stand_while_their_roots_are_still_to_come(shared: Path, name: str):
    spans = spans_in(shared, name)
    early = talk([s for s in spans if s.parent_span_id is not None])

    assert user_texts(early) == user_texts(talk(spans))
    assert [t.assistant for t in turns_of(early)] == [t.assistant for t in turns_of(talk(spans))]


def test_the_same_words_twice_are_two_turns():
    spans = [
        root(1, trace="a", input__value="x", gen_ai__input__messages="Is it there?",
             gen_ai__output__messages="No."),
        root(9, trace="b", gen_ai__input__messages="Is it there?",
             gen_ai__output__messages="Yes."),
    ]  # fmt: skip
    found = turns_of(assemble(spans, project="p", kind="session", session_id="s1"))

    assert [(t.user, t.assistant) for t in found] == [
        ("Is it there?", "No."),
        ("Is it there?", "Yes."),
    ]


def test_a_redacted_error_is_still_an_error(capture):
    turn = turns_of(capture("oi_openai_agents")["sess-err-01"])[0]

    [call] = turn.tool_calls
    assert "redacted" in (call.error or "")
    assert call.result is None
    assert turn.had_errors
    assert turn.error is None


def test_traces_without_a_session_are_joined_by_their_histories(shared: Path, store: SpanStore):
    hidden = [
        replace(s, attributes={k: v for k, v in s.attributes.items() if k != "session.id"})
        for s in spans_in(shared, "oi_openai_bare")
    ]
    ingest(hidden, store=store, project="shop")
    found = [recording.conversation for recording in Conversations(store).list("shop")]

    # The three turns of two users are kept apart: only calls of one user are joined.
    assert sorted(len(c.trace_ids) for c in found) == [1, 2, 2, 2, 3, 4, 9]
    longest = max(found, key=lambda c: len(c.trace_ids))
    assert (longest.kind, longest.session_id) == ("trace", None)
    assert longest.id == f"trace:{longest.trace_ids[0]}"
    assert len(turns_of(longest)) == 5


def test_histories_that_keep_only_what_was_said_are_joined_too(shared: Path, store: SpanStore):
    stripped = [
        replace(
            s, attributes={k: v for k, v in s.attributes.items() if not k.endswith("sessionId")}
        )
        for s in spans_in(shared, "vercel_ai")
    ]
    ingest(stripped, store=store, project="shop")
    found = [recording.conversation for recording in Conversations(store).list("shop")]

    assert len(turns_of(max(found, key=lambda c: len(c.trace_ids)))) == 5


def test_a_bare_argument_gets_its_name_from_the_model_call(capture):
    first = turns_of(capture("oi_langgraph")["sess-tue-4711"])[0]

    assert [call.arguments for call in first.tool_calls] == [{"order_id": "A-1001"}]


def test_a_serialised_tool_message_gives_its_content(capture):
    first = turns_of(capture("oi_langgraph")["sess-tue-4711"])[0]

    assert first.tool_calls[0].result["item"] == "blue kettle"


def test_a_streamed_call_without_output_is_told_by_the_next_call(capture):
    first = turns_of(capture("traceai_openai")["sess-stream-02"])[0]

    [call] = first.tool_calls
    assert (call.id, call.arguments) == ("call_streaming_1_1_1", {"order_id": "C-3002"})
    assert call.requested
    assert first.assistant == "C-3002 has shipped; it is due on March 9 ✅"
    assert first.time_to_first_token_ms


def test_a_dispatcher_span_runs_for_the_call_that_it_holds(capture):
    first = turns_of(capture("oi_anthropic")["sess-tue-4711"])[0]

    [call] = first.tool_calls
    assert (call.name, call.arguments) == ("check_status", {"order_id": "A-1001"})
    assert call.span_id is not None


@pytest.mark.parametrize("name", ["oi_openai_rooted", "oi_langgraph", "pydantic_ai_logfire"])
def test_parallel_calls_stand_as_they_were_requested(capture, name: str):
    turn = turns_of(capture(name)["sess-err-01"])[1]

    assert [call.arguments["order_id"] for call in turn.tool_calls] == ["C-3001", "C-3002"]
    assert len({call.group for call in turn.tool_calls}) == 1
    assert turn.tool_calls[0].group is not None


def test_a_session_of_two_users_keeps_both(capture):
    turns = turns_of(capture("vercel_ai_json")["sess-shared-03"])

    assert [turn.user_id for turn in turns] == ["user-eva", "user-finn", "user-eva"]


@pytest.mark.parametrize(
    "name",
    ["oi_openai_llmerror", "vercel_ai_llmerror", "langfuse_llmerror",
     "otel_openai_v2_latest_llmerror"],
)  # fmt: skip
def test_a_failed_model_call_is_the_error_of_its_turn(capture, name: str):
    [found] = capture(name).values()
    failed = turns_of(found)[1]

    assert failed.assistant is None
    assert failed.error
    assert [turn.assistant is None for turn in turns_of(found)] == [False, True, False]
    assert turns_of(found)[2].user == "Hello? Are you still there?"


def test_cost_is_computed_where_the_telemetry_states_none(capture):
    stated = capture("pydantic_ai_logfire")["sess-tue-4711"].model_calls[0].cost
    computed = capture("oi_openai_rooted")["sess-tue-4711"].model_calls[0].cost

    assert (stated.amount, stated.source) == (2.58e-05, "telemetry")
    assert (computed.amount, computed.source) == (2.58e-05, "computed")


def test_what_the_session_is_about_is_kept(capture):
    for name in ("oi_openai_rooted", "langfuse", "traceai_openai", "oi_langgraph"):
        found = capture(name)["sess-tue-4711"]
        assert found.metadata == {"channel": "web", "plan": "gold"}, name
        assert found.tags == ("prod", "tuesday"), name
        assert found.agent_version == "support-v7", name
        assert [tool.name for tool in found.tools] == ["check_status", "issue_refund"], name
        assert found.tools[0].parameters["required"] == ["order_id"], name


def test_sessions_that_run_at_the_same_time_are_told_apart(shared: Path):
    spans = spans_in(shared, "oi_openai_rooted")
    # As if all had been talked at once: every trace begins when the first one did.
    first = min(s.start_ns for s in spans)
    began: dict[str, int] = {}
    for one in spans:
        began[one.trace_id] = min(began.get(one.trace_id, one.start_ns), one.start_ns)
    order = {trace: n for n, trace in enumerate(sorted(began, key=began.__getitem__))}
    together = [
        replace(
            s,
            start_ns=s.start_ns - began[s.trace_id] + first + order[s.trace_id],
            end_ns=s.end_ns - began[s.trace_id] + first + order[s.trace_id],
        )
        for s in spans
    ]
    for session in ("sess-tue-4711", "sess-shared-03", "sess-err-01"):
        apart = talk(together, session)
        assert user_texts(apart) == user_texts(talk(spans, session))
        assert [c.arguments for c in apart.tool_calls] == [
            c.arguments for c in talk(spans, session).tool_calls
        ]


@pytest.mark.parametrize("name", ["pipecat", "livekit"])
def test_a_session_that_only_the_root_names_holds_for_all_its_spans(shared: Path, name: str):
    spans = spans_in(shared, name)
    named = {s.span_id for s in spans if read(s).session_id == "sess-tue-4711"}
    [root_id] = {s.span_id for s in spans if s.parent_span_id is None and s.span_id in named}
    trace = next(s.trace_id for s in spans if s.span_id == root_id)
    only_root = [
        s if s.span_id == root_id else replace(
            s, attributes={k: v for k, v in s.attributes.items() if "session" not in k}
        )
        for s in spans
        if s.trace_id == trace
    ]  # fmt: skip
    found = assemble(only_root, project="p", kind="session", session_id="sess-tue-4711")
    assert len([turn for turn in turns_of(found) if turn.index]) == 5
