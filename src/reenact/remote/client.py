"""Asks a server: bounded in size and time, and with its own words where it refuses."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from reenact import __version__
from reenact.errors import PROBLEM, ServerFailed, UsageError, error_of
from reenact.listening.names import is_loopback

PREFIX = "/api/v1"
ANSWER_BYTES = 256 * 2**20
"""The largest answer that is taken, and the longest line of a stream."""
_CONNECT_S = 10.0
_SILENCE_S = 120.0
"""The longest silence that is put up with: a large scenario is made within one request."""
_TRIES = 3
_PAGE = 500

Params = Sequence[tuple[str, str]]


class Server:
    """A server by its address, and the API key to show it. Use as a context manager."""

    def __init__(self, url: str, *, key: str | None = None) -> None:
        """Raises UsageError for an address that is none."""
        import httpx2

        self.url, self.host = _checked(url)
        headers = {"user-agent": f"reenact/{__version__}", "accept": "application/json"}
        if key:
            headers["authorization"] = f"Bearer {key}"
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(_SILENCE_S, connect=_CONNECT_S),
            headers=headers,
            follow_redirects=False,  # the key is for this address alone
            trust_env=not is_loopback(self.host),
        )

    def get(self, path: str, params: Params = ()) -> Any:
        """Return the JSON at `path` of the API; raises what the server says is wrong."""
        return self._asked("GET", path, params=params)

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON that the API answers; what is asked is done once, if sent again too."""
        return self._asked(method, path, body={} if body is None else body)

    def pages(self, path: str, params: Params = (), *, most: int | None = None) -> Iterator[Any]:
        """Yield the things of a list, page after page, `most` of them at most."""
        cursor: str | None = None
        left = most
        while left is None or left > 0:
            limit = _PAGE if left is None else min(_PAGE, left)
            more = [("cursor", cursor)] if cursor else []
            page = self.get(path, [*params, ("limit", str(limit)), *more])
            yield from page["items"]
            left = None if left is None else left - len(page["items"])
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def lines(self, path: str, params: Params = ()) -> Iterator[bytes]:
        """Yield the lines of a stream."""
        with self._failing(f"GET {path}"):
            url = f"{self.url}{PREFIX}{path}"
            with self._client.stream("GET", url, params=list(params)) as answer:
                if answer.status_code != 200:
                    self._refuse(answer.status_code, _bounded(answer), f"GET {path}")
                yield from _lines(answer)

    def post(self, path: str, content: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Post bytes to a path outside the API; return status and body, whatever they are."""
        with (
            self._failing(f"POST {path}"),
            self._client.stream(
                "POST", f"{self.url}{path}", content=content, headers=dict(headers)
            ) as answer,
        ):
            return answer.status_code, _bounded(answer)

    def _asked(
        self, method: str, path: str, *, params: Params = (), body: Mapping[str, Any] | None = None
    ) -> Any:
        what = f"{method} {path}"
        # Sent again with the same key, a request is not done twice.
        headers = {} if method == "GET" else {"idempotency-key": secrets.token_hex(16)}
        for attempt in range(1, _TRIES + 1):
            try:
                with (
                    self._failing(what),
                    self._client.stream(
                        method,
                        f"{self.url}{PREFIX}{path}",
                        params=list(params),
                        json=body,
                        headers=headers,
                    ) as answer,
                ):
                    status, content = answer.status_code, _bounded(answer)
                break
            except _Lost:
                if attempt == _TRIES:
                    raise
                time.sleep(0.2 * attempt)
        if not 200 <= status < 300:
            self._refuse(status, content, what)
        return self._decoded(content, what) if content else None

    def _decoded(self, content: bytes, what: str) -> Any:
        def told(pairs: list[tuple[str, Any]]) -> _Told:
            return _Told(pairs, self._stranger(what))

        try:
            return json.loads(content, object_pairs_hook=told)
        except ValueError:
            raise self._stranger(what) from None

    def _refuse(self, status: int, content: bytes, what: str) -> None:
        """Raise what the server says is wrong."""
        if 300 <= status < 400:
            raise ServerFailed(
                f"{what} is redirected", where=self.url, next_step="name the address it leads to"
            )
        try:
            told = json.loads(content)
            kind, detail = str(told["type"]), str(told["detail"])
        except (ValueError, KeyError, TypeError):
            if status in (502, 503, 504):
                raise ServerFailed(f"{what}: status {status}", where=self.url) from None
            raise self._stranger(f"{what}: status {status}") from None
        if kind.startswith(PROBLEM):
            raise error_of(
                kind.removeprefix(PROBLEM),
                detail,
                where=told.get("where"),
                next_step=told.get("next_step"),
                ids=told.get("ids") or (),
            )
        if status in (404, 405):
            raise ServerFailed(
                f"the server does not know {what}",
                where=self.url,
                next_step=f"it is older than this client ({__version__}): update it",
            )
        raise ServerFailed(f"{what}: {detail}", where=self.url, next_step=told.get("next_step"))

    def _stranger(self, what: str) -> ServerFailed:
        return ServerFailed(
            f"this is no Reenact server, or something between answers for it ({what})",
            where=self.url,
            next_step="give the address that `reenact serve` says",
        )

    @contextmanager
    def _failing(self, what: str) -> Iterator[None]:
        import httpx2

        try:
            yield
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise ServerFailed(
                f"no connection: {str(error)[:300] or type(error).__name__}",
                where=self.url,
                next_step="is `reenact serve` running there?",
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise _Lost(
                f"{what} got no whole answer: {str(error)[:300] or type(error).__name__}",
                where=self.url,
                next_step="what was asked may still be under way there",
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()


class _Told(dict[str, Any]):
    """What a server told; a field that it lacks is the server's fault, not ours."""

    def __init__(self, pairs: list[tuple[str, Any]], stranger: ServerFailed) -> None:
        super().__init__(pairs)
        self._stranger = stranger

    def __missing__(self, key: str) -> Any:
        raise self._stranger


class _Lost(ServerFailed):
    """Raised where a connection broke; it may be asked again."""


def _checked(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port  # reading the port checks it
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in ("http", "https"):
        raise UsageError(
            f"{url[:200]!r} is no address of a server",
            where="--server",
            next_step="write --server http://127.0.0.1:4318",
        )
    if parts.username or parts.query or parts.fragment:
        raise UsageError(
            "an address has no user, query or fragment",
            where="--server",
            next_step="put the key into REENACT_API_KEY",
        )
    del port
    return url.rstrip("/"), host


def _bounded(answer: Any) -> bytes:
    parts: list[bytes] = []
    total = 0
    for chunk in answer.iter_bytes():
        total += len(chunk)
        if total > ANSWER_BYTES:
            raise ServerFailed(f"an answer of more than {ANSWER_BYTES >> 20} MB")
        parts.append(chunk)
    return b"".join(parts)


def _lines(answer: Any) -> Iterator[bytes]:
    parts: list[bytes] = []
    size = 0
    for chunk in answer.iter_bytes():
        *ended, rest = chunk.split(b"\n")
        for end in ended:
            yield b"".join([*parts, end])
            parts, size = [], 0
        parts.append(rest)
        size += len(rest)
        if size > ANSWER_BYTES:
            raise ServerFailed(f"a line of more than {ANSWER_BYTES >> 20} MB")
    if last := b"".join(parts):
        yield last
