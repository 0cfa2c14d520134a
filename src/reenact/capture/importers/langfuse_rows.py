"""Langfuse's traces and observations as spans that its dialect's reader understands.

Three generations of rows: the public API's (camel case, JSON parsed), that of version 2 (input
and output as text, session and user on every row) and the exports to blob storage (snake case,
numbers and JSON as text). An older trace is a record of its own: it becomes a span above the
observations that have no parent, under an id made of the trace's, so that traces and
observations find together whatever file or page they come in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reenact.capture.importers.foreign_spans import (
    PROJECT,
    attributes_of,
    digest,
    iso_of,
    json_of,
    nanoseconds_of,
    number_of,
    quoted_json,
    required,
    span_id_of,
    trace_id_of,
)
from reenact.capture.importers.json_places import Unusable
from reenact.capture.wire.json_text import parsed
from reenact.domain.span import Span

Row = Mapping[str, Any]

_SNAKE = re.compile(r"_([a-z0-9])")
_OF_OTEL = ("attributes", "resourceAttributes", "scope")
"""Keys of metadata under which Langfuse keeps what it has no place for of an OTLP span."""
_TRACE = "langfuse.trace.metadata."
_OBSERVATION = "langfuse.observation.metadata."


def is_row(record: Row) -> bool:
    """Tell whether a record is a trace or an observation."""
    row = _camel(record)
    return _is_observation(row) or _is_trace(row)


def spans_of(record: Row, *, project: str) -> Iterator[Span]:
    """Yield the spans of a trace, with its observations where it holds them, or of an observation.

    Raises:
        Unusable: where it lacks an id or a time.
    """
    row = _camel(record)
    if _is_observation(row):
        yield _observation(row, project, {})
        return
    if not _is_trace(row):
        raise Unusable("neither a trace nor an observation")
    yield _trace(row, project)
    for held in row.get("observations") or ():
        if isinstance(held, dict):
            yield _observation({"traceId": row["id"]} | _camel(held), project, row)


def is_unfinished(record: Row) -> bool:
    """Tell whether an observation has begun and not ended; an event is but a moment."""
    row = _camel(record)
    return _is_observation(row) and row.get("type") != "EVENT" and not row.get("endTime")


def began_at(record: Row) -> int | None:
    """Return when a row began, in Unix nanoseconds; None where it does not say."""
    row = _camel(record)
    try:
        return nanoseconds_of(row.get("startTime", row.get("timestamp")), "start")
    except Unusable:
        return None


def record_id(trace_id: str) -> str:
    """Return the id of the span that stands for a trace's own record."""
    return digest("langfuse trace", trace_id)[:16]


def _is_observation(row: Row) -> bool:
    return "type" in row and "startTime" in row and "id" in row


def _is_trace(row: Row) -> bool:
    return "timestamp" in row and "id" in row and "traceId" not in row and "value" not in row


def _trace(row: Row, project: str) -> Span:
    native = required(row, "id")
    start = nanoseconds_of(row.get("timestamp"), "key timestamp")
    if start is None:
        raise Unusable("key timestamp is missing")
    seconds = number_of(row.get("latency"))
    metadata = _metadata(row)
    return Span(
        trace_id=trace_id_of(native),
        span_id=record_id(native),
        parent_span_id=None,
        name=str(row.get("name") or "trace"),
        start_ns=start,
        end_ns=start + int(seconds * 1e9) if seconds and 0 < seconds < 1e8 else start,
        attributes=attributes_of(
            {
                "langfuse.observation.type": "span",
                "langfuse.trace.id": native,
                "langfuse.observation.input": json_of(row.get("input")),
                "langfuse.observation.output": json_of(row.get("output")),
                **_shared(row),
                **{f"{_TRACE}{key}": _encoded(value) for key, value in _own(metadata).items()},
            }
        ),
        resource=_resource(metadata, project),
    )


