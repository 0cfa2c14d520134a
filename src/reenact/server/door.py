"""The door: who asks is found out here, once, before any route sees the request."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from reenact.server.api.callers import EVERYBODY
from reenact.server.origins import is_foreign
from reenact.server.refusing import refusal


class Door:
    """Refuses other sites' pages, and tells the routes who asks (`request.state.caller`)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer 403."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        if is_foreign(request):
            refused = refusal(
                request,
                HTTPStatus.FORBIDDEN,
                "another site's page may not ask here",
                where="Origin",
                next_step="open this server's own pages, or ask from a program",
            )
            await refused(scope, receive, send)
            return
        request.state.caller = EVERYBODY
        await self._app(scope, receive, send)
