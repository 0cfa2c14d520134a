"""A local stand-in for a model's endpoint and for a telemetry collector, on 127.0.0.1.

It answers OpenAI-style chat completions by the `HASTY` rules, and keeps the trace posts that
arrive, as they came.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from reenact.demo.agents import asked
from reenact.demo.rules import HASTY, Call, Rule, decide

MODEL = "scripted-1"
CHARACTERS_PER_TOKEN = 4
TRACES = "/v1/traces"


class StubServer(ThreadingHTTPServer):
    """The server, with the bodies of the trace posts that it got."""

    def __init__(self) -> None:
        self.posts: list[bytes] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """The address it listens on."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def stub_server() -> Iterator[StubServer]:
    """Run the server in a thread; it ends with the block."""
    with StubServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def completion(request: dict[str, Any], rules: Sequence[Rule] = HASTY) -> dict[str, Any]:
    """Return the chat completion that the stand-in gives to `request`."""
    messages = request["messages"]
    step = decide(messages, rules)
    place = len(messages)
    if isinstance(step, Call):
        message = asked(step, id=f"call_{place}")
    else:
        message = {"role": "assistant", "content": step.text}
    asked_for, said = _tokens(messages), _tokens(message)
    return {
        "id": f"chatcmpl-{place}",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": [
            {
                "index": 0,
                "message": message,
                "finish_reason": "tool_calls" if isinstance(step, Call) else "stop",
            }
        ],
        "usage": {
            "prompt_tokens": asked_for,
            "completion_tokens": said,
            "total_tokens": asked_for + said,
        },
    }


def _tokens(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False)) // CHARACTERS_PER_TOKEN


class _Handler(BaseHTTPRequestHandler):
    server: StubServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == TRACES:
            self.server.posts.append(body)
            self._answer(b"", "application/x-protobuf")
        else:
            answer = completion(json.loads(body))
            self._answer(json.dumps(answer).encode(), "application/json")

    def _answer(self, body: bytes, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""
