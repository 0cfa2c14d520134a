"""`Idempotency-Key`: who did not hear the answer asks again, and nothing is done twice.

The first answer to a key is kept, by caller, for a day; the same request with the same key gets
it again. What failed on our side is not kept, so that it can be tried again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reenact.errors import StoreError
from reenact.server.api import PREFIX
from reenact.server.api.bodies import with_body
from reenact.server.api.callers import NOBODY, caller_of
from reenact.server.refusing import is_api, refusal, refusal_of
from reenact.store.kept_answers import KeptAnswer, KeptAnswers

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 200
MOST_BYTES = 2**20
"""Bytes of an answer that is kept; of a longer one only that it was given."""
HARMLESS = frozenset({f"{PREFIX}/login", f"{PREFIX}/logout"})
"""May be done twice, and must not be answered from memory."""
_SECRET = frozenset({f"{PREFIX}/keys"})
"""Their answers hold a secret that is written down nowhere."""
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
"""Ask again later, these say: so they are not given for a day."""


class Idempotency:
    """Gives the first answer again to who asks the same with the same key."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        answers: KeptAnswers,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._app = app
        self._answers = answers
        self._clock = clock
        self._under_way: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as before, or let the request through and keep its answer."""
        key = _key_of(scope, receive)
        if key is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
            await _bad_key(request)(scope, receive, send)
            return
        mine = caller_of(request).name, key
        if mine in self._under_way:
            await _under_way(request)(scope, receive, send)
            return
        self._under_way.add(mine)
        try:
            await self._once(request, mine, send)
        finally:
            self._under_way.discard(mine)

    async def _once(self, request: Request, mine: tuple[str, str], send: Send) -> None:
        body = await request.body()
        request_hash = _hash(request, body)
        try:
            kept = await asyncio.to_thread(self._answers.find, *mine, now=self._clock())
        except StoreError as error:
            await refusal_of(request, error)(request.scope, request.receive, send)
            return
        if kept is not None:
            answer = _again(request, kept, request_hash)
            await answer(request.scope, request.receive, send)
            return
        heard = _Heard(send)
        await self._app(request.scope, with_body(body, request.receive), heard)
        if heard.status < 500 and heard.status not in _PASSING:
            # What was asked is done: the caller is told so, even if it cannot be kept.
            with suppress(StoreError):
                first = _kept(request, heard, request_hash)
                await asyncio.to_thread(self._answers.keep, *mine, first, now=self._clock())
        await heard.pass_on()


class _Heard:
    """Holds back an answer until it has been kept; one that is too long passes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: list[Message] | None = []
        self._body = bytearray()
        self.status = 500
        self.media_type: str | None = None

    @property
    def body(self) -> bytes | None:
        """The whole body; None where it was too long to be held back."""
        return None if self._held is None else bytes(self._body)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.media_type = Headers(raw=message["headers"]).get("content-type")
        if self._held is None:
            await self._send(message)
            return
        self._held.append(message)
        self._body += message.get("body", b"")
        if len(self._body) > MOST_BYTES:
            await self.pass_on()

    async def pass_on(self) -> None:
        """Send what was held back."""
        held, self._held = self._held, None
        for message in held or ():
            await self._send(message)


def _key_of(scope: Scope, receive: Receive) -> str | None:
    """Return the key of a request that is to be done once; None for every other request."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return None
    if not is_api(scope["path"]) or scope["path"] in HARMLESS:
        return None
    request = Request(scope, receive)
    return None if caller_of(request) is NOBODY else request.headers.get(HEADER)


def _hash(request: Request, body: bytes) -> str:
    said = (
        request.url.path,
        request.url.query,
        request.headers.get("content-type", ""),
    )
    head = "\n".join(said).encode()
    return hashlib.sha256(hashlib.sha256(head).digest() + body).hexdigest()


def _kept(request: Request, heard: _Heard, request_hash: str) -> KeptAnswer:
    secret = request.url.path in _SECRET and heard.status < 400
    return KeptAnswer(
        request_hash=request_hash,
        status=heard.status,
        media_type=heard.media_type,
        body=None if secret else heard.body,
    )


def _again(request: Request, kept: KeptAnswer, request_hash: str) -> Response:
    if kept.request_hash != request_hash:
        return refusal(
            request,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "this key was used for another request",
            where=HEADER,
            next_step="use a new key for each request, and the same one only to ask it again",
        )
    if kept.body is None:
        return refusal(
            request,
            HTTPStatus.CONFLICT,
            "this was done before, and its answer is not kept",
            where=HEADER,
            next_step="look at what there is now; to do it once more, use a new key",
        )
    headers = {REPLAYED: "true"}
    if kept.media_type is not None:
        headers["content-type"] = kept.media_type
    return Response(kept.body, status_code=kept.status, headers=headers)


def _under_way(request: Request) -> Response:
    return refusal(
        request,
        HTTPStatus.CONFLICT,
        "a request with this key is under way",
        where=HEADER,
        next_step="ask again, with the same key, when it has ended",
        headers={"retry-after": "1"},
    )


def _bad_key(request: Request) -> Response:
    return refusal(
        request,
        HTTPStatus.BAD_REQUEST,
        "this is no key",
        where=HEADER,
        next_step=f"send 1 to {LONGEST_KEY} visible characters that nobody else sends: a UUID",
    )
