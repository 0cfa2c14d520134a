from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from reenact.agents.port import AgentFailed, AgentReply, RequestedTool
from reenact.domain.conversation import Usage
from support.http_agent import ask, question


def streaming(
    *parts: bytes, content_type: str = "text/event-stream", seen: list[Any] | None = None
) -> Any:
    """Return a handler that sends `parts` one by one, and lets go of the loop in between."""

    async def handler(request: web.Request) -> web.StreamResponse:
        if seen is not None:
            seen.append(await request.json())
        response = web.StreamResponse(headers={"Content-Type": content_type})
        await response.prepare(request)
        for part in parts:
            await response.write(part)
            await asyncio.sleep(0)
        return response

    return handler


def events(*data: Any) -> list[bytes]:
    """Return each of `data` as a server-sent event."""
    return [f"data: {d if isinstance(d, str) else json.dumps(d)}\n\n".encode() for d in data]


def delta(finish: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return one chunk of a streamed chat completion."""
    choice = {"index": 0, "delta": fields, "finish_reason": finish}
    return {"model": "gpt-5-mini", "choices": [choice]}


def call_part(index: int, arguments: str, **fields: Any) -> dict[str, Any]:
    name = fields.pop("name", None)
    function = {"arguments": arguments} | ({"name": name} if name else {})
    return {"index": index, "function": function, **fields}


def test_a_streamed_chat_completion_is_put_together() -> None:
    seen: list[Any] = []
    usage = {"prompt_tokens": 12, "completion_tokens": 3}
    parts = events(
        delta(role="assistant", content=""),
        delta(content="On its"),
        delta(content=" wäy."),
        delta(finish="stop"),
        {"model": "gpt-5-mini", "choices": [], "usage": usage},
        "[DONE]",
    )
    reply = ask(
        streaming(b": keep alive\n\n", *parts, seen=seen),
        template="openai",
        stream="sse",
        model="gpt-5-mini",
    )
    assert reply.text == "On its wäy."
    assert reply.usage == Usage(input_tokens=12, output_tokens=3)
    assert (reply.model, reply.streamed) == ("gpt-5-mini", True)
    assert seen[0]["stream"] is True
    assert seen[0]["stream_options"] == {"include_usage": True}


def test_the_time_to_the_first_token_ends_with_the_first_words() -> None:
    pause_s = 0.15

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(events(delta(role="assistant", content=""))[0])
        await asyncio.sleep(pause_s)
        await response.write(events(delta(content="first"))[0])
        await asyncio.sleep(4 * pause_s)
        await response.write(b"".join(events(delta("stop", content=" last"), "[DONE]")))
        return response

    async def timed() -> tuple[AgentReply, float]:
        started = asyncio.get_running_loop().time()
        reply = await asyncio.to_thread(ask, handler, template="openai", stream="sse")
        return reply, (asyncio.get_running_loop().time() - started) * 1000

    reply, whole_ms = asyncio.run(timed())
    assert reply.text == "first last"
    assert reply.time_to_first_token_ms is not None
    assert reply.time_to_first_token_ms >= pause_s * 1000 * 0.9
    assert reply.time_to_first_token_ms <= whole_ms - 4 * pause_s * 1000 * 0.9


def test_streamed_tool_calls_are_assembled_by_their_index() -> None:
    parts = events(
        delta(tool_calls=[call_part(0, "", id="call_a", name="check_status")]),
        delta(tool_calls=[call_part(1, '{"x"', id="call_b", name="note")]),
        delta(tool_calls=[call_part(0, '{"order_id":')]),
        delta(tool_calls=[call_part(0, ' "A-1003"}'), call_part(1, ": 1")]),
        delta(finish="tool_calls"),
        "[DONE]",
    )
    reply = ask(streaming(*parts), template="openai", stream="sse")
    assert reply.text is None
    assert reply.time_to_first_token_ms is None
    assert reply.tool_calls == (
        RequestedTool("check_status", {"order_id": "A-1003"}, "call_a"),
        RequestedTool("note", '{"x": 1', "call_b"),
    )


def test_streamed_tool_calls_without_an_index_are_whole() -> None:
    calls = [
        {"id": name, "function": {"name": name, "arguments": json.dumps({"of": name})}}
        for name in ("one", "two")
    ]
    parts = events(delta("tool_calls", tool_calls=calls), "[DONE]")
    reply = ask(streaming(*parts), template="openai", stream="sse")
    assert [(call.name, call.arguments) for call in reply.tool_calls] == [  # type: ignore[union-attr]
        ("one", {"of": "one"}),
        ("two", {"of": "two"}),
    ]


@pytest.mark.parametrize(
    "parts",
    [
        [{"delta": "On "}, {"delta": "its way."}],
        [{"delta": {"content": "On "}}, {"delta": {"text": "its way."}}, {"usage": None}],
        [{"token": "On "}, {"token": "its way."}, "[DONE]"],
        [{"content": "On "}, {"content": "its way."}, {"done": True}],
        [{"message": {"content": "On "}}, {"message": {"content": "its way."}}],
    ],
)
def test_the_usual_places_of_streamed_words_are_known(parts: list[Any]) -> None:
    assert ask(streaming(*events(*parts)), stream="sse").text == "On its way."


def test_words_are_read_from_the_path_that_the_target_states() -> None:
    parts = events({"a": [{"b": "On "}]}, {"ping": 1}, {"a": [{"b": "its way."}], "t": {"out": 4}})
    reply = ask(
        streaming(*parts), stream="sse", response={"text": "a.0.b", "output_tokens": "t.out"}
    )
    assert (reply.text, reply.usage) == ("On its way.", Usage(output_tokens=4))


def test_json_lines_are_read_over_the_borders_of_chunks() -> None:
    lines = (
        b'{"content": "On "}\n\n{"content": "its w\xc3\xa4y."}\r\n{"usage": {"output_tokens": 2}}'
    )
    chunks = [lines[at : at + 3] for at in range(0, len(lines), 3)]
    reply = ask(streaming(*chunks, content_type="application/x-ndjson"), stream="jsonl")
    assert (reply.text, reply.usage) == ("On its wäy.", Usage(output_tokens=2))


def test_plain_text_is_read_over_the_borders_of_chunks() -> None:
    chunks = [bytes([byte]) for byte in "On its wäy €.".encode()]
    reply = ask(streaming(*chunks, content_type="text/plain"), stream="text")
    assert (reply.text, reply.streamed) == ("On its wäy €.", True)
    assert reply.time_to_first_token_ms is not None


def test_an_agent_that_does_not_stream_though_asked_to_is_read_whole() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"choices": [{"message": {"content": "hi"}}]})

    reply = ask(handler, template="openai", stream="sse")
    assert (reply.text, reply.streamed, reply.time_to_first_token_ms) == ("hi", False, None)


@pytest.mark.parametrize(
    ("parts", "kind", "message"),
    [
        (events(delta(content="On i")), "exception", "ended before the agent said it was done"),
        (events({"error": {"message": "overloaded"}}), "exception", '{"message":"overloaded"}'),
        ([b'event: error\ndata: {"message": "bad"}\n\n'], "exception", '{"message":"bad"}'),
        (events("not json"), "nonsense", "a part of the stream is not JSON: not json"),
        (events("[DONE]"), "nonsense", "looked for `choices.0.delta.content`; nothing came"),
        (events({"a": 1}, "[DONE]"), "nonsense", 'last {"a":1} came'),
        (events(delta(tool_calls=["x"])), "nonsense", "a part of a tool call is no object"),
        (
            events(delta("tool_calls", tool_calls=[call_part(0, "{}")])),
            "nonsense",
            "a tool call without a name",
        ),
    ],
)
def test_a_stream_that_makes_no_answer_says_why(
    parts: list[bytes], kind: str, message: str
) -> None:
    with pytest.raises(AgentFailed) as failed:
        ask(streaming(*parts), template="openai", stream="sse")
    assert failed.value.kind == kind
    assert message in str(failed.value)


def test_text_that_is_not_utf8_is_nonsense() -> None:
    with pytest.raises(AgentFailed, match="not UTF-8") as failed:
        ask(streaming(b"On \xff", content_type="text/plain"), stream="text")
    assert failed.value.kind == "nonsense"


def test_a_stream_that_dies_half_way_has_failed() -> None:
    async def dies(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        part = events(delta(content="On i"))[0]
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
        head += b"transfer-encoding: chunked\r\n\r\n"
        writer.write(head + f"{len(part):x}".encode() + b"\r\n" + part + b"\r\n")
        await writer.drain()

    with pytest.raises(AgentFailed, match="broke before the answer was complete") as failed:
        ask(raw=dies, template="openai", stream="sse")
    assert failed.value.kind == "exception"


def test_a_stream_that_hangs_is_given_up_in_time() -> None:
    async def hangs(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(events(delta(content="On i"))[0])
        await asyncio.sleep(30)
        return response

    with pytest.raises(TimeoutError):
        ask(hangs, question(), template="openai", stream="sse", timeout_s=0.3)


def test_an_endless_stream_is_cut_at_its_bound() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        part = b"".join(events({"delta": "x" * 1000})) * 100
        for _ in range(1000):
            await response.write(part)
        return response

    with pytest.raises(AgentFailed, match="larger than 10 MB"):
        ask(endless, stream="sse")
