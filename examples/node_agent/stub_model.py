"""A stand-in for a model behind an OpenAI-style endpoint: python stub_model.py PORT hasty|careful.

It follows the rules of `reenact demo`: `hasty` hears "money back" and pays, `careful` looks
where the parcel is first. Point MODEL_URL at a real endpoint to use a real model.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from reenact.demo.rules import CAREFUL, HASTY
from reenact.demo.stub_model import completion

RULES = {"hasty": HASTY, "careful": CAREFUL}


def as_read(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message with the text of MCP's content, which the AI SDK hands on as a list."""
    content = message.get("content")
    if message["role"] == "tool" and isinstance(content, str) and content.startswith('[{"type"'):
        content = "".join(block["text"] for block in json.loads(content))
    return {**message, "content": content}


class Model(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked["messages"] = [as_read(message) for message in asked["messages"]]
        answer = json.dumps(completion(asked, RULES[sys.argv[2]])).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Model).serve_forever()
