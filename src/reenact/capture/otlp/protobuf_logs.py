"""OTLP protobuf to log records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from reenact.capture.limits import TRUNCATED, BadSpan, Decoded, Limits, Rejections, refuse_too_many
from reenact.capture.otlp.log_records import record_of
from reenact.capture.otlp.protobuf_values import Values, parsed
from reenact.domain.span import LogRecord


def decode(body: bytes, *, limits: Limits, where: str) -> Decoded:
    """Return the log records of model calls; raises DecodeError where the body does not parse."""
    request = parsed(ExportLogsServiceRequest(), body, signal="logs", where=where)
    total = sum(len(s.log_records) for r in request.resource_logs for s in r.scope_logs)
    refuse_too_many(total, "log records", limits=limits, where=where)
    values, bad, found, ignored = Values(limits), Rejections(), [], 0
    for resource_logs in request.resource_logs:
        resource = values.attributes(resource_logs.resource.attributes)
        for scope_logs in resource_logs.scope_logs:
            for raw in scope_logs.log_records:
                try:
                    record = _record(raw, values, resource)
                except BadSpan as why:
                    bad.add(f"log record {raw.event_name[:80]!r}: {why}")
                    continue
                if record is None:
                    ignored += 1
                else:
                    found.append(record)
    return Decoded(logs=tuple(found), ignored=ignored, rejected=bad.count, reasons=bad.reasons)


def _record(raw: Any, values: Values, resource: Mapping[str, Any]) -> LogRecord | None:
    attributes = values.attributes(raw.attributes)
    cut: list[str] = []
    body = values.value(raw.body, raw.body.WhichOneof("value"), "body", cut, 1)
    if cut:
        attributes[TRUNCATED] = [*attributes.get(TRUNCATED, ()), *cut]
    return record_of(
        trace_id=raw.trace_id.hex() if len(raw.trace_id) == 16 and any(raw.trace_id) else "",
        span_id=raw.span_id.hex() if len(raw.span_id) == 8 and any(raw.span_id) else "",
        name=raw.event_name,
        time_ns=raw.time_unix_nano,
        observed_ns=raw.observed_time_unix_nano,
        attributes=attributes,
        body=body,
        resource=resource,
    )
