"""Under which names the server may be asked: those of this machine, and those that were named.

A web page can make a browser send requests to 127.0.0.1 under a name of the page's choosing
(DNS rebinding). Its requests then carry that name in `Host`, and are refused.
"""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from ipaddress import ip_address

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from reenact.listening.names import host_name, is_loopback
from reenact.server.refusing import refusal


class HostCheck:
    """Refuses requests whose `Host` is neither a loopback name nor one of `hosts`.

    `addresses` lets in every address in numbers: nobody can rebind one, and a server that
    listens for other machines does not know all of those under which they reach it.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Collection[str] = (), addresses: bool = False
    ) -> None:
        self._app = app
        self._hosts = frozenset(name.lower() for name in hosts)
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer 403."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        name = host_name(request.headers.get("host", ""))
        if is_loopback(name) or name in self._hosts or (self._addresses and _is_address(name)):
            await self._app(scope, receive, send)
            return
        refused = refusal(
            request,
            HTTPStatus.FORBIDDEN,
            f"{name[:80]!r} is not a name of this server",
            where="Host",
            next_step="address it as localhost or 127.0.0.1, or start it with --allow-host NAME",
        )
        await refused(scope, receive, send)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
