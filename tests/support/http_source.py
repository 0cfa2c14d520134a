"""A real HTTP server that answers as a source does, with what a test tells it to do first."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    content: Any

    def param(self, name: str) -> str | None:
        return next((value for key, value in self.params if key == name), None)


@dataclass(frozen=True)
class Reply:
    """An answer: JSON, or bytes as they are."""

    content: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return (
            self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()
        )


Answering = Callable[[Asked], Reply]


class HttpSource:
    """Answers with `answering`; what stands in `first` is answered before that, one by one."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.first: list[Reply] = []
        self.asked: list[Asked] = []
        self.url = ""

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        return self.first.pop(0) if self.first else self.answering(asked)

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


@contextmanager
def serving_source(answering: Answering) -> Iterator[HttpSource]:
    source = HttpSource(answering)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET", b"")

        def do_POST(self) -> None:
            self._answer("POST", self.rfile.read(int(self.headers["content-length"])))

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _answer(self, method: str, body: bytes) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = source.reply(
                Asked(
                    method,
                    parts.path,
                    tuple(parse_qsl(parts.query)),
                    headers,
                    json.loads(body) if body else None,
                )
            )
            self.send_response(reply.status)
            given = {"content-type": "application/json", **reply.headers}
            for name, value in given.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    source.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield source
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
