"""The door: who asks is found out here, once, before any route sees the request."""

from __future__ import annotations

import hmac
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reenact.access.people import csrf_of
from reenact.errors import Forbidden, ReenactError
from reenact.server.api import PREFIX
from reenact.server.api.callers import Caller
from reenact.server.checks import Checks, somebody
from reenact.server.origins import SAFE_METHODS, is_foreign
from reenact.server.refusing import is_api, refusal, refusal_of
from reenact.server.visits import Visit, visit_of

CSRF = "X-CSRF-Token"
_LOGIN = f"{PREFIX}/login"
_FOR_ANYBODY = frozenset({_LOGIN, f"{PREFIX}/logout", f"{PREFIX}/me"})
"""What is answered before anybody has signed in, besides the pages and `/healthz`."""


class Door:
    """Lets in who may ask, and tells the routes who it is.

    Routes find `request.state.caller` (a Caller) and `request.state.visit` (a Visit). They decide
    what a caller may do; that somebody must be known at all is decided here, for every path alike.
    """

    def __init__(self, app: ASGIApp, *, checks: Checks, behind_tls: bool = False) -> None:
        self._app = app
        self._checks = checks
        self._behind_tls = behind_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or say why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = await self._refused(Request(scope, receive))
        await (refused or self._app)(scope, receive, send)

    async def _refused(self, request: Request) -> Response | None:
        if is_foreign(request):
            return refusal(
                request,
                HTTPStatus.FORBIDDEN,
                "another site's page may not ask here",
                where="Origin",
                next_step="open this server's own pages, or ask from a program",
            )
        if _is_public(request):
            return None
        try:
            await self._let_in(request)
        except ReenactError as error:
            return refusal_of(request, error)
        return None

    async def _let_in(self, request: Request) -> None:
        visit = visit_of(request, behind_tls=self._behind_tls)
        shown = request.headers.get("authorization")
        caller = await self._checks.caller(authorization=shown, login=visit.login)
        if request.url.path not in _FOR_ANYBODY:
            somebody(caller)
        _check_csrf(request, caller, visit)
        request.state.visit = visit
        request.state.caller = caller


def _is_public(request: Request) -> bool:
    """Tell whether there is nothing to protect: the pages hold no data."""
    path = request.url.path
    if path == "/healthz":
        return True
    return request.method in SAFE_METHODS and not is_api(path) and path != "/metrics"


def _check_csrf(request: Request, caller: Caller, visit: Visit) -> None:
    """Raise Forbidden for a change under a login that none of our own pages sends.

    Browsers send cookies on their own, whichever page it is that asks; they do not send this.
    """
    if request.method in SAFE_METHODS or request.url.path == _LOGIN:
        return
    if not caller.signed_in or visit.login is None:
        return
    sent = request.headers.get(CSRF, "")
    if not hmac.compare_digest(sent.encode(), csrf_of(visit.login).encode()):
        raise Forbidden(
            "the token of this login is missing or wrong",
            where=CSRF,
            next_step=f"send `csrf` of GET {PREFIX}/me with every change",
        )
