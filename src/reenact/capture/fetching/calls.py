"""When a call of a voice platform may be taken: once it has ended, and a while after."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from reenact.capture.fetching.pages import Window
from reenact.capture.importers.foreign_spans import nanoseconds_of
from reenact.capture.importers.json_places import Unusable

COMPLETING_NS = 10 * 60 * 10**9
"""Ten minutes: for so long a platform adds to a call that has ended (its transcript without
personal data, its analysis). A call is stored once, so it is taken after that."""


def moment_at(call: Mapping[str, Any], key: str) -> int | None:
    """Return the time at `key` in Unix nanoseconds, None where there is none that can be read."""
    try:
        return nanoseconds_of(call.get(key), key)
    except Unusable:
        return None


def is_incomplete(
    call: Mapping[str, Any],
    window: Window,
    *,
    status: str,
    running: Collection[str],
    ended: str,
) -> bool:
    """Tell whether a call runs, by the key `status`, or ended only just, by the key `ended`."""
    at = moment_at(call, ended)
    fresh = at is not None and at > window.until - COMPLETING_NS
    return fresh or call.get(status) in running
