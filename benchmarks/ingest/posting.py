"""Posts over a number of connections, as an exporter sends them."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.ingest.load import Post

PROTOBUF = {"content-type": "application/x-protobuf", "content-encoding": "gzip"}
_TIMEOUT_S = 60
_BUSY = (429, 502, 503, 504)
_LONGEST_WAIT_S = 5.0


class Line:
    """One connection that is kept open."""

    def __init__(self, url: str):
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_TIMEOUT_S)

    def send(self, body: bytes, headers: dict[str, str] = PROTOBUF) -> http.client.HTTPResponse:
        """Post `body` to /v1/traces and return the answer, read to its end."""
        self._connection.request("POST", "/v1/traces", body, headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@dataclass(slots=True)
class Posted:
    """What became of posts."""

    wall_s: float = 0.0
    ms: list[float] = field(default_factory=list)
    """Milliseconds until each 200."""
    again: int = 0
    """Answers that said to come back later."""


def post_all(url: str, posts: Iterable[Post], *, connections: int) -> Posted:
    """Send every post until it is stored; what is told to come back comes back.

    Raises:
        RuntimeError: for any answer that is neither 200 nor "later".
    """
    done = Posted()
    waiting = Shared(posts)

    def run(_: int) -> None:
        with closing(Line(url)) as line:
            for post in waiting:
                began = time.perf_counter()
                while (answer := line.send(post.body)).status in _BUSY:
                    done.again += 1
                    wait_s = float(answer.headers.get("retry-after") or 0.1)
                    time.sleep(min(_LONGEST_WAIT_S, wait_s))
                if answer.status != 200:
                    raise RuntimeError(f"post {post.number} was answered {answer.status}")
                done.ms.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(run, range(connections)))
    done.wall_s = time.perf_counter() - began
    return done


class Shared:
    """Posts that several threads take from, each post once."""

    def __init__(self, posts: Iterable[Post]):
        self._posts = iter(posts)
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Post]:
        return self

    def __next__(self) -> Post:
        with self._lock:
            return next(self._posts)


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the value that `share` of `values` do not exceed; None without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None
