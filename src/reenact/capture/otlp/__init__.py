"""OTLP/HTTP bodies to spans and log records: protobuf and JSON, plain or gzip, all bounded."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Literal

from reenact.capture.limits import Decoded, Limits
from reenact.capture.otlp.inflating import inflate
from reenact.errors import BodyTooLarge, DecodeError

__all__ = ["JSON_TYPES", "PROTOBUF_TYPES", "Decoded", "Limits", "Signal", "decode", "inflate",
           "signal_of"]  # fmt: skip

Signal = Literal["traces", "logs", "metrics"]
PROTOBUF_TYPES = frozenset({"application/x-protobuf", "application/protobuf"})
JSON_TYPES = frozenset({"application/json"})
_SIGNALS: tuple[Signal, ...] = ("traces", "logs", "metrics")


def signal_of(path: str) -> Signal | None:
    """Return what is posted to an HTTP path: it ends in `/v1/traces`, `/v1/logs`, `/v1/metrics`.

    Products put paths of their own before that. None for any other path.
    """
    plain = path.partition("?")[0].rstrip("/")
    return next((signal for signal in _SIGNALS if plain.endswith(f"/v1/{signal}")), None)


def decode(
    body: bytes,
    *,
    content_type: str,
    content_encoding: str = "identity",
    signal: Signal = "traces",
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    where: str = "request",
) -> Decoded:
    """Return what an export request of `signal` holds; what is bad in it is counted, not kept.

    Raises:
        DecodeError: where the body as a whole is not readable, or beyond `limits`.
    """
    if len(body) > limits.body_bytes:
        raise BodyTooLarge(
            f"the body has {len(body):,} bytes, more than {limits.body_bytes:,}",
            where=where,
            next_step="let the exporter send smaller batches",
        )
    kind = content_type.partition(";")[0].strip().lower()
    encoding = "protobuf" if kind in PROTOBUF_TYPES else "json" if kind in JSON_TYPES else None
    if encoding is None:
        raise DecodeError(
            f"content type {content_type[:80]!r} is not OTLP",
            where=where,
            next_step="send application/x-protobuf or application/json",
        )
    plain = inflate(body, encoding=content_encoding, limits=limits, where=where)
    module = import_module(f"reenact.capture.otlp.{encoding}_{signal}")
    decoded: Decoded = module.decode(plain, limits=limits, where=where)
    return replace(decoded, size=len(plain))
