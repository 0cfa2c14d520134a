"""OTLP/JSON metrics: counted, so that their exporter is content. Nothing reads them."""

from __future__ import annotations

import msgspec

from reenact.capture.limits import Decoded, Limits
from reenact.capture.otlp.json_values import Wire, parsed


class _ScopeMetrics(Wire):
    metrics: list[msgspec.Raw] = msgspec.field(default_factory=list)


class _ResourceMetrics(Wire):
    scope_metrics: list[_ScopeMetrics] = msgspec.field(default_factory=list)


class _Request(Wire):
    resource_metrics: list[_ResourceMetrics]


_REQUEST = msgspec.json.Decoder(_Request)


def decode(body: bytes, *, limits: Limits, where: str) -> Decoded:
    """Return how many metrics there are; raises DecodeError where the body does not parse."""
    request = parsed(_REQUEST, body, signal="metrics", where=where)
    return Decoded(
        ignored=sum(len(s.metrics) for r in request.resource_metrics for s in r.scope_metrics)
    )
