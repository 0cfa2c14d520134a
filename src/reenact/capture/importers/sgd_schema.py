"""The schema of SGD's services: the intents that can be called, their slots and effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reenact.capture.importers.fields import list_of, name_of, object_of, optional
from reenact.capture.importers.json_places import Unusable, file_text, first_place, safe, value_at
from reenact.domain.conversation import Effect, ToolDefinition
from reenact.errors import ReenactError


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service: its intents as tools, and whether they change something."""

    tools: tuple[ToolDefinition, ...]
    effects: dict[str, Effect]


def services_beside(path: Path, on_reject: Callable[[str], None]) -> dict[str, Service]:
    """Return the services of the schema beside a file of dialogues, by name; none without one.

    It is `schema.json`, or of the name of `dev_dialogues_001.json`: `dev_schema.json`.
    """
    beside = path.with_name(path.name.partition("dialogues")[0] + "schema.json")
    if beside == path or not beside.is_file():
        return {}
    try:
        text = file_text(beside)
        data = safe(value_at(text, first_place(text))[0])
        return dict(_service(raw) for raw in list_of(data, "the schema"))
    except (Unusable, ReenactError) as error:
        what = error.what if isinstance(error, ReenactError) else str(error)
        on_reject(f"{beside.name} beside it: {what}; tools and effects are not known")
        return {}


def _service(raw: Any) -> tuple[str, Service]:
    told = object_of(raw, "a service")
    name = name_of(told, "service_name")
    slots = {
        name_of(slot, "name"): slot
        for slot in (object_of(s, "a slot") for s in list_of(told.get("slots"), "key slots"))
    }
    intents = [object_of(i, "an intent") for i in list_of(told.get("intents"), "key intents")]
    effects: dict[str, Effect] = {}
    for intent in intents:
        writes = intent.get("is_transactional")
        if isinstance(writes, bool):
            effects[name_of(intent, "name")] = "write" if writes else "read"
    return name, Service(tools=tuple(_tool(i, slots) for i in intents), effects=effects)


def _tool(intent: dict[str, Any], slots: dict[str, dict[str, Any]]) -> ToolDefinition:
    required = _names(intent.get("required_slots"))
    more = _names(intent.get("optional_slots"))
    return ToolDefinition(
        name=name_of(intent, "name"),
        description=optional(intent, "description"),
        parameters={
            "type": "object",
            "properties": {
                name: _property(slots.get(name, {})) for name in dict.fromkeys([*required, *more])
            },
            "required": required,
        },
    )


def _names(found: Any) -> list[str]:
    """Return the names in a list, or the keys of an object (optional slots have a default)."""
    return [str(name) for name in found] if isinstance(found, (list, dict)) else []


def _property(slot: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string"}
    if described := optional(slot, "description"):
        found["description"] = described
    if slot.get("is_categorical") is True and slot.get("possible_values"):
        found["enum"] = slot["possible_values"]
    return found
