"""OTLP/JSON to spans: ids are hex, 64-bit integers may be strings, enums numbers or names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from reenact.capture.limits import TRUNCATED, BadSpan, Decoded, Limits, Rejections
from reenact.capture.values import checked_times, safe_number, safe_text
from reenact.domain.span import Span, SpanEvent, SpanStatus
from reenact.errors import DecodeError

_HEX = frozenset("0123456789abcdef")
_STATUS: dict[int | str, SpanStatus] = {
    1: "ok", 2: "error", "STATUS_CODE_OK": "ok", "STATUS_CODE_ERROR": "error",
}  # fmt: skip
_KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")


class _Wire(msgspec.Struct, rename="camel"):
    """A message of OTLP/JSON; unknown fields are ignored, as the specification asks."""


class _Values(_Wire):
    values: list[_Value] = []


class _Pairs(_Wire):
    values: list[_Pair] = []


class _Value(_Wire):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | str | None = None
    double_value: float | str | None = None
    array_value: _Values | None = None
    kvlist_value: _Pairs | None = None
    bytes_value: str | None = None


class _Pair(_Wire):
    key: str = ""
    value: _Value | None = None


class _Status(_Wire):
    code: int | str | None = 0
    message: str | None = ""


class _Event(_Wire):
    name: str = ""
    time_unix_nano: int | str = 0
    attributes: list[_Pair] = []


class _Span(_Wire):
    trace_id: str = ""
    span_id: str = ""
    parent_span_id: str | None = None
    name: str = ""
    kind: int | str | None = 0
    start_time_unix_nano: int | str = 0
    end_time_unix_nano: int | str = 0
    attributes: list[_Pair] | None = None
    events: list[_Event] | None = None
    status: _Status | None = None


class _Scope(_Wire):
    name: str | None = ""
    version: str | None = ""


class _ScopeSpans(_Wire):
    scope: _Scope | None = None
    spans: list[msgspec.Raw] = []


class _Resource(_Wire):
    attributes: list[_Pair] = []


class _ResourceSpans(_Wire):
    resource: _Resource | None = None
    scope_spans: list[_ScopeSpans] = []


class _Request(_Wire):
    resource_spans: list[_ResourceSpans]


_REQUEST = msgspec.json.Decoder(_Request)
_SPAN = msgspec.json.Decoder(_Span)


def decode_json(body: bytes, *, limits: Limits, where: str) -> Decoded:
    """Return the spans of an OTLP/JSON body; raises DecodeError where it does not parse."""
    request = _request(body, where)
    total = sum(len(s.spans) for r in request.resource_spans for s in r.scope_spans)
    if total > limits.spans:
        raise DecodeError(
            f"{total:,} spans in one body, more than {limits.spans:,}",
            where=where,
            next_step="let the exporter send smaller batches",
        )
    walk = _Walk(limits)
    try:
        spans = tuple(walk.request(request))
    except BadSpan as why:
        raise DecodeError(str(why), where=where) from None
    return Decoded(spans=spans, rejected=walk.bad.count, reasons=walk.bad.reasons)


def _request(body: bytes, where: str) -> _Request:
    try:
        return _REQUEST.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        first = error
    try:
        # JavaScript writes lone surrogates and, with some encoders, NaN: not JSON to a strict
        # reader, but no reason to lose the rest of the body.
        return _REQUEST.decode(_strict(body))
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise DecodeError(
            f"not an OTLP/JSON trace request of {len(body):,} bytes: {first}",
            where=where,
            next_step="check that the whole body was sent, to a path for traces",
        ) from None


def _strict(body: bytes) -> bytes:
    data = json.loads(body, parse_constant=lambda name: name)
    return msgspec.json.encode(_safe(data))


def _safe(data: Any) -> Any:
    if isinstance(data, str):
        return safe_text(data)
    if isinstance(data, list):
        return [_safe(value) for value in data]
    if isinstance(data, dict):
        return {safe_text(key): _safe(value) for key, value in data.items()}
    return safe_number(data) if isinstance(data, (int, float)) and data is not True else data


class _Walk:
    """One pass over a parsed request."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.bad = Rejections()

    def request(self, request: _Request) -> Any:
        for resource_spans in request.resource_spans:
            found = resource_spans.resource
            resource = self.attributes(found.attributes) if found else {}
            for scope_spans in resource_spans.scope_spans:
                scope = scope_spans.scope or _Scope()
                for raw in scope_spans.spans:
                    try:
                        yield self.span(_SPAN.decode(raw), scope, resource)
                    except (ValueError, RecursionError, msgspec.MsgspecError) as why:
                        self.bad.add(f"span: {why}")

    def span(self, span: _Span, scope: _Scope, resource: Mapping[str, Any]) -> Span:
        parent = span.parent_span_id or ""
        start, end = checked_times(
            _integer(span.start_time_unix_nano), _integer(span.end_time_unix_nano)
        )
        status = span.status or _Status()
        return Span(
            trace_id=_hex_id(span.trace_id, 32, "trace id"),
            span_id=_hex_id(span.span_id, 16, "span id"),
            parent_span_id=_hex_id(parent, 16, "parent span id") if parent.strip("0") else None,
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
            time_ns=max(0, min(_integer(event.time_unix_nano), 2**63 - 1)),
            attributes=self.attributes(event.attributes),
        )

    def attributes(self, pairs: list[_Pair]) -> dict[str, Any]:
        """Return key-value pairs as a dict; `TRUNCATED` lists those that were cut."""
        cut: list[str] = []
        if len(pairs) > self.limits.span_attributes:
            cut.append(f"{len(pairs) - self.limits.span_attributes} more attributes")
            pairs = pairs[: self.limits.span_attributes]
        found = {pair.key: self.value(pair.value, pair.key, cut, 1) for pair in pairs}
        if cut:
            found[TRUNCATED] = cut
        return found

    def value(self, value: _Value | None, key: str, cut: list[str], depth: int) -> Any:
        if value is None:
            return None
        text = value.string_value if value.string_value is not None else value.bytes_value
        if text is not None:
            if len(text) > self.limits.attribute_chars:
                cut.append(key)
            return text[: self.limits.attribute_chars]
        if value.bool_value is not None:
            return value.bool_value
        if value.int_value is not None:
            return safe_number(_integer(value.int_value))
        if value.double_value is not None:
            return _double(value.double_value)
        return self.nested(value, key, cut, depth)

    def nested(self, value: _Value, key: str, cut: list[str], depth: int) -> Any:
        if value.array_value is None and value.kvlist_value is None:
            return None
        if depth >= self.limits.attribute_depth:
            cut.append(key)
            return None
        if value.array_value is not None:
            return [self.value(v, key, cut, depth + 1) for v in value.array_value.values]
        pairs = value.kvlist_value.values if value.kvlist_value else []
        return {pair.key: self.value(pair.value, key, cut, depth + 1) for pair in pairs}


def _hex_id(text: str, length: int, noun: str) -> str:
    lower = text.lower()
    if len(lower) != length or not _HEX.issuperset(lower) or not lower.strip("0"):
        raise BadSpan(f"{noun} {text[:40]!r} is not {length} hex digits that are not all 0")
    return lower


def _integer(number: int | str) -> int:
    if isinstance(number, int):
        return number
    try:
        return int(number[:40])
    except ValueError:
        raise BadSpan(f"{number[:40]!r} is not an integer") from None


def _double(number: float | str) -> float | str:
    if not isinstance(number, str):
        return safe_number(number)
    try:
        return safe_number(float(number[:40]))
    except ValueError:
        raise BadSpan(f"{number[:40]!r} is not a number") from None


def _kind(kind: int | str | None) -> int:
    if isinstance(kind, int):
        return kind
    name = (kind or "").removeprefix("SPAN_KIND_")
    return _KINDS.index(name) if name in _KINDS else 0
