"""The application of the tool server: plain HTTP for any language, and MCP beside it.

    GET  /TOKEN[/SESSION.TURN]/tools         the tools, with the schemas of their arguments
    POST /TOKEN[/SESSION.TURN]/tools/NAME    a call: its arguments as the body, a JSON object
    POST /TOKEN[/SESSION.TURN]/mcp           MCP's streamable HTTP

A call is answered with 200 and `result`, `error` and `provenance`; `error` is null where the
tool succeeded. Other statuses mean that the call did not get to a tool.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from reenact.errors import BodyTooLarge, DecodeError, ReenactError
from reenact.listening.bodies import read_body
from reenact.tools.served.access import Access, Asked
from reenact.tools.served.caller import caller_of
from reenact.tools.served.open_turns import Tooling
from reenact.tools.served.results import json_answer, json_tool

MOST_BYTES = 4 * 2**20
"""The largest body: arguments of a tool, or a message of MCP."""
_SMALLER = "send smaller arguments"
PLACE = "reenact.place"
"""Where a request's scope holds the conversation that its address names."""


class McpApp(Protocol):
    """MCP's streamable HTTP as an application that is started and stopped with ours."""

    def running(self) -> Any:
        """Return the context manager that it runs in."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""


def tool_app(tooling: Tooling, *, access: Access, mcp: McpApp | None) -> Starlette:
    """Return the application; without `mcp` it has the plain endpoint alone."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if mcp is None:
            yield
            return
        async with mcp.running():
            yield

    endpoint = _Endpoint(tooling, access, mcp)
    return Starlette(routes=[Route("/{path:path}", endpoint)], lifespan=lifespan)


class _Endpoint:
    """Checks who asks, reads the body with its bound, and hands the request on."""

    def __init__(self, tooling: Tooling, access: Access, mcp: McpApp | None) -> None:
        self._tooling = tooling
        self._access = access
        self._mcp = mcp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if refusal := self._access.refusal(request):
            await _failure(403, refusal)(scope, receive, send)
            return
        asked = self._access.asked(request)
        if asked is None:
            known = "there are /tools, /tools/NAME and /mcp behind the token"
            await _failure(404, f"nothing is at this path; {known}")(scope, receive, send)
            return
        try:
            body = await read_body(request, limit=MOST_BYTES, smaller=_SMALLER)
        except ClientDisconnect:
            return
        except ReenactError as error:
            status = 413 if isinstance(error, BodyTooLarge) else 400
            await _failure(status, error.render(), close=True)(scope, receive, send)
            return
        if asked.what == "mcp":
            await self._hand_on(asked, body, scope, receive, send)
            return
        answer = await self._tools(asked, request, body)
        await answer(scope, receive, send)

    async def _hand_on(
        self, asked: Asked, body: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if self._mcp is None:
            what = "MCP needs the extra: pip install 'reenact[mcp]'"
            await _failure(501, what)(scope, receive, send)
            return
        if scope["method"] == "GET":
            # Nothing is ever told unasked; a stream for it would only hold the server open.
            await _failure(405, "no stream is offered here")(scope, receive, send)
            return
        told = {**scope, PLACE: asked.place}
        await self._mcp.handle(told, _again(body, receive), send)

    async def _tools(self, asked: Asked, request: Request, body: bytes) -> Response:
        if asked.name is None:
            if request.method not in ("GET", "HEAD"):
                return _failure(405, "tools are listed with GET, and called with POST /tools/NAME")
            tools = await asyncio.to_thread(self._tooling.tools)
            return JSONResponse({"tools": [json_tool(tool) for tool in tools]})
        if request.method != "POST":
            return _failure(405, "a tool is called with POST, its arguments as the body")
        try:
            arguments = _arguments(body)
        except DecodeError as error:
            return _failure(400, error.render())
        caller = caller_of(request.headers, place=asked.place)
        # A tool that is simulated waits for a model: never in the server's own loop.
        answer = await asyncio.to_thread(self._tooling.ask, asked.name, arguments, caller=caller)
        return JSONResponse(json_answer(answer))


def _arguments(body: bytes) -> dict[str, Any]:
    try:
        arguments = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise DecodeError(
            f"the arguments are no JSON: {str(error)[:200]}",
            where="body",
            next_step='send them as an object: {"order_id": "A-1"}',
        ) from None
    if not isinstance(arguments, dict):
        raise DecodeError(
            f"the arguments are a {type(arguments).__name__}, not an object",
            where="body",
            next_step='send them by name: {"order_id": "A-1"}',
        )
    return arguments


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body that was read, and then what comes after it."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def once_more() -> Message:
        return left.pop() if left else await receive()

    return once_more


def _failure(status: int, what: str, *, close: bool = False) -> Response:
    headers = {"connection": "close"} if close else None
    return JSONResponse({"error": what}, status_code=status, headers=headers)
