"""The shape of JSON data, as a JSON schema that is no wider than the examples it is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reenact.matching.identifiers import looks_like_a_name

MAX_DEPTH = 12
"""Below this depth anything fits."""

Schema = Mapping[str, Any]


def schema_of(examples: Sequence[Any], *, depth: int = 0) -> dict[str, Any]:
    """Return the schema that all `examples` fit: keys that all have are required, no others fit.

    An object whose keys are ids is a map: its keys are free, its values have one shape.
    """
    if depth >= MAX_DEPTH:
        return {}
    shapes: list[dict[str, Any]] = []
    objects = [value for value in examples if isinstance(value, Mapping)]
    lists = [value for value in examples if isinstance(value, (list, tuple))]
    if objects:
        shapes.append(_object_schema(objects, depth))
    if lists:
        inner = [value for one in lists for value in one]
        kind: dict[str, Any] = {"type": "array"}
        within = {"items": schema_of(inner, depth=depth + 1)} if inner else {"maxItems": 0}
        shapes.append(kind | within)
    plain = {_kind(value) for value in examples} - {"object", "array"}
    if "number" in plain:
        plain.discard("integer")
    shapes.extend({"type": name} for name in sorted(plain))
    return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}


def fits(value: Any, schema: Schema, *, depth: int = 0) -> bool:
    """Tell whether `value` fits a schema that `schema_of` made."""
    if depth >= MAX_DEPTH or not schema:
        return True
    if "anyOf" in schema:
        return any(fits(value, one, depth=depth) for one in schema["anyOf"])
    if schema["type"] == "object":
        return isinstance(value, Mapping) and _fits_object(value, schema, depth)
    if schema["type"] == "array":
        if not isinstance(value, (list, tuple)):
            return False
        if "maxItems" in schema:
            return not value
        return all(fits(one, schema["items"], depth=depth + 1) for one in value)
    kind = _kind(value)
    return kind == schema["type"] or (kind, schema["type"]) == ("integer", "number")


def _object_schema(objects: Sequence[Mapping[str, Any]], depth: int) -> dict[str, Any]:
    keys = list(dict.fromkeys(str(key) for one in objects for key in one))
    if keys and all(looks_like_a_name(key) for key in keys):
        inner = [value for one in objects for value in one.values()]
        return {"type": "object", "additionalProperties": schema_of(inner, depth=depth + 1)}
    return {
        "type": "object",
        "properties": {
            key: schema_of([one[key] for one in objects if key in one], depth=depth + 1)
            for key in keys
        },
        "required": [key for key in keys if all(key in one for one in objects)],
        "additionalProperties": False,
    }


def _fits_object(value: Mapping[str, Any], schema: Schema, depth: int) -> bool:
    if "properties" not in schema:
        inner = schema["additionalProperties"]
        return all(
            looks_like_a_name(str(key)) and fits(one, inner, depth=depth + 1)
            for key, one in value.items()
        )
    properties = schema["properties"]
    return all(key in value for key in schema["required"]) and all(
        key in properties and fits(one, properties[key], depth=depth + 1)
        for key, one in value.items()
    )


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "object"
    if isinstance(value, (list, tuple)):
        return "array"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "null" if value is None else "string"
