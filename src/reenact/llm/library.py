"""The providers that do not speak OpenAI's chat completions, through pydantic-ai's `direct`.

The extra `reenact[llm]` brings the library without any provider's SDK: the SDK is the one that
the agent's environment has anyway, in its version.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import Any

from pydantic_ai import direct
from pydantic_ai.exceptions import AgentRunError, ModelAPIError, ModelHTTPError, UserError
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    SystemPromptPart,
    TextPart,
    TextPartDelta,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters, infer_model
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings

from reenact.domain.conversation import Usage
from reenact.errors import ModelFailed, UsageError
from reenact.llm.port import Completion, Prompt
from reenact.llm.provider import Passing, Unfit, excerpt, refused
from reenact.llm.shapes import is_strict
from reenact.pricing import cost_of


class LibraryModel:
    """One model that pydantic-ai reaches, asked once at a time and without its own retries."""

    def __init__(self, name: str, *, secrets: Sequence[str] = ()):
        """Find the model that `name` (`provider:model`) names; `secrets` show in no message.

        Raises:
            UsageError: for an unknown name, an SDK that is not installed, or a missing key.
        """
        self.name = name
        self.secrets = secrets
        self._native = bool(self._model().profile.get("supports_json_schema_output"))

    def _model(self) -> Model[Any]:
        """Return a model with a client of its own: clients belong to one event loop."""
        try:
            return infer_model(self.name)
        except ImportError as error:
            provider = self.name.partition(":")[0]
            raise UsageError(
                f"the SDK of {provider} is not installed ({error.name or self._short(error)})",
                where="REENACT_MODEL",
                next_step=_install(error, provider),
            ) from None
        except UserError as error:
            raise UsageError(
                self._short(error),
                where="REENACT_MODEL",
                next_step="write provider:model, and set the provider's key in the environment",
            ) from None

    async def once(self, prompt: Prompt) -> Completion:
        """Return the answer; raises as the port says."""
        model = self._model()
        try:
            async with model:
                answer = await direct.model_request(
                    model,
                    _messages(prompt.messages),
                    model_settings=_settings(prompt),
                    model_request_parameters=self._parameters(prompt),
                )
        except (AgentRunError, UserError) as error:
            raise self._meant(error) from None
        return self._completion(answer)

    async def pieces(self, prompt: Prompt) -> AsyncGenerator[str]:
        """Yield the text as it comes; raises as the port says."""
        model = self._model()
        try:
            async with (
                model,
                direct.model_request_stream(
                    model, _messages(prompt.messages), model_settings=_settings(prompt)
                ) as stream,
            ):
                async for event in stream:
                    if words := _words(event):
                        yield words
        except (AgentRunError, UserError) as error:
            raise self._meant(error) from None

    def _parameters(self, prompt: Prompt) -> ModelRequestParameters:
        if prompt.shape is None:
            return ModelRequestParameters()
        if not self._native:
            raise Unfit("the library knows no way to ask this model for a JSON schema")
        wanted = OutputObjectDefinition(
            json_schema=dict(prompt.shape), name="answer", strict=is_strict(prompt.shape)
        )
        return ModelRequestParameters(output_mode="native", output_object=wanted)

    def _completion(self, answer: ModelResponse) -> Completion:
        text = "".join(part.content for part in answer.parts if isinstance(part, TextPart))
        if not text:
            reason = getattr(answer, "finish_reason", None)
            raise ModelFailed(f"answered no text (finish reason {reason})", where=self.name)
        used = answer.usage
        counted = bool(used.input_tokens or used.output_tokens)  # the library's 0 is unknown
        usage = Usage()
        if counted:
            usage = Usage(
                input_tokens=used.input_tokens,
                output_tokens=used.output_tokens,
                cached_input_tokens=used.cache_read_tokens or None,
                reasoning_tokens=used.details.get("reasoning_tokens"),
            )
        asked = self.name.partition(":")[2]
        cost = cost_of(usage, model=answer.model_name or asked, provider=answer.provider_name)
        return Completion(
            text=text,
            model=answer.model_name,
            usage=usage,
            cost=cost.amount if cost else None,
        )

    def _short(self, said: object) -> str:
        return excerpt(str(said), self.secrets)

    def _meant(self, error: Exception) -> Exception:
        """Return what the library's error means to us."""
        if isinstance(error, ModelHTTPError):
            said = self._short(error.body if error.body is not None else error)
            headers = getattr(error, "headers", None) or {}
            found = refused(error.status_code, said, headers=headers)
            what = f"answered {error.status_code}: {said}"
            return found or ModelFailed(
                what, where=self.name, next_step="check the provider's key in the environment"
            )
        if isinstance(error, ModelAPIError):
            return Passing(self._short(error))
        return ModelFailed(self._short(error), where=self.name)


def _messages(told: Iterable[Mapping[str, Any]]) -> list[ModelMessage]:
    """Return OpenAI-style messages as the library's."""
    messages: list[ModelMessage] = []
    for message in told:
        content = str(message.get("content") or "")
        if message.get("role") == "assistant":
            messages.append(ModelResponse(parts=[TextPart(content=content)]))
            continue
        part: SystemPromptPart | UserPromptPart = (
            SystemPromptPart(content=content)
            if message.get("role") == "system"
            else UserPromptPart(content=content)
        )
        last = messages[-1] if messages else None
        if isinstance(last, ModelRequest):
            messages[-1] = ModelRequest(parts=[*last.parts, part])
        else:
            messages.append(ModelRequest(parts=[part]))
    return messages


def _settings(prompt: Prompt) -> ModelSettings:
    settings = ModelSettings(max_retries=0)  # trying again is ours
    if prompt.temperature is not None:
        settings["temperature"] = prompt.temperature
    if prompt.max_tokens is not None:
        settings["max_tokens"] = prompt.max_tokens
    return settings


def _words(event: Any) -> str:
    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
        return str(event.part.content)
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
        return str(event.delta.content_delta)
    return ""


def _install(error: ImportError, provider: str) -> str:
    """Return the library's own advice where it gives one: it knows the names of its groups."""
    _, found, rest = str(error).partition("pip install ")
    advice = rest.partition("`")[0].strip() if found else ""
    return f"pip install {advice}" if advice else f"install the SDK of {provider}"
