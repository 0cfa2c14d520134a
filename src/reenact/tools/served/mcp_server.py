"""The recorded tools as an MCP server, through the official SDK (extra `mcp`), 1.x or 2.x.

Frameworks pin either of the two, and this must go into their environments. What they differ in
is how handlers are registered and told of their request; values are made from wire data, which
both read alike.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from typing import Any

from starlette.types import Receive, Scope, Send

from reenact import __version__
from reenact.errors import UsageError
from reenact.tools.served.caller import Caller, caller_of
from reenact.tools.served.endpoint import PLACE
from reenact.tools.served.open_turns import Tooling
from reenact.tools.served.results import mcp_result, mcp_text, mcp_tool

_NAME = "reenact"
OnList = Callable[[Caller], Awaitable[Any]]
OnCall = Callable[[str, Any, Caller], Awaitable[Any]]


def is_available() -> bool:
    """Tell whether the SDK is installed."""
    return importlib.util.find_spec("mcp") is not None


def require_mcp() -> None:
    """Do nothing where the SDK is installed.

    Raises:
        UsageError: saying what to install.
    """
    if not is_available():
        raise UsageError(
            "serving tools over MCP needs the MCP SDK",
            next_step="pip install 'reenact[mcp]'",
        )


class RecordedMcp:
    """MCP's streamable HTTP over `tooling`.

    With `sessions` each MCP session is told apart, so that it can have a state of its own;
    without, every request stands alone and says itself where it belongs.
    """

    def __init__(self, tooling: Tooling, *, sessions: bool) -> None:
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        self._manager = StreamableHTTPSessionManager(
            app=mcp_server(tooling), json_response=True, stateless=not sessions
        )

    def running(self) -> Any:
        """Return the context manager that the sessions run in."""
        return self._manager.run()

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._manager.handle_request(scope, receive, send)


def _is_first() -> bool:
    return version("mcp").partition(".")[0] == "1"


def mcp_server(tooling: Tooling) -> Any:
    """Return the SDK's server over `tooling`; every transport runs it."""
    from mcp import types

    async def listed(caller: Caller) -> Any:
        tools = await asyncio.to_thread(tooling.tools)
        return types.ListToolsResult.model_validate({"tools": [mcp_tool(one) for one in tools]})

    async def called(name: str, arguments: Any, caller: Caller) -> Any:
        answer = await asyncio.to_thread(tooling.ask, name, arguments, caller=caller)
        try:
            return types.CallToolResult.model_validate(mcp_result(answer))
        except ValueError:  # it only looked like MCP's content
            return types.CallToolResult.model_validate(mcp_text(answer))

    return (_server_1 if _is_first() else _server_2)(listed, called)


def _server_2(listed: OnList, called: OnCall) -> Any:
    from mcp.server.lowlevel import Server

    async def on_list(context: Any, params: Any) -> Any:
        return await listed(_caller(context))

    async def on_call(context: Any, params: Any) -> Any:
        return await called(params.name, params.arguments or {}, _caller(context))

    server = Server(
        _NAME,
        version=__version__,
        on_list_tools=on_list,
        on_call_tool=on_call,
        # Nothing to check headers against: without this the tools are listed for every call.
        get_tool_input_schema=lambda name: None,
    )
    # Its spans would stand among the agent's own, as tools that were run.
    server.middleware.clear()
    return server


def _server_1(listed: OnList, called: OnCall) -> Any:
    from mcp import types
    from mcp.server.lowlevel import Server

    server: Any = Server(_NAME, version=__version__)

    async def on_list(request: Any) -> Any:
        return types.ServerResult(await listed(_caller(server.request_context)))  # type: ignore[operator]

    async def on_call(request: Any) -> Any:
        name, arguments = request.params.name, request.params.arguments or {}
        result = await called(name, arguments, _caller(server.request_context))
        return types.ServerResult(result)  # type: ignore[operator]

    server.request_handlers[types.ListToolsRequest] = on_list
    server.request_handlers[types.CallToolRequest] = on_call
    return server


def _caller(context: Any) -> Caller:
    """Read who calls from the HTTP request, where there is one, and the message's `_meta`."""
    request = getattr(context, "request", None)
    headers: Mapping[str, str] = request.headers if request is not None else {}
    place = request.scope.get(PLACE) if request is not None else None
    return caller_of(headers, place=place, meta=_meta_of(context))


def _meta_of(context: Any) -> Mapping[str, object]:
    meta = getattr(context, "meta", None)
    if meta is None or isinstance(meta, Mapping):
        return meta or {}
    return getattr(meta, "model_extra", None) or {}
