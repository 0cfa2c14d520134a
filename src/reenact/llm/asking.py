"""The one model that the rest of Reenact asks: any provider, with patience and with shapes."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from reenact.domain.conversation import Usage
from reenact.errors import ModelFailed
from reenact.llm.port import Completion, Prompt
from reenact.llm.prompts import prompt as prompt_text
from reenact.llm.provider import Passing, Provider, Unfit, excerpt, without
from reenact.llm.shapes import Misshapen, read_shaped

LONGEST_WAIT_S = 60.0
"""A model that asks for a longer pause is given up: the run would only look as if it hung."""
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 20.0
_SLOW = "check that it runs, or raise REENACT_MODEL_TIMEOUT_S"

Sleep = Callable[[float], Awaitable[Any]]


class AskedModel:
    """A `LanguageModel` over a provider: tries again what may pass, holds answers to shapes.

    A shape is first asked for by the provider's own means. A model that refuses them is told
    the shape in words, from then on. An answer that does not fit is sent back once.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        timeout_s: float,
        retries: int,
        sleep: Sleep = asyncio.sleep,
    ):
        """Wrap `provider`.

        Args:
            provider: Who is asked.
            timeout_s: The longest time for one answer, or between two pieces of a stream.
            retries: How often to try again what may pass.
            sleep: How to wait.
        """
        self._provider = provider
        self._timeout_s = timeout_s
        self._retries = retries
        self._secrets = provider.secrets
        self._sleep = sleep
        self._takes_shapes = True

    def __repr__(self) -> str:
        return f"AskedModel({self.name})"

    @property
    def name(self) -> str:
        """The provider's name for the model."""
        return self._provider.name

    async def complete(self, prompt: Prompt) -> Completion:
        """Return the answer to `prompt`; its `data` fits the shape, where there is one.

        Raises:
            ModelFailed: no answer in the time and the tries there are, or none that fits.
        """
        try:
            if prompt.shape is None:
                return await self._answer(prompt)
            return await self._in_shape(prompt, prompt.shape)
        except (Passing, Unfit, ModelFailed) as error:
            raise self._meant(error) from None

    async def stream(self, prompt: Prompt) -> AsyncIterator[str]:
        """Yield the text of the answer as it comes; a shape is told in words and not checked.

        Only what fails before the first piece is tried again.

        Raises:
            ModelFailed: as `complete` does, or the stream broke off.
        """
        told = prompt if prompt.shape is None else _instructed(prompt)
        for tried in range(self._retries + 1):
            came = 0
            try:
                async with aclosing(self._pieces(told)) as pieces:
                    async for piece in pieces:
                        came += len(piece)
                        yield piece
                return
            except (Unfit, ModelFailed) as error:
                raise self._meant(error) from None
            except Passing as error:
                if came:
                    raise self._failed(f"broke off after {came} characters: {error}") from None
                await self._pause(error, tried)

    async def _pieces(self, prompt: Prompt) -> AsyncGenerator[str]:
        async with aclosing(self._provider.pieces(prompt)) as pieces:
            while True:
                try:
                    async with asyncio.timeout(self._timeout_s):
                        piece = await anext(pieces)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    raise Passing(f"sent nothing for {self._timeout_s:g} s") from None
                yield piece

    async def _in_shape(self, prompt: Prompt, shape: Any) -> Completion:
        first = await self._shaped(prompt)
        try:
            return replace(first, data=read_shaped(first.text, shape))
        except Misshapen as wrong:
            problem = str(wrong)
        second = await self._shaped(_repairing(prompt, first, problem))
        try:
            data = read_shaped(second.text, shape)
        except Misshapen as wrong:
            shown = excerpt(second.text, self._secrets)
            raise self._failed(
                f"did not answer in the shape asked for, twice: {wrong}; it wrote: {shown}"
            ) from None
        return replace(
            second, data=data, usage=_sum(first, second), cost=_total(first.cost, second.cost)
        )

    async def _shaped(self, prompt: Prompt) -> Completion:
        # Providers take nothing but an object at the top of a schema.
        if not self._takes_shapes or (prompt.shape or {}).get("type") != "object":
            return await self._answer(_instructed(prompt))
        try:
            return await self._answer(prompt)
        except Unfit:
            # Refused again without the shape, it was refused for something else.
            answer = await self._answer(_instructed(prompt))
            self._takes_shapes = False
            return answer

    async def _answer(self, prompt: Prompt) -> Completion:
        tried = 0
        while True:
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await self._provider.once(prompt)
            except TimeoutError:
                passing = Passing(f"no answer within {self._timeout_s:g} s")
            except Passing as error:
                passing = error
            await self._pause(passing, tried)
            tried += 1

    async def _pause(self, error: Passing, tried: int) -> None:
        """Wait until it may be tried again, or give up."""
        if tried >= self._retries:
            times = "once" if tried == 0 else f"{tried + 1} times"
            raise self._failed(f"{error} (tried {times})", next_step=_SLOW) from None
        if error.after_s is not None and error.after_s > LONGEST_WAIT_S:
            raise self._failed(
                f"{error}; it asks to wait {error.after_s:.0f} s",
                next_step="try again later, or ask for a higher rate limit",
            ) from None
        doubled = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**tried)
        spread = doubled * random.uniform(0.5, 1.0)  # noqa: S311 - a pause is no secret
        await self._sleep(spread if error.after_s is None else error.after_s)

    def _meant(self, error: Exception) -> ModelFailed:
        if isinstance(error, ModelFailed):
            return self._failed(error.what, next_step=error.next_step)
        return self._failed(str(error))

    def _failed(self, what: str, *, next_step: str | None = None) -> ModelFailed:
        return ModelFailed(without(what, self._secrets), where=self.name, next_step=next_step)


def _instructed(prompt: Prompt) -> Prompt:
    """Return `prompt` with its shape told in words, in the one system message."""
    words = prompt_text(__package__, "shape", schema=_schema(prompt.shape))
    messages = prompt.messages
    if messages and messages[0].get("role") == "system":
        words = f"{messages[0].get('content', '')}\n\n{words}"
        messages = messages[1:]
    system = {"role": "system", "content": words}
    return replace(prompt, messages=(system, *messages), shape=None)


def _repairing(prompt: Prompt, answer: Completion, problem: str) -> Prompt:
    asked = prompt_text(__package__, "repair", problem=problem, schema=_schema(prompt.shape))
    return replace(
        prompt,
        messages=(
            *prompt.messages,
            {"role": "assistant", "content": answer.text or "(nothing)"},
            {"role": "user", "content": asked},
        ),
    )


def _schema(shape: Any) -> str:
    return json.dumps(shape, ensure_ascii=False, indent=2)


def _sum(first: Completion, second: Completion) -> Usage:
    names = Usage.__dataclass_fields__
    return Usage(
        **{name: _total(getattr(first.usage, name), getattr(second.usage, name)) for name in names}
    )


def _total(first: Any, second: Any) -> Any:
    """Return the sum; unknown where one of them is."""
    return None if first is None or second is None else first + second
