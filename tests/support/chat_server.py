"""A model's endpoint on this machine: what it answers is a function's to decide.

It speaks OpenAI's chat completions and Responses, and Gemini's API.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Step = str | list[tuple[str, dict[str, Any]]]
"""Words, or tool calls that are asked for at once."""
Decide = Callable[[list[dict[str, Any]]], Step]


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


def shop_model(messages: list[dict[str, Any]]) -> Step:
    """Look up what the user names, refund where told to, and tell what the tools said."""
    said = text_of(messages[-1])
    if _is_result(messages[-1]):
        results: list[str] = []
        for message in reversed(messages):
            if not _is_result(message):
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


def _is_result(message: dict[str, Any]) -> bool:
    told = text_of(message)  # smolagents tells results as words
    return message["role"] == "tool" or "Observation:" in told or "Error:" in told


def _order(said: str) -> str:
    return said[said.index("A-") : said.index("A-") + 6]


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(request)
        if self.path.endswith("/responses"):
            answer = _as_response(self._step(_of_items(request["input"]), request))
        elif self.path.endswith(":generateContent"):
            answer = _as_content(self._step(_of_contents(request["contents"]), request))
        else:
            answer = _as_completion(self._step(request["messages"], request), request)
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _step(self, messages: list[dict[str, Any]], request: dict[str, Any]) -> Step:
        step = self.server.decide(messages)
        tools = [tool.get("function", {}).get("name") for tool in request.get("tools") or ()]
        if isinstance(step, str) and "final_answer" in tools:
            return [("final_answer", {"answer": step})]
        return step

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


def _as_completion(step: Step, request: dict[str, Any]) -> dict[str, Any]:
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


def _of_items(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the input of OpenAI's Responses as messages."""
    return [
        {"role": "tool", "content": item["output"]}
        if item.get("type") == "function_call_output"
        else {"role": item.get("role", "assistant"), "content": item.get("content")}
        for item in items
    ]


def _as_response(step: Step) -> dict[str, Any]:
    if isinstance(step, str):
        text = {"type": "output_text", "text": step, "annotations": []}
        said = {"id": "m", "type": "message", "role": "assistant", "status": "completed"}
        output: list[dict[str, Any]] = [{**said, "content": [text]}]
    else:
        output = [
            {
                "id": f"f{number}",
                "type": "function_call",
                "call_id": f"call_{number}_{json.dumps(arguments)}",
                "name": name,
                "arguments": json.dumps(arguments),
                "status": "completed",
            }
            for number, (name, arguments) in enumerate(step)
        ]
    return {
        "id": "r",
        "object": "response",
        "created_at": 0,
        "model": "stub",
        "status": "completed",
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 1,
            "output_tokens": 1,
            "total_tokens": 2,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    }


def _of_contents(contents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the contents of Gemini's API as messages."""
    return [
        {"role": "tool", "content": json.dumps(part["functionResponse"]["response"])}
        if "functionResponse" in part
        else {"role": content.get("role", "user"), "content": part.get("text", "")}
        for content in contents
        for part in content["parts"]
    ]


def _as_content(step: Step) -> dict[str, Any]:
    if isinstance(step, str):
        parts: list[dict[str, Any]] = [{"text": step}]
    else:
        parts = [{"functionCall": {"name": name, "args": arguments}} for name, arguments in step]
    content = {"role": "model", "parts": parts}
    return {
        "candidates": [{"content": content, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2},
    }
