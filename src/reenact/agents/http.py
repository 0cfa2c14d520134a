"""An agent behind an HTTP endpoint that takes JSON.

Imported when a replay connects to such an agent, because aiohttp takes its time to import.
"""

from __future__ import annotations

import asyncio
import io
import random
import time
from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec
from multidict import CIMultiDict
from yarl import URL

from reenact.agents.address import endpoint, shown_url
from reenact.agents.http_responses import (
    chunks,
    is_plain_json,
    next_hop,
    not_json,
    refusal,
    whole_body,
)
from reenact.agents.outside import OutsideAgent
from reenact.agents.port import AgentFailed, AgentReply, AgentRequest
from reenact.agents.shapes import shape_of
from reenact.agents.templates import fill_variables, variables_of
from reenact.domain.agent import HttpTarget

_MOST_RAW_BODY = 2**20
_MOST_HOPS = 3
_CONNECT_S = 10.0
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0
# uvicorn and node close an idle connection after 5 s. We do so before them, so that a request
# never meets a connection that the other side is just closing.
_KEEP_ALIVE_S = 4.0
_decode = msgspec.json.Decoder().decode


class HttpAgent(OutsideAgent):
    """Posts each request to one address and reads the answer, whole or streamed.

    One pool of connections, without cookies: conversations share nothing. Only making a
    connection is bounded here; who asks bounds the turn (`agents.port`).
    Header values, and what they take from the environment, are in no message and no repr.
    """

    def __init__(
        self,
        target: HttpTarget,
        *,
        environ: Mapping[str, str],
        timeout_s: float,
        connect_retries: int,
        trust_env: bool = False,
    ):
        """Compile the target.

        Args:
            target: Where and how to ask.
            environ: Where `${NAME}` in headers is looked up.
            timeout_s: The longest time for making a connection, in seconds; 10 at most.
            connect_retries: How often to try again while no connection could be made.
            trust_env: Use the proxies that the environment names.

        Raises:
            AgentNotLoaded: for an address, a header, a placeholder or a path that cannot work.
        """
        super().__init__(target)
        self._target = target
        address = endpoint(target)
        self._url = URL(address)
        self._shown = f"{target.method} {shown_url(address)}"
        self._shape = shape_of(target)
        own = CIMultiDict({"Content-Type": "application/json", "User-Agent": "reenact"})
        own.update(fill_variables(target.headers, environ))
        self._headers = own
        self._secrets = _secrets(target.headers, environ)
        self._connect_s = min(_CONNECT_S, timeout_s)
        self._connect_retries = connect_retries
        self._trust_env = trust_env
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"HttpAgent({self._shown})"

    async def reply(self, request: AgentRequest) -> AgentReply:
        """Ask once; try again, after a growing pause, only while no connection was made.

        Raises:
            AgentFailed: as the port says.
        """
        body = self._body_for(request)
        tried = 0
        while True:
            tried += 1
            try:
                session = self._session or self._opened()
                reply = await self._ask(session, self._url, body, request.headers)
                self._shape.settle(request, reply)
                return reply
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
                if tried > self._connect_retries:
                    raise self._unreachable(error, tried) from None
            except AgentFailed as failed:
                raise self._failed(failed.kind, str(failed)) from None
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise self._broken(error) from None
            await asyncio.sleep(_pause(tried))

    async def forget(self, session_id: str) -> None:
        """Forget where a talk stood that has ended."""
        self._shape.forget(session_id)

    async def aclose(self) -> None:
        """Close the connections; a further question opens new ones, in any event loop."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _body_for(self, request: AgentRequest) -> bytes:
        try:
            return self._shape.fill(request)
        except (TypeError, ValueError) as error:
            # Half of a surrogate pair in a recorded text, for one, has no place in UTF-8.
            raise self._failed("exception", f"the request is no JSON: {error}") from None

    def _opened(self) -> aiohttp.ClientSession:
        session = self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_S),
            headers=self._headers,  # a request's own take the place of those
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_s),
            trust_env=self._trust_env,
        )
        # aiohttp sends a PUT once more where a connection breaks. It may have had an effect.
        session._retry_connection = False
        return session

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        url: URL,
        body: bytes,
        headers: Mapping[str, str],
        hops: int = 0,
    ) -> AgentReply:
        # aiohttp warns of large bodies that are bytes and asks for a file.
        data = aiohttp.BytesPayload(body) if len(body) < _MOST_RAW_BODY else io.BytesIO(body)
        started = time.perf_counter()
        async with session.request(
            self._target.method, url, data=data, headers=headers, allow_redirects=False
        ) as response:
            if response.status in (307, 308) and hops < _MOST_HOPS:
                moved = next_hop(response)
            elif 200 <= response.status < 300:
                return await self._read(response, started)
            else:
                raise AgentFailed("status", await refusal(response))
        return await self._ask(session, moved, body, headers, hops + 1)

    async def _read(self, response: aiohttp.ClientResponse, started: float) -> AgentReply:
        streams = self._shape.streams
        if streams is not None and not is_plain_json(response, streams):
            return await self._shape.streamed(chunks(response), started=started)
        raw = await whole_body(response)
        try:
            data = _decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise AgentFailed("nonsense", not_json(response, raw)) from None
        return self._shape.whole(data)

    def _unreachable(self, error: BaseException, tried: int) -> AgentFailed:
        why = "it did not take the connection in time"
        if isinstance(error, aiohttp.ClientConnectorError):
            why = error.os_error.strerror or str(error.os_error)
        times = "once" if tried == 1 else f"{tried} times"
        return self._failed("unreachable", f"no connection, tried {times}: {why}")

    def _broken(self, error: BaseException) -> AgentFailed:
        if isinstance(error, aiohttp.ClientResponseError):
            return self._failed("nonsense", f"the answer is not HTTP: {error.message}")
        lost = (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError)
        if isinstance(error, lost):
            said = "the connection broke before the answer was complete"
            return self._failed("exception", f"{said} ({type(error).__name__})")
        return self._failed("exception", f"{type(error).__name__}: {error}")

    def _failed(self, kind: Any, message: str) -> AgentFailed:
        for secret in self._secrets:
            message = message.replace(secret, "•••")
        return AgentFailed(kind, f"{self._shown}: {message}")


def _secrets(headers: Mapping[str, str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return what must not be shown if the agent sends it back: the longest first."""
    taken = {environ[name] for text in headers.values() for name in variables_of(text)}
    written = {
        word
        for name, text in headers.items()
        if any(part in name.lower() for part in ("auth", "key", "token", "secret", "cookie"))
        for word in text.split()
        if len(word) >= 8
    }
    found = {value for value in taken | written if len(value) >= 4}
    return tuple(sorted(found, key=len, reverse=True))


def _pause(tried: int) -> float:
    """Return the seconds to wait: doubled each time, and spread so that nobody comes at once."""
    longest: float = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (tried - 1))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - a pause is no secret
