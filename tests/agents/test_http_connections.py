"""How an HTTP agent connects: what is tried again, given up, followed or shared."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any

import pytest
from aiohttp import web

from reenact.agents.http import HttpAgent
from reenact.agents.port import AgentFailed, AgentReply
from reenact.domain.agent import HttpTarget
from support.http_agent import (
    answering,
    ask,
    asked,
    http_agent,
    question,
    serving,
    serving_raw,
)


def test_only_connections_are_tried_again_never_an_answered_request() -> None:
    seen: list[dict[str, Any]] = []

    async def go() -> None:
        async with serving(answering({"detail": "busy"}, seen, status=503)) as url:
            await asked(http_agent(HttpTarget(url=url), connect_retries=3), question())

    with pytest.raises(AgentFailed, match="answered 503"):
        asyncio.run(go())
    assert len(seen) == 1


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_an_agent_that_dies_half_way_is_asked_once(method: str) -> None:
    requests = 0

    async def dies(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await reader.readuntil(b"\r\n\r\n")
        requests += 1
        writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"content": "On i')
        await writer.drain()

    async def vanishes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await reader.readuntil(b"\r\n\r\n")
        requests += 1

    for talk in (dies, vanishes):
        requests = 0
        with pytest.raises(AgentFailed) as failed:
            ask(raw=talk, method=method)
        assert failed.value.kind == "exception"
        assert "the connection broke before the answer was complete" in str(failed.value)
        assert requests == 1


def test_what_is_not_http_is_nonsense() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example.org ready\r\n\r\n")
        await writer.drain()

    with pytest.raises(AgentFailed, match="not HTTP") as failed:
        ask(raw=talk)
    assert failed.value.kind == "nonsense"


def test_an_agent_that_never_answers_is_given_up_and_its_connection_closed() -> None:
    closed = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.read()
        closed.set()

    async def go() -> None:
        async with serving_raw(silent) as url:
            agent = http_agent(HttpTarget(url=f"{url}/agent"))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await agent.reply(question())
            async with asyncio.timeout(5):
                await closed.wait()
            await agent.aclose()

    asyncio.run(go())


def test_a_refused_connection_is_tried_again_as_often_as_was_asked() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound but not listening: every connection is refused
        port = held.getsockname()[1]
        tries: list[int] = []

        def count(event: str, args: tuple[Any, ...]) -> None:
            if event == "socket.connect" and tries_open and args[1][1] == port:
                tries.append(port)

        tries_open = True
        sys.addaudithook(count)
        try:
            agent = http_agent(HttpTarget(url=f"http://127.0.0.1:{port}/a"), connect_retries=2)
            with pytest.raises(AgentFailed) as failed:
                asyncio.run(_one(agent))
        finally:
            tries_open = False  # an audit hook cannot be taken off
    assert failed.value.kind == "unreachable"
    assert f"POST http://127.0.0.1:{port}/a: no connection, tried 3 times" in str(failed.value)
    assert len(tries) == 3


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    agent = http_agent(HttpTarget(url="http://no-such-host.invalid/a"), timeout_s=15)
    with pytest.raises(AgentFailed, match="no connection, tried once") as failed:
        asyncio.run(_one(agent))
    assert failed.value.kind == "unreachable"


def test_an_agent_that_starts_late_is_reached() -> None:
    async def go() -> str | None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        agent = http_agent(HttpTarget(url=f"http://127.0.0.1:{port}"), connect_retries=10)
        waiting = asyncio.create_task(_one(agent))
        await asyncio.sleep(0.2)
        async with serving(answering({"content": "here now"}), port=port):
            return (await waiting).text

    assert asyncio.run(go()) == "here now"


def test_a_redirect_within_the_host_is_followed_with_the_same_body() -> None:
    seen: list[Any] = []

    async def handler(request: web.Request) -> web.Response:
        if not request.path.endswith("/"):
            raise web.HTTPTemporaryRedirect(request.path + "/")
        seen.append(await request.json())
        return web.json_response({"content": "hi"})

    assert ask(handler).text == "hi"
    assert seen[0]["message"] == "where is my order?"


@pytest.mark.parametrize(
    ("status", "place"),
    [
        (307, "http://elsewhere.invalid/agent?key=topsecret"),
        (308, "//elsewhere.invalid/agent"),
        (307, ""),
        (302, "/agent/"),
    ],
)
def test_other_redirects_are_not_followed(status: int, place: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": place} if place else {})

    with pytest.raises(AgentFailed, match=f"answered {status}, a redirect to") as failed:
        ask(handler)
    assert failed.value.kind == "status"
    assert "topsecret" not in str(failed.value)


def test_redirects_in_a_circle_end() -> None:
    hops = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal hops
        hops += 1
        raise web.HTTPTemporaryRedirect(request.path)

    with pytest.raises(AgentFailed, match="answered 307"):
        ask(handler)
    assert hops == 4


def test_conversations_share_no_cookies() -> None:
    cookies: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("Cookie"))
        response = web.json_response({"content": "hi"})
        response.set_cookie("session", "mine")
        return response

    async def go() -> None:
        async with serving(handler) as url:
            # By name: of a bare number aiohttp would keep no cookie anyway.
            agent = http_agent(HttpTarget(url=url.replace("127.0.0.1", "localhost")))
            await asked(agent, question(), question())

    asyncio.run(go())
    assert cookies == [None, None]


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert ask(answering({"content": "hi"})).text == "hi"


def test_one_agent_serves_many_conversations_at_once_on_its_own_connections() -> None:
    together = 0
    most = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal together, most
        together += 1
        most = max(most, together)
        await asyncio.sleep(0.05)
        together -= 1
        return web.json_response({"content": (await request.json())["session_id"]})

    async def go() -> list[str | None]:
        async with serving(handler) as url:
            agent = http_agent(HttpTarget(url=url))
            replies = await asyncio.gather(
                *(agent.reply(question(session_id=f"s{n}")) for n in range(150))
            )
            await agent.aclose()
            return [reply.text for reply in replies]

    assert asyncio.run(go()) == [f"s{n}" for n in range(150)]
    assert most > 100  # aiohttp's own bound


def test_an_agent_works_in_a_second_event_loop() -> None:
    agents: list[HttpAgent] = []

    async def go(port: int = 0) -> tuple[str | None, int]:
        async with serving(answering({"content": "hi"}), port=port) as url:
            if not agents:
                agents.append(http_agent(HttpTarget(url=url)))
            return (await asked(agents[0], question()))[0].text, int(url.rpartition(":")[2])

    first, port = asyncio.run(go())
    assert (first, asyncio.run(go(port))) == ("hi", ("hi", port))


async def _one(agent: HttpAgent) -> AgentReply:
    return (await asked(agent, question()))[0]
