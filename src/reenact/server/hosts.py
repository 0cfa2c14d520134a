"""Who may ask: this machine only, and under its own names.

A web page can make a browser send requests to 127.0.0.1 under a name of the page's choosing
(DNS rebinding). Its requests then carry that name in `Host`, and are refused.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from reenact.server import answers


def is_loopback(host: str) -> bool:
    """Say whether `host` is a name or address of this machine that no other can reach."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


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


def host_name(header: str) -> str:
    """Return the name in a `Host` header: without port, brackets of IPv6 taken off."""
    text = header.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]
