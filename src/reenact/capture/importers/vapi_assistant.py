"""The assistant of a Vapi call: its prompt, model and tools, where the call holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reenact.capture.importers.fields import below, optional
from reenact.capture.wire.chat import messages_of, split_system, tools_of
from reenact.domain.conversation import ToolDefinition

_GENERATED = "assistant-speaks-first-with-model-generated-message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant:
    """What a call tells of its assistant; all of it may be missing."""

    name: str | None = None
    prompt: str | None = None
    model: str | None = None
    tools: tuple[ToolDefinition, ...] = ()
    greets_by_model: bool = False
    """True where a model writes the words that it begins with; else they are set before."""


def assistant_of(told: dict[str, Any], *, spoken_prompt: str | None) -> Assistant:
    """Return the assistant of a call: its own settings, then the overrides for this call.

    The prompt that the call used wins over the template that the settings hold.
    """
    settings = below(told, "assistant")
    changed = below(told, "assistantOverrides")
    model = below(changed, "model") or below(settings, "model")
    mode = optional(changed, "firstMessageMode") or optional(settings, "firstMessageMode")
    return Assistant(
        name=optional(changed, "name") or optional(settings, "name"),
        prompt=spoken_prompt or _prompt(model),
        model=optional(model, "model") or _billed_model(told.get("costs")),
        tools=_tools([below(model, "tools"), below(changed, "tools:append")]),
        greets_by_model=mode == _GENERATED,
    )


def _prompt(model: Any) -> str | None:
    prompt, _ = split_system(messages_of(below(model, "messages")))
    return prompt or optional(model, "systemPrompt")


def _billed_model(costs: Any) -> str | None:
    """Return the model that was paid for, where all that were are the same."""
    found = {
        optional(one, "model", "model")
        for one in (costs if isinstance(costs, list) else [])
        if isinstance(one, dict) and one.get("type") == "model"
    }
    return found.pop() if len(found) == 1 else None


def _tools(lists: list[Any]) -> tuple[ToolDefinition, ...]:
    """Return the tools that the model is offered; those named by id only are not known."""
    entries = [tool for found in lists if isinstance(found, list) for tool in found]
    return tools_of([_definition(tool) for tool in entries if isinstance(tool, dict)])


def _definition(tool: dict[str, Any]) -> dict[str, Any]:
    """Return a tool in the shape of chat APIs; Vapi's own ones are called by their type."""
    if isinstance(tool.get("function"), dict):
        return tool
    return {
        "name": optional(tool, "name") or optional(tool, "type"),
        "description": tool.get("description"),
        "parameters": tool.get("body"),
    }
