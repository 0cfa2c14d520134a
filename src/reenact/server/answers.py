"""What an OTLP client is told, in the encoding that it spoke: protobuf or JSON.

A success is the export response of the signal, a failure a `google.rpc.Status`
(https://opentelemetry.io/docs/specs/otlp/#otlphttp-response).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from reenact.capture.otlp import PROTOBUF_TYPES, Signal
from reenact.capture.parallel import PostRead

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
RETRY_AFTER_S = 2
"""How long an exporter shall wait before it sends again what could not be stored."""

_GRPC_CODES = {
    400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 408: 4, 413: 8, 415: 3, 429: 8, 500: 13, 503: 14,
}  # fmt: skip
_REJECTED: dict[Signal, tuple[str, str]] = {
    "traces": ("rejected_spans", "rejectedSpans"),
    "agents": ("rejected_spans", "rejectedSpans"),
    "logs": ("rejected_log_records", "rejectedLogRecords"),
    "metrics": ("rejected_data_points", "rejectedDataPoints"),
}
"""The field of `partial_success`, in protobuf and in JSON."""
_UNKNOWN = 2


def media_type(request: Request) -> str:
    """Return the content type of `request`, lower case and without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def success(request: Request, signal: Signal, post: PostRead) -> Response:
    """Say that what could be read is stored, and how much could not be read and why."""
    if _speaks_protobuf(request):
        return Response(accepted(signal, post), media_type=PROTOBUF)
    told: dict[str, object] = {}
    if post.rejected:
        # 64-bit integers are strings in the JSON form of protobuf.
        told["partialSuccess"] = {
            _REJECTED[signal][1]: str(post.rejected),
            "errorMessage": "; ".join(post.reasons),
        }
    return Response(json.dumps(told), media_type=JSON)


def accepted(signal: Signal, post: PostRead) -> bytes:
    """Return the protobuf response of an export of `signal`."""
    answer = _response(signal)
    if post.rejected:
        setattr(answer.partial_success, _REJECTED[signal][0], post.rejected)
        answer.partial_success.error_message = "; ".join(post.reasons)
    written: bytes = answer.SerializeToString()
    return written


def failure(
    request: Request, status: int, message: str, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Say what is wrong, as a `google.rpc.Status`."""
    code = _GRPC_CODES.get(status, _UNKNOWN)
    if _speaks_protobuf(request):
        body: bytes | str = _status_bytes(code, message)
        kind = PROTOBUF
    else:
        body, kind = json.dumps({"code": code, "message": message}), JSON
    return Response(body, status_code=status, media_type=kind, headers=dict(headers or {}))


def _speaks_protobuf(request: Request) -> bool:
    return media_type(request) in PROTOBUF_TYPES


def _response(signal: Signal) -> Any:
    if signal == "logs":
        from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs

        return logs.ExportLogsServiceResponse()
    if signal == "metrics":
        from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics

        return metrics.ExportMetricsServiceResponse()
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

    return traces.ExportTraceServiceResponse()


def _status_bytes(code: int, message: str) -> bytes:
    """Return `google.rpc.Status`: field 1 the code, field 2 the message.

    Two fields are written by hand because the package that holds the message is no dependency.
    """
    text = message.encode()
    return b"\x08" + _varint(code) + b"\x12" + _varint(len(text)) + text


def _varint(number: int) -> bytes:
    """Return `number` in base 128, lowest digit first (protobuf wire format)."""
    digits = bytearray()
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    digits.append(number)
    return bytes(digits)
