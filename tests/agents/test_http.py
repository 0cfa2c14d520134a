"""What an HTTP agent is sent, and how its answers are read."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from typing import Any

import pytest
from aiohttp import web

from reenact.agents.http_responses import MOST_BYTES
from reenact.agents.port import AgentFailed, AgentReply, RequestedTool
from reenact.domain.agent import HttpTarget
from reenact.domain.conversation import Usage
from support.http_agent import (
    HISTORY,
    answering,
    ask,
    asked,
    http_agent,
    question,
    serving,
)

OPENAI_ANSWER = {
    "id": "chatcmpl-1",
    "model": "gpt-5-mini-2026-01-01",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "On its way."}}],
    "usage": {
        "prompt_tokens": 120,
        "completion_tokens": 9,
        "prompt_tokens_details": {"cached_tokens": 64},
        "completion_tokens_details": {"reasoning_tokens": 0},
    },
}
TOKEN = "s3cr3t-token-value"


def test_the_json_template_sends_the_whole_talk_and_reads_the_answer() -> None:
    seen: list[dict[str, Any]] = []
    answer = {
        "content": "On its way.",
        "model": "our-agent",
        "usage": {"input_tokens": 120, "output_tokens": 9},
    }
    reply = ask(answering(answer, seen))
    assert reply == AgentReply(
        text="On its way.",
        usage=Usage(input_tokens=120, output_tokens=9),
        model="our-agent",
        streamed=False,
    )
    assert seen[0]["body"] == {
        "messages": [*HISTORY, {"role": "user", "content": "where is my order?"}],
        "message": "where is my order?",
        "session_id": "replay-1",
    }
    assert seen[0]["headers"]["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "answer",
    [
        {"text": "hi"},
        {"message": "hi"},
        {"message": {"role": "assistant", "content": "hi"}},
        {"answer": "hi"},
        {"reply": "hi"},
        {"output": "hi"},
        {"content": [{"type": "text", "text": "h"}, {"type": "text", "text": "i"}]},
        {"content": None, "answer": "hi"},
    ],
)
def test_the_json_template_knows_the_usual_places_of_the_words(answer: dict[str, Any]) -> None:
    assert ask(answering(answer)).text == "hi"


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/chat/completions"])
def test_the_openai_template_posts_to_chat_completions(path: str) -> None:
    seen: list[dict[str, Any]] = []
    reply = ask(answering(OPENAI_ANSWER, seen), path=path, template="openai", model="gpt-5-mini")
    assert reply == AgentReply(
        text="On its way.",
        usage=Usage(input_tokens=120, output_tokens=9, cached_input_tokens=64, reasoning_tokens=0),
        model="gpt-5-mini-2026-01-01",
        streamed=False,
    )
    assert seen[0]["path"] == "/v1/chat/completions"
    assert seen[0]["body"] == {
        "model": "gpt-5-mini",
        "messages": [*HISTORY, {"role": "user", "content": "where is my order?"}],
        "stream": False,
    }


def test_a_request_and_response_of_ones_own_are_used_as_written() -> None:
    seen: list[dict[str, Any]] = []
    reply = ask(
        answering({"data": [{"say": "skip"}, {"say": "On its way."}], "n": {"in": 12.0}}, seen),
        path="/ask?tenant=a",
        method="PUT",
        model="m-1",
        request={
            "input": {"history": "{{messages}}", "text": "User {{session_id}}: {{ message }}"},
            "turn": "{{turn}}",
            "model": "{{model}}",
            "options": [1, None, True],
        },
        response={"text": "data.-1.say", "input_tokens": "n.in"},
    )
    assert (reply.text, reply.usage) == ("On its way.", Usage(input_tokens=12))
    assert seen[0]["path"] == "/ask?tenant=a"
    assert seen[0]["method"] == "PUT"
    assert seen[0]["body"] == {
        "input": {
            "history": [*HISTORY, {"role": "user", "content": "where is my order?"}],
            "text": "User replay-1: where is my order?",
        },
        "turn": 3,
        "model": "m-1",
        "options": [1, None, True],
    }


def test_trace_headers_of_the_request_are_passed_on() -> None:
    seen: list[dict[str, Any]] = []
    sent = {"traceparent": "00-1-2-01", "baggage": "reenact.run=r", "idempotency-key": "r/1/2"}
    ask(
        answering({"content": "hi"}, seen),
        question(headers=sent),
        question(headers={"traceparent": "00-3-4-01"}),
        headers={"X-Team": "shop", "Traceparent": "written in the file"},
    )
    first = {name.lower(): value for name, value in seen[0]["headers"].items()}
    second = {name.lower(): value for name, value in seen[1]["headers"].items()}
    assert first.items() >= {**sent, "x-team": "shop"}.items()
    assert second["traceparent"] == "00-3-4-01"
    assert "idempotency-key" not in second


def test_tool_calls_are_handed_back_and_their_results_sent_as_openai_messages() -> None:
    seen: list[dict[str, Any]] = []

    async def handler(request: web.Request) -> web.Response:
        body = await request.json()
        seen.append(body)
        if body["messages"][-1]["role"] == "tool":
            status = json.loads(body["messages"][-1]["content"])["status"]
            return web.json_response(
                {"choices": [{"message": {"role": "assistant", "content": f"It is {status}."}}]}
            )
        calls = [
            {
                "id": "call_1",
                "type": "function",
                "function": {"name": "check_status", "arguments": '{"order_id": "A-1003"}'},
            },
            {
                "id": "call_2",
                "type": "function",
                "function": {"name": "note", "arguments": '{"text": "cut'},
            },
            {"id": "call_3", "type": "function", "function": {"name": "now", "arguments": ""}},
        ]
        message = {"role": "assistant", "content": None, "tool_calls": calls}
        return web.json_response({"choices": [{"message": message}]})

    async def go() -> None:
        async with serving(handler) as url:
            target = HttpTarget(url=url, template="openai", tools="returned")
            agent = http_agent(target)
            first = await agent.reply(question())
            assert first.text is None
            assert first.tool_calls == (
                RequestedTool("check_status", {"order_id": "A-1003"}, "call_1"),
                RequestedTool("note", '{"text": "cut', "call_2"),
                RequestedTool("now", {}, "call_3"),
            )
            asked_for = {"role": "assistant", "content": None, "tool_calls": [{"id": "call_1"}]}
            result = {"role": "tool", "tool_call_id": "call_1", "content": '{"status": "late"}'}
            user = {"role": "user", "content": "where is my order?"}
            again = question("", messages=[*HISTORY, user, asked_for, result])
            (last,) = await asked(agent, again)
            assert last.text == "It is late."
            assert seen[1]["messages"] == [*HISTORY, user, asked_for, result]

    asyncio.run(go())


def test_flat_tool_calls_of_the_json_template_are_read() -> None:
    answer = {"tool_calls": [{"name": "check_status", "arguments": {"order_id": "A-1"}}]}
    assert ask(answering(answer)).tool_calls == (
        RequestedTool("check_status", {"order_id": "A-1"}, None),
    )


def test_an_empty_user_message_is_still_sent() -> None:
    seen: list[dict[str, Any]] = []
    ask(answering({"content": "hi"}, seen), question(""))
    assert seen[0]["body"]["messages"][-1] == {"role": "user", "content": ""}


@pytest.mark.parametrize(
    ("answer", "parts"),
    [
        ({"done": True}, ["no text in the answer", "`content`", '{"done":true}']),
        ({"content": 4}, ["`content` is a number, not text"]),
        ({"content": None}, ["`content` is null, not text"]),
        ([], ["no text in the answer", "`content`", "in []"]),
        ({"content": "x", "tool_calls": {"a": 1}}, ["`tool_calls` is an object, not a list"]),
        ({"tool_calls": [{"id": "1"}]}, ["a tool call without a name", '{"id":"1"}']),
        ({"tool_calls": ["go"]}, ["a tool call without a name"]),
    ],
)
def test_nonsense_says_what_came_and_which_path_was_looked_for(
    answer: Any, parts: list[str]
) -> None:
    with pytest.raises(AgentFailed) as failed:
        ask(answering(answer))
    assert failed.value.kind == "nonsense"
    for part in ["POST http://127.0.0.1", *parts]:
        assert part in str(failed.value)


@pytest.mark.parametrize(
    ("body", "content_type", "part"),
    [
        (b"<html>oops</html>", "text/html", "not JSON (text/html): <html>oops</html>"),
        (b'{"content": "cut', "application/json", "not JSON"),
        (b'{"content": "\xff"}', "application/json", "not JSON"),
        (b"[" * 100_000, "application/json", "not JSON"),
        (b"", "application/json", "the answer is empty (status 200)"),
        (b"data: {}\n\n", "text/event-stream", "set stream: sse"),
    ],
)
def test_bytes_that_are_not_json_are_nonsense(body: bytes, content_type: str, part: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": content_type})

    with pytest.raises(AgentFailed) as failed:
        ask(handler)
    assert failed.value.kind == "nonsense"
    assert part in str(failed.value)


def test_an_error_status_is_shown_with_the_beginning_of_its_body() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=500, text="the database\n\x1b[31m is down " + "x" * 5000)

    with pytest.raises(AgentFailed) as failed:
        ask(handler)
    text = str(failed.value)
    assert failed.value.kind == "status"
    assert "answered 500 Internal Server Error: the database [31m is down xxx" in text
    assert len(text) < 450
    assert "\x1b" not in text


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    sent = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while sent < 20 * MOST_BYTES:
            await response.write(b" " * 2**20)
            sent += 2**20
        return response

    with pytest.raises(AgentFailed, match="larger than 10 MB") as failed:
        ask(handler)
    assert failed.value.kind == "nonsense"
    assert sent < 20 * MOST_BYTES


def test_a_small_answer_that_unpacks_to_a_large_one_is_not_unpacked() -> None:
    packed = gzip.compress(b" " * (3 * MOST_BYTES))

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    assert len(packed) < MOST_BYTES // 100
    with pytest.raises(AgentFailed, match="larger than 10 MB"):
        ask(handler)


def test_a_packed_answer_that_does_not_unpack_has_failed() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"no gzip at all", headers={"Content-Encoding": "gzip"})

    with pytest.raises(AgentFailed, match=r"POST http://127\.0\.0\.1:\d+/agent: "):
        ask(handler)


def test_words_that_cannot_be_sent_fail_that_turn() -> None:
    with pytest.raises(AgentFailed, match="the request is no JSON") as failed:
        ask(answering({"content": "hi"}), question("half a sign \ud83d"))
    assert failed.value.kind == "exception"


def test_a_packed_answer_is_read() -> None:
    async def handler(request: web.Request) -> web.Response:
        body = gzip.compress(b'{"content": "hi"}')
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    assert ask(handler).text == "hi"


def test_a_talk_of_more_than_a_megabyte_is_sent_whole() -> None:
    sizes: list[int] = []

    async def handler(request: web.Request) -> web.Response:
        sizes.append(len((await request.json())["message"]))
        return web.json_response({"content": "hi"})

    assert ask(handler, question("x" * 2_000_000)).text == "hi"
    assert sizes == [2_000_000]


def test_header_values_come_from_the_environment_and_are_shown_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[dict[str, Any]] = []

    async def echo(request: web.Request) -> web.Response:
        seen.append(dict(request.headers))
        text = f"no entry for {request.headers['Authorization']} {request.headers['X-Api-Key']}"
        return web.Response(status=401, text=text)

    headers = {"Authorization": "Bearer ${SHOP_TOKEN}", "X-Api-Key": "written-in-the-file"}
    with pytest.raises(AgentFailed) as failed:
        ask(echo, headers=headers, environ={"SHOP_TOKEN": TOKEN})
    assert seen[0]["Authorization"] == f"Bearer {TOKEN}"
    assert "answered 401 Unauthorized: no entry for Bearer ••• •••" in str(failed.value)
    agent = http_agent(HttpTarget(url="http://h", headers=headers), environ={"SHOP_TOKEN": TOKEN})
    shown = f"{failed.value!r} {agent!r} {caplog.text}"
    assert TOKEN not in shown
    assert "written-in-the-file" not in shown
    assert failed.value.__cause__ is None


def test_the_target_says_who_runs_the_tools_and_where_the_talk_is_kept() -> None:
    agent = http_agent(HttpTarget(url="http://h", tools="returned", stateless=False))
    assert (agent.tools, agent.stateless, agent.intercepted) == ("returned", False, frozenset())
