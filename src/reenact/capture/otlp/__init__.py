"""Bodies of export requests to spans and log records: protobuf, JSON, plain or gzip, bounded.

Three signals are OTLP's. The fourth, `agents`, is what the OpenAI Agents SDK posts in JSON of its
own, to a path of its own.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Literal

from reenact.capture.limits import Decoded, Limits
from reenact.capture.otlp.inflating import inflate
from reenact.errors import BodyTooLarge, DecodeError

__all__ = [
    "JSON_TYPES", "PATHS", "PROTOBUF_TYPES", "Decoded", "Limits", "Signal", "decode", "signal_of",
]  # fmt: skip

Signal = Literal["traces", "logs", "metrics", "agents"]
PROTOBUF_TYPES = frozenset({"application/x-protobuf", "application/protobuf"})
JSON_TYPES = frozenset({"application/json"})
PATHS: dict[Signal, str] = {
    "traces": "/v1/traces",
    "logs": "/v1/logs",
    "metrics": "/v1/metrics",
    "agents": "/v1/traces/ingest",
}
"""How the paths end that each signal is posted to; products put paths of their own before."""
_AGENTS = "reenact.capture.openai_agents"


def signal_of(path: str) -> Signal | None:
    """Return what is posted to an HTTP path, by how it ends; None where it is none of `PATHS`."""
    plain = path.partition("?")[0].rstrip("/")
    return next((signal for signal, end in PATHS.items() if plain.endswith(end)), None)


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
    module = import_module(_module(signal, content_type, where))
    plain = inflate(body, encoding=content_encoding, limits=limits, where=where)
    decoded: Decoded = module.decode(plain, limits=limits, where=where)
    return replace(decoded, size=len(plain))


def _module(signal: Signal, content_type: str, where: str) -> str:
    """Return the name of the module that decodes such a body."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in JSON_TYPES:
        return _AGENTS if signal == "agents" else f"reenact.capture.otlp.json_{signal}"
    if kind in PROTOBUF_TYPES and signal != "agents":
        return f"reenact.capture.otlp.protobuf_{signal}"
    wanted = "application/json" if signal == "agents" else "application/x-protobuf or JSON"
    raise DecodeError(
        f"content type {content_type[:80]!r} is not what {signal} are sent in",
        where=where,
        next_step=f"send {wanted}",
    )
