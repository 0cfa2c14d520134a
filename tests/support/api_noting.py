"""Notes what an API was asked and answered; and what of that is alike whenever it is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from support.api import API

FOLDER = "/srv/northlight"
"""Where the server of the examples has its files."""
_PLACE = re.compile(r"{(\w+)}")
_ID = re.compile(r"\b(replay|scenario|agent|test|run|fork)-[0-9a-z]{12}\b")
_TIME = re.compile(r'"(\d{4}-\d\d-\d\dT[0-9:.]+Z)"')
_SECRET = re.compile(r"(?<![0-9a-f:])[0-9a-f]{64}(?![0-9a-f])")
_MADE_UP = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{12}|[0-9a-f]{16}|[0-9a-f]{32})(?![0-9a-f])")


class Telling:
    """Asks a server, and notes of every operation what was asked and answered first."""

    def __init__(self, client: TestClient, app: FastAPI) -> None:
        self._client = client
        self._operations = [
            (method, re.compile(_PLACE.sub(r"(?P<\1>[^/]+)", path)), operation)
            for path, item in app.openapi()["paths"].items()
            for method, operation in item.items()
        ]
        self.operations: dict[str, dict[str, Any]] = {}
        self.problems: dict[str, Any] = {}

    def get(self, path: str, **query: Any) -> Any:
        return self._ask("get", path, query=query)

    def post(self, path: str, **body: Any) -> Any:
        return self._ask("post", path, body=body)

    def put(self, path: str, **body: Any) -> Any:
        return self._ask("put", path, body=body)

    def delete(self, path: str) -> None:
        self._ask("delete", path)

    def fails(
        self,
        status: int,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        **asked: Any,
    ) -> None:
        """Ask what cannot be had, and note the problem."""
        answer = self._client.request(method, API + path, headers=headers, **asked)
        assert answer.status_code == status, answer.text
        self.problems.setdefault(str(status), answer.json())

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        answer = self._client.request(method, API + path, params=query, json=body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        is_json = answer.headers.get("content-type") == "application/json"
        told = answer.json() if is_json and answer.content else answer.text
        operation, within = self._operation(method, API + path)
        noted: dict[str, Any] = {}
        if named := {**within, **(query or {})}:
            noted["parameters"] = named
        if "requestBody" in operation:
            noted["body"] = body
        if answer.content:
            noted["answer"] = told
        self.operations.setdefault(operation["operationId"], noted)
        return told

    def _operation(self, method: str, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the operation that answers, and the parameters that stand in `path`."""
        fits = [
            (operation, {name: _number(value) for name, value in found.groupdict().items()})
            for verb, pattern, operation in self._operations
            if verb == method and (found := pattern.fullmatch(path))
        ]
        return min(fits, key=lambda fit: len(fit[1]))


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def as_example(story: Any, *, folder: Path, began: datetime, shown_at: datetime) -> Any:
    """Return `story` as if it began at `shown_at`, with ids in order, and without secrets."""
    ids: dict[str, str] = {}
    text = json.dumps(story).replace(str(folder), FOLDER)
    text = _ID.sub(lambda id: ids.setdefault(id[0], f"{id[1]}-m8b2v4t0{len(ids) + 1:04d}"), text)
    text = re.sub(r"_replay_[0-9-]{10}_", f"_replay_{shown_at:%Y-%m-%d}_", text)
    text = _SECRET.sub("0123456789abcdef" * 4, text)
    text = re.sub(r'"hint": "[0-9a-f]{4}"', '"hint": "cdef"', text)

    def moved(time: re.Match[str]) -> str:
        at = datetime.fromisoformat(time[1])
        if at < began - timedelta(seconds=1):
            return time[0]
        return f'"{(shown_at + (at - began)).isoformat().replace("+00:00", "Z")}"'

    return json.loads(_TIME.sub(moved, text))


def steady(story: Any, *, shown_at: datetime) -> Any:
    """Return what of `story` is the same however fast the server is, and whatever ids it gives."""
    if isinstance(story, dict):
        return {key: steady(value, shown_at=shown_at) for key, value in story.items()}
    if isinstance(story, list):
        return [steady(value, shown_at=shown_at) for value in story]
    if isinstance(story, float):
        return "a fraction"
    if isinstance(story, str):
        if _TIME.fullmatch(f'"{story}"') and datetime.fromisoformat(story) >= shown_at:
            return "a time"
        return _MADE_UP.sub("an id", re.sub(r"\b\d+ s$", "some seconds", story))
    return story
