"""An agent behind an HTTP endpoint that takes JSON.

Imported when a replay connects to such an agent, because aiohttp takes its time to import.
"""

from __future__ import annotations

import asyncio
import io
import random
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import msgspec
from multidict import CIMultiDict
from yarl import URL

from reenact.agents.address import endpoint, shown_url
from reenact.agents.answers import answer_paths, excerpt, read_answer
from reenact.agents.port import AgentFailed, AgentReply, AgentRequest
from reenact.agents.streams import StreamReader
from reenact.agents.templates import fill_headers, request_template, variables_of
from reenact.domain.agent import HttpTarget, ToolsMode

MOST_BYTES = 10 * 2**20
"""The largest answer that is read."""
_MOST_RAW_BODY = 2**20
_MOST_HOPS = 3
_CONNECT_S = 10.0
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0
# uvicorn and node close an idle connection after 5 s. We do so before them, so that a request
# never meets a connection that the other side is just closing.
_KEEP_ALIVE_S = 4.0
_decode = msgspec.json.Decoder().decode


class HttpAgent:
    """Posts each request to one address and reads the answer, whole or streamed.

    One connection pool per event loop, without cookies: conversations share nothing.
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
            timeout_s: The longest time for one answer, in seconds, connecting included.
            connect_retries: How often to try again while no connection could be made.
            trust_env: Use the proxies that the environment names.

        Raises:
            AgentNotLoaded: for an address, a header, a placeholder or a path that cannot work.
        """
        self._target = target
        address = endpoint(target)
        self._url = URL(address)
        self._shown = f"{target.method} {shown_url(address)}"
        self._template = request_template(target)
        self._places = answer_paths(target, streamed=False)
        self._stream = _stream_reader(target)
        self._headers = CIMultiDict(
            {
                "Content-Type": "application/json",
                "User-Agent": "reenact",
                **fill_headers(target.headers, environ),
            }
        )
        self._secrets = _secrets(target.headers, environ)
        self._timeout_s = timeout_s
        self._connect_retries = connect_retries
        self._trust_env = trust_env
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession]
        self._sessions = WeakKeyDictionary()

    def __repr__(self) -> str:
        return f"HttpAgent({self._shown})"

    @property
    def tools(self) -> ToolsMode:
        """Who runs its tools, as the target declares."""
        return self._target.tools

    @property
    def stateless(self) -> bool:
        """True unless the target says that the agent keeps the talk on its side."""
        return self._target.stateless

    @property
    def in_process(self) -> bool:
        """The agent runs elsewhere; its trace context goes with the headers."""
        return False

    @property
    def intercepted(self) -> frozenset[str]:
        """None: tools behind HTTP cannot be intercepted from here."""
        return frozenset()

    async def reply(self, request: AgentRequest) -> AgentReply:
        """Ask once; try again, after a growing pause, only while no connection was made.

        Raises:
            AgentFailed: as the port says.
        """
        body = self._body_for(request)
        headers = self._headers
        if request.headers:
            headers = headers.copy()
            headers.update(request.headers)
        tried = 0
        while True:
            tried += 1
            try:
                return await self._ask(self._url, body, headers)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
                if tried > self._connect_retries:
                    raise self._unreachable(error, tried) from None
            except AgentFailed as failed:
                raise self._failed(failed.kind, str(failed)) from None
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise self._broken(error) from None
            await asyncio.sleep(_pause(tried))

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    def _body_for(self, request: AgentRequest) -> bytes:
        try:
            return self._template.fill(request)
        except (TypeError, ValueError) as error:
            # Half of a surrogate pair in a recorded text, for one, has no place in UTF-8.
            raise self._failed("exception", f"the request is no JSON: {error}") from None

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None:
            connect_s = min(_CONNECT_S, self._timeout_s)
            session = self._sessions[loop] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=connect_s),
                trust_env=self._trust_env,
            )
            # aiohttp sends a PUT once more where a connection breaks. It may have had an effect.
            session._retry_connection = False
        return session

    async def _ask(
        self, url: URL, body: bytes, headers: CIMultiDict[str], hops: int = 0
    ) -> AgentReply:
        # aiohttp warns of large bodies that are bytes and asks for a file.
        data = body if len(body) < _MOST_RAW_BODY else io.BytesIO(body)
        started = time.perf_counter()
        async with self._session().request(
            self._target.method, url, data=data, headers=headers, allow_redirects=False
        ) as response:
            if response.status in (307, 308) and hops < _MOST_HOPS:
                moved = _next_hop(response)
            elif 200 <= response.status < 300:
                return await self._read(response, started)
            else:
                raise AgentFailed("status", await _refusal(response))
        return await self._ask(moved, body, headers, hops + 1)

    async def _read(self, response: aiohttp.ClientResponse, started: float) -> AgentReply:
        if self._stream is not None and not _is_plain_json(response, self._stream.form):
            return await self._stream.read(_chunks(response), started=started)
        raw = await _body(response)
        try:
            data = _decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise AgentFailed("nonsense", _not_json(response, raw)) from None
        return read_answer(data, self._places)

    def _unreachable(self, error: BaseException, tried: int) -> AgentFailed:
        why = "it did not take the connection in time"
        if isinstance(error, aiohttp.ClientConnectorError):
            why = error.os_error.strerror or str(error.os_error)
        times = "once" if tried == 1 else f"{tried} times"
        return self._failed("unreachable", f"no connection, tried {times}: {why}")

    def _broken(self, error: BaseException) -> AgentFailed:
        if isinstance(error, TimeoutError):
            return self._failed("timeout", f"no answer within {self._timeout_s:g} s")
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


