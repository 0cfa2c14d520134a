"""What the tool server offers: every tool that a recording names, as a client lists it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reenact.domain.conversation import Conversation, Effect, ToolDefinition
from reenact.domain.scenario import DeclaredResult
from reenact.domain.tool_rules import ToolRules
from reenact.tools.rulebook import Rulebook
from reenact.tools.served.shapes import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedTool:
    """A tool as it is offered; `parameters` is the JSON schema of its arguments."""

    name: str
    description: str | None
    parameters: Mapping[str, Any]
    effect: Effect
    mined: bool
    """True where the recording held no schema, so that it was made from recorded arguments."""


class Catalogue:
    """Collects the tools of many recordings. Definitions go before what is mined from calls."""

    def __init__(
        self, effects: Mapping[str, Effect] | None = None, *, rules: Iterable[ToolRules] = ()
    ) -> None:
        """Begin; `effects` is what code declares of tools, and `rules` go before it."""
        self._rules = Rulebook(rules, effects=effects)
        self._found: dict[str, _Found] = {}

    def add(self, conversation: Conversation) -> None:
        """Take in what `conversation` defines, and what its agent called."""
        for definition in conversation.tools:
            self._of(definition.name).define(definition)
        for call in conversation.tool_calls:
            if call.requestor == "agent":
                self._of(call.name).called(call.arguments, call.effect)

    def declare(self, results: Iterable[DeclaredResult]) -> None:
        """Take in the tools that have declared results."""
        for declared in results:
            self._of(declared.tool).called(dict(declared.arguments), "unknown")

    def tools(self) -> tuple[ServedTool, ...]:
        """Return the tools, sorted by name."""
        return tuple(
            found.served(name, self._rules.effect(name, found.effect))
            for name, found in sorted(self._found.items())
        )

    def _of(self, name: str) -> _Found:
        return self._found.setdefault(name, _Found())


@dataclass(slots=True)
class _Found:
    description: str | None = None
    parameters: Mapping[str, Any] | None = None
    effects: set[Effect] = field(default_factory=set)
    shape: Shape = field(default_factory=Shape)

    def define(self, definition: ToolDefinition) -> None:
        self.description = self.description or definition.description
        if self.parameters is None and _is_of_an_object(definition.parameters):
            self.parameters = definition.parameters

    def called(self, arguments: Any, effect: Effect) -> None:
        self.effects.add(effect)
        if isinstance(arguments, dict):
            self.shape.add(arguments)

    @property
    def effect(self) -> Effect:
        """What the recordings say; a tool that wrote once is one that writes."""
        if "write" in self.effects:
            return "write"
        return "read" if "read" in self.effects else "unknown"

    def served(self, name: str, effect: Effect) -> ServedTool:
        return ServedTool(
            name=name,
            description=self.description,
            parameters=self.parameters or {"type": "object", **self.shape.schema()},
            effect=effect,
            mined=self.parameters is None,
        )


def _is_of_an_object(parameters: Mapping[str, Any] | None) -> bool:
    """Tell whether this is a schema that an MCP client accepts: arguments are an object."""
    return parameters is not None and parameters.get("type") == "object"
