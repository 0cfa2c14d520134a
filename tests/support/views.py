"""Conversations in the shape of the contract, flat, so that two imports can be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from reenact.capture.conversations import Conversations
from reenact.codec import to_json
from reenact.domain.view import ConversationView, view_of
from reenact.store.spans import SpanStore

Flat = dict[str, Any]
Views = dict[str, Flat]


def views_of(store: SpanStore, project: str) -> Views:
    """Return each conversation of a project as its contract view, by dotted path."""
    found: Views = {}
    for recording in Conversations(store).list(project):
        view = view_of(recording.conversation, recording.fidelity)
        data = json.loads(to_json(view, kind=ConversationView))
        found[view.id] = dict(_flat(data, ""))
    return found


def differences(
    expected: Views,
    got: Views,
    *,
    lost: Mapping[str, str] | None = None,
    microseconds: int = 0,
) -> list[str]:
    """Return where two imports differ, but for the paths that `lost` names (with the reason).

    Times and durations may be apart by some `microseconds`.
    """
    found = [f"{id}: only on one side" for id in sorted(expected.keys() ^ got.keys())]
    for id in expected.keys() & got.keys():
        one, other = expected[id], got[id]
        for path in sorted(one.keys() | other.keys()):
            a, b = one.get(path), other.get(path)
            if a == b or _close(path, a, b, microseconds):
                continue
            if not any(re.fullmatch(pattern, path) for pattern in lost or {}):
                found.append(f"{id} {path}: {a!r} became {b!r}")
    return found


def _flat(data: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield from _flat(value, f"{prefix}{key}.")
    elif isinstance(data, list) and data:
        for place, value in enumerate(data):
            yield from _flat(value, f"{prefix}{place}.")
    else:
        yield prefix[:-1], data


def _close(path: str, a: Any, b: Any, microseconds: int) -> bool:
    if not microseconds or a is None or b is None:
        return False
    if path.endswith("_ms"):
        return abs(a - b) * 1000 <= 2 * microseconds
    if path.endswith("_at"):
        apart = datetime.fromisoformat(a) - datetime.fromisoformat(b)
        return abs(apart.total_seconds()) * 1e6 <= microseconds
    return False
