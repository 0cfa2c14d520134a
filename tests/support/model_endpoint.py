"""A stand-in for a model's endpoint that answers by a script and keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from reenact.llm.asking import AskedModel
from reenact.llm.endpoint import Endpoint
from reenact.llm.port import Completion, LanguageModel, Prompt
from support.http_agent import serving

QUESTION = Prompt(messages=({"role": "user", "content": "Which one?"},))
CHOICE = {
    "type": "object",
    "properties": {"choice": {"type": "integer"}},
    "required": ["choice"],
    "additionalProperties": False,
}
SHAPED = Prompt(messages=QUESTION.messages, shape=CHOICE)


def said(text: str | None, **more: Any) -> dict[str, Any]:
    """Return a chat completion that says `text`."""
    return {
        "model": "gpt-4.1-mini-2025-04-14",
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100},
        **more,
    }


@dataclass
class Script:
    """Answers in order, the last one for ever; keeps bodies, headers and pauses."""

    answers: list[Any]
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(json.loads(await request.read()))
        self.headers.append(dict(request.headers))
        answer = self.answers[min(len(self.bodies), len(self.answers)) - 1]
        if callable(answer):
            answer = await answer(request)
        return answer if isinstance(answer, web.StreamResponse) else web.json_response(answer)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


def refusal(status: int, message: str = "no", **headers: str) -> Any:
    """Return an answer with an error status."""

    async def answer(request: web.Request) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response({"error": {"message": message}}, status=status, headers=named)

    return answer


def streamed(*parts: Any, end: bytes = b"data: [DONE]\n\n") -> Any:
    """Return an answer that comes as server-sent events; bytes go out as they are."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for part in parts:
            if isinstance(part, bytes):
                await response.write(part)
                continue
            data = {"choices": [{"delta": {"content": part}}]}
            await response.write(b"data: " + json.dumps(data).encode() + b"\n\n")
        await response.write(end)
        return response

    return answer


async def silence(request: web.Request) -> web.Response:
    """Never answer."""
    await asyncio.sleep(3600)
    return web.Response()


async def half(request: web.Request) -> web.StreamResponse:
    """Promise more than is sent, and hang up."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"choices": [')
    assert request.transport is not None
    request.transport.abort()
    return response


def asked(
    script: Script,
    *prompts: Prompt,
    ask: Callable[[LanguageModel, Prompt], Any] | None = None,
    timeout_s: float = 5.0,
    retries: int = 2,
    **endpoint: Any,
) -> list[Completion]:
    """Serve `script`, ask each of `prompts`, return the answers."""

    async def go() -> list[Any]:
        async with serving(script.handle) as url:
            given = {"url": f"{url}/v1", "model": "m", "name": "m at test", **endpoint}
            model = AskedModel(
                Endpoint(**given), timeout_s=timeout_s, retries=retries, sleep=script.pause
            )
            one = ask or (lambda model, prompt: model.complete(prompt))
            return [await one(model, prompt) for prompt in prompts or (QUESTION,)]

    return asyncio.run(go())


async def pieces(model: LanguageModel, prompt: Prompt) -> list[str]:
    """Return the pieces of a streamed answer."""
    return [piece async for piece in model.stream(prompt)]
