"""Who may ask: this machine only, and under its own names.

A web page can make a browser send requests to 127.0.0.1 under a name of the page's choosing
(DNS rebinding). Its requests then carry that name in `Host`, and are refused.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from reenact.listening.names import host_name, is_loopback
from reenact.server import answers


class HostCheck:
    """Refuses requests whose `Host` is neither a loopback name nor one of `hosts`."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(name.lower() for name in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer 403."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        name = host_name(request.headers.get("host", ""))
        if is_loopback(name) or name in self._hosts:
            await self._app(scope, receive, send)
            return
        refused = answers.failure(
            request,
            403,
            f"Host: {name[:80]!r} is not a name of this server\n"
            "  -> address it as localhost or 127.0.0.1, or start it with --allow-host NAME",
        )
        await refused(scope, receive, send)
