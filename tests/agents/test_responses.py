"""Agents behind OpenAI's Responses API, by the types of the real SDK."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import reenact
from reenact.agents.input_items import input_items, unseen
from reenact.agents.port import AgentFailed, RequestedTool
from reenact.agents.targets import describe_target, parse_target
from reenact.domain.agent import HttpTarget
from reenact.domain.conversation import Usage
from reenact.errors import AgentNotLoaded
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.http_agent import HISTORY, ask, asked, http_agent, question, serving
from support.responses_agent import (
    INPUT,
    ResponsesDesk,
    call,
    events,
    response,
    stream,
    words,
)
from support.stored import put
from support.talks import REFUND


def answering(answer: Any, seen: list[Any] | None = None) -> Any:
    async def handle(request: web.Request) -> web.StreamResponse:
        if seen is not None:
            seen.append((request.path, await request.json()))
        if callable(answer):
            return await answer(request)
        return web.json_response(answer)

    return handle


def test_the_whole_talk_goes_out_as_input_items() -> None:
    seen: list[Any] = []
    reply = ask(
        answering(response(words("It is on its way.")), seen),
        path="/v1",
        template="responses",
        model="gpt-4.1-mini",
    )
    ((path, body),) = seen
    assert path == "/v1/responses"
    assert body == {
        "model": "gpt-4.1-mini",
        "input": [*HISTORY, {"role": "user", "content": "where is my order?"}],
        "stream": False,
    }
    assert reply.text == "It is on its way."
    assert reply.model == "gpt-4.1-mini-2025-04-14"
    assert reply.usage == Usage(
        input_tokens=120, output_tokens=30, cached_input_tokens=20, reasoning_tokens=8
    )


def test_function_calls_are_handed_back() -> None:
    both = response(words("I look it up."), call("check_status", {"order_id": "A-1"}, id="c9"))
    reply = ask(answering(both), template="responses")
    assert reply.text == "I look it up."
    assert reply.tool_calls == (RequestedTool("check_status", {"order_id": "A-1"}, "c9"),)


def test_calls_and_results_are_items_of_the_real_api() -> None:
    told = [
        {"role": "user", "content": "Where is it?"},
        {
            "role": "assistant",
            "content": "I look.",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "name": "f", "content": "sent"},
    ]
    items = input_items(told)
    assert items == [
        {"role": "user", "content": "Where is it?"},
        {"role": "assistant", "content": "I look."},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "sent"},
    ]
    INPUT.validate_python(items)


@pytest.mark.parametrize("lean", [False, True])
def test_a_streamed_response_is_the_same_response(lean: bool) -> None:
    whole = response(words("It is on its way."), call("check_status", {"order_id": "A-1"}))

    async def told(request: web.Request) -> web.StreamResponse:
        return await stream(request, events(whole, lean=lean))

    reply = ask(answering(told), template="responses", stream="sse")
    plain = ask(answering(whole), template="responses")
    assert (reply.text, reply.tool_calls, reply.usage) == (
        plain.text,
        plain.tool_calls,
        plain.usage,
    )
    assert reply.streamed is True
    assert reply.time_to_first_token_ms is not None


def test_deltas_are_enough_where_a_server_sends_nothing_else() -> None:
    told = [
        {"type": "response.output_text.delta", "delta": "On its "},
        {"type": "response.output_text.delta", "delta": "way."},
        {"type": "response.completed", "response": {"id": "r", "status": "completed"}},
    ]

    async def bare(request: web.Request) -> web.StreamResponse:
        return await stream(request, told)

    assert ask(answering(bare), template="responses", stream="sse").text == "On its way."


FAILED = {"code": "server_error", "message": "The model ran out of steam."}


@pytest.mark.parametrize(
    ("answer", "kind", "part"),
    [
        (response(status="failed", error=FAILED), "exception", "ran out of steam"),
        (
            response(status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
            "nonsense",
            r"incomplete \(max_output_tokens\)",
        ),
        ({"output": [{"type": "custom_tool_call"}]}, "nonsense", "but custom_tool_call"),
        ({"choices": []}, "nonsense", "looked for `output`"),
        ([], "nonsense", "no response object"),
        ({"output": [{"type": "function_call", "name": "f"}]}, "nonsense", "without name or call_"),
    ],
)
def test_an_answer_that_cannot_be_used_is_a_failure(answer: Any, kind: str, part: str) -> None:
    with pytest.raises(AgentFailed, match=part) as error:
        ask(answering(answer), template="responses")
    assert error.value.kind == kind


@pytest.mark.parametrize(
    ("told", "kind", "part"),
    [
        ([{"type": "error", "message": "overheated", "code": None}], "exception", "overheated"),
        (
            [{"type": "response.failed", "response": {"status": "failed", "error": FAILED}}],
            "exception",
            "ran out of steam",
        ),
        (
            [{"type": "response.output_text.delta", "delta": "Half an"}],
            "exception",
            "ended before the agent said it was done",
        ),
        ([{"type": "response.completed", "response": {"id": "r"}}], "nonsense", "no text"),
    ],
)
def test_a_stream_that_cannot_be_used_is_a_failure(
    told: list[dict[str, Any]], kind: str, part: str
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return await stream(request, told)

    with pytest.raises(AgentFailed, match=part) as error:
        ask(answering(answer), template="responses", stream="sse")
    assert error.value.kind == kind


def test_an_agent_that_keeps_the_talk_is_told_only_what_is_new() -> None:
    desk = ResponsesDesk()
    first = question("Where is A-1001?", messages=[{"role": "assistant", "content": "Hello!"}])
    then = question(
        "",
        messages=[
            *first.messages,
            {"role": "user", "content": first.message},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "call_2",
                        "type": "function",
                        "function": {"name": "check_status", "arguments": "{}"},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "call_2", "content": '{"status": "shipped"}'},
        ],
    )
    last = question(
        "And A-1003?", messages=[*then.messages, {"role": "assistant", "content": "It is shipped."}]
    )

    async def go() -> list[str | None]:
        async with serving(desk.handle) as url:
            target = HttpTarget(url=url, template="responses", tools="returned", stateless=False)
            agent = http_agent(target)
            replies = await asked(agent, first, then, last)
            await agent.forget("replay-1")
            return [reply.text for reply in replies]

    assert asyncio.run(go()) == [None, "It is shipped.", None]
    one, two, three = desk.bodies
    assert "previous_response_id" not in one
    assert [item["content"] for item in one["input"]] == ["Hello!", "Where is A-1001?"]
    assert two["previous_response_id"] == "resp_1"
    assert [item["type"] for item in two["input"]] == ["function_call_output"]
    assert three["previous_response_id"] == "resp_2"
    assert three["input"] == [{"role": "user", "content": "And A-1003?"}]


def test_a_talk_that_has_ended_is_forgotten_and_talks_are_apart() -> None:
    desk = ResponsesDesk()

    async def go() -> None:
        async with serving(desk.handle) as url:
            agent = http_agent(HttpTarget(url=url, template="responses", stateless=False))
            for session in ("a", "b", "a"):
                await agent.reply(question("A-1001", messages=[], session_id=session))
            await agent.forget("a")
            await agent.reply(question("A-1001", messages=[], session_id="a"))
            await agent.aclose()

    asyncio.run(go())
    assert [body.get("previous_response_id") for body in desk.bodies] == [
        None,
        None,
        "resp_1",
        None,
    ]


def test_calls_of_the_recording_are_told_to_an_agent_that_did_not_make_them() -> None:
    recorded = {"role": "assistant", "tool_calls": [{"id": "recorded"}]}
    result = {"role": "tool", "tool_call_id": "recorded"}
    before = {"role": "assistant", "content": "Hello."}
    asked_for = {"role": "user", "content": "Where?"}
    told = [before, asked_for, recorded, result]
    assert unseen(told, asked=frozenset({"its own"})) == [asked_for, recorded, result]
    assert unseen(told, asked=frozenset({"recorded"})) == [result]


def test_an_agent_that_keeps_the_talk_must_name_its_answers() -> None:
    nameless = {"output": [words("Hello.")]}
    assert ask(answering(nameless), template="responses").text == "Hello."
    with pytest.raises(AgentFailed, match="the answer has no `id`"):
        ask(answering(nameless), template="responses", stateless=False)


def test_a_body_of_ones_own_holds_the_input_items() -> None:
    seen: list[Any] = []
    body = {"agent": "desk", "store": False, "input": "{{input}}"}
    ask(answering(response(words("x")), seen), template="responses", request=body)
    assert seen[0][1]["store"] is False
    assert seen[0][1]["input"][-1] == {"role": "user", "content": "where is my order?"}


def test_words_name_a_responses_agent() -> None:
    target = parse_target("responses:http://h/v1", model="m", stream="sse")
    assert target == HttpTarget(url="http://h/v1", template="responses", model="m", stream="sse")
    assert describe_target(target) == (
        "POST http://h/v1 (responses, model m, stream sse, tools own)"
    )


@pytest.mark.parametrize(
    ("more", "part"),
    [({"stream": "jsonl"}, "does not stream jsonl"), ({"request": []}, "no object with keys")],
)
def test_a_target_that_cannot_work_is_refused(more: dict[str, Any], part: str) -> None:
    with pytest.raises(AgentNotLoaded, match=part):
        http_agent(HttpTarget(url="http://h", template="responses", **more))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        spans_url=f"sqlite:///{tmp_path / 'spans.db'}",
        database_url=f"sqlite:///{tmp_path / 'reenact.db'}",
        blobs_url=(tmp_path / "blobs").as_uri(),
    )


@pytest.mark.parametrize("more", ["", "stateless: false\n", "stream: sse\n"])
def test_a_talk_is_replayed_with_its_recorded_tools(
    more: str, settings: Settings, tmp_path: Path
) -> None:
    desk = ResponsesDesk()
    with Workspace(settings) as workspace:
        put(workspace, REFUND)

    async def go() -> Any:
        async with serving(desk.handle) as url:
            file = tmp_path / "agent.yaml"
            file.write_text(f"url: {url}/v1\ntemplate: responses\ntools: returned\n{more}")
            run = lambda: reenact.replay(  # noqa: E731
                str(file), project="shop", sessions="s1", settings=settings
            )
            return await asyncio.to_thread(run)

    run = asyncio.run(go())
    assert [turn.assistant for turn in run.calls[0].turns] == [
        "It is shipped.",
        "It is in transit.",
        "It is in transit.",
    ]
    called = [c.name for turn in run.calls[0].turns for c in turn.tool_calls]
    assert called == ["check_status"] * 3
    assert ("previous_response_id" in json.dumps(desk.bodies)) == ("stateless" in more)
