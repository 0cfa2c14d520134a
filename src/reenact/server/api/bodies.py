"""Bodies of requests to the API: read whole, bounded in size and time, before any route."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reenact.errors import DecodeError
from reenact.listening.bodies import read_body
from reenact.server.origins import SAFE_METHODS
from reenact.server.refusing import is_api, refusal_of

MOST_BYTES = 8 * 2**20


class BoundedBodies:
    """Reads the body of every change that is asked of the API, of at most `most` bytes."""

    def __init__(self, app: ASGIApp, *, most: int = MOST_BYTES) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through with its body, or say that it is too large or too slow."""
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or not is_api(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            body = await read_body(request, limit=self._most, smaller="send less at once")
        except DecodeError as error:
            await refusal_of(request, error)(scope, receive, send)
            return
        except ClientDisconnect:
            return  # nobody is there to be answered
        await self._app(scope, with_body(body, receive), send)


def with_body(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives `body`, and then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
