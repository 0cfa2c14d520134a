"""OTLP protobuf to spans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf.message import DecodeError as ProtobufError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from reenact.capture.limits import TRUNCATED, BadSpan, Decoded, Limits, Rejections
from reenact.capture.values import bytes_text, checked_times, safe_number
from reenact.domain.span import Span, SpanEvent, SpanStatus
from reenact.errors import DecodeError

_STATUS: dict[int, SpanStatus] = {1: "ok", 2: "error"}
_NO_TRACE = bytes(16)
_NO_SPAN = bytes(8)


def decode_protobuf(body: bytes, *, limits: Limits, where: str) -> Decoded:
    """Return the spans of a protobuf body; raises DecodeError where it does not parse."""
    request = ExportTraceServiceRequest()
    try:
        request.ParseFromString(body)
    except (ProtobufError, RecursionError) as error:
        raise DecodeError(
            f"not an OTLP protobuf trace request of {len(body):,} bytes: {error}",
            where=where,
            next_step="check that the whole body was sent, to a path for traces",
        ) from None
    walk = _Walk(limits)
    total = sum(len(s.spans) for r in request.resource_spans for s in r.scope_spans)
    if total > limits.spans:
        raise DecodeError(
            f"{total:,} spans in one body, more than {limits.spans:,}",
            where=where,
            next_step="let the exporter send smaller batches",
        )
    spans = tuple(walk.request(request))
    return Decoded(spans=spans, rejected=walk.bad.count, reasons=walk.bad.reasons)


class _Walk:
    """One pass over a parsed request."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.bad = Rejections()

    def request(self, request: Any) -> Iterable[Span]:
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

    def attributes(self, pairs: Any) -> dict[str, Any]:
        """Return key-value pairs as a dict; `TRUNCATED` lists those that were cut."""
        limit = self.limits.attribute_chars
        found: dict[str, Any] = {}
        cut: list[str] = []
        if len(pairs) > self.limits.span_attributes:
            cut.append(f"{len(pairs) - self.limits.span_attributes} more attributes")
            pairs = pairs[: self.limits.span_attributes]
        for pair in pairs:
            value = pair.value
            kind = value.WhichOneof("value")
            if kind == "string_value":
                text = value.string_value
                if len(text) > limit:
                    cut.append(pair.key)
                    text = text[:limit]
                found[pair.key] = text
            elif kind == "int_value":
                found[pair.key] = value.int_value
            else:
                found[pair.key] = self.value(value, kind, pair.key, cut, 1)
        if cut:
            found[TRUNCATED] = cut
        return found

    def value(self, value: Any, kind: str | None, key: str, cut: list[str], depth: int) -> Any:
        if kind is None:
            return None
        if kind == "string_value":
            text = value.string_value
            if len(text) > self.limits.attribute_chars:
                cut.append(key)
            return text[: self.limits.attribute_chars]
        if kind == "double_value":
            return safe_number(value.double_value)
        if kind == "bytes_value":
            return bytes_text(value.bytes_value[: self.limits.attribute_chars])
        if kind == "array_value" or kind == "kvlist_value":
            return self.nested(value, kind, key, cut, depth)
        return getattr(value, kind)

    def nested(self, value: Any, kind: str, key: str, cut: list[str], depth: int) -> Any:
        if depth >= self.limits.attribute_depth:
            cut.append(key)
            return None
        if kind == "array_value":
            return [
                self.value(v, v.WhichOneof("value"), key, cut, depth + 1)
                for v in value.array_value.values
            ]
        return {
            pair.key: self.value(pair.value, pair.value.WhichOneof("value"), key, cut, depth + 1)
            for pair in value.kvlist_value.values
        }
