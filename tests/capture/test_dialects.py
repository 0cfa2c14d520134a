"""What single readers must know, and what an unknown library still gives."""

from __future__ import annotations

import json

import pytest

from reenact.capture.assembly import assemble
from reenact.capture.dialects import dialects, read
from reenact.capture.facts import facts_of
from reenact.domain.span import SpanEvent
from reenact.domain.turn import turns_of
from support.telling import root, span, tool


def test_the_generic_reader_comes_last_and_claims_everything():
    assert dialects()[-1].name == "generic"
    assert dialects()[-1].claims(span(1))
    assert len({dialect.name for dialect in dialects()}) == len(dialects())


def test_flattened_messages_are_in_the_order_of_their_numbers():
    keys = {}
    for place in range(12):
        role = "user" if place % 2 == 0 else "assistant"
        keys[f"llm.input_messages.{place}.message.role"] = role
        keys[f"llm.input_messages.{place}.message.content"] = f"text {place}"
    shuffled = dict(sorted(keys.items()))
    found = read(span(1, openinference__span__kind="LLM", **shuffled))

    assert [message.text for message in found.messages_in] == [f"text {n}" for n in range(12)]


def test_a_brief_reading_has_the_last_words_and_a_full_one_all():
    keys = {
        f"llm.input_messages.{n}.message.{k}": v
        for n, (role, text) in enumerate(
            [("system", "Be kind."), ("user", "Hi"), ("assistant", "Hello"), ("user", "Where?")]
        )
        for k, v in (("role", role), ("content", text))
    }
    model = span(1, openinference__span__kind="LLM", **keys)

    assert [m.text for m in read(model, brief=True).messages_in] == ["Where?"]
    assert [m.text for m in read(model).messages_in] == ["Hi", "Hello", "Where?"]
    assert read(model).system_prompt == "Be kind."
    assert facts_of(model).user_text == "Where?"


def test_anthropic_calls_that_are_written_twice_are_one():
    keys = {"llm.output_messages.0.message.role": "assistant"}
    for prefix in ("tool_calls.0", "contents.0"):
        base = f"llm.output_messages.0.message.{prefix}.tool_call"
        keys[f"{base}.id"] = "t1"
        keys[f"{base}.function.name"] = "check"
        keys[f"{base}.function.arguments"] = '{"a": 1}'
    found = read(span(1, openinference__span__kind="LLM", **keys))

    [message] = found.messages_out
    assert [(call.id, call.arguments) for call in message.calls] == [("t1", {"a": 1})]


def test_an_llm_span_that_neither_asked_nor_answered_is_a_phantom():
    assert read(span(1, openinference__span__kind="LLM")).phantom
    assert not read(span(1, openinference__span__kind="LLM", error="no")).phantom
    asked = {"llm.input_messages.0.message.role": "user",
             "llm.input_messages.0.message.content": "Hi"}  # fmt: skip
    assert not read(span(1, openinference__span__kind="LLM", **asked)).phantom


def test_arguments_that_lost_their_names_stay_raw():
    found = read(
        span(1, traceloop__span__kind="tool", traceloop__entity__name="check",
             traceloop__entity__input='{"args": ["A-1"], "kwargs": {}}'),
    )  # fmt: skip

    assert found.tool_arguments is None
    assert found.tool_arguments_raw == '{"args": ["A-1"], "kwargs": {}}'


def test_json_inside_json_is_parsed_and_plain_text_stays():
    nested = json.dumps(json.dumps({"ok": True}))
    assert read(tool(1, "t", gen_ai__tool__call__result=nested)).tool_result == {"ok": True}
    assert read(tool(1, "t", gen_ai__tool__call__result="as it is")).tool_result == "as it is"
    assert read(tool(1, "t", gen_ai__tool__call__result="NaN")).tool_result == "NaN"


def test_a_lone_surrogate_inside_of_json_text_is_replaced():
    found = read(tool(1, "t", gen_ai__tool__call__result='{"t": "a\\ud83d"}'))

    assert found.tool_result == {"t": "a\ufffd"}


def test_an_empty_conversation_id_is_none():
    assert read(root(1, session="  ")).session_id is None
    assert read(root(1, session=None, session__id="")).session_id is None


def test_whole_floats_are_token_counts():
    found = read(span(1, gen_ai__operation__name="chat", gen_ai__usage__input_tokens=12.0))

    assert found.usage.input_tokens == 12
    assert found.usage.output_tokens is None


def test_the_first_token_is_an_event_or_an_attribute():
    first = SpanEvent(name="First Token Stream Event", time_ns=span(1).start_ns + 250_000_000)
    streamed = read(span(1, openinference__span__kind="LLM", events=(first,)))
    seconds = read(
        span(1, gen_ai__operation__name="chat",
             **{"gen_ai.client.operation.time_to_first_chunk": 0.25}),
    )  # fmt: skip

    assert (streamed.time_to_first_token_ms, streamed.streamed) == (250, True)
    assert seconds.time_to_first_token_ms == 250


CHAT = '[{"role": "user", "content": "Hi"}]'
CHOICES = '{"choices": [{"message": {"role": "assistant", "content": "Yo"}}]}'


@pytest.mark.parametrize(
    "given",
    [
        {"gen_ai.request.model": "m", "gen_ai.prompt": CHAT, "gen_ai.completion": CHOICES},
        {"llm.request.type": "chat", "input.value": CHAT, "output.value": "Yo"},
        {"span.kind": "agent", "input": "Hi", "output": "Yo"},
        {"span.kind": "agent", "input": '{"question": "Hi"}', "output": '{"answer": "Yo"}'},
    ],
)
def test_an_unknown_library_still_gives_what_was_said(given: dict):
    found = assemble([span(1, **given)], project="p", kind="session", session_id="s1")

    assert [(turn.user, turn.assistant) for turn in turns_of(found)] == [("Hi", "Yo")]
    assert read(span(1, **given)).reader == "generic"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("StopEvent(result=AgentOutput(response=Chat(role=<Role.AI: 'ai'>, blocks=[Te...", None),
        ("StopEvent(result='Yo')", None),
        ("Point(x=1) is what I get, why?", "Point(x=1) is what I get, why?"),
        ("It costs 3 (or 4=2+2)...", "It costs 3 (or 4=2+2)..."),
    ],
)
def test_the_repr_of_an_object_is_no_words(given: str, said: str | None):
    found = read(
        span(1, openinference__span__kind="AGENT", input__value=given, output__value=given)
    )

    assert (found.input_text, found.output_text) == (said, said)


@pytest.mark.parametrize(
    "own",
    [
        {"litellm__call_id": "x", "gen_ai__operation__name": []},
        {"traceloop__span__kind": "x", "llm__request__type": {}},
    ],
    ids=["litellm", "traceloop"],
)
def test_an_operation_that_is_no_text_is_no_model_call(own: dict):
    assert read(span(1, **own)).kind == "other"


def test_counts_that_langfuse_names_without_a_number_are_not_known():
    def tokens(details: dict[str, int | None]) -> tuple[int | None, int | None]:
        told = {"langfuse.observation.usage_details": json.dumps(details)}
        usage = read(span(1, langfuse__observation__type="generation", **told)).usage
        return usage.input_tokens, usage.output_tokens

    assert tokens({"input": None, "output": None}) == (None, None)
    assert tokens({"input": 5, "input_cached_tokens": 3, "output": 0}) == (8, 0)
