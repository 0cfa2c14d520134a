"""Who may ask the tool server: who knows its token, and no web page.

A page of a stranger can make a browser send requests to 127.0.0.1, under a name of the page's
choosing (DNS rebinding). Such a request carries that name in `Host`, or the page in `Origin`.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from reenact.listening.names import host_name, is_loopback
from reenact.tools.served.caller import is_place


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: `mcp`, or `tools` with the name of one to call."""

    what: str
    name: str | None = None
    place: str | None = None
    """The conversation that the address names, as `SESSION.TURN`."""


@dataclass(frozen=True, slots=True)
class Access:
    """Checks requests against the token and the host that the server listens on."""

    token: str
    host: str

    def refusal(self, request: Request) -> str | None:
        """Return why `request` must not be answered; None where it may be.

        The token stands first in the path, or in `Authorization: Bearer`.
        """
        name = host_name(request.headers.get("host", ""))
        if not is_loopback(name) and name != self.host.lower():
            return f"Host: {name[:80]!r} is not a name of this server"
        origin = request.headers.get("origin")
        if origin is not None and not is_loopback(_host_of(origin)):
            return f"Origin: {origin[:80]!r} is not on this machine"
        if not self._knows_token(request):
            return "the token is missing or wrong; use the address that the run printed or sent"
        return None

    def asked(self, request: Request) -> Asked | None:
        """Return what the path asks for; None where it names nothing here."""
        parts = [part for part in request.scope["path"].split("/") if part]
        if parts and hmac.compare_digest(parts[0].encode(), self.token.encode()):
            parts = parts[1:]
        place = None
        if parts and parts[0] not in ("mcp", "tools") and is_place(parts[0]):
            place, parts = parts[0], parts[1:]
        match parts:
            case ["mcp"]:
                return Asked("mcp", place=place)
            case ["tools"]:
                return Asked("tools", place=place)
            case ["tools", *name]:  # a tool's name may hold a slash
                return Asked("tools", name="/".join(name), place=place)
        return None

    def _knows_token(self, request: Request) -> bool:
        first = request.scope["path"].lstrip("/").partition("/")[0]
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        shown = [first, given.strip() if scheme.lower() == "bearer" else ""]
        return any(hmac.compare_digest(one.encode(), self.token.encode()) for one in shown)


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""
