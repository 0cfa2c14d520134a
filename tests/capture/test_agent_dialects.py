"""What the readers of agent and voice frameworks must know: ADK, Strands, LiveKit, Pipecat."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reenact.capture.assembly import assemble
from reenact.capture.dialects import read
from reenact.capture.facts import facts_of
from reenact.capture.reading import Reading, WireCall, WireMessage, WireResult
from reenact.domain.conversation import Usage
from reenact.domain.span import Span, SpanEvent
from reenact.domain.turn import turns_of
from support.telling import span

ADK = "gcp.vertex.agent"
STRANDS = "strands.telemetry.tracer"
LIVEKIT = "livekit-agents"
DETAILS = "gen_ai.client.inference.operation.details"


def event(name: str, /, **attributes: Any) -> SpanEvent:
    named = {key.replace("__", "."): value for key, value in attributes.items()}
    return SpanEvent(name=name, time_ns=1, attributes=named)


def blocks(*found: dict[str, Any]) -> str:
    return json.dumps(found)


def adk_tool(**given: Any) -> Reading:
    return read(span(1, scope=ADK, gen_ai__operation__name="execute_tool", **given))


def livekit(name: str, **given: Any) -> Reading:
    return read(span(1, scope=LIVEKIT, name=name, **given))


def pipecat(name: str, **given: Any) -> Reading:
    return read(span(1, scope="pipecat", name=name, **given))


def strands_tool(*events: SpanEvent, **given: Any) -> Reading:
    given.setdefault("gen_ai__tool__name", "check")
    return read(
        span(1, scope=STRANDS, gen_ai__operation__name="execute_tool", events=events, **given)
    )


@pytest.mark.parametrize("scope", [ADK, STRANDS, LIVEKIT, "pipecat", "pipecat.turn"])
def test_a_span_of_a_known_scope_needs_no_other_key(scope: str):
    found = read(span(1, scope=scope, langfuse__observation__type="span"))

    assert found.reader in ("google_adk", "strands", "livekit", "pipecat")


# Google ADK


def test_adk_merged_tools_are_a_phantom():
    assert adk_tool(gen_ai__tool__name="(merged tools)").phantom
    assert not adk_tool(gen_ai__tool__name="check").phantom


@pytest.mark.parametrize(
    ("asked", "provider", "model"),
    [
        ("openai/gpt-4o-mini", "openai", "gpt-4o-mini"),
        ("openrouter/anthropic/claude", "openrouter", "anthropic/claude"),
        ("gemini-2.5-flash", "gcp.vertex_ai", "gemini-2.5-flash"),
        ("anthropic/claude", None, "anthropic/claude"),
    ],
)
def test_adk_model_names_lose_their_own_provider_only(asked: str, provider: str, model: str):
    given = {"gen_ai.provider.name": provider} if provider else {}
    found = read(
        span(1, scope=ADK, gen_ai__operation__name="generate_content",
             gen_ai__request__model=asked, **given),
    )  # fmt: skip

    assert found.model == model


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": "error", "error_message": "no such order"}, "no such order"),
        ({"status": "error", "error": "no such order"}, "no such order"),
        ({"status": "error", "code": 7}, '{"code":7,"status":"error"}'),
        ({"error": "no such order"}, "no such order"),
        ({"error": {"code": 7}}, '{"error":{"code":7}}'),
        ({"error": None}, None),
        ({"error": "none found", "rows": []}, None),
        ({"status": "success", "error": "x"}, None),
        ({"result": "error"}, None),
    ],
)
def test_adk_answers_that_say_they_failed_are_errors(answer: Any, error: str | None):
    found = adk_tool(gen_ai__tool__name="check", gen_ai__tool__call__result=json.dumps(answer))

    assert found.error == error
    assert found.tool_result == (None if error else answer)
    assert found.tool_answered == (error is None)


def test_adk_stand_ins_for_content_that_was_not_captured_are_nothing():
    own = {
        "gcp.vertex.agent.tool_call_args": "{}",
        "gcp.vertex.agent.tool_response": "{}",
        "gen_ai.tool.call.id": "<not specified>",
    }
    found = adk_tool(gen_ai__tool__name="check", **own)

    assert (found.tool_arguments, found.tool_result, found.tool_call_id) == (None, None, None)
    assert not found.tool_answered


def test_adk_version_1_wrote_what_gemini_was_asked_and_answered():
    request = {
        "config": {
            "system_instruction": "Be kind.",
            "tools": [{"function_declarations": [{"name": "check", "description": "Look."}]}],
        },
        "contents": [
            {"role": "user", "parts": [{"text": "Where?"}]},
            {"role": "model", "parts": [{"text": "Hm.", "thought": True},
                                        {"function_call": {"id": "c1", "name": "check",
                                                           "args": {"id": "A-1"}}}]},
            {"role": "user", "parts": [{"function_response": {
                "id": "c1", "name": "check", "response": {"error": "no such order"}}}]},
        ],
    }  # fmt: skip
    answer = {
        "content": {"role": "model", "parts": [{"text": "There is none."}]},
        "usage_metadata": {"prompt_token_count": 9, "candidates_token_count": 4,
                           "cached_content_token_count": 2, "thoughts_token_count": 1},
    }  # fmt: skip
    own = {
        "gcp.vertex.agent.llm_request": json.dumps(request),
        "gcp.vertex.agent.llm_response": json.dumps(answer),
        "gcp.vertex.agent.session_id": "s7",
    }
    found = read(span(1, scope=ADK, name="call_llm", session=None, **own))

    assert (found.kind, found.session_id, found.system_prompt) == ("model", "s7", "Be kind.")
    assert [tool.name for tool in found.tools] == ["check"]
    assert found.messages_in == (
        WireMessage(role="user", text="Where?"),
        WireMessage(
            role="assistant", calls=(WireCall(name="check", id="c1", arguments={"id": "A-1"}),)
        ),
        WireMessage(
            role="tool",
            results=(WireResult(id="c1", name="check", content="no such order", failed=True),),
        ),
    )
    assert [m.text for m in found.messages_out] == ["There is none."]
    assert found.usage == Usage(
        input_tokens=9, output_tokens=4, cached_input_tokens=2, reasoning_tokens=1
    )


def adk_output(*messages: dict[str, Any]) -> Reading:
    return read(
        span(1, scope=ADK, gen_ai__operation__name="generate_content",
             gen_ai__output__messages=json.dumps(messages)),
    )  # fmt: skip


def test_adk_chunks_of_a_stream_and_the_whole_after_them_are_one_answer():
    def part(text: str) -> dict[str, Any]:
        return {"role": "assistant", "parts": [{"type": "text", "content": text}]}

    whole = adk_output(part("It "), part("is "), part("sent."), part("It is sent."))
    broken_off = adk_output(part("It "), part("is "))
    once = adk_output(part("It is sent."))

    assert [m.text for m in whole.messages_out] == ["It is sent."]
    assert [m.text for m in broken_off.messages_out] == ["It is "]
    assert (whole.streamed, broken_off.streamed, once.streamed) == (True, True, None)


def test_adk_chunks_of_a_call_are_one_call():
    def asks(arguments: Any) -> dict[str, Any]:
        part = {"type": "tool_call", "id": "c1", "name": "check", "arguments": arguments}
        return {"role": "assistant", "parts": [part]}

    [message] = adk_output(asks(None), asks(None), asks({"id": "A-1"})).messages_out
    assert [(c.id, c.arguments) for c in message.calls] == [("c1", {"id": "A-1"})]


# Strands


def test_strands_messages_are_bedrocks_blocks_in_events():
    asked = {"toolUse": {"toolUseId": "c1", "name": "check", "input": {"id": "A-1"}}}
    given = {
        "toolResult": {"toolUseId": "c1", "status": "error", "content": [{"text": "Error: none"}]}
    }
    found = read(
        span(1, scope=STRANDS, gen_ai__operation__name="chat", events=(
            event("gen_ai.system.message", content=blocks({"text": "Be kind."})),
            event("gen_ai.user.message", content=blocks({"text": "Where?"})),
            event("gen_ai.assistant.message", content=blocks({"text": "Let me look."}, asked)),
            event("gen_ai.tool.message", content=blocks(given)),
            event("gen_ai.choice", message=blocks({"text": "There is none."})),
        )),
    )  # fmt: skip

    assert found.system_prompt == "Be kind."
    assert found.messages_in == (
        WireMessage(role="user", text="Where?"),
        WireMessage(
            role="assistant",
            text="Let me look.",
            calls=(WireCall(name="check", id="c1", arguments={"id": "A-1"}),),
        ),
        WireMessage(
            role="tool", results=(WireResult(id="c1", content="Error: none", failed=True),)
        ),
    )
    assert [m.text for m in found.messages_out] == ["There is none."]


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ([{"text": '{"sent": true}'}], {"sent": True}),
        ([{"json": {"sent": True}}], {"sent": True}),
        ([{"text": "It is"}, {"text": "sent."}], "It is\nsent."),
        ([{"text": "Good.", "stars": 5}], [{"text": "Good.", "stars": 5}]),
        (["A-1", "A-2"], ["A-1", "A-2"]),
    ],
)
def test_strands_results_are_what_their_blocks_hold(given: list[Any], result: Any):
    old = strands_tool(event("gen_ai.choice", message=json.dumps(given)))
    new = strands_tool(gen_ai__tool__call__result=json.dumps(given))

    assert old.tool_result == new.tool_result == result
    assert old.tool_answered
    assert new.tool_answered


def test_strands_tools_fail_by_their_status_too():
    said = event("gen_ai.choice", message=blocks({"text": "no such order"}))
    found = strands_tool(said, gen_ai__tool__status="error")

    assert (found.error, found.tool_result, found.tool_answered) == ("no such order", None, False)


def test_strands_content_is_in_one_event_or_several_or_on_the_span():
    told = '[{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]'
    answer = '[{"role": "assistant", "parts": [{"type": "text", "content": "Yo"}]}]'
    held = {"gen_ai__input__messages": told, "gen_ai__output__messages": answer}
    ways = [
        {"events": (event(DETAILS, gen_ai__input__messages=told),
                    event(DETAILS, gen_ai__output__messages=answer))},
        {"events": (event(DETAILS, **held),)},
        held,
    ]  # fmt: skip
    for given in ways:
        found = read(span(1, scope=STRANDS, gen_ai__operation__name="chat", **given))
        assert [m.text for m in (*found.messages_in, *found.messages_out)] == ["Hi", "Yo"]


def test_strands_answers_that_look_like_a_message_or_not_are_words():
    for said in ('{"answer": 1}', "42", "[1, 2]", "It is sent."):
        choice = event("gen_ai.choice", message=f"{said}\n")
        found = read(
            span(1, scope=STRANDS, gen_ai__operation__name="invoke_agent", events=(choice,))
        )
        assert found.output_text == said


def test_strands_redacted_content_is_no_content():
    hidden = (
        event("gen_ai.user.message", content="[REDACTED]"),
        event("gen_ai.choice", message="[REDACTED]"),
    )
    chat = read(span(1, scope=STRANDS, gen_ai__operation__name="chat", events=hidden))
    tool = strands_tool(*hidden, gen_ai__tool__call__arguments="[REDACTED]")

    assert (chat.messages_in, chat.messages_out) == ((), ())
    assert (tool.tool_arguments, tool.tool_arguments_raw, tool.tool_answered) == (None, None, False)


def test_strands_puts_its_own_version_on_the_resource():
    resource = {"service.name": "support", "service.version": "1.62.0"}
    given = {"scope": STRANDS, "gen_ai__operation__name": "invoke_agent", "resource": resource}

    assert read(span(1, **given)).agent_version is None
    assert read(span(1, gen_ai__agent__version="v7", **given)).agent_version == "v7"


def test_strands_keeps_what_the_user_put_on_the_agents_span():
    found = read(
        span(1, scope=STRANDS, gen_ai__operation__name="invoke_agent", channel="web",
             tag__tags=["prod"], user__id="u1", event_loop__cycle_id="x"),
    )  # fmt: skip

    assert (found.metadata, found.tags, found.user_id) == ({"channel": "web"}, ("prod",), "u1")


def test_strands_tells_the_first_token_in_milliseconds():
    found = read(
        span(1, scope=STRANDS, gen_ai__operation__name="chat", gen_ai__system="strands-agents",
             gen_ai__server__time_to_first_token=642),
    )  # fmt: skip

    assert (found.time_to_first_token_ms, found.streamed) == (642, True)
    assert found.provider is None


# LiveKit


@pytest.mark.parametrize("prefix", ["lk.", "lk.pii."])
def test_livekit_keys_changed_their_names_once(prefix: str):
    turn = livekit("agent_turn", **{f"{prefix}user_input": "Hi", f"{prefix}response.text": "Yo"})
    tool = livekit(
        "function_tool",
        **{f"{prefix}function_tool.arguments": '{"id": "A-1"}',
           f"{prefix}function_tool.output": "{'sent': True}", "lk.function_tool.name": "check",
           "lk.function_tool.is_error": False},
    )  # fmt: skip

    assert (turn.kind, turn.turn, turn.input_text, turn.output_text) == ("agent", True, "Hi", "Yo")
    assert (tool.tool_name, tool.tool_arguments) == ("check", {"id": "A-1"})
    assert (tool.tool_result, tool.tool_answered) == ({"sent": True}, True)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"lk.pii.function_tool.output": "An internal error occurred"},
         "An internal error occurred"),
        ({"error.type": "tool_error"}, "tool_error"),
        ({}, "failed"),
    ],
)  # fmt: skip
def test_livekit_errors_without_words_are_errors(given: dict[str, Any], error: str):
    found = livekit("function_tool", **given, **{"lk.function_tool.is_error": True})

    assert (found.error, found.tool_result, found.tool_answered) == (error, None, False)


def test_livekit_events_are_plain_words_and_calls_as_json():
    asked = '{"id": "c1", "type": "function", "function": {"name": "check", "arguments": "{}"}}'
    found = livekit(
        "llm_request",
        events=(
            event("gen_ai.system.message", content="Be kind."),
            event("gen_ai.user.message", content="42"),
            event("gen_ai.assistant.message", role="assistant", tool_calls=[asked]),
            event("gen_ai.tool.message", content="{'sent': None}", name="check", id="c1"),
            event("gen_ai.choice", role="assistant", content='[{"a": 1}]'),
        ),
    )

    assert found.system_prompt == "Be kind."
    assert found.messages_in == (
        WireMessage(role="user", text="42"),
        WireMessage(role="assistant", calls=(WireCall(name="check", id="c1", arguments={}),)),
        WireMessage(
            role="tool", results=(WireResult(id="c1", name="check", content={"sent": None}),)
        ),
    )
    assert [m.text for m in found.messages_out] == ['[{"a": 1}]']


def test_livekit_tokens_that_are_all_0_are_unknown():
    none = livekit("llm_request", gen_ai__usage__input_tokens=0, gen_ai__usage__output_tokens=0)
    some = livekit(
        "llm_request",
        gen_ai__usage__input_tokens=9,
        gen_ai__usage__output_tokens=0,
        lk__llm_metrics='{"prompt_cached_tokens": 4, "reasoning_tokens": 2, "ttft": 0.25}',
    )

    assert none.usage == Usage()
    assert some.usage == Usage(
        input_tokens=9, output_tokens=0, cached_input_tokens=4, reasoning_tokens=2
    )
    assert (some.time_to_first_token_ms, some.streamed) == (250, True)


def test_livekit_seconds_to_the_first_chunk_become_milliseconds():
    new = livekit("llm_request", gen_ai__response__time_to_first_chunk=0.25)
    none = livekit("llm_request", lk__llm_metrics='{"ttft": -1.0}')

    assert (new.time_to_first_token_ms, none.time_to_first_token_ms) == (250, None)


def test_livekit_repeats_the_model_that_was_asked_for_as_the_one_that_answered():
    found = livekit("llm_request", gen_ai__request__model="m", gen_ai__response__model="m")

    assert (found.model, found.model_response) == ("m", None)


def test_livekit_nodes_are_model_calls_only_where_nothing_below_them_is():
    assert livekit("llm_node", gen_ai__request__model="m").kind == "other"
    assert livekit("llm_node", gen_ai__operation__name="chat").kind == "model"
    assert livekit("llm_fallback_adapter", gen_ai__request__model="m").kind == "other"
    assert livekit("start_agent_activity", gen_ai__operation__name="create_agent").kind == "other"


def test_livekit_turns_of_a_speech_model_are_its_calls():
    spoken = [
        span(n, scope=LIVEKIT, name="agent_turn", parent=1,
             lk__realtime_model_metrics="{}", gen_ai__usage__input_tokens=9,
             gen_ai__usage__output_tokens=3, lk__pii__user_input=said,
             lk__pii__response__text=answer)
        for n, said, answer in [(2, "Hi", "Hello"), (5, "Bye", "See you")]
    ]  # fmt: skip
    session = span(1, scope=LIVEKIT, name="agent_session", lasts=99)
    found = turns_of(assemble([session, *spoken], project="p", kind="session", session_id="s1"))

    assert [(t.user, t.assistant, t.usage.input_tokens) for t in found] == [
        ("Hi", "Hello", 9),
        ("Bye", "See you", 9),
    ]


def test_livekit_keeps_what_the_user_put_on_the_session():
    found = livekit("agent_session", channel="web", lk__job_id="j", user__id="u1", session=None,
                    langfuse__session__id="s9")  # fmt: skip

    assert (found.metadata, found.user_id, found.session_id) == ({"channel": "web"}, "u1", "s9")
    assert found.waits


# Pipecat


def test_pipecat_values_that_stand_for_none_are_none():
    found = pipecat("llm", gen_ai__request__model="unknown", param__model="NOT_GIVEN")

    assert (found.model, found.model_response) == (None, None)


def test_pipecat_names_the_model_that_answered_as_the_one_asked_for():
    first = pipecat("llm", gen_ai__request__model="m", param__model="m")
    later = pipecat("llm", gen_ai__request__model="m-2024", param__model="m")

    assert (first.model, first.model_response) == ("m", None)
    assert (later.model, later.model_response) == ("m", "m-2024")


@pytest.mark.parametrize(
    ("content", "results"),
    [
        ("IN_PROGRESS", []),
        ("COMPLETED", [WireResult(id="c1")]),
        ('"COMPLETED"', [WireResult(id="c1", content="COMPLETED")]),
        ("CANCELLED", [WireResult(id="c1", content="CANCELLED", failed=True)]),
        ('{"error": "none"}', [WireResult(id="c1", content="none", failed=True)]),
    ],
)
def test_pipecat_words_that_stand_for_a_result_are_none(content: str, results: list[WireResult]):
    told = [{"role": "tool", "content": content, "tool_call_id": "c1"}]
    found = pipecat("llm", input=json.dumps(told))

    assert [r for message in found.messages_in for r in message.results] == results


def test_pipecat_users_may_say_what_stands_for_a_result():
    told = [{"role": "user", "content": "IN_PROGRESS"}, {"role": "user", "content": "COMPLETED"}]
    found = pipecat("llm", input=json.dumps(told))

    assert [m.text for m in found.messages_in] == ["IN_PROGRESS", "COMPLETED"]


def test_pipecat_tools_are_found_by_the_call_that_was_given_their_result():
    asks = {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "check"}}]}
    told = [{"role": "user", "content": "Where?"}, asks, {"role": "tool", "content": "1"}]
    given = span(1, scope="pipecat", name="llm", input=json.dumps(told))
    before = span(1, scope="pipecat", name="llm", input=json.dumps(told[:1]))

    assert (facts_of(given).tool_name, facts_of(before).tool_name) == ("check", None)
    assert facts_of(given).kind == "model"


def test_pipecat_speech_and_voice_hold_the_words():
    assert pipecat("stt", transcript="Where is A-1?").input_text == "Where is A-1?"
    assert pipecat("tts", text="It is sent.").output_text == "It is sent."


def test_pipecat_names_a_session_that_the_user_named_first():
    own = {"conversation.id": "c-1", "session.id": "s-1", "channel": "web", "user.id": "u1"}
    found = pipecat("conversation", session=None, **own)
    turn = pipecat("turn", session=None, **{"conversation.id": "c-1"})

    assert (found.session_id, found.user_id, found.metadata) == ("s-1", "u1", {"channel": "web"})
    assert (turn.session_id, turn.turn) == ("c-1", True)


def test_a_tool_is_described_by_the_span_that_says_most():
    def about(*spans: Span) -> Any:
        return assemble(spans, project="p", kind="session", session_id="s1").tools

    names = span(1, scope=LIVEKIT, name="llm_node", lk__function_tools=["check", "refund"])
    described = span(
        2, scope=LIVEKIT, name="llm_request",
        gen_ai__tool__definitions='[{"type": "function", "name": "refund", "description": "Pay."}]',
    )  # fmt: skip

    assert [(t.name, t.description) for t in about(names, described)] == [
        ("check", None),
        ("refund", "Pay."),
    ]


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ('{"a": null}', {"a": None}),
        ("{'a': None, 'b': (1, 2)}", {"a": None, "b": [1, 2]}),
        ("\"{'a': True}\"", {"a": True}),
        ("It is sent.", "It is sent."),
        ("(555) 0199", "(555) 0199"),
        ("[Order('A-1')]", "[Order('A-1')]"),
        ("True", "True"),
        ("", ""),
    ],
)
def test_livekit_results_are_json_or_python_or_words(given: str, result: Any):
    assert livekit("function_tool", **{"lk.function_tool.output": given}).tool_result == result
