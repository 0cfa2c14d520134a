"""The OpenAPI document: what holds for every route is written into it here, once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from reenact.server.api import idempotency
from reenact.server.api.examples import show_examples
from reenact.server.api.problems import Problem

_ONCE: dict[str, Any] = {
    "name": idempotency.HEADER,
    "in": "header",
    "required": False,
    "description": "The same request with the same key is done once, and answered alike for a "
    "day: what a client sends that did not hear the answer. A new UUID for each request.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": idempotency.LONGEST_KEY,
        "pattern": "^[!-~]+$",
    },
}


def describe(app: FastAPI) -> None:
    """Let the document of `app` say what its middlewares do, and the media type of problems."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            document["components"]["schemas"]["Problem"] = _problem()
            _ask_for_kinds(document)
            _promise_all_fields(document)
            for path, method, operation in _operations(document):
                if method == "post" and path not in idempotency.HARMLESS:
                    operation.setdefault("parameters", []).append(_ONCE)
            show_examples(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _problem() -> dict[str, Any]:
    """Return the schema of a problem, as the framework writes those of its own answers."""
    schema = TypeAdapter(Problem).json_schema()
    for field in schema["properties"].values():
        if field.get("default", "") is None:
            del field["default"]
    return schema


def _ask_for_kinds(document: dict[str, Any]) -> None:
    """Require the field that tells the members of a union apart, also where it has a default."""
    schemas = document["components"]["schemas"]
    for union in _unions(document):
        for reference in union["mapping"].values():
            one = schemas[reference.rpartition("/")[2]]
            wanted = one.setdefault("required", [])
            if union["propertyName"] not in wanted:
                wanted.append(union["propertyName"])


def _promise_all_fields(document: dict[str, Any]) -> None:
    """Say of what is only answered that all of its fields are there: none is ever left out."""
    schemas = document["components"]["schemas"]
    asked: set[str] = set()
    answered: set[str] = set()
    for _, _, operation in _operations(document):
        asked |= _named(operation.get("requestBody"), schemas)
        asked |= _named(operation.get("parameters"), schemas)
        answered |= _named(operation["responses"], schemas)
    for name in answered - asked:
        if fields := schemas[name].get("properties"):
            schemas[name]["required"] = sorted(fields)


def _named(data: Any, schemas: dict[str, Any]) -> set[str]:
    """Return the names of the schemas that `data` refers to, and those that they refer to."""
    found: set[str] = set()
    waiting = list(_references(data))
    while waiting:
        name = waiting.pop().rpartition("/")[2]
        if name in schemas and name not in found:
            found.add(name)
            waiting.extend(_references(schemas[name]))
    return found


def _references(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        if isinstance(data.get("$ref"), str):
            yield data["$ref"]
        for value in data.values():
            yield from _references(value)
    elif isinstance(data, list):
        for value in data:
            yield from _references(value)


def _unions(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        if isinstance(data.get("discriminator"), dict):
            yield data["discriminator"]
        for value in data.values():
            yield from _unions(value)
    elif isinstance(data, list):
        for value in data:
            yield from _unions(value)


def methods_at(app: FastAPI, path: str) -> tuple[str, ...]:
    """Return the methods that the document lists for `path`: several routes may share one."""
    for within in ("[^/]+", ".+"):  # an id may hold slashes where no other path fits
        found = {
            method.upper()
            for template, method, _ in _operations(app.openapi())
            if re.fullmatch(re.sub(r"\\{[^}]+\\}", within, re.escape(template)), path)
        }
        if found:
            return tuple(sorted(found))
    return ()


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation
