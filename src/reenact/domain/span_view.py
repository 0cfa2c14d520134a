"""A span as people look at it: its attributes, cut where they are very long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from reenact.domain.span import Span, SpanEvent, SpanKind, SpanStatus, StoredSpan

MOST_CHARS = 64 * 1024
"""Characters of one attribute that are shown."""
MOST_ATTRIBUTES = 2_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanEventView:
    """Something that happened inside a span, or a log record of it."""

    name: str
    at: datetime
    attributes: Mapping[str, Any]
    body: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanView:
    """A span."""

    span_id: str
    trace_id: str
    parent_span_id: str | None
    name: str
    kind: SpanKind
    """What it is to an agent, whatever dialect says so."""
    reader: str
    """The dialect's reader."""
    service: str | None
    status: SpanStatus
    status_message: str
    started_at: datetime
    duration_ms: float
    attributes: Mapping[str, Any]
    resource: Mapping[str, Any]
    scope: str
    events: tuple[SpanEventView, ...]
    cut: tuple[str, ...] = ()
    """Attributes that are longer than what is shown of them."""


def span_view(stored: StoredSpan) -> SpanView:
    """Return a stored span as it is shown."""
    span = stored.span
    shown = dict(list(span.attributes.items())[:MOST_ATTRIBUTES])
    cut = tuple(name for name, value in shown.items() if _too_long(value))
    service = span.resource.get("service.name")
    return SpanView(
        span_id=span.span_id,
        trace_id=span.trace_id,
        parent_span_id=span.parent_span_id,
        name=span.name,
        kind=stored.facts.kind,
        reader=stored.facts.reader,
        service=service if isinstance(service, str) else None,
        status=span.status,
        status_message=span.status_message[:MOST_CHARS],
        started_at=_moment(span.start_ns),
        duration_ms=_duration_ms(span),
        attributes={name: _shown(value) for name, value in shown.items()},
        resource={name: _shown(value) for name, value in span.resource.items()},
        scope=" ".join(part for part in (span.scope_name, span.scope_version) if part),
        events=tuple(_event(event) for event in (*span.events, *span.logs)),
        cut=cut,
    )


def _event(event: SpanEvent) -> SpanEventView:
    return SpanEventView(
        name=event.name,
        at=_moment(event.time_ns),
        attributes={name: _shown(value) for name, value in event.attributes.items()},
        body=_shown(event.body),
    )


def _too_long(value: Any) -> bool:
    return isinstance(value, str) and len(value) > MOST_CHARS


def _shown(value: Any) -> Any:
    if _too_long(value):
        return value[:MOST_CHARS]
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value


def _duration_ms(span: Span) -> float:
    return round(max(0, span.end_ns - span.start_ns) / 1e6, 3)


def _moment(ns: int) -> datetime:
    return _EPOCH + timedelta(microseconds=ns // 1000)
