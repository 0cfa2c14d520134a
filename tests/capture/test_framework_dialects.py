"""What the readers of frameworks and gateways must know beside what the captures show."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reenact.capture.assembly import assemble
from reenact.capture.dialects import read
from reenact.capture.wire.answer import answer_of
from reenact.capture.wire.chat import messages_of
from reenact.capture.wire.numbered import numbered_answer, numbered_messages
from reenact.domain.span import SpanEvent
from reenact.domain.turn import turns_of
from support.telling import span

LLAMAINDEX = "openinference.instrumentation.llama_index"


# numbered keys


def test_numbered_messages_are_in_the_order_of_their_numbers():
    keys = {f"gen_ai.prompt.{n}.role": "user" for n in range(12)}
    keys |= {f"gen_ai.prompt.{n}.content": f"text {n}" for n in reversed(range(12))}

    found = numbered_messages(dict(sorted(keys.items())), "gen_ai.prompt")
    assert [message.text for message in found] == [f"text {n}" for n in range(12)]


def test_blocks_that_were_written_as_json_are_words_and_other_json_is_text():
    keys = {
        "p.0.role": "user", "p.0.content": '[{"type": "text", "text": "Hi"}]',
        "p.1.role": "user", "p.1.content": '[{"type": "invoice", "sum": 3}]',
    }  # fmt: skip

    assert [m.text for m in numbered_messages(keys, "p")] == [
        "Hi",
        '[{"type": "invoice", "sum": 3}]',
    ]


def test_the_first_choice_is_the_answer():
    keys = {
        "c.0.role": "assistant", "c.0.content": "Yes.",
        "c.1.role": "assistant", "c.1.content": "No.",
    }  # fmt: skip

    assert [m.text for m in numbered_answer(keys, "c")] == ["Yes."]
    assert numbered_answer({"c.0.finish_reason": "stop"}, "c") == ()


def test_an_instrumentation_without_its_sdk_is_read_too():
    found = read(
        span(1, scope="opentelemetry.instrumentation.openai.v1", llm__request__type="chat",
             gen_ai__request__model="m", llm__is_streaming="True",
             **{"gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "Hi",
                "gen_ai.completion.0.content": "Yo", "gen_ai.usage.cache_read_input_tokens": 3}),
    )  # fmt: skip

    assert (found.reader, found.kind, found.streamed) == ("traceloop", "model", True)
    assert [m.text for m in (*found.messages_in, *found.messages_out)] == ["Hi", "Yo"]
    assert found.usage.cached_input_tokens == 3


# LangChain's messages


@pytest.mark.parametrize(
    "raw",
    [
        {"lc": 1, "type": "constructor", "id": ["langchain", "AIMessage"],
         "kwargs": {"content": "Yo", "type": "ai"}},
        {"lc": 1, "type": "constructor", "id": ["langchain", "AIMessageChunk"],
         "kwargs": {"content": "Yo"}},
        {"type": "ai", "data": {"content": "Yo"}},
        {"type": "AIMessageChunk", "content": [{"type": "text", "text": "Yo"}]},
    ],
)  # fmt: skip
def test_every_way_to_serialise_a_langchain_message_is_read(raw: dict[str, Any]):
    [message] = messages_of([raw])

    assert (message.role, message.text) == ("assistant", "Yo")


@pytest.mark.parametrize(
    ("response", "said"),
    [
        ({"choices": [{"message": {"role": "assistant", "content": "Yo"}}, {"message": {}}]}, "Yo"),
        ({"output": [{"type": "message", "role": "assistant",
                      "content": [{"type": "output_text", "text": "Yo"}]}]}, "Yo"),
        ({"role": "assistant", "content": [{"type": "text", "text": "Yo"}]}, "Yo"),
        ({"generations": [[{"text": "Yo", "message": {"type": "ai", "data": {"content": "Yo"}}}]]},
         "Yo"),
        ({"generations": [[{"text": "Yo"}]]}, "Yo"),
        ({"status": "shipped"}, None),
        ("Yo", None),
    ],
)  # fmt: skip
def test_an_answer_is_found_in_any_response(response: Any, said: str | None):
    found = answer_of(json.dumps(response))

    assert [m.text for m in found] == ([said] if said else [])


def test_a_langgraph_agent_traced_by_langsmith_is_one_turn():
    human = {"lc": 1, "type": "constructor", "id": ["HumanMessage"],
             "kwargs": {"content": "Where is A-1?", "type": "human"}}  # fmt: skip
    calls = [{"name": "check", "args": {"id": "A-1"}, "id": "c1", "type": "tool_call"}]
    asks = {"lc": 1, "type": "constructor", "id": ["AIMessage"],
            "kwargs": {"content": "", "type": "ai", "tool_calls": calls}}  # fmt: skip
    told = {"content": '{"eta": null}', "type": "tool", "tool_call_id": "c1", "status": "success"}
    given = {
        "langsmith.metadata.thread_id": "t1", "langsmith.metadata.plan": "gold",
        "langsmith.metadata.langgraph_step": 1, "langsmith.metadata.lc_agent_name": "shop",
        "langsmith.metadata.LANGSMITH_API_URL": "x", "langsmith.span.tags": "b, graph:step:1, a",
    }  # fmt: skip

    def run(number: int, kind: str, prompt: Any, completion: Any, **own: Any):
        keys = {
            "langsmith.span.kind": kind, "gen_ai.prompt": json.dumps(prompt),
            "gen_ai.completion": json.dumps(completion),
        }  # fmt: skip
        return span(number, session=None, **given, **keys, **own)

    spans = [
        run(1, "chain", {"messages": [{"role": "user", "content": "Where is A-1?"}]},
            {"messages": [{"type": "ai", "content": "Soon."}]}, lasts=9, name="shop"),
        run(2, "llm", {"messages": [[human]]}, {"generations": [[{"message": asks}]]}, parent=1),
        run(3, "tool", {"input": "{'id': 'A-1'}"}, {"output": told}, parent=1, name="check"),
        run(4, "llm", {"messages": [[human, asks, told]]},
            {"generations": [[{"message": {"type": "ai", "content": "Soon."}}]]}, parent=1),
    ]  # fmt: skip
    found = assemble(spans, project="p", kind="session", session_id="t1")

    [turn] = turns_of(found)
    [call] = turn.tool_calls
    assert (turn.user, turn.assistant) == ("Where is A-1?", "Soon.")
    assert (call.id, call.arguments, call.result) == ("c1", {"id": "A-1"}, {"eta": None})
    assert {read(s).session_id for s in spans} == {"t1"}
    assert (found.agent_name, found.tags, found.metadata) == ("shop", ("b", "a"), {"plan": "gold"})


# LlamaIndex, LiteLLM, LangSmith


def test_a_llamaindex_tool_that_says_it_failed_failed():
    answer = {"blocks": [], "tool_name": "check", "raw_output": "Encountered error: no such order",
              "is_error": True}  # fmt: skip
    found = read(
        span(1, scope=LLAMAINDEX, openinference__span__kind="TOOL", tool__name="check",
             input__value='{"kwargs": {"id": "A-1"}}', output__value=json.dumps(answer)),
    )  # fmt: skip

    assert found.tool_arguments == {"id": "A-1"}
    assert (found.error, found.tool_result) == ("Encountered error: no such order", None)
    assert not found.tool_answered


def test_what_a_proxys_client_sent_along_is_metadata():
    sent = "{'session_id': 's9', 'tags': ['a'], 'plan': 'gold', 'left': None}"
    found = read(
        span(1, session=None, scope="litellm", gen_ai__operation__name="acompletion",
             metadata__requester_metadata=sent),
    )  # fmt: skip

    assert (found.kind, found.session_id, found.tags) == ("model", "s9", ("a",))
    assert found.metadata == {"plan": "gold", "left": None}


def test_an_embedding_is_no_model_call_of_a_talk():
    found = read(span(1, scope="litellm", gen_ai__operation__name="aembedding"))

    assert (found.reader, found.kind) == ("litellm", "other")


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ("ValueError('no such order')\n\nTraceback (most recent call last):\n  File",
         "ValueError: no such order"),
        ("ValueError('a', 'b')", "ValueError('a', 'b')"),
        ("it broke", "it broke"),
    ],
)  # fmt: skip
def test_a_failed_run_is_told_in_words(told: str, error: str):
    event = SpanEvent(
        name="exception",
        time_ns=1,
        attributes={"exception.type": "Exception", "exception.message": told},
    )
    found = read(span(1, error="", langsmith__span__kind="tool", events=(event,)))

    assert found.error == error
    assert not found.tool_answered
