"""Bodies that the OpenAI Agents SDK posts to `/v1/traces/ingest`: its own JSON, not OTLP.

`{"data": [...]}` holds objects of two kinds. A `trace.span` becomes a span of ours. A `trace`
names the session (`group_id`) and metadata and often comes in an earlier post than its spans;
it becomes a span of its own, without a time (0), because it has none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from reenact.capture.limits import (
    TRUNCATED,
    BadSpan,
    Decoded,
    Limits,
    Rejections,
    refuse_too_many,
)
from reenact.capture.values import checked_times, safe_number, safe_text
from reenact.capture.wire.json_text import parse
from reenact.domain.span import Span
from reenact.errors import DecodeError

SCOPE = "openai-agents"
PREFIX = "openai_agents."
"""Before the keys of an object's own data, as attributes of its span."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRACE_ID = re.compile(r"trace_([0-9a-f]{32})")
_NEXT = "point the Agents SDK's BackendSpanExporter here, or give its posts as they were sent"


def decode(body: bytes, *, limits: Limits, where: str) -> Decoded:
    """Return the spans of a body of the Agents SDK; single bad objects are counted, not kept.

    Raises:
        DecodeError: where the body as a whole is not readable, or beyond `limits`.
    """
    data = _parsed(body, where)
    entries = data.get("data") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise DecodeError(
            'no object with a list of traces and spans as "data"', where=where, next_step=_NEXT
        )
    return decode_entries(entries, limits=limits, where=where)


def decode_entries(entries: list[Any], *, limits: Limits, where: str) -> Decoded:
    """Return the spans of objects that are parsed already; raises as `decode`."""
    refuse_too_many(len(entries), "objects", limits=limits, where=where)
    bad = Rejections()
    spans = tuple(_spans(entries, limits, bad))
    return Decoded(spans=spans, rejected=bad.count, reasons=bad.reasons)


def _parsed(body: bytes, where: str) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        first = error
    try:
        return parse(body.decode("utf-8"))  # lone surrogates are no reason to lose a body
    except ValueError:
        raise DecodeError(
            f"not JSON of the Agents SDK, {len(body):,} bytes: {first}",
            where=where,
            next_step=_NEXT,
        ) from None


def _spans(entries: Iterable[Any], limits: Limits, bad: Rejections) -> Iterable[Span]:
    for place, entry in enumerate(entries):
        try:
            yield _span(entry, limits)
        except (BadSpan, RecursionError) as why:
            bad.add(f"data.{place}: {why}")


def _span(entry: Any, limits: Limits) -> Span:
    if not isinstance(entry, dict):
        raise BadSpan("no object")
    kind = entry.get("object")
    if kind == "trace":
        return _trace(entry, limits)
    if kind != "trace.span":
        raise BadSpan(f"object is {str(kind)[:40]!r}, not 'trace' or 'trace.span'")
    data = entry.get("span_data")
    if not isinstance(data, dict):
        raise BadSpan("span_data is missing")
    start = _time(entry, "started_at")
    end = _time(entry, "ended_at") if entry.get("ended_at") is not None else start
    failed = _error(entry.get("error"))
    told = {**data, "id": entry.get("id"), "metadata": entry.get("metadata")}
    parent = entry.get("parent_id")
    trace_id = _trace_id(_id(entry, "trace_id"))
    start, end = checked_times(start, end)
    return Span(
        trace_id=trace_id,
        span_id=_span_id(_id(entry, "id")),
        parent_span_id=_span_id(parent) if isinstance(parent, str) and parent else None,
        name=_name(data),
        start_ns=start,
        end_ns=end,
        status="unset" if failed is None else "error",
        status_message=failed or "",
        otel_kind=1,
        attributes=_attributes(told, limits),
        scope_name=SCOPE,
    )


def _trace(entry: Mapping[str, Any], limits: Limits) -> Span:
    told = {key: entry.get(key) for key in ("id", "workflow_name", "group_id", "metadata")}
    name = entry.get("workflow_name")
    return Span(
        trace_id=_trace_id(_id(entry, "id")),
        span_id=_span_id(_id(entry, "id")),
        parent_span_id=None,
        name=safe_text(name) if isinstance(name, str) and name else "trace",
        start_ns=0,
        end_ns=0,
        otel_kind=1,
        attributes=_attributes({"type": "trace", **told}, limits),
        scope_name=SCOPE,
    )


def _id(entry: Mapping[str, Any], key: str) -> str:
    found = entry.get(key)
    if not isinstance(found, str) or not found:
        raise BadSpan(f"{key} is missing")
    return safe_text(found)


def _trace_id(own: str) -> str:
    """Return the id's own 32 hex digits, else a digest: users may name a trace as they like."""
    hexadecimal = _TRACE_ID.fullmatch(own)
    return hexadecimal[1] if hexadecimal and hexadecimal[1].strip("0") else _digest(own)[:32]


def _span_id(own: str) -> str:
    """Return 16 hex digits for an id that has 24."""
    return _digest(safe_text(own))[:16]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _time(entry: Mapping[str, Any], key: str) -> int:
    """Return an ISO 8601 time as Unix nanoseconds; no zone means UTC."""
    found = entry.get(key)
    try:
        time = datetime.fromisoformat(found) if isinstance(found, str) else None
        if time is not None:
            time = time if time.tzinfo else time.replace(tzinfo=UTC)
            return (time - _EPOCH) // timedelta(microseconds=1) * 1000
    except (ValueError, OverflowError):
        pass
    raise BadSpan(f"{key} is no time: {str(found)[:40]!r}")


def _error(found: Any) -> str | None:
    """Return what an error says: its message, and the reason in its data."""
    if not isinstance(found, dict):
        return None if found is None else safe_text(str(found))
    data = found.get("data")
    more = data.get("error", data.get("message")) if isinstance(data, dict) else data
    texts = [text for text in (found.get("message"), more) if isinstance(text, str) and text]
    return safe_text(": ".join(dict.fromkeys(texts))) or "failed"


def _name(data: Mapping[str, Any]) -> str:
    parts = [data.get("type"), data.get("name")]
    return safe_text(" ".join(part for part in parts if isinstance(part, str) and part)) or "span"


def _attributes(told: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """Return what an object tells of itself, within bounds; `TRUNCATED` lists what was cut."""
    cut: list[str] = []
    found = {
        PREFIX + safe_text(key): _value(value, key, cut, limits, 1)
        for key, value in list(told.items())[: limits.span_attributes]
        if value is not None
    }
    if cut:
        found[TRUNCATED] = list(dict.fromkeys(PREFIX + safe_text(key) for key in cut))
    return found


def _value(value: Any, key: str, cut: list[str], limits: Limits, depth: int) -> Any:
    if isinstance(value, str):
        if len(value) > limits.attribute_chars:
            cut.append(key)
        return safe_text(value[: limits.attribute_chars])
    if isinstance(value, (list, dict)):
        if depth >= limits.attribute_depth:
            cut.append(key)
            return None
        if isinstance(value, list):
            return [_value(one, key, cut, limits, depth + 1) for one in value]
        return {safe_text(k): _value(v, key, cut, limits, depth + 1) for k, v in value.items()}
    return value if isinstance(value, bool) or value is None else safe_number(value)
