"""OTLP protobuf to spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from reenact.capture.limits import BadSpan, Decoded, Limits, Rejections, refuse_too_many
from reenact.capture.otlp.protobuf_values import Values, parsed
from reenact.capture.values import checked_times
from reenact.domain.span import Span, SpanEvent, SpanStatus
from reenact.errors import DecodeError

_STATUS: dict[int, SpanStatus] = {1: "ok", 2: "error"}
_NO_TRACE = bytes(16)
_NO_SPAN = bytes(8)


def decode(body: bytes, *, limits: Limits, where: str) -> Decoded:
    """Return the spans of a protobuf body; raises DecodeError where it does not parse."""
    walk = _Walk(limits)
    request = _read(body, walk.bad, where)
    total = sum(len(s.spans) for r in request.resource_spans for s in r.scope_spans)
    refuse_too_many(total, "spans", limits=limits, where=where)
    spans = tuple(walk.request(request))
    return Decoded(spans=spans, rejected=walk.bad.count, reasons=walk.bad.reasons)


def _read(body: bytes, bad: Rejections, where: str) -> ExportTraceServiceRequest:
    try:
        return parsed(ExportTraceServiceRequest(), body, signal="traces", where=where)
    except DecodeError:
        from reenact.capture.otlp.protobuf_salvage import salvaged

        request = salvaged(body, bad=bad)
        if request is None or not any(
            s.spans for r in request.resource_spans for s in r.scope_spans
        ):
            raise
        return request


class _Walk:
    """One pass over a parsed request."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.attributes = Values(limits).attributes
        self.bad = Rejections()

    def request(self, request: Any) -> Iterator[Span]:
        for resource_spans in request.resource_spans:
            resource = self.attributes(resource_spans.resource.attributes)
            for scope_spans in resource_spans.scope_spans:
                scope = scope_spans.scope
                name, version = scope.name, scope.version
                for span in scope_spans.spans:
                    try:
                        yield self.span(span, name, version, resource)
                    except BadSpan as why:
                        self.bad.add(f"span {span.name[:80]!r}: {why}")

    def span(self, span: Any, scope: str, version: str, resource: Mapping[str, Any]) -> Span:
        trace_id, span_id, parent = span.trace_id, span.span_id, span.parent_span_id
        if len(trace_id) != 16 or trace_id == _NO_TRACE:
            raise BadSpan(f"trace id {trace_id.hex()[:40]!r} is not 16 bytes that are not all 0")
        if len(span_id) != 8 or span_id == _NO_SPAN:
            raise BadSpan(f"span id {span_id.hex()[:40]!r} is not 8 bytes that are not all 0")
        if parent and len(parent) != 8:
            raise BadSpan(f"parent span id {parent.hex()[:40]!r} is not 8 bytes")
        start, end = checked_times(span.start_time_unix_nano, span.end_time_unix_nano)
        status = span.status
        events = span.events
        return Span(
            trace_id=trace_id.hex(),
            span_id=span_id.hex(),
            parent_span_id=parent.hex() if parent and parent != _NO_SPAN else None,
            name=span.name,
            start_ns=start,
            end_ns=end,
            status=_STATUS.get(status.code, "unset"),
            status_message=status.message,
            otel_kind=span.kind,
            attributes=self.attributes(span.attributes),
            events=tuple(map(self.event, events[: self.limits.span_events])) if events else (),
            scope_name=scope,
            scope_version=version,
            resource=resource,
        )

    def event(self, event: Any) -> SpanEvent:
        return SpanEvent(
            name=event.name,
            time_ns=min(event.time_unix_nano, 2**63 - 1),
            attributes=self.attributes(event.attributes),
        )
