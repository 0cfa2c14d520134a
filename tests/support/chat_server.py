"""A model's endpoint on this machine: OpenAI-style chat completions that a function decides."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Decide = Callable[[list[dict[str, Any]]], "str | list[tuple[str, dict[str, Any]]]"]
"""The model: messages to words, or to tool calls that it asks for at once."""


class ChatServer(ThreadingHTTPServer):
    def __init__(self, decide: Decide) -> None:
        self.decide = decide
        self.asked: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def chat_server(decide: Decide) -> Iterator[ChatServer]:
    with ChatServer(decide) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def shop_model(messages: list[dict[str, Any]]) -> str | list[tuple[str, dict[str, Any]]]:
    """Look up what the user names, refund where told to, and tell what the tools said."""
    said = text_of(messages[-1])
    if messages[-1]["role"] == "tool":
        results = []
        for message in reversed(messages):
            if message["role"] != "tool":
                break
            results.insert(0, text_of(message))
        return "The tools say: " + " | ".join(results)
    if "both" in said:
        return [("check_status", {"order_id": id}) for id in ("A-1001", "A-1003")]
    if "refund A-" in said:
        return [("issue_refund", {"order_id": _order(said), "amount": 49.9})]
    if "A-" in said:
        return [("check_status", {"order_id": _order(said)})]
    return "I see."


def text_of(message: dict[str, Any]) -> str:
    """Return the words of a message, whose content is text or a list of parts."""
    content = message.get("content")
    if isinstance(content, list):
        return " ".join(part.get("text", "") for part in content)
    return content or ""


def _order(said: str) -> str:
    return said[said.index("A-") : said.index("A-") + 6]


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(request)
        body = json.dumps(self._completion(request)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _completion(self, request: dict[str, Any]) -> dict[str, Any]:
        step = self.server.decide(request["messages"])
        place = len(request["messages"])
        message: dict[str, Any] = {"role": "assistant", "content": None}
        if isinstance(step, str):
            message["content"] = step
        else:
            message["tool_calls"] = [
                {
                    "id": f"call_{place}_{number}",
                    "type": "function",
                    "function": {"name": name, "arguments": json.dumps(arguments)},
                }
                for number, (name, arguments) in enumerate(step)
            ]
        finish = "stop" if isinstance(step, str) else "tool_calls"
        return {
            "id": f"chatcmpl-{place}",
            "object": "chat.completion",
            "created": 0,
            "model": request.get("model", "stub"),
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""