def _observation(row: Row, project: str, trace: Row) -> Span:
    native, trace_native = required(row, "id"), required(row, "traceId")
    start = nanoseconds_of(row.get("startTime"), "key startTime")
    if start is None:
        raise Unusable("key startTime is missing")
    end = nanoseconds_of(row.get("endTime"), "key endTime")
    parent = row.get("parentObservationId")
    above = span_id_of(parent) if isinstance(parent, str) and parent else None
    if above is None and "sessionId" not in row:
        above = record_id(trace_native)
    metadata = _metadata(row)
    failed = str(row.get("level")).upper() == "ERROR"
    said = row.get("statusMessage")
    scope = metadata.get("scope")
    scope = scope if isinstance(scope, dict) else {}
    return Span(
        trace_id=trace_id_of(trace_native),
        span_id=span_id_of(native),
        parent_span_id=above,
        name=str(row.get("name") or row["type"]),
        start_ns=start,
        end_ns=max(start, end or 0),
        status="error" if failed else "unset",
        status_message=said if failed and isinstance(said, str) else "",
        attributes=attributes_of(_facts(row, metadata) | _shared(row) | _of_trace(trace)),
        scope_name=str(scope.get("name") or ""),
        scope_version=str(scope.get("version") or ""),
        resource=_resource(metadata, project),
    )


def _facts(row: Row, metadata: Row) -> dict[str, Any]:
    first = nanoseconds_of(row.get("completionStartTime"), "key completionStartTime")
    root = row.get("isRootObservation") is True or not row.get("parentObservationId")
    # Newer rows hold the trace's metadata too, and there is no record of the trace.
    prefix = _TRACE if root and "sessionId" in row else _OBSERVATION
    return {
        "langfuse.observation.type": str(row["type"]).lower(),
        "langfuse.observation.input": json_of(row.get("input")),
        "langfuse.observation.output": json_of(row.get("output")),
        "langfuse.observation.level": row.get("level"),
        "langfuse.observation.status_message": row.get("statusMessage") or None,
        "langfuse.observation.model.name": row.get("model") or row.get("providedModelName"),
        "langfuse.observation.model.parameters": json_of(row.get("modelParameters")),
        "langfuse.observation.usage_details": _numbers(row.get("usageDetails")),
        "langfuse.observation.cost_details": _numbers(row.get("costDetails")),
        "langfuse.observation.completion_start_time": quoted_json(iso_of(first)) if first else None,
        "langfuse.observation.prompt.name": row.get("promptName"),
        "langfuse.observation.prompt.version": row.get("promptVersion"),
        "langfuse.internal.as_root": True if root else None,
        **{f"{prefix}{key}": _encoded(value) for key, value in _own(metadata).items()},
    }


def _shared(row: Row) -> dict[str, Any]:
    """Return what traces and newer observations both say."""
    tags = row.get("tags", row.get("traceTags"))
    return {
        "session.id": row.get("sessionId") or None,
        "user.id": row.get("userId") or None,
        "langfuse.trace.name": row.get("traceName"),
        "langfuse.trace.tags": tags if isinstance(tags, list) and tags else None,
        "langfuse.version": row.get("version"),
        "langfuse.release": row.get("release"),
        "langfuse.environment": row.get("environment"),
    }


def _of_trace(trace: Row) -> dict[str, Any]:
    """Return what a trace says for the observations that came inside it."""
    named = {"session.id": trace.get("sessionId"), "user.id": trace.get("userId")}
    return {key: value for key, value in named.items() if value}


def _metadata(row: Row) -> dict[str, Any]:
    found = parsed(row.get("metadata"))
    return found if isinstance(found, dict) else {}


def _own(metadata: Row) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key not in _OF_OTEL}


def _encoded(value: Any) -> str | None:
    """Return a value of metadata as JSON, plain text as it is."""
    plain = isinstance(value, str) and parsed(value) is None
    return value if plain else quoted_json(value)


def _resource(metadata: Row, project: str) -> dict[str, Any]:
    told = parsed(metadata.get("resourceAttributes"))
    own = attributes_of(told) if isinstance(told, dict) else {}
    return own | {PROJECT: project}


def _numbers(found: Any) -> str | None:
    """Return counts or prices as JSON of numbers, which exports may hold as text."""
    told = parsed(found)
    if not isinstance(told, dict) or not told:
        return None
    return json_of({key: number_of(value) for key, value in told.items()})


def _camel(record: Row) -> dict[str, Any]:
    return {_SNAKE.sub(lambda found: found[1].upper(), key): v for key, v in record.items()}
