"""Traces of the OpenAI Agents SDK in its own JSON, as its exporter posts them.

A file holds one post (`{"data": [...]}`), one object or a list of them, or one of these a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from reenact.capture.importers.json_places import Unusable, safe
from reenact.capture.importers.listed import values_in
from reenact.capture.limits import Limits
from reenact.capture.openai_agents import decode_entries
from reenact.domain.span import Span
from reenact.errors import DecodeError

_LIMITS = Limits(spans=1_000_000)
_OBJECTS = ("trace", "trace.span")


def spans_in(path: Path, *, project: str, on_reject: Callable[[str], None]) -> Iterator[Span]:
    """Yield the spans of a file; see `capture.openai_agents` for what they are made of.

    Raises:
        DecodeError: where it is not JSON, or nothing in it is of the Agents SDK.
        UsageError: where it cannot be read or is too large.
    """
    found = False
    for place, read in values_in(path, "object", on_reject):
        try:
            entries = _entries(safe(read()))
        except Unusable as error:
            on_reject(f"{place}: {error}")
            continue
        decoded = decode_entries(entries, limits=_LIMITS, where=str(path))
        for reason in decoded.reasons:
            on_reject(f"{place}: {reason}")
        if decoded.rejected > len(decoded.reasons):
            on_reject(f"{place}: {decoded.rejected} objects in all were not taken")
        found = found or bool(decoded.spans)
        yield from decoded.spans
    if not found:
        raise DecodeError(
            "holds no traces or spans of the Agents SDK",
            where=str(path),
            next_step='give what its exporter posts: {"data": [...]}',
        )


def _entries(value: Any) -> list[Any]:
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        return list(value["data"])
    if isinstance(value, dict) and value.get("object") in _OBJECTS:
        return [value]
    raise Unusable("no trace, no span, and no post with a list of them as data")
