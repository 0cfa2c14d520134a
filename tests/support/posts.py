"""OTLP requests for tests: the bodies of a real capture, and small ones made by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from reenact.capture.otlp import signal_of

PROTOBUF = "application/x-protobuf"
JSON = "application/json"


@dataclass(frozen=True)
class Post:
    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def captured_posts(capture: Path) -> Iterator[Post]:
    """Yield the posts of a capture as they were sent: traces, logs and metrics."""
    for told in sorted((capture / "wire").glob("*.headers.json")):
        about = json.loads(told.read_text())
        if signal_of(about["path"]) is None:
            continue
        kept = ("content-type", "content-encoding")
        headers = {name: value for name, value in about["headers"] if name.lower() in kept}
        body = told.with_name(told.name.removesuffix(".headers.json")).read_bytes()
        yield Post(about["path"], body, headers)


def json_span(**given: Any) -> dict[str, Any]:
    """Return a span in OTLP's JSON; ids and times may be replaced."""
    attributes = given.pop("attributes", {})
    return {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "chat",
        "startTimeUnixNano": "1764000000000000000",
        "endTimeUnixNano": "1764000001000000000",
        "attributes": [
            {"key": key, "value": {"stringValue": value}} for key, value in attributes.items()
        ],
        **given,
    }


def json_body(*spans: dict[str, Any], service: str = "shop") -> bytes:
    """Return an ExportTraceServiceRequest in JSON."""
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    scopes = [{"scope": {"name": "test"}, "spans": list(spans)}]
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": scopes}]}).encode()


def protobuf_body(*, spans: int = 1, trace: int = 1, first: int = 1, **attributes: str) -> bytes:
    """Return an ExportTraceServiceRequest with `spans` spans of one trace."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    name = resource.resource.attributes.add(key="service.name")
    name.value.string_value = "shop"
    scope = resource.scope_spans.add()
    for number in range(first, first + spans):
        span = scope.spans.add(name="chat")
        span.trace_id = trace.to_bytes(16, "big")
        span.span_id = number.to_bytes(8, "big")
        span.start_time_unix_nano = 1_764_000_000_000_000_000 + number
        span.end_time_unix_nano = span.start_time_unix_nano + 1_000_000
        for key, value in attributes.items():
            span.attributes.add(key=key.replace("_", ".")).value.string_value = value
    return request.SerializeToString()
