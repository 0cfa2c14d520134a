"""A tool server by its protocol alone: POST /tools/NAME, answered from a dict."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ToolServer(ThreadingHTTPServer):
    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Any, dict[str, str]]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def tool_server(**answers: Any) -> Iterator[ToolServer]:
    """Serve `answers` by the name of the tool."""
    with ToolServer(answers) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: ToolServer

    def do_POST(self) -> None:
        arguments = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        name = self.path.removeprefix("/tools/")
        self.server.asked.append((name, arguments, headers))
        known = name in self.server.answers
        refused = {"result": None, "error": "refused: nothing recorded", "provenance": "refused"}
        found = {"result": self.server.answers.get(name), "error": None, "provenance": "recorded"}
        body = json.dumps(found if known else refused).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""
