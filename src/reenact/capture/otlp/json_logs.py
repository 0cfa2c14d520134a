"""OTLP/JSON to log records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from reenact.capture.limits import TRUNCATED, Decoded, Limits, Rejections, refuse_too_many
from reenact.capture.otlp.json_values import (
    Values,
    Wire,
    WirePair,
    WireResource,
    WireScope,
    WireValue,
    hex_id,
    integer,
    parsed,
)
from reenact.capture.otlp.log_records import record_of
from reenact.domain.span import LogRecord


class _Record(Wire):
    time_unix_nano: int | str = 0
    observed_time_unix_nano: int | str = 0
    event_name: str | None = ""
    body: WireValue | None = None
    attributes: list[WirePair] | None = None
    trace_id: str | None = ""
    span_id: str | None = ""


class _ScopeLogs(Wire):
    scope: WireScope | None = None
    log_records: list[msgspec.Raw] = msgspec.field(default_factory=list)


class _ResourceLogs(Wire):
    resource: WireResource | None = None
    scope_logs: list[_ScopeLogs] = msgspec.field(default_factory=list)


class _Request(Wire):
    resource_logs: list[_ResourceLogs]


_REQUEST = msgspec.json.Decoder(_Request)
_RECORD = msgspec.json.Decoder(_Record)


def decode(body: bytes, *, limits: Limits, where: str) -> Decoded:
    """Return the log records of model calls; raises DecodeError where the body does not parse."""
    request = parsed(_REQUEST, body, signal="logs", where=where)
    total = sum(len(s.log_records) for r in request.resource_logs for s in r.scope_logs)
    refuse_too_many(total, "log records", limits=limits, where=where)
    values, bad, found, ignored = Values(limits), Rejections(), [], 0
    for resource_logs in request.resource_logs:
        resource = values.resource(resource_logs.resource, where)
        for scope_logs in resource_logs.scope_logs:
            for raw in scope_logs.log_records:
                try:
                    record = _record(_RECORD.decode(raw), values, resource)
                except (ValueError, RecursionError, msgspec.MsgspecError) as why:
                    bad.add(f"log record: {why}")
                    continue
                if record is None:
                    ignored += 1
                else:
                    found.append(record)
    return Decoded(logs=tuple(found), ignored=ignored, rejected=bad.count, reasons=bad.reasons)


def _record(raw: _Record, values: Values, resource: Mapping[str, Any]) -> LogRecord | None:
    attributes = values.attributes(raw.attributes or [])
    cut: list[str] = []
    body = values.value(raw.body, "body", cut, 1)
    if cut:
        attributes[TRUNCATED] = [*attributes.get(TRUNCATED, ()), *cut]
    trace_id, span_id = raw.trace_id or "", raw.span_id or ""
    return record_of(
        trace_id=hex_id(trace_id, 32, "trace id") if trace_id.strip("0") else "",
        span_id=hex_id(span_id, 16, "span id") if span_id.strip("0") else "",
        name=raw.event_name or "",
        time_ns=integer(raw.time_unix_nano),
        observed_ns=integer(raw.observed_time_unix_nano),
        attributes=attributes,
        body=body,
        resource=resource,
    )
