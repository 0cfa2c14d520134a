"""OTLP protobuf metrics: counted, so that their exporter is content. Nothing reads them."""

from __future__ import annotations

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from reenact.capture.limits import Decoded, Limits
from reenact.capture.otlp.protobuf_values import parsed


def decode(body: bytes, *, limits: Limits, where: str) -> Decoded:
    """Return how many metrics there are; raises DecodeError where the body does not parse."""
    request = parsed(ExportMetricsServiceRequest(), body, signal="metrics", where=where)
    return Decoded(
        ignored=sum(len(s.metrics) for r in request.resource_metrics for s in r.scope_metrics)
    )
