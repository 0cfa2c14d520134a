"""The transport over httpx2, which is imported when a fetch begins."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from reenact import __version__
from reenact.capture.fetching.client import Answer, AnswerTooLarge, Unreachable

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
"""The longest silence of a server that is put up with."""
ANSWER_SECONDS = 300.0
"""The longest that one answer may take from its first to its last byte."""


class HttpxTransport:
    """Sends requests; a context manager. Takes no proxy for this machine's own addresses."""

    def __init__(self, *, loopback: bool) -> None:
        import httpx2

        self._client = httpx2.Client(
            timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            headers={"user-agent": f"reenact/{__version__}"},
            follow_redirects=False,
            trust_env=not loopback,
        )

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None, limit: int
    ) -> Answer:
        """Return the answer; raises Unreachable, AnswerTooLarge."""
        import httpx2

        try:
            with self._client.stream(method, url, headers=dict(headers), content=body) as response:
                content = self._read(response.iter_bytes(), limit)
                names = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status_code, headers=names, body=content)
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise Unreachable(f"{type(error).__name__}: {error}"[:300]) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def _read(self, chunks: object, limit: int) -> bytes:
        until = time.monotonic() + ANSWER_SECONDS
        parts: list[bytes] = []
        total = 0
        for chunk in chunks:  # type: ignore[attr-defined]
            total += len(chunk)
            if total > limit:
                raise AnswerTooLarge(f"more than {limit // 2**20} MiB")
            if time.monotonic() > until:
                raise Unreachable(f"an answer that takes longer than {ANSWER_SECONDS:.0f} s")
            parts.append(chunk)
        return b"".join(parts)
