"""Content encodings: gzip or none, inflated within a bound."""

from __future__ import annotations

import zlib

from reenact.capture.limits import Limits
from reenact.errors import BodyTooLarge, DecodeError

_CHUNK = 1 << 20


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
