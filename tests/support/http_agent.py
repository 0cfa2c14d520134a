"""Real HTTP agents on 127.0.0.1, and a way to ask them once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from reenact.agents.http import HttpAgent
from reenact.agents.port import AgentReply, AgentRequest
from reenact.domain.agent import HttpTarget

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Raw = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

HISTORY = [
    {"role": "user", "content": "hello"},
    {"role": "assistant", "content": "Hello, how can I help?"},
]


@asynccontextmanager
async def serving(handler: Handler, *, port: int = 0) -> AsyncIterator[str]:
    """Serve `handler` on every path; yield the address."""
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serving_raw(talk: Raw) -> AsyncIterator[str]:
    """Serve bytes: `talk` gets the reader and the writer of each connection."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def http_agent(
    target: HttpTarget,
    *,
    environ: Mapping[str, str] | None = None,
    timeout_s: float = 5.0,
    connect_retries: int = 0,
) -> HttpAgent:
    """Return the agent for `target` with bounds that suit a test."""
    return HttpAgent(
        target, environ=environ or {}, timeout_s=timeout_s, connect_retries=connect_retries
    )


def question(message: str = "where is my order?", **fields: Any) -> AgentRequest:
    """Return one request, the third turn of a talk unless told otherwise."""
    given = {"messages": HISTORY, "session_id": "replay-1", "turn": 3, **fields}
    return AgentRequest(message=message, **given)


async def asked(agent: HttpAgent, *requests: AgentRequest) -> list[AgentReply]:
    """Return the replies of `agent` to `requests`, one after the other, and close it."""
    try:
        return [await agent.reply(request) for request in requests]
    finally:
        await agent.aclose()


def answering(data: Any, seen: list[dict[str, Any]] | None = None, **response: Any) -> Any:
    """Return a handler that notes what it is sent and answers `data` as JSON."""

    async def handler(request: web.Request) -> web.Response:
        if seen is not None:
            seen.append(
                {
                    "path": request.path_qs,
                    "method": request.method,
                    "headers": dict(request.headers),
                    "body": await request.json(),
                }
            )
        return web.json_response(data, **response)

    return handler


def ask(
    handler: Handler | None = None,
    *requests: AgentRequest,
    raw: Raw | None = None,
    path: str = "/agent",
    environ: Mapping[str, str] | None = None,
    timeout_s: float = 5.0,
    **target: Any,
) -> AgentReply:
    """Serve `handler` (or `raw`), ask once (or each of `requests`), return the last reply."""

    async def go() -> AgentReply:
        server = serving(handler) if handler is not None else serving_raw(raw or _silent)
        async with server as url:
            agent = http_agent(
                HttpTarget(url=url + path, **target), environ=environ, timeout_s=timeout_s
            )
            async with asyncio.timeout(timeout_s):  # as a replay bounds each turn
                return (await asked(agent, *(requests or (question(),))))[-1]

    return asyncio.run(go())


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
