"""Sends the talks of a JSON file with the Python SDK, in a process of its own."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

_NS_PER_MS = 1_000_000


def main() -> None:
    """Send what the file says to `url` over HTTP or gRPC."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("talks", type=Path)
    parser.add_argument("protocol", choices=["http", "grpc"])
    given = parser.parse_args()
    send(json.loads(given.talks.read_text()), _exporter(given.url, given.protocol))


def send(told: dict[str, Any], exporter: Any) -> None:
    """Make the spans with the SDK and let `exporter` send them."""
    from opentelemetry import trace
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource(told["resource"]))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("shop.agent")
    for span in told["spans"]:
        root = _started(tracer, span)
        within = trace.set_span_in_context(root)
        for child in span["children"]:
            _started(tracer, child, within).end(child["end_ms"] * _NS_PER_MS)
        root.end(span["end_ms"] * _NS_PER_MS)
    if not provider.force_flush():
        raise RuntimeError("the exporter could not send everything")
    provider.shutdown()


def _started(tracer: Any, span: dict[str, Any], within: Any = None) -> Any:
    return tracer.start_span(
        span["name"],
        within,
        attributes=span["attributes"],
        start_time=span["start_ms"] * _NS_PER_MS,
    )


def _exporter(url: str, protocol: str) -> Any:
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as Grpc

        return Grpc(url, insecure=True)
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as Http

    return Http(url, compression=Compression.Gzip)


if __name__ == "__main__":
    main()
