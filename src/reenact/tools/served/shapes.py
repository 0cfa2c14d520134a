"""JSON schemas mined from recorded arguments, for tools whose own schema was not captured.

No recorded value gets into a schema: a model that reads it must not learn what was asked.
"""

from __future__ import annotations

from typing import Any

_DEEPEST = 6
_MOST_KEYS = 100
"""Beyond these a schema says nothing more; it allows what it does not name."""


class Shape:
    """What values at one place looked like, over all that were added."""

    def __init__(self, depth: int = 0) -> None:
        self._depth = depth
        self._types: set[str] = set()
        self._objects = 0
        self._keys: dict[str, Shape] = {}
        self._counts: dict[str, int] = {}
        self._members: Shape | None = None

    def add(self, value: Any) -> None:
        """Take one more value into account."""
        self._types.add(_type_of(value))
        if self._depth >= _DEEPEST:
            return
        if isinstance(value, dict):
            self._objects += 1
            for key, inner in value.items():
                self._add_key(str(key), inner)
        elif isinstance(value, (list, tuple)):
            self._members = self._members or Shape(self._depth + 1)
            for inner in value:
                self._members.add(inner)

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema that all added values meet."""
        types = sorted(self._types - {"integer"} if "number" in self._types else self._types)
        found: dict[str, Any] = {}
        if types:
            found["type"] = types[0] if len(types) == 1 else types
        if self._keys:
            found["properties"] = {key: shape.schema() for key, shape in self._keys.items()}
            if always := [key for key, n in self._counts.items() if n == self._objects]:
                found["required"] = always
        if self._members is not None and (members := self._members.schema()):
            found["items"] = members
        return found

    def _add_key(self, key: str, value: Any) -> None:
        shape = self._keys.get(key)
        if shape is None:
            if len(self._keys) >= _MOST_KEYS:
                return
            shape = self._keys[key] = Shape(self._depth + 1)
        self._counts[key] = self._counts.get(key, 0) + 1
        shape.add(value)


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, dict) else "array"
