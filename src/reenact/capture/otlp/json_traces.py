"""OTLP/JSON to spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from reenact.capture.limits import Decoded, Limits, Rejections, refuse_too_many
from reenact.capture.otlp.json_values import (
    Values,
    Wire,
    WirePair,
    WireResource,
    WireScope,
    hex_id,
    integer,
    parsed,
)
from reenact.capture.values import checked_times
from reenact.domain.span import Span, SpanEvent, SpanStatus

_STATUS: dict[int | str, SpanStatus] = {
    1: "ok", 2: "error", "STATUS_CODE_OK": "ok", "STATUS_CODE_ERROR": "error",
}  # fmt: skip
_KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")


class _Status(Wire):
    code: int | str | None = 0
    message: str | None = ""


class _Event(Wire):
    name: str = ""
    time_unix_nano: int | str = 0
    attributes: list[WirePair] = msgspec.field(default_factory=list)


class _Span(Wire):
    trace_id: str = ""
    span_id: str = ""
    parent_span_id: str | None = None
    name: str = ""
    kind: int | str | None = 0
    start_time_unix_nano: int | str = 0
    end_time_unix_nano: int | str = 0
    attributes: list[WirePair] | None = None
    events: list[_Event] | None = None
    status: _Status | None = None


class _ScopeSpans(Wire):
    scope: WireScope | None = None
    spans: list[msgspec.Raw] = msgspec.field(default_factory=list)


class _ResourceSpans(Wire):
    resource: WireResource | None = None
    scope_spans: list[_ScopeSpans] = msgspec.field(default_factory=list)


class _Request(Wire):
    resource_spans: list[_ResourceSpans]


_REQUEST = msgspec.json.Decoder(_Request)
_SPAN = msgspec.json.Decoder(_Span)


def decode(body: bytes, *, limits: Limits, where: str) -> Decoded:
    """Return the spans of an OTLP/JSON body; raises DecodeError where it does not parse."""
    request = parsed(_REQUEST, body, signal="traces", where=where)
    total = sum(len(s.spans) for r in request.resource_spans for s in r.scope_spans)
    refuse_too_many(total, "spans", limits=limits, where=where)
    walk = _Walk(limits)
    spans = tuple(walk.request(request, where))
    return Decoded(spans=spans, rejected=walk.bad.count, reasons=walk.bad.reasons)


class _Walk:
    """One pass over a parsed request."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.values = Values(limits)
        self.attributes = self.values.attributes
        self.bad = Rejections()
        self.number = 0
        """The span that is read now, counted from 1 through the whole body."""

    def request(self, request: _Request, where: str) -> Iterator[Span]:
        for resource_spans in request.resource_spans:
            resource = self.values.resource(resource_spans.resource, where)
            for scope_spans in resource_spans.scope_spans:
                scope = scope_spans.scope or WireScope()
                for raw in scope_spans.spans:
                    self.number += 1
                    try:
                        yield self.span(_SPAN.decode(raw), scope, resource)
                    except UnicodeDecodeError:
                        self.bad.add(f"span {self.number}: not UTF-8")
                    except (ValueError, RecursionError, msgspec.MsgspecError) as why:
                        self.bad.add(f"span {self.number}: {why}")

    def span(self, span: _Span, scope: WireScope, resource: Mapping[str, Any]) -> Span:
        parent = span.parent_span_id or ""
        start, end = checked_times(
            integer(span.start_time_unix_nano), integer(span.end_time_unix_nano)
        )
        status = span.status or _Status()
        return Span(
            trace_id=hex_id(span.trace_id, 32, "trace id"),
            span_id=hex_id(span.span_id, 16, "span id"),
            parent_span_id=hex_id(parent, 16, "parent span id") if parent.strip("0") else None,
            name=span.name,
            start_ns=start,
            end_ns=end,
            status=_STATUS.get(status.code or 0, "unset"),
            status_message=status.message or "",
            otel_kind=_kind(span.kind),
            attributes=self.attributes(span.attributes or []),
            events=tuple(map(self.event, (span.events or [])[: self.limits.span_events])),
            scope_name=scope.name or "",
            scope_version=scope.version or "",
            resource=resource,
        )

    def event(self, event: _Event) -> SpanEvent:
        return SpanEvent(
            name=event.name,
            time_ns=max(0, min(integer(event.time_unix_nano), 2**63 - 1)),
            attributes=self.attributes(event.attributes),
        )


def _kind(kind: int | str | None) -> int:
    if isinstance(kind, int):
        return kind
    name = (kind or "").removeprefix("SPAN_KIND_")
    return _KINDS.index(name) if name in _KINDS else 0
