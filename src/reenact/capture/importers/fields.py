"""Keys of foreign JSON, read strictly: what is not as it must be is said by its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from reenact.capture.importers.json_places import Unusable

_MILLISECONDS = 1e11
"""Numbers above it are milliseconds since 1970 (in seconds it is the year 5138)."""


def object_of(found: Any, what: str) -> dict[str, Any]:
    """Return `found` where it is an object.

    Raises:
        Unusable: saying that `what` is none; so do all functions here.
    """
    if not isinstance(found, dict):
        raise Unusable(f"{what} is no object")
    return found


def list_of(found: Any, what: str) -> list[Any]:
    """Return `found` where it is a list."""
    if not isinstance(found, list):
        raise Unusable(f"{what} is missing or no list")
    return found


def name_of(data: Mapping[str, Any], key: str) -> str:
    """Return the text or whole number at `key`, which must be there, as text."""
    found = data.get(key)
    if isinstance(found, bool) or not isinstance(found, (str, int)):
        raise Unusable(f"key {key} is missing")
    return str(found)


def text_of(data: Mapping[str, Any], key: str, place: str) -> str | None:
    """Return the text at `key`, None where it is missing or null."""
    found = data.get(key)
    if found is not None and not isinstance(found, str):
        raise Unusable(f"key {place}.{key} is no text")
    return found


def time_of(found: Any, what: str) -> datetime:
    """Return an ISO 8601 text or a number of seconds since 1970 as UTC; no zone means UTC."""
    try:
        if isinstance(found, (int, float)) and not isinstance(found, bool):
            return datetime.fromtimestamp(found / 1000 if found > _MILLISECONDS else found, UTC)
        if isinstance(found, str):
            time = datetime.fromisoformat(found)
            return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise Unusable(f"{what} is no time: {str(found)[:40]!r}")


def count_of(data: Mapping[str, Any], key: str, place: str) -> int | None:
    """Return the whole number at `key`, None where it is missing or null."""
    found = data.get(key)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise Unusable(f"key {place}.{key} is no count")
    return found


def optional(data: Any, *keys: str) -> str | None:
    """Return the text under the keys, where there is one that is not empty."""
    found = below(data, *keys)
    return found if isinstance(found, str) and found else None


def below(data: Any, *keys: str) -> Any:
    """Return what lies under the keys, one below the other; None where one is missing."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data
