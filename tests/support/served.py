"""Clients of a tool server: the MCP SDK's own, and plain HTTP."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

NO_MCP = "the MCP SDK is not installed: pip install 'reenact[mcp]'"


@dataclass(frozen=True)
class Said:
    """What an MCP tool call came back with."""

    text: str
    failed: bool


async def mcp_calls(url: str, *calls: tuple[str, dict[str, Any]]) -> list[Said]:
    """Connect to `url` as any MCP client does, make `calls`, and return what came back."""
    pytest.importorskip("mcp", reason=NO_MCP)
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with (
        streamable_http_client(url) as (reading, writing, *_),
        ClientSession(reading, writing) as session,
    ):
        await session.initialize()
        return [said(await session.call_tool(name, arguments)) for name, arguments in calls]


def mcp_call(url: str, name: str, **arguments: Any) -> Said:
    """Make one call in a loop of its own."""
    return asyncio.run(mcp_calls(url, (name, arguments)))[0]


def said(result: Any) -> Said:
    """Read a `CallToolResult` of either SDK."""
    plain = result.model_dump(by_alias=True)
    texts = [block["text"] for block in plain["content"] if block["type"] == "text"]
    return Said("\n".join(texts), bool(plain["isError"]))


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


def ask(
    url: str, body: Any = None, *, method: str = "POST", headers: dict[str, str] | None = None
) -> Answer:
    """Send `body` as JSON (bytes as they are); return status and what came back."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"content-type": "application/json", **(headers or {})}
    connection.request(method, parts.path, None if method == "GET" else raw, sent)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    try:
        return Answer(answer.status, json.loads(text))
    except ValueError:
        return Answer(answer.status, text.decode())


class _Chat(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): text for name, text in self.headers.items()}
        status, said = 200, ""
        try:
            said = self.server.answer(asked, headers)  # type: ignore[attr-defined]
        except Exception as error:
            status, said = 500, f"{type(error).__name__}: {error}"
        body = json.dumps({"text": said}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@contextmanager
def chat_agent(answer: Callable[[dict[str, Any], dict[str, str]], str]) -> Iterator[str]:
    """Run an agent behind POST /chat: `answer(body, headers)`; yield its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Chat) as server:
        server.answer = answer  # type: ignore[attr-defined]
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/chat"
        finally:
            server.shutdown()
            thread.join()
