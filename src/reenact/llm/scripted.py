"""A model that answers from a script: for tests and demonstrations, never for judgement."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable

from reenact.errors import ModelFailed
from reenact.llm.port import Completion, Prompt


class ScriptedModel:
    """Gives its answers in order, whatever is asked; `asked` keeps every prompt."""

    def __init__(self, answers: Iterable[str | Exception], *, name: str = "scripted") -> None:
        self._answers = iter(tuple(answers))
        self.name = name
        self.asked: list[Prompt] = []

    async def complete(self, prompt: Prompt) -> Completion:
        """Return the next answer of the script; raises ModelFailed after the last one."""
        self.asked.append(prompt)
        answer = next(self._answers, None)
        if answer is None:
            raise ModelFailed("the script holds no further answer", where=self.name)
        if isinstance(answer, Exception):
            raise answer
        data = None
        if prompt.shape is not None:
            try:
                data = json.loads(answer)
            except ValueError as error:
                raise ModelFailed(f"the answer is no JSON: {error}", where=self.name) from None
        return Completion(text=answer, data=data, model=self.name)

    async def stream(self, prompt: Prompt) -> AsyncIterator[str]:
        """Yield the next answer in one piece."""
        yield (await self.complete(prompt)).text
