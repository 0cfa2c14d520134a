"""A model behind an endpoint that speaks OpenAI's chat completions, named by its URL.

Local servers (Ollama, vLLM, llama.cpp, LM Studio) and gateways speak it, as do OpenAI and many
other providers. A connection is made for every answer: next to what a model takes that is
nothing, and there is none to close, whichever event loop asks.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec

from reenact.domain.conversation import Usage
from reenact.errors import ModelFailed
from reenact.event_stream import Chunks, events_of
from reenact.llm.port import Completion, Prompt
from reenact.llm.provider import Passing, excerpt, refused
from reenact.llm.shapes import is_strict
from reenact.pricing import cost_of

MOST_BYTES = 10 * 2**20
"""The largest answer that is read."""
_CONNECT_S = 10.0
_CHAT = "/chat/completions"


class Endpoint:
    """Posts to one address. The key is in no message and no repr."""

    def __init__(
        self,
        *,
        url: str,
        model: str,
        name: str,
        key: str | None = None,
        key_name: str = "REENACT_MODEL_API_KEY",
        prices: str | None = None,
    ):
        """Name the model.

        Args:
            url: The address before `/chat/completions`.
            model: The model's name there.
            name: What results call it.
            key: Sent as a bearer token, if there is one.
            key_name: The variable that the key comes from, for messages.
            prices: The provider whose price list holds; None where no price is known.
        """
        self._url = url if url.endswith(_CHAT) else url.rstrip("/") + _CHAT
        self._model = model
        self.name = name
        self._headers = {"User-Agent": "reenact"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self.secrets = (key,) if key else ()
        self._key_name = key_name
        self._prices = prices
        self._unknown: set[str] = set()

    def __repr__(self) -> str:
        return f"Endpoint({self.name})"

    async def once(self, prompt: Prompt) -> Completion:
        """Return the answer; raises as the port says."""
        async with self._answered(prompt, stream=False) as response:
            raw = b"".join([chunk async for chunk in _chunks(response)])
        data = self._decoded(raw, "the answer")
        self._check(data)
        message = _at(data, "choices", 0, "message")
        text = _words(message)
        if text is None:
            raise ModelFailed(
                self._no_words(data, message),
                where=self.name,
                next_step=f"it was asked at {self._url}",
            )
        model, usage = _at(data, "model"), _usage(_at(data, "usage"))
        model = model if isinstance(model, str) and model else None
        return Completion(text=text, model=model, usage=usage, cost=self._cost(usage, model))

    async def pieces(self, prompt: Prompt) -> AsyncGenerator[str]:
        """Yield the text as it comes; raises as the port says."""
        async with self._answered(prompt, stream=True) as response:
            finished = False
            async for _, data in events_of(_chunks(response)):
                if data == b"[DONE]":
                    finished = True
                    break
                part = self._decoded(data, "a part of the stream")
                self._check(part)
                if words := _words(_at(part, "choices", 0, "delta")):
                    yield words
                finished = finished or _at(part, "choices", 0, "finish_reason") is not None
            if not finished:
                raise Passing("the stream ended before the model said it was done")

    @asynccontextmanager
    async def _answered(
        self, prompt: Prompt, *, stream: bool
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Yield a successful response; ask again without an option that the model refuses."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S)
        try:
            async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
                while True:
                    body = self._body(prompt, stream=stream)
                    async with session.post(
                        self._url, json=body, headers=self._headers, allow_redirects=False
                    ) as response:
                        if 200 <= response.status < 300:
                            yield response
                            return
                        said = await self._said(response)
                    if not self._learnt(response.status, said, body):
                        raise self._refusal(response.status, said, response.headers)
        except aiohttp.ConnectionTimeoutError:
            raise Passing(f"no connection to {self._url} within {_CONNECT_S:g} s") from None
        except aiohttp.ClientConnectorError as error:
            why = error.os_error.strerror or str(error.os_error)
            raise Passing(f"no connection to {self._url}: {why}") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Passing(f"the connection broke ({type(error).__name__})") from None

    def _body(self, prompt: Prompt, *, stream: bool) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self._model, "messages": list(prompt.messages)}
        if stream:
            body["stream"] = True
        if prompt.temperature is not None and "temperature" not in self._unknown:
            body["temperature"] = prompt.temperature
        if prompt.max_tokens is not None:
            # OpenAI's reasoning models know only the new name, most others only the old one.
            new = "max_tokens" in self._unknown
            body["max_completion_tokens" if new else "max_tokens"] = prompt.max_tokens
        if prompt.shape is not None:
            schema = {"name": "answer", "schema": prompt.shape, "strict": is_strict(prompt.shape)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def _learnt(self, status: int, said: str, body: Mapping[str, Any]) -> bool:
        """Note an option that the model refuses by name; False where that is not what it did."""
        options = [name for name in ("temperature", "max_tokens") if name in body and name in said]
        if status not in (400, 422) or not options:
            return False
        self._unknown.update(options)
        return True

    def _refusal(self, status: int, said: str, headers: Mapping[str, str]) -> Exception:
        small = {name.lower(): value for name, value in headers.items()}
        if found := refused(status, said, headers=small):
            return found
        steps = {401: f"check {self._key_name}", 403: f"check what {self._key_name} may do"}
        what = f"answered {status}: {said or '(empty)'}"
        if 300 <= status < 400:
            what, said = f"answered {status}, a redirect", "name the address itself"
            return ModelFailed(what, where=self.name, next_step=said)
        return ModelFailed(what, where=self.name, next_step=steps.get(status))

    def _check(self, data: Any) -> None:
        """Raise what an answer with status 200 reports as an error; some gateways do that."""
        error = data.get("error") if isinstance(data, dict) else None
        if not error:
            return
        code = error.get("code") if isinstance(error, dict) else None
        status = code if isinstance(code, int) and not isinstance(code, bool) else 500
        raise self._refusal(status, self._shown(error), {})

    async def _said(self, response: aiohttp.ClientResponse) -> str:
        head = b""
        while len(head) < 4096 and (chunk := await response.content.read(4096)):
            head += chunk
        return excerpt(head.decode(errors="replace"), self.secrets)

    def _decoded(self, raw: bytes, what: str) -> Any:
        try:
            return msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            shown = excerpt(raw[:4096].decode(errors="replace"), self.secrets)
            raise Passing(f"{what} is no JSON: {shown or '(empty)'}") from None

    def _shown(self, data: Any) -> str:
        return excerpt(msgspec.json.encode(data).decode(), self.secrets)

    def _no_words(self, data: Any, message: Any) -> str:
        if not isinstance(message, dict):
            return f"the answer is no chat completion: {self._shown(data)}"
        reason = _at(data, "choices", 0, "finish_reason")
        return f"answered no text (finish_reason {reason!r})"

    def _cost(self, usage: Usage, model: str | None) -> float | None:
        if self._prices is None:
            return None
        cost = cost_of(usage, model=model or self._model, provider=self._prices)
        return cost.amount if cost else None


async def _chunks(response: aiohttp.ClientResponse) -> Chunks:
    taken = 0
    async for chunk in response.content.iter_any():
        taken += len(chunk)
        if taken > MOST_BYTES:
            raise Passing(f"the answer is larger than {MOST_BYTES >> 20} MB")
        yield chunk


def _at(data: Any, *path: str | int) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _words(message: Any) -> str | None:
    """Return the words of a message or a delta: its content, else why it declined."""
    content = _at(message, "content")
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(text for text in texts if isinstance(text, str)) or None
    if isinstance(content, str) and content:
        return content
    declined = _at(message, "refusal")
    return declined if isinstance(declined, str) and declined else None


def _usage(data: Any) -> Usage:
    def count(*path: str) -> int | None:
        value = _at(data, *path)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    return Usage(
        input_tokens=count("prompt_tokens"),
        output_tokens=count("completion_tokens"),
        cached_input_tokens=count("prompt_tokens_details", "cached_tokens"),
        reasoning_tokens=count("completion_tokens_details", "reasoning_tokens"),
    )
