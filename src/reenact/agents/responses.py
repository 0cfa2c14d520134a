"""Agents that speak OpenAI's Responses API, whole or streamed, stateless or by response id.

https://platform.openai.com/docs/api-reference/responses and /responses-streaming. Of an answer's
output the messages are the words and the function calls are handed back; reasoning, and tools
that the server ran by itself, are no part of the talk.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from reenact.agents.answers import (
    AnswerPaths,
    answer_paths,
    excerpt,
    model_in,
    parse_arguments,
    usage_in,
    words_in,
)
from reenact.agents.input_items import unseen
from reenact.agents.port import AgentFailed, AgentReply, AgentRequest, RequestedTool
from reenact.agents.streams import decoded_part
from reenact.agents.templates import request_template
from reenact.domain.agent import HttpTarget
from reenact.errors import AgentNotLoaded
from reenact.event_stream import Chunks, events_of

_WORDS = ("response.output_text.delta", "response.refusal.delta")
_ENDS = ("response.completed", "response.incomplete", "response.failed")
_MOST_ITEMS = 1000


@dataclass(frozen=True, slots=True)
class ResponsesReply(AgentReply):
    """A reply with the id by which the agent knows it."""

    id: str | None = None


@dataclass(frozen=True, slots=True)
class _Last:
    """What an agent that keeps the talk said last."""

    id: str
    asked: frozenset[str]


class ResponsesShape:
    """Bodies and answers of the Responses API.

    With `stateless: false` a talk goes on by `previous_response_id`, with only what is new.
    """

    def __init__(self, target: HttpTarget):
        if target.stream not in ("none", "sse"):
            raise AgentNotLoaded(
                f"the Responses API does not stream {target.stream}",
                where="stream",
                next_step="write stream: sse, or leave it out",
            )
        if target.request is not None and not (isinstance(target.request, dict) and target.request):
            raise AgentNotLoaded(
                "the request is no object with keys",
                where="request",
                next_step='write at least input: "{{input}}"',
            )
        self.streams = target.stream if target.stream == "sse" else None
        self._template = request_template(target)
        self._places = answer_paths(target, streamed=False)
        self._keeps = not target.stateless
        self._last: dict[str, _Last] = {}

    def fill(self, request: AgentRequest) -> bytes:
        """Return the body: the whole talk, or what is new after the response it goes on from."""
        last = self._last.get(request.session_id)
        if last is None:
            return self._template.fill(request)
        new = replace(request, messages=unseen(request.messages, asked=last.asked))
        previous = b'{"previous_response_id":' + msgspec.json.encode(last.id) + b","
        return previous + self._template.fill(new)[1:]

    def whole(self, data: Any) -> AgentReply:
        """Return the reply that a response holds; raises AgentFailed where it holds none."""
        return read_response(data, self._places)

    async def streamed(self, chunks: Chunks, *, started: float) -> AgentReply:
        """Return the reply that the events make up; raises AgentFailed where they make none."""
        growing = _Growing(places=self._places, started=started)
        async for name, data in events_of(chunks):
            if data == b"[DONE]":
                break
            growing.take(decoded_part(data), failed=name == b"error")
            if growing.response is not None:
                break
        return growing.reply()

    def settle(self, request: AgentRequest, reply: AgentReply) -> None:
        """Remember where an agent that keeps the talk stands; raises AgentFailed without an id."""
        if not self._keeps:
            return
        id = reply.id if isinstance(reply, ResponsesReply) else None
        if id is None:
            raise AgentFailed(
                "nonsense", "the answer has no `id`, so the next turn cannot go on from it"
            )
        asked = (call.id for call in reply.tool_calls if isinstance(call, RequestedTool))
        self._last[request.session_id] = _Last(id, frozenset(id for id in asked if id))

    def forget(self, session_id: str) -> None:
        """Forget where a talk stood."""
        self._last.pop(session_id, None)


def read_response(data: Any, places: AnswerPaths) -> ResponsesReply:
    """Return the reply that a whole response holds; paths of the target come first.

    Raises:
        AgentFailed: where it failed, or holds neither words nor function calls.
    """
    if not isinstance(data, dict):
        raise AgentFailed("nonsense", f"the answer is no response object: {excerpt(data)}")
    if data.get("status") == "failed" or data.get("error"):
        raise AgentFailed("exception", f"the agent reported an error: {_error(data)}")
    output = data.get("output")
    items = [item for item in output if isinstance(item, dict)] if isinstance(output, list) else []
    text = words_in(data, places.text) if places.text else None
    if text is None:
        text = _words(items)
    calls = tuple(_call(item) for item in items if item.get("type") == "function_call")
    if text is None and not calls:
        raise AgentFailed("nonsense", _nothing(data, items))
    id = data.get("id")
    return ResponsesReply(
        text=text,
        tool_calls=calls,
        usage=usage_in(data, places),
        model=model_in(data, places),
        streamed=False,
        id=id if isinstance(id, str) and id else None,
    )


def _words(items: list[dict[str, Any]]) -> str | None:
    said = [
        "".join(map(_part, item["content"]))
        for item in items
        if item.get("type") == "message" and isinstance(item.get("content"), list)
    ]
    return "\n".join(said) if said else None


def _part(part: Any) -> str:
    """Return the words of a part: text, or why the model declined."""
    if not isinstance(part, dict):
        return ""
    words = part.get("text", part.get("refusal"))
    return words if isinstance(words, str) else ""


def _call(item: dict[str, Any]) -> RequestedTool:
    name, id = item.get("name"), item.get("call_id")
    if not isinstance(name, str) or not name or not isinstance(id, str) or not id:
        raise AgentFailed("nonsense", f"a function call without name or call_id: {excerpt(item)}")
    return RequestedTool(name=name, arguments=parse_arguments(item.get("arguments")), id=id)


def _error(data: dict[str, Any]) -> str:
    error = data.get("error")
    said = error.get("message") if isinstance(error, dict) else error
    return said if isinstance(said, str) else excerpt(data)


def _nothing(data: dict[str, Any], items: list[dict[str, Any]]) -> str:
    details = data.get("incomplete_details")
    if isinstance(details, dict):
        return f"the answer is incomplete ({details.get('reason')}) and holds no text"
    if items:
        held = ", ".join(dict.fromkeys(str(item.get("type")) for item in items))
        return f"neither text nor function calls in the answer's output, but {held}"
    return f"no text in the answer: looked for `output` in {excerpt(data)}"


@dataclass(slots=True, kw_only=True)
class _Growing:
    """A response as far as it has come."""

    places: AnswerPaths
    started: float
    first_ms: float | None = None
    words: list[str] = field(default_factory=list)
    items: dict[int, Any] = field(default_factory=dict)
    response: dict[str, Any] | None = None

    def take(self, event: Any, *, failed: bool) -> None:
        if not isinstance(event, dict):
            raise AgentFailed("nonsense", f"an event of the stream is no object: {excerpt(event)}")
        kind = event.get("type")
        if failed or kind == "error":
            said = event.get("message")
            told = said if isinstance(said, str) else excerpt(event)
            raise AgentFailed("exception", f"the agent reported an error: {told}")
        if kind in _WORDS and isinstance(event.get("delta"), str):
            if self.first_ms is None and event["delta"]:
                self.first_ms = (time.perf_counter() - self.started) * 1000
            self.words.append(event["delta"])
        elif kind == "response.output_item.done":
            place = event.get("output_index")
            if len(self.items) >= _MOST_ITEMS:
                raise AgentFailed("nonsense", f"more than {_MOST_ITEMS} items in one answer")
            self.items[place if isinstance(place, int) else len(self.items)] = event.get("item")
        elif kind in _ENDS and isinstance(event.get("response"), dict):
            self.response = event["response"]

    def reply(self) -> ResponsesReply:
        if self.response is None:
            raise AgentFailed("exception", "the stream ended before the agent said it was done")
        response = self.response
        if not response.get("output"):
            # Some servers leave out of the last event what was streamed before it.
            output = [item for _, item in sorted(self.items.items())]
            said = {"type": "message", "content": [{"text": "".join(self.words)}]}
            response = {**response, "output": output or ([said] if self.words else [])}
        reply = read_response(response, self.places)
        return replace(reply, time_to_first_token_ms=self.first_ms, streamed=True)
