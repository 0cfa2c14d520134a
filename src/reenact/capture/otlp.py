"""OTLP/HTTP trace bodies to spans: protobuf and JSON, plain or gzip, with bounds on all of it."""

from __future__ import annotations

import zlib

from reenact.capture.limits import Decoded, Limits
from reenact.errors import BodyTooLarge, DecodeError

__all__ = ["Decoded", "Limits", "decode_traces", "inflate"]

PROTOBUF_TYPES = frozenset({"application/x-protobuf", "application/protobuf"})
JSON_TYPES = frozenset({"application/json"})
_CHUNK = 1 << 20


def decode_traces(
    body: bytes,
    *,
    content_type: str,
    content_encoding: str = "identity",
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    where: str = "request",
) -> Decoded:
    """Return the spans of an ExportTraceServiceRequest; single bad spans are counted, not kept.

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
    plain = inflate(body, encoding=content_encoding, limits=limits, where=where)
    if kind in PROTOBUF_TYPES:
        from reenact.capture.protobuf import decode_protobuf

        return decode_protobuf(plain, limits=limits, where=where)
    if kind in JSON_TYPES:
        from reenact.capture.otlp_json import decode_json

        return decode_json(plain, limits=limits, where=where)
    raise DecodeError(
        f"content type {content_type[:80]!r} is not OTLP",
        where=where,
        next_step="send application/x-protobuf or application/json",
    )


def inflate(body: bytes, *, encoding: str, limits: Limits, where: str) -> bytes:
    """Return `body` without its content encoding (gzip, or none).

    Raises:
        DecodeError: for another encoding, broken gzip, or more bytes than `limits` allow.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    if name not in ("gzip", "x-gzip"):
        raise DecodeError(
            f"content encoding {encoding[:40]!r} is not supported",
            where=where,
            next_step="send gzip or no content encoding",
        )
    try:
        return _gunzip(body, limits=limits, where=where)
    except zlib.error as error:
        raise DecodeError(
            f"the body is not gzip: {error}",
            where=where,
            next_step="check that content-encoding says what was sent",
        ) from None


def _gunzip(body: bytes, *, limits: Limits, where: str) -> bytes:
    """Inflate all gzip members of `body`, never holding more than the limit and one chunk."""
    chunks: list[bytes] = []
    total = 0
    rest = body
    while rest.strip(b"\0"):
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            chunk = member.decompress(rest, _CHUNK)
            rest = member.unconsumed_tail
            total += len(chunk)
            if total > limits.inflated_bytes:
                raise BodyTooLarge(
                    f"the gzip body inflates to more than {limits.inflated_bytes:,} bytes",
                    where=where,
                    next_step="let the exporter send smaller batches",
                )
            chunks.append(chunk)
            if not chunk and not member.eof:
                raise DecodeError(
                    f"the gzip body ends early, after {total:,} inflated bytes",
                    where=where,
                    next_step="send the whole body",
                )
        rest = member.unused_data
    return b"".join(chunks)
