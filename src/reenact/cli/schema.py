"""`reenact schema`: the JSON schemas of what other tools read, made from the views themselves."""

from __future__ import annotations

from typing import Any, Literal

from reenact import codec
from reenact.cli import console
from reenact.domain.fork_view import ForkTree
from reenact.domain.run_view import RunView
from reenact.domain.view import ConversationView

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Output = Literal["conversations", "run", "forks"]


def schema(output: Output) -> None:
    """Print the JSON schema of an output.

    Args:
        output: conversations (of `conversations --json`), run (of `runs show --json`) or forks
            (of `forks show --json`).
    """
    console.print_json(schema_of(output))


def schema_of(output: Output) -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of one of the stable outputs."""
    if output == "run":
        shape = _untitled(codec.adapter(RunView).json_schema(mode="serialization"))
        return {"$schema": DRAFT, "title": "reenact runs show --json", **shape}
    if output == "forks":
        shape = _untitled(codec.adapter(list[ForkTree]).json_schema(mode="serialization"))
        return {"$schema": DRAFT, "title": "reenact forks show --json", **shape}
    item = _untitled(codec.adapter(ConversationView).json_schema(mode="serialization"))
    definitions = item.pop("$defs")
    return {
        "$schema": DRAFT,
        "title": "reenact conversations --json",
        "type": "object",
        "properties": {"conversations": {"type": "array", "items": item}},
        "required": ["conversations"],
        "$defs": definitions,
    }


def _untitled(shape: Any) -> Any:
    """Return a schema without the titles that only repeat the names of fields."""
    if isinstance(shape, list):
        return [_untitled(part) for part in shape]
    if not isinstance(shape, dict):
        return shape
    return {
        key: _untitled(value)
        for key, value in shape.items()
        if not (key == "title" and isinstance(value, str))
    }
