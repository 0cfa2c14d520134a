"""What every model gives: an answer to messages, with its usage and cost where they are known."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from reenact.domain.conversation import Usage

_UNKNOWN = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a model is asked: messages as `{"role", "content"}`, and the shape of its answer."""

    messages: tuple[Mapping[str, Any], ...]
    shape: Mapping[str, Any] | None = None
    """A JSON schema: the answer is JSON that fits it. None for free text."""
    temperature: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a model answered. Cost is in USD; None where no price is known."""

    text: str
    data: Any = None
    """The answer parsed, where the prompt had a shape."""
    model: str | None = None
    usage: Usage = _UNKNOWN
    cost: float | None = None


class LanguageModel(Protocol):
    """A model that can be asked."""

    @property
    def name(self) -> str:
        """Its name, as results say which model decided something."""

    async def complete(self, prompt: Prompt) -> Completion:
        """Return the answer to `prompt`.

        Raises:
            ModelFailed: it did not answer, or not in the shape that was asked for.
        """

    def stream(self, prompt: Prompt) -> AsyncIterator[str]:
        """Yield the text of the answer as it comes; raises as `complete` does."""
