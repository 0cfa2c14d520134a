"""Fields of JSON data by dotted path: left out, picked, changed. Lists are passed through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

MAX_DEPTH = 32
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ODD = re.compile(r"[^a-z0-9]+")


def without(data: Any, paths: Sequence[str]) -> Any:
    """Return `data` without the fields at `paths`."""
    for path in paths:
        data = _at(data, path.split("."), None)
    return data


def changed(data: Any, path: str, change: Callable[[Any], Any]) -> Any:
    """Return `data` with the field at `path` changed, where it is there; `*` is all of it."""
    return change(data) if path == "*" else _at(data, path.split("."), change)


def picked(data: Any, paths: Sequence[str]) -> list[Any] | None:
    """Return the values at `paths`; None where one of them is absent or null."""
    values = []
    for path in paths:
        value = data
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is None:
            return None
        values.append(value)
    return values


def folded(key: str) -> str:
    """Return the one spelling of a key: `orderId`, `OrderID` and `order-id` are `order_id`."""
    return _ODD.sub("_", _HUMP.sub("_", key).lower()).strip("_")


def leaves(data: Any) -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of every scalar, empty container and too deep branch."""
    yield from _leaves(data, (), 0)


def _leaves(data: Any, path: tuple[str, ...], depth: int) -> Iterator[tuple[str, Any]]:
    if data and depth < MAX_DEPTH:
        if isinstance(data, Mapping):
            for key, value in data.items():
                yield from _leaves(value, (*path, str(key)), depth + 1)
            return
        if isinstance(data, (list, tuple)):
            for place, value in enumerate(data):
                yield from _leaves(value, (*path, str(place)), depth + 1)
            return
    yield ".".join(path), data


def _at(data: Any, path: Sequence[str], change: Callable[[Any], Any] | None) -> Any:
    """Return `data` with the field at `path` changed, or left out where there is no change."""
    if isinstance(data, (list, tuple)):
        return [_at(value, path, change) for value in data]
    if not isinstance(data, Mapping) or path[0] not in data:
        return data
    copy = dict(data)
    if len(path) > 1:
        copy[path[0]] = _at(copy[path[0]], path[1:], change)
    elif change is None:
        del copy[path[0]]
    else:
        copy[path[0]] = change(copy[path[0]])
    return copy