def _stream_reader(target: HttpTarget) -> StreamReader | None:
    if target.stream == "none":
        return None
    return StreamReader(
        form=target.stream,
        places=answer_paths(target, streamed=True),
        strict_end=target.template == "openai" and target.stream == "sse",
    )


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


def _next_hop(response: aiohttp.ClientResponse) -> URL:
    place = response.headers.get("Location", "")
    try:
        moved = response.url.join(URL(place))
        same = bool(place) and moved.origin() == response.url.origin()
    except ValueError:
        same = False
    if not same:
        raise AgentFailed("status", _redirected(response))
    return moved


def _redirected(response: aiohttp.ClientResponse) -> str:
    place = shown_url(response.headers.get("Location", "nowhere"))
    return f"answered {response.status}, a redirect to {place}: name the address itself"


async def _refusal(response: aiohttp.ClientResponse) -> str:
    if 300 <= response.status < 400:
        return _redirected(response)
    head = b""
    try:
        while len(head) < 4096 and (chunk := await response.content.read(4096)):
            head += chunk
    except aiohttp.ClientError:
        head += b" (broke off)"
    said = excerpt(head.decode(errors="replace"))
    return f"answered {response.status} {response.reason or ''}: {said or '(empty)'}"


def _is_plain_json(response: aiohttp.ClientResponse, form: str) -> bool:
    """Return True where the agent did not stream though it was asked to."""
    return form == "sse" and response.content_type == "application/json"


def _not_json(response: aiohttp.ClientResponse, raw: bytes) -> str:
    if response.content_type == "text/event-stream":
        return "the answer is a stream; set stream: sse in the agent file"
    if not raw:
        return f"the answer is empty (status {response.status}); expected JSON"
    kind = response.headers.get("Content-Type", "no content type")
    return f"the answer is not JSON ({kind}): {excerpt(raw[:4096].decode(errors='replace'))}"


async def _body(response: aiohttp.ClientResponse) -> bytes:
    length = response.content_length
    # A stated length bounds what is read, unless the body is packed.
    if length is not None and length <= MOST_BYTES and "Content-Encoding" not in response.headers:
        return await response.read()
    return b"".join([chunk async for chunk in _chunks(response)])


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    taken = 0
    async for chunk in response.content.iter_any():
        taken += len(chunk)
        if taken > MOST_BYTES:
            raise AgentFailed("nonsense", f"the answer is larger than {MOST_BYTES >> 20} MB")
        yield chunk
