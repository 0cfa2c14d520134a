"""Smallest values that a schema of the OpenAPI document allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXTS = {"date-time": "2031-01-01T00:00:00Z", "uuid": "0d4b9c62-5f0e-4a51-9f8e-0d2f6c1f6b11"}


def smallest(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    """Return a value that `schema` allows, with nothing in it that it does not ask for."""
    if "$ref" in schema:
        return smallest(document["components"]["schemas"][_name(schema["$ref"])], document)
    for known in ("const", "default"):
        if known in schema:
            return schema[known]
    if "enum" in schema:
        return schema["enum"][0]
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return smallest(schema[several][-1], document)
    if "allOf" in schema:
        return smallest(schema["allOf"][0], document)
    return _of_type(schema, document)


def properties(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields of an object by name; none for anything else."""
    if "$ref" in schema:
        return properties(document["components"]["schemas"][_name(schema["$ref"])], document)
    found = schema.get("properties", {})
    assert isinstance(found, Mapping)
    return found


def _of_type(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            wanted = {
                name: schema["properties"][name]
                for name in schema.get("required", ())
                if name in schema.get("properties", {})
            }
            return {name: smallest(one, document) for name, one in wanted.items()}
        case "array":
            one = schema.get("items") or {}
            return [smallest(one, document) for _ in range(schema.get("minItems", 0))]
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return False
        case "string":
            text = _TEXTS.get(schema.get("format", ""), "x")
            return text.ljust(schema.get("minLength", 0), "x")
    return None


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]
