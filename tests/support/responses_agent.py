"""An agent of the shop behind OpenAI's Responses API, held to the types of the real SDK."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from openai.types.responses import Response, ResponseInputParam, ResponseStreamEvent
from pydantic import TypeAdapter

INPUT = TypeAdapter(ResponseInputParam)
EVENT = TypeAdapter(ResponseStreamEvent)
USAGE = {
    "input_tokens": 120,
    "input_tokens_details": {"cached_tokens": 20, "cache_write_tokens": 0},
    "output_tokens": 30,
    "output_tokens_details": {"reasoning_tokens": 8},
    "total_tokens": 150,
}


def words(text: str) -> dict[str, Any]:
    """Return an output message that says `text`."""
    part = {"type": "output_text", "text": text, "annotations": []}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [part],
    }


def call(name: str, arguments: Any, *, id: str = "call_1") -> dict[str, Any]:
    """Return a function call."""
    return {
        "id": f"fc_{id}",
        "type": "function_call",
        "status": "completed",
        "call_id": id,
        "name": name,
        "arguments": json.dumps(arguments),
    }


def response(*output: dict[str, Any], id: str = "resp_1", **more: Any) -> dict[str, Any]:
    """Return a response object as the API gives it."""
    thought = {"id": "rs_1", "type": "reasoning", "summary": []}
    whole = {
        "id": id,
        "object": "response",
        "created_at": 1764000000,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "gpt-4.1-mini-2025-04-14",
        "output": [thought, *output] if output else [],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": USAGE,
        **more,
    }
    Response.model_validate(whole, strict=False)
    return whole


def events(whole: dict[str, Any], *, lean: bool = False) -> list[dict[str, Any]]:
    """Return the events in which `whole` is streamed; `lean` leaves the output out of the last."""
    told: list[dict[str, Any]] = [{"type": "response.created", "response": {**whole, "output": []}}]
    for place, item in enumerate(whole["output"]):
        where = {"output_index": place}
        told.append({"type": "response.output_item.added", "item": item, **where})
        if item["type"] == "message":
            told += [
                {
                    "type": "response.output_text.delta",
                    "item_id": item["id"],
                    "content_index": 0,
                    "delta": f"{piece} ",
                    "logprobs": [],
                    **where,
                }
                for piece in item["content"][0]["text"].split(" ")
            ]
        if item["type"] == "function_call":
            told.append(
                {
                    "type": "response.function_call_arguments.delta",
                    "item_id": item["id"],
                    "delta": item["arguments"],
                    **where,
                }
            )
        told.append({"type": "response.output_item.done", "item": item, **where})
    last = {**whole, "output": []} if lean else whole
    told.append({"type": "response.completed", "response": last})
    numbered = [{**event, "sequence_number": place} for place, event in enumerate(told)]
    for event in numbered:
        EVENT.validate_python(event)
    return numbered


async def stream(request: web.Request, told: list[dict[str, Any]]) -> web.StreamResponse:
    """Send events as the API does."""
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await answer.prepare(request)
    for event in told:
        data = json.dumps(event)
        await answer.write(f"event: {event['type']}\ndata: {data}\n\n".encode())
    return answer


@dataclass
class ResponsesDesk:
    """The shop's agent: it looks up the order it is asked about, by a call that it hands back."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    talks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """The items of every talk, by the id of its last response."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(body)
        INPUT.validate_python(body["input"])
        before: list[dict[str, Any]] = []
        if previous := body.get("previous_response_id"):
            if previous not in self.talks:
                return web.json_response({"error": {"message": "no such response"}}, status=404)
            before = self.talks[previous]
        items = [*before, *body["input"]]
        asked = {item["call_id"] for item in items if item.get("type") == "function_call"}
        for item in items:
            if item.get("type") == "function_call_output" and item["call_id"] not in asked:
                told = {"error": {"message": f"No tool call found for {item['call_id']}"}}
                return web.json_response(told, status=400)
        output = self._answer(items)
        whole = response(output, id=f"resp_{len(self.bodies)}")
        self.talks[whole["id"]] = [*items, output]
        if body.get("stream"):
            return await stream(request, events(whole))
        return web.json_response(whole)

    def _answer(self, items: list[dict[str, Any]]) -> dict[str, Any]:
        last = items[-1]
        if last.get("type") == "function_call_output":
            return words(f"It is {json.loads(last['output'])['status']}.")
        order = "A-1001" if "A-1001" in last["content"] else "A-1003"
        return call("check_status", {"order_id": order}, id=f"call_{len(items)}")
